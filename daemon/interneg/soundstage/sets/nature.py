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

CLEAR = 2.2  # metres about the action without trees


def forest_edge(rng: np.random.Generator) -> StageSet:
    """Where a forest begins: trunks, undergrowth and grass, and the open side towards the camera."""
    dressing = Dressing()
    land = rolling(rng, float(rng.uniform(0.2, 1.2)), 5.0)
    ground = turf(rng) if rng.random() < 0.5 else earth(rng)
    dressing.put((Part("ground", land.form(90.0), ground),))
    season = str(rng.choice((GREENS, GREENS, GREENS, AUTUMN, DRY)))
    kinds = [_kind(rng, season, index) for index in range(int(rng.integers(2, 4)))]
    for x, y, z in _forest(rng, land):
        plant, trunk, leaf = kinds[int(rng.integers(len(kinds)))]
        _plant(dressing, plant.placed(x, y - 0.05, z, float(rng.uniform(0, 360)), float(rng.uniform(0.7, 1.15))), trunk, leaf)
        if np.hypot(x, z) < 9:
            dressing.anchors.append((float(x), float(y + rng.uniform(3.5, 6.0)), float(z)))
    _undergrowth(rng, dressing, land, season)
    _people(rng, dressing)
    surroundings = random_sky(rng, "trees", np.asarray(ground.surface.albedo).mean(axis=(0, 1)))
    return dressing.done("forest_edge", surroundings, (-3.0, 0.6, 3.5), (3.0, 2.4, 8.0), (0.0, 1.1, 0.0))


def _kind(rng: np.random.Generator, season: str, index: int) -> tuple[Plant, Finish, Finish]:
    """A kind of tree that this forest has."""
    makers = (broadleaf, conifer, slender)
    chosen = int(rng.integers(len(makers)))
    palette = GREENS if chosen == 1 else season
    return tree(rng, makers[chosen](rng)), bark(rng), leafage(rng, palette)


def _forest(rng: np.random.Generator, land: Land) -> Floats:
    """Where the trees stand: dense behind, two or three beside the action."""
    edge = float(rng.uniform(-6.0, -2.5))
    found: list[tuple[float, float]] = []
    for _ in range(400):
        z = edge - float(rng.exponential(5.0))
        x = float(rng.uniform(-1, 1)) * (4 + 0.75 * (8 - z))
        apart = 1.3 if z > -8 else 2.0
        if all(np.hypot(x - a, z - b) > apart for a, b in found):
            found.append((x, z))
        if len(found) == 9:
            break
    for side in (-1, 1):
        if rng.random() < 0.7:
            found.append((side * float(rng.uniform(2.6, 5.0)), float(rng.uniform(-2.5, 1.5))))
    return land.scattered(np.array(found))


def _plant(dressing: Dressing, plant: Plant, trunk: Finish, leaf: Finish) -> None:
    dressing.put((Part("wood", plant.wood, trunk), Part("leaves", plant.leaves, leaf)))


def _undergrowth(rng: np.random.Generator, dressing: Dressing, land: Land, season: str) -> None:
    """Bushes, grass, dead wood and stones."""
    wood, leaf = bark(rng), leafage(rng, season)
    template = bush(rng, float(rng.uniform(0.7, 1.6)), float(rng.uniform(0.05, 0.1)), 1500)
    for x, y, z in land.scattered(_around(rng, int(rng.integers(4, 9)), 2.4, 9.0)):
        grown = template.placed(x, y, z, float(rng.uniform(0, 360)), float(rng.uniform(0.6, 1.3)))
        _plant(dressing, grown, wood, leaf)
    blades = land.scattered(_tufts(rng, int(rng.integers(4000, 9000))))
    form = grass(rng, blades, float(rng.uniform(0.12, 0.45)), float(rng.uniform(0.008, 0.016)))
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
    angle = rng.uniform(-0.25 * np.pi, 1.25 * np.pi, count)
    radius = rng.uniform(near, far, count)
    return np.stack([np.cos(angle) * radius, -np.sin(angle) * radius], axis=1)


def _people(rng: np.random.Generator, dressing: Dressing) -> None:
    for x in np.linspace(-1.5, 1.5, int(rng.integers(2, 5))):
        dressing.stand(x + rng.normal(0, 0.15), float(rng.uniform(-0.9, 0.9)), float(rng.normal(0, 50)))

