"""The fit behind matched light: weights of parts of known light are found again, in stops, whatever starts them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from interneg.model.analysis import Analysis
from interneg.model.intrinsics import ALBEDO
from interneg.resident.matching import _same_things, _Task


def task_of(weights: np.ndarray, seed: int = 0, noise: float = 0.0) -> tuple[_Task, np.ndarray]:
    """A task whose parts (K, N, 3) times the weights (K, 3) are its target."""
    rng = np.random.default_rng(seed)
    parts = np.exp2(rng.normal(-2, 1.5, (len(weights), 600, 3)))
    target = (weights[:, None] * parts).sum(axis=0) * np.exp2(rng.normal(0, noise, (600, 3)))
    return _Task(parts[:2], target, np.ones(600), 1e-5), parts


@pytest.mark.parametrize("seed", range(3))
def test_light_that_is_a_sum_is_found(seed: int) -> None:
    weights = np.array([[0.25, 0.2, 0.1], [1.0, 1.0, 1.0], [2.0, 1.5, 0.7]])
    task, parts = task_of(weights, seed)
    np.testing.assert_allclose(task.solved(parts), weights, rtol=1e-3)


def test_a_light_that_is_out_is_out() -> None:
    task, parts = task_of(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [2.0, 1.5, 0.7]]))
    assert (task.solved(parts)[0] < 0.01).all()


def test_what_is_found_is_never_worse_than_the_light_as_shot() -> None:
    """Least squares alone are: their weights follow what is bright."""
    rng = np.random.default_rng(5)
    for seed in range(6):
        task, parts = task_of(np.exp2(rng.normal(0, 1, (2, 3))), seed, noise=2.5)
        left = task.residual(parts.sum(axis=0))
        assert task.residual((task.solved(parts)[:, None] * parts).sum(axis=0)) <= left + 1e-6


def test_what_is_held_stays_and_the_others_are_found() -> None:
    weights = np.array([[0.25, 0.2, 0.1], [1.0, 1.0, 1.0], [2.0, 1.5, 0.7]])
    task, parts = task_of(weights)
    held = task.solved(parts, (1,))
    assert (held[1] == 1).all()
    np.testing.assert_allclose(held, weights, rtol=1e-3)
    assert (task.solved(parts, (0, 1))[:2] == 1).all()


def test_who_walked_in_does_not_count() -> None:
    seen = Analysis(
        np.full((12, 16, 3), 0.2, np.float32),
        np.zeros((12, 16, 10), np.float32),
        np.ones((12, 16), np.float32),
        np.zeros(7),
        0.0,
    )
    maps = seen.maps + 0.4  # the whole may be lighter or darker
    maps[3:6, 3:6, ALBEDO] -= 3.0
    same = _same_things(seen, replace(seen, maps=maps))
    assert (same[3:6, 3:6] == 0).all() and same.sum() == 12 * 16 - 9


def test_a_thinned_task_keeps_enough() -> None:
    task, _ = task_of(np.ones((2, 3)))
    few, step = task.thinned(150)
    assert step == 4 and few.target.shape == (150, 3) and few.parts.shape == (2, 150, 3)
    assert task.thinned(10**6)[1] == 1
