"""Clothes, cut from the body's own helper meshes and let out to hang as cloth does.

Convention: levels are metres inside a garment's outline, on the body at rest; points as in cloth.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from interneg.soundstage.cloth import Floats, Ids, Piece, Weave, cut, normals_of, parted, rim, smoothed, triangles
from interneg.soundstage.figure import ARM, LEG, SIDES, Dummy, Figure
from interneg.soundstage.scene import Solid
from interneg.soundstage.textiles import Textile, leather, sole_rubber, textile

UPPER_ARM, THIGH = 0.27, 0.42  # metres: what one unit of the way along a limb is
LOOSE = 0.05
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
    is_coarse: bool = False
    covers: float = HIDDEN


@dataclass(frozen=True, eq=False)
class Look:
    """Everything somebody wears, from the skin outwards."""

    garments: tuple[Garment, ...]

    def hidden(self) -> Floats:
        """For each point of the body (V,) how far inside some garment it lies, above 0 where skin is not seen."""
        return np.asarray(np.max([garment.level - garment.covers for garment in self.garments], axis=0))

    def shown(self) -> list[Garment]:
        """The garments without what others hide."""
        worn = []
        for index, garment in enumerate(self.garments):
            over = [outer.level - outer.covers - 0.02 for outer in self.garments[index + 1 :]]
            level = np.minimum(garment.level, -np.max(over, axis=0)) if over else garment.level
            worn.append(replace(garment, level=level))
        return worn


def dressed(rng: np.random.Generator, figure: Figure, look: Look) -> list[Solid]:
    """The clothes as things, on that body."""
    return [_sewn(rng, figure, garment) for garment in look.shown()]


def random_look(rng: np.random.Generator, dummy: Dummy, femininity: float) -> Look:
    """What somebody might wear today."""
    kind = rng.choice(("skirt", "dress", "trousers"), p=(0.25, 0.3, 0.45) if femininity > 0.5 else (0, 0, 1))
    garments = [_tights(rng, dummy)] if kind != "trousers" and rng.random() < 0.5 else []
    garments += _shoes(rng, dummy)
    if kind == "dress":
        garments += _dress(rng, dummy)
    else:
        tucked = bool(rng.random() < 0.35)
        lower = _skirt(rng, dummy) if kind == "skirt" else _trousers(rng, dummy)
        top = _top(rng, dummy, tucked)
        garments += [*top, replace(lower, ease=0.013)] if tucked else [lower, *top]
    if rng.random() < 0.35:
        garments = [replace(garment, is_coarse=True) for garment in garments] + _jacket(rng, dummy)
    return Look(tuple(garments))


def _top(rng: np.random.Generator, dummy: Dummy, tucked: bool) -> list[Garment]:
    """A T-shirt, shirt, blouse or jumper."""
    kind = str(rng.choice(("tee", "shirt", "jumper")))
    reach = {"tee": rng.uniform(0.45, 0.8), "shirt": rng.choice((0.75, 1.85)), "jumper": rng.uniform(1.75, 1.95)}[kind]
    hem = 0.17 if tucked else rng.uniform(0.0, 0.1)
    depth = {"tee": rng.uniform(0.0, 0.06), "shirt": 0.0, "jumper": rng.choice((0.0, 0.05))}[kind]
    wide = {"tee": 0.058, "shirt": 0.052, "jumper": 0.05}[kind] + rng.uniform(0, 0.008)
    cloth, ease = textile(rng, kind), 0.009 if tucked else rng.uniform(0.011, 0.02)
    top = Garment(
        kind,
        _upper(dummy, float(reach), float(hem), float(depth)),
        cloth,
        ease=float(ease),
        drape=int(rng.integers(6, 14)),
        sleeve=(wide + 0.008, wide - (0.014 if reach > 1 else 0.0)),
        folds=float(rng.uniform(0.002, 0.0045)),
        covers=LOOSE,
    )
    if kind == "shirt":
        return [top, _collar(rng, dummy, cloth, top.ease + 0.006), *_placket(dummy, top)]
    band = Garment("band", _neckband(dummy, float(depth)), cloth, float(ease) * 0.45 + 0.0035, top.drape, folds=0.0)
    return [top, band]


def _collar(rng: np.random.Generator, dummy: Dummy, cloth: Textile, ease: float) -> Garment:
    """A shirt's collar: a band round the neck, open in front."""
    x, _, z = dummy.points.T
    inside = _neckline(dummy, 0.0)
    gap = rng.uniform(0.004, 0.02) + np.maximum(0.012 - inside, 0) * rng.uniform(0.3, 0.9)
    band = np.min([inside + rng.uniform(0.016, 0.03), 0.028 - inside, np.where(z > 0, np.abs(x) - gap, 1.0)], axis=0)
    return Garment("collar", _on_trunk(dummy, band), cloth, ease, 2, folds=0.0, is_coarse=True)


def _placket(dummy: Dummy, shirt: Garment) -> list[Garment]:
    """The strip down a shirt's front that its buttons are on."""
    strip = np.where(dummy.points[:, 2] > 0, 0.014 - np.abs(dummy.points[:, 0]), -1.0)
    level = np.minimum(shirt.level, _on_trunk(dummy, strip))
    return [replace(shirt, name="placket", level=level, ease=shirt.ease + 0.0035)]


def _neckband(dummy: Dummy, depth: float) -> Floats:
    inside = _neckline(dummy, depth)
    return _on_trunk(dummy, np.minimum(inside + 0.002, 0.016 - inside))


def _on_trunk(dummy: Dummy, level: Floats) -> Floats:
    return np.where((dummy.limb == ARM) | (dummy.limb == LEG), -1.0, level)


def _jacket(rng: np.random.Generator, dummy: Dummy) -> list[Garment]:
    """A jacket or cardigan, open in front, with lapels or without."""
    gap, button = rng.uniform(0.04, 0.09), rng.uniform(0.15, 0.4)
    level = _upper(dummy, 1.9, float(rng.uniform(-0.08, 0.06)), 0.0)
    x, y, z = dummy.points.T
    opening = np.abs(x) - np.maximum(gap * np.clip((y - button) / 0.25, 0.1, 1), gap * 0.5 * (y < button - 0.1))
    level = np.minimum(level, np.where((z > 0) & (dummy.limb != ARM), opening, 1.0))
    jacket = Garment(
        "jacket",
        level,
        textile(rng, "jacket"),
        ease=float(rng.uniform(0.024, 0.031)),
        drape=12,
        sleeve=(0.07, 0.052),
        folds=float(rng.uniform(0.002, 0.005)),
        covers=0.07,
    )
    if rng.random() < 0.4:
        return [jacket]
    broad = 0.075 * np.clip((y - button) / 0.2, 0, 1)
    round_neck = 0.03 - _neckline(dummy, 0.0)
    lapel = np.min([level, np.maximum(np.where(z > 0.03, broad - opening, -1.0), round_neck), y - button], axis=0)
    worn = replace(jacket, name="lapels", level=_on_trunk(dummy, lapel), ease=jacket.ease + 0.006, covers=0.5)
    return [jacket, worn]


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
        leg=(0.08 + wide * 0.4, 0.062 + wide),
        folds=float(rng.uniform(0.002, 0.005)),
    )


def _skirt(rng: np.random.Generator, dummy: Dummy) -> Garment:
    hem = float(rng.uniform(-0.55, -0.26))
    return Garment("skirt", _below_waist(dummy, hem, 0.24), textile(rng, "skirt"), 0.008, 2, is_skirt=True, covers=0.1)


def _dress(rng: np.random.Generator, dummy: Dummy) -> list[Garment]:
    """A dress: bodice and skirt of one cloth."""
    cloth, waist = textile(rng, "skirt"), float(rng.uniform(0.2, 0.26))
    reach = float(rng.choice((0.12, 0.5, 0.9, 1.8)))
    bodice = Garment(
        "bodice",
        _upper(dummy, reach, waist - 0.04, rng.uniform(0, 0.05)),
        cloth,
        0.008,
        sleeve=(0.06, 0.045),
        covers=LOOSE,
    )
    skirt = Garment("skirt", _below_waist(dummy, float(rng.uniform(-0.6, -0.28)), 0.24), cloth, 0.009, 2)
    return [bodice, replace(skirt, is_skirt=True, covers=0.1)]


def _tights(rng: np.random.Generator, dummy: Dummy) -> Garment:
    level = np.where(dummy.limb == LEG, 1.0, 0.1 - dummy.points[:, 1])
    return Garment(
        "tights", np.where(dummy.limb == ARM, -1.0, level), textile(rng, "tights"), 0.003, 0, folds=0.0, is_coarse=True
    )


def _shoes(rng: np.random.Generator, dummy: Dummy) -> list[Garment]:
    """Shoes or boots on soles of their own."""
    rise = float(rng.choice((1.86, 1.9, 1.7)) + rng.uniform(-0.03, 0.03))
    level = np.where(dummy.limb == LEG, (dummy.along - rise) * THIGH, -1.0)
    ground = dummy.points[dummy.limb == LEG, 1].min()
    sole = np.where(dummy.along > 1.8, ground + 0.022 - dummy.points[:, 1], -1.0)
    upper = leather(rng)
    return [
        Garment("shoes", level, upper, 0.009, 1, folds=0.0, is_coarse=True),
        Garment(
            "soles",
            np.where(dummy.limb == LEG, sole, -1.0),
            sole_rubber(rng, upper),
            0.013,
            1,
            folds=0.0,
            is_coarse=True,
        ),
    ]


def _upper(dummy: Dummy, reach: float, hem: float, depth: float) -> Floats:
    """The outline of a top: sleeves so long (1 is the elbow), its hem that high, its neckline so deep."""
    y = dummy.points[:, 1]
    trunk = np.minimum(y - hem, _neckline(dummy, depth))
    return np.where(dummy.limb == ARM, (reach - dummy.along) * UPPER_ARM, np.where(dummy.limb == LEG, y - hem, trunk))


def _neckline(dummy: Dummy, depth: float) -> Floats:
    """How far below the neckline (V,) points are; it dips in front by that depth."""
    x, y, z = dummy.points.T
    dip = depth * np.exp(-((x / 0.07) ** 2)) * np.clip(z / 0.04, 0, 1)
    return np.asarray(-((y - 0.676 + dip) * 0.9 + z * 0.44))


def _below_waist(dummy: Dummy, hem: float, waist: float) -> Floats:
    y = dummy.points[:, 1]
    return np.where(dummy.limb == ARM, -1.0, np.minimum(y - hem, waist - y))


def _sewn(rng: np.random.Generator, figure: Figure, garment: Garment) -> Solid:
    """The garment on the body: draped, let out, creased, cut, hemmed and laid with its cloth."""
    dummy = figure.dummy
    weave = dummy.skirt if garment.is_skirt else dummy.stockings if garment.is_coarse else dummy.tights
    faces = triangles(weave.quads)
    skin = weave.of(figure.points)
    draped = smoothed(skin, weave.edges, garment.drape)
    rest, limb = weave.of(dummy.points), _limb_of(dummy, weave)
    outward = normals_of(draped, faces)
    draped = draped + outward * _sunk(draped, skin, outward)
    if garment.drape > 3:
        draped = draped + hollow(rest, limb)[:, None] * figure.backward * figure.size
        draped = smoothed(draped, weave.edges, 3)
        outward = normals_of(draped, faces)
    at_neck = np.clip((rest[:, 1] - 0.5) / 0.12, 0, 1) * (limb != ARM)
    ease = garment.ease * (1 - 0.55 * at_neck)  # cloth lies on shoulders, and hangs from them
    points = draped + outward * ease[:, None]
    points = _tubed(figure, weave, points, garment)
    flexed = _flexing(rest, limb, weave.of(dummy.along))
    points = points + outward * (creases(rng, rest, garment.folds) * flexed)[:, None]
    piece = cut(faces, weave.of(garment.level))
    return _finished(figure, garment, weave, piece, (points, skin))


def _sunk(points: Floats, skin: Floats, outward: Floats) -> Floats:
    """How deep below the skin points lie (N, 1): cloth must not."""
    return np.asarray(np.maximum(((skin - points) * outward).sum(axis=1, keepdims=True), 0))


def hollow(rest: Floats, limb: Ids) -> Floats:
    """How far behind points (N,) of a body at rest cloth hangs straight where the body does not: over the seat."""
    x, y, z = rest.T
    behind = (limb != ARM) & (z < 0.03) & (np.abs(x) < 0.12) & (y > -0.04) & (y < 0.22)
    slices = np.linspace(-0.03, 0.21, 13)  # 2 cm each
    farthest = np.zeros(len(slices))
    np.minimum.at(farthest, np.clip(np.rint((y[behind] + 0.03) / 0.02).astype(np.intp), 0, 12), z[behind])
    reach = np.clip((0.08 - np.abs(x)) / 0.03, 0, 1) * np.clip(y / 0.03, 0, 1) * np.clip((0.22 - y) / 0.05, 0, 1)
    return np.asarray(np.where(behind, np.maximum(z - np.interp(y, slices, farthest), 0) * reach, 0.0))


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
            least = figure.size * (upper + (lower - upper) * np.clip(along[here] / 2, 0, 1)) * begins
            points[here] = middle + spoke / np.maximum(radius, 1e-6) * np.maximum(radius, least[:, None])
    return points


def _limb_of(dummy: Dummy, weave: Weave) -> Ids:
    return dummy.limb[weave.sources[:, 0]]


def creases(rng: np.random.Generator, rest: Floats, height: float) -> Floats:
    """Folds (N,) over a body at rest: waves of all directions but most of them across, the long ones highest."""
    if height <= 0:
        return np.zeros(len(rest))
    count = 24
    length = rng.uniform(0.04, 0.15, count)
    direction = rng.normal(size=(count, 3)) * (0.6, 1.2, 0.6)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    bend = 0.5 * np.sin(rest @ rng.normal(0, 12, (3, count)))
    phase = rest @ (direction / length[:, None]).T * 2 * np.pi + rng.uniform(0, 2 * np.pi, count) + bend
    waves = (np.sin(phase) * length).sum(axis=1) / np.sqrt((length**2).sum() / 2)
    return np.asarray(np.maximum(waves, -1.0) * height)


def _flexing(rest: Floats, limb: Ids, along: Floats) -> Floats:
    """How much cloth creases (N,): most at elbows, knees, ankles and the waist, least on chest and thighs."""
    joint = np.exp(-(((along - 1) / 0.22) ** 2)) + 0.8 * np.exp(-(((along - 1.8) / 0.2) ** 2))
    waist = np.exp(-(((rest[:, 1] - 0.16) / 0.1) ** 2))
    return np.asarray(0.45 + np.where((limb == ARM) | (limb == LEG), joint, waist * 0.8))


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
