"""Learning a show's fill network from its dailies, top to bottom."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from interneg.errors import RequestError
from interneg.model.base import BaseModel
from interneg.model.fill import Batch, FillNetwork, batch_from_stacks
from interneg.model.precision import is_quicker_in_bfloat16
from interneg.model.spatial_fill import SpatialFillNetwork
from interneg.model.weights import WeightsHeader, load_fill, save_fill
from interneg.plates.colour import ColourConfig
from interneg.production.store import Production
from interneg.profile.takes import measured
from interneg.training.lesson import Checkpoint, Lesson, Means, Progress
from interneg.training.recipe import Recipe
from interneg.training.review import Scores, beats, score_classical, score_network, score_spatial
from interneg.training.takes import Example, Stretch, split
from interneg.training.tiles import Tiles, examples_from

Pixels = npt.NDArray[np.float32]

WEIGHTS_NAME = "fill.safetensors"


@dataclass(frozen=True)
class Verdict:
    """What came of learning: circled or NG, and the held-out figures in dB within the holes."""

    circled: bool
    version: str
    candidate_db: float
    incumbent_db: float
    classical_db: float
    spatial_db: float
    steps: int
    takes_learnt: int
    takes_held_out: int
    message: str


@dataclass(frozen=True, eq=False)
class InUse:
    """What fills for the show now and is to be beaten, and the takes that it has seen."""

    called: str
    network: FillNetwork | None
    spatial: SpatialFillNetwork | None
    takes: tuple[str, ...] = ()


def learn(
    production: Production,
    config: ColourConfig,
    budget_seconds: float,
    means: Means,
    *,
    progress: Progress,
    checkpoint: Checkpoint,
) -> Verdict:
    """A candidate learnt from the show's takes within the budget, circled only if it beats what it would replace.

    Raises:
        RequestError: the show has no takes to learn from.
    """
    began = time.monotonic()
    recipe, takes = Recipe(), production.takes()
    if not takes:
        raise RequestError(f"{production.show} has no takes to learn from: add some with `interneg dailies add`.")
    learnt, held_out = split(takes, recipe, config)
    names = tuple(stretch.name for stretch in learnt)
    quicker = is_quicker_in_bfloat16(means.device)
    lesson = Lesson(production, config, recipe, means, progress, checkpoint, began, budget_seconds, names, quicker)
    in_use = _in_use(production, lesson.base)
    network = _first_network(lesson, in_use, held_out)
    _measured(lesson)
    pool = ThreadPoolExecutor(2, thread_name_prefix="examples")
    try:
        review = _review_examples(lesson, held_out, pool)
        candidate, steps = _taught(lesson, network, learnt, pool)
    finally:
        pool.shutdown(cancel_futures=True)  # a cancelled job must not wait for clips that nobody will learn from
    return _judged(lesson, candidate, in_use, review, (steps, len(learnt), len(held_out)))


def _measured(lesson: Lesson) -> None:
    """The show's profile brought up to date, within a small share of the budget; what is left waits for the next."""
    lesson.tell("measuring the takes")
    network = lesson.means.base.intrinsics if lesson.means.base else None
    share = lesson.recipe.profile_share
    measured(lesson.production, lesson.config, network, lesson.device, lesson.give_way, lambda: lesson.spent() < share)


def _in_use(production: Production, base: BaseModel | None) -> InUse:
    """The circled model, unless it was learnt from another base; else the base, else the classical answer."""
    if version := production.circled():
        model = load_fill(production.model_folder(version) / WEIGHTS_NAME, production.show)
        if not model.header.base_hash:
            return InUse("the circled model", model.network, None, model.header.takes)
        if base and model.header.base_hash == base.hash:
            return InUse("the circled model", model.network, base.spatial, model.header.takes)
    if base:
        return InUse(f"the base model ({base.version})", base.fill, base.spatial)
    return InUse("the classical candidate", None, None)


def _first_network(lesson: Lesson, in_use: InUse, held_out: Sequence[Stretch]) -> FillNetwork:
    """What learning starts from: what is in use, unless it has seen what is held out now; else the base, or nothing."""
    is_clean = not any(stretch.is_in(in_use.takes) for stretch in held_out)
    starts = (in_use.network if is_clean else None, lesson.base.fill if lesson.base else None)
    for start in starts:
        if start is not None:
            return copy.deepcopy(start).requires_grad_(True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(lesson.recipe.seed)
        return FillNetwork()


def _review_examples(lesson: Lesson, held_out: Sequence[Stretch], pool: ThreadPoolExecutor) -> list[Example]:
    """The held-out examples; always the same for the same takes, fewer where the budget is short."""
    recipe = lesson.recipe
    examples: list[Example] = []
    jobs: list[Future[list[Example]]] = [
        pool.submit(
            examples_from, lesson, held_out[index % len(held_out)], recipe.seed + 1 + index, recipe.review_draws
        )
        for index in range(recipe.review_clips)
    ]
    for job in jobs:
        if examples and lesson.spent() > recipe.review_budget_share:
            job.cancel()
            continue
        cut: list[Example] = lesson.waited(job)
        examples += cut
        lesson.tell(f"cutting holes in held-out takes ({len(examples)})")
    if not examples:
        raise RequestError("The held-out takes could not be read: check the takes with `interneg dailies list`.")
    return examples


def _taught(
    lesson: Lesson, network: FillNetwork, learnt: Sequence[Stretch], pool: ThreadPoolExecutor
) -> tuple[FillNetwork, int]:
    """The averaged weights after learning until the budget ends, and the steps it took."""
    recipe = lesson.recipe
    network.to(lesson.device).train()
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    tiles = Tiles(lesson, learnt, pool)
    steps, last_told, began = 0, 0.0, 0.0
    for planes, truth in tiles.drawn():
        began = began or lesson.spent()
        fade = 0.5 * (1 + np.cos(np.pi * (lesson.spent() - began) / (1 - began)))
        for group in optimiser.param_groups:
            group["lr"] = recipe.last_learning_rate + fade * (recipe.learning_rate - recipe.last_learning_rate)
        loss = _step(network, optimiser, (planes, truth), lesson)
        steps += 1
        _follow(average, network, min(recipe.average, steps / (steps + 10)))
        lesson.give_way()
        if lesson.spent() - last_told > 0.005:
            last_told = lesson.spent()
            lesson.tell(f"learning: step {steps}, {tiles.clips} clips, loss {loss:.4f}")
    return average.eval(), steps


def _step(
    network: FillNetwork, optimiser: torch.optim.Optimizer, tiles: tuple[Pixels, Pixels], lesson: Lesson
) -> float:
    batch = batch_from_stacks(tiles[0]).to(lesson.device)
    with torch.autocast(lesson.device.type, torch.bfloat16, enabled=lesson.half_precision):
        value, _ = network(batch)
    loss = _loss(value, torch.from_numpy(tiles[1]).to(lesson.device), batch)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def _loss(value: Tensor, truth: Tensor, batch: Batch) -> Tensor:
    """How far each tile's hole is from the truth, as a share of how far the classical answer is: dB count so.

    Absolute errors alone would be spent on the few tiles that nothing can fill, and lose those that are nearly right.
    """
    count = batch.hole.sum(dim=(1, 2, 3)) * 3 + 1
    classical = batch.features[:, :3]
    shares = []
    for power, least in ((1, 3e-3), (2, 2e-5)):  # what is nearer than grain is near enough
        ours, theirs = (
            (((answer - truth).abs() ** power) * batch.hole).sum(dim=(1, 2, 3)) / count for answer in (value, classical)
        )
        shares.append(((ours + least) / (theirs + least)).mean())
    return shares[0] + 0.5 * shares[1]


def _follow(average: FillNetwork, network: FillNetwork, keep: float) -> None:
    with torch.no_grad():
        for kept, new in zip(average.parameters(), network.parameters(), strict=True):
            kept.lerp_(new, 1 - keep)


def _judged(
    lesson: Lesson,
    candidate: FillNetwork,
    in_use: InUse,
    review: Sequence[Example],
    counts: tuple[int, int, int],
) -> Verdict:
    """The verdict, written down; the candidate is kept either way, and taken into use only if it is better."""
    lesson.tell(f"reviewing on {len(review)} held-out holes")
    spatial = lesson.base.spatial if lesson.base else None
    guessed = [example.guessed(spatial, lesson.device) for example in review]
    before = score_network(in_use.network, guessed if in_use.spatial else review, lesson.device)
    after = score_network(candidate, guessed, lesson.device)
    circled = counts[0] > 0 and beats(after, before, lesson.recipe.circle_margin_db)
    figures = {
        "candidate_db": after.mean,
        "incumbent_db": before.mean,
        "classical_db": score_classical(review).mean,
        "spatial_db": score_spatial(review).mean,
    }
    version = _kept(lesson, candidate, circled, figures)
    verdict = _sentence(version, circled, (after, before), in_use)
    if lesson.means.base_fault:
        verdict += f" It was learnt without the base model: {lesson.means.base_fault}"
    if not counts[0]:
        verdict += " The budget was spent before the first step: give it more minutes."
    return Verdict(
        circled, version, **figures, steps=counts[0], takes_learnt=counts[1], takes_held_out=counts[2], message=verdict
    )


def _kept(lesson: Lesson, candidate: FillNetwork, circled: bool, figures: dict[str, float]) -> str:
    production = lesson.production
    version = production.new_version()
    base_hash = lesson.base.hash if lesson.base else ""
    header = WeightsHeader(production.show, version, base_hash, lesson.recipe.as_header(), lesson.takes, figures)
    with production.writing_model(version) as folder:
        save_fill(folder / WEIGHTS_NAME, candidate, header)
    production.record_verdict(version, circled, figures)
    return version


def _sentence(version: str, circled: bool, scores: tuple[Scores, Scores], in_use: InUse) -> str:
    after, before = scores
    beside = f"{after.mean:.2f} dB on {len(after.each)} held-out holes, {in_use.called} {before.mean:.2f} dB"
    return f"{version} is circled: {beside}." if circled else f"{version} is NG and not used: {beside}."
