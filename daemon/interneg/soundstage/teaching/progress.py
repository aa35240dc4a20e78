"""How a lesson goes, written down: a CSV with one line a report, and its plot."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from interneg.errors import NotFoundError

FEW = 20  # reports, up to which each is marked


@dataclass(frozen=True)
class Report:
    """How far an expert has come: loss is the mean since the last report, held-out loss that of scenes never seen."""

    steps: int
    seconds: float
    spent: float  # share of the budget
    scenes: int
    learning_rate: float
    loss: float
    held_out_loss: float | None = None


class Logbook:
    """The CSV of one expert; a run that goes on drops the lines that its checkpoint does not know of."""

    def __init__(self, path: Path, steps: int) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [report for report in read_reports(path) if report.steps <= steps] if steps else []
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([field.name for field in fields(Report)])
            writer.writerows(_row(report) for report in kept)

    def add(self, report: Report) -> None:
        """Writes a line, on the disk at once."""
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(_row(report))


def _row(report: Report) -> list[str]:
    return ["" if value is None else f"{value:.7g}" for value in asdict(report).values()]


def read_reports(path: Path) -> list[Report]:
    """The lines of a lesson's CSV; none where there is no such file, and a line that was cut short is left out."""
    if not path.is_file():
        return []
    reports = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            try:
                reports.append(_report(row))
            except (TypeError, ValueError, KeyError):
                continue
    return reports


def _report(row: dict[str, str]) -> Report:
    return Report(
        int(float(row["steps"])),
        float(row["seconds"]),
        float(row["spent"]),
        int(float(row["scenes"])),
        float(row["learning_rate"]),
        float(row["loss"]),
        float(row["held_out_loss"]) if row["held_out_loss"] else None,
    )


def plot(expert: str, reports: Sequence[Report], path: Path) -> None:
    """Draws the losses over the minutes of teaching, and how many scenes there were.

    Raises:
        NotFoundError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.ticker import StrMethodFormatter
    except ImportError as error:
        raise NotFoundError("Plots need matplotlib: pip install 'interneg[soundstage]'.") from error
    figure = Figure(figsize=(7.2, 4.0), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    minutes = [report.seconds / 60 for report in reports]
    marker = "." if len(reports) < FEW else ""  # a line through one point is none
    axes.plot(
        minutes,
        [report.loss for report in reports],
        marker=marker,
        color="#8fa3b8",
        linewidth=0.9,
        label="taught scenes",
    )
    held = [(report.seconds / 60, report.held_out_loss) for report in reports if report.held_out_loss is not None]
    if held:
        axes.plot(
            *zip(*held, strict=True),
            marker=marker,
            color="#c4501b",
            linewidth=1.8,
            label="held-out scenes, averaged weights",
        )
    axes.set_yscale("log")
    for ticks in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
        ticks(StrMethodFormatter("{x:.3g}"))
    axes.set(title=expert, xlabel="minutes of teaching", ylabel="loss")
    axes.grid(True, which="both", alpha=0.2)
    scenes = axes.twinx()
    scenes.plot(minutes, [report.scenes for report in reports], color="#4d7d4d", linewidth=0.9, linestyle=":")
    scenes.set_ylabel("scenes (dotted)")
    scenes.set_ylim(bottom=0)
    axes.legend(loc="upper right", frameon=False)
    figure.savefig(path)
