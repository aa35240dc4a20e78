"""`interneg production create | list | show | delete`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from interneg.commands.console import Value, result, result_object, result_table
from interneg.commands.daemon import AsJson
from interneg.commands.launch import connected
from interneg.commands.profile_view import profile_values, rhythm_said, show_profile
from interneg_proto.v1 import production_service_pb2

app = typer.Typer(help="Productions: a show, its dailies and what was learnt from them.", no_args_is_help=True)

Show = Annotated[str, typer.Argument(metavar="SHOW", help="The production's name.", show_default=False)]


@app.command()
def create(show: Show, as_json: AsJson = False) -> None:
    """Creates a production; one of that name that is there already stays as it is."""
    with connected() as client:
        production = client.create_production(show)
    if as_json:
        result_object(_values(production))
    else:
        result(f"created {production.show} in {production.folder}")


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """Lists all productions."""
    with connected() as client:
        productions = client.list_productions()
    if as_json:
        result_object({"productions": [_values(production) for production in productions]})
        return
    rows = [(each.show, each.takes, each.circled_version, each.folder) for each in productions]
    result_table(("show", "takes", "circled", "folder"), rows)


@app.command("show")
def show_one(show: Show, as_json: AsJson = False) -> None:
    """Shows one production, with what its dailies say of its cameras, its setups and how they move."""
    with connected() as client:
        values, profile = _values(client.get_production(show)), client.get_profile(show)
    if as_json:
        result_object({**values, "profile": profile_values(profile)})
        return
    values["created"] = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(_number(values.pop("created_unix_seconds"))))
    result_table(("production", ""), [(name.replace("_", " "), _joined(value)) for name, value in values.items()])
    show_profile(profile)


@app.command()
def cut(show: Show, file: Annotated[Path, typer.Argument(metavar="FILE", help="An EDL or OTIO file.")]) -> None:
    """Reads the show's cut for its rhythm, which its profile then has."""
    with connected() as client:
        result(rhythm_said(client.read_cut(show, str(file.absolute()))))


@app.command()
def delete(show: Show) -> None:
    """Deletes a production with all that was learnt from it; the dailies themselves are not touched."""
    with connected() as client:
        client.delete_production(show)
    result(f"deleted {show}; its dailies are where they were")


def _values(production: production_service_pb2.Production) -> dict[str, Value]:
    """A production's values by name."""
    return {
        "show": production.show,
        "folder": production.folder,
        "schema_version": production.schema_version,
        "created_unix_seconds": production.created_unix_seconds,
        "takes": production.takes,
        "circled_version": production.circled_version,
        "model_versions": list(production.model_versions),
    }


def _number(value: Value) -> float:
    """A value that is a number."""
    return float(value) if isinstance(value, int | float) else 0.0


def _joined(value: Value) -> Value:
    """A list in one line."""
    return ", ".join(map(str, value)) if isinstance(value, list) else value
