"""Teaching the base model's experts on the stage, top to bottom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from interneg.errors import ModelError, NotFoundError
from interneg.soundstage.teaching.batches import Batch, DrawnAhead, batch_of_step
from interneg.soundstage.teaching.lesson import Lesson
from interneg.soundstage.teaching.progress import Logbook, Report, plot, read_reports
from interneg.soundstage.teaching.recipe import TeachingRecipe
from interneg.training.pupil import Optimising, Pupil, keep, new_pupil, resume

HELD_OUT_SEED = 7919  # the held-out loss is that of the same batches from beginning to end


@dataclass(frozen=True)
class Budget:
    """How long an expert is taught in all its runs: seconds, or steps where they are given."""

    seconds: float
    steps: int = 0

    def spent_by(self, pupil: Pupil) -> float:
        """The share of it that is spent, in [0, 1]."""
        share = pupil.steps / self.steps if self.steps else pupil.seconds / self.seconds
        return min(1.0, share)


@dataclass(frozen=True)
class School:
    """Where and how experts are taught; `tell` hears every report, `stop` ends the lesson after the step at hand."""

    folder: Path
    device: torch.device
    seed: int
    half_precision: bool
    tell: Callable[[str, Report], None]
    stop: threading.Event = field(default_factory=threading.Event)
    recipe: TeachingRecipe = field(default_factory=TeachingRecipe)

    def file_of(self, expert: str, ending: str) -> Path:
        """The expert's checkpoint, CSV or plot."""
        return self.folder / f"{expert}.{ending}"


def taught(
    lesson: Lesson, held_out: Lesson, budget: Budget, school: School, start: nn.Module | None, *, fresh: bool = False
) -> Pupil:
    """The expert after its lesson, or as far as it came when it was stopped; goes on from its checkpoint.

    Convention: `start` has the weights to begin with, where there is no checkpoint or it is not wanted (`fresh`).

    Raises:
        NotFoundError: there are no scenes to learn from.
        ModelError: the checkpoint is of another lesson, or the network no longer learns.
    """
    if not lesson.refresh():
        raise NotFoundError(
            f"There are no scenes to teach {lesson.expert} from: render some with `interneg soundstage render`."
        )
    devices = [school.device] if school.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        pupil = _pupil(lesson, school, start, fresh=fresh)
        _Lecture(lesson, held_out, budget, school, pupil).held()
    return pupil


def _pupil(lesson: Lesson, school: School, start: nn.Module | None, *, fresh: bool) -> Pupil:
    torch.manual_seed(school.seed)
    network = lesson.network()
    if start is not None:
        network.load_state_dict(start.state_dict())
    how = Optimising(lesson.learning_rate, school.recipe.second_moment, school.recipe.weight_decay)
    pupil = new_pupil(lesson.expert, network, school.seed, how, school.device)
    path = school.file_of(lesson.expert, "safetensors")
    if path.is_file() and not fresh:
        resume(pupil, path)
    return pupil


class _Lecture:
    """One run of one lesson."""

    def __init__(self, lesson: Lesson, held_out: Lesson, budget: Budget, school: School, pupil: Pupil) -> None:
        self.lesson, self.budget, self.school, self.pupil = lesson, budget, school, pupil
        self.logbook = Logbook(school.file_of(lesson.expert, "csv"), pupil.steps)
        self.exam = _exam(held_out, school.recipe)
        self.held_out = held_out
        self.losses: list[float] = []
        self.broken = 0  # steps without a finite loss, one after another
        self.kept = self.reported = self.plotted = pupil.seconds

    def held(self) -> None:
        """Teaches until the budget is spent or somebody stops it, and leaves a checkpoint."""
        pupil, school = self.pupil, self.school
        last = time.monotonic()
        with DrawnAhead(self.lesson, school.seed, pupil.steps, school.recipe, school.device) as batches:
            while self.budget.spent_by(pupil) < 1 and not school.stop.is_set():
                self._step(batches.next())
                now = time.monotonic()
                pupil.seconds, last = pupil.seconds + now - last, now
                if pupil.seconds - self.kept > school.recipe.keep_seconds:
                    self._keep(batches.scenes)
                elif pupil.seconds - self.reported > school.recipe.report_seconds:
                    self._report(batches.scenes, None)
        if self.losses:
            self._keep(batches.scenes)
        self._plot()

    def _step(self, batch: Batch) -> None:
        pupil, school = self.pupil, self.school
        for group in pupil.optimiser.param_groups:
            group["lr"] = self._rate()
        torch.manual_seed(school.seed * 1_000_003 + pupil.steps)  # so a run that goes on draws the same numbers
        loss = self._loss(self.lesson, pupil.network, batch)
        pupil.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(pupil.network.parameters(), school.recipe.greatest_gradient)
        pupil.steps += 1
        if not bool(torch.isfinite(norm + loss.detach())):
            return self._skip()
        self.broken = 0
        pupil.optimiser.step()
        pupil.follow(school.recipe.average_memory)
        self.losses.append(float(loss.detach()))
        return None

    def _loss(self, lesson: Lesson, network: nn.Module, batch: Batch) -> torch.Tensor:
        device = self.school.device
        moved = tuple(_laid_out(part.to(device, non_blocking=True)) for part in batch)
        with torch.autocast(device.type, torch.bfloat16, enabled=self.school.half_precision):
            return lesson.loss(network, moved)

    def _skip(self) -> None:
        """One batch in thousands may overflow; a lesson that always does is wrong."""
        self.broken += 1
        if self.broken >= self.school.recipe.broken_steps:
            raise ModelError(
                f"{self.lesson.expert}: {self.broken} steps in a row had no finite loss; its last checkpoint "
                "stands: look at the scenes, or teach with a lower learning rate."
            )

    def _rate(self) -> float:
        recipe = self.school.recipe
        warm = min(1.0, (self.pupil.steps + 1) / recipe.warm_up_steps)
        fade = 0.5 * (1 + np.cos(np.pi * self.budget.spent_by(self.pupil)))
        return float(self.lesson.learning_rate * warm * (recipe.last_rate + (1 - recipe.last_rate) * fade))

    def _keep(self, scenes: int) -> None:
        self._report(scenes, self._held_out_loss())
        keep(self.pupil, self.school.file_of(self.lesson.expert, "safetensors"))
        self.kept = self.pupil.seconds
        if self.pupil.seconds - self.plotted > self.school.recipe.plot_seconds:
            self._plot()

    def _held_out_loss(self) -> float | None:
        if not self.exam:
            return None
        torch.manual_seed(HELD_OUT_SEED)
        with torch.inference_mode():
            losses = [float(self._loss(self.held_out, self.pupil.average, batch)) for batch in self.exam]
        return float(np.mean(losses))

    def _report(self, scenes: int, held_out_loss: float | None) -> None:
        pupil = self.pupil
        loss = float(np.mean(self.losses)) if self.losses else float("nan")
        spent = self.budget.spent_by(pupil)
        report = Report(pupil.steps, pupil.seconds, spent, scenes, self._rate(), loss, held_out_loss)
        self.logbook.add(report)
        self.school.tell(self.lesson.expert, report)
        self.losses, self.reported = [], pupil.seconds

    def _plot(self) -> None:
        reports = read_reports(self.logbook.path)
        if reports:
            plot(self.lesson.expert, reports, self.school.file_of(self.lesson.expert, "png"))
        self.plotted = self.pupil.seconds


def _exam(held_out: Lesson, recipe: TeachingRecipe) -> list[Batch]:
    """The batches of the held-out loss; none while no held-out scene has been rendered."""
    if not held_out.refresh():
        return []
    return [batch_of_step(held_out, HELD_OUT_SEED, index) for index in range(recipe.held_out_batches)]


def _laid_out(part: torch.Tensor) -> torch.Tensor:
    """Pictures as a GPU's convolutions read them quickest; on a CPU that gains nothing."""
    is_picture = part.ndim == 4 and part.device.type == "cuda"
    return part.contiguous(memory_format=torch.channels_last) if is_picture else part
