"""Pixels of a frame at points between them: exact float positions, and nothing that a matte hides is felt."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import torch

Pixels = npt.NDArray[np.float32]
Points = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

NOTHING = 1e-3  # share of a pixel that is not felt
TENT = np.array([1, 2, 3, 2, 1], np.float32)  # how the pixels two away are averaged where one is hidden
CUBIC = -0.75  # of the cubic convolution (Keys, 1981): what torch samples with


def sampled(values: Pixels, points: Points, mode: str) -> Pixels:
    """`values` (H, W, C) at `points` (N, 2) in exact float positions, (N, C); cv2.remap rounds them to 1/32 pixel."""
    height, width = values.shape[:2]
    extent = np.array([max(width - 1, 1), max(height - 1, 1)], np.float32)
    grid = torch.from_numpy(points / extent * 2 - 1).view(1, 1, -1, 2)
    picture = torch.from_numpy(values).permute(2, 0, 1)[None]  # (1, C, H, W), not copied
    taken = torch.nn.functional.grid_sample(picture, grid, mode=mode, padding_mode="border", align_corners=True)
    return np.ascontiguousarray(taken[0, :, 0].numpy().T)


def within(points: Points, size: tuple[int, ...]) -> Matte:
    """Which points (N, 2) lie between the pixels of a frame."""
    return np.asarray(
        (points[:, 0] >= 0) & (points[:, 0] <= size[1] - 1) & (points[:, 1] >= 0) & (points[:, 1] <= size[0] - 1)
    )


def clear_of(known: Matte) -> Matte:
    """The pixels (H, W) whose every neighbour, two away, is known: sampling right of and below them feels nothing."""
    if known.all():
        return known
    return np.asarray(cv2.erode(known.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)


def shown_at(known: Matte, clear: Matte, points: Points) -> Matte:
    """Whether all four pixels around each point (N, 2) are known, and the point lies in the frame."""
    inside = within(points, known.shape)
    shown = inside & clear[_whole(points, known.shape)]
    near = np.flatnonzero(inside & ~shown)
    if len(near):
        (left, top), (right, bottom) = np.floor(points[near] + NOTHING).T, np.ceil(points[near] - NOTHING).T
        corners = [
            known[row.astype(np.intp), column.astype(np.intp)] for row in (top, bottom) for column in (left, right)
        ]
        shown[near] = np.all(corners, axis=0)
    return shown


def known_sampled(values: Pixels, known: Matte, clear: Matte, points: Points) -> Pixels:
    """`values` (H, W, C) at `points` (N, 2), bicubic; hidden pixels count as the mean of what is known around them."""
    result = sampled(values, points, "bicubic")
    near = np.flatnonzero(~clear[_whole(points, known.shape)])
    if len(near):
        result[near] = _carefully(values, known, points[near])
    return result


def _whole(points: Points, size: tuple[int, ...]) -> tuple[Indices, Indices]:
    """The row and column of the pixel left of and above each point; the edge's beyond the frame."""
    whole = np.clip(np.floor(points), 0, np.array([size[1] - 1, size[0] - 1])).astype(np.intp)
    return whole[:, 1], whole[:, 0]


def _carefully(values: Pixels, known: Matte, points: Points) -> Pixels:
    """The same by their sixteen pixels (N, 16), one by one."""
    height, width = known.shape
    clipped = np.clip(points, 0, np.array([width - 1, height - 1], np.float32))
    start = np.floor(clipped)
    across, down = (_cubic(share) for share in (clipped - start).T)  # (N, 4)
    columns, rows = (start[:, axis, None].astype(np.intp) + np.arange(-1, 3) for axis in (0, 1))
    columns, rows = np.clip(columns, 0, width - 1), np.clip(rows, 0, height - 1)
    place = (rows[:, :, None] * width + columns[:, None, :]).reshape(len(points), 16)
    taken = values.reshape(-1, values.shape[2])[place]
    hidden = ~known.reshape(-1)[place]
    places, which = np.unique(place[hidden], return_inverse=True)
    taken[hidden] = _surroundings(values, known, places)[which]
    weight = (down[:, :, None] * across[:, None, :]).reshape(len(points), 16)
    return np.asarray(np.einsum("nt,ntc->nc", weight, taken), np.float32)


def _surroundings(values: Pixels, known: Matte, places: Indices) -> Pixels:
    """The mean of the known pixels around each of those places (flat), nearer ones counting more; 0 without any."""
    height, width = known.shape
    steps = np.arange(-2, 3)
    rows = np.clip(places[:, None] // width + steps, 0, height - 1)
    columns = np.clip(places[:, None] % width + steps, 0, width - 1)
    around = (rows[:, :, None] * width + columns[:, None, :]).reshape(len(places), 25)
    weight = np.outer(TENT, TENT).ravel() * known.reshape(-1)[around]
    total = np.einsum("nt,ntc->nc", weight, values.reshape(-1, values.shape[2])[around])
    return np.asarray(total / np.maximum(weight.sum(axis=1), 1e-6)[:, None], np.float32)


def _cubic(share: Pixels) -> Pixels:
    """What the four pixels in a row weigh (N, 4), by how far (N,) the point lies beyond the second.

    References: Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981.
    """
    near, far = np.stack([share, 1 - share]), np.stack([1 + share, 2 - share])
    inner = ((CUBIC + 2) * near - (CUBIC + 3)) * near * near + 1
    outer = ((CUBIC * far - 5 * CUBIC) * far + 8 * CUBIC) * far - 4 * CUBIC
    return np.stack([outer[0], inner[0], inner[1], outer[1]], axis=1).astype(np.float32)
