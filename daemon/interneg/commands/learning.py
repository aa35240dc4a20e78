"""`interneg learn`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from interneg.commands.console import Value, exit_code_of, result, result_object, result_table, say_error
from interneg.commands.daemon import AsJson
from interneg.commands.following import INTERRUPTED, cancelling, follow
from interneg.commands.launch import connected
from interneg.commands.models import show_history
from interneg.commands.productions import Show
from interneg.commands.tally import Tally
from interneg.commands.views import view_of
from interneg.errors import InternegError
from interneg.production.verdict import PEER_UNITS, PEERS
from interneg_bridge.errors import ClientError
from interneg_proto.v1 import job_pb2


def learn(
    show: Show,
    minutes: Annotated[
        float, typer.Option("--minutes", metavar="N", help="How many minutes it may learn.", min=0.01)
    ] = 10.0,
    expert: Annotated[
        list[str] | None,
        typer.Option("--expert", metavar="NAME", help="fill, spatial, wires or intrinsics; all of them else."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begins anew, where a run that was cut off would be gone on with.")
    ] = False,
    history: Annotated[bool, typer.Option("--history", help="Learns nothing; shows every verdict so far.")] = False,
    as_json: AsJson = False,
) -> None:
    """Learns the show's model from its dailies, and circles what beats the one in use on takes it never saw.

    Exits 0 where the learning came to a verdict, circled or NG.
    """
    if history:
        show_history(show, as_json)
        return
    tally = Tally("learn")
    code = 1
    try:
        with connected() as client, view_of("learn") as view, cancelling(client, tally):
            follow(client, client.learn(show, minutes, expert or (), fresh=fresh), tally, view)
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
    rows: list[Sequence[Value]] = []
    for one in learn.experts:
        verdict = "circled" if one.circled else "NG"
        rows.append((one.expert, "candidate", round(one.candidate, 2), one.unit, verdict, one.steps))
        rows.append((one.expert, "in use before", round(one.in_use, 2), one.unit, None, None))
        rows += [
            (one.expert, PEERS.get(name, name), round(score, 2), PEER_UNITS.get(name, one.unit), None, None)
            for name, score in sorted(one.peers.items())
        ]
    result_table(("expert", "on held-out takes", "score", "in", "verdict", "steps"), rows)
    takes = f"learnt from {learn.takes_learnt} takes, {learn.takes_held_out} held out"
    result(f"{learn.message.removesuffix('.')} ({takes})")
