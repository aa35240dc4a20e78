"""Inside performers nothing is made up: what they showed a few frames away, a short bridge, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interneg.operators.candidates import Candidates
from interneg.operators.motion import View
from interneg.operators.spatial import ALIKE, DIRECTIONS, Ends, ends_of, ringed

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

WIDEST = 12  # pixels of a hole that may be bridged inside a performer: a thin wire, never a feature of a face
FITS = 0.05  # log units: a performer moves and turns, so his pixels must fit twice as well as a set's


@dataclass(frozen=True, eq=False)
class Performed:
    """What stands in a hole inside the performers, in the order of `np.nonzero(hole)`.

    Convention: `inside`, `seen`, `bridged`, `kept` (N,) bool; the last three divide the first among them; `log` (N, 3)
        is what stands there, the plate's own where it is kept.
    """

    inside: Matte
    seen: Matte
    bridged: Matte
    kept: Matte
    log: Pixels


def performed(target: View, candidates: Candidates) -> Performed:
    """The hole inside the performers without any network: seen, else bridged, else as it was."""
    rows, columns = target.places
    if target.performers is None:
        nowhere = np.zeros(len(rows), bool)
        return Performed(nowhere, nowhere, nowhere, nowhere, candidates.mean)
    inside = target.performers[rows, columns]
    seen = inside & (candidates.error < FITS)
    log, bridged = target.log[rows, columns], np.zeros(len(rows), bool)
    log[seen] = np.where(candidates.seen[:, None], candidates.mean, candidates.best[0])[seen]  # never the spatial guess
    left = np.flatnonzero(inside & ~seen)
    bridge, is_bridged = _bridged(target, rows[left], columns[left])
    bridged[left] = is_bridged
    log[left[is_bridged]] = bridge[is_bridged]
    return Performed(inside, seen, bridged, inside & ~seen & ~bridged, log)


def widths_across(hidden: Matte, rows: Indices, columns: Indices) -> Pixels:
    """How many hidden pixels the shortest straight way across has at each of those, (N,); infinite beyond WIDEST."""
    least = np.full(len(rows), np.inf, np.float32)
    for first, second in _ways(hidden, rows, columns):
        least = np.minimum(least, first.distance + second.distance - 1)
    return np.where(least <= WIDEST, least, np.inf).astype(np.float32)


def _bridged(target: View, rows: Indices, columns: Indices) -> tuple[Pixels, Matte]:
    """Straight interpolations (N, 3) across at most WIDEST pixels, and where there is one, (N,).

    Ways whose two ends lie on the performer go before those that lead to what stands behind him.
    """
    performers = target.performers if target.performers is not None else np.zeros(target.hole.shape, bool)
    total, weights = np.zeros((2, len(rows), 3), np.float32), np.zeros((2, len(rows)), np.float32)
    for first, second in _ways(~target.known, rows, columns):
        length = first.distance + second.distance
        short = length - 1 <= WIDEST
        length = np.where(short, length, 1)
        one, other = target.log[first.rows, first.columns], target.log[second.rows, second.columns]
        nearer = np.where(short, second.distance / length, 0)[:, None]
        value = one * nearer + other * (1 - nearer)
        share = np.where(short, np.exp(-np.abs(one - other).mean(axis=1) / ALIKE) / length**2, 0)  # as spatial.py
        own = performers[first.rows, first.columns] & performers[second.rows, second.columns]
        for kind, chosen in enumerate((own, ~own)):
            total[kind] += value * (share * chosen)[:, None]
            weights[kind] += share * chosen
    has_own = weights[0] > 0
    weight = np.where(has_own, weights[0], weights[1])
    value = np.where(has_own[:, None], total[0], total[1]) / np.maximum(weight, 1e-20)[:, None]
    return value.astype(np.float32), weight > 0


def _ways(hidden: Matte, rows: Indices, columns: Indices) -> Iterator[tuple[Ends, Ends]]:
    ring = ringed(hidden)
    for angle in np.pi * np.arange(DIRECTIONS) / DIRECTIONS:
        down, across = float(np.sin(angle)), float(np.cos(angle))
        one, other = (ends_of(ring, rows, columns, way, WIDEST + 1) for way in ((down, across), (-down, -across)))
        yield one, other
