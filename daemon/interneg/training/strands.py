"""Lines drawn over a plate, by what they cover of each pixel.

Convention: places are x and y in pixels, whole at a pixel's middle. Coverage is drawn at four times the plate's
resolution and brought down by area, so that its edges are those of a lens.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

FINER = 4  # times as fine as the plate is the drawing
SUBPIXEL_BITS = 4  # of cv2's drawing: sixteenths of a pixel
BLEED = 1.4  # finer pixels that cv2's smooth polygons are too wide, measured
REACH = 1.5  # of the plate's longer side: a line laid through the plate leaves it at both ends
POINTS = 33  # along a strand


@dataclass(frozen=True, eq=False)
class Strand:
    """A line through the plate: its points (N, 2) as x and y in pixels, and how wide it is there (N,)."""

    points: Points
    width: npt.NDArray[np.float64]


def random_strand(rng: np.random.Generator, height: int, width: int, pixels: float) -> Strand:
    """A line of that width through the plate: straight, sagging, curved or kinked, all of it or a part."""
    centre = rng.uniform((0.08 * width, 0.08 * height), (0.92 * width, 0.92 * height))
    turn, reach = rng.uniform(0, np.pi), REACH * max(height, width)
    along, aside = np.array((np.cos(turn), np.sin(turn))), np.array((-np.sin(turn), np.cos(turn)))
    place = np.linspace(-1, 1, POINTS)
    points = centre + place[:, None] * reach / 2 * along + _bend(rng, place, reach)[:, None] * aside
    taper = np.exp(rng.normal(0, 0.12) * place)
    kept = slice(int(POINTS * rng.uniform(0.3, 0.6)), None) if rng.random() < 0.2 else slice(None)
    return Strand(points[kept], pixels * taper[kept])


def coverage(strands: list[Strand], height: int, width: int) -> Pixels:
    """What the strands cover of each pixel (H, W)."""
    canvas = np.zeros((height * FINER, width * FINER), np.uint8)
    for strand in strands:
        _draw(canvas, strand)
    return brought_down(canvas)


def drift(rng: np.random.Generator, height: int, width: int, stops: float) -> Pixels:
    """A soft change over the plate (H, W) about 1, of so many stops."""
    coarse = np.exp2(rng.normal(0, max(stops, 1e-3) / 2, (5, 5))).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR))


def resampled(strand: Strand, count: int) -> Strand:
    """The strand by so many points."""
    share, dense = np.linspace(0, 1, len(strand.points)), np.linspace(0, 1, count)
    x, y, width = (np.interp(dense, share, column) for column in (*strand.points.T, strand.width))
    return Strand(np.stack([x, y], axis=1), width)


def aside_of(points: Points) -> Points:
    """The unit normals along the line (N, 2)."""
    along = np.gradient(points, axis=0)
    along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    return np.stack([-along[:, 1], along[:, 0]], axis=1)


def fixed(points: Points, scale: float) -> npt.NDArray[np.int32]:
    """Points for cv2, which counts from the first pixel's middle."""
    return np.asarray(np.rint(((points + 0.5) * scale - 0.5) * 2**SUBPIXEL_BITS), np.int32)


def brought_down(canvas: Bytes) -> Pixels:
    """What is covered of each pixel (H, W), of a finer drawing."""
    height, width = canvas.shape
    small = cv2.resize(canvas, (width // FINER, height // FINER), interpolation=cv2.INTER_AREA)
    return np.asarray(small / np.float32(255), np.float32)


def _bend(rng: np.random.Generator, place: Points, reach: float) -> Points:
    """How far the line leaves its chord, in pixels."""
    kind = rng.choice(("straight", "sag", "curve", "kink"), p=(0.45, 0.27, 0.16, 0.12))
    if kind == "sag":
        slack = rng.uniform(0.3, 2.5)
        drop = (np.cosh(slack) - np.cosh(slack * place)) / (np.cosh(slack) - 1)
        return np.asarray(rng.normal(0, 0.12) * reach * drop)
    if kind == "curve":
        phases, periods = rng.uniform(0, 2 * np.pi, 2), rng.uniform(1.0, 5.0, 2)
        waves = np.sin(place[:, None] * periods * np.pi / 2 + phases)
        return np.asarray(waves @ (rng.normal(0, 0.035, 2) * reach))
    if kind == "kink":
        corner = rng.uniform(-0.4, 0.4)
        return np.asarray(np.abs(place - corner) * rng.normal(0, 0.22) * reach / 2)
    return np.zeros_like(place)


def _draw(canvas: Bytes, strand: Strand) -> None:
    """Draws the strand as a ribbon whose edges are its own width away: any width, fractions of a pixel too."""
    drawn_width = np.maximum(strand.width - BLEED / FINER, 0.05)
    half = aside_of(strand.points) * drawn_width[:, None] / 2
    left, right = strand.points + half, strand.points - half
    for index in range(len(left) - 1):
        quad = np.stack([left[index], left[index + 1], right[index + 1], right[index]])
        cv2.fillConvexPoly(canvas, fixed(quad, FINER), 255, cv2.LINE_AA, SUBPIXEL_BITS)
