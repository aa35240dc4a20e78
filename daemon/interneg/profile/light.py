"""The light of a setup: exposure, where the key stands, how hard it contrasts, and its colour."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, atan2, degrees

import numpy as np
import numpy.typing as npt
import torch

from interneg.model.intrinsics import Intrinsics, IntrinsicsNetwork, intrinsics_of
from interneg.units import GREATEST_KELVIN, LEAST_KELVIN, REC709, Primaries, rgb_from_kelvin

Pixels = npt.NDArray[np.float32]

GREY = 0.18
LUMA = np.array((0.2126, 0.7152, 0.0722), np.float32)
LIT, SHADED = 85, 15  # percentiles of the light that falls on what is seen: the key's side and the fill's


@dataclass(frozen=True)
class Light:
    """The light of one frame.

    Convention: exposure is the stops of the plate's middle above 18 % grey; ratio the stops between what the key lights
        and what only the fill does; kelvin the key's colour; azimuth and elevation its direction in degrees (0 from the
        camera, + camera right; above the camera's horizontal plane). NaN where no network says.
    """

    exposure: float
    ratio: float
    kelvin: float
    azimuth: float
    elevation: float


def light_of(plate: Pixels, network: IntrinsicsNetwork | None, device: torch.device) -> Light:
    """The light of a scene-linear plate (H, W, 3)."""
    seen = np.where(np.isfinite(plate), plate, 0) @ LUMA
    lit = seen[seen > 0]
    exposure = float(np.log2(np.median(lit) / GREY)) if lit.size else float("nan")
    if network is None or not lit.size:
        return Light(exposure, *(float("nan"),) * 4)
    found = intrinsics_of(network, plate, device)
    x, y, z = found.lamp.direction
    azimuth, elevation = degrees(atan2(x, z)), degrees(asin(max(-1.0, min(1.0, y))))
    return Light(exposure, _ratio(plate, found), kelvin_of(np.asarray(found.lamp.colour)), azimuth, elevation)


def _ratio(plate: Pixels, found: Intrinsics) -> float:
    """Stops between light and shade on what is seen, its albedo taken out."""
    shading = (plate @ LUMA) / np.maximum(found.albedo @ LUMA, 0.02)
    lit = shading[np.isfinite(shading) & (shading > 1e-6)]
    high, low = np.percentile(lit, (LIT, SHADED)) if lit.size else (1.0, 1.0)
    return float(np.log2(high / max(low, 1e-9)))


def kelvin_of(colour: Pixels, primaries: Primaries = REC709) -> float:
    """The colour temperature whose chroma is nearest to that of a linear colour (3,), in mired steps of one."""
    wanted = np.log2(np.maximum(colour, 1e-6))
    wanted = wanted - wanted.mean()
    mired = np.arange(1e6 / GREATEST_KELVIN, 1e6 / LEAST_KELVIN, 1.0)
    tried = np.log2(rgb_from_kelvin(1e6 / mired, primaries))
    tried = tried - tried.mean(axis=1, keepdims=True)
    return float(1e6 / mired[np.argmin(((tried - wanted) ** 2).sum(axis=1))])
