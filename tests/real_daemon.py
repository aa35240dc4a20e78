"""A real daemon with the real operators, in this process or as a program of its own, and a small shot for it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from interneg.service.server import answering, build, stop_jobs
from interneg.service.work import real_work
from interneg.settings import Settings, load_settings
from interneg_bridge.client import Client
from interneg_bridge.errors import DaemonError
from interneg_proto.v1 import plate_service_pb2
from synthetic import write_matte, write_plate

HEIGHT, WIDTH = 36, 52


@contextmanager
def real_daemon(home: Path, **flags: object) -> Iterator[Settings]:
    """A daemon within this process, as long as the context lasts."""
    settings = load_settings(home=home, **flags)
    settings.run_folder.mkdir(mode=0o700, parents=True)
    residents = build(lambda show: load_settings(show, home=home, **flags), real_work(), threading.Event())
    with answering(residents):
        yield settings
        assert stop_jobs(residents)


@contextmanager
def daemon_program(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`interneg serve` as a process, which answers; killed at the end where it has not ended."""
    socket = load_settings(home=home).socket_path
    with (home.parent / "daemon.log").open("ab") as log:
        started = subprocess.Popen(
            [sys.executable, "-c", "from interneg.cli import main; main()", "serve"],
            env={**os.environ, "INTERNEG_HOME": str(home)},
            stdout=log,
            stderr=log,
        )
    try:
        while started.poll() is None and not _answers(socket):
            time.sleep(0.05)
        yield started
    finally:
        started.kill()
        started.wait()


def _answers(socket: Path) -> bool:
    """Whether a daemon serves there."""
    try:
        with Client(str(socket)):
            return True
    except DaemonError:
        return False


def write_shot(folder: Path, frames: range, size: tuple[int, int] = (HEIGHT, WIDTH)) -> tuple[str, str]:
    """The patterns of a plate that pans over a texture, with values below 0 and above 1, and of its moving matte."""
    height, width = size
    rng = np.random.default_rng(7)
    wide = np.repeat(np.repeat(rng.normal(0.5, 0.5, (height // 4 + 1, width, 3)), 4, 0), 4, 1)
    for place, frame in enumerate(frames):
        plate = wide[:height, 2 * place : 2 * place + width].astype(np.float16).astype(np.float32)
        matte = np.zeros((height, width), np.float32)
        matte[:, width // 2 : width // 2 + 3] = (0.25, 1.0, 0.5)
        write_plate(folder / f"plate.{frame}.exr", np.ascontiguousarray(plate))
        write_matte(folder / f"matte.{frame}.exr", matte)
    return str(folder / "plate.####.exr"), str(folder / "matte.####.exr")


def clean_wish(plate: str, matte: str, out: Path, frames: range) -> plate_service_pb2.RenderRequest:
    """A clean as the wire carries it."""
    request = plate_service_pb2.RenderRequest(show="heron")
    request.plate.path, request.output.path = plate, str(out)
    request.plate.frames.first_frame, request.plate.frames.last_frame = frames[0], frames[-1]
    request.clean.matte.path = matte
    return request
