"""What artists get wrong, told by a real daemon with the real operators: one sentence, and the rest delivered."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from interneg.errors import CancelledJobError
from interneg.plates.frames import FrameRange
from interneg.production.store import Store
from interneg.resident.acceptance import accept
from interneg.resident.engine import Engine
from interneg.resident.wish import CleanWish, RenderWish
from interneg.settings import load_settings
from interneg_bridge.client import Client
from interneg_bridge.errors import ClientError
from interneg_proto.v1.plate_service_pb2 import RenderRequest
from real_daemon import clean_wish, real_daemon, write_shot
from synthetic import write_matte, write_plate

FRAMES = range(1001, 1006)
NAN = float("nan")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home") / "home"
    with real_daemon(home) as settings, Client(str(settings.socket_path)) as made:
        made.create_production("heron")
        yield made


@pytest.fixture
def wish(tmp_path: Path) -> RenderRequest:
    return clean_wish(*write_shot(tmp_path, FRAMES), tmp_path / "out" / "out.####.exr", FRAMES)


def came_of(client: Client, wish: RenderRequest) -> tuple[list[int], dict[int, str]]:
    """The frames delivered, and why the others were not."""
    events = list(client.render(wish))
    assert events[-1].finished.message == ""
    failed = {event.failed.frame: event.failed.message for event in events if event.HasField("failed")}
    return [event.delivered.frame for event in events if event.HasField("delivered")], failed


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def as_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


SPOILT: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a matte that is missing": ("matte", Path.unlink, "not on disk"),
    "a matte of another size": ("matte", lambda path: write_matte(path, np.ones((5, 7), np.float32)), "7 x 5 pixels"),
    "a matte that is cut short": ("matte", cut, "cut short"),
    "a matte of NaN": ("matte", lambda path: write_matte(path, np.full((36, 52), NAN, np.float32)), "NaN"),
    "a plate that is missing": ("plate", Path.unlink, "not on disk"),
    "a plate that is cut short": ("plate", cut, "cut short"),
    "a plate of another size": ("plate", lambda path: write_plate(path, np.ones((5, 7, 3), np.float32)), "7 x 5"),
    "a text with a plate's name": ("plate", lambda path: path.write_text("wires\n"), "not a readable EXR"),
    "an empty file": ("plate", lambda path: path.write_bytes(b""), "not a readable EXR"),
    "a pipe": ("plate", as_fifo, "not on disk"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_one_spoilt_frame_is_named_and_the_others_are_delivered(client, wish, tmp_path, case):
    what, spoil, said = SPOILT[case]
    spoil(tmp_path / f"{what}.1003.exr")
    delivered, failed = came_of(client, wish)
    assert delivered == [1001, 1002, 1004, 1005] and list(failed) == [1003]
    assert said in failed[1003] and "\n" not in failed[1003]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"out.{frame}.exr" for frame in delivered]


def set_field(wish: RenderRequest, path: str, value: object) -> None:
    *parents, name = path.split(".")
    message = wish
    for parent in parents:
        message = getattr(message, parent)
    setattr(message, name, value)


REFUSED = [
    ("plate.path", "{folder}", "no kind of plate"),
    ("plate.path", "/{long}/p.####.exr", "File name too long"),
    ("plate.path", "/{long}", "File name too long"),
    ("plate.path", "/dev/zero", "no kind of plate"),
    ("plate.path", "{folder}/pipe.mov", "no such file"),
    ("plate.path", "{folder}/garbage.mov", "not a readable movie"),
    ("plate.path", "{folder}/playlist.mov", "not a readable movie"),
    ("plate.frames.last_frame", 2**31 - 1, "shorter range"),
    ("plate.frames.last_frame", 1_000_000, "correct --frames"),
    ("plate.colourspace", "LogZ", "LogZ"),
    ("clean.matte.path", "", "absolute"),
    ("clean.matte.grow_pixels", NAN, "Grow is nan"),
    ("clean.matte.grow_pixels", 501.0, "from 0 to 500 pixels"),
    ("clean.grain", NAN, "Grain is nan"),
    ("clean.grain", -0.5, "from 0 to 4"),
    ("output.path", "{folder}/plate.####.exr", "would replace"),
    ("output.path", "{folder}/plate.%d.exr", "would replace"),
    ("output.path", "{folder}/matte.####.exr", "would replace"),
    ("output.path", "{folder}/link/plate.####.exr", "would replace"),
    ("output.path", "{folder}/out.exr", "####"),
    ("output.path", "{folder}/out.####.png", ".exr"),
    ("output.path", "{folder}/plate.1001.exr/out.####.exr", "cannot be written"),
    ("output.path", "/{long}/out.####.exr", "File name too long"),
]


@pytest.mark.parametrize(("field", "value", "said"), REFUSED)
def test_a_wish_that_cannot_be_answered_is_refused_in_one_sentence(client, wish, tmp_path, field, value, said):
    os.mkfifo(tmp_path / "pipe.mov")
    (tmp_path / "garbage.mov").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "playlist.mov").write_text("ffconcat version 1.0\nfile garbage.mov\n")
    (tmp_path / "link").symlink_to(tmp_path)
    plates = {path: path.read_bytes() for path in tmp_path.glob("*.exr")}
    told = value.format(folder=tmp_path, long="x" * 300) if isinstance(value, str) else value
    set_field(wish, field, told)
    with pytest.raises(ClientError) as caught:
        list(client.render(wish))
    assert said in str(caught.value) and "unforeseen" not in str(caught.value) and "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in tmp_path.glob("*.exr")} == plates


@pytest.mark.parametrize("out", ["plate.1003.exr", "matte.1003.exr"])
def test_one_frame_never_replaces_another_frame_of_its_plate_or_matte(client, wish, tmp_path, out):
    wish.plate.frames.last_frame, wish.output.path = 1001, str(tmp_path / out)
    with pytest.raises(ClientError, match="would replace"):
        list(client.render(wish))


def test_a_folder_is_no_frame(client, wish, tmp_path):
    (tmp_path / "out.exr").mkdir()
    wish.plate.frames.last_frame, wish.output.path = 1001, str(tmp_path / "out.exr")
    with pytest.raises(ClientError, match="is a folder"):
        list(client.render(wish))


class Ear:
    """What a job's body holds of the scheduler, with nobody to give way to."""

    def __init__(self) -> None:
        self.heard = []

    def checkpoint(self) -> None:
        if len(self.heard) == 2:
            raise CancelledJobError("cancelled")

    def report(self, event) -> None:
        self.heard.append(event)


def accepted(tmp_path: Path):
    settings = load_settings(home=tmp_path / "home")
    store = Store(settings.productions_folder)
    store.create("heron")
    plate, matte = write_shot(tmp_path, FRAMES)
    asked = RenderWish("heron", plate, FrameRange(1001, 1005), str(tmp_path / "out.####.exr"), CleanWish(matte))
    return accept(asked, Engine(settings, store), settings)


def test_a_wish_in_the_queue_leaves_what_the_one_before_is_writing(tmp_path):
    left = tmp_path / ".out.1002.exr.0123abcd.tmp"
    left.write_bytes(b"half")
    rendering = accepted(tmp_path)
    assert left.exists()
    with pytest.raises(CancelledJobError):
        rendering.run(Ear())
    assert not left.exists()


def test_a_cancelled_job_tells_every_frame_that_it_has_written(tmp_path):
    ear = Ear()
    with pytest.raises(CancelledJobError):
        accepted(tmp_path).run(ear)
    assert {event.path for event in ear.heard} == set(map(str, tmp_path.glob("out.*.exr")))
    assert 2 <= len(ear.heard) <= 4


@pytest.mark.parametrize(
    ("name", "value"),
    [("punch_in", NAN), ("punch_in", 0.0), ("pan", NAN), ("tilt", 1e9), ("roll_degrees", 1e300), ("roll_degrees", NAN)],
)
def test_a_framing_is_held_to_what_artists_controls_allow(client, wish, name, value):
    wish.reframe.keys.add(frame=1002, punch_in=1.0)
    setattr(wish.reframe.keys[0], name, value)
    with pytest.raises(ClientError, match=r"Frame 1002: .* is .*: give a number from"):
        list(client.render(wish))
