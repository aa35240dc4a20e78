"""`python -m bench.wires`: wires found on real shots, with wires of two looks over them and with none.

The truth is what was laid over: a pixel is a wire's from half covered on. The network has learnt neither the shots nor
the second look. Per frame is a frame judged alone; over time is the product, by the frames about it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from demo.wires import wires_over
from rich.console import Console
from rich.table import Table

from bench.clean import BenchShot, wires_of_seed
from bench.hung import hung_over, hung_wires
from interneg.model.base import load_base
from interneg.model.wires import WiresNetwork, wires_of
from interneg.operators.sightings import Sighting, scale_of, sighting_of, working_plate
from interneg.operators.tracks import Nearby, Wire, matte_of, reachable, step_between, wires_at
from interneg.plates.colour import ColourConfig, log_from_linear
from interneg.plates.source import open_source

Pixels = npt.NDArray[np.float32]
Laid = Callable[[Pixels, float], tuple[Pixels, Pixels]]

ROOT = Path(__file__).resolve().parents[1]
CPU = torch.device("cpu")
SHOTS = (
    BenchShot("city, slow crane", "moving_city_cc0/cityCC0.mpg", 10),
    BenchShot("dog, handheld 1080p", "moving_dog_phone/VID_20191220_170832.mp4", 1),
    BenchShot("cars, slow drift", "plate_cars/car-detection.mp4", 100),
    BenchShot("portrait, slow zoom", "face_nasa/nasa_13013.mp4", 100),
    BenchShot("juggler, tripod", "sam2_juggle/05_default_juggle.mp4", 20),
    BenchShot("coffee, tripod", "sam2_coffee/04_coffee.mp4", 20),
    BenchShot("asl, tripod", "takes_asl/takes/bird.mkv", 1),
)
LOOKS = ("demo", "other", "none")
COVERED, NEUTRAL = 0.5, 0.5
OF_THE_SHOT = 40  # frames that a wire's travel is meant for
CUT = 640  # pixels: the middle of a larger frame is measured, at its own size


@dataclass(frozen=True)
class Line:
    """What came of one shot with one look: medians over the measured frames, and seconds of processor a frame."""

    shot: str
    look: str
    per_frame: float
    over_time: float
    network: float
    false_finds: float
    false_pixels: float
    seconds: float


def main() -> int:
    """Runs the benchmark."""
    asked = _parser().parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    network = None if asked.classical else load_base().wires
    shots = [shot for shot in SHOTS if (asked.footage / shot.path).exists() and asked.shot in shot.name]
    if not shots:
        sys.stderr.write(f"No footage in {asked.footage}: name its folder with --footage.\n")
        return 1
    lines = []
    for index, shot in enumerate(shots):
        plates = _plates(asked.footage, shot, asked.frames)
        for look in asked.look or LOOKS:
            lines.append(_line(shot.name, look, [_laid(look, 7 + index)(*each) for each in plates], network))
            sys.stderr.write(f"{lines[-1]}\n")
    _show(lines)
    if asked.out:
        commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)  # noqa: S607
        result = {
            "commit": commit.stdout.strip(),
            "date": time.strftime("%Y-%m-%d"),
            "lines": [asdict(x) for x in lines],
        }
        asked.out.write_text(json.dumps(result, indent=1) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.wires", description=__doc__)
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--shot", default="", help="part of a shot's name; all of them else")
    parser.add_argument("--look", action="append", choices=LOOKS, help="one of the looks; all of them else")
    parser.add_argument("--frames", type=int, default=13, help="of each shot")
    parser.add_argument("--classical", action="store_true", help="without the network")
    parser.add_argument("--out", type=Path, help="the JSON to write")
    return parser


def _plates(footage: Path, shot: BenchShot, count: int) -> list[tuple[Pixels, float]]:
    """The middle of each frame, and the share of the shot that has passed."""
    source = open_source(str(footage / shot.path), "", ColourConfig())
    try:
        plates = [source.read(shot.first + index).rgb for index in range(min(count, len(source.frames) - shot.first))]
    finally:
        source.close()
    return [(_middle(plate), index / OF_THE_SHOT) for index, plate in enumerate(plates)]


def _middle(plate: Pixels) -> Pixels:
    row, column = (max(0, (side - CUT) // 2) for side in plate.shape[:2])
    return np.ascontiguousarray(plate[row : row + CUT, column : column + CUT])


def _laid(look: str, seed: int) -> Laid:
    """What lays wires of that look over a frame."""
    if look == "demo":
        return lambda plate, share: wires_over(plate, wires_of_seed(seed), share)
    if look == "other":
        return lambda plate, share: hung_over(plate, hung_wires(seed), share)
    return lambda plate, share: (plate, np.zeros(plate.shape[:2], np.float32))


def _line(name: str, look: str, shot: Sequence[tuple[Pixels, Pixels]], network: WiresNetwork | None) -> Line:
    began = time.process_time()
    nets, sightings = [], dict[int, Sighting]()
    for index, (plate, _) in enumerate(shot):
        working = working_plate(plate)
        nets.append(None if network is None else wires_of(network, working[0], CPU))
        sightings[index] = sighting_of(index, working, log_from_linear(working[0]), nets[-1])
    steps = {index: step_between(sightings[index], sightings[index + 1]) for index in range(len(shot) - 1)}
    measured = sorted({len(shot) // 4, len(shot) // 2, 3 * len(shot) // 4})
    found = {index: wires_at(reachable(index, sightings, steps), NEUTRAL) for index in measured}
    seconds = (time.process_time() - began) / len(shot)
    alone, over, net, false_finds, false_pixels = [], [], [], [], []
    for index in measured:
        truth = shot[index][1]
        scale = scale_of(truth.shape)
        single = wires_at(Nearby(index, {index: sightings[index]}, {}), NEUTRAL)
        matte = matte_of(found[index], truth.shape, scale)
        alone.append(_iou(matte_of(single, truth.shape, scale), truth))
        over.append(_iou(matte, truth))
        seen = nets[index]
        net.append(0.0 if seen is None else _iou(cv2.resize(seen, truth.shape[::-1]), truth))
        false_finds.append(sum(_is_false(wire, truth, scale) for wire in found[index]))
        false_pixels.append(float(((matte > COVERED) & (truth < 0.02)).mean()))
    return Line(
        shot=name,
        look=look,
        per_frame=statistics.median(alone),
        over_time=statistics.median(over),
        network=statistics.median(net),
        false_finds=statistics.mean(false_finds),
        false_pixels=statistics.mean(false_pixels),
        seconds=seconds,
    )


def _iou(found: Pixels, truth: Pixels) -> float:
    """Intersection over union; 1 where neither has anything."""
    one, other = found > COVERED, truth > COVERED
    union = int((one | other).sum())
    return float((one & other).sum() / union) if union else 1.0


def _is_false(wire: Wire, truth: Pixels, scale: int) -> bool:
    """Whether most of a wire lies where none is."""
    points = np.rint((wire.points + 0.5) * scale - 0.5).astype(np.intp)
    inside = ((points >= 0) & (points < np.array(truth.shape[::-1]))).all(axis=1)
    columns, rows = points[inside].T
    return bool((truth[rows, columns] > 0.2).mean() < 0.5) if len(rows) else True


def _show(lines: Sequence[Line]) -> None:
    table = Table(title="IoU of wires found, real shots, wires of our own; false finds a frame")
    for heading in ("shot", "look", "network alone", "per frame", "over time", "false finds", "of the frame", "CPU s"):
        table.add_column(heading, justify="left" if heading in ("shot", "look") else "right")
    for line in lines:
        scores = [
            f"{value:.2f}" if line.look != "none" else "" for value in (line.network, line.per_frame, line.over_time)
        ]
        false = [f"{line.false_finds:.1f}", f"{line.false_pixels:.2%}", f"{line.seconds:.2f}"]
        table.add_row(line.shot, line.look, *scores, *false)
    Console(width=120).print(table)
    for look in LOOKS[:2]:
        over = [(line.network, line.per_frame, line.over_time) for line in lines if line.look == look]
        if over:
            means = (statistics.mean(column) for column in zip(*over, strict=True))
            sys.stdout.write(
                f"{look}: network alone {next(means):.2f}, per frame {next(means):.2f}, over time {next(means):.2f}\n"
            )


if __name__ == "__main__":
    sys.exit(main())
