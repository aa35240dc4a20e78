"""A stage small enough for tests: matte balls before a wall, lit by one lamp at a time with true cast shadows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from interneg.soundstage.archive import Stage, writing_scene
from interneg.soundstage.teaching.lesson import Lesson

Pixels = npt.NDArray[np.float32]

FAR = 1e6
WALL = 6.0  # metres from the camera


def _hits(origin: Pixels, towards: Pixels, centre: Pixels, radius: float) -> Pixels:
    """How far along unit rays (..., 3) a ball is met; FAR where it is not."""
    offset = origin - centre
    half = (offset * towards).sum(axis=-1)
    rest = half**2 - (offset**2).sum(axis=-1) + radius**2
    near = -half - np.sqrt(np.maximum(rest, 0))
    return np.where((rest > 0) & (near > 1e-3), near, FAR)


def _balls(rng: np.random.Generator) -> list[tuple[Pixels, float, Pixels]]:
    places = rng.uniform((-1.4, -1.0, -5.0), (1.4, 1.0, -3.0), (3, 3))
    return [(place, float(rng.uniform(0.3, 0.7)), rng.uniform(0.1, 0.9, 3)) for place in places]


def scene_planes(
    seed: int, height: int, width: int, lamps: int
) -> tuple[dict[str, Pixels], dict[str, Pixels], list[dict[str, object]]]:
    """One-lamp pictures, truth and lamps of a scene; the camera is the origin and looks along -z."""
    rng = np.random.default_rng(seed)
    columns = (np.arange(width) + 0.5 - width / 2) / (width / 2) * 0.45
    rows = (height / 2 - np.arange(height) - 0.5) / (width / 2) * 0.45
    rays = np.stack(np.broadcast_arrays(columns[None], rows[:, None], -1.0), axis=-1)
    rays = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
    distance = WALL / -rays[..., 2]
    normal = np.zeros_like(rays)
    normal[..., 2] = 1
    checks = (np.floor(columns[None] * 12) + np.floor(rows[:, None] * 12)) % 2
    albedo = rng.uniform(0.2, 0.8, 3) * (0.6 + 0.4 * checks[..., None])
    things = np.ones((height, width))
    balls = _balls(rng)
    for number, (centre, radius, colour) in enumerate(balls):
        met = _hits(np.zeros(3), rays, centre, radius)
        nearer = met < distance
        distance = np.where(nearer, met, distance)
        normal[nearer] = ((rays * met[..., None] - centre) / radius)[nearer]
        albedo = np.where(nearer[..., None], colour, albedo)
        things = np.where(nearer, number + 2, things)
    position = rays * distance[..., None]
    pictures: dict[str, Pixels] = {"surroundings": (albedo * 0.3).astype(np.float32)}
    stands: list[dict[str, object]] = []
    for index in range(lamps):
        azimuth, elevation = 2 * np.pi * (index + rng.random() * 0.5) / lamps, rng.uniform(0.2, 1.0)
        towards = np.array(
            [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.abs(np.cos(azimuth)) * np.cos(elevation)]
        )
        free = np.all([_hits(position, towards, ball[0], ball[1]) == FAR for ball in balls], axis=0)
        light = np.maximum(normal @ towards, 0) * free
        name = f"key{index:02d}"
        pictures[name] = (albedo * light[..., None]).astype(np.float32)
        stands.append({"name": name, "direction": towards.tolist(), "angular_diameter_degrees": 5.0, "distance": 4.0})
    truth = {
        "albedo": albedo,
        "normal": normal,
        "depth": -position[..., 2],
        "position": position,
        "id": things,
    }
    return pictures, {name: plane.astype(np.float32) for name, plane in truth.items()}, stands


def write_stage(folder: Path, seeds: tuple[int, ...], size: tuple[int, int] = (48, 64), lamps: int = 5) -> Path:
    """A stage of such scenes on disk."""
    for seed in seeds:
        pictures, truth, stands = scene_planes(seed, *size, lamps)
        with writing_scene(Stage(folder), seed) as scene:
            scene.pictures("lamps", pictures)
            scene.pictures("truth", truth)
            scene.say({"seed": seed, "set": "balls", "lamps": stands, "faults": [], "frames": [1]})
    return folder


def cut(part: Tensor) -> Tensor:
    """The first four of a batch, every second pixel of 64 x 64: a step then takes milliseconds."""
    return part[:4, ..., :64:2, :64:2].contiguous() if part.ndim == 4 else part[:4]


def learnt(lesson: Lesson, batch: tuple[Tensor, ...], steps: int = 14) -> list[float]:
    """The losses of some steps on one batch."""
    torch.manual_seed(0)
    network = lesson.network().train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3)
    losses = []
    for _ in range(steps):
        loss = lesson.loss(network, batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
    return losses
