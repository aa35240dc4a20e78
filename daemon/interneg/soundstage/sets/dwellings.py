"""Rooms to live in."""

from __future__ import annotations

import numpy as np

from interneg.soundstage.fabrics import fabric, rug, weave
from interneg.soundstage.props import Dressing, Part, chair, stool, table
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
from interneg.soundstage.props_soft import bed, floor_lamp, pendant, rug_on_floor, sofa
from interneg.soundstage.scene import StageSet
from interneg.soundstage.sets import rooms
from interneg.soundstage.sets.arrangements import (
    AT_HOME,
    clutter,
    fill_back_wall,
    finished,
    line_sides,
    shell,
    side_table,
)
from interneg.soundstage.sets.rooms import Hole, Room
from interneg.soundstage.solids import Finish, box, cushion, joined, plain, sphere
from interneg.soundstage.textures import enamel, leather, linear, metro_tiles, planks, steel, tiles, wood


def living_room(rng: np.random.Generator) -> StageSet:
    """A living room: a sofa and chairs about a low table."""
    dressing, room = Dressing(), rooms.planned(rng, (4.5, 7.8), (1.5, 2.6))
    holes = rooms.windows(rng, room)
    shell(rng, dressing, room, holes, (rooms.home_floor(rng), rooms.home_wall(rng)))
    cloth = leather(rng) if rng.random() < 0.25 else fabric(rng)
    if rng.random() < 0.75:
        wide, deep = rng.uniform((1.8, 1.3), (2.8, 1.9))
        dressing.put(rug_on_floor(float(wide), float(deep), rug(rng)), degrees=float(rng.normal(0, 3)))
    if rng.random() < 0.55:
        taken = _sofa_at_back(rng, dressing, room, cloth, holes)
    else:
        taken = _sofas_face_each_other(rng, dressing, room, cloth, holes)
    _low_table(rng, dressing)
    taken = fill_back_wall(rng, dressing, room, taken, wood(rng))
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
    dressing.stand(rng.uniform(-1.2, -0.5), rng.uniform(0.95, 1.35), rng.normal(20, 40))
    dressing.stand(rng.uniform(0.5, 1.2), rng.uniform(0.95, 1.35), rng.normal(-20, 40))
    line_sides(rng, dressing, room, AT_HOME)
    return finished(rng, dressing, room, "living_room")


def kitchen(rng: np.random.Generator) -> StageSet:
    """A kitchen: units along the back, a table or an island in the middle."""
    dressing, room = Dressing(), rooms.planned(rng, (3.4, 6.0), (1.9, 2.9))
    holes = rooms.windows(rng, room, 1)
    raised = tuple(Hole(h.x, 1.15, h.width, min(h.height, room.height - 1.4)) for h in holes)
    ground = rooms.home_floor(rng) if rng.random() < 0.4 else tiles(rng)
    shell(rng, dressing, room, raised, (ground, rooms.home_wall(rng)), short=True)
    _units(rng, dressing, room, raised)
    if rng.random() < 0.6:
        _dining(rng, dressing)
    else:
        _island(rng, dressing)
    dressing.stand(rng.uniform(-1.3, -0.7), rng.uniform(0.75, 1.2), rng.normal(40, 40))
    dressing.stand(rng.uniform(0.7, 1.3), rng.uniform(0.75, 1.2), rng.normal(-40, 40))
    line_sides(rng, dressing, room, AT_HOME)
    return finished(rng, dressing, room, "kitchen")


def bedroom(rng: np.random.Generator) -> StageSet:
    """A bedroom: the bed with its head at the back, lamps beside it, a wardrobe."""
    dressing, room = Dressing(), rooms.planned(rng, (3.6, 6.0), (2.1, 2.8))
    holes = rooms.windows(rng, room)
    shell(rng, dressing, room, holes, (rooms.home_floor(rng), rooms.home_wall(rng)))
    width = float(rng.choice((0.95, 1.4, 1.7)))
    x, z = float(rng.normal(0, 0.2)), -room.back + 1.12
    sheet = weave(rng) if rng.random() < 0.5 else plain(linear("e6e2da") * rng.uniform(0.6, 1.0), 0.9)
    dressing.put(bed(rng, width, sheet, fabric(rng)), x, 0, z)
    dressing.sit(x + float(rng.choice((-1, 1))) * (width / 2 - 0.12), 0.47, z + 0.3, float(rng.choice((-90.0, 90.0))))
    dressing.sit(x, 0.47, z + 0.85, float(rng.normal(0, 15)))
    for side in (-1, 1):
        if rng.random() < 0.8 and room.far > width / 2 + 0.6:
            side_table(rng, dressing, x + side * (width / 2 + 0.36), -room.back + 0.35)
    taken = (*holes, Hole(x, 0.0, width + 1.3, 1.4))
    taken = _wardrobe(rng, dressing, room, taken)
    taken = fill_back_wall(rng, dressing, room, taken, wood(rng))
    rooms.hang_pictures(rng, dressing, room, 3, taken)
    if rng.random() < 0.5:
        dressing.put(rug_on_floor(1.8, 1.2, rug(rng)), x, 0, z + 1.5)
    if rng.random() < 0.3:
        dressing.put(pendant(rng, 1.8), 0, 1.95, -0.5)
    for spot in rng.uniform((-1.3, 0.4), (-0.4, 1.3)):
        dressing.stand(spot, rng.uniform(0.7, 1.2), rng.normal(0, 60))
    line_sides(rng, dressing, room, AT_HOME)
    return finished(rng, dressing, room, "bedroom")


def _wardrobe(rng: np.random.Generator, dressing: Dressing, room: Room, taken: tuple[Hole, ...]) -> tuple[Hole, ...]:
    """A wardrobe against the back wall where there is room; what is taken then."""
    width = float(rng.uniform(0.8, 1.3))
    spot = rooms.free_spot(rng, room, width, 2.0, taken)
    if spot is None:
        return taken
    body = box(width, 2.0, 0.55).moved(z=0.275)
    doors = [cushion(width / 2 - 0.01, 1.88, 0.024, 0.006, steps=1).moved(s * width / 4, 0.07, 0.56) for s in (-1, 1)]
    knobs = [sphere(0.02, 12).moved(s * 0.05, 1.0, 0.59) for s in (-1, 1)]
    dressing.put(
        (Part("wardrobe", joined(body, *doors), wood(rng) if rng.random() < 0.6 else enamel(rng)),),
        spot.x,
        0,
        -room.back,
    )
    dressing.put((Part("knobs", joined(*knobs), steel(rng)),), spot.x, 0, -room.back)
    return (*taken, spot)


def _sofa_at_back(
    rng: np.random.Generator, dressing: Dressing, room: Room, cloth: Finish, taken: tuple[Hole, ...]
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
            side_table(rng, dressing, side * (width / 2 + 0.35), z)
    return (*taken, Hole(0.0, 0.0, width + 0.2, 1.0)) if room.back < 2 else taken


def _sofas_face_each_other(
    rng: np.random.Generator, dressing: Dressing, room: Room, cloth: Finish, taken: tuple[Hole, ...]
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
    clutter(rng, dressing, (0.0, high, 0.0), (wide, deep), int(rng.integers(2, 6)))


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
    clutter(rng, dressing, (0.0, 0.74, -0.15), (wide * 0.8, deep * 0.8), int(rng.integers(2, 6)))
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
    clutter(rng, dressing, (0.0, WORKTOP, -0.3), (wide, 0.7), int(rng.integers(2, 6)))
    finish = wood(rng)
    for x in np.arange(-wide / 2 + 0.3, wide / 2, 0.5):
        dressing.put(stool(rng, 0.66, finish), float(x), 0, 0.32)
    for x in (-wide / 3, wide / 3):
        if rng.random() < 0.6:
            dressing.put(pendant(rng, 2.0), x, float(rng.uniform(1.6, 1.8)), -0.3)
    dressing.stand(0, -0.98, 0)
