"""What each light of a rig is multiplied by: stops and colour, and the level of added lamps, told once a shot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interneg.light import AS_SHOT_KEY, AS_SHOT_REST, OFF_STOPS, AsShot, Lamp, LightRig
from interneg.model.working import resized
from interneg.profile.light import kelvin_of
from interneg.resident.lighting import Lighting, ShotLight
from interneg.resident.shading import Mattes, Shader
from interneg.units import gain_from_stops, rgb_from_kelvin

Pixels = npt.NDArray[np.float32]
Colour = npt.NDArray[np.float64]

PROXY = 240  # pixels of the long side at which the reference frame is measured: means hardly know of more
ROUNDS = 2  # a lamp that meets its limits gives less than its level says


@dataclass(frozen=True, eq=False)
class Levels:
    """How bright the lights are on the shot's reference frame.

    Convention: `stops` by lamp is what makes it as bright as the as-shot key; `given` (3,) by light is the mean light
        that it gives at 0 stops and neutral colour, in scene-linear.
    """

    stops: Mapping[str, float]
    given: Mapping[str, Colour]


def reference_of(rig: LightRig, frames: tuple[int, ...]) -> int:
    """The frame that a shot's lamps are levelled on."""
    return frames[0] if rig.reference_frame is None else rig.reference_frame


def levels_of(rig: LightRig, lighting: Lighting, number: int, plate: Pixels) -> Levels:
    """The levels on that reference frame (H, W, 3); what a lamp's matte holds back does not count, as with a flag.

    Raises:
        MissingFrameError, PlateError: it is not there, or cannot be read.
    """
    small = proxy_of(plate, PROXY)
    shader = Shader(lighting, number, small, Mattes(None, {}), rig.limit_stops)
    light = np.where(np.isfinite(small), np.maximum(small, 0), 0)
    key = shader.as_shot_key().share
    given = {AS_SHOT_KEY: _mean(light * key), AS_SHOT_REST: _mean(light * (1 - key))}
    stops: dict[str, float] = {}
    for lamp in rig.lamps:
        stops[lamp.name], given[lamp.name] = 0.0, np.zeros(3)
        for _ in range(ROUNDS):
            given[lamp.name] = _mean(light * shader.lamp(lamp, stops[lamp.name]).share)
            wanted, found = (float(part.mean()) for part in (given[AS_SHOT_KEY], given[lamp.name]))
            stops[lamp.name] += float(np.log2(wanted / found)) if wanted > 0 and found > 0 else 0.0
    return Levels(stops, given)


def weights_of(rig: LightRig, number: int, shot: ShotLight, levels: Levels) -> dict[str, Colour]:
    """What each light is multiplied by on that frame, (3,) by its name; lamps that are off are left out."""
    weights = {
        AS_SHOT_KEY: _as_shot(rig.as_shot_key, number, shot.key_colour, levels.given[AS_SHOT_KEY]),
        AS_SHOT_REST: _as_shot(rig.as_shot_rest, number, shot.rest_colour, levels.given[AS_SHOT_REST]),
    }
    for lamp in rig.lit_at(number):
        tint = _levelled(_tint(lamp, number, shot), levels.given[lamp.name])
        weights[lamp.name] = tint * gain_from_stops(lamp.exposure_stops.at(number))
    return weights


def proxy_of(plate: Pixels, long_side: int) -> Pixels:
    """The plate (H, W, 3), no larger than that; what is no number is black."""
    height, width = plate.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    known = np.where(np.isfinite(plate), plate, 0).astype(np.float32)
    return resized(known, (max(1, round(height * scale)), max(1, round(width * scale))))


def _as_shot(part: AsShot, number: int, own: Colour, given: Colour) -> Colour:
    stops = part.exposure_stops.at(number)
    if stops <= OFF_STOPS:
        return np.zeros(3)
    tint = np.ones(3)
    if part.cct_kelvin is not None:
        tint = rgb_from_kelvin(part.cct_kelvin.kelvin_at(number)) / rgb_from_kelvin(
            kelvin_of(np.asarray(own, np.float32))
        )
    return _levelled(tint, given) * gain_from_stops(stops)


def _tint(lamp: Lamp, number: int, shot: ShotLight) -> Colour:
    """The lamp's colour against that of the as-shot key."""
    if lamp.rgb is not None:
        return np.asarray(np.maximum(lamp.rgb, 0) / shot.key_colour)
    if lamp.cct_kelvin is not None:
        return rgb_from_kelvin(lamp.cct_kelvin.kelvin_at(number)) / rgb_from_kelvin(shot.key_kelvin)
    return np.ones(3)


def _levelled(tint: Colour, given: Colour) -> Colour:
    """The tint, such that it leaves the mean over channels of the light that it colours as it was."""
    after = float((tint * given).sum())
    return tint * (float(given.sum()) / after if after > 0 else 1.0 / max(float(tint.mean()), 1e-6))


def _mean(light: npt.NDArray[np.floating]) -> Colour:
    return np.asarray(light.mean(axis=(0, 1), dtype=np.float64))
