"""Meshes that hang on a body: refined, cut along lines, let out, and smooth.

Convention: points (V, 3) in metres; quads (F, 4) and faces (F, 3) index them, counter-clockwise seen from outside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Ids = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Weave:
    """Quads twice as fine as those of a body: which of its points each new one is the mean of.

    Convention: the rows of `sources` (N, 4) index the body's points, with repeats where fewer than four count.
    """

    sources: Ids
    quads: Ids
    edges: Ids

    def of(self, values: Floats) -> Floats:
        """The body's values (V, ...) at the weave's points."""
        return np.asarray(values[self.sources].mean(axis=1))

    def faces(self) -> Ids:
        """Every quad as two triangles."""
        return triangles(self.quads)


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece cut out of a weave: which two of its points each new one lies between, and how far along."""

    low: Ids
    high: Ids
    share: Floats
    faces: Ids

    def of(self, values: Floats) -> Floats:
        """The weave's values (N, ...) at the piece's points."""
        share = self.share.reshape(-1, *([1] * (values.ndim - 1)))
        return values[self.low] * (1 - share) + values[self.high] * share


def triangles(quads: Ids) -> Ids:
    """Every quad as two triangles."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def refined(quads: Ids) -> Weave:
    """The quads split in four each."""
    points, quads = np.unique(quads, return_inverse=True)
    quads = quads.reshape(-1, 4)
    sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2)
    halves, which = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True)
    middle = len(points) + which.reshape(-1, 4)
    centre = len(points) + len(halves) + np.arange(len(quads))
    corners = [np.stack([quads[:, i], middle[:, i], centre, middle[:, i - 1]], axis=1) for i in range(4)]
    sources = np.concatenate([np.repeat(points[:, None], 4, axis=1), points[np.tile(halves, 2)], points[quads]])
    fine = np.concatenate(corners)
    return Weave(sources, fine, edges_of(fine))


def whole(quads: Ids) -> Weave:
    """The quads as they are."""
    points, quads = np.unique(quads, return_inverse=True)
    quads = quads.reshape(-1, 4)
    return Weave(np.repeat(points[:, None], 4, axis=1), quads, edges_of(quads))


def edges_of(faces: Ids) -> Ids:
    """Every edge (E, 2) once."""
    sides = np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1).reshape(-1, 2)
    return np.unique(np.sort(sides, axis=1), axis=0)


def smoothed(points: Floats, edges: Ids, rounds: int, weight: Floats | float = 0.5) -> Floats:
    """Points drawn towards their neighbours' mean; the ends of open edges follow along the edge."""
    count = np.bincount(edges.ravel(), minlength=len(points))[:, None].clip(1)
    low, high = edges.T
    for _ in range(rounds):
        total = np.stack(
            [
                np.bincount(low, points[high, axis], len(points)) + np.bincount(high, points[low, axis], len(points))
                for axis in range(points.shape[1])
            ],
            axis=1,
        )
        points = points + (total / count - points) * weight
    return points


def normals_of(points: Floats, faces: Ids) -> Floats:
    """Smooth unit normals (V, 3): each face counts by its area."""
    a, b, c = (points[faces[:, i]] for i in range(3))
    across = np.cross(b - a, c - a)
    total = np.stack(
        [np.bincount(faces.ravel(), np.repeat(across[:, axis], 3), len(points)) for axis in range(3)], axis=1
    )
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12))


def cut(faces: Ids, level: Floats) -> Piece:
    """The part of a mesh where the level (V,) is above 0, cut cleanly along where it is 0."""
    level = np.where(np.abs(level) < 1e-5, -1e-5, level)  # a line through a point would make faces without area
    inside = level[faces] > 0
    count = inside.sum(axis=1)
    kept = faces[count == 3]
    odd = _odd_first(faces, inside, count == 1, True)
    pair = _odd_first(faces, inside, count == 2, False)
    crossings = np.concatenate([odd[:, [0, 1]], odd[:, [0, 2]], pair[:, [1, 0]], pair[:, [2, 0]]])
    points = np.unique(np.concatenate([kept.ravel(), odd[:, 0], pair[:, 1:].ravel()]))
    _, first, which = np.unique(_paired(crossings, len(level)), return_index=True, return_inverse=True)
    between, which = crossings[first], which + len(points)
    n, m = len(odd), len(pair)
    place = np.zeros(len(level), np.intp)
    place[points] = np.arange(len(points))
    made = [
        place[kept],
        np.stack([place[odd[:, 0]], which[:n], which[n : 2 * n]], axis=1),
        np.stack([place[pair[:, 1]], place[pair[:, 2]], which[2 * n : 2 * n + m]], axis=1),
        np.stack([place[pair[:, 2]], which[2 * n + m :], which[2 * n : 2 * n + m]], axis=1),
    ]
    low, high = level[between[:, 0]], level[between[:, 1]]
    share = np.concatenate([np.zeros(len(points)), low / np.where(low == high, 1, low - high)])
    return Piece(
        np.concatenate([points, between[:, 0]]), np.concatenate([points, between[:, 1]]), share, np.concatenate(made)
    )


def _odd_first(faces: Ids, inside: npt.NDArray[np.bool_], chosen: npt.NDArray[np.bool_], wanted: bool) -> Ids:
    """The chosen faces turned so that the one corner that is inside (or the one that is not) comes first."""
    start = np.argmax(inside[chosen] == wanted, axis=1)
    order = (start[:, None] + np.arange(3)) % 3
    return np.asarray(np.take_along_axis(faces[chosen], order, axis=1))


def rim(faces: Ids) -> Ids:
    """The open edges (E, 2), each running as its face does."""
    sides = np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1).reshape(-1, 2)
    names = _paired(np.sort(sides, axis=1), int(faces.max(initial=0)) + 1)
    _, which, count = np.unique(names, return_inverse=True, return_counts=True)
    return np.asarray(sides[count[which] == 1])


def parted(faces: Ids, corner_uv: Floats) -> tuple[Ids, Ids, Floats]:
    """Points that have several uv split: the source of each new point (N,), the faces, and the uv (N, 2).

    Convention: corner_uv is (F, 3, 2).
    """
    u, v = np.rint(corner_uv.reshape(-1, 2) * 1e4).astype(np.int64).T & 0xFFFFF  # 20 bits each: up to 52 repeats
    _, first, which = np.unique(faces.reshape(-1) << 40 | u << 20 | v, return_index=True, return_inverse=True)
    source = faces.reshape(-1)[first].astype(np.intp)
    return source, which.reshape(-1, 3), corner_uv.reshape(-1, 2)[first].astype(np.float32)


def _paired(pairs: Ids, count: int) -> Ids:
    """One number for each pair (N, 2) of numbers below the count."""
    return np.asarray(pairs[:, 0] * count + pairs[:, 1])
