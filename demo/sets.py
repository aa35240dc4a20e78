"""The two sets of the demo's production: an alley by night and a workshop by day."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from demo import texture
from demo.pieces import Paint, Stage, soft, string_of_bulbs
from demo.scenery import Lamp, Panel, Pixels, Point, Pose, focal_pixels
from demo.texture import Colour, Size

_TUNGSTEN: Colour = (26.0, 15.5, 6.6)
_DAYLIGHT: Colour = (6.4, 7.2, 8.4)
_RED: Colour = (0.55, 0.06, 0.03)
_WINE: Colour = (0.3, 0.05, 0.06)
_BLUE: Colour = (0.05, 0.12, 0.3)
_PAINTS = np.array([[0.4, 0.1, 0.07], [0.1, 0.2, 0.3], [0.42, 0.34, 0.14], [0.12, 0.25, 0.14], [0.5, 0.46, 0.38]])

Move = Callable[[float], Pose]


@dataclass(frozen=True, eq=False)
class Scene:
    """A dressed and lit set, and the camera move that was planned for it."""

    panels: tuple[Panel, ...]
    move: Move  # from the share of the shot that has passed


def alley(width: int, seed: int) -> Scene:
    """A back alley by night: a dolly past crates and a branch, so that near things run ahead of far ones."""
    bulbs = [_tinted(_TUNGSTEN, strength) for strength in (1.0, 0.8, 1.1, 0.95, 0.75, 1.05, 0.9)]
    string = ((-3.2, -1.62, 8.3), (3.4, -1.5, 8.3))
    pools = ((-2.9, -1.35), (-1.2, -1.1), (0.6, -1.1), (2.3, -1.3))
    lamps = (
        Lamp((0.92, -0.75, 5.0), (6.2, 3.8, 1.7)),
        *(Lamp((x, y, 8.2), (0.62, 0.38, 0.17)) for x, y in pools),
        Lamp((-5.0, -3.5, 4.0), (1.5, 2.4, 4.2)),
        Lamp((-1.2, -0.5, 0.8), (0.12, 0.16, 0.22)),
    )
    stage = Stage(lamps, (0.012, 0.017, 0.028), focal_pixels(width), np.random.default_rng([seed, 11]))
    panels = [*_facade(stage), *string_of_bulbs(stage, string, 0.3, bulbs), *_alley_ground(stage), *_alley_near(stage)]
    return Scene(
        tuple(panels), lambda share: Pose(x=-0.42 + 0.84 * share, y=0.03 * share, pan_degrees=1.2 - 2.0 * share)
    )


def _facade(stage: Stage) -> list[Panel]:
    """The brick wall with its door, windows, bills and pipes."""
    circus = partial(texture.poster, lines=("NIGHT", "CIRCUS", "ONE WEEK ONLY"), inks=(_RED, (0.05, 0.12, 0.2)))
    dance = partial(texture.poster, lines=("THE GRAND", "DANCE HALL", "SAT 8 PM"), inks=((0.5, 0.3, 0.04), _WINE))
    again = partial(texture.poster, lines=("NIGHT", "CIRCUS", "ONE WEEK ONLY"), inks=((0.4, 0.25, 0.05), _WINE))
    door = partial(texture.planks, tint=(0.05, 0.13, 0.11), board_metres=0.16)
    surround = partial(texture.plaster, tint=(0.22, 0.2, 0.18))
    bills = ((circus, -2.2, -0.55, 0.82, 1.2), (dance, 0.5, -0.35, 0.78, 1.12), (again, 1.36, -0.2, 0.74, 1.04))
    return [
        stage.flat(texture.brick, (-6.0, -4.2, 9.0), 12.0, 6.0),
        stage.shadow((-6.0, 0.8, 8.98), (12.0, 0.0, 0.0), (0.0, 1.5, 0.0), 0.75),
        stage.cast((-3.5, -1.75, 8.97), 1.15, 1.5, 0.7),
        stage.window(((-3.4, -1.75, 8.96), 1.05, 1.5), (3.6, 2.2, 0.95), (3, 2), texture.curtained),
        stage.window(((2.3, -1.75, 8.96), 1.05, 1.5), (1.9, 1.5, 1.1), (3, 2), texture.curtained),
        stage.flat(surround, (-1.02, -0.98, 8.95), 1.24, 2.68),
        stage.flat(door, (-0.9, -0.86, 8.94), 1.0, 2.56),
        stage.cast((-0.95, -0.9, 8.935), 1.1, 0.4, 0.6),
        stage.tube((-0.06, 0.4, 8.9), 0.05, 0.05, (0.5, 0.4, 0.2), 8.0),
        stage.cast((-1.5, -1.72, 8.93), 2.2, 0.5, 0.75),
        stage.flat(_sign, (-1.5, -1.75, 8.9), 2.2, 0.42),
        *(stage.cast((x, y + 0.03, 8.94), wide, high, 0.5) for _, x, y, wide, high in bills),
        *(stage.flat(paint, (x, y, 8.93), wide, high) for paint, x, y, wide, high in bills),
        stage.cast((2.08, -4.2, 8.85), 0.16, 5.9, 0.8),
        stage.tube((2.14, -4.2, 8.8), 0.1, 5.9, (0.2, 0.19, 0.17), 1.6),
        stage.tube((2.1, -0.4, 8.79), 0.18, 0.06, (0.2, 0.19, 0.17), 1.2),
        stage.cast((-4.1, 0.93, 8.85), 3.0, 0.09, 0.7),
        stage.tube((-4.1, 0.9, 8.8), 3.0, 0.07, (0.26, 0.12, 0.08), 1.2),
    ]


def _alley_ground(stage: Stage) -> list[Panel]:
    """The ground, and what stands on it."""
    wood = partial(texture.planks, tint=(0.3, 0.2, 0.11), board_metres=0.1)
    dark = partial(texture.planks, tint=(0.18, 0.13, 0.09), board_metres=0.13)
    shadows = [
        stage.shadow((-2.9, 1.49, 7.5), (2.6, 0.0, 0.0), (0.0, 0.0, -2.3), 0.9),
        stage.shadow((0.6, 1.49, 6.1), (2.6, 0.0, 0.0), (0.0, 0.0, -1.9), 0.9),
    ]
    crates = [
        *stage.crate(dark, (-2.45, 0.62, 6.6), 0.86, 0.88, False),
        *stage.crate(_stencilled(wood, "FRAGILE"), (-1.62, 0.9, 6.1), 0.62, 0.6, False),
        *stage.crate(_stencilled(wood, "No 7"), (-2.25, 0.12, 6.4), 0.55, 0.5, False),
        *stage.crate(_stencilled(dark, "LAMPS"), (1.25, 0.72, 5.3), 0.8, 0.78, True),
    ]
    post = [
        stage.tube((0.88, -0.78, 5.1), 0.07, 2.3, (0.1, 0.11, 0.1), 2.2),
        stage.cut(_trapeze, (0.05, 0.06, 0.055), (0.755, -0.97, 5.09), 0.32, 0.16),
        stage.bulb((0.915, -0.79, 5.07), 0.06, _tinted(_TUNGSTEN, 1.5)),
    ]
    glass = (0.05, 0.11, 0.05)
    bottles = [stage.bottle((1.3 + 0.15 * n, 0.72, 5.28), 0.28 + 0.04 * (n % 2), glass, 4.5) for n in range(4)]
    return [stage.floor(_cobbles, 1.5, (-6.5, 6.5), (2.4, 9.0)), *shadows, *crates, *post, *bottles]


def _alley_near(stage: Stage) -> list[Panel]:
    """What passes close to the lens, out of focus."""
    pixel = stage.focal_pixels / 1234
    rail = soft(stage.tube((-2.2, 0.41, 2.5), 4.4, 0.035, (0.2, 0.21, 0.22), 3.0), 1.7 * pixel)
    posts = [soft(stage.tube((x, 0.42, 2.5), 0.03, 0.8, (0.2, 0.21, 0.22), 2.0), 1.5 * pixel) for x in (-0.9, 0.35)]
    leaves = [
        soft(stage.branch((-1.5, -0.8, 2.9), 0.85, 0.62, 150), 1.0 * pixel),
        soft(stage.branch((0.85, -0.85, 2.6), 0.7, 0.5, 90), 1.6 * pixel),
    ]
    return [*posts, rail, *leaves]


def workshop(width: int, seed: int) -> Scene:
    """A workshop by day: a pan with a slight roll while the camera pushes in."""
    lamps = (
        Lamp((1.15, -0.6, 4.55), (0.95, 1.08, 1.25)),
        Lamp((0.9, -1.1, 3.2), (1.5, 1.7, 2.0)),
        Lamp((-0.88, -0.1, 3.75), (0.62, 0.38, 0.17)),
        Lamp((-0.4, -0.5, 2.3), (0.14, 0.085, 0.04)),
        Lamp((-1.6, -1.9, 1.0), (0.5, 0.46, 0.42)),
    )
    stage = Stage(lamps, (0.03, 0.032, 0.036), focal_pixels(width), np.random.default_rng([seed, 12]))
    panels = (*_back_wall(stage), *_shelves(stage), *_bench(stage), *_workshop_near(stage))
    return Scene(
        panels,
        lambda share: Pose(
            x=-0.12 + 0.26 * share, z=0.5 * share, pan_degrees=-3.0 + 5.6 * share, roll_degrees=-0.8 + 1.8 * share
        ),
    )


def _back_wall(stage: Stage) -> list[Panel]:
    """Boards and plaster, the window, and what hangs beside it."""
    boards = partial(texture.planks, tint=(0.2, 0.27, 0.26), board_metres=0.17)
    frame = partial(texture.planks, tint=(0.32, 0.3, 0.27), board_metres=0.4)
    plan = partial(
        texture.poster, lines=("PLAN  No 14", "ELEVATION", "SCALE 1 TO 20"), inks=(_BLUE, (0.08, 0.16, 0.34))
    )
    fair = partial(
        texture.poster, lines=("SUMMER", "AIR SHOW", "FREE ENTRY"), inks=((0.6, 0.25, 0.03), (0.06, 0.22, 0.3))
    )
    return [
        stage.flat(partial(texture.plaster, tint=(0.42, 0.38, 0.32)), (-4.5, -3.2, 5.2), 9.0, 3.3),
        stage.flat(boards, (-4.5, 0.06, 5.18), 9.0, 2.3),
        stage.cast((-4.5, 0.06, 5.17), 9.0, 0.12, 0.6),
        stage.tube((-4.5, 0.0, 5.15), 9.0, 0.08, (0.3, 0.26, 0.2), 0.6),
        stage.cast((0.5, -1.3, 5.145), 1.55, 1.36, 0.5),
        stage.flat(frame, (0.55, -1.3, 5.14), 1.5, 1.34),
        stage.window(((0.62, -1.23, 5.12), 1.36, 1.2), _DAYLIGHT, (2, 3), texture.sky_over_trees),
        stage.cast((-0.42, -0.92, 5.14), 0.52, 0.72),
        stage.flat(plan, (-0.4, -0.95, 5.13), 0.52, 0.72),
        stage.flat(fair, (2.2, -1.0, 5.13), 0.6, 0.84),
        stage.cast((0.22, -3.2, 5.12), 0.1, 2.7, 0.7),
        stage.tube((0.27, -3.2, 5.1), 0.06, 2.7, (0.3, 0.16, 0.1), 1.8),
        stage.cast((-0.5, 0.2, 5.12), 0.9, 0.36, 0.4),
        stage.flat(partial(texture.planks, tint=(0.34, 0.27, 0.17), board_metres=0.9), (-0.46, 0.17, 5.1), 0.9, 0.36),
        stage.cut(texture.tools, (0.05, 0.05, 0.055), (-0.45, 0.21, 5.09), 0.84, 0.3),
    ]


def _shelves(stage: Stage) -> list[Panel]:
    """Two boards of bottles, boxes and books."""
    wood = partial(texture.planks, tint=(0.26, 0.17, 0.1), board_metres=0.6)
    pieces: list[Panel] = []
    for y in (-0.62, -0.14):
        pieces.append(stage.cast((-2.3, y - 0.26, 5.1), 1.75, 0.5, 0.55))
        pieces.append(stage.flat(wood, (-2.3, y, 4.78), 1.75, 0.04))
        x = -2.25
        while x < -0.72:
            piece, wide = _clutter(stage, (x, y, 4.8))
            pieces.append(piece)
            x += wide + float(stage.rng.uniform(0.01, 0.05))
    return pieces


def _clutter(stage: Stage, foot: Point) -> tuple[Panel, float]:
    """One thing on a shelf, and how wide it is."""
    rng = stage.rng
    red, green, blue = (float(value) for value in rng.choice(_PAINTS) * rng.uniform(0.7, 1.2))
    high = float(rng.uniform(0.2, 0.34))
    if rng.random() < 0.5:
        glass = (red * 0.5, green * 0.5, blue * 0.5)
        return stage.bottle(foot, high, glass, float(rng.uniform(2.5, 7))), 0.34 * high
    wide = float(rng.uniform(0.06, 0.2))
    word = str(rng.choice(["NAILS", "TEA", "No 3", "OIL", "GLUE"]))
    labelled = _stencilled(partial(texture.plaster, tint=(red, green, blue)), word)
    return stage.flat(labelled, (foot[0], foot[1] - high, foot[2]), wide, high), wide


def _bench(stage: Stage) -> list[Panel]:
    """The bench with its lamp, a pot plant and a box."""
    wood = partial(texture.planks, tint=(0.36, 0.22, 0.12), board_metres=0.5)
    box = _stencilled(partial(texture.planks, tint=(0.3, 0.23, 0.15), board_metres=0.09), "CAMERA B")
    return [
        stage.floor(partial(texture.planks, tint=(0.36, 0.22, 0.12)), 0.62, (-2.2, 2.6), (3.3, 4.2)),
        stage.flat(wood, (-2.2, 0.62, 3.3), 4.8, 0.09),
        stage.flat(partial(texture.planks, tint=(0.07, 0.05, 0.04), board_metres=0.3), (-2.2, 0.71, 3.32), 4.8, 0.9),
        stage.shadow((-0.1, 0.615, 4.1), (1.2, 0.0, 0.0), (0.0, 0.0, -0.75), 0.9),
        stage.shadow((0.85, 0.615, 4.0), (0.75, 0.0, 0.0), (0.0, 0.0, -0.6), 0.85),
        *stage.crate(box, (0.1, 0.24, 3.6), 0.56, 0.38, True),
        stage.branch((0.78, -0.36, 3.62), 0.64, 0.76, 170, hanging=False),
        stage.cut(_pot, (0.4, 0.16, 0.08), (0.96, 0.33, 3.6), 0.27, 0.28),
        stage.tube((-0.89, -0.06, 3.56), 0.026, 0.66, (0.4, 0.33, 0.16), 4.0),
        stage.tube((-0.99, 0.56, 3.55), 0.23, 0.055, (0.4, 0.33, 0.16), 3.0),
        stage.bulb((-0.877, -0.1, 3.54), 0.045, _TUNGSTEN),
        stage.cut(_trapeze, (0.03, 0.1, 0.07), (-1.05, -0.31, 3.53), 0.35, 0.2),
        stage.shadow((-0.62, 0.615, 3.85), (0.55, 0.0, 0.0), (0.0, 0.0, -0.45), 0.7),
        *(stage.bottle((-0.5 + 0.14 * n, 0.62, 3.5), 0.25 - 0.03 * n, (0.16, 0.09, 0.03), 6.0) for n in range(3)),
        *stage.crate(_stencilled(wood, "FUSES"), (-1.5, 0.36, 3.55), 0.36, 0.26, False),
    ]


def _workshop_near(stage: Stage) -> list[Panel]:
    """A practical that hangs close to the lens, and a post, out of focus."""
    pixel = stage.focal_pixels / 1234
    return [
        soft(stage.tube((-0.428, -2.0, 2.3), 0.013, 1.55, (0.05, 0.05, 0.05)), 0.8 * pixel),
        soft(stage.tube((-0.445, -0.49, 2.3), 0.05, 0.08, (0.3, 0.24, 0.12), 3.0), 0.8 * pixel),
        soft(stage.bulb((-0.42, -0.38, 2.29), 0.04, _tinted(_TUNGSTEN, 0.9)), 0.8 * pixel),
        soft(stage.tube((0.86, -1.5, 2.1), 0.06, 3.0, (0.16, 0.1, 0.06), 0.5), 1.6 * pixel),
    ]


def _trapeze(size: Size) -> Pixels:
    """A stencil that widens downwards, as a lampshade does."""
    return _tapered(size, 0.42, 0.98)


def _pot(size: Size) -> Pixels:
    """A stencil that narrows downwards below its rim, as a flower pot does."""
    body = _tapered(size, 0.9, 0.6)
    body[: max(1, size[0] // 5)] = _tapered(size, 1.0, 1.0)[: max(1, size[0] // 5)]
    return body


def _tapered(size: Size, top: float, bottom: float) -> Pixels:
    """A stencil as wide as these shares at its top and bottom."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    half = (top + (bottom - top) * y / max(1, size[0] - 1)) * size[1] / 2
    return np.asarray(np.clip(half - np.abs(x + 0.5 - size[1] / 2) + 0.5, 0, 1), np.float32)


def _sign(size: Size, metre: float, rng: np.random.Generator) -> Pixels:
    """The board over the door."""
    board = texture.plaster(size, metre, rng, (0.05, 0.1, 0.08))
    return texture.mixed(board, (0.6, 0.48, 0.2), texture.print_lines(size, ("PROPERTY STORE",), 0.1, 0.9))


def _cobbles(size: Size, metre: float, rng: np.random.Generator) -> Pixels:
    """Worn, uneven ground, wet in places."""
    ground = texture.plaster(size, metre, rng, (0.15, 0.14, 0.13))
    stones = texture.noise(size, (0.09 * metre, 0.13 * metre), rng, 2)
    return np.asarray(ground * (0.55 + 0.8 * stones)[..., None], np.float32)


def _stencilled(paint: Paint, text: str) -> Paint:
    """A paint with a word stencilled onto it."""

    def painted(size: Size, metre: float, rng: np.random.Generator) -> Pixels:
        under = paint(size, metre, rng)
        return texture.mixed(under, (0.03, 0.03, 0.035), 0.85 * texture.print_lines(size, (text,), 0.3, 0.7))

    return painted


def _tinted(colour: Colour, strength: float) -> Colour:
    return (colour[0] * strength, colour[1] * strength, colour[2] * strength)
