"""The steps of a lesson: the same for every expert of a show, resumable from the last minute."""

from __future__ import annotations

import copy
import csv
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from interneg.errors import ModelError
from interneg.training.lesson import KEEP_SECONDS, Lesson
from interneg.training.pupil import Optimising, Pupil, keep, new_pupil, resume

TELL_SHARE = 0.005  # of the budget, between two reports
MEMORY = 16.0  # the averaged weights look back over about a sixteenth of the steps so far

B = TypeVar("B")


@dataclass(frozen=True)
class Rates:
    """How fast an expert learns: AdamW's rate at the highest and at the end, where in its time it begins to fall,
    and the decay of weights.
    """

    highest: float
    last: float
    falls_from: float
    weight_decay: float

    def at(self, spent: float) -> float:
        """The rate when that share of the time for steps is spent: a cosine."""
        share = np.clip((spent - self.falls_from) / (1 - self.falls_from), 0, 1)
        return float(self.last + 0.5 * (1 + np.cos(np.pi * share)) * (self.highest - self.last))


def pupil_of(lesson: Lesson, expert: str, start: nn.Module, rates: Rates) -> Pupil:
    """The expert as its last checkpoint left it, its time counted as spent; else as it starts."""
    network = copy.deepcopy(start).to(lesson.device).requires_grad_(True)
    how = Optimising(rates.highest, 0.999, rates.weight_decay)
    pupil = new_pupil(expert, network, lesson.recipe.seed, how, lesson.device)
    path = checkpoint_file(lesson, expert)
    if not path.is_file():
        return pupil
    try:
        resume(pupil, path)
    except ModelError:  # damaged, or of an earlier version: the lesson begins anew
        path.unlink()
        return pupil_of(lesson, expert, start, rates)
    lesson.started -= pupil.seconds
    lesson.tell(f"{expert}: going on from step {pupil.steps}")
    return pupil


def taught(
    lesson: Lesson, pupil: Pupil, batches: Iterable[B], loss: Callable[[nn.Module, B], Tensor], rates: Rates
) -> nn.Module:
    """The averaged weights after a step for every batch, with a checkpoint on disk all along."""
    kept = time.monotonic() - KEEP_SECONDS  # the first step is kept: what came before it was slow
    told, losses = -1.0, list[float]()
    for batch in batches:
        for group in pupil.optimiser.param_groups:
            group["lr"] = rates.at(lesson.taught_share)
        losses.append(_step(pupil, loss(pupil.network, batch)))
        lesson.give_way()
        pupil.seconds = lesson.elapsed()
        if time.monotonic() - kept > KEEP_SECONDS:
            keep_pupil(lesson, pupil)
            kept = time.monotonic()
        if lesson.spent() - told > TELL_SHARE:
            told = lesson.spent()
            _note(lesson, pupil, float(np.mean(losses)))
            losses.clear()
    if pupil.steps:
        keep_pupil(lesson, pupil)
    return pupil.average.eval()


def keep_pupil(lesson: Lesson, pupil: Pupil) -> None:
    """The pupil's checkpoint lies on disk, with the time that it has had."""
    pupil.seconds = lesson.elapsed()
    keep(pupil, checkpoint_file(lesson, pupil.expert))


def _step(pupil: Pupil, loss: Tensor) -> float:
    pupil.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    norm = torch.nn.utils.clip_grad_norm_(pupil.network.parameters(), 1.0)
    pupil.steps += 1
    if bool(torch.isfinite(norm + loss.detach())):
        pupil.optimiser.step()
        pupil.follow(MEMORY)
    return float(loss.detach())


def _note(lesson: Lesson, pupil: Pupil, loss: float) -> None:
    lesson.tell(f"learning {pupil.expert}: step {pupil.steps}, loss {loss:.4f}")
    with curve_file(lesson.folder, pupil.expert).open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerow([pupil.steps, f"{pupil.seconds:.1f}", f"{loss:.5f}"])


def checkpoint_file(lesson: Lesson, expert: str) -> Path:
    """Where an expert's checkpoint lies while it learns."""
    return lesson.folder / f"{expert}.safetensors"


def curve_file(folder: Path, expert: str) -> Path:
    """Where its losses lie: rows of steps, seconds and loss."""
    return folder / f"{expert}.csv"
