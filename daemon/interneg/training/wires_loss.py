"""What counts as an error in finding wires, on the stage and on a show alike: a batch, its truth, and the loss."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from interneg.model.wires import detail_of, pooled_from

Pixels = npt.NDArray[np.float32]

PICTURE = 288  # pixels: the coarse pass sees all of it
WINDOW = 144  # pixels: the fine pass sees this much, as in a tile with its halo
STEP = 24  # pixels: windows lie where every factor divides
FACTORS, FACTOR_SHARES = (4, 6, 8), (0.6, 0.2, 0.2)  # as plates up to 2K, between, and 4K are pooled
THERE = 0.3  # coverage from which a pixel belongs to a wire's middle line, and a coarse one to a wire


def truth_of(matte: Pixels, counts: Pixels) -> Pixels:
    """What a plate's answer is held to (3, H, W): the matte, where pixels count, and the wires' middle lines."""
    return np.stack([matte, counts, middle_of(matte)]).astype(np.float32)


def batch_of(rng: np.random.Generator, pairs: Sequence[tuple[Pixels, Pixels]]) -> tuple[Tensor, ...]:
    """Detail (B, C, H, W), truth (B, 3, H, W), window's corner (2,) and factor (1,) of plates (H, W, 3) and truths."""
    detail = torch.from_numpy(np.stack([detail_of(plate) for plate, _ in pairs]))
    truth = torch.from_numpy(np.stack([truth for _, truth in pairs]))
    factor = int(rng.choice(FACTORS, p=FACTOR_SHARES))
    return detail, truth, torch.tensor(_corner(rng, truth)), torch.tensor([factor])


def wires_loss(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    """How far the matte is from the coverage, the coarse one from its greatest, and what of the middles is lost."""
    detail, truth, corner, factor = batch[0], batch[1], batch[2].tolist(), int(batch[3])
    row, column = corner
    inside = np.s_[..., row : row + WINDOW, column : column + WINDOW]
    window = (row // factor, column // factor, WINDOW // factor, WINDOW // factor)
    drawn, found = network(detail[inside], pooled_from(detail, factor), window)
    matte, counts, middle = (part[:, None] for part in truth.unbind(dim=1))
    coarse = (functional.max_pool2d(matte * counts, factor) > THERE).to(drawn)
    return _drawn_loss(drawn, matte[inside], counts[inside], middle[inside]) + 0.5 * _found_loss(found, coarse)


def middle_of(matte: Pixels) -> Pixels:
    """The middle lines (H, W) of what the matte covers, 0 or 1: thin and wide wires have as much of them."""
    covered = (matte > THERE).astype(np.uint8)
    depth = cv2.distanceTransform(np.pad(covered, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    highest = cv2.dilate(depth, np.ones((3, 3), np.uint8))
    return np.asarray((covered > 0) & (depth >= highest - 0.5), np.float32)


def _drawn_loss(drawn: Tensor, matte: Tensor, counts: Tensor, middle: Tensor) -> Tensor:
    """Cross entropy with the coverage, the overlap's shortfall, and the middle lines that are missed.

    References: Kirchhoff et al., "Skeleton Recall Loss for Connectivity Conserving and Resource Efficient Segmentation
        of Thin Tubular Structures", 2024; Milletari et al., "V-Net", 2016 (dice).
    """
    crossed = functional.binary_cross_entropy_with_logits(drawn, matte, weight=counts)
    there = torch.sigmoid(drawn) * counts
    sought, line = matte * counts, middle * counts
    dice = 1 - (2 * _each(there * sought) + 1) / (_each(there**2) + _each(sought**2) + 1)
    missed = 1 - (_each(there * line) + 1) / (_each(sought * line) + 1)
    return 4 * crossed + dice.mean() + 0.2 * missed.mean()


def _each(planes: Tensor) -> Tensor:
    """The sum of each picture (B,): a thin wire counts as much as a thick one, and a bare picture as either."""
    return planes.sum(dim=(1, 2, 3))


def _found_loss(found: Tensor, coarse: Tensor) -> Tensor:
    weight = 1 + 4 * coarse  # a missed tile is never looked at again, one too many costs time
    crossed = functional.binary_cross_entropy_with_logits(found, coarse, weight=weight)
    there = torch.sigmoid(found)
    return 2 * crossed + 1 - (2 * (there * coarse).sum() + 1) / ((there**2).sum() + coarse.sum() + 1)


def _corner(rng: np.random.Generator, truth: Tensor) -> tuple[int, int]:
    """Where the fine pass looks in this batch: of a few windows the one with most wire, as a gate would choose."""
    last = (PICTURE - WINDOW) // STEP
    corners = [(int(row) * STEP, int(column) * STEP) for row, column in rng.integers(0, last + 1, (3, 2))]
    shares = [
        float(truth[:, 0, row : row + WINDOW, column : column + WINDOW].mean(dim=(1, 2)).clamp(max=0.05).sum())
        for row, column in corners
    ]
    return corners[int(np.argmax(shares))]
