"""Sets behind houses: a courtyard with its stairs, a car park, a garden."""

from __future__ import annotations

import numpy as np

from interneg.soundstage.cars import car
from interneg.soundstage.facades import Span, block, door, front, pane, pierced, random_style, slabs
from interneg.soundstage.plants import GREENS, bark, broadleaf, bush, grass, hedge, leafage, slender, tree
from interneg.soundstage.prints import picture
from interneg.soundstage.props import NEUTRAL, WARM, Dressing, Part, Prop, chair, placed, table
from interneg.soundstage.scene import StageSet
from interneg.soundstage.sky import random_sky
from interneg.soundstage.solids import Finish, beam, box, cylinder, floor, joined, plain, unit_panel
from interneg.soundstage.street_props import bench, bin_, bollard, cooler, lamp_post, paving, planter, sign_post
from interneg.soundstage.textures import (
    asphalt,
    blocks,
    brick,
    concrete,
    earth,
    enamel,
    linear,
    plaster,
    steel,
    wood,
)
from interneg.soundstage.textures import grass as turf

GREY = np.array((0.14, 0.13, 0.12))


def courtyard(rng: np.random.Generator) -> StageSet:
    """A yard behind a house: its back wall with stairs up to a door, a wall at one side, bins and pipes."""
    dressing = Dressing()
    hand, back = float(rng.choice((-1, 1))), -float(rng.uniform(1.8, 3.6))
    style = random_style(rng, (pane(rng), pane(rng)), 0.08)
    ground = (paving, asphalt, concrete, earth)[int(rng.integers(4))](rng)
    dressing.put((Part("yard", floor(60, 50), ground),))
    wide, storeys = float(rng.uniform(9, 14)), int(rng.integers(2, 5))
    dressing.put(front(rng, style, wide, storeys, "windows" if rng.random() < 0.5 else "blank"), 0, 0, back)
    _stairs(rng, dressing, hand, back, float(rng.uniform(0.9, min(2.6, style.storey))))
    _side_wall(rng, dressing, hand * float(rng.uniform(3.6, 5.5)), back)
    low = slabs([block(wide, float(rng.uniform(1.2, 2.4)), 0.25)])
    dressing.put((Part("far_wall", low, style.face),), -hand * (wide / 2 + 6), 0, back - 0.3)
    _clutter(rng, dressing, -hand, back)
    for x in np.linspace(-1.4, 1.4, int(rng.integers(2, 5))):
        dressing.stand(
            x + rng.normal(0, 0.12), float(rng.uniform(max(back + 1.4, -0.6), 1.0)), float(rng.normal(0, 55))
        )
    dressing.anchors += [(side * wide / 3, style.storey + 1.0, back + 0.05) for side in (-1.0, 1.0)]
    surroundings = random_sky(rng, "city", GREY)
    return dressing.done("courtyard", surroundings, (-2.8, 0.5, 3.2), (2.8, 2.2, 8.0), (0.0, 1.2, 0.0))


def car_park(rng: np.random.Generator) -> StageSet:
    """A car park: bays and cars, lamps, a fence or wall behind, a shed or trees beyond."""
    dressing = Dressing()
    dressing.put((Part("asphalt", floor(90, 90), asphalt(rng)),))
    _bays(rng, dressing, -float(rng.uniform(1.8, 3.0)), float(rng.uniform(2.5, 2.8)))
    back = -float(rng.uniform(8.5, 12))
    _barrier(rng, dressing, back)
    if rng.random() < 0.6:
        _shed(rng, dressing, back - float(rng.uniform(4, 12)))
    _row_of_trees(rng, dressing, back - 2.0, int(rng.integers(0, 7)))
    for side in (-1, 1):
        x = side * float(rng.uniform(3.0, 7.0))
        dressing.put(lamp_post(rng), x, 0, -float(rng.uniform(1.5, 2.0)), 180 * float(rng.random() < 0.5))
        dressing.anchors.append((x, 3.4, -1.7))
    extras: tuple[Prop, ...] = (bin_(rng), sign_post(rng), bollard(rng))
    for prop, x in zip(extras, rng.permutation(np.array((-3.4, -2.6, 2.6, 3.4, 4.4))), strict=False):
        dressing.put(prop, float(x), 0, float(rng.uniform(-1.6, 0.5)), float(rng.normal(0, 10)))
    for x in np.linspace(-1.6, 1.6, int(rng.integers(2, 6))):
        dressing.stand(x + rng.normal(0, 0.15), float(rng.uniform(-0.8, 0.9)), float(rng.normal(0, 60)))
    surroundings = random_sky(rng, str(rng.choice(("city", "trees", "hills"))), GREY)
    return dressing.done("car_park", surroundings, (-3.2, 0.5, 3.2), (3.2, 2.2, 8.5), (0.0, 1.2, 0.0))


def garden(rng: np.random.Generator) -> StageSet:
    """A garden: lawn, hedges, a terrace with a table, pots, a tree, perhaps the house's wall."""
    dressing = Dressing()
    dressing.put((Part("lawn", floor(80, 80), turf(rng)),))
    stone = (paving, concrete)[int(rng.integers(2))](rng) if rng.random() < 0.7 else earth(rng)
    dressing.put(
        (Part("terrace", box(float(rng.uniform(3.5, 6)), 0.05, float(rng.uniform(2.5, 4.5))), stone),), 0, -0.045
    )
    _hedges(rng, dressing)
    hand = float(rng.choice((-1, 1)))
    if rng.random() < 0.5:
        style = random_style(rng, (pane(rng),))
        side = placed(front(rng, style, 8.0, int(rng.integers(1, 3)), "door"), degrees=-hand * 90)
        dressing.put(side, hand * float(rng.uniform(3.8, 5.0)), 0, -2.5)
        dressing.anchors.append((hand * 3.8, style.storey - 0.1, -1.0))
    _terrace(rng, dressing, -hand)
    _beds(rng, dressing)
    habit = (broadleaf, slender)[int(rng.integers(2))](rng)
    grown, trunk, leaf = tree(rng, habit), bark(rng), leafage(rng)
    x, z = -hand * float(rng.uniform(2.6, 5.0)), -float(rng.uniform(2.0, 4.0))
    dressing.put((Part("wood", grown.wood, trunk), Part("leaves", grown.leaves, leaf)), x, 0, z)
    dressing.anchors += [(x, 4.0, z), (0.0, 3.0, -5.0)]
    for at in np.linspace(-1.5, 1.5, int(rng.integers(2, 5))):
        dressing.stand(at + rng.normal(0, 0.1), float(rng.uniform(0.5, 1.3)), float(rng.normal(0, 50)))
    surroundings = random_sky(rng, str(rng.choice(("trees", "hills"))), np.array((0.07, 0.1, 0.04)))
    return dressing.done("garden", surroundings, (-2.8, 0.5, 3.6), (2.8, 2.2, 8.0), (0.0, 1.1, 0.0))


def _stairs(rng: np.random.Generator, dressing: Dressing, hand: float, back: float, high: float) -> None:
    """A flight along the wall up to a landing before a door, with its railing."""
    count = round(high / 0.175)
    rise, tread, deep, wide = high / count, float(rng.uniform(0.25, 0.3)), 0.95, 1.2
    start = hand * float(rng.uniform(0.2, 0.9))
    z = back + deep / 2 + 0.01
    is_iron = rng.random() < 0.4
    spans = []
    for index in range(count - 1):
        x = start + hand * tread * (index + 0.5)
        low = index * rise + rise - 0.04 if is_iron else 0.0
        spans.append(block(tread, (index + 1) * rise - low, deep, x, low, z))
    x = start + hand * (tread * (count - 1) + wide / 2)
    spans.append(block(wide, 0.12 if is_iron else high, deep, x, high - 0.12 if is_iron else 0.0, z))
    finish = steel(rng) if is_iron else (brick, concrete, concrete)[int(rng.integers(3))](rng)
    rails, near = enamel(rng), z + deep / 2 - 0.04
    end = start + hand * (tread * (count - 1))
    bars = [beam((start, 0.95, near), (end, high + 0.95, near), 0.04)]
    bars += [beam((end, high + 0.95, near), (end + hand * wide, high + 0.95, near), 0.04)]
    for share in np.linspace(0, 1, 6):
        bars.append(box(0.03, 0.95, 0.03).moved(start + (end - start) * share, high * share, near))
    bars += [box(0.03, 0.95, 0.03).moved(end + hand * wide * s, high, near) for s in np.linspace(0.2, 1, 6)]
    if is_iron:
        bars += [box(0.08, high - 0.12, 0.08).moved(end + hand * s, 0, near) for s in (0.05, wide - 0.05)]
    dressing.put((Part("stairs", slabs(spans), finish), Part("rail", joined(*bars), rails)))
    dressing.put(door(rng, 0.9, 2.05), x, high, back + 0.17)
    lamp = box(0.16, 0.24, 0.12).moved(x - hand * 0.75, high + 1.8, back + 0.06)
    dressing.put((Part("wall_lamp", lamp, plain((0.8,) * 3), WARM if rng.random() < 0.5 else NEUTRAL),))


def _side_wall(rng: np.random.Generator, dressing: Dressing, x: float, back: float) -> None:
    """A wall at one side that comes forward a little way."""
    length, high = float(rng.uniform(2.5, 4.5)), float(rng.uniform(2.2, 5.0))
    skin = (brick, blocks, plaster)[int(rng.integers(3))](rng)
    body = pierced(length, high, 0.3, ())
    coping = slabs([block(length, 0.1, 0.4, 0, high, -0.15)])
    prop = Part("side_wall", body, skin), Part("coping", coping, concrete(rng))
    dressing.put(prop, x, 0, back + length / 2, -90.0 * np.sign(x))
    for _ in range(int(rng.integers(0, 4))):
        bill = unit_panel(0.5, 0.7).moved(float(rng.uniform(-0.35, 0.35)) * length, 1.1, 0.006)
        dressing.put((Part("bill", bill, picture(rng)),), x, 0, back + length / 2, -90.0 * np.sign(x))
    pipe = cylinder(0.05, high, sides=10).moved(length * 0.4, 0, 0.08)
    dressing.put((Part("pipe", pipe, enamel(rng)),), x, 0, back + length / 2, -90.0 * np.sign(x))


def _clutter(rng: np.random.Generator, dressing: Dressing, hand: float, back: float) -> None:
    """What is left in yards."""
    plant = bush(rng, float(rng.uniform(0.4, 1.0)), 0.06, 900)
    twigs = Part("twigs", plant.wood, bark(rng)), Part("leaves", plant.leaves, leafage(rng))
    props: tuple[Prop, ...] = (bin_(rng), bin_(rng), bench(rng), cooler(rng), planter(rng, twigs))
    order = rng.permutation(len(props))[: int(rng.integers(2, 6))]
    for index, x in zip(order, rng.permutation(np.linspace(0.6, 4.6, 5)), strict=False):
        dressing.put(props[index], hand * float(x), 0, back + 0.55, float(rng.normal(0, 6)))


def _bays(rng: np.random.Generator, dressing: Dressing, front_edge: float, wide: float) -> None:
    """Painted bays with cars in some of them."""
    paint = plaster(rng, linear(str(rng.choice(("e6e4de", "e6e4de", "d8b440")))) * rng.uniform(0.5, 1.0), 0.7)
    lines: list[Span] = []
    shift = float(rng.uniform(-1, 1))
    for index in range(-5, 6):
        x = shift + index * wide
        lines.append((x - 0.06, 0.0, front_edge - 5.0, x + 0.06, 0.004, front_edge))
        if rng.random() < 0.5:
            turn = 90.0 * float(rng.choice((-1, 1))) + float(rng.normal(0, 1.5))
            dressing.put(car(rng), x + wide / 2, 0, front_edge - 2.5 + float(rng.normal(0, 0.2)), turn)
    dressing.put((Part("lines", slabs(lines), paint),))


def _barrier(rng: np.random.Generator, dressing: Dressing, back: float) -> None:
    """What closes the car park: a wall, a board fence or a rail."""
    kind, length = int(rng.integers(3)), 70.0
    if kind == 0:
        high = float(rng.uniform(1.0, 3.0))
        body = Part("wall", slabs([block(length, high, 0.25)]), (brick, blocks, concrete)[int(rng.integers(3))](rng))
        dressing.put((body, Part("coping", slabs([block(length, 0.08, 0.35, y=high)]), concrete(rng))), 0, 0, back)
    elif kind == 1:
        high, step = float(rng.uniform(1.5, 2.1)), float(rng.uniform(0.13, 0.2))
        tops = high + rng.normal(0, 0.015, int(length / step))
        boards = [block(step * 0.94, float(top), 0.025, (i - len(tops) / 2) * step) for i, top in enumerate(tops)]
        boards += [block(length, 0.09, 0.05, 0, y, -0.04) for y in (0.4, high - 0.4)]
        dressing.put((Part("fence", slabs(boards), wood(rng)),), 0, 0, back)
    else:
        posts = [block(0.12, 0.8, 0.12, x) for x in np.arange(-length / 2, length / 2, 2.5)]
        rails = [block(length, 0.12, 0.05, 0, y, 0.08) for y in (0.35, 0.62)]
        dressing.put((Part("rail", slabs([*posts, *rails]), steel(rng)),), 0, 0, back)


def _shed(rng: np.random.Generator, dressing: Dressing, back: float) -> None:
    """A long shed with ribbed walls, doors and a name."""
    wide, high = float(rng.uniform(18, 32)), float(rng.uniform(4, 7))
    ribs = [block(0.12, high, 0.1, x, 0, 0.0) for x in np.arange(-wide / 2, wide / 2, 0.5)]
    body = slabs([block(wide, high, 8.0, 0, 0, -4.0), *ribs])
    gates = []
    for x in np.linspace(-wide / 2 + 3, wide / 2 - 3, int(rng.integers(2, 6))):
        gates += [block(3.2, 0.27, 0.12, float(x), row * 0.3, 0.04) for row in range(11)]
    board = unit_panel(6.0, 1.2).moved(0, high - 1.6, 0.07)
    x = float(rng.uniform(-6, 6))
    dressing.put(
        (Part("shed", body, enamel(rng)), Part("gates", slabs(gates), enamel(rng)), Part("board", board, picture(rng))),
        x,
        0,
        back,
    )


def _row_of_trees(rng: np.random.Generator, dressing: Dressing, z: float, count: int) -> None:
    """Trees of one kind along the far side."""
    if not count:
        return
    grown, trunk, leaf = tree(rng, (broadleaf, slender)[int(rng.integers(2))](rng)), bark(rng), leafage(rng, GREENS)
    for x in np.linspace(-14, 14, count) + rng.normal(0, 0.8, count):
        one = grown.placed(
            float(x), 0, z + float(rng.normal(0, 0.6)), float(rng.uniform(0, 360)), float(rng.uniform(0.5, 0.9))
        )
        dressing.put((Part("wood", one.wood, trunk), Part("leaves", one.leaves, leaf)))


def _hedges(rng: np.random.Generator, dressing: Dressing) -> None:
    """Hedges behind and at the sides, or a board fence behind."""
    leaf, size = leafage(rng), float(rng.uniform(0.07, 0.12))
    high, back = float(rng.uniform(1.2, 2.4)), -float(rng.uniform(4.5, 7.0))
    if rng.random() < 0.3:
        _barrier(rng, dressing, back)
    else:
        _hedge(rng, dressing, leaf, (14.0, high, 0.7), (0.0, back, 0.0), size)
    for side in (-1, 1):
        if rng.random() < 0.6:
            _hedge(
                rng,
                dressing,
                leaf,
                (5.0, high * 0.9, 0.6),
                (side * float(rng.uniform(5.5, 7.0)), back + 2.5, 90.0),
                size,
            )


def _hedge(
    rng: np.random.Generator,
    dressing: Dressing,
    leaf: Finish,
    size: tuple[float, float, float],
    at: tuple[float, float, float],
    length: float,
) -> None:
    """One hedge, dark inside."""
    wide, high, deep = size
    core = slabs([block(wide - 0.1, high - 0.08, deep - 0.12)])
    leaves = hedge(rng, wide, high, deep, length)
    dressing.put(
        (Part("hedge_core", core, plain((0.03, 0.035, 0.02), 0.95)), Part("leaves", leaves, leaf)),
        at[0],
        0,
        at[1],
        at[2],
    )


def _terrace(rng: np.random.Generator, dressing: Dressing, hand: float) -> None:
    """A garden table with chairs, pots about it."""
    if rng.random() < 0.75:
        timber, x = wood(rng) if rng.random() < 0.6 else enamel(rng), hand * float(rng.uniform(0.8, 1.4))
        width = float(rng.uniform(0.8, 1.4))
        dressing.put(table(rng, width, 0.8, 0.73, timber), x, 0, -0.6)
        for side in (-1, 1)[: int(rng.integers(1, 3))]:
            at = x + side * (width / 2 + 0.25)
            dressing.put(chair(rng, timber, timber), at, 0, -0.6, -90.0 * side + float(rng.normal(0, 12)))
            dressing.sit(at, 0.46, -0.6, -90.0 * side)
    for _ in range(int(rng.integers(1, 4))):
        plant = bush(rng, float(rng.uniform(0.4, 1.0)), 0.06, 900)
        twigs = Part("twigs", plant.wood, bark(rng)), Part("leaves", plant.leaves, leafage(rng))
        dressing.put(
            planter(rng, twigs),
            float(rng.choice((-1, 1))) * float(rng.uniform(2.2, 2.8)),
            0,
            float(rng.uniform(-1.6, 0.8)),
        )


def _beds(rng: np.random.Generator, dressing: Dressing) -> None:
    """Grass that stands higher, bushes and flowers before the hedge."""
    spots = np.stack([rng.uniform(-6, 6, 5000), rng.uniform(-4.5, -1.9, 5000)], axis=1)
    roots = np.insert(spots, 1, 0.0, axis=1)
    dressing.put((Part("grass", grass(rng, roots, float(rng.uniform(0.06, 0.2)), 0.01), leafage(rng)),))
    for _ in range(int(rng.integers(2, 6))):
        plant = bush(rng, float(rng.uniform(0.4, 1.4)), float(rng.uniform(0.05, 0.09)), 1500)
        blossom = leafage(rng, "c94f6a d8d4e0 e0c040 9a5fb0 d86a3a") if rng.random() < 0.35 else leafage(rng)
        x, z = float(rng.uniform(-5, 5)), -float(rng.uniform(2.6, 4.4))
        dressing.put((Part("twigs", plant.wood, bark(rng)), Part("leaves", plant.leaves, blossom)), x, 0, z)
