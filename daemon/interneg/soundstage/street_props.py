"""What stands in streets and on roofs: lamp posts, bins, signs, benches, cars, vents and antennas.

Convention: as in props.py.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from interneg.soundstage.prints import picture
from interneg.soundstage.props import COLD, WARM, Part, Prop, placed
from interneg.soundstage.solids import (
    Finish,
    Form,
    beam,
    box,
    cushion,
    cylinder,
    extrusion,
    joined,
    lathe,
    plain,
    sphere,
    tube,
    unit_panel,
)
from interneg.soundstage.textures import LACQUERS, black, colour, concrete, enamel, linear, steel, tiles, wood


def lamp_post(rng: np.random.Generator) -> Prop:
    """A street lamp: a lantern on a column, or an arm over the road; it shines."""
    iron, high = enamel(rng, linear("2a2e30") * rng.uniform(0.7, 3)), float(rng.uniform(3.4, 5.5))
    post = lathe(np.array([(0, 0), (0.14, 0), (0.12, 0.5), (0.07, 0.62), (0.05, high), (0, high)]), 14)
    glow = WARM if rng.random() < 0.6 else COLD
    if rng.random() < 0.5:
        lantern = lathe(np.array([(0.0, 0.0), (0.09, 0.0), (0.17, 0.36), (0.0, 0.36)]), 6).moved(y=high)
        hat = lathe(np.array([(0.0, 0.0), (0.21, 0.0), (0.05, 0.14), (0.02, 0.24), (0.0, 0.24)]), 6).moved(
            y=high + 0.36
        )
        return Part("post", joined(post, hat), iron), Part("lantern", lantern, plain((0.8, 0.8, 0.75)), glow)
    turn = np.linspace(0, np.pi / 2, 8)
    path = np.stack([0 * turn, high + 0.8 * np.sin(turn), 1.2 * (1 - np.cos(turn))], axis=1)
    head = cushion(0.22, 0.1, 0.6, 0.04).moved(y=high + 0.75, z=1.35)
    shine = box(0.16, 0.02, 0.45).moved(y=high + 0.735, z=1.35)
    return Part("post", joined(post, tube(path, 0.035), head), iron), Part("lamp", shine, plain((0.8,) * 3), glow)


def bin_(rng: np.random.Generator) -> Prop:
    """A litter bin or a wheeled one."""
    skin = enamel(rng, colour(rng, LACQUERS + " 2f5d3a 3a3d40 2f4f7a"))
    if rng.random() < 0.5:
        high = float(rng.uniform(0.8, 1.05))
        body = lathe(
            np.array(
                [(0, 0), (0.2, 0), (0.24, high * 0.8), (0.26, high * 0.8), (0.26, high * 0.85), (0.2, high), (0, high)]
            ),
            18,
        )
        hole = box(0.26, 0.1, 0.02).moved(y=high * 0.62, z=0.235)
        return Part("bin", body, skin), Part("bin_mouth", hole, black(rng))
    section = np.array([(-0.24, 0.08), (0.24, 0.08), (0.3, 1.0), (-0.3, 1.0)])
    body = joined(
        extrusion(section, 0.5),
        cushion(0.64, 0.09, 0.58, 0.04).tilted(-4).moved(y=1.0),
    )
    wheels = [cylinder(0.1, 0.06, sides=14).rolled(90).moved(s * 0.22 + 0.03, 0.1, -0.22) for s in (-1, 1)]
    return Part("bin", body, skin), Part("bin_wheels", joined(*wheels), black(rng))


def sign_post(rng: np.random.Generator) -> Prop:
    """A road sign: a disc, a triangle or a board on a pole."""
    high = float(rng.uniform(2.0, 2.6))
    pole = cylinder(0.03, high, sides=10)
    sides = int(rng.choice((3, 4, 8, 28)))
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False) + (np.pi / 2 if sides != 8 else np.pi / 8)
    outline = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 0.3
    inner, tint = outline * 0.72, colour(rng, "c02a24 2a56a0 d8b020 e8e6e0")
    back = extrusion(outline, 0.02).moved(y=high - 0.2, z=0.045)
    face = extrusion(inner, 0.004).moved(y=high - 0.2, z=0.058)
    return (
        Part("pole", pole, steel(rng)),
        Part("sign", back, plain(tint, 0.35)),
        Part("sign_face", face, plain(colour(rng, "e8e6e0 e8e6e0 1a1a1a"), 0.35)),
    )


def bench(rng: np.random.Generator) -> Prop:
    """A bench of slats on iron feet; its seat is 0.45 m high."""
    width, slats = float(rng.uniform(1.4, 2.0)), wood(rng)
    bars = [box(width, 0.035, 0.08).moved(y=0.42, z=z) for z in (-0.16, -0.05, 0.06, 0.17)]
    if rng.random() < 0.75:
        bars += [box(width, 0.09, 0.03).tilted(-10).moved(y=y, z=-0.22 - (y - 0.4) * 0.18) for y in (0.55, 0.7, 0.84)]
    feet = []
    for x in (-width / 2 + 0.2, width / 2 - 0.2):
        feet += [beam((x, 0, 0.18), (x, 0.42, 0.14), 0.05), beam((x, 0, -0.2), (x, 0.42, -0.16), 0.05)]
        feet += [box(0.05, 0.04, 0.42).moved(x, 0.385), beam((x, 0.42, -0.2), (x, 0.88, -0.33), 0.04)]
    return Part("bench", joined(*bars), slats), Part("bench_feet", joined(*feet), black(rng))


def bollard(rng: np.random.Generator) -> Prop:
    """A bollard of iron or stone."""
    finish = enamel(rng, linear("2a2c2e")) if rng.random() < 0.6 else concrete(rng)
    high, wide = float(rng.uniform(0.7, 1.0)), float(rng.uniform(0.06, 0.14))
    profile = [
        (0, 0),
        (wide * 1.25, 0),
        (wide * 1.2, 0.1),
        (wide, 0.14),
        (wide * 0.8, high * 0.85),
        (wide, high * 0.9),
        (wide * 0.6, high),
        (0, high),
    ]
    return (Part("bollard", lathe(np.array(profile), 16), finish),)


def planter(rng: np.random.Generator, plant: tuple[Part, ...]) -> Prop:
    """A tub with a plant in it."""
    size = float(rng.uniform(0.45, 0.8))
    tub = lathe(
        np.array([(0, 0), (size * 0.36, 0), (size * 0.5, 0.5), (size * 0.46, 0.5), (size * 0.44, 0.43), (0, 0.43)]), 20
    )
    return (Part("tub", tub, concrete(rng)), *placed(plant, y=0.42))


def vent(rng: np.random.Generator) -> Prop:
    """A roof's vent: a mushroom, a turning cowl or a bent pipe."""
    metal, kind = steel(rng), int(rng.integers(3))
    wide, high = float(rng.uniform(0.1, 0.28)), float(rng.uniform(0.5, 1.4))
    if kind == 0:
        form = lathe(
            np.array([(wide, 0), (wide, high), (wide * 1.9, high), (wide * 1.7, high + wide * 0.6), (0, high + wide)]),
            20,
        )
    elif kind == 1:
        form = joined(cylinder(wide * 0.7, high, sides=16), sphere(wide * 1.3, 14).moved(y=high - wide * 0.2))
    else:
        turn = np.linspace(0, np.pi, 12)
        arch = np.stack([wide * 2 * (1 - np.cos(turn)), high + wide * 2 * np.sin(turn), 0 * turn], axis=1)
        form = tube(np.concatenate([[(0, 0, 0)], arch, [(wide * 4, high - 0.25, 0)]]), wide * 0.8)
    return (Part("vent", form, metal),)


def cooler(rng: np.random.Generator) -> Prop:
    """An air conditioner's outdoor unit, with its fan's grille."""
    wide, high, deep = (float(v) for v in rng.uniform((0.7, 0.6, 0.35), (1.6, 1.3, 0.9)))
    skin = enamel(rng, linear("c9c8c2") * rng.uniform(0.6, 1.1))
    body = joined(box(wide, high, deep).moved(y=0.1), *(box(0.1, 0.1, deep).moved(x=s * wide * 0.35) for s in (-1, 1)))
    radius = min(wide, high) * 0.38
    rings = [ring(radius * share, 0.012).moved(y=0.1 + high / 2, z=deep / 2 + 0.02) for share in (1.0, 0.75, 0.5, 0.25)]
    dark = cylinder(radius, 0.01, sides=24).tilted(90).moved(y=0.1 + high / 2, z=deep / 2 + 0.001)
    return Part("cooler", body, skin), Part("fan", dark, black(rng)), Part("grille", joined(*rings), steel(rng))


def ring(radius: float, thickness: float) -> Form:
    """An upright ring that faces +z, its middle at the origin."""
    turn = np.linspace(0, 2 * np.pi, 29)
    return tube(np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1) * radius, thickness, 6)


def antenna(rng: np.random.Generator) -> Prop:
    """A television aerial, a whip or a dish on its mast."""
    metal, high, kind = steel(rng), float(rng.uniform(1.6, 4.0)), int(rng.integers(3))
    forms = [cylinder(0.025, high, sides=8)]
    if kind == 0:
        for level in (high - 0.1, high - 0.6)[: int(rng.integers(1, 3))]:
            forms.append(beam((-0.7, level, 0), (0.7, level, 0), 0.02))
            rods = np.linspace(-0.65, 0.65, int(rng.integers(6, 12)))
            forms += [beam((x, level, -0.3 + 0.1 * x), (x, level, 0.3 - 0.1 * x), 0.012) for x in rods]
    elif kind == 1:
        radius = float(rng.uniform(0.3, 0.6))
        arc = np.linspace(0, 1, 8)
        bowl = lathe(np.stack([arc * radius, arc**2 * radius * 0.3], axis=1)[::-1], 24).tilted(65)
        forms += [bowl.moved(y=high * 0.7, z=0.1), beam((0, high * 0.7, 0.1), (0, high * 0.7 + 0.15, 0.5), 0.02)]
    else:
        forms += [cylinder(0.008, 1.5, sides=6).moved(x * 0.12, high - 0.2) for x in (-1, 1)]
        forms.append(beam((-0.15, high - 0.1, 0), (0.15, high - 0.1, 0), 0.03))
    return (Part("antenna", joined(*forms), metal),)


def tank(rng: np.random.Generator) -> Prop:
    """A water tank on its legs, with a cone for a lid."""
    radius, high, up = float(rng.uniform(0.8, 1.5)), float(rng.uniform(1.6, 2.6)), float(rng.uniform(0.8, 2.5))
    skin = wood(rng) if rng.random() < 0.6 else enamel(rng)
    body = cylinder(radius, high, radius * 0.95, 28).moved(y=up)
    lid = lathe(np.array([(radius * 1.05, 0), (0.0, radius * 0.55)]), 28).moved(y=up + high)
    hoops = [ring(radius * 1.0, 0.02).tilted(90).moved(y=up + high * s) for s in (0.15, 0.4, 0.65, 0.88)]
    place = radius * 0.62
    stand = [
        beam((x * place * 1.1, 0, z * place * 1.1), (x * place, up, z * place), 0.12) for x in (-1, 1) for z in (-1, 1)
    ]
    stand += [beam((-place, 0.1, z * place), (place, up * 0.9, z * place), 0.05) for z in (-1, 1)]
    return (
        Part("tank", joined(body, lid), skin),
        Part("tank_hoops", joined(*hoops), steel(rng)),
        Part("tank_stand", joined(*stand), steel(rng)),
    )


def sign_board(rng: np.random.Generator) -> Prop:
    """A shop's folding board on the pavement."""
    board = [box(0.6, 1.0, 0.03).tilted(s * -12).moved(z=s * 0.2) for s in (1, -1)]
    text = unit_panel(0.5, 0.85).moved(y=0.06, z=0.017).tilted(-12).moved(z=0.2)
    return Part("board", joined(*board), wood(rng)), Part("board_text", text, picture(rng))


def wall_fittings(rng: np.random.Generator, width: float, storey: float) -> Prop:
    """What is screwed to a house's front: a drainpipe, a cooler, a meter's box, bills, a lamp."""
    side = float(rng.choice((-1, 1))) * (width / 2 - 0.18)
    pipe = cylinder(0.05, storey * 2, sides=10).moved(side, 0, 0.08)
    clips = [box(0.14, 0.03, 0.1).moved(side, y, 0.06) for y in np.arange(0.6, storey * 2, 1.6)]
    made: list[Part] = [Part("drainpipe", joined(pipe, *clips), enamel(rng))]
    if rng.random() < 0.5:
        made += placed(cooler(rng), float(rng.uniform(-0.3, 0.3)) * width, storey + 0.1, 0.25)
    if rng.random() < 0.6:
        made.append(Part("meter", box(0.35, 0.5, 0.14).moved(-side * 0.8, 0.9, 0.07), enamel(rng)))
    for _ in range(int(rng.integers(0, 4))):
        bill = unit_panel(0.42, 0.6).rolled(float(rng.normal(0, 3)))
        made.append(Part("bill", bill.moved(float(rng.uniform(-0.45, 0.45)) * width, 1.2, 0.006), picture(rng)))
    return tuple(made)


def paving(rng: np.random.Generator) -> Finish:
    """Slabs of stone, dry or wet."""
    stone = linear(str(rng.choice(["8c8a86", "9a9080", "77787a", "a39a8a"]))) * rng.uniform(0.6, 1.2)
    laid = tiles(rng, (stone, stone * rng.uniform(0.75, 1.0)), float(rng.uniform(0.3, 0.6)))
    roughness = float(rng.choice((0.25, 0.6, 0.75, 0.9)))
    return replace(laid, surface=replace(laid.surface, roughness=roughness))
