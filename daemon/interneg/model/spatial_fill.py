"""The spatial fill network: what a hole may look like judging by its own frame, where no other frame has seen it.

It refines classical interpolations and cannot draw: its output is a convex mixture of them plus a correction of at most
`CORRECTION`, and before it has learnt anything it answers with the classical one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from interneg.model.convolutions import channels_last, convolutions, sized, started
from interneg.operators.crossings import Crossings, crossings_of
from interneg.operators.pyramid import surface_through
from interneg.operators.tiles import Patch, alike, covering

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Corner = tuple[int, int]
Window = tuple[Indices, Indices]  # rows (h, 1) and columns (w,)

DIRECTIONS = 8  # the best of 8 lies 7 dB above Telea on real frames, of 4 only 5; 16 cost twice for 2 more
CHOICES = 1 + DIRECTIONS  # Navier-Stokes, and one way across the hole a direction
PLANES = 4 * CHOICES + 2 * DIRECTIONS + 2
FEATURES = 3 + 3 * CHOICES + 2 * DIRECTIONS + 2
WIDTHS = (24, 48, 72, 80)  # half a million weights
TRUST = 0.7  # in the network, the rest in the answer without one: on real takes either errs alone, and both less
CORRECTION = 0.10  # log units: nine tenths of a stop; what real detail differs by from its best interpolation
TILE = 64  # pixels that a tile answers for at most, either way
HALO = 32  # pixels around it that it only looks at: blobs are up to 40 wide
AT_ONCE = 8  # tiles: bounds the memory of a large hole
PRIOR = -2.5  # logit of Navier-Stokes; those of all directions together make 0
NEARER = 4.0  # power of nearness: on real frames any does, on soft ones the shortest ways are right
LEAST_ALIKE, LEAST_NEAR = 1e-3, 1e-2  # so that every way has a logarithm
NAVIER_STOKES_RADIUS = 3.0  # pixels


@dataclass(frozen=True)
class SpatialBatch:
    """Tiles as the network takes them: features (B, FEATURES, h, w), choices (B, CHOICES, 3, h, w), prior logits
    (B, CHOICES, h, w), the classical answer (B, 3, h, w) and the hole (B, 1, h, w) in {0, 1}.
    """

    features: Tensor
    choices: Tensor
    prior: Tensor
    classical: Tensor
    hole: Tensor

    def to(self, device: torch.device) -> SpatialBatch:
        """The same tiles on that device."""
        parts = (self.features, self.choices, self.prior, self.classical, self.hole)
        return SpatialBatch(*(part.to(device) for part in parts))


class SpatialFillNetwork(nn.Module):
    """A U-Net over the ways across a hole: sees them and the picture around, weighs them, corrects within a bound.

    References: softmax over candidates after Mildenhall et al., "Kernel Prediction Networks", 2018; the ways across,
        the classical start and the bounded correction are our own.
    """

    def __init__(self) -> None:
        super().__init__()
        one, two, three, four = WIDTHS
        self.at_full = convolutions(FEATURES, one)
        self.at_half = convolutions(one, two, stride=2)
        self.at_quarter = convolutions(two, three, stride=2)
        self.at_eighth = convolutions(three, four, stride=2)
        self.to_quarter = convolutions(four + three, three)
        self.to_half = convolutions(three + two, two)
        self.to_full = convolutions(two + one, one)
        self.head = nn.Conv2d(one, CHOICES + 3, 1)
        started(self)
        nn.init.zeros_(self.head.weight)

    def forward(self, batch: SpatialBatch) -> tuple[Tensor, Tensor, Tensor]:
        """The filled pixels (B, 3, h, w) in log, the mixture alone (B, 3, h, w), and its weights (B, CHOICES, h, w)."""
        full = self.at_full(channels_last(batch.features))
        half = self.at_half(full)
        quarter = self.at_quarter(half)
        eighth = self.at_eighth(quarter)
        quarter = self.to_quarter(torch.cat([sized(eighth, quarter), quarter], dim=1))
        half = self.to_half(torch.cat([sized(quarter, half), half], dim=1))
        full = self.to_full(torch.cat([sized(half, full), full], dim=1))
        answer = self.head(full).float()  # the mixture itself keeps full precision
        weights = torch.softmax(answer[:, :CHOICES] + batch.prior, dim=1)
        mixture = (batch.choices * weights[:, :, None]).sum(dim=1)
        return mixture + torch.tanh(answer[:, CHOICES:]) * CORRECTION * batch.hole, mixture, weights


@dataclass(frozen=True, eq=False)
class SpatialChoices:
    """The ways to interpolate a hole, in the order of `np.nonzero(hole)`.

    Convention: values (CHOICES, N, 3) in log: Navier-Stokes, then the directions; alike, near (DIRECTIONS, N) in
        [0, 1]: how well the two ends of a direction agree, and how close they lie; depth (N,) pixels to the hole's rim.
    """

    hole: Matte
    values: Pixels
    alike: Pixels
    near: Pixels
    depth: Pixels

    @property
    def prior(self) -> Pixels:
        """Logits (CHOICES, N) of the answer without a network: ways whose ends agree, and lie close, have more say."""
        ways = np.log(np.maximum(self.alike, LEAST_ALIKE)) + NEARER * np.log(np.maximum(self.near, LEAST_NEAR))
        ways = ways - np.log(np.exp(ways).sum(axis=0))
        return np.concatenate([np.full((1, ways.shape[1]), PRIOR), ways]).astype(np.float32)

    @property
    def shares(self) -> Pixels:
        """What each choice has of the answer without a network (CHOICES, N)."""
        weight = np.exp(self.prior)
        return np.asarray(weight / weight.sum(axis=0), np.float32)

    @property
    def classical(self) -> Pixels:
        """The answer without a network (N, 3)."""
        return np.asarray(np.einsum("kn,knc->nc", self.shares, self.values), np.float32)

    def within(self, window: Window, places: Indices) -> SpatialChoices:
        """The choices of a window's pixels; `places` (H, W) numbers the hole's pixels."""
        hole = self.hole[window]
        chosen = places[window][hole]
        return SpatialChoices(
            hole, self.values[:, chosen], self.alike[:, chosen], self.near[:, chosen], self.depth[chosen]
        )


def choices_of(log_plate: Pixels, hole: Matte) -> SpatialChoices:
    """Every way to interpolate the hole.

    Convention: log_plate (H, W, 3), finite outside the hole; what lies in the hole is never looked at. Where a
        direction leaves the frame on both sides, or reaches nothing, the smooth surface through the rim stands in.
    """
    known = np.where(hole[..., None], 0, log_plate).astype(np.float32)
    smooth = _navier_stokes(known, hole)
    if hole.all() or not hole.any():
        crossed = Crossings.none(DIRECTIONS, int(hole.sum()))
    else:
        crossed = crossings_of(known, hole, DIRECTIONS)
    directed = np.where(crossed.reached[..., None], crossed.value, smooth)
    depth = cv2.distanceTransform(np.pad(hole, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    values = np.concatenate([smooth[None], directed]).astype(np.float32)
    return SpatialChoices(hole, values, crossed.alike, crossed.near, np.minimum(depth[hole], 255).astype(np.float32))


def _navier_stokes(known: Pixels, hole: Matte) -> Pixels:
    """The hole (N, 3) by fluid-like continuation of its rim.

    References: Bertalmio et al., "Navier-Stokes, Fluid Dynamics, and Image and Video Inpainting", 2001.
    """
    smooth = surface_through(known, (~hole).astype(np.float32))[hole]
    if min(hole.shape) < 3 or not hole.any() or hole.all():
        return smooth
    marked = hole.astype(np.uint8)
    channels = [np.ascontiguousarray(known[..., index]) for index in range(3)]
    filled = [cv2.inpaint(channel, marked, NAVIER_STOKES_RADIUS, cv2.INPAINT_NS)[hole] for channel in channels]
    result = np.stack(filled, axis=-1)
    low, high = known[~hole].min(axis=0), known[~hole].max(axis=0)
    return np.clip(np.where(np.isfinite(result), result, smooth), low, high).astype(np.float32)


def stacked(log_plate: Pixels, choices: SpatialChoices) -> Pixels:
    """All planes that the network needs, (PLANES, H, W): choices, prior, alike, near, depth, hole."""
    hole = choices.hole
    stack = np.zeros((PLANES, *hole.shape), np.float32)
    known = np.where(hole[..., None], 0, log_plate).transpose(2, 0, 1)
    for index, value in enumerate(choices.values):
        stack[3 * index : 3 * index + 3] = known
        stack[3 * index : 3 * index + 3, hole] = value.T
    stack[3 * CHOICES : 4 * CHOICES, hole] = choices.prior
    first = 4 * CHOICES
    stack[first : first + DIRECTIONS, hole] = choices.alike
    stack[first + DIRECTIONS : first + 2 * DIRECTIONS, hole] = choices.near
    stack[-2, hole] = np.minimum(choices.depth / 16, 1)  # beyond it, deeper is no different
    stack[-1] = hole
    return stack


def cut(stack: Pixels, corner: Corner, side: int) -> Pixels:
    """A square of the planes (C, side, side) whose first pixel lies at the corner; beyond the frame its edge."""
    rows, columns = Patch(*corner, side, side).held(stack.shape[-2:])
    return stack[:, rows, columns]


def batch_from_planes(planes: Tensor) -> SpatialBatch:
    """Tiles as the network takes them, from their planes (B, PLANES, h, w).

    The picture is seen less its own mean in each channel, so that neither exposure nor white balance matter.
    """
    choices = planes[:, : 3 * CHOICES].reshape(len(planes), CHOICES, 3, *planes.shape[-2:])
    prior, confidences = planes[:, 3 * CHOICES : 4 * CHOICES], planes[:, 4 * CHOICES :]
    classical = (choices * torch.softmax(prior, dim=1)[:, :, None]).sum(dim=1)
    around = classical - classical.mean(dim=(2, 3), keepdim=True)
    differences = (choices - classical[:, None]).flatten(1, 2) * 8  # ways across differ by parts of the log range
    features = torch.cat([around * 4, differences, confidences], dim=1)
    return SpatialBatch(features, choices, prior, classical, confidences[:, -1:])


@dataclass(frozen=True, eq=False)
class SpatialFill:
    """The answer for a hole's pixels, network and classical one together, in the order of `np.nonzero(hole)`.

    Convention: log (N, 3); mixture (N, 3), the same without the correction: pure interpolation; weights (N, CHOICES)
        that sum to 1; low, high (N, 3) the range of the interpolations: log leaves it by at most `CORRECTION`.
    """

    log: Pixels
    mixture: Pixels
    weights: Pixels
    low: Pixels
    high: Pixels


def filled_spatially(network: nn.Module, log_plate: Pixels, hole: Matte, device: torch.device) -> SpatialFill:
    """The hole filled from its own frame alone, tile by tile.

    Convention: log_plate (H, W, 3), any size; values that are not finite count as part of what may not be looked at.
        The tiles lie by the hole alone, so the same frame gives the same bits.
    """
    hidden = hole | ~np.isfinite(log_plate).all(axis=-1)
    known = np.where(hidden[..., None], 0, log_plate).astype(np.float32)
    choices = choices_of(known, hidden)
    places = np.zeros(hole.shape, np.intp)
    places[hidden] = np.arange(len(choices.depth))
    result = np.zeros((len(choices.depth), 6 + CHOICES), np.float32)
    for patches, batch in _batches(known, choices, places, hole):
        with torch.inference_mode():
            parts = network(batch.to(device))
        answer = torch.cat([part.float() for part in parts], dim=1).cpu().numpy().transpose(0, 2, 3, 1)
        for patch, tile in zip(patches, answer, strict=True):
            rows, columns = np.nonzero(hole[patch.window])
            result[places[patch.row + rows, patch.column + columns]] = tile[HALO + rows, HALO + columns]
    asked = hole[hidden]
    inside, values = result[asked], choices.values[:, asked]
    classical = np.concatenate([choices.classical, choices.classical, choices.shares.T], axis=1)[asked]
    both = np.asarray(TRUST * inside + (1 - TRUST) * classical, np.float32)  # mixture and weights too: they stay true
    return SpatialFill(both[:, :3], both[:, 3:6], both[:, 6:], values.min(axis=0), values.max(axis=0))


def _batches(
    known: Pixels, choices: SpatialChoices, places: Indices, hole: Matte
) -> Iterator[tuple[list[Patch], SpatialBatch]]:
    """The hole's tiles, some at a time: the planes of a whole 4K plate would take gigabytes."""
    for some in alike(covering(np.nonzero(hole), TILE, HALO), AT_ONCE):
        windows = [patch.grown(HALO).held(hole.shape) for patch in some]
        tiles = [stacked(known[window], choices.within(window, places)) for window in windows]
        yield some, batch_from_planes(torch.from_numpy(np.stack(tiles)))
