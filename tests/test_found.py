"""What was found between frames is kept: a turned knob looks for nothing again, and no bit hangs on what is kept."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from interneg.operators import sources
from interneg.plates.exr import read_exr
from interneg.plates.frames import FrameRange
from interneg.plates.grain import measure_grain
from interneg.resident import found, graining
from interneg.resident.found import FoundFolder
from interneg.resident.kept import keep_within
from interneg.resident.wish import CleanWish
from stage import FIRST, Stage
from synthetic import bits_of, hung, panned, wire_of, write_matte, write_plate

FRAMES, HEIGHT, WIDTH = 4, 48, 64
PAIRS = FRAMES * (FRAMES - 1)
RANGE = f"{FIRST}-{FIRST + FRAMES - 1}"


class Counted:
    """The search for motion, counted."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, target, source):
        self.times += 1
        return self.found(target, source)

    found = staticmethod(sources.motion_between)


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    monkeypatch.setattr(sources, "motion_between", counted)
    return counted


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    mattes = [wire_of(HEIGHT, WIDTH, shift=2.0 * index) for index in range(FRAMES)]
    clean = panned(FRAMES, HEIGHT, WIDTH)
    stage.shoot([hung(frame, matte) for frame, matte in zip(clean, mattes, strict=True)])
    stage.draw(mattes)
    return stage


def cleaned(stage: Stage, out: str, frames: str = RANGE, **more) -> list[np.ndarray]:
    plate, matte = (str(stage.folder / f"{name}.####.exr") for name in ("plate", "matte"))
    heard = stage.clean(plate, matte, frames, out, **more)
    assert not heard.failed
    return [bits_of(read_exr(stage.path(frame, out)).rgb) for frame in sorted(heard.delivered)]


def kept(stage: Stage) -> list[Path]:
    return sorted((stage.settings.analysis_folder / "motion").glob("*.motion.npz"))


def forget(stage: Stage) -> None:
    """As if nothing had ever been kept."""
    for path in (stage.settings.analysis_folder / "motion").iterdir():
        path.unlink()


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all((here == there).all() for here, there in zip(one, other, strict=True))


def test_another_seed_looks_for_nothing_again_and_the_same_one_gives_the_same_bits(
    stage: Stage, searches: Counted
) -> None:
    first = cleaned(stage, "first")
    assert searches.times == PAIRS
    assert len(kept(stage)) == FRAMES
    cleaned(stage, "seed", seed=5)
    again = cleaned(stage, "again")
    assert searches.times == PAIRS
    assert same(first, again)


def test_in_pieces_it_is_the_same_as_in_one_go(stage: Stage, searches: Counted) -> None:
    pieces = [cleaned(stage, "pieces", str(FIRST + index))[0] for index in reversed(range(FRAMES))]
    assert searches.times == PAIRS, "no pair is looked at twice"
    forget(stage)
    assert same(pieces[::-1], cleaned(stage, "whole"))


def test_a_plate_that_changed_is_looked_at_again_and_no_other(stage: Stage, searches: Counted) -> None:
    cleaned(stage, "first")
    path = stage.folder / f"plate.{FIRST + 2}.exr"
    stat = path.stat()
    write_plate(path, 1.25 * panned(FRAMES, HEIGHT, WIDTH)[2])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # a copy keeps its time: the content tells
    changed = cleaned(stage, "changed")
    assert searches.times == PAIRS + 2 * (FRAMES - 1), "as a target, and as a source of each of the others"
    forget(stage)
    assert same(changed, cleaned(stage, "anew"))


@pytest.mark.parametrize("change", ["drawn anew", "grown"])
def test_another_matte_is_another_hole(stage: Stage, searches: Counted, change: str) -> None:
    cleaned(stage, "first")
    grow = 0.0
    if change == "grown":
        grow = 2.0
    else:
        write_matte(stage.folder / f"matte.{FIRST}.exr", wire_of(HEIGHT, WIDTH, shift=9.0))
    changed = cleaned(stage, "changed", grow_pixels=grow)
    assert PAIRS < searches.times <= PAIRS + (PAIRS if grow else 2 * (FRAMES - 1))
    forget(stage)
    assert same(changed, cleaned(stage, "anew", grow_pixels=grow))


@pytest.mark.parametrize("damage", ["cut off", "empty", "another's", "not finite"])
def test_a_damaged_file_only_costs_time(stage: Stage, searches: Counted, damage: str) -> None:
    first = cleaned(stage, "first")
    for path in kept(stage):
        whole = path.read_bytes()
        with np.load(path) as held:
            arrays = dict(held)
        if damage in ("cut off", "empty"):
            path.write_bytes(whole[: len(whole) // 2 if damage == "cut off" else 0])
        elif damage == "another's":
            np.savez(path, **{**arrays, "cells": arrays["cells"] + 1})
        else:
            np.savez(path, **{**arrays, "maps": arrays["maps"] * np.float32(np.nan)})
    assert same(first, cleaned(stage, "again"))
    assert searches.times == 2 * PAIRS


def test_a_folder_that_cannot_be_used_only_costs_time(stage: Stage, searches: Counted) -> None:
    stage.settings.analysis_folder.parent.mkdir(parents=True, exist_ok=True)
    stage.settings.analysis_folder.write_text("a file stands there")
    cleaned(stage, "first")
    cleaned(stage, "again")
    assert searches.times == 2 * PAIRS


def test_a_hole_that_takes_too_much_is_not_kept(
    stage: Stage, searches: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "MOST_OF_ONE_BYTES", 1)
    first = cleaned(stage, "first")
    assert same(first, cleaned(stage, "again"))
    assert searches.times == 2 * PAIRS and not kept(stage)


def test_an_anchor_is_not_taken_for_the_plate_that_it_stands_for(stage: Stage, searches: Counted) -> None:
    first = cleaned(stage, "out")
    write_plate(stage.path(FIRST + 1), panned(FRAMES, HEIGHT, WIDTH)[1] * np.float32(0.5))
    operator = CleanWish(str(stage.folder / "matte.####.exr"), anchors=(FrameRange(FIRST + 1, FIRST + 1),))
    assert not stage.run(stage.wish(str(stage.folder / "plate.####.exr"), operator, str(FIRST), "out")).failed
    assert searches.times > PAIRS, "what is found in an anchor is found anew"
    (stage.folder / "out" / f"frame.{FIRST + 1}.exr").unlink()
    assert same(first, cleaned(stage, "other"))


def test_the_folder_keeps_within_its_bound(tmp_path: Path) -> None:
    for index in range(6):
        path = tmp_path / f"{index}.npz"
        path.write_bytes(bytes(100))
        os.utime(path, (index, index))
    os.utime(tmp_path / "0.npz", (99, 99))  # asked for just now
    keep_within(tmp_path, 250)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["0.npz", "5.npz"]
    assert FoundFolder(tmp_path).most_bytes >= 1 << 30


def test_grain_is_measured_once_a_frame(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []

    def measure(log, known, moved):
        measured.append(1)
        return measure_grain(log, known, moved)

    monkeypatch.setattr(graining, "measure_grain", measure)
    first = cleaned(stage, "first")
    assert len(measured) == FRAMES
    assert same(first, cleaned(stage, "again"))
    assert len(measured) == FRAMES
    for path in (stage.settings.analysis_folder / "motion").glob("*.grain.npz"):
        path.write_bytes(b"no archive")
    assert same(first, cleaned(stage, "damaged"))
    assert len(measured) == 2 * FRAMES
