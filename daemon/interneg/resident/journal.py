"""What is remembered of every job, one file of JSON lines each, so that jobs survive a crash."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import TypeAdapter, ValidationError

from interneg.resident.events import FrameDelivered, FrameFailed, JobAccepted, JobEvent, JobFinished, JobState

DAEMON_ENDED: Final = "the daemon ended in the middle of this job; the same request again completes it"

MOST_RESUMED: Final = 3  # times: a lesson that brings its daemon down must not do so for ever
LEARNING_FAILS: Final = (
    f"the daemon was lost {MOST_RESUMED + 1} times while it learnt this; where memory is short, lower "
    "learning_memory_bytes, then the same request goes on from the last checkpoint"
)

_KINDS: Final = (JobAccepted, FrameDelivered, FrameFailed, JobFinished)
_ADAPTERS: Final = MappingProxyType({kind.__name__: TypeAdapter[JobEvent](kind) for kind in _KINDS})
_NAME = re.compile(r"[a-z]+-(\d+)\.jsonl")
KEPT_JOBS: Final = 200  # about a week of one artist; a job's file is some 200 bytes a frame

_log = logging.getLogger(__name__)


class Journal:
    """The jobs of one home, as they are on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._number = max((_number_from_name(path.name) for path in self._paths()), default=0)

    def new_id(self, operator: str) -> str:
        """A job's name that no job of this home had, such as `clean-17`."""
        self._number += 1
        return f"{operator}-{self._number}"

    def note(self, job_id: str, event: JobEvent) -> None:
        """The event is on disk, whatever happens to the daemon; a full disk costs the memory, never the job."""
        if type(event).__name__ not in _ADAPTERS:
            return
        try:
            with self._path(job_id).open("a", encoding="utf-8") as file:
                file.write(_line_from_event(event))
        except OSError:
            _log.exception("job %s: its journal cannot be written", job_id)

    def past_jobs(self) -> list[list[JobEvent]]:
        """The events of the jobs before this daemon, oldest first; what a crash cut off ends as failed, or can go on.

        Older jobs than the last two hundred are forgotten.
        """
        paths = sorted(self._paths(), key=lambda path: _number_from_name(path.name))
        for path in paths[:-KEPT_JOBS]:
            path.unlink(missing_ok=True)
        histories = [(path.stem, list(_events_from_file(path))) for path in paths[-KEPT_JOBS:]]
        return [self._ended(job_id, events) for job_id, events in histories if events]

    def _ended(self, job_id: str, events: list[JobEvent]) -> list[JobEvent]:
        """The events with a last one, also written down where it was missing; learning has none, it goes on."""
        if not isinstance(events[-1], JobFinished):
            accepted = events[0]
            order = accepted.order if isinstance(accepted, JobAccepted) else None
            if isinstance(accepted, JobAccepted) and order is not None and order.resumed < MOST_RESUMED:
                events[0] = replace(accepted, order=replace(order, resumed=order.resumed + 1))
            else:
                events.append(JobFinished(JobState.FAILED, LEARNING_FAILS if order else DAEMON_ENDED))
            try:  # written anew: the last line may be torn
                self._path(job_id).write_text("".join(map(_line_from_event, events)), encoding="utf-8")
            except OSError:
                _log.exception("job %s: its journal cannot be written", job_id)
        return events

    def _path(self, job_id: str) -> Path:
        """The file of one job."""
        return self._folder / f"{job_id}.jsonl"

    def _paths(self) -> list[Path]:
        """The journal's files, in no order."""
        return [path for path in self._folder.iterdir() if _NAME.fullmatch(path.name)]


def _number_from_name(name: str) -> int:
    """The running number in a journal file's name."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else 0


def _line_from_event(event: JobEvent) -> str:
    """One line of the journal."""
    kind = type(event).__name__
    return json.dumps({"kind": kind, "event": _ADAPTERS[kind].dump_python(event, mode="json")}) + "\n"


def _events_from_file(path: Path) -> Iterator[JobEvent]:
    """The events of one file, up to the first line that a crash left torn; none where the first is no acceptance."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        _log.exception("%s cannot be read and is left out", path)
        return
    for number, line in enumerate(lines):
        try:
            entry = json.loads(line)
            event = _ADAPTERS[entry["kind"]].validate_python(entry["event"])
        except (ValueError, KeyError, TypeError, ValidationError):
            _log.warning("%s: line %d is damaged and is left out with what follows", path, number + 1)
            return
        if (number == 0) != isinstance(event, JobAccepted):
            return
        yield event
