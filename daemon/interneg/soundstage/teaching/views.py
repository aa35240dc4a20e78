"""Staged scenes as lessons of light see them: all lamps apart in memory, any view of them cut at any size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from interneg.model.working import resized
from interneg.soundstage.archive import StagedScene
from interneg.soundstage.scene import Pixels
from interneg.soundstage.teaching.paint import Things, repainted
from interneg.soundstage.teaching.rigs import Rig, lit_by

Halves = npt.NDArray[np.float16]

SMALLEST_PART = 0.6  # of the frame: what is left still has room for light to tell where it comes from
SMALL, SMALLEST_OF_SMALL = 80, 0.45  # rows below which a view is small, and its part: people stay as large in it
BLACKEST_ALBEDO = 2.0**-7
NEAREST, FARTHEST = 0.1, 1000.0  # metres


@dataclass(frozen=True, eq=False)
class LitScene:
    """A scene in memory, in half floats.

    Convention: pictures (H, W, 3) by lamp, levels (3,) their mean light. truth (H, W, 8): normal 3, log2 depth 1,
        albedo 3 (linear), and whether anything is there 1. things (H, W) numbers what is seen, from 0. lamps holds
        direction 3 and log2 degrees of softness 1.
    """

    seed: int
    pictures: Mapping[str, npt.NDArray[np.floating]]
    levels: Mapping[str, Pixels]
    truth: Halves
    things: Things
    lamps: Mapping[str, Pixels]

    @classmethod
    def read(cls, folder: Path) -> LitScene:
        """The scene in that folder."""
        scene = StagedScene.open(folder)
        truth = scene.truth()
        pictures = {name: _halves(np.maximum(picture, 0)) for name, picture in scene.lamp_pictures().items()}
        there = (truth.depth > 0) & (np.linalg.norm(truth.normal, axis=-1) > 0.5)
        depth = np.log2(np.clip(truth.depth, NEAREST, FARTHEST))
        planes = [truth.normal, depth[..., None], np.clip(truth.albedo, 0, 1), there[..., None]]
        lamps = {
            name: np.asarray([*lamp.direction, np.log2(max(lamp.angular_diameter_degrees, 0.1))], np.float32)
            for name, lamp in scene.lamps.items()
            if name in pictures
        }
        levels = {name: picture.astype(np.float32).mean(axis=(0, 1)) for name, picture in pictures.items()}
        things = np.unique(truth.id, return_inverse=True)[1].reshape(truth.id.shape).astype(np.uint16)
        things = np.asarray(cv2.medianBlur(things, 3), np.uint16)  # one ray a pixel frays edges
        return cls(scene.seed, pictures, levels, _halves(np.concatenate(planes, axis=-1)), things, lamps)

    @property
    def placed(self) -> tuple[str, ...]:
        """The lamps that have a direction."""
        return tuple(sorted(self.lamps))


def _halves(pixels: npt.NDArray[np.floating]) -> Halves:
    return np.asarray(np.nan_to_num(pixels, posinf=60000.0).clip(-60000, 60000), np.float16)


@dataclass(frozen=True)
class View:
    """A part of a frame, perhaps mirrored, at a size (height, width)."""

    top: float
    left: float
    part: float
    is_mirrored: bool
    size: tuple[int, int]

    def of(self, pixels: Pixels) -> Pixels:
        """That part of pixels (H, W, C); vectors in them are not turned."""
        height, width = pixels.shape[:2]
        rows, columns = max(1, round(height * self.part)), max(1, round(width * self.part))
        top, left = round((height - rows) * self.top), round((width - columns) * self.left)
        cut = pixels[top : top + rows, left : left + columns]
        seen = resized(np.ascontiguousarray(cut, np.float32), self.size)
        return np.ascontiguousarray(seen[:, ::-1]) if self.is_mirrored else seen

    def of_direction(self, direction: Pixels) -> Pixels:
        """A direction (3,), or a field of them (H, W, 3) already cut, as this view sees it."""
        return direction * np.asarray((-1, 1, 1) if self.is_mirrored else (1, 1, 1), np.float32)


def random_view(rng: np.random.Generator, size: tuple[int, int]) -> View:
    """A view of that size: the whole frame or a part of it; mirrored half of the time."""
    smallest, cut_share = (SMALLEST_OF_SMALL, 0.7) if size[0] < SMALL else (SMALLEST_PART, 0.5)
    part = float(rng.uniform(smallest, 1)) if rng.random() < cut_share else 1.0
    return View(float(rng.random()), float(rng.random()), part, bool(rng.random() < 0.5), size)


@dataclass(frozen=True, eq=False)
class Seen:
    """A view in a rig, with the truth.

    Convention: plate, key (H, W, 3) linear; maps (H, W, 10) laid out as the intrinsics network's, the share of the key
        last; there (H, W, 1); lamp (7,): direction, log2 colour (mean 0), log2 degrees.
    """

    plate: Pixels
    key: Pixels
    maps: Pixels
    there: Pixels
    lamp: Pixels


def paint_for(rng: np.random.Generator, scene: LitScene) -> Pixels:
    """Other colours for that scene: what its albedo and its pictures are multiplied by (H, W, 3)."""
    return repainted(rng, scene.things, scene.truth[..., 4:7].astype(np.float32))


def seen(scene: LitScene, rig: Rig, view: View, paint: Pixels | None = None) -> Seen:
    """That scene in that rig, with the truth; painted anew where paint is given."""
    coat = np.float32(1) if paint is None else paint
    key = view.of(lit_by(scene.pictures, {rig.key: rig.gains[rig.key]}) * coat)
    rest = {name: gain for name, gain in rig.gains.items() if name != rig.key}
    plate = key + view.of(lit_by(scene.pictures, rest) * coat) if rest else key
    planes = scene.truth.astype(np.float32)
    planes[..., 4:7] *= coat
    truth = view.of(planes)
    normal = view.of_direction(truth[..., :3])
    normal = normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-3)
    albedo = np.log2(np.maximum(truth[..., 4:7], BLACKEST_ALBEDO))
    share = np.where(plate > 1e-8, key / np.maximum(plate, 1e-8), 0)
    maps = np.concatenate([normal, truth[..., 3:4], albedo, share], axis=-1).astype(np.float32)
    colour = np.log2(rig.gains[rig.key])
    stands = scene.lamps[rig.key]
    lamp = np.concatenate([view.of_direction(stands[:3]), colour - colour.mean(), stands[3:]]).astype(np.float32)
    there = (truth[..., 7:8] > 0.99).astype(np.float32)  # a pixel half of nothing has no normal
    return Seen(plate, key, maps, there, lamp)
