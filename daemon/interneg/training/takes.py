"""Clips read from takes, and examples cut from them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from interneg.errors import PlateError, RequestError
from interneg.model.guess import with_guess
from interneg.operators.candidates import Candidates, gathered
from interneg.operators.motion import View
from interneg.plates.colour import ColourConfig, log_from_linear
from interneg.plates.plate import Plate
from interneg.plates.source import PlateSource, open_source
from interneg.production.slate import Take
from interneg.training.holes import cut_holes
from interneg.training.recipe import Recipe

Pixels = npt.NDArray[np.float32]

_FRAMES = re.compile(r"(-?\d+)-(-?\d+)")

USUAL_FPS = 24.0  # where a take does not say
FEWEST_FRAMES = 5  # of a take: below that no frame has neighbours on both sides
GAP = 16  # frames between what is learnt and what is held out of one take: the furthest offset that is read


@dataclass(frozen=True)
class Stretch:
    """A part of a take's frames, by their numbers on disk."""

    take: Take
    frames: tuple[int, ...]

    @property
    def name(self) -> str:
        """How a model's header names it: the take's fingerprint and its frames."""
        return f"{self.take.id} {self.frames[0]}-{self.frames[-1]}"

    def is_in(self, names: Sequence[str]) -> bool:
        """Whether any of its frames lies in one of the stretches so named."""
        for name in names:
            take_id, _, frames = name.partition(" ")
            if take_id != self.take.id:
                continue
            found = _FRAMES.fullmatch(frames)  # none: the whole take
            if found is None or (int(found[1]) <= self.frames[-1] and self.frames[0] <= int(found[2])):
                return True
        return False


@dataclass(frozen=True, eq=False)
class Clip:
    """A window of a take around one target frame: log-encoded pixels (F, H, W, 3), offsets from the target, where
    pixels are finite (F, H, W), and in which take and second it lies. Frames that are damaged are left out.
    """

    offsets: tuple[int, ...]
    log: Pixels
    finite: npt.NDArray[np.bool_]
    place: tuple[str, float]


@dataclass(frozen=True, eq=False)
class Example:
    """One hole cut in a clip's target: the frame with it, all candidates for it, the truth (H, W, 3), and which pixels
    may be looked at (H, W); and in which take and second the clip lies.
    """

    log: Pixels
    truth: Pixels
    candidates: Candidates
    known: npt.NDArray[np.bool_]
    place: tuple[str, float]

    def guessed(self, spatial: nn.Module | None, device: torch.device) -> Example:
        """The same hole as it is filled with that spatial network: as in delivery, so in learning."""
        return replace(self, candidates=with_guess(spatial, self.log, self.known, self.candidates, device))


def split(takes: Sequence[Take], recipe: Recipe, config: ColourConfig) -> tuple[list[Stretch], list[Stretch]]:
    """What is learnt from, and what is held out: whole takes; of a single take its last part, with a gap.

    Raises:
        RequestError: no take has frames enough to learn from.
    """
    stretches = [Stretch(take, _frames(take, config)) for take in takes]
    usable = [stretch for stretch in stretches if len(stretch.frames) >= FEWEST_FRAMES]
    if not usable:
        raise RequestError(
            f"None of the {len(takes)} takes has {FEWEST_FRAMES} frames or more: add takes with `interneg dailies add`."
        )
    if len(usable) == 1:
        return _split_single(usable[0])
    ordered = sorted(usable, key=lambda stretch: _lot(stretch.take))
    count = max(1, round(recipe.held_out_share * len(ordered)))
    return ordered[count:], ordered[:count]


def _lot(take: Take) -> float:
    """The take's own lot in [0, 1): dailies that are added leave the others' order as it is."""
    return int(hashlib.sha256(take.id.encode()).hexdigest()[:8], 16) / 2**32


def _split_single(stretch: Stretch) -> tuple[list[Stretch], list[Stretch]]:
    frames = stretch.frames
    gap = max(1, min(GAP, len(frames) // 8))
    cut = max(2, int(len(frames) * 0.7) - gap)
    return [Stretch(stretch.take, frames[:cut])], [Stretch(stretch.take, frames[cut + gap :])]


def _frames(take: Take, config: ColourConfig) -> tuple[int, ...]:
    try:
        source = open_source(take.path, take.colourspace, config)
    except (PlateError, RequestError):
        return ()  # a take that has gone since it was ingested teaches nothing
    try:
        return source.frames
    finally:
        source.close()


def read_clip(stretch: Stretch, rng: np.random.Generator, recipe: Recipe, config: ColourConfig) -> Clip:
    """A window around a random target of that stretch.

    Raises:
        PlateError: a frame cannot be read.
    """
    target = int(rng.choice(stretch.frames))
    wanted = sorted({signed for offset in (0, *recipe.offsets) for signed in (-offset, offset)})
    offsets = tuple(offset for offset in wanted if target + offset in set(stretch.frames))
    source = open_source(stretch.take.path, stretch.take.colourspace, config)
    try:
        window, cuts = None, dict[int, Pixels]()
        for offset in offsets:  # cut as they are read: seventeen plates of 4K would take two gigabytes
            plate = _readable(source, target + offset)
            if plate is not None:
                window = window or _Window.drawn(plate.shape, rng, recipe)
                cuts |= {offset: window.of(plate)} if plate.shape == window.plate else {}
    finally:
        source.close()
    if 0 not in cuts:
        raise PlateError(f"{stretch.take.path}: frame {target} is damaged, or of another size than those around it.")
    cut = np.stack(list(cuts.values()))
    finite = np.asarray(np.isfinite(cut).all(axis=-1))
    place = (stretch.take.id, second_of(stretch.take, target))
    return Clip(tuple(cuts), log_from_linear(np.where(finite[..., None], cut, 0).astype(np.float32)), finite, place)


@dataclass(frozen=True)
class _Window:
    """A part of plates of one size, by its rows and columns."""

    plate: tuple[int, ...]
    rows: slice
    columns: slice

    @classmethod
    def drawn(cls, plate: tuple[int, ...], rng: np.random.Generator, recipe: Recipe) -> _Window:
        """A random one."""
        height, width = plate[:2]
        high, wide = min(height, recipe.window_height), min(width, recipe.window_width)
        row, column = int(rng.integers(0, height - high + 1)), int(rng.integers(0, width - wide + 1))
        return cls(plate, slice(row, row + high), slice(column, column + wide))

    def of(self, plate: Pixels) -> Pixels:
        """That part of the plate, and nothing of the rest held."""
        return plate[self.rows, self.columns].copy()


def second_of(take: Take, frame: int) -> float:
    """When in its take a frame was shot."""
    return round(frame / (take.fps or USUAL_FPS), 2)


def _readable(source: PlateSource, frame: int) -> Pixels | None:
    """That frame; none where it is damaged: a neighbour that is missing costs a clip nothing else."""
    try:
        return shown(source.read(frame))
    except PlateError:
        return None


def shown(plate: Plate) -> Pixels:
    """The plate's pixels within its display window, NaN where it has none: data windows may change within a take."""
    if plate.data_window == plate.display_window:
        return plate.rgb
    data, display = plate.data_window, plate.display_window
    left, right = max(data.x_min, display.x_min), min(data.x_max, display.x_max) + 1
    top, bottom = max(data.y_min, display.y_min), min(data.y_max, display.y_max) + 1
    whole = np.full((display.height, display.width, 3), np.nan, np.float32)
    if left < right and top < bottom:
        part = plate.rgb[top - data.y_min : bottom - data.y_min, left - data.x_min : right - data.x_min]
        whole[top - display.y_min : bottom - display.y_min, left - display.x_min : right - display.x_min] = part
    return whole


def cut_example(clip: Clip, rng: np.random.Generator) -> Example | None:
    """The clip's target with a hole in it; None where the hole missed the frame."""
    height, width = clip.log.shape[1:3]
    holes = cut_holes(rng, clip.offsets, height, width)
    views = {
        offset: View(offset, log, hole & finite, finite)
        for offset, log, hole, finite in zip(clip.offsets, clip.log, holes, clip.finite, strict=True)
    }
    target = views[0]
    if not target.hole.any() or target.hole.mean() > 0.5:
        return None
    holed = np.where(target.hole[..., None], 0, target.log)
    return Example(holed, target.log, gathered(target, views.get), target.known, clip.place)
