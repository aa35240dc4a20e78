"""Bringing up: edges where the plate has them, no pattern where it only has a pattern."""

from __future__ import annotations

import numpy as np
import pytest

from interneg.model.guided import brought_up
from interneg.model.working import resized


def half_and_half(height: int, width: int, at: float) -> np.ndarray:
    """1 left of a line, 0.1 right of it; the pixel on the line is mixed."""
    across = np.clip(at * width - np.arange(width), 0, 1)
    return np.broadcast_to(0.1 + 0.9 * across, (height, width)).astype(np.float32)


def three(plane: np.ndarray) -> np.ndarray:
    return np.repeat(plane[..., None], 3, axis=-1)


def test_at_equal_size_nothing_changes() -> None:
    rng = np.random.default_rng(0)
    values, plate = rng.normal(size=(48, 64, 5)).astype(np.float32), rng.random((48, 64, 3)).astype(np.float32)
    np.testing.assert_array_equal(brought_up(values, plate, plate), values)


@pytest.mark.parametrize("scale", [2, 5, 12])
def test_a_silhouette_is_found_again(scale: int) -> None:
    """Two stops across a silhouette: no halo a pixel and a half of the plate away from it."""
    height, width = 48, 64
    plate = three(half_and_half(height * scale, width * scale, 0.5 + 0.4 / width))
    small = resized(plate, (height, width))
    values = np.where(small > 0.5, 2.0, 0.0).astype(np.float32)
    full = brought_up(values, small, plate)
    truth = np.where(plate > 0.55, 2.0, 0.0)
    edge = int(np.argmax(plate[0, :, 0] <= 0.55))
    near = np.abs(np.arange(width * scale) - edge) <= 1 + scale // 4
    assert np.abs(full - truth)[:, ~near].max() < 0.1
    linear = np.abs(resized(values, truth.shape[:2]) - truth)[:, ~near].max()
    assert linear > 0.3 or scale == 2, "interpolation alone has a halo there"


@pytest.mark.parametrize("scale", [3, 8])
def test_a_pattern_has_no_say_in_a_shadow(scale: int) -> None:
    """A soft shadow across stripes: what is brought up does not know of the stripes."""
    height, width = 64, 64
    columns = np.arange(width * scale)
    stripes = np.where((columns // (scale * 3)) % 2 == 0, 0.6, 0.15).astype(np.float32)
    plate = three(np.broadcast_to(stripes, (height * scale, width * scale)))
    rows = np.clip((np.arange(height) - 28) / 8, 0, 1).astype(np.float32) * 2
    values = np.broadcast_to(rows[:, None, None], (height, width, 3)).astype(np.float32)
    full = brought_up(np.ascontiguousarray(values), resized(plate, (height, width)), plate)
    assert np.ptp(full, axis=1).max() < 0.02


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (301, 1), (97, 331)])
def test_it_never_leaves_what_it_was_given(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    plate = (rng.random((*size, 3)) ** 4 * 3).astype(np.float32)
    small_size = (max(1, size[0] // 7), max(1, size[1] // 7))
    values = rng.normal(size=(*small_size, 4)).astype(np.float32)
    full = brought_up(values, resized(plate, small_size), plate)
    assert full.shape == (*size, 4) and np.isfinite(full).all()
    assert full.min() >= values.min() - 1e-5 and full.max() <= values.max() + 1e-5


def test_exposure_and_white_balance_find_the_same_edges() -> None:
    rng = np.random.default_rng(4)
    plate = resized(rng.random((12, 16, 3)).astype(np.float32), (180, 240))
    values = resized(rng.normal(size=(12, 16, 2)).astype(np.float32), (36, 48))
    one = brought_up(values, resized(plate, (36, 48)), plate)
    shifted = plate * np.float32([4.0, 8.0, 20.0])
    other = brought_up(values, resized(shifted, (36, 48)), shifted)
    np.testing.assert_allclose(one, other, atol=2e-3)


def test_black_plates_are_brought_up_too() -> None:
    values = np.random.default_rng(5).normal(size=(6, 8, 3)).astype(np.float32)
    full = brought_up(values, np.zeros((6, 8, 3), np.float32), np.zeros((60, 80, 3), np.float32))
    assert np.isfinite(full).all()
