"""A roof above a city, seen against the sky."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from interneg.soundstage.facades import block, door, house, pane, random_style, slabs
from interneg.soundstage.props import NEUTRAL, Dressing, Part, Prop
from interneg.soundstage.scene import StageSet
from interneg.soundstage.sky import random_sky
from interneg.soundstage.solids import Finish, Form, box, floor, joined, lathe, plain, wall
from interneg.soundstage.street_props import antenna, cooler, tank, vent
from interneg.soundstage.textures import asphalt, blocks, brick, concrete, earth, enamel, plaster, tiles, wood


def roof(rng: np.random.Generator) -> StageSet:
    """A flat roof with its parapet, a hut over the stairs, vents, coolers and aerials, and the houses beyond."""
    dressing = Dressing()
    wide, deep = float(rng.uniform(9, 18)), float(rng.uniform(4.0, 9.0))
    cover = (asphalt, concrete, earth, tiles)[int(rng.integers(4))](rng)
    dressing.put((Part("roof", floor(wide, deep + 11).moved(z=(11 - deep) / 2), cover),))
    _parapet(rng, dressing, wide, deep)
    if rng.random() < 0.65:
        _hut(rng, dressing, wide, deep)
    _equipment(rng, dressing, wide, deep)
    _neighbours(rng, dressing, deep)
    for x in np.linspace(-1.6, 1.6, int(rng.integers(2, 6))):
        dressing.stand(x + rng.normal(0, 0.12), float(rng.uniform(-1.1, 0.9)), float(rng.normal(0, 55)))
    horizon = str(rng.choice(("city", "city", "hills", "sea")))
    surroundings = random_sky(rng, horizon, np.array((0.16, 0.15, 0.14)))
    return dressing.done("roof", surroundings, (-3.2, 0.5, 3.2), (3.2, 2.2, 8.5), (0.0, 1.2, 0.0))


def _parapet(rng: np.random.Generator, dressing: Dressing, wide: float, deep: float) -> None:
    """A wall around three sides with its coping, or a railing."""
    high, skin = float(rng.uniform(0.35, 1.15)), _masonry(rng)
    runs = (
        (wide, 0.0, -deep, 0.0),
        (deep + 11, -wide / 2, (11 - deep) / 2, 90.0),
        (deep + 11, wide / 2, (11 - deep) / 2, -90.0),
    )
    if rng.random() < 0.25:
        for length, x, z, turn in runs:
            dressing.put(_railing(rng, length), x, 0, z, turn)
        return
    coping = concrete(rng)
    for length, x, z, turn in runs:
        body = wall(length, high, 0.25)
        top = box(length + 0.3, 0.07, 0.36).moved(y=high, z=-0.12)
        dressing.put((Part("parapet", body, skin), Part("coping", top, coping)), x, 0, z, turn)


def _masonry(rng: np.random.Generator) -> Finish:
    return (brick, plaster, blocks, concrete)[int(rng.integers(4))](rng)


def _railing(rng: np.random.Generator, length: float) -> Prop:
    posts = [box(0.04, 1.05, 0.04).moved(x) for x in np.linspace(-length / 2, length / 2, max(2, int(length / 1.4)))]
    rails = [box(length, 0.035, 0.035).moved(y=y) for y in (0.3, 0.68, 1.04)]
    kerb = box(length, 0.15, 0.25)
    return Part("railing", joined(*posts, *rails), enamel(rng)), Part("kerb", kerb, concrete(rng))


def _hut(rng: np.random.Generator, dressing: Dressing, wide: float, deep: float) -> None:
    """The hut over the stairs, its door and the lamp over it."""
    size, high = rng.uniform((2.2, 2.0), (4.0, 3.0)), float(rng.uniform(2.4, 3.2))
    at = float(rng.choice((-1, 1)))
    x, z = at * float(rng.uniform(2.6, max(2.7, wide / 2 - size[0] / 2 - 0.4))), -deep + float(size[1]) + 0.4
    hole = (-0.5, 0.0, 0.5, 2.1)
    sides = [box(0.2, high, size[1] - 0.3).moved(s * (size[0] / 2 - 0.1), 0, -size[1] / 2 - 0.15) for s in (-1, 1)]
    body = joined(
        wall(float(size[0]), high, 0.3, (hole,)), *sides, box(float(size[0]) - 0.4, high, 0.2).moved(z=-size[1] + 0.1)
    )
    cap = box(size[0] + 0.3, 0.14, size[1] + 0.3).moved(y=high, z=-size[1] / 2)
    shade = box(0.26, 0.12, 0.12).moved(y=2.3, z=0.07)
    hut = (
        Part("hut", body, _masonry(rng)),
        Part("hut_roof", cap, concrete(rng)),
        *door(rng, 1.0, 2.1),
        Part("bulkhead_lamp", shade, plain((0.8, 0.8, 0.8)), NEUTRAL),
    )
    dressing.put(hut, x, 0, z, 0.0)
    dressing.anchors.append((x, high + 0.2, z - 0.3))


def _equipment(rng: np.random.Generator, dressing: Dressing, wide: float, deep: float) -> None:
    """What a roof collects, at the sides and behind."""
    makers: tuple[Callable[[np.random.Generator], Prop], ...] = (
        vent,
        vent,
        cooler,
        antenna,
        antenna,
        chimney,
        pallet,
        chest,
    )
    taken: list[tuple[float, float]] = []
    for _ in range(int(rng.integers(7, 15))):
        x, z = float(rng.uniform(-wide / 2 + 0.8, wide / 2 - 0.8)), float(rng.uniform(-deep + 0.7, 1.0))
        if (abs(x) < 2.2 and z > -2.0) or any(np.hypot(x - a, z - b) < 1.3 for a, b in taken):
            continue
        taken.append((x, z))
        made = makers[int(rng.integers(len(makers)))](rng)
        (dressing.put_loose if made[0].name == "chest" else dressing.put)(
            made, x, 0, z, float(rng.choice((0, 90, 180, 270))) + float(rng.normal(0, 6))
        )
        if made[0].name in ("antenna", "chimney"):
            dressing.anchors.append((x, 2.5, z))
    if rng.random() < 0.4:
        dressing.put(tank(rng), float(rng.choice((-1, 1))) * wide * 0.36, 0, -deep + 1.8)
    dressing.anchors += [(side * wide / 2, 3.5, -deep) for side in (-1.0, 1.0)]


def chimney(rng: np.random.Generator) -> Prop:
    """A chimney stack with its pots."""
    wide, high = float(rng.uniform(0.6, 1.4)), float(rng.uniform(1.0, 2.4))
    stack = joined(box(wide, high, 0.55))
    head = joined(box(wide + 0.14, 0.12, 0.69).moved(y=high), box(wide + 0.06, 0.08, 0.6).moved(y=high - 0.25))
    pots = [
        _pot().moved(x=x, y=high + 0.12) for x in np.linspace(-wide / 2 + 0.2, wide / 2 - 0.2, max(1, int(wide / 0.4)))
    ]
    return (
        Part("chimney", stack, brick(rng)),
        Part("chimney_head", head, concrete(rng)),
        Part("pots", joined(*pots), enamel(rng)),
    )


def _pot() -> Form:
    return lathe(np.array([(0.13, 0), (0.1, 0.35), (0.13, 0.38), (0.13, 0.42), (0.09, 0.42), (0.08, 0.2)]), 14)


def pallet(rng: np.random.Generator) -> Prop:
    """Pallets, one on another."""
    count = int(rng.integers(1, 6))
    bars = [
        box(1.2, 0.022, 0.1).moved(y=0.12 + i * 0.144, z=z) for i in range(count) for z in np.linspace(-0.35, 0.35, 6)
    ]
    bars += [box(0.1, 0.12, 0.8).moved(x, i * 0.144) for i in range(count) for x in (-0.55, 0, 0.55)]
    return (Part("pallet", joined(*bars), wood(rng)),)


def chest(rng: np.random.Generator) -> Prop:
    """A box somebody left, with its lid and battens."""
    wide, high, deep = (float(v) for v in rng.uniform((0.5, 0.35, 0.4), (1.1, 0.8, 0.7)))
    spans = [block(wide, high, deep), block(wide + 0.05, 0.05, deep + 0.05, y=high)]
    spans += [block(0.07, high, deep + 0.03, x=side * wide * 0.35) for side in (-1, 1)]
    return (Part("chest", slabs(spans), wood(rng) if rng.random() < 0.6 else enamel(rng)),)


def _neighbours(rng: np.random.Generator, dressing: Dressing, deep: float) -> None:
    """The houses beyond, lower and higher, each with its own front."""
    panes = tuple(pane(rng) for _ in range(2))
    styles = [random_style(rng, panes, 0.03) for _ in range(3)]
    z = -deep - float(rng.uniform(5, 12))
    x = -28.0 + float(rng.uniform(0, 6))
    while x < 28:
        wide, storeys = float(rng.uniform(6, 12)), int(rng.integers(3, 8))
        style = styles[int(rng.integers(3))]
        top = float(rng.uniform(-3.0, 4.5))
        made = house(rng, style, (wide, float(rng.uniform(7, 10))), storeys, ("far", "blank"))
        dressing.put(made, x + wide / 2, top - storeys * style.storey, z - float(rng.uniform(0, 6)))
        for maker in (vent, antenna, chimney)[: int(rng.integers(0, 4))]:
            dressing.put(maker(rng), x + float(rng.uniform(1, wide - 1)), top, z - float(rng.uniform(7, 9)))
        x += wide + float(rng.choice((0.0, 0.0, 3.0)))
    street = floor(80, 60).moved(y=-16, z=z)
    dressing.put((Part("street", street, asphalt(rng)),))
