"""Rooms to live and work in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from interneg.soundstage.fabrics import fabric, rug
from interneg.soundstage.props import Dressing, Part, chair, crate, stool, table
from interneg.soundstage.props_hard import (
    bookshelf,
    bottle,
    cup,
    keyboard,
    monitor,
    office_chair,
    ornament,
    papers,
    pile,
)
from interneg.soundstage.props_kitchen import (
    WORKTOP,
    fridge,
    fruit,
    kitchen_thing,
    open_shelf,
    run_of_units,
    wall_units,
    worktop,
)
from interneg.soundstage.props_soft import desk_lamp, floor_lamp, pendant, plant, rug_on_floor, sofa, table_lamp
from interneg.soundstage.scene import StageSet
from interneg.soundstage.sets import rooms
from interneg.soundstage.sets.rooms import Hole, Room
from interneg.soundstage.solids import box, cushion
from interneg.soundstage.textures import enamel, leather, metro_tiles, planks, tiles, wood


def living_room(rng: np.random.Generator) -> StageSet:
    """A living room: a sofa and chairs about a low table."""
    dressing, room = Dressing(), rooms.planned(rng, (3.8, 7.5), (1.5, 2.6))
    holes = rooms.windows(rng, room)
    _shell(rng, dressing, room, holes, (rooms.home_floor(rng), rooms.home_wall(rng)))
    cloth = leather(rng) if rng.random() < 0.25 else fabric(rng)
    if rng.random() < 0.75:
        wide, deep = rng.uniform((1.8, 1.3), (2.8, 1.9))
        dressing.put(rug_on_floor(float(wide), float(deep), rug(rng)), degrees=float(rng.normal(0, 3)))
    if rng.random() < 0.55:
        taken = _sofa_at_back(rng, dressing, room, cloth, holes)
    else:
        taken = _sofas_face_each_other(rng, dressing, room, cloth, holes)
    _low_table(rng, dressing)
    taken = _fill_back_wall(rng, dressing, room, taken, wood(rng))
    rooms.hang_pictures(rng, dressing, room, 4, taken)
    if rng.random() < 0.5:
        dressing.put(
            floor_lamp(rng),
            float(rng.choice((-1, 1))) * float(rng.uniform(1.35, 1.6)),
            0,
            float(rng.uniform(-1.2, -0.9)),
        )
    if rng.random() < 0.35:
        dressing.put(pendant(rng, 1.8), 0, 1.95, -0.2)
    dressing.stand(rng.uniform(-1.2, -0.5), rng.uniform(0.75, 1.2), rng.normal(20, 40))
    dressing.stand(rng.uniform(0.5, 1.2), rng.uniform(0.75, 1.2), rng.normal(-20, 40))
    return _finished(rng, dressing, room, "living_room")


def office(rng: np.random.Generator) -> StageSet:
    """An office: desks with screens, shelves, paper."""
    dressing, room = Dressing(), rooms.planned(rng, (4.0, 8.5), (1.6, 3.2))
    holes = rooms.windows(rng, room)
    _shell(rng, dressing, room, holes, (rooms.work_floor(rng), rooms.work_wall(rng)))
    top, cloth = wood(rng) if rng.random() < 0.6 else enamel(rng), fabric(rng)
    count = 1 if room.width < 5 else int(rng.integers(1, 3))
    for index in range(count):
        x = (index - (count - 1) / 2) * float(rng.uniform(2.1, 2.5)) + float(rng.normal(0, 0.1))
        _desk(rng, dressing, (top, cloth), x, float(rng.uniform(-0.5, 0.0)))
    taken = _fill_back_wall(rng, dressing, room, holes, enamel(rng) if rng.random() < 0.5 else wood(rng))
    rooms.hang_pictures(rng, dressing, room, 5, taken)
    for _ in range(int(rng.integers(0, 4))):
        dressing.put_loose(
            crate(rng, enamel(rng)), float(rng.uniform(-room.far + 0.4, room.far - 0.4)), 0, -room.back + 0.7
        )
    dressing.stand(rng.uniform(-1.3, -0.4), rng.uniform(0.75, 1.2), rng.normal(0, 60))
    dressing.stand(rng.uniform(0.4, 1.3), rng.uniform(0.75, 1.2), rng.normal(0, 60))
    return _finished(rng, dressing, room, "office")


def kitchen(rng: np.random.Generator) -> StageSet:
    """A kitchen: units along the back, a table or an island in the middle."""
    dressing, room = Dressing(), rooms.planned(rng, (3.4, 6.0), (1.9, 2.9))
    holes = rooms.windows(rng, room, 1)
    raised = tuple(Hole(h.x, 1.15, h.width, min(h.height, room.height - 1.4)) for h in holes)
    ground = rooms.home_floor(rng) if rng.random() < 0.4 else tiles(rng)
    _shell(rng, dressing, room, raised, (ground, rooms.home_wall(rng)))
    _units(rng, dressing, room, raised)
    if rng.random() < 0.6:
        _dining(rng, dressing)
    else:
        _island(rng, dressing)
    dressing.stand(rng.uniform(-1.3, -0.7), rng.uniform(0.75, 1.2), rng.normal(40, 40))
    dressing.stand(rng.uniform(0.7, 1.3), rng.uniform(0.75, 1.2), rng.normal(-40, 40))
    return _finished(rng, dressing, room, "kitchen")


INTERIORS: tuple[Callable[[np.random.Generator], StageSet], ...] = (living_room, office, kitchen)


def _shell(
    rng: np.random.Generator,
    dressing: Dressing,
    room: Room,
    holes: tuple[Hole, ...],
    finishes: tuple[rooms.Finish, rooms.Finish],
) -> None:
    """The room itself, its windows, trim and ceiling."""
    rooms.build(dressing, room, *finishes, holes)
    rooms.glaze(rng, dressing, room, holes)
    rooms.trim(rng, dressing, room)
    rooms.cover(rng, dressing, room)


def _sofa_at_back(
    rng: np.random.Generator, dressing: Dressing, room: Room, cloth: rooms.Finish, taken: tuple[Hole, ...]
) -> tuple[Hole, ...]:
    """The sofa by the back wall, looking at the camera; an armchair or two beside the table."""
    width = float(rng.uniform(1.5, 2.3))
    z = -min(room.back - 0.55, 1.35)
    dressing.put(sofa(rng, width, cloth, fabric(rng)), 0, 0, z, float(rng.normal(0, 2)))
    for x in (-width / 4, width / 4):
        dressing.sit(x, 0.44, z + 0.1, float(rng.normal(0, 25)))
    for side in (-1, 1):
        if rng.random() < 0.5:
            turn = -side * float(rng.uniform(60, 110))
            other = cloth if rng.random() < 0.5 else fabric(rng)
            dressing.put(sofa(rng, 0.9, other, fabric(rng)), side * 1.55, 0, -0.15, turn)
            dressing.sit(side * 1.5, 0.44, -0.15, turn)
        elif room.far > 1.9:
            _side_table(rng, dressing, side * (width / 2 + 0.35), z)
    return (*taken, Hole(0.0, 0.0, width + 0.2, 1.0)) if room.back < 2 else taken


def _sofas_face_each_other(
    rng: np.random.Generator, dressing: Dressing, room: Room, cloth: rooms.Finish, taken: tuple[Hole, ...]
) -> tuple[Hole, ...]:
    """Sofas or chairs left and right of the table."""
    for side in (-1, 1):
        width = float(rng.choice((0.9, 1.6, 1.9)))
        width = min(width, 2 * (room.back - 0.45))
        turn = -side * 90.0 + float(rng.normal(0, 6))
        dressing.put(sofa(rng, width, cloth, fabric(rng)), side * 1.35, 0, -0.2, turn)
        dressing.sit(side * 1.28, 0.44, -0.2, turn)
    return taken


def _low_table(rng: np.random.Generator, dressing: Dressing) -> None:
    """The low table and what has gathered on it."""
    high = float(rng.uniform(0.36, 0.46))
    wide, deep = (0.7, 0.7) if rng.random() < 0.3 else (float(rng.uniform(0.8, 1.1)), 0.55)
    finish = wood(rng) if rng.random() < 0.7 else enamel(rng)
    dressing.put(table(rng, wide, deep, high, finish), 0, 0, 0)
    _clutter(rng, dressing, (0.0, high, 0.0), (wide, deep), int(rng.integers(2, 6)))


def _side_table(rng: np.random.Generator, dressing: Dressing, x: float, z: float) -> None:
    """A small table with a lamp."""
    dressing.put(table(rng, 0.42, 0.42, 0.55, wood(rng)), x, 0, z)
    if rng.random() < 0.6:
        dressing.put(table_lamp(rng), x, 0.55, z)
    else:
        dressing.put(ornament(rng, 0.4), x, 0.55, z)


def _desk(
    rng: np.random.Generator, dressing: Dressing, finishes: tuple[rooms.Finish, rooms.Finish], x: float, z: float
) -> None:
    """A desk with its chair, screen and papers; whoever sits there looks at the camera or away."""
    wide, deep, high = float(rng.uniform(1.2, 1.7)), float(rng.uniform(0.65, 0.8)), 0.74
    dressing.put(table(rng, wide, deep, high, finishes[0]), x, 0, z)
    towards = 1 if rng.random() < 0.7 else -1  # where the one who sits there looks
    seat_z = z - towards * (deep / 2 + 0.25)
    facing = 0.0 if towards > 0 else 180.0
    dressing.put(office_chair(rng, finishes[1]), x, 0, seat_z, facing + float(rng.normal(0, 15)))
    dressing.sit(x, 0.49, seat_z, facing)
    side = float(rng.choice((-1, 1)))
    dressing.put(
        monitor(rng, rng.random() < 0.3), x + side * 0.3, high, z + towards * 0.18, facing + 180 - side * towards * 20
    )
    dressing.put(keyboard(rng), x, high, z - towards * 0.15, facing + 180)
    if rng.random() < 0.6:
        dressing.put(desk_lamp(rng), x - side * wide * 0.38, high, z + towards * 0.15, facing + 180)
    _clutter(rng, dressing, (x - side * 0.25, high, z), (0.5, deep * 0.8), int(rng.integers(1, 5)))


def _clutter(
    rng: np.random.Generator,
    dressing: Dressing,
    middle: tuple[float, float, float],
    size: tuple[float, float],
    count: int,
) -> None:
    """Small things on a top of that size, no two in one place."""
    cells = [(i, j) for i in range(3) for j in range(2)]
    for index in rng.permutation(len(cells))[:count]:
        across, along = cells[int(index)]
        x = middle[0] + size[0] * ((across + 0.5) / 3 - 0.5) * 0.85 + float(rng.normal(0, 0.01))
        z = middle[2] + size[1] * ((along + 0.5) / 2 - 0.5) * 0.8 + float(rng.normal(0, 0.01))
        thing = _small_thing(rng)
        dressing.put_loose(thing, x, middle[1], z, float(rng.uniform(-30, 30)))


def _small_thing(rng: np.random.Generator) -> tuple[Part, ...]:
    makers = (cup, bottle, papers, pile, cup)
    kind = int(rng.integers(len(makers) + 1))
    return ornament(rng, 0.22) if kind == len(makers) else makers[kind](rng)


def _fill_back_wall(
    rng: np.random.Generator, dressing: Dressing, room: Room, taken: tuple[Hole, ...], finish: rooms.Finish
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


def _finished(rng: np.random.Generator, dressing: Dressing, room: Room, kind: str) -> StageSet:
    """The set with the light from outside and the box where the camera may stand."""
    reach = room.width / 2 - 0.5
    focus = (float(rng.normal(0, 0.2)), float(rng.uniform(0.9, 1.3)), float(rng.uniform(-0.5, 0.2)))
    return dressing.done(kind, rooms.outside(rng), (-reach, 0.8, 1.9), (reach, 2.0, 4.6), focus)


def _units(rng: np.random.Generator, dressing: Dressing, room: Room, holes: tuple[Hole, ...]) -> None:
    """The units along the back wall, a fridge at one end, cupboards or boards above where no window is."""
    side = float(rng.choice((-1, 1)))
    width = min(room.width - 0.9, float(rng.uniform(2.4, 4.2)))
    middle = -side * 0.35
    fronts = enamel(rng, wear=0.0) if rng.random() < 0.6 else wood(rng)
    dressing.put(run_of_units(rng, width, fronts, worktop(rng)), middle, 0, -room.back)
    if rng.random() < 0.85:
        dressing.put(fridge(rng), middle + side * (width / 2 + 0.34), 0, -room.back)
    splash = metro_tiles(rng) if rng.random() < 0.5 else tiles(rng, edge=0.1)
    top = min(1.42, *(h.y - 0.04 for h in holes)) if holes else 1.42
    dressing.put((Part("splashback", box(width, top - WORKTOP, 0.01), splash),), middle, WORKTOP, -room.back + 0.006)
    taken = tuple(Hole(h.x, 0.0, h.width + 0.7, 3.0) for h in holes)
    for _ in range(4):
        wide = float(rng.uniform(0.6, 1.6))
        spot = rooms.free_spot(rng, room, wide, 2.0, taken)
        if spot is not None and abs(spot.x - middle) + wide / 2 < width / 2:
            above = wall_units(rng, wide, fronts) if rng.random() < 0.6 else open_shelf(rng, wide)
            dressing.put(above, spot.x, float(rng.uniform(1.43, 1.5)), -room.back)
            taken = (*taken, spot)
    for x in np.arange(middle - width / 2 + 0.15, middle + width / 2 - 0.1, 0.22):
        if rng.random() < 0.45:
            dressing.put_loose(kitchen_thing(rng), float(x), WORKTOP, -room.back + 0.12, float(rng.uniform(0, 360)))


def _dining(rng: np.random.Generator, dressing: Dressing) -> None:
    """A table with its chairs, where people sit."""
    round_one = rng.random() < 0.35
    wide, deep = (1.05, 1.05) if round_one else (float(rng.uniform(1.1, 1.6)), 0.75)
    finish, seat = wood(rng), fabric(rng) if rng.random() < 0.5 else wood(rng)
    dressing.put(table(rng, wide, deep, 0.74, finish), 0, 0, -0.15)
    _clutter(rng, dressing, (0.0, 0.74, -0.15), (wide * 0.8, deep * 0.8), int(rng.integers(2, 6)))
    if rng.random() < 0.5:
        dressing.put(fruit(rng), 0, 0.74, -0.15)
    for side in (-1, 1):
        dressing.put(
            chair(rng, finish, seat), side * (wide / 2 + 0.12), 0, -0.15, -side * 90.0 + float(rng.normal(0, 8))
        )
        dressing.sit(side * (wide / 2 + 0.1), 0.46, -0.15, -side * 90.0)
    if rng.random() < 0.6:
        dressing.put(chair(rng, finish, seat), 0, 0, -0.15 - deep / 2 - 0.2, float(rng.normal(0, 10)))
        dressing.sit(0, 0.46, -0.15 - deep / 2 - 0.18, 0)
    if rng.random() < 0.5:
        dressing.put(pendant(rng, 2.0), 0, float(rng.uniform(1.5, 1.75)), -0.15)


def _island(rng: np.random.Generator, dressing: Dressing) -> None:
    """An island with stools, people stand about it."""
    wide = float(rng.uniform(1.3, 1.9))
    front = enamel(rng, wear=0.0) if rng.random() < 0.5 else planks(rng)
    dressing.put((Part("island", box(wide, 0.87, 0.7), front),), 0, 0, -0.3)
    dressing.put((Part("island_top", cushion(wide + 0.12, 0.04, 0.85, 0.008), worktop(rng)),), 0, 0.87, -0.3)
    _clutter(rng, dressing, (0.0, WORKTOP, -0.3), (wide, 0.7), int(rng.integers(2, 6)))
    finish = wood(rng)
    for x in np.arange(-wide / 2 + 0.3, wide / 2, 0.5):
        dressing.put(stool(rng, 0.66, finish), float(x), 0, 0.32)
    for x in (-wide / 3, wide / 3):
        if rng.random() < 0.6:
            dressing.put(pendant(rng, 2.0), x, float(rng.uniform(1.6, 1.8)), -0.3)
    dressing.stand(0, -0.98, 0)
