"""What clothes are made of: weaves, stripes, checks and prints in colours that people wear."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np

from interneg.soundstage.cloth import Floats
from interneg.soundstage.scene import Surface
from interneg.soundstage.textures import noise

SIZE = 128  # pixels of a repeat
SKIN_HUES = (0.01, 0.13)
LEAST_SKIN = 0.1  # saturation and value: below either it is a grey or a black
ROUGH = {"tee": 0.8, "shirt": 0.7, "jumper": 0.95, "jacket": 0.75, "trousers": 0.85, "skirt": 0.75, "tights": 0.55}


@dataclass(frozen=True, eq=False)
class Textile:
    """A cloth, and how wide and high one repeat of it is, in metres."""

    surface: Surface
    span: tuple[float, float] = (0.12, 0.12)


def textile(rng: np.random.Generator, garment: str) -> Textile:
    """A cloth that such a garment may be made of."""
    dark = garment in ("trousers", "jacket", "tights")
    first, second = _dye(rng, dark), _dye(rng, bool(rng.random() < 0.5))
    patterns = {"trousers": 0.15, "jacket": 0.3, "tights": 0.0, "jumper": 0.4}.get(garment, 0.55)
    share = _pattern(rng) if rng.random() < patterns else np.zeros((SIZE, SIZE))
    worn = 1 + 0.07 * noise(rng, SIZE)[..., None]
    albedo = np.clip((first + (second - first) * share[..., None]) * worn * _threads(garment)[..., None], 0.01, 0.85)
    span = float(rng.uniform(0.06, 0.2))
    bump = (noise(rng, SIZE, 1.0) * 0.0004).astype(np.float32)
    return Textile(Surface(albedo.astype(np.float32), ROUGH[garment], specular=0.25, bump=bump), (span, span))


def leather(rng: np.random.Generator) -> Textile:
    """Shoes: black, brown, white or bright."""
    value = {"black": (0.02, 0.02, 0.022), "brown": (0.12, 0.055, 0.025), "white": (0.7, 0.7, 0.68)}
    kind = str(rng.choice(("black", "brown", "white", "bright"), p=(0.45, 0.25, 0.2, 0.1)))
    albedo = np.array(value[kind]) if kind in value else _dye(rng, False)
    return Textile(Surface(albedo.astype(np.float32), float(rng.uniform(0.3, 0.6))))


def sole_rubber(rng: np.random.Generator, upper: Textile) -> Textile:
    """Soles: black, white, gum, or as the shoe is."""
    kinds = np.array([(0.02, 0.02, 0.02), (0.7, 0.69, 0.66), (0.3, 0.17, 0.08)])
    if rng.random() < 0.25:
        return upper
    return Textile(Surface(kinds[int(rng.integers(3))].astype(np.float32), 0.8))


def _dye(rng: np.random.Generator, dark: bool) -> Floats:
    """A colour that cloth is dyed: greys, navies, earths, and now and then something bright."""
    hue = float(rng.choice((0.6, 0.62, 0.08, 0.05, 0.1, 0.33, 0.98))) + float(rng.normal(0, 0.02))
    if rng.random() < 0.35:
        hue = float(rng.random())
    value = float(rng.beta(1.3, 4.0) * 0.5 + 0.015) if dark else float(rng.beta(1.6, 1.8) * 0.72 + 0.03)
    colourful = float(rng.beta(1.2, 2.2)) * (0.9 if value < 0.5 else 0.7)
    if SKIN_HUES[0] < hue % 1 < SKIN_HUES[1] and colourful > LEAST_SKIN and value > LEAST_SKIN:
        hue += 0.5  # nobody on our stage is to look undressed
    return np.array(colorsys.hsv_to_rgb(hue % 1, colourful, value))


def _pattern(rng: np.random.Generator) -> Floats:
    """The share (SIZE, SIZE) of a second colour: stripes, checks, dots or a print."""
    y, x = np.meshgrid(np.arange(SIZE) / SIZE, np.arange(SIZE) / SIZE, indexing="ij")
    kind = rng.choice(("across", "down", "checks", "dots", "print"))
    width = rng.uniform(0.15, 0.6)
    if kind == "across":
        return _edge(width - np.abs(y * 2 - 1))
    if kind == "down":
        return _edge(width * 0.5 - np.abs(x * 4 % 2 - 1))
    if kind == "checks":
        return (_edge(width - np.abs(x * 2 - 1)) + _edge(width - np.abs(y * 2 - 1))) / 2
    if kind == "dots":
        centres = [np.hypot((x + dx) % 1 - 0.5, (y + dx) % 1 - 0.5) for dx in (0.0, 0.5)]
        return _edge(rng.uniform(0.1, 0.2) - np.minimum(*centres))
    return _edge((noise(rng, SIZE, 1.8) - 0.4) * 0.1)


def _edge(level: Floats) -> Floats:
    return np.asarray(np.clip(level * 30 + 0.5, 0, 1))


def _threads(garment: str) -> Floats:
    """The light and dark of threads or knitting."""
    count = 12 if garment == "jumper" else 32
    y, x = np.meshgrid(np.arange(SIZE), np.arange(SIZE), indexing="ij")
    turn = 2 * np.pi * count / SIZE
    wave = np.sin(x * turn + np.sin(y * turn) * (1.2 if garment == "jumper" else 0.0)) * np.cos(y * turn * 0.5)
    return np.asarray(1 + wave * (0.18 if garment == "jumper" else 0.07))
