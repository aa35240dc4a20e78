"""The fill network: chooses among a hole's candidates pixel by pixel, and corrects the choice within a bound.

It cannot draw: its output is a convex mixture of candidates plus a correction of at most `CORRECTION_UNSEEN`, and where
other frames have seen a pixel the spatial guess has no say. Nor can it leave the classical answer by more than that is
unsure of itself: what the sources differ by, and the ends of the guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from interneg.model.convolutions import channels_last, convolutions, sized
from interneg.model.merge import MergeNetwork, merged_anew
from interneg.operators.candidates import BEST, Candidates
from interneg.operators.spatial import ends_apart
from interneg.operators.tiles import Patch, Places, alike, covering, numbered

Pixels = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.int32]

CHOICES = 2 + BEST  # the spatial guess, the mean of all seen, the best seen ones
FEATURES = 3 + 3 * CHOICES + BEST + 5
WIDTHS = (24, 40, 64)  # a quarter of a million weights: more did not gain within minutes of learning
CORRECTION_SEEN = 0.03  # log units at most, and never more than the sources differ by: where they agree they are right
CORRECTION_UNSEEN = 0.05
SPREAD = BEST + 1  # its place among the confidences
TILE = 40  # pixels that a tile answers for at most, either way
HALO = 12  # pixels around it that it only looks at
NEVER = -100.0  # marks a choice that is shut out: it shows nothing, or is a guess where others have seen
REACH_SEEN = 1.0  # times the mean's deviation: as far as a source that has half of the classical answer's belief
REACH_ENDS = 0.5  # times what the ends of a guess differ by, where nobody has seen the pixel: from its middle to an end
REACH_LEAST = 0.01  # log units there, where the ends agree: grain
HOPELESS = 0.2  # log units of error from which no source is worth a look
UNASKED = -3.0  # logit of a choice that the classical answer does not take


@dataclass(frozen=True)
class Batch:
    """Tiles as the network takes them: features (B, FEATURES, h, w), choices (B, CHOICES, 3, h, w), prior logits
    (B, CHOICES, h, w), bound of the correction (B, 1, h, w), the hole (B, 1, h, w) in {0, 1}, how far the mean of the
    seen is believed `sight` (B, 1, h, w), and how far the classical answer may be left `reach` (B, 1, h, w).
    """

    features: Tensor
    choices: Tensor
    prior: Tensor
    bound: Tensor
    hole: Tensor
    sight: Tensor
    reach: Tensor

    @property
    def parts(self) -> tuple[Tensor, ...]:
        """Its tensors, in the order that makes one again."""
        return (self.features, self.choices, self.prior, self.bound, self.hole, self.sight, self.reach)

    @property
    def classical(self) -> Tensor:
        """The weight of each choice in the answer without a network (B, CHOICES, h, w)."""
        others = torch.zeros_like(self.prior[:, 2:])
        return torch.cat([1 - self.sight, self.sight, others], dim=1)

    def to(self, device: torch.device) -> Batch:
        """The same tiles on that device."""
        return Batch(*(part.to(device) for part in self.parts))


class FillNetwork(nn.Module):
    """A small U-Net over candidates; before it has learnt anything it answers with the classical one.

    References: softmax over candidates after Mildenhall et al., "Kernel Prediction Networks", 2018; the classical
        start and the bounded correction are our own.
    """

    def __init__(self) -> None:
        super().__init__()
        one, two, three = WIDTHS
        self.at_full = convolutions(FEATURES, one)
        self.at_half = convolutions(one, two, stride=2)
        self.at_quarter = convolutions(two, three, stride=2)
        self.to_half = convolutions(three + two, two)
        self.to_full = convolutions(two + one, one)
        self.head = nn.Conv2d(one, CHOICES + 3, 1)
        self.merge = MergeNetwork()  # of the sources, before there are candidates to choose among
        nn.init.zeros_(self.head.weight)
        nn.init.constant_(self.head.bias, 0)  # type: ignore[arg-type]

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The filled pixels (B, 3, h, w) in log, and the weight of each choice (B, CHOICES, h, w)."""
        full = self.at_full(channels_last(batch.features))
        half = self.at_half(full)
        quarter = self.at_quarter(half)
        half = self.to_half(torch.cat([sized(quarter, half), half], dim=1))
        full = self.to_full(torch.cat([sized(half, full), full], dim=1))
        answer = self.head(full).float()  # the mixture itself keeps full precision
        logits = torch.where(batch.prior > NEVER, answer[:, :CHOICES] + batch.prior, -torch.inf)
        weights = torch.softmax(logits, dim=1)
        return _within_reach(batch, weights, torch.tanh(answer[:, CHOICES:]) * batch.bound)


def _within_reach(batch: Batch, weights: Tensor, correction: Tensor) -> tuple[Tensor, Tensor]:
    """That answer, brought back towards the classical one where it leaves it too far, and its weights."""
    classical = batch.classical
    start = (batch.choices * classical[:, :, None]).sum(dim=1)
    departure = (batch.choices * weights[:, :, None]).sum(dim=1) + correction - start
    length = departure.abs().mean(dim=1, keepdim=True)
    share = torch.clamp(batch.reach / torch.clamp(length, min=1e-6), max=1)  # (B, 1, h, w)
    return start + share * departure, classical + share * (weights - classical)


def tiles_of(hole: npt.NDArray[np.bool_], places: Places | None = None) -> list[Patch]:
    """The patches of that hole that a tile each answers for; `places` is where its pixels are, if that is known."""
    return covering(np.nonzero(hole) if places is None else places, TILE, HALO)


def batches(
    log_plate: Pixels, candidates: Candidates, size: int, places: Places | None = None
) -> Iterator[tuple[list[Patch], Batch]]:
    """The hole's tiles, up to `size` at a time, with the patches that they answer for.

    Convention: log_plate (H, W, 3), anything in the hole; `places` is where its pixels are, if that is known.
    """
    planes, number = _planes(candidates), numbered(candidates.hole, places)
    for some in alike(tiles_of(candidates.hole, places), size):
        yield some, batch_from_stacks(np.stack([_tile(log_plate, planes, number, patch) for patch in some]))


def tile_stacks(
    log_plate: Pixels, truth: Pixels, candidates: Candidates, patches: list[Patch]
) -> tuple[Pixels, Pixels]:
    """The planes of chosen tiles (T, PLANES, h, w), and what truly is there (T, 3, h, w), to learn from.

    Each is as large as a tile can be, so that they make one batch.
    """
    planes, number = _planes(candidates), numbered(candidates.hole)
    squares = [Patch(patch.row, patch.column, TILE, TILE) for patch in patches]
    windows = [square.grown(HALO).held(candidates.hole.shape) for square in squares]
    pictures = [truth[window].transpose(2, 0, 1) for window in windows]
    return np.stack([_tile(log_plate, planes, number, square) for square in squares]), np.stack(pictures)


def _planes(candidates: Candidates) -> Pixels:
    """All that the network sees of the hole's own pixels (PLANES - 1, N): choices, prior, confidences, limits."""
    choices = np.concatenate([candidates.spatial[None], candidates.mean[None], candidates.best])  # (CHOICES, N, 3)
    flat = choices.transpose(0, 2, 1).reshape(3 * CHOICES, -1)
    told = np.concatenate([_prior(candidates), _confidences(candidates), _limits(candidates)], axis=1)
    return np.concatenate([flat, told.T]).astype(np.float32)


def _tile(log_plate: Pixels, planes: Pixels, number: Numbers, patch: Patch) -> Pixels:
    """All planes that the network needs of one tile (PLANES, h, w); beyond the frame nothing is hole."""
    whole = patch.grown(HALO)
    window = whole.held(number.shape)
    place = number[window].astype(np.intp) - 1
    inside = place >= 0
    tile = np.zeros((len(planes) + 1, *place.shape), np.float32)
    tile[: 3 * CHOICES] = np.tile(np.where(inside[..., None], 0, log_plate[window]).transpose(2, 0, 1), (CHOICES, 1, 1))
    tile[:-1, inside] = planes[:, place[inside]]
    tile[-1] = inside
    rows, columns = window[0] - whole.row, window[1] - whole.column  # held at the edge they are no longer in order
    beyond = (rows != np.arange(whole.height)[:, None]) | (columns != np.arange(whole.width))
    tile[3 * CHOICES :, beyond] = 0
    return tile


def _prior(candidates: Candidates) -> Pixels:
    """Logits (N, CHOICES) that make the classical answer of no network at all."""
    shown = candidates.best_weight[0] > 0
    prior = np.full((len(shown), CHOICES), NEVER, np.float32)
    sight = candidates.sight
    prior[:, 0] = np.where(candidates.seen, NEVER, 0)
    near = shown & (candidates.error < HOPELESS)
    odds = np.maximum(sight, 1e-9) / np.maximum(1 - sight, 1e-9)
    believed = np.maximum(np.log(odds), UNASKED)  # a softmax over the two gives the share itself
    prior[:, 1] = np.where(candidates.seen, 0, np.where(near, believed, NEVER))
    prior[:, 2:] = np.where((candidates.best_weight > 0) & near, UNASKED, NEVER).T
    return prior


def _confidences(candidates: Candidates) -> Pixels:
    """What is known about the choices (N, BEST + 4), each brought near [0, 1]."""
    columns = [
        *candidates.best_weight,
        candidates.spatial_confidence,
        np.minimum(candidates.spread * 10, 1),  # a tenth of the log range is as unsure as it gets
        np.minimum(candidates.error * 10, 1),
        candidates.seen.astype(np.float32),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _limits(candidates: Candidates) -> Pixels:
    """How far the mean of the seen is believed, and how far the classical answer may be left (N, 2)."""
    sight = candidates.sight
    apart = np.abs(candidates.mean - candidates.spatial).mean(axis=1)
    mixed = sight * candidates.spread + 2 * sight * (1 - sight) * apart  # the deviation of all that it is mixed of
    ends = REACH_LEAST + REACH_ENDS * ends_apart(candidates.spatial_confidence)
    return np.stack([sight, REACH_SEEN * mixed + (1 - sight) * ends], axis=1).astype(np.float32)


def batch_from_stacks(stack: Pixels) -> Batch:
    """Tiles as the network takes them, from their planes (B, PLANES, h, w)."""
    planes = torch.from_numpy(np.ascontiguousarray(stack))
    choices = planes[:, : 3 * CHOICES].reshape(len(planes), CHOICES, 3, *planes.shape[-2:])
    prior = planes[:, 3 * CHOICES : 4 * CHOICES]
    confidences, hole = planes[:, 4 * CHOICES : -3], planes[:, -1:]
    sight, reach = planes[:, -3:-2], planes[:, -2:-1]
    seen = confidences[:, -1:]
    base = torch.where(seen > 0, choices[:, 1], choices[:, 0])
    differences = (choices - base[:, None]).flatten(1, 2) * 4  # candidates differ by small parts of the log range
    spread = confidences[:, SPREAD : SPREAD + 1] / 10
    bound = hole * torch.where(seen > 0, torch.clamp(spread, max=CORRECTION_SEEN), CORRECTION_UNSEEN)
    return Batch(torch.cat([base, differences, confidences, hole], dim=1), choices, prior, bound, hole, sight, reach)


def with_merge(
    network: nn.Module | None, candidates: Candidates, device: torch.device, places: Places | None = None
) -> Candidates:
    """The candidates, what was seen merged as that network's own merging says; as they are without one."""
    return merged_anew(network.merge if isinstance(network, FillNetwork) else None, candidates, device, places)


@dataclass(frozen=True, eq=False)
class Refined:
    """The network's answer for the hole's pixels: log values (N, 3) and the share that no frame has shown (N,)."""

    log: Pixels
    synthesised: Pixels


def refined(
    network: nn.Module, log_plate: Pixels, candidates: Candidates, device: torch.device, places: Places | None = None
) -> Refined:
    """The network's answer for every pixel of the hole, tile by tile.

    Convention: log_plate (H, W, 3). The tiles lie by the hole alone, so the same frame gives the same bits.
        `places` is where the hole's pixels are, if that is known.
    """
    number, result = numbered(candidates.hole, places), np.zeros((len(candidates.mean), 4), np.float32)
    with torch.inference_mode():
        for patches, batch in batches(log_plate, candidates, 16, places):
            value, weights = network(batch.to(device))
            answer = torch.cat([value, weights[:, :1]], dim=1).float().cpu().numpy().transpose(0, 2, 3, 1)
            for patch, tile in zip(patches, answer, strict=True):
                place = number[patch.window]
                rows, columns = np.nonzero(place)
                result[place[rows, columns] - 1] = tile[HALO + rows, HALO + columns]
    return Refined(np.ascontiguousarray(result[:, :3]), np.ascontiguousarray(result[:, 3]))
