"""What stands between the command line and the school: the device, the bars, Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import torch
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from interneg.commands.console import console_on, say
from interneg.errors import RequestError
from interneg.model.precision import is_quicker_in_bfloat16
from interneg.soundstage.teaching.curriculum import Plan, teach
from interneg.soundstage.teaching.progress import Report
from interneg.soundstage.teaching.teach import School


def run_lessons(plan: Plan, device: str, seed: int) -> tuple[str, ...]:
    """The experts that finished their lessons, shown as they go; Ctrl-C leaves a checkpoint and ends them.

    Checkpoints, CSVs and plots lie beside the stage, in STAGE-teach.
    """
    chosen, stop = device_named(device), threading.Event()
    stage = plan.stage.resolve()
    with _shown(plan) as show, _stopping(stop):
        folder = stage.with_name(f"{stage.name}-teach")
        return teach(plan, School(folder, chosen, seed, is_quicker_in_bfloat16(chosen), show, stop))


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
    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[said]}"),
    )
    with Progress(*columns, console=console_on(sys.stderr), disable=not sys.stderr.isatty()) as progress:
        yield _Bars(plan, progress)
