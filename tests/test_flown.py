"""Clips flown over still pictures: what moves, how far, and what stays."""

from __future__ import annotations

import numpy as np
import pytest

from interneg.soundstage.teaching import flown as flying
from interneg.soundstage.teaching.flown import flown, ground_size

SIZE, OFFSETS = (90, 120), (-4, -2, -1, 0, 1, 2, 4)


def ground() -> np.ndarray:
    rng = np.random.default_rng(3)
    coarse = rng.uniform(0.05, 1.0, (*ground_size(SIZE), 3)).astype(np.float32)
    return np.asarray(flying.cv2.GaussianBlur(coarse, (0, 0), 3), np.float32)


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing crosses and nothing flickers."""
    monkeypatch.setattr(flying, "CROSSING_SHARE", 0.0)
    monkeypatch.setattr(flying, "FLICKERING_SHARE", 0.0)


def test_frames_have_the_size_and_the_same_seed_gives_the_same(steady: None) -> None:
    one, again = (flown(np.random.default_rng(5), ground(), ground()[:90, :120], OFFSETS, SIZE) for _ in range(2))
    assert len(one) == len(OFFSETS) and all(frame.shape == (*SIZE, 3) and frame.min() >= 0 for frame in one)
    assert all((a == b).all() for a, b in zip(one, again, strict=True))


def test_a_locked_head_shows_the_same_and_a_moving_one_moves_within_the_ground(
    steady: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flying, "STILL_SHARE", 1.0)
    still = flown(np.random.default_rng(1), ground(), ground(), OFFSETS, SIZE)
    assert all(np.abs(frame - still[0]).max() < 1e-5 for frame in still)
    monkeypatch.setattr(flying, "STILL_SHARE", 0.0)
    moved = [flown(np.random.default_rng(seed), ground(), ground(), OFFSETS, SIZE) for seed in range(6)]
    assert sum(np.abs(frames[0] - frames[-1]).mean() > 0.01 for frames in moved) >= 4


def test_a_pan_is_the_ground_further_on(steady: None, monkeypatch: pytest.MonkeyPatch) -> None:
    rest = ground()
    numbers = np.asarray(OFFSETS, np.float64)
    middle = (np.asarray(rest.shape[1::-1]) - 1) / 2 + numbers[:, None] * (2.0, 0.0)
    path = flying._Path(middle, np.ones(len(numbers)), np.zeros(len(numbers)))
    frames = [flying._seen(rest, path, index, SIZE) for index in range(len(numbers))]
    assert np.abs(frames[3][:, 4:] - frames[5][:, :-4]).max() < 1e-3, "two frames on, four pixels"


def test_what_crosses_moves_by_itself_and_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flying, "STILL_SHARE", 1.0)
    monkeypatch.setattr(flying, "CROSSING_SHARE", 1.0)
    monkeypatch.setattr(flying, "FLICKERING_SHARE", 0.0)
    frames = flown(np.random.default_rng(4), ground(), np.full((*SIZE, 3), 5.0, np.float32), OFFSETS, SIZE)
    covered = [(frame > 2).all(axis=-1) for frame in frames]
    assert all(0.005 < one.mean() < 0.7 for one in covered[2:5])
    assert (covered[0] != covered[-1]).any()
    untouched = ~np.any([(frame != frames[0]).any(axis=-1) for frame in frames], axis=0)
    assert untouched.mean() > 0.2
