"""The base's guess among a hole's candidates: what the spatial network says of pixels that no other frame has shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from interneg.errors import RestraintError
from interneg.model.spatial_fill import CORRECTION, SpatialFill, filled_spatially
from interneg.operators.candidates import Candidates
from interneg.operators.spatial import ends_apart
from interneg.operators.tiles import Places, numbered

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Window = tuple[slice, slice]

BEYOND = 0.05  # log units by which the guess may leave its interpolations: with the merging network's own 0.05 it stays
# within what the restraint allows a made-up pixel
ROUNDING = 1e-3  # log units
AWAY = 0.5  # of what the ends across a hole differ by: so far may the guess leave the bridge between them. Where they
# agree a straight bridge is right more often than a network on footage that it never saw
BLOCK = 256  # pixels of a hole, either way, that are guessed together
AROUND = 128  # pixels around what is guessed that are looked at: ways across a hole reach no further


def with_guess(
    network: nn.Module | None,
    log_plate: Pixels,
    known: Matte,
    candidates: Candidates,
    device: torch.device,
    places: Places | None = None,
) -> Candidates:
    """The candidates, their spatial ones where no frame has seen anything as that network says; as they are without it.

    Convention: log_plate (H, W, 3), known (H, W) the pixels that may be looked at; `places` is where the hole's pixels
        are, if that is known. What was seen beyond doubt is looked at too. The range that the fill is held to
        is that of interpolations, the network's own answer does not widen it.

    Raises:
        RestraintError: the network answered with values that its own bound excludes.
    """
    if network is None or candidates.seen.all():
        return candidates
    spatial, low, high = candidates.spatial.copy(), candidates.low.copy(), candidates.high.copy()
    places = np.nonzero(candidates.hole) if places is None else places
    number = numbered(candidates.hole, places)
    for block in _blocks((places[0][~candidates.seen], places[1][~candidates.seen]), candidates.hole.shape):
        near = _surroundings(block, candidates.hole.shape)
        visible = np.where(known[near][..., None], log_plate[near], np.nan).astype(np.float32)
        place = (number[near] - 1).astype(np.intp)
        shown = (place >= 0) & candidates.seen[place]
        visible[shown] = candidates.mean[place[shown]]
        here = (place >= 0) & ~shown & _inside(block, near)
        fill = _checked(filled_spatially(network, visible, here, device))
        chosen = place[here]
        spatial[chosen] = _near_bridge(candidates, chosen, np.clip(fill.log, fill.low - BEYOND, fill.high + BEYOND))
        low[chosen], high[chosen] = np.minimum(low[chosen], fill.low), np.maximum(high[chosen], fill.high)
    return replace(candidates, spatial=spatial, low=low, high=high)


def _checked(fill: SpatialFill) -> SpatialFill:
    """The answer, where it keeps its bound."""
    departed = np.maximum(fill.low - fill.log, fill.log - fill.high)
    if not (departed <= CORRECTION + ROUNDING).all():  # not finite is no better
        raise RestraintError(
            "The base model's guess left the range of what the frame shows: the frame is refused. Use another model "
            "(`--model classical` needs none)."
        )
    return fill


def _near_bridge(candidates: Candidates, chosen: Indices, guess: Pixels) -> Pixels:
    """The guess for some of the hole's pixels, brought back to the bridge as far as that is sure of itself."""
    bridge = candidates.spatial[chosen]
    free = AWAY * ends_apart(candidates.spatial_confidence[chosen])
    away = guess - bridge
    share = np.minimum(1, free / np.maximum(np.abs(away).mean(axis=1), 1e-6))
    return np.asarray(bridge + share[:, None] * away, np.float32)


def _blocks(unseen: Places, size: tuple[int, ...]) -> list[Window]:
    """The parts of a frame of that size, on a grid fixed to it, that have unseen pixels, each cut down to them.

    A hole that fits into one is no less whole: it is only cut where it reaches further.
    """
    rows, columns = unseen
    across = -(-size[1] // BLOCK)
    which = rows // BLOCK * across + columns // BLOCK
    if _span(rows) <= BLOCK and _span(columns) <= BLOCK:
        which[:] = 0
    blocks = []
    for one in np.unique(which):
        its_rows, its_columns = rows[which == one], columns[which == one]
        blocks.append(tuple(slice(int(part.min()), int(part.max()) + 1) for part in (its_rows, its_columns)))
    return [(down, right) for down, right in blocks]


def _span(places: Indices) -> int:
    return int(places.max() - places.min()) + 1


def _inside(block: Window, near: Window) -> Matte:
    """Which pixels of the surroundings lie in the block itself."""
    inside = np.zeros([part.stop - part.start for part in near], bool)
    down, right = (
        slice(own.start - around.start, own.stop - around.start) for own, around in zip(block, near, strict=True)
    )
    inside[down, right] = True
    return inside


def _surroundings(block: Window, size: tuple[int, ...]) -> Window:
    """The part of the frame that a guess depends on: a small hole in a 4K plate costs no more than in an HD one."""
    down, right = (
        slice(max(0, part.start - AROUND), min(length, part.stop + AROUND))
        for part, length in zip(block, size, strict=True)
    )
    return down, right
