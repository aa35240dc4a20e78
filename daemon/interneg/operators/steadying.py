"""A fill that does not flicker: each frame's own answer, and those of the frames beside it, brought to it by motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.motion import LUMA, WORKING_WIDTH

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Window = tuple[slice, slice]

AROUND = 64  # pixels around the hole that its motion is found by
RING = 12  # pixels around it that tell how exposure has changed
FEWEST = 64  # of them, below which nothing is told
ALIKE = 0.08  # log units by which two frames' answers may differ and still be of one thing
MISSED = 0.75  # working pixels by which the way there and back may miss: beyond it something is covered or uncovered
SAME_SCENE = 0.5  # share of the pixels that go there and back: across a cut few do
SMALLEST = 16  # pixels; smaller pictures have no patches to follow
KEPT_BY_BILINEAR = 0.44  # of the grain's variance, over all subpixel positions


@dataclass(frozen=True, eq=False)
class Picture:
    """A frame filled by itself: log (H, W, 3), and how far each pixel is made up (H, W)."""

    log: Pixels
    made_up: Pixels


@dataclass(frozen=True, eq=False)
class Steadied:
    """A hole's pixels in log (N, 3), and the share of their grain's variance that is left (N,)."""

    log: Pixels
    kept_noise: Pixels


def steadied(here: Picture, beside: Sequence[Picture], hole: Matte) -> Steadied:
    """The hole of a filled frame together with the frames beside it, as far as they show the same thing there.

    Convention: all of one size. What one frame's answer has wrong by itself another has not: what they share stays, the
        rest does not jump. A pixel that was seen hears nothing that another frame has made up.
    """
    window = _around(hole)
    mine, inside, is_seen = here.log[window], hole[window], here.made_up[window] == 0
    total, weight, squares = mine.copy(), *np.ones((2, *inside.shape), np.float32)
    for other in beside:
        scale = max(1, -(-hole.shape[1] // WORKING_WIDTH))
        theirs, is_same = _brought(mine, np.dstack([other.log[window], other.made_up[window]]), scale)
        if is_same.mean() < SAME_SCENE:
            continue
        shown = theirs[..., :3] + _exposure(mine, theirs[..., :3], inside, is_same)
        apart = np.abs(shown - mine).mean(axis=-1)
        say = is_same * np.exp(-((apart / ALIKE) ** 2)) * np.where(is_seen, 1 - theirs[..., 3], 1)
        total, weight = total + shown * say[..., None], weight + say
        squares = squares + KEPT_BY_BILINEAR * say**2
    log, kept = (total / weight[..., None])[inside], (squares / weight**2)[inside]
    return Steadied(log.astype(np.float32), kept.astype(np.float32))


def _around(hole: Matte) -> Window:
    spans = []
    for axis, length in enumerate(hole.shape):
        there = np.flatnonzero(hole.any(axis=1 - axis))
        spans.append(slice(max(0, int(there[0]) - AROUND), min(length, int(there[-1]) + 1 + AROUND)))
    return spans[0], spans[1]


def _brought(here: Pixels, there: Pixels, scale: int) -> tuple[Pixels, Matte]:
    """The other picture (H, W, 4) brought to this one (H, W, 3), and where it shows the same thing (H, W)."""
    height, width = here.shape[:2]
    size = (max(1, width // scale), max(1, height // scale))
    if min(size) < SMALLEST:
        return there, np.zeros((height, width), bool)
    forth, back = _flows(
        *(cv2.resize(picture[..., :3] @ LUMA, size, interpolation=cv2.INTER_AREA) for picture in (here, there))
    )
    missed = np.linalg.norm(forth + _warped(back, forth), axis=-1)
    stretch = np.array((width / size[0], height / size[1]), np.float32)
    flow = np.asarray(cv2.resize(forth, (width, height)) * stretch, np.float32)
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    across, down = columns + flow[..., 0], rows + flow[..., 1]
    inside = (across >= 0) & (across <= width - 1) & (down >= 0) & (down <= height - 1)
    return _warped(there, flow), inside & (cv2.resize(missed, (width, height)) < MISSED)


def _flows(here: Pixels, there: Pixels) -> tuple[Pixels, Pixels]:
    low, high = np.percentile(here, (1, 99))
    gain = 230 / max(float(high - low), 0.05)  # a flat plate's noise is not blown up to contrast
    one, other = (np.clip((luma - low) * gain + 12, 0, 255).astype(np.uint8) for luma in (here, there))
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    forth, back = (finder.calc(*pair, np.zeros((*here.shape, 2), np.float32)) for pair in ((one, other), (other, one)))
    return np.asarray(forth, np.float32), np.asarray(back, np.float32)


def _warped(picture: Pixels, flow: Pixels) -> Pixels:
    height, width = flow.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    places = (columns + flow[..., 0], rows + flow[..., 1])
    return np.asarray(cv2.remap(picture, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _exposure(here: Pixels, there: Pixels, hole: Matte, is_same: Matte) -> Pixels:
    """How much lighter this frame is around the hole than the other one, by channel."""
    window = np.ones((2 * RING + 1, 2 * RING + 1), np.uint8)
    ring = (cv2.dilate(hole.astype(np.uint8), window) > 0) & ~hole & is_same
    if ring.sum() < FEWEST:
        return np.zeros(3, np.float32)
    return np.asarray(np.median(here[ring] - there[ring], axis=0), np.float32)
