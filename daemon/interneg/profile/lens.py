"""A lens's fall-off and colour fringes, measured on plates of whatever was shot through it.

Convention: radii are in half diagonals of the picture, a corner is at 1; log pixels are the log encoding's.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from interneg.plates.grain import STOPS_OF_ENCODING

Pixels = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

WORKING_WIDTH = 480  # pixels: fall-off is smooth, and edges cost nothing there
RINGS = 8
INNERMOST = 0.15  # of the half diagonal: nearer the middle a direction outward means little
SMOOTHEST = 0.4  # of a ring's pixels, by how little they change: edges say what was shot, not through what
DARKEST = 0.25  # of the log encoding: below that a toe or noise has changed what a stop is
FEWEST = 60  # pixels of a ring
FRINGE_WIDTH = 1920  # pixels: a fringe is a fraction of one
DETAIL = 4.0  # pixels: the blur that tells detail from what lies beneath
PROBE = 1e-3  # of the radius: about as much as a bad lens fringes
LEAST_SIDE = 16  # pixels: a plate that is thinner has no radius, and OpenCV never comes back from reflecting a line


def fall_off_slopes(log: Pixels) -> Floats:
    """How fast light falls off at each ring's radius (RINGS,), in stops a half diagonal; NaN where nothing tells.

    What is shot brightens as often outward as inward, a lens only darkens: the middle of all radial slopes on smooth
    surfaces is the lens's.

    References: Zheng, Yu, Kang, Lin and Kambhamettu, "Single-Image Vignetting Correction Using Radial Gradient
        Symmetry", 2008.
    """
    luma = _working(log.mean(axis=-1))
    height, width = luma.shape
    x, y = np.arange(width)[None] - (width - 1) / 2, np.arange(height)[:, None] - (height - 1) / 2
    half = np.hypot(width - 1, height - 1) / 2
    radius = np.hypot(x, y) / half
    smooth = cv2.GaussianBlur(luma, (0, 0), 1.5)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(smooth, cv2.CV_32F, 0, 1) / 8
    outward = (across * x + down * y) / np.maximum(np.hypot(x, y), 1e-3) * half * STOPS_OF_ENCODING
    steepness = np.hypot(across, down)
    slopes = np.full(RINGS, np.nan)
    ring_of = np.floor((radius - INNERMOST) / (1 - INNERMOST) * RINGS).astype(int)
    for ring in range(RINGS):
        inside = (ring_of == ring) & (luma > DARKEST) & (luma < 1.0)
        if inside.sum() < FEWEST:
            continue
        calm = inside & (steepness <= np.quantile(steepness[inside], SMOOTHEST))
        slopes[ring] = np.median(outward[calm])
    return slopes


def corner_stops(slopes: Floats) -> float:
    """The fall-off at the corner in stops, 0 or above, of slopes (RINGS,); NaN where too few rings tell."""
    known = np.isfinite(slopes)
    if known.sum() < RINGS // 2:
        return float("nan")
    radii = ring_radii()
    # a cosine's fourth power falls off as 2 stops * log2(1 + a r^2): its slope is nearly straight in r
    steep = float((slopes[known] * radii[known]).sum() / (radii[known] ** 2).sum())
    return max(0.0, -steep / 2)


def ring_radii() -> Floats:
    """The middle of each ring."""
    return np.asarray(INNERMOST + (np.arange(RINGS) + 0.5) / RINGS * (1 - INNERMOST))


@dataclass(frozen=True)
class Fringes:
    """How much further out red and blue lie than green, as a share of the radius, and how sure that is."""

    red: float
    blue: float
    weight: float


def fringes(log: Pixels) -> Fringes | None:
    """The lateral chromatic aberration of a plate; None where it has no edges to tell it by.

    Red is green with its radius scaled: the difference of their detail is that scale times green's own change when its
    radius is scaled. What an object's own colours do averages out over edges of both signs.
    """
    scale = min(1.0, FRINGE_WIDTH / log.shape[1])
    if min(log.shape[:2]) * scale < LEAST_SIDE:
        return None
    if scale < 1:
        log = cv2.resize(log, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    detail = log - cv2.GaussianBlur(log, (0, 0), DETAIL)
    detail = cv2.GaussianBlur(detail, (0, 0), 0.7)
    green = detail[..., 1]
    slope = (_scaled(green, 1 - PROBE) - _scaled(green, 1 + PROBE)) / (2 * PROBE)
    strong = np.abs(slope) > np.quantile(np.abs(slope), 0.97)
    if strong.sum() < FEWEST or float(np.abs(slope[strong]).mean()) < 1.0:
        return None
    red, blue = (_scale_against(detail[..., channel][strong], green[strong], slope[strong]) for channel in (0, 2))
    return Fringes(red, blue, float(strong.sum()))


def _scale_against(channel: Pixels, green: Pixels, slope: Pixels) -> float:
    """The radial scale of a channel against green at strong edges, by least squares with outliers left out."""
    gain = float((channel * green).sum() / max(float((green**2).sum()), 1e-9))  # a channel's contrast is its own
    error = channel - gain * green
    weight = np.ones_like(error)
    scale = 0.0
    for _ in range(5):
        scale = float((weight * error * slope).sum() / max(float((weight * slope**2).sum()), 1e-9))
        left = np.abs(error - scale * slope)
        weight = 1 / (1 + (left / max(float(np.median(left)), 1e-6)) ** 2)
    return scale / max(gain, 0.1)


def _scaled(picture: Pixels, scale: float) -> Pixels:
    """The picture (H, W) as it is where every radius is so much larger."""
    height, width = picture.shape
    x, y = (np.arange(side, dtype=np.float32) - np.float32((side - 1) / 2) for side in (width, height))
    columns, rows = np.meshgrid(x * scale + np.float32((width - 1) / 2), y * scale + np.float32((height - 1) / 2))
    return np.asarray(cv2.remap(picture, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101), np.float32)


def _working(luma: Pixels) -> Pixels:
    scale = min(1.0, WORKING_WIDTH / luma.shape[1])
    size = (max(8, round(luma.shape[1] * scale)), max(8, round(luma.shape[0] * scale)))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.float32)
