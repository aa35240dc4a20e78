"""The lights of one frame as shares of its pixels: made small, brought up along the plate's edges, and tempered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from interneg.light import Lamp
from interneg.model.analysis import Analysis
from interneg.model.guided import brought_up
from interneg.model.intrinsics import DEPTH, SHARE
from interneg.model.working import resized, usable
from interneg.operators.detail import Detail, log2_of, tempered
from interneg.operators.relight import (
    edges_of,
    falloff,
    field_of,
    field_size,
    odds_of_key,
    share_of_key,
    share_of_lamp,
)
from interneg.resident.lighting import Lighting

Pixels = npt.NDArray[np.float32]
Colour = npt.NDArray[np.float64]

EDGE_OF_MATTE = 0.02  # of a matte between pixels: its edges are the artist's, as a flag's are


@dataclass(frozen=True, eq=False)
class Mattes:
    """The mattes of one frame (H, W): who performs in it, and where each lamp may act, by its name."""

    performers: Pixels | None
    lamps: Mapping[str, Pixels]


@dataclass(frozen=True, eq=False)
class Within:
    """What every light keeps within: so many stops either way, and no shadow's edge on who performs (H, W)."""

    limit_stops: float
    performers: Pixels | None = None


@dataclass(frozen=True, eq=False)
class Light:
    """One light on one frame.

    Convention: `share` (H, W, 3) is its factor on the plate at 0 stops; `visibility` (H, W) in [0, 1]; `free` (H, W) in
        [0, 1] is 1 at the edges of its shadows, which take up `edges` of the frame where it holds light;
        `signal` (H, W) in [0, 1] is 0 where the plate holds nothing but noise.
    """

    share: Pixels
    visibility: Pixels
    free: Pixels
    edges: float
    signal: Pixels

    @property
    def bytes(self) -> int:
        """The memory it takes."""
        return int(sum(plane.nbytes for plane in (self.share, self.visibility, self.free, self.signal)))


@dataclass(frozen=True, eq=False)
class Lit:
    """One frame in its new light.

    Convention: `lights` by name, the rest's share being what the key leaves; `weights` (3,) by light; `gain` (H, W, 3)
        is the sum of shares times weights within the `matte` (H, W), and 1 outside; `rgb` the plate times it.
    """

    rgb: Pixels
    gain: Pixels
    lights: Mapping[str, Light]
    weights: Mapping[str, Colour]
    matte: Pixels | None


class Shader:
    """Shades one frame at the size of its plate (H, W, 3)."""

    def __init__(self, lighting: Lighting, number: int, plate: Pixels, within: Within, detail: Detail) -> None:
        self._seen: Analysis = lighting.of_frame(number)
        self._lighting, self._number = lighting, number
        self._plate = usable(plate)
        self._acting, self._limit, self._detail = within.performers, within.limit_stops, detail.power
        height, width = plate.shape[:2]
        made = self._seen.small.shape
        self._size = field_size(height, width, (made[0], made[1]))
        self._small = resized(self._seen.small, self._size)
        self._signal = _plane(lighting.signal(number), self._size)
        self._performers = None if self._acting is None else _plane(self._acting, self._size)

    def as_shot_key(self) -> Light:
        """The dominant lamp as it was shot; what it leaves of each pixel is the rest's."""
        share = np.log2(np.maximum(self._seen.maps[..., SHARE], 2.0**-self._limit))
        log, light = self._light(share)
        odds = tempered(odds_of_key(log, self._limit), self._detail, light.free)
        return replace(light, share=_within(share_of_key(odds), light.share))

    def lamp(self, lamp: Lamp, level_stops: float) -> Light:
        """An added lamp at 0 stops, in the colour of the as-shot key; `level_stops` is its level for the shot."""
        direction = lamp.direction_at(self._number)
        log = self._lighting.gain_of(self._number, direction, lamp.angular_diameter_degrees.at(self._number))
        if lamp.distance is not None:
            depth = np.asarray(np.exp2(self._seen.maps[..., DEPTH][..., 0]), np.float32)
            log = log + falloff(depth / np.median(depth), direction, lamp.distance.at(self._number))[..., None]
        log, light = self._light(log + np.float32(level_stops))
        share = share_of_lamp(tempered(log, self._detail, light.free), self._limit)
        return replace(light, share=_within(share, light.share))

    def _light(self, log_gain: Pixels) -> tuple[Pixels, Light]:
        """The log2 gain (H, W, 3) of a light, and all else of it; its share is 1 where it is one at all."""
        field = field_of(resized(log_gain, self._size), self._limit, self._performers)
        values = np.concatenate([field.log, field.seen[..., None], self._signal[..., None]], axis=-1)
        full = cv2.split(brought_up(np.asarray(values, np.float32), self._small, self._plate))
        signal, visibility = (np.asarray(np.clip(plane, 0, 1), np.float32) for plane in (full[4], full[3]))
        free, edges = self._free(field.seen)
        log = np.asarray(cv2.merge(full[:3]), np.float32)
        there = np.clip(signal * np.float32(2.0**self._limit), 0, 1)
        if signal.min() < 1:
            log += log2_of(np.maximum(signal, np.float32(2.0**-self._limit)))[..., None]
        return log, Light(there[..., None], visibility, free, edges, signal)

    def _free(self, seen: Pixels) -> tuple[Pixels, float]:
        """Where a visibility has edges (H, W), and how much of the field they take up; on performers there are none."""
        edges = edges_of(seen)
        if self._performers is not None:
            edges &= self._performers < 0.5
        height, width = self._plate.shape[:2]
        wide = cv2.dilate(edges.astype(np.float32), np.ones((3, 3), np.uint8))  # a slope begins beside its edge
        full = np.clip(2 * cv2.resize(wide, (width, height)), 0, 1)
        if self._acting is not None:
            full = full * (1 - self._acting)
        return np.asarray(full, np.float32), float((edges * self._signal).mean())


def flagged(light: Light, matte: Pixels | None) -> Light:
    """The light where a matte (H, W) lets it act; what it would be without one does not depend on it."""
    if matte is None:
        return light
    return replace(
        light, share=_within(light.share, matte[..., None]), free=np.maximum(light.free, edges_of_matte(matte))
    )


def _within(share: Pixels, there: Pixels) -> Pixels:
    """The share (H, W, 3) where there is light at all (H, W, 1)."""
    if there.min(initial=1) < 1:
        share = np.asarray(share * there, np.float32)
    return share


def edges_of_matte(matte: Pixels) -> Pixels:
    """1 at the edges of a matte (H, W), 0 elsewhere: they are the artist's own."""
    kernel = np.ones((9, 9), np.uint8)
    return np.asarray(cv2.dilate(matte, kernel) - cv2.erode(matte, kernel) > EDGE_OF_MATTE, np.float32)


def _plane(plane: Pixels, size: tuple[int, int]) -> Pixels:
    return resized(plane[..., None], size).reshape(size)
