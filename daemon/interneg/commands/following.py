"""Follows a job to its end: its events to the eye, Ctrl-C to the job, a dropped connection taken up again."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Protocol

from interneg.commands.console import say
from interneg.commands.tally import Tally
from interneg_bridge.client import Client
from interneg_bridge.errors import ClientError, DaemonError
from interneg_proto.v1 import job_pb2

INTERRUPTED = "interrupted; what the daemon had accepted goes on, `interneg jobs list` shows it"

_RETRIES = 3
_RETRY_SECONDS = 0.5


class View(AbstractContextManager["View"], Protocol):
    """Shows a job's events as they come."""

    def show(self, event: job_pb2.JobEvent, tally: Tally) -> None:
        """Shows one event; the tally has taken it in already."""


def follow(client: Client, events: Iterator[job_pb2.JobEvent], tally: Tally, view: View) -> None:
    """The job's events are in the tally and were shown; a daemon that was lost is in its `error`.

    Raises:
        ClientError: the wish was refused before it became a job.
    """
    shown = 0
    for retry in range(_RETRIES + 1):
        told = 0  # from its first event again, but for progress that is past
        try:
            for event in events:
                tally.take(event)
                told += not event.HasField("progress")
                if told > shown or event.HasField("progress"):
                    view.show(event, tally)
                    shown = max(shown, told)
            return
        except DaemonError as error:
            if not tally.job.id:
                raise
            tally.error = str(error)
            if retry == _RETRIES or not _is_back(client):
                return
            events = client.watch_job(tally.job.id)


def _is_back(client: Client) -> bool:
    """Whether it was only the connection that was lost."""
    time.sleep(_RETRY_SECONDS)
    try:
        client.check_health()
    except ClientError:
        return False
    return True


@contextmanager
def cancelling(client: Client, tally: Tally) -> Iterator[None]:
    """A context in which Ctrl-C cancels the job and the job's end is still awaited; a second one ends at once."""

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if not tally.job.id:
            raise KeyboardInterrupt
        say(f"cancelling {tally.job.id}; Ctrl-C again leaves at once")
        # A thread of its own: the one that is interrupted may hold the connection's locks.
        threading.Thread(target=_cancel, args=(client, tally.job.id), daemon=True).start()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _cancel(client: Client, job_id: str) -> None:
    """Cancels the job; that it cannot be done is said."""
    try:
        client.cancel_job(job_id)
    except ClientError as error:
        say(f"{job_id} cannot be cancelled: {error}")
