"""The shell of a room: floor, walls with their openings, skirting, a piece of ceiling, and the light from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from interneg.soundstage.fabrics import carpet, fabric, wallpaper
from interneg.soundstage.prints import backing, picture
from interneg.soundstage.props import Dressing, Part
from interneg.soundstage.props_hard import blind, door, framed, window
from interneg.soundstage.props_soft import curtain
from interneg.soundstage.scene import Surroundings
from interneg.soundstage.solids import Finish, box, floor, joined, sphere, tube, wall
from interneg.soundstage.textures import (
    LACQUERS,
    blocks,
    brick,
    colour,
    concrete,
    enamel,
    linear,
    parquet,
    planks,
    plaster,
    steel,
    tiles,
    wood,
)

THICKNESS = 0.12  # metres, of a set's walls


@dataclass(frozen=True, eq=False)
class Room:
    """A room as it is planned: width along x, its back wall at z = -back, open in front.

    Convention: left and right are how far the side walls come forward, in z, or nothing where there is none.
    """

    width: float
    back: float
    height: float
    left: float | None
    right: float | None

    @property
    def far(self) -> float:
        """How far to the side things may stand."""
        return self.width / 2 - 0.05


def planned(rng: np.random.Generator, widths: tuple[float, float], backs: tuple[float, float]) -> Room:
    """A room of any size between those, with both side walls, one or none."""
    sides = rng.choice(("both", "left", "right", "none"), p=(0.4, 0.22, 0.22, 0.16))
    ends = [float(rng.uniform(1.2, 4.5)) for _ in range(2)]
    return Room(
        float(rng.uniform(*widths)) + (1.5 if sides == "none" else 0.0),
        float(rng.uniform(*backs)),
        float(rng.uniform(2.35, 3.3)),
        ends[0] if sides in ("both", "left") else None,
        ends[1] if sides in ("both", "right") else None,
    )


def home_wall(rng: np.random.Generator) -> Finish:
    """What a dwelling's walls are covered with."""
    return one_of(rng, (plaster, wallpaper, plaster, wallpaper, planks, brick))


def work_wall(rng: np.random.Generator) -> Finish:
    """What the walls of places of work are."""
    return one_of(rng, (plaster, concrete, blocks, brick, plaster))


def home_floor(rng: np.random.Generator) -> Finish:
    """What people have under their feet at home."""
    return one_of(rng, (planks, parquet, carpet, planks, tiles))


def work_floor(rng: np.random.Generator) -> Finish:
    """What people have under their feet at work."""
    return one_of(rng, (carpet, concrete, tiles, planks))


def build(
    dressing: Dressing, room: Room, floor_finish: Finish, wall_finish: Finish, holes: tuple[Hole, ...] = ()
) -> None:
    """Puts up the floor and the walls, with holes in the back wall."""
    reach = 7.0
    ground = floor(room.width + 4, room.back + reach).moved(z=(reach - room.back) / 2)
    dressing.put((Part("floor", ground, floor_finish),))
    rear = wall(room.width, room.height, THICKNESS, tuple(hole.edges for hole in holes))
    dressing.put((Part("back_wall", rear, wall_finish),), z=-room.back)
    for side, end in ((-1, room.left), (1, room.right)):
        if end is not None:
            length = end + room.back
            flank = wall(length, room.height, THICKNESS).turned(-90.0 * side)
            dressing.put((Part("side_wall", flank, wall_finish),), side * room.width / 2, 0, (end - room.back) / 2)


Edges = tuple[float, float, float, float]


@dataclass(frozen=True)
class Hole:
    """An opening in a back wall: its middle, its foot and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def edges(self) -> Edges:
        """Left, bottom, right, top."""
        return self.x - self.width / 2, self.y, self.x + self.width / 2, self.y + self.height


def windows(rng: np.random.Generator, room: Room, most: int = 2) -> tuple[Hole, ...]:
    """Where windows go in the back wall: none, one or two."""
    count = int(rng.integers(0, most + 1))
    if count == 0:
        return ()
    wide = float(rng.uniform(0.7, min(1.7, room.width / count * 0.45)))
    foot = float(rng.uniform(0.6, 1.05))
    high = float(rng.uniform(0.9, room.height - foot - 0.2))
    part = room.width / count
    shift = float(rng.uniform(-0.3, 0.3)) * (part - wide)
    return tuple(Hole(-room.width / 2 + part * (i + 0.5) + shift, foot, wide, high) for i in range(count))


def glaze(
    rng: np.random.Generator, dressing: Dressing, room: Room, holes: tuple[Hole, ...], short: bool = False
) -> None:
    """Fits the windows, with curtains or blinds to some; short curtains end at the sill."""
    finish = wood(rng) if rng.random() < 0.4 else enamel(rng, linear("e9e6de") * rng.uniform(0.5, 1), 0.2)
    cloth, kind = fabric(rng), float(rng.random())
    for hole in holes:
        dressing.put(window(rng, hole.width, hole.height, THICKNESS, finish), hole.x, hole.y, -room.back)
        if kind < 0.55:
            _hang_curtains(rng, dressing, room, hole, cloth, hole.y - 0.08 if short else 0.02)
        elif kind < 0.75:
            drop = hole.height * float(rng.uniform(0.3, 0.98))
            made = blind(rng, hole.width - 0.08, drop, enamel(rng, wear=0.0))
            dressing.put(made, hole.x, hole.y + hole.height - drop, -room.back + 0.03)
    if holes and rng.random() < 0.4:
        canvas = framed(backing(rng), room.width, 3.2, finish)
        dressing.put(canvas, 0, -0.3, -room.back - float(rng.uniform(1.5, 3.0)))


def _hang_curtains(
    rng: np.random.Generator, dressing: Dressing, room: Room, hole: Hole, cloth: Finish, foot: float
) -> None:
    """A pair of curtains down to `foot`, and their pole."""
    top = min(hole.y + hole.height + 0.12, room.height - 0.05)
    for side in (-1, 1):
        wide = hole.width * float(rng.uniform(0.3, 0.5))
        x = float(np.clip(hole.x + side * (hole.width / 2 + 0.05), wide / 2 - room.far, room.far - wide / 2))
        dressing.put(curtain(rng, wide, top - foot, cloth), x, foot, -room.back + 0.19)
    reach = min(hole.width / 2 + 0.35, room.far - abs(hole.x))
    pole = np.array([(-reach, 0, 0), (0, 0, 0), (reach, 0, 0)])
    ends = [sphere(0.025, 12).moved(x=side * reach, y=-0.025) for side in (-1, 1)]
    dressing.put((Part("pole", joined(tube(pole, 0.012), *ends), steel(rng)),), hole.x, top, -room.back + 0.19)


def trim(rng: np.random.Generator, dressing: Dressing, room: Room) -> None:
    """Skirting along the walls, sometimes a dado rail and a cornice."""
    finish = enamel(rng, linear("eae6dc") * rng.uniform(0.3, 1), 0.3) if rng.random() < 0.6 else wood(rng)
    heights = [(0.0, float(rng.uniform(0.06, 0.2)))]
    if rng.random() < 0.3:
        heights.append((float(rng.uniform(0.85, 1.05)), 0.05))
    if rng.random() < 0.35:
        heights.append((room.height - 0.1, 0.1))
    for y, high in heights:
        dressing.put((Part("trim", box(room.width, high, 0.016), finish),), 0, y, -room.back + 0.008)
        for side, end in ((-1, room.left), (1, room.right)):
            if end is not None:
                strip = box(0.016, high, end + room.back - 0.02)
                dressing.put((Part("trim", strip, finish),), side * (room.width / 2 - 0.008), y, (end - room.back) / 2)


def cover(rng: np.random.Generator, dressing: Dressing, room: Room, chance: float = 0.4) -> None:
    """Sometimes a piece of ceiling along the back, and anchors for wires under the grid."""
    if rng.random() < chance:
        deep = float(rng.uniform(0.8, room.back + 0.3))
        slab = box(room.width, 0.05, deep).moved(0, room.height, -room.back + deep / 2)
        dressing.put((Part("ceiling", slab, plaster(rng, linear("e6e2d9") * rng.uniform(0.6, 1.0))),))
    for _ in range(6):
        x, z = rng.uniform((-room.width / 2, -0.6), (room.width / 2, 2.5))
        dressing.anchors.append((float(x), float(rng.uniform(3.4, 5.0)), float(z)))


def hang_pictures(
    rng: np.random.Generator, dressing: Dressing, room: Room, most: int, taken: tuple[Hole, ...] = ()
) -> None:
    """Pictures and posters on the walls, clear of what is taken."""
    frame = wood(rng) if rng.random() < 0.5 else enamel(rng)
    busy = list(taken)
    for _ in range(int(rng.integers(0, most + 1))):
        wide, high = (float(v) for v in rng.uniform(0.25, 0.95, 2))
        spot = Hole(
            float(rng.uniform(-room.far + wide / 2 + 0.1, room.far - wide / 2 - 0.1)), 1.62 - high / 2, wide, high
        )
        if 1.62 + high / 2 < room.height - 0.15 and not any(_meet(spot, other) for other in busy):
            dressing.put(framed(picture(rng), wide, high, frame), spot.x, spot.y, -room.back)
            busy.append(spot)
    hang_on_sides(rng, dressing, room, frame)


def hang_on_sides(rng: np.random.Generator, dressing: Dressing, room: Room, frame: Finish) -> None:
    """A picture on each side wall, or none."""
    for side, end in ((-1, room.left), (1, room.right)):
        if end is not None and rng.random() < 0.6:
            wide, high = (float(v) for v in rng.uniform(0.35, 1.1, 2))
            z = float(rng.uniform(-room.back + 0.9, max(end - 0.7, -room.back + 1.0)))
            dressing.put(
                framed(picture(rng), wide, high, frame), side * room.width / 2, 1.6 - high / 2, z, -90.0 * side
            )


def free_spot(
    rng: np.random.Generator, room: Room, width: float, height: float, taken: tuple[Hole, ...]
) -> Hole | None:
    """Where something that stands on the floor has room against the back wall."""
    reach = room.far - width / 2 - 0.1
    for x in rng.uniform(-reach, reach, 12) if reach > 0 else ():
        spot = Hole(float(x), 0.0, width, height)
        if not any(_meet(spot, other) for other in taken):
            return spot
    return None


def door_in(rng: np.random.Generator, dressing: Dressing, room: Room, taken: tuple[Hole, ...]) -> tuple[Hole, ...]:
    """A door in the back wall where there is room for one; what is taken then."""
    finish = wood(rng) if rng.random() < 0.5 else enamel(rng, colour(rng, LACQUERS))
    spot = free_spot(rng, room, 1.2, 2.15, taken)
    if spot is None:
        return taken
    dressing.put(door(rng, 2.02, finish), spot.x, 0, -room.back)
    return (*taken, spot)


def outside(rng: np.random.Generator) -> Surroundings:
    """The dim light around a set: a soft gradient, sometimes bright patches like distant windows or lit silks."""
    height, width = 32, 64
    warm = np.exp(rng.normal(0, 0.25) * np.array((1.0, 0.0, -1.0)))
    up = np.linspace(1, 0, height)[:, None]
    turn = 2 * np.pi * np.arange(width)[None] / width + rng.uniform(0, 2 * np.pi)
    level = 0.25 + rng.uniform(0, 0.8) * up**2 + rng.uniform(0, 0.3) * (1 + np.cos(turn))
    sky = level[..., None] * np.array((0.92, 1.0, 1.1)) * warm
    for _ in range(int(rng.choice((0, 0, 1, 2, 4)))):
        row, column = rng.integers(3, height // 2), rng.integers(0, width)
        tall, wide = rng.integers(2, 7, 2)
        columns = np.arange(column, column + wide) % width
        tint = np.exp(rng.normal(0, 0.3) * np.array((1.0, 0.1, -1.0)))
        sky[row : row + tall, columns] = rng.uniform(2, 9) * tint
    return Surroundings(np.asarray(sky, np.float32), is_outdoors=False)


def _meet(first: Hole, second: Hole, margin: float = 0.12) -> bool:
    """Whether two spots on a wall overlap."""
    one, other = first.edges, second.edges
    across = one[0] - margin < other[2] and other[0] - margin < one[2]
    return across and one[1] - margin < other[3] and other[1] - margin < one[3]


def one_of(rng: np.random.Generator, makers: Sequence[Callable[[np.random.Generator], Finish]]) -> Finish:
    """What one of the makers makes."""
    return makers[int(rng.integers(len(makers)))](rng)
