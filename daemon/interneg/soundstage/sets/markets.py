"""A market: stalls with awnings, crates and goods, before the houses of a square."""

from __future__ import annotations

import numpy as np

from interneg.soundstage.fabrics import stripes, weave
from interneg.soundstage.facades import block, house, slabs
from interneg.soundstage.prints import picture
from interneg.soundstage.props import WARM, Dressing, Part, Prop
from interneg.soundstage.scene import StageSet, Surface
from interneg.soundstage.sets.streets import random_styles
from interneg.soundstage.sky import random_sky
from interneg.soundstage.solids import (
    Finish,
    Floats,
    Form,
    beam,
    box,
    cylinder,
    floor,
    grid,
    joined,
    plain,
    sphere,
    unit_panel,
)
from interneg.soundstage.street_props import bin_, lamp_post
from interneg.soundstage.textures import asphalt, brick, enamel, linear, noise, shaded, steel, tiles, wood

GOODS = "b8302a d88a2a d8c040 6a8a30 8a3a5a c9a070 4a6a2a e0a060 5a2a3a c0503a"


def market(rng: np.random.Generator) -> StageSet:
    """Stalls in a square, the houses behind them."""
    dressing = Dressing()
    ground = (tiles, asphalt, brick)[int(rng.integers(3))](rng)
    dressing.put((Part("square", floor(80, 70), ground),))
    back = -float(rng.uniform(7, 16))
    styles = random_styles(rng, 3, 0.03)
    x = -24.0 + float(rng.uniform(0, 5))
    while x < 22:
        wide, style = float(rng.uniform(6, 10)), styles[int(rng.integers(3))]
        ground_floor = str(rng.choice(("shop", "shop", "door")))
        dressing.put(
            house(rng, style, (wide, 8.0), int(rng.integers(2, 5)), (ground_floor, "blank")), x + wide / 2, 0, back
        )
        x += wide
    _stalls(rng, dressing)
    dressing.put(lamp_post(rng), float(rng.choice((-1, 1))) * 4.2, 0, -4.5)
    dressing.put(bin_(rng), float(rng.choice((-1, 1))) * 3.6, 0, -0.5)
    for x in np.linspace(-1.6, 1.6, int(rng.integers(3, 6))):
        dressing.stand(x + rng.normal(0, 0.15), float(rng.uniform(-0.2, 0.9)), float(rng.normal(0, 70)))
    surroundings = random_sky(rng, "city", np.array((0.16, 0.15, 0.14)))
    return dressing.done("market", surroundings, (-3.0, 0.6, 3.2), (3.0, 2.2, 8.0), (0.0, 1.2, 0.0))


def _stalls(rng: np.random.Generator, dressing: Dressing) -> None:
    """Two to four stalls: a row behind the action, one at the side."""
    wide = float(rng.uniform(2.0, 2.8))
    count = int(rng.integers(2, 4))
    z = -float(rng.uniform(1.5, 2.3))
    start = -(count - 1) / 2 * (wide + 0.5) + float(rng.normal(0, 0.3))
    for index in range(count):
        x = start + index * (wide + 0.5)
        _stall(rng, dressing, wide, (x, z, float(rng.normal(0, 3))))
        dressing.stand(x, z - 1.1, float(rng.normal(0, 20)))
        dressing.anchors.append((x, 2.9, z))
    if rng.random() < 0.6:
        side = float(rng.choice((-1, 1)))
        _stall(rng, dressing, wide, (side * 3.3, 0.6, -90.0 * side))


def _stall(rng: np.random.Generator, dressing: Dressing, wide: float, at: tuple[float, float, float]) -> None:
    """One stall: a table with a skirt, posts, a canopy, crates of goods, a lamp."""
    deep, high = float(rng.uniform(0.8, 1.1)), float(rng.uniform(0.75, 0.9))
    for prop in (_stand(rng, wide, deep, high), _crates(rng, wide, deep, high)):
        dressing.put(prop, at[0], 0, at[1], at[2])
    if rng.random() < 0.7:
        lamp = sphere(0.07, 12).moved(float(rng.uniform(-0.3, 0.3)) * wide, 1.85, 0)
        cord = cylinder(0.008, 0.4, sides=6).moved(lamp.vertices[:, 0].mean(), 1.95, 0)
        prop = Part("cord", cord, plain((0.04,) * 3)), Part("bulb", lamp, plain((0.8, 0.78, 0.7)), WARM)
        dressing.put(prop, at[0], 0, at[1], at[2])


def _stand(rng: np.random.Generator, wide: float, deep: float, high: float) -> Prop:
    """The table, the posts and the canopy."""
    cloth, skirt = stripes(rng) if rng.random() < 0.6 else weave(rng), weave(rng)
    eaves, ridge, out = float(rng.uniform(2.0, 2.3)), float(rng.uniform(2.35, 2.8)), float(rng.uniform(0.2, 0.6))
    metal = steel(rng) if rng.random() < 0.5 else wood(rng)
    posts = [
        beam((x * wide / 2, 0, z * deep / 2), (x * wide / 2, eaves, z * deep / 2), 0.045)
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    depth = np.array((deep / 2 + out + 0.001, deep / 2 + out, 0.0, -deep / 2 - 0.1, -deep / 2 - 0.101))
    levels = np.array((eaves - 0.22, eaves, ridge, eaves, eaves - 0.2))
    across = np.linspace(-wide / 2 - 0.12, wide / 2 + 0.12, 12)
    sag = 0.035 * np.sin(np.linspace(0, np.pi, 12) * 3) ** 2
    canopy = [_strip(across, depth[i : i + 2], levels[i : i + 2], sag) for i in range(4)]
    front_cloth = slabs(
        [block(wide, high - 0.03, 0.02, 0, 0.03, deep / 2), block(wide + 0.1, 0.03, deep + 0.08, y=high)]
    )
    return (
        Part("posts", joined(*posts), metal),
        Part("canopy", joined(*canopy), cloth),
        Part("skirt", front_cloth, skirt),
    )


def _strip(across: Floats, depth: Floats, levels: Floats, sag: Floats) -> Form:
    """A piece of cloth between two bars."""
    points = np.empty((2, len(across), 3))
    points[..., 0], points[..., 2] = across[None], depth[:, None]
    points[..., 1] = levels[:, None] - sag[None] * np.array(((0.2,), (1.0,)))
    run = float(np.hypot(*(np.diff(values)[0] for values in (depth, levels))))
    return grid(points, across, np.array(((0.0,), (run,))))


def _crates(rng: np.random.Generator, wide: float, deep: float, high: float) -> Prop:
    """Crates on the table, tilted towards the buyers and full of goods; a price on some."""
    count = max(2, int(wide / 0.55))
    span = wide / count
    parts: list[Part] = []
    boards: list[Form] = []
    for index in range(count):
        x = (index + 0.5) * span - wide / 2
        form = _tray(span * 0.9, deep * 0.8).tilted(10).moved(x, high + 0.1, 0)
        boards.append(form)
        fruit = _heap(rng, span * 0.84, deep * 0.74).tilted(10).moved(x, high + 0.16, 0)
        parts.append(Part("goods", fruit, _ripe(rng)))
        if rng.random() < 0.5:
            card = unit_panel(0.16, 0.12).tilted(-10).moved(x, high + 0.3, -deep * 0.2)
            parts.append(Part("price", card, picture(rng)))
    return (Part("crates", joined(*boards), wood(rng) if rng.random() < 0.6 else enamel(rng)), *parts)


def _tray(wide: float, deep: float) -> Form:
    """An open tray."""
    walls = [box(wide, 0.12, 0.015).moved(z=s * deep / 2) for s in (-1, 1)]
    walls += [box(0.015, 0.12, deep).moved(x=s * wide / 2) for s in (-1, 1)]
    return joined(*walls, box(wide, 0.015, deep))


def _heap(rng: np.random.Generator, wide: float, deep: float) -> Form:
    """A heap of round goods of one size."""
    radius = float(rng.uniform(0.03, 0.06))
    columns, rows = max(2, int(wide / radius / 2)), max(2, int(deep / radius / 2))
    spots = np.stack(
        np.meshgrid(
            np.linspace(-wide / 2 + radius, wide / 2 - radius, columns),
            np.linspace(-deep / 2 + radius, deep / 2 - radius, rows),
        ),
        axis=-1,
    )
    spots = spots.reshape(-1, 2) + rng.normal(0, radius * 0.15, (columns * rows, 2))
    one = sphere(radius, 10)
    mound = 0.05 * np.cos(spots[:, 0] / wide * np.pi) * np.cos(spots[:, 1] / deep * np.pi)
    lifts = np.stack([spots[:, 0], mound + rng.uniform(0, radius * 0.4, len(spots)), spots[:, 1]], axis=1)
    points = (one.vertices[None] * rng.uniform(0.85, 1.1, (len(spots), 1, 1)) + lifts[:, None]).reshape(-1, 3)
    faces = (one.faces[None] + (np.arange(len(spots), dtype=np.uint32) * len(one.vertices))[:, None, None]).reshape(
        -1, 3
    )
    uv = (one.uv[None] + rng.random((len(spots), 1, 2))).reshape(-1, 2)
    return Form(points.astype(np.float32), faces, uv.astype(np.float32), np.tile(one.normals, (len(spots), 1)))


def _ripe(rng: np.random.Generator) -> Finish:
    """The skin of fruit and vegetables."""
    tint = linear(str(rng.choice(GOODS.split()))) * np.exp(rng.normal(0, 0.15, 3))
    return Finish(Surface(shaded(tint, noise(rng, 128, 1.0), 0.22), float(rng.uniform(0.2, 0.6))), 1.0, 1.0)
