"""What a hole may look like judging by its own frame: interpolation across it, along the picture's own edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interneg.operators.pyramid import surface_through

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Ring = npt.NDArray[np.uint8]

DIRECTIONS = 16  # an eighth of a right angle apart: finer ones find the same ends on holes a few pixels wide
KEPT = 4  # directions that have a say in a pixel: the others' shares are next to nothing
REACH = 48  # pixels; across wider holes the ends have nothing to do with each other
ALIKE = 0.06  # log units; ends closer than this count as the same edge
UNSURE = 0.05  # confidence where no direction crosses the hole
NONE = 1e-3  # confidence that is as good as none


@dataclass(frozen=True, eq=False)
class Bridge:
    """How each pixel of a hole hangs between pixels outside it, along the directions whose two ends agree best.

    Convention: `rows`, `columns` (N,) of the hole in the order of `np.nonzero`; `end_rows`, `end_columns` (2 * KEPT, N)
        lie outside it; `weight` (2 * KEPT, N) sums to 1 where `crossed`, else to 0; `confidence` (N,) in (0, 1].
    """

    rows: Indices
    columns: Indices
    end_rows: Indices
    end_columns: Indices
    weight: Pixels
    crossed: Matte
    confidence: Pixels

    def at(self, chosen: Matte) -> Bridge:
        """The bridge of some of the hole's pixels."""
        return Bridge(
            self.rows[chosen],
            self.columns[chosen],
            self.end_rows[:, chosen],
            self.end_columns[:, chosen],
            self.weight[:, chosen],
            self.crossed[chosen],
            self.confidence[chosen],
        )

    def carried(self, field: Pixels, scale: int = 1) -> Pixels:
        """A field (h, w, C) at a whole fraction of the plate's size, carried from the ends into the hole, (N, C).

        Where nothing crosses the hole, the field's own values there are taken.
        """
        return self.joined(*self.carried_from_sides(field, scale))

    def joined(self, first: Pixels, second: Pixels) -> Pixels:
        """What is carried from either side (N, C), as one: the nearer end has more to say."""
        share = self.weight[:KEPT].sum(axis=0)[:, None]
        return np.where(self.crossed[:, None], first * share + second * (1 - share), first).astype(np.float32)

    def cells(self, size: tuple[int, int], scale: int = 1) -> Indices:
        """The only places (flat, in order) of a field of that size (h, w) that are looked at."""
        rows, columns = (
            np.minimum(np.concatenate([own, ends.ravel()]) // scale, last - 1)
            for own, ends, last in zip((self.rows, self.columns), (self.end_rows, self.end_columns), size, strict=True)
        )
        return np.unique(rows * size[1] + columns)

    def inside(self, field: Pixels, scale: int = 1) -> Pixels:
        """The field's own values at the hole's pixels, (N, C)."""
        last = np.array(field.shape[:2], np.intp) - 1
        at = np.minimum(self.rows // scale, last[0]), np.minimum(self.columns // scale, last[1])
        return np.asarray(field[at], np.float32)

    def carried_from_sides(self, field: Pixels, scale: int = 1) -> tuple[Pixels, Pixels]:
        """The same from the ends on either side of each pixel alone, (N, C) each: they may lie on different things."""
        last = np.array(field.shape[:2], np.intp) - 1
        ends = field[np.minimum(self.end_rows // scale, last[0]), np.minimum(self.end_columns // scale, last[1])]
        inside = self.inside(field, scale)
        first, second = (
            np.einsum("kn,knc->nc", weight / np.maximum(weight.sum(axis=0), 1e-20), ends[part])
            for part, weight in ((np.s_[:KEPT], self.weight[:KEPT]), (np.s_[KEPT:], self.weight[KEPT:]))
        )
        crossed = self.crossed[:, None]
        return np.where(crossed, first, inside).astype(np.float32), np.where(crossed, second, inside).astype(np.float32)


def bridged(log_plate: Pixels, hole: Matte) -> Bridge:
    """How the hole hangs between its rims.

    Convention: log_plate (H, W, 3), hole (H, W); what lies in the hole is never looked at.

    References: the slope-dependent repair of wire removal tools; weights by end difference and length are our own.
    """
    rows, columns = np.nonzero(hole)
    count = len(rows)
    end_rows, end_columns = np.zeros((2, DIRECTIONS, count), np.intp), np.zeros((2, DIRECTIONS, count), np.intp)
    weight = np.zeros((2, DIRECTIONS, count), np.float32)
    best, ring = np.full(count, 1.0, np.float32), ringed(hole)
    for step in range(DIRECTIONS):
        angle = np.pi * step / DIRECTIONS
        direction = (float(np.sin(angle)), float(np.cos(angle)))
        first = ends_of(ring, rows, columns, direction)
        second = ends_of(ring, rows, columns, (-direction[0], -direction[1]))
        both = np.flatnonzero(np.isfinite(first.distance) & np.isfinite(second.distance))
        difference = _difference(log_plate, hole, (first.at(both), second.at(both)), direction)
        length = first.distance[both] + second.distance[both]
        share = np.exp(-difference / ALIKE) / length**2  # short ways across weigh more: squared, as area does
        for side, (end, other) in enumerate(((first, second), (second, first))):
            end_rows[side, step], end_columns[side, step] = end.rows, end.columns
            weight[side, step, both] = share * other.distance[both] / length  # the nearer end has more to say
        best[both] = np.minimum(best[both], difference)
    return _kept(Bridge(rows, columns, end_rows, end_columns, weight, weight.sum(axis=(0, 1)) > 1e-9, best))


def ends_apart(confidence: Pixels) -> Pixels:
    """By how many log units the ends of a bridge of that confidence (N,) differ."""
    return np.asarray(-ALIKE * np.log(np.maximum(confidence, NONE)), np.float32)


def unbridged(hole: Matte) -> Bridge:
    """A hole that hangs on nothing: a border, which only the camera's own motion and one rim lead into."""
    rows, columns = np.nonzero(hole)
    nowhere = np.zeros((2 * KEPT, len(rows)), np.intp)
    weight, unsure = np.zeros(nowhere.shape, np.float32), np.full(len(rows), UNSURE, np.float32)
    return Bridge(rows, columns, nowhere, nowhere, weight, np.zeros(len(rows), bool), unsure)


def _kept(full: Bridge) -> Bridge:
    """The bridge with its strongest directions alone, its weights brought to 1."""
    order = np.argsort(-full.weight.sum(axis=0), axis=0, kind="stable")[:KEPT]  # (KEPT, N)
    end_rows = np.take_along_axis(full.end_rows, order[None], axis=1).reshape(2 * KEPT, -1)
    end_columns = np.take_along_axis(full.end_columns, order[None], axis=1).reshape(2 * KEPT, -1)
    weight = np.take_along_axis(full.weight, order[None], axis=1).reshape(2 * KEPT, -1)
    weight = np.where(full.crossed, weight / np.maximum(weight.sum(axis=0), 1e-20), 0).astype(np.float32)
    confidence = np.where(full.crossed, np.exp(-full.confidence / ALIKE), UNSURE).astype(np.float32)
    return Bridge(full.rows, full.columns, end_rows, end_columns, weight, full.crossed, confidence)


def filled_across(log_plate: Pixels, hole: Matte, bridge: Bridge) -> Pixels:
    """The hole's pixels (N, 3) interpolated across it; where nothing crosses it, the smooth surface through its rim."""
    if bridge.crossed.all():
        return bridge.carried(log_plate)
    smooth = surface_through(np.where(hole[..., None], 0, log_plate), (~hole).astype(np.float32))
    return np.where(bridge.crossed[:, None], bridge.carried(log_plate), smooth[bridge.rows, bridge.columns])


@dataclass(frozen=True, eq=False)
class Ends:
    """Where rays from the hole's pixels first leave it; distance is infinite where they leave the frame or end."""

    rows: Indices
    columns: Indices
    distance: Pixels

    def at(self, chosen: Indices) -> Ends:
        """The ends of some of the pixels."""
        return Ends(self.rows[chosen], self.columns[chosen], self.distance[chosen])

    def beside(self, offset: tuple[float, float], size: tuple[int, ...]) -> Ends:
        """The pixels so far from the ends (rows, columns), within a frame of that size."""
        rows = np.clip(np.rint(self.rows + offset[0]).astype(np.intp), 0, size[0] - 1)
        columns = np.clip(np.rint(self.columns + offset[1]).astype(np.intp), 0, size[1] - 1)
        return Ends(rows, columns, self.distance)


def ringed(hole: Matte) -> Ring:
    """The hole as rays walk it (H + 2, W + 2): 1 in it, 0 beside it, 2 around the frame."""
    return np.pad(hole.astype(np.uint8), 1, constant_values=2)


def ends_of(ring: Ring, rows: Indices, columns: Indices, direction: tuple[float, float], reach: int = REACH) -> Ends:
    """Where the rays from those pixels, one way, leave the hole after fewer than `reach` steps."""
    ends = Ends(np.zeros_like(rows), np.zeros_like(columns), np.full(len(rows), np.inf, np.float32))
    wide, cells = ring.shape[1], ring.reshape(-1)
    walking, here = np.arange(len(rows)), (rows + 1) * wide + columns + 1
    before = 0
    for distance in range(1, reach):
        step = round(direction[0] * distance) * wide + round(direction[1] * distance)
        here, before = here + (step - before), step
        met = cells[here]
        left = met == 0
        out, place = walking[left], here[left]
        ends.rows[out], ends.columns[out], ends.distance[out] = place // wide - 1, place % wide - 1, distance
        inside = met == 1
        walking, here = walking[inside], here[inside]
        if not len(walking):
            break
    return ends


def _difference(log_plate: Pixels, hole: Matte, ends: tuple[Ends, Ends], direction: tuple[float, float]) -> Pixels:
    """How much the two ends differ, with their neighbours along the hole: a patch of three tells edges from chance."""
    first, second = ends
    difference = _mean_difference(log_plate[first.rows, first.columns], log_plate[second.rows, second.columns])
    total = difference.copy()
    for side in (1.5, -1.5):  # pixels: the next ones, in any direction
        offset = (direction[1] * side, -direction[0] * side)
        near, far = first.beside(offset, hole.shape), second.beside(offset, hole.shape)
        covered = hole[near.rows, near.columns] | hole[far.rows, far.columns]
        beside = _mean_difference(log_plate[near.rows, near.columns], log_plate[far.rows, far.columns])
        total += np.where(covered, difference, beside)
    return total / np.float32(3)


def _mean_difference(one: Pixels, other: Pixels) -> Pixels:
    return np.asarray(np.abs(one - other).mean(axis=-1), np.float32)
