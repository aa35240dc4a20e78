"""Drawn pictures: shapes over shapes, textured and lit, to be taught beside the rendered ones.

A stage has few thousand surfaces; a thin network learns edges and textures sooner from pictures that never repeat.

References: Lee, Mumford and Huang, "Occlusion Models for Natural Images", 2001 (dead leaves with a power law of sizes).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.uint8]

SUPERSAMPLED = 2  # so that edges are as soft as a lens and a sensor make them
LEAVES = (20, 90)
SUBPIXEL_BITS = 4  # of cv2's drawing: sixteenths of a pixel


def backdrop(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """A picture of shapes over shapes (height, width, 3), scene-linear, its mean near a fifth."""
    high, wide = height * SUPERSAMPLED, width * SUPERSAMPLED
    picture = _surface(rng, high, wide)
    smallest, largest = 0.01 * wide, rng.uniform(0.15, 0.6) * wide
    for _ in range(int(rng.integers(*LEAVES))):
        lot = rng.random()
        size = (smallest**-1.5 + lot * (largest**-1.5 - smallest**-1.5)) ** (-1 / 1.5)
        size = max(size, rng.uniform(0, 0.3) * largest)
        _lay(rng, picture, float(size))
    picture *= _light(rng, high, wide)
    if rng.random() < 0.35:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.8, 4.0)))
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small * np.float32(0.2 / max(float(small.mean()), 1e-4)), np.float32)


def _lay(rng: np.random.Generator, picture: Pixels, size: float) -> None:
    """One shape more on top, with a surface of its own; only its surroundings are touched."""
    height, width = picture.shape[:2]
    centre = rng.uniform((0, 0), (width, height))
    points = _outline(rng, size) + centre
    low = np.clip(np.floor(points.min(axis=0)).astype(int) - 2, 0, (width, height))
    high = np.clip(np.ceil(points.max(axis=0)).astype(int) + 3, 0, (width, height))
    if (high - low).min() < 2:
        return
    covered = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    fixed = np.rint((points - low) * 2**SUBPIXEL_BITS).astype(np.int32)
    cv2.fillPoly(covered, [fixed], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    under = picture[low[1] : high[1], low[0] : high[0]]
    share = covered[..., None].astype(np.float32) / 255
    under += share * (_surface(rng, *covered.shape) - under)


def _outline(rng: np.random.Generator, size: float) -> npt.NDArray[np.float64]:
    """The corners (N, 2) of a shape about the origin: round, angular, long, or a wobbling blob."""
    kind, turn = rng.random(), float(rng.uniform(0, 2 * np.pi))
    radius: npt.NDArray[np.float64]
    if kind < 0.45:
        count = int(rng.integers(3, 7))
        angles = np.sort(rng.uniform(0, 2 * np.pi, count)) if kind < 0.2 else np.arange(4) * np.pi / 2 + np.pi / 4
        radius = np.full(len(angles), size, np.float64)
    else:
        angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        waves = np.arange(2, 6)[:, None]
        wobble = (rng.normal(0, 0.12, (4, 1)) / waves * np.sin(waves * angles + rng.uniform(0, 6, (4, 1)))).sum(axis=0)
        radius = size * (1 + wobble * (kind < 0.75))
    stretch = np.array([1.0, float(rng.uniform(0.04, 1) if rng.random() < 0.6 else 1)])
    points = np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=-1) * stretch
    upright = rng.random() < 0.5  # built things stand upright more often than not
    turn = float(rng.normal(0, 0.03)) + int(rng.integers(0, 4)) * np.pi / 2 if upright else turn
    spun = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(points @ spun.T)


def _surface(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """A surface's colour over its picture (h, w, 3): plain, shaded, cloudy, striped, tiled or rough."""
    colour = _colour(rng)
    other = _colour(rng) if rng.random() < 0.5 else colour * np.float32(np.exp(rng.normal(0, 0.5)))
    share = _pattern(rng, height, width)[..., None]
    return np.asarray(colour * (1 - share) + other * share, np.float32)


def _colour(rng: np.random.Generator) -> Pixels:
    grey = np.exp(rng.normal(-1.6, 0.9))  # as albedos lie: log-normal about a fifth
    return np.asarray(np.clip(grey * np.exp(rng.normal(0, rng.choice([0.05, 0.35]), 3)), 0.005, 3), np.float32)


def _pattern(rng: np.random.Generator, height: int, width: int) -> Pixels:
    kind = rng.random()
    if kind < 0.25:
        return np.full((height, width), rng.random(), np.float32)
    if kind < 0.45:
        return _ramp(rng, height, width)
    if kind < 0.75:
        return _clouds(rng, height, width, float(rng.uniform(0.6, 2.2)))
    return _repeated(rng, height, width)


def _ramp(rng: np.random.Generator, height: int, width: int) -> Pixels:
    rows, columns = np.linspace(-0.5, 0.5, height)[:, None], np.linspace(-0.5, 0.5, width)[None]
    angle = rng.uniform(0, 2 * np.pi)
    return np.asarray(0.5 + 0.7 * (rows * np.sin(angle) + columns * np.cos(angle)), np.float32)


def _repeated(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """Stripes or tiles, sharp or soft."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    angle = float(rng.uniform(0, np.pi))
    pitch = float(np.exp(rng.uniform(np.log(5), np.log(80))))
    along, across = columns * np.cos(angle) + rows * np.sin(angle), rows * np.cos(angle) - columns * np.sin(angle)
    wave = np.sin(along * np.float32(2 * np.pi / pitch))
    if rng.random() < 0.4:
        wave = wave * np.sin(across * np.float32(2 * np.pi / (pitch * rng.uniform(0.5, 3))))
    steepness = float(rng.choice([1.0, 3.0, 12.0]))
    pattern = 0.5 + 0.5 * np.tanh(steepness * (wave - float(rng.uniform(-0.8, 0.8))))
    return np.asarray(pattern * rng.uniform(0.2, 1), np.float32)


def _clouds(rng: np.random.Generator, height: int, width: int, slope: float) -> Pixels:
    """Noise whose octaves fall off by 2**-slope: from rough plaster to soft folds."""
    total = np.zeros((height, width), np.float32)
    cell, octaves = max(height, width) / 2, int(rng.integers(2, 8))
    stretch = float(np.exp(rng.normal(0, 0.7)))
    for octave in range(octaves):
        size = max(cell / 2**octave, 1.0)
        coarse = (int(height / size * stretch) + 2, int(width / size) + 2)
        if max(coarse) > 2 * max(height, width):
            break
        noise = rng.standard_normal(coarse, np.float32) * np.float32(2.0 ** (-slope * octave * 0.7))
        total += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(0.5 + 0.35 * total, -0.2, 1.4), np.float32)


def _light(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """Light over the whole picture (h, w, 3): a fall-off, and now and then a shadow with a soft edge."""
    light = np.exp(rng.uniform(0.2, 2) * (_ramp(rng, height, width) - 0.5))
    if rng.random() < 0.4:
        shadow = np.zeros((height, width), np.uint8)
        points = _outline(rng, rng.uniform(0.2, 0.8) * width) + rng.uniform((0, 0), (width, height))
        cv2.fillPoly(shadow, [np.rint(points).astype(np.int32)], 255)
        soft = cv2.GaussianBlur(shadow.astype(np.float32) / 255, (0, 0), float(np.exp(rng.uniform(0, 3.2))))
        light = light * (1 - soft * rng.uniform(0.3, 0.9))
    return np.asarray(light[..., None], np.float32)
