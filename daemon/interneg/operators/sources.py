"""What one other frame shows of a hole: the motions that may lead there, how well each fits, and the pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.layers import in_same_layer
from interneg.operators.motion import Motion, View, Working, is_same_scene, motion_between, sampled_at_working
from interneg.operators.pyramid import local_mean
from interneg.operators.response import kept_by_sampling
from interneg.operators.sampling import sampled
from interneg.operators.support import Support
from interneg.operators.witnesses import Witness, as_it_lies, strangeness
from interneg.plates.grain import BANDS

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

NEARER = 0.005  # log units of error by the root of a frame's distance in time: things turn, light and focus change
OWN_MOTION = 0.004  # log units of error by a working pixel that a motion departs from the camera's
FULLY_OWN = 4.0  # working pixels: from there on it is another thing, however far it moves
SHADE = 0.07  # log units beyond the frame's own exposure: what differs by more is hardly light, and counts for less
APART = 0.7  # working pixels by which two sides of a hole move differently: more is no error of the flow


@dataclass(frozen=True, eq=False)
class Way:
    """How the hole lies in a frame of the shot so many frames away, as all its ends together say.

    Convention: motion (N, 2) in pixels, x and y; lighter (N, 3) is the log by which the target is lighter there.
    """

    offset: int
    motion: Pixels
    lighter: Pixels


@dataclass(frozen=True, eq=False)
class Sample:
    """One source frame's say on the hole's pixels."""

    value: Pixels  # (N, 3)
    error: Pixels  # (N,) rim error; infinite where the source shows nothing
    kept: Pixels  # (N, BANDS) what sampling has kept of its grain
    further: float = 0.0  # of error, when sources are chosen between: nearer frames fit better
    witness: Witness | None = None  # where it is no frame of the shot
    way: Way | None = None  # of the first of a frame's samples


@dataclass(frozen=True, eq=False)
class Found:
    """How a hole's surroundings lie in another frame: all that is kept of an analysis.

    Convention: `maps` (M, 7) at the places of the working picture that the hole's bridge looks at, in order: flow,
        offset, the camera's flow; nothing where `is_same_scene` is not.
    """

    is_same_scene: bool
    maps: Pixels


class Analyses(Protocol):
    """What was found before between a target and other frames."""

    def of(self, source: View, cells: Indices, make: Callable[[], Found]) -> Found:
        """How the target's hole, whose bridge looks at those cells, lies in that source; made where it is not known."""


class Anew:
    """Nothing is known."""

    def of(self, source: View, cells: Indices, make: Callable[[], Found]) -> Found:
        """What is made."""
        return make()


ANEW = Anew()


@dataclass(frozen=True, eq=False)
class Seeker:
    """A target's hole, looked for in other frames of its shot."""

    target: View
    support: Support
    cells: Indices
    analyses: Analyses

    @staticmethod
    def of(target: View, support: Support, analyses: Analyses) -> Seeker:
        """A seeker for that hole."""
        height, width = target.working.known.shape
        return Seeker(target, support, support.bridge.cells((height, width), target.working.scale), analyses)

    def samples(self, source: View) -> list[Sample] | None:
        """What that frame shows; None where it shows another scene."""
        found = self.analyses.of(source, self.cells, lambda: self._found(source))
        if not found.is_same_scene:
            return None
        size = self.target.working.known.shape
        field = np.zeros((*size, found.maps.shape[1]), np.float32)
        field.reshape(-1, field.shape[2])[self.cells] = found.maps
        return samples_along(self.target, source, self.support, field)

    def _found(self, source: View) -> Found:
        motion = motion_between(self.target, source)
        if not is_same_scene(self.target, source, motion.flow):
            return Found(False, np.zeros((len(self.cells), 7), np.float32))
        return Found(True, field_of(self.target, source, motion).reshape(-1, 7)[self.cells])


def field_of(target: View, source: View, motion: Motion) -> Pixels:
    """Flow, offset and the camera's flow together (h, w, 7)."""
    parts = [motion.flow, _offset(target.working, source.working, motion.flow), motion.camera]
    return np.concatenate(parts, axis=-1).astype(np.float32)


def sample_as_it_lies(target: View, source: View, support: Support) -> Sample:
    """The source's pixels by its alignment alone."""
    offset, error = as_it_lies(target, source)
    bridge, scale = support.bridge, target.working.scale
    here = _points(bridge.columns.astype(np.float32), bridge.rows.astype(np.float32))
    small = np.asarray((here - (scale - 1) / 2) / scale, np.float32)
    away = source.found_at(here)
    value = np.add(source.toned(source.sampled(away)), sampled(offset, small, "bilinear"))
    misfit = sampled(error, small, "bilinear")[:, 0] + strangeness(target, source, np.zeros_like(offset[..., :2]))
    return Sample(value, np.where(source.shows(away), misfit, np.inf).astype(np.float32), kept_by_sampling(away))


def samples_along(target: View, source: View, support: Support, field: Pixels) -> list[Sample]:
    """The source's pixels where the flow of the hole's ends points: each pixel moves with what it hangs on.

    Where the two sides move differently, the hole lies before a silhouette: each side's motion is a candidate of its
        own, never their mean. So is the camera's, where neither side moves with it.

    Convention: field (h, w, 7) as `field_of` has it.
    """
    scale, bridge = target.working.scale, support.bridge
    first, second = bridge.carried_from_sides(field[..., :5], scale)  # (N, 5)
    apart, joined = _differ(first, second), bridge.joined(first, second)
    one = np.where(apart[:, None], first, joined)
    camera = np.concatenate([bridge.inside(field[..., 5:], scale), one[:, 2:]], axis=1)
    alone = _differ(camera, one) & ~(apart & ~_differ(camera, second))
    ways = [(np.ones_like(apart), one), (apart, second), (alone, camera)]
    samples = [(_sample(target, source, support, way), way[1]) for way in ways if way[0].any()]
    offset = source.frame - target.frame
    further = NEARER * float(np.sqrt(abs(offset)))
    told = [replace(sample, error=sample.error + _departure(here, camera), further=further) for sample, here in samples]
    return [replace(told[0], way=Way(offset, joined[:, :2] * scale, joined[:, 2:])), *told[1:]]


def _differ(one: Pixels, other: Pixels) -> Matte:
    return np.asarray(np.abs(one[:, :2] - other[:, :2]).max(axis=1) > APART)


def _departure(here: Pixels, camera: Pixels) -> Pixels:
    """What a motion of its own costs a pixel (N,): a still camera's wall must show that it moves."""
    apart = np.abs(here[:, :2] - camera[:, :2]).max(axis=1)
    return np.asarray(OWN_MOTION * np.minimum(apart, FULLY_OWN), np.float32)


def _sample(target: View, source: View, support: Support, way: tuple[Matte, Pixels]) -> Sample:
    """The source's pixels for some of the support's, chosen by (N,), at their flow and offset (N, 5)."""
    chosen, here = way
    some, here = support.at(chosen), here[chosen]
    scale, bridge = target.working.scale, some.bridge
    away = source.found_at(_points(bridge.columns + here[:, 0] * scale, bridge.rows + here[:, 1] * scale))
    shows = source.shows(away) & in_same_layer(target, source, (bridge.rows, bridge.columns), away)
    value, error = np.zeros((len(chosen), 3), np.float32), np.full(len(chosen), np.inf, np.float32)
    kept = np.zeros((len(chosen), BANDS), np.float32)
    kept[chosen] = kept_by_sampling(away)
    if shows.any():
        shown = np.flatnonzero(chosen)[shows]
        value[shown] = source.toned(source.sampled(away[shows])) + here[shows, 2:5]
    error[chosen] = np.where(shows, some.error_of(source.working, here[:, :2], here[:, 2:5]), np.inf)
    return Sample(value, error, kept)


def _offset(here: Working, there: Working, flow: Pixels) -> Pixels:
    """How the source differs from the target around each pixel, smoothly: in log a gain, of exposure or shading.

    Whatever else differs beside a hole, somebody's blurred edge or shadow, would be carried across it.
    """
    both = here.known * (sampled_at_working(there.known, flow) > 0.99)
    difference = here.log - sampled_at_working(there.log, flow)
    exposure = np.median(difference[both > 0][::16], axis=0) if both.any() else np.zeros(3, np.float32)
    shade = difference - exposure
    both = both * _light(shade)
    half = (max(1, flow.shape[1] // 2), max(1, flow.shape[0] // 2))
    weight = cv2.resize(both, half, interpolation=cv2.INTER_AREA)
    total = cv2.resize(shade * both[..., None], half, interpolation=cv2.INTER_AREA)
    shade = _near_else_far(total / np.maximum(weight, 1e-6)[..., None], weight, (4, 12))
    shade = shade * _light(shade)[..., None]
    return np.asarray(cv2.resize(shade, (flow.shape[1], flow.shape[0])) + exposure, np.float32)


def _light(shade: Pixels) -> Pixels:
    """How far what differs (h, w, 3) may be light and nothing else, (h, w) in (0, 1]."""
    return np.asarray(1 / (1 + (np.abs(shade).mean(axis=-1) / SHADE) ** 2), np.float32)


def _near_else_far(values: Pixels, weight: Pixels, radii: tuple[int, int]) -> Pixels:
    near, there = local_mean(values, weight, radii[0])
    far, _ = local_mean(values, weight, radii[1])
    share = np.clip(there / 0.05, 0, 1)[..., None]  # a twentieth of the window known is enough to trust it
    return np.asarray(near * share + far * (1 - share), np.float32)


def _points(columns: npt.NDArray[np.floating], rows: npt.NDArray[np.floating]) -> Pixels:
    return np.stack([columns, rows], axis=-1).astype(np.float32)
