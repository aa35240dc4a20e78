"""What the daemon's jobs do: the operators, and learning."""

from __future__ import annotations

from dataclasses import replace

from interneg.production.verdict import Verdict
from interneg.resident.acceptance import accept
from interneg.resident.events import JobProgress
from interneg.resident.scheduler import Control
from interneg.service.residents import LearnWish, Work
from interneg.training.learn import learn


def real_work() -> Work:
    """The operators on plates, and learning the show."""
    return Work(accept, _learn)


def _learn(wish: LearnWish, control: Control) -> Verdict:
    """What came of learning the show; it gives way to artists at every step."""

    def progress(fraction: float, message: str, remaining_seconds: float) -> None:
        control.report(JobProgress(fraction, message, remaining_seconds))

    wanted = replace(wish.wanted, run=control.job_id)
    return learn(wish.production, wish.config, wanted, wish.means, progress=progress, checkpoint=control.checkpoint)
