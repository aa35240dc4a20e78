"""Holes to learn from: wires, blobs and borders that move over a clip of clean frames."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Holes = npt.NDArray[np.bool_]

SUBPIXEL_BITS = 4  # of cv2's drawing: sixteenths of a pixel


def cut_holes(rng: np.random.Generator, frames: Sequence[int], height: int, width: int) -> Holes:
    """Holes for frames (their numbers count from the clip's target), (F, H, W) bool.

    Wires are 2 to 9 pixels wide with their soft edges, move at up to a few pixels a frame and sag; a fifth of the draws
    are blobs, a fifth borders.
    """
    kind = rng.random()
    if kind < 0.6:
        return cut_wires(rng, frames, height, width)
    if kind < 0.8:
        return cut_blobs(rng, frames, height, width)
    return _borders(rng, frames, height, width)


def cut_unseen(rng: np.random.Generator, height: int, width: int) -> npt.NDArray[np.bool_]:
    """A hole as it is left where no other frame has seen anything, (H, W) bool.

    Motion shows what is behind most wires: two fifths of the draws are blobs, two fifths borders.
    """
    kind = rng.random()
    cut = cut_wires if kind < 0.2 else cut_blobs if kind < 0.6 else _borders
    return np.asarray(cut(rng, (0,), height, width)[0], bool)


def cut_wires(rng: np.random.Generator, frames: Sequence[int], height: int, width: int) -> Holes:
    """Holes as one to three wires leave them, (F, H, W) bool; now and then they miss the frame."""
    holes = np.zeros((len(frames), height, width), np.uint8)
    reach = 1.2 * max(height, width)
    along = np.linspace(-1, 1, 48)
    for _ in range(rng.integers(1, 4)):
        thickness = int(rng.integers(2, 10))
        angle, turn = rng.uniform(0, np.pi), rng.normal(0, 0.002)
        centre = rng.uniform((0.1 * width, 0.1 * height), (0.9 * width, 0.9 * height))
        speed, sag = rng.normal(0, 1.5, 2), rng.normal(0, 0.04) * width
        for index, frame in enumerate(frames):
            direction = np.array([np.cos(angle + turn * frame), np.sin(angle + turn * frame)])
            across = np.array([-direction[1], direction[0]])
            points = centre + speed * frame + along[:, None] * reach * direction
            points = points + (sag * (1 - along**2))[:, None] * across
            _draw(holes[index], points, thickness)
    return holes > 0


def _draw(hole: npt.NDArray[np.uint8], points: npt.NDArray[np.float64], thickness: int) -> None:
    fixed = np.rint(points * 2**SUBPIXEL_BITS).astype(np.int32)
    cv2.polylines(hole, [fixed], False, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)


def cut_blobs(rng: np.random.Generator, frames: Sequence[int], height: int, width: int) -> Holes:
    """Holes as marks and small things leave them, (F, H, W) bool; now and then they miss the frame."""
    holes = np.zeros((len(frames), height, width), np.uint8)
    for _ in range(rng.integers(2, 6)):
        centre = rng.uniform((0, 0), (width, height))
        speed, turn = rng.normal(0, 2.0, 2), rng.uniform(0, 180)
        axes = np.maximum(rng.uniform(4, 22, 2).astype(int), 3)
        for index, frame in enumerate(frames):
            at = np.rint(centre + speed * frame).astype(int)
            cv2.ellipse(holes[index], (int(at[0]), int(at[1])), (int(axes[0]), int(axes[1])), turn, 0, 360, 255, -1)
    return holes > 0


def _borders(rng: np.random.Generator, frames: Sequence[int], height: int, width: int) -> Holes:
    hole = np.zeros((height, width), bool)
    across, down = (int(rng.uniform(0.01, 0.08) * size) + 1 for size in (width, height))
    for side in rng.choice(4, size=int(rng.integers(1, 3)), replace=False):
        chosen = (np.s_[:, :across], np.s_[:, -across:], np.s_[:down], np.s_[-down:])[side]
        hole[chosen] = True
    return np.broadcast_to(hole, (len(frames), height, width))
