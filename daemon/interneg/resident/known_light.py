"""What is known of a shot's light whatever its rig says: a knob that does not move a lamp shades nothing anew."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from interneg.light import Lamp
from interneg.operators.detail import Detail
from interneg.plates.frames import parse_pattern
from interneg.production.provenance import hash_from_matte
from interneg.resident.kept import Kept
from interneg.resident.light_experts import LightExperts
from interneg.resident.lighting import Estimates, Lighting
from interneg.resident.shading import Light, Shader, Within
from interneg.resident.weights import KnownLevels, Place, place_of
from interneg.resident.wish import RenderWish

Pixels = npt.NDArray[np.float32]

MOST = 2  # shots: the one that is worked on, and the one it is held against
LIGHT_BYTES = 512 << 20  # of a shot's lights: four frames at 2K with a lamp each, one at 4K
DETAIL_BYTES = 128 << 20  # of its plates' detail: six frames at 2K


@dataclass(frozen=True)
class _Frame:
    """What lights of a frame depend on beside themselves: which one, at what size, who performs, and the limits."""

    number: int
    shape: tuple[int, ...]
    performers: str
    limit_stops: float


@dataclass(frozen=True)
class _Set:
    """A lamp where it stands on one frame, at its level; neither its own stops nor its colour."""

    place: Place
    level_stops: float


class KnownLight:
    """Estimates of a shot's light, levels of its lamps, and lights shaded last; safe to ask from several threads."""

    def __init__(self, light_bytes: int = LIGHT_BYTES) -> None:
        self.estimates = Estimates()
        self.levels = KnownLevels()
        self.lights: Kept[tuple[_Frame, _Set | None], Light] = Kept(light_bytes, lambda light: light.bytes)
        self._details: Kept[tuple[int, tuple[int, ...]], Detail] = Kept(DETAIL_BYTES, lambda detail: detail.bytes)

    def detail(self, number: int, rgb: Pixels) -> Detail:
        """The detail of that frame (H, W, 3)."""
        return self._details.get((number, rgb.shape), lambda: Detail.of(rgb))


@dataclass(frozen=True)
class LitShot:
    """What makes a shot the same one: where it lies, each of its files as it stands, and who tells its light."""

    path: str
    colourspace: str
    config: str
    experts: str
    files: tuple[tuple[str, int, int], ...]

    @classmethod
    def of(cls, wish: RenderWish, experts: LightExperts, ocio: str | None) -> LitShot:
        """That of a wish, as its files stand now."""
        told = f"{experts.hash} {experts.answered.model} {' '.join(experts.notices)}"
        return cls(wish.plate_path, wish.colourspace, ocio or "", told, _files(wish.plate_path))


class KnownShots:
    """What is known of the last few shots, for all jobs and previews; safe to ask from several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._shots: Kept[LitShot, KnownLight] = Kept(most)

    def of(self, shot: LitShot) -> KnownLight:
        """What is known of that shot; nothing, where a file of it or its model changed."""
        return self._shots.get(shot, KnownLight)


def _files(path: str) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of every file of a shot; empty where none is there."""
    pattern = parse_pattern(path)
    try:
        stats = [(one, one.stat()) for one in map(pattern.path, pattern.frames_on_disk())]
    except OSError:
        return ()
    return tuple((one.name, stat.st_size, stat.st_mtime_ns) for one, stat in stats)


class KnownFrame:
    """The lights of one frame (H, W, 3), at the plate's size or a proxy's: those shaded before, and new ones."""

    def __init__(self, known: KnownLight, lighting: Lighting, number: int, rgb: Pixels, within: Within) -> None:
        self._known, self._lighting, self._number = known, lighting, number
        self._rgb, self._within = rgb, within
        acting = "" if within.performers is None else hash_from_matte(within.performers)
        self._frame = _Frame(number, rgb.shape, acting, within.limit_stops)
        self.detail = known.detail(number, rgb)

    def as_shot_key(self) -> Light:
        """The dominant lamp as it was shot."""
        return self._known.lights.get((self._frame, None), lambda: self._shader.as_shot_key())

    def lamp(self, lamp: Lamp, level_stops: float) -> Light:
        """An added lamp at 0 stops, in the colour of the as-shot key, as if it had no matte."""
        here = _Set(place_of(lamp, self._number, self._within.limit_stops), level_stops)
        return self._known.lights.get((self._frame, here), lambda: self._shader.lamp(lamp, level_stops))

    @cached_property
    def _shader(self) -> Shader:
        return Shader(self._lighting, self._number, self._rgb, self._within, self.detail)
