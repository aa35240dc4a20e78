"""`interneg learn`."""

from __future__ import annotations

from typing import Annotated

import typer

from interneg.commands.console import exit_code_of, result, result_object, result_table, say_error
from interneg.commands.daemon import AsJson
from interneg.commands.following import INTERRUPTED, cancelling, follow
from interneg.commands.launch import connected
from interneg.commands.models import show_history
from interneg.commands.productions import Show
from interneg.commands.tally import Tally
from interneg.commands.views import view_of
from interneg.errors import InternegError
from interneg_bridge.errors import ClientError
from interneg_proto.v1 import job_pb2


def learn(
    show: Show,
    minutes: Annotated[
        float, typer.Option("--minutes", metavar="N", help="How many minutes it may learn.", min=0.01)
    ] = 10.0,
    history: Annotated[bool, typer.Option("--history", help="Learns nothing; shows every verdict so far.")] = False,
    as_json: AsJson = False,
) -> None:
    """Learns the show's model from its dailies, and circles it where it beats the one in use on takes it never saw.

    Exits 0 where the learning came to a verdict, circled or NG.
    """
    if history:
        show_history(show, as_json)
        return
    tally = Tally("learn")
    code = 1
    try:
        with connected() as client, view_of("learn") as view, cancelling(client, tally):
            follow(client, client.learn(show, minutes), tally, view)
    except (ClientError, InternegError) as error:
        tally.error, code = str(error), exit_code_of(error)
    except KeyboardInterrupt:
        tally.error = INTERRUPTED
    if as_json:
        result_object(tally.as_learn(show))
    elif tally.is_complete and tally.finished is not None:
        _show_verdict(tally.finished.learn)
    for line in tally.said_at_end:
        say_error(line)
    raise typer.Exit(0 if tally.is_complete else code)


def _show_verdict(learn: job_pb2.LearnResult) -> None:
    """The verdict with its figures."""
    rows = [
        ("candidate", learn.version, learn.candidate_db),
        ("in use before", "", learn.incumbent_db),
        ("classical alone", "", learn.classical_db),
        ("better of Telea and Navier-Stokes", "", learn.spatial_db),
    ]
    result_table(("held-out takes", "version", "dB in the holes"), [(a, b, round(c, 2)) for a, b, c in rows])
    takes = f"{learn.steps} steps on {learn.takes_learnt} takes, {learn.takes_held_out} held out"
    result(f"{learn.message.removesuffix('.')} ({takes})")
