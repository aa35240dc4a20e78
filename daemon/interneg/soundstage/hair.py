"""Hair: a cap of it over the scalp, and strands that make its outline.

Convention: metres; grown on the head at rest and taken along by it.
"""

from __future__ import annotations

import numpy as np

from interneg.soundstage.cloth import Floats, Ids, cut, normals_of, parted
from interneg.soundstage.scene import Shape, Solid, Strands, Surface
from interneg.soundstage.textures import noise

COLOURS = {
    "black": (0.008, 0.007, 0.007),
    "dark": (0.022, 0.013, 0.009),
    "brown": (0.06, 0.033, 0.018),
    "chestnut": (0.09, 0.038, 0.018),
    "red": (0.22, 0.07, 0.025),
    "blond": (0.36, 0.23, 0.11),
    "fair": (0.5, 0.37, 0.22),
    "grey": (0.27, 0.26, 0.25),
    "white": (0.6, 0.58, 0.55),
}


def colour(rng: np.random.Generator, darkness: float, age: float) -> Floats:
    """A hair colour (3,) for skin that dark and somebody that old, both from 0 to 1."""
    names = list(COLOURS)
    weights = np.array([1.5 + 6 * darkness, 2, 1.5, 1, 0.4, 0.8, 0.5, 0.1, 0.05])
    weights[2:7] *= max(1 - 1.6 * darkness, 0.02)
    weights[7:] += max(age - 0.75, 0) * np.array((40, 40))
    name = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    return np.asarray(np.array(COLOURS[name]) * np.exp(rng.normal(0, 0.15, 3) * (1, 0.5, 0.5)))


def scalp_level(rest: Floats, brow: Floats, line: float) -> Floats:
    """How far inside the hairline (V,) points of the head at rest are; brow is the point between the eyes."""
    x, y, z = (rest - brow).T
    front = (y - 0.062 - line) + np.clip(0.03 - z - 0.07, -1, 0) * 0.0
    temples = (y - 0.03) + (-z - 0.055) * 0.9
    nape = np.minimum(y + 0.06, -z - 0.085 + 0.0 * x)
    return np.asarray(np.maximum(np.maximum(np.minimum(front, 1.0), np.minimum(temples, y + 0.02)), nape))


def cap(rng: np.random.Generator, faces: Ids, level: Floats, points: Floats, tint: Floats) -> Solid:
    """The hair's mass: the scalp let out, streaked along its strands."""
    thick = float(rng.uniform(0.006, 0.02))
    normals = normals_of(points, faces)
    grown = np.clip(level / 0.03, 0, 1) * thick + 0.0015
    lumps = 1 + 0.25 * np.sin(points @ rng.normal(0, 60, (3, 4)) + rng.uniform(0, 6, 4)).mean(axis=1)
    let_out = points + normals * (grown * lumps)[:, None]
    piece = cut(faces, level)
    shell = piece.of(let_out)
    crown = shell[np.argmax(shell[:, 1])]
    spoke = shell - crown
    uv = np.stack([np.arctan2(spoke[:, 0], spoke[:, 2]) / (2 * np.pi), spoke[:, 1] / 0.3], axis=1)
    corner = uv[piece.faces]
    corner[..., 0] += corner[..., 0] < corner[..., 0].max(axis=1, keepdims=True) - 0.5
    source, parts, uv = parted(piece.faces, corner * (2, 1))
    streaks = np.exp(0.35 * noise(rng, 256, 0.6, 8.0).T)
    albedo = np.clip(tint * streaks[..., None], 0.002, 0.8).astype(np.float32)
    return Solid("hair", shell[source].astype(np.float32), parts.astype(np.uint32), Surface(albedo, 0.45), uv,
                 normals_of(shell, piece.faces)[source].astype(np.float32))  # fmt: skip


def strands(rng: np.random.Generator, roots: Floats, outward: Floats, tint: Floats) -> Strands:
    """Strands from those roots, combed down and out."""
    length = rng.uniform(0.015, 0.03, len(roots))[:, None]
    down = np.array((0.0, -1.0, -0.3)) + rng.normal(0, 0.35, roots.shape)
    steps = np.linspace(0, 1, 5)
    path = [roots + outward * length * 0.6 * np.sqrt(s) + down * length * s**1.5 for s in steps]
    radius = np.linspace(0.0006, 0.0002, 5)
    curves = np.concatenate([np.stack(path, axis=1), np.broadcast_to(radius[:, None], (len(roots), 5, 1))], axis=2)
    return Strands("strands", tuple(curves.astype(np.float32)), Surface(tint.astype(np.float32), 0.4))


def grown(rng: np.random.Generator, faces: Ids, level: Floats, points: Floats, tint: Floats) -> list[Shape]:
    """A head of hair."""
    mass = cap(rng, faces, level, points, tint)
    chosen = mass.faces[rng.integers(len(mass.faces), size=2500)]
    share = rng.dirichlet((1, 1, 1), len(chosen))[..., None]
    assert mass.normals is not None
    roots, outward = ((values[chosen] * share).sum(axis=1) for values in (mass.vertices, mass.normals))
    return [mass, strands(rng, roots - outward * 0.004, outward, tint)]
