"""Learning that a crash cut off goes on by itself, under its own name, when a daemon is back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from interneg.commands.following import follow
from interneg.commands.tally import Tally
from interneg.resident.events import JobAccepted, JobFinished, JobRecord, JobState, LearnOrder
from interneg.resident.journal import LEARNING_FAILS, MOST_RESUMED, Journal
from interneg_bridge.client import Client
from interneg_bridge.errors import DaemonError
from interneg_proto.v1 import job_pb2
from stand_in_daemon import daemon
from test_service import write_take

ORDER = LearnOrder(10.0)


def killed(home: Path, show: str = "show") -> None:
    """A home as a daemon leaves it that is killed while it learns."""
    with daemon(home) as settings, Client(str(settings.socket_path)) as client:
        client.create_production("show")
        write_take(home / "dailies", "sc1_tk1")
        list(client.add_dailies("show", [str(home / "dailies")]))
    record = JobRecord("learn-1", "learn", show, JobState.QUEUED, 0, 0, 0, 1.0, "")
    Journal(home / "jobs").note("learn-1", JobAccepted(record, "base", order=ORDER))


def test_it_goes_on_and_who_asks_again_means_it(tmp_path: Path) -> None:
    killed(tmp_path / "home")
    with daemon(tmp_path / "home") as settings, Client(str(settings.socket_path)) as client:
        assert [job.id for job in client.list_jobs()] == ["learn-1"]
        events = client.learn("show", ORDER.minutes)
        assert next(events).accepted.job.id == "learn-1"
        assert next(events).HasField("progress"), "it is at work again"
        client.cancel_job("learn-1")
        assert list(events)[-1].finished.state == job_pb2.JOB_STATE_CANCELLED
        assert next(client.learn("show", ORDER.minutes)).accepted.job.id == "learn-2", "that one has ended"
    with daemon(tmp_path / "home") as settings, Client(str(settings.socket_path)) as client:
        states = {job.id: job.state for job in client.list_jobs()}
        ended = {"learn-1": job_pb2.JOB_STATE_CANCELLED, "learn-2": job_pb2.JOB_STATE_FAILED}
        assert states == ended, "what was stopped in good order does not go on"


@pytest.mark.parametrize("asked", [{"budget_minutes": 2 * ORDER.minutes}, {"fresh": True}, {"experts": ("fill",)}])
def test_who_asks_for_something_else_gets_a_job_of_his_own(tmp_path: Path, asked: dict[str, object]) -> None:
    killed(tmp_path / "home")
    with daemon(tmp_path / "home") as settings, Client(str(settings.socket_path)) as client:
        accepted = next(client.learn(**{"show": "show", "budget_minutes": ORDER.minutes, **asked})).accepted
        assert accepted.job.id == "learn-2" and "learn-1 (show) before this one" in accepted.notices[0]


def test_a_show_that_has_gone_fails_by_name(tmp_path: Path) -> None:
    killed(tmp_path / "home", show="gone")
    with daemon(tmp_path / "home") as settings, Client(str(settings.socket_path)) as client:
        finished = list(client.watch_job("learn-1"))[-1].finished
        assert finished.state == job_pb2.JOB_STATE_FAILED and "gone" in finished.message


def test_a_lesson_that_brings_its_daemon_down_ends_at_last(tmp_path: Path) -> None:
    record = JobRecord("learn-1", "learn", "show", JobState.QUEUED, 0, 0, 0, 1.0, "")
    Journal(tmp_path).note("learn-1", JobAccepted(record, "base", order=ORDER))
    for time in range(MOST_RESUMED):
        (events,) = Journal(tmp_path).past_jobs()
        assert events == [JobAccepted(record, "base", order=replace(ORDER, resumed=time + 1))]
    for _ in range(2):
        (events,) = Journal(tmp_path).past_jobs()
        assert len(events) == 2 and events[-1] == JobFinished(JobState.FAILED, LEARNING_FAILS)


@dataclass
class Reconnecting:
    """A client whose connection is lost once, and who is told a job from its beginning when it is back."""

    again: list[job_pb2.JobEvent]

    def check_health(self) -> None:
        return

    def watch_job(self, job_id: str) -> Iterator[job_pb2.JobEvent]:
        return iter(self.again)


@dataclass
class Looking:
    """A view that remembers what it was shown."""

    shown: list[str] = field(default_factory=list)

    def show(self, event: job_pb2.JobEvent, tally: Tally) -> None:
        self.shown.append(event.progress.message or str(event.WhichOneof("event")))


def test_what_was_shown_is_not_shown_again_after_a_lost_connection() -> None:
    accepted = job_pb2.JobEvent(accepted={"job": {"id": "learn-1"}})
    first, second = (job_pb2.JobEvent(progress={"message": text}) for text in ("a tenth", "a half"))
    finished = job_pb2.JobEvent(finished={"state": job_pb2.JOB_STATE_DONE})

    def lost() -> Iterator[job_pb2.JobEvent]:
        yield from (accepted, first, first)
        raise DaemonError("lost")

    view = Looking()
    follow(Reconnecting([accepted, second, finished]), lost(), Tally("learn"), view)  # type: ignore[arg-type]
    assert view.shown == ["accepted", "a tenth", "a tenth", "a half", "finished"]
