"""Where a plate has thin lines: how far each pixel stands out from both of its sides, along the line it lies on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Known = npt.NDArray[np.bool_]

DIRECTIONS = 16
LEVELS = 3  # of the pyramid: lines about 1 to 10 pixels wide
ACROSS = 0.9  # pixels: the spread of a line's profile that a level answers to most
ALONG = 6.0  # pixels: texture cancels out over this length, a line does not
SIDES = 2.8  # pixels: how far away the two sides of a line are looked at
UNREST = 15  # pixels: the window that says what is usual here
FLOOR = 0.003  # log units: what stands out by less is grain on the flattest of plates
USUAL = 1.3  # times the unrest around it: what a thin wire stands out by on a plain wall is two or three
LUMA = np.array([0.25, 0.6, 0.15], np.float32)  # of log values: only contrast matters here


@dataclass(frozen=True, eq=False)
class Ridges:
    """What stands out as a line: by how many times its own surroundings' unrest, and which way it runs.

    Convention: strength (H, W), 0 where nothing does; angle (H, W) in radians from the x axis towards y, [0, pi).
    """

    strength: Pixels
    angle: Pixels


def ridges_of(log_plate: Pixels, there: Known) -> Ridges:
    """The thin lines of a plate, dark or bright, by what they stand out against.

    A line is darker than both of its sides, or brighter than both: the lesser of the two differences counts, so that
    an edge is none.

    Convention: log_plate (H, W, 3) finite; where `there` is False nothing is found.

    References: black-hat after Meyer, 1979, along directions, as the bowler-hat transform of Sazak, Nelson and
        Obara, 2019.
    """
    luma = (log_plate @ LUMA).astype(np.float32)
    strength, angle = np.zeros_like(luma), np.zeros_like(luma)
    picture, size = luma, (luma.shape[1], luma.shape[0])
    for _ in range(LEVELS):
        found = _at_level(picture)
        here = np.asarray(cv2.resize(found.strength, size, interpolation=cv2.INTER_LINEAR))
        turned = cv2.resize(found.angle, size, interpolation=cv2.INTER_NEAREST)
        angle = np.where(here > strength, turned, angle)
        strength = np.maximum(strength, here)
        if min(picture.shape) < 8:
            break
        half = (-(-picture.shape[1] // 2), -(-picture.shape[0] // 2))
        picture = np.asarray(cv2.resize(picture, half, interpolation=cv2.INTER_AREA), np.float32)
    near = cv2.erode(there.astype(np.uint8), np.ones((3, 3), np.uint8))
    return Ridges((strength * near).astype(np.float32), angle.astype(np.float32))


def _at_level(luma: Pixels) -> Ridges:
    """The lines whose width fits this level of the pyramid."""
    best, cosine, sine = np.zeros_like(luma), np.zeros_like(luma), np.zeros_like(luma)
    for kernel, turn in _kernels():
        middle = np.asarray(cv2.filter2D(luma, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT_101))
        one, other = (_moved(middle, -sin(turn) * away, cos(turn) * away) for away in (SIDES, -SIDES))
        stands = np.maximum(np.minimum(one, other) - middle, middle - np.maximum(one, other))
        stands = np.maximum(stands, 0)
        best = np.maximum(best, stands)
        cosine += stands * stands * np.float32(cos(2 * turn))
        sine += stands * stands * np.float32(sin(2 * turn))
    rough = np.abs(luma - cv2.GaussianBlur(luma, (0, 0), 2.5))
    unrest = cv2.blur(cv2.blur(rough, (UNREST, UNREST)), (UNREST, UNREST))
    angle = np.mod(np.arctan2(sine, cosine) / 2, pi)
    return Ridges((best / (unrest + FLOOR)).astype(np.float32), angle.astype(np.float32))


def _moved(values: Pixels, x: float, y: float) -> Pixels:
    """What lies so far away from each pixel."""
    matrix = np.array([[1, 0, x], [0, 1, y]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (values.shape[1], values.shape[0])
    return np.asarray(cv2.warpAffine(values, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)


def evidence_of(ridges: Ridges) -> Pixels:
    """How much speaks for a line at each pixel (H, W), in [0, 1): never flat on top, so that a crest stays one."""
    return np.asarray(1 - np.exp(-ridges.strength / USUAL), np.float32)


@cache
def _kernels() -> tuple[tuple[Pixels, float], ...]:
    """The mean along a line of each direction, and that direction."""
    reach = int(np.ceil(1.7 * ALONG))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float64)
    made = []
    for index in range(DIRECTIONS):
        turn = pi * index / DIRECTIONS
        along, aside = x * cos(turn) + y * sin(turn), -x * sin(turn) + y * cos(turn)
        kernel = np.exp(-((along / ALONG) ** 2 + (aside / ACROSS) ** 2) / 2)
        made.append(((kernel / kernel.sum()).astype(np.float32), turn))
    return tuple(made)
