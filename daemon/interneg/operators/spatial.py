"""What a hole may look like judging by its own frame: interpolation across it, along the picture's own edges."""

import numpy as np
import numpy.typing as npt

from interneg.operators.pyramid import surface_through

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

DIRECTIONS = 16  # an eighth of a right angle apart: finer ones find the same ends on holes a few pixels wide
REACH = 48  # pixels; across wider holes the ends have nothing to do with each other
ALIKE = 0.06  # log units; ends closer than this count as the same edge


def filled_across(log_plate: Pixels, hole: Matte) -> tuple[Pixels, Pixels]:
    """The hole's pixels interpolated across it along the direction in which its two ends agree best.

    Convention: log_plate (H, W, 3), hole (H, W); returns (N, 3) and a confidence (N,) in (0, 1], in the order of
        `np.nonzero(hole)`. Where no direction has two ends (a border) the smooth surface through the rim is taken.

    References: the slope-dependent repair of wire removal tools; weights by end difference and length are our own.
    """
    rows, columns = np.nonzero(hole)
    smooth = surface_through(np.where(hole[..., None], 0, log_plate), (~hole).astype(np.float32))[rows, columns]
    total = np.zeros((len(rows), 3), np.float32)
    weight = np.full(len(rows), 1e-12, np.float32)
    best = np.full(len(rows), 1.0, np.float32)
    for step in range(DIRECTIONS):
        angle = np.pi * step / DIRECTIONS
        direction = (float(np.sin(angle)), float(np.cos(angle)))
        ends = _ends(hole, rows, columns, direction)
        both = np.flatnonzero(np.isfinite(ends[0].distance) & np.isfinite(ends[1].distance))
        value, difference, length = _across(log_plate, hole, ends[0].at(both), ends[1].at(both), direction)
        share = np.exp(-difference / ALIKE) / length**2  # short ways across weigh more: squared, as area does
        total[both] += share[:, None] * value
        weight[both] += share
        best[both] = np.minimum(best[both], difference)
    crossed = weight > 1e-9
    filled = np.where(crossed[:, None], total / weight[:, None], smooth)
    return filled.astype(np.float32), np.where(crossed, np.exp(-best / ALIKE), 0.05).astype(np.float32)


class _Ends:
    """Where rays from the hole's pixels first leave it; distance is infinite where they leave the frame."""

    def __init__(self, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], distance: Pixels) -> None:
        self.rows, self.columns, self.distance = rows, columns, distance

    def at(self, chosen: npt.NDArray[np.intp]) -> "_Ends":
        return _Ends(self.rows[chosen], self.columns[chosen], self.distance[chosen])

    def beside(self, offset: tuple[float, float], size: tuple[int, ...]) -> "_Ends":
        rows = np.clip(np.rint(self.rows + offset[0]).astype(np.intp), 0, size[0] - 1)
        columns = np.clip(np.rint(self.columns + offset[1]).astype(np.intp), 0, size[1] - 1)
        return _Ends(rows, columns, self.distance)


def _ends(
    hole: Matte, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], direction: tuple[float, float]
) -> tuple[_Ends, _Ends]:
    return _ends_one_way(hole, rows, columns, direction), _ends_one_way(
        hole, rows, columns, (-direction[0], -direction[1])
    )


def _ends_one_way(
    hole: Matte, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], direction: tuple[float, float]
) -> _Ends:
    ends = _Ends(np.zeros_like(rows), np.zeros_like(columns), np.full(len(rows), np.inf, np.float32))
    walking = np.arange(len(rows))
    for distance in range(1, REACH):
        row = np.rint(rows[walking] + direction[0] * distance).astype(np.intp)
        column = np.rint(columns[walking] + direction[1] * distance).astype(np.intp)
        inside = (row >= 0) & (row < hole.shape[0]) & (column >= 0) & (column < hole.shape[1])
        walking, row, column = walking[inside], row[inside], column[inside]
        out = ~hole[row, column]
        left = walking[out]
        ends.rows[left], ends.columns[left], ends.distance[left] = row[out], column[out], distance
        walking = walking[~out]
        if not len(walking):
            break
    return ends


def _across(
    log_plate: Pixels, hole: Matte, first: _Ends, second: _Ends, direction: tuple[float, float]
) -> tuple[Pixels, Pixels, Pixels]:
    """The interpolated values, how much the two ends and their neighbours differ, and the way's length."""
    one, other = log_plate[first.rows, first.columns], log_plate[second.rows, second.columns]
    difference = _mean_difference(one, other)
    total = difference.copy()
    for side in (1.5, -1.5):  # pixels along the hole: a patch of three tells edges from chance
        offset = (direction[1] * side, -direction[0] * side)
        near, far = first.beside(offset, hole.shape), second.beside(offset, hole.shape)
        covered = hole[near.rows, near.columns] | hole[far.rows, far.columns]
        beside = _mean_difference(log_plate[near.rows, near.columns], log_plate[far.rows, far.columns])
        total += np.where(covered, difference, beside)
    length = first.distance + second.distance
    value = (one * second.distance[:, None] + other * first.distance[:, None]) / length[:, None]
    return value.astype(np.float32), total / np.float32(3), length


def _mean_difference(one: Pixels, other: Pixels) -> Pixels:
    return np.asarray(np.abs(one - other).mean(axis=-1), np.float32)
