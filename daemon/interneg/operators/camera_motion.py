"""How the camera alone moved between two frames: one homography, told by every pixel that goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.sampling import sampled, within

if TYPE_CHECKING:
    from interneg.operators.motion import Working

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Matrix = npt.NDArray[np.float64]
Places = tuple[npt.NDArray[np.intp], ...]

GRID = 12  # working pixels between the points whose flow a first homography is drawn through
FEWEST = 12  # of them
NEAR = 1.0  # working pixels by which a pixel's own flow may miss the camera's: what misses more moves by itself
MOST = 40_000  # pixels that tell the homography: more say the same
TELLING = 1e-5  # square of the slope, log units a working pixel, from which a pixel tells a motion at all
ROUNDS = 10
LIKELY = 2.0  # deviations of the error beyond which a pixel counts for less and less
LOCKED = 0.05  # working pixels, on average: a camera that moved no further has not moved


def camera_flow(here: Working, there: Working, flow: Pixels, trusted: Matte) -> Pixels:
    """How each pixel (h, w, 2) would lie in the other frame if the camera alone had moved.

    Convention: working pixels; `flow` counts where it is `trusted`. Flow gives the first homography, and is a tenth of
        a pixel wrong, more beside what moves; then the pixels themselves tell it to a few hundredths. A camera that
        stood still moves nothing at all.

    References: Barath et al., "MAGSAC++", 2020, as in OpenCV's USAC (its random state is fixed there); then Lucas and
        Kanade, 1981, over a homography as in Baker and Matthews, "Lucas-Kanade 20 Years On", 2004, with the weights of
        Geman and McClure, 1987.
    """
    if not trusted.any():
        return np.zeros_like(flow)
    first = _through(flow, trusted)
    if first is None:
        return np.broadcast_to(np.median(flow[trusted], axis=0), flow.shape).astype(np.float32)
    camera = _flow_by(_by_pixels((here, there), first, flow, trusted), flow.shape[:2])
    return np.zeros_like(camera) if np.linalg.norm(camera, axis=-1).mean() < LOCKED else camera


def _through(flow: Pixels, trusted: Matte) -> Matrix | None:
    """The homography through trusted flow; None where too little agrees."""
    rows, columns = np.nonzero(trusted[GRID // 3 :: GRID, GRID // 3 :: GRID])
    rows, columns = rows * GRID + GRID // 3, columns * GRID + GRID // 3
    start = np.stack([columns, rows], axis=1).astype(np.float32)
    if len(start) < FEWEST:
        return None
    matrix, _ = cv2.findHomography(start, start + flow[rows, columns], cv2.USAC_MAGSAC, 0.5)
    return matrix if matrix is not None and np.isfinite(matrix).all() else None


def _flow_by(matrix: Matrix, size: tuple[int, int]) -> Pixels:
    grid = np.stack(np.meshgrid(np.arange(size[1]), np.arange(size[0])), axis=-1).astype(np.float32)
    moved = cv2.perspectiveTransform(grid.reshape(1, -1, 2), matrix).reshape(grid.shape)
    return np.asarray(moved - grid, np.float32)


def _by_pixels(pictures: tuple[Working, Working], matrix: Matrix, flow: Pixels, trusted: Matte) -> Matrix:
    """The homography by which the detail of what goes with the camera differs least; the first one where none tells.

    Convention: detail has no exposure in it.
    """
    here, there = pictures
    slope_x, slope_y = (cv2.Sobel(here.smooth, cv2.CV_32F, *order, ksize=3) / 8 for order in ((1, 0), (0, 1)))
    inner = cv2.erode(here.known, np.ones((3, 3), np.uint8)) > 0  # slopes must not reach into the matte
    rows, columns = np.nonzero(trusted & inner & (slope_x**2 + slope_y**2 > TELLING))
    every = max(1, len(rows) // MOST)
    at = rows[::every], columns[::every]
    if len(at[0]) < FEWEST**2:
        return matrix
    to_unit = _to_unit(here.luma.shape)
    steps, detail = _steps(slope_x[at], slope_y[at], at, to_unit), here.detail[at]
    start = np.stack(at[::-1], axis=-1).astype(np.float64)
    best, least = matrix, np.inf
    for _ in range(ROUNDS):
        away = cv2.perspectiveTransform(start[None], matrix)[0].astype(np.float32)
        goes = within(away, here.luma.shape) & (np.abs(away - start - flow[at]).max(axis=-1) < NEAR)
        if goes.sum() < FEWEST**2:
            break
        error = sampled(there.detail[..., None], away, "bicubic")[:, 0] - detail
        scale = LIKELY * 1.4826 * float(np.median(np.abs(error[goes]))) + 1e-6
        if scale < least:
            best, least = matrix, scale
        weighted = steps * (goes / (1 + (error / scale) ** 2) ** 2)[:, None]
        change = np.linalg.solve(weighted.T @ steps + 1e-9 * np.eye(8), -(weighted.T @ error))
        matrix = matrix @ np.linalg.inv(to_unit) @ _homography(change) @ to_unit
    return best


def _to_unit(shape: tuple[int, ...]) -> Matrix:
    """Takes pixels to [-1, 1] along the wider side, where all eight of a homography's numbers are of one size."""
    half = max(shape) / 2
    return np.array([[1 / half, 0, -shape[1] / 2 / half], [0, 1 / half, -shape[0] / 2 / half], [0, 0, 1]])


def _steps(slope_x: Pixels, slope_y: Pixels, at: Places, to_unit: Matrix) -> npt.NDArray[np.float64]:
    """How much each pixel's value changes by each of a small homography's eight numbers (N, 8)."""
    x, y = at[1] * to_unit[0, 0] + to_unit[0, 2], at[0] * to_unit[1, 1] + to_unit[1, 2]
    along = slope_x * x + slope_y * y
    columns = [slope_x * x, slope_x * y, slope_x, slope_y * x, slope_y * y, slope_y, -along * x, -along * y]
    return np.asarray(np.stack(columns, axis=1) / to_unit[0, 0], np.float64)


def _homography(change: npt.NDArray[np.float64]) -> Matrix:
    return np.asarray(np.append(change, 0.0).reshape(3, 3) + np.eye(3), np.float64)
