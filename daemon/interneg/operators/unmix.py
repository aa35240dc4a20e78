"""Half-covered pixels: the wire's light taken out of the plate, so that what is behind it keeps its own detail."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.candidates import Candidates
from interneg.operators.motion import View
from interneg.operators.pyramid import grown
from interneg.operators.tiles import tiles_around

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.int32]

MOST_COVERED, HALF = 0.7, 0.5  # beyond the first the plate says more of the wire than of what is behind it
WIDEST = 24  # pixels from a hole's middle to its rim: what is wider is no wire
ALONG = np.arange(
    -20, 21
)  # pixels along a wire over which its coverage is one, and it is straight to a tenth of a pixel
NEAR, FAR = 6.0, 10.0  # deviation of the weights along it: for light, which glints, and for coverage, which does not
FELT, AT_ONCE = 32, 96  # pixels around a pixel that its direction is told by, and that are looked at together
ACROSS = 0.25  # pixels; a neighbour along the wire counts as far as it lies on the same line
UNSEEN = 0.05  # say of a pixel that no other frame has shown, beside one of a seen pixel
DARKEST = 0.02  # scene-linear; contrast is told relative to light above this
FLOOR = 2.0  # times the least difference across a wire is no wire yet
FAINT, CLEAR = 0.01, 4.0  # squared contrast, and floors, above which a wire stands out: a tenth of the light
FAINTEST = 0.1  # squared contrast that says half as much of coverage as any greater one
LOG_OF_E = 0.16  # log units of the encoding a factor of e has
MOST_PIXELS = 400_000  # of thin holes in a frame: 4K full of wires; beyond it the matte is of something else

AGREE = 4.0  # uncertainties of the background by which the unmixed pixel may depart from it: more is another thing
ALIKE = 0.06  # log units; as the spatial repair's confidence counts them
SHARE_OF_ERROR = 0.3  # of a candidate's error around the pixel that is error of the pixel itself
MOST_UNSURE = 0.2  # log units; a bridge between ends that differ more is worth nothing in any case
UNSURE_COVERAGE = 0.2  # of the coverage where it is half
UNSURE_SKIRT, UNCOVERED = 0.02, 0.01  # of it where it is next to nothing, and what counts as nothing
LEAST_UNSURE = 0.003  # log units


@dataclass(frozen=True, eq=False)
class Unmixed:
    """What the plate itself holds of the background, in the order of `np.nonzero(hole)`.

    Convention: `linear` (N, 3) the plate less the wire's light, with the background's own where the wire hid it, in
        scene-linear; `coverage` (N,) of the wire, in [0, 1]; `weight` (N,) in [0, 1] how far that is known at all, 0
        where there is nothing to unmix; `contrast` (N,) log units between the wire and what is behind it.
    """

    linear: Pixels
    coverage: Pixels
    weight: Pixels
    contrast: Pixels


def unmixed(target: View, plate: Pixels, background: Pixels, candidates: Candidates) -> Unmixed:
    """The hole's half-covered pixels unmixed, in scene-linear light; none inside performers.

    Convention: plate and background (N, 3) scene-linear, by `np.nonzero(hole)`: as shot, and as other frames show it.
        Nothing is divided by what is left uncovered, so that noise is never amplified.

    References: plate = wire + (1 - coverage) * background, Porter and Duff, 1984. That coverage and the wire's light
        change slowly along the wire is what makes them known: pixel by pixel they would only give back the background
        that was put in.
    """
    count = len(plate)
    chosen = _thin(target) & target.there[target.places]
    if target.performers is not None:
        chosen &= ~target.performers[target.places]
    linear, coverage, weight, contrast = background.copy(), *np.zeros((3, count), np.float32)
    if not chosen.any() or chosen.sum() > MOST_PIXELS:
        return Unmixed(linear, coverage, weight, contrast)
    wire = _wire(chosen, target, np.maximum(candidates.sight[chosen], UNSEEN))
    own, behind = plate[chosen], background[chosen]
    light, mean = wire.near(own), wire.near(behind)
    difference = _power(light - mean, mean)
    energy = wire.far(difference)
    floor = FLOOR * wire.least(energy)  # what is left beside the wire is error of the background
    core = light[wire.cores(energy)]  # (N, 3) the wire's light where it covers most
    share, clear = _coverage(wire, (difference, _power(core - mean, mean)), floor)
    covered = share[:, None]
    # light - (1 - covered) * mean is the wire's own; what it hid is put back as other frames show it
    bare = (share < UNCOVERED)[:, None]
    linear[chosen] = own - light + (1 - covered) * mean + covered * behind
    linear[chosen] = np.where(bare, own, linear[chosen])
    coverage[chosen] = share
    weight[chosen] = np.clip((MOST_COVERED - share) / (MOST_COVERED - HALF), 0, 1) * wire.straight * clear
    contrast[chosen] = LOG_OF_E * np.abs(np.log(_lit(core) / _lit(mean))).mean(axis=1)
    return Unmixed(linear, coverage, weight, contrast)


def believed(mixed: Unmixed, log: Pixels, background: Pixels, candidates: Candidates) -> Pixels:
    """How far the unmixed pixels are to be believed beside the background (N,): by variance, and where they agree.

    Convention: log and background (N, 3) log-encoded: the unmixed pixels, and what other frames or the rims show.
    """
    guess = -ALIKE * np.log(np.maximum(candidates.spatial_confidence, 1e-3))  # how far the ends of a bridge differ
    guessed = np.minimum(guess, MOST_UNSURE)
    sight = candidates.sight
    unsure = sight * np.hypot(candidates.spread, candidates.error * SHARE_OF_ERROR) + (1 - sight) * guessed
    wrong = UNSURE_COVERAGE * 2 * mixed.coverage * (1 - mixed.coverage) * mixed.contrast
    wrong = np.hypot(wrong, LEAST_UNSURE + UNSURE_SKIRT * mixed.contrast * (mixed.coverage > UNCOVERED))
    apart = np.abs(log - background).mean(axis=1)
    reach = AGREE * (
        sight * (candidates.spread + candidates.error / 2 + LEAST_UNSURE) + (1 - sight) * (2 * guessed + LEAST_UNSURE)
    )
    agrees = np.exp(-((np.maximum(0, apart - reach) / reach) ** 2))
    return np.asarray(mixed.weight * agrees * unsure**2 / (unsure**2 + wrong**2), np.float32)


@dataclass(frozen=True, eq=False)
class _Wire:
    """The pixels of thin holes, each with those that lie along its wire and across it.

    Convention: `beside` (N, T) and `over` (N, S) point into the N pixels; `weight_near`, `weight_far` (N, T) are 0
        where nothing lies; `over` points to the pixel itself there; `straight` (N,) in [0, 1].
    """

    beside: Indices
    weight_near: Pixels
    weight_far: Pixels
    over: Indices
    straight: Pixels

    def near(self, values: Pixels) -> Pixels:
        """The mean of values (N, C) along the wire, nearby."""
        total = np.maximum(self.weight_near.sum(axis=1), 1e-9)[:, None]
        return np.asarray(np.einsum("nt,ntc->nc", self.weight_near, values[self.beside]) / total, np.float32)

    def far(self, values: Pixels) -> Pixels:
        """The mean of values (N,) along the wire, from further away: it is followed around its bends."""
        total = np.maximum(self.weight_far.sum(axis=1), 1e-9)
        for _ in range(2):
            values = np.einsum("nt,nt->n", self.weight_far, values[self.beside]) / total
        return np.asarray(values, np.float32)

    def least(self, energy: Pixels) -> Pixels:
        """The least of values (N,) across the wire."""
        return np.asarray(energy[self.over].min(axis=1), np.float32)

    def cores(self, energy: Pixels) -> Indices:
        """For each pixel the one across its wire that differs most from the background (N,)."""
        best = energy[self.over].argmax(axis=1)
        return np.take_along_axis(self.over, best[:, None], axis=1)[:, 0]


def _wire(chosen: Matte, target: View, say: Pixels) -> _Wire:
    angle, straight = (part[chosen] for part in _direction(target))
    rows, columns = (part[chosen] for part in target.places)
    index: Numbers = np.zeros(target.hole.shape, np.int32)
    index[rows, columns] = np.arange(1, len(rows) + 1)
    across = np.stack([np.cos(angle), np.sin(angle)])  # (2, N) x, y
    onward = np.stack([-across[1], across[0]])
    onward /= np.abs(onward).max(axis=0)  # one row or one column a step
    x, y = (place[:, None] + way[:, None] * ALONG for place, way in zip((columns, rows), onward, strict=True))
    beside = _at(index, x, y)
    astray = (np.rint(x) - x) * across[0][:, None] + (np.rint(y) - y) * across[1][:, None]
    weight = np.exp(-(astray**2) / (2 * ACROSS**2)) * (beside >= 0) * say[np.maximum(beside, 0)]
    near, far = (weight * np.exp(-(ALONG**2) / (2 * reach**2)) for reach in (NEAR, FAR))
    steps = np.arange(-WIDEST, WIDEST + 1)
    over = _at(index, columns[:, None] + across[0][:, None] * steps, rows[:, None] + across[1][:, None] * steps)
    over = np.where(over >= 0, over, np.arange(len(rows))[:, None])
    clear = np.clip((straight - 0.5) / 0.3, 0, 1)  # at crossings and ends no direction is right
    return _Wire(np.maximum(beside, 0), near.astype(np.float32), far.astype(np.float32), over, clear)


def _at(index: Numbers, x: npt.NDArray[np.floating], y: npt.NDArray[np.floating]) -> Indices:
    """What the index says at the nearest pixels, counted from 0; -1 beside it and beyond the frame."""
    row, column = np.rint(y).astype(np.intp), np.rint(x).astype(np.intp)
    inside = (row >= 0) & (row < index.shape[0]) & (column >= 0) & (column < index.shape[1])
    return np.where(inside, index[np.where(inside, row, 0), np.where(inside, column, 0)], 0).astype(np.intp) - 1


def _direction(target: View) -> tuple[Pixels, Pixels]:
    """The angle across the hole, and how much there is one direction, in [0, 1], by its structure tensor (N,)."""
    tiles = tiles_around(target.hole, FELT, AT_ONCE, target.places)
    soft = cv2.GaussianBlur((tiles.place >= 0).astype(np.float32), (0, 0), 1.5)
    x, y = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=3)
    products = (tiles.inside * product for product in (x * x, x * y, y * y))  # mirrored, a wire runs the other way
    xx, xy, yy = (tiles.back(cv2.GaussianBlur(product, (0, 0), NEAR)) for product in products)
    straight = np.hypot(xx - yy, 2 * xy) / np.maximum(xx + yy, 1e-9)
    return np.asarray(0.5 * np.arctan2(2 * xy, xx - yy), np.float32), straight.astype(np.float32)


def _thin(target: View) -> Matte:
    """Which of the hole's pixels (N,) lie in no part that is wider than a wire."""
    tiles = tiles_around(target.hole, 2 * WIDEST + 3, AT_ONCE, target.places)
    if not len(tiles.own):
        return np.zeros(0, bool)
    depth = cv2.distanceTransform((tiles.place >= 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    deep = depth > WIDEST
    if not deep.any():
        return np.ones(len(tiles.own), bool)
    return ~np.asarray(tiles.back(grown(deep, WIDEST + 1).astype(np.float32)) > 0)


def _coverage(wire: _Wire, powers: tuple[Pixels, Pixels], floor: Pixels) -> tuple[Pixels, Pixels]:
    """The wire's coverage (N,), told where it stands out along it, and how clearly it stands out at all (N,).

    Convention: powers of what is there and of the wire's middle, against the background; `floor` of the latter's error.
    """
    difference, contrast = powers
    say = contrast / (contrast + FAINTEST)
    share = np.sqrt(np.clip((difference - floor) / (contrast + 1e-6), 0, 1))
    coverage = np.clip(wire.far(share * say) / np.maximum(wire.far(say), 1e-6), 0, 1)
    clear = np.clip((wire.far(contrast) - FAINT - CLEAR * floor) / (FAINT + CLEAR * floor), 0, 1)
    return coverage.astype(np.float32), clear.astype(np.float32)


def _power(difference: Pixels, light: Pixels) -> Pixels:
    """The squared contrast over all channels (N,), relative to the light."""
    return np.asarray(((difference / np.maximum(light, DARKEST)) ** 2).sum(axis=1), np.float32)


def _lit(light: Pixels) -> Pixels:
    return np.asarray(np.maximum(light, 0) + DARKEST, np.float32)
