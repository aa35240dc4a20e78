"""A frame at a glance: which frames of other footage look most like the target, around its hole above all."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.motion import View

Pixels = npt.NDArray[np.float32]

WIDE = 64  # pixels of a glance across: enough to tell places by, few enough to compare with every shift
SURROUNDINGS = 9  # pixels of a glance: detail is what differs from their mean, whatever the exposure
FURTHEST = 0.25  # of the width and height by which the framing may be off and still be recognised here
FAR_FROM_HOLE = 0.2  # weight of what lies far from the hole against what lies beside it
BESIDE_HOLE = 8.0  # pixels of a glance over which the weight falls


@dataclass(frozen=True, eq=False)
class Glance:
    """A frame's detail at `WIDE` pixels across, and how far each pixel is known, (h, w) both."""

    detail: Pixels
    known: Pixels


def glance_of(view: View) -> Glance:
    """The frame at a glance."""
    working = view.working
    height, width = working.luma.shape
    size = (WIDE, max(1, round(WIDE * height / width)))
    luma = cv2.resize(working.luma, size, interpolation=cv2.INTER_AREA)
    known = cv2.resize(working.known, size, interpolation=cv2.INTER_AREA)
    around = cv2.blur(luma, (SURROUNDINGS, SURROUNDINGS))
    return Glance(np.asarray(luma - around, np.float32), np.asarray(known, np.float32))


def likeness(target: Glance, other: Glance) -> float:
    """How much alike two frames are at the best of all shifts, -1 to 1; what lies beside the target's hole counts most.

    Convention: where nothing is hidden every pixel counts alike.
    """
    weight = target.known * _beside_hole(target.known)
    down, across = (max(1, int(FURTHEST * size)) for size in target.detail.shape)
    height, width = target.detail.shape
    detail, known = (_fitted(values, (width, height)) for values in (other.detail, other.known))
    edges = (down, down, across, across)
    padded = cv2.copyMakeBorder(detail * known, *edges, cv2.BORDER_CONSTANT, value=0)
    there = cv2.copyMakeBorder(known, *edges, cv2.BORDER_CONSTANT, value=0)
    product = cv2.matchTemplate(padded, target.detail * weight, cv2.TM_CCORR)
    own = cv2.matchTemplate(there, target.detail**2 * weight, cv2.TM_CCORR)
    others = cv2.matchTemplate(padded**2, weight, cv2.TM_CCORR)
    covered = cv2.matchTemplate(there, weight, cv2.TM_CCORR) / max(float(weight.sum()), 1e-6)
    correlation = product / np.sqrt(np.maximum(own * others, 1e-10))
    return float((correlation * np.minimum(1, 2 * covered)).max())  # a sliver that agrees is no likeness


def _fitted(values: Pixels, size: tuple[int, int]) -> Pixels:
    """A glance at other footage in the target's proportions."""
    fits = values.shape == (size[1], size[0])
    return values if fits else np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _beside_hole(known: Pixels) -> Pixels:
    whole = (known > 0.999).astype(np.uint8)
    if whole.all():
        return np.ones_like(known)
    distance = cv2.distanceTransform(whole, cv2.DIST_L2, 3)
    return np.asarray(FAR_FROM_HOLE + (1 - FAR_FROM_HOLE) * np.exp(-distance / BESIDE_HOLE), np.float32)
