"""What looks like a wire in one frame: its long curves, each with how thick it is and how much it looks like one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.curves import Curve, Line, curves_of, sampled
from interneg.operators.motion import View
from interneg.operators.ridges import LUMA, Known, evidence_of, ridges_of
from interneg.operators.thickness import Thickness, draw_wire, recentred, thickness_of

Pixels = npt.NDArray[np.float32]

WORKING_LONGEST = 1280  # pixels: curves of larger plates are found at a whole fraction of their size
FLOW_LONGEST = 640  # pixels: the motion behind a wire needs no more


@dataclass(frozen=True, eq=False)
class Seen:
    """A curve of one frame; looks above 0 are more like a wire's than not."""

    curve: Curve
    thickness: Thickness
    looks: float

    @property
    def sample(self) -> Line:
        """A few of its points (17, 2), which stand for all of them."""
        points = self.curve.points
        return points[np.linspace(0, len(points) - 1, 17).astype(np.intp)]


@dataclass(frozen=True, eq=False)
class Sighting:
    """What one frame shows: its curves at working size, and its view for motion.

    Convention: size is the working height and width; `view` is smaller again, by `shrunk`, and hides the curves.
    """

    frame: int
    size: tuple[int, int]
    scale: int
    seen: tuple[Seen, ...]
    view: View
    shrunk: float


def scale_of(size: tuple[int, ...]) -> int:
    """How many full pixels a working one has to a side, for a plate of that size."""
    return max(1, -(-max(size[:2]) // WORKING_LONGEST))


def working_plate(plate: Pixels) -> tuple[Pixels, Known, int]:
    """The plate at working size, where it is finite, and how many full pixels one of its pixels has to a side."""
    height, width = plate.shape[:2]
    scale = scale_of(plate.shape)
    finite = np.asarray(np.isfinite(plate).all(axis=-1))
    shown = np.where(finite[..., None], plate, 0).astype(np.float32)
    if scale == 1:
        return _filled(shown, finite), finite, 1
    rows, columns = -height % scale, -width % scale
    padded = np.pad(shown, ((0, rows), (0, columns), (0, 0)), mode="edge")
    share = np.pad(finite, ((0, rows), (0, columns)), mode="edge").astype(np.float32)
    size = (padded.shape[1] // scale, padded.shape[0] // scale)
    weight = np.asarray(cv2.resize(share, size, interpolation=cv2.INTER_AREA))
    small = np.asarray(cv2.resize(padded, size, interpolation=cv2.INTER_AREA), np.float32)
    there = weight > 0.5
    small = np.where(there[..., None], small / np.maximum(weight, 1e-6)[..., None], 0).astype(np.float32)
    return _filled(small, there), there, scale


def _filled(plate: Pixels, there: Known) -> Pixels:
    """The plate with what is not there at the middle of what is: it must not stand out."""
    if there.all() or not there.any():
        return plate
    return np.where(there[..., None], plate, np.median(plate[there], axis=0)).astype(np.float32)


def sighting_of(frame: int, working: tuple[Pixels, Known, int], log: Pixels, net: Pixels | None) -> Sighting:
    """What that frame shows.

    Convention: `working` as of `working_plate`, `log` its log encoding; net (h, w) a network's matte of wires in it,
        None where there is no network.
    """
    plate, there, scale = working
    ridges = ridges_of(log, there)
    evidence = evidence_of(ridges)
    luma = np.asarray(plate @ LUMA, np.float32)
    seen = tuple(_seen(curve, luma, net) for curve in curves_of(evidence, ridges.angle))
    view, shrunk = _view_without(frame, log, there, seen)
    return Sighting(frame, (luma.shape[0], luma.shape[1]), scale, seen, view, shrunk)


def _seen(curve: Curve, luma: Pixels, net: Pixels | None) -> Seen:
    curve = replace(curve, points=recentred(luma, curve.points))
    thickness = thickness_of(luma, curve.points)
    width = float(np.median(thickness.width))
    share = curve.length / hypot(luma.shape[0], luma.shape[1])
    looks = 7 * (float(curve.evidence.mean()) - 0.58) + 2 * (0.8 - curve.roughness) + 4 * (min(share, 0.8) - 0.4)
    looks -= 3 * max(curve.wobble - 0.08, 0) + 25 * max(width / max(curve.length, 1) - 0.015, 0)
    if net is not None:
        looks += 4 * (float(sampled(net, curve.points).mean()) - 0.45)
    return Seen(curve, thickness, looks)


def _view_without(frame: int, log: Pixels, there: Known, seen: tuple[Seen, ...]) -> tuple[View, float]:
    """The frame as motion sees it, its curves hidden: no flow follows a wire."""
    height, width = there.shape
    matte = np.zeros((height, width), np.float32)
    for one in seen:
        draw_wire(matte, one.curve.points, one.thickness.width, one.thickness.softness)
    shrunk = max(1.0, max(height, width) / FLOW_LONGEST)
    if shrunk == 1:
        return View(frame, log, matte > 0, there), 1.0
    size = (max(1, round(width / shrunk)), max(1, round(height / shrunk)))
    small = np.asarray(cv2.resize(log, size, interpolation=cv2.INTER_AREA), np.float32)
    hidden = np.asarray(cv2.resize((matte > 0).astype(np.float32), size, interpolation=cv2.INTER_AREA)) > 0
    known = np.asarray(cv2.resize(there.astype(np.float32), size, interpolation=cv2.INTER_AREA)) > 0.999
    return View(frame, small, hidden, known), shrunk
