"""A filtered resampling that never leaves the range of the pixels it is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interneg.operators.reframe import Coordinates, Mapping

Pixels = npt.NDArray[np.float32]

LOBES = 3  # of the Lanczos kernel
CORE = 2  # source pixels (times the reduction) whose range holds the result: farther lobes may sharpen, not ring
ROWS_AT_ONCE = 64  # output rows: bounds the memory of a 4K frame
NO_WEIGHT = 1e-6  # what weighs less does not contribute


@dataclass(frozen=True, eq=False)
class Resampled:
    """A resampled plate (H, W, C) and the least and greatest finite source values in each pixel's reach."""

    pixels: Pixels
    low: Pixels
    high: Pixels


def resampled(source: Pixels, mapping: Mapping) -> Resampled:
    """The source (H, W, C) seen through the window; pixels beyond it hold its edge.

    Convention: values that are not finite stay where they are the nearest source pixel, and weigh nothing elsewhere.
        Reducing widens the kernel by as much, so that nothing aliases.

    References: Duchon, "Lanczos Filtering", 1979; the bound by the core's range is our own.
    """
    shape = (mapping.height, mapping.width, source.shape[2])
    result = Resampled(*(np.empty(shape, np.float32) for _ in range(3)))
    separable = mapping.is_upright and bool(np.isfinite(source).all())
    for first in range(0, mapping.height, ROWS_AT_ONCE):
        last = min(first + ROWS_AT_ONCE, mapping.height)
        some = _upright(source, mapping, first, last) if separable else _turned(source, mapping, first, last)
        result.pixels[first:last], result.low[first:last], result.high[first:last] = some
    return result


@dataclass(frozen=True, eq=False)
class _Taps:
    """Source indices and weights along one axis, (taps, ...), and which taps belong to the core."""

    index: npt.NDArray[np.intp]
    weight: Pixels
    core: npt.NDArray[np.bool_]


def _taps(position: Coordinates, reduction: float, size: int) -> _Taps:
    """The kernel's taps around each position; `reduction` >= 1 source pixels fall on one output pixel."""
    reach = LOBES * reduction
    first = np.ceil(position - reach - 1e-9)
    steps = np.arange(int(np.floor(2 * reach)) + 1).reshape(-1, *[1] * position.ndim)
    distance = (first + steps - position) / reduction
    weight = np.where(np.abs(distance) < LOBES, np.sinc(distance) * np.sinc(distance / LOBES), 0)
    weight[np.abs(weight) < NO_WEIGHT] = 0
    weight /= weight.sum(axis=0)
    index = np.clip(first + steps, 0, size - 1).astype(np.intp)
    return _Taps(index, weight.astype(np.float32), (np.abs(distance) < CORE) & (weight != 0))


def _reductions(mapping: Mapping) -> tuple[float, float]:
    """How many source pixels fall on one output pixel, along x and y."""
    x = float(np.hypot(mapping.across[0], mapping.down[0]))
    y = float(np.hypot(mapping.across[1], mapping.down[1]))
    return max(1.0, x), max(1.0, y)


def _upright(source: Pixels, mapping: Mapping, first: int, last: int) -> tuple[Pixels, Pixels, Pixels]:
    """Rows, then columns: without roll the kernel and its range separate."""
    reduction_x, reduction_y = _reductions(mapping)
    y = mapping.origin[1] + mapping.down[1] * np.arange(first, last, dtype=np.float64)
    x = mapping.origin[0] + mapping.across[0] * np.arange(mapping.width, dtype=np.float64)
    down, across = _taps(y, reduction_y, source.shape[0]), _taps(x, reduction_x, source.shape[1])
    tall = _along(source, source, source, down, 0)
    wide = _along(*tall, across, 1)
    return np.clip(wide[0], wide[1], wide[2]), wide[1], wide[2]


def _along(values: Pixels, low: Pixels, high: Pixels, taps: _Taps, axis: int) -> tuple[Pixels, Pixels, Pixels]:
    shape = [1, 1, 1]
    shape[axis] = taps.index.shape[1]
    total: Pixels | None = None
    least: Pixels | None = None
    greatest: Pixels | None = None
    for index, weight, core in zip(taps.index, taps.weight, taps.core, strict=True):
        there = core.reshape(shape)
        some = np.take(values, index, axis=axis) * weight.reshape(shape)
        below = np.where(there, np.take(low, index, axis=axis), np.float32(np.inf))
        above = np.where(there, np.take(high, index, axis=axis), np.float32(-np.inf))
        total = some if total is None else total + some
        least = below if least is None else np.minimum(least, below)
        greatest = above if greatest is None else np.maximum(greatest, above)
    if total is None or least is None or greatest is None:  # a kernel always has taps
        raise AssertionError
    return total, least, greatest


def _turned(source: Pixels, mapping: Mapping, first: int, last: int) -> tuple[Pixels, Pixels, Pixels]:
    """Every tap of the square kernel by itself: for roll, and for plates with values that are not finite."""
    height, width, channels = source.shape
    reduction_x, reduction_y = _reductions(mapping)
    x, y = mapping.columns_and_rows(first, last)
    down, across = _taps(y, reduction_y, height), _taps(x, reduction_x, width)
    flat = source.reshape(-1, channels)
    total, weights = np.zeros((*x.shape, channels), np.float32), np.zeros((*x.shape, channels), np.float32)
    low, high = np.full_like(total, np.inf), np.full_like(total, -np.inf)
    for row, row_weight, row_core in zip(down.index, down.weight, down.core, strict=True):
        for column, column_weight, column_core in zip(across.index, across.weight, across.core, strict=True):
            taken = flat[row * width + column]
            finite = np.isfinite(taken)
            weight = (row_weight * column_weight)[..., None] * finite
            core = (row_core & column_core)[..., None] & finite
            taken = np.where(finite, taken, 0)
            total += taken * weight
            weights += weight
            low = np.where(core, np.minimum(low, taken), low)
            high = np.where(core, np.maximum(high, taken), high)
    nearest = nearest_of(source, mapping, first, last)
    alone = ~np.isfinite(low) | (np.abs(weights) < 0.1)  # no finite pixel in the core, or lobes that cancel
    value = np.where(alone, nearest, np.clip(total / np.where(alone, 1, weights), low, high))
    low, high = np.where(alone, nearest, low), np.where(alone, nearest, high)
    kept = ~np.isfinite(nearest)
    return tuple(np.where(kept, nearest, some).astype(np.float32) for some in (value, low, high))  # type: ignore[return-value]


def nearest_of(source: Pixels, mapping: Mapping, first: int, last: int) -> Pixels:
    """The nearest source pixel of each output pixel in those rows; beyond the source its edge."""
    x, y = mapping.columns_and_rows(first, last)
    rows = np.clip(np.floor(y + 0.5), 0, source.shape[0] - 1).astype(np.intp)
    columns = np.clip(np.floor(x + 0.5), 0, source.shape[1] - 1).astype(np.intp)
    return source[rows, columns]


def inside_of(mapping: Mapping, width: int, height: int) -> npt.NDArray[np.bool_]:
    """Which output pixels have their centre inside a source of that size, (H, W)."""
    x, y = mapping.columns_and_rows(0, mapping.height)
    edge = 0.5 + 1e-9
    return np.asarray((x >= -edge) & (x <= width - 1 + edge) & (y >= -edge) & (y <= height - 1 + edge))
