"""A learn job as it is begun, by an artist's wish or in the quiet, and what a clean leaves to be learnt from."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

from interneg.errors import InternegError, ProductionError, RequestError
from interneg.plates.colour import ColourConfig
from interneg.production.index import CleanedShot
from interneg.production.store import Store
from interneg.resident.engine import BASE, CLASSICAL
from interneg.resident.scheduler import Control, JobTitle, Priority
from interneg.resident.wish import CleanWish, RenderWish
from interneg.service.residents import Accepted, LearnWish, Residents
from interneg.training.learn import experts_for
from interneg.training.lesson import Means, Wanted

_log = logging.getLogger(__name__)


class Quiet:
    """Says when no new take has come for so many seconds since the last one.

    Convention: `now` is in seconds of any clock that only goes forward.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._heard: float | None = None

    def heard(self, now: float) -> None:
        """A new take came."""
        self._heard = now

    def is_over(self, now: float) -> bool:
        """Whether takes came, and then none for long enough."""
        return self._heard is not None and now - self._heard >= self._seconds

    def forget(self) -> None:
        """What came is being learnt."""
        self._heard = None


def noting(store: Store, wish: RenderWish, accepted: Accepted) -> Callable[[Control], None]:
    """The work that answers the wish; a clean that came to its end is remembered, for its matte teaches wires."""

    def run(control: Control) -> None:
        accepted.run(control)
        if isinstance(wish.operator, CleanWish) and wish.operator.find_sensitivity is None:  # its own find is no lesson
            clean, frames = wish.operator, wish.frames
            shot = CleanedShot(
                wish.plate_path, wish.colourspace, clean.matte_path, clean.matte_channel, frames.first, frames.last
            )
            try:
                store.open(wish.show).note_cleaned(shot)
            except InternegError:  # the frames are delivered: nothing that only teaches may fail them
                _log.exception("the matte of %s cannot be remembered", wish.plate_path)

    return run


def begin_learning(
    residents: Residents, show: str, minutes: float, experts: tuple[str, ...] = (), *, fresh: bool = False
) -> str:
    """The name of the learn job that was accepted.

    Raises:
        RequestError: the budget is none, or an expert is named that cannot be learnt.
        NotFoundError: there is no such show.
        ProductionError: it has no takes.
    """
    if not (math.isfinite(minutes) and minutes > 0):
        raise RequestError(f"budget {minutes:g} minutes: give a number above 0")
    production = residents.store.open(show)
    if not production.takes():
        raise ProductionError(f"production '{show}' has no takes to learn from; `interneg dailies add {show} PATH`")
    config, engine = ColourConfig(residents.settings_of(show).ocio), residents.engine
    means = Means(engine.device, engine.base(), engine.base_fault)
    wish = LearnWish(production, config, Wanted(minutes * 60, experts_for(experts, means.base), fresh), means)
    title = JobTitle("learn", show, model=production.circled() or (BASE if means.base else CLASSICAL))
    job = residents.scheduler.submit(title, Priority.LEARNING, lambda control: residents.work.learn(wish, control))
    return job.id
