"""Kitchen units, appliances and what stands on a bar."""

from __future__ import annotations

import numpy as np

from interneg.soundstage.props import Part, Prop, placed, total
from interneg.soundstage.props_hard import bottle, bowl, cup
from interneg.soundstage.solids import Finish, box, cushion, cylinder, extrusion, joined, lathe, plain, sphere, tube
from interneg.soundstage.textures import black, enamel, marble, pick, steel, stoneware, terrazzo, wood

WORKTOP = 0.91  # metres high
DEPTH = 0.62


def run_of_units(rng: np.random.Generator, width: float, fronts: Finish, top: Finish) -> Prop:
    """Base units under a worktop, their backs at z = 0: doors and drawers, an oven, a hob, a sink."""
    count = max(2, round(width / 0.6))
    each = width / count
    oven, sink = (int(i) for i in rng.permutation(count)[:2])
    body, handles = [box(width, 0.78, DEPTH - 0.06).moved(y=0.1, z=DEPTH / 2 - 0.03)], []
    for index in range(count):
        x = (index + 0.5) * each - width / 2
        drawers = 1 if index == oven else int(rng.choice((1, 1, 3)))
        tall = 0.76 / drawers
        for row in range(drawers):
            front = cushion(each - 0.006, tall - 0.006, 0.022, 0.003, steps=1)
            body.append(front.moved(x, 0.115 + row * tall, DEPTH - 0.05))
            if index != oven:
                handles.append(box(0.14, 0.012, 0.03).moved(x, 0.115 + (row + 0.86) * tall, DEPTH - 0.03))
    at = ((oven + 0.5) * each - width / 2, (sink + 0.5) * each - width / 2)
    worktop = box(width + 0.02, 0.03, DEPTH).moved(y=WORKTOP - 0.03, z=DEPTH / 2)
    plinth = box(width - 0.02, 0.1, DEPTH - 0.12).moved(z=DEPTH / 2 - 0.06)
    return (
        Part("units", joined(*body), fronts),
        Part("handles", joined(*handles), steel(rng)),
        Part("plinth", plinth, black(rng)),
        Part("worktop", worktop, top),
        *placed(_cooker(rng, each), at[0]),
        *placed(_sink(rng, each), at[1]),
    )


def _cooker(rng: np.random.Generator, width: float) -> Prop:
    """An oven's door, a hob with its rings, sometimes a pot."""
    metal = steel(rng)
    pane = cushion(width - 0.08, 0.46, 0.02, 0.004, steps=1).moved(y=0.2, z=DEPTH - 0.026)
    panel = box(width - 0.02, 0.12, 0.025).moved(y=0.74, z=DEPTH - 0.028)
    rail = box(width - 0.12, 0.02, 0.03).moved(y=0.69, z=DEPTH)
    knobs = [
        cylinder(0.018, 0.03, sides=14).tilted(90).moved(x, 0.8, DEPTH - 0.005) for x in (-0.16, -0.06, 0.06, 0.16)
    ]
    rings = [cylinder(0.075, 0.012).moved(x, WORKTOP + 0.006, z) for x in (-0.13, 0.13) for z in (0.2, 0.44)]
    hob = box(0.54, 0.006, 0.5).moved(y=WORKTOP, z=0.32)
    parts = [Part("oven", joined(panel, rail, *knobs), metal), Part("hob", joined(hob, pane, *rings), black(rng))]
    if rng.random() < 0.7:
        parts += placed(pot(rng), -0.13, WORKTOP + 0.018, 0.2)
    return tuple(parts)


def _sink(rng: np.random.Generator, width: float) -> Prop:
    """A basin set on the worktop and its tap."""
    wide = min(width - 0.1, 0.5)
    rim = [box(wide, 0.012, 0.03).moved(y=WORKTOP, z=z) for z in (0.13, 0.5)]
    rim += [box(0.03, 0.012, 0.4).moved(x=s * (wide / 2 - 0.015), y=WORKTOP, z=0.315) for s in (-1, 1)]
    turn = np.linspace(0, np.pi, 14)
    neck = np.stack([0 * turn, 0.2 + 0.09 * np.sin(turn), 0.09 - 0.09 * np.cos(turn)], axis=1)
    path = np.concatenate([[(0, 0, 0)], neck, [neck[-1] - (0, 0.04, 0)]])
    tap = tube(path, 0.011).moved(y=WORKTOP, z=0.07)
    dark = box(wide - 0.05, 0.004, 0.36).moved(y=WORKTOP, z=0.315)
    return Part("tap", joined(*rim, tap), steel(rng)), Part("basin", dark, plain((0.18, 0.18, 0.19), 0.3))


def wall_units(rng: np.random.Generator, width: float, fronts: Finish) -> Prop:
    """Cupboards that hang: y = 0 is their lower edge, their backs are at z = 0."""
    high, count = float(rng.uniform(0.55, 0.8)), max(1, round(width / 0.5))
    each = width / count
    doors = [
        cushion(each - 0.006, high - 0.006, 0.022, 0.003, steps=1).moved((i + 0.5) * each - width / 2, 0.003, 0.331)
        for i in range(count)
    ]
    knobs = [
        cylinder(0.011, 0.025, sides=12).tilted(90).moved((i + 0.88) * each - width / 2, 0.08, 0.342)
        for i in range(count)
    ]
    body = box(width, high, 0.32).moved(z=0.16)
    return Part("wall_units", joined(body, *doors), fronts), Part("knobs", joined(*knobs), steel(rng))


def open_shelf(rng: np.random.Generator, width: float) -> Prop:
    """A board on brackets with bottles, cups and bowls on it; y = 0 is its foot, z = 0 its back."""
    board = box(width, 0.025, 0.24).moved(y=0.14, z=0.12)
    brackets = [box(0.02, 0.14, 0.2).moved(x=s * width * 0.38, z=0.1) for s in (-1, 1)]
    things = [
        placed(kitchen_thing(rng), float(x), 0.165, float(rng.uniform(0.09, 0.16)))
        for x in np.arange(-width / 2 + 0.1, width / 2 - 0.08, 0.15)
        if rng.random() < 0.75
    ]
    return (Part("board", joined(board, *brackets), wood(rng)), *total(things))


def fridge(rng: np.random.Generator) -> Prop:
    """A fridge with two doors, its back at z = 0."""
    high = float(rng.uniform(1.5, 1.95))
    finish = steel(rng) if rng.random() < 0.35 else enamel(rng, wear=0.1)
    split = high * float(rng.uniform(0.28, 0.42))
    lower = cushion(0.6, split - 0.01, 0.07, 0.015).moved(y=0.03, z=0.6)
    upper = cushion(0.6, high - split - 0.04, 0.07, 0.015).moved(y=split + 0.02, z=0.6)
    grips = [box(0.02, 0.3, 0.04).moved(-0.25, y, 0.65) for y in (split - 0.36, split + 0.1)]
    body = box(0.6, high - 0.02, 0.56).moved(y=0.02, z=0.28)
    return Part("fridge", joined(body, lower, upper), finish), Part("grips", joined(*grips), steel(rng))


def hood(rng: np.random.Generator, height: float) -> Prop:
    """An extractor hood and its chimney up to that height; its back at z = 0."""
    flare = np.array([(-0.3, 0.0), (0.3, 0.0), (0.3, 0.06), (0.13, 0.3), (-0.13, 0.3), (-0.3, 0.06)])
    from_above = box(0.26, max(height - 0.3, 0.02), 0.26).moved(y=0.3, z=0.15)
    bell = extrusion(flare, 0.46)
    return (Part("hood", joined(bell.moved(z=0.25), from_above), steel(rng)),)


def pot(rng: np.random.Generator) -> Prop:
    """A saucepan with its lid."""
    radius, high = float(rng.uniform(0.08, 0.12)), float(rng.uniform(0.08, 0.16))
    side = np.array(
        [(0, 0), (radius, 0), (radius, high), (radius * 1.04, high), (radius * 0.6, high + 0.02), (0.02, high + 0.03)]
    )
    knob = lathe(np.array([(0.008, high + 0.025), (0.018, high + 0.05), (0, high + 0.055)]), 14)
    grip = box(0.16, 0.014, 0.024).moved(x=radius + 0.07, y=high * 0.8)
    finish = steel(rng) if rng.random() < 0.5 else enamel(rng, wear=0.0)
    return (Part("pan", joined(lathe(side), knob, grip).turned(float(rng.uniform(0, 360))), finish),)


def fruit(rng: np.random.Generator) -> Prop:
    """A bowl of fruit."""
    tint = pick(rng, "d9882b b8322a 8aa53a e0c23c")
    balls = [
        sphere(0.037, 14).moved(float(x), 0.035 + 0.02 * (i % 3), float(z))
        for i, (x, z) in enumerate(rng.uniform(-0.055, 0.055, (6, 2)))
    ]
    return Part("bowl", bowl(0.13), stoneware(rng)), Part("fruit", joined(*balls), plain(tint, 0.4))


def kitchen_thing(rng: np.random.Generator) -> Prop:
    """Something that stands about in kitchens."""
    makers = (cup, bottle, bottle, pot, jar, cup)
    return makers[int(rng.integers(len(makers)))](rng)


def jar(rng: np.random.Generator) -> Prop:
    """A storage jar with a lid of wood."""
    radius, high = float(rng.uniform(0.04, 0.06)), float(rng.uniform(0.1, 0.2))
    return (
        Part("jar", cylinder(radius, high), stoneware(rng)),
        Part("lid", cylinder(radius * 0.95, 0.025).moved(y=high), wood(rng)),
    )


def worktop(rng: np.random.Generator) -> Finish:
    """What worktops and bars are topped with."""
    makers = (wood, marble, terrazzo, wood, steel)
    return makers[int(rng.integers(len(makers)))](rng)
