"""A camera's grain: measured on the plate itself, and put back where a fill has lost it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]

BLOCK = 16  # pixels; large enough for the grain's spectrum, small enough to lie on something flat
FLATTEST = 0.03  # share of a level's blocks that bounds its grain from above: the rest may hold texture
ALIKE = 1.3  # blocks up to so much above that bound are bare grain too: its own scatter, not texture
LEVELS = 6
FEWEST_BLOCKS = 24  # below that nothing is said of the grain, and none is added
STOPS_OF_ENCODING = 9.0  # from 0 to 1 of the log encoding, above its toe
LEAST = 1e-5  # log units, far below half's steps: a rendered plate has no grain, and no spectrum of it
LIMIT = 4.0  # standard deviations; a rarer excursion would be seen as a speck


@dataclass(frozen=True, eq=False)
class Grain:
    """A plate's grain in the log encoding.

    Convention: `sigma` (L, 3) at the luma `levels` (L,); `mixing` (3, 3) makes white channels as alike as the plate's;
        `kernel` (k, k) of unit energy gives them its spatial spectrum.
    """

    levels: Pixels
    sigma: Pixels
    mixing: Pixels
    kernel: Pixels

    def sigma_at(self, luma: Pixels) -> Pixels:
        """The grain's standard deviation (N, 3) at those log luma values (N,)."""
        columns = [np.interp(luma, self.levels, self.sigma[:, channel]) for channel in range(3)]
        return np.stack(columns, axis=-1).astype(np.float32)

    def drawn(self, shape: tuple[int, int], seed: int, frame: int) -> Pixels:
        """Fresh grain of unit deviation (H, W, 3), always the same for one seed and frame."""
        white = np.random.default_rng([seed, frame % 2**32]).standard_normal((*shape, 3), dtype=np.float32)
        shaped = cv2.filter2D(white, -1, self.kernel, borderType=cv2.BORDER_REFLECT_101)
        return np.asarray(np.clip(shaped @ self.mixing.T, -LIMIT, LIMIT), np.float32)


def measure_grain(log: Pixels, known: npt.NDArray[np.bool_]) -> Grain | None:
    """The grain of a plate (H, W, 3, log-encoded) by its flattest known blocks; None where it has too few, or no grain.

    References: the flat-block approach of Norkin and Birkbeck, "Film Grain Synthesis for AV1", 2018; levels, spectrum
        and channel covariance in the log encoding are our own choice.
    """
    blocks = _known_blocks(log, known)
    if len(blocks) < FEWEST_BLOCKS:
        return None
    luma = blocks.mean(axis=(1, 2, 3))
    residual = _without_plane(blocks)
    deviation = residual.std(axis=(1, 2))  # (B, 3)
    edges = np.quantile(luma, np.linspace(0, 1, LEVELS + 1))
    level = np.clip(np.searchsorted(edges, luma, side="right") - 1, 0, LEVELS - 1)
    flat = np.zeros(len(blocks), bool)
    levels, sigma = [], []
    for index in range(LEVELS):
        inside = np.flatnonzero(level == index)
        if not len(inside):
            continue
        total = deviation[inside].mean(axis=1)
        bound = np.sort(total)[: max(3, int(len(total) * FLATTEST))].mean()
        taken = inside[total <= ALIKE * bound + 1e-6]
        flat[taken] = True
        levels.append(float(luma[taken].mean()))
        sigma.append(np.median(deviation[taken], axis=0))
    order = np.argsort(levels)
    unit = residual[flat] / np.maximum(deviation[flat], 1e-6)[:, None, None]
    level_array, sigma_array = np.asarray(levels, np.float32)[order], np.asarray(sigma, np.float32)[order]
    if sigma_array.max() < LEAST:
        return None
    return Grain(level_array, _without_texture(level_array, sigma_array), _mixing(unit), _kernel(unit))


def _without_texture(levels: Pixels, sigma: Pixels) -> Pixels:
    """Sigma (L, 3) less what only texture explains.

    Relative noise falls with light, never faster than the light rises (read noise is constant, shot noise its square
    root): a level that has more than a darker one, or more than a brighter one allows, had nothing flat in it.
    """
    bound = np.minimum.accumulate(sigma, axis=0)
    rise = np.exp2(np.diff(levels)[:, None] * STOPS_OF_ENCODING)
    for index in range(len(levels) - 2, -1, -1):
        bound[index] = np.minimum(bound[index], bound[index + 1] * rise[index] + 1e-4)
    return np.asarray(bound, np.float32)


def _known_blocks(log: Pixels, known: npt.NDArray[np.bool_]) -> Pixels:
    rows, columns = log.shape[0] // BLOCK, log.shape[1] // BLOCK
    if not rows or not columns:
        return np.zeros((0, BLOCK, BLOCK, 3), np.float32)
    cut = log[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK, 3)
    whole = known[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK).all(axis=(1, 3))
    return np.asarray(cut.transpose(0, 2, 1, 3, 4)[whole], np.float32)


def _without_plane(blocks: Pixels) -> Pixels:
    """The blocks less the plane that fits each best: light that falls off is not grain."""
    ramp = np.arange(BLOCK, dtype=np.float32) - (BLOCK - 1) / 2
    power = float((ramp**2).sum() * BLOCK)
    centred = blocks - blocks.mean(axis=(1, 2), keepdims=True)
    down = (centred * ramp[:, None, None]).sum(axis=(1, 2), keepdims=True) / power
    across = (centred * ramp[:, None]).sum(axis=(1, 2), keepdims=True) / power
    return np.asarray(centred - down * ramp[:, None, None] - across * ramp[:, None], np.float32)


def _mixing(unit: Pixels) -> Pixels:
    samples = unit.reshape(-1, 3)
    covariance = samples.T @ samples / len(samples)
    scale = np.sqrt(np.maximum(np.diag(covariance), 1e-6))
    correlation = covariance / np.outer(scale, scale) + 1e-4 * np.eye(3)
    return np.asarray(np.linalg.cholesky(correlation / 1.0001), np.float32)


def _kernel(unit: Pixels) -> Pixels:
    """A symmetric kernel with the grain's mean power spectrum, of unit energy."""
    power = (np.abs(np.fft.fft2(unit, axes=(1, 2))) ** 2).mean(axis=(0, 3))
    response = np.fft.fftshift(np.real(np.fft.ifft2(np.sqrt(power))))[1:, 1:]  # 15 x 15, centred
    return np.asarray(response / np.sqrt((response**2).sum()), np.float32)
