"""What other frames of the shot show where the target has a hole: each sampled once, at full size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.belief import Belief, belief_of
from interneg.operators.motion import View, is_same_scene, motion_between
from interneg.operators.sources import ANEW, Analyses, Sample, Seeker, Way, field_of, sample_as_it_lies, samples_along
from interneg.operators.spatial import REACH, bridged, filled_across, unbridged
from interneg.operators.support import Support, support_of
from interneg.operators.tiles import Tiles, around, tiles_around
from interneg.operators.witnesses import NOBODY, Beside, Witness, by_rank, doubts, first_word, strangeness
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
BESIDE = 2  # frames to each side: how the hole lies there is kept, to steady it along; two outvote one error
ENOUGH = 4  # candidates that make a pixel well seen: their mean keeps half of the noise's deviation
LEFT_OVER = 0.01  # share of the hole that may stay below ENOUGH before further frames are asked
STEEPNESS = 90.0  # of exp(-STEEPNESS * error): 0.008 log units worse is half the say
GUESS = 4.0  # of exp(-GUESS * confidence * difference): what the spatial guess says against a candidate
RELIABLE = 0.10  # error of the support in log units up to which a source counts as showing the pixel
CERTAIN, DISBELIEVED = 0.03, 0.14  # error up to which the best source is believed alone; from which not at all
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
        `sources` by name what other footage was asked, and the share of the hole that came from it; `belief` has the
        best sources one by one until they are merged, None where there are none; `ways` tells how the hole lies in the
        shot's frames beside, where these were asked.
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
    belief: Belief | None = field(default=None, repr=False)
    ways: Mapping[int, Way] = field(default_factory=dict, repr=False)

    @property
    def seen(self) -> Matte:
        """The pixels (N,) that were seen beyond doubt: nothing but what was seen may stand there."""
        return np.asarray(self.sight == 1)

    @property
    def classical(self) -> Pixels:
        """The answer without a network (N, 3): the seen mean as far as it is believed, else the spatial guess."""
        share = self.sight[:, None]
        return (self.mean * share + self.spatial * (1 - share)).astype(np.float32)


def gathered(
    target: View,
    neighbour: Neighbour,
    is_border: bool = False,
    beside: Beside = NOBODY,
    analyses: Analyses = ANEW,
) -> Candidates:
    """Every candidate for the hole of `target`; `neighbour(offset)` gives the frame so far away, or None.

    `beside` has what may have seen it besides the shot: what goes first, and what is asked where the shot shows too
        little. A border lies on one side of the picture only: nothing is carried across it, even around a corner. The
        order and choice of frames depend on the footage alone, never on the range asked for; none lies beyond a cut.
        `analyses` may know of earlier how frames of the shot lie to each other.
    """
    hidden = ~target.known
    bridge = unbridged(hidden) if is_border else bridged(target.log, hidden)
    spatial = filled_across(target.log, hidden, bridge)
    wanted = target.hole[hidden]
    bridge, spatial = bridge.at(wanted), spatial[wanted]
    samples: list[Sample] = []
    if len(spatial):
        samples = _asked(Seeker.of(target, support_of(target, bridge, spatial), analyses), neighbour, beside)
    tiles = tiles_around(target.hole, COHERENT // 2, places=target.places)
    candidates = _merged(target.hole, (spatial, bridge.confidence), samples, tiles)
    if not is_border:
        candidates = _bridged_anew(target, candidates)
    return _without_specks(target.log, candidates, tiles)


def _asked(seeker: Seeker, neighbour: Neighbour, beside: Beside) -> list[Sample]:
    """What goes first, then the shot itself, then what else there is, as far as it is needed."""
    target, support = seeker.target, seeker.support
    first = list(_heard(target, support, beside.first(target)))
    if first and first_word(_errors(first), _ranks(first)).all():
        return first
    own = list(_samples(seeker, neighbour))
    unseen = float((_errors([*first, *own]) >= RELIABLE).all(axis=0).mean()) if first or own else 1.0
    further: list[Sample] = []
    for sample in _heard(target, support, beside.further(target, unseen)):
        further.append(sample)
        if ((_errors(further) < RELIABLE).sum(axis=0) < ENOUGH).mean() <= LEFT_OVER:
            break
    return [*first, *own, *_doubted(target, support, further)]


def _heard(target: View, support: Support, witnesses: Iterable[Witness]) -> Iterator[Sample]:
    for witness in witnesses:
        motion = motion_between(target, witness.view)
        if witness.is_aligned or is_same_scene(target, witness.view, motion.flow):
            strange = strangeness(target, witness.view, motion.flow)
            samples = samples_along(target, witness.view, support, field_of(target, witness.view, motion))
            samples = [replace(each, error=each.error + strange) for each in samples]
            if witness.is_aligned:  # where flow finds nothing to hold to, the alignment stands; no frame is nearer
                samples = [replace(each, further=0.0) for each in samples]
                samples[0] = _better(target.hole, sample_as_it_lies(target, witness.view, support), samples[0])
            yield from (replace(each, witness=witness) for each in samples)


def _better(hole: Matte, one: Sample, other: Sample) -> Sample:
    """Of two samples of one source the one that fits, pixel by pixel; the first where they hardly differ."""
    tiles = tiles_around(hole, COHERENT // 2)
    first = _coherent(tiles, one.error) <= _coherent(tiles, other.error) + STEADIER
    value, kept = (np.where(first[:, None], *pair) for pair in ((one.value, other.value), (one.kept, other.kept)))
    return Sample(value, np.where(first, one.error, other.error), kept)


def _doubted(target: View, support: Support, samples: list[Sample]) -> list[Sample]:
    """The samples of other takes, where they stand alone or show what is to go less believed."""
    if not samples:
        return samples
    pictures = [each.witness.view.working.log for each in samples if each.witness]
    rims = np.stack([support.bridge.carried_from_sides(picture, target.working.scale) for picture in pictures])
    more = doubts(target, rims, np.stack([each.value for each in samples]), np.isfinite(_errors(samples)))
    return [replace(each, error=each.error + doubt) for each, doubt in zip(samples, more, strict=True)]


def _errors(samples: list[Sample]) -> Pixels:
    return np.stack([sample.error for sample in samples])


def _ranks(samples: Iterable[Sample]) -> list[int]:
    return [sample.witness.rank if sample.witness else 0 for sample in samples]


def _samples(seeker: Seeker, neighbour: Neighbour) -> Iterator[Sample]:
    hole = seeker.target.hole
    shown = np.zeros(len(seeker.support.cell), np.int32)
    directions = [-1, 1]
    for offset in (*NEAR, *FAR):
        if offset in FAR and (shown < ENOUGH).mean() <= LEFT_OVER:
            return
        for direction in tuple(directions):
            source = neighbour(direction * offset)
            if source is None or source.hole.shape != hole.shape:
                continue
            samples = seeker.samples(source)
            if samples is None:
                directions.remove(direction)
                continue
            shown += np.min([sample.error for sample in samples], axis=0) < RELIABLE
            yield from samples


def _merged(hole: Matte, guess: tuple[Pixels, Pixels], samples: list[Sample], tiles: Tiles) -> Candidates:
    (spatial, confidence), count = guess, len(guess[0])
    nothing = np.zeros((count, BANDS), np.float32)
    padding = [Sample(spatial, np.full(count, np.inf, np.float32), nothing)] * max(0, BEST - len(samples))
    values = np.stack([sample.value for sample in (*samples, *padding)])  # (K, N, 3)
    everything = (*samples, *padding)
    fits = by_rank(np.stack([_coherent(tiles, sample.error) for sample in everything]), _ranks(everything))  # (K, N)
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
        belief=_belief(values, everything, (fits, share)) if samples else None,
        ways=_ways_beside(samples),
    )


def _belief(values: Pixels, samples: Sequence[Sample], judged: tuple[Pixels, Pixels]) -> Belief:
    """The sources one by one, by how they fit and their shares (K, N)."""
    fits, share = judged
    further = np.broadcast_to(np.asarray([[sample.further] for sample in samples], np.float32), fits.shape)
    return belief_of(values, (fits, _errors(list(samples)), further), share)


def _bridged_anew(target: View, candidates: Candidates) -> Candidates:
    """The candidates, the guess hung on what other frames have shown: the rest of a hole is narrower than the hole."""
    seen = candidates.seen
    if seen.all() or not seen.any():
        return candidates
    rows, columns = target.places
    part, _ = around((rows[~seen], columns[~seen]), REACH, target.hole.shape)
    log, known = target.log[part].copy(), target.known[part].copy()
    rows, columns = rows - part[0].start, columns - part[1].start
    shown = seen & (rows >= 0) & (rows < len(known)) & (columns >= 0) & (columns < known.shape[1])
    log[rows[shown], columns[shown]], known[rows[shown], columns[shown]] = candidates.mean[shown], True
    bridge = bridged(log, ~known)
    wanted = target.hole[part][~known]
    guess, bridge = filled_across(log, ~known, bridge)[wanted], bridge.at(wanted)
    spatial, confidence = candidates.spatial.copy(), candidates.spatial_confidence.copy()
    spatial[~seen], confidence[~seen] = guess, bridge.confidence
    low, high = np.minimum(candidates.low, spatial), np.maximum(candidates.high, spatial)
    low, high = np.where(seen[:, None], candidates.low, low), np.where(seen[:, None], candidates.high, high)
    return replace(candidates, spatial=spatial, spatial_confidence=confidence, low=low, high=high)


def _noise(sample: Sample) -> np.float32:
    return np.float32(sample.witness.noise if sample.witness else 1)


def _ways_beside(samples: Iterable[Sample]) -> dict[int, Way]:
    """How the hole lies in the frames beside, by how far away they are."""
    ways = (sample.way for sample in samples if sample.way is not None and sample.witness is None)
    return {way.offset: way for way in ways if abs(way.offset) <= BESIDE}


def _shares(samples: list[Sample], share: Pixels) -> dict[str, float]:
    """By name, how much of the hole came from each piece of other footage that was heard."""
    shares: dict[str, float] = {}
    for sample, its in zip(samples, share, strict=False):  # beyond the samples there is padding
        if sample.witness is not None:
            shares[sample.witness.name] = shares.get(sample.witness.name, 0.0) + float(its.mean())
    return shares


def _coherent(tiles: Tiles, error: Pixels) -> Pixels:
    """A source's errors (N,) averaged over the hole's pixels nearby, infinite where it shows nothing.

    Whether a source fits is no matter of single pixels: choosing them one by one would leave specks.
    """
    if not len(error):
        return error
    shows = np.isfinite(error)
    window = (COHERENT, COHERENT)
    weight = cv2.blur(tiles.spread(shows.astype(np.float32)), window)
    mean = cv2.blur(tiles.spread(np.where(shows, error, 0)), window) / np.maximum(weight, 1e-6)
    return np.where(shows, tiles.back(mean), np.inf).astype(np.float32)


def _without_specks(log_plate: Pixels, candidates: Candidates, tiles: Tiles) -> Candidates:
    """The candidates, their classical answer less single pixels that stand out where the sources disagree."""
    doubtful = (candidates.spread > DOUBTFUL) | (candidates.sight < 0.5)
    if not doubtful.any():
        return candidates
    answer = np.where(tiles.place[..., None] >= 0, tiles.spread(candidates.classical), tiles.cut(log_plate))
    calm = np.stack([cv2.medianBlur(np.ascontiguousarray(answer[..., index]), 3) for index in range(3)], axis=-1)
    calm = np.clip(tiles.back(calm), candidates.low, candidates.high)
    mean = np.where((doubtful & (candidates.sight > 0))[:, None], calm, candidates.mean)
    spatial = np.where((doubtful & ~candidates.seen)[:, None], calm, candidates.spatial)
    return replace(candidates, mean=mean.astype(np.float32), spatial=spatial.astype(np.float32))
