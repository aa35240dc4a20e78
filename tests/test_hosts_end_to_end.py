"""From a press in a host to right frames: stand-in hosts, the real bridge, a real daemon, the real operators."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from hosts.resolve.cutting_room import HOUR, CuttingRoom, Diary
from interneg.plates.exr import read_exr
from interneg.plates.movie import MovieReader
from interneg.settings import Settings
from interneg_bridge.client import Client
from interneg_resolve import bench as benches
from interneg_resolve.media import frame_path
from interneg_resolve.run import answer
from interneg_resolve.wish import Wish
from real_daemon import real_daemon, write_shot
from synthetic import numbered, panned, write_movie, write_plate
from test_nuke_daemon import SEARCH

PRESS = """
import sys
import nuke
from nuke_play import begin, pixels, read_node, wait_for_render
gui = sys.argv[2] == "gui"
session, group, folder = begin(gui=gui, operator=sys.argv[1], show="heron", folder=sys.argv[3])
matte = nuke.nodes.Expression(name="Wire", expr0="0", expr1="0", expr2="0", expr3="(x > 2) * (x < 5)")
if sys.argv[1] == "clean":
    group.setInput(1, matte)
    group["model_version"].setValue("classical")  # interpolation stays within what the plate has
group["reach_frames"].setValue(2)
group["render_range"].execute()
if gui:
    wait_for_render(session, group)
assert session.messages == [], session.messages
before, after = pixels(group.input(0), 1010), pixels(group, 1010)
names = ("rgba.red", "rgba.green", "rgba.blue")
changed = {x % 8 for name in names for x, pair in enumerate(zip(before[name], after[name])) if pair[0] != pair[1]}
print("changed columns", sorted(changed))
assert after["rgba.alpha"] == before["rgba.alpha"]
assert min(after["rgba.red"]) >= min(before["rgba.red"]) and max(after["rgba.red"]) <= max(before["rgba.red"])
assert "v001" in group.node("Result")["file"].value()
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("home") / "home"
    with real_daemon(home) as settings, Client(str(settings.socket_path)) as client:
        client.create_production("heron")
        yield settings


def press(settings: Settings, folder: Path, operator: str, session: str, play: str = PRESS) -> str:
    """What a press in the stand-in Nuke says."""
    bridge = folder / "interneg-bridge"
    start = "from interneg.commands.bridge import main; main()"
    bridge.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{start}'\n")
    bridge.chmod(0o755)
    environment = {"PYTHONPATH": os.pathsep.join(map(str, SEARCH)), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"INTERNEG_BRIDGE": str(bridge), "INTERNEG_HOME": str(settings.home), "PATH": os.environ["PATH"]}
    command = [getattr(sys, "_base_executable", sys.executable), "-c", play, operator, session, str(folder)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("session", ["gui", "terminal"])
def test_a_clean_in_nuke_changes_what_the_matte_covers_and_nothing_else(tmp_path, settings, session):
    said = press(settings, tmp_path, "clean", session)
    assert "changed columns [3, 4]" in said


@pytest.mark.parametrize("session", ["gui", "terminal"])
def test_a_neutral_reframe_in_nuke_is_the_plate(tmp_path, settings, session):
    assert "changed columns []" in press(settings, tmp_path, "reframe", session)


RELIT = """
import sys
import nuke
from nuke_play import begin, pixels, read_node
session, group, folder = begin(operator="relight", show="heron", folder=sys.argv[3])
group.setInput(0, read_node(folder + "/plate.%04d.exr", first=1008, last=1010))
for name, value in (("key_azimuth", -60.0), ("key_stops", -1.0), ("key_cct", 3200.0), ("as_shot_key_stops", -2.0)):
    group[name].setValue(value)
group["render_current"].execute()
names = ("rgba.red", "rgba.green", "rgba.blue")
mixed = pixels(group, 1010)
group["mix_lights"].setValue(False)
beauty = pixels(group, 1010)
group["mix_lights"].setValue(True)
for name in names:
    assert all(abs(a - b) <= abs(b) / 512 for a, b in zip(mixed[name], beauty[name])), name
assert beauty["rgba.red"] != pixels(group.input(0), 1010)["rgba.red"]
key = mixed["key.red"]
colour = group["key_colour"].value()
group["key_stops"].setValue(1.0)  # asks nobody: the press that ended took its bridge with it
brighter = pixels(group, 1010)["rgba.red"]
gained = [after - before for before, after in zip(mixed["rgba.red"], brighter)]
assert all(abs(gain - light * colour[0] * 1.5) <= 1e-3 * abs(light) for gain, light in zip(gained, key)), (gained, key)
assert colour[0] > colour[2] > 0, colour
print("weights", colour)
"""


def test_a_relight_in_nuke_is_mixed_in_the_host(tmp_path, settings):
    for frame, rgb in enumerate(panned(3, 36, 48), 1008):
        write_plate(tmp_path / f"plate.{frame}.exr", rgb)
    assert "weights" in press(settings, tmp_path, "relight", "terminal", RELIT)


@pytest.fixture
def room(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> CuttingRoom:
    monkeypatch.setenv("INTERNEG_HOME", str(settings.home))
    return CuttingRoom(tmp_path)


def answered(room: CuttingRoom, **wish: object):
    """What Resolve's process makes of a wish, Resolve itself stood in."""
    bench = replace(benches.bench_of_installation(), attach=lambda: room.resolve)
    return answer(bench, Wish(show="heron", results_folder=str(room.folder / "results"), **wish), Diary())


def on_playhead(room: CuttingRoom, name: str, file: Path, frames: int, shown: int, offset: int = 0) -> None:
    """An item of that media stands at the playhead, after the room's own."""
    clip = room.pool._clip(name, str(file), frames)
    room.timeline._playhead = room.item_of(name, clip, HOUR + 400, shown, offset=offset)


def test_a_neutral_take_in_resolve_has_the_plates_own_bits(room):
    report = answered(room, operator="reframe")
    assert report.placed.kind == "take"
    shown = str(room.item.GetMediaPoolItem().GetClipProperty("File Path"))
    assert shown == report.path.replace("####", f"[{report.first_frame}-{report.last_frame}]")
    for frame in (report.first_frame, 1020, report.last_frame):
        source = read_exr(Path(frame_path(room.pattern, frame))).rgb
        assert np.array_equal(read_exr(Path(frame_path(report.path, frame))).rgb, source)


def test_a_clean_take_in_resolve_changes_what_the_matte_covers_and_nothing_else(room, tmp_path):
    plate, matte = write_shot(tmp_path / "shot", range(1001, 1011))
    on_playhead(room, "B001", tmp_path / "shot" / "plate.[1001-1010].exr", 10, 6, offset=2)
    report = answered(room, operator="clean", matte=matte)
    assert (report.placed.kind, report.first_frame, report.last_frame) == ("take", 1001, 1010)
    source, result = (read_exr(Path(frame_path(path, 1005))) for path in (plate, report.path))
    changed = (source.rgb != result.rgb).any(axis=(0, 2))
    assert np.flatnonzero(changed).tolist() == [26, 27, 28]


def test_a_relit_take_in_resolve_is_the_plate_in_other_light(room, tmp_path):
    for frame, rgb in enumerate(panned(3, 48, 64), 1001):
        write_plate(tmp_path / f"lit.{frame}.exr", rgb)
    plate = str(tmp_path / "lit.####.exr")
    on_playhead(room, "L001", tmp_path / "lit.[1001-1003].exr", 3, 1, offset=1)
    report = answered(room, operator="relight", as_shot_key_stops=-2.0, key_stops=0.0, key_azimuth=60.0, handles=0)
    source, result = (read_exr(Path(frame_path(path, 1002))).rgb for path in (plate, report.path))
    lit = np.abs(source) > 0.05
    gain = result[lit] / source[lit]
    assert (gain > 0).all() and gain.std() > 0.01


@pytest.mark.parametrize("space", ["", "ARRI LogC3 (EI800)"])
def test_a_neutral_take_of_an_encoded_source_has_its_values(room, tmp_path, space):
    rng = np.random.default_rng(3)
    for frame in range(1, 5):
        codes = rng.integers(0, 65536, (18, 32, 3)).astype(np.uint16)
        assert cv2.imwrite(str(tmp_path / f"still.{frame:04d}.png"), codes)
    on_playhead(room, "C001", tmp_path / "still.[0001-0004].png", 4, 4)
    report = answered(room, operator="reframe", colourspace=space)
    for frame in range(1, 5):
        wanted = cv2.imread(str(tmp_path / f"still.{frame:04d}.png"), cv2.IMREAD_UNCHANGED)[..., ::-1] / 65535
        assert np.abs(read_exr(Path(frame_path(report.path, frame))).rgb - wanted).max() < 1 / 4096


def test_a_neutral_take_of_a_movie_has_its_values(room, tmp_path):
    write_movie(tmp_path / "take.mov", numbered(6, pixel_format="yuv422p10le"), "prores_ks")
    on_playhead(room, "D001", tmp_path / "take.mov", 6, 4, offset=1)
    report = answered(room, operator="reframe")
    assert (report.first_frame, report.last_frame) == (1, 6)
    with MovieReader(tmp_path / "take.mov") as reader:
        for frame in range(1, 7):
            assert np.abs(read_exr(Path(frame_path(report.path, frame))).rgb - reader.read(frame).rgb).max() < 1 / 1024
