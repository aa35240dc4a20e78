"""A camera's grain as a show knows it: for the light that a plate itself says nothing of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from interneg.plates.grain import RADIUS, Grain

Pixels = npt.NDArray[np.float32]

SHARPEST = 0.1  # pixels: a finer grain than that is white
LEAST_SIGMA = 1e-5  # log units


@dataclass(frozen=True, eq=False)
class CameraGrain:
    """What a camera's grain is like over many takes.

    Convention: `sigma` (L, 3) in log units at the luma `levels` (L,), rising; `size` its kernel's radius in pixels.
    """

    levels: Pixels
    sigma: Pixels
    size: float

    def alone(self) -> Grain:
        """The camera's grain where a plate is too small or too covered to tell its own."""
        reach = np.arange(-RADIUS, RADIUS + 1)
        across = np.exp(-(reach**2) / (4 * max(self.size, SHARPEST) ** 2))  # its square falls off with `size`
        kernel = np.outer(across, across) / (across**2).sum()
        return Grain(self.levels, self.sigma, np.eye(3, dtype=np.float32), np.stack([kernel] * 3).astype(np.float32))

    def beyond(self, grain: Grain) -> Grain:
        """The plate's own grain, and for light darker and brighter than it has told, the camera's at its strength."""
        known = self.alone().sigma_at(grain.levels)
        strength = np.median(grain.sigma / np.maximum(known, LEAST_SIGMA), axis=0)  # a push, or a denoised plate
        darker, brighter = self.levels < grain.levels[0], self.levels > grain.levels[-1]
        own = self.sigma * strength
        levels = np.concatenate([self.levels[darker], grain.levels, self.levels[brighter]])
        sigma = np.concatenate([own[darker], grain.sigma, own[brighter]])
        return replace(grain, levels=levels.astype(np.float32), sigma=sigma.astype(np.float32))
