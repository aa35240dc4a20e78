"""A real daemon on a real socket whose jobs are small: run as a program it serves the home of the environment.

A render copies the plate's files to the output; the seed says how many milliseconds a frame takes. Learning takes
`budget_seconds` in steps of a millisecond and circles what it learnt.
"""

import fcntl
import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from interneg.errors import MissingFrameError, PlateError
from interneg.plates.frames import parse_pattern
from interneg.production.verdict import ExpertVerdict, Verdict
from interneg.resident.engine import Engine
from interneg.resident.events import FrameDelivered, FrameFailed, JobProgress
from interneg.resident.scheduler import Control
from interneg.resident.wish import RenderWish
from interneg.service.residents import LearnWish, Work
from interneg.service.server import answering, build, serve, stop_jobs
from interneg.settings import Settings, load_settings


@dataclass(frozen=True)
class Copying:
    wish: RenderWish
    model: str = "classical"
    notices: tuple[str, ...] = ("the show has learnt nothing yet",)

    def run(self, control: Control) -> None:
        for frame in self.wish.frames:
            control.checkpoint()
            try:
                self._deliver(frame, control)
            except MissingFrameError as error:
                control.report(FrameFailed(frame, str(error)))

    def _deliver(self, frame: int, control: Control) -> None:
        source = parse_pattern(self.wish.plate_path).path(frame)
        target = parse_pattern(self.wish.output_path).path(frame)
        if not source.is_file():
            raise MissingFrameError(f"frame {frame}: {source} is not on disk; render it, or ask for other frames")
        ends = time.monotonic() + self.wish.seed / 1000
        while time.monotonic() < ends:
            control.checkpoint()
            time.sleep(0.002)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.tmp")
        beside.write_bytes(source.read_bytes())
        beside.replace(target)
        control.report(FrameDelivered(frame, str(target), 0.1, 0.2, 0.3, 0.75, 0.25, ("grey",)))


def accept(wish: RenderWish, engine: Engine, settings: Settings) -> Copying:
    engine.show_model(wish.show, wish.model_version)
    if wish.colourspace == "unforeseen":
        raise ZeroDivisionError("a fault of the programmer's")
    if not parse_pattern(wish.plate_path).frames_on_disk():
        raise PlateError(f"plate '{wish.plate_path}': no frame is on disk; name the plate")
    return Copying(wish)


def learn(wish: LearnWish, control: Control) -> Verdict:
    began, steps, budget = time.monotonic(), 0, wish.wanted.budget_seconds
    while (elapsed := time.monotonic() - began) < budget:
        control.checkpoint()
        control.report(JobProgress(elapsed / budget, "learning", budget - elapsed))
        steps += 1
        time.sleep(0.001)
    takes = len(wish.production.takes())
    fill = ExpertVerdict("fill", True, "dB", 31.0, 30.0, {"classical": 30.0, "telea_ns": 29.0}, steps, "circled")
    return Verdict(True, "v001", (fill,), takes, 0, "circled: 31.0 dB against 30.0 dB")


def small_work() -> Work:
    return Work(accept, learn)


def write_plate(folder: Path, first: int, last: int) -> str:
    """The pattern of a plate whose files are there."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame in range(first, last + 1):
        (folder / f"plate.{frame:04d}.exr").write_bytes(b"frame %d" % frame)
    return str(folder / "plate.####.exr")


@contextmanager
def daemon(home: Path, **flags: object) -> Iterator[Settings]:
    """A daemon within this process, as long as the context lasts."""
    settings = load_settings(home=home, **flags)
    settings.run_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.run_folder / "daemon.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        residents = build(lambda show: load_settings(show, home=home, **flags), small_work(), threading.Event())
        with answering(residents):
            yield settings
            assert stop_jobs(residents)


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    serve(load_settings, small_work())
