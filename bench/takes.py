"""Clean with other takes and clean plates on real footage: stretches of one clip, or takes of one set, as takes."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from bench.clean import code_of, inpainted, psnr
from interneg.operators.candidates import gathered
from interneg.operators.motion import View
from interneg.plates.colour import ColourConfig, linear_from_log
from interneg.plates.frames import Pattern
from interneg.plates.plate import Plate, Window
from interneg.plates.source import PlateSource, open_source
from interneg.resident.anchors import Anchors
from interneg.resident.elsewhere import OF_CLEAN_PLATES, Elsewhere
from interneg.resident.footage import Footage, Means
from interneg.resident.shot import Shot, view_of

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ColourConfig()
Pixels = npt.NDArray[np.float32]
WARMER = np.array([1.41 * 1.12, 1.41, 1.41 * 0.86], np.float32)  # half a stop up, and warmer


@dataclass(frozen=True)
class Stretch:
    """Some frames of a clip, lit otherwise."""

    path: str
    first: int
    last: int
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Case:
    """A shot, what hangs in it, and what else there is of its scene; frames are the shot's, counted from 0."""

    name: str
    shot: Stretch
    hole: str  # wire, post: locked to the frame; person: what differs from the truth
    take: Stretch
    measured: tuple[int, ...] = (2, 6, 9)
    truth: Stretch | None = None
    clean_plate: str = ""


ONE = "plate_onebyone/one-by-one-person-detection.mp4"
EMPTY = "plate_onebyone/clean_plates/empty_{}_median.png"
ASL = "takes_asl/takes/{}.mkv"
BOTTLES = "continuity_bottles/bottle-detection.mp4"
CITY = "moving_city_cc0/cityCC0.mpg"
DOG = "moving_dog_phone/VID_20191220_170832.mp4"
LIT = (float(WARMER[0]), float(WARMER[1]), float(WARMER[2]))

CASES = (
    Case("locked wire, empty take", Stretch(ONE, 30, 41), "wire", Stretch(ONE, 455, 500), clean_plate="0453_0501"),
    Case("locked wire, warmer take", Stretch(ONE, 30, 41), "wire", Stretch(ONE, 455, 500, LIT)),
    Case("locked wire, people in take", Stretch(ONE, 30, 41), "wire", Stretch(ONE, 230, 440)),
    Case(
        "person stands, empty set in take", Stretch(ONE, 136, 147), "person", Stretch(ONE, 455, 500),
        truth=Stretch(ONE, 205, 224), clean_plate="0453_0501",
    ),
    Case("locked wire, performer", Stretch(ASL.format("yes"), 20, 31), "wire", Stretch(ASL.format("no"), 1, 60)),
    Case("locked post, performer", Stretch(ASL.format("help"), 20, 31), "post", Stretch(ASL.format("milk"), 1, 60)),
    Case("locked wire, bottles moved", Stretch(BOTTLES, 560, 571), "wire", Stretch(BOTTLES, 92, 146)),
    Case("post, crane, warmer take", Stretch(CITY, 12, 23), "post", Stretch(CITY, 50, 90, LIT)),
    Case("post, handheld, warmer take", Stretch(DOG, 1, 12), "post", Stretch(DOG, 25, 41, LIT)),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Held:
    """Frames in memory as a source of plates."""

    path: str
    pictures: dict[int, Pixels]
    kind: str = "held"
    colourspace: str = CONFIG.working_space
    notices: tuple[str, ...] = ()

    @property
    def frames(self) -> tuple[int, ...]:
        """Their numbers."""
        return tuple(self.pictures)

    def read(self, frame: int) -> Plate:
        """One of them."""
        rgb = self.pictures[frame]
        window = Window.of_size(rgb.shape[1], rgb.shape[0])
        return Plate(rgb, window, window, colourspace=self.colourspace)

    def close(self) -> None:
        """Nothing is held open."""


def held(stretch: Stretch, footage: Path, offset: int = 0) -> Held:
    """The stretch, numbered from the offset on."""
    source = open_source(str(footage / stretch.path), "", CONFIG)
    try:
        light = np.array(stretch.light, np.float32)
        frames = range(stretch.first, min(stretch.last, source.frames[-1]) + 1)
        return Held(stretch.path, {offset + at: source.read(frame).rgb * light for at, frame in enumerate(frames)})
    finally:
        source.close()


def hole_of(case: Case, shot: Held, truth: Pixels | None) -> npt.NDArray[np.bool_]:
    """What is to go, for every frame of the shot alike."""
    height, width = shot.pictures[0].shape[:2]
    rows, columns = np.mgrid[0:height, 0:width]
    if case.hole == "wire":
        thick = 6 * width / 960
        upright = np.abs(columns - 0.42 * width - 0.06 * rows) < thick / 2
        level = np.abs(rows - 0.45 * height - 0.12 * (columns - 0.5 * width)) < thick / 2
        return np.asarray(upright | level)
    if case.hole == "post":
        return np.asarray((np.abs(columns - 0.38 * width) < 0.035 * width) & (rows > 0.2 * height))
    if truth is None:
        raise ValueError(f"{case.name} has no truth")
    differs = [np.abs(code_of(picture) - code_of(truth)).max(axis=-1) for picture in shot.pictures.values()]
    marked = (np.max(differs, axis=0) > 0.06).astype(np.uint8)
    marked = cv2.morphologyEx(marked, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.dilate(marked, np.ones((25, 25), np.uint8)) > 0)


def measured(case: Case, footage: Path, sheet: Path | None) -> dict[str, object]:
    """PSNR within the hole by method, and seconds a frame."""
    shot, other = held(case.shot, footage), held(case.take, footage)
    empty = None if case.truth is None else np.median(np.stack([*held(case.truth, footage).pictures.values()]), axis=0)
    hole = hole_of(case, shot, empty)
    covered = {at: np.where(hole[..., None], np.float32(0.02), rgb) for at, rgb in shot.pictures.items()}
    plates = Shot(Held("plate", covered), lambda number, plate: (view_of(number, plate, hole), None))
    take = Footage("take", lambda: other, Means(CONFIG))
    beside = {
        "shot alone": Elsewhere(Anchors(Pattern(""))),
        "take": Elsewhere(Anchors(Pattern("")), None, (take,), True),
    }
    if case.clean_plate:
        path = str(footage / EMPTY.format(case.clean_plate))
        plate = Footage("clean plate", lambda: _opened(path), Means(CONFIG), OF_CLEAN_PLATES)
        beside["clean plate"] = Elsewhere(Anchors(Pattern("")), plate)
    decibels: dict[str, list[float]] = {}
    seconds: dict[str, list[float]] = {}
    for at in case.measured:
        truth = shot.pictures[at] if empty is None else empty.astype(np.float32)
        pictures = dict(_answers(plates, at, beside, seconds))
        code = code_of(covered[at])
        for name, method in (("telea", cv2.INPAINT_TELEA), ("ns", cv2.INPAINT_NS)):
            decibels.setdefault(name, []).append(psnr(inpainted(code, hole, method), code_of(truth)[hole]))
        for name, picture in pictures.items():
            decibels.setdefault(name, []).append(psnr(code_of(picture)[hole], code_of(truth)[hole]))
        if sheet is not None and at == case.measured[0]:
            _draw(sheet / f"{case.name.replace(', ', '-').replace(' ', '_')}.png", covered[at], pictures, truth)
    medians = {name: round(statistics.median(values), 2) for name, values in decibels.items()}
    spent = {name: round(statistics.median(values), 2) for name, values in seconds.items()}
    return {"case": case.name, "decibels": medians, "seconds": spent}


def _opened(path: str) -> PlateSource:
    return open_source(path, "", CONFIG)


def _answers(
    shot: Shot, at: int, beside: dict[str, Elsewhere], seconds: dict[str, list[float]]
) -> Iterator[tuple[str, Pixels]]:
    view: View = shot.frame(at).view
    for name, elsewhere in beside.items():
        began = time.perf_counter()
        found = gathered(view, shot.neighbours_of(at), beside=elsewhere.beside(shot, view, CONFIG.working_space))
        seconds.setdefault(name, []).append(time.perf_counter() - began)
        picture = shot.frame(at).plate.rgb.copy()
        picture[view.hole] = linear_from_log(found.classical)
        sys.stdout.write(f"  {at} {name}: seen {found.seen.mean():.2f} {dict(found.sources)}\n")
        yield name, picture


def _draw(path: Path, plate: Pixels, pictures: dict[str, Pixels], truth: Pixels) -> None:
    """A contact sheet: the plate, each answer, the truth."""
    path.parent.mkdir(parents=True, exist_ok=True)
    row = [plate, *pictures.values(), truth]
    small = [np.clip(code_of(picture) * 255, 0, 255).astype(np.uint8)[..., ::-1] for picture in row]
    half = (len(small) + 1) // 2
    small += [np.zeros_like(small[0])] * (2 * half - len(small))
    cv2.imwrite(str(path), np.concatenate([np.concatenate(part, 1) for part in (small[:half], small[half:])], 0))


def main() -> int:
    """Runs the cases."""
    parser = argparse.ArgumentParser(prog="bench.takes", description=__doc__)
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    parser.add_argument("--sheets", type=Path, help="a folder for contact sheets")
    parser.add_argument("--out", type=Path, help="the JSON to write")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    lines = []
    for case in (case for case in CASES if asked.only in case.name and (asked.footage / case.shot.path).exists()):
        lines.append(measured(case, asked.footage, asked.sheets))
        sys.stdout.write(f"{json.dumps(lines[-1])}\n")
        sys.stdout.flush()
    if asked.out:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(json.dumps(lines, indent=1) + "\n")
    return 0 if lines else 1


if __name__ == "__main__":
    sys.exit(main())
