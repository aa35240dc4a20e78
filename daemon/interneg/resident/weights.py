"""What each light of a rig is multiplied by: stops and colour, and the level of added lamps, told once a shot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from interneg.light import AS_SHOT_KEY, AS_SHOT_REST, OFF_STOPS, AsShot, Lamp, LightRig
from interneg.model.working import resized
from interneg.operators.detail import Detail
from interneg.resident.kept import Kept
from interneg.resident.lighting import Lighting, ShotLight
from interneg.resident.shading import Shader, Within
from interneg.units import Primaries, gain_from_stops, rgb_from_kelvin

Pixels = npt.NDArray[np.float32]
Colour = npt.NDArray[np.float64]

PROXY = 240  # pixels of the long side at which the reference frame is measured: means hardly know of more
KEPT_LEVELS = 64  # lamps and reference frames: a level is a few numbers
ROUNDS = 2  # a lamp that meets its limits gives less than its level says


@dataclass(frozen=True, eq=False)
class Levels:
    """How bright the lights are on the shot's reference frame.

    Convention: `stops` by lamp is what makes it as bright as the as-shot key; `given` (3,) by light is the mean light
        that it gives at 0 stops and neutral colour, in scene-linear.
    """

    stops: Mapping[str, float]
    given: Mapping[str, Colour]


@dataclass(frozen=True)
class Shown:
    """A light's colour as the plate shows it: its temperature, in the plate's primaries."""

    kelvin: float
    primaries: Primaries

    def turned_to(self, kelvin: float) -> Colour:
        """What its colour is multiplied by (3,) to be of that temperature, up to its level.

        Convention: by channel of the plate's own primaries; to the temperature that it has it is 1, bit for bit.
        """
        return rgb_from_kelvin(kelvin, self.primaries) / rgb_from_kelvin(self.kelvin, self.primaries)


def reference_of(rig: LightRig, frames: tuple[int, ...]) -> int:
    """The frame that a shot's lamps are levelled on."""
    return frames[0] if rig.reference_frame is None else rig.reference_frame


@dataclass(frozen=True)
class Place:
    """All of a lamp that its level depends on: where it stands on the reference frame, and how large it is."""

    number: int
    limit_stops: float
    azimuth_degrees: float
    elevation_degrees: float
    angular_diameter_degrees: float
    distance: float | None


class KnownLevels:
    """What was measured on a shot's reference frames, for all rigs: a lamp that was not moved keeps its level."""

    def __init__(self) -> None:
        self._as_shot: Kept[tuple[int, float], tuple[Colour, Colour]] = Kept(KEPT_LEVELS)
        self._lamps: Kept[Place, tuple[float, Colour]] = Kept(KEPT_LEVELS)

    def of(self, rig: LightRig, lighting: Lighting, number: int, read: Callable[[int], Pixels]) -> Levels:
        """The levels on that reference frame; what a lamp's matte holds back does not count, as with a flag.

        Convention: `read` gives the plate (H, W, 3) of a frame.

        Raises:
            MissingFrameError, PlateError: it is not there, or cannot be read.
        """
        reference: list[_Reference] = []

        def measured() -> _Reference:
            if not reference:
                reference.append(_Reference.of(lighting, number, read(number), rig.limit_stops))
            return reference[0]

        key, rest = self._as_shot.get((number, rig.limit_stops), lambda: measured().as_shot())
        stops, given = dict[str, float](), {AS_SHOT_KEY: key, AS_SHOT_REST: rest}
        for lamp in rig.lamps:
            level = partial(_level, measured, lamp, float(key.mean()))
            stops[lamp.name], given[lamp.name] = self._lamps.get(place_of(lamp, number, rig.limit_stops), level)
        return Levels(stops, given)


@dataclass(frozen=True, eq=False)
class _Reference:
    """A reference frame, small: its light (h, w, 3), and what shades it."""

    light: Pixels
    shader: Shader

    @classmethod
    def of(cls, lighting: Lighting, number: int, plate: Pixels, limit_stops: float) -> _Reference:
        small = proxy_of(plate, PROXY)
        return cls(np.maximum(small, 0), Shader(lighting, number, small, Within(limit_stops), Detail.of(small)))

    def as_shot(self) -> tuple[Colour, Colour]:
        """The mean light of the as-shot key and of the rest."""
        key = self.shader.as_shot_key().share
        return _mean(self.light * key), _mean(self.light * (1 - key))


def _level(measured: Callable[[], _Reference], lamp: Lamp, wanted: float) -> tuple[float, Colour]:
    """The stops that make a lamp give that much, and what it gives then but for its last correction."""
    reference, stops, given = measured(), 0.0, np.zeros(3)
    for _ in range(ROUNDS):
        given = _mean(reference.light * reference.shader.lamp(lamp, stops).share)
        found = float(given.mean())
        stops += float(np.log2(wanted / found)) if wanted > 0 and found > 0 else 0.0
    return stops, given


def place_of(lamp: Lamp, number: int, limit_stops: float) -> Place:
    """Where that lamp stands on that frame."""
    return Place(
        number,
        limit_stops,
        lamp.azimuth_degrees.at(number),
        lamp.elevation_degrees.at(number),
        lamp.angular_diameter_degrees.at(number),
        None if lamp.distance is None else lamp.distance.at(number),
    )


def weights_of(rig: LightRig, number: int, shot: ShotLight, levels: Levels) -> dict[str, Colour]:
    """What each light is multiplied by on that frame, (3,) by its name; lamps that are off are left out."""
    key, rest = Shown(shot.key_kelvin, shot.primaries), Shown(shot.rest_kelvin, shot.primaries)
    weights = {
        AS_SHOT_KEY: _as_shot(rig.as_shot_key, number, key, levels.given[AS_SHOT_KEY]),
        AS_SHOT_REST: _as_shot(rig.as_shot_rest, number, rest, levels.given[AS_SHOT_REST]),
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


def _as_shot(part: AsShot, number: int, own: Shown, given: Colour) -> Colour:
    stops = part.exposure_stops.at(number)
    if stops <= OFF_STOPS:
        return np.zeros(3)
    tint = np.ones(3) if part.cct_kelvin is None else own.turned_to(part.cct_kelvin.kelvin_at(number))
    return _levelled(tint, given) * gain_from_stops(stops)


def _tint(lamp: Lamp, number: int, shot: ShotLight) -> Colour:
    """The lamp's colour against that of the as-shot key."""
    if lamp.rgb is not None:
        return np.asarray(np.maximum(lamp.rgb, 0) / shot.key_colour)
    if lamp.cct_kelvin is not None:
        return Shown(shot.key_kelvin, shot.primaries).turned_to(lamp.cct_kelvin.kelvin_at(number))
    return np.ones(3)


def _levelled(tint: Colour, given: Colour) -> Colour:
    """The tint, such that it leaves the mean over channels of the light that it colours as it was."""
    after = float((tint * given).sum())
    return tint * (float(given.sum()) / after if after > 0 else 1.0 / max(float(tint.mean()), 1e-6))


def _mean(light: npt.NDArray[np.floating]) -> Colour:
    return np.asarray(light.mean(axis=(0, 1), dtype=np.float64))
