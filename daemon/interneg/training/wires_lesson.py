"""Learning to find wires from dailies: wires and rigs of our own laid over the takes, grained as the takes are.

What the base sees in a bare take is most often a line of the set, and now and then a wire that truly hangs there: it
counts for a quarter. A set's lines are unlearnt by that; wires are not, since those laid over count in full.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from interneg.errors import PlateError, RequestError
from interneg.model.wires import WiresNetwork, wires_of
from interneg.plates.colour import linear_from_log, log_from_linear
from interneg.plates.grain import Grain, measure_grain
from interneg.plates.matte import MatteSource
from interneg.plates.plate import Plate
from interneg.plates.source import open_source
from interneg.production.index import CleanedShot
from interneg.training.drawn_wires import composited, drawn_wires
from interneg.training.lesson import Lesson
from interneg.training.loop import Rates, pupil_of, taught
from interneg.training.outcome import InUse, Outcome
from interneg.training.own_wires import shots_beside
from interneg.training.review import Scores, beats
from interneg.training.sheets import SHEETS, Sheet, cut_out, sheet_image, telling
from interneg.training.takes import Stretch, second_of
from interneg.training.wires_loss import PICTURE, batch_of, truth_of, wires_loss

Pixels = npt.NDArray[np.float32]
Known = npt.NDArray[np.bool_]

EXPERT = "wires"
LARGEST = 4 * PICTURE  # pixels of a plate that are kept: a 4K plate is looked at in parts
SUSPECTED = 0.1  # what the base must see within an artist's matte for a wire: a matte is wider than what it hides
CLEANED_SHARE = 0.25  # of the frames read are those that artists have cleaned, where there are any
AS_CLEANED_SHARE, BARE_SHARE = 0.5, 0.1  # of the pictures have no rig of ours laid over them
THRESHOLDS = np.linspace(0.05, 0.95, 19)
COVERED = 0.5  # of a pixel: from there a wire is there
DOUBTED = 0.25  # how much a pixel counts where the base sees something in the bare take
OPAQUE_SHARE = 0.3  # of what a reviewed rig touches it must cover: an overlap with haze tells nothing


@dataclass(frozen=True, eq=False)
class Backing:
    """A frame of a take (H, W, 3), linear; its grain, how much pixels count (H, W), and its take and second."""

    plate: Pixels
    grain: Grain | None
    counts: Pixels
    place: tuple[str, float]
    matte: Pixels | None = None  # where an artist has said that wires hang


@dataclass(frozen=True, eq=False)
class Rigged:
    """A held-out plate (H, W, 3) with a rig over it, and what of it is covered (H, W)."""

    plate: Pixels
    matte: Pixels
    place: tuple[str, float]


def learn_wires(lesson: Lesson, learnt: Sequence[Stretch], held_out: Sequence[Stretch], in_use: InUse) -> Outcome:
    """The candidate and its scores, intersection over union on held-out takes with rigs of our own.

    Raises:
        RequestError: the base was not taught wires, or the takes cannot be read.
    """
    recipe = lesson.recipe
    base = lesson.base.wires if lesson.base else None
    if base is None:
        raise RequestError("The base model was not taught wires: learn other experts (`--expert fill`).")
    rates = Rates(recipe.wires_learning_rate, recipe.wires_last_learning_rate, 0.0, recipe.weight_decay)
    is_clean = not any(stretch.is_in(in_use.takes) for stretch in held_out)
    start = in_use.network(EXPERT) if is_clean else base
    pupil = pupil_of(lesson, EXPERT, start or base, rates)
    backings = _Backings(lesson, base)
    cleaned = shots_beside(lesson.production.cleaned_shots(), {stretch.take.path for stretch in held_out})
    with lesson.counted_once(is_again=pupil.seconds > 0):
        review, found_now = backings.reviewed(held_out, in_use.network(EXPERT))
    with lesson.helpers(1, "wires") as pool:
        candidate = taught(lesson, pupil, _batches(lesson, backings, (learnt, cleaned), pool), wires_loss, rates)
    lesson.tell(f"reviewing wires on {len(review)} held-out plates")
    mattes = [found_now, [_matte(candidate, one, lesson) for one in review]]
    before, after = (_scores(each, review) for each in mattes)
    circled = pupil.steps > 0 and beats(after, before, recipe.circle_margin_iou)
    sheets = tuple(
        _sheet(review[at], [each[at] for each in mattes], before, after, at) for at in telling(after, before, SHEETS)
    )
    return Outcome(EXPERT, "IoU", candidate, after, before, in_use.called(EXPERT), {}, pupil.steps, circled, sheets)


class _Backings:
    """Frames of takes, read once and kept."""

    def __init__(self, lesson: Lesson, base: WiresNetwork) -> None:
        self._lesson, self._base = lesson, base

    def read(self, stretch: Stretch, rng: np.random.Generator) -> Backing | None:
        """A random frame of that stretch; none where it cannot be read."""
        frame, take = int(rng.choice(stretch.frames)), stretch.take
        plate = self._plate(take.path, take.colourspace, frame)
        if plate is None:
            return None
        rgb, finite = _handy(rng, plate.rgb, np.asarray(np.isfinite(plate.rgb).all(axis=-1)))
        rgb = np.where(finite[..., None], rgb, 0).astype(np.float32)
        doubted = cv2.dilate((self._seen(rgb) > COVERED).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        counts = np.where(doubted, DOUBTED, 1).astype(np.float32)
        place = (take.id, second_of(take, frame))
        return Backing(rgb, measure_grain(log_from_linear(rgb), finite), counts, place)

    def read_cleaned(self, shot: CleanedShot, rng: np.random.Generator) -> Backing | None:
        """A random frame that an artist has cleaned, with his matte; none where either cannot be read.

        His matte is wider than the wire: within it only what the base suspects counts, as a wire. Outside it, all does.
        """
        frame = int(rng.integers(shot.first_frame, shot.last_frame + 1))
        plate = self._plate(shot.plate, shot.colourspace, frame)
        if plate is None or min(plate.rgb.shape[:2]) < PICTURE:
            return None
        try:
            mattes = MatteSource(shot.matte, shot.matte_channel)
            try:
                matte = mattes.read(frame, plate)
            finally:
                mattes.close()
        except (PlateError, RequestError):
            return None
        inside = _part(rng, matte.shape, LARGEST)
        finite = np.asarray(np.isfinite(plate.rgb).all(axis=-1))[inside]
        rgb, matte = np.where(finite[..., None], plate.rgb[inside], 0).astype(np.float32), matte[inside]
        wire = np.where(self._seen(rgb) > SUSPECTED, matte, 0).astype(np.float32)
        counts = np.asarray((matte == 0) | (wire > 0), np.float32)
        return Backing(rgb, measure_grain(log_from_linear(rgb), finite), counts, (shot.plate, 0), wire)

    def _plate(self, path: str, colourspace: str, frame: int) -> Plate | None:
        self._lesson.go_on()
        try:
            source = open_source(path, colourspace, self._lesson.config)
            try:
                return source.read(frame)
            finally:
                source.close()
        except (PlateError, RequestError):
            return None  # ingest reported it

    def _seen(self, rgb: Pixels) -> Pixels:
        return wires_of(self._base, rgb, self._lesson.device)

    def reviewed(self, held_out: Sequence[Stretch], network: nn.Module | None) -> tuple[list[Rigged], list[Pixels]]:
        """Held-out plates with rigs, and what that network finds in them; always the same for the same takes.

        Raises:
            RequestError: none of the takes can be read.
        """
        recipe, began, review, mattes = self._lesson.recipe, self._lesson.elapsed(), list[Rigged](), list[Pixels]()
        for index in range(recipe.wires_review):
            rng = np.random.default_rng((recipe.seed, index))
            if review and self._lesson.has_reviewed_enough(began):
                break
            backing = self.read(held_out[index % len(held_out)], rng)
            if backing is None:
                continue
            plate = backing.plate[_part(rng, backing.plate.shape[:2], 2 * PICTURE)]
            plate, matte = _rigged(rng, plate, backing.grain)
            if (matte > COVERED).sum() > OPAQUE_SHARE * max((matte > 0.1).sum(), 1):
                review.append(Rigged(plate, matte, backing.place))
                with self._lesson.rehearsed():
                    mattes.append(_matte(network, review[-1], self._lesson))
            self._lesson.tell(f"hanging wires in held-out takes ({len(review)})")
        if not review:
            raise RequestError("The held-out takes could not be read: check the takes with `interneg dailies list`.")
        return review, mattes


def _batches(
    lesson: Lesson,
    backings: _Backings,
    footage: tuple[Sequence[Stretch], Sequence[CleanedShot]],
    pool: ThreadPoolExecutor,
) -> Iterator[tuple[Tensor, ...]]:
    """Batches until the budget ends, drawn a few ahead; a new frame is read for every few, and some are kept."""
    recipe, (learnt, cleaned) = lesson.recipe, footage
    rng = np.random.default_rng(recipe.seed)
    kept: list[Backing] = []

    def drawn(number: int, seed: int) -> tuple[Tensor, ...] | None:
        torch.set_num_threads(1)
        own = np.random.default_rng(seed)
        for _ in range(int(number % recipe.wires_steps_a_frame == 0) if kept else 3):
            if cleaned and own.random() < CLEANED_SHARE:
                backing = backings.read_cleaned(cleaned[int(own.integers(len(cleaned)))], own)
            else:
                backing = backings.read(learnt[int(own.integers(len(learnt)))], own)
            kept.extend([backing] if backing else [])
        del kept[: -recipe.wires_backings]
        return batch_of(own, [_pair(own, kept) for _ in range(recipe.wires_batch)]) if kept else None

    waiting: list[Future[tuple[Tensor, ...] | None]] = []
    numbers = count(1)
    while lesson.taught_share < 1:
        while len(waiting) < 3:
            waiting.append(pool.submit(drawn, next(numbers), int(rng.integers(2**62))))
        batch = lesson.waited_in_time(waiting.pop(0))
        if batch is not None:
            yield tuple(part.to(lesson.device) for part in batch)
    for job in waiting:
        job.cancel()


def _pair(rng: np.random.Generator, kept: Sequence[Backing]) -> tuple[Pixels, Pixels]:
    """A part of a take with a rig over it, or as it was shot, and its truth."""
    backing = kept[int(rng.integers(len(kept)))]
    inside = _part(rng, backing.plate.shape[:2], PICTURE)
    plate, counts = backing.plate[inside], backing.counts[inside]
    matte = np.zeros(counts.shape, np.float32) if backing.matte is None else backing.matte[inside]
    if rng.random() > (BARE_SHARE if backing.matte is None else AS_CLEANED_SHARE):
        plate, laid = _rigged(rng, plate, backing.grain)
        matte, counts = np.maximum(matte, laid), np.where(laid > 0, 1, counts).astype(np.float32)
    turns, mirrored = int(rng.integers(4)), bool(rng.random() < 0.5)
    turned = [
        np.ascontiguousarray(np.rot90(plane[:, ::-1] if mirrored else plane, turns)) for plane in (plate, matte, counts)
    ]
    return turned[0], truth_of(turned[1], turned[2])


def _handy(rng: np.random.Generator, plate: Pixels, finite: Known) -> tuple[Pixels, Known]:
    """The plate and where it is finite, enlarged where the network's picture would not fit, else a handy part of it."""
    scale = PICTURE / min(plate.shape[:2])
    if scale > 1:
        size = (math.ceil(plate.shape[1] * scale), math.ceil(plate.shape[0] * scale))
        larger = cv2.resize(plate, size, interpolation=cv2.INTER_CUBIC)
        return np.asarray(larger, np.float32), cv2.resize(finite.astype(np.uint8), size) > 0
    inside = _part(rng, plate.shape[:2], LARGEST)
    return plate[inside], finite[inside]


def _part(rng: np.random.Generator, size: tuple[int, ...], side: int) -> tuple[slice, slice]:
    """The rows and columns of a random part of at most that side."""
    height, width = (min(side, whole) for whole in size)
    row, column = int(rng.integers(size[0] - height + 1)), int(rng.integers(size[1] - width + 1))
    return slice(row, row + height), slice(column, column + width)


def _rigged(rng: np.random.Generator, plate: Pixels, grain: Grain | None) -> tuple[Pixels, Pixels]:
    """The plate with a rig over it that has the plate's own grain, and what of it is covered."""
    rig = drawn_wires(rng, *plate.shape[:2])
    mixed = composited(plate, rig)
    if grain is None:
        return mixed, rig.matte
    log = log_from_linear(mixed)
    sigma = grain.sigma_at(log.mean(axis=-1).ravel()).reshape(log.shape)
    fresh = grain.drawn(rig.matte.shape, int(rng.integers(2**31)), 0) * sigma * rig.matte[..., None]
    return np.where(rig.matte[..., None] > 0, linear_from_log(log + fresh), mixed).astype(np.float32), rig.matte


def _matte(network: nn.Module | None, one: Rigged, lesson: Lesson) -> Pixels:
    """What the network finds in the plate; nothing without one. Way is given before."""
    lesson.give_way()
    if not isinstance(network, WiresNetwork):
        return np.zeros_like(one.matte)
    network.to(lesson.device).eval()
    return wires_of(network, one.plate, lesson.device)


def _scores(mattes: Sequence[Pixels], review: Sequence[Rigged]) -> Scores:
    """Each plate's intersection over union, cut where the network is best over all of them."""
    tables = np.asarray([_ious(found, one) for found, one in zip(mattes, review, strict=True)])
    best = int(tables.mean(axis=0).argmax())
    return Scores(tuple(map(float, tables[:, best])), tuple(one.place for one in review))


def _sheet(one: Rigged, found: Sequence[Pixels], before: Scores, after: Scores, index: int) -> Sheet:
    """A held-out plate with a rig over it, what was found of it before and after, and in truth."""
    inside = cut_out(one.matte > COVERED)
    plate = sheet_image(one.plate[inside])
    mattes = [np.repeat(np.rint(each[inside] * 255).astype(np.uint8)[..., None], 3, -1) for each in (*found, one.matte)]
    panels = dict(zip(("plate", "in_use", "candidate", "truth"), (plate, *mattes), strict=True))
    return Sheet(EXPERT, one.place, panels, before.each[index], after.each[index])


def _ious(found: Pixels, one: Rigged) -> npt.NDArray[np.float64]:
    """The intersection over union at every threshold."""
    there = one.matte > COVERED
    each = []
    for threshold in THRESHOLDS:
        seen = found > threshold
        union = (seen | there).sum()
        each.append(float((seen & there).sum() / union) if union else 1.0)
    return np.asarray(each)
