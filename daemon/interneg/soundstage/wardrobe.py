"""Clothes, cut from the body's own helper meshes and let out to hang as cloth does.

Convention: levels are metres inside a garment's outline, on the body at rest; points as in cloth.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from interneg.soundstage.cloth import Floats, Ids, Piece, Weave, cut, normals_of, parted, rim, smoothed, triangles
from interneg.soundstage.figure import ARM, LEG, SIDES, Dummy, Figure
from interneg.soundstage.scene import Solid
from interneg.soundstage.textiles import Textile, leather, textile

UPPER_ARM, THIGH = 0.27, 0.42  # metres: what one unit of the way along a limb is
HIDDEN = 0.025  # metres inside a garment's outline from where the skin is not seen any more


@dataclass(frozen=True, eq=False)
class Garment:
    """One garment: where it is on the body at rest, and how it hangs.

    Convention: level is (V,) over all points of the dummy; ease is how far it stands off the skin, sleeve and leg the
    least radius of its tubes at their upper and lower ends, folds the height of its creases, all in metres.
    """

    name: str
    level: Floats
    textile: Textile
    ease: float = 0.006
    drape: int = 6
    sleeve: tuple[float, float] = (0.0, 0.0)
    leg: tuple[float, float] = (0.0, 0.0)
    folds: float = 0.003
    is_skirt: bool = False
    covers: float = HIDDEN


@dataclass(frozen=True, eq=False)
class Look:
    """Everything somebody wears, from the skin outwards."""

    garments: tuple[Garment, ...]

    def hidden(self, dummy: Dummy) -> Floats:
        """For each point of the body (V,) how far inside some garment it lies, above 0 where skin is not seen."""
        return np.asarray(np.max([garment.level - garment.covers for garment in self.garments], axis=0))


def dressed(rng: np.random.Generator, figure: Figure, look: Look) -> list[Solid]:
    """The clothes as things, on that body."""
    return [_sewn(rng, figure, garment) for garment in look.garments]


def random_look(rng: np.random.Generator, dummy: Dummy, femininity: float) -> Look:
    """What somebody might wear today."""
    kind = rng.choice(("skirt", "dress", "trousers"), p=(0.25, 0.3, 0.45) if femininity > 0.5 else (0, 0, 1))
    if kind == "dress":
        garments = _dress(rng, dummy)
    else:
        lower = _skirt(rng, dummy) if kind == "skirt" else _trousers(rng, dummy)
        garments = [lower, _top(rng, dummy, tucked=bool(rng.random() < 0.3))]
    if rng.random() < 0.35:
        garments.append(_jacket(rng, dummy))
    if kind != "trousers" and rng.random() < 0.5:
        garments.append(_tights(rng, dummy))
    return Look((*garments, *_shoes(rng, dummy)))


def _top(rng: np.random.Generator, dummy: Dummy, tucked: bool) -> Garment:
    """A T-shirt, shirt, blouse or jumper."""
    kind = rng.choice(("tee", "shirt", "jumper"))
    reach = {"tee": rng.uniform(0.45, 0.8), "shirt": rng.choice((0.75, 1.85)), "jumper": rng.uniform(1.75, 1.95)}[kind]
    hem = 0.17 if tucked else rng.uniform(0.0, 0.1)
    level = _upper(dummy, float(reach), float(hem), float(rng.uniform(0.0, 0.05)) * (kind == "tee"))
    wide = {"tee": 0.062, "shirt": 0.055, "jumper": 0.052}[kind] + rng.uniform(0, 0.01)
    return Garment(
        str(kind),
        level,
        textile(rng, str(kind)),
        ease=0.009 if tucked else rng.uniform(0.012, 0.022),
        drape=int(rng.integers(6, 14)),
        sleeve=(wide + 0.012, wide - (0.012 if reach > 1 else 0.0)),
        folds=float(rng.uniform(0.003, 0.006)),
    )


def _jacket(rng: np.random.Generator, dummy: Dummy) -> Garment:
    """A jacket or cardigan, open in front."""
    gap, button = rng.uniform(0.03, 0.09), rng.uniform(0.15, 0.4)
    level = _upper(dummy, 1.9, float(rng.uniform(-0.08, 0.06)), 0.02)
    x, y, z = dummy.points.T
    opening = np.abs(x) - np.maximum(gap * np.clip((y - button) / 0.25, 0.12, 1), gap * 0.5 * (y < button - 0.1))
    level = np.minimum(level, np.where((z > 0) & (dummy.limb != ARM), opening, 1.0))
    return Garment(
        "jacket",
        level,
        textile(rng, "jacket"),
        ease=float(rng.uniform(0.026, 0.034)),
        drape=14,
        sleeve=(0.08, 0.055),
        folds=float(rng.uniform(0.003, 0.006)),
        covers=0.08,
    )


def _trousers(rng: np.random.Generator, dummy: Dummy) -> Garment:
    waist = rng.uniform(0.2, 0.25)
    wide = rng.uniform(0.0, 0.05)
    hem = rng.uniform(1.82, 1.95)
    legs = (hem - dummy.along) * THIGH
    level = np.where(dummy.limb == LEG, legs, np.where(dummy.limb == ARM, -1.0, waist - dummy.points[:, 1]))
    return Garment(
        "trousers",
        level,
        textile(rng, "trousers"),
        ease=0.007,
        drape=6,
        leg=(0.085 + wide * 0.4, 0.062 + wide),
        folds=float(rng.uniform(0.003, 0.007)),
    )


def _skirt(rng: np.random.Generator, dummy: Dummy) -> Garment:
    hem = float(rng.uniform(-0.55, -0.26))
    return Garment("skirt", _below_waist(dummy, hem, 0.24), textile(rng, "skirt"), 0.008, 2, is_skirt=True, covers=0.1)


def _dress(rng: np.random.Generator, dummy: Dummy) -> list[Garment]:
    """A dress: bodice and skirt of one cloth."""
    cloth, waist = textile(rng, "skirt"), float(rng.uniform(0.2, 0.26))
    reach = float(rng.choice((0.12, 0.5, 0.9, 1.8)))
    bodice = Garment(
        "bodice", _upper(dummy, reach, waist - 0.04, rng.uniform(0, 0.05)), cloth, 0.008, sleeve=(0.062, 0.045)
    )
    skirt = Garment("skirt", _below_waist(dummy, float(rng.uniform(-0.6, -0.28)), 0.24), cloth, 0.009, 2)
    return [bodice, replace(skirt, is_skirt=True, covers=0.1)]


def _tights(rng: np.random.Generator, dummy: Dummy) -> Garment:
    level = np.where(dummy.limb == LEG, 1.0, 0.1 - dummy.points[:, 1])
    return Garment("tights", np.where(dummy.limb == ARM, -1.0, level), textile(rng, "tights"), 0.002, 0, folds=0.0)


def _shoes(rng: np.random.Generator, dummy: Dummy) -> list[Garment]:
    rise = rng.uniform(1.8, 2.0)
    level = np.where(dummy.limb == LEG, (dummy.along - rise) * THIGH, -1.0)
    return [Garment("shoes", level, leather(rng), 0.009, 3, folds=0.0)]


def _upper(dummy: Dummy, reach: float, hem: float, depth: float) -> Floats:
    """The outline of a top: sleeves so long (1 is the elbow), its hem that high, its neckline so deep."""
    _, y, z = dummy.points.T
    collar = -((y - 0.672 + depth) * 0.9 + z * 0.44)
    trunk = np.minimum(y - hem, collar)
    return np.where(dummy.limb == ARM, (reach - dummy.along) * UPPER_ARM, np.where(dummy.limb == LEG, y - hem, trunk))


def _below_waist(dummy: Dummy, hem: float, waist: float) -> Floats:
    y = dummy.points[:, 1]
    return np.where(dummy.limb == ARM, -1.0, np.minimum(y - hem, waist - y))


def _sewn(rng: np.random.Generator, figure: Figure, garment: Garment) -> Solid:
    """The garment on the body: draped, let out, creased, cut, hemmed and laid with its cloth."""
    weave = figure.dummy.skirt if garment.is_skirt else figure.dummy.tights
    faces = triangles(weave.quads)
    skin = weave.of(figure.points)
    draped = smoothed(skin, weave.edges, garment.drape)
    outward = normals_of(draped, faces)
    sunk = np.maximum(((skin - draped) * outward).sum(axis=1), 0)  # smoothing must not sink into the body
    points = draped + outward * (sunk + garment.ease)[:, None]
    points = _tubed(figure, weave, points, garment)
    rest = weave.of(figure.dummy.points)
    points = points + outward * creases(rng, rest, garment.folds)[:, None]
    piece = cut(faces, weave.of(garment.level))
    return _finished(figure, garment, weave, piece, (points, skin))


def _tubed(figure: Figure, weave: Weave, points: Floats, garment: Garment) -> Floats:
    """The points no nearer to the bones than sleeves and trouser legs are wide."""
    limb, along = _limb_of(figure.dummy, weave), weave.of(figure.dummy.along)
    points = points.copy()
    for kind, (upper, lower) in ((ARM, garment.sleeve), (LEG, garment.leg)):
        if upper <= 0:
            continue
        for side in SIDES:
            here = (limb == kind) & ((weave.of(figure.dummy.points)[:, 0] > 0) == (side == "L"))
            middle = figure.axis(kind, side, along[here])
            spoke = points[here] - middle
            radius = np.linalg.norm(spoke, axis=1, keepdims=True)
            begins = np.clip(along[here] / 0.5, 0, 1)
            least = (upper + (lower - upper) * np.clip(along[here] / 2, 0, 1)) * begins
            points[here] = middle + spoke / np.maximum(radius, 1e-6) * np.maximum(radius, least[:, None])
    return points


def _limb_of(dummy: Dummy, weave: Weave) -> Ids:
    return dummy.limb[weave.sources[:, 0]]


def creases(rng: np.random.Generator, rest: Floats, height: float) -> Floats:
    """Folds (N,) over a body at rest: waves of all directions, the long ones highest."""
    if height <= 0:
        return np.zeros(len(rest))
    count = 20
    length = rng.uniform(0.035, 0.16, count)
    direction = rng.normal(size=(count, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    phase = rest @ (direction / length[:, None]).T * 2 * np.pi + rng.uniform(0, 2 * np.pi, count)
    waves = (np.sin(phase) * length).sum(axis=1) / np.sqrt((length**2).sum() / 2)
    return np.asarray(np.maximum(waves, -1.5) * height)


def _finished(figure: Figure, garment: Garment, weave: Weave, piece: Piece, shells: tuple[Floats, Floats]) -> Solid:
    """The cut piece with its hems turned in and its texture laid."""
    outer, inner = (piece.of(shell) for shell in shells)
    normals = normals_of(outer, piece.faces)
    hem = rim(piece.faces)
    count = len(outer)
    turned = outer + (inner - outer) * 0.8
    strip = np.stack([hem[:, 0], hem[:, 0] + count, hem[:, 1] + count, hem[:, 1]], axis=1)
    strip = np.where(strip < count, strip + 2 * count, strip)  # hems have an edge: corners of their own
    points = np.concatenate([outer, turned, outer])
    faces = np.concatenate([piece.faces, triangles(strip)])
    hem_normals = normals_of(points, triangles(strip))
    normals = np.concatenate([normals, hem_normals[count:]])
    rest = piece.of(weave.of(figure.dummy.points))
    limb = np.rint(piece.of(_limb_of(figure.dummy, weave).astype(np.float64)))
    uv = figure.dummy.laid(np.tile(rest, (3, 1)), np.tile(limb, 3), faces, garment.textile.span)
    source, faces, uv = parted(faces, uv)
    return Solid(
        garment.name,
        points[source].astype(np.float32),
        faces.astype(np.uint32),
        garment.textile.surface,
        uv,
        normals[source].astype(np.float32),
    )
