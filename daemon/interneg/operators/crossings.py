"""The ways across a hole, one a direction: each end's value, and the straight line between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

REACH = 64  # pixels to one side: beyond it an end says nothing of the pixel
ALIKE = 0.06  # log units; ends closer than this count as the same edge
NEAR = 4.0  # pixels between the ends at which nearness has fallen to a half
ONE_SIDED = 0.05  # of nearness and likeness, where a direction has one end only


@dataclass(frozen=True, eq=False)
class Crossings:
    """What each direction says of a hole's pixels, in the order of `np.nonzero(hole)`.

    Convention: value (D, N, 3) interpolated between the two ends, or the only end's; alike, near (D, N) in [0, 1], 0
        where nothing is reached; reached (D, N).
    """

    value: Pixels
    alike: Pixels
    near: Pixels
    reached: Matte

    @staticmethod
    def none(directions: int, count: int) -> Crossings:
        """Those of a hole that nothing leads out of."""
        flat = np.zeros((directions, count), np.float32)
        return Crossings(np.zeros((directions, count, 3), np.float32), flat, flat.copy(), np.zeros(flat.shape, bool))


def crossings_of(log_plate: Pixels, hole: Matte, directions: int) -> Crossings:
    """The straight ways across the hole, at equal angles from the horizontal on.

    Convention: log_plate (H, W, 3); what lies in the hole is never looked at.
    """
    rows, columns = np.nonzero(hole)
    padded = np.pad(hole.astype(np.uint8), 1, constant_values=2)  # 2: the ray has left the frame
    flat = log_plate.reshape(-1, 3)
    result = Crossings.none(directions, len(rows))
    for step in range(directions):
        angle = np.pi * step / directions
        down, across = float(np.sin(angle)), float(np.cos(angle))
        one = _ends(padded, rows, columns, (down, across))
        other = _ends(padded, rows, columns, (-down, -across))
        _say(result, step, flat, (one, other))
    return result


@dataclass(frozen=True, eq=False)
class _End:
    """Where a ray first leaves the hole: the flat index of that pixel, and how far away; infinite where it does not."""

    index: Indices
    distance: Pixels


def _ends(padded: npt.NDArray[np.uint8], rows: Indices, columns: Indices, direction: tuple[float, float]) -> _End:
    wide = padded.shape[1]
    cells = padded.reshape(-1)
    end = _End(np.zeros(len(rows), np.intp), np.full(len(rows), np.inf, np.float32))
    walking = np.arange(len(rows))
    start = (rows + 1) * wide + columns + 1
    for distance in range(1, REACH):
        offset = round(direction[0] * distance) * wide + round(direction[1] * distance)
        here = start[walking] + offset
        met = cells[here]
        left = met == 0
        found, place = walking[left], here[left]
        end.index[found] = (place // wide - 1) * (wide - 2) + place % wide - 1
        end.distance[found] = distance
        walking = walking[met == 1]
        if not len(walking):
            break
    return end


def _say(result: Crossings, step: int, flat: Pixels, ends: tuple[_End, _End]) -> None:
    one, other = ends
    first, second = flat[one.index], flat[other.index]
    closeness = 1 / one.distance, 1 / other.distance  # 0 where an end is not reached
    total = closeness[0] + closeness[1]
    share = (closeness[0] / np.maximum(total, 1e-9))[:, None]
    result.reached[step] = total > 0
    result.value[step] = first * share + second * (1 - share)
    both = np.isfinite(one.distance) & np.isfinite(other.distance)
    difference = np.abs(first - second).mean(axis=-1)
    alone = np.where(result.reached[step], ONE_SIDED, 0)
    result.alike[step] = np.where(both, np.exp(-difference / ALIKE), alone)
    length = np.where(both, one.distance + other.distance, 0)
    result.near[step] = np.where(both, NEAR / (NEAR + length), alone)
