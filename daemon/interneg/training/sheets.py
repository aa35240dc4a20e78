"""Contact sheets of what was reviewed: pictures for eyes, beside the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from interneg.training.review import Scores

Pixels = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

SHEETS = 4  # an expert: enough to judge by, few enough to be looked at
SMALLEST = 160  # pixels of the plate around a hole: less shows no surroundings
LARGEST = 480  # pixels: what a page has room for
WHITE_PERCENTILE = 99.0
QUALITY = 90
HOLE_COLOUR = (230, 60, 40)  # of 255


@dataclass(frozen=True, eq=False)
class Sheet:
    """One held-out example: its take and second, its panels (H, W, 3) by name, 8 bits, and its scores."""

    expert: str
    place: tuple[str, float]
    panels: Mapping[str, Bytes]
    before: float
    after: float


def telling(after: Scores, before: Scores, count: int) -> list[int]:
    """Which examples tell most: the greatest gain, the greatest loss, and those evenly between them."""
    order = np.argsort(np.subtract(after.each, before.each), kind="stable")[::-1]
    chosen = np.unique(np.linspace(0, len(order) - 1, min(count, len(order))).round().astype(int))
    return [int(order[index]) for index in chosen]


def cut_out(mask: npt.NDArray[np.bool_]) -> tuple[slice, slice]:
    """The rows and columns around the middle of what is masked, as many as a page has room for."""
    rows, columns = np.nonzero(mask)
    return _around(rows, mask.shape[0]), _around(columns, mask.shape[1])


def _around(places: npt.NDArray[np.intp], size: int) -> slice:
    low, high = (int(places.min()), int(places.max()) + 1) if len(places) else (0, size)
    wanted = min(max(high - low + 32, SMALLEST), LARGEST, size)
    first = min(max((low + high - wanted) // 2, 0), size - wanted)
    return slice(first, first + wanted)


def sheet_image(linear: Pixels) -> Bytes:
    """Scene-linear pixels as a screen shows them: the brightest hundredth at white, sRGB's curve."""
    white = max(float(np.percentile(linear, WHITE_PERCENTILE)), 1e-6)
    shown = np.clip(linear / white, 0, 1)
    coded = np.where(shown <= 0.0031308, 12.92 * shown, 1.055 * np.maximum(shown, 1e-6) ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(coded * 255), np.uint8)


def jpeg(panel: Bytes) -> bytes:
    """The panel as a JPEG file."""
    done, coded = cv2.imencode(".jpg", np.ascontiguousarray(panel[..., ::-1]), (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    if not done:
        raise ValueError(f"a panel of {panel.shape} cannot be written as a JPEG")
    return bytes(coded)
