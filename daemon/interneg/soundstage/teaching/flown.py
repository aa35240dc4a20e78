"""Clips flown over still pictures: a virtual camera pans, shakes and zooms, and something crosses in front of it.

A rendered clip costs minutes and shows one move; stills are at hand, and the truth of every frame is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]

MARGIN = 1.35  # times the frame is what is flown over: far enough for the longest pan
FASTEST_PAN, FASTEST_ZOOM, FASTEST_ROLL = 4.0, 0.004, 0.15  # pixels, share of size, degrees: a frame
UNREST = 0.7  # pixels a frame that a handheld camera shakes by, at its most
STILL_SHARE = 0.2  # of the clips are locked off
CROSSING_SHARE = 0.5  # of them have something crossing
FLICKER = 0.02  # of exposure, between frames
FLICKERING_SHARE = 0.3


@dataclass(frozen=True, eq=False)
class _Path:
    """Where the camera looks in each frame: the middle (F, 2) in pixels, the size and the roll in degrees (F,)."""

    middle: npt.NDArray[np.float64]
    size: npt.NDArray[np.float64]
    roll: npt.NDArray[np.float64]


def flown(
    rng: np.random.Generator, ground: Pixels, crossing: Pixels, offsets: Sequence[int], size: tuple[int, int]
) -> list[Pixels]:
    """Frames (H, W, 3) of that size at those offsets from the clip's middle.

    Convention: ground (MARGIN times as high and wide) is what stands still, crossing (H, W, 3) what may pass before it.
    """
    numbers = np.asarray(offsets, np.float64)
    path = _path(rng, numbers, ground.shape[:2])
    frames = [_seen(ground, path, index, size) for index in range(len(numbers))]
    if rng.random() < CROSSING_SHARE:
        frames = _crossed(rng, frames, crossing, numbers)
    if rng.random() < FLICKERING_SHARE:
        gains = np.exp(rng.normal(0, FLICKER, len(frames)))
        frames = [np.asarray(frame * gain, np.float32) for frame, gain in zip(frames, gains, strict=True)]
    return frames


def ground_size(size: tuple[int, int]) -> tuple[int, int]:
    """How large a picture must be for frames of that size to be flown over it."""
    return int(np.ceil(size[0] * MARGIN)), int(np.ceil(size[1] * MARGIN))


def _path(rng: np.random.Generator, numbers: npt.NDArray[np.float64], ground: tuple[int, ...]) -> _Path:
    middle = np.tile((np.asarray(ground[::-1], np.float64) - 1) / 2, (len(numbers), 1))
    if rng.random() < STILL_SHARE:
        return _Path(middle, np.ones(len(numbers)), np.zeros(len(numbers)))
    pan = rng.normal(0, FASTEST_PAN / 2, 2) * (1.0, 0.4)
    shaken = rng.normal(0, UNREST * rng.random() ** 2, (len(numbers), 2))
    reach = np.asarray(ground[::-1]) * (1 - 1 / MARGIN) / 2
    away = np.clip(numbers[:, None] * pan + shaken, -reach, reach)
    size = np.exp(numbers * rng.normal(0, FASTEST_ZOOM / 2))
    roll = numbers * rng.normal(0, FASTEST_ROLL / 2) + rng.normal(0, 0.03, len(numbers))
    return _Path(middle + away, size, roll)


def _seen(ground: Pixels, path: _Path, index: int, size: tuple[int, int]) -> Pixels:
    """What the camera sees of the ground in one frame."""
    turn, scale = np.radians(path.roll[index]), path.size[index]
    across = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    half = (np.array([size[1], size[0]]) - 1) / 2
    matrix = np.column_stack([across, path.middle[index] - across @ half])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(ground, matrix, (size[1], size[0]), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(np.maximum(moved, 0), np.float32)


def _crossed(
    rng: np.random.Generator, frames: list[Pixels], crossing: Pixels, numbers: npt.NDArray[np.float64]
) -> list[Pixels]:
    """The frames with a thing of soft outline before them, which moves by itself."""
    height, width = frames[0].shape[:2]
    outline = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), height / 10)
    columns, rows = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    reach = rng.uniform(0.2, 0.5)
    covered = np.clip((reach - np.hypot(rows, columns) + outline / outline.std() * 0.12) * height / 4, 0, 1)
    start, speed = rng.uniform(-0.4, 0.4, 2) * (width, height), rng.normal(0, 3.0, 2)
    layer = np.dstack([crossing * covered[..., None], covered]).astype(np.float32)
    made = []
    for frame, number in zip(frames, numbers, strict=True):
        right, down = start + number * speed
        moved = cv2.warpAffine(layer, np.array([[1, 0, right], [0, 1, down]]), (width, height), flags=cv2.INTER_LINEAR)
        made.append(np.asarray(frame * (1 - moved[..., 3:]) + moved[..., :3], np.float32))
    return made
