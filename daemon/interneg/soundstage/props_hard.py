"""Shelves, frames, doors, windows and what stands on tables."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from interneg.soundstage import prints
from interneg.soundstage.props import Part, Prop, flat_colour, placed, total
from interneg.soundstage.props_soft import plant, turned_vase
from interneg.soundstage.solids import Finish, Form, box, cushion, cylinder, joined, lathe, plain, tube, unit_panel
from interneg.soundstage.textures import LACQUERS, black, colour, enamel, leather, linear, pick, steel, stoneware, wood


def bookshelf(rng: np.random.Generator, width: float, height: float, finish: Finish) -> Prop:
    """A shelf full of books, pots and boxes, 0.3 m deep, its back at z = -0.15."""
    depth, thick = 0.3, 0.022
    count = max(2, round(height / float(rng.uniform(0.3, 0.42))))
    levels = np.linspace(0.06, height - thick, count + 1)
    boards = [box(width - 2 * thick, thick, depth).moved(y=float(y)) for y in levels]
    sides = [box(thick, height, depth).moved(x=s * (width - thick) / 2) for s in (-1, 1)]
    back = [box(width, height, 0.008).moved(z=-depth / 2 + 0.004)] if rng.random() < 0.75 else []
    room = float(levels[1] - levels[0]) - thick
    rows = [placed(_shelf_row(rng, width - 2 * thick, room), 0, float(y) + thick, 0) for y in levels[:-1]]
    return (Part("shelf", joined(*boards, *sides, *back), finish), *total(rows))


def _shelf_row(rng: np.random.Generator, width: float, room: float) -> Prop:
    """What stands on one board: books for part of it, then something else."""
    share = float(rng.choice((0.0, 0.4, 0.6, 0.97), p=(0.1, 0.25, 0.3, 0.35)))
    row: Prop = ()
    side = float(rng.choice((-1, 1)))
    if share:
        row = placed(books(rng, width * share, room * 0.95), -side * width * (1 - share) / 2)
    for _ in range(0 if share > 0.9 else int(rng.integers(0, 3))):
        free = width * (1 - share) / 2 * 0.7
        x = side * width * share / 2 + float(rng.uniform(-free, free))
        row += placed(ornament(rng, room * 0.85), x, 0, float(rng.uniform(-0.03, 0.05)))
    return row


def books(rng: np.random.Generator, width: float, room: float) -> Prop:
    """A row of books that stand, their spines towards +z: one thing with many spines."""
    count = max(2, int(width / rng.uniform(0.025, 0.04)))
    edges = np.concatenate([[0], np.cumsum(rng.uniform(0.5, 1.6, count))])
    edges /= edges[-1]
    forms = []
    for left, right in pairwise(edges):
        high, deep = float(rng.uniform(0.68, 0.98)) * room, float(rng.uniform(0.14, 0.21))
        book = box(float(right - left) * width * 0.97, high, deep)
        middle = float(left + right) / 2
        spread = np.clip(book.vertices[:, 0] / width, -1, 1)  # every side of it takes its colour from its own spine
        uv = np.stack([middle + spread * 0.9, book.vertices[:, 1] / high * 0.98 + 0.01], axis=1).astype(np.float32)
        placed_book = Form(book.vertices, book.faces, uv, book.normals)
        forms.append(placed_book.moved(x=(middle - 0.5) * width, z=float(rng.uniform(-0.02, 0.01)) - 0.02))
    return (Part("books", joined(*forms), prints.spines(rng, edges)),)


def ornament(rng: np.random.Generator, room: float) -> Prop:
    """Something small that is no taller than the room there is."""
    kind = int(rng.integers(5))
    high = min(room, float(rng.uniform(0.1, 0.3)))
    if kind == 0:
        return (Part("vase", turned_vase(rng, high * float(rng.uniform(0.25, 0.45)), high), stoneware(rng)),)
    if kind == 1:
        return plant(rng, high)
    if kind == 2:
        return (Part("case", box(0.22, high * 0.6, 0.18), enamel(rng)),)
    if kind == 3:
        return placed(framed(prints.picture(rng), high * 0.8, high, wood(rng)), 0, 0, 0)
    return (Part("bowl", bowl(high * 0.5), stoneware(rng)),)


def framed(print_finish: Finish, width: float, height: float, frame: Finish, border: float = 0.025) -> Prop:
    """A picture in its frame, its back at z = 0."""
    bars = [box(width, border, 0.025).moved(y=y, z=0.0125) for y in (0, height - border)]
    bars += [
        box(border, height - 2 * border, 0.025).moved(x=s * (width - border) / 2, y=border, z=0.0125) for s in (-1, 1)
    ]
    inside = unit_panel(width - 2 * border, height - 2 * border).moved(y=border, z=0.012)
    return Part("picture", inside, print_finish), Part("frame", joined(*bars), frame)


def window(rng: np.random.Generator, width: float, height: float, thickness: float, finish: Finish) -> Prop:
    """A window's frame for an opening in a wall of that thickness, inside at z = 0; it has no glass, as on sets."""
    bar, z = 0.05, -thickness / 2
    bars = [box(width, bar, 0.06).moved(y=y, z=z) for y in (0, height - bar)]
    bars += [box(bar, height, 0.06).moved(x=s * (width - bar) / 2, z=z) for s in (-1, 1)]
    across, down = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    bars += [box(0.03, height, 0.04).moved(x=(i / across - 0.5) * width, z=z) for i in range(1, across)]
    bars += [box(width, 0.03, 0.04).moved(y=i / down * height, z=z) for i in range(1, down)]
    sill = box(width + 0.16, 0.03, thickness + 0.12).moved(y=-0.03, z=0.06 - thickness / 2)
    return (Part("window", joined(*bars, sill), finish),)


def blind(rng: np.random.Generator, width: float, height: float, finish: Finish) -> Prop:
    """A Venetian blind, let down to y = 0."""
    angle = float(rng.uniform(10, 60))
    slats = [box(width, 0.003, 0.045).tilted(angle).moved(y=float(y)) for y in np.arange(0.03, height, 0.05)]
    return (Part("blind", joined(*slats, box(width, 0.04, 0.05).moved(y=height - 0.04)), finish),)


def door(rng: np.random.Generator, height: float, finish: Finish) -> Prop:
    """A closed door with its casing, 0.9 m wide, its casing's back at z = 0."""
    width, casing = 0.9, float(rng.uniform(0.07, 0.12))
    leaf = [box(width, height, 0.02).moved(z=0.01)]
    rows = int(rng.integers(0, 4))
    for row in range(rows):
        tall = (height - 0.2) / rows - 0.1
        for x in (-0.21, 0.21):
            leaf.append(cushion(0.3, tall, 0.03, 0.014).moved(x=x, y=0.15 + row * (height - 0.2) / rows, z=0.02))
    frame = [box(casing, height, 0.04).moved(x=s * (width + casing) / 2, z=0.02) for s in (-1, 1)]
    frame.append(box(width + 2 * casing, casing, 0.04).moved(y=height, z=0.02))
    knob = joined(cylinder(0.01, 0.05, sides=12).tilted(90), box(0.12, 0.018, 0.018).moved(x=0.05, z=0.05))
    return (
        Part("door", joined(*leaf), finish),
        Part("casing", joined(*frame), finish),
        Part("handle", knob.moved(x=-width / 2 + 0.07, y=1.02, z=0.02), steel(rng)),
    )


def bowl(radius: float) -> Form:
    """An open bowl."""
    at = np.linspace(0, 1, 8)
    outer = np.stack([radius * (0.4 + 0.6 * np.sin(at * np.pi / 2)), at**1.7 * radius * 0.7], axis=1)
    inner = outer[:0:-1] * np.array((0.93, 1.0)) + np.array((0.0, 0.006))
    return lathe(np.concatenate([[(0, 0)], outer, inner, [(0, 0.012)]]), 28)


def cup(rng: np.random.Generator) -> Prop:
    """A mug with its handle."""
    radius, high = float(rng.uniform(0.035, 0.045)), float(rng.uniform(0.07, 0.1))
    body = lathe(
        np.array([(0, 0), (radius * 0.9, 0), (radius, high), (radius * 0.9, high), (radius * 0.85, 0.01), (0, 0.01)])
    )
    turn = np.linspace(-np.pi / 2, np.pi / 2, 9)
    path = np.stack([radius + np.cos(turn) * 0.025, high / 2 + np.sin(turn) * high * 0.32, 0 * turn], axis=1)
    return (Part("cup", joined(body, tube(path, 0.005)).turned(float(rng.uniform(0, 360))), stoneware(rng)),)


def bottle(rng: np.random.Generator) -> Prop:
    """A bottle with its label."""
    radius, high = float(rng.uniform(0.03, 0.042)), float(rng.uniform(0.2, 0.32))
    profile = [
        (0, 0),
        (radius, 0),
        (radius, high * 0.6),
        (radius * 0.8, high * 0.68),
        (0.013, high * 0.78),
        (0.013, high),
        (0, high),
    ]
    dark = pick(rng, "2f3f2a 3a2415 4a5a30 6f7f86 9a3a2a c9c2b0")
    label = cylinder(radius + 0.0008, high * 0.28).moved(y=high * 0.2)
    paper = prints.page(rng)
    return (
        Part("bottle", lathe(np.array(profile)), plain(dark, 0.08)),
        Part("label", label, Finish(paper.surface, 0.09, high * 0.28 + 2 * radius)),
    )


def papers(rng: np.random.Generator) -> Prop:
    """Sheets that lie about."""
    sheets = []
    for level in range(int(rng.integers(1, 5))):
        lying = unit_panel(0.21, 0.297).moved(y=-0.15).tilted(-90).turned(float(rng.normal(0, 20)))
        sheets.append(lying.moved(float(rng.normal(0, 0.05)), 0.002 + level * 0.0015, float(rng.normal(0, 0.03))))
    return (Part("papers", joined(*sheets), prints.page(rng)),)


def pile(rng: np.random.Generator) -> Prop:
    """A pile of books that lie."""
    parts, level = [], 0.0
    for _ in range(int(rng.integers(2, 7))):
        thick = float(rng.uniform(0.012, 0.045))
        book = cushion(float(rng.uniform(0.14, 0.2)), thick, float(rng.uniform(0.2, 0.28)), 0.004, steps=1)
        cover = plain(colour(rng, LACQUERS), float(rng.uniform(0.3, 0.8)))
        parts.append(Part("book", book.turned(float(rng.normal(0, 9))).moved(y=level), cover))
        level += thick
    return tuple(parts)


def monitor(rng: np.random.Generator, glows: bool = False) -> Prop:
    """A monitor on its foot; it shines where it is on."""
    wide = float(rng.uniform(0.5, 0.7))
    high = wide * 0.58
    body = joined(
        cushion(wide, high, 0.03, 0.01).moved(y=0.13),
        box(0.05, 0.2, 0.03).moved(z=-0.03),
        box(0.24, 0.012, 0.18),
    )
    shown = unit_panel(wide - 0.03, high - 0.03).moved(y=0.145, z=0.0162)
    tint = (0.65, 0.82, 1.0) if glows else None
    return Part("monitor", body, black(rng)), Part("screen", shown, prints.screen(rng), tint)


def keyboard(rng: np.random.Generator) -> Prop:
    """A keyboard and its mouse."""
    keys = [
        box(0.016, 0.008, 0.016).moved(x=x, y=0.012, z=z)
        for x in np.arange(-0.2, 0.21, 0.02)
        for z in np.arange(-0.045, 0.05, 0.02)
    ]
    mouse = cushion(0.06, 0.03, 0.1, 0.014).moved(x=0.3)
    base = plain(linear("c9c7c0") * rng.uniform(0.1, 1.0), 0.5)
    body = joined(box(0.44, 0.012, 0.13), mouse)
    return Part("keyboard", body, base), Part("keys", joined(*keys), flat_colour(rng, 0.05, 0.6))


def office_chair(rng: np.random.Generator, cloth: Finish) -> Prop:
    """A swivel chair on castors: its seat is 0.48 m high."""
    spokes = [box(0.3, 0.03, 0.045).moved(x=0.15, y=0.05).turned(a) for a in np.arange(0, 360, 72.0)]
    wheels = [cylinder(0.03, 0.03, sides=12).tilted(90).moved(x=0.3, y=0.03).turned(a) for a in np.arange(0, 360, 72.0)]
    stem = cylinder(0.03, 0.34).moved(y=0.06)
    arms = [box(0.05, 0.025, 0.26).moved(x=s * 0.27, y=0.66) for s in (-1, 1)]
    struts = [box(0.03, 0.22, 0.05).moved(x=s * 0.27, y=0.44) for s in (-1, 1)]
    high = float(rng.uniform(0.42, 0.68))
    seat = cushion(0.5, 0.09, 0.48, 0.04, 0.01).moved(y=0.4)
    back = cushion(0.46, high, 0.08, 0.035, 0.01).tilted(-8).moved(y=0.54, z=-0.24)
    return (
        Part(
            "chair_foot",
            joined(*spokes, *wheels, stem, *arms, *struts, box(0.05, 0.25, 0.03).moved(y=0.4, z=-0.25)),
            black(rng),
        ),
        Part("chair_seat", joined(seat, back), leather(rng) if rng.random() < 0.4 else cloth),
    )
