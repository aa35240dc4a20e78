"""The lessons of light: what a plate is made of, and what another lamp would give it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from interneg.model.intrinsics import SHARE, Guess, IntrinsicsNetwork
from interneg.model.lamp import LampNetwork
from interneg.model.working import GREY
from interneg.soundstage.archive import Stage
from interneg.soundstage.lens import Grain, grained
from interneg.soundstage.scene import Pixels
from interneg.soundstage.teaching.losses_light import (
    constancy_loss,
    intrinsics_loss,
    lamp_loss,
    relit_loss,
    split_loss,
)
from interneg.soundstage.teaching.rigs import Rig, candidates, lit_by, random_rig
from interneg.soundstage.teaching.views import LitScene, Seen, View, paint_for, random_view, seen

SIZES = ((112, 144, 6), (64, 80, 16), (64, 80, 16))  # height, width, views: many small ones teach most
GRAINED_SHARE, SPECKLED_SHARE = 0.35, 0.15  # of the plates: real ones are never clean, rendered ones seldom
RAYS = (4.0, 40.0)  # how many a pixel of a speckled plate is as noisy as
CLIPPED_SHARE = 0.2  # of the plates: a sensor's white, some stops above grey
SAME_LAMP_SHARE = 0.08  # of the wishes: the lamp as shot, whose gain is its share
PAINTED_SHARE = 0.7  # of the views: a hundred sets in other colours teach more than a hundred sets
TRUE_SHARE = 0.25  # of the lamp lesson's plates come with the true intrinsics: what light does is learnt from those

Chooses = Callable[[int], bool]


class LitScenes:
    """The scenes of a stage that may be learnt from, read once."""

    def __init__(self, stage: Path, taught: Chooses) -> None:
        self._stage, self._taught = Stage(stage), taught
        self._read: dict[int, LitScene] = {}
        self._scenes: tuple[LitScene, ...] = ()

    def refresh(self) -> int:
        """How many there are, after reading those rendered since."""
        for folder in self._stage.scenes():
            seed = int(folder.name)
            if seed not in self._read and self._taught(seed):
                self._read[seed] = LitScene.read(folder)
        self._scenes = tuple(scene for scene in self._read.values() if candidates(scene.levels, scene.placed))
        return len(self._scenes)

    def draw(self, rng: np.random.Generator) -> LitScene:
        """One of them."""
        return self._scenes[int(rng.integers(len(self._scenes)))]


class IntrinsicsLesson:
    """Plates in random rigs, one view of each batch in two of them: what it is made of stays the same."""

    expert = "intrinsics"
    learning_rate = 1.5e-3

    def __init__(self, stage: Path, taught: Chooses) -> None:
        self._scenes = LitScenes(stage, taught)

    def network(self) -> nn.Module:
        """A fresh intrinsics network."""
        return IntrinsicsNetwork()

    def refresh(self) -> int:
        """How many scenes there are to learn from."""
        return self._scenes.refresh()

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Plates (B, 3, h, w), true maps (B, 10, h, w), where anything is (B, 1, h, w), lamps (B, 7)."""
        height, width, count = SIZES[int(rng.integers(len(SIZES)))]
        views: list[Seen] = []
        while len(views) < count:
            scene, view = self._scenes.draw(rng), random_view(rng, (height, width))
            paint = paint_for(rng, scene) if rng.random() < PAINTED_SHARE else None
            views += [seen(scene, _rig(rng, scene), view, paint) for _ in range(1 if views else 2)]
        plates = [_as_shot(rng, one.plate) for one in views]
        lamps = torch.from_numpy(np.stack([one.lamp for one in views]))
        return _tensor(plates), _tensor([one.maps for one in views]), _tensor([one.there for one in views]), lamps

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """How far its answers are from the truth, and from one another where only the light differs."""
        plate, maps, there, lamp = batch
        guess: Guess = network(plate)
        return (
            intrinsics_loss(guess.maps, maps, there)
            + split_loss(guess.maps[:, SHARE], maps[:, SHARE], plate)
            + lamp_loss(guess, lamp)
            + 0.2 * constancy_loss(guess.maps[:2], there[:2])
        )


class LampLesson:
    """Plates in random rigs, and the picture of another lamp in the key's place."""

    expert = "lamp"
    learning_rate = 1.5e-3

    def __init__(self, stage: Path, taught: Chooses, intrinsics: Callable[[], nn.Module | None]) -> None:
        self._scenes = LitScenes(stage, taught)
        self._intrinsics = intrinsics

    def network(self) -> nn.Module:
        """A fresh lamp network."""
        return LampNetwork()

    def refresh(self) -> int:
        """How many scenes there are to learn from."""
        return self._scenes.refresh()

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Plates, true maps, the new lamp alone (B, 3, h, w) and how it stands (B, 4), and who gets true maps (B,)."""
        height, width, count = SIZES[int(rng.integers(len(SIZES)))]
        plates, maps, alone, stands = [], [], [], []
        for _ in range(count):
            scene, view = self._scenes.draw(rng), random_view(rng, (height, width))
            rig = _rig(rng, scene)
            name = _other_lamp(rng, scene, rig)
            paint = paint_for(rng, scene) if rng.random() < PAINTED_SHARE else None
            here = seen(scene, rig, view, paint)
            noisy = _noisy(rng, here.plate)
            plates.append(_clipped(rng, noisy))
            maps.append(here.maps)
            new = _as_bright(_new_lamp(scene, rig.gains[rig.key], name, view, paint), here.key)
            alone.append(new * _noise_between(here.plate, noisy))
            stands.append(np.append(view.of_direction(scene.lamps[name][:3]), scene.lamps[name][3]))
        true = torch.from_numpy(rng.random(count) < TRUE_SHARE)
        lamps = torch.from_numpy(np.stack(stands).astype(np.float32))
        return _tensor(plates), _tensor(maps), _tensor(alone), lamps, true

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """How far the relit plates and the new lamp's own light are from the truth, as an eye would count it."""
        plate, maps, alone, stands, true = batch
        given = self._given(plate, maps, true)
        gain = network(plate, given, stands[:, :3], stands[:, 3])
        return relit_loss(plate, given[:, SHARE], gain, alone, maps[:, SHARE])

    def _given(self, plate: Tensor, maps: Tensor, true: Tensor) -> Tensor:
        """The intrinsics as the taught network finds them, errors and all; the true ones for some."""
        taught = self._intrinsics()
        if taught is None:
            return maps
        with torch.no_grad():
            guess: Guess = taught(plate)
        return torch.where(true[:, None, None, None], maps, guess.maps)


def _rig(rng: np.random.Generator, scene: LitScene) -> Rig:
    rig = random_rig(rng, scene.levels, scene.placed)
    if rig is None:  # LitScenes keeps none that nothing lights
        raise AssertionError(f"scene {scene.seed} has no lamp that lights it")
    return rig


def _other_lamp(rng: np.random.Generator, scene: LitScene, rig: Rig) -> str:
    names = [name for name in candidates(scene.levels, scene.placed) if name != rig.key]
    if not names or rng.random() < SAME_LAMP_SHARE:
        return rig.key
    return names[int(rng.integers(len(names)))]


def _new_lamp(scene: LitScene, colour: Pixels, name: str, view: View, paint: Pixels | None) -> Pixels:
    picture = lit_by(scene.pictures, {name: colour})
    return view.of(picture if paint is None else picture * paint)


def _as_bright(picture: Pixels, key: Pixels) -> Pixels:
    """A lamp's picture at the mean light of the key, in this view: 0 stops."""
    given = float(picture.mean())
    return picture * np.float32(float(key.mean()) / given) if given > 1e-9 else picture


def _as_shot(rng: np.random.Generator, plate: Pixels) -> Pixels:
    """The plate as a camera might give it."""
    return _clipped(rng, _noisy(rng, plate))


def _noisy(rng: np.random.Generator, plate: Pixels) -> Pixels:
    """The plate with a camera's grain, or the noise of too few rays, or neither."""
    level = np.float32(GREY / max(float(plate.mean()), 1e-9))
    kind = rng.random()
    if kind < GRAINED_SHARE:
        return np.asarray(np.maximum(grained(plate * level, rng, Grain.random(rng)) / level, 0), np.float32)
    if kind < GRAINED_SHARE + SPECKLED_SHARE:
        rays = float(np.exp(rng.uniform(*np.log(RAYS))))
        return np.asarray(plate * rng.gamma(rays, 1 / rays, (*plate.shape[:2], 1)), np.float32)
    return plate


def _clipped(rng: np.random.Generator, plate: Pixels) -> Pixels:
    """The plate as a sensor that is full now and then gives it."""
    if rng.random() >= CLIPPED_SHARE:
        return plate
    white = float(plate.mean()) / GREY * 2.0 ** float(rng.uniform(0.5, 4))
    return np.minimum(plate, np.float32(white))


def _noise_between(clean: Pixels, noisy: Pixels) -> Pixels:
    """What noise has multiplied each pixel by: another lamp's light would have it too, so no gain has to draw it."""
    ratio = np.where(clean > 1e-8, noisy / np.maximum(clean, 1e-8), 1)
    return np.asarray(np.clip(ratio, 0, 4), np.float32)


def _tensor(pictures: list[Pixels]) -> Tensor:
    return torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2).astype(np.float32, order="C"))
