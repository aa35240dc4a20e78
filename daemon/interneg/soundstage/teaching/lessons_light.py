"""The lessons of light: what a plate is made of, and what another lamp would give it."""

from __future__ import annotations

from collections.abc import Callable
from math import log2
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from interneg.model.intrinsics import ALBEDO, DEPTH, NORMAL, SHARE, Guess, IntrinsicsNetwork
from interneg.model.lamp import LampNetwork
from interneg.model.working import GREY, normalised
from interneg.soundstage.archive import Stage
from interneg.soundstage.scene import Pixels
from interneg.soundstage.teaching.rigs import Rig, candidates, lit_by, random_rig
from interneg.soundstage.teaching.views import LitScene, Seen, View, random_view, seen

SIZES = ((144, 192, 8), (96, 128, 16))  # height, width, views a batch: small pictures show more scenes in as long
CLIPPED_SHARE = 0.2  # of the plates: a sensor's white, some stops above grey
SAME_LAMP_SHARE = 0.08  # of the wishes: the lamp as shot, whose gain is its share
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
    """Plates in random rigs, each view in two of them: what it is made of stays the same."""

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
        """Plates (B, 3, h, w), true maps (B, 10, h, w), where anything is (B, 1, h, w), lamps (B, 7), in pairs."""
        height, width, count = SIZES[int(rng.integers(len(SIZES)))]
        views: list[Seen] = []
        for _ in range(count // 2):
            scene, view = self._scenes.draw(rng), random_view(rng, (height, width))
            views += [seen(scene, _rig(rng, scene), view) for _ in range(2)]
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
            + 0.2 * constancy_loss(guess.maps, there)
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
            here = seen(scene, rig, view)
            plates.append(_as_shot(rng, here.plate))
            maps.append(here.maps)
            alone.append(_as_bright(_new_lamp(scene, rig, name, view), here.key))
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


def intrinsics_loss(guess: Tensor, truth: Tensor, there: Tensor) -> Tensor:
    """Normals by their angle, depth and albedo up to one scale a frame, edges of both at two scales.

    Depth may not be shifted, only scaled: shifted depth bends shapes, and with them shadows (LeReS, 2021).
    """
    normal = (_apart(guess[:, NORMAL], truth[:, NORMAL]) * there).sum() / _count(there)
    depth = _without_scale(guess[:, DEPTH] - truth[:, DEPTH], there)
    level = guess[:, ALBEDO] - truth[:, ALBEDO]
    albedo = _without_scale(level, there)
    edges = sum(_edges(error, there) for error in (depth, albedo))
    return (
        normal
        + 0.3 * _mean(depth.abs(), there)
        + 0.25 * _mean(albedo.abs(), there)
        + 0.02 * _mean(level.abs(), there)
        + 0.25 * edges
        + 2 * _albedo_error(guess[:, ALBEDO], truth[:, ALBEDO], there)
    )


def split_loss(guess: Tensor, truth: Tensor, plate: Tensor) -> Tensor:
    """How wrongly light is split between the key and the rest: as a share, and as the two plates that it makes.

    The two implied plates keep errors from hiding: what is taken from one must be found in the other.
    """
    linear = normalised(plate).linear
    importance = tone(linear) + 0.1
    share = ((guess - truth).abs() * importance).mean() / importance.mean()
    key = (tone(linear * guess) - tone(linear * truth)).abs().mean()
    rest = (tone(linear * (1 - guess)) - tone(linear * (1 - truth))).abs().mean()
    return share + 2 * (key + rest)


def lamp_loss(guess: Guess, lamp: Tensor) -> Tensor:
    """How far the lamp is from where it stands, in direction, colour and softness."""
    direction = 1 - (guess.direction * lamp[:, :3]).sum(dim=1)
    colour = (guess.log_colour - lamp[:, 3:6]).abs().mean(dim=1)
    softness = (guess.log_softness - lamp[:, 6]).abs()
    return (0.4 * direction + 0.15 * colour + 0.05 * softness).mean()


def constancy_loss(guess: Tensor, there: Tensor) -> Tensor:
    """How much normals, depth and albedo of one view change with its light alone.

    References: Li and Snavely, "Learning Intrinsic Image Decomposition from Watching the World" (BigTime), 2018.
    """
    one, other, there = guess[0::2], guess[1::2], there[0::2]
    albedo = _without_scale(one[:, ALBEDO] - other[:, ALBEDO], there)
    depth = _without_scale(one[:, DEPTH] - other[:, DEPTH], there)
    normal = (_apart(one[:, NORMAL], other[:, NORMAL]) * there).sum() / _count(there)
    return normal + 0.5 * _mean(albedo.abs(), there) + 0.3 * _mean(depth.abs(), there)


def relit_loss(plate: Tensor, share: Tensor, gain: Tensor, alone: Tensor, true_share: Tensor) -> Tensor:
    """How far the relit plate is from the truth, and the new lamp's own light from its picture.

    Both count: the relit plate is what is judged, the lamp's own light is what an artist gets as a layer.
    """
    seen_as = normalised(plate)
    truth = seen_as.linear * (1 - true_share) + alone * seen_as.gain
    lamp = tone(seen_as.linear * torch.exp2(gain))
    relit = tone(seen_as.linear * (1 - share + torch.exp2(gain)))
    wanted, layer = tone(truth), tone(alone * seen_as.gain)
    squared = (relit - wanted).square().mean(dim=(1, 2, 3))
    everywhere = torch.ones_like(plate[:, :1])
    return (
        (relit - wanted).abs().mean()
        + 0.5 * (lamp - layer).abs().mean()
        + 0.5 * torch.sqrt(squared + 1e-5).mean()
        + 0.5 * _edges(relit - wanted, everywhere)
    )


def tone(linear: Tensor) -> Tensor:
    """Light as an eye counts it, 0 to 1 from black to four stops above grey; also what the score counts in."""
    return torch.log2(1 + 16 * linear.clamp(min=0)) / log2(65)


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


def _new_lamp(scene: LitScene, rig: Rig, name: str, view: View) -> Pixels:
    return view.of(lit_by(scene.pictures, {name: rig.gains[rig.key]}))


def _as_bright(picture: Pixels, key: Pixels) -> Pixels:
    """A lamp's picture at the mean light of the key, in this view: 0 stops."""
    given = float(picture.mean())
    return picture * np.float32(float(key.mean()) / given) if given > 1e-9 else picture


def _as_shot(rng: np.random.Generator, plate: Pixels) -> Pixels:
    """The plate as a camera might give it: now and then its sensor was full."""
    if rng.random() >= CLIPPED_SHARE:
        return plate
    white = float(plate.mean()) / GREY * 2.0 ** float(rng.uniform(0.5, 4))
    return np.minimum(plate, np.float32(white))


def _tensor(pictures: list[Pixels]) -> Tensor:
    return torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2).astype(np.float32, order="C"))


def _count(there: Tensor) -> Tensor:
    return there.sum().clamp(min=1)


def _mean(error: Tensor, there: Tensor) -> Tensor:
    return (error * there).sum() / (_count(there) * error.shape[1])


def _apart(one: Tensor, other: Tensor) -> Tensor:
    """How far apart unit vectors are (B, 1, H, W): the chord, which grows with the angle and not with its square."""
    return (one - other).square().sum(dim=1, keepdim=True).add(1e-6).sqrt()


def _without_scale(error: Tensor, there: Tensor) -> Tensor:
    """A log error (B, C, H, W) less what one scale a frame explains."""
    total = (error * there).sum(dim=(1, 2, 3), keepdim=True)
    return error - total / (there.sum(dim=(1, 2, 3), keepdim=True) * error.shape[1]).clamp(min=1)


def _albedo_error(guess: Tensor, truth: Tensor, there: Tensor) -> Tensor:
    """The root mean square of linear albedo after its best scale, a frame at a time: what the score counts."""
    made, true = torch.exp2(guess.clamp(max=3)) * there, torch.exp2(truth) * there
    scale = (made * true).sum(dim=(1, 2, 3)) / made.square().sum(dim=(1, 2, 3)).clamp(min=1e-6)
    squared = (made * scale[:, None, None, None] - true).square().sum(dim=(1, 2, 3))
    return torch.sqrt(squared / (3 * there.sum(dim=(1, 2, 3))).clamp(min=1) + 1e-5).mean()


def _edges(error: Tensor, there: Tensor) -> Tensor:
    """How far edges are off: the change of the error between neighbours, near and four pixels apart."""
    total = error.new_zeros(())
    for reach in (1, 4):
        across = (error[..., reach:] - error[..., :-reach]).abs() * there[..., reach:] * there[..., :-reach]
        down = (error[..., reach:, :] - error[..., :-reach, :]).abs() * there[..., reach:, :] * there[..., :-reach, :]
        total = total + across.mean() + down.mean()
    return total / 2
