"""Clean on real shots: wires of our own over them, so that the shot itself is the truth; peers in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from demo.wires import Wire, wires_over

from interneg.model.fill import FillNetwork, refined, with_merge
from interneg.model.guess import with_guess
from interneg.model.spatial_fill import SpatialFillNetwork
from interneg.operators.candidates import Candidates, Neighbour, gathered
from interneg.operators.motion import View
from interneg.plates.colour import ColourConfig, linear_from_log, log_from_linear
from interneg.plates.source import open_source
from interneg.resident.filling import Filler, Raw, own_of, raw_of
from interneg.resident.kept import Kept

Pixels = npt.NDArray[np.float32]
Decibels = dict[str, list[float]]

CPU = torch.device("cpu")
SHOT_FRAMES = 40
MEASURED = (8, 14, 20, 26, 32)  # of the shot's frames: with neighbours on both sides, far enough apart


@dataclass(frozen=True)
class BenchShot:
    """A stretch of a clip: its name, its file under the footage folder, its first frame."""

    name: str
    path: str
    first: int


MOVING = (
    BenchShot("city, slow crane", "moving_city_cc0/cityCC0.mpg", 10),
    BenchShot("city, second shot", "moving_city_cc0/cityCC0.mpg", 130),
    BenchShot("dog, handheld 1080p", "moving_dog_phone/VID_20191220_170832.mp4", 1),
    BenchShot("cars, slow drift", "plate_cars/car-detection.mp4", 100),
    BenchShot("portrait, slow zoom", "face_nasa/nasa_13013.mp4", 100),
)
LOCKED = (
    BenchShot("juggler, tripod", "sam2_juggle/05_default_juggle.mp4", 20),
    BenchShot("coffee, tripod", "sam2_coffee/04_coffee.mp4", 20),
)


@dataclass(frozen=True, eq=False)
class Wired:
    """A shot with wires over it: the truth and the plate (F, H, W, 3) linear, the coverage (F, H, W)."""

    truth: Pixels
    plate: Pixels
    matte: Pixels


def wired(shot: BenchShot, footage: Path, seed: int) -> Wired:
    """The shot with wires of our own over it, mixed in scene-linear light."""
    source = open_source(str(footage / shot.path), "", ColourConfig())
    try:
        last = min(shot.first + SHOT_FRAMES, source.frames[-1] + 1)
        truth = np.stack([source.read(frame).rgb for frame in range(shot.first, last)])
    finally:
        source.close()
    wires = wires_of_seed(seed)
    shares = np.linspace(0, 1, len(truth))
    plates, mattes = zip(
        *(wires_over(clean, wires, float(at)) for clean, at in zip(truth, shares, strict=True)), strict=True
    )
    return Wired(truth, np.stack(plates), np.stack(mattes))


def wires_of_seed(seed: int) -> tuple[Wire, ...]:
    """Three wires, 2 to 7 pixels wide at a width of 960, that cross the frame anywhere and move a little."""
    rng, wires = np.random.default_rng(seed), []
    for upright in (True, True, False):
        first, last = rng.uniform(0.15, 0.85, 2)
        travel = rng.normal(0, 0.05, 2)
        wires.append(
            Wire(
                (float(first), float(last)),
                (float(travel[0]), float(travel[1])),
                sway=float(rng.uniform(0, 0.015)),
                swings=float(rng.uniform(0.5, 2)),
                slack=float(rng.normal(0, 0.02)),
                width=float(rng.uniform(2, 7)),
                blur=float(rng.uniform(0.5, 1.2)),
                upright=upright,
                gleam=float(rng.uniform(0, 1)),
            )
        )
    return tuple(wires)


@dataclass(frozen=True, eq=False)
class Fillers:
    """The networks of one answer: what guesses where nobody has seen, and what merges; None: without."""

    spatial: SpatialFillNetwork | None = None
    fill: FillNetwork | None = None

    def answer(self, view: View, candidates: Candidates) -> Pixels:
        """The hole's pixels in log (N, 3) as a clean fills them, but for the grain, which nobody can foretell."""
        merged = with_merge(self.fill, candidates, CPU)
        guessed = with_guess(self.spatial, view.log, view.known, merged, CPU)
        log = guessed.classical if self.fill is None else refined(self.fill, view.log, guessed, CPU).log
        return own_of(view, guessed).over(log)


def measure(wired_shot: Wired, fillers: Mapping[str, Fillers]) -> tuple[Decibels, list[float]]:
    """PSNR in the matte of log2(1 + 16 x) / log2(65) for every method, and the seconds a frame of the last of ours."""
    log = log_from_linear(wired_shot.plate)
    views = {
        index: View(index, frame, matte > 0, np.ones(matte.shape, bool))
        for index, (frame, matte) in enumerate(zip(log, wired_shot.matte, strict=True))
    }
    decibels: Decibels = {}
    seconds: list[float] = []
    for index in (index for index in MEASURED if index < len(log)):
        hole = views[index].hole
        began = time.perf_counter()
        candidates = gathered(views[index], neighbours_in(views, index))
        gathering = time.perf_counter() - began
        answers = {}
        for name, ours in fillers.items():
            began = time.perf_counter()
            answers[name] = ours.answer(views[index], candidates)
        seconds.append(gathering + time.perf_counter() - began)
        code = code_of(wired_shot.plate[index])
        truth = code_of(wired_shot.truth[index])[hole]
        for name, method in (("telea", cv2.INPAINT_TELEA), ("ns", cv2.INPAINT_NS)):
            decibels.setdefault(name, []).append(psnr(inpainted(code, hole, method), truth))
        for name, answer in answers.items():
            decibels.setdefault(name, []).append(psnr(code_of(linear_from_log(answer)), truth))
    return decibels, seconds


def neighbours_in(views: dict[int, View], index: int) -> Neighbour:
    """The frames of a shot as a clean asks for them."""
    return lambda offset: views.get(index + offset)


def alone_in(views: dict[int, View], filler: Filler) -> Callable[[View], Raw]:
    """What each frame of a shot answers by itself, made once."""
    raws: Kept[int, Raw] = Kept(len(views))
    return lambda view: raws.get(view.frame, lambda: raw_of(view, neighbours_in(views, view.frame), filler))


def inpainted(code: Pixels, hole: npt.NDArray[np.bool_], method: int) -> Pixels:
    """What an OpenCV method puts into the hole, (N, 3); 8 bits are all it takes."""
    picture = np.rint(np.clip(code, 0, 1) * 255).astype(np.uint8)
    return np.asarray(cv2.inpaint(picture, hole.astype(np.uint8), 5, method)[hole] / np.float32(255), np.float32)


def code_of(linear: Pixels) -> Pixels:
    """The encoding that is measured in: log2(1 + 16 x) / log2(65)."""
    return np.asarray(np.log2(1 + 16 * np.maximum(linear, 0)) / np.log2(65), np.float32)


def psnr(answer: Pixels, truth: Pixels) -> float:
    """The peak signal-to-noise ratio in decibels."""
    return float(-10 * np.log10(max(float(((answer - truth) ** 2).mean()), 1e-10)))
