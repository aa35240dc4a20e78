"""How rooms are filled: what stands along the walls, what lies on tables, where the camera may go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from interneg.soundstage.fabrics import fabric
from interneg.soundstage.props import Dressing, Part, Prop, chair, crate, legs, placed, table, total
from interneg.soundstage.props_hard import bookshelf, bottle, cup, ornament, papers, pile
from interneg.soundstage.props_soft import floor_lamp, plant, table_lamp
from interneg.soundstage.scene import StageSet
from interneg.soundstage.sets import rooms
from interneg.soundstage.sets.rooms import Hole, Room
from interneg.soundstage.solids import Finish, box, cushion, joined, sphere
from interneg.soundstage.textures import enamel, wood


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
    across_count = max(2, round(size[0] / 0.3))
    cells = [(i, j) for i in range(across_count) for j in range(2)]
    for index in rng.permutation(len(cells))[:count]:
        across, along = cells[int(index)]
        x = middle[0] + size[0] * ((across + 0.5) / across_count - 0.5) * 0.9 + float(rng.normal(0, 0.01))
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


def line_sides(
    rng: np.random.Generator, dressing: Dressing, room: Room, makers: Sequence[Callable[[np.random.Generator], Prop]]
) -> None:
    """Things of at most 1.2 m by 0.5 m along the side walls, or where these would be."""
    for side, end in ((-1, room.left), (1, room.right)):
        if room.far < 2.4 or (end is None and rng.random() < 0.5):
            continue
        place = -room.back + float(rng.uniform(0.9, 1.5))
        while place < min(1.3, end or 0.5) - 0.6:
            made = makers[int(rng.integers(len(makers)))](rng)
            deep = max(float(part.form.vertices[:, 2].max()) for part in made)
            behind = min(float(part.form.vertices[:, 2].min()) for part in made)
            x = side * (room.width / 2 - 0.02 + behind)
            if deep - behind < 0.75:
                dressing.put(made, x, 0, place, -90.0 * side)
            place += float(rng.uniform(1.2, 2.0))


def shelf(rng: np.random.Generator) -> Prop:
    """A shelf of any size."""
    return bookshelf(rng, float(rng.uniform(0.6, 1.2)), float(rng.uniform(0.7, 2.1)), wood(rng))


def pot_plant(rng: np.random.Generator) -> Prop:
    """A plant that stands on the floor."""
    return plant(rng, float(rng.uniform(0.5, 1.5)))


def sideboard(rng: np.random.Generator) -> Prop:
    """A low cupboard with things on it."""
    width, high = float(rng.uniform(0.8, 1.2)), float(rng.uniform(0.6, 0.9))
    finish = wood(rng) if rng.random() < 0.7 else enamel(rng)
    body = box(width, high - 0.1, 0.42).moved(y=0.1)
    doors = [
        cushion(width / 2 - 0.01, high - 0.12, 0.02, 0.004, steps=1).moved(s * width / 4, 0.11, 0.215) for s in (-1, 1)
    ]
    knobs = [sphere(0.014, 10).moved(s * 0.04, high * 0.6, 0.235) for s in (-1, 1)]
    things = [
        placed(table_lamp(rng) if rng.random() < 0.15 else small_thing(rng), float(x), high, 0)
        for x in np.arange(-width / 2 + 0.15, width / 2 - 0.1, 0.26)
        if rng.random() < 0.7
    ]
    return (Part("sideboard", joined(body, *doors, *knobs, legs(width - 0.1, 0.34, 0.1, 0.04)), finish), *total(things))


def lone_chair(rng: np.random.Generator) -> Prop:
    """A chair against the wall."""
    return chair(rng, wood(rng), fabric(rng) if rng.random() < 0.5 else wood(rng))


def boxes(rng: np.random.Generator) -> Prop:
    """Boxes on boxes."""
    parts: Prop = ()
    level = 0.0
    for _ in range(int(rng.integers(1, 4))):
        made = crate(rng, 0.55)
        parts += placed(made, float(rng.normal(0, 0.03)), level, 0, float(rng.normal(0, 8)))
        level += float(made[0].form.vertices[:, 1].max())
    return parts


AT_HOME = (shelf, pot_plant, sideboard, lone_chair, sideboard, floor_lamp)
AT_WORK = (shelf, pot_plant, boxes, lone_chair, sideboard)
