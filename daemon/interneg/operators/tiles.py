"""The part of a frame around a hole, tile by tile: what is computed there costs as the hole does, not as the frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Places = tuple[Indices, ...]

STEP = 8  # pixels that sizes of patches differ by: networks halve them three times, and few sizes make few batches
SIDE = 32  # pixels that a tile answers for: a wire fills a few of them, a frame full of matte all


@dataclass(frozen=True, eq=False)
class Tiles:
    """The tiles that hold a hole's pixels, each with what lies around it, one below the other as a single picture.

    Convention: the picture is (T * S, S); `rows`, `columns` (T * S, S) say where its pixels lie in the frame, mirrored
        at its edge where they are not `inside`; `place` (T * S, S) numbers the hole's pixels, -1 elsewhere; `own` (N,)
        points to each of them, in the order of `np.nonzero(hole)`. A window that reaches no further than the halo never
        feels the tile above or below. `numbers` (T,) are those of the tiles on the frame's grid.
    """

    numbers: Indices
    rows: Indices
    columns: Indices
    inside: Matte
    place: Indices
    own: Indices

    def cut(self, plane: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """The frame's plane (H, W[, C]) as these tiles show it."""
        return plane[self.rows, self.columns]

    def spread(self, values: Pixels) -> Pixels:
        """The hole's values (N[, C]) at their places, 0 elsewhere."""
        return np.where((self.place >= 0).reshape(*self.place.shape, *(1,) * (values.ndim - 1)), values[self.place], 0)

    def back(self, picture: Pixels) -> Pixels:
        """The hole's pixels (N[, C]) of such a picture."""
        return picture.reshape(-1, *picture.shape[2:])[self.own]


def numbered(hole: Matte, places: Places | None = None) -> npt.NDArray[np.int32]:
    """The number of each of the hole's pixels, counted from 1 in the order of `np.nonzero`; 0 elsewhere.

    Nothing far from the hole is touched: memory that is zero anyway is not even taken. `places` is where its pixels
        are, if that is known: to look through a frame for them costs more than all that is done with a thin hole.
    """
    places = np.nonzero(hole) if places is None else places
    number = np.zeros(hole.shape, np.int32)
    number[places] = np.arange(1, len(places[0]) + 1)
    return number


def around(places: Places, reach: int, size: tuple[int, ...]) -> tuple[tuple[slice, slice], Places]:
    """The part of a frame of that size that lies up to `reach` pixels around those places, and where they lie in it."""
    spans = [
        slice(max(0, int(some.min()) - reach), min(length, int(some.max()) + 1 + reach)) if len(some) else slice(0, 0)
        for some, length in zip(places, size, strict=True)
    ]
    return (spans[0], spans[1]), tuple(some - span.start for some, span in zip(places, spans, strict=True))


class Patch(NamedTuple):
    """A part of a frame, by its first pixel and its size."""

    row: int
    column: int
    height: int
    width: int

    def grown(self, halo: int) -> Patch:
        """The patch with so many pixels around it, whether they lie in the frame or not."""
        return Patch(self.row - halo, self.column - halo, self.height + 2 * halo, self.width + 2 * halo)

    @property
    def window(self) -> tuple[slice, slice]:
        """Its pixels."""
        return slice(self.row, self.row + self.height), slice(self.column, self.column + self.width)

    def held(self, size: tuple[int, ...]) -> tuple[Indices, Indices]:
        """Its rows (h, 1) and columns (w,) in a frame of that size; beyond the frame its edge."""
        rows = np.clip(np.arange(self.row, self.row + self.height), 0, size[0] - 1)
        columns = np.clip(np.arange(self.column, self.column + self.width), 0, size[1] - 1)
        return rows[:, None], columns


def covering(places: Places, side: int, halo: int) -> list[Patch]:
    """Patches of at most `side` pixels either way that together hold all those places, each of them once.

    They are laid along the hole, in bands across or down the frame, whichever leaves less to compute with the halo
        around each: a grid's lines would cut a thin wire half as often again. Their sizes go in steps of STEP; those
        of one size come together. The same places give the same patches.
    """
    rows, columns = places
    across = _in_bands(rows, columns, side)
    down = [Patch(column, row, width, height) for row, column, height, width in _in_bands(columns, rows, side)]
    best = min(across, down, key=lambda patches: sum(np.prod(patch.grown(halo)[2:]) for patch in patches))
    return sorted(best, key=lambda patch: (patch.height, patch.width))


def alike(patches: Sequence[Patch], count: int) -> Iterator[list[Patch]]:
    """Those patches, up to `count` of one size at a time."""
    for _, group in groupby(patches, key=lambda patch: patch[2:]):
        same = list(group)
        yield from (same[first : first + count] for first in range(0, len(same), count))


def _in_bands(along: Indices, across: Indices, side: int) -> list[Patch]:
    order = np.argsort(along, kind="stable")
    along, across = along[order], across[order]
    patches = []
    for band in _runs(along, side):
        its = np.sort(across[band])
        row, height = _span(along[band])
        for run in _runs(its, side):
            column, width = _span(its[run])
            patches.append(Patch(row, column, height, width))
    return patches


def _runs(values: Indices, side: int) -> list[slice]:
    """Sorted values, cut into runs that each span no more than `side`."""
    runs, start = [], 0
    while start < len(values):
        stop = int(np.searchsorted(values, values[start] + side))
        runs.append(slice(start, stop))
        start = stop
    return runs


def _span(values: Indices) -> tuple[int, int]:
    """The first of sorted values, and how many pixels they span, in steps of STEP."""
    first = int(values[0])
    return first, -(-(int(values[-1]) - first + 1) // STEP) * STEP


def tiles_around(hole: Matte, halo: int, side: int = SIDE, places: Places | None = None) -> Tiles:
    """The tiles of that hole, `side` pixels wide on a grid fixed to the frame, with `halo` pixels around each."""
    rows, columns = places = np.nonzero(hole) if places is None else places
    height, width = hole.shape
    across = -(-width // side)
    corners, which = np.unique(rows // side * across + columns // side, return_inverse=True)
    span = np.arange(-halo, side + halo)
    down, right = (first[:, None] + span for first in (corners // across * side, corners % across * side))  # (T, S)
    inside = ((down >= 0) & (down < height))[:, :, None] & ((right >= 0) & (right < width))[:, None, :]
    down, right = _mirrored(down, height)[:, :, None], _mirrored(right, width)[:, None, :]
    number = numbered(hole, places)
    whole = side + 2 * halo
    own = (which * whole + halo + rows % side) * whole + halo + columns % side
    flat, place = (len(corners) * whole, whole), number[down, right].astype(np.intp) - 1
    down, right = np.broadcast_arrays(down, right)
    return Tiles(corners, down.reshape(flat), right.reshape(flat), inside.reshape(flat), place.reshape(flat), own)


def _mirrored(places: Indices, length: int) -> Indices:
    """Places along a side of the frame; those beyond it mirrored at its first and last pixel, as OpenCV does."""
    period = max(1, 2 * (length - 1))
    folded = np.abs(places) % period
    return np.minimum(folded, period - folded) if length > 1 else np.zeros_like(places)
