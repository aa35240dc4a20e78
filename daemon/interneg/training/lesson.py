"""What one run of learning works with: its show, its budget, and whom it gives way to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import torch

from interneg.errors import CancelledJobError
from interneg.model.base import BaseModel
from interneg.plates.colour import ColourConfig
from interneg.production.store import Production
from interneg.training.recipe import Recipe

Progress = Callable[[float, str, float], None]
Checkpoint = Callable[[], None]
T = TypeVar("T")

KEEP_SECONDS = 40.0  # between checkpoints: a killed daemon loses less than a minute
LAST_STEP = 0.93  # share of the budget after which no step is begun: the rest is for the verdict
SLOWER = 1.2  # the verdict than its rehearsal: an artist may have come, and the machine be busier


@dataclass(frozen=True)
class Means:
    """What a show is learnt with: the device, the base that it starts from, or why there is none, and the memory that
    examples may take.
    """

    device: torch.device
    base: BaseModel | None = None
    base_fault: str = ""
    memory_bytes: int = 2 << 30


@dataclass(frozen=True)
class Wanted:
    """What is to be learnt: in how many seconds, which experts (all that can be where none is named), and whether
    anew, without the checkpoints of a run that was cut off.

    Convention: `run` names the job; one that begins anew and is cut off goes on with its own checkpoints.
    """

    budget_seconds: float
    experts: tuple[str, ...] = ()
    fresh: bool = False
    run: str = ""


@dataclass
class Lesson:
    """What one run of learning works with; one expert's part of it is a lesson too."""

    production: Production
    config: ColourConfig
    recipe: Recipe
    means: Means
    progress: Progress
    checkpoint: Checkpoint  # any thread may call it
    started: float
    budget_seconds: float
    told: str = ""  # last
    verdict_seconds: float = 0.0  # that trying the candidate will take, by what trying what is in use has taken
    over: threading.Event = field(default_factory=threading.Event)  # for its helpers

    @property
    def device(self) -> torch.device:
        """Where the networks learn."""
        return self.means.device

    @property
    def base(self) -> BaseModel | None:
        """The base that the show's experts are learnt from."""
        return self.means.base

    @property
    def folder(self) -> Path:
        """Where the checkpoints of what is being learnt lie."""
        return self.production.learning_folder

    def part(self, first: float, share: float) -> Lesson:
        """One expert's part of the budget, from now on: its progress goes from `first` over that share of the whole."""

        def progress(fraction: float, message: str, remaining_seconds: float) -> None:
            done = first + share * fraction
            self.progress(done, message, remaining_seconds + self.budget_seconds * (1 - first - share))

        return replace(
            self,
            progress=progress,
            started=time.monotonic(),
            budget_seconds=self.budget_seconds * share,
            over=threading.Event(),
        )

    def elapsed(self) -> float:
        """Seconds of the budget that are spent, artists' time not counted."""
        return time.monotonic() - self.started

    def spent(self) -> float:
        """The share of the budget that is spent, in [0, 1]."""
        return min(1.0, self.elapsed() / self.budget_seconds)

    @property
    def teaching_seconds(self) -> float:
        """Seconds of the budget after which no step is begun: what is left is for the verdict."""
        return max(0.0, min(LAST_STEP * self.budget_seconds, self.budget_seconds - SLOWER * self.verdict_seconds))

    @property
    def taught_share(self) -> float:
        """The share of the time for steps that is spent, in [0, 1]: at 1 none is begun."""
        return min(1.0, self.elapsed() / self.teaching_seconds) if self.teaching_seconds else 1.0

    def has_reviewed_enough(self, since: float) -> bool:
        """Whether what is held out has taken its share of the budget since those seconds of it."""
        return self.elapsed() - since > self.recipe.review_budget_share * self.budget_seconds

    @contextmanager
    def rehearsed(self) -> Iterator[None]:
        """A context in which what is in use is tried: the candidate will take as long, and gets that time kept."""
        before = self.elapsed()
        yield
        self.verdict_seconds += self.elapsed() - before

    @contextmanager
    def helpers(self, threads: int, name: str) -> Iterator[ThreadPoolExecutor]:
        """Threads that read and draw beside the steps; nobody waits for what they have in hand at the end.

        They end by themselves, at the next place where they go on.
        """
        pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        try:
            yield pool
        finally:
            self.over.set()
            pool.shutdown(wait=False, cancel_futures=True)

    def go_on(self) -> None:
        """Lets artists go first, in a helper; one that nobody waits for any more ends here.

        Raises:
            CancelledJobError: the steps are over, or the job was cancelled.
        """
        if self.over.is_set():
            raise CancelledJobError("the steps are over")
        self.checkpoint()

    @contextmanager
    def counted_once(self, is_again: bool) -> Iterator[None]:
        """A context for what a lesson that goes on has to do again: its time counted before it was cut off."""
        before = self.elapsed()
        yield
        if is_again:
            self.started += self.elapsed() - before

    def give_way(self) -> None:
        """Lets artists go first; what they take does not count against the budget. For the learning thread alone."""
        before = time.monotonic()
        self.checkpoint()
        self.started += time.monotonic() - before

    def tell(self, message: str) -> None:
        """Reports progress, and gives way where somebody waits."""
        self.give_way()
        self.told = message
        self.progress(self.spent(), message, self.budget_seconds * (1 - self.spent()))

    def waited(self, job: Future[T]) -> T:
        """What a job of the pool gives, with way given meanwhile, and the time told that goes by."""
        while not wait((job,), timeout=0.1).done:
            self.tell(self.told)
        return job.result()

    def waited_in_time(self, job: Future[T]) -> T | None:
        """The same, as long as there is time for a step; None after that."""
        while not wait((job,), timeout=0.1).done:
            if self.taught_share >= 1:
                return None
            self.tell(self.told)
        return job.result()
