"""Parked cars: a body drawn along its length, glass, wheels and lights.

Convention: as in props.py; a car points to +x and stands in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interneg.soundstage.props import Part, Prop
from interneg.soundstage.scene import Surface
from interneg.soundstage.solids import Finish, Floats, Form, box, cylinder, grid, joined, lathe, plain
from interneg.soundstage.textures import black, colour, linear, steel

CAR_PAINTS = "1c1d20 d8d8d6 8c9096 7a1c1e 24406e 2f4a3a b8b0a0 c08a2a e8e8e6 4a4e54"


@dataclass(frozen=True)
class Body:
    """A car's measures in metres, from nose to tail along x."""

    length: float
    width: float
    height: float
    bonnet: float  # height of the bonnet
    screen: float  # where the windscreen begins, as a share of the length from the nose
    roof: tuple[float, float]  # where the roof begins and ends
    rear: float  # where the rear window meets the boot
    boot: float  # height of the boot


def random_body(rng: np.random.Generator) -> Body:
    """A saloon, a hatchback, an estate or a van."""
    kind = int(rng.integers(4))
    length = float((4.5, 3.9, 4.6, 5.0)[kind] * rng.uniform(0.95, 1.05))
    height = float((1.42, 1.48, 1.5, 1.95)[kind] * rng.uniform(0.97, 1.04))
    roof = ((0.44, 0.72), (0.42, 0.86), (0.42, 0.93), (0.3, 0.985))[kind]
    rear = (0.85, 0.97, 0.985, 0.995)[kind]
    bonnet = float((0.9, 0.93, 0.93, 1.1)[kind])
    return Body(length, float(rng.uniform(1.7, 1.88)), height, bonnet, (0.28, 0.26, 0.27, 0.16)[kind], roof, rear, 0.98)


def car(rng: np.random.Generator) -> Prop:
    """A car."""
    body = random_body(rng)
    paint = Finish(Surface(colour(rng, CAR_PAINTS), float(rng.uniform(0.08, 0.25)), specular=0.8))
    glass = Finish(Surface(linear("15181a"), 0.05, specular=0.7))
    at = (-body.length * 0.31, body.length * 0.32)
    wheels = [_wheel().turned(90 - s * 90).moved(x, 0, s * (body.width / 2 - 0.1)) for x in at for s in (-1, 1)]
    hubs = [_hub().turned(90 - s * 90).moved(x, 0.31, s * (body.width / 2 + 0.012)) for x in at for s in (-1, 1)]
    arches = [_arch().turned(90 - s * 90).moved(x, 0.31, s * (body.width / 2 + 0.004)) for x in at for s in (-1, 1)]
    return (
        Part("car", joined(_hull(body), _roof(body)), paint),
        Part("car_glass", _glasshouse(body), glass),
        Part("car_tyres", joined(*wheels, *arches), plain((0.035,) * 3, 0.8)),
        Part("car_hubs", joined(*hubs), steel(rng)),
        *_details(rng, body),
    )


def _line(body: Body, share: Floats) -> Floats:
    """How high the body's shoulder is along the length, from the nose."""
    knots = (0.0, 0.02, 0.1, body.screen, body.rear, 0.985, 1.0)
    levels = (0.55, 0.68, body.bonnet * 0.9, body.bonnet, body.boot, body.boot * 0.92, 0.6)
    return np.interp(share, knots, levels)


def _hull(body: Body) -> Form:
    """The body below the windows, its corners rounded in plan and section."""
    share = np.concatenate([np.linspace(0, 0.1, 6), np.linspace(0.14, 0.9, 18), np.linspace(0.94, 1.0, 6)])
    top = _line(body, share)
    end = np.minimum(share, 1 - share) / 0.1
    half = body.width / 2 * (0.8 + 0.2 * np.sqrt(np.clip(1 - (1 - np.clip(end, 0, 1)) ** 2, 0, 1)))
    around = np.array([(-0.82, 0.0), (-0.97, 0.06), (-1.0, 0.4), (-1.0, 0.7), (-0.95, 0.9), (-0.8, 0.99), (0, 1.03)])
    section = np.concatenate([around, np.array([(-x, y) for x, y in around[-2::-1]])])
    low = 0.2
    points = np.empty((len(section), len(share), 3))
    points[..., 0] = (0.5 - share[None]) * body.length
    points[..., 1] = low + section[:, 1, None] * (top - low)
    points[..., 2] = section[:, 0, None] * half
    skin = grid(points[:, ::-1], share, section[:, :1])
    caps = [_cap(points[:, 0], 1.0), _cap(points[:, -1], -1.0)]
    return joined(skin, *caps)


def _glasshouse(body: Body) -> Form:
    """Windscreen, side windows and rear window, all of dark glass."""
    share = np.array((body.screen, body.roof[0], body.roof[1], body.rear))
    foot = _line(body, share) - 0.03
    high = np.array((foot[0], body.height - 0.05, body.height - 0.07, foot[3]))
    wide = body.width / 2 * np.array((0.8, 0.7, 0.7, 0.8))
    return _tent(body, share, foot, high, wide)


def _roof(body: Body) -> Form:
    """The roof over the windows and the pillars between them."""
    share = np.linspace(body.roof[0] - 0.01, body.roof[1] + 0.01, 8)
    across = np.linspace(-1, 1, 9)
    crown = (
        body.height - 0.08 + 0.09 * (1 - across[:, None] ** 4) * np.sin(np.linspace(0.5, np.pi - 0.5, 8))[None] ** 0.3
    )
    points = np.empty((9, 8, 3))
    points[..., 0] = (0.5 - share[None]) * body.length
    points[..., 1] = crown
    points[..., 2] = across[:, None] * body.width / 2 * 0.73
    lid = grid(points[:, ::-1], share, across[:, None])
    pillars = [_pillar(body, low, high, side) for side in (-1, 1) for low, high in _pillars(body)]
    return joined(lid, *pillars)


def _pillars(body: Body) -> tuple[tuple[float, float], ...]:
    """Where each pillar stands and where it meets the roof, as shares of the length."""
    middle = (body.roof[0] + body.roof[1]) / 2
    return (body.screen, body.roof[0]), (middle, middle), (body.rear - 0.02, body.roof[1])


def _pillar(body: Body, low: float, high: float, side: int) -> Form:
    foot, wide = float(_line(body, np.array(low))) - 0.03, 0.05
    corners = np.empty((2, 2, 3))
    for row, (share, level, half) in enumerate(((low, foot, 0.815), (high, body.height - 0.06, 0.722))):
        x = (0.5 - share) * body.length
        corners[row, :, 0] = (x - wide * side, x + wide * side)
        corners[row, :, 1] = level
        corners[row, :, 2] = side * body.width / 2 * half
    return grid(corners, np.array((0.0, 0.1)), np.array((0.0, 0.5))[:, None])


def _tent(body: Body, share: Floats, foot: Floats, high: Floats, wide: Floats) -> Form:
    """The skin over four stations: sides and top, closed at both ends by its slopes."""
    x = (0.5 - share) * body.length
    low = [np.stack([x, foot, s * body.width / 2 * 0.81 * np.ones(4)], axis=1) for s in (-1, 1)]
    up = [np.stack([x, high, s * wide], axis=1) for s in (-1, 1)]
    level = np.array((0.0, 1.0))[:, None]
    left = grid(np.stack([low[1], up[1]])[:, ::-1], x[::-1], level)
    right = grid(np.stack([low[0], up[0]]), x, level)
    top = grid(np.stack([up[1], up[0]])[:, ::-1], x[::-1], level)
    return joined(_flat(left), _flat(right), _flat(top))


def _flat(form: Form) -> Form:
    """The same with each triangle flat."""
    corners = form.vertices[form.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    index = np.arange(len(corners) * 3, dtype=np.uint32).reshape(-1, 3)
    return Form(corners.reshape(-1, 3), index, form.uv[form.faces].reshape(-1, 2), np.repeat(normals, 3, axis=0))


def _cap(points: Floats, facing: float) -> Form:
    """The flat end of the hull."""
    fan = np.array([(0, i, i + 1) if facing < 0 else (0, i + 1, i) for i in range(1, len(points) - 1)], np.uint32)
    normal = np.tile(np.array((facing, 0, 0), np.float32), (len(points), 1))
    return Form(points.astype(np.float32), fan, points[:, 1:].astype(np.float32), normal)


def _wheel() -> Form:
    profile = np.array(
        [(0.0, -0.1), (0.27, -0.1), (0.31, -0.07), (0.31, 0.07), (0.27, 0.1), (0.2, 0.1), (0.19, 0.07), (0, 0.07)]
    )
    return lathe(profile, 24).tilted(90).moved(y=0.31)


def _hub() -> Form:
    return lathe(np.array([(0.19, 0.0), (0.17, 0.01), (0.05, 0.0), (0.0, 0.015)]), 20).tilted(90)


def _arch() -> Form:
    return cylinder(0.37, 0.002, sides=24).tilted(90)


def _details(rng: np.random.Generator, body: Body) -> Prop:
    """Lights, plates, bumpers and mirrors."""
    nose, tail, wide = body.length / 2 - 0.035, -body.length / 2 + 0.035, body.width
    front = [box(0.06, 0.14, 0.34).moved(nose - 0.02, 0.56, s * wide * 0.3) for s in (-1, 1)]
    back = [box(0.05, 0.2, 0.22).moved(tail + 0.015, 0.64, s * wide * 0.31) for s in (-1, 1)]
    grille = box(0.04, 0.14, wide * 0.4).moved(nose, 0.4)
    lower = [box(0.08, 0.12, wide * 0.78).moved(x, 0.25) for x in (nose, tail)]
    mirrors = [
        box(0.1, 0.12, 0.2).moved(body.length * (0.5 - body.screen) - 0.35, body.bonnet + 0.03, s * (wide / 2 + 0.06))
        for s in (-1, 1)
    ]
    plates = [box(0.03, 0.11, 0.5).moved(x, 0.44) for x in (nose + 0.02, tail - 0.02)]
    return (
        Part("car_lights", joined(*front), Finish(Surface(linear("d0d4d6"), 0.08, specular=0.8))),
        Part("car_tail_lights", joined(*back), Finish(Surface(linear("8c1a18"), 0.1, specular=0.7))),
        Part("car_trim", joined(grille, *lower, *mirrors), black(rng)),
        Part("car_plates", joined(*plates), plain(linear("dcdcd4"), 0.4)),
    )
