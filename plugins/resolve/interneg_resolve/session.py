"""`interneg-resolve`: Interneg for DaVinci Resolve Studio, beside it.

The menu entry Workspace > Scripts > Interneg starts it: a panel in the browser, for the item at the playhead. The same
from a shell: interneg-resolve clean --show SHOW --matte matte.####.exr

Results are imported into the bin Interneg and placed as a take of the item, or above it on a track Interneg where
Resolve takes no take. A matte is named, or attached to the clip in the Media Pool, or stands above the item on a video
track Interneg Matte. Titles, generators, compound clips, stills and retimed items are refused by name; speed ramps can
be told only from Resolve 21.1 on.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from interneg_resolve.bench import Bench, bench_of_installation
from interneg_resolve.errors import WishError, artist_errors
from interneg_resolve.panel import run_panel
from interneg_resolve.run import answer, looked_at
from interneg_resolve.wish import OPERATORS, PATHS, PLACES, Wish, load_wish, save_wish, wish_from_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interneg_bridge.controls import NumberControl, TextControl

DONE, FAILED, WRONG_USE = 0, 1, 2


class Console:
    """A watcher that writes lines to standard error."""

    def say(self, line: str) -> None:
        """Writes the line."""
        print(line, file=sys.stderr, flush=True)

    def show(self, fraction: float, line: str) -> None:
        """Writes how far it is."""
        print(f"{fraction:4.0%}  {line}", file=sys.stderr, flush=True)

    def is_cancelled(self) -> bool:
        """Never: Ctrl-C ends it instead."""
        return False


def main(arguments: Sequence[str] | None = None, bench: Bench | None = None) -> int:
    """The exit code: 0 where the result stands on the timeline, 1 where not, 2 for wrong use."""
    flags = _parser().parse_args(arguments)
    try:
        bench = bench or bench_of_installation()
        return _obey(flags, bench)
    except WishError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except artist_errors() as error:
        print(error, file=sys.stderr)
        return FAILED


def _obey(flags: argparse.Namespace, bench: Bench) -> int:
    """Does what the verb says."""
    if flags.verb == "panel":
        return run_panel(bench, opens_browser=not flags.no_browser)
    if flags.verb == "inspect":
        print(looked_at(bench))
        return DONE
    wish = load_wish(bench.wish_path) if flags.verb == "again" else _wish_of(flags)
    save_wish(bench.wish_path, wish)
    report = answer(bench, wish, Console())
    if flags.json:
        print(json.dumps(asdict(report)))
    return DONE


def _wish_of(flags: argparse.Namespace) -> Wish:
    """The wish on the command line; what is not given is neutral."""
    known = {field.name for field in fields(Wish)}
    given = {name: value for name, value in vars(flags).items() if name in known}
    given.update({name: str(Path(given[name]).absolute()) for name in PATHS if given.get(name)})
    return wish_from_values({"operator": flags.verb, **given})


def _parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="interneg-resolve", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    parser.set_defaults(verb="panel", no_browser=False, json=False)  # after the verbs, which would set None
    panel = verbs.add_parser("panel", help="open the panel in the browser (also without a verb)")
    panel.add_argument("--no-browser", action="store_true", help="only print the panel's address")
    verbs.add_parser("inspect", help="say what stands at the playhead, and whether it can be worked on")
    again = verbs.add_parser("again", help="the last wish again, for the item at the playhead now")
    again.add_argument("--json", action="store_true", help="one object on standard output")
    for operator in OPERATORS:
        _add_operator(verbs.add_parser(operator, help=f"{operator} the item at the playhead"), operator)
    return parser


def _add_operator(verb: argparse.ArgumentParser, operator: str) -> None:
    """An operator's own flags, with the help of its controls."""
    from interneg_bridge.controls import operator_controls

    controls = operator_controls(operator)
    everything: tuple[TextControl | NumberControl, ...] = (*controls.texts, *controls.numbers)
    for control in everything:
        verb.add_argument(_flag(control.name), dest=control.name, default="", help=_help(control.help))
    if controls.takes_matte:
        verb.add_argument("--matte", default="", help="the matte: a sequence pattern or a movie, numbered as the plate")
    else:
        verb.add_argument("--keys", default="", help="a JSON file of framings by source frame")
    verb.add_argument("--colourspace", default="", help="the source's OpenColorIO space; empty: what the file says")
    verb.add_argument("--results-folder", default="", help="where results lie; empty: Interneg's own folder")
    verb.add_argument("--handles", default="", help="frames either side, where the media has them (12)")
    verb.add_argument("--place", choices=PLACES, default="take", help="as a take, or at once on a track above")
    verb.add_argument("--json", action="store_true", help="one object on standard output")


def _flag(name: str) -> str:
    """A control's flag as in `interneg`'s own command line."""
    short = {"grow_pixels": "grow", "roll_degrees": "roll", "model_version": "model"}
    return "--" + short.get(name, name).replace("_", "-")


def _help(text: str) -> str:
    """Help text as argparse takes it."""
    return text.replace("%", "%%")
