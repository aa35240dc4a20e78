"""What the daemon's jobs do: the operators, and learning."""

from __future__ import annotations

from dataclasses import fields

from interneg.resident.acceptance import accept
from interneg.resident.events import JobProgress, LearnResult
from interneg.resident.scheduler import Control
from interneg.service.residents import LearnWish, Work
from interneg.training.learn import learn


def real_work() -> Work:
    """The operators on plates, and learning the show."""
    return Work(accept, _learn)


def _learn(wish: LearnWish, control: Control) -> LearnResult:
    """What came of learning the show; it gives way to artists at every step."""

    def progress(fraction: float, message: str, remaining_seconds: float) -> None:
        control.report(JobProgress(fraction, message, remaining_seconds))

    verdict = learn(
        wish.production, wish.config, wish.budget_seconds, wish.means, progress=progress, checkpoint=control.checkpoint
    )
    return LearnResult(**{field.name: getattr(verdict, field.name) for field in fields(LearnResult)})
