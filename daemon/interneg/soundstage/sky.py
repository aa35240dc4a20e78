"""The light from outside: clear, cloudy, overcast and dusky skies and city nights, with what stands on the horizon.

Convention: latitude-longitude pictures (384, 768, 3), linear, row 0 up, the middle column -z and columns to its right
towards +x. The mean of the upper half is about 1; nothing is brighter than 200 times the whole picture's mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from interneg.soundstage.scene import Pixels, Surroundings
from interneg.soundstage.solids import Floats
from interneg.soundstage.textures import linear, noise

ROWS = 384
BRIGHTEST_OF_MEAN = 200.0  # a sun that is brighter makes fireflies
WEATHERS = ("clear", "clear", "cloudy", "cloudy", "overcast", "dusk", "night")
CLOUD_BASE = 0.14  # keeps the clouds' plane finite at the horizon


@dataclass(frozen=True, eq=False)
class _Weather:
    """What a sky is made of: colours from the zenith to the horizon, the sun and the clouds."""

    zenith: Floats
    horizon: Floats
    sun: Floats  # colour times strength against the sky's mean
    sun_elevation: float
    glow: float  # how far the sun's light spreads in the haze
    cover: float  # of the sky by clouds, 0 to 1
    cloud: Floats
    shade: Floats


def random_sky(rng: np.random.Generator, horizon: str, ground: Floats, weather: str | None = None) -> Surroundings:
    """A sky in some weather over a horizon of `hills`, `trees`, `city` or `sea`, the ground of that albedo."""
    kind = str(rng.choice(WEATHERS)) if weather is None else weather
    made = _weather(rng, kind)
    azimuth = float(rng.uniform(-np.pi, np.pi))
    ways = directions()
    sun = _way(azimuth, made.sun_elevation)
    picture = _clouded(rng, _air(made, ways, sun), made, ways, sun)
    picture = _grounded(rng, picture, made, horizon, np.asarray(ground), kind)
    level = max(float(picture[: ROWS // 2].mean()), 1e-6)
    tint = picture[: ROWS // 2].mean(axis=(0, 1)) / level
    picture = picture / level / tint**0.6  # as graded: a camera's white balance takes most of a sky's cast away
    picture = picture + _disc(made, ways, sun) * (ways[..., 1:2] > 0)
    ceiling = BRIGHTEST_OF_MEAN * float(picture.mean()) * 0.98
    return Surroundings(np.clip(picture, 0, ceiling).astype(np.float32), True)


def directions(rows: int = ROWS) -> Floats:
    """Where each pixel of such a picture looks, as unit vectors (rows, 2 rows, 3)."""
    elevation = (0.5 - (np.arange(rows) + 0.5) / rows)[:, None] * np.pi
    azimuth = ((np.arange(2 * rows) + 0.5) / (2 * rows) * 2 - 1)[None] * np.pi
    return np.stack(
        [
            np.sin(azimuth) * np.cos(elevation),
            np.broadcast_to(np.sin(elevation), (rows, 2 * rows)),
            -np.cos(azimuth) * np.cos(elevation),
        ],
        axis=-1,
    )


def _weather(rng: np.random.Generator, kind: str) -> _Weather:
    warm = np.array((1.0, 0.86, 0.66)) * np.exp(rng.normal(0, 0.05, 3))
    if kind == "overcast":
        grey = np.exp(rng.normal(0, 0.04, 3)) * np.array((0.93, 0.98, 1.05))
        return _Weather(grey * 1.1, grey * rng.uniform(0.6, 1.0), warm * 0.6, 0.9, 20.0, 1.0, grey * 1.15, grey * 0.6)
    if kind == "dusk":
        ember = linear(str(rng.choice(["ffb684", "ffa27a", "ffc898", "f2aa98"]))) * 1.5
        high = linear(str(rng.choice(["4a6a9a", "4a5a8c", "6a7aa0"])))
        lit = ember * 0.5 + high
        return _Weather(
            high,
            ember,
            ember * rng.uniform(3, 25),
            rng.uniform(0.02, 0.14),
            12.0,
            rng.uniform(0.1, 0.6),
            lit,
            high * 0.6,
        )
    if kind == "night":
        glow = linear(str(rng.choice(["e0a05a", "d88a4a", "b0a0a8", "8090b8"]))) * 0.8
        high = linear(str(rng.choice(["10182c", "181c30", "0c1420"])))
        return _Weather(high, glow, glow * 0.0, 0.5, 4.0, rng.uniform(0.0, 0.7), glow * 0.3, high * 0.8)
    blue = linear(str(rng.choice(["3f74b8", "5a8ac4", "2f62a8", "6f9ac8"]))) * 1.3
    pale = np.array((0.82, 0.9, 1.0)) * rng.uniform(0.8, 1.2)
    low = rng.random() < 0.4
    sun = warm * (np.array((1.0, 0.8, 0.55)) if low else 1.0) * rng.uniform(40, 160)
    height = rng.uniform(0.15, 0.45) if low else rng.uniform(0.45, 1.2)
    cover = rng.uniform(0.3, 0.75) if kind == "cloudy" else rng.uniform(0.0, 0.2)
    return _Weather(blue, pale, sun, height, rng.uniform(4, 14), cover, warm * 2.2, pale * 0.75)


def _air(made: _Weather, ways: Floats, sun: Floats) -> Floats:
    """The cloudless sky: paler towards the horizon, warmer about the sun."""
    height = np.clip(ways[..., 1:2], 0, 1)
    sky = made.zenith + (made.horizon - made.zenith) * (1 - height) ** 4
    near = np.clip(ways @ sun, 0, 1)[..., None]
    tint = made.sun / max(float(made.sun.max()), 1e-6)
    halo = near**made.glow * 0.5 + near ** (made.glow * 8) * 0.8
    low = np.exp(-made.sun_elevation * 3)  # a low sun colours its own side of the sky alone
    side = (1 + low * (near**2 - 0.6)) if made.sun.any() else 1.0
    return sky * side + tint * halo * float(made.horizon.mean())


def _clouded(rng: np.random.Generator, sky: Floats, made: _Weather, ways: Floats, sun: Floats) -> Floats:
    """The sky with its clouds: a layer overhead, lit from the sun's side and dark below."""
    size = 512
    field = noise(rng, size, float(rng.uniform(1.2, 1.6))) + noise(rng, size, 0.9) * 0.18
    height = np.maximum(ways[..., 1], 0) + CLOUD_BASE
    scale = float(rng.uniform(30, 70))
    across, along = ways[..., 0] / height * scale, ways[..., 2] / height * scale
    towards = sun[[0, 2]] * 9
    dense = _sampled(field, across, along)
    lit_side = dense - _sampled(field, across + towards[0], along + towards[1])
    level = np.quantile(field, 1 - np.clip(made.cover, 0.001, 0.999))
    body = _step((dense - level) / 0.55) if made.cover < 1 else np.ones_like(dense)
    shading = np.clip(0.55 + 0.35 * lit_side - 0.12 * np.clip(dense - level, 0, 3), 0, 1)[..., None]
    near = np.clip(ways @ sun, 0, 1)[..., None] ** 6
    cloud = made.shade + (made.cloud * (1 + near) - made.shade) * shading
    fade = _step(ways[..., 1:2] / 0.13)  # into the haze
    return np.asarray(sky + (cloud - sky) * body[..., None] * fade * 0.95)


def _disc(made: _Weather, ways: Floats, sun: Floats) -> Floats:
    """The sun itself, a few degrees wide and soft."""
    angle = np.degrees(np.arccos(np.clip(ways @ sun, -1, 1)))[..., None]
    return made.sun * np.exp(-((angle / 2.6) ** 2))


def _grounded(rng: np.random.Generator, sky: Floats, made: _Weather, horizon: str, ground: Floats, kind: str) -> Floats:
    """The sky over its ground, with the horizon's silhouettes in the haze between them."""
    rows, columns = sky.shape[:2]
    light = float(sky[: rows // 2].mean()) * (1.0 if kind != "night" else 1.5)
    haze = sky[rows // 2 - 6 : rows // 2 - 2].mean(axis=0)[None]
    below = (np.arange(rows) + 0.5 - rows / 2)[:, None, None] / rows * 180
    earth = ground * light * 0.8 + (haze - ground * light * 0.8) * np.exp(-np.clip(below, 0, None) / 2.5)
    picture = np.where(below > 0, earth, sky)
    if horizon == "sea":
        return picture
    for layer in range(3):
        nearness = (layer + 1) / 3
        profile = _profile(rng, horizon, columns) * (0.5 + 0.5 * nearness)
        inside = np.clip((profile[None] + below[..., 0]) / 180 * rows, 0, 1) * (below[..., 0] < 2)
        body = _facade_of(rng, horizon, (rows, columns), kind == "night") * light
        tone = haze + (body - haze) * (0.25 + 0.55 * nearness)
        picture = picture + (tone - picture) * inside[..., None]
    return picture


def _profile(rng: np.random.Generator, horizon: str, columns: int) -> Floats:
    """How high the horizon's things stand, in degrees, by column."""
    rough = noise(rng, columns, 1.6 if horizon == "hills" else 0.9)[0]
    if horizon == "hills":
        return np.asarray(np.clip(2.2 + rough * 1.5, 0.2, None))
    if horizon == "trees":
        return np.asarray(np.clip(3.0 + rough * 0.9, 0.5, None))
    edges = np.sort(rng.integers(0, columns, columns // 11))
    heights = rng.gamma(3.0, 1.5, len(edges) + 1)
    return heights[np.searchsorted(edges, np.arange(columns), side="right")]


def _facade_of(rng: np.random.Generator, horizon: str, size: tuple[int, int], is_night: bool) -> Floats:
    """What the silhouettes are made of."""
    rows, columns = size
    if horizon != "city":
        green = linear(str(rng.choice(["3c4a2c", "4a5234", "55604a", "5f5a48"])))
        return green * np.exp(_tiled(noise(rng, columns, 0.6)[:rows] * 0.3))
    stone = linear(str(rng.choice(["8f8a80", "75706a", "a39a8c", "6a7078"])))
    blocks = np.repeat(np.exp(rng.normal(0, 0.3, columns // 8 + 1)), 8)[:columns]
    lattice = (np.arange(rows)[:, None] % 2 == 0) & (np.arange(columns)[None] % 2 == 0)
    if not is_night:
        return np.asarray(stone * (blocks[None] * np.where(lattice, 0.65, 1.0))[..., None])
    lit = lattice & (rng.random(size) < 0.35)
    lamps = np.array((1.0, 0.75, 0.42)) * rng.uniform(2, 9, size)[..., None]
    return np.where(lit[..., None], lamps, stone * 0.25)


def _way(azimuth: float, elevation: float) -> Floats:
    return np.array((np.sin(azimuth) * np.cos(elevation), np.sin(elevation), -np.cos(azimuth) * np.cos(elevation)))


def _sampled(field: Pixels, across: Floats, along: Floats) -> Floats:
    """The repeating field at those places, between its pixels."""
    size = field.shape[0]
    wide = np.pad(field, ((0, 1), (0, 1)), mode="wrap")
    places = (across % size).astype(np.float32), (along % size).astype(np.float32)
    return np.asarray(cv2.remap(wide, *places, cv2.INTER_LINEAR))


def _tiled(values: Floats) -> Floats:
    return np.asarray(values)[..., None]


def _step(values: Floats) -> Floats:
    share = np.clip(values, 0, 1)
    return share * share * (3 - 2 * share)
