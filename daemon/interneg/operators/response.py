"""How much of a picture's grain survives when it is sampled between its pixels."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from interneg.plates.grain import SPLITS

Pixels = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

TAPS = np.arange(-1, 3)
STEPS = 64  # to a pixel: places are told apart no finer
FREQUENCIES = 32
SHARPNESS = -0.75  # of the bicubic kernel, as torch samples with it


def kept_by_sampling(points: Pixels, is_cubic: bool = True) -> Pixels:
    """The share of white grain's power that sampling at those points (N, 2) keeps, by band (N, BANDS).

    Convention: bicubic sampling, or bilinear.

    References: Keys, "Cubic Convolution Interpolation", 1981.
    """
    steps = np.rint(np.abs(points - np.rint(points)) * STEPS).astype(np.intp)  # a half is as far as it gets
    return np.asarray(_table(is_cubic)[steps[:, 0], steps[:, 1]], np.float32)


@cache
def _table(is_cubic: bool) -> Pixels:
    """By how far x and y lie from a pixel (STEPS / 2 + 1, STEPS / 2 + 1, BANDS)."""
    frequency = (np.arange(FREQUENCIES) + 0.5) / (2 * FREQUENCIES)
    weights = _cubic if is_cubic else _linear
    power = np.stack([_power_at(weights(step / STEPS), frequency) for step in range(STEPS // 2 + 1)])  # (S, F)
    radius2 = frequency[:, None] ** 2 + frequency**2
    passed = [np.ones_like(radius2), *(np.exp(-2 * (np.pi * split) ** 2 * radius2) for split in SPLITS)]
    bands = np.stack([one - other for one, other in zip(passed, [*passed[1:], np.zeros_like(radius2)], strict=True)])
    bands = bands**2 / (bands**2).sum(axis=(1, 2), keepdims=True)
    table = np.einsum("bxy,sx,ty->stb", bands, power, power)
    return np.asarray(table, np.float32)


def _cubic(place: float) -> Floats:
    """What four pixels in a row weigh, so far beyond the second."""
    distance = np.abs(TAPS - place)
    a = SHARPNESS
    near = (a + 2) * distance**3 - (a + 3) * distance**2 + 1
    far = a * (distance**3 - 5 * distance**2 + 8 * distance - 4)
    return np.asarray(np.where(distance <= 1, near, np.where(distance < 2, far, 0)))


def _linear(place: float) -> Floats:
    return np.asarray(np.maximum(1 - np.abs(TAPS - place), 0))


def _power_at(weight: Floats, frequency: Floats) -> Floats:
    turned = np.exp(-2j * np.pi * frequency[:, None] * TAPS)
    return np.asarray(np.abs(turned @ weight) ** 2)
