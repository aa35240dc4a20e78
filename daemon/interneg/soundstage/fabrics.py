"""Cloth, carpets and wallpapers, drawn anew from each seed.

Convention: as in textures.py.
"""

from __future__ import annotations

import numpy as np

from interneg.soundstage.scene import Pixels, Surface
from interneg.soundstage.solids import Finish, Floats
from interneg.soundstage.textures import CLOTHS, SIZE, WALL_PAINTS, colour, mixed, noise, shaded


def fabric(rng: np.random.Generator) -> Finish:
    """Cloth of any kind: plain, striped, checked or printed."""
    makers = (weave, weave, stripes, checks, print_cloth)
    return makers[int(rng.integers(len(makers)))](rng)


def weave(rng: np.random.Generator) -> Finish:
    """Plain cloth, its threads seen."""
    thread = _threads(rng, SIZE, int(rng.integers(24, 64)))
    return _cloth(rng, shaded(colour(rng, CLOTHS), thread * rng.uniform(0.05, 0.2) + noise(rng) * 0.06, 1.0), 0.4)


def stripes(rng: np.random.Generator) -> Finish:
    """Striped cloth: ticking, deckchairs, shirts."""
    return _cloth(rng, _woven(rng, mixed(colour(rng, CLOTHS), colour(rng, CLOTHS), _bars(rng))), rng.uniform(0.3, 0.9))


def checks(rng: np.random.Generator) -> Finish:
    """Gingham or tartan."""
    warp, weft = _bars(rng), _bars(rng).T
    if rng.random() < 0.5:
        weft = warp.T
    albedo = mixed(colour(rng, CLOTHS), colour(rng, CLOTHS), (warp + weft) / 2)
    return _cloth(rng, _woven(rng, albedo), rng.uniform(0.2, 0.8))


def print_cloth(rng: np.random.Generator) -> Finish:
    """Cloth with a printed pattern."""
    albedo = mixed(colour(rng, CLOTHS), colour(rng, CLOTHS), motif(rng, int(rng.integers(2, 6))))
    return _cloth(rng, _woven(rng, albedo), rng.uniform(0.4, 1.0))


def carpet(rng: np.random.Generator) -> Finish:
    """Fitted carpet: loops, flecks, wear."""
    size = 2 * SIZE
    pile = noise(rng, size, -0.1) * 0.16 + noise(rng, size, 1.4) * 0.09
    albedo = shaded(colour(rng, CLOTHS), pile, 1.0)
    if rng.random() < 0.4:
        albedo = mixed(albedo, colour(rng, CLOTHS), (noise(rng, size, 0.1) - 1.2) * 2)
    span = float(rng.uniform(0.8, 1.6))
    return Finish(Surface(albedo, 0.95), span, span)


def rug(rng: np.random.Generator) -> Finish:
    """A rug that is laid once over its whole floor: border, field, medallion."""
    size = 2 * SIZE
    across, down = np.meshgrid(np.linspace(-1, 1, size), np.linspace(-1, 1, size))
    edge = np.maximum(np.abs(across), np.abs(down))
    field = mixed(colour(rng, CLOTHS), colour(rng, CLOTHS), motif(rng, int(rng.integers(4, 9)), size))
    border = mixed(colour(rng, CLOTHS), colour(rng, CLOTHS), motif(rng, int(rng.integers(8, 16)), size))
    inset = rng.uniform(0.65, 0.88)
    albedo = np.where((edge > inset)[..., None], border, field)
    lines = (np.abs(edge - inset) < 0.012) | (np.abs(edge - 0.95) < 0.012)
    albedo = mixed(albedo, colour(rng, CLOTHS), lines.astype(np.float32))
    if rng.random() < 0.6:
        power = rng.uniform(0.8, 2.2)
        medal = np.abs(across / 0.5) ** power + np.abs(down / 0.5) ** power
        albedo = mixed(albedo, colour(rng, CLOTHS), ((medal < 1) & (np.sin(medal * 20) > -0.3)).astype(np.float32))
    pile = noise(rng, size, 0.0) * 0.12 + noise(rng, size, 1.4) * 0.06
    return Finish(Surface(shaded(albedo, pile, 1.0), 0.95))


def wallpaper(rng: np.random.Generator) -> Finish:
    """Wallpaper: printed with motifs, stripes or damask."""
    ground = colour(rng, WALL_PAINTS)
    ink = ground * rng.uniform(0.35, 0.75) if rng.random() < 0.5 else colour(rng, WALL_PAINTS)
    share = _bars(rng) if rng.random() < 0.25 else motif(rng, int(rng.integers(2, 5)))
    albedo = shaded(mixed(ground, ink, share * rng.uniform(0.5, 1.0)), noise(rng), 0.03)
    span = float(rng.uniform(0.4, 1.1))
    return Finish(Surface(albedo, float(rng.uniform(0.4, 0.9))), span, span)


def motif(rng: np.random.Generator, count: int, size: int = SIZE) -> Pixels:
    """The share of ink (size, size) of a pattern that repeats so many times: leaves, rosettes, dots or zigzags."""
    place = np.arange(size) * count / size
    row = place.astype(int)
    shift = 0.5 * (row % 2 if count % 2 == 0 and rng.random() < 0.7 else 0 * row)
    across = ((place[None] + shift[:, None]) % 1 - 0.5) * 2
    down = np.broadcast_to((place % 1 - 0.5)[:, None] * 2, across.shape)
    radius, angle = np.hypot(across, down), np.arctan2(down, across)
    petals, kind = int(rng.integers(3, 9)), int(rng.integers(5))
    if kind == 0:
        return (radius < rng.uniform(0.3, 0.7)).astype(np.float32)
    if kind == 1:
        return _soft(np.abs(np.cos(angle * petals / 2)) * rng.uniform(0.6, 0.9) - radius)
    if kind == 2:
        return _soft(np.sin((down + np.abs(across)) * np.pi * 2))
    if kind == 3:
        return _soft(np.sin(radius * rng.uniform(8, 16) + np.cos(angle * petals)) - np.maximum(radius - 0.7, 0) * 4)
    return _soft(0.35 - np.abs(across - 0.45 * np.sin(down * np.pi)) + 0.25 * np.cos(down * np.pi * petals))


def _bars(rng: np.random.Generator) -> Pixels:
    """The share of the second colour (SIZE, SIZE) in bars that run down, broad and narrow."""
    edges = np.sort(rng.integers(0, SIZE, int(rng.choice((2, 4, 6, 8)))))
    level = np.searchsorted(edges, np.arange(SIZE), side="right") % 2
    return np.broadcast_to(level.astype(np.float32)[None], (SIZE, SIZE))


def _threads(rng: np.random.Generator, size: int, count: int) -> Pixels:
    """The light and dark of crossing threads, of deviation about 1."""
    turn = np.arange(size) / size * count * 2 * np.pi
    crossing: Pixels = np.float32(1.4) * np.outer(np.sin(turn), np.sin(turn)).astype(np.float32)
    return crossing + noise(rng, size, 0.3) * np.float32(0.6)


def _woven(rng: np.random.Generator, albedo: Floats) -> Pixels:
    return shaded(albedo, _threads(rng, len(albedo), 64) * 0.07 + noise(rng, len(albedo)) * 0.04, 1.0)


def _cloth(rng: np.random.Generator, albedo: Pixels, span: float) -> Finish:
    return Finish(Surface(albedo, float(rng.uniform(0.7, 1.0)), specular=0.2), float(span), float(span))


def _soft(level: Floats) -> Pixels:
    """Where the level is above 0, with a soft edge."""
    share: Pixels = np.clip(level * 6 + 0.5, 0, 1).astype(np.float32)
    return share
