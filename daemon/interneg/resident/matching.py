"""The rig that lights one plate as another is lit, found by trying lamps around the set."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
import torch

from interneg.light import AS_SHOT_KEY, AS_SHOT_REST, OFF_STOPS, SOFTNESS_DEGREES, AsShot, Lamp, LightRig, Track
from interneg.model.analysis import Analysis
from interneg.model.intrinsics import ALBEDO, NORMAL, SHARE
from interneg.model.working import resized
from interneg.profile.light import kelvin_of
from interneg.resident.acceptance import open_relight
from interneg.resident.engine import Engine
from interneg.resident.lighting import ShotLight
from interneg.resident.relighting import Relighting
from interneg.resident.weights import Levels, Shown, weights_of
from interneg.resident.wish import RelightWish, RenderWish
from interneg.settings import Settings
from interneg.units import rgb_from_kelvin

Pixels = npt.NDArray[np.float32]
Colour = npt.NDArray[np.float64]

COARSE = tuple((azimuth, elevation) for elevation in (15.0, 50.0) for azimuth in range(-180, 180, 45))
FINE = tuple((azimuth, elevation) for azimuth in (-20.0, 0.0, 20.0) for elevation in (-15.0, 0.0, 15.0))
SOFTER = (1.0, 25.0, 70.0)  # degrees: a bare bulb, a window, a silk
SAME_VIEW = 0.5  # correlation of detail of the albedos: two setups of one camera have 0.6 and more
SAME_STOPS, OTHER_STOPS = 0.75, 1.5  # between the albedos of one place: as far the network errs, and another thing
DARK = 2.0**-8  # of a plate's level: below it stops say nothing
WORTH = 0.98  # of the residual: a change that takes less off is left out
LEFT: tuple[tuple[int, ...], ...] = ((0, 1), (1,), (0,), ())  # of the light as shot, the gentlest change first
CLOSEST_STOPS = 8.0  # of a light that remains
ROUNDS = 4  # of least squares made even in stops
STEPS = 12  # downhill in stops after that
FAINT = 2.0**-9  # of the greatest weight: what is less is nothing
ENOUGH = 1500  # pixels to tell lamps apart by


@dataclass(frozen=True)
class Matched:
    """The rig, what is between the two lights before and after in RMS stops, and how they were compared."""

    rig: LightRig
    before_stops: float
    after_stops: float
    same_view: bool
    notices: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Task:
    """What is to be reached.

    Convention: `parts` (2, N, 3) are what the as-shot key and rest give the plate's pixels, `target` (N, 3) what these
        should have; `weight` (N,) is how much each counts.
    """

    parts: npt.NDArray[np.float64]
    target: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    toe: float

    def residual(self, answer: npt.NDArray[np.float64]) -> float:
        """The RMS of what is between an answer (N, 3) and the target, in stops."""
        apart = np.log2((answer + self.toe) / (self.target + self.toe))
        return float(np.sqrt((apart**2 * self.weight[:, None]).sum() / (3 * self.weight.sum())))

    def solved(self, parts: npt.NDArray[np.float64], held: tuple[int, ...] = ()) -> npt.NDArray[np.float64]:
        """The weights (K, 3), none negative, that bring the parts (K, N, 3) nearest to the target in stops.

        Convention: what is `held` keeps the weight 1. Where nothing is: never worse than what least squares find, nor
            than the first two parts left as they are.
        """
        return np.stack([self._channel(parts[..., channel], channel, held) for channel in range(3)], axis=1)

    def thinned(self, least: int) -> tuple[_Task, int]:
        """The same of every so many pixels, no fewer than that, and of how many one is taken."""
        step = max(1, self.target.shape[0] // least)
        return _Task(self.parts[:, ::step], self.target[::step], self.weight[::step], self.toe), step

    def _channel(self, parts: npt.NDArray[np.float64], channel: int, held: tuple[int, ...]) -> npt.NDArray[np.float64]:
        """The weights (K,) of one channel of the parts (K, N)."""
        target = self.target[:, channel]
        even = np.ones(len(parts)) / len(parts)
        for _ in range(ROUNDS):
            weight = self.weight / ((even @ parts) * target + self.toe**2)
            even = _least_squares(parts, target, weight)
        as_shot = np.where(np.arange(len(parts)) < 2, 1.0, 0.05)
        even[list(held)] = 1.0
        tried = [self._refined(parts, target, start, held) for start in (even, as_shot)]
        return min(tried, key=lambda trial: trial[0])[1]

    def _refined(
        self,
        parts: npt.NDArray[np.float64],
        target: npt.NDArray[np.float64],
        weights: npt.NDArray[np.float64],
        held: tuple[int, ...],
    ) -> tuple[float, npt.NDArray[np.float64]]:
        """What remains in squared stops, and the weights (K,) after steps downhill in their own stops.

        References: Levenberg, 1944; Marquardt, 1963: damped steps of least squares.
        """
        logs = np.log(np.maximum(weights, FAINT * max(float(weights.max()), 1e-9)))
        apart = self._apart(np.exp(logs) @ parts, target)
        least, damping = float(self.weight @ apart**2), 1e-2
        moving = [part for part in range(len(parts)) if part not in held]
        for _ in range(STEPS):
            given = np.exp(logs)[:, None] * parts
            slopes = (given / (given.sum(axis=0) + self.toe))[moving]
            spread, shared = (slopes * self.weight) @ slopes.T, (slopes * self.weight) @ apart
            damped = spread + (damping * np.trace(spread) / len(spread) + 1e-12) * np.eye(len(spread))
            tried = logs.copy()
            tried[moving] -= np.clip(np.linalg.solve(damped, shared), -2, 2)
            beyond = self._apart(np.exp(tried) @ parts, target)
            error = float(self.weight @ beyond**2)
            damping *= 0.3 if error < least else 5.0
            if error < least:
                logs, apart, least = tried, beyond, error
        made = np.exp(logs)
        return least, np.where(made > 2 * FAINT * made.max(), made, 0.0)

    def _apart(self, given: npt.NDArray[np.float64], target: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(np.log((given + self.toe) / (target + self.toe)))


def matched(wish: RenderWish, like: RenderWish, engine: Engine, settings: Settings) -> Matched:
    """The rig that turns the light of the wish's first frame into that of the other's.

    Raises:
        RequestError, NotFoundError, ModelError: as of a relight.
        PlateError, MissingFrameError: one of the frames cannot be read.
    """
    torch.set_num_threads(1)
    works = [open_relight(one, _relight(one), engine, settings) for one in (wish, like)]
    try:
        here, there = (work.lighting.of_frame(one.frames.first) for work, one in zip(works, (wish, like), strict=True))
        same_view = _is_same_view(here, there)
        task = _task(here, there, same_view)
        notices = works[0].lighting.experts.notices
        return replace(_found(works[0], wish.frames.first, task), same_view=same_view, notices=notices)
    finally:
        for work in works:
            work.close()


def _relight(wish: RenderWish) -> RelightWish:
    return wish.operator if isinstance(wish.operator, RelightWish) else RelightWish(LightRig())


def _found(work: Relighting, number: int, task: _Task) -> Matched:
    """The gentlest of the rigs that come nearest: what is not worth it stays as shot, and no lamp is added."""
    shot, seen = work.lighting.of_shot(), work.lighting.of_frame(number)
    before = task.residual(task.parts.sum(axis=0))
    lamp, gain = _best_lamp(work, number, seen, task)
    lit = np.concatenate([task.parts, _flat(seen.small * np.exp2(gain))[None]])
    tried = [(LightRig(reference_frame=number), before)]
    for held in LEFT[1:]:
        tried.append(_rig_from(work, number, shot, task.solved(task.parts, held), None, task))
    for held in LEFT:
        tried.append(_rig_from(work, number, shot, task.solved(lit, held), (lamp, lit[2]), task))
    enough = min(after for _, after in tried) / WORTH
    rig, after = next(each for each in tried if each[1] <= enough)
    return Matched(rig, before, after, False, ())


def _best_lamp(work: Relighting, number: int, seen: Analysis, task: _Task) -> tuple[Lamp, Pixels]:
    """The lamp from whose place the target is best reached: coarsely, then around there, then harder and softer."""
    few, step = task.thinned(ENOUGH)

    def tried(azimuth: float, elevation: float, degrees: float = SOFTNESS_DEGREES) -> tuple[float, Lamp, Pixels]:
        azimuth, elevation = (azimuth + 180) % 360 - 180, float(np.clip(elevation, -30, 85))
        lamp = Lamp("key", Track.of(azimuth), Track.of(elevation), angular_diameter_degrees=Track.of(degrees))
        gain = work.lighting.gain_of(number, lamp.direction_at(number), degrees)
        parts = np.concatenate([few.parts, _flat(seen.small * np.exp2(gain))[None, ::step]])
        return few.residual((few.solved(parts)[:, None] * parts).sum(axis=0)), lamp, gain

    best = min((tried(*place) for place in COARSE), key=lambda trial: trial[0])
    azimuth, elevation = _place(best[1], number)
    near = [tried(azimuth + aside, elevation + above) for aside, above in FINE if aside or above]
    best = min((best, *near), key=lambda trial: trial[0])
    sizes = [tried(*_place(best[1], number), degrees) for degrees in SOFTER]
    best = min((best, *sizes), key=lambda trial: trial[0])
    return best[1], best[2]


def _place(lamp: Lamp, number: int) -> tuple[float, float]:
    return lamp.azimuth_degrees.at(number), lamp.elevation_degrees.at(number)


def _rig_from(
    work: Relighting,
    number: int,
    shot: ShotLight,
    weights: npt.NDArray[np.float64],
    lamp: tuple[Lamp, npt.NDArray[np.float64]] | None,
    task: _Task,
) -> tuple[LightRig, float]:
    """The weights (K, 3) as an artist's stops and colours, and what then remains in stops."""
    parts = task.parts if lamp is None else np.concatenate([task.parts, lamp[1][None]])
    given = parts.mean(axis=1)
    key = _as_shot(weights[0], given[0], Shown(shot.key_kelvin, shot.primaries))
    rest = _as_shot(weights[1], given[1], Shown(shot.rest_kelvin, shot.primaries))
    rig = LightRig(key, rest, reference_frame=number)
    level = 0.0
    if lamp is not None:
        level = float(np.log2(max(float(given[0].mean()), 1e-12) / max(float(given[2].mean()), 1e-12)))
        wanted = weights[2] * 2.0**-level
        stops = _stops(wanted, given[2])
        colour = shot.key_colour * np.maximum(wanted, 1e-4 * max(float(wanted.max()), 1e-9))
        red, green, blue = (float(value) for value in colour / colour.max())
        rig = replace(rig, lamps=(replace(lamp[0], exposure_stops=Track.of(stops), rgb=(red, green, blue)),))
    names = (AS_SHOT_KEY, AS_SHOT_REST, "key")
    levels = Levels({"key": level}, dict(zip(names, (*given[:2], given[-1] * 2.0**level), strict=True)))
    used = weights_of(rig, number, shot, levels)
    factors = [used.get(name, np.zeros(3)) * (2.0**level if name == "key" else 1) for name in names[: len(parts)]]
    return rig, task.residual((np.asarray(factors)[:, None] * parts).sum(axis=0))


def _as_shot(weight: Colour, given: Colour, own: Shown) -> AsShot:
    stops = _stops(weight, given)
    if stops <= OFF_STOPS:
        return AsShot(Track.of(OFF_STOPS))
    colour = np.maximum(weight, 1e-3 * float(weight.max())) * rgb_from_kelvin(own.kelvin, own.primaries)
    kelvin = round(kelvin_of(np.asarray(colour, np.float32), own.primaries))
    return AsShot(Track.of(round(stops, 3)), None if abs(kelvin - own.kelvin) < 50 else Track.of(kelvin))


def _stops(weight: Colour, given: Colour) -> float:
    ratio = float((weight * given).sum()) / max(float(given.sum()), 1e-12)
    return float(np.clip(np.log2(ratio), -CLOSEST_STOPS, CLOSEST_STOPS)) if ratio > 2.0**-CLOSEST_STOPS else OFF_STOPS


def _task(here: Analysis, there: Analysis, same_view: bool) -> _Task:
    small, share = here.small, here.maps[..., SHARE]
    target = resized(there.small, (small.shape[0], small.shape[1])) if same_view else _shone_on(here, there)
    light = float(np.sqrt(np.maximum(small, 0)).mean() ** 2)
    toe = max(DARK * light, 1e-9)
    lit = ((small.mean(axis=-1) > 2 * toe) & (target.mean(axis=-1) > 0)).astype(np.float64)
    weight = lit * (0.25 + here.agreement) * (_same_things(here, there) if same_view else 1.0)
    parts = np.stack([_flat(small * share), _flat(small * (1 - share))])
    return _Task(parts, _flat(target), weight.reshape(-1) + 1e-9, toe)


def _same_things(here: Analysis, there: Analysis) -> Pixels:
    """How surely each pixel (h, w) shows the same in both, from 0 to 1: who walked in is no change of the light."""
    apart = (here.maps[..., ALBEDO] - there.maps[..., ALBEDO]).mean(axis=-1)
    beyond = np.abs(apart - np.median(apart))
    return np.asarray(np.clip((OTHER_STOPS - beyond) / (OTHER_STOPS - SAME_STOPS), 0, 1), np.float32)


def _shone_on(here: Analysis, there: Analysis) -> Pixels:
    """What this plate would be in the other's light, as far as that depends on which way surfaces face.

    References: Ramamoorthi and Hanrahan, "An Efficient Representation for Irradiance Environment Maps", 2001: nine
        harmonics hold a diffuse surface's light; the fit is in stops.
    """
    lobes, own_lobes = _lobes(there), _lobes(here)
    change = (_harmonics(here.maps[..., NORMAL]) @ (lobes - own_lobes)).reshape(here.small.shape)
    return np.asarray(here.small * np.exp2(np.clip(change, -6, 6)), np.float32)


def _lobes(seen: Analysis) -> npt.NDArray[np.float64]:
    """The light on a plate's surfaces in stops, by which way they face: (9, 3) weights of the harmonics."""
    shading = np.log2(np.maximum(seen.small, 1e-7)) - seen.maps[..., ALBEDO]
    basis, weight = _harmonics(seen.maps[..., NORMAL]), seen.agreement.reshape(-1) + 0.05
    weighed = basis * weight[:, None]
    spread = weighed.T @ basis + 0.02 * float(weight.sum()) * np.diag([0.0, *(1.0,) * 8])  # nothing wild unseen
    return np.asarray(np.linalg.solve(spread, weighed.T @ shading.reshape(-1, 3)))


def _harmonics(normal: Pixels) -> npt.NDArray[np.float64]:
    """The first nine real spherical harmonics (N, 9) of normals (h, w, 3), without their factors."""
    x, y, z = normal.reshape(-1, 3).astype(np.float64).T
    return np.stack([np.ones_like(x), x, y, z, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y], axis=1)


def _is_same_view(here: Analysis, there: Analysis) -> bool:
    """Whether both show the same things in the same places, whatever they are lit by."""
    if here.small.shape != there.small.shape:
        return False
    details = []
    for one in (here, there):
        albedo = one.maps[..., ALBEDO].mean(axis=-1)
        details.append((albedo - cv2.GaussianBlur(albedo, (0, 0), 4.0)).ravel())
    power = float(np.linalg.norm(details[0]) * np.linalg.norm(details[1]))
    return power > 0 and float(details[0] @ details[1]) > SAME_VIEW * power


def _least_squares(
    parts: npt.NDArray[np.float64], target: npt.NDArray[np.float64], weight: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The weights (K,), none negative, of parts (K, N): the best over all that may be left out; K is 3 at most."""
    spread, shared = (parts * weight) @ parts.T, (parts * weight) @ target
    best, least = np.zeros(len(parts)), 0.0
    for kept in _choices(len(parts)):
        chosen = np.zeros(len(parts))
        index = np.ix_(kept, kept)
        ridge = 1e-9 * float(np.trace(spread)) * np.eye(len(kept))  # two parts may be one
        chosen[list(kept)] = np.linalg.solve(spread[index] + ridge, shared[list(kept)])
        error = float(chosen @ spread @ chosen - 2 * chosen @ shared)
        if chosen.min() >= 0 and error < least:
            best, least = chosen, error
    return best


def _choices(count: int) -> Sequence[tuple[int, ...]]:
    return [kept for size in range(1, count + 1) for kept in itertools.combinations(range(count), size)]


def _flat(picture: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    return np.asarray(picture, np.float64).reshape(-1, 3)
