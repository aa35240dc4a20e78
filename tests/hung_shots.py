"""Shots with wires of known truth: what moves, what stands, and what is missing is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from synthetic import Pixels, texture_of

HEIGHT, WIDTH = 120, 168

Line = Callable[[int], tuple[float, float, float]]  # frame -> row at the middle, lean, sag


def hanging(row: float, lean: float = 0.15, sag: float = 6.0, speed: float = 0.0) -> Line:
    """A wire across the frame that moves down by so many pixels a frame."""
    return lambda frame: (row + speed * frame, lean, sag)


def covered(line: tuple[float, float, float], width: float, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Pixels:
    """The soft coverage of that wire."""
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float64)
    row, lean, sag = line
    along = (columns - size[1] / 2) / (size[1] / 2)
    middle = row + lean * (columns - size[1] / 2) + sag * (1 - along**2)
    slope = lean - 2 * sag * along / (size[1] / 2)
    return np.clip(width / 2 + 0.5 - np.abs(rows - middle) / np.hypot(1, slope), 0, 1).astype(np.float32)


def shot(
    count: int, wires: Sequence[tuple[Line, float]], pan: float = 0.0, marks: Sequence[float] = (), grain: float = 0.002
) -> tuple[list[Pixels], list[Pixels]]:
    """Frames of a textured wall, and the coverage of the wires before it.

    Convention: the camera tilts by `pan` pixels a frame; `marks` are thin lines of the wall itself, by their row in
        frame 0: they go with the wall.
    """
    texture, rng = texture_of(3, finest=0.06, depth=0.05), np.random.default_rng(5)
    plates, mattes = [], []
    for frame in range(count):
        plate = texture.frame(HEIGHT, WIDTH, 0.0, pan * frame)
        for row in marks:
            over = covered((row - pan * frame, 0.05, 0.0), 2.0)[..., None]
            plate = plate * (1 - 0.35 * over)
        matte = np.zeros((HEIGHT, WIDTH), np.float32)
        for line, width in wires:
            own = covered(line(frame), width)
            plate = plate * (1 - own[..., None]) + 0.05 * own[..., None]
            matte = np.maximum(matte, own)
        plates.append((plate + rng.normal(0, grain, plate.shape)).astype(np.float16).astype(np.float32))
        mattes.append(matte)
    return plates, mattes


def iou(found: Pixels, truth: Pixels) -> float:
    """Intersection over union of what both cover by half."""
    one, other = found > 0.5, truth > 0.5
    return float((one & other).sum() / max((one | other).sum(), 1))
