"""`python -m bench.grain`: grain in filled holes against the grain around them, on clips whose grain is known."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from bench.clean import alone_in
from bench.grained import CASES, FRAMES, Case, Clip, clip_of
from interneg.model.base import load_base
from interneg.operators.motion import LUMA
from interneg.resident.experts import Experts
from interneg.resident.filling import Filler, finished
from interneg.resident.together import Together

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

PATCH = 16  # pixels: the largest square that fits into a hole of a few dozen more than once
BANDS = (0.0, 0.14, 0.27, 0.40, 0.75)  # cycles a pixel
LINE = 32  # pixels along a wire
MEASURED = FRAMES // 2
FLOOR = 0.01  # of the mean power: a band that has less of the grain says nothing of it


@dataclass(frozen=True, eq=False)
class Measured:
    """What came of a clip: filled over surroundings, 1 where they are alike.

    Convention: `variance` by channel (3,); `by_level` dark, middle and bright (3,); `blob` the power by radial band
        (4,) in the wide hole, `wire` along the lying wire (4,); `stale` the correlation with the grain that the frame
        before shows at the same place; `misfit` the power of what is not grain but error, by grain's own.
    """

    variance: Floats
    by_level: Floats
    blob: Floats
    wire: Floats
    stale: float
    misfit: float

    def line(self) -> list[float]:
        """All of it in a row."""
        return [*self.variance, *self.by_level, *self.blob, *self.wire, self.stale, self.misfit]


HEADINGS: tuple[str, ...] = ("red", "green", "blue", "dark", "middle", "bright")
HEADINGS += ("blob1", "blob2", "blob3", "blob4", "wire1", "wire2", "wire3", "wire4", "stale", "misfit")


def main() -> int:
    """Runs the benchmark; a line for each clip as soon as it is measured."""
    asked = _parser().parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    result: dict[str, dict[str, list[list[float]]]] = {}
    for name in asked.model:
        experts = _experts(name)
        sys.stdout.write(f"grain filled over grain around, {name}: median (spread)\n{' ' * 32}")
        sys.stdout.write(" ".join(f"{heading:>11}" for heading in HEADINGS) + "\n")
        lines = result.setdefault(name, {})
        for case in CASES:
            if asked.case in case.name:
                lines[case.name] = [_measured(case, seed, experts).line() for seed in range(asked.seeds)]
                sys.stdout.write(f"{case.name:32}{_cells(lines[case.name])}\n")
                sys.stdout.flush()
    if asked.out:
        asked.out.write_text(json.dumps({"headings": HEADINGS, "runs": result}, indent=1) + "\n")
    return 0


def _experts(name: str) -> Experts:
    if name == "classical":
        return Experts()
    base = load_base()
    return Experts(network=base.fill, spatial=base.spatial)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.grain", description=__doc__)
    parser.add_argument("--case", default="", help="a part of the clip's name; all of them where it is left out")
    parser.add_argument("--model", nargs="+", default=["classical", "base"], choices=["classical", "base"])
    parser.add_argument("--seeds", type=int, default=3, help="how many clips of each case")
    parser.add_argument("--out", type=Path, help="the JSON to write")
    return parser


def _cells(runs: list[list[float]]) -> str:
    cells = [f"{np.median(column):.2f} ({np.ptp(column):.2f})" for column in np.asarray(runs).T]
    return " ".join(f"{cell:>11}" for cell in cells)


def _measured(case: Case, seed: int, experts: Experts) -> Measured:
    """One frame filled twice, with other grain over the same picture: what differs is grain, what does not is error."""
    clips = [clip_of(case, seed, grain_seed) for grain_seed in (0, 1)]
    one, other = (_error(clip, seed + index, experts) for index, clip in enumerate(clips))
    return _compared(clips[0], one, other)


def _error(clip: Clip, seed: int, experts: Experts) -> Pixels:
    """What the filled frame differs by from the truth without grain, by the grain's true deviation (H, W, 3)."""
    views, hole = clip.views(), clip.hole[MEASURED]
    filler = Filler(experts, torch.device("cpu"), seed, lambda: None)
    steady = Together(views.get, alone_in(views, filler)).steadied(views[MEASURED])
    error = clip.grain[MEASURED].copy()
    error[hole] = finished(views[MEASURED], steady, filler).log - clip.clean[MEASURED][hole]
    return np.asarray(error / clip.sigma[MEASURED], np.float32)


def _compared(clip: Clip, one: Pixels, other: Pixels) -> Measured:
    hole, grain = clip.hole[MEASURED], (one - other) / np.float32(np.sqrt(2))
    around = _power(grain[~hole])
    luma = (clip.clean[MEASURED] @ LUMA)[hole]
    thirds = np.digitize(luma, np.quantile(luma, (1 / 3, 2 / 3)))
    by_level = np.array([_power(grain[hole][thirds == third]).mean() for third in range(3)])
    misfit = float((one[hole] * other[hole]).mean() / around.mean())
    return Measured(
        _power(grain[hole]) / around,
        by_level / around.mean(),
        _ratio(_by_band(grain, clip.blob[MEASURED]), _by_band(grain, ~hole)),
        _ratio(_along(grain, clip.lying[MEASURED]), _along(grain, ~hole)),
        _staleness(clip, one),
        misfit,
    )


def _ratio(inside: Floats, around: Floats) -> Floats:
    floor = FLOOR * around.mean()
    return np.asarray((inside + floor) / (around + floor), np.float64)


def _staleness(clip: Clip, error: Pixels) -> float:
    """How alike the fill's grain is to what the frame before shows at that place of the set, where it shows it."""
    x, y = (round(step) for step in clip.case.pan)
    before = np.roll(clip.grain[MEASURED - 1] / clip.sigma[MEASURED - 1], (y, x), axis=(0, 1))
    both = clip.hole[MEASURED] & ~np.roll(clip.hole[MEASURED - 1], (y, x), axis=(0, 1))
    both[:8], both[-8:], both[:, :8], both[:, -8:] = False, False, False, False
    return float(np.corrcoef(before[both].ravel(), error[both].ravel())[0, 1]) if both.any() else float("nan")


def _power(values: Pixels) -> Floats:
    return np.asarray((values.astype(np.float64) ** 2).mean(axis=0), np.float64)


def _by_band(error: Pixels, where: Matte) -> Floats:
    """The power of square patches that lie wholly there, by radial band (4,)."""
    window = np.outer(np.hanning(PATCH + 2)[1:-1], np.hanning(PATCH + 2)[1:-1])[..., None]
    radius = np.hypot(np.fft.fftfreq(PATCH)[:, None], np.fft.fftfreq(PATCH))
    band = np.digitize(radius, BANDS[1:-1])
    total, count = np.zeros(len(BANDS) - 1), 0
    for row in range(0, error.shape[0] - PATCH, PATCH // 2):
        for column in range(0, error.shape[1] - PATCH, PATCH // 2):
            part = np.s_[row : row + PATCH, column : column + PATCH]
            if where[part].all():
                power = (np.abs(np.fft.fft2(error[part] * window, axes=(0, 1))) ** 2).mean(axis=2)
                total += np.bincount(band.ravel(), power.ravel()) / np.bincount(band.ravel())
                count += 1
    return total / max(count, 1)


def _along(error: Pixels, where: Matte) -> Floats:
    """The power of rows of pixels that lie wholly there, by band (4,)."""
    window = np.hanning(LINE + 2)[1:-1, None]
    band = np.digitize(np.fft.rfftfreq(LINE), (0.125, 0.25, 0.375))
    total, count = np.zeros(4), 0
    for row in range(error.shape[0]):
        for column in range(0, error.shape[1] - LINE, LINE // 2):
            part = np.s_[row, column : column + LINE]
            if where[part].all():
                power = (np.abs(np.fft.rfft(error[part] * window, axis=0)) ** 2).mean(axis=1)
                total += np.bincount(band, power) / np.bincount(band)
                count += 1
    return total / max(count, 1)


if __name__ == "__main__":
    sys.exit(main())
