import threading
import time
from pathlib import Path

import pytest

from interneg.errors import DaemonError, NotFoundError, PlateError
from interneg.production.verdict import Verdict
from interneg.resident.events import (
    FrameDelivered,
    FrameFailed,
    JobAccepted,
    JobFinished,
    JobProgress,
    JobState,
)
from interneg.resident.journal import Journal
from interneg.resident.scheduler import Control, JobTitle, Priority, Scheduler

LEARNT = Verdict(True, "v001", (), 3, 1, "circled")


@pytest.fixture
def scheduler(tmp_path: Path):
    made = Scheduler(Journal(tmp_path / "jobs"))
    yield made
    assert made.stop(5.0), "a worker did not end"


def delivered(frame: int) -> FrameDelivered:
    return FrameDelivered(frame, f"out.{frame:04d}.exr", 0.1, 0.2, 0.3, 0.9, 0.1)


def finish_of(scheduler: Scheduler, job_id: str) -> JobFinished:
    last = list(scheduler.events(job_id))[-1]
    assert isinstance(last, JobFinished)
    return last


def until(condition, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)


def looping(control: Control) -> None:
    while True:
        control.checkpoint()
        time.sleep(0.001)


def test_a_jobs_events_come_in_order_and_count(scheduler: Scheduler) -> None:
    def body(control: Control) -> None:
        control.report(delivered(1001))
        control.report(FrameFailed(1002, "no matte"))

    job = scheduler.submit(JobTitle("clean", "show", 2, "out.####.exr", "v003", ("grey",)), Priority.ARTIST, body)
    events = list(scheduler.events(job.id))
    assert [type(event) for event in events] == [JobAccepted, FrameDelivered, FrameFailed, JobFinished]
    assert events[0] == JobAccepted(events[0].job, "v003", ("grey",))
    record = scheduler.job(job.id)
    assert (record.state, record.frames_delivered, record.frames_failed) == (JobState.DONE, 1, 1)
    assert list(scheduler.events(job.id)) == events, "watched again: the same from the first"


def test_artists_jobs_run_one_after_the_other_in_order(scheduler: Scheduler) -> None:
    at_work: list[int] = []
    order: list[int] = []

    def body_of(number: int):
        def body(control: Control) -> None:
            at_work.append(number)
            assert len(at_work) == 1
            time.sleep(0.002)
            order.append(at_work.pop())

        return body

    jobs = [scheduler.submit(JobTitle("clean", "show"), Priority.ARTIST, body_of(n)) for n in range(5)]
    assert {finish_of(scheduler, job.id).state for job in jobs} == {JobState.DONE}
    assert order == [0, 1, 2, 3, 4]
    assert [record.id for record in scheduler.jobs()] == [job.id for job in reversed(jobs)]


def test_learning_gives_way_to_an_artist_within_a_step_and_goes_on(scheduler: Scheduler) -> None:
    steps: list[float] = []
    steps_seen_by_artist: list[int] = []
    ends = threading.Event()

    def learning(control: Control) -> Verdict:
        while not ends.is_set():
            control.checkpoint()
            steps.append(time.monotonic())
            time.sleep(0.001)
        return LEARNT

    def artist(control: Control) -> None:
        before = len(steps)
        for _ in range(20):
            control.checkpoint()
            time.sleep(0.002)
        steps_seen_by_artist.append(len(steps) - before)

    learn = scheduler.submit(JobTitle("learn", "show"), Priority.LEARNING, learning)
    until(lambda: len(steps) > 3)
    clean = scheduler.submit(JobTitle("clean", "show"), Priority.ARTIST, artist)
    assert finish_of(scheduler, clean.id).state is JobState.DONE
    assert steps_seen_by_artist == [0], "learning computed while the artist did"
    after = len(steps)
    until(lambda: len(steps) > after + 3)
    ends.set()
    assert finish_of(scheduler, learn.id) == JobFinished(JobState.DONE, learn=LEARNT)


def test_learning_waits_for_every_artist_in_the_queue(scheduler: Scheduler) -> None:
    order: list[str] = []
    gate = threading.Event()

    def noting(name: str):
        def body(control: Control) -> None:
            gate.wait(5)
            order.append(name)

        return body

    first = scheduler.submit(JobTitle("clean", "s"), Priority.ARTIST, noting("first"))
    learn = scheduler.submit(JobTitle("learn", "s"), Priority.LEARNING, noting("learn"))
    second = scheduler.submit(JobTitle("clean", "s"), Priority.ARTIST, noting("second"))
    gate.set()
    for job in (first, learn, second):
        finish_of(scheduler, job.id)
    assert order == ["first", "second", "learn"]


def test_cancel_stops_a_running_job_at_its_next_checkpoint(scheduler: Scheduler) -> None:
    job = scheduler.submit(JobTitle("clean", "show", 3), Priority.ARTIST, looping)
    until(lambda: scheduler.job(job.id).state is JobState.RUNNING)
    scheduler.cancel(job.id)
    assert finish_of(scheduler, job.id) == JobFinished(JobState.CANCELLED, "cancelled")
    assert scheduler.cancel(job.id).state is JobState.CANCELLED, "cancelled again: it stays as it is"


def test_cancel_ends_a_waiting_job_at_once_and_never_runs_it(scheduler: Scheduler) -> None:
    ran: list[bool] = []
    running = scheduler.submit(JobTitle("clean", "show"), Priority.ARTIST, looping)
    waiting = scheduler.submit(JobTitle("clean", "show"), Priority.ARTIST, lambda control: ran.append(True))
    assert scheduler.cancel(waiting.id).state is JobState.CANCELLED
    assert finish_of(scheduler, waiting.id).state is JobState.CANCELLED
    scheduler.cancel(running.id)
    finish_of(scheduler, running.id)
    assert not ran


def test_cancel_reaches_learning_that_has_given_way(scheduler: Scheduler) -> None:
    learn = scheduler.submit(JobTitle("learn", "show"), Priority.LEARNING, looping)
    until(lambda: scheduler.job(learn.id).state is JobState.RUNNING)
    artist = scheduler.submit(JobTitle("clean", "show"), Priority.ARTIST, looping)
    until(lambda: scheduler.job(artist.id).state is JobState.RUNNING)
    scheduler.cancel(learn.id)
    assert finish_of(scheduler, learn.id).state is JobState.CANCELLED
    scheduler.cancel(artist.id)


def raising(error: BaseException):
    def body(control: Control) -> None:
        raise error

    return body


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PlateError("plate 'a.exr': truncated; copy it again"), "plate 'a.exr': truncated; copy it again"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (MemoryError(), "not enough memory"),
    ],
)
def test_a_failing_job_says_why_and_the_next_one_runs(scheduler: Scheduler, error: Exception, said: str) -> None:
    failing = scheduler.submit(JobTitle("clean", "show"), Priority.ARTIST, raising(error))
    finished = finish_of(scheduler, failing.id)
    assert finished.state is JobState.FAILED
    assert said in finished.message
    assert "Traceback" not in finished.message
    following = scheduler.submit(JobTitle("clean", "show"), Priority.ARTIST, lambda control: None)
    assert finish_of(scheduler, following.id).state is JobState.DONE


def test_stop_ends_all_jobs_and_takes_no_more(tmp_path: Path) -> None:
    scheduler = Scheduler(Journal(tmp_path / "jobs"))
    jobs = [scheduler.submit(JobTitle("clean", "show"), Priority.ARTIST, looping) for _ in range(2)]
    jobs.append(scheduler.submit(JobTitle("learn", "show"), Priority.LEARNING, looping))
    assert scheduler.stop(5.0)
    for job in jobs:
        finished = finish_of(scheduler, job.id)
        assert finished.state is JobState.FAILED
        assert "the same request again" in finished.message
    with pytest.raises(DaemonError, match="ending"):
        scheduler.submit(JobTitle("clean", "show"), Priority.ARTIST, looping)


def test_a_watcher_that_has_gone_is_let_go_and_the_job_goes_on(scheduler: Scheduler) -> None:
    job = scheduler.submit(JobTitle("clean", "show"), Priority.ARTIST, looping)
    watched = True
    events = scheduler.events(job.id, lambda: watched)
    assert isinstance(next(events), JobAccepted)
    watched = False
    assert list(events) == []
    assert not scheduler.job(job.id).state.is_final
    scheduler.cancel(job.id)


def test_progress_is_thinned_but_the_last_is_told(scheduler: Scheduler) -> None:
    def body(control: Control) -> None:
        for step in range(1001):
            control.report(JobProgress(step / 1000, "learning"))

    job = scheduler.submit(JobTitle("learn", "show"), Priority.LEARNING, body)
    progress = [event for event in scheduler.events(job.id) if isinstance(event, JobProgress)]
    assert len(progress) < 100
    assert progress[-1].fraction == 1.0


def test_who_comes_later_hears_how_far_it_is_and_not_how_far_it_was(scheduler: Scheduler) -> None:
    told = threading.Event()

    def body(control: Control) -> None:
        control.report(delivered(1))
        for fraction in (0.1, 0.2, 0.3):
            control.report(JobProgress(fraction, "learning"))
            time.sleep(0.21)
        control.report(delivered(2))
        told.set()
        looping(control)

    job = scheduler.submit(JobTitle("learn", "show"), Priority.LEARNING, body)
    assert told.wait(5)
    scheduler.cancel(job.id)
    events = list(scheduler.events(job.id))
    assert [type(event) for event in events] == [JobAccepted, FrameDelivered, JobProgress, FrameDelivered, JobFinished]
    assert events[2] == JobProgress(0.3, "learning")


@pytest.mark.parametrize("ask", ["job", "cancel", "events"])
def test_a_job_that_is_not_there_is_named(scheduler: Scheduler, ask: str) -> None:
    with pytest.raises(NotFoundError, match="clean-99"):
        getattr(scheduler, ask)("clean-99")
