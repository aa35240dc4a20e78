"""Hair: a mass of it over the scalp, and the strands that one sees; brows and beards.

Convention: metres; grown on the head as it is held. Places on a face are given from the middle between the eyes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from interneg.soundstage.cloth import Floats, Ids, Weave, cut, normals_of, parted, smoothed, triangles
from interneg.soundstage.scene import Pixels, Shape, Solid, Strands, Surface
from interneg.soundstage.textures import noise

COLOURS = {
    "black": (0.008, 0.007, 0.007),
    "dark": (0.022, 0.014, 0.01),
    "brown": (0.055, 0.032, 0.019),
    "chestnut": (0.085, 0.038, 0.018),
    "red": (0.2, 0.068, 0.025),
    "blond": (0.33, 0.22, 0.11),
    "fair": (0.45, 0.34, 0.21),
    "grey": (0.22, 0.215, 0.21),
    "white": (0.55, 0.535, 0.51),
}
CUTS = ("crop", "back", "side", "curls", "long", "bun", "receding", "bald")
SKULL = 0.095  # metres: how round a head is
STEPS = np.linspace(0, 1, 5)


@dataclass(frozen=True, eq=False)
class Head:
    """A head as it is held: the scalp's mesh and that of long hair, both finer than the body's.

    Convention: rest holds the points (V, 3) of the whole body at rest from the middle between the eyes, points the same
    as they are on the stage; turn (3, 3) is how the head is turned.
    """

    scalp: Weave
    fall: Weave
    skin: Ids
    rest: Floats
    points: Floats
    turn: Floats


@dataclass(frozen=True, eq=False)
class Style:
    """How somebody wears their hair."""

    cut: str
    thick: float
    length: float
    flow: Floats
    line: float
    tint: Floats


def colour(rng: np.random.Generator, darkness: float, age: float) -> Floats:
    """A hair colour (3,) for skin that dark and somebody that old, both from 0 to 1."""
    names = list(COLOURS)
    weights = np.array([1.5 + 6 * darkness, 2, 1.5, 1, 0.4, 0.8, 0.5, 0.1, 0.05])
    weights[2:7] *= max(1 - 1.6 * darkness, 0.02)
    weights[7:] += max(age - 0.75, 0) * np.array((40, 40))
    name = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    return np.asarray(np.array(COLOURS[name]) * np.exp(rng.normal(0, 0.18) + rng.normal(0, 0.05, 3)))


def random_style(rng: np.random.Generator, femininity: float, age: float, tint: Floats) -> Style:
    """A haircut that somebody like that may have."""
    receding = 0.05 + 0.2 * (age > 0.8)
    hers, his = (0.12, 0.12, 0.12, 0.14, 0.38, 0.12, 0, 0), (0.3, 0.14, 0.2, 0.12, 0.07, 0.02, receding, 0.08)
    odds = np.array(hers if femininity > 0.5 else his)
    cut_name = str(rng.choice(CUTS, p=odds / odds.sum()))
    thick, length = {
        "crop": (rng.uniform(0.004, 0.012), 0.025),
        "curls": (rng.uniform(0.02, 0.05), 0.03),
        "long": (rng.uniform(0.008, 0.016), rng.uniform(0.12, 0.36)),
        "receding": (0.004, 0.02),
    }.get(cut_name, (rng.uniform(0.008, 0.022), rng.uniform(0.03, 0.055)))
    flow = {"back": (0, -0.2, -1.0), "bun": (0, 0.1, -1.0), "side": (rng.choice((-1.0, 1.0)), -0.4, 0.3)}.get(
        cut_name, (0, -0.2, 0.25)
    )
    line = rng.normal(0, 0.006) + (0.05 if cut_name == "receding" else 0.0)
    return Style(cut_name, float(thick), float(length), np.array(flow, np.float64), float(line), tint)


def scalp_level(rest: Floats, style: Style) -> Floats:
    """How far inside the hairline (N,) places of a head at rest are."""
    x, y, z = rest.T
    front = y - 0.066 - style.line + 4 * x**2 + np.sin(x * 330 + style.line * 900) * 0.0012
    temple = np.minimum(-z - 0.048 - 0.4 * np.maximum(0.03 - y, 0), y + 0.02)
    nape = np.minimum(-z - 0.113, y + 0.09)
    level = np.maximum(np.maximum(front, temple), nape)
    if style.cut == "receding":
        level = np.minimum(level, 0.075 - y)
    return np.asarray(np.where(y < -0.12, -1.0, np.minimum(level, _beside_ear(rest))))


def _beside_ear(rest: Floats) -> Floats:
    x, y, z = np.abs(rest - (0, -0.022, -0.094)).T
    return np.asarray(np.max([0.069 - x, y - 0.031, z - 0.021], axis=0))


def beard_level(rest: Floats) -> Floats:
    """How far inside where a beard grows (N,) places of a face at rest are."""
    x, y, z = rest.T
    cheek = -(y + 0.048 + 0.012 * np.clip((z + 0.085) / 0.085, 0, 1))
    lip = np.minimum(-(y + 0.05), 0.032 - np.abs(x))
    mouth = np.hypot(x / 0.03, (y + 0.072) / 0.013) - 1
    return np.asarray(np.min([np.maximum(cheek, lip), y + 0.135, z + 0.088, mouth * 0.01], axis=0))


def brow_level(rest: Floats) -> Floats:
    """How far inside an eyebrow (N,) places of a face at rest are."""
    x, y, z = np.abs(rest[:, 0]) - 0.031, rest[:, 1], rest[:, 2]
    arch = 0.0195 + 0.005 * np.sin((x + 0.02) / 0.045 * 2.2) - 0.004 * np.clip(x / 0.02, 0, 2) ** 2
    height = 0.0042 - 0.0016 * np.clip(x / 0.02, 0, 1)
    return np.asarray(np.min([height - np.abs(y - arch), 0.024 - x, x + 0.02, z + 0.05], axis=0))


def grown(rng: np.random.Generator, head: Head, style: Style, beard: float) -> list[Shape]:
    """The hair of a head, its brows, and a beard of that length where it is above 0."""
    shapes: list[Shape] = [_brows(rng, head, style.tint)]
    if style.cut != "bald":
        shapes += _head_of_hair(rng, head, style)
    if beard > 0:
        roots, outward = _sown(rng, head, beard_level, 2200)
        down = outward * 0.7 + head.turn @ np.array((0.0, -1.0, 0.1))
        shapes.append(_strands(rng, "beard", _combed(rng, roots, outward, down, beard), style.tint))
    return shapes


def _head_of_hair(rng: np.random.Generator, head: Head, style: Style) -> list[Shape]:
    mass = _mass(rng, head, style)
    shapes: list[Shape] = [mass]
    roots, outward = _spread(rng, mass, 5000 if style.cut == "curls" else 3600)
    whorl = head.points[np.argmax(head.rest[:, 1] - head.rest[:, 2] * 0.5 - np.abs(head.rest[:, 0]))]
    radial = roots - whorl
    radial = radial / np.maximum(np.linalg.norm(radial, axis=1, keepdims=True), 0.02)
    if style.cut == "curls":
        flow = outward * 0.6 + rng.normal(0, 0.8, roots.shape)
    else:
        flow = radial * (0.2 if style.cut in ("back", "bun") else 0.8) + head.turn @ style.flow
    reach = min(style.length, 0.06)
    shapes.append(_strands(rng, "strands", _combed(rng, roots - outward * 0.003, outward, flow, reach), style.tint))
    if style.cut == "long":
        shapes += _long(rng, head, style)
    return shapes


def _mass(rng: np.random.Generator, head: Head, style: Style) -> Solid:
    """The scalp let out, streaked along its strands."""
    faces, points = triangles(head.scalp.quads), head.scalp.of(head.points)
    rest = head.scalp.of(head.rest)
    level = scalp_level(rest, style)
    normals = normals_of(points, faces)
    bulk = np.clip(level / 0.04, 0, 1) ** 0.7 * style.thick + 0.0012
    lumps = 1 + (0.3 if style.cut == "curls" else 0.15) * _lumps(rng, rest, 0.07)
    let_out = points + normals * (bulk * np.maximum(lumps, 0.2))[:, None]
    let_out = smoothed(let_out, head.scalp.edges, 3, np.clip(level / 0.02, 0, 0.5)[:, None])
    piece = cut(faces, level)
    return _streaked(rng, "hair", piece.of(let_out), piece.of(rest), piece.faces, style.tint)


def _long(rng: np.random.Generator, head: Head, style: Style) -> list[Shape]:
    """What falls over neck and shoulders."""
    faces, rest = triangles(head.fall.quads), head.fall.of(head.rest)
    points = head.fall.of(head.points)
    points = points + normals_of(points, faces) * (0.004 + 0.003 * _lumps(rng, rest, 0.04))[:, None]
    ragged = style.length + 0.012 * _lumps(rng, rest * (1, 0, 1), 0.03)
    piece = cut(faces, np.min([rest[:, 1] + ragged, 0.085 - rest[:, 1], -rest[:, 2] - 0.06], axis=0))
    fall = _streaked(rng, "fall", piece.of(points), piece.of(rest), piece.faces, style.tint)
    roots, outward = _spread(rng, fall, 2200)
    down = np.array((0.0, -1.0, 0.0)) + rng.normal(0, 0.06, roots.shape)
    paths = _combed(rng, roots, outward, down, 0.07)
    return [fall, _strands(rng, "lengths", paths, style.tint)]


def _streaked(rng: np.random.Generator, name: str, points: Floats, rest: Floats, faces: Ids, tint: Floats) -> Solid:
    """A mass of hair as a thing; its streaks run down from the crown."""
    spoke = rest - (0, 0, -0.1)
    around = np.arctan2(spoke[:, 0], spoke[:, 2]) / (2 * np.pi)
    corner = np.stack([around, spoke[:, 1] / 0.25], axis=1)[faces]
    corner[..., 0] += corner[..., 0] < corner[..., 0].max(axis=1, keepdims=True) - 0.5
    source, parts, uv = parted(faces, corner * (2, 1))
    streaks = noise(rng, 256, 0.6, 10.0).T
    surface = Surface(_streaks(streaks, tint), 0.6, specular=0.3, bump=(streaks * 0.0006).astype(np.float32))
    normals = normals_of(points, faces)
    return Solid(name, points[source].astype(np.float32), parts.astype(np.uint32), surface, uv,
                 normals[source].astype(np.float32))  # fmt: skip


def _streaks(streaks: Floats, tint: Floats) -> Pixels:
    return np.asarray(np.clip(tint * np.exp(0.3 * streaks[..., None]), 0.002, 0.8), np.float32)


def _lumps(rng: np.random.Generator, rest: Floats, length: float) -> Floats:
    """Unevenness (N,) between -1 and 1, in waves of about that length."""
    phase = rest @ rng.normal(0, 2 * np.pi / length / 1.7, (3, 5)) + rng.uniform(0, 6, 5)
    return np.asarray(np.sin(phase).mean(axis=1) * 1.5)


def _brows(rng: np.random.Generator, head: Head, tint: Floats) -> Strands:
    roots, outward = _sown(rng, head, brow_level, int(rng.integers(350, 800)))
    side = np.sign((roots - head.points[:13380].mean(axis=0)) @ head.turn[:, 0])[:, None]
    flow = head.turn[:, 0] * side + head.turn[:, 1] * 0.35
    lifted = roots + outward * 0.0012  # or the ridge of the brow would swallow them
    return _strands(rng, "brows", _combed(rng, lifted, outward, flow, 0.008), tint * 0.6, 0.00022)


def _sown(
    rng: np.random.Generator, head: Head, level_of: Callable[[Floats], Floats], count: int
) -> tuple[Floats, Floats]:
    """Up to that many places on the skin where that kind of hair grows, and the way out from there."""
    here = head.skin[(level_of(head.rest)[head.skin] > -0.012).any(axis=1)]
    a, b, c = (head.points[here[:, i]] for i in range(3))
    size = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    chosen = here[rng.choice(len(here), size=count * 6, p=size / size.sum())]
    share = rng.dirichlet((1, 1, 1), len(chosen))[..., None]
    inside = np.flatnonzero(level_of((head.rest[chosen] * share).sum(axis=1)) > 0)[:count]
    normals = normals_of(head.points, head.skin)
    roots, outward = ((values[chosen[inside]] * share[inside]).sum(axis=1) for values in (head.points, normals))
    return roots, outward


def _spread(rng: np.random.Generator, mass: Solid, count: int) -> tuple[Floats, Floats]:
    """So many places all over a mass of hair, and the way out from there."""
    assert mass.normals is not None
    a, b, c = (mass.vertices[mass.faces[:, i]].astype(np.float64) for i in range(3))
    size = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    chosen = mass.faces[rng.choice(len(mass.faces), size=count, p=size / size.sum())]
    share = rng.dirichlet((1, 1, 1), count)[..., None]
    return (mass.vertices[chosen] * share).sum(axis=1), (mass.normals[chosen] * share).sum(axis=1)


def _combed(rng: np.random.Generator, roots: Floats, outward: Floats, flow: Floats, length: float) -> Floats:
    """Paths (N, 5, 3) from the roots along the flow, bent round the skull."""
    along = flow - (flow * outward).sum(axis=1, keepdims=True) * outward * 0.85
    along = along + rng.normal(0, 0.18, roots.shape)
    along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    reach = (length * rng.uniform(0.5, 1.1, len(roots)))[:, None, None] * STEPS[:, None]  # (N, 5, 1)
    lift = rng.uniform(0.0, 0.004, len(roots))[:, None, None] * STEPS[:, None]
    bent = outward[:, None] * (reach**2 / (2 * SKULL) - lift)
    return np.asarray(roots[:, None] + along[:, None] * reach - bent)


def _strands(rng: np.random.Generator, name: str, paths: Floats, tint: Floats, radius: float = 0.00042) -> Strands:
    radii = np.broadcast_to((np.linspace(1, 0.4, len(STEPS)) * radius)[:, None], (len(paths), len(STEPS), 1))
    curves = np.concatenate([paths, radii], axis=2).astype(np.float32)
    albedo = np.clip(tint * np.exp(rng.normal(0, 0.1)), 0.002, 0.8)
    return Strands(name, tuple(curves), Surface(albedo.astype(np.float32), 0.45, specular=0.4))
