"""Learning a show's fill network from its dailies, top to bottom."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from interneg.errors import PlateError, RequestError
from interneg.model.fill import FillNetwork, batch_from_stacks
from interneg.model.weights import FillModel, WeightsHeader, load_fill, save_fill
from interneg.plates.colour import ColourConfig
from interneg.production.store import Production
from interneg.training.recipe import Recipe
from interneg.training.review import Scores, beats, score_classical, score_network, score_spatial
from interneg.training.takes import Clip, Example, Stretch, cut_example, read_clip, split, tiles_from_example

Progress = Callable[[float, str, float], None]
Checkpoint = Callable[[], None]
Pixels = npt.NDArray[np.float32]
T = TypeVar("T")

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


@dataclass
class _Lesson:
    """What one run of learning works with."""

    production: Production
    config: ColourConfig
    recipe: Recipe
    device: torch.device
    progress: Progress
    checkpoint: Checkpoint  # any thread may call it
    started: float
    budget_seconds: float
    takes: tuple[str, ...]

    def spent(self) -> float:
        """The share of the budget that is spent, in [0, 1]."""
        return min(1.0, (time.monotonic() - self.started) / self.budget_seconds)

    def give_way(self) -> None:
        """Lets artists go first; what they take does not count against the budget. For the learning thread alone."""
        before = time.monotonic()
        self.checkpoint()
        self.started += time.monotonic() - before

    def tell(self, message: str) -> None:
        """Reports progress, and gives way where somebody waits."""
        self.give_way()
        self.progress(self.spent(), message, self.budget_seconds * (1 - self.spent()))

    def waited(self, job: Future[T]) -> T:
        """What a job of the pool gives, with way given meanwhile."""
        while not wait((job,), timeout=0.1).done:
            self.give_way()
        return job.result()


def learn(
    production: Production,
    config: ColourConfig,
    budget_seconds: float,
    device: torch.device,
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
    lesson = _Lesson(production, config, recipe, device, progress, checkpoint, began, budget_seconds, names)
    incumbent = _incumbent(production)
    network = _first_network(incumbent, held_out, recipe)
    pool = ThreadPoolExecutor(2, thread_name_prefix="examples")
    try:
        review = _review_examples(lesson, held_out, pool)
        candidate, steps = _taught(lesson, network, learnt, pool)
    finally:
        pool.shutdown(cancel_futures=True)  # a cancelled job must not wait for clips that nobody will learn from
    replaced = incumbent.network if incumbent else None
    return _judged(lesson, candidate, replaced, review, (steps, len(learnt), len(held_out)))


def _incumbent(production: Production) -> FillModel | None:
    version = production.circled()
    return load_fill(production.model_folder(version) / WEIGHTS_NAME, production.show) if version else None


def _first_network(incumbent: FillModel | None, held_out: Sequence[Stretch], recipe: Recipe) -> FillNetwork:
    """What learning starts from: the circled model, unless it has seen what is now held out."""
    if incumbent and not any(stretch.is_in(incumbent.header.takes) for stretch in held_out):
        return copy.deepcopy(incumbent.network)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return FillNetwork()


def _review_examples(lesson: _Lesson, held_out: Sequence[Stretch], pool: ThreadPoolExecutor) -> list[Example]:
    """The held-out examples; always the same for the same takes, fewer where the budget is short."""
    recipe = lesson.recipe
    examples: list[Example] = []
    jobs: list[Future[list[Example]]] = [
        pool.submit(_examples, lesson, held_out[index % len(held_out)], recipe.seed + 1 + index, recipe.review_draws)
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


def _examples(lesson: _Lesson, stretch: Stretch, seed: int, draws: int) -> list[Example]:
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    lesson.checkpoint()
    try:
        clip = read_clip(stretch, rng, lesson.recipe, lesson.config)
    except PlateError:
        return []  # a damaged frame teaches nothing; ingest reported it
    return [example for example in (_drawn(lesson, clip, rng) for _ in range(draws)) if example]


def _drawn(lesson: _Lesson, clip: Clip, rng: np.random.Generator) -> Example | None:
    lesson.checkpoint()
    return cut_example(clip, rng)


def _taught(
    lesson: _Lesson, network: FillNetwork, learnt: Sequence[Stretch], pool: ThreadPoolExecutor
) -> tuple[FillNetwork, int]:
    """The averaged weights after learning until the budget ends, and the steps it took."""
    recipe = lesson.recipe
    network.to(lesson.device).train()
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    tiles = _Tiles(lesson, learnt, pool)
    steps, last_told = 0, 0.0
    for planes, truth in tiles.drawn():
        for group in optimiser.param_groups:
            fade = 0.5 * (1 + np.cos(np.pi * lesson.spent()))
            group["lr"] = recipe.last_learning_rate + fade * (recipe.learning_rate - recipe.last_learning_rate)
        loss = _step(network, optimiser, planes, truth, lesson.device)
        steps += 1
        _follow(average, network, min(recipe.average, steps / (steps + 10)))
        lesson.give_way()
        if lesson.spent() - last_told > 0.005:
            last_told = lesson.spent()
            lesson.tell(f"learning: step {steps}, {tiles.clips} clips, loss {loss:.4f}")
    return average.eval(), steps


def _step(
    network: FillNetwork, optimiser: torch.optim.Optimizer, planes: Pixels, truth: Pixels, device: torch.device
) -> float:
    batch = batch_from_stacks(planes).to(device)
    value, _ = network(batch)
    loss = _loss(value, torch.from_numpy(truth).to(device), batch.hole)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def _loss(value: Tensor, truth: Tensor, hole: Tensor) -> Tensor:
    """Mean error in the holes: absolute, with some weight on large ones, which are what the eye finds."""
    error = (value - truth) * hole
    count = hole.sum() * 3 + 1
    return (error.abs().sum() + 4 * (error**2).sum()) / count


def _follow(average: FillNetwork, network: FillNetwork, keep: float) -> None:
    with torch.no_grad():
        for kept, new in zip(average.parameters(), network.parameters(), strict=True):
            kept.lerp_(new, 1 - keep)


class _Tiles:
    """Tiles to learn from, cut by the pool while the network learns."""

    def __init__(self, lesson: _Lesson, learnt: Sequence[Stretch], pool: ThreadPoolExecutor) -> None:
        self.clips = 0
        self._lesson, self._learnt, self._pool = lesson, learnt, pool
        self._rng = np.random.default_rng(lesson.recipe.seed)
        self._planes: list[Pixels] = []
        self._truths: list[Pixels] = []

    def drawn(self) -> Iterator[tuple[Pixels, Pixels]]:
        """Random batches of planes and truth until the budget ends."""
        recipe = self._lesson.recipe
        waiting = [self._asked() for _ in range(2)]
        while self._lesson.spent() < 0.93:  # the rest is for the verdict
            enough = len(self._planes) >= recipe.tiles_before_learning
            for job in [job for job in waiting if job.done() or not enough]:
                self._take(self._lesson.waited(job))
                waiting.remove(job)
                if len(waiting) < 1 or not enough:  # once there is enough, the steps need the cores more
                    waiting.append(self._asked())
                if not enough:
                    self._lesson.tell(f"cutting holes in takes ({len(self._planes)} tiles)")
            if enough:
                chosen = self._rng.integers(0, len(self._planes), recipe.batch)
                yield np.stack([self._planes[i] for i in chosen]), np.stack([self._truths[i] for i in chosen])
        for job in waiting:
            job.cancel()

    def _asked(self) -> Future[list[tuple[Pixels, Pixels]]]:
        stretch = self._learnt[int(self._rng.integers(len(self._learnt)))]
        return self._pool.submit(_cut_tiles, self._lesson, stretch, int(self._rng.integers(2**62)))

    def _take(self, cut: list[tuple[Pixels, Pixels]]) -> None:
        self.clips += 1
        for planes, truths in cut:
            self._planes.extend(planes)
            self._truths.extend(truths)
        most = self._lesson.recipe.tiles_kept
        self._planes, self._truths = self._planes[-most:], self._truths[-most:]


def _cut_tiles(lesson: _Lesson, stretch: Stretch, seed: int) -> list[tuple[Pixels, Pixels]]:
    recipe = lesson.recipe
    rng = np.random.default_rng(seed)
    examples = _examples(lesson, stretch, seed, recipe.draws_per_clip)
    return [tiles_from_example(example, rng, recipe.tiles_per_draw) for example in examples]


def _judged(
    lesson: _Lesson,
    candidate: FillNetwork,
    incumbent: FillNetwork | None,
    review: Sequence[Example],
    counts: tuple[int, int, int],
) -> Verdict:
    """The verdict, written down; the candidate is kept either way, and taken into use only if it is better."""
    lesson.tell(f"reviewing on {len(review)} held-out holes")
    classical = score_classical(review)
    before = score_network(incumbent.to(lesson.device), review, lesson.device) if incumbent else classical
    after = score_network(candidate, review, lesson.device)
    circled = counts[0] > 0 and beats(after, before, lesson.recipe.circle_margin_db)
    figures = {
        "candidate_db": after.mean,
        "incumbent_db": before.mean,
        "classical_db": classical.mean,
        "spatial_db": score_spatial(review).mean,
    }
    version = _kept(lesson, candidate, circled, figures)
    verdict = _sentence(version, circled, (after, before), incumbent is not None)
    if not counts[0]:
        verdict += " The budget was spent before the first step: give it more minutes."
    return Verdict(
        circled, version, **figures, steps=counts[0], takes_learnt=counts[1], takes_held_out=counts[2], message=verdict
    )


def _kept(lesson: _Lesson, candidate: FillNetwork, circled: bool, figures: dict[str, float]) -> str:
    production = lesson.production
    version = production.new_version()
    header = WeightsHeader(production.show, version, "", lesson.recipe.as_header(), lesson.takes, figures)
    with production.writing_model(version) as folder:
        save_fill(folder / WEIGHTS_NAME, candidate, header)
    production.record_verdict(version, circled, figures)
    return version


def _sentence(version: str, circled: bool, scores: tuple[Scores, Scores], replaces: bool) -> str:
    after, before = scores
    what = "the circled model" if replaces else "the classical candidate"
    beside = f"{after.mean:.2f} dB on {len(after.each)} held-out holes, {what} {before.mean:.2f} dB"
    return f"{version} is circled: {beside}." if circled else f"{version} is NG and not used: {beside}."
