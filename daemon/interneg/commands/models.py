"""`interneg model use | export | import`, and the history that `interneg learn --history` shows."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from interneg.commands.console import Value, result, result_object, result_table
from interneg.commands.launch import connected
from interneg.commands.productions import Show
from interneg_proto.v1 import training_service_pb2

app = typer.Typer(help="The versions of a show's model.", no_args_is_help=True)

Version = Annotated[str, typer.Argument(metavar="VERSION", help="Such as v003.", show_default=False)]
_VERDICTS = {
    training_service_pb2.VERDICT_UNSPECIFIED: "imported",
    training_service_pb2.VERDICT_CIRCLED: "circled",
    training_service_pb2.VERDICT_NG: "NG",
}


@app.command()
def use(show: Show, version: Version) -> None:
    """Takes a version into use from the next job on; `base` goes back to what came with Interneg."""
    with connected() as client:
        client.use_version(show, version)
    result(f"{show} is answered for by {version} from the next job on")


@app.command("export")
def export(
    show: Show,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.", show_default=False)],
    version: Annotated[str, typer.Option("--version", metavar="VERSION", help="The one in use else.")] = "",
) -> None:
    """Writes a version into a file, for the same production elsewhere."""
    with connected() as client:
        written = client.export_version(show, version, str(path.absolute()))
    result(f"{show} {written.version} is in {path} ({written.bytes / 1e6:.1f} MB)")


@app.command("import")
def import_(
    show: Show,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="What was exported.", show_default=False)],
) -> None:
    """Keeps an exported model of the same production and base as a version; `model use` takes it into use."""
    with connected() as client:
        version = client.import_version(show, str(path.absolute()))
    result(f"kept as {version}, and not in use yet: `interneg model use {show} {version}`")


def report(
    show: Show,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="SHOW.html here else.")] = None,
) -> None:
    """Writes one HTML page: what was learnt from, how good it was found, contact sheets, and the show's profile."""
    path = out or Path(f"{show}.html")
    with connected() as client:
        size = client.write_report(show, str(path.absolute()))
    result(f"{path} ({size / 1e6:.1f} MB)")


def show_history(show: str, as_json: bool) -> None:
    """Every version with its verdict, oldest first, on standard output."""
    with connected() as client:
        versions = client.list_versions(show)
    if as_json:
        result_object({"show": show, "versions": [_values(version) for version in versions]})
        return
    rows = [
        (one.version, _VERDICTS[one.verdict], one.in_use, one.is_there, _when(one), *shown)
        for one in versions
        for shown in _experts(one)
    ]
    result_table(
        ("version", "verdict", "in use", "there", "reviewed", "expert", "its verdict", "score", "in use then"), rows
    )


def _values(version: training_service_pb2.ModelVersion) -> dict[str, Value]:
    return {
        "version": version.version,
        "verdict": _VERDICTS[version.verdict],
        "in_use": version.in_use,
        "is_there": version.is_there,
        "reviewed_unix_seconds": version.reviewed_unix_seconds,
        "figures": dict(version.figures),
    }


def _when(version: training_service_pb2.ModelVersion) -> str:
    """When it was reviewed, by this machine's clock."""
    seconds = version.reviewed_unix_seconds
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else ""


def _experts(version: training_service_pb2.ModelVersion) -> list[tuple[Value, ...]]:
    """A row for each expert that was reviewed; an empty one where none was."""
    figures = dict(version.figures)
    names = sorted({name.partition(".")[0] for name in figures})
    rows: list[tuple[Value, ...]] = [
        (
            name,
            "circled" if figures.get(f"{name}.circled") else "NG",
            round(figures.get(f"{name}.candidate", 0.0), 2),
            round(figures.get(f"{name}.in_use", 0.0), 2),
        )
        for name in names
    ]
    return rows or [(None,) * 4]
