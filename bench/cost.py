"""`python -m bench.cost`: what a clean costs by the size of its plate and by what is known of it, and its memory."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
import torch
from demo.plates import write_matte, write_plate
from demo.wires import Wire, wires_over
from rich.console import Console
from rich.table import Table

from interneg.model.base import load_base
from interneg.plates.colour import ColourConfig
from interneg.plates.exr import write_exr
from interneg.plates.frames import parse_frames
from interneg.plates.source import open_source
from interneg.production.provenance import versions_here
from interneg.production.store import Store
from interneg.resident.acceptance import accept
from interneg.resident.cleaning import Cleaning
from interneg.resident.engine import Engine
from interneg.resident.kept import Kept
from interneg.resident.together import KEPT
from interneg.resident.wish import CleanWish, RenderWish
from interneg.settings import Settings, load_settings

Pixels = npt.NDArray[np.float32]

ROOT = Path(__file__).resolve().parents[1]
CLIP = "moving_dog_phone/VID_20191220_170832.mp4"
SHOT_FRAMES, MEASURED = 17, (7, 8, 9)  # of the clip; those in its middle have all neighbours that are always asked
RUN, STARTING = range(3, 14), 2  # frames that are computed two at once; of them those until both have begun
WIRE = Wire((0.42, 0.55), (0.04, 0.02), sway=0.01, swings=1.0, slack=0.02, width=3.0, blur=0.6)
LONG, LONG_WIDTH, LOOKED_AT = 2000, 1024, 25  # frames; one in so many is cleaned, all are read


@dataclass(frozen=True)
class Case:
    """A plate's size, and the size of the picture in its middle that the wire crosses, in pixels."""

    name: str
    size: tuple[int, int]
    crossed: tuple[int, int]


CASES = (
    Case("1K", (540, 1024), (540, 1024)),
    Case("2K, the same wire", (1080, 2048), (540, 1024)),
    Case("4K, the same wire", (2160, 4096), (540, 1024)),
    Case("2K, from edge to edge", (1080, 2048), (1080, 2048)),
    Case("4K, from edge to edge", (2160, 4096), (2160, 4096)),
)


@dataclass(frozen=True)
class Cost:
    """What a frame costs, in core-seconds: computing by what is known, reading and writing.

    Convention: `first` is with nothing known of the frame, `again` with what was found kept. A frame is read once:
        decoded, log-encoded, brought to the working size; that is `reading`, and none of it is in the others. `two` is
        what passes by the clock from one frame to the next while two are computed at once, each on one core, as the
        daemon does; again with what was found kept.
    """

    case: str
    matte_pixels: int
    first: float
    again: float
    two: float
    reading: float
    writing: float


def main() -> int:
    """Runs the benchmark."""
    asked = _parser().parse_args()
    if asked.memory:
        sys.stdout.write(f"{_peak_bytes(Path(asked.stage), asked.memory)}\n")
        return 0
    if not (asked.footage / CLIP).exists():
        sys.stderr.write(f"No {CLIP} in {asked.footage}: name the footage's folder with --footage.\n")
        return 1
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            if not asked.case or case.name in asked.case:
                stage = Path(folder) / case.name.replace(" ", "_")
                costs.append(_cost(case, _staged(case, asked.footage, stage), stage))
                _show(costs[-1:])
        memory = {} if asked.no_memory else _memory(Path(folder), asked.footage)
    _show(costs)
    path = asked.out or ROOT / "bench" / "results" / f"cost-{time.strftime('%Y-%m-%d')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_result(costs, memory), indent=1) + "\n")
    sys.stdout.write(f"{path}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.cost", description=__doc__)
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--case", action="append", help="measure this one alone; may be given again")
    parser.add_argument("--no-memory", action="store_true", help="leave the long shot out")
    parser.add_argument("--out", type=Path, help="the JSON to write")
    parser.add_argument("--memory", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    return parser


def _staged(case: Case, footage: Path, folder: Path) -> int:
    """Writes the case's plates and mattes; gives the pixels that a matte covers."""
    folder.mkdir(parents=True)
    source, count = open_source(str(footage / CLIP), "", ColourConfig()), 0
    top, left = ((whole - part) // 2 for whole, part in zip(case.size, case.crossed, strict=True))
    crossed = np.s_[top : top + case.crossed[0], left : left + case.crossed[1]]
    for index in range(SHOT_FRAMES):
        plate = cv2.resize(source.read(1 + index).rgb, case.size[::-1], interpolation=cv2.INTER_CUBIC)
        matte = np.zeros(case.size, np.float32)
        plate[crossed], matte[crossed] = wires_over(plate[crossed], (WIRE,), index / SHOT_FRAMES)
        write_plate(folder / f"plate.{1001 + index}.exr", np.asarray(plate, np.float32))
        write_matte(folder / f"matte.{1001 + index}.exr", matte)
        count = int((matte > 0).sum()) if index in MEASURED else count
    source.close()
    return count


def _cost(case: Case, matte_pixels: int, stage: Path) -> Cost:
    settings, engine = _house(stage)
    cleaning = _opened(stage, engine, settings)
    began = time.process_time()
    for number in cleaning.shot.source.frames:
        view = cleaning.shot.frame(number).view
        assert view.working.known.size and view.clear.size
    reading = time.process_time() - began
    seconds: dict[str, list[float]] = {"first": [], "again": [], "writing": []}
    for name in ("first", "again"):
        asked = replace(cleaning, raws=Kept(KEPT))  # a job of its own, its frames read already
        for index in MEASURED:
            began = time.process_time()
            answer = asked.answered(1001 + index)
            seconds[name].append(time.process_time() - began)
    two = _two_at_once(replace(cleaning, raws=Kept(KEPT)))
    for index in MEASURED:
        began = time.process_time()
        write_exr(stage / "out" / f"clean.{1001 + index}.exr", answer.finished)
        seconds["writing"].append(time.process_time() - began)
    cleaning.close()
    first, again, writing = (round(statistics.median(seconds[name]), 3) for name in ("first", "again", "writing"))
    return Cost(case.name, matte_pixels, first, again, two, round(reading / SHOT_FRAMES, 3), writing)


def _two_at_once(cleaning: Cleaning) -> float:
    """Seconds by the clock from one frame to the next, once the first ones are through."""
    for index in RUN:
        cleaning.answered(1001 + index)  # what was found is kept from here on
    asked = replace(cleaning, raws=Kept(KEPT))

    def answered(index: int) -> float:
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
        asked.answered(1001 + index)
        return time.perf_counter()

    with ThreadPoolExecutor(2) as frames:
        ends = sorted(frames.map(answered, RUN))
    return round((ends[-1] - ends[STARTING]) / (len(ends) - 1 - STARTING), 3)


def _opened(stage: Path, engine: Engine, settings: Settings) -> Cleaning:
    """A clean of that stage, as the daemon opens one; a frame is computed on one thread."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    wish = CleanWish(str(stage / "matte.####.exr"))
    output = str(stage / "out" / "clean.####.exr")
    asked = RenderWish("show", str(stage / "plate.####.exr"), parse_frames("1001"), output, wish)
    return cast(Cleaning, accept(asked, engine, settings).operation)


def _house(stage: Path) -> tuple[Settings, Engine]:
    settings = load_settings(home=stage / "home", device="cpu", threads=2)
    store = Store(settings.productions_folder)
    store.create("show")
    return settings, Engine(settings, store, load_base=load_base)


def _memory(folder: Path, footage: Path) -> dict[str, int]:
    """The most memory, in bytes, that a clean of shots of 60 and of LONG frames takes, each in a process of its own."""
    case = Case("long", (round(LONG_WIDTH * 540 / 1024), LONG_WIDTH), (round(LONG_WIDTH * 540 / 1024), LONG_WIDTH))
    stage = folder / "long"
    _staged(case, footage, stage)
    for index in range(SHOT_FRAMES, LONG):
        for name in ("plate", "matte"):
            os.link(stage / f"{name}.{1001 + index % SHOT_FRAMES}.exr", stage / f"{name}.{1001 + index}.exr")
    peaks = {}
    for count in (60, LONG):
        words = [sys.executable, "-m", "bench.cost", "--memory", str(count), "--stage", str(stage)]
        peaks[f"{count} frames"] = int(subprocess.run(words, cwd=ROOT, capture_output=True, check=True).stdout)
        sys.stdout.write(f"{count} frames of {LONG_WIDTH} pixels: {peaks[f'{count} frames'] / 2**30:.2f} GiB at most\n")
    return peaks


def _peak_bytes(stage: Path, count: int) -> int:
    """Walks through the shot as a clean does: one frame in so many is cleaned, the rest are read."""
    settings, engine = _house(stage / f"home-{count}")
    cleaning = _opened(stage, engine, settings)
    for index in range(count):
        cleaning.shot.frame(1001 + index)
        if index % (count // LOOKED_AT) == 0:
            cleaning.answered(1001 + index)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _show(costs: list[Cost]) -> None:
    table = Table(title="clean, one wire: core-seconds a frame, and seconds by the clock with two at once")
    for heading in ("plate", "matte pixels", "first", "again", "two at once", "reading", "writing"):
        table.add_column(heading, justify="left" if heading == "plate" else "right")
    for cost in costs:
        cells = (cost.first, cost.again, cost.two, cost.reading, cost.writing)
        table.add_row(cost.case, str(cost.matte_pixels), *(f"{cell:.2f}" for cell in cells))
    Console(width=120).print(table)


def _result(costs: list[Cost], memory: dict[str, int]) -> dict[str, object]:
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)  # noqa: S607
    return {
        "date": time.strftime("%Y-%m-%d"),
        "commit": commit.stdout.strip(),
        "machine": f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores, no GPU",
        "load": os.getloadavg()[0],
        "versions": versions_here(),
        "costs": [asdict(cost) for cost in costs],
        "peak_bytes": memory,
    }


if __name__ == "__main__":
    sys.exit(main())
