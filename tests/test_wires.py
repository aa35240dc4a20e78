"""Finding wires as a job: the matte it delivers, alone or before a clean, and what it never touches."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from hung_shots import HEIGHT, WIDTH, hanging, iou, shot
from interneg import cli
from interneg.errors import CancelledJobError, NotAllowedError, RequestError, RestraintError
from interneg.model.wires import WiresNetwork
from interneg.plates.exr import read_channels, read_exr, read_header, read_parts
from interneg.plates.frames import parse_pattern
from interneg.resident.wiring import overlaid, pattern_beside
from interneg.resident.wish import CleanWish, WiresWish
from interneg.restraints import check_measure
from interneg.service.convert import wish_from_request
from interneg.service.paths import PathRules
from interneg_bridge.client import Client
from interneg_bridge.messages import render_request
from interneg_proto.v1 import plate_pb2
from real_daemon import real_daemon
from stage import Heard, Stage, base_of, leftovers
from synthetic import Pixels, bits_of

COUNT = 5
CLASSICAL = {"model_version": "classical"}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def hang(stage: Stage, count: int = COUNT) -> tuple[str, list[Pixels]]:
    """A shot with a wire on disk: its pattern, and what the wire covers."""
    plates, mattes = shot(count, [(hanging(40, speed=1.5), 3.0)], pan=1.0)
    return stage.shoot(plates), mattes


def sought(stage: Stage, plate: str, frames: str = "1001-1005", out: str = "out", **wires: object) -> Heard:
    return stage.run(stage.wish(plate, WiresWish(**wires), frames, out, **CLASSICAL))


def test_a_matte_is_delivered_and_nothing_of_the_plate(stage: Stage) -> None:
    plate, mattes = hang(stage)
    heard = sought(stage, plate)
    assert not heard.failed and sorted(heard.delivered) == [1001, 1002, 1003, 1004, 1005]
    for index, truth in enumerate(mattes):
        channels = read_parts(stage.path(1001 + index))[0].channels
        assert set(channels) == {"R", "G", "B", "A"}, "as every host shows it"
        found = channels["A"].pixels.astype(np.float32)
        assert iou(found, truth) > 0.7
        assert (channels["R"].pixels == channels["A"].pixels).all()
    record = read_header(stage.path(1003))[0].attributes
    assert record["interneg.operator"] == "wires" and json.loads(record["interneg.parameters"]) == {"sensitivity": 0.5}
    assert record["interneg.model"] == "classical" and record["interneg.matte_hash"]
    assert leftovers(stage.folder) == []


def test_in_chunks_as_in_one_go(stage: Stage) -> None:
    plate, _ = hang(stage)
    sought(stage, plate, "1001-1005", "whole")
    for frames in ("1004-1005", "1001-1003"):
        sought(stage, plate, frames, "parts")
    for frame in range(1001, 1006):
        whole, part = (read_exr(stage.path(frame, out)).rgb for out in ("whole", "parts"))
        assert (bits_of(whole) == bits_of(part)).all()


def test_a_base_that_was_taught_wires_has_its_say(tmp_path: Path) -> None:
    network = WiresNetwork().eval()
    base = base_of()
    object.__setattr__(base, "wires", network)
    stage = Stage(tmp_path, base=base)
    plate, _ = hang(stage, 2)
    heard = stage.run(stage.wish(plate, WiresWish(1.0), "1001"))
    assert not heard.failed
    assert read_header(stage.path())[0].attributes["interneg.model"] == "base"


def test_the_overlay_marks_the_wires_and_leaves_the_rest(stage: Stage) -> None:
    plate, mattes = hang(stage, 3)
    assert not sought(stage, plate, "1002", overlay_path=str(stage.folder / "seen" / "o.####.exr")).failed
    shown = read_exr(stage.folder / "seen" / "o.1002.exr").rgb
    own = read_exr(stage.folder / "plate.1002.exr").rgb
    found = read_channels(stage.path(1002), ["A"])["A"]
    assert (bits_of(shown)[found == 0] == bits_of(own)[found == 0]).all()
    marked = shown[mattes[1] > 0.9]
    assert (marked[:, 0] > 2 * marked[:, 1]).all()


def test_an_overlay_keeps_what_is_no_light() -> None:
    plate = np.full((4, 4, 3), np.nan, np.float32)
    assert np.isnan(overlaid(plate, np.zeros((4, 4), np.float32))).all()


def test_strange_values_of_a_plate_are_in_no_matte(stage: Stage) -> None:
    plates, _ = shot(3, [(hanging(40), 3.0)])
    plates[1][30:60, 80:90] = np.nan
    heard = sought(stage, stage.shoot(plates), "1002")
    matte = read_channels(stage.path(1002), ["A"])["A"]
    assert (matte[30:60, 80:90] == 0).all() and matte.max() > 0.5
    assert any("NaN" in notice for notice in heard.delivered[1002].notices)


def test_a_frame_that_is_missing_costs_no_other(stage: Stage) -> None:
    plate, _ = hang(stage)
    (stage.folder / "plate.1003.exr").unlink()
    heard = sought(stage, plate)
    assert sorted(heard.delivered) == [1001, 1002, 1004, 1005] and "1003" in heard.failed[1003]


def test_a_cancelled_job_ends_and_the_same_request_completes_it(stage: Stage) -> None:
    plate, _ = hang(stage)
    with pytest.raises(CancelledJobError):
        stage.run(stage.wish(plate, WiresWish(), "1001-1005", **CLASSICAL), Heard(cancel_after_reports=1))
    assert leftovers(stage.folder) == []
    assert len(sought(stage, plate).delivered) == COUNT


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_sensitivity_out_of_its_range_is_refused(stage: Stage, value: float) -> None:
    plate, _ = hang(stage, 1)
    for operator in (WiresWish(value), CleanWish("", find_sensitivity=value)):
        with pytest.raises(RequestError, match="Sensitivity"):
            stage.run(stage.wish(plate, operator, "1001"))


def test_nothing_that_is_read_or_written_is_replaced(stage: Stage) -> None:
    plate, _ = hang(stage, 1)
    with pytest.raises(RequestError, match="--overlay"):
        sought(stage, plate, "1001", overlay_path=str(stage.path(1001).with_name("frame.####.exr")))
    with pytest.raises(RequestError, match="is read"):
        sought(stage, plate, "1001", overlay_path=plate)
    with pytest.raises(RequestError, match="EXR"):
        sought(stage, plate, "1001", overlay_path=str(stage.folder / "o.####.png"))
    with pytest.raises(NotAllowedError):
        sought(stage, plate, "1001", overlay_path=str(stage.folder / "plate.1001.exr" / "o.####.exr"))


def test_a_clean_takes_out_what_it_finds_and_lays_the_matte_beside(stage: Stage) -> None:
    plate, mattes = hang(stage)
    heard = stage.run(stage.wish(plate, CleanWish("", find_sensitivity=0.5), "1003", **CLASSICAL))
    assert not heard.failed
    found = read_channels(stage.path(1003).with_name("frame.matte.1003.exr"), ["A"])["A"]
    assert iou(found, mattes[2]) > 0.7
    cleaned, own = read_exr(stage.path(1003)).rgb, read_exr(stage.folder / "plate.1003.exr").rgb
    assert (bits_of(cleaned)[found == 0] == bits_of(own)[found == 0]).all()
    clean, _ = shot(COUNT, [], pan=1.0)
    wire = mattes[2] > 0.5
    assert np.abs(cleaned - clean[2])[wire].mean() < 0.25 * np.abs(own - clean[2])[wire].mean()
    record = read_header(stage.path(1003))[0].attributes
    assert json.loads(record["interneg.parameters"])["find_sensitivity"] == 0.5


def test_a_clean_that_finds_nothing_is_the_plate_and_says_so_by_an_empty_matte(stage: Stage) -> None:
    plates, _ = shot(3, [])
    plate = stage.shoot(plates)
    assert not stage.run(stage.wish(plate, CleanWish("", find_sensitivity=0.5), "1002", **CLASSICAL)).failed
    assert (read_channels(stage.path(1002).with_name("frame.matte.1002.exr"), ["A"])["A"] == 0).all()
    assert (bits_of(read_exr(stage.path(1002)).rgb) == bits_of(plates[1])).all()


@pytest.mark.parametrize(
    ("out", "beside"),
    [
        ("/a/clean.####.exr", "/a/clean.matte.####.exr"),
        ("/a/sh010_%04d.exr", "/a/sh010.matte.%04d.exr"),
        ("/a/####.exr", "/a/matte.####.exr"),
        ("/a/one.exr", "/a/one.matte.exr"),
    ],
)
def test_where_a_found_matte_lies(out: str, beside: str) -> None:
    pattern = pattern_beside(parse_pattern(out))
    assert pattern.text == beside
    assert pattern.path(7) == parse_pattern(beside).path(7)


def wanted(**fields: object):
    return {"show": "heron", "plate": "/p.exr", "first_frame": 1, "last_frame": 1, "output": "/o.exr", **fields}


def test_a_host_asks_for_wires_and_for_a_clean_of_what_is_found() -> None:
    request = render_request(wanted(operator="wires", sensitivity=0.0, overlay="/v.exr"))
    assert wish_from_request(request, PathRules()).operator == WiresWish(0.0, "/v.exr")
    request = render_request(wanted(operator="clean", find_wires=True, grow_pixels=1.0))
    assert wish_from_request(request, PathRules()).operator == CleanWish("", "", 1.0, find_sensitivity=0.5)


@pytest.mark.parametrize(
    "clean", [plate_pb2.Clean(), plate_pb2.Clean(matte={"path": "/m.exr"}, find_wires={}), plate_pb2.Clean(matte={})]
)
def test_a_clean_by_a_matte_and_by_finding_or_by_neither_is_refused(clean: plate_pb2.Clean) -> None:
    request = render_request(wanted(operator="clean", find_wires=True))
    request.clean.CopyFrom(clean)
    with pytest.raises(RequestError, match="matte"):
        wish_from_request(request, PathRules())


class Terminal:
    """The command line before a real daemon."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def run(self, *words: object) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["interneg", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = self._capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err


def test_the_command_line_finds_wires_by_a_real_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Stage(tmp_path / "shot")
    plate, mattes = hang(folder, 3)
    monkeypatch.setenv("INTERNEG_HOME", str(tmp_path / "home"))
    terminal = Terminal(monkeypatch, capsys)
    common = ("--plate", plate, "--frames", "1001-1003", "--model", "classical", "--json")
    with real_daemon(tmp_path / "home") as settings:
        with Client(str(settings.socket_path)) as client:
            client.create_production("heron")
        out = tmp_path / "m.####.exr"
        code, told, _ = terminal.run("wires", "heron", *common, "--out", out, "--overlay", tmp_path / "o.####.exr")
        answer = json.loads(told)
        assert (code, answer["operator"], answer["delivered"]) == (0, "wires", 3)
        assert iou(read_channels(tmp_path / "m.1002.exr", ["A"])["A"], mattes[1]) > 0.7
        assert (tmp_path / "o.1003.exr").exists()
        code, told, _ = terminal.run("clean", "heron", *common, "--find-wires", "--out", tmp_path / "c.####.exr")
        assert (code, json.loads(told)["delivered"]) == (0, 3)
        matte, alone = (read_channels(tmp_path / name, ["A"])["A"] for name in ("c.matte.1002.exr", "m.1002.exr"))
        assert (matte == alone).all()


WRONG = [
    ("both", ("clean", "--matte", "m.exr", "--find-wires"), "give one of them"),
    ("neither", ("clean",), "neither --matte nor --find-wires"),
    ("a sensitivity for a matte", ("clean", "--matte", "m.exr", "--sensitivity", "0.7"), "--sensitivity"),
    ("a sensitivity out of range", ("wires", "--sensitivity", "2"), "Sensitivity is 2"),
]


@pytest.mark.parametrize(("verb", "said"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_use_is_told(verb, said, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("INTERNEG_HOME", str(tmp_path))
    words = (verb[0], "heron", "--plate", "p.####.exr", "--frames", "1-2", "--out", "o.####.exr", *verb[1:])
    code, _, err = Terminal(monkeypatch, capsys).run(*words)
    assert code == 2 and said in " ".join(err.split())


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_measure_that_is_no_coverage_is_refused(value: float) -> None:
    plate = np.zeros((4, 5, 3), np.float32)
    check_measure(plate, np.ones((4, 5), np.float32))
    with pytest.raises(RestraintError, match="coverage"):
        check_measure(plate, np.full((4, 5), value, np.float32))
    with pytest.raises(RestraintError, match="where the plate is"):
        check_measure(plate, np.ones((5, 4), np.float32))


def test_the_shot_of_the_tests_is_what_it_says() -> None:
    plates, mattes = shot(2, [(hanging(40), 3.0)])
    assert plates[0].shape == (HEIGHT, WIDTH, 3) and 0.005 < float(mattes[0].mean()) < 0.1
