"""The score as it is kept: an object for machines, a page for people, contact sheets of what was good and bad."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from interneg.production.provenance import versions_here
from interneg.soundstage.teaching.figures import by_kind, mean, merit, ranked
from interneg.soundstage.teaching.samples import OURS, Sample
from interneg.soundstage.teaching.score import Scores
from interneg.soundstage.teaching.score_light import ALBEDO, NORMALS, RELIGHT
from interneg.soundstage.teaching.score_thin import DRAWN_WIRES, FILLED_BLOBS, FILLED_WIRES, RENDERED_WIRES

Codes = npt.NDArray[np.uint8]

EXPERT_OF = {
    NORMALS: "intrinsics",
    ALBEDO: "intrinsics",
    RELIGHT: "lamp",
    RENDERED_WIRES: "wires",
    DRAWN_WIRES: "wires",
    FILLED_WIRES: "spatial",
    FILLED_BLOBS: "spatial",
}
WORST = 5  # scenes listed a task
CELL_WIDTH = 240  # pixels of a contact sheet
STRIP = 18  # pixels of its captions


def report(scores: Scores, model: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that was measured, as JSON can say it; `model` says what was scored."""
    tasks = [row.task for row in scores.table]
    return {
        "date": time.strftime("%Y-%m-%d"),
        "commit": _commit(),
        "machine": machine(),
        "versions": versions_here(),
        "model": dict(model),
        "scenes": scores.scenes,
        "kinds": scores.kinds,
        "table": [asdict(row) for row in scores.table],
        "holds": [asdict(hold) for hold in scores.holds],
        "by_kind": {task: list(_kinds(scores.samples, task)) for task in tasks},
        "worst": {task: [_said(sample) for sample in ranked(scores.samples, task)[-WORST:]] for task in tasks},
        "samples": [{**_said(sample), "task": sample.task, "shift": sample.shift} for sample in scores.samples],
    }


def _commit() -> str:
    asked = ("git", "describe", "--always", "--dirty")
    said = subprocess.run(asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return said.stdout.strip()


def machine() -> str:
    """What it ran on, in a few words."""
    if torch.cuda.is_available():
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    return f"{torch.get_num_threads()} CPU threads, {torch.backends.cpu.get_cpu_capability()}, no GPU"


def scores_by_expert(said: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """A report's figures as a base model's header keeps them: ours, and against the baseline."""
    found: dict[str, dict[str, float]] = {}
    for row in said["table"]:
        scores = found.setdefault(EXPERT_OF[row["task"]], {})
        scores |= {row["task"]: row["ours"], f"{row['task']}, against {row['baseline']}": row["figure"]}
    return found


def _kinds(samples: Sequence[Sample], task: str) -> Iterator[dict[str, Any]]:
    for kind, some in by_kind(samples, task).items():
        yield {"kind": kind, "plates": len(some), **{name: mean(some, name) for name in some[0].values}}


def _said(sample: Sample) -> dict[str, Any]:
    return {"seed": sample.seed, "kind": sample.kind, "values": dict(sample.values)}


def page(said: Mapping[str, Any]) -> str:
    """The report as a page of Markdown."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in said["kinds"].items())
    head = [
        f"# The base model's score, {said['date']}",
        "",
        f"{said['scenes']} scenes that it was never taught on ({kinds}); {said['machine']}; commit {said['commit']}.",
        "",
    ]
    return "\n".join([*head, *tables(said)]) + "\n"


def tables(said: Mapping[str, Any]) -> list[str]:
    """The tables of a report, as lines of Markdown."""
    lines = ["| | ours: mean, median (10 % to 90 %) | baseline | against it | asked | reached |", "|" + "---|" * 6]
    lines += [_table_line(row) for row in said["table"]]
    lines += ["", "All baselines:", "", "| | plates | ours | others |", "|---|---|---|---|"]
    lines += [_baselines_line(row) for row in said["table"]]
    lines += ["", "Exposed or balanced otherwise, against the same plates as they were shot:", ""]
    lines += ["| | shift | as shot | shifted | change | holds |", "|" + "---|" * 6]
    lines += [_hold_line(hold) for hold in said["holds"]]
    for task, kinds in said["by_kind"].items():
        lines += ["", f"By kind of set, {task}:", "", *_kind_lines(kinds)]
    lines += ["", "The worst:", ""]
    for task, worst in said["worst"].items():
        named = [f"{one['seed']:06d} {one['kind']} ({one['values'][OURS]:.3g})" for one in reversed(worst)]
        lines.append(f"- {task}: {', '.join(named)}")
    return lines


def _table_line(row: Mapping[str, Any]) -> str:
    reached = "yes" if row["reached"] else "**no**"
    ours = f"{row['ours']:.4g}, {row['median']:.4g} ({row['low']:.3g} to {row['high']:.3g}) {row['unit']}"
    against = f"{row['figure']:+.2f} dB" if row["unit"] == "dB" else f"{row['figure']:.2f} of it"
    baseline = f"{row['baseline']}: {row['baselines'][row['baseline']]:.4g}"
    return f"| {row['task']} | {ours} | {baseline} | {against} | {row['asked']} | {reached} |"


def _baselines_line(row: Mapping[str, Any]) -> str:
    others = ", ".join(f"{name} {value:.4g}" for name, value in row["baselines"].items())
    return f"| {row['task']} | {row['plates']} | {row['ours']:.4g} {row['unit']} | {others} |"


def _hold_line(hold: Mapping[str, Any]) -> str:
    change = f"{hold['change']:+.2f} dB" if hold["task"].startswith("fill") else f"{hold['change']:+.1%}"
    reached = "yes" if hold["reached"] else "**no**"
    return (
        f"| {hold['task']} | {hold['shift']} | {hold['as_shot']:.4g} | {hold['shifted']:.4g} | {change} | {reached} |"
    )


def _kind_lines(kinds: Sequence[Mapping[str, Any]]) -> list[str]:
    names = [name for name in kinds[0] if name not in ("kind", "plates")]
    lines = [f"| | plates | {' | '.join(names)} |", "|" + "---|" * (len(names) + 2)]
    for kind in kinds:
        cells = " | ".join(f"{kind[name]:.4g}" for name in names)
        lines.append(f"| {kind['kind']} | {kind['plates']} | {cells} |")
    return lines


def write_report(said: Mapping[str, Any], folder: Path) -> None:
    """Writes score.json and score.md into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "score.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    (folder / "score.md").write_text(page(said), encoding="utf-8")


def write_sheets(samples: Sequence[Sample], tasks: Sequence[str], folder: Path) -> list[Path]:
    """Writes a contact sheet for each task: the two best, two from the middle, the two worst."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for task in tasks:
        order = ranked(samples, task)
        places = sorted(
            {0, 1, (len(order) - 1) // 2, len(order) // 2, len(order) - 2, len(order) - 1} & set(range(len(order)))
        )
        rows = [_row(order[place], f"{place + 1} of {len(order)}") for place in places]
        path = folder / f"{task.replace(', ', '-').replace(' ', '-')}.png"
        cv2.imwrite(str(path), np.concatenate(rows))
        written.append(path)
    return written


def _row(sample: Sample, place: str) -> Codes:
    cells = [_cell(picture) for picture in sample.pictures.values()]
    row = np.concatenate(cells, axis=1)
    said = f"{place}: {sample.name}, ours {sample.values[OURS]:.4g} (ranked by {merit(sample):+.3g})"
    return np.concatenate([_strip([said], row.shape[1]), _strip(list(sample.pictures), row.shape[1]), row])


def _strip(captions: Sequence[str], width: int) -> Codes:
    strip = np.full((STRIP, width, 3), 24, np.uint8)
    for index, caption in enumerate(captions):
        at = (index * CELL_WIDTH + 4, STRIP - 5)
        cv2.putText(strip, caption, at, cv2.FONT_HERSHEY_SIMPLEX, 0.36, (220, 220, 220), 1, cv2.LINE_AA)
    return strip


def _cell(picture: Codes) -> Codes:
    height = round(picture.shape[0] * CELL_WIDTH / picture.shape[1])
    way = cv2.INTER_AREA if picture.shape[1] > CELL_WIDTH else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (CELL_WIDTH, height), interpolation=way)[..., ::-1], np.uint8)
