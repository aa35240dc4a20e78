"""`interneg soundstage teach` and `score`: the base model, taught and judged on a stage of our own making.

What teaches and scores is imported when it is asked for: no other verb has to wait for torch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interneg.commands.console import result, result_object, say

app = typer.Typer(help="The rendered stage, and the base model that is taught on it.", no_args_is_help=True)

StageFolder = Annotated[Path, typer.Argument(metavar="STAGE", help="The stage's folder, as rendered.")]
Device = Annotated[str, typer.Option("--device", help="cpu or cuda; the quicker one where none is named.")]

_INTERRUPTED = 130  # as shells say of a program that Ctrl-C ended


@app.command()
def teach(
    stage: StageFolder,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The base model's file; others in it are kept.")],
    expert: Annotated[
        list[str] | None, typer.Option("--expert", metavar="NAME", help="Teach this one only; may be given again.")
    ] = None,
    minutes: Annotated[
        float, typer.Option("--minutes", metavar="N", help="For all experts together, over all runs.", min=0.01)
    ] = 120.0,
    steps: Annotated[
        int, typer.Option("--steps", metavar="N", help="So many steps an expert, instead of minutes.", min=0)
    ] = 0,
    device: Device = "",
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same weights.", min=0)] = 20261121,
    start: Annotated[
        Path | None, typer.Option("--start", metavar="FILE", help="Begin with this base's weights.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Do not go on from checkpoints of an earlier run.")] = False,
) -> None:
    """Teaches the base model on a rendered stage; an interrupted run goes on where it was when it is started again.

    Checkpoints, CSVs and plots are kept beside the stage, in STAGE-teach.
    """
    from interneg.commands.schooling import run_lessons
    from interneg.soundstage.teaching.curriculum import Plan, experts_named

    plan = Plan(stage, out, experts_named(expert or ()), minutes, steps, start, fresh)
    finished = run_lessons(plan, device, seed)
    for name in finished:
        result(f"{name}: taught, in {out}")
    if len(finished) < len(plan.experts):
        say("interneg: stopped; the same command goes on from the checkpoint")
        raise typer.Exit(_INTERRUPTED)


@app.command()
def score(
    stage: StageFolder,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="FILE", help="The base model; the one of this Interneg else.")
    ] = None,
    seeds: Annotated[
        str, typer.Option("--seeds", help="held-out: what no model was ever taught on; all; or a range as 0-99.")
    ] = "held-out",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Where the results go; else into STAGE-score.")
    ] = None,
    device: Device = "",
    stamped: Annotated[bool, typer.Option("--stamp", help="Write the figures into the model's own header.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Scores a base model on a rendered stage, its baselines in the same run: a page, an object, contact sheets."""
    from interneg.commands.schooling import run_score, show_score, stamp

    folder = out or stage.resolve().with_name(f"{stage.resolve().name}-score")
    said = run_score(stage, model, seeds, device, folder)
    if stamped:
        stamp(model, said)
    if as_json:
        result_object({key: value for key, value in said.items() if key != "samples"})
        return
    show_score(said)
    result(f"{folder / 'score.md'}")


@app.command()
def card(
    score_file: Annotated[Path, typer.Argument(metavar="SCORE", help="The score.json that `score` wrote.")],
    lessons: Annotated[Path, typer.Argument(metavar="LESSONS", help="The folder with the lessons' CSVs and plots.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The card; pictures go beside it.")],
    stage: Annotated[
        Path | None, typer.Option("--stage", help="The stage that was taught on, to say what is on it.")
    ] = None,
) -> None:
    """Writes the model card from a score, the lessons' plots, and the part of the card that people wrote."""
    from interneg.soundstage.teaching.card import write_card

    write_card(score_file, lessons, stage, out)
    result(str(out))
