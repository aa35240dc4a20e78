"""A wish from Resolve's playhead to its timeline, with media and results really on disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import OpenEXR
import pytest

from hosts.resolve.cutting_room import HOUR, CuttingRoom, Daemon, Diary, bench_of
from interneg_resolve import session
from interneg_resolve.errors import AttachError, DeliveryError, HostError, ItemError, WishError
from interneg_resolve.media import frame_path
from interneg_resolve.results import read_note
from interneg_resolve.run import answer
from interneg_resolve.wish import Wish, load_wish, save_wish, wish_from_values

PACKAGE = Path(session.__file__).resolve().parents[1]


@pytest.fixture
def room(tmp_path):
    return CuttingRoom(tmp_path)


def value_of(pattern: str, frame: int) -> float:
    with OpenEXR.File(frame_path(pattern, frame)) as exr:
        return float(exr.channels()["RGB"].pixels[0, 0, 0])


def shown_by(item) -> str:
    return str(item.GetMediaPoolItem().GetClipProperty("File Path"))


def test_reframe_asks_for_the_item_with_its_handles_and_places_it(room):
    daemon = Daemon()
    wish = Wish(
        operator="reframe", show="night", punch_in=1.1, pan=0.02, roll_degrees=-1.5, seed=7, model_version="v002"
    )
    report = answer(bench_of(room, daemon), wish, Diary())
    [request] = daemon.requests
    assert (request.show, request.model_version, request.seed) == ("night", "v002", 7)
    assert (request.plate.path, request.plate.colourspace) == (room.pattern, "")
    assert (request.plate.frames.first_frame, request.plate.frames.last_frame) == (1001, 1046)
    [key] = request.reframe.keys
    assert (key.punch_in, key.pan, key.tilt, key.roll_degrees) == (1.1, 0.02, 0.0, -1.5)
    assert (report.placed.kind, report.first_frame, report.last_frame) == ("take", 1001, 1046)
    assert shown_by(room.item).endswith("plate_reframe_v001.[1001-1046].exr")
    assert value_of(report.path, 1011) == value_of(room.pattern, 1011)


def test_clean_sends_the_matte_and_keeps_to_its_frames(room):
    daemon = Daemon()
    matte = room.sequence("matte", 1008, 1036)
    answer(bench_of(room, daemon), Wish(show="night", matte=matte, matte_channel="A", grow_pixels=2.5), Diary())
    [request] = daemon.requests
    assert (request.clean.matte.path, request.clean.matte.channel, request.clean.matte.grow_pixels) == (matte, "A", 2.5)
    assert (request.plate.frames.first_frame, request.plate.frames.last_frame) == (1008, 1036)
    assert (room.item._start, room.item._duration, room.item._offset) == (HOUR + 100, 24, 3)


def test_keys_of_a_reframe_come_from_their_file(room):
    daemon = Daemon()
    keys = room.folder / "keys.json"
    keys.write_text('{"frames": {"1020": {"punch_in": 1.2, "tilt": 0.1}, "1005": {}}}')
    answer(bench_of(room, daemon), Wish(operator="reframe", show="night", keys=str(keys)), Diary())
    found = [(key.frame, key.punch_in, key.tilt) for key in daemon.requests[0].reframe.keys]
    assert found == [(1005, 1.0, 0.0), (1020, 1.2, 0.1)]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"frames": {}}', '{"frames": {"1": {"zoom": 2}}}', '{"frames": {"1": {"pan": 9}}}']
)
def test_wrong_keys_are_told(room, text):
    keys = room.folder / "keys.json"
    keys.write_text(text)
    with pytest.raises(WishError, match="Keys"):
        answer(bench_of(room, Daemon()), Wish(operator="reframe", show="night", keys=str(keys)), Diary())


def test_result_is_encoded_back_and_read_by_its_encoding_when_worked_on_again(room):
    daemon = Daemon()
    report = answer(bench_of(room, daemon, space="Log"), Wish(operator="reframe", show="night"), Diary())
    assert daemon.requests[0].plate.colourspace == "Log"
    linear = str(Path(report.path).parent / "linear" / Path(report.path).name)
    assert daemon.requests[0].output.path == linear
    assert value_of(report.path, 1011) == pytest.approx(value_of(linear, 1011) / 2)
    assert value_of(linear, 1011) == pytest.approx(1.011)
    again = answer(bench_of(room, daemon), Wish(operator="reframe", show="night"), Diary())
    assert daemon.requests[1].plate.colourspace == "Log"
    assert again.placed.index == 3


def test_cancel_while_encoding_places_nothing(room):
    with pytest.raises(DeliveryError, match="cancelled after frame 1001 was encoded"):
        wish = Wish(operator="reframe", show="night")
        answer(bench_of(room, Daemon(), space="Log"), wish, Diary(cancel_after=47))
    assert room.item.GetMediaPoolItem() is room.clip


def test_daemon_of_another_colour_config_is_told_where_it_matters(room):
    daemon = Daemon()
    daemon.colour_config = "studio"
    with pytest.raises(AttachError, match="colour config studio, Resolve's side with aces"):
        answer(bench_of(room, daemon, space="Log"), Wish(operator="reframe", show="night"), Diary())
    assert answer(bench_of(room, daemon), Wish(operator="reframe", show="night"), Diary()).placed.kind == "take"


@pytest.mark.parametrize("frames", [48, 40])
def test_movie_is_asked_for_from_frame_1_and_only_where_resolve_shows_all_of_it(room, frames):
    movie = room.folder / "media" / "reel.mov"
    movie.touch()
    room.item._clip = room.pool._clip("reel", str(movie), frames)
    daemon = Daemon()
    if frames == 40:
        with pytest.raises(ItemError, match=r"Resolve shows 40 frames, .*reel\.mov has 48"):
            answer(bench_of(room, daemon, space="Log"), Wish(operator="reframe", show="night"), Diary())
        return
    answer(bench_of(room, daemon, space="Log"), Wish(operator="reframe", show="night"), Diary())
    [request] = daemon.requests
    assert (request.plate.path, request.plate.frames.first_frame, request.plate.frames.last_frame) == (
        str(movie),
        1,
        46,
    )
    assert (room.item._start, room.item._duration, room.item._offset) == (HOUR + 100, 24, 10)


def test_missing_frames_are_named_and_nothing_is_placed(room):
    daemon = Daemon(failing={1020: "the matte is missing", 1021: "too", 1030: "too"})
    with pytest.raises(
        DeliveryError, match=r"3 of 46 frames are missing \(1020-1021, 1030\).*Frame 1020: the matte is"
    ):
        answer(bench_of(room, daemon), Wish(operator="reframe", show="night"), Diary())
    assert room.item.GetMediaPoolItem() is room.clip


def test_same_wish_completes_what_was_left_incomplete(room):
    wish = Wish(operator="reframe", show="night")
    daemon = Daemon(failing={1020: "the disk was full"})
    with pytest.raises(DeliveryError):
        answer(bench_of(room, daemon), wish, Diary())
    daemon = Daemon()
    assert answer(bench_of(room, daemon), wish, Diary()).path.endswith("v001/plate_reframe_v001.####.exr")
    room.item.SelectTakeByIndex(1)
    assert answer(bench_of(room, daemon), wish, Diary()).path.endswith("v002/plate_reframe_v002.####.exr")


def test_cancel_ends_the_job_also_while_no_frame_comes(room):
    class Waiting(Daemon):
        def _frame(self, request, frame):
            deadline = time.monotonic() + 10
            while frame == 1004 and not self.cancelled and time.monotonic() < deadline:
                time.sleep(0.01)
            return super()._frame(request, frame)

    daemon = Waiting()
    with pytest.raises(DeliveryError, match=r"42 of 46 frames are missing \(1005-1046\)\. The job was cancelled"):
        answer(bench_of(room, daemon), Wish(operator="reframe", show="night"), Diary(cancel_after=3))
    assert daemon.cancelled == ["j1"]


def test_lost_daemon_leaves_the_missing_frames_named(room):
    daemon = Daemon(lost_at=1005)
    with pytest.raises(DeliveryError, match=r"42 of 46 frames are missing \(1005-1046\)\. the daemon was lost"):
        answer(bench_of(room, daemon), Wish(operator="reframe", show="night"), Diary())
    assert room.item.GetMediaPoolItem() is room.clip


def test_artist_may_go_on_editing_while_it_renders(room):
    other = type(room.timeline)(room.rules, "Reel 2")

    def edit():
        room.item._start += 50
        room.timeline._playhead = None
        room.project.SetCurrentTimeline(other)

    answer(bench_of(room, Daemon(before_end=edit)), Wish(operator="reframe", show="night", place="track"), Diary())
    [item] = room.timeline.GetItemListInTrack("video", 2)
    assert item._start == HOUR + 150
    assert room.project.GetCurrentTimeline() is other


def test_resolve_that_quits_meanwhile_is_told_with_where_the_frames_lie(room, monkeypatch):
    def quit_resolve():
        monkeypatch.setattr(type(room.pool), "ImportMedia", None)

    bench = bench_of(room, Daemon(before_end=quit_resolve))
    with pytest.raises(AttachError, match=r"Is it still running\? The finished frames lie at .*####\.exr"):
        answer(bench, Wish(operator="reframe", show="night"), Diary())
    monkeypatch.setattr(type(room.item), "GetStart", lambda self: None)
    with pytest.raises(AttachError, match="Nothing was rendered"):
        answer(bench, Wish(operator="reframe", show="night"), Diary())
    assert session.main(["inspect"], bench) == 1


def test_results_lie_where_the_wish_says_with_a_note(room):
    wish = Wish(operator="reframe", show="night", results_folder=str(room.folder / "out"), handles=2)
    report = answer(bench_of(room, Daemon()), wish, Diary())
    folder = room.folder / "out" / "Night_Shoot" / "plate_reframe" / "v001"
    assert Path(report.path).parent == folder
    note = read_note(folder)
    assert (note.source, note.first_frame, note.last_frame, note.complete) == (room.pattern, 1009, 1036, True)


def test_wish_without_a_show_is_refused_before_resolve_is_touched(room):
    with pytest.raises(WishError, match="No show is named"):
        answer(bench_of(room, Daemon()), Wish(operator="reframe"), Diary())
    assert room.rules.calls == []


def test_nothing_that_resolve_lacks_is_called(room):
    answer(bench_of(room, Daemon()), Wish(operator="reframe", show="night"), Diary())
    assert room.rules.calls == []


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"operator": "paint"}, "Operator is paint"),
        ({"zoom": 1}, "zoom is no part of a wish"),
        ({"operator": "reframe", "punch_in": "0"}, "Punch-in is 0"),
        ({"operator": "reframe", "pan": "left"}, "pan is left: give a number"),
        ({"grow_pixels": "nan"}, "Grow is nan"),
        ({"handles": "2.5"}, "handles is 2.5: give a whole number"),
        ({"handles": -1}, "Handles are -1"),
        ({"seed": -1}, "Seed is -1"),
        ({"matte": "matte.####.exr"}, "give an absolute path"),
        ({"place": "under"}, "Place is under"),
    ],
)
def test_wrong_wishes_are_told(values, match):
    with pytest.raises(WishError, match=match):
        wish_from_values(values)


def test_last_wish_is_kept_and_a_damaged_one_is_neutral(tmp_path):
    path = tmp_path / "resolve" / "wish.json"
    wish = Wish(operator="reframe", show="night", punch_in=1.12, handles=8)
    save_wish(path, wish)
    assert load_wish(path) == wish
    for text in ("{", "[]", '{"operator": "paint"}', "null"):
        path.write_text(text)
        assert load_wish(path) == Wish()


def test_command_line_places_and_tells_in_json(room, capsys):
    arguments = ["reframe", "--show", "night", "--punch-in", "1.1", "--roll", "2", "--handles", "4", "--json"]
    assert session.main(arguments, bench_of(room, Daemon())) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["item"], told["first_frame"], told["placed"]["kind"]) == ("A012_C003", 1007, "take")
    room.item.SelectTakeByIndex(1)
    daemon = Daemon()
    assert session.main(["again"], bench_of(room, daemon)) == 0
    assert daemon.requests[0].reframe.keys[0].punch_in == 1.1


def test_command_line_makes_paths_absolute(room, monkeypatch):
    monkeypatch.chdir(room.folder)
    room.sequence("matte")
    daemon = Daemon()
    assert session.main(["clean", "--show", "night", "--matte", "media/matte.####.exr"], bench_of(room, daemon)) == 0
    assert daemon.requests[0].clean.matte.path == str(room.folder / "media" / "matte.####.exr")


def test_command_line_tells_what_stands_at_the_playhead(room, capsys):
    assert session.main(["inspect"], bench_of(room, Daemon())) == 0
    assert "A012_C003: frames 1011-1034" in capsys.readouterr().out
    room.item._speed = 0.5
    assert session.main(["inspect"], bench_of(room, Daemon())) == 1
    assert "retimed" in capsys.readouterr().err


def test_command_line_exits_2_for_a_wrong_wish_and_1_for_missing_frames(room, capsys):
    assert session.main(["reframe", "--show", "night", "--punch-in", "-1"], bench_of(room, Daemon())) == 2
    assert session.main(["reframe", "--show", "night"], bench_of(room, Daemon(failing={1001: "gone"}))) == 1
    assert "Frame 1001: gone" in capsys.readouterr().err


def test_every_error_is_one_that_artists_are_shown():
    assert all(issubclass(kind, HostError) for kind in (DeliveryError, WishError))


def pythons() -> list[str]:
    found = [shutil.which(f"python3.{minor}") for minor in range(9, 15)]
    quiet = {"capture_output": True, "check": False}
    working = [path for path in found if path and subprocess.run([path, "-c", ""], **quiet).returncode == 0]
    return [sys.executable, *working]


@pytest.mark.parametrize("python", pythons())
def test_package_imports_without_interneg_grpc_or_numpy(python):
    names = sorted(path.stem for path in PACKAGE.glob("interneg_resolve/*.py") if path.stem != "__init__")
    code = f"import {', '.join(f'interneg_resolve.{name}' for name in names)}; import sys; print(sorted(sys.modules))"
    variables = {"PYTHONPATH": str(PACKAGE), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run([python, "-S", "-c", code], env=variables, capture_output=True, text=True, check=True)
    assert not [name for name in ("grpc", "numpy", "interneg", "google") if f"'{name}'" in run.stdout]
