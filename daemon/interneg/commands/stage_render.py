"""`interneg soundstage render`: scenes of our own making, with the truth beside every frame.

What makes sets is imported when it is asked for: no other verb has to wait for it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from interneg.commands.console import console_on, result, say, say_error
from interneg.errors import RequestError

MOST_PIXELS = 4096


def render(
    stage: Annotated[Path, typer.Argument(help="The folder of the stage; scenes that are in it are not made again.")],
    seeds: Annotated[str, typer.Option(help="Which scenes, as 0-399.")] = "0-99",
    processes: Annotated[int, typer.Option(min=1, help="Scenes made at the same time.")] = os.cpu_count() or 1,
    lamp_size: Annotated[str, typer.Option(help="Width and height of the lamps' images, as 192x144.")] = "192x144",
    plate_size: Annotated[str, typer.Option(help="Width and height of the plates, as 384x288.")] = "384x288",
    lamps: Annotated[int, typer.Option(min=2, max=64, help="Lamps around each set, one image each.")] = 6,
    samples: Annotated[int, typer.Option(min=1, help="Rays through each pixel of a lamp's image.")] = 12,
    plate_samples: Annotated[int, typer.Option(min=1, help="Rays through each pixel of a plate.")] = 96,
    kind: Annotated[str, typer.Option(help="Sets of one kind that no base model is taught on: chapel or dock.")] = "",
    nobody: Annotated[bool, typer.Option("--nobody", help="No people: nothing of theirs is loaded.")] = False,
) -> None:
    """Renders scenes with their truth; goes on where an earlier run was interrupted."""
    from interneg.plates.frames import parse_frames
    from interneg.soundstage.archive import Stage
    from interneg.soundstage.rendering import Progress
    from interneg.soundstage.rendering import render as render_scenes
    from interneg.soundstage.sheet import write_sheet
    from interneg.soundstage.stage import Order
    from interneg.soundstage.variant import SLOW, found_variant

    order = Order(_size(lamp_size), _size(plate_size), lamps, samples, plate_samples, not nobody, _kind(kind))
    variant = found_variant()
    if variant[0] == SLOW:
        say("No LLVM 17 or newer was found: rendering takes several times as long (see the README).")
    wanted = parse_frames(seeds)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Bar(TextColumn("{task.description}"), *columns, console=console_on(sys.stderr)) as bar:
        task = bar.add_task("rendering", total=len(wanted))

        def tell(progress: Progress) -> None:
            bar.update(task, completed=progress.done, description=progress.message)

        failed = render_scenes(Stage(stage), wanted, order, variant, processes, tell)
    scenes = Stage(stage).scenes()
    if scenes:
        write_sheet(scenes, stage / "contact-sheet.png")
        result(f"{len(scenes)} scenes stand in {stage}; look at {stage / 'contact-sheet.png'}.")
    for seed, error in sorted(failed.items()):
        say_error(f"scene {seed} failed: {error}")
    if failed:
        raise typer.Exit(1)


def _kind(name: str) -> str:
    from interneg.soundstage.sets.untaught import UNTAUGHT

    if name and name not in UNTAUGHT:
        raise RequestError(
            f"The kind {name!r} is none that is kept from teaching: name one of {', '.join(UNTAUGHT)}, or none."
        )
    return name


def _size(text: str) -> tuple[int, int]:
    """A size as it is said: 192x144."""
    width, _, height = text.partition("x")
    if not all(side.isdecimal() and 8 <= int(side) <= MOST_PIXELS for side in (width, height)):
        raise RequestError(f"The size {text!r} is not a width and a height from 8 to {MOST_PIXELS}: say it as 192x144.")
    return int(width), int(height)
