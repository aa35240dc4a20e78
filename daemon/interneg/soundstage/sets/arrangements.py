"""How rooms are filled: what stands along the walls, what lies on tables, where the camera may go."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from interneg.soundstage.props import Dressing, Prop, table
from interneg.soundstage.props_hard import bookshelf, bottle, cup, ornament, papers, pile
from interneg.soundstage.props_soft import plant, table_lamp
from interneg.soundstage.scene import StageSet
from interneg.soundstage.sets import rooms
from interneg.soundstage.sets.rooms import Hole, Room
from interneg.soundstage.solids import Finish
from interneg.soundstage.textures import wood


def shell(
    rng: np.random.Generator,
    dressing: Dressing,
    room: Room,
    holes: tuple[Hole, ...],
    finishes: tuple[Finish, Finish],
    short: bool = False,
) -> None:
    """The room itself, its windows, trim and ceiling."""
    rooms.build(dressing, room, *finishes, holes)
    rooms.glaze(rng, dressing, room, holes, short)
    rooms.trim(rng, dressing, room)
    rooms.cover(rng, dressing, room)


def clutter(
    rng: np.random.Generator,
    dressing: Dressing,
    middle: tuple[float, float, float],
    size: tuple[float, float],
    count: int,
    maker: Callable[[np.random.Generator], Prop] | None = None,
) -> None:
    """Small things on a top of that size, no two in one place."""
    cells = [(i, j) for i in range(3) for j in range(2)]
    for index in rng.permutation(len(cells))[:count]:
        across, along = cells[int(index)]
        x = middle[0] + size[0] * ((across + 0.5) / 3 - 0.5) * 0.85 + float(rng.normal(0, 0.01))
        z = middle[2] + size[1] * ((along + 0.5) / 2 - 0.5) * 0.8 + float(rng.normal(0, 0.01))
        thing = small_thing(rng) if maker is None else maker(rng)
        dressing.put_loose(thing, x, middle[1], z, float(rng.uniform(-30, 30)))


def small_thing(rng: np.random.Generator) -> Prop:
    """One of the things that lie about on tables."""
    makers = (cup, bottle, papers, pile, cup)
    kind = int(rng.integers(len(makers) + 1))
    return ornament(rng, 0.22) if kind == len(makers) else makers[kind](rng)


def side_table(rng: np.random.Generator, dressing: Dressing, x: float, z: float) -> None:
    """A small table with a lamp."""
    dressing.put(table(rng, 0.42, 0.42, 0.55, wood(rng)), x, 0, z)
    if rng.random() < 0.6:
        dressing.put(table_lamp(rng), x, 0.55, z)
    else:
        dressing.put(ornament(rng, 0.4), x, 0.55, z)


def fill_back_wall(
    rng: np.random.Generator, dressing: Dressing, room: Room, taken: tuple[Hole, ...], finish: Finish
) -> tuple[Hole, ...]:
    """A door, shelves and plants along the back wall where there is room; what is taken then."""
    if rng.random() < 0.5:
        taken = rooms.door_in(rng, dressing, room, taken)
    for _ in range(int(rng.integers(1, 4))):
        width, height = float(rng.uniform(0.6, 1.6)), float(rng.uniform(0.8, 2.1))
        spot = rooms.free_spot(rng, room, width, height, taken)
        if spot is not None:
            dressing.put(bookshelf(rng, width, height, finish), spot.x, 0, -room.back + 0.17)
            taken = (*taken, spot)
    spot = rooms.free_spot(rng, room, 0.6, 1.4, taken)
    if spot is not None and rng.random() < 0.6:
        dressing.put(plant(rng, float(rng.uniform(0.7, 1.4))), spot.x, 0, -room.back + 0.4)
        taken = (*taken, spot)
    return taken


def finished(rng: np.random.Generator, dressing: Dressing, room: Room, kind: str) -> StageSet:
    """The set with the light from outside and the box where the camera may stand."""
    reach = room.width / 2 - 0.5
    focus = (float(rng.normal(0, 0.2)), float(rng.uniform(0.9, 1.3)), float(rng.uniform(-0.5, 0.2)))
    return dressing.done(kind, rooms.outside(rng), (-reach, 0.8, 1.9), (reach, 2.0, 4.6), focus)
