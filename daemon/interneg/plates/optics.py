"""What a lens out of focus and an open shutter make of a plate or a matte.

Convention: layers are (H, W) or (H, W, C) float32 and linear; what lies outside them is as their edge.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]

STEPS_A_PIXEL = 4  # along a trail: fine enough that it does not show


def defocused(layer: Pixels, radius_pixels: float) -> Pixels:
    """The layer out of focus, its points spread to discs of that radius; 0 leaves it as it is."""
    return filtered(layer, disc(radius_pixels)) if radius_pixels > 0 else layer


def smeared(layer: Pixels, right: float, down: float) -> Pixels:
    """The layer as it moves by so many pixels while the shutter is open; 0 leaves it as it is."""
    return filtered(layer, trail(right, down)) if right or down else layer


def disc(radius: float) -> Pixels:
    """The kernel of a lens out of focus: an evenly lit disc with a smooth rim, of unit sum."""
    reach = int(np.ceil(radius)) + 1
    place = np.arange(-reach, reach + 1)
    kernel = np.clip(radius + 0.5 - np.hypot(place[None], place[:, None]), 0, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


def trail(right: float, down: float) -> Pixels:
    """The kernel of a motion by so many pixels while the shutter is open, of unit sum."""
    reach = int(np.ceil(max(abs(right), abs(down)) / 2)) + 1
    canvas = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    share = np.linspace(-0.5, 0.5, 2 * STEPS_A_PIXEL * reach + 1)
    x, y = reach + share * right, reach + share * down
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    for more_x, more_y in ((0, 0), (0, 1), (1, 0), (1, 1)):
        weight = np.abs(1 - more_x - (x - left)) * np.abs(1 - more_y - (y - top))
        np.add.at(canvas, (top + more_y, left + more_x), weight)
    return np.asarray(canvas / canvas.sum(), np.float32)


def filtered(layer: Pixels, kernel: Pixels) -> Pixels:
    """The layer through that kernel."""
    return np.asarray(cv2.filter2D(layer, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.float32)
