"""Learning to fill from dailies what no other frame has seen: single frames with holes cut in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from interneg.errors import PlateError, RequestError
from interneg.model.guess import with_guess
from interneg.model.spatial_fill import TRUST
from interneg.operators.candidates import Candidates, gathered
from interneg.operators.motion import View
from interneg.plates.colour import ColourConfig, linear_from_log, log_from_linear
from interneg.plates.source import open_source
from interneg.training.holes import cut_unseen
from interneg.training.lesson import Lesson
from interneg.training.loop import Rates, pupil_of, taught
from interneg.training.outcome import InUse, Outcome
from interneg.training.review import Scores, beats, psnr, telea_or_ns
from interneg.training.sheets import HOLE_COLOUR, SHEETS, Sheet, cut_out, sheet_image, telling
from interneg.training.spatial_tiles import spatial_loss, tiles_of_picture
from interneg.training.takes import Stretch, second_of

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Drawn = tuple[Tensor, Tensor]

EXPERT = "spatial"
PICTURE = 160  # pixels: little more than a tile, so that each teaches something else
LARGEST_HOLE = 0.5  # of the picture
TRIES = 20  # holes drawn for one picture: some miss it


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A part of a held-out frame in log (H, W, 3), the same with a hole that no other frame looks into, what fills it
    without a network, and in which take and second it lies.
    """

    log: Pixels
    alone: View
    classical: Candidates
    place: tuple[str, float]

    @property
    def hole(self) -> Matte:
        """What is to be filled (H, W)."""
        return self.alone.hole


def learn_spatial(lesson: Lesson, learnt: Sequence[Stretch], held_out: Sequence[Stretch], in_use: InUse) -> Outcome:
    """The candidate and its scores in dB within holes of held-out frames that are filled from the frame alone.

    Raises:
        RequestError: the base model was not taught it, or the held-out takes cannot be read.
    """
    recipe = lesson.recipe
    base = lesson.base.spatial if lesson.base else None
    if base is None:
        raise RequestError("The base model was not taught spatial: learn other experts (`--expert fill`).")
    rates = Rates(recipe.spatial_learning_rate, recipe.spatial_last_learning_rate, 0.0, recipe.weight_decay)
    is_clean = not any(stretch.is_in(in_use.takes) for stretch in held_out)
    pupil = pupil_of(lesson, EXPERT, (in_use.network(EXPERT) if is_clean else None) or base, rates)
    with lesson.counted_once(is_again=pupil.seconds > 0):
        review, answers_now = _review(lesson, held_out, in_use.network(EXPERT) or base)
    with lesson.helpers(1, "pictures") as pool:
        candidate = taught(lesson, pupil, _batches(lesson, learnt, pool), _loss, rates)
    lesson.tell(f"reviewing spatial on {len(review)} held-out holes")
    answers = [answers_now, [_answer(lesson, candidate, one) for one in review]]
    before, after = (_scores(each, review) for each in answers)
    peers = {"telea_ns": float(np.mean([telea_or_ns(one.log, one.hole) for one in review]))}
    circled = pupil.steps > 0 and beats(after, before, recipe.circle_margin_db)
    shown = telling(after, before, SHEETS)
    sheets = tuple(_sheet(review[at], [each[at] for each in answers], (before, after), at) for at in shown)
    return Outcome(EXPERT, "dB", candidate, after, before, in_use.called(EXPERT), peers, pupil.steps, circled, sheets)


def _loss(network: nn.Module, batch: Drawn) -> Tensor:
    """As far as it is mixed with the classical answer when it is delivered; its bound there is left to the verdict."""
    return spatial_loss(network, *batch, trust=TRUST)


def _batches(lesson: Lesson, learnt: Sequence[Stretch], pool: ThreadPoolExecutor) -> Iterator[Drawn]:
    """Batches until the budget ends; parts of frames are kept, and further ones read beside the steps."""
    recipe, rng = lesson.recipe, np.random.default_rng(lesson.recipe.seed)
    kept: list[Pixels] = []
    failed, steps, waiting = 0, 0, _asked(pool, lesson, learnt, rng)
    while lesson.taught_share < 1:
        few = len(kept) < recipe.spatial_first
        if few or (waiting.done() and steps % recipe.spatial_steps_a_frame == 0):
            read = lesson.waited_in_time(waiting)
            if read is None:
                return
            waiting = _asked(pool, lesson, learnt, rng)
            failed = 0 if read else failed + 1
            kept = [*kept, *read][-recipe.spatial_kept :]
            if failed > recipe.spatial_first and not kept:
                return  # no frame can be read: no step, and so NG
        if few:
            lesson.tell(f"reading frames ({len(kept)} parts)")
            continue
        chosen = [kept[int(index)] for index in rng.integers(0, len(kept), recipe.spatial_batch)]
        size = (recipe.window_height, recipe.window_width)
        cut = [tiles_of_picture(rng, *_holed(rng, picture, size), picture) for picture in chosen]
        planes, truth = (np.concatenate(parts) for parts in zip(*((one.planes, one.truth) for one in cut), strict=True))
        yield torch.from_numpy(planes).to(lesson.device), torch.from_numpy(truth).to(lesson.device)
        steps += 1


def _asked(
    pool: ThreadPoolExecutor, lesson: Lesson, learnt: Sequence[Stretch], rng: np.random.Generator
) -> Future[list[Pixels]]:
    stretch = learnt[int(rng.integers(len(learnt)))]
    return pool.submit(_parts, lesson, stretch, int(rng.integers(2**62)))


def _parts(lesson: Lesson, stretch: Stretch, seed: int) -> list[Pixels]:
    """Some parts of a random frame of that stretch, any of them mirrored; runs in the pool."""
    lesson.go_on()
    rng = np.random.default_rng(seed)
    frame = _frame(stretch, int(rng.choice(stretch.frames)), lesson.config)
    if frame is None:
        return []
    parts = [_part(rng, frame, PICTURE, PICTURE) for _ in range(lesson.recipe.spatial_parts)]
    mirrored = (part[:, :: int(rng.choice((1, -1)))] for part in parts if np.isfinite(part).all())
    return [part.copy() for part in mirrored]  # a view would keep the whole frame


def _frame(stretch: Stretch, number: int, config: ColourConfig) -> Pixels | None:
    """A frame (H, W, 3) in log, what is not finite as it is; None where it cannot be read: ingest reported it."""
    try:
        source = open_source(stretch.take.path, stretch.take.colourspace, config)
        try:
            return log_from_linear(source.read(number).rgb)
        finally:
            source.close()
    except (PlateError, RequestError):
        return None


def _part(rng: np.random.Generator, frame: Pixels, height: int, width: int) -> Pixels:
    high, wide = min(height, frame.shape[0]), min(width, frame.shape[1])
    row, column = int(rng.integers(0, frame.shape[0] - high + 1)), int(rng.integers(0, frame.shape[1] - wide + 1))
    return frame[row : row + high, column : column + wide]


def _holed(rng: np.random.Generator, picture: Pixels, size: tuple[int, int]) -> tuple[Pixels, Matte]:
    """The picture with a part of a hole in it that was cut for a frame of that size, and the hole: borders and blobs
    are as large as in delivery.
    """
    height, width = picture.shape[:2]
    tall, wide = max(size[0], height), max(size[1], width)
    for _ in range(TRIES):
        whole = cut_unseen(rng, tall, wide)
        places = np.argwhere(whole)
        if not len(places):
            continue
        at = places[int(rng.integers(len(places)))] - rng.integers(0, (height, width))
        row, column = (int(place) for place in np.clip(at, 0, (tall - height, wide - width)))
        hole = whole[row : row + height, column : column + width]
        if hole.any() and hole.mean() <= LARGEST_HOLE:
            return np.where(hole[..., None], np.float32(0), picture), hole
    hole = np.zeros((height, width), bool)
    hole[height // 3 : height // 3 + 4] = True  # a wire straight across, where chance has drawn none
    return np.where(hole[..., None], np.float32(0), picture), hole


def _review(lesson: Lesson, held_out: Sequence[Stretch], network: nn.Module) -> tuple[list[HeldOut], list[Pixels]]:
    """Holes in held-out frames, and how that network fills them; always the same for the same takes, fewer where the
    budget is short.

    Raises:
        RequestError: no frame of the held-out takes can be read.
    """
    recipe, began, review, answers = lesson.recipe, lesson.elapsed(), list[HeldOut](), list[Pixels]()
    for index in range(recipe.spatial_review):
        if review and lesson.has_reviewed_enough(began):
            break
        rng, stretch = np.random.default_rng((recipe.seed, index)), held_out[index % len(held_out)]
        number = int(rng.choice(stretch.frames))
        frame = _frame(stretch, number, lesson.config)
        if frame is None:
            continue
        part = _part(rng, frame, recipe.window_height, recipe.window_width)
        if np.isfinite(part).all():
            place = (stretch.take.id, second_of(stretch.take, number))
            holed, hole = _holed(rng, part, part.shape[:2])
            alone = View(number, holed, hole, np.ones_like(hole))
            review.append(HeldOut(part, alone, gathered(alone, lambda _: None), place))
            with lesson.rehearsed():
                answers.append(_answer(lesson, network, review[-1]))
        lesson.tell(f"cutting holes in held-out frames ({len(review)})")
    if not review:
        raise RequestError("The held-out takes could not be read: check the takes with `interneg dailies list`.")
    return review, answers


def _answer(lesson: Lesson, network: nn.Module, one: HeldOut) -> Pixels:
    """How the hole is filled, held to the bound that a delivered guess is held to; way is given before."""
    lesson.give_way()
    network.to(lesson.device).eval()
    return with_guess(network, one.alone.log, one.alone.known, one.classical, lesson.device).spatial


def _scores(answers: Sequence[Pixels], review: Sequence[HeldOut]) -> Scores:
    each = (psnr(answer, one.log[one.hole]) for answer, one in zip(answers, review, strict=True))
    return Scores(tuple(each), tuple(one.place for one in review))


def _sheet(one: HeldOut, answers: Sequence[Pixels], scores: Sequence[Scores], index: int) -> Sheet:
    """The held-out frame with its hole, as it was filled before and after, and in truth."""
    pictures = [one.log]
    for answer in answers:
        filled = one.log.copy()
        filled[one.hole] = answer
        pictures.append(filled)
    inside = cut_out(one.hole)
    panels = [sheet_image(linear_from_log(picture[inside])) for picture in [*pictures, one.log]]
    panels[0][one.hole[inside]] = HOLE_COLOUR
    names = ("hole", "in_use", "candidate", "truth")
    before, after = (each.each[index] for each in scores)
    return Sheet(EXPERT, one.place, dict(zip(names, panels, strict=True)), before, after)
