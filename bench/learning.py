"""`python -m bench.learning`: a show learnt from real footage, held out by shot; what an artist feels of it; switching.

Every figure has its peer in the same run: the base that the show started from, and the same lesson without the base.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from bench.beside import artists_frames, switching
from interneg.ingest import ingest
from interneg.model.base import BaseModel, load_base
from interneg.model.show import load_show
from interneg.plates.colour import ColourConfig
from interneg.production.provenance import versions_here
from interneg.production.store import Production, Store
from interneg.production.verdict import Verdict
from interneg.training.handfuls import examples_from
from interneg.training.learn import learn
from interneg.training.lesson import Lesson, Means, Wanted
from interneg.training.recipe import Recipe
from interneg.training.review import answers_of, scores_of
from interneg.training.takes import Example, split

ROOT = Path(__file__).resolve().parents[1]
CONFIG, CPU = ColourConfig(None), torch.device("cpu")
SHOWS = {
    "asl": ("takes_asl/takes",),
    "mixed": (
        "moving_city_cc0/cityCC0.mpg",
        "moving_dog_phone/VID_20191220_170832.mp4",
        "plate_cars/car-detection.mp4",
        "face_nasa/nasa_13013.mp4",
        "sam2_coffee/04_coffee.mp4",
        "sam2_juggle/05_default_juggle.mp4",
    ),
}
CLIPS_A_SHOT, DRAWS_A_CLIP = 4, 2
SHARES_OF_SCRATCH = (0.1, 1 / 3)
SLATE = r"(?P<setup>[a-z]+)_?(?P<take>\w*)"


@dataclass(frozen=True)
class ShotFigures:
    """One held-out shot: dB over the base where other frames saw a pixel, and where none did; NaN where none is."""

    shot: str
    seen: float
    unseen: float


def main() -> int:
    """Runs what was asked for."""
    asked = _parser().parse_args()
    if not asked.footage.is_dir():
        sys.stderr.write(f"No footage in {asked.footage}: name its folder with --footage.\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        clip = asked.footage / SHOWS["mixed"][0]
        dailies = asked.footage / SHOWS["asl"][0]
        result: dict[str, object] = {
            "switching": switching(home / "switching"),
            "artist": artists_frames(home / "artist", dailies, clip),
        }
        for name in asked.show or SHOWS:
            result[name] = _learnt(Store(home / name).create(name), asked)
    _write(asked.out, {**_circumstances(), "minutes": asked.minutes, **result})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.learning", description=__doc__)
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--show", action="append", choices=SHOWS, help="one of the shows; all of them else")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long fill and spatial may learn")
    parser.add_argument("--out", type=Path, help="the JSON to write")
    return parser


def _learnt(production: Production, asked: argparse.Namespace) -> dict[str, object]:
    """All figures of one show."""
    paths = [asked.footage / path for path in SHOWS[production.show]]
    list(ingest(production, [path for path in paths if path.exists()], SLATE, CONFIG))
    base, seconds = load_base(), asked.minutes * 60
    whole = _learn(production, base, seconds, "fill", "spatial")
    shots = _fill_over_base(production, whole, base)
    _print_shots(production.show, shots)
    wires = _learn(production, base, seconds / 2, "wires")
    goal, reached = _as_good_as_scratch(production, base, seconds)
    found = wires.experts[0]
    sys.stdout.write(f"wires: {found.candidate:.3f} IoU, base {found.in_use:.3f}\n")
    sys.stdout.write(f"scratch at its end {goal:.2f} dB; from the base that is reached in {reached} of the time\n")
    return {
        "fill": [vars(shot) for shot in shots],
        "fill_steps": whole.experts[0].steps,
        "wires": {"show": found.candidate, "base": found.in_use, "steps": found.steps},
        "scratch": {"db": goal, "share_of_its_time": reached},
    }


def _as_good_as_scratch(production: Production, base: BaseModel, seconds: float) -> tuple[float, float | None]:
    """What fill learnt without a base reaches at its end, and in what share of that time it is reached from the base.

    Convention: dB in the same held-out holes, each filled with the spatial network that its fill learnt beside.
    """
    held_out = _held_out(production, base)

    def decibels(from_base: BaseModel | None, share: float) -> float:
        verdict = _learn(production, from_base, seconds * share, "fill")
        fill = load_show(production.weights_file(verdict.version), production.show).fill
        spatial = from_base.spatial if from_base else None
        examples = [example.guessed(spatial, CPU) for shot in held_out.values() for example in shot]
        return scores_of(answers_of(fill, examples, CPU), examples).mean

    goal = decibels(None, 1)
    for share in SHARES_OF_SCRATCH:
        if decibels(base, share) >= goal:
            return goal, share
    return goal, None


def _learn(production: Production, base: BaseModel | None, seconds: float, *experts: str) -> Verdict:
    """Those experts learnt anew from that base, whatever was circled before."""
    production.circle(None)

    def told(fraction: float, message: str, remaining: float) -> None:
        sys.stderr.write(f"\r{production.show} {' '.join(experts)} {fraction:4.0%} {message:60.60}")

    wanted = Wanted(seconds, experts, fresh=True)
    return learn(production, CONFIG, wanted, Means(CPU, base), progress=told, checkpoint=lambda: None)


def _fill_over_base(production: Production, verdict: Verdict, base: BaseModel) -> list[ShotFigures]:
    """What the show's fill and spatial gain, as delivered, over the base's on shots that they never saw: NG is 0."""
    learnt = load_show(production.weights_file(verdict.version), production.show)
    circled = [one.expert for one in verdict.experts if one.circled]  # an NG version's file has all
    show = replace(base, **{expert: getattr(learnt, expert) for expert in circled})
    return [_shot_figures(shot, cut, base, show) for shot, cut in _held_out(production, base).items()]


def _held_out(production: Production, base: BaseModel) -> dict[str, list[Example]]:
    """Holes in takes that nothing has learnt from, by the take's name."""
    recipe = Recipe()
    _, held_out = split(production.takes(), recipe, CONFIG)
    lesson = Lesson(production, CONFIG, recipe, Means(CPU, base), lambda *_: None, lambda: None, time.monotonic(), 1e9)
    return {
        Path(stretch.take.path).name: [
            example
            for index in range(CLIPS_A_SHOT)
            for example in examples_from(lesson, stretch, 9000 + index, DRAWS_A_CLIP)
        ]
        for stretch in held_out
    }


def _shot_figures(shot: str, examples: Sequence[Example], base: BaseModel, show: BaseModel) -> ShotFigures:
    before, after = (
        answers_of(model.fill, [example.guessed(model.spatial, CPU) for example in examples], CPU)
        for model in (base, show)
    )
    gains = {
        seen: [
            _db(example, after[index], seen) - _db(example, before[index], seen)
            for index, example in enumerate(examples)
            if (example.candidates.seen == seen).sum() > 50
        ]
        for seen in (True, False)
    }
    means = {seen: statistics.mean(values) if values else float("nan") for seen, values in gains.items()}
    return ShotFigures(shot, means[True], means[False])


def _db(example: Example, answer: np.ndarray, seen: bool) -> float:
    counted = example.candidates.seen == seen
    error = (answer - example.truth[example.candidates.hole])[counted]
    return float(-10 * np.log10(max(float((error**2).mean()), 1e-10)))


def _print_shots(show: str, shots: Sequence[ShotFigures]) -> None:
    table = Table(title=f"{show}: fill, dB over the base on shots never learnt from")
    for heading in ("shot", "where other frames saw it", "where none did"):
        table.add_column(heading, justify="left" if heading == "shot" else "right")
    means = (float(np.nanmean([getattr(shot, name) for shot in shots])) for name in ("seen", "unseen"))
    for shot in [*shots, ShotFigures("on average", *means)]:
        table.add_row(shot.shot, f"{shot.seen:+.2f}", f"{shot.unseen:+.2f}")
    Console(width=120).print(table)


def _circumstances() -> dict[str, object]:
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)  # noqa: S607
    return {
        "date": time.strftime("%Y-%m-%d"),
        "commit": commit.stdout.strip(),
        "machine": f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores, no GPU",
        "versions": versions_here(),
    }


def _write(out: Path | None, result: dict[str, object]) -> None:
    path = out or ROOT / "bench" / "results" / f"learning-{time.strftime('%Y-%m-%d')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    sys.exit(main())
