"""Learning to fill from dailies: holes cut in the takes, what other frames saw of them, the true pixels as target.

What a show learns is whom to believe: the merging of sources. Choosing among its results is as the base was taught it;
hundreds of steps on a show's own holes gained nothing there.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from interneg.errors import RequestError
from interneg.model.fill import FillNetwork
from interneg.plates.colour import linear_from_log
from interneg.production.index import CleanedShot
from interneg.training.handful import merge_loss
from interneg.training.handfuls import Handfuls, examples_from
from interneg.training.lesson import Lesson
from interneg.training.loop import Rates, keep_pupil, pupil_of, taught
from interneg.training.outcome import InUse, Outcome
from interneg.training.own_wires import BlindScore, own_examples, shots_beside
from interneg.training.review import Scores, answers_of, beats, scores_of, telea_or_ns
from interneg.training.sheets import HOLE_COLOUR, SHEETS, Sheet, cut_out, sheet_image, telling
from interneg.training.takes import Example, Stretch

Pixels = npt.NDArray[np.float32]
Drawn = tuple[Tensor, Tensor]

EXPERT = "fill"
BLIND_SHOTS, BLIND_DRAWS = 4, 2  # the last ones that were cleaned, and how often each


@dataclass(frozen=True, eq=False)
class _Blind:
    """A cleaned shot with its own wires moved aside: as what is in use fills it, guessed in as the candidate will, and
    the mean of what is in use.
    """

    plate: str
    own: Sequence[Example]
    before: float


@dataclass(frozen=True, eq=False)
class _Tried:
    """What is held out, as the candidate will be given it, and how it is filled now and by simpler methods."""

    review: Sequence[Example]
    answers: Sequence[Pixels]
    peers: Mapping[str, float]
    blind: Sequence[_Blind]


def learn_fill(lesson: Lesson, learnt: Sequence[Stretch], held_out: Sequence[Stretch], in_use: InUse) -> Outcome:
    """The candidate and its scores in dB within held-out holes.

    Raises:
        RequestError: the held-out takes cannot be read.
    """
    recipe = lesson.recipe
    rates = Rates(recipe.learning_rate, recipe.last_learning_rate, recipe.cut_until, recipe.weight_decay)
    start = _start(lesson, in_use, held_out)
    pupil = pupil_of(lesson, EXPERT, start.merge, rates)
    shots = shots_beside(lesson.production.cleaned_shots(), {stretch.take.path for stretch in held_out})
    with lesson.helpers(2, "examples") as pool:
        with lesson.counted_once(is_again=pupil.seconds > 0):
            tried = _tried(lesson, in_use, _review_examples(lesson, held_out, pool), shots)
        handfuls = Handfuls(lesson, (learnt, shots), pool, lambda: keep_pupil(lesson, pupil))
        merge = taught(lesson, pupil, handfuls.drawn(), _loss, rates)
    candidate = copy.deepcopy(start)
    candidate.merge.load_state_dict(merge.state_dict())
    return _reviewed(lesson, candidate, in_use, tried, pupil.steps)


def _start(lesson: Lesson, in_use: InUse, held_out: Sequence[Stretch]) -> FillNetwork:
    """What learning starts from: what is in use, unless it has seen what is held out now; else the base, or nothing."""
    is_clean = not any(stretch.is_in(in_use.takes) for stretch in held_out)
    starts = (in_use.network(EXPERT) if is_clean else None, lesson.base.fill if lesson.base else None)
    for start in starts:
        if isinstance(start, FillNetwork):
            return start
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(lesson.recipe.seed)
        return FillNetwork()


def _review_examples(lesson: Lesson, held_out: Sequence[Stretch], pool: ThreadPoolExecutor) -> list[Example]:
    """The held-out examples; always the same for the same takes, fewer where the budget is short."""
    recipe, began = lesson.recipe, lesson.elapsed()
    examples: list[Example] = []
    jobs: list[Future[list[Example]]] = [
        pool.submit(
            examples_from, lesson, held_out[index % len(held_out)], recipe.seed + 1 + index, recipe.review_draws
        )
        for index in range(recipe.review_clips)
    ]
    for job in jobs:
        if examples and lesson.has_reviewed_enough(began):
            job.cancel()
            continue
        cut: list[Example] = lesson.waited(job)
        examples += cut
        lesson.tell(f"cutting holes in held-out takes ({len(examples)})")
    if not examples:
        raise RequestError("The held-out takes could not be read: check the takes with `interneg dailies list`.")
    return examples


def _loss(network: nn.Module, pixels: Drawn) -> Tensor:
    return merge_loss(network, *pixels)


def _tried(lesson: Lesson, in_use: InUse, review: Sequence[Example], shots: Sequence[CleanedShot]) -> _Tried:
    """What is held out, tried with what is in use: before the steps, so that the time for the verdict is known."""
    lesson.tell(f"filling {len(review)} held-out holes as it is done now")
    peers = {
        "classical": scores_of(answers_of(None, review, lesson.device), review).mean,
        "telea_ns": float(np.mean([telea_or_ns(one.truth, one.candidates.hole) for one in review])),
    }
    guessed = _guessed(lesson, review)
    answers = _answers_in_use(lesson, in_use, review, guessed)
    blind, began = list[_Blind](), lesson.elapsed()
    for shot in shots[: -BLIND_SHOTS - 1 : -1]:  # the last that were cleaned, and the very last in any case
        lesson.tell(f"moving the wires of {Path(shot.plate).name} aside")
        if own := own_examples(lesson, shot, lesson.recipe.seed, BLIND_DRAWS):
            own_guessed = _guessed(lesson, own)
            before = scores_of(_answers_in_use(lesson, in_use, own, own_guessed), own).mean
            blind.append(_Blind(shot.plate, own_guessed, before))
        if lesson.has_reviewed_enough(began):
            break
    return _Tried(guessed, answers, peers, blind)


def _guessed(lesson: Lesson, examples: Sequence[Example]) -> list[Example]:
    """The examples as the candidate will be given them."""
    spatial, guessed = lesson.base.spatial if lesson.base else None, []
    for example in examples:
        lesson.give_way()
        guessed.append(example.guessed(spatial, lesson.device))
    return guessed


def _answers_in_use(
    lesson: Lesson, in_use: InUse, bare: Sequence[Example], guessed: Sequence[Example]
) -> Sequence[Pixels]:
    """How what is in use fills them: with the base's guess where it learnt with one."""
    with lesson.rehearsed():
        return answers_of(in_use.network(EXPERT), guessed if in_use.base else bare, lesson.device, lesson.give_way)


def _reviewed(lesson: Lesson, candidate: nn.Module, in_use: InUse, tried: _Tried, steps: int) -> Outcome:
    review = tried.review
    lesson.tell(f"reviewing fill on {len(review)} held-out holes")
    answers = (tried.answers, answers_of(candidate, review, lesson.device, lesson.give_way))
    before, after = (scores_of(one, review) for one in answers)
    circled = steps > 0 and beats(after, before, lesson.recipe.circle_margin_db)
    sheets = tuple(_sheet(review[index], answers, (before, after), index) for index in telling(after, before, SHEETS))
    blind = tuple(_blind_score(lesson, candidate, one) for one in tried.blind)
    named = in_use.called(EXPERT)
    return Outcome(EXPERT, "dB", candidate, after, before, named, tried.peers, steps, circled, sheets, blind)


def _blind_score(lesson: Lesson, candidate: nn.Module, blind: _Blind) -> BlindScore:
    """How well the candidate fills a shot where its own wires are moved to."""
    after = scores_of(answers_of(candidate, blind.own, lesson.device, lesson.give_way), blind.own)
    return BlindScore(blind.plate, blind.before, after.mean, len(blind.own))


def _sheet(example: Example, answers: Sequence[Sequence[Pixels]], scores: Sequence[Scores], index: int) -> Sheet:
    """The held-out plate with its hole, as it was filled before and after, and in truth."""
    hole = example.candidates.hole
    pictures = [example.log]
    for each in answers:
        filled = example.log.copy()
        filled[hole] = each[index]
        pictures.append(filled)
    pictures.append(example.truth)
    inside = cut_out(hole)
    panels = [sheet_image(linear_from_log(one[inside])) for one in pictures]
    panels[0][hole[inside]] = HOLE_COLOUR
    names = ("hole", "in_use", "candidate", "truth")
    before, after = (one.each[index] for one in scores)
    return Sheet(EXPERT, example.place, dict(zip(names, panels, strict=True)), before, after)
