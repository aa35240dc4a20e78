"""One job: where it stands, and all that it has told."""

from __future__ import annotations

import time
from bisect import bisect_left
from dataclasses import replace

from interneg.resident.events import (
    FrameDelivered,
    FrameFailed,
    JobAccepted,
    JobEvent,
    JobFinished,
    JobProgress,
    JobRecord,
    JobState,
)

_PROGRESS_SECONDS = 0.2  # five bars a second are as many as an eye can use


class Job:
    """A job and its events; whoever changes it holds the scheduler's lock.

    Convention: events are numbered as they come. Of progress only the last is kept: whoever comes later wants to know
    how far the job is, not how far it was, and a long lesson must not fill the memory.
    """

    def __init__(self, accepted: JobAccepted) -> None:
        self.record = accepted.job
        self.accepted = accepted
        self._numbered: list[tuple[int, JobEvent]] = [(0, accepted)]
        self.stop_state: JobState | None = None
        self.stop_message = ""
        self._progress_at_seconds = 0.0

    @classmethod
    def from_history(cls, events: list[JobEvent]) -> Job:
        """A job of an earlier daemon, from what its journal tells."""
        accepted = events[0]
        if not isinstance(accepted, JobAccepted):
            raise TypeError("a job's first event is its acceptance")
        job = cls(accepted)
        for event in events[1:]:
            job.add(event)
        return job

    @property
    def id(self) -> str:
        """The job's name."""
        return self.record.id

    @property
    def is_finished(self) -> bool:
        """Whether the job has ended."""
        return self.record.state.is_final

    def begin(self) -> None:
        """The job is at work from now on."""
        self.record = replace(self.record, state=JobState.RUNNING)

    def ask_to_stop(self, state: JobState, message: str) -> None:
        """The job's next checkpoint ends it, and it will stand as `state`."""
        if self.stop_state is None:
            self.stop_state, self.stop_message = state, message

    def add(self, event: JobEvent) -> bool:
        """Whether the event was taken in; a finished job takes none, and progress is thinned out."""
        if self.is_finished or self._is_too_soon(event):
            return False
        number, last = self._numbered[-1]
        if isinstance(event, JobProgress) and isinstance(last, JobProgress):
            self._numbered.pop()
        self._numbered.append((number + 1, event))
        self.record = _record_after(self.record, event)
        return True

    def events_from(self, number: int) -> list[tuple[int, JobEvent]]:
        """The events of that number and after it, as far as they are kept."""
        return self._numbered[bisect_left(self._numbered, number, key=lambda entry: entry[0]) :]

    def _is_too_soon(self, event: JobEvent) -> bool:
        """Whether the event is one bar of progress too many."""
        if not isinstance(event, JobProgress):
            return False
        now = time.monotonic()
        if now - self._progress_at_seconds < _PROGRESS_SECONDS and event.fraction < 1.0:
            return True
        self._progress_at_seconds = now
        return False


def _record_after(record: JobRecord, event: JobEvent) -> JobRecord:
    """The record once the event has happened."""
    match event:
        case FrameDelivered():
            return replace(record, frames_delivered=record.frames_delivered + 1)
        case FrameFailed():
            return replace(record, frames_failed=record.frames_failed + 1)
        case JobFinished(state=state):
            return replace(record, state=state)
        case _:
            return record
