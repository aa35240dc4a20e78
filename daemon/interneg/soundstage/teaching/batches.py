"""Batches drawn ahead by one background thread, while the network learns from those before."""

from __future__ import annotations

import queue
import threading
import time
from types import TracebackType

import numpy as np
from torch import Tensor

from interneg.soundstage.teaching.lesson import Lesson
from interneg.soundstage.teaching.recipe import TeachingRecipe

Batch = tuple[Tensor, ...]

_PATIENCE_SECONDS = 0.2  # between looks at whether anybody still listens


class DrawnAhead:
    """The batches of a lesson from a step on; each has its own random numbers, so a run that goes on gets the same."""

    def __init__(self, lesson: Lesson, seed: int, first_step: int, recipe: TeachingRecipe, *, pinned: bool) -> None:
        self.scenes = 0
        self._lesson, self._seed, self._recipe, self._pinned = lesson, seed, recipe, pinned
        self._first_step = first_step
        self._drawn: queue.Queue[Batch | Exception] = queue.Queue(recipe.prefetched)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._draw_all, name=f"batches of {lesson.expert}", daemon=True)

    def __enter__(self) -> DrawnAhead:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closed.set()
        self._thread.join()

    def next(self) -> Batch:
        """The next step's batch."""
        drawn = self._drawn.get()
        if isinstance(drawn, Exception):
            raise drawn
        return drawn

    def _draw_all(self) -> None:
        step, refreshed = self._first_step, -self._recipe.refresh_seconds
        try:
            while not self._closed.is_set():
                if time.monotonic() - refreshed > self._recipe.refresh_seconds or not self.scenes:
                    self.scenes, refreshed = self._lesson.refresh(), time.monotonic()
                self._hand_over(self._batch(step))
                step += 1
        except Exception as error:  # noqa: BLE001 - the top of a thread; the lesson raises it
            self._hand_over(error)

    def _batch(self, step: int) -> Batch:
        batch = batch_of_step(self._lesson, self._seed, step)
        return tuple(part.pin_memory() for part in batch) if self._pinned else batch

    def _hand_over(self, drawn: Batch | Exception) -> None:
        while not self._closed.is_set():
            try:
                return self._drawn.put(drawn, timeout=_PATIENCE_SECONDS)
            except queue.Full:
                continue
        return None


def batch_of_step(lesson: Lesson, seed: int, step: int) -> Batch:
    """The batch of that step: the same for the same scenes, whatever was drawn before."""
    return lesson.draw(np.random.default_rng((seed, step)))
