"""A learn job as it is begun, by an artist's wish or in the quiet, and what a clean leaves to be learnt from."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence

from interneg.errors import InternegError, ProductionError, RequestError
from interneg.plates.colour import ColourConfig
from interneg.production.index import CleanedShot
from interneg.production.store import Store
from interneg.production.verdict import Verdict
from interneg.resident.engine import BASE, CLASSICAL
from interneg.resident.events import FrameDelivered, JobReport, LearnOrder
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
    """The work that answers the wish; the frames that a clean delivered are remembered, for its matte teaches wires.

    A clean that was cancelled is not: the artist may have seen that his matte was wrong.
    """
    clean = wish.operator
    if not isinstance(clean, CleanWish) or clean.find_sensitivity is not None:  # its own find is no lesson
        return accepted.run

    def run(control: Control) -> None:
        delivered: list[int] = []

        def hear(event: JobReport) -> None:
            if isinstance(event, FrameDelivered):
                delivered.append(event.frame)

        accepted.run(control.heard_by(hear))
        try:
            for first, last in runs(delivered):
                store.open(wish.show).note_cleaned(
                    CleanedShot(wish.plate_path, wish.colourspace, clean.matte_path, clean.matte_channel, first, last)
                )
        except InternegError:  # the frames are delivered: nothing that only teaches may fail them
            _log.exception("the matte of %s cannot be remembered", wish.plate_path)

    return run


def runs(frames: Sequence[int]) -> list[tuple[int, int]]:
    """The unbroken runs of those frames, first and last of each, in order."""
    found: list[tuple[int, int]] = []
    for frame in sorted(set(frames)):
        if found and frame == found[-1][1] + 1:
            found[-1] = (found[-1][0], frame)
        else:
            found.append((frame, frame))
    return found


def begin_learning(residents: Residents, show: str, order: LearnOrder) -> str:
    """The name of the learn job that was accepted; of one that learns just that already, unless it is asked for anew.

    Raises:
        RequestError: the budget is none, or an expert is named that cannot be learnt.
        NotFoundError: there is no such show.
        ProductionError: it has no takes.
    """
    if not (math.isfinite(order.minutes) and order.minutes > 0):
        raise RequestError(f"budget {order.minutes:g} minutes: give a number above 0")
    production = residents.store.open(show)
    if not production.takes():
        raise ProductionError(f"production '{show}' has no takes to learn from; `interneg dailies add {show} PATH`")
    wish = _wish_of(residents, show, order)
    ahead = residents.scheduler.learning()
    for record, there in ahead if not order.fresh else ():
        if record.show == show and (there.minutes, there.experts) == (order.minutes, order.experts):
            return record.id  # it goes on after a crash by itself: whoever asks again means that one
    model = production.circled() or (BASE if wish.means.base else CLASSICAL)
    first = ", ".join(f"{record.id} ({record.show})" for record, _ in ahead)
    notices = (f"shows learn one after the other: {first} before this one",) if ahead else ()
    title = JobTitle("learn", show, model=model, notices=notices, order=order)
    job = residents.scheduler.submit(title, Priority.LEARNING, lambda control: residents.work.learn(wish, control))
    return job.id


def go_on(residents: Residents) -> None:
    """Takes up the learn jobs that a crash cut off: each goes on from its last checkpoint, under its own name."""

    def body_of(show: str, order: LearnOrder) -> Callable[[Control], Verdict]:
        return lambda control: residents.work.learn(_wish_of(residents, show, order), control)

    for record, order in residents.scheduler.learning():
        _log.info("%s goes on: the daemon before this one was lost", record.id)
        residents.scheduler.resume(record.id, body_of(record.show, order))


def _wish_of(residents: Residents, show: str, order: LearnOrder) -> LearnWish:
    settings, engine = residents.settings_of(show), residents.engine
    means = Means(engine.device, engine.base(), engine.base_fault, settings.learning_memory_bytes)
    wanted = Wanted(order.minutes * 60, experts_for(order.experts, means.base), order.fresh)
    return LearnWish(residents.store.open(show), ColourConfig(settings.ocio), wanted, means)
