"""Blocks of a plate in which nothing is but grain, what grain varies by there, and its spectrum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

BLOCK = 16  # pixels; small enough to lie on something flat
WIDE = 2  # blocks to a side that a spectrum is better told on: a window's own is narrower there
FEWEST_WIDE = 8
LEVELS = 6
FLATTEST = (0.05, 1.64)  # share of a level's blocks that is sure to be bare, and the deviations it lies below the mean
FLATTEST_BETWEEN = (0.1, 1.28)  # where frames show the same: what moves is less than what has texture
CLEARLY = 2.5  # deviations of a block's own scatter: what varies more holds something besides grain
CHANNELS = 1.5  # that scatter as if they were independent: red, green and blue share some of their grain
PLANE, MEAN = 3, 1  # coefficients that are taken from a block, because light falls off, or flickers
WIDEST_SCATTER = 0.25  # of the coarsest grain; more is something else
LOW = (2, 4)  # of 32: the lowest frequencies that a plane's removal leaves


@dataclass(frozen=True, eq=False)
class Blocks:
    """Blocks (B, BLOCK, BLOCK, 3) of what may be grain, where they lie (B, 2) and the plate's log luma there (B,)."""

    residual: Pixels
    place: npt.NDArray[np.intp]
    luma: Pixels
    power: Pixels  # (B, 3)
    flattest: tuple[float, float]
    removed: int  # coefficients

    def scatter(self) -> float:
        """What a block's own variance deviates by where there is nothing but grain: more where grain is coarse."""
        total = self.power.mean(axis=1)
        some = total <= np.quantile(total, 2 * self.flattest[0])
        spectrum = (np.abs(np.fft.fft2(self.residual[some], axes=(1, 2))) ** 2).mean(axis=(0, 3))
        scatter = float(np.sqrt(2 / CHANNELS * (spectrum**2).sum()) / max(spectrum.sum(), 1e-20))
        return min(scatter, WIDEST_SCATTER)

    def bare(self, inside: npt.NDArray[np.intp], scatter: float) -> Matte:
        """Which of those blocks hold nothing but grain."""
        total = self.power[inside].mean(axis=1)
        share, below = self.flattest
        middle = float(np.quantile(total, share)) * float(np.exp(below * scatter))
        for _ in range(2):
            middle = float(total[total <= middle * (1 + CLEARLY * scatter)].mean())
        return np.asarray(total <= middle * (1 + CLEARLY * scatter))

    def lost(self, taken: Matte) -> float:
        """What their variance is to be multiplied by, because coarse grain was taken for a change of light."""
        power = spectrum_of(self, taken).power.mean(axis=0)
        share = self.removed * float(power[0, 0]) / max(float(power.mean()), 1e-20) / BLOCK**2
        return 1 / (1 - min(share, 0.5))


def blocks_of(log: Pixels, known: Matte) -> Blocks:
    """The plate's own known blocks, less the plane that fits each best: light that falls off is not grain."""
    cut, place = _cut(log, known)
    residual = _without_plane(cut)
    return _blocks(residual, place, cut.mean(axis=(1, 2, 3)), FLATTEST, PLANE)


def blocks_between(log: Pixels, known: Matte, moved: Sequence[Pixels]) -> Blocks:
    """What differs between the plate and the mean of frames nearby that were brought there, where all are known.

    Between one before and one after, what moves by part of a pixel cancels as well.
    """
    others = np.mean(moved, axis=0, dtype=np.float32)
    both = known & np.isfinite(others).all(axis=-1)
    difference = np.where(both[..., None], log - others, 0)
    exposure = np.median(difference[both][::7], axis=0) if both.any() else np.zeros(3, np.float32)
    cut, place = _cut((difference - exposure) / np.float32(np.sqrt(1 + 1 / len(moved))), both)
    whole, _ = _cut(log, both)
    cut = cut - cut.mean(axis=(1, 2), keepdims=True)
    return _blocks(cut, place, whole.mean(axis=(1, 2, 3)), FLATTEST_BETWEEN, MEAN)


def _blocks(
    residual: Pixels, place: npt.NDArray[np.intp], luma: Pixels, flattest: tuple[float, float], removed: int
) -> Blocks:
    return Blocks(residual, place, luma, (residual**2).mean(axis=(1, 2)), flattest, removed)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Grain's power (3, n, n) by channel, of mean 1, and how alike its channels are (3, 3)."""

    power: Floats
    correlation: Floats


def spectrum_of(blocks: Blocks, taken: Matte) -> Spectrum:
    """The spectrum of those blocks, on squares of four where enough of them lie together."""
    unit = (blocks.residual / np.sqrt(np.maximum(blocks.power, 1e-12))[:, None, None]).astype(np.float32)
    samples = unit[taken].reshape(-1, 3).astype(np.float64)
    wide = _together(unit, blocks.place, taken)
    squares = wide if len(wide) >= FEWEST_WIDE else unit[taken]
    size = squares.shape[1]
    window = np.hanning(size + 2)[1:-1]  # without one, fine grain is told by what leaks from coarse
    shaped = squares * (window[:, None] * window)[..., None]
    power = (np.abs(np.fft.fft2(shaped, axes=(1, 2))) ** 2).mean(axis=0).transpose(2, 0, 1)
    power = _refounded(power)
    power = power / np.maximum(power.mean(axis=(1, 2), keepdims=True), 1e-20)
    covariance = samples.T @ samples
    scale = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
    return Spectrum(power.astype(np.float64), covariance / np.outer(scale, scale))


def _refounded(power: Floats) -> Floats:
    """The spectrum, its lowest frequencies, which went with the light, as those beside them."""
    size = power.shape[-1]
    radius = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)) * 32
    beside = power[:, (radius >= LOW[0]) & (radius <= LOW[1])].mean(axis=1)
    return np.where(radius < LOW[0], np.maximum(power, beside[:, None, None]), power)


def _together(unit: Pixels, place: npt.NDArray[np.intp], taken: Matte) -> Pixels:
    """The blocks taken that make whole squares of WIDE to a side (S, WIDE * BLOCK, WIDE * BLOCK, 3)."""
    at = {(int(row), int(column)): index for index, (row, column) in enumerate(place) if taken[index]}
    squares = []
    for row, column in at:
        if row % WIDE == 0 and column % WIDE == 0:
            four = [[at.get((row + down, column + across)) for across in range(WIDE)] for down in range(WIDE)]
            lines = [[unit[index] for index in line if index is not None] for line in four]
            if all(len(line) == WIDE for line in lines):
                squares.append(np.concatenate([np.concatenate(line, axis=1) for line in lines], axis=0))
    side = WIDE * BLOCK
    return np.stack(squares) if squares else np.zeros((0, side, side, 3), np.float32)


def _cut(pixels: Pixels, known: Matte) -> tuple[Pixels, npt.NDArray[np.intp]]:
    """The wholly known blocks (B, BLOCK, BLOCK, 3), and where they lie among the blocks (B, 2)."""
    rows, columns = pixels.shape[0] // BLOCK, pixels.shape[1] // BLOCK
    if not rows or not columns:
        return np.zeros((0, BLOCK, BLOCK, 3), np.float32), np.zeros((0, 2), np.intp)
    cut = pixels[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK, 3).transpose(0, 2, 1, 3, 4)
    whole = known[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK).all(axis=(1, 3))
    return np.asarray(cut[whole], np.float32), np.argwhere(whole)


def _without_plane(blocks: Pixels) -> Pixels:
    """The blocks less the plane that fits each best."""
    ramp = np.arange(BLOCK, dtype=np.float32) - (BLOCK - 1) / 2
    power = float((ramp**2).sum() * BLOCK)
    centred = blocks - blocks.mean(axis=(1, 2), keepdims=True)
    down = (centred * ramp[:, None, None]).sum(axis=(1, 2), keepdims=True) / power
    across = (centred * ramp[:, None]).sum(axis=(1, 2), keepdims=True) / power
    return np.asarray(centred - down * ramp[:, None, None] - across * ramp[:, None], np.float32)
