"""A small production of our own making: dailies of two setups, and plates with stunt wires, mattes and truth.

Everything is made here, by seed, in scene-linear ACEScg; the same seed gives the same bits.
"""

import argparse
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from demo.grain import grain_field, with_grain
from demo.plates import write_matte, write_plate
from demo.scenery import Pixels, Pose, view
from demo.sets import Scene, alley, workshop
from demo.wires import DESCENT, FLOWN_PERFORMER, Wire, wires_over

SIZE = (540, 960)
FRAMES = 30
FIRST_FRAME = 1001


@dataclass(frozen=True)
class Shot:
    """A plate with wires, where their matte lies, and what the plate would be without them."""

    name: str
    plate: str
    matte: str
    truth: str
    first_frame: int
    last_frame: int


@dataclass(frozen=True)
class Sample:
    """What there is to learn from, and what there is to clean."""

    dailies: tuple[Path, ...]
    shots: tuple[Shot, ...]


@dataclass(frozen=True)
class Performance:
    """How the planned move was carried out on one take."""

    start: float  # share of the planned move
    end: float
    stops: float
    number: int  # of its own shakes and its own grain


@dataclass(frozen=True)
class Setup:
    """One camera and light state of the sample, its takes, and the wires of its shot."""

    name: str
    dress: Callable[[int, int], Scene]
    takes: tuple[Performance, ...]
    shot: Performance
    wires: tuple[Wire, ...]


SETUPS = (
    Setup(
        "setup01",
        alley,
        (Performance(0.0, 1.0, 0.0, 1), Performance(0.86, 0.1, -0.5, 2)),
        Performance(0.06, 0.94, 0.0, 3),
        FLOWN_PERFORMER,
    ),
    Setup(
        "setup02",
        workshop,
        (Performance(0.0, 0.9, 0.3, 4), Performance(1.0, 0.2, -0.3, 5)),
        Performance(0.05, 0.95, 0.0, 6),
        DESCENT,
    ),
)


def make_sample(folder: Path, seed: int = 1, size: tuple[int, int] = SIZE, frames: int = FRAMES) -> Sample:
    """The whole production, made in that folder; `size` is rows and columns."""
    shots = tuple(_make_setup(folder, setup, seed, size, frames) for setup in SETUPS)
    return Sample((folder / "dailies",), shots)


def _make_setup(folder: Path, setup: Setup, seed: int, size: tuple[int, int], frames: int) -> Shot:
    """The takes and the shot of one setup."""
    scene = setup.dress(size[1], seed)
    shot = shot_in(folder, f"{setup.name}_wires", FIRST_FRAME, frames)

    def make_take_frame(index: int, take: Performance) -> None:
        name = f"{setup.name}_take{setup.takes.index(take) + 1:02d}.{FIRST_FRAME + index}.exr"
        clean, grain = _exposed(scene, take, (index, frames), seed, size)
        write_plate(folder / "dailies" / name, with_grain(clean, grain))

    def make_shot_frame(index: int) -> None:
        clean, grain = _exposed(scene, setup.shot, (index, frames), seed, size)
        wired, coverage = wires_over(clean, setup.wires, index / max(1, frames - 1))
        write_shot(shot, FIRST_FRAME + index, (with_grain(wired, grain), coverage, with_grain(clean, grain)))

    indices = range(frames)
    in_parallel(
        [partial(make_take_frame, index, take) for take in setup.takes for index in indices]
        + [partial(make_shot_frame, index) for index in indices]
    )
    return shot


def shot_in(folder: Path, name: str, first_frame: int, frames: int) -> Shot:
    """Where a shot's plate, matte and truth lie below the folder."""
    plate, matte, truth = (str(folder / kind / f"{name}.####.exr") for kind in ("plates", "mattes", "truth"))
    return Shot(name, plate, matte, truth, first_frame, first_frame + frames - 1)


def write_shot(shot: Shot, frame: int, pixels: tuple[Pixels, Pixels, Pixels]) -> None:
    """Writes one frame of a shot: the plate, its matte, its truth."""
    plate, coverage, truth = pixels
    paths = [Path(pattern.replace("####", f"{frame:04d}")) for pattern in (shot.plate, shot.matte, shot.truth)]
    write_plate(paths[0], plate)
    write_matte(paths[1], coverage)
    write_plate(paths[2], truth)


def in_parallel(works: Iterable[Callable[[], None]]) -> None:
    """Does all the works, as many at a time as there are cores; the first error is raised."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for work in [pool.submit(work) for work in works]:
            work.result()


def _exposed(
    scene: Scene, take: Performance, place: tuple[int, int], seed: int, size: tuple[int, int]
) -> tuple[Pixels, Pixels]:
    """One frame of a take through the lens, and the grain that it will have; `place` is its index of how many."""
    index, frames = place
    share = index / max(1, frames - 1)
    pose = _shaken(scene.move(take.start + (take.end - take.start) * share), share, seed, take.number)
    clean = view(scene.panels, pose, size) * np.float32(2.0**take.stops)
    return clean, grain_field(size, np.random.default_rng([seed, take.number, index]))


def _shaken(pose: Pose, share: float, seed: int, number: int) -> Pose:
    """The pose in an operator's hands: slow drifts and small tremors of about a centimetre and a tenth of a degree."""
    rng = np.random.default_rng([seed, number])
    speeds, phases = rng.uniform(0.6, 3.2, (6, 3)), rng.uniform(0, 2 * np.pi, (6, 3))
    shake = (np.sin(2 * np.pi * speeds * share + phases) / (1 + speeds)).sum(axis=1)
    return replace(
        pose,
        x=pose.x + 0.009 * shake[0],
        y=pose.y + 0.009 * shake[1],
        z=pose.z + 0.006 * shake[2],
        pan_degrees=pose.pan_degrees + 0.09 * shake[3],
        tilt_degrees=pose.tilt_degrees + 0.09 * shake[4],
        roll_degrees=pose.roll_degrees + 0.07 * shake[5],
    )


def main() -> None:
    """Makes the sample where the command line says."""
    parser = argparse.ArgumentParser(description="Makes a small production: dailies, plates with wires, mattes, truth.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    make_sample(asked.folder, asked.seed)


if __name__ == "__main__":
    main()
