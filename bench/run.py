"""`make bench`: cleans real shots with wires of our own over them, and writes what came of it into bench/results."""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from rich.console import Console
from rich.table import Table

from bench.clean import LOCKED, MOVING, BenchShot, Decibels, Fillers, measure, wired
from bench.walkers import PATH, WALKS, Walk
from bench.walkers import measured as measured_walk
from interneg.model.base import load_base
from interneg.model.show import load_show
from interneg.production.provenance import versions_here

ROOT = Path(__file__).resolve().parents[1]
SEED = 7


@dataclass(frozen=True)
class Line:
    """What came of one shot: the medians over its measured frames, in dB, and seconds a frame."""

    shot: str
    moving: bool
    best_peer: float
    decibels: dict[str, float]
    spread: dict[str, float]
    seconds: float

    def gain(self, method: str) -> float:
        """How much better than the better of Telea and NS."""
        return self.decibels[method] - self.best_peer


def main() -> int:
    """Runs the benchmark."""
    asked = _parser().parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    base = load_base()
    fillers = {"classical": Fillers(), "base": Fillers(base.spatial, base.fill)}
    if asked.weights:
        fillers["show"] = Fillers(base.spatial, load_show(asked.weights, asked.production).fill)
    lines = [_line(shot, asked.footage, fillers) for shot in (*MOVING, *LOCKED) if (asked.footage / shot.path).exists()]
    if not lines:
        sys.stderr.write(f"No footage in {asked.footage}: name its folder with --footage.\n")
        return 1
    _show(lines)
    walks = [_walk(walk, asked.footage) for walk in WALKS if (asked.footage / PATH).exists()]
    path = asked.out or ROOT / "bench" / "results" / f"clean-{time.strftime('%Y-%m-%d')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_result(lines) | {"walks": walks}, indent=1) + "\n")
    sys.stdout.write(f"{path}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.run", description=__doc__)
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument(
        "--weights", type=Path, help="a show's fill weights, measured beside the classical answer and the base"
    )
    parser.add_argument("--production", default="", help="the production that these weights belong to")
    parser.add_argument("--out", type=Path, help="the JSON to write")
    return parser


def _line(shot: BenchShot, footage: Path, fillers: dict[str, Fillers]) -> Line:
    decibels, seconds = measure(wired(shot, footage, SEED), fillers)
    medians = {name: statistics.median(values) for name, values in decibels.items()}
    best = statistics.median(max(pair) for pair in zip(decibels["telea"], decibels["ns"], strict=True))
    moving = shot in MOVING
    return Line(shot.name, moving, best, medians, _spread(decibels), statistics.median(seconds))


def _walk(walk: Walk, footage: Path) -> dict[str, float]:
    decibels = measured_walk(walk, footage)
    medians = {name: round(statistics.median(values), 2) for name, values in decibels.items()}
    best = max(medians["telea"], medians["ns"])
    sys.stdout.write(
        f"locked-off, a person taken out (frames {walk.frames[0]}-{walk.frames[-1]}): {medians['classical']:.2f} dB, "
        f"{medians['classical'] - best:+.2f} over Telea and NS, "
        f"{medians['classical'] - medians['median']:+.2f} over the temporal median\n"
    )
    return medians


def _spread(decibels: Decibels) -> dict[str, float]:
    return {name: max(values) - min(values) for name, values in decibels.items()}


def _show(lines: list[Line]) -> None:
    ours = [name for name in ("classical", "base", "show") if name in lines[0].decibels]
    table = Table(title="dB in the matte, median over frames (spread), real shots, wires of our own")
    for heading in ("shot", "Telea", "NS", *ours, *(f"{name} over the best" for name in ours), "s/frame, one core"):
        table.add_column(heading, justify="left" if heading == "shot" else "right")
    for line in lines:
        cells = [f"{line.decibels[name]:.2f} ({line.spread[name]:.1f})" for name in ("telea", "ns", *ours)]
        gains = [f"{line.gain(name):+.2f}" for name in ours]
        table.add_row(line.shot, *cells, *gains, f"{line.seconds:.2f}")
    Console(width=140).print(table)
    for name in ours:
        over = [line.gain(name) for line in lines if line.moving]
        sys.stdout.write(
            f"{name}: {statistics.mean(over):+.2f} dB on moving cameras on average, worst {min(over):+.2f}\n"
        )


def _result(lines: list[Line]) -> dict[str, object]:
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)  # noqa: S607
    return {
        "date": time.strftime("%Y-%m-%d"),
        "commit": commit.stdout.strip(),
        "machine": f"{platform.machine()}, {platform.system()}, one core, no GPU",
        "versions": versions_here(),
        "seed": SEED,
        "shots": [vars(line) for line in lines],
    }


if __name__ == "__main__":
    sys.exit(main())
