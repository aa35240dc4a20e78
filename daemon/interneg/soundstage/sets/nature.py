"""Sets in nature: the edge of a forest."""

from __future__ import annotations

import numpy as np

from interneg.soundstage.plants import (
    AUTUMN,
    DRY,
    GREENS,
    Plant,
    bark,
    broadleaf,
    bush,
    conifer,
    distant,
    grass,
    leafage,
    slender,
    tree,
)
from interneg.soundstage.props import Dressing, Part
from interneg.soundstage.scene import StageSet
from interneg.soundstage.sky import random_sky
from interneg.soundstage.solids import Finish, Floats
from interneg.soundstage.terrain import Land, rocks, rolling
from interneg.soundstage.textures import earth
from interneg.soundstage.textures import grass as turf


def forest_edge(rng: np.random.Generator) -> StageSet:
    """Where a forest begins: trunks, undergrowth and grass, and the open side towards the camera."""
    dressing = Dressing()
    land = rolling(rng, float(rng.uniform(0.2, 1.2)), 5.0)
    is_turf = rng.random() < 0.6
    ground = turf(rng) if is_turf else earth(rng)
    dressing.put((Part("ground", land.form(90.0), ground),))
    season = str(rng.choice((GREENS, GREENS, GREENS, AUTUMN, DRY)))
    kinds = [_kind(rng, season) for _ in range(int(rng.integers(1, 4)))]
    for x, y, z in _forest(rng, land):
        near, far, trunk, leaf = kinds[int(rng.integers(len(kinds)))]
        plant = near if np.hypot(x, z) < 4.2 else far
        turn, size = float(rng.uniform(0, 360)), float(rng.uniform(0.7, 1.15))
        _plant(dressing, plant.placed(x, y - 0.05, z, turn, size), trunk, leaf)
        if np.hypot(x, z) < 9:
            dressing.anchors.append((float(x), float(y + rng.uniform(3.5, 6.0)), float(z)))
    _thicket(rng, dressing, land, season)
    _undergrowth(rng, dressing, land, season, 8000 if is_turf else 4000)
    _people(rng, dressing)
    surroundings = random_sky(rng, "trees", np.asarray(ground.surface.albedo).mean(axis=(0, 1)))
    return dressing.done("forest_edge", surroundings, (-3.0, 0.6, 3.5), (3.0, 2.4, 8.0), (0.0, 1.1, 0.0))


def _kind(rng: np.random.Generator, season: str) -> tuple[Plant, Plant, Finish, Finish]:
    """A kind of tree that this forest has, as it is near and far."""
    makers = (broadleaf, conifer, slender)
    chosen = int(rng.integers(len(makers)))
    habit = makers[chosen](rng)
    palette = GREENS if chosen == 1 else season
    return tree(rng, habit), tree(rng, distant(habit)), bark(rng), leafage(rng, palette)


def _forest(rng: np.random.Generator, land: Land) -> Floats:
    """Where the trees stand: dense behind, one or two beside the action."""
    edge = float(rng.uniform(-6.0, -2.0))
    found: list[tuple[float, float]] = []
    for _ in range(400):
        z = edge - float(rng.exponential(4.0))
        x = float(rng.uniform(-1, 1)) * (3 + 0.6 * (8 - z))
        near = np.hypot(x, z) < 4.2
        too_many = near and sum(np.hypot(a, b) < 4.2 for a, b in found) > 0
        if not too_many and all(np.hypot(x - a, z - b) > 1.2 for a, b in found):
            found.append((x, z))
        if len(found) == 12:
            break
    for side in (-1, 1):
        if rng.random() < 0.6:
            found.append((side * float(rng.uniform(2.6, 5.0)), float(rng.uniform(-2.5, 1.5))))
    return land.scattered(np.array(found))


def _plant(dressing: Dressing, plant: Plant, trunk: Finish, leaf: Finish) -> None:
    dressing.put((Part("wood", plant.wood, trunk), Part("leaves", plant.leaves, leaf)))


def _thicket(rng: np.random.Generator, dressing: Dressing, land: Land, season: str) -> None:
    """The wall of leaves that a forest's edge is, more or less dense."""
    wood, leaf = bark(rng), leafage(rng, season)
    template = bush(rng, float(rng.uniform(1.5, 3.0)), float(rng.uniform(0.12, 0.2)), 1600)
    count = int(rng.integers(6, 14))
    across = np.linspace(-12, 12, count) + rng.normal(0, 0.8, count)
    depth = -rng.uniform(5.0, 9.0) - np.abs(rng.normal(0, 2.0, count))
    for x, y, z in land.scattered(np.stack([across, depth], axis=1)):
        grown = template.placed(x, y - 0.1, z, float(rng.uniform(0, 360)), float(rng.uniform(0.6, 1.5)))
        _plant(dressing, grown, wood, leaf)


def _undergrowth(rng: np.random.Generator, dressing: Dressing, land: Land, season: str, blades: int) -> None:
    """Bushes, grass and stones."""
    wood, leaf = bark(rng), leafage(rng, season)
    template = bush(rng, float(rng.uniform(0.5, 1.3)), float(rng.uniform(0.05, 0.1)), 2200)
    for x, y, z in land.scattered(_around(rng, int(rng.integers(2, 7)), 2.4, 7.0)):
        grown = template.placed(x, y, z, float(rng.uniform(0, 360)), float(rng.uniform(0.6, 1.3)))
        _plant(dressing, grown, wood, leaf)
    roots = land.scattered(_tufts(rng, blades))
    form = grass(rng, roots, float(rng.uniform(0.12, 0.4)), float(rng.uniform(0.008, 0.016)))
    dressing.put((Part("grass", form, leafage(rng, GREENS if season == GREENS else DRY)),))
    stones = land.scattered(_around(rng, int(rng.integers(3, 14)), 1.6, 7.0))
    dressing.put((Part("stones", rocks(rng, stones, float(rng.uniform(0.2, 0.7))), earth(rng)),))


def _tufts(rng: np.random.Generator, count: int) -> Floats:
    """Where blades stand: in tufts, fewer where people walk."""
    tufts = rng.normal(0, 1, (90, 2)) * (4.0, 3.5) + (0, -1.0)
    spots = tufts[rng.integers(0, len(tufts), count)] + rng.normal(0, 0.25, (count, 2))
    return spots[np.hypot(spots[:, 0], spots[:, 1] - 0.3) > rng.uniform(0, 1.4, count)]


def _around(rng: np.random.Generator, count: int, near: float, far: float) -> Floats:
    """Places behind and beside the action."""
    angle = rng.uniform(-0.12 * np.pi, 1.12 * np.pi, count)
    radius = rng.uniform(near, far, count)
    return np.stack([np.cos(angle) * radius, -np.sin(angle) * radius], axis=1)


def _people(rng: np.random.Generator, dressing: Dressing) -> None:
    for x in np.linspace(-1.5, 1.5, int(rng.integers(2, 5))):
        dressing.stand(x + rng.normal(0, 0.15), float(rng.uniform(-0.9, 0.9)), float(rng.normal(0, 50)))
