"""Sets without a tree: rocks in a desert, a beach."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from interneg.soundstage.fabrics import stripes
from interneg.soundstage.facades import block, slabs
from interneg.soundstage.plants import DRY, GREENS, bark, bush, grass, leafage
from interneg.soundstage.props import Dressing, Part, Prop
from interneg.soundstage.scene import StageSet, Surface
from interneg.soundstage.sky import random_sky
from interneg.soundstage.solids import Finish, Floats, Form, beam, cylinder, grid, joined, lathe
from interneg.soundstage.terrain import Land, rock, rocks, rolling
from interneg.soundstage.textures import colour, enamel, linear, mixed, noise, shaded, steel, wood

ROCKS = "a5744f b98a63 8f7a66 7d7872 c2a27c 8a5a44"
SANDS = "c9ae82 d8c49c b8955f c2a88a 9f8f78"


def desert(rng: np.random.Generator) -> StageSet:
    """Rocks, sand and scrub, with a cliff behind or far hills."""
    dressing = Dressing()
    land = rolling(rng, float(rng.uniform(0.5, 2.5)), 5.0)
    ground, stone = sand(rng), strata(rng)
    dressing.put((Part("ground", land.form(150.0), ground),))
    _cliffs(rng, dressing, land, stone)
    small = land.scattered(_spread(rng, int(rng.integers(20, 60)), 1.2, 12.0))
    dressing.put((Part("stones", rocks(rng, small, float(rng.uniform(0.1, 0.35))), stone),))
    _scrub(rng, dressing, land)
    for x in np.linspace(-1.6, 1.6, int(rng.integers(2, 6))):
        dressing.stand(x + rng.normal(0, 0.15), float(rng.uniform(-0.9, 0.9)), float(rng.normal(0, 60)))
    weather = str(rng.choice(("clear", "clear", "cloudy", "dusk", "night")))
    surroundings = random_sky(rng, "hills", ground.surface.albedo.mean(axis=(0, 1)), weather)
    return dressing.done("desert", surroundings, (-3.2, 0.5, 3.2), (3.2, 2.2, 8.5), (0.0, 1.1, 0.0))


def beach(rng: np.random.Generator) -> StageSet:
    """A shore: sand, surf and the sea, groynes, rocks, dune grass, a boat or a parasol."""
    dressing = Dressing()
    ground, shore = sand(rng), -float(rng.uniform(3.5, 8.0))
    dressing.put((Part("sand", _slope(rng, shore), ground),))
    dressing.put((Part("sea", _sea(rng, shore), _water(rng)), Part("foam", _foam(rng, shore), _froth(rng))))
    if rng.random() < 0.6:
        _groyne(rng, dressing, float(rng.choice((-1, 1))) * float(rng.uniform(2.5, 5.0)), shore)
    if rng.random() < 0.5:
        spots = np.insert(rng.normal((rng.choice((-5, 5)), shore + 0.8), (1.8, 0.6), (9, 2)), 1, -0.1, axis=1)
        dressing.put((Part("rocks", rocks(rng, spots, float(rng.uniform(0.6, 1.6))), strata(rng)),))
    for maker, side in ((boat, -1), (parasol, 1)):
        if rng.random() < 0.5:
            dressing.put(
                maker(rng),
                side * float(rng.uniform(2.0, 3.4)),
                0,
                -float(rng.uniform(0.8, 2.0)),
                float(rng.uniform(0, 360)),
            )
    _dune_grass(rng, dressing)
    dressing.anchors += [(-3.0, 4.0, -1.0), (3.0, 4.0, -1.0)]
    for x in np.linspace(-1.5, 1.5, int(rng.integers(2, 6))):
        dressing.stand(x + rng.normal(0, 0.15), float(rng.uniform(-0.8, 0.9)), float(rng.normal(0, 60)))
    surroundings = random_sky(rng, "sea", linear("24404a"))
    return dressing.done("beach", surroundings, (-3.2, 0.5, 3.2), (3.2, 2.2, 8.5), (0.0, 1.1, 0.0))


def sand(rng: np.random.Generator) -> Finish:
    """Sand: grains, ripples, a tint of its own."""
    base = linear(str(rng.choice(SANDS.split()))) * np.exp(rng.normal(0, 0.12))
    ripple = np.sin(np.arange(512)[:, None] / 512 * 2 * np.pi * 14 + noise(rng, 512, 1.7) * 2.2)
    level = noise(rng, 512, 0.2) * 0.1 + noise(rng, 512, 1.4) * 0.1 + ripple * rng.uniform(0, 0.06)
    bump = (ripple * 0.008 * rng.random() + noise(rng, 512, 0.8) * 0.006).astype(np.float32)
    return Finish(Surface(shaded(base, level, 1.0), 0.95, specular=0.2, bump=bump), 3.0, 3.0)


def strata(rng: np.random.Generator) -> Finish:
    """Rock in layers."""
    base = linear(str(rng.choice(ROCKS.split()))) * np.exp(rng.normal(0, 0.15))
    layers = np.sin(np.arange(512)[:, None] / 512 * 2 * np.pi * 6 + noise(rng, 512, 1.5) * 1.5)
    rough = noise(rng, 512, 0.8)
    albedo = shaded(base, layers * rng.uniform(0.03, 0.2) + rough * 0.14 + noise(rng, 512, 0.2) * 0.08, 1.0)
    albedo = mixed(albedo, base * 0.45, (noise(rng, 512, 1.2) - 1.4) * 1.5)
    return Finish(Surface(albedo, 0.95, bump=(rough * 0.012).astype(np.float32)), 2.0, 2.0)


def boat(rng: np.random.Generator) -> Prop:
    """A rowing boat pulled up, leaning on its keel."""
    length, wide, high = float(rng.uniform(2.4, 3.4)), float(rng.uniform(0.55, 0.75)), 0.55
    share = np.linspace(-1, 1, 21)[None]
    around = np.linspace(-1, 1, 13)[:, None]
    beam_width = wide * np.clip(1 - np.abs(share) ** 2.4, 0.02, 1)
    x = share * length / 2 + 0 * around
    y = high * (np.abs(around) ** 2.2) * (1 + 0.18 * share**2) + 0.12 * share**2
    z = around * beam_width
    hull = grid(np.stack([x, y, z], axis=-1)[:, ::-1], share[:, ::-1] + 1, around + 1)
    seats = [
        block(0.22, 0.03, wide * 1.7 * scale, at * length, 0.36)
        for at, scale in ((-0.22, 0.8), (0.05, 1.0), (0.28, 0.75))
    ]
    rim = [
        beam((x0, y0, s * z0), (x1, y1, s * z1), 0.04) for s in (-1, 1) for (x0, y0, z0), (x1, y1, z1) in _rim(x, y, z)
    ]
    return Part("boat", hull, enamel(rng)), Part("boat_seats", joined(slabs(seats), *rim), wood(rng))


def parasol(rng: np.random.Generator) -> Prop:
    """A parasol and its pole."""
    radius, high = float(rng.uniform(0.9, 1.4)), float(rng.uniform(2.0, 2.4))
    edge = np.linspace(0, 1, 9)
    roof = lathe(np.stack([radius * (1 - edge), high - 0.42 + 0.42 * np.sin(edge * np.pi / 2)], axis=1), 8)
    return Part("parasol", roof, stripes(rng)), Part("parasol_pole", cylinder(0.02, high, sides=10), steel(rng))


def _rim(x: Floats, y: Floats, z: Floats) -> list[tuple[tuple[float, float, float], tuple[float, float, float]]]:
    """The pieces of a boat's gunwale, one side of it."""
    points = [(float(a), float(b), float(c)) for a, b, c in zip(x[-1], y[-1], z[-1], strict=True)]
    return list(pairwise(points))


def _cliffs(rng: np.random.Generator, dressing: Dressing, land: Land, stone: Finish) -> None:
    """Boulders beside and behind the action, and now and then a cliff."""
    made: list[Form] = []
    for x, y, z in land.scattered(_spread(rng, int(rng.integers(4, 9)), 3.2, 11.0)):
        wide = float(rng.uniform(0.8, 2.6))
        one = rock(rng, wide, wide * float(rng.uniform(0.5, 1.3)), wide * float(rng.uniform(0.7, 1.2)), 24)
        made.append(one.turned(float(rng.uniform(0, 360))).moved(float(x), float(y) - 0.1, float(z)))
        dressing.anchors.append((float(x), float(y + wide + 2.0), float(z)))
    for x in np.linspace(-22, 22, 7) if rng.random() < 0.6 else ():
        size = rng.uniform((8, 4, 6), (14, 14, 10))
        cliff = rock(rng, float(size[0]), float(size[1]), float(size[2]), 30)
        made.append(cliff.moved(float(x + rng.normal(0, 2)), -0.5, -float(rng.uniform(13, 24))))
    dressing.put((Part("boulders", joined(*made), stone),))


def _scrub(rng: np.random.Generator, dressing: Dressing, land: Land) -> None:
    wood_, leaf = bark(rng), leafage(rng, DRY if rng.random() < 0.6 else GREENS)
    plant = bush(rng, float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.03, 0.06)), int(rng.integers(300, 1800)))
    for x, y, z in land.scattered(_spread(rng, int(rng.integers(2, 14)), 2.0, 14.0)):
        one = plant.placed(x, y, z, float(rng.uniform(0, 360)), float(rng.uniform(0.5, 1.5)))
        dressing.put((Part("twigs", one.wood, wood_), Part("leaves", one.leaves, leaf)))


def _spread(rng: np.random.Generator, count: int, near: float, far: float) -> Floats:
    """Places behind and beside the action."""
    angle, radius = rng.uniform(-0.2 * np.pi, 1.2 * np.pi, count), near + (far - near) * rng.random(count) ** 1.5
    return np.stack([np.cos(angle) * radius, -np.sin(angle) * radius], axis=1)


def _slope(rng: np.random.Generator, shore: float) -> Form:
    """The beach, which dips under the sea; level where the action is."""
    z, x = np.geomspace(1, 40, 60)[:, None] - 21.0, np.linspace(-60, 60, 61)[None]
    z = np.linspace(14, shore - 12, 70)[:, None]
    down = -0.09 * np.clip(-1.5 - z, 0, None)
    dunes = sum(np.sin(x * k + z * q + p) * 0.05 for k, q, p in rng.uniform((0.2, 0.2, 0), (0.9, 1.2, 6.3), (5, 3)))
    away = np.clip((np.hypot(x, z) - 2.5) / 3.0, 0, 1)
    return grid(np.stack(np.broadcast_arrays(x, down + dunes * away * 0.7, z), axis=-1), x + 60, 14 - z)


def _level(shore: float) -> float:
    """How high the sea stands: where the beach meets it."""
    return -0.09 * (-1.5 - shore) - 0.02


def _sea(rng: np.random.Generator, shore: float) -> Form:
    """The sea's swell, out to the horizon, rising as it nears the shore."""
    z = shore + 3.0 - np.concatenate([np.linspace(0, 25, 90), np.geomspace(25.5, 900, 30)])[:, None]
    x = np.sinh(np.linspace(-3.6, 3.6, 70))[None] * 22
    waves = rng.uniform((-0.15, 0.4, 0), (0.15, 2.2, 6.3), (7, 3))
    height = sum(np.sin(x * a + z * k + p) * 0.06 / k for a, k, p in waves)
    crest = 0.22 * np.exp(-(((z - shore + 4.0 + np.sin(x * 0.13) * 0.8) / 0.7) ** 2))
    fade = np.clip((shore + 3.0 - z) / 4.0, 0.05, 1) * np.clip(60 / np.maximum(-z, 1), 0, 1)
    return grid(np.stack(np.broadcast_arrays(x, _level(shore) + height * fade + crest, z), axis=-1), x, shore - z)


def _water(rng: np.random.Generator) -> Finish:
    tint = linear(str(rng.choice(["1f4a55", "26505a", "2f4a4a", "1d3c52", "3f5a58"])))
    chop = (noise(rng, 512, 1.1) * 0.02).astype(np.float32)
    return Finish(Surface(shaded(tint, noise(rng, 512, 1.2), 0.1), 0.12, specular=0.6, bump=chop), 6.0, 6.0)


def _foam(rng: np.random.Generator, shore: float) -> Form:
    """The lines of surf, each wandering along the shore."""
    x = np.linspace(-50, 50, 220)[None]
    strips = []
    for index in range(3):
        wander = sum(np.sin(x * k + p) * 0.35 for k, p in rng.uniform((0.1, 0), (0.9, 6.3), (4, 2)))
        z = shore + 0.4 - index * 2.6 + wander
        wide = float(rng.uniform(0.15, 0.5)) * (0.7 + 0.5 * np.sin(x * 0.5 + index))
        points = np.stack(
            np.broadcast_arrays(x, _level(shore) + 0.05 + 0.06 * index, z + wide * np.array(((0.5,), (-0.5,)))), axis=-1
        )
        strips.append(grid(points, x, np.array(((0.0,), (0.5,)))))
    return joined(*strips)


def _froth(rng: np.random.Generator) -> Finish:
    white = mixed(linear("c8d0d0"), linear("f0f2f0"), noise(rng, 256, 0.3) * 0.5 + 0.5)
    return Finish(Surface(white, 0.9, bump=(noise(rng, 256, 0.5) * 0.01).astype(np.float32)), 1.0, 1.0)


def _groyne(rng: np.random.Generator, dressing: Dressing, x: float, shore: float) -> None:
    """Old posts and planks that run into the sea."""
    posts = [
        cylinder(0.11, float(rng.uniform(0.9, 1.5)), 0.1, 10)
        .rolled(float(rng.normal(0, 4)))
        .moved(x + float(rng.normal(0, 0.04)), -0.6, z)
        for z in np.arange(shore + 3.0, shore - 9.0, -0.75)
    ]
    boards = slabs([block(0.06, 0.7, 12.0, x, -0.55, shore - 3.0)])
    dressing.put((Part("groyne", joined(*posts, boards), wood(rng, colour(rng, "5a4a3c 6a6258 4a4640"))),))


def _dune_grass(rng: np.random.Generator, dressing: Dressing) -> None:
    count = int(rng.integers(0, 5000))
    clumps = np.stack([rng.choice((-1, 1), 40) * rng.uniform(2.2, 8.0, 40), rng.uniform(-2.4, 1.5, 40)], axis=1)
    spots = clumps[rng.integers(0, 40, count)] + rng.normal(0, 0.12, (count, 2))
    if count > 500:
        roots = np.insert(spots, 1, -0.05, axis=1)
        dressing.put((Part("grass", grass(rng, roots, 0.55, 0.009), leafage(rng, DRY)),))
