"""Tiles of single frames with a hole in them: what the spatial network is taught on, by the stage and by dailies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from interneg.model.spatial_fill import batch_from_planes, choices_of, cut, stacked

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

SIDE = 96  # pixels of a tile: a blob of 40 with as much around it
TILES_A_PICTURE = 2
MIXTURE_SHARE = 0.25  # of the loss: the interpolation is to be good by itself too
LOSSES = ((1, 0.01, 0.5), (2, 3e-4, 1.0))  # power, error from which a tile counts in full, weight


@dataclass(frozen=True, eq=False)
class SpatialTiles:
    """Tiles cut from one picture with a hole: planes (T, PLANES, h, w), and what truly is there (T, 3, h, w)."""

    planes: Pixels
    truth: Pixels


def tiles_of_picture(rng: np.random.Generator, log: Pixels, hole: Matte, truth: Pixels) -> SpatialTiles:
    """Tiles around that hole of a picture (H, W, 3) in log; what lies in the hole is not looked at."""
    stack = stacked(log, choices_of(log, hole))
    picture = truth.transpose(2, 0, 1)
    corners = _corners(rng, hole)
    planes = np.stack([cut(stack, corner, SIDE) for corner in corners])
    return SpatialTiles(planes, np.stack([cut(picture, corner, SIDE) for corner in corners]))


def _corners(rng: np.random.Generator, hole: Matte) -> list[tuple[int, int]]:
    """Corners of tiles that each have a pixel of the hole near their middle."""
    rows, columns = np.nonzero(hole)
    chosen = rng.integers(0, len(rows), TILES_A_PICTURE)
    jitter = rng.integers(-SIDE // 4, SIDE // 4, (TILES_A_PICTURE, 2)) - SIDE // 2
    last = np.maximum(np.array(hole.shape) - SIDE, 0)
    corners = np.clip(np.stack([rows[chosen], columns[chosen]], axis=1) + jitter, 0, last)
    return [(int(row), int(column)) for row, column in corners]


def spatial_loss(network: nn.Module, planes: Tensor, truth: Tensor, trust: float = 1.0) -> Tensor:
    """How far each hole is from the truth, as a share of how far the classical answer is.

    Convention: planes (B, PLANES, h, w), truth (B, 3, h, w); `trust` is the network's share of the answer that is
        judged, the rest is the classical one.
    """
    asked = batch_from_planes(planes)
    answer, mixture, _ = network(asked)
    judged = trust * answer + (1 - trust) * asked.classical
    shares = [shares_of_classical(value, truth, asked.classical, asked.hole) for value in (judged, mixture)]
    return shares[0] + MIXTURE_SHARE * shares[1]


def shares_of_classical(answer: Tensor, truth: Tensor, classical: Tensor, hole: Tensor) -> Tensor:
    """Errors within each tile's hole as shares of the classical ones: decibels count so.

    Absolute errors alone would be spent on the few tiles that nothing can fill, and lose those that are nearly right.
    """
    total, count = torch.zeros((), device=answer.device), hole.sum(dim=(1, 2, 3)) * 3 + 1
    for power, least, weight in LOSSES:
        ours, theirs = (
            (((value - truth).abs() ** power) * hole).sum(dim=(1, 2, 3)) / count for value in (answer, classical)
        )
        total = total + weight * ((ours + least) / (theirs + least)).mean()
    return total
