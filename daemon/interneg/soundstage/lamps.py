"""The lamps around a set: each is lit alone, so that any rig is a sum of their pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interneg.soundstage.camera import Camera
from interneg.soundstage.scene import StageSet, Vector

MARGIN = 1.15  # of the frame: a lamp must not be seen


@dataclass(frozen=True)
class StageLamp:
    """A round lamp: where it hangs in the world and how large it is, in metres."""

    name: str
    position: Vector
    radius: float
    distance: float  # from what it lights

    @property
    def radiance(self) -> float:
        """What makes a white card that faces the lamp at the focus have radiance 1."""
        return (self.distance / self.radius) ** 2

    @property
    def angular_diameter_degrees(self) -> float:
        """How large it looks from what it lights."""
        return float(np.degrees(2 * np.arcsin(min(1.0, self.radius / self.distance))))


def random_lamps(
    rng: np.random.Generator, count: int, stage_set: StageSet, camera: Camera, lit: Vector
) -> tuple[StageLamp, ...]:
    """Lamps all around what is lit, from hard to soft, near and far, none of them in the frame.

    Convention: azimuths are spread evenly, as a rig is; a third come from behind. `lit` is a point of the world.
    """
    start = rng.uniform(0, 2 * np.pi)
    lamps: list[StageLamp] = []
    for index in range(count):
        azimuth = start + 2 * np.pi * (index + rng.uniform(-0.3, 0.3)) / count
        for _ in range(40):
            lamp = _lamp(rng, f"key{index:02d}", azimuth, lit, stage_set.surroundings.is_outdoors)
            if not _is_seen(lamp, camera):
                lamps.append(lamp)
                break
            azimuth += rng.normal(0, 0.2)
    return tuple(lamps)


def _lamp(rng: np.random.Generator, name: str, azimuth: float, lit: Vector, outdoors: bool) -> StageLamp:
    elevation = np.radians(np.clip(rng.normal(38, 22), 2, 88))
    distance = float(np.exp(rng.uniform(np.log(2.0), np.log(12.0 if outdoors else 6.0))))
    diameter = float(np.exp(rng.uniform(np.log(1.5), np.log(35.0))))  # degrees: a bare bulb to a large silk
    towards = np.array([np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)])
    place = np.asarray(lit) + towards * distance
    place[1] = max(place[1], 0.3)
    away = float(np.linalg.norm(place - np.asarray(lit)))
    radius = min(float(np.sin(np.radians(diameter / 2))) * away, place[1] * 0.9)
    return StageLamp(name, (float(place[0]), float(place[1]), float(place[2])), radius, away)


def _is_seen(lamp: StageLamp, camera: Camera) -> bool:
    """Whether the camera might see the lamp, were nothing before it."""
    local = camera.axes() @ np.subtract(lamp.position, camera.eye)
    ahead = -local[2]
    if ahead < -lamp.radius:
        return False
    reach = np.tan(np.radians(camera.field_degrees / 2)) * max(ahead, 0.0) * MARGIN + lamp.radius * 1.5
    return bool(abs(local[0]) < reach and abs(local[1]) < reach)
