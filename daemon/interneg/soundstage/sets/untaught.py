"""Sets of kinds that no base model is taught on: what it is worth on a production that is like none it saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from interneg.soundstage.fabrics import carpet, weave
from interneg.soundstage.props import WARM, Dressing, Part, Prop
from interneg.soundstage.props_work import drum
from interneg.soundstage.scene import StageSet
from interneg.soundstage.sets import rooms
from interneg.soundstage.sets.arrangements import boxes, finished
from interneg.soundstage.sets.rooms import Hole, Room
from interneg.soundstage.sky import random_sky
from interneg.soundstage.solids import Finish, Form, beam, box, cylinder, floor, joined, lathe, plain, tube
from interneg.soundstage.street_props import bollard, lamp_post
from interneg.soundstage.textures import (
    LACQUERS,
    asphalt,
    blocks,
    colour,
    concrete,
    enamel,
    linear,
    marble,
    plaster,
    steel,
    terrazzo,
    tiles,
    wood,
)

GREY = np.array((0.14, 0.13, 0.12))
CONTAINER = (6.06, 2.59, 2.44)  # metres: of twenty feet
RIB = 0.28  # metres from one fold of its sides to the next


def chapel(rng: np.random.Generator) -> StageSet:
    """A chapel: columns and arches on both sides, pews, a table under tall windows, candles."""
    dressing = Dressing()
    end = float(rng.uniform(1.5, 4.0))
    room = Room(float(rng.uniform(5.0, 8.0)), float(rng.uniform(2.2, 4.5)), float(rng.uniform(3.6, 5.0)), end, end)
    stone = rooms.one_of(rng, (blocks, plaster, concrete))
    ground = rooms.one_of(rng, (marble, terrazzo, tiles))
    wide, gap = float(rng.uniform(0.5, 0.8)), float(rng.uniform(1.1, 1.5))
    holes = tuple(Hole(x, 1.3, wide, room.height - 1.9) for x in gap * np.arange(-1, 2) if rng.random() < 0.8)
    rooms.build(dressing, room, ground, stone, holes)
    _arcade(rng, dressing, room, stone)
    _altar(rng, dressing, room)
    _pews(rng, dressing, room)
    dressing.put((Part("runner", box(1.1, 0.012, room.back + 2.5), carpet(rng)),), 0, 0, 0.2)
    for x in np.linspace(-0.5, 0.5, int(rng.integers(2, 4))):
        dressing.stand(x + rng.normal(0, 0.1), float(rng.uniform(-0.6, 0.9)), float(rng.normal(0, 60)))
    dressing.anchors += [(side * room.width / 3, room.height + 0.4, -1.0) for side in (-1.0, 0.3, 1.0)]
    return finished(rng, dressing, room, "chapel")


def dock(rng: np.random.Generator) -> StageSet:
    """A quay: stacked containers, a gantry's legs, bollards, barrels and nets, the sea behind."""
    dressing = Dressing()
    ground = (concrete, asphalt)[int(rng.integers(2))](rng)
    edge = -float(rng.uniform(5, 9))
    dressing.put((Part("quay", floor(80, 40), ground),), 0, 0, edge + 20)
    dressing.put((Part("sea", floor(160, 90), plain((0.02, 0.045, 0.05), 0.12)),), 0, -1.6, edge - 45)
    for side in (-1, 1):
        if rng.random() < 0.8:
            _stack(rng, dressing, side * float(rng.uniform(3.6, 5.5)), -float(rng.uniform(1.0, 3.5)))
    if rng.random() < 0.6:
        _gantry(rng, dressing, edge + 1.5)
    for x in np.linspace(-6, 6, 5):
        dressing.put(bollard(rng), float(x), 0, edge + 0.5)
    for x in rng.uniform(-2.6, 2.6, int(rng.integers(2, 6))):
        thing = (drum, boxes, _coil)[int(rng.integers(3))](rng)
        dressing.put(thing, float(x), 0, -float(rng.uniform(1.4, 3.0)), float(rng.uniform(0, 90)))
    dressing.put(lamp_post(rng), float(rng.uniform(-3, 3)), 0, edge + 1.0)
    for x in np.linspace(-1.5, 1.5, int(rng.integers(2, 5))):
        dressing.stand(x + rng.normal(0, 0.12), float(rng.uniform(-0.7, 0.9)), float(rng.normal(0, 60)))
    dressing.anchors += [(side * 3.0, 4.5, -2.0) for side in (-1.0, 0.2, 1.0)]
    surroundings = random_sky(rng, str(rng.choice(("city", "hills"))), GREY)
    return dressing.done("dock", surroundings, (-2.8, 0.5, 3.2), (2.8, 2.2, 8.0), (0.0, 1.2, 0.0))


def _arcade(rng: np.random.Generator, dressing: Dressing, room: Room, stone: Finish) -> None:
    """Columns along both sides, an arch from each to the next."""
    radius, high = float(rng.uniform(0.14, 0.26)), room.height * float(rng.uniform(0.55, 0.7))
    foot, top = radius * 1.5, radius * 1.4
    profile = np.array(
        [(0, 0), (foot, 0), (foot, 0.15), (radius, 0.22), (radius * 0.92, high - 0.2), (top, high), (0, high)]
    )
    column, step = lathe(profile, 20), float(rng.uniform(1.4, 2.0))
    turn = np.linspace(0, np.pi, 13)
    arch = np.stack([0 * turn, high + np.sin(turn) * step / 2, -np.cos(turn) * step / 2], axis=1)
    finish = stone if rng.random() < 0.5 else marble(rng)
    for side in (-1, 1):
        x = side * (room.width / 2 - float(rng.uniform(0.6, 0.9)))
        for z in np.arange(-room.back + 0.5, (room.left or 1.5), step):
            dressing.put((Part("column", column, finish), Part("arch", tube(arch, radius * 0.8), finish)), x, 0, z)


def _altar(rng: np.random.Generator, dressing: Dressing, room: Room) -> None:
    """A table on a step before the back wall, a cloth over it, candles on it."""
    wide = float(rng.uniform(1.4, 2.2))
    z = -room.back + 0.75
    dressing.put((Part("step", box(wide + 1.2, 0.16, 1.3), marble(rng)),), 0, 0, z)
    dressing.put((Part("altar", box(wide, 0.95, 0.6), rooms.one_of(rng, (wood, marble, plaster))),), 0, 0.16, z)
    dressing.put((Part("cloth", box(wide * 0.6, 0.4, 0.63), weave(rng)),), 0, 0.72, z)
    for x in np.linspace(-0.42, 0.42, int(rng.integers(2, 6))) * wide:
        high = float(rng.uniform(0.15, 0.4))
        dressing.put((Part("candle", cylinder(0.02, high, sides=10), plain(linear("e8e0cc"))),), float(x), 1.12, z)
        flame = lathe(np.array([(0, 0), (0.014, 0.015), (0.008, 0.05), (0, 0.07)]), 8)
        dressing.put((Part("flame", flame, plain((0.8,) * 3), WARM),), float(x), 1.12 + high, z)


def _pews(rng: np.random.Generator, dressing: Dressing, room: Room) -> None:
    """Rows of pews on both sides of the way through."""
    finish, wide = wood(rng), float(np.clip(room.width / 2 - 1.9, 0.8, 1.8))
    high = float(rng.uniform(0.85, 1.05))
    ends = [box(0.05, high, 0.5).moved(x=side * wide / 2) for side in (-1, 1)]
    back, seat = box(wide, high - 0.4, 0.03).moved(y=0.4, z=0.22), box(wide, 0.04, 0.42).moved(y=0.43)
    pew = (Part("pew", joined(*ends, back, seat), finish),)
    rows = np.arange(-room.back + 2.0, 0.6, float(rng.uniform(0.85, 1.0)))
    spots = [(side * (0.75 + wide / 2), float(z)) for z in rows for side in (-1, 1)]
    for x, z in spots:
        dressing.put(pew, x, 0, z)
    for index in rng.permutation(len(spots))[:4]:
        dressing.sit(spots[index][0], 0.47, spots[index][1], 180.0)


def _stack(rng: np.random.Generator, dressing: Dressing, x: float, z: float) -> None:
    """One container on the ground, perhaps another on it, its long side or its end to the camera."""
    turned = float(rng.choice((0.0, 90.0))) + float(rng.normal(0, 3))
    for level in range(int(rng.integers(1, 3))):
        skin = enamel(rng, colour(rng, LACQUERS + " 8a3a24 1f4f6b 3f6b3a b58a2a"))
        dressing.put((Part("container", _container(), skin),), x, level * CONTAINER[1], z, turned + rng.normal(0, 1))


def _container() -> Form:
    """A container with folded sides and posts at its corners."""
    long, high, deep = CONTAINER
    ribs = [
        box(RIB / 2, high - 0.3, 0.04).moved(at, 0.15, side * deep / 2)
        for side in (-1, 1)
        for at in np.arange(-long / 2 + RIB, long / 2 - RIB / 2, RIB)
    ]
    corners = [(s * (long / 2 - 0.06), t * (deep / 2 - 0.06)) for s in (-1, 1) for t in (-1, 1)]
    posts = [box(0.15, high, 0.15).moved(x, 0, z) for x, z in corners]
    bars = [beam((long / 2 + 0.04, 0.1, at), (long / 2 + 0.04, high - 0.1, at), 0.04) for at in (-0.7, -0.2, 0.2, 0.7)]
    return joined(box(long - 0.05, high - 0.05, deep - 0.05), *ribs, *posts, *bars)


def _gantry(rng: np.random.Generator, dressing: Dressing, z: float) -> None:
    """The legs of a crane, with its braces."""
    high, wide = float(rng.uniform(7, 10)), float(rng.uniform(3, 5))
    legs = [beam((side * wide / 2, 0, 0), (side * wide / 3, high, 0), 0.35) for side in (-1, 1)]
    braces = [beam((-wide * 0.45, y, 0), (wide * 0.42, y + 1.8, 0), 0.16) for y in np.arange(1.0, high - 2, 1.9)]
    skin = enamel(rng) if rng.random() < 0.7 else steel(rng)
    dressing.put((Part("gantry", joined(*legs, *braces), skin),), float(rng.uniform(-3, 3)), 0, z)


def _coil(rng: np.random.Generator) -> Prop:
    """A coil of rope."""
    turn = np.linspace(0, 2 * np.pi * int(rng.integers(4, 8)), 140)
    reach = float(rng.uniform(0.25, 0.4))
    path = np.stack([np.cos(turn) * reach, 0.03 + 0.012 * turn, np.sin(turn) * reach], axis=1)
    return (Part("rope", tube(path, 0.025), weave(rng)),)


UNTAUGHT: Mapping[str, Callable[[np.random.Generator], StageSet]] = {"chapel": chapel, "dock": dock}
