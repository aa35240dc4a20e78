"""A fill that does not flicker: each frame's own answer, and those of the frames beside it, brought to it by motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.motion import LUMA, WORKING_WIDTH
from interneg.operators.sampling import sampled, within

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
KEPT_BY_BILINEAR = 0.44  # of the grain's variance, over all subpixel positions


@dataclass(frozen=True, eq=False)
class Picture:
    """A frame filled by itself: log (H, W, 3), and how far each pixel is made up (H, W)."""

    log: Pixels
    made_up: Pixels

    def within(self, window: Window) -> Picture:
        """That part of it."""
        return Picture(self.log[window], self.made_up[window])


@dataclass(frozen=True, eq=False)
class Patched:
    """A frame as it was shot, log (H, W, 3), and its own answer at `places`: `filled` (N, 3), `made_up` (N,).

    Nothing is copied before it is known which part is wanted: a 4K frame costs more than all that a wire hides.
    """

    log: Pixels
    places: Places
    filled: Pixels
    made_up: Pixels

    def within(self, window: Window) -> Picture:
        """That part of it, with the answer in it."""
        log, made_up = self.log[window].copy(), np.zeros(self.log[window].shape[:2], np.float32)
        at = [places - part.start for places, part in zip(self.places, window, strict=True)]
        inside = np.all([(own >= 0) & (own < length) for own, length in zip(at, log.shape, strict=False)], axis=0)
        rows, columns = (own[inside] for own in at)
        log[rows, columns], made_up[rows, columns] = self.filled[inside], self.made_up[inside]
        return Picture(log, made_up)


@dataclass(frozen=True, eq=False)
class Steadied:
    """A hole's pixels in log (N, 3), and the share of their grain's variance that is left (N,)."""

    log: Pixels
    kept_noise: Pixels


def steadied(here: Picture | Patched, beside: Sequence[Picture | Patched], hole: Matte) -> Steadied:
    """The hole of a filled frame together with the frames beside it, as far as they show the same thing there.

    Convention: all of one size. What one frame's answer has wrong by itself another has not: what most of them say
        stays, the rest does not jump. A pixel that was seen hears nothing that another frame has made up.
    """
    window = _around(hole)
    own, inside = here.within(window), hole[window]
    at = np.nonzero(inside)
    mine, is_seen = own.log[at], own.made_up[at] == 0
    scale, ring = max(1, -(-hole.shape[1] // WORKING_WIDTH)), _ring(inside)
    words = [_heard(own, other.within(window), (at, ring), scale) for other in beside]
    heard = [word for word in words if word is not None]
    voices = [np.where(word.is_same, np.where(is_seen, 1 - word.made_up, 1), 0).astype(np.float32) for word in heard]
    middle = _middle(mine, heard, voices)
    weight = np.exp(-((np.abs(mine - middle).mean(axis=-1) / ALIKE) ** 2))
    total, squares = mine * weight[:, None], weight**2
    for word, voice in zip(heard, voices, strict=True):
        say = voice * np.exp(-((np.abs(word.log - middle).mean(axis=-1) / ALIKE) ** 2))
        total, weight = total + word.log * say[:, None], weight + say
        squares = squares + KEPT_BY_BILINEAR * say**2
    lost = weight < NO_WEIGHT  # all differ: the middle one stands
    total[lost], weight[lost], squares[lost] = middle[lost], 1, 1
    return Steadied((total / weight[:, None]).astype(np.float32), (squares / weight**2).astype(np.float32))


@dataclass(frozen=True, eq=False)
class _Word:
    """What another frame says of the hole's pixels: log (N, 3), how far it is made up (N,), and whether it is the same
    thing (N,).
    """

    log: Pixels
    made_up: Pixels
    is_same: Matte


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
    theirs, is_same = _brought(np.dstack([there.log, there.made_up]), told, points[0])
    around, is_same_around = _brought(np.dstack([there.log, there.made_up]), told, points[1])
    lighter = np.zeros(3, np.float32)
    if is_same_around.sum() >= FEWEST:
        lighter = np.median((here.log[points[1]] - around[:, :3])[is_same_around], axis=0)
    return _Word(theirs[:, :3] + lighter, theirs[:, 3], is_same)


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


def _brought(there: Pixels, told: Pixels, points: Places) -> tuple[Pixels, Matte]:
    """The other picture (H, W, C) at this one's points (N, C), and where it shows the same thing (N,).

    Convention: told (h, w, 3) is the flow in the picture's own pixels and the way by which it misses, at working size.
    """
    rows, columns = points
    here = np.stack([columns, rows], axis=-1).astype(np.float32)
    shrunk = np.array((told.shape[1] / there.shape[1], told.shape[0] / there.shape[0]), np.float32)
    small = np.asarray((here + 0.5) * shrunk - 0.5, np.float32)
    flow = sampled(told, small, "bilinear")
    away = np.asarray(here + flow[:, :2], np.float32)
    return sampled(there, away, "bilinear"), within(away, there.shape) & (flow[:, 2] < MISSED)


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
