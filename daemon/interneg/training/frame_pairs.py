"""Pairs of frames that show the same things: along a take's motion, or in two takes of a setup, maybe in other light.

Where light changed between them is found, not given: pairs are matched by structure, which light does not move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from interneg.errors import PlateError
from interneg.model.working import resized, usable, working_size
from interneg.plates.source import open_source
from interneg.training.lesson import Lesson
from interneg.training.takes import Stretch, second_of

Pixels = npt.NDArray[np.float32]
Matched = npt.NDArray[np.bool_]

LEAST_SIDE = 16  # pixels: in less there is no motion to be found
FINER = 2  # times the networks' size is what motion is found at
NEAR = (2, 16)  # frames apart along a take's motion
FAR_SHARE = 0.5  # of the draws look for the same things elsewhere in the setup, and so in other light
LEAST_MATCHED = 0.35  # of the frame: below that the two show other things
STRAY = 1.0  # working pixels that a way there and back may miss by
LOCAL = 6.0  # pixels: structure is what differs from its surroundings
FLAT_STOPS = 0.05  # of detail: less is noise
FLAT_SHARE = 0.25  # of a structure's power where there is detail: less is flat
LEAST_CORRELATION = 0.5
EVEN = 6.0  # working pixels: light changes more slowly over a frame than that


@dataclass(frozen=True, eq=False)
class FramePair:
    """Two frames (h, w, 3) at the networks' size, linear, and where each pixel of the first lies in the second.

    Convention: flow (h, w, 2) in pixels right and down; matched (h, w) where it can be trusted; `change` is how
        differently the two are lit over the frame, in stops.
    """

    one: Pixels
    other: Pixels
    flow: Pixels
    matched: Matched
    change: float
    place: tuple[str, float]


def drawn_pair(lesson: Lesson, stretches: Sequence[Stretch], rng: np.random.Generator) -> FramePair | None:
    """A random pair from those stretches; none where they cannot be read, or show other things."""
    stretch = stretches[int(rng.integers(len(stretches)))]
    first = int(rng.choice(stretch.frames))
    there = _elsewhere(stretches, stretch, rng) if rng.random() < FAR_SHARE else stretch
    if there is stretch:
        second = first + int(rng.integers(*NEAR)) * int(rng.choice((-1, 1)))
        second = min(stretch.frames, key=lambda frame: abs(frame - second))
    else:
        second = int(rng.choice(there.frames))
    plates = [_read(lesson, where, frame) for where, frame in ((stretch, first), (there, second))]
    if (
        plates[0] is None
        or plates[1] is None
        or plates[0].shape != plates[1].shape
        or (there, second) == (stretch, first)
    ):
        return None
    place = (stretch.take.id, second_of(stretch.take, first))
    return paired(plates[0], plates[1], place)


def paired(one: Pixels, other: Pixels, place: tuple[str, float]) -> FramePair | None:
    """Two frames matched to one another; none where they show other things, or are too small to tell.

    Convention: larger than networks see.
    """
    if min(one.shape[:2]) < LEAST_SIDE:
        return None
    size = working_size(*one.shape[:2])
    structures = _structure(one), _structure(other)
    forth, back = _flow(*structures), _flow(*structures[::-1])
    matched = _returns(forth, back) & _alike(structures[0], warped(structures[1], forth))
    scale = size[1] / one.shape[1]
    flow = resized(forth, size) * np.float32(scale)
    known = cv2.resize(matched.astype(np.float32), (size[1], size[0]), interpolation=cv2.INTER_AREA) > 0.99
    if known.mean() < LEAST_MATCHED:
        return None
    small, there = resized(one, size), resized(other, size)
    return FramePair(small, there, flow, np.asarray(known), _change(small, warped(there, flow), known), place)


def warped(plane: Pixels, flow: Pixels) -> Pixels:
    """The plane (h, w, C) as the first frame sees it."""
    height, width = flow.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved = cv2.remap(
        plane, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.float32)


def _elsewhere(stretches: Sequence[Stretch], here: Stretch, rng: np.random.Generator) -> Stretch:
    """Another take of the same setup, else the take itself."""
    setup = here.take.slate.setup
    others = [one for one in stretches if setup and one.take.slate.setup == setup and one.take.id != here.take.id]
    return others[int(rng.integers(len(others)))] if others else here


def _read(lesson: Lesson, stretch: Stretch, frame: int) -> Pixels | None:
    """That frame, at the size at which motion is found."""
    lesson.go_on()
    try:
        source = open_source(stretch.take.path, stretch.take.colourspace, lesson.config)
        try:
            plate = usable(source.read(frame).rgb)
        finally:
            source.close()
    except PlateError:
        return None  # ingest reported it
    height, width = working_size(*plate.shape[:2])
    return resized(plate, (min(plate.shape[0], FINER * height), min(plate.shape[1], FINER * width)))


def _structure(plate: Pixels) -> Pixels:
    """What of a plate (h, w) does not change with its light: its log less its surroundings, by how much they vary."""
    luma = np.log2(plate.mean(axis=-1) + 1e-4 * max(float(plate.mean()), 1e-6))
    detail = luma - cv2.GaussianBlur(luma, (0, 0), LOCAL)
    return np.asarray(detail / (np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), LOCAL)) + FLAT_STOPS), np.float32)


def _alike(one: Pixels, other: Pixels) -> Matched:
    """Where two structures correlate, or both are flat."""
    both, first, second = (cv2.GaussianBlur(part, (0, 0), LOCAL) for part in (one * other, one * one, other * other))
    flat = np.maximum(first, second) < FLAT_SHARE
    return np.asarray(flat | (both > LEAST_CORRELATION * np.sqrt(first * second)))


def _flow(one: Pixels, other: Pixels) -> Pixels:
    """Where each pixel of the first structure lies in the second, in pixels right and down from its own place."""
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    first, second = (np.clip(128 + 48 * structure, 0, 255).astype(np.uint8) for structure in (one, other))
    return np.asarray(finder.calc(first, second, np.zeros((*one.shape, 2), np.float32)), np.float32)


def _returns(forth: Pixels, back: Pixels) -> Matched:
    """Where the way there and back ends where it began, within the frame."""
    height, width = forth.shape[:2]
    missed = np.linalg.norm(forth + warped(back, forth), axis=-1)
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    right, down = columns + forth[..., 0], rows + forth[..., 1]
    inside = (right >= 0) & (right <= width - 1) & (down >= 0) & (down <= height - 1)
    return np.asarray((missed < STRAY * FINER) & inside)


def _change(one: Pixels, other: Pixels, known: Matched) -> float:
    """How differently the two are lit over the frame, one exposure and balance apart, in stops."""
    ratio = np.log2((one + 1e-3 * one.mean()) / (other + 1e-3 * max(float(other.mean()), 1e-9)))
    even = cv2.GaussianBlur(np.where(known[..., None], ratio, 0).astype(np.float32), (0, 0), EVEN)
    weight = np.maximum(cv2.GaussianBlur(known.astype(np.float32), (0, 0), EVEN), 1e-3)[..., None]
    return float((even / weight)[known].std(axis=0).mean())
