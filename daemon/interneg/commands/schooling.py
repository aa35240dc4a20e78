"""What stands between the command line and the school: the device, the bars, Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from interneg.commands.console import console_on, result_table, say
from interneg.errors import RequestError
from interneg.model.base import EXPERTS, SHIPPED, load_base, save_base
from interneg.model.precision import is_quicker_in_bfloat16
from interneg.plates.frames import parse_frames
from interneg.soundstage.archive import Stage
from interneg.soundstage.teaching.curriculum import Plan, teach
from interneg.soundstage.teaching.lesson import is_held_out
from interneg.soundstage.teaching.progress import Report
from interneg.soundstage.teaching.score import Experts, score
from interneg.soundstage.teaching.score_report import report, scores_by_expert, write_report, write_sheets
from interneg.soundstage.teaching.teach import School

_COLUMNS = (
    TextColumn("{task.description:>10}"),
    BarColumn(),
    TextColumn("{task.percentage:>3.0f} %"),
    TimeElapsedColumn(),
    TimeRemainingColumn(),
    TextColumn("{task.fields[said]}"),
)


def run_lessons(plan: Plan, device: str, seed: int) -> tuple[str, ...]:
    """The experts that finished their lessons, shown as they go; Ctrl-C leaves a checkpoint and ends them.

    Checkpoints, CSVs and plots lie beside the stage, in STAGE-teach.
    """
    chosen, stop = device_named(device), threading.Event()
    stage = plan.stage.resolve()
    with _shown(plan) as show, _stopping(stop):
        folder = stage.with_name(f"{stage.name}-teach")
        return teach(plan, School(folder, chosen, seed, is_quicker_in_bfloat16(chosen), show, stop))


def stamp(model: Path | None, said: Mapping[str, Any]) -> None:
    """Writes a report's figures into the base model's own header; the weights stay as they are, to the bit."""
    base = load_base(model)
    networks = {expert: getattr(base, expert) for expert in EXPERTS if expert not in base.untaught}
    scores = {**base.header.scores, **scores_by_expert(said)}
    save_base(model or SHIPPED, networks, replace(base.header, scores=scores))


def run_score(stage: Path, model: Path | None, seeds: str, device: str, folder: Path) -> dict[str, Any]:
    """The report of a base model on a stage, written into the folder with its page and its contact sheets."""
    chosen, base = device_named(device), load_base(model)
    with Progress(*_COLUMNS, console=console_on(sys.stderr), disable=not sys.stderr.isatty()) as bars:
        task = bars.add_task("scoring", total=None, said="")
        scores = score(
            stage,
            Experts.of(base, chosen),
            chosen_scenes(seeds, stage),
            lambda done, of: bars.update(task, completed=done, total=of),
        )
    said = report(scores, {"version": base.version, "hash": base.hash, **asdict(base.header), "seeds": seeds})
    write_report(said, folder)
    write_sheets(scores.samples, [row.task for row in scores.table], folder)
    return said


def chosen_scenes(seeds: str, stage: Path) -> Callable[[int], bool]:
    """Which scenes of a stage are scored, by seed; a stage of a kind that is never taught is held out whole."""
    if seeds in ("held-out", "all"):
        is_for_score = seeds == "all" or Stage(stage).kind
        return (lambda seed: True) if is_for_score else is_held_out
    chosen = set(parse_frames(seeds))
    return lambda seed: seed in chosen


def show_score(said: Mapping[str, Any]) -> None:
    """The score's table, on standard output."""
    columns = ("", "ours", "baseline", "against it", "asked", "reached", "holds when shifted")
    held = {
        row["task"]: all(hold["reached"] for hold in said["holds"] if hold["task"] == row["task"])
        for row in said["table"]
    }
    rows = [
        (
            row["task"],
            f"{row['ours']:.4g} {row['unit']}",
            f"{row['baselines'][row['baseline']]:.4g} {row['baseline']}",
            f"{row['figure']:.3g}",
            row["asked"],
            row["reached"],
            held[row["task"]],
        )
        for row in said["table"]
    ]
    result_table(columns, rows)


def device_named(name: str) -> torch.device:
    """The device of that name, or the quickest there is.

    Raises:
        RequestError: there is none of that name, or this machine has none.
    """
    if not name:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name not in ("cpu", "cuda"):
        raise RequestError(f"device '{name}': not known; name cpu or cuda.")
    if name == "cuda" and not torch.cuda.is_available():
        raise RequestError("device 'cuda': this machine has none that torch can use; name cpu.")
    return torch.device(name)


@contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    """Lets the first Ctrl-C (or a polite kill) end the lesson after its step, and the second end the program."""

    def heard(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Bars:
    """A bar for each expert on a terminal, a line a minute elsewhere."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self._progress, self._is_terminal, self._said = progress, sys.stderr.isatty(), -60.0
        self._tasks: dict[str, TaskID] = {}
        if self._is_terminal:
            self._tasks = {name: progress.add_task(name, total=1.0, start=False, said="") for name in plan.experts}

    def __call__(self, expert: str, report: Report) -> None:
        held_out = "" if report.held_out_loss is None else f", held out {report.held_out_loss:.4f}"
        said = f"step {report.steps}, {report.scenes} scenes, loss {report.loss:.4f}{held_out}"
        if self._is_terminal:
            self._progress.start_task(self._tasks[expert])
            self._progress.update(self._tasks[expert], completed=report.spent, said=said)
        elif abs(report.seconds - self._said) >= 60 or report.spent >= 1:
            self._said = report.seconds
            left = report.seconds * (1 / max(report.spent, 1e-6) - 1) / 60
            say(f"{expert}: {report.spent:.0%}, {left:.0f} min left, {said}")


@contextmanager
def _shown(plan: Plan) -> Iterator[_Bars]:
    with Progress(*_COLUMNS, console=console_on(sys.stderr), disable=not sys.stderr.isatty()) as progress:
        yield _Bars(plan, progress)
