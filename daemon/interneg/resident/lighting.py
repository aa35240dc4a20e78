"""The light of a shot: what the networks say of its frames, made steady along the motion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from interneg.errors import MissingFrameError, PlateError
from interneg.model.analysis import Analysis, analysed, lamp_gain
from interneg.model.intrinsics import ALBEDO, DEPTH, NORMAL, SHARE
from interneg.operators.motion import View, is_same_scene, motion_between, sampled_at_working
from interneg.operators.relight import of_even_colour, signal_of
from interneg.plates.colour import linear_from_log, log_from_linear
from interneg.plates.source import PlateSource
from interneg.profile.light import kelvin_of
from interneg.resident.analyses import AnalysisFolder, key_of_frame
from interneg.resident.kept import Kept
from interneg.resident.light_experts import LightExperts
from interneg.resident.shot import KEPT_BYTES
from interneg.units import REC709, Primaries

Pixels = npt.NDArray[np.float32]
Vector = tuple[float, float, float]

WINDOW = 12  # frames either side that a frame is fused with: half a second; with 3 light flickers by a tenth more
ALIKE = 0.05  # log units: what differs by more from where the motion leads has changed, or was hidden
ASKED = 5  # frames, evenly over the shot, that its lamp is told from
KEPT_FRAMES = 48
KEPT_FUSED = 256  # of half a megabyte each: whoever renders a shot again finds ten seconds of it fused


@dataclass(frozen=True)
class ShotLight:
    """The light that a shot was made in, told once from a few frames of it.

    Convention: direction is a unit vector towards the dominant lamp, colours (3,) are linear with a mean of 1, `share`
        is the part of the light that the dominant lamp gives, `noise` the deviation of the plate's darks. Colour
        temperatures are told in the plate's own `primaries`.
    """

    direction: Vector
    key_colour: npt.NDArray[np.float64]
    rest_colour: npt.NDArray[np.float64]
    share: float
    angular_diameter_degrees: float
    noise: float
    primaries: Primaries = REC709

    @property
    def key_kelvin(self) -> float:
        """The colour temperature nearest to the key's."""
        return kelvin_of(np.asarray(self.key_colour, np.float32), self.primaries)

    @property
    def rest_kelvin(self) -> float:
        """The colour temperature nearest to the rest's."""
        return kelvin_of(np.asarray(self.rest_colour, np.float32), self.primaries)


class Estimates:
    """What was estimated of a shot's frames last, for all who ask of it; safe to ask from several threads."""

    def __init__(self) -> None:
        self.raw: Kept[int, Analysis | None] = Kept(KEPT_FRAMES)
        self.views: Kept[int, View] = Kept(KEPT_FRAMES)
        self.fused: Kept[int, Analysis] = Kept(KEPT_FUSED)
        self.gains: Kept[tuple[int, Vector, float], Pixels] = Kept(KEPT_FUSED)
        self.shot: Kept[int, ShotLight] = Kept(1)


@dataclass(frozen=True, eq=False)
class KeptIn:
    """Where analyses are kept, what they depend on beside the frame and the model, and what is known of the plate.

    Convention: `primaries` are the plate's own; `plates_bytes` is the memory that its frames may take.
    """

    folder: Path
    seen_by: str
    primaries: Primaries = REC709
    plates_bytes: int = KEPT_BYTES


class Lighting:
    """The analyses of a shot's frames, read from the folder or made, and fused; safe to ask from several threads.

    Convention: `read` gives the scene-linear pixels (H, W, 3) of a frame. What is fused with a frame, and which frames
        the shot's lamp is told from, depends on the shot alone and never on what is asked for.
    """

    def __init__(
        self,
        source: PlateSource,
        read: Callable[[int], Pixels],
        experts: LightExperts,
        kept: KeptIn,
        estimates: Estimates,
    ) -> None:
        self._source, self._read = source, read
        self.experts = experts
        self._primaries = kept.primaries
        self._folder, self._seen_by = AnalysisFolder(kept.folder), f"{experts.hash} {kept.seen_by}"
        self._device = next(experts.intrinsics.parameters()).device
        self._known = estimates

    def of_frame(self, number: int) -> Analysis:
        """What the networks say of that frame, fused with its neighbours along the motion.

        Raises:
            MissingFrameError, PlateError: it is not there, or cannot be read.
        """
        return self._known.fused.get(number, lambda: self._fuse(number))

    def of_shot(self) -> ShotLight:
        """The light of the whole shot.

        Raises:
            PlateError: none of the frames that it is told from can be read.
        """
        return self._known.shot.get(0, self._told)

    def signal(self, number: int) -> Pixels:
        """How surely each part of that frame (h, w) holds light and not only noise."""
        return signal_of(self.of_frame(number).small, self.of_shot().noise)

    def gain_of(self, number: int, direction: Vector, angular_diameter_degrees: float) -> Pixels:
        """The log2 gain (h, w, 3) of such a lamp on that frame, up to one level for the shot."""

        def made() -> Pixels:
            seen = self.of_frame(number)
            return of_even_colour(
                lamp_gain(self.experts.lamp, seen.small, seen.maps, direction, angular_diameter_degrees)
            )

        return self._known.gains.get((number, direction, angular_diameter_degrees), made)

    def _analysis(self, number: int) -> Analysis:
        found = self._known.raw.get(number, lambda: self._made(number))
        if found is None:  # said again, in the words of whoever could not read it
            self._read(number)
            raise PlateError(f"frame {number} cannot be analysed; render it again")
        return found

    def _neighbour(self, number: int) -> Analysis | None:
        if number not in self._source.frames:
            return None
        return self._known.raw.get(number, lambda: self._made(number))

    def _made(self, number: int) -> Analysis | None:
        def make() -> Analysis:
            torch.set_num_threads(1)  # the same bits whoever asks
            return analysed(self.experts.intrinsics, self._read(number), self._device)

        try:
            return self._folder.get(key_of_frame(self._source, number, self._seen_by), make)
        except (MissingFrameError, PlateError, OSError):
            return None

    def _view(self, number: int, analysis: Analysis) -> View:
        def make() -> View:
            nothing = np.zeros(analysis.small.shape[:2], bool)
            return View(number, log_from_linear(analysis.small), nothing, ~nothing)

        return self._known.views.get(number, make)

    def _fuse(self, number: int) -> Analysis:
        own = self._analysis(number)
        view = self._view(number, own)
        total, weight = _stacked(own), np.ones(own.small.shape[:2], np.float32)
        for offset in (step for apart in range(1, WINDOW + 1) for step in (-apart, apart)):
            other = self._neighbour(number + offset)
            if other is None or other.small.shape != own.small.shape:
                continue
            brought = _brought(view, self._view(number + offset, other), own, other)
            if brought is not None:
                total += brought[0] * brought[1][..., None]
                weight += brought[1]
        return _unstacked(total / weight[..., None], own)

    def _told(self) -> ShotLight:
        frames = self._source.frames
        places = sorted({round(place) for place in np.linspace(0, len(frames) - 1, min(ASKED, len(frames)))})
        found = [one for place in places if (one := self._neighbour(frames[place])) is not None]
        if not found:
            raise PlateError(f"{self._source.path}: none of the frames that its light is told from can be read")
        lamp = np.mean([one.lamp for one in found], axis=0)
        direction = lamp[:3] / max(float(np.linalg.norm(lamp[:3])), 1e-6)
        rest = np.mean([_rest_stops(one) for one in found], axis=0)
        return ShotLight(
            (float(direction[0]), float(direction[1]), float(direction[2])),
            _colour(lamp[3:6]),
            _colour(rest),
            float(np.mean([_share(one) for one in found])),
            float(np.exp2(np.clip(lamp[6], -3, 7))),
            float(np.median([one.noise for one in found])),
            self._primaries,
        )


def _stacked(analysis: Analysis) -> Pixels:
    """All that is fused (h, w, 14), in what it is averaged in: the plate in the log encoding."""
    parts = [log_from_linear(analysis.small), analysis.maps, analysis.agreement[..., None]]
    return np.concatenate(parts, axis=-1).astype(np.float32)


def _unstacked(stack: Pixels, like: Analysis) -> Analysis:
    maps = stack[..., 3:13].copy()
    maps[..., NORMAL] /= np.maximum(np.linalg.norm(maps[..., NORMAL], axis=-1, keepdims=True), 1e-6)
    small = np.maximum(linear_from_log(stack[..., :3]), 0).astype(np.float32)
    return Analysis(small, maps, np.asarray(stack[..., 13], np.float32), like.lamp, like.noise)


def _brought(view: View, other_view: View, own: Analysis, other: Analysis) -> tuple[Pixels, Pixels] | None:
    """The other frame's estimates (h, w, 14) where this frame's pixels lie in it, and how far each is one (h, w)."""
    flow = motion_between(view, other_view).flow
    if not is_same_scene(view, other_view, flow):
        return None
    stack = _stacked(other)
    moved = float(np.median(own.maps[..., DEPTH]) - np.median(other.maps[..., DEPTH]))
    stack[..., 3 + DEPTH.start] += moved  # depth is known up to one scale a frame
    planes = [sampled_at_working(np.ascontiguousarray(stack[..., at : at + 4]), flow) for at in (0, 4, 8, 12)]
    warped = np.concatenate([plane.reshape(*flow.shape[:2], -1) for plane in planes], axis=-1)
    inside = sampled_at_working(np.ones(flow.shape[:2], np.float32), flow)
    apart = ((warped[..., :3] - view.log) ** 2).mean(axis=-1)
    weight = np.exp(-apart / (2 * ALIKE**2)) * (inside > 0.999)
    return np.asarray(warped, np.float32), np.asarray(weight, np.float32)


def _rest_stops(analysis: Analysis) -> npt.NDArray[np.float64]:
    """The colour of the light that is not the key's (3,), in stops: what it gives, its albedo taken out."""
    given = (analysis.small * (1 - analysis.maps[..., SHARE])).mean(axis=(0, 1), dtype=np.float64)
    albedo = np.exp2(analysis.maps[..., ALBEDO]).mean(axis=(0, 1), dtype=np.float64)
    return np.asarray(np.log2(np.maximum(given, 1e-9) / np.maximum(albedo, 1e-4)))


def _share(analysis: Analysis) -> float:
    light = float(analysis.small.mean())
    return float((analysis.small * analysis.maps[..., SHARE]).mean()) / light if light > 0 else 0.0


def _colour(stops: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    colour = np.exp2(np.clip(stops - stops.mean(), -4, 4))
    return np.asarray(colour / colour.mean())
