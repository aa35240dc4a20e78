"""`python -m bench.rendered STAGE`: cleans a rendered stage's clips, whose wires are real and whose plates are known.

A clip is a scene with three frames or more in which something hangs that should not. The matte is the render's own
coverage, a pixel wider all around: an artist's is no tighter, and two dozen rays a pixel miss what is fainter.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.table import Table

from bench.clean import Decibels, Wired, code_of, psnr
from bench.flicker import OURS, PEERS, answers_of, line_of, views_of, warp_errors
from bench.report import write_result
from interneg.errors import InternegError
from interneg.soundstage.archive import Stage, StagedScene

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

FEWEST = 3  # frames of a clip
HANGS = "wires"  # the kind of fault that a clip must have; whatever else is wrong in it goes with it
BESIDE_ITSELF = "reflection"  # a fault whose light lies where no matte of ours is
RIM = 1  # pixels that the matte is wider than the render's coverage


@dataclass(frozen=True)
class Line:
    """What came of one clip.

    Convention: `decibels` and `spread` by method, median and range over frames; `gain` dB over the better of Telea and
        NS, by method of ours; `flicker` the warp error in the matte over the true plate's, none where that has none.
    """

    scene: int
    kind: str
    people: int
    decibels: dict[str, float]
    spread: dict[str, float]
    gain: dict[str, float]
    flicker: dict[str, float]


def main() -> int:
    """Runs the benchmark."""
    asked = _parser().parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    try:
        lines = []
        for scene in clips(Stage(asked.stage), asked.clips):
            lines.append(measured(scene))
            sys.stderr.write(f"{lines[-1]}\n")
    except InternegError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not lines:
        sys.stderr.write(f"{asked.stage}: no clip with wires is there; render one with `interneg soundstage render`.\n")
        return 1
    _show(lines)
    if asked.out:
        write_result(asked.out, {"clips": [vars(line) for line in lines]})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.rendered", description=__doc__)
    parser.add_argument("stage", type=Path, help="the folder of a stage, rendered here or elsewhere")
    parser.add_argument("--clips", type=int, default=20, help="at most so many")
    parser.add_argument("--out", type=Path, help="the JSON to write")
    return parser


def clips(stage: Stage, most: int) -> Iterator[StagedScene]:
    """The stage's scenes that are clips with wires, by seed.

    Raises:
        NotFoundError: the folder is no stage.
        PlateError: a scene cannot be read.
    """
    found = 0
    for folder in stage.scenes():
        scene = StagedScene.open(folder)
        if len(scene.frames) >= FEWEST and HANGS in scene.faults and BESIDE_ITSELF not in scene.faults:
            yield scene
            found += 1
        if found == most:
            return


def laid_out(scene: StagedScene) -> Wired:
    """The clip as the other benchmarks take it; its matte is the coverage of all its faults, and 1 on the rim."""
    coverage = [np.max(list(scene.mattes(frame).values()), axis=0) for frame in scene.frames]
    window = np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)
    mattes = [cv2.dilate((cover > 0).astype(np.uint8), window).astype(np.float32) for cover in coverage]
    truth, plate = (np.stack([read(frame) for frame in scene.frames]) for read in (scene.plate, scene.rigged))
    return Wired(truth, plate, np.stack(mattes))


def measured(scene: StagedScene) -> Line:
    """What comes of one clip, every frame of it; each may ask all others."""
    laid = laid_out(scene)
    views = views_of(laid)
    there = [index for index, view in views.items() if view.hole.any()]
    answers = answers_of(views, there)
    truth = [code_of(laid.truth[index]) for index in there]
    decibels: Decibels = {
        name: [
            psnr(picture[views[index].hole], true[views[index].hole])
            for index, picture, true in zip(there, pictures, truth, strict=True)
        ]
        for name, pictures in answers.items()
    }
    moves = [_moved(scene, index) for index in there[:-1]]
    inside = [views[index].hole & stays for index, (_, stays) in zip(there, moves, strict=False)]
    errors = warp_errors({**answers, "truth": truth}, [flow for flow, _ in moves], inside)
    best = [max(pair) for pair in zip(decibels["telea"], decibels["ns"], strict=True)]
    return Line(
        scene=scene.seed,
        kind=scene.kind,
        people=int(scene.said.get("people", 0)),
        decibels={name: round(statistics.median(values), 2) for name, values in decibels.items()},
        spread={name: round(max(values) - min(values), 2) for name, values in decibels.items()},
        gain={name: round(statistics.median(_less(decibels[name], best)), 2) for name in OURS},
        flicker=line_of(scene.kind, errors).ratio,
    )


def _less(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [one - other for one, other in zip(ours, theirs, strict=True)]


def _moved(scene: StagedScene, index: int) -> tuple[Pixels, Matte]:
    """Where each pixel of a frame truly lies in the next (H, W, 2), and whether the same thing is to be seen there."""
    here, there = (scene.truth_of(frame) for frame in scene.frames[index : index + 2])
    flow = here.motion if here.motion is not None else np.zeros((*here.id.shape, 2), np.float32)
    height, width = here.id.shape
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    across, down = (np.rint(start + flow[..., axis]).astype(int) for axis, start in enumerate((columns, rows)))
    inside = (across >= 0) & (across < width) & (down >= 0) & (down < height)
    thing = there.id[np.clip(down, 0, height - 1), np.clip(across, 0, width - 1)]
    return flow, np.asarray(inside & (thing == here.id))


def _show(lines: Sequence[Line]) -> None:
    table = Table(title="rendered clips: dB in the matte (spread); flicker")
    for heading in (
        "scene",
        "Telea",
        "NS",
        *OURS,
        *(f"{name} over the best" for name in OURS),
        *(f"its flicker, {name}" for name in OURS),
    ):
        table.add_column(heading, justify="left" if heading == "scene" else "right")
    for line in lines:
        cells = [f"{line.decibels[name]:.2f} ({line.spread[name]:.1f})" for name in (*PEERS, *OURS)]
        gains = [f"{line.gain[name]:+.2f}" for name in OURS]
        who = f"{line.scene} {line.kind}, {line.people} people"
        table.add_row(who, *cells, *gains, *(f"{line.flicker[name]:.2f}" for name in OURS if line.flicker))
    Console(width=150).print(table)
    for name in OURS:
        over = [line.gain[name] for line in lines]
        sys.stdout.write(f"{name}: {statistics.mean(over):+.2f} dB over the better peer, worst {min(over):+.2f}\n")


if __name__ == "__main__":
    sys.exit(main())
