"""The base's guess among a hole's candidates: what the spatial network says of pixels that no other frame has shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from interneg.errors import RestraintError
from interneg.model.spatial_fill import CORRECTION, filled_spatially
from interneg.operators.candidates import Candidates
from interneg.operators.spatial import ends_apart

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

BEYOND = 0.05  # log units by which the guess may leave its interpolations: with the merging network's own 0.05 it stays
# within what the restraint allows a made-up pixel
ROUNDING = 1e-3  # log units
AWAY = 0.5  # of what the ends across a hole differ by: so far may the guess leave the bridge between them. Where they
# agree a straight bridge is right more often than a network on footage that it never saw
AROUND = 128  # pixels around what is guessed that are looked at: ways across a hole reach no further


def with_guess(
    network: nn.Module | None, log_plate: Pixels, known: Matte, candidates: Candidates, device: torch.device
) -> Candidates:
    """The candidates, their spatial ones where no frame has seen anything as that network says; as they are without it.

    Convention: log_plate (H, W, 3), known (H, W) the pixels that may be looked at. The range that the fill is held to
        is that of interpolations, the network's own answer does not widen it.

    Raises:
        RestraintError: the network answered with values that its own bound excludes.
    """
    if network is None or candidates.seen.all():
        return candidates
    unseen = candidates.hole.copy()
    unseen[candidates.hole] = ~candidates.seen
    near = _surroundings(unseen)
    visible = np.where(known[near][..., None], log_plate[near], np.nan).astype(np.float32)
    fill = filled_spatially(network, visible, unseen[near], device)
    departed = np.maximum(fill.low - fill.log, fill.log - fill.high)
    if not (departed <= CORRECTION + ROUNDING).all():  # not finite is no better
        raise RestraintError(
            "The base model's guess left the range of what the frame shows: the frame is refused. Use another model "
            "(`--model classical` needs none)."
        )
    chosen = ~candidates.seen
    spatial, low, high = candidates.spatial.copy(), candidates.low.copy(), candidates.high.copy()
    spatial[chosen] = _near_bridge(candidates, chosen, np.clip(fill.log, fill.low - BEYOND, fill.high + BEYOND))
    low[chosen], high[chosen] = np.minimum(low[chosen], fill.low), np.maximum(high[chosen], fill.high)
    return replace(candidates, spatial=spatial, low=low, high=high)


def _near_bridge(candidates: Candidates, chosen: Matte, guess: Pixels) -> Pixels:
    """The guess for some of the hole's pixels, brought back to the bridge as far as that is sure of itself."""
    bridge = candidates.spatial[chosen]
    free = AWAY * ends_apart(candidates.spatial_confidence[chosen])
    away = guess - bridge
    share = np.minimum(1, free / np.maximum(np.abs(away).mean(axis=1), 1e-6))
    return np.asarray(bridge + share[:, None] * away, np.float32)


def _surroundings(unseen: Matte) -> tuple[slice, slice]:
    """The part of the frame that a guess depends on: a small hole in a 4K plate costs no more than in an HD one."""
    spans = []
    for axis, length in enumerate(unseen.shape):
        there = np.flatnonzero(unseen.any(axis=1 - axis))
        spans.append(slice(max(0, int(there[0]) - AROUND), min(length, int(there[-1]) + 1 + AROUND)))
    return spans[0], spans[1]
