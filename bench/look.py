"""`python -m bench.look STAGE`: what a show's intrinsics are worth over the base's, on a rendered show of its own look.

The stage has sets of one kind that no base was taught on (`interneg soundstage render STAGE --kind chapel`). Two in
three become the show's setups: takes under a still camera, each in a light of its own, in which a lamp comes up. The
others are never learnt from, and are scored with the show's intrinsics and with the base's: normals, albedo, a lamp
replaced.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from bench.report import write_result
from interneg.errors import InternegError
from interneg.ingest import ingest
from interneg.model.base import BaseModel, load_base
from interneg.model.show import load_show
from interneg.model.working import usable
from interneg.plates.colour import ColourConfig
from interneg.plates.exr import write_layers
from interneg.production.store import Production, Store
from interneg.soundstage.archive import Stage, StagedScene
from interneg.soundstage.teaching.rigs import lit_by, random_rig
from interneg.soundstage.teaching.samples import OURS
from interneg.soundstage.teaching.score import Experts
from interneg.soundstage.teaching.score_light import ALBEDO, NORMALS, ONE_GAIN, RELIGHT, score_light
from interneg.soundstage.teaching.shifts import AS_SHOT
from interneg.training.learn import learn
from interneg.training.lesson import Means, Wanted

CONFIG, CPU = ColourConfig(None), torch.device("cpu")
SLATE = r"(?P<setup>s\d+)_(?P<take>t\d+)"
TAKES, FRAMES = 3, 12
UNSEEN_OF = 3  # one setup in so many is never learnt from
GRAIN_STOPS = -7.0  # of the plate's mean: its standard deviation
UP_STOPS = 2.0  # that one lamp comes up in a take
SCALE = 2  # takes are that many times as large as the lamps' pictures: motion is found above the networks' size


@dataclass(frozen=True)
class Setup:
    """One unseen setup: degrees of normals, error of albedo, and dB over the best single gain; base and show."""

    seed: int
    normals: tuple[float, float]
    albedo: tuple[float, float]
    relight: tuple[float, float]


def main() -> int:
    """Runs the benchmark."""
    asked = _parser().parse_args()
    try:
        scenes = [StagedScene.open(folder) for folder in Stage(asked.stage).scenes()]
    except InternegError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    unseen, seen = scenes[::UNSEEN_OF], [scene for at, scene in enumerate(scenes) if at % UNSEEN_OF]
    base = load_base(asked.model)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for scene in seen:
            _shoot(scene, home / "dailies")
        production = Store(home / "store").create("look")
        list(ingest(production, [home / "dailies"], SLATE, CONFIG))
        show, circled, steps = _learnt(production, base, asked.minutes * 60)
        setups = [_scored(scene, base, show) for scene in unseen]
    _print(setups)
    said = {"minutes": asked.minutes, "taught_setups": len(seen), "circled": circled, "steps": steps}
    sys.stdout.write(f"{said}\n")
    if asked.out:
        write_result(asked.out, {**said, "setups": [vars(setup) for setup in setups]})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.look", description=__doc__)
    parser.add_argument("stage", type=Path, help="the stage, of one kind of set")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long intrinsics may learn")
    parser.add_argument("--model", type=Path, help="the base model; the one of this Interneg else")
    parser.add_argument("--out", type=Path, help="the JSON to write")
    return parser


def _shoot(scene: StagedScene, dailies: Path) -> None:
    """A setup's takes, as EXR: each in a rig of its own, in which one lamp comes up."""
    pictures = {name: usable(picture) for name, picture in scene.lamp_pictures().items()}
    levels = {name: picture.mean(axis=(0, 1)) for name, picture in pictures.items()}
    for take in range(TAKES):
        rng = np.random.default_rng((scene.seed, take))
        rig = random_rig(rng, levels, tuple(sorted(name for name in scene.lamps if name in pictures)))
        if rig is None:
            return
        rises = str(rng.choice(sorted(rig.gains)))
        name = f"s{scene.seed:03d}_t{take}"
        (dailies / name).mkdir(parents=True)
        for frame in range(FRAMES):
            gain = np.float32(2 ** (UP_STOPS * (frame / (FRAMES - 1) - 1)))
            plate = lit_by(pictures, {**rig.gains, rises: rig.gains[rises] * gain})
            noise = rng.standard_normal(plate.shape) * plate.mean() * 2**GRAIN_STOPS
            large = np.kron(plate + noise, np.ones((SCALE, SCALE, 1))).astype(np.float16)
            layers = {channel: np.ascontiguousarray(large[..., at]) for at, channel in enumerate("RGB")}
            write_layers(dailies / name / f"{name}.{frame + 1:04d}.exr", layers)


def _learnt(production: Production, base: BaseModel, seconds: float) -> tuple[BaseModel, bool, int]:
    """The base with the show's intrinsics in place of its own; whether these were circled; after how many steps."""

    def told(fraction: float, message: str, remaining: float) -> None:
        sys.stderr.write(f"\r{fraction:4.0%} {message:60.60}")

    wanted = Wanted(seconds, ("intrinsics",), fresh=True)
    verdict = learn(production, CONFIG, wanted, Means(CPU, base), progress=told, checkpoint=lambda: None)
    show = load_show(production.weights_file(verdict.version), production.show)
    learnt = verdict.experts[0]
    return replace(base, intrinsics=show.intrinsics), learnt.circled, learnt.steps


def _scored(scene: StagedScene, base: BaseModel, show: BaseModel) -> Setup:
    """One unseen setup, by both."""
    found = [_figures(scene, model) for model in (base, show)]
    normals, albedo, relight = ((found[0][task], found[1][task]) for task in (NORMALS, ALBEDO, RELIGHT))
    return Setup(scene.seed, normals, albedo, relight)


def _figures(scene: StagedScene, model: BaseModel) -> dict[str, float]:
    """A setup's means over its rigs, as shot: degrees, error, dB over the best single gain."""
    experts = Experts.of(model, CPU)
    values: dict[str, list[float]] = {NORMALS: [], ALBEDO: [], RELIGHT: []}
    for sample in score_light(scene, experts.intrinsics, experts.gain):
        if sample.shift == AS_SHOT:
            against = sample.values[ONE_GAIN] if sample.task == RELIGHT else 0.0
            values[sample.task].append(sample.values[OURS] - against)
    return {task: statistics.mean(each) if each else float("nan") for task, each in values.items()}


def _print(setups: Sequence[Setup]) -> None:
    table = Table(title="unseen setups: the base, the show")
    for heading in ("setup", "normals, degrees", "albedo, error", "relight, dB over one gain"):
        table.add_column(heading, justify="right")
    rows = [(str(one.seed), (one.normals, one.albedo, one.relight)) for one in setups]
    means = np.nanmean([pairs for _, pairs in rows], axis=0)
    for name, pairs in [*rows, ("on average", means)]:
        table.add_row(name, *(f"{before:.4g}, {after:.4g}" for before, after in pairs))
    Console(width=120).print(table)


if __name__ == "__main__":
    sys.exit(main())
