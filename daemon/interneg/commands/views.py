"""How a job looks while it runs: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from interneg.commands.console import console_on, say
from interneg.commands.following import View
from interneg.commands.tally import Tally
from interneg_proto.v1 import job_pb2

_PROGRESS_SECONDS = 5.0  # between two plain lines of progress


def view_of(operator: str) -> View:
    """The view that suits standard error."""
    return BarView(operator) if sys.stderr.isatty() else LineView()


def said_of(event: job_pb2.JobEvent) -> list[str]:
    """What an event says in plain lines."""
    match event.WhichOneof("event"):
        case "accepted":
            accepted = event.accepted
            return [f"{accepted.job.id}: accepted, model {accepted.model}", *accepted.notices]
        case "delivered":
            frame = event.delivered
            seconds = frame.decode_seconds + frame.compute_seconds + frame.encode_seconds
            return [f"{frame.frame}: {frame.path} ({seconds:.2f} s)"]
        case "failed":
            return [f"{event.failed.frame}: failed: {event.failed.message}"]
        case "finished":
            return [event.finished.learn.message] if event.finished.learn.message else []
        case _:
            return []


def left_said(seconds: float) -> str:
    """How long a job still takes, where it says so."""
    if seconds < 0:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f", {minutes} min {rest} s left" if minutes else f", {rest} s left"


class _Notices:
    """What an artist should know of frames, each thing once."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def fresh(self, event: job_pb2.JobEvent) -> list[str]:
        """What this event says that no earlier one said."""
        notices = [notice for notice in event.delivered.notices if notice not in self._told]
        self._told.update(notices)
        return [f"{event.delivered.frame}: {notice}" for notice in notices]


class LineView:
    """Plain lines, for files and pipes."""

    def __init__(self) -> None:
        self._notices = _Notices()
        self._progress_at_seconds = -_PROGRESS_SECONDS

    def __enter__(self) -> LineView:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def show(self, event: job_pb2.JobEvent, tally: Tally) -> None:
        """Shows one event."""
        for line in (*said_of(event), *self._notices.fresh(event)):
            say(line)
        now = time.monotonic()
        if event.HasField("progress") and now - self._progress_at_seconds >= _PROGRESS_SECONDS:
            self._progress_at_seconds = now
            say(f"{event.progress.fraction:4.0%} {event.progress.message}{left_said(event.progress.remaining_seconds)}")


class BarView:
    """A bar, with what an artist should know above it."""

    def __init__(self, operator: str) -> None:
        columns = (TextColumn("{task.description}"), BarColumn())
        is_learn = operator == "learn"  # it says itself how long it takes: its budget, and artists' time on top
        counts = (TaskProgressColumn(),) if is_learn else (MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, *counts, console=console_on(sys.stderr))
        self._notices = _Notices()
        self._task = self._progress.add_task(operator, total=None)

    def __enter__(self) -> BarView:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, event: job_pb2.JobEvent, tally: Tally) -> None:
        """Shows one event."""
        if event.HasField("progress"):
            said = event.progress
            described = escape(f"{said.message}{left_said(said.remaining_seconds)}")
            self._progress.update(self._task, total=1.0, completed=said.fraction, description=described)
            return
        lines = self._notices.fresh(event) if event.HasField("delivered") else said_of(event)
        for line in lines:
            self._progress.console.print(line, markup=False)
        if tally.total:
            self._progress.update(self._task, total=tally.total, completed=len(tally.delivered) + len(tally.failed))
