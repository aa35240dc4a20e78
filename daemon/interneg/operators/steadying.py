"""A fill that does not flicker: each frame's own answer, and those of the frames beside it, brought to it by motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.motion import LUMA, WORKING_WIDTH
from interneg.operators.response import kept_by_sampling
from interneg.operators.sampling import sampled, within
from interneg.operators.sources import Way
from interneg.plates.grain import BANDS

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Places = tuple[Indices, ...]
Window = tuple[slice, slice]

AROUND = 64  # pixels around the hole that its motion is found by
RING = 12  # pixels around it that tell how exposure has changed
FEWEST = 64  # of them, below which nothing is told
ALIKE = 0.15  # log units by which two frames' answers may differ and still be of one thing
MISSED = 2.0  # working pixels by which the way there and back may miss: beyond it something is covered or uncovered
SAME_SCENE = 0.5  # share of the pixels that go there and back: across a cut few do
SMALLEST = 16  # pixels; smaller pictures have no patches to follow
FEWEST_OTHERS, HALF_A_VOICE = 2, 0.5  # frames beside a frame that outvote it; how made up one of them may be
NO_WEIGHT = 1e-6
SHARED = 0.6  # of their grain that two frames' own answers have in common, half of their sources or more
SHARED_AGAIN = 0.85  # that those have which heard the frames beside them
COARSE = 0.5  # of that in the coarsest band, most of which is of each frame's own rim


@dataclass(frozen=True, eq=False)
class _Grain:
    """The share of grain's power that is left in pixels (N, BANDS), and whether they are the plate's own (N,)."""

    kept: Pixels
    is_plate: Matte


@dataclass(frozen=True, eq=False)
class Picture:
    """A frame filled by itself: log (H, W, 3), and how far each pixel is made up (H, W).

    Convention: `patch` (H, W) tells which line of `kept` (N, BANDS), the share of its grain's power that is left, a
        pixel has; below 0 none, and all is left.
    """

    log: Pixels
    made_up: Pixels
    patch: Indices | None = None
    kept: Pixels | None = None

    def within(self, window: Window) -> Picture:
        """That part of it."""
        patch = None if self.patch is None else self.patch[window]
        return Picture(self.log[window], self.made_up[window], patch, self.kept)

    def grain_at(self, places: Places) -> _Grain:
        """What is left of grain there."""
        if self.patch is None or self.kept is None or not len(self.kept):
            return _Grain(np.ones((len(places[0]), BANDS), np.float32), np.ones(len(places[0]), bool))
        which = self.patch[places]
        is_plate = np.asarray(which < 0)
        return _Grain(np.where(is_plate[:, None], np.float32(1), self.kept[np.maximum(which, 0)]), is_plate)


@dataclass(frozen=True, eq=False)
class Patched:
    """A frame as it was shot, log (H, W, 3), and its own answer at `places`: `filled` (N, 3), `made_up` (N,).

    `kept` (N, BANDS) is the share of its grain's power that the answer has.

    Nothing is copied before it is known which part is wanted: a 4K frame costs more than all that a wire hides.
    """

    log: Pixels
    places: Places
    filled: Pixels
    made_up: Pixels
    kept: Pixels

    def within(self, window: Window) -> Picture:
        """That part of it, with the answer in it."""
        log, made_up = self.log[window].copy(), np.zeros(self.log[window].shape[:2], np.float32)
        patch: Indices = np.full(made_up.shape, -1, np.intp)
        at = [places - part.start for places, part in zip(self.places, window, strict=True)]
        inside = np.all([(own >= 0) & (own < length) for own, length in zip(at, log.shape, strict=False)], axis=0)
        rows, columns = (own[inside] for own in at)
        log[rows, columns], made_up[rows, columns] = self.filled[inside], self.made_up[inside]
        patch[rows, columns] = np.flatnonzero(inside)
        return Picture(log, made_up, patch, self.kept)


@dataclass(frozen=True, eq=False)
class Steadied:
    """A hole's pixels in log (N, 3), and the share of grain's power that is left in them (N, BANDS)."""

    log: Pixels
    kept: Pixels


def followed(here: Picture | Patched, beside: Sequence[tuple[Picture | Patched, Way]], hole: Matte) -> Steadied:
    """The hole of a filled frame together with the frames beside it, brought along what the hole's ends do.

    Convention: all of one size. What one frame's answer has wrong by itself another has not: what most of them say
        stays, the rest does not jump. A pixel that was seen hears nothing that another frame has made up.
    """
    window = _around(hole)
    own, at = here.within(window), np.nonzero(hole[window])
    return _together(own, at, [_told(other.within(window), way, at) for other, way in beside], SHARED)


def steadied(here: Picture | Patched, beside: Sequence[Picture | Patched], hole: Matte) -> Steadied:
    """The same once more, brought along the motion that is measured between the pictures filled so far."""
    window = _around(hole)
    own, inside = here.within(window), hole[window]
    at, ring = np.nonzero(inside), _ring(inside)
    scale = max(1, -(-hole.shape[1] // WORKING_WIDTH))
    words = [_heard(own, other.within(window), (at, ring), scale) for other in beside]
    return _together(own, at, [word for word in words if word is not None], SHARED_AGAIN)


def _together(own: Picture, at: Places, heard: Sequence[_Word], shared: float) -> Steadied:
    """What the frame says at those points, and what the others do, as far as they show the same thing there."""
    mine, is_seen = own.log[at], own.made_up[at] == 0
    voices = [np.where(word.is_same, np.where(is_seen, 1 - word.made_up, 1), 0).astype(np.float32) for word in heard]
    middle = _middle(mine, heard, voices)
    says = [np.exp(-((np.abs(mine - middle).mean(axis=-1) / ALIKE) ** 2))]
    total = mine * says[0][:, None]
    for word, voice in zip(heard, voices, strict=True):
        says.append(voice * np.exp(-((np.abs(word.log - middle).mean(axis=-1) / ALIKE) ** 2)))
        total = total + word.log * says[-1][:, None]
    weight = np.sum(says, axis=0)
    shares, grain = [(say / np.maximum(weight, NO_WEIGHT))[:, None] for say in says], own.grain_at(at)
    kept = _kept(shares, [grain, *(word.grain for word in heard)], shared)
    lost = weight < NO_WEIGHT  # all differ: the middle one stands
    total[lost], weight[lost], kept[lost] = middle[lost], 1, grain.kept[lost]
    return Steadied((total / weight[:, None]).astype(np.float32), kept.astype(np.float32))


def _kept(shares: Sequence[Pixels], grains: Sequence[_Grain], alike: float) -> Pixels:
    """What is left of grain's power (N, BANDS) in a mean of frames that have such shares (N, 1) in it.

    Two plates have nothing in common; answers that are means of many frames have most of these in common, and where one
    is a plate, it is among them.
    """
    shared = alike * np.array([1.0] * (BANDS - 1) + [COARSE], np.float32)
    total = sum((share**2 * grain.kept for share, grain in zip(shares, grains, strict=True)), np.float32(0))
    for (share, one), (its, other) in combinations(zip(shares, grains, strict=True), 2):
        answers = shared * np.sqrt(one.kept * other.kept)
        common = np.where((one.is_plate | other.is_plate)[:, None], np.minimum(one.kept, other.kept), answers)
        total = total + 2 * share * its * np.where((one.is_plate & other.is_plate)[:, None], 0, common)
    return np.asarray(total, np.float32)


@dataclass(frozen=True, eq=False)
class _Word:
    """What another frame says of the hole's pixels: log (N, 3), how far it is made up (N,), whether it is the same
    thing (N,), and what is left of grain in it.
    """

    log: Pixels
    made_up: Pixels
    is_same: Matte
    grain: _Grain


def _told(there: Picture, way: Way, at: Places) -> _Word:
    """The other frame's word on the hole's points, which lie in it as that way has it."""
    rows, columns = at
    away = np.asarray(np.stack([columns, rows], axis=-1) + way.motion, np.float32)
    theirs = sampled(np.dstack([there.log, there.made_up]), away, "bilinear")
    return _Word(theirs[:, :3] + way.lighter, theirs[:, 3], within(away, there.made_up.shape), _grain_in(there, away))


def _grain_in(there: Picture, away: Pixels) -> _Grain:
    """What is left of grain in the picture at those points (N, 2), sampled between its pixels."""
    last = np.array(there.made_up.shape, np.intp)[::-1] - 1
    columns, rows = np.clip(np.rint(away).astype(np.intp), 0, last).T
    grain = there.grain_at((rows, columns))
    return _Grain(grain.kept * kept_by_sampling(away, is_cubic=False), grain.is_plate)


def _heard(here: Picture, there: Picture, points: tuple[Places, Places], scale: int) -> _Word | None:
    """The other frame's word on the hole's points, at this frame's exposure, which those around it tell.

    None where it does not show the same scene.
    """
    height, width = here.made_up.shape
    size = (max(1, width // scale), max(1, height // scale))
    if min(size) < SMALLEST:
        return None
    forth, missed = _flow(
        *(cv2.resize(picture.log @ LUMA, size, interpolation=cv2.INTER_AREA) for picture in (here, there))
    )
    if (missed < MISSED).mean() < SAME_SCENE:
        return None
    told = np.dstack([forth * np.array((width / size[0], height / size[1]), np.float32), missed])
    both = np.dstack([there.log, there.made_up])
    theirs, is_same, away = _brought(both, told, points[0])
    around, is_same_around, _ = _brought(both, told, points[1])
    lighter = np.zeros(3, np.float32)
    if is_same_around.sum() >= FEWEST:
        lighter = np.median((here.log[points[1]] - around[:, :3])[is_same_around], axis=0)
    return _Word(theirs[:, :3] + lighter, theirs[:, 3], is_same, _grain_in(there, away))


def _middle(mine: Pixels, heard: Sequence[_Word], voices: Sequence[Pixels]) -> Pixels:
    """What most of the frames say (N, 3): the median where two others or more have a voice (N,), else one's own."""
    if len(heard) < FEWEST_OTHERS:
        return mine
    votes = [voice > HALF_A_VOICE for voice in voices]
    words = np.stack(
        [mine, *(np.where(vote[:, None], word.log, mine) for word, vote in zip(heard, votes, strict=True))]
    )
    outvoted = np.sum(votes, axis=0) >= FEWEST_OTHERS
    return np.asarray(np.where(outvoted[:, None], np.median(words, axis=0), mine), np.float32)


def _around(hole: Matte) -> Window:
    spans = []
    for axis, length in enumerate(hole.shape):
        there = np.flatnonzero(hole.any(axis=1 - axis))
        spans.append(slice(max(0, int(there[0]) - AROUND), min(length, int(there[-1]) + 1 + AROUND)))
    return spans[0], spans[1]


def _ring(hole: Matte) -> Places:
    """The pixels around the hole."""
    window = np.ones((2 * RING + 1, 2 * RING + 1), np.uint8)
    return np.nonzero((cv2.dilate(hole.astype(np.uint8), window) > 0) & ~hole)


def _brought(there: Pixels, told: Pixels, points: Places) -> tuple[Pixels, Matte, Pixels]:
    """The other picture (H, W, C) at this one's points (N, C), where it shows the same thing (N,), and where they lie
    in it (N, 2).

    Convention: told (h, w, 3) is the flow in the picture's own pixels and the way by which it misses, at working size.
    """
    rows, columns = points
    here = np.stack([columns, rows], axis=-1).astype(np.float32)
    shrunk = np.array((told.shape[1] / there.shape[1], told.shape[0] / there.shape[0]), np.float32)
    small = np.asarray((here + 0.5) * shrunk - 0.5, np.float32)
    flow = sampled(told, small, "bilinear")
    away = np.asarray(here + flow[:, :2], np.float32)
    return sampled(there, away, "bilinear"), within(away, there.shape) & (flow[:, 2] < MISSED), away


def _flow(here: Pixels, there: Pixels) -> tuple[Pixels, Pixels]:
    """Where pixels of the one lie in the other (h, w, 2), and by how much the way there and back misses (h, w)."""
    low, high = np.percentile(here, (1, 99))
    gain = 230 / max(float(high - low), 0.05)  # a flat plate's noise is not blown up to contrast
    one, other = (np.clip((luma - low) * gain + 12, 0, 255).astype(np.uint8) for luma in (here, there))
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    forth, back = (finder.calc(*pair, np.zeros((*here.shape, 2), np.float32)) for pair in ((one, other), (other, one)))
    height, width = here.shape
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    places = (columns + forth[..., 0], rows + forth[..., 1])
    returned = forth + cv2.remap(back, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(forth, np.float32), np.asarray(np.linalg.norm(returned, axis=-1), np.float32)
