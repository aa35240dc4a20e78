"""A shot's own wires, moved aside: exact holes to learn from, and a score without a clean plate."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from interneg.plates.colour import log_from_linear
from interneg.production.index import CleanedShot
from interneg.production.store import Production, Store
from interneg.report.facts import facts_of
from interneg.report.page import page_of
from interneg.training.lesson import Lesson, Means
from interneg.training.own_wires import _moved, own_examples
from interneg.training.recipe import Recipe
from synthetic import panned, write_plate
from test_learn import CONFIG, CPU, QUICK, add_takes, hurried, learnt

WIRE = slice(60, 64)  # columns


@pytest.fixture
def show(tmp_path: Path) -> Production:
    return Store(tmp_path / "productions").create("show")


def cleaned(folder: Path, frames: int = 9, mattes: int = 9) -> CleanedShot:
    """A shot with an upright wire that burns bright, and its mattes."""
    for number, clean in enumerate(panned(frames, 120, 200, seed=7), 1):
        plate, matte = clean.copy(), np.zeros_like(clean)
        plate[:, WIRE], matte[:, WIRE] = 50.0, 1
        write_plate(folder / f"plate.{number:04}.exr", plate)
        if number <= mattes:
            write_plate(folder / f"matte.{number:04}.exr", matte)
    return CleanedShot(str(folder / "plate.####.exr"), "", str(folder / "matte.####.exr"), "R", 1, frames)


def lesson_of(show: Production) -> Lesson:
    recipe = Recipe(**{**QUICK, "window_width": 200, "window_height": 120})
    return Lesson(show, CONFIG, recipe, Means(CPU), lambda *_: None, lambda: None, time.monotonic(), 60.0)


def test_the_wire_itself_is_never_looked_at_and_the_truth_is_the_plate(show: Production, tmp_path: Path) -> None:
    examples = own_examples(lesson_of(show), cleaned(tmp_path), 3, 4)
    assert examples
    for example in examples:
        hole = example.candidates.hole
        assert hole.any() and not example.known[:, WIRE].any() and not (hole & example.known).any()
        assert not hole[:, WIRE].any(), "a hole over the wire itself would have no truth"
        assert (hole.sum(axis=0) > 0).sum() <= 4, "as wide as the wire"
        assert example.truth[hole].max() < log_from_linear(np.float32([[[2.0] * 3]])).max(), "no bright wire in it"
        assert (example.log[hole] == 0).all()


def test_frames_without_a_matte_are_neither_target_nor_witness(show: Production, tmp_path: Path) -> None:
    shot = cleaned(tmp_path, frames=9, mattes=2)
    examples = own_examples(lesson_of(show), shot, 3, 4)
    assert examples, "one of the two frames that have a matte is the target"
    assert own_examples(lesson_of(show), replace(shot, first_frame=5), 3, 4) == []


@pytest.mark.parametrize("spoil", ["plate gone", "matte gone", "matte of all"])
def test_a_shot_that_gives_nothing_gives_nothing(show: Production, tmp_path: Path, spoil: str) -> None:
    shot = cleaned(tmp_path)
    if spoil == "plate gone":
        shot = replace(shot, plate=str(tmp_path / "none.####.exr"))
    if spoil == "matte gone":
        shot = replace(shot, matte=str(tmp_path / "none.####.exr"))
    if spoil == "matte of all":
        for path in tmp_path.glob("matte.*.exr"):
            write_plate(path, np.ones((120, 200, 3), np.float32))
    assert own_examples(lesson_of(show), shot, 3, 2) == []


def test_moving_brings_nothing_in_from_outside() -> None:
    matte = np.zeros((6, 8), bool)
    matte[1:3, 2] = True
    assert np.argwhere(_moved(matte, 2, -1)).tolist() == [[3, 1], [4, 1]]
    assert not _moved(matte, 0, -3).any() and not _moved(matte, 5, 0).any()
    assert np.argwhere(_moved(matte, -2, 5)).tolist() == [[0, 7]]


def test_a_shot_that_was_cleaned_is_scored_blind_and_reported(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried(monkeypatch, **QUICK)
    torch.manual_seed(1)
    add_takes(show, tmp_path, 2)
    folder = tmp_path / "shot"
    folder.mkdir()
    show.note_cleaned(cleaned(folder))
    version = learnt(show, 6.0).version
    said, _ = json.loads((show.model_folder(version) / "review.json").read_text())
    (blind,) = said["blind"]
    assert blind["plate"].endswith("plate.####.exr") and blind["examples"] > 0
    assert 5 < blind["before"] < 100 and 5 < blind["after"] < 100
    page = page_of(facts_of(show, CONFIG, "base-1"))
    assert "plate.####.exr" in page and f"{blind['after']:.2f}" in page
