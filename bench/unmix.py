"""Partial coverage: dB in the matte with half-covered pixels unmixed and without, on tight, generous and soft mattes.

`python -m bench.unmix [--footage DIR] [--compressed]`. The wires are laid over the footage in scene-linear light, where
mixing is exact; with `--compressed` the plate is then a JPEG of its code values, as with a wire that was really there.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from bench.clean import LOCKED, MEASURED, MOVING, Wired, neighbours_in, wired
from interneg.operators.candidates import gathered
from interneg.operators.motion import View
from interneg.operators.pyramid import grown
from interneg.plates.colour import linear_from_log, log_from_linear
from interneg.resident.filling import own_of

ROOT = Path(__file__).resolve().parents[1]
SEED = 7
QUALITY = 92  # of the JPEG: about what a camera's own movies keep
CROP = (432, 640)  # rows and columns: the measure is of pixels, not of frames

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]


def main() -> int:
    """Measures and writes bench/results/unmix-DATE.json."""
    parser = argparse.ArgumentParser(prog="bench.unmix", description=__doc__)
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--compressed", action="store_true")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    lines = []
    for shot in (*MOVING, *LOCKED):
        made = _cropped(wired(shot, asked.footage, SEED), asked.compressed)
        for drawn in ("tight", "generous", "soft"):
            pairs = list(_measured(made, [_drawn(matte, drawn) for matte in made.matte]))
            classical, unmixed = (statistics.median(values) for values in zip(*pairs, strict=True))
            lines.append({"shot": shot.name, "matte": drawn, "classical": classical, "unmixed": unmixed})
            sys.stdout.write(
                f"{shot.name:22} {drawn:9} {classical:6.2f} {unmixed:6.2f} {unmixed - classical:+.2f} dB\n"
            )
            sys.stdout.flush()
    gains = [float(line["unmixed"]) - float(line["classical"]) for line in lines]
    sys.stdout.write(f"mean {statistics.mean(gains):+.2f}, least {min(gains):+.2f} dB\n")
    kind = "compressed" if asked.compressed else "exact"
    path = ROOT / "bench" / "results" / f"unmix-{kind}-{time.strftime('%Y-%m-%d')}.json"
    path.write_text(json.dumps({"seed": SEED, "plates": kind, "lines": lines}, indent=1) + "\n")
    return 0


def _cropped(made: Wired, compressed: bool) -> Wired:
    """The middle of the frames, which is where the wires are; as a movie would hold them where that is asked for."""
    height, width = made.matte.shape[1:]
    rows, columns = min(height, CROP[0]), min(width, CROP[1])
    top, left = (height - rows) // 2, (width - columns) // 2
    part = np.s_[:, top : top + rows, left : left + columns]
    plate = made.plate[part]
    return Wired(
        made.truth[part], np.stack([_jpeg(frame) for frame in plate]) if compressed else plate, made.matte[part]
    )


def _jpeg(linear: Pixels) -> Pixels:
    code = np.rint(np.clip(_code(linear), 0, 1) * 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", code, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    back = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.float32) / 255
    return np.asarray((np.exp2(back * np.log2(65)) - 1) / 16, np.float32)


def _drawn(coverage: Pixels, how: str) -> Matte:
    """The hole of a matte that an artist draws: to the last trace, 3 pixels beyond it, or with a soft brush."""
    if how == "soft":
        brush = cv2.GaussianBlur(grown(coverage > 0, 1).astype(np.float32), (0, 0), 1.5)
        return np.asarray(brush > 1 / 255)
    return grown(coverage > 0, 3 if how == "generous" else 0)


def _measured(made: Wired, holes: list[Matte]) -> Iterator[tuple[float, float]]:
    """The classical answer's dB in the matte and the unmixed one's, of each measured frame."""
    views = {
        index: View(index, log_from_linear(plate), hole, np.ones(hole.shape, bool))
        for index, (plate, hole) in enumerate(zip(made.plate, holes, strict=True))
    }
    for index in (index for index in MEASURED[::2] if index in views):
        target = views[index]
        candidates = gathered(target, neighbours_in(views, index))
        log = candidates.classical.astype(np.float32)
        truth = _code(made.truth[index])[target.hole]
        unmixed = own_of(target, candidates).over(log)
        yield _psnr(_code(linear_from_log(log)), truth), _psnr(_code(linear_from_log(unmixed)), truth)


def _code(linear: Pixels) -> Pixels:
    return np.asarray(np.log2(1 + 16 * np.maximum(linear, 0)) / np.log2(65), np.float32)


def _psnr(answer: Pixels, truth: Pixels) -> float:
    return float(-10 * np.log10(max(float(((answer - truth) ** 2).mean()), 1e-10)))


if __name__ == "__main__":
    sys.exit(main())
