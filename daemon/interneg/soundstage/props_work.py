"""What workshops, corridors, laboratories, bars and galleries hold."""

from __future__ import annotations

import numpy as np

from interneg.soundstage import prints
from interneg.soundstage.props import NEUTRAL, Part, Prop, flat_colour, legs, merged, placed, total
from interneg.soundstage.props_hard import bottle
from interneg.soundstage.props_soft import turned_vase
from interneg.soundstage.solids import (
    Finish,
    Form,
    beam,
    box,
    cushion,
    cylinder,
    joined,
    lathe,
    plain,
    sphere,
    tube,
    unit_panel,
)
from interneg.soundstage.textures import (
    LACQUERS,
    black,
    colour,
    concrete,
    enamel,
    linear,
    marble,
    pick,
    steel,
    stoneware,
    wood,
)


def workbench(rng: np.random.Generator, width: float) -> Prop:
    """A heavy bench with a vice, drawers and a shelf below; its top is 0.88 m high, 0.7 m deep."""
    timber = wood(rng)
    top = box(width, 0.06, 0.7).moved(y=0.82)
    frame = legs(width - 0.14, 0.56, 0.82, 0.09)
    low = box(width - 0.1, 0.03, 0.56).moved(y=0.2)
    drawers = [cushion(0.4, 0.16, 0.02, 0.004, steps=1).moved(x, 0.63, 0.32) for x in (-0.22, 0.22)]
    carcass = box(0.86, 0.18, 0.5).moved(y=0.62, z=0.06)
    jaw = [box(0.16, 0.1, 0.05).moved(z=z) for z in (0.0, 0.09)]
    screw = [
        cylinder(0.015, 0.2, sides=12).tilted(90).moved(y=0.05, z=0.02),
        box(0.2, 0.014, 0.014).moved(y=0.045, z=0.22),
    ]
    vice = joined(*jaw, *screw, box(0.12, 0.04, 0.2).moved(z=0.02)).moved(width / 2 - 0.3, 0.88, 0.22)
    knobs = [sphere(0.016, 12).moved(x, 0.69, 0.345) for x in (-0.22, 0.22)]
    return (
        Part("workbench", joined(top, frame, low, carcass, *drawers), timber),
        Part("vice", joined(vice, *knobs), enamel(rng, wear=0.5)),
    )


def tool_wall(rng: np.random.Generator, width: float, height: float) -> Prop:
    """A board with tools on it; its back is at z = 0."""
    board = box(width, height, 0.02).moved(z=0.01)
    steels: list[Form] = []
    grips: list[Form] = []
    for y in np.arange(0.24, height - 0.05, 0.34):
        for x in np.arange(-width / 2 + 0.1, width / 2 - 0.06, 0.13):
            if rng.random() < 0.8:
                metal, grip = _tool(rng)
                steels.append(metal.moved(float(x), float(y), 0.035))
                grips.append(grip.moved(float(x), float(y), 0.035))
    finish = enamel(rng) if rng.random() < 0.5 else wood(rng)
    parts = [Part("tool_board", board, finish)]
    if steels:
        parts += [Part("tools", joined(*steels), steel(rng)), Part("grips", joined(*grips), enamel(rng))]
    return tuple(parts)


def _tool(rng: np.random.Generator) -> tuple[Form, Form]:
    """A tool that hangs from y = 0: its metal and its grip."""
    long = float(rng.uniform(0.12, 0.2))
    kind = int(rng.integers(4))
    if kind == 0:  # a hammer
        return box(0.1, 0.028, 0.028).moved(y=-0.03), box(0.024, long + 0.06, 0.018).moved(y=-long - 0.08)
    if kind == 1:  # a screwdriver
        return box(0.008, long, 0.008).moved(y=-long), cylinder(0.014, 0.09, sides=10).moved(y=-0.005)
    if kind == 2:  # a spanner
        ends = [cylinder(0.022, 0.012, sides=8).tilted(90).moved(y=y, z=-0.006) for y in (-0.01, -long)]
        return joined(box(0.018, long, 0.008).moved(y=-long), *ends), box(0.02, 0.05, 0.012).moved(y=-long / 2)
    blade = box(0.06, long, 0.003).moved(y=-long - 0.04)  # a saw
    return blade, box(0.07, 0.09, 0.02).moved(y=-0.05)


def drum(rng: np.random.Generator) -> Prop:
    """An oil drum."""
    profile = [(0, 0), (0.29, 0.0), (0.285, 0.02), (0.285, 0.28), (0.3, 0.295), (0.285, 0.31), (0.285, 0.57)]
    profile += [(0.3, 0.585), (0.285, 0.6), (0.285, 0.86), (0.29, 0.88), (0.27, 0.88), (0.27, 0.865), (0, 0.865)]
    return (Part("drum", lathe(np.array(profile), 32), enamel(rng, wear=float(rng.uniform(0.2, 1.0)))),)


def ladder(rng: np.random.Generator, height: float) -> Prop:
    """A ladder that leans back against a wall at z = 0."""
    lean = float(rng.uniform(9, 14))
    rails = [box(0.03, height, 0.07).moved(x=s * 0.2) for s in (-1, 1)]
    rungs = [box(0.4, 0.025, 0.03).moved(y=float(y)) for y in np.arange(0.25, height - 0.1, 0.28)]
    finish = wood(rng) if rng.random() < 0.5 else steel(rng)
    return (
        Part("ladder", joined(*rails, *rungs).tilted(-lean).moved(z=height * np.sin(np.radians(lean)) + 0.04), finish),
    )


def pipes(rng: np.random.Generator, width: float, height: float) -> Prop:
    """Pipes that run along a wall at z = 0 below that height, one of them coming down."""
    runs = []
    for index in range(int(rng.integers(1, 5))):
        radius = float(rng.uniform(0.02, 0.06))
        y, z = height - 0.12 - index * 0.15, radius + 0.05
        corner = float(rng.uniform(-width / 2, width / 2))
        bend = np.linspace(0, np.pi / 2, 6)[:, None]
        turn = np.array((corner, y, z)) + 0.1 * (
            np.sin(bend) * (1.0, 0, 0) - (1 - np.cos(bend)) * np.array((0, 1.0, 0))
        )
        straight = [np.array([(-width / 2, y, z), (width / 2, y, z)])]
        path = np.concatenate([[(-width / 2, y, z)], turn, [(corner + 0.1, 0, z)]]) if index == 0 else straight[0]
        runs.append(tube(path, radius))
        runs += [
            _clamp(float(x), y, z, radius) for x in np.arange(-width / 2 + 0.4, width / 2, 1.3) if index or x < corner
        ]
    return (Part("pipes", joined(*runs), enamel(rng, wear=0.6) if rng.random() < 0.5 else steel(rng)),)


def _clamp(x: float, y: float, z: float, radius: float) -> Form:
    return joined(
        cylinder(radius + 0.006, 0.03, sides=14).rolled(90).moved(x, y, z), box(0.03, 0.02, z).moved(x, y, z / 2)
    )


def cabinet(rng: np.random.Generator, width: float, height: float) -> Prop:
    """A cabinet of drawers on castors, 0.45 m deep, its front towards +z."""
    count = max(2, int(height / rng.uniform(0.12, 0.22)))
    each = (height - 0.12) / count
    body = box(width, height - 0.08, 0.45).moved(y=0.08)
    fronts = [
        cushion(width - 0.02, each - 0.012, 0.02, 0.003, steps=1).moved(y=0.1 + i * each, z=0.23) for i in range(count)
    ]
    grips = [box(width * 0.6, 0.015, 0.02).moved(y=0.1 + (i + 0.75) * each, z=0.25) for i in range(count)]
    wheels = [sphere(0.04, 12).moved(x * (width / 2 - 0.05), 0, z * 0.18) for x in (-1, 1) for z in (-1, 1)]
    return (
        Part("cabinet", joined(body, *fronts), enamel(rng)),
        Part("grips", joined(*grips), steel(rng)),
        Part("castors", joined(*wheels), black(rng)),
    )


def locker(rng: np.random.Generator, count: int) -> Prop:
    """A row of lockers, 1.8 m high, their backs at z = 0."""
    each = 0.34
    body = box(count * each, 1.8, 0.42).moved(z=0.21)
    doors, slots = [], []
    for index in range(count):
        x = (index + 0.5 - count / 2) * each
        doors.append(cushion(each - 0.01, 1.74, 0.02, 0.003, steps=1).moved(x, 0.03, 0.425))
        slots += [box(0.16, 0.008, 0.006).moved(x, 1.5 + k * 0.03, 0.434) for k in range(4)]
        slots.append(box(0.02, 0.1, 0.02).moved(x + 0.12, 0.95, 0.44))
    return Part("lockers", joined(body, *doors), enamel(rng)), Part("slots", joined(*slots), black(rng))


def bench(rng: np.random.Generator, width: float) -> Prop:
    """A bench to wait on: its seat is 0.45 m high."""
    slats = [box(width, 0.03, 0.085).moved(y=0.42, z=z) for z in (-0.15, -0.05, 0.05, 0.15)]
    stands = [box(0.05, 0.42, 0.36).moved(x=s * (width / 2 - 0.15)) for s in (-1, 1)]
    return Part("bench", joined(*slats), wood(rng)), Part("bench_legs", joined(*stands), enamel(rng))


def radiator(rng: np.random.Generator, width: float) -> Prop:
    """A radiator on its wall at z = 0."""
    ribs = [
        cushion(0.055, 0.56, 0.1, 0.02, steps=2).moved(float(x), 0.12, 0.09)
        for x in np.arange(-width / 2, width / 2, 0.065)
    ]
    pipe = tube(np.array([(-width / 2, 0.0, 0.09), (-width / 2, 0.1, 0.09), (-width / 2, 0.2, 0.09)]), 0.012)
    return (Part("radiator", joined(*ribs, pipe), enamel(rng, linear("e6e2d8") * rng.uniform(0.5, 1.0))),)


def noticeboard(rng: np.random.Generator, width: float, height: float) -> Prop:
    """A cork board with papers; its back is at z = 0."""
    cork = plain(linear("a07a4e") * rng.uniform(0.5, 1.1), 0.95)
    sheets: Prop = ()
    for index in range(int(rng.integers(3, 10))):
        wide = float(rng.uniform(0.12, 0.24))
        tall = wide * float(rng.uniform(0.8, 1.4))
        across, up = rng.uniform((-width / 2 + wide / 2, 0.0), (width / 2 - wide / 2, max(height - tall, 0.01)))
        sheet = unit_panel(wide, tall).rolled(float(rng.normal(0, 2)))
        finish = prints.page(rng) if rng.random() < 0.6 else prints.picture(rng)
        sheets += (Part("notice", sheet.moved(float(across), float(up), 0.022 + index * 0.0008), finish),)
    return (Part("noticeboard", box(width, height, 0.02).moved(z=0.01), cork), *sheets)


def wall_lamp(rng: np.random.Generator, tint: tuple[float, float, float] = NEUTRAL) -> Prop:
    """A lamp on a wall at z = 0: a globe, a tube or a cone that shines."""
    kind = int(rng.integers(3))
    if kind == 0:
        lit = sphere(float(rng.uniform(0.07, 0.12))).moved(y=0.05, z=0.16)
    elif kind == 1:
        lit = cushion(0.09, float(rng.uniform(0.25, 0.5)), 0.08, 0.035).moved(z=0.09)
    else:
        lit = lathe(np.array([(0.1, 0.0), (0.06, 0.18), (0.055, 0.18), (0.095, 0.0), (0.1, 0.0)])).moved(z=0.14)
    arm = joined(box(0.1, 0.14, 0.02).moved(z=0.01), box(0.02, 0.02, 0.14).moved(y=0.06, z=0.07))
    return Part("bracket", arm, steel(rng)), Part("globe", lit, plain((0.6, 0.55, 0.5)), tint)


def sculpture(rng: np.random.Generator) -> Prop:
    """Something on a plinth: turned, bent, or balls on balls."""
    high = float(rng.uniform(0.8, 1.15))
    plinth = box(0.42, high, 0.42)
    kind = int(rng.integers(3))
    if kind == 0:
        form = turned_vase(rng, float(rng.uniform(0.1, 0.18)), float(rng.uniform(0.3, 0.6)))
    elif kind == 1:
        turn = np.linspace(0, 2 * np.pi, 64)
        first, second = rng.integers(2, 4, 2)
        ring = 0.14 + 0.03 * np.cos(first * turn)
        knot = np.stack([ring * np.cos(turn), 0.12 + 0.06 * np.sin(second * turn), ring * np.sin(turn)], axis=1)
        form = tube(knot, 0.022, 14).tilted(70).moved(y=0.2)
    else:
        sizes = np.sort(rng.uniform(0.05, 0.13, 4))[::-1]
        feet = np.concatenate([[0], np.cumsum(sizes[:-1] * 1.85)])
        form = joined(
            *(sphere(float(r)).moved(float(rng.normal(0, 0.02)), float(y), 0) for r, y in zip(sizes, feet, strict=True))
        )
    makers = (marble, steel, stoneware, concrete, wood)
    stuff = makers[int(rng.integers(len(makers)))](rng)
    return Part("plinth", plinth, flat_colour(rng, 0.3, 0.8)), Part("sculpture", form.moved(y=high), stuff)


def back_bar(rng: np.random.Generator, width: float) -> Prop:
    """A bar's back: a base, three boards of bottles and posts; its back is at z = 0."""
    timber = wood(rng)
    base = box(width, 0.95, 0.45).moved(z=0.225)
    boards = [box(width, 0.03, 0.24).moved(y=y, z=0.12) for y in (1.3, 1.65, 2.0)]
    posts = [
        box(0.06, 1.1, 0.26).moved(float(x), 0.95, 0.13) for x in np.linspace(-width / 2 + 0.03, width / 2 - 0.03, 4)
    ]
    rows: list[Prop] = []
    for level in (0.95, 1.33, 1.68):
        kinds = [bottle(rng) for _ in range(4)]
        for x in np.arange(-width / 2 + 0.12, width / 2 - 0.1, 0.105):
            if rng.random() < 0.8:
                chosen = kinds[int(rng.integers(len(kinds)))]
                rows.append(placed(chosen, float(x), level, 0.13, float(rng.uniform(0, 360))))
    return (Part("back_bar", joined(base, *boards, *posts), timber), *merged(total(rows)))


def glassware(rng: np.random.Generator) -> Prop:
    """A flask, a beaker or a rack of test tubes, filled with something."""
    kind = int(rng.integers(3))
    tint = pick(rng, "c9d2d2 5a8f8a b8742f 7a3a5a 3a5a8f d8d8d0")
    if kind == 0:
        body = lathe(
            np.array([(0, 0), (0.055, 0), (0.06, 0.01), (0.02, 0.11), (0.02, 0.16), (0.024, 0.165), (0, 0.165)])
        )
        return (Part("flask", body, plain(tint, 0.06)),)
    if kind == 1:
        return (Part("beaker", cylinder(0.045, 0.12), plain(tint, 0.06)),)
    tubes = [cylinder(0.008, 0.13, sides=10).moved(x, 0.015, 0) for x in np.arange(-0.1, 0.11, 0.03)]
    rack = [box(0.26, 0.012, 0.06).moved(y=y) for y in (0.0, 0.09)]
    return Part("rack", joined(*rack, box(0.012, 0.1, 0.06).moved(x=0.125)), wood(rng)), Part(
        "tubes", joined(*tubes), plain(tint, 0.06)
    )


def trolley(rng: np.random.Generator) -> Prop:
    """A trolley with two trays."""
    trays = [box(0.7, 0.03, 0.42).moved(y=y) for y in (0.25, 0.8)]
    posts = [beam((x * 0.33, 0.06, z * 0.19), (x * 0.33, 0.9, z * 0.19), 0.022) for x in (-1, 1) for z in (-1, 1)]
    wheels = [
        cylinder(0.045, 0.025, sides=16).tilted(90).moved(x * 0.33, 0.045, z * 0.19) for x in (-1, 1) for z in (-1, 1)
    ]
    return Part("trolley", joined(*trays, *posts), steel(rng)), Part("wheels", joined(*wheels), black(rng))


def paint_tin(rng: np.random.Generator) -> Prop:
    """A tin of paint with a run down its side."""
    radius, high = float(rng.uniform(0.06, 0.11)), float(rng.uniform(0.1, 0.2))
    band = cylinder(radius + 0.001, high * 0.6).moved(y=high * 0.2)
    body = lathe(
        np.array(
            [(0, 0), (radius, 0), (radius, high), (radius * 0.9, high), (radius * 0.88, high - 0.01), (0, high - 0.01)]
        )
    )
    return Part("tin", body, steel(rng)), Part("tin_label", band, Finish(plain(colour(rng, LACQUERS), 0.4).surface))
