"""The command line: `serve` starts the service, every other verb is a client of it.

Exits 0 where all that was asked for was done (every frame delivered), 1 where some was not, 2 for wrong use.
"""

from __future__ import annotations

import os
import sys
import traceback

import typer

from interneg.commands import (
    daemon,
    dailies,
    doctor,
    hosts,
    jobs,
    learning,
    models,
    plates,
    productions,
    relight,
    soundstage,
    stage_render,
)
from interneg.commands.console import WRONG_USE, Value, exit_code_of, result_object, say_error
from interneg.commands.options import verb
from interneg.commands.tally import Tally
from interneg.errors import InternegError
from interneg.settings import load_settings
from interneg_bridge import errors as client_errors


def build() -> typer.Typer:
    """The command line with all its verbs."""
    app = typer.Typer(
        help="Plates cleaned, reframed and relit by a model of one production.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command()(daemon.serve)
    app.command()(daemon.stop)
    app.command()(daemon.status)
    app.command()(doctor.doctor)
    app.add_typer(productions.app, name="production")
    app.add_typer(dailies.app, name="dailies")
    app.command()(learning.learn)
    app.add_typer(models.app, name="model")
    app.command()(models.report)
    app.command("clean")(verb(plates.CleanOptions, plates.clean))
    app.command("wires")(verb(plates.WiresOptions, plates.wires))
    app.command("reframe")(verb(plates.ReframeOptions, plates.reframe))
    app.command("relight")(verb(relight.RelightOptions, relight.relight))
    app.add_typer(jobs.app, name="jobs")
    soundstage.app.command()(stage_render.render)
    app.add_typer(soundstage.app, name="soundstage")
    app.command()(hosts.install)
    app.command()(hosts.uninstall)
    return app


def main() -> None:
    """Runs the command line and exits."""
    wants_object = "--json" in sys.argv
    try:
        build()()
    except (InternegError, client_errors.ClientError) as error:
        _fail(str(error), wants_object)
        sys.exit(exit_code_of(error))
    except SystemExit as ended:
        if ended.code == WRONG_USE and wants_object:
            result_object(_failure("wrong use: standard error says more"))
        raise
    except BrokenPipeError:  # whoever read the output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the top of the program
        _fail(f"something unforeseen went wrong ({type(error).__name__}); {_written_down()}", wants_object)
        sys.exit(1)


def _fail(message: str, wants_object: bool) -> None:
    """Says what was wrong."""
    if wants_object:
        result_object(_failure(message))
    say_error(message)


def _failure(message: str) -> dict[str, Value]:
    """The object of `--json` where nothing was begun."""
    noun = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    tally = Tally(noun, (), error=message)
    if noun in ("clean", "reframe", "relight", "wires"):
        return tally.as_render()
    return tally.as_learn("") if noun == "learn" else {"error": message}


def _written_down() -> str:
    """Where the traceback was written to, for whoever mends it."""
    try:
        path = load_settings().log_path.with_name("client.log")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as log:
            traceback.print_exc(file=log)
    except (InternegError, OSError):
        return "its traceback could not be written down"
    return f"{path} says more"
