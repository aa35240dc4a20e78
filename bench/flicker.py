"""`python -m bench.flicker`: how much a fill changes from frame to frame beyond what moves, against the true plate.

The flow is the true plate's own, the same for every method; pixels that it loses from one frame to the next are left
out. On a locked-off set nothing moves, and the truth is the set while it is empty.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.table import Table

from bench.clean import CPU, LOCKED, MOVING, BenchShot, Wired, alone_in, code_of, inpainted, wired
from bench.report import FOOTAGE, write_result
from bench.walkers import PATH, WALKS, Walk, stretch_of
from interneg.model.base import load_base
from interneg.operators.motion import View
from interneg.plates.colour import linear_from_log, log_from_linear
from interneg.resident.experts import Experts
from interneg.resident.filling import Filler, finished
from interneg.resident.together import Together

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Frames = Mapping[str, Sequence[Pixels]]  # by method, codes (H, W, 3) frame after frame

SEED = 7
RUNS = ((14, 15, 16), (26, 27, 28))  # of the shot's frames
CUT = 640  # pixels: the middle of a larger frame is measured, at its own size
REPEATED = 0.001  # of the code: a quarter of an 8-bit step; what differs less is one frame, shown twice by a conversion
LOST = 0.75  # pixels by which the way there and back may miss: beyond it something is covered or uncovered
OURS = ("alone", "delivered")  # each frame alone and without grain; as it is delivered
PEERS = ("telea", "ns")


@dataclass(frozen=True)
class Line:
    """What came of one shot: the true plate's own warp error (a deviation of the code), and the errors' ratios to it.

    Convention: `ratio` and `spread` by method, median and range over the `pairs` of frames; errors are mean squares.
    """

    shot: str
    truth: float
    ratio: dict[str, float]
    spread: dict[str, float]
    pairs: int


def main() -> int:
    """Runs the benchmark."""
    asked = _parser().parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    shots = [shot for shot in (*MOVING, *LOCKED) if asked.shot in shot.name and (asked.footage / shot.path).exists()]
    lines = []
    for shot in shots:
        lines.append(_line(shot, asked.footage, RUNS[: asked.runs]))
        sys.stderr.write(f"{lines[-1]}\n")
    if asked.shot in "person" and (asked.footage / PATH).exists():
        lines += [_walk(walk, asked.footage) for walk in WALKS]
    if not lines:
        sys.stderr.write(f"No such footage in {asked.footage}: name its folder with --footage.\n")
        return 1
    _show(lines)
    if asked.out:
        write_result(asked.out, {"seed": SEED, "shots": [vars(line) for line in lines]})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.flicker", description=__doc__)
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--shot", default="", help="part of a shot's name; all of them else")
    parser.add_argument("--runs", type=int, default=len(RUNS), choices=range(1, len(RUNS) + 1), help="of each shot")
    parser.add_argument("--out", type=Path, help="the JSON to write")
    return parser


def _line(shot: BenchShot, footage: Path, runs: Sequence[Sequence[int]]) -> Line:
    laid = middle_of(wired(shot, footage, SEED))
    views = views_of(laid)
    truth = [code_of(plate) for plate in laid.truth]
    found: dict[str, list[float]] = {}
    for run in runs:
        there = [index for index in run if index < len(truth)]
        answers = answers_of(views, there)
        pairs = list(pairwise(there))
        flows = [flow_of(truth[one], truth[other]) for one, other in pairs]
        holes = [views[one].hole & kept for (one, _), (_, kept) in zip(pairs, flows, strict=True)]
        moved = [flow for flow, _ in flows]
        errors = warp_errors({**answers, "truth": [truth[index] for index in there]}, moved, holes)
        for name, values in errors.items():
            found.setdefault(name, []).extend(values)
    return line_of(shot.name, found)


def _walk(walk: Walk, footage: Path) -> Line:
    """The person taken out of a locked-off set: against as many frames of the set while it is empty."""
    logs, views = stretch_of(walk, footage)
    there = (walk.measured[1], walk.measured[1] + 1)
    answers = answers_of(views, there)
    empty = [code_of(linear_from_log(logs[frame])) for frame in walk.empty[:2]]
    still = np.zeros((*views[there[0]].hole.shape, 2), np.float32)
    errors = warp_errors({**answers, "truth": empty}, [still], [views[there[0]].hole & views[there[1]].hole])
    return line_of(f"a person taken out, from frame {there[0]}", errors)


def middle_of(laid: Wired) -> Wired:
    """The middle of each frame."""
    rows, columns = (slice(max(0, (side - CUT) // 2), max(0, (side - CUT) // 2) + CUT) for side in laid.matte.shape[1:])
    parts = (laid.truth[:, rows, columns], laid.plate[:, rows, columns], laid.matte[:, rows, columns])
    return Wired(*(np.ascontiguousarray(part) for part in parts))


def views_of(laid: Wired) -> dict[int, View]:
    """The shot's frames as the operators see them."""
    log = log_from_linear(laid.plate)
    there = np.ones(log.shape[1:3], bool)
    pairs = zip(log, laid.matte, strict=True)
    return {index: View(index, each, matte > 0, there) for index, (each, matte) in enumerate(pairs)}


def answers_of(views: dict[int, View], frames: Sequence[int]) -> dict[str, list[Pixels]]:
    """Whole frames (H, W, 3) in code by every method: ours with the base, each frame alone, and as delivered."""
    base = load_base()
    filler = Filler(Experts(network=base.fill, spatial=base.spatial), CPU, SEED, lambda: None)
    alone = alone_in(views, filler)
    together = Together(views.get, alone)
    answers: dict[str, list[Pixels]] = {}
    for index in frames:
        view = views[index]
        code = code_of(linear_from_log(view.log))
        inside = {
            "alone": code_of(linear_from_log(alone(view).log)),
            "delivered": code_of(linear_from_log(finished(view, together.steadied(view), filler).log)),
            "telea": inpainted(code, view.hole, cv2.INPAINT_TELEA),
            "ns": inpainted(code, view.hole, cv2.INPAINT_NS),
        }
        for name, answer in inside.items():
            picture = code.copy()
            picture[view.hole] = answer
            answers.setdefault(name, []).append(picture)
    return answers


def flow_of(here: Pixels, there: Pixels) -> tuple[Pixels, Matte]:
    """Where the pixels of one frame lie in the next (H, W, 2), and which of them are still to be seen there (H, W).

    References: the check there and back is Sundaram et al., "Dense Point Trajectories", 2010.
    """
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    one, other = (np.rint(np.clip(code.mean(axis=-1), 0, 1) * 255).astype(np.uint8) for code in (here, there))
    forth, back = finder.calc(one, other, None), finder.calc(other, one, None)
    missed = np.linalg.norm(forth + warped(back, forth), axis=-1)
    height, width = one.shape
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    across, down = columns + forth[..., 0], rows + forth[..., 1]
    inside = (across >= 0) & (across <= width - 1) & (down >= 0) & (down <= height - 1)
    return np.asarray(forth, np.float32), np.asarray(inside & (missed < LOST))


def warped(picture: Pixels, flow: Pixels) -> Pixels:
    """The next frame as the flow brings it to this one."""
    height, width = flow.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    places = (columns + flow[..., 0], rows + flow[..., 1])
    return np.asarray(cv2.remap(picture, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def warp_errors(frames: Frames, flows: Sequence[Pixels], inside: Sequence[Matte]) -> dict[str, list[float]]:
    """By method, the mean squared difference of each frame from the next one brought to it, in the matte.

    References: Lai et al., "Learning Blind Video Temporal Consistency", 2018.
    """
    return {
        name: [
            float(((one - warped(other, flow))[chosen] ** 2).mean())
            for one, other, flow, chosen in zip(pictures, pictures[1:], flows, inside, strict=False)
            if chosen.any()
        ]
        for name, pictures in frames.items()
    }


def line_of(name: str, errors: Mapping[str, Sequence[float]]) -> Line:
    """The ratios to the truth's own error, over the pairs in which the truth is no frame twice."""
    told = [index for index, true in enumerate(errors["truth"]) if true > REPEATED**2]
    ratios = {
        method: [errors[method][index] / errors["truth"][index] for index in told] for method in (*OURS, *PEERS) if told
    }
    medians = {method: round(statistics.median(values), 3) for method, values in ratios.items()}
    spread = {method: round(max(values) - min(values), 3) for method, values in ratios.items()}
    own = statistics.median(errors["truth"][index] for index in told) if told else 0.0
    return Line(name, float(np.sqrt(own)), medians, spread, len(told))


def _show(lines: Sequence[Line]) -> None:
    table = Table(title="warp error in the matte over that of the true plate, median over pairs (spread)")
    for heading in ("shot", "truth's own", *OURS, *PEERS):
        table.add_column(heading, justify="left" if heading == "shot" else "right")
    for line in lines:
        told = (*OURS, *PEERS) if line.pairs else ()
        cells = [f"{line.ratio[name]:.2f} ({line.spread[name]:.2f})" for name in told]
        table.add_row(line.shot, f"{line.truth:.4f}", *cells)
    Console(width=140).print(table)


if __name__ == "__main__":
    sys.exit(main())
