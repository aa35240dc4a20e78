"""Ground, rocks and water: what is not built.

Convention: as in solids.py; heights are 0 around the origin, where the action is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interneg.soundstage.solids import Floats, Form, grid, joined


@dataclass(frozen=True, eq=False)
class Land:
    """Rolling ground that is level around the origin: waves (N, 4) of x and z wave numbers, phase and height."""

    waves: Floats
    level_radius: float

    def height(self, x: Floats, z: Floats) -> Floats:
        """How high the ground lies at those places, in metres."""
        turn = np.asarray(x)[..., None] * self.waves[:, 0] + np.asarray(z)[..., None] * self.waves[:, 1]
        swell = (np.sin(turn + self.waves[:, 2]) * self.waves[:, 3]).sum(axis=-1)
        ahead = np.where(np.asarray(z) > 0, 0.4, 1.0) * z  # level for longer where the camera stands
        away = np.clip((np.hypot(x, ahead) - self.level_radius) / (2 * self.level_radius), 0, 1)
        return np.asarray(swell * away * away * (3 - 2 * away))

    def form(self, reach: float, rings: int = 44, spokes: int = 96) -> Form:
        """The ground itself, out to that many metres, finer near the origin."""
        angle = np.linspace(0, 2 * np.pi, spokes + 1)
        radius = np.geomspace(0.3, reach + 0.3, rings)[:, None] - 0.3
        x, z = radius * np.cos(angle), radius * np.sin(angle)
        return grid(np.stack([x, self.height(x, z), z], axis=-1), x, -z)

    def scattered(self, points: Floats) -> Floats:
        """Places (N, 2) in x and z, on the ground (N, 3)."""
        return np.stack([points[:, 0], self.height(points[:, 0], points[:, 1]), points[:, 1]], axis=1)


def rolling(rng: np.random.Generator, relief: float, level_radius: float) -> Land:
    """Ground that rolls by about that many metres."""
    length = np.geomspace(2.5, 40, 12)
    angle, phase = rng.uniform(0, 2 * np.pi, (2, 12))
    number = 2 * np.pi / length
    height = relief * rng.normal(0, 1, 12) * (length / 40) ** 0.9
    return Land(np.stack([np.cos(angle) * number, np.sin(angle) * number, phase, height], axis=1), level_radius)


def rock(rng: np.random.Generator, width: float, height: float, depth: float, detail: int = 20) -> Form:
    """A weathered rock, a little sunk into the ground."""
    around = np.linspace(0, 2 * np.pi, 2 * detail + 1)[None]
    up = np.linspace(-np.pi / 2, np.pi / 2, detail + 1)[:, None]
    way = np.stack([np.cos(up) * np.cos(around), np.sin(up) + 0 * around, -np.cos(up) * np.sin(around)], axis=-1)
    way = way / np.abs(way).max(axis=-1, keepdims=True) ** rng.uniform(0.2, 0.7)
    for _ in range(int(rng.integers(5, 10))):  # broken faces: planes that cut the ball
        plane = rng.normal(size=3)
        plane /= np.linalg.norm(plane)
        over = np.clip(way @ plane - rng.uniform(0.55, 0.85), 0, None)
        way = way - over[..., None] * plane
    way = way * (1 + _lumps(rng, way, 3.0)[..., None] * 0.12 + _lumps(rng, way, 9.0)[..., None] * 0.035)
    points = way * np.array((width, height, depth)) / 2 + (0, height * rng.uniform(0.25, 0.4), 0)
    run = width / 2
    return _closed(grid(points, around * run, up * run + run), detail)


def rocks(rng: np.random.Generator, places: Floats, size: float) -> Form:
    """Rocks at those places (N, 3), most of them small; one material."""
    made = []
    for x, y, z in places:
        wide = size * float(np.exp(rng.normal(-0.5, 0.6)))
        one = rock(rng, wide, wide * float(rng.uniform(0.4, 0.9)), wide * float(rng.uniform(0.6, 1.1)), 10)
        made.append(one.turned(float(rng.uniform(0, 360))).moved(float(x), float(y), float(z)))
    return joined(*made)


def _closed(form: Form, detail: int) -> Form:
    """The same with one normal along the seam."""
    normals = form.normals.reshape(detail + 1, -1, 3).copy()
    normals[:, 0] = normals[:, -1] = normals[:, 0] + normals[:, -1]
    normals[0], normals[-1] = normals[0].mean(axis=0), normals[-1].mean(axis=0)
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-6)
    return Form(form.vertices, form.faces, form.uv, normals.reshape(-1, 3).astype(np.float32))


def _lumps(rng: np.random.Generator, points: Floats, number: float) -> Floats:
    """Noise in space, about -1 to 1: waves in eight directions."""
    ways = rng.normal(size=(8, 3)) * number
    return np.asarray(np.sin(points @ ways.T + rng.uniform(0, 2 * np.pi, 8)).mean(axis=-1) * 2)
