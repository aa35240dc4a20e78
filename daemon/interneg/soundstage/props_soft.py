"""Sofas, beds, curtains, lamps and plants."""

from __future__ import annotations

import numpy as np

from interneg.soundstage.props import NEUTRAL, WARM, Part, Prop, legs
from interneg.soundstage.scene import Surface
from interneg.soundstage.solids import Finish, Form, box, cushion, cylinder, floor, grid, joined, lathe, plain, tube
from interneg.soundstage.textures import enamel, noise, pick, shaded, steel, stoneware, wood


def sofa(rng: np.random.Generator, width: float, cloth: Finish, pillows: Finish) -> Prop:
    """A sofa, or an armchair when it is narrow: its seat is 0.44 m high."""
    depth, arm = float(rng.uniform(0.82, 0.98)), float(rng.uniform(0.12, 0.24))
    high, arm_high = float(rng.uniform(0.74, 0.95)), float(rng.uniform(0.54, 0.66))
    soft = float(rng.uniform(0.03, 0.08))
    count = max(1, round((width - 2 * arm) / 0.7))
    wide = (width - 2 * arm) / count
    spots = [-width / 2 + arm + wide * (i + 0.5) for i in range(count)]
    body = [cushion(width - 2 * arm, 0.2, depth - 0.2, 0.03).moved(y=0.1, z=0.02)]
    body += [cushion(arm, arm_high - 0.1, depth, soft).moved(x=s * (width - arm) / 2, y=0.1) for s in (-1, 1)]
    body += [cushion(width - 2 * arm, high - 0.25, 0.16, soft).tilted(-8).moved(y=0.2, z=-depth / 2 + 0.13)]
    seats = [cushion(wide, 0.16, depth - 0.24, 0.05, 0.02).moved(x=x, y=0.28, z=0.06) for x in spots]
    backs = [
        cushion(wide, high - 0.48, 0.16, 0.06, 0.03).tilted(-12).moved(x=x, y=0.43, z=-depth / 2 + 0.28) for x in spots
    ]
    parts = [Part("sofa", joined(*body, *seats, *backs), cloth)]
    parts.append(Part("sofa_legs", legs(width - 0.12, depth - 0.14, 0.12, 0.045), wood(rng)))
    for _ in range(int(rng.integers(0, 3))):
        place = float(rng.choice(spots)) + float(rng.normal(0, 0.1))
        pillow = cushion(0.42, 0.42, 0.1, 0.045, 0.04).rolled(float(rng.normal(0, 12))).tilted(-25)
        parts.append(Part("pillow", pillow.moved(x=place, y=0.44, z=-depth / 2 + 0.42), pillows))
    return tuple(parts)


def bed(rng: np.random.Generator, width: float, sheet: Finish, cover: Finish) -> Prop:
    """A bed with its head at the back, 2 m long: it is 0.5 m high."""
    frame = wood(rng)
    head = cushion(width + 0.1, float(rng.uniform(0.8, 1.3)), 0.08, 0.02).moved(z=-1.04)
    rails = [box(0.04, 0.18, 2.0).moved(x=s * (width / 2 + 0.02), y=0.15) for s in (-1, 1)]
    mattress = cushion(width, 0.26, 2.0, 0.07).moved(y=0.2)
    blanket = _draped(rng, width, float(rng.uniform(1.2, 1.5)))
    count = 2 if width > 1.2 else 1
    pillows = [
        cushion(0.62, 0.16, 0.4, 0.07, 0.03).tilted(20).moved(x=(i - (count - 1) / 2) * 0.7, y=0.47, z=-0.72)
        for i in range(count)
    ]
    return (
        Part("bed", joined(head, *rails, legs(width, 1.9, 0.2, 0.06)), frame),
        Part("mattress", joined(mattress, *pillows), sheet),
        Part("blanket", blanket, cover),
    )


def _draped(rng: np.random.Generator, width: float, length: float) -> Form:
    """A blanket over a mattress 0.46 m high, hanging down on both sides."""
    across, along = np.meshgrid(np.linspace(-1, 1, 41), np.linspace(1.03, 1.03 - length, 33))
    reach = width / 2 + 0.3
    run = across * reach
    over = np.maximum(np.abs(run) - width / 2, 0)
    folds = 0.012 * np.sin(along * rng.uniform(9, 15) + across * 3) + 0.01 * np.sin(across * rng.uniform(8, 14))
    x = np.sign(run) * (np.minimum(np.abs(run), width / 2) + 0.03 + over * 0.12 + folds * (over > 0) * 1.5)
    y = 0.485 - over * 0.95 + folds * (over == 0)
    return grid(np.stack([np.where(over > 0, x, run), y, along], axis=-1), run, along)


def curtain(rng: np.random.Generator, width: float, height: float, cloth: Finish) -> Prop:
    """A curtain that hangs in folds from y = height to the floor."""
    across, up = np.meshgrid(np.linspace(0, 1, 140), np.linspace(0, 1, 24))
    count, depth = width * rng.uniform(7, 11), rng.uniform(0.025, 0.05)
    sway = np.sin(across * count * 2 * np.pi + 0.9 * np.sin(across * 9 + up * 2) + 0.25 * np.sin(up * 5))
    z = sway * depth * (1.1 - 0.4 * up) + 0.01 * np.sin(up * 7 + across * 5)
    points = np.stack([(across - 0.5) * width, up * height, z], axis=-1)
    return (Part("curtain", grid(points, across * width * 1.6, up * height), cloth),)


def rug_on_floor(width: float, depth: float, finish: Finish) -> Prop:
    """A rug whose picture lies once over it."""
    top = floor(width, depth).moved(y=0.012)
    whole = Finish(finish.surface, max(width, depth), min(width, depth))
    return (Part("rug", top, whole), Part("rug_edge", box(width, 0.011, depth), plain((0.1, 0.08, 0.06), 0.95)))


def shade_form(low: float, high: float, height: float) -> Form:
    """A lampshade, open at both ends, that shines outward and inward."""
    return lathe(np.array([(low, 0.0), (high, height), (high - 0.004, height), (low - 0.004, 0.0), (low, 0.0)]), 32)


def floor_lamp(rng: np.random.Generator) -> Prop:
    """A standard lamp whose shade shines."""
    height, radius = float(rng.uniform(1.35, 1.7)), float(rng.uniform(0.15, 0.24))
    foot = lathe(
        np.array([(0, 0), (0.14, 0), (0.14, 0.02), (0.012, 0.035), (0.012, height + 0.04), (0, height + 0.04)])
    )
    shade = shade_form(radius, radius * rng.uniform(0.55, 1.0), 0.28).moved(y=height - 0.2)
    metal = steel(rng) if rng.random() < 0.6 else wood(rng)
    return Part("lamp_foot", foot, metal), Part("shade", shade, plain((0.6, 0.5, 0.4)), _tint(rng))


def table_lamp(rng: np.random.Generator) -> Prop:
    """A lamp for tables: a turned foot and a shade that shines."""
    height, belly = float(rng.uniform(0.22, 0.36)), float(rng.uniform(0.05, 0.1))
    foot = turned_vase(rng, belly, height)
    neck = cylinder(0.01, 0.08).moved(y=height)
    radius = belly * float(rng.uniform(1.4, 2.0))
    shade = shade_form(radius, radius * rng.uniform(0.5, 0.95), float(rng.uniform(0.16, 0.24))).moved(y=height + 0.02)
    return Part("lamp_foot", joined(foot, neck), stoneware(rng)), Part(
        "shade", shade, plain((0.6, 0.5, 0.4)), _tint(rng)
    )


def desk_lamp(rng: np.random.Generator) -> Prop:
    """An architect's lamp; the bulb's disc inside its bell shines."""
    knee, head = np.array((0.0, 0.38, -0.12)), np.array((0.0, 0.46, 0.16))
    arm = tube(np.array([(0, 0.02, 0), knee * 0.5, knee, (knee + head) / 2, head]), 0.008)
    bell = lathe(np.array([(0.03, 0.1), (0.075, 0.0)]), 24).tilted(-20).moved(*map(float, head - (0, 0.09, 0)))
    disc = cylinder(0.05, 0.008).tilted(-20).moved(*map(float, head - (0, 0.07, 0)))
    body = joined(cylinder(0.09, 0.02), arm, bell)
    return Part("desk_lamp", body, enamel(rng, wear=0.0)), Part("bulb", disc, plain((0.6, 0.5, 0.4)), NEUTRAL)


def pendant(rng: np.random.Generator, top: float) -> Prop:
    """A lamp that hangs with its cord from y = top; y = 0 is its lower edge."""
    radius = float(rng.uniform(0.12, 0.28))
    bell = np.array([(radius, 0.0), (radius * 0.9, 0.06), (radius * 0.5, 0.13), (0.03, 0.2)])
    cord = cylinder(0.004, top - 0.2, sides=8).moved(y=0.2)
    disc = cylinder(radius * 0.6, 0.01).moved(y=0.03)
    shade = Part("pendant", joined(lathe(bell, 32), cord), enamel(rng, wear=0.0))
    return shade, Part("bulb", disc, plain((0.6, 0.5, 0.4)), _tint(rng))


def tube_lamp(length: float, tint: tuple[float, float, float]) -> Prop:
    """A fluorescent fitting along x that shines downward; it hangs below y = 0.1."""
    housing = box(length, 0.05, 0.14).moved(y=0.05)
    lit = cushion(length - 0.06, 0.045, 0.1, 0.02).moved(y=0.01)
    return Part("fitting", housing, plain((0.7, 0.7, 0.68), 0.4)), Part("tube", lit, plain((0.6, 0.6, 0.6)), tint)


def turned_vase(rng: np.random.Generator, belly: float, height: float) -> Form:
    """A turned body: a vase, a jug, a lamp's foot."""
    at = np.linspace(0, 1, 18)
    swell = 0.55 + 0.45 * np.sin(at * np.pi * rng.uniform(0.7, 1.3) + rng.uniform(0, 0.6)) ** 2
    outline = np.stack([belly * swell * (1 - 0.45 * at ** rng.uniform(2, 5)), at * height], axis=1)
    return lathe(
        np.concatenate([[(0.0, 0.0)], outline, [(outline[-1, 0] * 0.8, height), (outline[-1, 0] * 0.7, height * 0.9)]])
    )


def plant(rng: np.random.Generator, height: float) -> Prop:
    """A plant in its pot: broad leaves or narrow ones."""
    size = float(np.clip(height * 0.17, 0.05, 0.2))
    pot = lathe(
        np.array(
            [
                (0, 0),
                (size * 0.75, 0),
                (size, size * 1.6),
                (size * 1.08, size * 1.6),
                (size * 1.08, size * 1.8),
                (size * 0.9, size * 1.8),
                (size * 0.9, size * 1.5),
                (0, size * 1.5),
            ]
        )
    )
    count = int(rng.integers(18, 42))
    broad = float(rng.uniform(0.05, 0.28))
    leaves = [_leaf(rng, height - size * 1.5, broad).moved(y=size * 1.5) for _ in range(count)]
    green = pick(rng, "3f6b35 56803c 2f5236 6f8a45 7d8f5e")
    blade = Finish(Surface(shaded(green, noise(rng, 128, 0.8, 3.0), 0.25), 0.45), 0.3, 0.3)
    return Part("pot", pot, stoneware(rng)), Part("leaves", joined(*leaves), blade)


def _leaf(rng: np.random.Generator, height: float, broad: float) -> Form:
    """One leaf that rises from the middle and hangs over."""
    length = height * float(rng.uniform(0.6, 1.15))
    along = np.linspace(0, 1, 9)[:, None]
    lean = float(rng.uniform(0.1, 0.9))
    out = length * (lean * along * 0.5 + 0.35 * along**2.5 * lean)
    up = length * (along * (1.0 - 0.35 * lean) - 0.45 * lean * along**3)
    width = length * broad * np.clip(np.sin(np.pi * along**0.8), 0.04, 1) ** 0.8 * 0.5
    across = np.array((-1.0, 0.0, 1.0))[None]
    points = np.stack([width * across, up + width * 0.4 * np.abs(across), out + 0 * across], axis=-1)
    return grid(points, width * across, length * along).turned(float(rng.uniform(0, 360)))


def _tint(rng: np.random.Generator) -> tuple[float, float, float]:
    return WARM if rng.random() < 0.7 else NEUTRAL
