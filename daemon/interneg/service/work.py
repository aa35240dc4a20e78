"""What the daemon's jobs do: the operators, and learning."""

from __future__ import annotations

from dataclasses import replace

from interneg.production.verdict import Verdict
from interneg.resident.acceptance import accept
from interneg.resident.engine import Engine
from interneg.resident.events import JobProgress
from interneg.resident.known_light import KnownShots
from interneg.resident.looks import Looks
from interneg.resident.render import Rendering
from interneg.resident.scheduler import Control
from interneg.resident.wish import RenderWish
from interneg.service.residents import LearnWish, Work
from interneg.settings import Settings
from interneg.training.learn import learn


def real_work() -> Work:
    """The operators on plates, and learning the show; what jobs find of a shot's light serves previews, and back."""
    known = KnownShots()

    def accepted(wish: RenderWish, engine: Engine, settings: Settings) -> Rendering:
        return accept(wish, engine, settings, known)

    return Work(accepted, _learn, Looks(known))


def _learn(wish: LearnWish, control: Control) -> Verdict:
    """What came of learning the show; it gives way to artists at every step."""

    def progress(fraction: float, message: str, remaining_seconds: float) -> None:
        control.report(JobProgress(fraction, message, remaining_seconds))

    wanted = replace(wish.wanted, run=control.job_id)
    return learn(wish.production, wish.config, wanted, wish.means, progress=progress, checkpoint=control.checkpoint)
