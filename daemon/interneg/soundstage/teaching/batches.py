"""Batches drawn ahead in the background, while the network learns from those before."""

from __future__ import annotations

import os
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import numpy as np
import torch
from torch import Tensor

from interneg.soundstage.teaching.lesson import Lesson
from interneg.soundstage.teaching.recipe import TeachingRecipe

Batch = tuple[Tensor, ...]

MOST_DRAWERS = 8  # threads: more of them wait for one another


class DrawnAhead:
    """The batches of a lesson from a step on; each has its own random numbers, so a run that goes on gets the same.

    One thread draws for a CPU, which has none to spare; more draw for a GPU, which learns quicker than one can draw.
    """

    def __init__(
        self, lesson: Lesson, seed: int, first_step: int, recipe: TeachingRecipe, device: torch.device
    ) -> None:
        self.scenes = 0
        self._lesson, self._seed, self._step, self._recipe = lesson, seed, first_step, recipe
        self._pinned = device.type == "cuda"
        drawers = min(MOST_DRAWERS, max(1, (os.cpu_count() or 1) - 1)) if self._pinned else 1
        self._most_ahead = max(recipe.prefetched, 2 * drawers)
        self._ahead: deque[Future[Batch]] = deque()
        self._refreshed = -recipe.refresh_seconds
        self._refreshing: Future[int] | None = None
        self._pool = ThreadPoolExecutor(drawers, thread_name_prefix=f"batches of {lesson.expert}")

    def __enter__(self) -> DrawnAhead:
        self.scenes, self._refreshed = self._lesson.refresh(), time.monotonic()
        self._top_up()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    def next(self) -> Batch:
        """The next step's batch."""
        self._top_up()
        return self._ahead.popleft().result()

    def _top_up(self) -> None:
        self._look_for_scenes()
        while len(self._ahead) < self._most_ahead:
            self._ahead.append(self._pool.submit(self._drawn, self._step))
            self._step += 1

    def _look_for_scenes(self) -> None:
        """Reads what was rendered since, now and then, in the background too."""
        if self._refreshing is not None and self._refreshing.done():
            self.scenes, self._refreshing, self._refreshed = self._refreshing.result(), None, time.monotonic()
        if self._refreshing is None and time.monotonic() - self._refreshed > self._recipe.refresh_seconds:
            self._refreshing = self._pool.submit(self._lesson.refresh)

    def _drawn(self, step: int) -> Batch:
        batch = batch_of_step(self._lesson, self._seed, step)
        return tuple(part.pin_memory() for part in batch) if self._pinned else batch


def batch_of_step(lesson: Lesson, seed: int, step: int) -> Batch:
    """The batch of that step: the same for the same scenes, whatever was drawn before."""
    return lesson.draw(np.random.default_rng((seed, step)))
