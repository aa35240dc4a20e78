"""What other frames of the shot show where the target has a hole: each sampled once, at full size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt
import torch

from interneg.operators.layers import in_same_layer
from interneg.operators.motion import Motion, View, Working, is_same_scene, motion_between, sampled_at_working
from interneg.operators.pyramid import local_mean
from interneg.operators.response import kept_by_sampling
from interneg.operators.spatial import bridged, filled_across, unbridged
from interneg.operators.support import Support, support_of
from interneg.operators.witnesses import NOBODY, Beside, Witness, as_it_lies, by_rank, doubts, first_word, strangeness
from interneg.plates.grain import BANDS

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Neighbour = Callable[[int], View | None]

NEAR = (1, 2, 3, 4, 6, 8)  # frames to each side that are always asked
FAR = (
    12,
    16,
    24,
    32,
    48,
    64,
    96,
    128,
    192,
    256,
)  # asked while pixels are left that too few have shown: slow cameras, locked wires
ENOUGH = 4  # candidates that make a pixel well seen: their mean keeps half of the noise's deviation
LEFT_OVER = 0.01  # share of the hole that may stay below ENOUGH before further frames are asked
STEEPNESS = 90.0  # of exp(-STEEPNESS * error): 0.008 log units worse is half the say
NEARER = 0.005  # log units of error by the root of a frame's distance in time: things turn, light and focus change
OWN_MOTION = 0.004  # log units of error by a working pixel that a motion departs from the camera's
FULLY_OWN = 4.0  # working pixels: from there on it is another thing, however far it moves
GUESS = 4.0  # of exp(-GUESS * confidence * difference): what the spatial guess says against a candidate
RELIABLE = 0.10  # error of the support in log units up to which a source counts as showing the pixel
CERTAIN, DISBELIEVED = 0.03, 0.14  # error up to which the best source is believed alone; from which not at all
APART = 0.7  # working pixels by which two sides of a hole move differently: more is no error of the flow
COHERENT = 9  # pixels of a hole over which a source's error is averaged
DOUBTFUL = 0.08  # log units of disagreement from which single pixels are not believed
STEADIER = 0.01  # log units by which flow must be better than the alignment alone: across a hole it is a guess
BEST = 3  # candidates that are kept one by one beside the mean


@dataclass(frozen=True, eq=False)
class Candidates:
    """All that is known of a hole's pixels, in the order of `np.nonzero(hole)`.

    Convention: log-encoded values. `spatial` (N, 3) with `spatial_confidence` (N,) in (0, 1]; `mean` (N, 3) of all that
        was seen; `best` (BEST, N, 3) with `best_weight` (BEST, N) in [0, 1], 0 where there is none; `spread` (N,) the
        mean's deviation; `error` (N,) of the best, 1 where nothing was seen; `kept_noise` (N, BANDS) the share of
        the sources' grain that survives in the mean; `sight` (N,) in [0, 1] how far the mean is believed; `low`,
        `high` (N, 3) the range of all that may be chosen: the spatial guess only where that is not wholly;
        `sources` by name what other footage was asked, and the share of the hole that came from it.
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
    sight: Pixels
    low: Pixels
    high: Pixels
    sources: Mapping[str, float] = field(default_factory=dict)

    @property
    def seen(self) -> Matte:
        """The pixels (N,) that were seen beyond doubt: nothing but what was seen may stand there."""
        return np.asarray(self.sight == 1)

    @property
    def classical(self) -> Pixels:
        """The answer without a network (N, 3): the seen mean as far as it is believed, else the spatial guess."""
        share = self.sight[:, None]
        return (self.mean * share + self.spatial * (1 - share)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Sample:
    """One source frame's say on the hole's pixels."""

    value: Pixels  # (N, 3)
    error: Pixels  # (N,) rim error; infinite where the source shows nothing
    kept: Pixels  # (N, BANDS) what sampling has kept of its grain
    further: float = 0.0  # of error, when sources are chosen between: nearer frames fit better
    witness: Witness | None = None  # where it is no frame of the shot


def gathered(target: View, neighbour: Neighbour, is_border: bool = False, beside: Beside = NOBODY) -> Candidates:
    """Every candidate for the hole of `target`; `neighbour(offset)` gives the frame so far away, or None.

    `beside` has what may have seen it besides the shot: what goes first, and what is asked where the shot shows too
        little. A border lies on one side of the picture only: nothing is carried across it, even around a corner. The
        order and choice of frames depend on the footage alone, never on the range asked for; none lies beyond a cut.
    """
    hidden = ~target.known
    bridge = unbridged(hidden) if is_border else bridged(target.log, hidden)
    spatial = filled_across(target.log, hidden, bridge)
    wanted = target.hole[hidden]
    bridge, spatial = bridge.at(wanted), spatial[wanted]
    samples = _asked(target, support_of(target, bridge, spatial), neighbour, beside) if len(spatial) else []
    return _without_specks(target.log, _merged(target.hole, (spatial, bridge.confidence), samples))


def _asked(target: View, support: Support, neighbour: Neighbour, beside: Beside) -> list[_Sample]:
    """What goes first, then the shot itself, then what else there is, as far as it is needed."""
    first = list(_heard(target, support, beside.first(target)))
    if first and first_word(_errors(first), _ranks(first)).all():
        return first
    own = list(_samples(target, support, neighbour))
    unseen = float((_errors([*first, *own]) >= RELIABLE).all(axis=0).mean()) if first or own else 1.0
    further: list[_Sample] = []
    for sample in _heard(target, support, beside.further(target, unseen)):
        further.append(sample)
        if ((_errors(further) < RELIABLE).sum(axis=0) < ENOUGH).mean() <= LEFT_OVER:
            break
    return [*first, *own, *_doubted(target, support, further)]


def _heard(target: View, support: Support, witnesses: Iterable[Witness]) -> Iterator[_Sample]:
    for witness in witnesses:
        motion = motion_between(target, witness.view)
        if witness.is_aligned or is_same_scene(target, witness.view, motion.flow):
            strange = strangeness(target, witness.view, motion.flow)
            samples = _sampled_along(target, witness.view, support, motion)
            samples = [replace(each, error=each.error + strange) for each in samples]
            if witness.is_aligned:  # where flow finds nothing to hold to, the alignment stands; no frame is nearer
                samples = [replace(each, further=0.0) for each in samples]
                samples[0] = _better(target.hole, _as_it_lies(target, witness.view, support), samples[0])
            yield from (replace(each, witness=witness) for each in samples)


def _as_it_lies(target: View, source: View, support: Support) -> _Sample:
    """The source's pixels by its alignment alone."""
    offset, error = as_it_lies(target, source)
    bridge, scale = support.bridge, target.working.scale
    here = _points(bridge.columns.astype(np.float32), bridge.rows.astype(np.float32))
    small = np.asarray((here - (scale - 1) / 2) / scale, np.float32)
    away = source.found_at(here)
    shows = _sampled(source.known.astype(np.float32)[..., None], away, "bilinear")[:, 0] > 0.999
    shows &= _within(away, source.hole.shape)
    value = np.add(source.toned(_sampled(source.extended, away, "bicubic")), _sampled(offset, small, "bilinear"))
    misfit = _sampled(error, small, "bilinear")[:, 0] + strangeness(target, source, np.zeros_like(offset[..., :2]))
    return _Sample(value, np.where(shows, misfit, np.inf).astype(np.float32), kept_by_sampling(away))


def _better(hole: Matte, one: _Sample, other: _Sample) -> _Sample:
    """Of two samples of one source the one that fits, pixel by pixel; the first where they hardly differ."""
    first = _coherent(hole, one.error) <= _coherent(hole, other.error) + STEADIER
    value, kept = (np.where(first[:, None], *pair) for pair in ((one.value, other.value), (one.kept, other.kept)))
    return _Sample(value, np.where(first, one.error, other.error), kept)


def _doubted(target: View, support: Support, samples: list[_Sample]) -> list[_Sample]:
    """The samples of other takes, where they stand alone or show what is to go less believed."""
    if not samples:
        return samples
    pictures = [each.witness.view.working.log for each in samples if each.witness]
    rims = np.stack([support.bridge.carried_from_sides(picture, target.working.scale) for picture in pictures])
    more = doubts(target, rims, np.stack([each.value for each in samples]), np.isfinite(_errors(samples)))
    return [replace(each, error=each.error + doubt) for each, doubt in zip(samples, more, strict=True)]


def _errors(samples: list[_Sample]) -> Pixels:
    return np.stack([sample.error for sample in samples])


def _ranks(samples: Iterable[_Sample]) -> list[int]:
    return [sample.witness.rank if sample.witness else 0 for sample in samples]


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
            motion = motion_between(target, source)
            if not is_same_scene(target, source, motion.flow):
                directions.remove(direction)
                continue
            samples = _sampled_along(target, source, support, motion)
            shown += np.min([sample.error for sample in samples], axis=0) < RELIABLE
            yield from samples


def _sampled_along(target: View, source: View, support: Support, motion: Motion) -> list[_Sample]:
    """The source's pixels where the flow of the hole's ends points: each pixel moves with what it hangs on.

    Where the two sides move differently, the hole lies before a silhouette: each side's motion is a candidate of its
        own, never their mean. So is the camera's, where neither side moves with it.
    """
    scale, bridge = target.working.scale, support.bridge
    maps = np.concatenate([motion.flow, _offset(target.working, source.working, motion.flow)], axis=-1)
    first, second = bridge.carried_from_sides(maps, scale)  # (N, 5)
    apart = _differ(first, second)
    one = np.where(apart[:, None], first, bridge.carried(maps, scale))
    camera = np.concatenate([bridge.inside(motion.camera, scale), one[:, 2:]], axis=1)
    alone = _differ(camera, one) & ~(apart & ~_differ(camera, second))
    ways = [(np.ones_like(apart), one), (apart, second), (alone, camera)]
    samples = [(_sample(target, source, support, way), way[1]) for way in ways if way[0].any()]
    further = NEARER * float(np.sqrt(abs(source.frame - target.frame)))
    return [replace(sample, error=sample.error + _departure(here, camera), further=further) for sample, here in samples]


def _differ(one: Pixels, other: Pixels) -> Matte:
    return np.asarray(np.abs(one[:, :2] - other[:, :2]).max(axis=1) > APART)


def _departure(here: Pixels, camera: Pixels) -> Pixels:
    """What a motion of its own costs a pixel (N,): a still camera's wall must show that it moves."""
    apart = np.abs(here[:, :2] - camera[:, :2]).max(axis=1)
    return np.asarray(OWN_MOTION * np.minimum(apart, FULLY_OWN), np.float32)


def _sample(target: View, source: View, support: Support, way: tuple[Matte, Pixels]) -> _Sample:
    """The source's pixels for some of the support's, chosen by (N,), at their flow and offset (N, 5)."""
    chosen, here = way
    some, here = support.at(chosen), here[chosen]
    scale, bridge = target.working.scale, some.bridge
    away = source.found_at(_points(bridge.columns + here[:, 0] * scale, bridge.rows + here[:, 1] * scale))
    shows = _sampled(source.known.astype(np.float32)[..., None], away, "bilinear")[:, 0] > 0.999
    shows &= _within(away, source.hole.shape)
    shows &= in_same_layer(target, source, (bridge.rows, bridge.columns), away)
    value, error = np.zeros((len(chosen), 3), np.float32), np.full(len(chosen), np.inf, np.float32)
    kept = np.zeros((len(chosen), BANDS), np.float32)
    kept[chosen] = kept_by_sampling(away)
    value[chosen] = source.toned(_sampled(source.extended, away, "bicubic")) + here[:, 2:5]
    error[chosen] = np.where(shows, some.error_of(source.working, here[:, :2], here[:, 2:5]), np.inf)
    return _Sample(value, error, kept)


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


def _merged(hole: Matte, guess: tuple[Pixels, Pixels], samples: list[_Sample]) -> Candidates:
    (spatial, confidence), count = guess, len(guess[0])
    nothing = np.zeros((count, BANDS), np.float32)
    padding = [_Sample(spatial, np.full(count, np.inf, np.float32), nothing)] * max(0, BEST - len(samples))
    values = np.stack([sample.value for sample in (*samples, *padding)])  # (K, N, 3)
    everything = (*samples, *padding)
    fits = by_rank(np.stack([_coherent(hole, sample.error) for sample in everything]), _ranks(everything))  # (K, N)
    least = fits.min(axis=0)
    errors = np.stack([fit + sample.further for fit, sample in zip(fits, everything, strict=True)])
    shown = np.isfinite(least)
    floor = np.where(shown, errors.min(axis=0), 0)
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
    sight = np.clip((DISBELIEVED - np.where(shown, least, DISBELIEVED)) / (DISBELIEVED - CERTAIN), 0, 1)
    seen = sight == 1
    kept = [its[:, None] ** 2 * each.kept * _noise(each) for its, each in zip(share, everything, strict=True)]
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
        kept_noise=np.sum(kept, axis=0, dtype=np.float32),
        sight=sight.astype(np.float32),
        low=np.minimum(np.where(usable, values, np.inf).min(axis=0), guess_low).astype(np.float32),
        high=np.maximum(np.where(usable, values, -np.inf).max(axis=0), guess_high).astype(np.float32),
        sources=_shares(samples, share * sight),
    )


def _noise(sample: _Sample) -> np.float32:
    return np.float32(sample.witness.noise if sample.witness else 1)


def _shares(samples: list[_Sample], share: Pixels) -> dict[str, float]:
    """By name, how much of the hole came from each piece of other footage that was heard."""
    shares: dict[str, float] = {}
    for sample, its in zip(samples, share, strict=False):  # beyond the samples there is padding
        if sample.witness is not None:
            shares[sample.witness.name] = shares.get(sample.witness.name, 0.0) + float(its.mean())
    return shares


def _coherent(hole: Matte, error: Pixels) -> Pixels:
    """A source's errors (N,) averaged over the hole's pixels nearby, infinite where it shows nothing.

    Whether a source fits is no matter of single pixels: choosing them one by one would leave specks.
    """
    shows = np.isfinite(error)
    picture, weight = np.zeros(hole.shape, np.float32), np.zeros(hole.shape, np.float32)
    picture[hole], weight[hole] = np.where(shows, error, 0), shows
    window = (COHERENT, COHERENT)
    mean = cv2.blur(picture, window) / np.maximum(cv2.blur(weight, window), 1e-6)
    return np.where(shows, mean[hole], np.inf).astype(np.float32)


def _without_specks(log_plate: Pixels, candidates: Candidates) -> Candidates:
    """The candidates, their classical answer less single pixels that stand out where the sources disagree."""
    hole = candidates.hole
    doubtful = (candidates.spread > DOUBTFUL) | (candidates.sight < 0.5)
    if not doubtful.any():
        return candidates
    answer = log_plate.copy()
    answer[hole] = candidates.classical
    calm = np.stack([cv2.medianBlur(np.ascontiguousarray(answer[..., index]), 3) for index in range(3)], axis=-1)
    calm = np.clip(calm[hole], candidates.low, candidates.high)
    mean = np.where((doubtful & (candidates.sight > 0))[:, None], calm, candidates.mean)
    spatial = np.where((doubtful & ~candidates.seen)[:, None], calm, candidates.spatial)
    return replace(candidates, mean=mean.astype(np.float32), spatial=spatial.astype(np.float32))
