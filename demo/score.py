"""How near a clean comes to the truth, in dB within the matte, beside OpenCV's Telea on the same frames."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from demo.sample import Shot
from interneg.plates.colour import ColourConfig
from interneg.plates.source import MatteSource, open_source

Pixels = npt.NDArray[np.float32]
Rgb8 = npt.NDArray[np.uint8]
T = TypeVar("T")

TELEA_RADIUS_PIXELS = 5
_WHITE = 65.0  # 1 + 16 x at a radiance of 4: the top of the 8 bits that Telea works in


@dataclass(frozen=True, eq=False)
class ShotFrame:
    """One frame of a cleaned shot, scene-linear: as shot, what was asked to go, as delivered, as it truly was."""

    number: int
    plate: Pixels
    matte: Pixels
    result: Pixels
    truth: Pixels


@dataclass(frozen=True)
class Score:
    """dB against the truth over all pixels in the matte of all frames: higher is nearer."""

    clean_db: float
    telea_db: float


def coded(rgb: Pixels) -> Pixels:
    """The picture as it is scored: log2(1 + 16 x) / log2(65), from black to four times white."""
    code = np.log2(1 + 16 * np.maximum(np.nan_to_num(rgb), 0)) / np.log2(_WHITE)
    return np.asarray(np.clip(code, 0, 1), np.float32)


def linear_from_coded(code: Pixels) -> Pixels:
    """The scene-linear picture of a scored one."""
    return np.asarray((np.exp2(code * np.log2(_WHITE)) - 1) / 16, np.float32)


def telea(plate: Pixels, matte: Pixels) -> Pixels:
    """The plate's code with the matte filled by OpenCV's Telea, which works in 8 bits."""
    bits: Rgb8 = np.rint(coded(plate) * 255).astype(np.uint8)
    filled = cv2.inpaint(bits, (matte > 0).astype(np.uint8), TELEA_RADIUS_PIXELS, cv2.INPAINT_TELEA)
    return np.asarray(filled / np.float32(255), np.float32)


def decibels(squares: Sequence[tuple[float, int]]) -> float:
    """The PSNR of summed squared errors and their counts, a white of 1; infinite where nothing differs."""
    total, count = sum(square for square, _ in squares), sum(number for _, number in squares)
    return float(-10 * np.log10(total / count)) if total > 0 else float("inf")


def squared(code: Pixels, truth: Pixels, matte: Pixels) -> tuple[float, int]:
    """The squared error of a coded picture in the matte, and of how many values it is the sum."""
    error = (code - coded(truth))[matte > 0].astype(np.float64)
    return float((error**2).sum()), error.size


def read_frames(shot: Shot, result: str, numbers: Sequence[int], ocio: str | None) -> list[ShotFrame]:
    """Those frames of a shot with what was delivered for them."""
    return _over(shot, result, ocio, numbers, lambda frame: frame)


def score(shot: Shot, result: str, numbers: Sequence[int], ocio: str | None) -> Score:
    """What was delivered beside Telea, by one measure."""

    def both(frame: ShotFrame) -> tuple[tuple[float, int], tuple[float, int]]:
        ours = squared(coded(frame.result), frame.truth, frame.matte)
        return ours, squared(telea(frame.plate, frame.matte), frame.truth, frame.matte)

    squares = _over(shot, result, ocio, numbers, both)
    return Score(decibels([ours for ours, _ in squares]), decibels([theirs for _, theirs in squares]))


def _over(shot: Shot, result: str, ocio: str | None, numbers: Sequence[int], work: Callable[[ShotFrame], T]) -> list[T]:
    """What the work makes of each frame, as many at a time as there are cores."""
    config = ColourConfig(ocio)
    with (
        closing(open_source(shot.plate, "", config)) as plates,
        closing(open_source(result, "", config)) as results,
        closing(open_source(shot.truth, "", config)) as truths,
        closing(MatteSource(shot.matte)) as mattes,
        ThreadPoolExecutor(os.cpu_count() or 1) as pool,
    ):

        def done(number: int) -> T:
            plate = plates.read(number)
            matte = mattes.read(number, plate)
            return work(ShotFrame(number, plate.rgb, matte, results.read(number).rgb, truths.read(number).rgb))

        return list(pool.map(done, numbers))
