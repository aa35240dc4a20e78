"""`interneg dailies add | watch | list`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from interneg.commands.console import Value, result, result_object, result_table, say
from interneg.commands.daemon import AsJson
from interneg.commands.launch import connected
from interneg.commands.productions import Show
from interneg_proto.v1 import production_service_pb2

app = typer.Typer(help="Dailies: the takes of a show.", no_args_is_help=True)

_TAKE_FIELDS = (
    "id", "path", "setup", "take", "codec", "first_frame", "last_frame", "frames", "fps", "width", "height",
    "colourspace", "timecode", "reel", "camera", "lens",
)  # fmt: skip


@app.command()
def add(
    show: Show,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Movies, sequences, or folders.")],
    as_json: AsJson = False,
) -> None:
    """Ingests dailies; exits 1 where something that was found is no take."""
    counts = {"added": 0, "known": 0, "refused": 0}
    events: list[Value] = []
    with connected() as client:
        for event in client.add_dailies(show, [absolute(path) for path in paths]):
            outcome = event.WhichOneof("outcome") or "refused"
            counts[outcome] += 1
            events.append({"path": event.path, "outcome": outcome, "reason": event.refused, "notice": event.notice})
            say(_said(event))
    if as_json:
        result_object({"show": show, **counts, "dailies": events})
    else:
        result(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    raise typer.Exit(1 if counts["refused"] else 0)


@app.command()
def watch(
    show: Show,
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder to watch.")],
    learn_minutes: Annotated[
        float, typer.Option("--learn-minutes", metavar="N", help="How long new takes are learnt; 0: not.", min=0)
    ] = 10.0,
) -> None:
    """Watches a folder until Ctrl-C, ingests what has settled, and learns new takes once it is quiet."""
    with connected() as client, suppress(KeyboardInterrupt):
        for told in client.watch_dailies(show, absolute(folder), learn_minutes):
            if told.HasField("event"):
                say(_said(told.event))
            elif told.learn_job:
                say(f"it is quiet: {told.learn_job} learns the new takes for {learn_minutes:g} minutes")
            else:
                say(f"watching {absolute(folder)}; Ctrl-C ends the watch")


@app.command("list")
def list_takes(show: Show, as_json: AsJson = False) -> None:
    """Lists a show's takes, by slate and path."""
    with connected() as client:
        takes = client.list_takes(show)
    if as_json:
        values: list[Value] = [{name: getattr(take, name) for name in _TAKE_FIELDS} for take in takes]
        result_object({"show": show, "takes": values})
        return
    columns = ("setup", "take", "frames", "fps", "size", "codec", "colour space", "path")
    result_table(columns, [_row(take) for take in takes])


def absolute(path: str) -> str:
    """The path as the daemon must be told it."""
    return str(Path.cwd() / path)


def _row(take: production_service_pb2.Take) -> tuple[Value, ...]:
    """One take in the list."""
    frames = f"{take.first_frame}-{take.last_frame} ({take.frames})"
    size = f"{take.width}x{take.height}"
    return (take.setup, take.take, frames, take.fps or None, size, take.codec, take.colourspace, take.path)


def _said(event: production_service_pb2.DailiesEvent) -> str:
    """What came of one file, in a line."""
    match event.WhichOneof("outcome"):
        case "added":
            slate = " ".join(filter(None, (event.added.setup, event.added.take))) or "no slate"
            notice = f"; {event.notice}" if event.notice else ""
            frames = f"{event.added.frames} frame{'s' if event.added.frames != 1 else ''}"
            return f"added {event.path} ({slate}, {frames}){notice}"
        case "known":
            return f"known already: {event.path}"
        case _:
            named = event.refused.startswith(event.path)
            return f"refused {event.refused}" if named else f"refused {event.path}: {event.refused}"
