"""Holes to be taught on: wires with their soft edges, blobs and brush strokes, in a frame or moving over a clip."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Holes = npt.NDArray[np.bool_]

SUBPIXEL_BITS = 4  # of cv2's drawing: sixteenths of a pixel
WIRES_SHARE, BLOBS_SHARE = 0.7, 0.2  # of the draws; the rest are strokes as an artist paints them
WIDTHS = (2, 10)  # pixels, the last not among them
BLOB_RADII = (3.0, 21.0)  # pixels


def cut_holes(rng: np.random.Generator, frames: Sequence[int], height: int, width: int) -> Holes:
    """Holes for frames (their numbers count from the clip's target), (F, H, W)."""
    kind = rng.random()
    if kind < WIRES_SHARE:
        return _wires(rng, frames, height, width)
    if kind < WIRES_SHARE + BLOBS_SHARE:
        return _blobs(rng, frames, height, width)
    return _strokes(rng, frames, height, width)


def _wires(rng: np.random.Generator, frames: Sequence[int], height: int, width: int) -> Holes:
    holes = np.zeros((len(frames), height, width), np.uint8)
    along, reach = np.linspace(-1, 1, 32)[:, None], 1.2 * max(height, width)
    for _ in range(int(rng.integers(1, 4))):
        thickness, angle, turn = int(rng.integers(*WIDTHS)), rng.uniform(0, np.pi), rng.normal(0, 0.002)
        centre, speed = rng.uniform((0.1 * width, 0.1 * height), (0.9 * width, 0.9 * height)), rng.normal(0, 1.5, 2)
        sag = rng.normal(0, 0.04) * width * (1 - along**2)
        for hole, frame in zip(holes, frames, strict=True):
            direction = np.array([np.cos(angle + turn * frame), np.sin(angle + turn * frame)])
            across = np.array([-direction[1], direction[0]])
            _draw(hole, centre + speed * frame + along * reach * direction + sag * across, thickness)
    return holes > 0


def _strokes(rng: np.random.Generator, frames: Sequence[int], height: int, width: int) -> Holes:
    """Crooked strokes of a soft brush: what an artist paints around a harness or a mark."""
    holes = np.zeros((len(frames), height, width), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        steps = rng.normal(0, 1, (24, 2)).cumsum(axis=0).cumsum(axis=0)
        points = rng.uniform((0, 0), (width, height)) + steps * rng.uniform(0.1, 0.6)
        speed, thickness = rng.normal(0, 1.5, 2), int(rng.integers(5, 17))
        for hole, frame in zip(holes, frames, strict=True):
            _draw(hole, points + speed * frame, thickness)
    return holes > 0


def _draw(hole: npt.NDArray[np.uint8], points: npt.NDArray[np.float64], thickness: int) -> None:
    fixed = np.rint(points * 2**SUBPIXEL_BITS).astype(np.int32)
    cv2.polylines(hole, [fixed], False, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)


def _blobs(rng: np.random.Generator, frames: Sequence[int], height: int, width: int) -> Holes:
    holes = np.zeros((len(frames), height, width), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        centre, speed, turn = rng.uniform((0, 0), (width, height)), rng.normal(0, 2.0, 2), rng.uniform(0, 180)
        radii = rng.uniform(*BLOB_RADII, 2).astype(int)
        for hole, frame in zip(holes, frames, strict=True):
            at = np.rint(centre + speed * frame).astype(int)
            axes = (int(radii[0]), int(radii[1]))
            cv2.ellipse(hole, (int(at[0]), int(at[1])), axes, float(turn), 0, 360, 255, -1)
    return holes > 0
