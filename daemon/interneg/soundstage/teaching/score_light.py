"""Normals, albedo and lamps replaced, scored on scenes whose every lamp was rendered alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from interneg.model.intrinsics import EstimatedLamp, Intrinsics
from interneg.model.working import usable
from interneg.soundstage.archive import StagedScene
from interneg.soundstage.teaching.baselines import best_gain_by_channel, best_single_gain, flat_normals
from interneg.soundstage.teaching.measures import angular_error_degrees, level, psnr, scale_free_rmse, tone
from interneg.soundstage.teaching.rigs import Rig, candidates, lit_by, random_rig
from interneg.soundstage.teaching.samples import OURS, Sample, codes
from interneg.soundstage.teaching.shifts import AS_SHOT, SHIFTS
from interneg.units import gain_from_stops, rgb_from_kelvin

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Vector = tuple[float, float, float]
FindsIntrinsics = Callable[[Pixels], Intrinsics]
FindsGain = Callable[[Pixels, Intrinsics, Vector, float], Pixels]

NORMALS, ALBEDO, RELIGHT = "normals", "albedo", "relight"
FACING, THE_PLATE = "facing the camera", "the plate itself"
UNTOUCHED, ONE_GAIN, CHANNEL_GAINS = "untouched", "best single gain", "best gain a channel"
TRUE_SPLIT, TRUE_INTRINSICS = "ours were the split true", "ours were all intrinsics true"
RIGS_A_SCENE = 2  # the same set in other light is nearly another plate; further ones tell little more
WISHED_STOPS = 1.0  # either way
WISHED_MIRED = 60.0  # either way: between about 4200 and 8400 K from daylight
DAYLIGHT_KELVIN = 5600.0
SCORE_SEED = 20261121
FARTHEST_METRES, DARKEST_ALBEDO = 1000.0, 2.0**-7


@dataclass(frozen=True, eq=False)
class Swap:
    """A plate, and the same with its dominant lamp replaced by another.

    Convention: pixels (H, W, 3) linear; tint (3,) is what the new lamp's light is multiplied by after it has the
    colour and the mean light of the one it replaces: the wish in stops and kelvin.
    """

    plate: Pixels
    target: Pixels
    share: Pixels
    direction: Vector
    angular_diameter_degrees: float
    tint: Pixels


def relit(plate: Pixels, share: Pixels, gain: Pixels, tint: Pixels) -> Pixels:
    """The plate with its dominant lamp's share taken out and the new lamp put in; gain in stops."""
    return np.asarray(plate * ((1 - share) + np.exp2(gain) * tint), np.float32)


def swaps(scene: StagedScene) -> Iterator[Swap]:
    """The plates that a scene is scored in: always the same for the same scene; none where no two lamps light it."""
    pictures = {name: usable(picture) for name, picture in scene.lamp_pictures().items()}
    levels = {name: picture.mean(axis=(0, 1)) for name, picture in pictures.items()}
    placed = tuple(sorted(name for name in scene.lamps if name in pictures))
    for index in range(RIGS_A_SCENE):
        rng = np.random.default_rng((SCORE_SEED, scene.seed, index))
        rig = random_rig(rng, levels, placed)
        others = [name for name in candidates(levels, placed) if rig is not None and name != rig.key]
        if rig is not None and others:
            yield _swap(rng, scene, (pictures, levels), rig, others[int(rng.integers(len(others)))])


def _swap(
    rng: np.random.Generator,
    scene: StagedScene,
    lamps: tuple[Mapping[str, Pixels], Mapping[str, Pixels]],
    rig: Rig,
    name: str,
) -> Swap:
    pictures, levels = lamps
    key = lit_by(pictures, {rig.key: rig.gains[rig.key]})
    rest = lit_by(pictures, {lamp: gain for lamp, gain in rig.gains.items() if lamp != rig.key})
    tint = _wish(rng)
    given = _in_place_of_key(rig, name, levels)
    plate = key + rest
    new = lit_by(pictures, {name: np.asarray(given * tint, np.float32)})
    share = np.where(plate > 1e-8, key / np.maximum(plate, 1e-8), 0).astype(np.float32)
    stands = scene.lamps[name]
    return Swap(plate, rest + new, share, stands.direction, stands.angular_diameter_degrees, tint)


def _in_place_of_key(rig: Rig, name: str, levels: Mapping[str, Pixels]) -> Pixels:
    """The gains (3,) that give a lamp the key's colour, and as much light in the frame's mean."""
    key = rig.gains[rig.key]
    given, wanted = float((key * levels[name]).mean()), float((key * levels[rig.key]).mean())
    return np.asarray(key * np.float32(wanted / given), np.float32)


def _wish(rng: np.random.Generator) -> Pixels:
    """How much brighter and of which colour the new lamp is wished (3,)."""
    kelvin = 1e6 / (1e6 / DAYLIGHT_KELVIN + float(rng.uniform(-WISHED_MIRED, WISHED_MIRED)))
    colour = rgb_from_kelvin(kelvin) / rgb_from_kelvin(DAYLIGHT_KELVIN)
    gain = gain_from_stops(float(rng.uniform(-WISHED_STOPS, WISHED_STOPS)))
    return np.asarray(colour / colour.mean() * gain, np.float32)


def score_light(
    scene: StagedScene, intrinsics_of: FindsIntrinsics | None, gain_of: FindsGain | None
) -> Iterator[Sample]:
    """The samples of one scene; the first rig in every shift too. Without a lamp network nothing is relit."""
    if intrinsics_of is None:
        return
    truth = scene.truth()
    there = (truth.depth > 0) & (np.linalg.norm(truth.normal, axis=-1) > 0.5)
    judge = _Judge(scene, truth.normal, truth.albedo, there, intrinsics_of, gain_of)
    for index, swap in enumerate(swaps(scene)):
        yield from judge.judged(swap, AS_SHOT, np.ones(3, np.float32))
        for shift, gain in SHIFTS.items() if index == 0 else ():
            yield from judge.judged(swap, shift, gain)


@dataclass(frozen=True, eq=False)
class _Judge:
    """Holds a scene's truth against what the experts say of its plates."""

    scene: StagedScene
    normal: Pixels
    albedo: Pixels
    there: Matte
    intrinsics_of: FindsIntrinsics
    gain_of: FindsGain | None

    def judged(self, swap: Swap, shift: str, by: Pixels) -> Iterator[Sample]:
        """The samples of one plate times `by` (3,)."""
        plate = swap.plate * by
        found = self.intrinsics_of(plate)
        if self.there.any():
            yield self._normals(plate, found, shift)
            yield self._albedo(plate, found, shift)
        if self.gain_of is not None:
            seen = {OURS: found}
            if shift == AS_SHOT:  # what each stage alone costs
                seen |= {TRUE_SPLIT: replace(found, share=swap.share), TRUE_INTRINSICS: self._true(swap, found.lamp)}
            answers = {name: self._answer(swap, one, by) for name, one in seen.items()}
            yield self._relight(swap, found.share, answers, shift)

    def _answer(self, swap: Swap, seen: Intrinsics, by: Pixels) -> Pixels:
        """The plate times `by` relit with those intrinsics, in the light that it was shot in."""
        if self.gain_of is None:
            raise AssertionError("nothing is relit without a lamp network")
        plate = swap.plate * by
        gain = self.gain_of(plate, seen, swap.direction, swap.angular_diameter_degrees)
        return np.asarray(relit(plate, seen.share, gain, swap.tint) / by, np.float32)

    def _true(self, swap: Swap, lamp: EstimatedLamp) -> Intrinsics:
        """The true intrinsics of a plate; what is nothing lies far away and faces the camera."""
        truth = self.scene.truth()
        normal = np.where(self.there[..., None], truth.normal, flat_normals(*self.there.shape))
        depth = np.where(self.there, truth.depth, FARTHEST_METRES)
        albedo = np.clip(truth.albedo, DARKEST_ALBEDO, 1)
        return Intrinsics(
            np.asarray(albedo, np.float32),
            np.asarray(normal, np.float32),
            np.asarray(depth, np.float32),
            swap.share,
            lamp,
        )

    def _sample(self, task: str, values: Mapping[str, float], shift: str, pictures: Mapping[str, Pixels]) -> Sample:
        kept = codes(pictures) if shift == AS_SHOT else {}
        return Sample(task, self.scene.seed, self.scene.kind, values, shift, kept)

    def _normals(self, plate: Pixels, found: Intrinsics, shift: str) -> Sample:
        ours = angular_error_degrees(found.normal, self.normal, self.there)
        flat = angular_error_degrees(flat_normals(*self.there.shape), self.normal, self.there)
        values = {OURS: float(ours.mean()), FACING: float(flat.mean()), "median": float(np.median(ours))}
        pictures = {"plate": shown(plate), "truth": self._normals_shown(self.normal)}
        return self._sample(NORMALS, values, shift, pictures | {"ours": self._normals_shown(found.normal)})

    def _normals_shown(self, normal: Pixels) -> Pixels:
        return np.asarray(np.where(self.there[..., None], normal / 2 + 0.5, 0), np.float32)

    def _albedo(self, plate: Pixels, found: Intrinsics, shift: str) -> Sample:
        answers = {OURS: found.albedo, THE_PLATE: plate}
        values = {name: scale_free_rmse(answer, self.albedo, self.there) for name, answer in answers.items()}
        pictures = {"plate": shown(plate), "truth": display(self.albedo), "ours": display(found.albedo)}
        return self._sample(ALBEDO, values, shift, pictures)

    def _relight(self, swap: Swap, share: Pixels, ours: Mapping[str, Pixels], shift: str) -> Sample:
        to_grey = np.float32(level(swap.plate))
        answers = {**ours, UNTOUCHED: swap.plate}
        answers[ONE_GAIN] = best_single_gain(swap.plate, swap.target, float(to_grey))
        if shift == AS_SHOT:
            answers[CHANNEL_GAINS] = best_gain_by_channel(swap.plate, swap.target, float(to_grey))
        truth = tone(swap.target * to_grey)
        values = {name: psnr(tone(answer * to_grey), truth) for name, answer in answers.items()}
        pictures = {"plate": shown(swap.plate), "truth": display(swap.target * to_grey)}
        pictures |= {"ours": display(ours[OURS] * to_grey), "key's share": np.clip(swap.share, 0, 1)}
        return self._sample(RELIGHT, values, shift, pictures | {"share, ours": np.clip(share, 0, 1)})


def display(linear: Pixels) -> Pixels:
    """Linear light as a screen shows it."""
    return np.asarray(np.clip(linear, 0, 1) ** (1 / 2.2), np.float32)


def shown(plate: Pixels) -> Pixels:
    """A plate as a screen shows it, at a middling exposure."""
    return display(plate * np.float32(level(plate)))
