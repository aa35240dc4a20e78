"""How a camera moves over a take: pan, tilt and roll rates, and the unrest of hands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

WORKING_WIDTH = 640  # pixels
CORNERS = 400
FEWEST_CORNERS = 12
STRAY = 1.5  # working pixels: what moves by more than that beside the rest moves by itself
STEADY_SECONDS = 0.5  # what a hand cannot keep up for so long is unrest, the rest is the operator's intent
USUAL_FPS = 24.0


@dataclass(frozen=True)
class Movement:
    """A stretch of camera movement.

    Convention: pan (right) and tilt (up) in frame widths a second, roll (clockwise, as the camera turns) in degrees a
        second, zoom in stops of size a second (a doubling is 1); unrest is the root mean square, in frame widths, of
        what is left of the path after half a second of smoothing. All are means over the stretch.
    """

    pan: float
    tilt: float
    roll: float
    zoom: float
    unrest: float


def movement(frames: Iterable[Pixels], fps: float) -> Movement | None:
    """The camera's movement over consecutive log plates; None where nothing can be followed.

    References: Shi and Tomasi, "Good Features to Track", 1994; Bouguet's pyramids of Lucas and Kanade, 1981.
    """
    steps = [step for step in _steps(frames) if step is not None]
    if len(steps) < 2:
        return None
    fps = fps if fps > 0 else USUAL_FPS
    moved = np.asarray(steps)
    pan, tilt, roll, zoom = (float(rate) for rate in np.median(moved, axis=0) * fps)
    return Movement(pan, tilt, roll, zoom, _unrest(moved, fps))


def _steps(frames: Iterable[Pixels]) -> Iterable[tuple[float, float, float, float] | None]:
    before: npt.NDArray[np.uint8] | None = None
    for frame in frames:
        here = _grey(frame)
        if before is not None and before.shape == here.shape:
            yield _step(before, here)
        before = here


def _step(before: npt.NDArray[np.uint8], here: npt.NDArray[np.uint8]) -> tuple[float, float, float, float] | None:
    """Pan, tilt (frame widths), roll (degrees) and zoom (doublings) of one frame."""
    height, width = here.shape
    corners = cv2.goodFeaturesToTrack(before, CORNERS, 0.01, 8)
    if corners is None or len(corners) < FEWEST_CORNERS:
        return None
    moved, found, _ = cv2.calcOpticalFlowPyrLK(before, here, corners, None)
    back, returned, _ = cv2.calcOpticalFlowPyrLK(here, before, moved, None)
    is_kept = (found[:, 0] > 0) & (returned[:, 0] > 0) & (np.abs(back - corners).max(axis=(1, 2)) < 0.5)
    if is_kept.sum() < FEWEST_CORNERS:
        return None
    matrix, _ = cv2.estimateAffinePartial2D(
        corners[is_kept], moved[is_kept], method=cv2.RANSAC, ransacReprojThreshold=STRAY
    )
    if matrix is None:
        return None
    middle = np.array([width / 2, height / 2])
    shift = matrix[:, :2] @ middle + matrix[:, 2] - middle
    roll = np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))
    zoom = np.log2(max(float(np.hypot(matrix[0, 0], matrix[1, 0])), 1e-3))
    return float(-shift[0] / width), float(shift[1] / width), float(-roll), float(zoom)


def _unrest(steps: Floats, fps: float) -> float:
    path = np.cumsum(steps[:, :2], axis=0)
    spread = max(STEADY_SECONDS * fps / 2, 0.5)
    weights = np.exp(-0.5 * ((np.arange(len(path))[:, None] - np.arange(len(path))[None]) / spread) ** 2)
    calm = np.stack([_line_around(path, weight) for weight in weights])
    return float(np.sqrt(((path - calm) ** 2).sum(axis=1).mean()))


def _line_around(path: Floats, weight: Floats) -> Floats:
    """Where a line through the path near one moment passes it: a steady pan is no unrest, at the ends either."""
    place = np.arange(len(path)) - float(np.argmax(weight))
    design = np.stack([np.ones_like(place), place], axis=1) * np.sqrt(weight)[:, None]
    return np.asarray(np.linalg.lstsq(design, path * np.sqrt(weight)[:, None], rcond=None)[0][0])


def _grey(log: Pixels) -> npt.NDArray[np.uint8]:
    scale = min(1.0, WORKING_WIDTH / log.shape[1])
    size = (max(1, round(log.shape[1] * scale)), max(1, round(log.shape[0] * scale)))
    luma = cv2.resize(log.mean(axis=-1), size, interpolation=cv2.INTER_AREA)
    low, high = np.percentile(luma, (0.5, 99.5))
    return np.asarray(np.clip((luma - low) / max(float(high - low), 0.05) * 255, 0, 255), np.uint8)
