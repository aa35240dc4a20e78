"""What a gaffer would hear: the light as shot, and the lamps that are set beside it afterwards."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from interneg.errors import RequestError
from interneg.units import GREATEST_KELVIN, LEAST_KELVIN

OFF_STOPS = -20.0  # at it and below a light is off: a millionth
SOFTNESS_DEGREES = 5.0  # of a lamp that nothing else is said of: a large fresnel across a room
LIMIT_STOPS = 6.0  # what a light may do to its share of a pixel, either way
MOST_LAMPS = 16
AS_SHOT_KEY, AS_SHOT_REST = "as_shot_key", "as_shot_rest"
_LAYERS = "beauty gain albedo normal depth confidence visibility outside matte seen synthesised"
TAKEN = frozenset((AS_SHOT_KEY, AS_SHOT_REST, *_LAYERS.split()))  # layers that one of a lamp's own name would hide
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Track:
    """A value over the shot: linear between its keys, held before the first and after the last.

    Convention: keys are (frame, value), ascending by frame; one key alone holds for every frame.
    """

    keys: tuple[tuple[int, float], ...]

    @classmethod
    def of(cls, value: float) -> Track:
        """The same value on every frame."""
        return cls(((0, float(value)),))

    def at(self, frame: int) -> float:
        """The value on that frame."""
        return self._between(frame, lambda value: value)

    def kelvin_at(self, frame: int) -> float:
        """The colour temperature on that frame: even in mired between its keys, as gels and eyes count."""
        return 1e6 / self._between(frame, lambda value: 1e6 / value)

    def _between(self, frame: int, scaled: Callable[[float], float]) -> float:
        if frame <= self.keys[0][0] or len(self.keys) == 1:
            return scaled(self.keys[0][1])
        for (start, low), (end, high) in pairwise(self.keys):
            if frame <= end:
                along = (frame - start) / (end - start)
                return scaled(low) + along * (scaled(high) - scaled(low))
        return scaled(self.keys[-1][1])


NEUTRAL, SOFT = Track.of(0.0), Track.of(SOFTNESS_DEGREES)


@dataclass(frozen=True)
class AsShot:
    """A part of the light as shot, and how it is changed; without a colour temperature it keeps its own."""

    exposure_stops: Track = NEUTRAL
    cct_kelvin: Track | None = None

    def is_neutral_at(self, frame: int) -> bool:
        """Whether it burns as it was shot on that frame."""
        return self.cct_kelvin is None and self.exposure_stops.at(frame) == 0

    def is_off_at(self, frame: int) -> bool:
        """Whether it is taken out on that frame."""
        return self.exposure_stops.at(frame) <= OFF_STOPS


@dataclass(frozen=True)
class Lamp:
    """A lamp that is set afterwards.

    Convention: azimuth 0 is from the camera, + camera right; elevation is above the camera's horizontal plane, below it
        is allowed. 0 stops: it gives the shot's reference frame the same mean over pixels and channels as the as-shot
        key gave it. `rgb` is its colour as a white card shows it in the plate, `cct_kelvin` the same said shorter; with
        neither it has the as-shot key's. `distance` counts from the middle of what is seen, 1 being as far as the
        camera stands from it; None is parallel light. `matte` is where it may act, a path; empty: everywhere.
    """

    name: str
    azimuth_degrees: Track = NEUTRAL
    elevation_degrees: Track = NEUTRAL
    exposure_stops: Track = NEUTRAL
    cct_kelvin: Track | None = None
    rgb: Vector | None = None
    angular_diameter_degrees: Track = SOFT
    distance: Track | None = None
    matte: str = ""
    matte_channel: str = ""

    def is_off_at(self, frame: int) -> bool:
        """Whether it does not burn on that frame."""
        return self.exposure_stops.at(frame) <= OFF_STOPS

    def direction_at(self, frame: int) -> Vector:
        """The unit vector towards it in camera space: x right, y up, z towards the camera."""
        azimuth, elevation = (math.radians(track.at(frame)) for track in (self.azimuth_degrees, self.elevation_degrees))
        level = math.cos(elevation)
        return math.sin(azimuth) * level, math.sin(elevation), math.cos(azimuth) * level


@dataclass(frozen=True)
class LightRig:
    """All the light of a shot: what it was shot in, in two parts, and the lamps that are added.

    Convention: `reference_frame` is where lamps are made as bright as the as-shot key, None the shot's first;
        `limit_stops` is what a light may do to its share of a pixel, either way.
    """

    as_shot_key: AsShot = AsShot()
    as_shot_rest: AsShot = AsShot()
    lamps: tuple[Lamp, ...] = ()
    reference_frame: int | None = None
    limit_stops: float = LIMIT_STOPS

    def lit_at(self, frame: int) -> tuple[Lamp, ...]:
        """The added lamps that burn on that frame."""
        return tuple(lamp for lamp in self.lamps if not lamp.is_off_at(frame))

    def is_neutral_at(self, frame: int) -> bool:
        """Whether the light is as it was shot on that frame: the plate then is its own answer, bit for bit."""
        as_shot = (self.as_shot_key, self.as_shot_rest)
        return not self.lit_at(frame) and all(part.is_neutral_at(frame) for part in as_shot)


@dataclass(frozen=True)
class Range:
    """What a value of a rig may be."""

    label: str
    least: float
    greatest: float
    unit: str

    def check(self, where: str, value: float) -> None:
        """Passes a value within it.

        Raises:
            RequestError: it is outside, or no number.
        """
        if not (math.isfinite(value) and self.least <= value <= self.greatest):
            allowed = f"{self.least:g} to {self.greatest:g}{self.unit}"
            raise RequestError(f"{where}: {self.label} is {value:g}; give a number from {allowed}.")


EXPOSURE = Range("exposure_stops", -1000.0, 20.0, f" stops ({OFF_STOPS:g} and below is off)")
KELVIN = Range("cct_kelvin", math.ceil(LEAST_KELVIN), GREATEST_KELVIN, " kelvin")
AZIMUTH = Range("azimuth_degrees", -360.0, 360.0, " degrees (0 from the camera, + camera right)")
ELEVATION = Range("elevation_degrees", -90.0, 90.0, " degrees above the camera's horizontal plane")
DIAMETER = Range("angular_diameter_degrees", 0.1, 180.0, " degrees (the lamp's size as the set sees it)")
DISTANCE = Range("distance", 0.05, 1000.0, " (1: as far from the middle as the camera)")
COLOUR = Range("rgb", 0.0, 1e4, "")
LIMIT = Range("limit_stops", 0.5, 12.0, " stops")


def checked_rig(rig: LightRig) -> LightRig:
    """The rig, all of whose values can be.

    Raises:
        RequestError: a value is outside its range, keys are not in order, or a lamp's name is taken or none.
    """
    LIMIT.check("rig", rig.limit_stops)
    for name, part in ((AS_SHOT_KEY, rig.as_shot_key), (AS_SHOT_REST, rig.as_shot_rest)):
        _check(name, ((EXPOSURE, part.exposure_stops), (KELVIN, part.cct_kelvin)))
    if len(rig.lamps) > MOST_LAMPS:
        raise RequestError(f"The rig has {len(rig.lamps)} lamps: give at most {MOST_LAMPS}.")
    names: set[str] = set()
    for lamp in rig.lamps:
        if not _NAME.fullmatch(lamp.name) or lamp.name.lower() in TAKEN:
            raise RequestError(
                f"A lamp is named {lamp.name!r}: give it a name of its own of letters, digits and _, such as key."
            )
        if lamp.name in names:
            raise RequestError(f"Two lamps are named {lamp.name!r}: name them apart.")
        names.add(lamp.name)
        _check_lamp(lamp)
    return rig


def _check_lamp(lamp: Lamp) -> None:
    where = f"lamp {lamp.name}"
    _check(
        where,
        (
            (AZIMUTH, lamp.azimuth_degrees),
            (ELEVATION, lamp.elevation_degrees),
            (EXPOSURE, lamp.exposure_stops),
            (KELVIN, lamp.cct_kelvin),
            (DIAMETER, lamp.angular_diameter_degrees),
            (DISTANCE, lamp.distance),
        ),
    )
    if lamp.rgb is None:
        return
    if lamp.cct_kelvin is not None:
        raise RequestError(f"{where}: cct_kelvin beside rgb; give its colour once.")
    for value in lamp.rgb:
        COLOUR.check(where, value)
    if max(lamp.rgb) <= 0:
        raise RequestError(f"{where}: rgb is black; give it a colour, or exposure_stops = {OFF_STOPS:g}.")


def _check(where: str, tracks: tuple[tuple[Range, Track | None], ...]) -> None:
    for allowed, track in tracks:
        if track is None:
            continue
        if not track.keys:
            raise RequestError(f"{where}: {allowed.label} has no key; give a number.")
        for _, value in track.keys:
            allowed.check(where, value)
        for (before, _), (after, _) in pairwise(track.keys):
            if before >= after:
                raise RequestError(f"{where}: {allowed.label} has keys at frames {before}, {after}; let them ascend.")
