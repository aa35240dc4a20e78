"""What one run of learning works with: its show, its budget, and whom it gives way to."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import torch

from interneg.model.base import BaseModel
from interneg.plates.colour import ColourConfig
from interneg.production.store import Production
from interneg.training.recipe import Recipe

Progress = Callable[[float, str, float], None]
Checkpoint = Callable[[], None]
T = TypeVar("T")

LAST_STEP = 0.93  # share of the budget after which no step is begun: the rest is for the verdict


@dataclass(frozen=True)
class Means:
    """What a show is learnt with: the device, and the base that it starts from, or why there is none."""

    device: torch.device
    base: BaseModel | None = None
    base_fault: str = ""


@dataclass(frozen=True)
class Wanted:
    """What is to be learnt: in how many seconds, which experts (all that can be where none is named), and whether
    anew, without the checkpoints of a run that was cut off.
    """

    budget_seconds: float
    experts: tuple[str, ...] = ()
    fresh: bool = False


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

        return replace(self, progress=progress, started=time.monotonic(), budget_seconds=self.budget_seconds * share)

    def elapsed(self) -> float:
        """Seconds of the budget that are spent, artists' time not counted."""
        return time.monotonic() - self.started

    def spent(self) -> float:
        """The share of the budget that is spent, in [0, 1]."""
        return min(1.0, self.elapsed() / self.budget_seconds)

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
