import json
from pathlib import Path

import pytest

from interneg.production.verdict import ExpertVerdict, Verdict
from interneg.resident.events import FrameDelivered, JobAccepted, JobFinished, JobProgress, JobState
from interneg.resident.journal import DAEMON_ENDED, KEPT_JOBS, Journal
from interneg.resident.scheduler import Control, JobTitle, Priority, Scheduler


def run_job(scheduler: Scheduler, frames: int) -> str:
    def body(control: Control) -> Verdict:
        control.report(JobProgress(0.5, "half"))
        for frame in range(frames):
            control.report(FrameDelivered(frame, f"é {frame}.exr", 0, 0, 0, notices=("one", "two")))
        fill = ExpertVerdict("fill", False, "dB", 1.5, 2.5, {"classical": 3.5}, 6, "NG")
        return Verdict(False, "v002", (fill,), 7, 8, "NG")

    job = scheduler.submit(JobTitle("clean", "show", frames, "é.####.exr", "v001", ("said",)), Priority.ARTIST, body)
    list(scheduler.events(job.id))
    return job.id


def test_jobs_are_the_same_after_a_restart(tmp_path: Path) -> None:
    before = Scheduler(Journal(tmp_path))
    job_id = run_job(before, 3)
    before.stop(5)
    after = Scheduler(Journal(tmp_path))
    assert after.jobs() == before.jobs()
    told = [event for event in before.events(job_id) if not isinstance(event, JobProgress)]
    assert list(after.events(job_id)) == told
    assert run_job(after, 1) == "clean-2", "a name is never given twice"
    after.stop(5)


def cut_off(folder: Path, torn: str) -> None:
    """The journal as a daemon leaves it that was killed in the middle of a job's second frame."""
    scheduler = Scheduler(Journal(folder))
    run_job(scheduler, 2)
    scheduler.stop(5)
    path = folder / "clean-1.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:2]) + torn, "utf-8")


@pytest.mark.parametrize("torn", ["", '{"kind": "FrameDel', '{"kind": "Foreign", "event": {}}\n', "\x00\x00\x00"])
def test_a_job_that_a_crash_cut_off_is_listed_as_failed(tmp_path: Path, torn: str) -> None:
    cut_off(tmp_path, torn)
    for _ in range(2):  # and stays so after another restart
        (events,) = Journal(tmp_path).past_jobs()
        assert [type(event) for event in events] == [JobAccepted, FrameDelivered, JobFinished]
        assert events[-1] == JobFinished(JobState.FAILED, DAEMON_ENDED)
    scheduler = Scheduler(Journal(tmp_path))
    (record,) = scheduler.jobs()
    assert (record.state, record.frames_delivered) == (JobState.FAILED, 1)
    scheduler.stop(5)


def test_foreign_and_empty_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "clean-7.jsonl").write_text("")
    (tmp_path / "clean-8.jsonl").write_text(json.dumps({"kind": "JobFinished", "event": {"state": "done"}}) + "\n")
    journal = Journal(tmp_path)
    assert journal.past_jobs() == []
    assert journal.new_id("clean") == "clean-9"
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_only_the_last_jobs_are_kept(tmp_path: Path) -> None:
    run_job(scheduler := Scheduler(Journal(tmp_path)), 1)
    scheduler.stop(5)
    text = (tmp_path / "clean-1.jsonl").read_text("utf-8")
    for number in range(1, KEPT_JOBS + 11):
        (tmp_path / f"clean-{number}.jsonl").write_text(text.replace("clean-1", f"clean-{number}"), "utf-8")
    jobs = Journal(tmp_path).past_jobs()
    assert len(jobs) == KEPT_JOBS
    assert not (tmp_path / "clean-10.jsonl").exists()
    assert (tmp_path / "clean-11.jsonl").exists()
