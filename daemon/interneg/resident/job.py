"""One job: where it stands, and all that it has told."""

from __future__ import annotations

import time
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
    """A job and its events; whoever changes it holds the scheduler's lock."""

    def __init__(self, record: JobRecord, model: str, notices: tuple[str, ...] = ()) -> None:
        self.record = record
        self.events: list[JobEvent] = [JobAccepted(record, model, notices)]
        self.stop_state: JobState | None = None
        self.stop_message = ""
        self._progress_at_seconds = 0.0

    @classmethod
    def from_history(cls, events: list[JobEvent]) -> Job:
        """A job of an earlier daemon, from what its journal tells."""
        accepted = events[0]
        if not isinstance(accepted, JobAccepted):
            raise TypeError("a job's first event is its acceptance")
        job = cls(accepted.job, accepted.model, accepted.notices)
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
        self.events.append(event)
        self.record = _record_after(self.record, event)
        return True

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
