"""Rooms that many people pass through: corridors, bars, galleries."""

from __future__ import annotations

import numpy as np

from interneg.soundstage import prints
from interneg.soundstage.fabrics import carpet, wallpaper
from interneg.soundstage.props import COLD, NEUTRAL, Dressing, Part, Prop, stool
from interneg.soundstage.props_hard import bookshelf, door, framed
from interneg.soundstage.props_kitchen import worktop
from interneg.soundstage.props_soft import pendant, plant, table_lamp, tube_lamp
from interneg.soundstage.props_work import (
    back_bar,
    bench,
    locker,
    noticeboard,
    pipes,
    radiator,
    sculpture,
    trolley,
    wall_lamp,
)
from interneg.soundstage.scene import StageSet
from interneg.soundstage.sets import rooms
from interneg.soundstage.sets.arrangements import clutter, finished, line_sides, lone_chair, pot_plant, shell, sideboard
from interneg.soundstage.sets.rooms import Hole, Room
from interneg.soundstage.solids import Finish, box, cushion, joined
from interneg.soundstage.textures import concrete, enamel, marble, parquet, planks, plaster, tiles, wood


def corridor(rng: np.random.Generator) -> StageSet:
    """A corridor that runs away from the camera: doors, benches, lamps along it."""
    dressing = Dressing()
    sides = str(rng.choice(("both", "left", "right"), p=(0.4, 0.3, 0.3)))
    room = Room(
        float(rng.uniform(2.2, 3.8)),
        float(rng.uniform(3.5, 9.0)),
        float(rng.uniform(2.3, 2.8)),
        float(rng.uniform(1.5, 4.8)) if sides != "right" else None,
        float(rng.uniform(1.5, 4.8)) if sides != "left" else None,
    )
    end = rooms.windows(rng, room, 1)
    walls = plaster(rng) if rng.random() < 0.5 else rooms.work_wall(rng)
    shell(rng, dressing, room, end, (rooms.one_of(rng, (carpet, tiles, parquet, concrete, planks)), walls))
    if rng.random() < 0.5:
        _panelled(rng, dressing, room)
    if not end:
        rooms.door_in(rng, dressing, room, ())
    finish = wood(rng) if rng.random() < 0.5 else enamel(rng)
    for side, near in ((-1, room.left), (1, room.right)):
        if near is not None:
            _along(rng, dressing, room, (side, near), finish)
    _lights(rng, dressing, room)
    for z in rng.permutation(np.linspace(-min(room.back - 0.6, 4.0), 1.0, 5))[: int(rng.integers(2, 6))]:
        dressing.stand(
            rng.uniform(-0.5, 0.5) * (room.width - 1.2), z, rng.choice((0, 0, 180, 90, -90)) + rng.normal(0, 20)
        )
    return finished(rng, dressing, room, "corridor")


def bar(rng: np.random.Generator) -> StageSet:
    """A bar: bottles behind, a counter with stools before."""
    dressing, room = Dressing(), rooms.planned(rng, (4.2, 7.5), (2.0, 2.9))
    ground = rooms.one_of(rng, (planks, tiles, parquet, marble, concrete))
    shell(rng, dressing, room, (), (ground, rooms.one_of(rng, (wallpaper, rooms.home_wall, rooms.work_wall))))
    width = float(rng.uniform(2.2, min(4.0, room.width - 0.8)))
    dressing.put(back_bar(rng, width), 0, 0, -room.back)
    _counter(rng, dressing, width)
    rooms.hang_pictures(rng, dressing, room, 4, (Hole(0, 0, width, 2.1),))
    for x in np.linspace(-width / 2 + 0.5, width / 2 - 0.5, 3):
        if rng.random() < 0.45:
            dressing.put(pendant(rng, 2.2), float(x), float(rng.uniform(1.75, 1.95)), -0.45)
    dressing.stand(rng.uniform(-0.8, 0.8), -1.15, rng.normal(0, 15))
    for x in rng.uniform((-1.4, 0.3), (-0.3, 1.4)):
        dressing.stand(x, rng.uniform(0.7, 1.2), rng.normal(90, 70))
    line_sides(rng, dressing, room, (lone_chair, sideboard, pot_plant, lone_chair))
    return finished(rng, dressing, room, "bar")


def gallery(rng: np.random.Generator) -> StageSet:
    """A gallery: large pictures on the walls, sculptures on plinths, a bench."""
    dressing, room = Dressing(), rooms.planned(rng, (5.0, 9.0), (1.6, 3.5))
    ground = rooms.one_of(rng, (parquet, concrete, planks, marble))
    walls = plaster(rng, age=0.1) if rng.random() < 0.8 else concrete(rng)
    shell(rng, dressing, room, (), (ground, walls))
    frame = wood(rng) if rng.random() < 0.5 else enamel(rng, wear=0.0)
    place = -room.far + 0.3
    while place < room.far - 0.9:
        wide, high = (float(v) for v in rng.uniform((0.6, 0.6), (1.6, min(1.5, room.height - 0.9))))
        if place + wide < room.far - 0.2:
            made = framed(prints.picture(rng), wide, high, frame, float(rng.uniform(0.012, 0.07)))
            dressing.put(made, place + wide / 2, 1.55 - high / 2, -room.back)
        place += wide + float(rng.uniform(0.25, 0.7))
    rooms.hang_on_sides(rng, dressing, room, frame)
    for x in np.linspace(-room.far + 0.6, room.far - 0.6, 4):
        if rng.random() < 0.6:
            dressing.put(
                sculpture(rng), float(x), 0, -float(rng.uniform(0.9, room.back - 0.5)), float(rng.uniform(0, 90))
            )
    dressing.put(bench(rng, 1.4), float(rng.normal(0, 0.2)), 0, 0.1)
    dressing.sit(float(rng.uniform(-0.4, 0.4)), 0.45, 0.1, float(rng.choice((0.0, 180.0))))
    for x in rng.uniform((-1.8, 0.5), (-0.5, 1.8)):
        dressing.stand(x, rng.uniform(0.6, 1.1), rng.uniform(0, 360))
    return finished(rng, dressing, room, "gallery")


def _panelled(rng: np.random.Generator, dressing: Dressing, room: Room) -> None:
    """The lower half of the walls in another finish: boards, tiles or paint."""
    finish = rooms.one_of(rng, (planks, tiles, enamel, wood))
    high = float(rng.uniform(0.8, 1.3))
    dressing.put((Part("dado", box(room.width, high, 0.012), finish),), 0, 0, -room.back + 0.006)
    for side, near in ((-1, room.left), (1, room.right)):
        if near is not None:
            strip = box(0.012, high, near + room.back)
            dressing.put((Part("dado", strip, finish),), side * (room.width / 2 - 0.006), 0, (near - room.back) / 2)


def _along(
    rng: np.random.Generator, dressing: Dressing, room: Room, side_near: tuple[int, float], finish: Finish
) -> None:
    """Doors and other things along one side wall, from its far end to its near end."""
    side, near = side_near
    place = -room.back + float(rng.uniform(0.5, 1.0))
    while place < min(near, 3.0) - 1.3:
        long = _one_along(rng, dressing, (side * (room.width / 2 - 0.014), place, -90.0 * side), finish)
        place += long + float(rng.uniform(0.3, 1.2))


def _one_along(rng: np.random.Generator, dressing: Dressing, at: tuple[float, float, float], finish: Finish) -> float:
    """One thing against a side wall, its far end at that z; how long it is."""
    x, z, turn = at
    kind = str(rng.choice(("door", "door", "door", "bench", "lockers", "shelf", "plant", "hung", "hung", "hung")))
    away = x - float(np.sign(x)) * 0.24
    if kind == "door":
        dressing.put(door(rng, 2.02, finish), x, 0, z + 0.6, turn)
    elif kind == "bench":
        dressing.put(bench(rng, 1.2), away, 0, z + 0.6, turn)
        dressing.sit(away, 0.45, z + 0.6, turn)
    elif kind == "lockers":
        count = int(rng.integers(2, 6))
        dressing.put(locker(rng, count), x, 0, z + count * 0.17, turn)
        return count * 0.34
    elif kind == "shelf":
        dressing.put(
            bookshelf(rng, 0.9, float(rng.uniform(0.9, 2.0)), wood(rng)),
            x - float(np.sign(x)) * 0.165,
            0,
            z + 0.6,
            turn,
        )
    elif kind == "plant":
        dressing.put(plant(rng, float(rng.uniform(0.6, 1.3))), x - float(np.sign(x)) * 0.35, 0, z + 0.3)
        return 0.6
    else:
        made, y = _hung(rng)
        dressing.put(made, x, y, z + 0.6, turn)
    return 1.2


def _hung(rng: np.random.Generator) -> tuple[Prop, float]:
    """Something that hangs on a wall, and how high."""
    kind = int(rng.integers(4))
    if kind == 0:
        return noticeboard(rng, 1.2, 0.8), 1.1
    if kind == 1:
        return radiator(rng, 1.0), 0.0
    if kind == 2:
        return wall_lamp(rng), 1.7
    wide, high = (float(v) for v in rng.uniform(0.4, 0.9, 2))
    return framed(prints.picture(rng), wide, high, wood(rng)), 1.6 - high / 2


def _lights(rng: np.random.Generator, dressing: Dressing, room: Room) -> None:
    """Tubes across the corridor on beams, or a pipe run; sometimes a trolley left behind."""
    tint = COLD if rng.random() < 0.5 else NEUTRAL
    for z in np.arange(-room.back + 1.2, 0.5, float(rng.uniform(1.6, 2.6)))[:3]:
        if rng.random() < 0.6:
            dressing.put(tube_lamp(1.2, tint), 0, room.height - 0.15, float(z))
            beam = box(room.width, 0.08, 0.1).moved(y=room.height - 0.05)
            dressing.put((Part("beam", beam, plaster(rng)),), 0, 0, float(z))
    if rng.random() < 0.4:
        dressing.put(pipes(rng, room.width - 0.1, room.height), 0, 0, -room.back)
    if rng.random() < 0.3:
        side = float(rng.choice((-1, 1)))
        dressing.put(trolley(rng), side * (room.width / 2 - 0.4), 0, 0.2, 90)


def _counter(rng: np.random.Generator, dressing: Dressing, width: float) -> None:
    """The counter, its rail and stools, and what stands on it."""
    front = rooms.one_of(rng, (planks, wood, enamel, tiles, marble))
    posts = [
        box(0.05, 1.0, 0.03).moved(x=float(x), z=0.26) for x in np.linspace(-width / 2 + 0.03, width / 2 - 0.03, 6)
    ]
    dressing.put((Part("counter", joined(box(width, 1.03, 0.5), *posts), front),), 0, 0, -0.5)
    top = cushion(width + 0.1, 0.045, 0.66, 0.012)
    dressing.put((Part("counter_top", top, worktop(rng)),), 0, 1.03, -0.46)
    clutter(rng, dressing, (0, 1.075, -0.46), (width, 0.6), int(rng.integers(3, 7)))
    if rng.random() < 0.5:
        dressing.put(table_lamp(rng), float(rng.choice((-1, 1))) * (width / 2 - 0.25), 1.075, -0.46)
    finish = wood(rng)
    for x in np.arange(-width / 2 + 0.4, width / 2 - 0.2, 0.65):
        if rng.random() < 0.7:
            dressing.put(stool(rng, 0.74, finish), float(x), 0, 0.12)
            if rng.random() < 0.4:
                dressing.sit(float(x), 0.74, 0.12, float(rng.choice((0.0, 40.0, -40.0))))
