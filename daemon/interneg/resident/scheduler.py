"""The queue of jobs on one device: artist first, learning second, cancel always."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from interneg.errors import CancelledJobError, DaemonError, InternegError, NotFoundError
from interneg.production.verdict import Verdict
from interneg.resident.events import JobAccepted, JobEvent, JobFinished, JobRecord, JobReport, JobState, LearnOrder
from interneg.resident.job import Job
from interneg.resident.journal import KEPT_JOBS, Journal

_log = logging.getLogger(__name__)

_WATCH_SECONDS = 0.5  # how soon a stream whose client has gone is let go


class Priority(IntEnum):
    """Whose job it is."""

    ARTIST = 0
    LEARNING = 1


@dataclass(frozen=True, slots=True)
class JobTitle:
    """What is known of a job when it is accepted."""

    operator: str
    show: str
    frames_total: int = 0
    output_path: str = ""
    model: str = "classical"
    notices: tuple[str, ...] = ()
    order: LearnOrder | None = None


class Control:
    """What a job's body holds of the scheduler: a place to give way at, and an ear for its events."""

    def __init__(self, job: Job, give_way: Callable[[Job], None], publish: Callable[[Job, JobReport], None]) -> None:
        self._job = job
        self._give_way = give_way
        self._publish = publish

    @property
    def job_id(self) -> str:
        """The job's name."""
        return self._job.id

    def checkpoint(self) -> None:
        """Gives the device to an artist's job where this one is learning; call it within every frame and step.

        Raises:
            CancelledJobError: the job was cancelled, or the daemon ends.
        """
        self._give_way(self._job)

    def report(self, event: JobReport) -> None:
        """Everyone who watches the job hears of the event."""
        self._publish(self._job, event)

    def heard_by(self, ear: Callable[[JobReport], None]) -> Control:
        """The same hold on the scheduler, with one more who hears of every event."""

        def publish(job: Job, event: JobReport) -> None:
            self._publish(job, event)
            ear(event)

        return Control(self._job, self._give_way, publish)


Body = Callable[[Control], Verdict | None]


@dataclass(slots=True)
class _Queue:
    """The jobs of one priority that wait for the device."""

    waiting: deque[tuple[Job, Body]]
    running: Job | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a job of this priority waits or runs."""
        return bool(self.waiting) or self.running is not None


class Scheduler:
    """The jobs of one device, past and present."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._changed = threading.Condition()
        self._queues = {priority: _Queue(deque()) for priority in Priority}
        self._learning_computes = False
        self._ends = False
        self._jobs = {job.id: job for job in map(Job.from_history, journal.past_jobs())}
        self._workers = [
            threading.Thread(target=self._work, args=(each,), name=each.name, daemon=True) for each in Priority
        ]
        for worker in self._workers:
            worker.start()

    def submit(self, title: JobTitle, priority: Priority, body: Body) -> Job:
        """The job, accepted and waiting for its turn.

        Raises:
            DaemonError: the daemon is ending.
        """
        with self._changed:
            if self._ends:
                raise DaemonError("the daemon is ending and takes no new job; ask again, which starts a new daemon")
            record = _record_from_title(title, self._journal.new_id(title.operator))
            job = Job(JobAccepted(record, title.model, title.notices, title.order))
            self._forget_oldest()
            self._jobs[job.id] = job
            self._journal.note(job.id, job.accepted)
            self._queues[priority].waiting.append((job, body))
            self._changed.notify_all()
            return job

    def learning(self) -> list[tuple[JobRecord, LearnOrder]]:
        """The learn jobs that are not finished, oldest first; of a new daemon those that a crash cut off."""
        with self._changed:
            return [
                (job.record, job.accepted.order)
                for job in self._jobs.values()
                if job.accepted.order is not None and not job.is_finished
            ]

    def resume(self, job_id: str, body: Body) -> None:
        """Has a job that a crash cut off wait for its turn again, under its old name.

        Raises:
            NotFoundError: no job has that name.
        """
        with self._changed:
            self._queues[Priority.LEARNING].waiting.append((self._found(job_id), body))
            self._changed.notify_all()

    def jobs(self) -> list[JobRecord]:
        """The jobs that this home knows, newest first."""
        with self._changed:
            return [job.record for job in reversed(self._jobs.values())]

    def job(self, job_id: str) -> JobRecord:
        """One job as it stands.

        Raises:
            NotFoundError: no job has that name.
        """
        with self._changed:
            return self._found(job_id).record

    def cancel(self, job_id: str) -> JobRecord:
        """The job as it stands once the cancellation is noted; a finished job stays as it is.

        Raises:
            NotFoundError: no job has that name.
        """
        with self._changed:
            job = self._found(job_id)
            self._stop_job(job, JobState.CANCELLED, "cancelled")
            return job.record

    def events(self, job_id: str, is_watched: Callable[[], bool] = lambda: True) -> Iterator[JobEvent]:
        """The job's events from its first to its last, as they happen; ends early once `is_watched` says no.

        Raises:
            NotFoundError: no job has that name.
        """
        with self._changed:
            job = self._found(job_id)
        return self._events_of(job, is_watched)

    def is_busy_with(self, show: str) -> bool:
        """Whether a job of that show waits or runs."""
        with self._changed:
            return any(job.record.show == show and not job.is_finished for job in self._jobs.values())

    def stop(self, limit_seconds: float) -> bool:
        """Ends every job within a frame; true where all workers have ended within the limit."""
        with self._changed:
            self._ends = True
            for job in self._jobs.values():
                self._stop_job(job, JobState.FAILED, "the daemon was stopped; the same request again completes it")
            self._changed.notify_all()
        deadline = time.monotonic() + limit_seconds
        for worker in self._workers:
            worker.join(max(0.0, deadline - time.monotonic()))
        return not any(worker.is_alive() for worker in self._workers)

    def _events_of(self, job: Job, is_watched: Callable[[], bool]) -> Iterator[JobEvent]:
        """The job's events, waiting for those to come."""
        awaited = 0
        while is_watched():
            with self._changed:
                if not job.events_from(awaited):
                    self._changed.wait(timeout=_WATCH_SECONDS)
                fresh = job.events_from(awaited)
            for number, event in fresh:
                awaited = number + 1
                yield event
                if isinstance(event, JobFinished):
                    return

    def _forget_oldest(self) -> None:
        """Makes room for a job among those that are remembered."""
        finished = [job.id for job in self._jobs.values() if job.is_finished]
        for job_id in finished[: max(0, len(self._jobs) + 1 - KEPT_JOBS)]:
            del self._jobs[job_id]

    def _found(self, job_id: str) -> Job:
        """The job of that name."""
        if job_id not in self._jobs:
            raise NotFoundError(f"job '{job_id}': there is no such job; `interneg jobs list` names them")
        return self._jobs[job_id]

    def _stop_job(self, job: Job, state: JobState, message: str) -> None:
        """Notes that the job should end; one that has not begun ends at once."""
        if job.is_finished:
            return
        job.ask_to_stop(state, message)
        for queue in self._queues.values():
            waiting = [entry for entry in queue.waiting if entry[0] is not job]
            if len(waiting) < len(queue.waiting):
                queue.waiting = deque(waiting)
                self._tell(job, JobFinished(state, message))
        self._changed.notify_all()

    def _tell(self, job: Job, event: JobEvent) -> None:
        """The event is in the journal and with everyone who watches."""
        with self._changed:
            if job.add(event):
                self._journal.note(job.id, event)
                self._changed.notify_all()

    def _give_way(self, job: Job) -> None:
        """Returns when the job may go on."""
        with self._changed:
            artist = self._queues[Priority.ARTIST]
            if job is self._queues[Priority.LEARNING].running and artist.is_busy:
                self._learning_computes = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: job.stop_state is not None or not artist.is_busy)
                self._learning_computes = True
            if job.stop_state is not None:
                raise CancelledJobError(job.stop_message)

    def _work(self, priority: Priority) -> None:
        """Runs the jobs of one priority, one after the other, for as long as the daemon lives."""
        while (entry := self._next(priority)) is not None:
            job, body = entry
            finished = self._finished_from_body(job, body)
            with self._changed:
                self._queues[priority].running = None
                if priority is Priority.LEARNING:
                    self._learning_computes = False
                self._tell(job, finished)
                self._changed.notify_all()

    def _next(self, priority: Priority) -> tuple[Job, Body] | None:
        """The next job of that priority, once the device is free for it; none where the daemon ends."""
        queue = self._queues[priority]
        with self._changed:
            self._changed.wait_for(lambda: self._ends or (bool(queue.waiting) and self._is_free_for(priority)))
            if self._ends:
                return None
            job, body = queue.waiting.popleft()
            queue.running = job
            self._learning_computes = self._learning_computes or priority is Priority.LEARNING
            job.begin()
            return job, body

    def _is_free_for(self, priority: Priority) -> bool:
        """Whether a job of that priority may take the device."""
        if priority is Priority.LEARNING:
            return not self._queues[Priority.ARTIST].is_busy
        return not self._learning_computes

    def _finished_from_body(self, job: Job, body: Body) -> JobFinished:
        """Runs the job; how it ended."""
        try:
            return JobFinished(JobState.DONE, learn=body(Control(job, self._give_way, self._tell)))
        except CancelledJobError as error:
            return JobFinished(job.stop_state or JobState.CANCELLED, job.stop_message or str(error))
        except InternegError as error:
            return JobFinished(JobState.FAILED, str(error))
        except Exception as error:  # noqa: BLE001 - the top of a worker's thread
            _log.exception("job %s failed", job.id)
            return JobFinished(JobState.FAILED, f"{_plain(error)}; the daemon's log says more")


def _plain(error: Exception) -> str:
    """One line for an error that nobody foresaw."""
    if isinstance(error, MemoryError):
        return "there is not enough memory for this job: ask for fewer frames at a time, or smaller plates"
    return (
        f"something unforeseen went wrong ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''})"
    )


def _record_from_title(title: JobTitle, job_id: str) -> JobRecord:
    """The record of a job that has just been accepted."""
    accepted = time.time()
    return JobRecord(
        job_id, title.operator, title.show, JobState.QUEUED, title.frames_total, 0, 0, accepted, title.output_path
    )
