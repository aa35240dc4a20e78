"""Handfuls of pixels to learn from, cut from the takes while the network learns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from interneg.errors import PlateError
from interneg.production.index import CleanedShot
from interneg.training.handful import handfuls_of, joined
from interneg.training.kept_handfuls import KeptHandfuls
from interneg.training.lesson import KEEP_SECONDS, Lesson
from interneg.training.own_wires import own_examples
from interneg.training.takes import Clip, Example, Stretch, cut_example, read_clip

Pixels = npt.NDArray[np.float32]

OWN_SHARE = 0.25  # of the clips are shots that artists have cleaned, their own wires moved aside, where there are any
CLIP_SHARE = 0.08  # of a minute's budget that one clip takes: none is begun that would run into the steps


def examples_from(lesson: Lesson, stretch: Stretch, seed: int, draws: int) -> list[Example]:
    """Holes cut in one clip of that stretch; none where it cannot be read. Runs in the pool, and gives way there."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    lesson.go_on()
    try:
        clip = read_clip(stretch, rng, lesson.recipe, lesson.config)
    except PlateError:
        return []  # a damaged frame teaches nothing; ingest reported it
    return [example for example in (_drawn(lesson, clip, rng) for _ in range(draws)) if example]


def _drawn(lesson: Lesson, clip: Clip, rng: np.random.Generator) -> Example | None:
    lesson.go_on()
    return cut_example(clip, rng)


class Handfuls:
    """Some pixels of one hole each, cut by the pool meanwhile; those of a run that was cut off come first.

    Convention: `footage` are stretches and shots that artists have cleaned; `keep` is called after some went to disk.
    """

    def __init__(
        self,
        lesson: Lesson,
        footage: tuple[Sequence[Stretch], Sequence[CleanedShot]],
        pool: ThreadPoolExecutor,
        keep: Callable[[], None] = lambda: None,
    ) -> None:
        self.clips = 0
        self._lesson, self._pool, self._keep = lesson, pool, keep
        self._learnt, self._cleaned = footage
        self._on_disk = KeptHandfuls(lesson.folder, lesson.recipe.handfuls_kept)
        self._planes, self._truths = self._on_disk.read()
        # what goes on is drawn anew: the same seeds would cut the same holes again
        self._rng = np.random.default_rng((lesson.recipe.seed, len(self._planes)))
        self._fresh, self._kept_at = 0, time.monotonic()

    def drawn(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Random batches of planes (PLANES, B) and truth (4, B) until the budget ends."""
        recipe, lesson = self._lesson.recipe, self._lesson
        waiting = [self._asked() for _ in range(2)]
        while self._needs_more() and lesson.taught_share < 1:
            cut = lesson.waited_in_time(waiting.pop(0))
            if cut is None:
                return
            self._take(cut)
            if lesson.taught_share < recipe.cut_until - CLIP_SHARE or not waiting:
                waiting.append(self._asked())
            lesson.tell(f"cutting holes in takes ({len(self._planes)} handfuls)")
        steps = 0
        while self._planes and lesson.taught_share < 1:
            for job in [job for job in waiting if job.done()]:
                self._take(job.result())
                waiting.remove(job)
            if not waiting and steps % recipe.steps_per_clip == 0:
                waiting.append(self._asked())
            chosen = self._rng.integers(0, len(self._planes), recipe.batch)
            yield joined([(self._planes[index], self._truths[index]) for index in chosen])
            steps += 1
        for job in waiting:
            job.cancel()

    def _needs_more(self) -> bool:
        """Whether holes are cut before any step is taken."""
        recipe, count = self._lesson.recipe, len(self._planes)
        return count < recipe.handfuls_before_learning or (
            count < recipe.handfuls_kept and self._lesson.taught_share < recipe.cut_until
        )

    def _asked(self) -> Future[list[tuple[Pixels, Pixels]]]:
        is_own = bool(self._cleaned) and self._rng.random() < OWN_SHARE
        footage: Sequence[Stretch | CleanedShot] = self._cleaned if is_own else self._learnt
        chosen = footage[int(self._rng.integers(len(footage)))]
        return self._pool.submit(handfuls_cut, self._lesson, chosen, int(self._rng.integers(2**62)))

    def _take(self, cut: list[tuple[Pixels, Pixels]]) -> None:
        self.clips += 1
        for planes, truths in cut:
            self._planes.extend(planes)
            self._truths.extend(truths)
            self._fresh += len(planes)
        if time.monotonic() - self._kept_at > KEEP_SECONDS:
            self._to_disk()
        most = self._lesson.recipe.handfuls_kept
        self._planes, self._truths = self._planes[-most:], self._truths[-most:]

    def _to_disk(self) -> None:
        first = max(0, len(self._planes) - self._fresh)
        self._on_disk.add(self._planes[first:], self._truths[first:])
        self._keep()
        self._fresh, self._kept_at = 0, time.monotonic()


def handfuls_cut(lesson: Lesson, footage: Stretch | CleanedShot, seed: int) -> list[tuple[Pixels, Pixels]]:
    """Handfuls of holes cut in one clip of it, of each hole (C, P, n) and (C, 4, n); runs in the pool."""
    if isinstance(footage, CleanedShot):
        torch.set_num_threads(1)
        cut = own_examples(lesson, footage, seed, 1)
    else:
        cut = examples_from(lesson, footage, seed, lesson.recipe.draws_per_clip)
    rng = np.random.default_rng(seed)
    return [handfuls_of(example.candidates, example.truth, rng) for example in cut if example.candidates.belief]
