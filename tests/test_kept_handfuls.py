"""Handfuls on disk: what was cut is there after a crash, damaged files cost themselves alone, the disk is bounded."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from interneg.training.kept_handfuls import KeptHandfuls


def handfuls(count: int, value: float) -> tuple[list[np.ndarray], list[np.ndarray]]:
    return [np.full((3, 4, 4), value, np.float32)] * count, [np.full((2, 4, 4), -value, np.float32)] * count


def test_handfuls_are_there_after_a_crash(tmp_path: Path) -> None:
    kept = KeptHandfuls(tmp_path, 100)
    for value in (1.0, 2.0):
        kept.add(*handfuls(2, value))
    kept.add([], [])
    after = KeptHandfuls(tmp_path, 100)
    planes, truths = after.read()
    assert [float(one.max()) for one in planes] == [1, 1, 2, 2]
    assert [float(one.max()) for one in truths] == [-1, -1, -2, -2]
    assert planes[0].dtype == np.float32
    after.add(*handfuls(1, 3.0))
    assert len(KeptHandfuls(tmp_path, 100).read()[0]) == 5, "nothing is written over"
    assert not list(tmp_path.glob(".*"))


def test_a_damaged_file_costs_itself_alone(tmp_path: Path) -> None:
    kept = KeptHandfuls(tmp_path, 100)
    for value in (1.0, 2.0):
        kept.add(*handfuls(2, value))
    torn = sorted(tmp_path.iterdir())[0]
    torn.write_bytes(torn.read_bytes()[:200])
    assert [float(one.max()) for one in KeptHandfuls(tmp_path, 100).read()[0]] == [2, 2]
    assert not torn.exists()


def test_the_oldest_go_once_there_are_enough(tmp_path: Path) -> None:
    kept = KeptHandfuls(tmp_path, 4)
    for value in (1.0, 2.0, 3.0, 4.0):
        kept.add(*handfuls(2, value))
    assert [float(one.max()) for one in KeptHandfuls(tmp_path, 4).read()[0]] == [3, 3, 4, 4]
