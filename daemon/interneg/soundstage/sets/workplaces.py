"""Rooms to work in."""

from __future__ import annotations

import numpy as np

from interneg.soundstage.fabrics import fabric
from interneg.soundstage.props import COLD, NEUTRAL, Dressing, Part, Prop, crate, stool, table
from interneg.soundstage.props_hard import bottle, cup, keyboard, monitor, office_chair, window
from interneg.soundstage.props_kitchen import open_shelf, run_of_units
from interneg.soundstage.props_soft import desk_lamp, tube_lamp
from interneg.soundstage.props_work import (
    cabinet,
    drum,
    glassware,
    ladder,
    locker,
    paint_tin,
    pipes,
    tool_wall,
    trolley,
    workbench,
)
from interneg.soundstage.scene import StageSet
from interneg.soundstage.sets import rooms
from interneg.soundstage.sets.arrangements import AT_WORK, boxes, clutter, fill_back_wall, finished, line_sides, shell
from interneg.soundstage.sets.rooms import Hole, Room
from interneg.soundstage.solids import Finish, Form, box, cylinder, joined, plain
from interneg.soundstage.textures import (
    blocks,
    brick,
    concrete,
    earth,
    enamel,
    linear,
    planks,
    plaster,
    steel,
    terrazzo,
    tiles,
    wood,
)


def office(rng: np.random.Generator) -> StageSet:
    """An office: desks with screens, shelves, paper."""
    dressing, room = Dressing(), rooms.planned(rng, (4.0, 8.5), (1.6, 3.2))
    holes = rooms.windows(rng, room)
    shell(rng, dressing, room, holes, (rooms.work_floor(rng), rooms.work_wall(rng)))
    top, cloth = wood(rng) if rng.random() < 0.6 else enamel(rng), fabric(rng)
    count = 1 if room.width < 5 else int(rng.integers(1, 3))
    for index in range(count):
        x = (index - (count - 1) / 2) * float(rng.uniform(2.1, 2.5)) + float(rng.normal(0, 0.1))
        _desk(rng, dressing, (top, cloth), x, float(rng.uniform(-0.9, -0.4)))
    taken = fill_back_wall(rng, dressing, room, holes, enamel(rng) if rng.random() < 0.5 else wood(rng))
    rooms.hang_pictures(rng, dressing, room, 5, taken)
    for _ in range(int(rng.integers(0, 4))):
        dressing.put_loose(crate(rng, 0.5), float(rng.uniform(-room.far + 0.4, room.far - 0.4)), 0, -room.back + 0.7)
    dressing.stand(rng.uniform(-1.3, -0.4), rng.uniform(0.75, 1.2), rng.normal(0, 60))
    dressing.stand(rng.uniform(0.4, 1.3), rng.uniform(0.75, 1.2), rng.normal(0, 60))
    line_sides(rng, dressing, room, AT_WORK)
    return finished(rng, dressing, room, "office")


def workshop(rng: np.random.Generator) -> StageSet:
    """A workshop: benches, tools, drums, pipes."""
    dressing, room = Dressing(), rooms.planned(rng, (4.5, 8.5), (1.7, 3.0))
    holes = rooms.windows(rng, room, 1)
    raised = tuple(Hole(hole.x, 1.3, hole.width, min(hole.height, room.height - 1.5)) for hole in holes)
    ground = rooms.one_of(rng, (concrete, concrete, planks, earth))
    rooms.build(dressing, room, ground, rooms.one_of(rng, (brick, blocks, concrete, planks, plaster)), raised)
    for hole in raised:
        made = window(rng, hole.width, hole.height, rooms.THICKNESS, enamel(rng, wear=0.8))
        dressing.put(made, hole.x, hole.y, -room.back)
    rooms.cover(rng, dressing, room, 0.2)
    taken = _benches(rng, dressing, room, raised)
    _heavy_things(rng, dressing, room, taken)
    if rng.random() < 0.6:
        dressing.put(pipes(rng, room.width - 0.1, room.height), 0, 0, -room.back)
    tint = COLD if rng.random() < 0.5 else NEUTRAL
    for x in (-room.width / 4, room.width / 4):
        if rng.random() < 0.5:
            dressing.put(tube_lamp(1.2, tint), x, room.height - 0.3, -room.back + 0.9)
            dressing.put((Part("hanger", joined(*_hangers()), steel(rng)),), x, room.height - 0.2, -room.back + 0.9)
    if rng.random() < 0.5:
        dressing.put(workbench(rng, 1.4), 0, 0, -0.3, float(rng.choice((0.0, 180.0))))
        clutter(rng, dressing, (-0.1, 0.88, -0.3), (1.0, 0.6), int(rng.integers(4, 12)), workshop_thing)
        dressing.stand(0, -0.95, rng.normal(0, 10))
    for x in rng.uniform((-1.5, 0.4), (-0.4, 1.5)):
        dressing.stand(x, rng.uniform(0.65, 1.2), rng.normal(0, 60))
    line_sides(rng, dressing, room, WORKSHOP)
    return finished(rng, dressing, room, "workshop")


def laboratory(rng: np.random.Generator) -> StageSet:
    """A laboratory: white benches, flasks, screens, hard light."""
    dressing, room = Dressing(), rooms.planned(rng, (4.2, 7.5), (1.7, 2.8))
    holes = tuple(Hole(h.x, 1.2, h.width, min(h.height, room.height - 1.4)) for h in rooms.windows(rng, room, 1))
    walls = rooms.one_of(rng, (tiles, plaster, plaster, concrete))
    shell(rng, dressing, room, holes, (rooms.one_of(rng, (tiles, concrete, terrazzo)), walls), short=True)
    fronts = enamel(rng, linear("dcdcd8") * rng.uniform(0.5, 1), 0.0) if rng.random() < 0.7 else enamel(rng)
    top = plain(linear("e2e2e0") * rng.uniform(0.05, 1.0), 0.25)
    width = min(room.width - 0.4, float(rng.uniform(2.4, 4.0)))
    dressing.put(run_of_units(rng, width, fronts, top), 0, 0, -room.back)
    for x in np.arange(-width / 2 + 0.2, width / 2 - 0.1, 0.24):
        if rng.random() < 0.6:
            dressing.put(glassware(rng), float(x), 0.91, -room.back + float(rng.uniform(0.1, 0.2)))
    if not holes:
        dressing.put(open_shelf(rng, float(rng.uniform(1.0, 1.8))), float(rng.normal(0, 0.3)), 1.45, -room.back)
    _island_bench(rng, dressing, (fronts, top))
    if rng.random() < 0.7:
        dressing.put(tube_lamp(1.5, COLD), 0, room.height - 0.25, -room.back + 0.7)
    for x in rng.uniform((-1.5, 0.5), (-0.5, 1.5)):
        dressing.stand(x, rng.uniform(0.65, 1.1), rng.normal(0, 60))
    dressing.stand(rng.uniform(-0.5, 0.5), -0.95, rng.normal(0, 20))
    line_sides(rng, dressing, room, AT_WORK)
    return finished(rng, dressing, room, "laboratory")


def _island_bench(rng: np.random.Generator, dressing: Dressing, finishes: tuple[Finish, Finish]) -> None:
    """A bench in the middle with a screen and flasks."""
    wide = float(rng.uniform(1.3, 2.0))
    dressing.put((Part("island", box(wide - 0.06, 0.86, 0.64), finishes[0]),), 0, 0, -0.3)
    dressing.put((Part("island_top", box(wide, 0.04, 0.75), finishes[1]),), 0, 0.86, -0.3)
    clutter(rng, dressing, (0.15, 0.9, -0.3), (wide * 0.7, 0.6), int(rng.integers(3, 7)), glassware)
    if rng.random() < 0.7:
        dressing.put(monitor(rng, rng.random() < 0.5), -wide / 2 + 0.3, 0.9, -0.35, float(rng.uniform(-30, 30)))
    if rng.random() < 0.6:
        dressing.put(stool(rng, 0.62, steel(rng)), float(rng.uniform(-0.5, 0.5)), 0, 0.3)


def workshop_thing(rng: np.random.Generator) -> Prop:
    """Something that lies about in workshops."""
    kind = int(rng.integers(4))
    if kind == 0:
        return paint_tin(rng)
    if kind == 1:
        return crate(rng, 0.28)
    return bottle(rng) if kind == 2 else cup(rng)


def _benches(rng: np.random.Generator, dressing: Dressing, room: Room, holes: tuple[Hole, ...]) -> tuple[Hole, ...]:
    """A bench along the back with tools above it; what is taken then."""
    width = float(rng.uniform(1.6, min(3.0, room.width - 1.5)))
    spot = rooms.free_spot(rng, room, width, 0.9, ())
    if spot is None:
        return holes
    dressing.put(workbench(rng, width), spot.x, 0, -room.back + 0.37)
    clutter(
        rng,
        dressing,
        (spot.x - 0.2, 0.88, -room.back + 0.35),
        (width - 0.7, 0.5),
        int(rng.integers(2, 6)),
        workshop_thing,
    )
    board = rooms.free_spot(rng, room, width * 0.8, 2.0, tuple(Hole(h.x, 0, h.width, 3) for h in holes))
    if board is not None:
        dressing.put(tool_wall(rng, width * 0.8, float(rng.uniform(0.6, 0.95))), board.x, 1.1, -room.back)
    return (*holes, Hole(spot.x, 0.0, width, 2.0))


def _heavy_things(rng: np.random.Generator, dressing: Dressing, room: Room, taken: tuple[Hole, ...]) -> None:
    """Drums, cabinets, ladders, lockers and crates where there is room."""
    for _ in range(int(rng.integers(3, 8))):
        kind = int(rng.integers(5))
        spot = rooms.free_spot(rng, room, (0.62, 0.7, 0.5, 1.05, 0.7)[kind], (0.9, 1.0, 2.2, 1.8, 0.8)[kind], taken)
        if spot is None:
            continue
        taken = (*taken, spot)
        if kind == 0:
            dressing.put(drum(rng), spot.x, 0, -room.back + 0.36)
        elif kind == 1:
            dressing.put(cabinet(rng, 0.66, float(rng.uniform(0.6, 1.0))), spot.x, 0, -room.back + 0.3)
        elif kind == 2:
            dressing.put(ladder(rng, 2.1), spot.x, 0, -room.back)
        elif kind == 3:
            dressing.put(locker(rng, 3), spot.x, 0, -room.back + 0.01)
        else:
            dressing.put(boxes(rng), spot.x, 0, -room.back + 0.35)


def _hangers() -> list[Form]:
    return [cylinder(0.004, 0.2, sides=6).moved(x=x) for x in (-0.5, 0.5)]


def _desk(rng: np.random.Generator, dressing: Dressing, finishes: tuple[Finish, Finish], x: float, z: float) -> None:
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
    clutter(rng, dressing, (x - side * 0.25, high, z), (0.5, deep * 0.8), int(rng.integers(2, 7)))


def tool_cabinet(rng: np.random.Generator) -> Prop:
    """A cabinet of drawers of any height."""
    return cabinet(rng, 0.66, float(rng.uniform(0.6, 1.0)))


WORKSHOP = (drum, boxes, tool_cabinet, trolley, boxes)
