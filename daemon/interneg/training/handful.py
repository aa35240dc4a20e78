"""A handful of pixels: what the merging of sources learns from, on the stage and on a show alike, and its loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from interneg.model.merge import batch_from_packed, packed
from interneg.operators.candidates import Candidates

Pixels = npt.NDArray[np.float32]

PIXELS = 256  # in a handful
OF_A_HOLE = 8  # handfuls: more pixels of one hole look alike
NEAR_ENOUGH = 2e-5  # of squared error: what is nearer than grain is near enough


def handfuls_of(candidates: Candidates, truth: Pixels, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Handfuls of the hole's pixels that other frames have seen, at random: planes (C, P, n) and truth (C, 4, n).

    Convention: truth (H, W, 3) is the log plate without the hole; what is given of it is how far it is from the
        classical answer, and as a fourth plane what a pixel's squared error counts, as a logarithm: that of the
        classical answer in this hole counts 1. There is no handful where hardly anything was seen.
    """
    seen = np.flatnonzero(candidates.seen)
    count = min(OF_A_HOLE, len(seen) // PIXELS)
    chosen = rng.choice(seen, count * PIXELS, replace=False)
    departure = truth[candidates.hole][chosen] - candidates.mean[chosen]
    error = float((departure**2).mean()) if count else 0.0
    counts = np.full((len(chosen), 1), -np.log(error + NEAR_ENOUGH), np.float32)
    told = np.ascontiguousarray(np.concatenate([departure, counts], axis=1).T)
    return _parted(packed(candidates, chosen), count), _parted(told, count)


def _parted(planes: Pixels, count: int) -> Pixels:
    """Planes of pixels (P, N) in handfuls (C, P, n)."""
    return np.ascontiguousarray(planes.reshape(len(planes), count, PIXELS).swapaxes(0, 1))


def joined(handfuls: Sequence[tuple[Pixels, Pixels]]) -> tuple[Tensor, Tensor]:
    """Handfuls, each (P, n) with its truth (4, n), as one batch of pixels."""
    planes, truths = zip(*handfuls, strict=True)
    return torch.from_numpy(np.concatenate(planes, axis=1)), torch.from_numpy(np.concatenate(truths, axis=1))


def merge_loss(network: nn.Module, planes: Tensor, truth: Tensor) -> Tensor:
    """How far the merged sources are from the truth, as a share of how far the classical answer is: dB count so.

    Absolute errors alone would be spent on the few holes that nothing can fill, and lose those that are nearly right.
    """
    device = next(network.parameters()).device
    departure, _ = network(batch_from_packed(planes).to(device))
    wanted = truth.to(device)
    squared: Tensor = (departure - wanted[:3].T).square().mean(dim=1)
    return (squared * wanted[3].exp()).mean()
