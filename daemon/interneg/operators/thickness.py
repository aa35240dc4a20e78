"""How thick and how soft a wire is, measured across its curve, and the coverage that it is drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import ceil, sqrt

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.curves import Line, normals_of, sampled

Pixels = npt.NDArray[np.float32]

STEP = 0.5  # pixels: how finely a wire is looked at across
NARROW, WIDE = (7.0, 4.5), (16.0, 11.0)  # pixels to each side: looked at, and from where on it is what lies behind
THICK = 5.0  # pixels: what seems as wide as this is looked at again, more widely
STRETCH = 40  # points of a curve that are measured together: texture behind it cancels out
WIDTHS = np.concatenate([np.arange(0.6, 6.0, 0.2), np.arange(6.0, 16.1, 0.5)])  # pixels
SOFTNESSES = np.array([0.35, 0.5, 0.7, 0.9, 1.2, 1.6, 2.2, 3.0])  # pixels, of a Gaussian
SOFTER = 0.002  # of what a fit leaves: how much better a softer edge must be, for each step
CALM = 25  # points over which a wire's middle is told
OFF_CENTRE = 3.0  # pixels that a curve may be off it
UNEVEN = 0.35  # share of its thickness that a wire may differ by along its run
SKIRT = 1.0  # pixels beyond the last blur that may still be touched: what sharpening and codecs leave of a wire
PIXEL = 1 / 12  # squared pixels: the variance of a pixel's own square
LEAST_COVERAGE = 1 / 512  # half of the last step of an 8-bit matte

_STEPS = np.linspace(-4, 4, 1601)
_EDGE = np.cumsum(np.exp(-(_STEPS**2) / 2))
_EDGE = _EDGE / _EDGE[-1]


@dataclass(frozen=True, eq=False)
class Thickness:
    """How thick a wire is at each point (N,) in pixels, how soft its edges are, and how well that explains the plate.

    Convention: softness is the spread of a Gaussian in pixels, focus and motion together; explained in [0, 1].
    """

    width: Line
    softness: float
    explained: float


def coverage_at(away: Line, width: Line | float, softness: Line | float) -> Line:
    """What a wire covers of a pixel so far from its middle: a bar, blurred by the lens, the motion and the pixel."""
    blur = np.sqrt(np.square(softness) + PIXEL)
    half = np.asarray(width) / 2
    outer, inner = np.interp((away + half) / blur, _STEPS, _EDGE), np.interp((away - half) / blur, _STEPS, _EDGE)
    return np.asarray(outer - inner)


def thickness_of(luma: Pixels, points: Line) -> Thickness:
    """The thickness of the wire along those points.

    Convention: luma (H, W), scene-linear: what a lens mixes, it mixes in linear light.
    """
    found = _fitted(luma, points, NARROW)
    return found if float(np.median(found.width)) < THICK else _fitted(luma, points, WIDE)


def _fitted(luma: Pixels, points: Line, reach: tuple[float, float]) -> Thickness:
    """The thickness that explains what is seen within that reach."""
    scans = _scans(luma, points, reach)
    left = _left_over(np.median(scans, axis=0), reach[0])
    soft = int((left.min(axis=1) + SOFTER * np.arange(len(SOFTNESSES))).argmin())
    middle = float(WIDTHS[left[soft].argmin()])
    parts = np.array_split(scans, max(1, round(len(points) / STRETCH)))
    each = np.array([WIDTHS[_left_over(np.median(part, axis=0), reach[0])[soft].argmin()] for part in parts])
    each = _calmed(np.clip(each, (1 - UNEVEN) * middle, (1 + UNEVEN) * middle))  # the rest hides behind it
    places = (np.arange(len(each)) + 0.5) * len(points) / len(each)
    width = np.interp(np.arange(len(points)), places, each)
    return Thickness(width, float(SOFTNESSES[soft]), float(np.clip(1 - left[soft].min(), 0, 1)))


def recentred(luma: Pixels, points: Line) -> Line:
    """The points brought to the middle of what is seen across them, stretch by stretch."""
    if len(points) < 3:
        return points
    away = _away(NARROW[0])
    scans = cv2.blur(_scans(luma, points, NARROW), (1, CALM), borderType=cv2.BORDER_REPLICATE)
    weight = np.square(np.clip(scans, 0, None)) * (np.abs(away) <= OFF_CENTRE)
    middle = (weight * away).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9)
    moved = cv2.blur(middle[:, None], (1, CALM), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(points + normals_of(points) * moved)


def _away(reach: float) -> Line:
    """How far from the middle a wire is looked at."""
    return np.arange(-reach, reach + STEP / 2, STEP)


def _scans(luma: Pixels, points: Line, reach: tuple[float, float]) -> Line:
    """The profile across each point (N, K), in shares of what is behind, positive where the wire is."""
    away = _away(reach[0])
    across = sampled(luma, points[:, None] + normals_of(points)[:, None] * away[None, :, None])
    one, other = (np.median(across[:, side], axis=1) for side in (away <= -reach[1], away >= reach[1]))
    share = (away + reach[0]) / (2 * reach[0])
    behind = one[:, None] * (1 - share) + other[:, None] * share
    usual = float(np.median(np.abs(behind)))
    stands = (across - behind) / np.maximum(np.abs(behind), 0.05 * usual + 1e-9)
    stands = np.clip(np.where(np.isfinite(stands), stands, 0), -4, 4)
    sign = np.sign(stands[:, np.abs(away) <= 1.0].mean(axis=1))
    return np.asarray(stands * sign[:, None])


def _left_over(profile: Line, reach: float) -> Line:
    """The share of a profile that each softness and width leaves unexplained."""
    shapes = _shapes(reach)
    product = np.clip(shapes @ profile, 0, None)
    explained = product**2 / (shapes**2).sum(axis=2)
    return np.asarray(1 - explained / max(float((profile**2).sum()), 1e-12))


@cache
def _shapes(reach: float) -> Line:
    """The profile of each softness and width."""
    shapes = [[coverage_at(_away(reach), width, soft) for width in WIDTHS] for soft in SOFTNESSES]
    return np.asarray(shapes)


def _calmed(values: Line) -> Line:
    """The values without outliers among their neighbours."""
    if len(values) < 3:
        return values
    padded = np.concatenate([values[:1], values, values[-1:]])
    return np.asarray(np.median(np.stack([padded[:-2], values, padded[2:]]), axis=0))


def draw_wire(matte: Pixels, points: Line, width: Line, softness: float) -> None:
    """Lays the wire's coverage into the matte (H, W), where it is more than what is there."""
    along = np.abs(np.gradient(points, axis=0))
    flat = along[:, 0] >= along[:, 1]
    edges = np.concatenate([[0], np.flatnonzero(np.diff(flat.astype(np.int8))) + 1, [len(points)]])
    for first, last in pairwise(edges):
        part = slice(max(first - 1, 0), min(last + 1, len(points)))  # runs meet: no gap where a wire turns
        lying = bool(flat[first])
        way = points[part] if lying else points[part][:, ::-1]
        _draw_lying(matte if lying else matte.T, way, width[part], softness)


def _draw_lying(matte: Pixels, points: Line, width: Line, softness: float) -> None:
    """The same for a wire that runs from left to right more than up or down."""
    order = np.argsort(points[:, 0])
    points, width = points[order], width[order]
    first, last = max(0, ceil(points[0, 0] - 0.5)), min(matte.shape[1] - 1, int(points[-1, 0] + 0.5))
    if last < first:
        return
    columns = np.arange(first, last + 1)
    line, wide = np.interp(columns, points[:, 0], points[:, 1]), np.interp(columns, points[:, 0], width)
    lean = np.hypot(1, np.gradient(line)) if len(line) > 1 else np.ones(1)
    blurred = wide / 2 + 3 * sqrt(softness**2 + PIXEL) + SKIRT
    reach = ceil(float((blurred * lean).max())) + 1
    rows = np.floor(line).astype(np.intp)[None] + np.arange(-reach, reach + 1)[:, None]
    away = (rows - line) / lean
    cover = np.maximum(coverage_at(away, wide, softness), LEAST_COVERAGE)
    inside = (rows >= 0) & (rows < matte.shape[0]) & (np.abs(away) <= blurred)
    place = rows[inside], np.broadcast_to(columns, rows.shape)[inside]
    matte[place] = np.maximum(matte[place], cover[inside].astype(np.float32))
