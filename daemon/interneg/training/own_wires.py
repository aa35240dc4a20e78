"""A shot's own wires, moved onto clean parts of the same shot: what is truly behind them there is known to the pixel.

Where an artist has cleaned a shot, his mattes have the shape, width and motion of its wires. Moved aside, they are
holes whose truth is in the plate: to learn from, and to score a shot by that nobody has the clean plate of.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from interneg.errors import InternegError
from interneg.operators.candidates import gathered
from interneg.operators.motion import View
from interneg.plates.colour import log_from_linear
from interneg.plates.matte import MatteSource
from interneg.plates.plate import Plate
from interneg.plates.source import PlateSource, open_source
from interneg.production.index import CleanedShot
from interneg.training.lesson import Lesson
from interneg.training.takes import Example

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

AROUND = 3  # pixels around an artist's matte that are not looked at: what blurs out of it is the wire
LEAST_LEFT = 0.4  # of the moved matte must lie in the frame and beside the wire itself
FEWEST_PIXELS = 60
TRIES = 12
FARTHEST = 0.5  # of the frame's longer side that a wire is moved by, and a tenth of that at least
FRAMES_A_SECOND = 24.0


@dataclass(frozen=True)
class BlindScore:
    """How well a shot's own wires, moved aside, are filled: dB by what was in use and by the candidate."""

    plate: str
    before: float
    after: float
    examples: int


@dataclass(frozen=True)
class _Cut:
    """Where a wire is moved to: rows and columns of the window, and how far down and right."""

    rows: slice
    columns: slice
    down: int
    right: int


def own_examples(lesson: Lesson, shot: CleanedShot, seed: int, draws: int) -> list[Example]:
    """Holes of the shot's own wires beside themselves; fewer or none where it cannot be read, or has no room."""
    rng = np.random.default_rng(seed)
    try:
        with (
            closing(open_source(shot.plate, shot.colourspace, lesson.config)) as source,
            closing(MatteSource(shot.matte, shot.matte_channel)) as mattes,
        ):
            made = (_example(lesson, (source, mattes), shot, rng) for _ in range(draws))
            return [example for example in made if example]
    except InternegError:
        return []  # a shot that has gone since it was cleaned teaches nothing


def _example(
    lesson: Lesson, sources: tuple[PlateSource, MatteSource], shot: CleanedShot, rng: np.random.Generator
) -> Example | None:
    source, mattes = sources
    known = source.frames if mattes.is_still else set(source.frames) & set(mattes.frames)
    there = [frame for frame in sorted(known) if shot.first_frame <= frame <= shot.last_frame]
    if not there:
        return None
    target = int(rng.choice(there))
    plate = source.read(target)
    cut = _cut(lesson, mattes.read(target, plate) > 0, rng)
    if cut is None:
        return None
    wanted = sorted({signed for offset in (0, *lesson.recipe.offsets) for signed in (-offset, offset)})
    views: dict[int, View] = {}
    for offset in wanted:
        lesson.go_on()
        frame = target + offset
        if frame in source.frames and (mattes.is_still or frame in mattes.frames):  # else its wire cannot be told
            beside = source.read(frame)
            views[offset] = _view(offset, beside, mattes.read(frame, beside) > 0, cut)
    seen = views[0]
    if not seen.hole.any():
        return None
    holed = np.where(seen.hole[..., None], 0, seen.log)
    place = (shot.plate, round(target / FRAMES_A_SECOND, 2))
    return Example(holed, seen.log, gathered(seen, views.get), seen.known, place)


def _cut(lesson: Lesson, matte: Matte, rng: np.random.Generator) -> _Cut | None:
    """Somewhere beside itself for the wire, with a window around a part of it; none where there is no room."""
    longest = FARTHEST * max(matte.shape)
    for _ in range(TRIES):
        turn, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.1 * longest, longest)
        down, right = round(far * np.sin(turn)), round(far * np.cos(turn))
        beside = _moved(matte, down, right) & ~_grown(matte)
        if beside.sum() < max(FEWEST_PIXELS, LEAST_LEFT * matte.sum()):
            continue
        places = np.argwhere(beside)
        middle = places[int(rng.integers(len(places)))]
        sides = (lesson.recipe.window_height, lesson.recipe.window_width)
        rows, columns = (
            _span(int(at), side, whole) for at, side, whole in zip(middle, sides, matte.shape, strict=True)
        )
        return _Cut(rows, columns, down, right)
    return None


def _span(at: int, side: int, whole: int) -> slice:
    first = min(max(at - side // 2, 0), max(whole - side, 0))
    return slice(first, min(first + side, whole))


def _view(offset: int, plate: Plate, matte: Matte, cut: _Cut) -> View:
    """One frame with its wire moved aside; the wire itself is nothing that may be looked at."""
    inside = (cut.rows, cut.columns)
    moved, hidden = _moved(matte, cut.down, cut.right)[inside], _grown(matte)[inside]
    rgb = plate.rgb[inside]
    finite = np.asarray(np.isfinite(rgb).all(axis=-1)) & ~hidden
    log = log_from_linear(np.where(finite[..., None], rgb, 0).astype(np.float32))
    return View(offset, log, moved & finite, finite)


def _moved(matte: Matte, down: int, right: int) -> Matte:
    """The matte so far down and right; nothing comes in from outside."""
    height, width = matte.shape
    moved = np.zeros_like(matte)
    rows, columns = (slice(max(0, by), size + min(0, by)) for by, size in ((down, height), (right, width)))
    back_rows, back_columns = (slice(max(0, -by), size - max(0, by)) for by, size in ((down, height), (right, width)))
    moved[rows, columns] = matte[back_rows, back_columns]
    return moved


def _grown(matte: Matte) -> Matte:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * AROUND + 1, 2 * AROUND + 1))
    return np.asarray(cv2.dilate(matte.astype(np.uint8), kernel) > 0)


def shots_beside(shots: Sequence[CleanedShot], kept_out: set[str]) -> list[CleanedShot]:
    """Those shots that are no held-out take."""
    return [shot for shot in shots if shot.plate not in kept_out]
