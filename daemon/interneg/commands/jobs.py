"""`interneg jobs list | watch | cancel`."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from interneg.commands.console import Value, result, result_object, result_table, say_error
from interneg.commands.daemon import AsJson
from interneg.commands.following import follow
from interneg.commands.launch import connected
from interneg.commands.tally import Tally
from interneg.commands.views import view_of
from interneg_proto.v1 import job_pb2

app = typer.Typer(help="Jobs: what the daemon is doing, and did.", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(metavar="ID", help="The job, as `interneg jobs list` names it.")]


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """Lists the daemon's jobs, newest first."""
    with connected() as client:
        jobs = client.list_jobs()
    if as_json:
        result_object({"jobs": [_values(job) for job in jobs]})
        return
    columns = ("id", "show", "state", "delivered", "failed", "of", "accepted", "output")
    result_table(columns, [_row(job) for job in jobs])


@app.command()
def watch(job_id: JobId) -> None:
    """Shows a job from its first event to its last; Ctrl-C ends the watch, not the job."""
    tally = Tally("job")
    with connected() as client, view_of(job_id.partition("-")[0]) as view:
        follow(client, client.watch_job(job_id), tally, view)
    for line in tally.said_at_end:
        say_error(line)
    raise typer.Exit(0 if tally.is_complete else 1)


@app.command()
def cancel(job_id: JobId) -> None:
    """Cancels a job within a frame; a job that has ended stays as it is."""
    with connected() as client:
        job = client.cancel_job(job_id)
    result(f"{job.id}: {_state(job)}" if job.state > job_pb2.JOB_STATE_RUNNING else f"{job.id}: cancelling")


def _state(job: job_pb2.Job) -> str:
    """Where a job stands, in a word."""
    return job_pb2.JobState.Name(job.state).removeprefix("JOB_STATE_").lower()


def _row(job: job_pb2.Job) -> tuple[Value, ...]:
    """One job in the list."""
    accepted = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(job.accepted_unix_seconds))
    counts = (job.frames_delivered, job.frames_failed, job.frames_total)
    return (job.id, job.show, _state(job), *counts, accepted, job.output_path)


def _values(job: job_pb2.Job) -> dict[str, Value]:
    """A job's values by name."""
    return {
        "id": job.id,
        "operator": job.operator,
        "show": job.show,
        "state": _state(job),
        "frames": job.frames_total,
        "delivered": job.frames_delivered,
        "failed": job.frames_failed,
        "accepted_unix_seconds": job.accepted_unix_seconds,
        "output_path": job.output_path,
    }
