"""What the score counts in: angles, albedo without its scale, decibels of light as an eye counts it, coverage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

MIDDLE_GREY = 0.18
BINS = 1000  # thresholds that are tried for a matte
LEAST_SQUARE = 1e-10  # 100 dB: nothing is nearer than that


def angular_error_degrees(normal: Pixels, truth: Pixels, there: Matte) -> npt.NDArray[np.float64]:
    """How far each normal is off, (N,) for the pixels that are there. Convention: normals (H, W, 3) of any length."""
    one, other = (field[there].astype(np.float64) for field in (normal, truth))
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    cosine = (one * other).sum(axis=-1) / np.maximum(lengths, 1e-12)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def scale_free_rmse(answer: Pixels, truth: Pixels, there: Matte) -> float:
    """The root mean square error after the best single scale over all channels and pixels that are there.

    References: the scale-invariant error of Eigen, Puhrsch and Fergus, 2014, in linear light.
    """
    made, true = (picture[there].astype(np.float64) for picture in (answer, truth))
    scale = float((made * true).sum() / max(float((made * made).sum()), 1e-20))
    return float(np.sqrt(((scale * made - true) ** 2).mean()))


def tone(linear: Pixels) -> Pixels:
    """Light as an eye counts it: log2(1 + 16 x) / log2(65), 0 at black and 1 at scene-linear 4."""
    return np.asarray(np.log2(1 + 16 * np.maximum(linear, 0)) / np.log2(65), np.float32)


def psnr(answer: Pixels, truth: Pixels) -> float:
    """How near two codes in [0, 1] are, in dB."""
    square = float(((answer.astype(np.float64) - truth) ** 2).mean())
    return float(-10 * np.log10(max(square, LEAST_SQUARE)))


def level(plate: Pixels) -> float:
    """The gain that brings the plate's mean to middle grey: what is judged is not how a shot was exposed."""
    return MIDDLE_GREY / max(float(plate.mean()), 1e-12)


@dataclass(frozen=True, eq=False)
class Coverage:
    """How many pixels of a matte lie in each of `BINS` steps of its values: those truly covered, and the others."""

    covered: Counts
    bare: Counts

    def __add__(self, other: Coverage) -> Coverage:
        """Both together."""
        return Coverage(self.covered + other.covered, self.bare + other.bare)

    def iou_at(self, step: int) -> float:
        """Intersection over union of the matte cut at that step: 1 where there is nothing and nothing is found."""
        hit, false = int(self.covered[step:].sum()), int(self.bare[step:].sum())
        union = int(self.covered.sum()) + false
        return hit / union if union else 1.0

    def best_step(self) -> int:
        """The step at which the matte is best cut."""
        hits = np.cumsum(self.covered[::-1])[::-1]
        union = self.covered.sum() + np.cumsum(self.bare[::-1])[::-1]
        return int(np.argmax(hits[1:] / np.maximum(union[1:], 1))) + 1  # cut at 0 everything would be covered


def coverage(matte: Pixels, truth: Matte, judged: Matte) -> Coverage:
    """The counts of one matte in [0, 1]; pixels that are not judged do not count."""
    steps = np.clip(np.nan_to_num(matte) * BINS, 0, BINS - 1).astype(np.int64)
    covered, bare = steps[truth & judged], steps[~truth & judged]
    return Coverage(np.bincount(covered, minlength=BINS), np.bincount(bare, minlength=BINS))


def f1_from_iou(iou: float) -> float:
    """The F1 of a matte of that intersection over union."""
    return 2 * iou / (1 + iou)
