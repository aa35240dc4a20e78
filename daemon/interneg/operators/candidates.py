"""What other frames of the shot show where the target has a hole: each sampled once, at full size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
import torch

from interneg.operators.motion import View, Working, flow_between, is_same_scene, sampled_at_working
from interneg.operators.pyramid import local_mean
from interneg.operators.spatial import bridged, filled_across, unbridged
from interneg.operators.support import Support, support_of

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Neighbour = Callable[[int], View | None]

NEAR = (1, 2, 3, 4, 6, 8)  # frames to each side that are always asked
FAR = (12, 16, 24, 32, 48, 64)  # asked while pixels are left that too few have shown: slow cameras, locked wires
ENOUGH = 4  # candidates that make a pixel well seen: their mean keeps half of the noise's deviation
LEFT_OVER = 0.01  # share of the hole that may stay below ENOUGH before further frames are asked
STEEPNESS = 60.0  # of exp(-STEEPNESS * error): 0.012 log units worse is half the say
GUESS = 4.0  # of exp(-GUESS * confidence * difference): what the spatial guess says against a candidate
RELIABLE = 0.10  # error of the support in log units up to which a candidate counts as having seen the pixel
APART = 0.7  # working pixels by which two sides of a hole move differently: more is no error of the flow
COHERENT = 5  # pixels of a hole over which a source's error is averaged
BORDER_COHERENT = 9  # of a border, which is wider
DOUBTFUL = 0.08  # log units of disagreement from which single pixels are not believed
BEST = 3  # candidates that are kept one by one beside the mean


@dataclass(frozen=True, eq=False)
class Candidates:
    """All that is known of a hole's pixels, in the order of `np.nonzero(hole)`.

    Convention: log-encoded values. `spatial` (N, 3) with `spatial_confidence` (N,) in (0, 1]; `mean` (N, 3) of all that
        was seen; `best` (BEST, N, 3) with `best_weight` (BEST, N) in [0, 1], 0 where there is none; `spread` (N,) the
        mean's deviation; `error` (N,) of the best, 1 where nothing was seen; `kept_noise` (N,) the share of the
        source's grain variance that survives in the mean; `seen` (N,) bool; `low`, `high` (N, 3) the range of all that
        may be chosen: the spatial guess only where the pixel was not seen.
    """

    hole: Matte
    spatial: Pixels
    spatial_confidence: Pixels
    mean: Pixels
    best: Pixels
    best_weight: Pixels
    spread: Pixels
    error: Pixels
    kept_noise: Pixels
    seen: Matte
    low: Pixels
    high: Pixels

    @property
    def classical(self) -> Pixels:
        """The answer without a network (N, 3): the seen mean, else the spatial interpolation."""
        return np.where(self.seen[:, None], self.mean, self.spatial)


@dataclass(frozen=True, eq=False)
class _Sample:
    """One source frame's say on the hole's pixels."""

    value: Pixels  # (N, 3)
    error: Pixels  # (N,) rim error; infinite where the source shows nothing


def gathered(target: View, neighbour: Neighbour, is_border: bool = False) -> Candidates:
    """Every candidate for the hole of `target`; `neighbour(offset)` gives the frame so far away, or None.

    A border lies on one side of the picture only: nothing is carried across it, even around a corner. The order and
        choice of frames depend on the shot alone, never on the range asked for; beyond a cut none is asked.
    """
    hidden = ~target.known
    bridge = unbridged(hidden) if is_border else bridged(target.log, hidden)
    spatial = filled_across(target.log, hidden, bridge)
    wanted = target.hole[hidden]
    bridge, spatial = bridge.at(wanted), spatial[wanted]
    samples = list(_samples(target, support_of(target, bridge, spatial), neighbour)) if len(spatial) else []
    coherent = BORDER_COHERENT if is_border else COHERENT
    return _without_specks(target.log, _merged(target.hole, (spatial, bridge.confidence), samples, coherent))


def _samples(target: View, support: Support, neighbour: Neighbour) -> Iterator[_Sample]:
    shown = np.zeros(int(target.hole.sum()), np.int32)
    directions = [-1, 1]
    for offset in (*NEAR, *FAR):
        if offset in FAR and (shown < ENOUGH).mean() <= LEFT_OVER:
            return
        for direction in tuple(directions):
            source = neighbour(direction * offset)
            if source is None or source.hole.shape != target.hole.shape:
                continue
            flow = flow_between(target, source)
            if not is_same_scene(target, source, flow):
                directions.remove(direction)
                continue
            samples = _sampled_twice(target, source, support, flow)
            shown += np.min([sample.error for sample in samples], axis=0) < RELIABLE
            yield from samples


def _sampled_twice(target: View, source: View, support: Support, flow: Pixels) -> list[_Sample]:
    """The source's pixels where the flow of the hole's ends points: each pixel moves with what it hangs on.

    Where the two sides move differently, the hole lies before a silhouette: each side's motion is a candidate of its
        own, never their mean.
    """
    maps = np.concatenate([flow, _offset(target.working, source.working, flow)], axis=-1)
    first, second = support.bridge.carried_from_sides(maps, target.working.scale)  # (N, 5)
    apart = np.abs(first[:, :2] - second[:, :2]).max(axis=1) > APART
    one = np.where(apart[:, None], first, support.bridge.carried(maps, target.working.scale))
    samples = [_sample(target, source, support, one)]
    if apart.any():
        other = _sample(target, source, support.at(apart), second[apart])
        value, error = samples[0].value.copy(), np.full(len(apart), np.inf, np.float32)
        value[apart], error[apart] = other.value, other.error
        samples.append(_Sample(value, error))
    return samples


def _sample(target: View, source: View, support: Support, here: Pixels) -> _Sample:
    """The source's pixels by flow and offset (N, 5) of the support's pixels."""
    scale, bridge = target.working.scale, support.bridge
    away = _points(bridge.columns + here[:, 0] * scale, bridge.rows + here[:, 1] * scale)
    value = _sampled(source.extended, away, "bicubic")
    shows = _sampled(source.known.astype(np.float32)[..., None], away, "bilinear")[:, 0] > 0.999
    shows &= _within(away, source.hole.shape)
    error = support.error_of(source.working, here[:, :2], here[:, 2:5])
    return _Sample(value + here[:, 2:5], np.where(shows, error, np.inf).astype(np.float32))


def _offset(here: Working, there: Working, flow: Pixels) -> Pixels:
    """How the source differs from the target around each pixel, smoothly: in log a gain, of exposure or shading."""
    both = here.known * (sampled_at_working(there.known, flow) > 0.99)
    difference = (here.log - sampled_at_working(there.log, flow)) * both[..., None]
    half = (max(1, flow.shape[1] // 2), max(1, flow.shape[0] // 2))
    weight = cv2.resize(both, half, interpolation=cv2.INTER_AREA)
    small = cv2.resize(difference, half, interpolation=cv2.INTER_AREA) / np.maximum(weight, 1e-6)[..., None]
    return np.asarray(cv2.resize(_near_else_far(small, weight, (4, 12)), (flow.shape[1], flow.shape[0])), np.float32)


def _near_else_far(values: Pixels, weight: Pixels, radii: tuple[int, int]) -> Pixels:
    near, there = local_mean(values, weight, radii[0])
    far, _ = local_mean(values, weight, radii[1])
    share = np.clip(there / 0.05, 0, 1)[..., None]  # a twentieth of the window known is enough to trust it
    return np.asarray(near * share + far * (1 - share), np.float32)


def _points(columns: npt.NDArray[np.floating], rows: npt.NDArray[np.floating]) -> Pixels:
    return np.stack([columns, rows], axis=-1).astype(np.float32)


def _within(points: Pixels, size: tuple[int, ...]) -> Matte:
    return np.asarray(
        (points[:, 0] >= 0) & (points[:, 0] <= size[1] - 1) & (points[:, 1] >= 0) & (points[:, 1] <= size[0] - 1)
    )


def _sampled(values: Pixels, points: Pixels, mode: str) -> Pixels:
    """`values` (H, W, C) at `points` (N, 2) in exact float positions, (N, C); cv2.remap rounds them to 1/32 pixel."""
    height, width = values.shape[:2]
    extent = np.array([max(width - 1, 1), max(height - 1, 1)], np.float32)
    grid = torch.from_numpy(points / extent * 2 - 1).view(1, 1, -1, 2)
    picture = torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))[None]  # (1, C, H, W)
    taken = torch.nn.functional.grid_sample(picture, grid, mode=mode, padding_mode="border", align_corners=True)
    return np.ascontiguousarray(taken[0, :, 0].numpy().T)


def _merged(hole: Matte, guess: tuple[Pixels, Pixels], samples: list[_Sample], coherent: int) -> Candidates:
    (spatial, confidence), count = guess, len(guess[0])
    padding = [_Sample(spatial, np.full(count, np.inf, np.float32))] * max(0, BEST - len(samples))
    values = np.stack([sample.value for sample in (*samples, *padding)])  # (K, N, 3)
    errors = np.stack([_coherent(hole, sample.error, coherent) for sample in (*samples, *padding)])  # (K, N)
    least = errors.min(axis=0)
    shown = np.isfinite(least)
    floor = np.where(shown, least, 0)
    share = np.where(np.isfinite(errors), np.exp(-STEEPNESS * np.where(np.isfinite(errors), errors - floor, 0)), 0)
    unlike = np.minimum(np.abs(values - spatial).mean(axis=-1), 0.3)  # beyond it the guess knows no better
    share = share * np.exp(-GUESS * confidence * unlike)
    share = (share / np.maximum(share.sum(axis=0), 1e-9)).astype(np.float32)
    mean = np.where(shown[:, None], (values * share[..., None]).sum(axis=0), spatial).astype(np.float32)
    order = np.argsort(errors, axis=0, kind="stable")[:BEST]
    best = np.take_along_axis(values, order[..., None], axis=0)
    weight = np.take_along_axis(share, order, axis=0)
    spread = (np.abs(values - mean).mean(axis=-1) * share).sum(axis=0)
    usable = (share > 0)[..., None]
    seen = shown & (least < RELIABLE)
    guess_low, guess_high = (np.where(seen[:, None], none, spatial) for none in (np.inf, -np.inf))
    return Candidates(
        hole=hole,
        spatial=spatial,
        spatial_confidence=confidence,
        mean=mean,
        best=np.where(weight[..., None] > 0, best, mean).astype(np.float32),
        best_weight=weight,
        spread=spread.astype(np.float32),
        error=np.where(shown, least, 1).astype(np.float32),
        kept_noise=(0.66 * (share**2).sum(axis=0)).astype(np.float32),  # 0.66: what bicubic sampling keeps on average
        seen=seen,
        low=np.minimum(np.where(usable, values, np.inf).min(axis=0), guess_low).astype(np.float32),
        high=np.maximum(np.where(usable, values, -np.inf).max(axis=0), guess_high).astype(np.float32),
    )


def _coherent(hole: Matte, error: Pixels, window: int) -> Pixels:
    """A source's errors (N,) averaged over the hole's pixels nearby, infinite where it shows nothing.

    Whether a source fits is no matter of single pixels: choosing them one by one would leave specks.
    """
    shows = np.isfinite(error)
    picture, weight = np.zeros(hole.shape, np.float32), np.zeros(hole.shape, np.float32)
    picture[hole], weight[hole] = np.where(shows, error, 0), shows
    mean = cv2.blur(picture, (window, window)) / np.maximum(cv2.blur(weight, (window, window)), 1e-6)
    return np.where(shows, mean[hole], np.inf).astype(np.float32)


def _without_specks(log_plate: Pixels, candidates: Candidates) -> Candidates:
    """The candidates, their classical answer less single pixels that stand out where the sources disagree."""
    hole = candidates.hole
    doubtful = (candidates.spread > DOUBTFUL) | ~candidates.seen
    if not doubtful.any():
        return candidates
    answer = log_plate.copy()
    answer[hole] = candidates.classical
    calm = np.stack([cv2.medianBlur(np.ascontiguousarray(answer[..., index]), 3) for index in range(3)], axis=-1)
    calm = np.clip(calm[hole], candidates.low, candidates.high)
    mean = np.where((doubtful & candidates.seen)[:, None], calm, candidates.mean)
    spatial = np.where((doubtful & ~candidates.seen)[:, None], calm, candidates.spatial)
    return replace(candidates, mean=mean.astype(np.float32), spatial=spatial.astype(np.float32))
