"""The model card: what people wrote of the base model, and in its midst what was measured and how it was taught."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import cv2

from interneg.errors import NotFoundError, RequestError
from interneg.soundstage.archive import Stage, StagedScene
from interneg.soundstage.teaching.lesson import is_taught
from interneg.soundstage.teaching.progress import plot, read_reports
from interneg.soundstage.teaching.score_report import tables

JPEG_QUALITY = 86  # of contact sheets in the repository: they are looked at, not measured
_BLOCK = "<!-- measured: {} -->"
_END = "<!-- end -->"

BLANK = "\n\n".join(
    [
        "# The base model",
        "## What it was taught on",
        f"{_BLOCK.format('stage')}\n{_END}",
        "## How it was taught",
        f"{_BLOCK.format('lessons')}\n{_END}",
        "## What it reaches",
        f"{_BLOCK.format('figures')}\n{_END}",
    ]
)
"""A card that nobody has written anything into yet."""


def write_card(score_file: Path, lessons: Path, stage: Path | None, out: Path) -> None:
    """Writes what was measured into the card's marked places; every other word of it stays as it is.

    Convention: plots, CSVs and contact sheets are put into a folder beside the card that has its name.

    Raises:
        NotFoundError: the score is not there.
        RequestError: the score or the card's marked places are damaged.
    """
    said = _score(score_file)
    pictures = out.with_suffix("")
    pictures.mkdir(parents=True, exist_ok=True)
    blocks = {
        "stage": _stage_lines(said, stage),
        "lessons": [*_lesson_lines(said["model"]), *_plots(lessons, said["model"]["recipe"], pictures)],
        "figures": [*_figure_lines(said), *_sheets(score_file.parent, pictures)],
    }
    text = out.read_text(encoding="utf-8") if out.is_file() else BLANK + "\n"
    for name, lines in blocks.items():
        text = _filled(text, name, "\n".join(lines), out)
    out.write_text(text, encoding="utf-8")


def _score(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFoundError(
            f"{path}: no score can be read there; make one with `interneg soundstage score`."
        ) from error
    except ValueError as error:
        raise RequestError(f"{path}: not the JSON of a score ({error}); name a score.json.") from error
    if not isinstance(said, dict) or not {"table", "holds", "by_kind", "worst", "model"} <= set(said):
        raise RequestError(f"{path}: not a score; name the score.json that `interneg soundstage score` wrote.")
    return said


def _filled(text: str, name: str, content: str, card: Path) -> str:
    marked = re.compile(f"({re.escape(_BLOCK.format(name))}\n).*?({re.escape(_END)})", re.DOTALL)
    if not marked.search(text):
        raise RequestError(f"{card}: it has no place {_BLOCK.format(name)} ... {_END}; put it where that belongs.")
    return marked.sub(lambda found: f"{found[1]}\n{content}\n\n{found[2]}", text, count=1)


def _stage_lines(said: Mapping[str, Any], stage: Path | None) -> list[str]:
    model = said["model"]
    taught = model["stage"]
    lines = [
        f"{len(taught['seeds'])} scenes of {len(taught['kinds'])} kinds of sets: {', '.join(taught['kinds'])}.",
        "One scene in eight, by its seed, was never learnt from.",
    ]
    if stage is None:
        return lines
    scenes = [StagedScene.open(folder) for folder in Stage(stage).scenes() if is_taught(int(folder.name))]
    counts = {
        "kind of set": Counter(scene.kind for scene in scenes),
        "people in it": Counter(str(scene.said.get("people", 0)) for scene in scenes),
        "fault": Counter(fault for scene in scenes for fault in scene.faults),
        "frames": Counter(str(len(scene.frames)) for scene in scenes),
    }
    lamps = sum(len(scene.lamps) for scene in scenes)
    lines += ["", f"{lamps} lamps, each rendered alone, beside practicals and surroundings.", ""]
    lines += ["| | scenes |", "|---|---|"]
    return lines + [f"| {what} | {_counted(count.items())} |" for what, count in counts.items() if count]


def _counted(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts))


def _lesson_lines(model: Mapping[str, Any]) -> list[str]:
    lines = [f"Version {model['version']}, fingerprint of its weights {model['hash'][:16]}.", ""]
    recipe = model["recipe"]
    names = list(dict.fromkeys(name for said in recipe.values() for name in said))
    lines += [f"| | {' | '.join(recipe)} |", "|" + "---|" * (len(recipe) + 1)]
    for name in names:
        cells = [_cell(said.get(name, "")) for said in recipe.values()]
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")
    return lines


def _cell(value: float | int | str) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plots(lessons: Path, experts: Iterable[str], pictures: Path) -> list[str]:
    """The lessons' curves, drawn again from their CSVs, which are put beside them."""
    lines = []
    for expert in experts:
        reports = read_reports(lessons / f"{expert}.csv")
        if not reports:
            continue
        plot(expert, reports, pictures / f"{expert}.png")
        shutil.copyfile(lessons / f"{expert}.csv", pictures / f"{expert}.csv")
        lines += ["", f"![{expert}: loss over minutes]({pictures.name}/{expert}.png)"]
    return lines


def _figure_lines(said: Mapping[str, Any]) -> list[str]:
    kinds = ", ".join(f"{count} {kind}" for kind, count in said["kinds"].items())
    head = f"On {said['scenes']} scenes ({kinds}), seeds {said['model'].get('seeds', '')}, {said['date']}, commit"
    return [f"{head} {said['commit']}, on {said['machine']}.", "", *tables(said)]


def _sheets(folder: Path, pictures: Path) -> list[str]:
    """The contact sheets, small enough for the repository."""
    lines = []
    for path in sorted(folder.glob("*.png")):
        sheet = cv2.imread(str(path))
        if sheet is None:
            continue
        name = f"score-{path.stem}.jpg"
        cv2.imwrite(str(pictures / name), sheet, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        lines += ["", f"![{path.stem}: best, middling, worst]({pictures.name}/{name})"]
    return lines
