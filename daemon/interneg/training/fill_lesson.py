"""Learning to fill from dailies: holes cut in the takes, what other frames saw of them, the true pixels as target."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from interneg.errors import RequestError
from interneg.model.fill import Batch, FillNetwork, batch_from_stacks
from interneg.model.precision import is_quicker_in_bfloat16
from interneg.plates.colour import linear_from_log
from interneg.production.index import CleanedShot
from interneg.training.lesson import Lesson, helpers
from interneg.training.loop import Rates, keep_pupil, pupil_of, taught
from interneg.training.outcome import InUse, Outcome
from interneg.training.own_wires import BlindScore, own_examples, shots_beside
from interneg.training.review import Scores, answers_of, beats, scores_of, telea_or_ns
from interneg.training.sheets import HOLE_COLOUR, SHEETS, Sheet, cut_out, sheet_image, telling
from interneg.training.takes import Example, Stretch
from interneg.training.tiles import Tiles, examples_from

Pixels = npt.NDArray[np.float32]
Drawn = tuple[Pixels, Pixels]

EXPERT = "fill"
BLIND_SHOTS, BLIND_DRAWS = 4, 2  # the last ones that were cleaned, and how often each


def learn_fill(lesson: Lesson, learnt: Sequence[Stretch], held_out: Sequence[Stretch], in_use: InUse) -> Outcome:
    """The candidate and its scores in dB within held-out holes.

    Raises:
        RequestError: the held-out takes cannot be read.
    """
    recipe = lesson.recipe
    rates = Rates(recipe.learning_rate, recipe.last_learning_rate, recipe.cut_until, recipe.weight_decay)
    pupil = pupil_of(lesson, EXPERT, _start(lesson, in_use, held_out), rates)
    shots = shots_beside(lesson.production.cleaned_shots(), {stretch.take.path for stretch in held_out})
    with helpers(2, "examples") as pool:
        with lesson.counted_once(is_again=pupil.seconds > 0):
            review = _review_examples(lesson, held_out, pool)
        tiles = Tiles(lesson, (learnt, shots), pool, lambda: keep_pupil(lesson, pupil))
        candidate = taught(lesson, pupil, tiles.drawn(), _Loss(lesson), rates)
    outcome = _reviewed(lesson, candidate, in_use, review, pupil.steps)
    return replace(outcome, blind=_blind(lesson, (in_use.network(EXPERT), candidate), in_use, shots))


def _start(lesson: Lesson, in_use: InUse, held_out: Sequence[Stretch]) -> nn.Module:
    """What learning starts from: what is in use, unless it has seen what is held out now; else the base, or nothing."""
    is_clean = not any(stretch.is_in(in_use.takes) for stretch in held_out)
    starts = (in_use.network(EXPERT) if is_clean else None, lesson.base.fill if lesson.base else None)
    for start in starts:
        if start is not None:
            return start
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(lesson.recipe.seed)
        return FillNetwork()


def _review_examples(lesson: Lesson, held_out: Sequence[Stretch], pool: ThreadPoolExecutor) -> list[Example]:
    """The held-out examples; always the same for the same takes, fewer where the budget is short."""
    recipe, began = lesson.recipe, lesson.spent()
    examples: list[Example] = []
    jobs: list[Future[list[Example]]] = [
        pool.submit(
            examples_from, lesson, held_out[index % len(held_out)], recipe.seed + 1 + index, recipe.review_draws
        )
        for index in range(recipe.review_clips)
    ]
    for job in jobs:
        if examples and lesson.spent() - began > recipe.review_budget_share:
            job.cancel()
            continue
        cut: list[Example] = lesson.waited(job)
        examples += cut
        lesson.tell(f"cutting holes in held-out takes ({len(examples)})")
    if not examples:
        raise RequestError("The held-out takes could not be read: check the takes with `interneg dailies list`.")
    return examples


class _Loss:
    """How far each tile's hole is from the truth, as a share of how far the classical answer is: dB count so.

    Absolute errors alone would be spent on the few tiles that nothing can fill, and lose those that are nearly right.
    """

    def __init__(self, lesson: Lesson) -> None:
        self._device = lesson.device
        self._halved = is_quicker_in_bfloat16(lesson.device)

    def __call__(self, network: nn.Module, tiles: Drawn) -> Tensor:
        batch = batch_from_stacks(tiles[0]).to(self._device)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._halved):
            value, _ = network(batch)
        return _loss(value, torch.from_numpy(tiles[1]).to(self._device), batch)


def _loss(value: Tensor, truth: Tensor, batch: Batch) -> Tensor:
    count = batch.hole.sum(dim=(1, 2, 3)) * 3 + 1
    classical = batch.features[:, :3]
    shares = []
    for power, least in ((1, 3e-3), (2, 2e-5)):  # what is nearer than grain is near enough
        ours, theirs = (
            (((answer - truth).abs() ** power) * batch.hole).sum(dim=(1, 2, 3)) / count for answer in (value, classical)
        )
        shares.append(((ours + least) / (theirs + least)).mean())
    return shares[0] + 0.5 * shares[1]


def _reviewed(lesson: Lesson, candidate: nn.Module, in_use: InUse, review: Sequence[Example], steps: int) -> Outcome:
    lesson.tell(f"reviewing fill on {len(review)} held-out holes")
    spatial = lesson.base.spatial if lesson.base else None
    guessed = []
    for example in review:
        lesson.give_way()
        guessed.append(example.guessed(spatial, lesson.device))
    answers = (
        answers_of(in_use.network(EXPERT), guessed if in_use.base else review, lesson.device, lesson.give_way),
        answers_of(candidate, guessed, lesson.device, lesson.give_way),
    )
    before, after = (scores_of(one, review) for one in answers)
    peers = {
        "classical": scores_of(answers_of(None, review, lesson.device), review).mean,
        "telea_ns": float(np.mean([telea_or_ns(one.truth, one.candidates.hole) for one in review])),
    }
    circled = steps > 0 and beats(after, before, lesson.recipe.circle_margin_db)
    sheets = tuple(_sheet(review[index], answers, (before, after), index) for index in telling(after, before, SHEETS))
    return Outcome(EXPERT, "dB", candidate, after, before, in_use.called(EXPERT), peers, steps, circled, sheets)


def _blind(
    lesson: Lesson, networks: Sequence[nn.Module | None], in_use: InUse, shots: Sequence[CleanedShot]
) -> tuple[BlindScore, ...]:
    """How well the last shots that were cleaned are filled where their own wires are moved to."""
    scores = []
    for shot in shots[-BLIND_SHOTS:]:
        lesson.tell(f"scoring {Path(shot.plate).name} by its own wires")
        own = own_examples(lesson, shot, lesson.recipe.seed, BLIND_DRAWS)
        if not own:
            continue
        guessed = [example.guessed(lesson.base.spatial if lesson.base else None, lesson.device) for example in own]
        before = scores_of(answers_of(networks[0], guessed if in_use.base else own, lesson.device), own)
        after = scores_of(answers_of(networks[1], guessed, lesson.device), own)
        scores.append(BlindScore(shot.plate, before.mean, after.mean, len(own)))
    return tuple(scores)


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
