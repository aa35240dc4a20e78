"""A shot's frames as the operators see them: read once, kept while they are likely to be asked for again."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from interneg.errors import MissingFrameError, PlateError
from interneg.operators.candidates import Neighbour
from interneg.operators.motion import View
from interneg.plates.colour import log_from_linear
from interneg.plates.plate import Plate
from interneg.plates.source import PlateSource
from interneg.resident.found import key_of_view

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

KEPT_BYTES = 6 << 30  # of frames: 20 at 4K, so that the 17 that a frame always asks are there for the next one too
SHARE_OF_MEMORY = 3  # a third of the machine's at most; a frame that was let go is read again


@dataclass(frozen=True, eq=False)
class ShotFrame:
    """One frame of a shot: the plate as it was read, and how the operators see it."""

    plate: Plate
    view: View
    matte: Pixels | None

    @property
    def bytes(self) -> int:
        """The memory it takes, its working copy and all that its file carries included."""
        carried = 0
        if self.plate.origin is not None:
            carried = sum(each.pixels.nbytes for part in self.plate.origin.parts for each in part.channels.values())
        view = self.view
        return int(self.plate.rgb.nbytes + view.log.nbytes + 3 * view.hole.nbytes) + carried  # 3: hole, there, known


Seen = Callable[[int, Plate], tuple[View, Pixels | None]]
Content = Callable[[int], str]


def _spared_bytes() -> int:
    """How much of this machine's memory a shot may take."""
    if not hasattr(os, "sysconf"):
        return KEPT_BYTES  # where a machine does not say
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // SHARE_OF_MEMORY


def _nobody_vouches(number: int) -> str:
    """No content is known."""
    return ""


class Shot:
    """Every frame of a pattern or movie, whatever range is asked for; safe to ask from several threads.

    Convention: `content` gives what a frame's file is told by as it is now, empty where nothing does.
    """

    def __init__(
        self, source: PlateSource, seen: Seen, kept_bytes: int = KEPT_BYTES, content: Content = _nobody_vouches
    ) -> None:
        self.source = source
        self._content = content
        self._kept_bytes = min(kept_bytes, _spared_bytes())
        self._seen = seen
        self._lock = threading.Lock()
        self._frames: OrderedDict[int, Future[ShotFrame]] = OrderedDict()
        self._clock = threading.local()

    def frame(self, number: int) -> ShotFrame:
        """That frame.

        Raises:
            MissingFrameError: it is not on disk, or has no matte.
            PlateError: it cannot be read.
        """
        future, mine = self._future(number)
        if mine:
            try:
                future.set_result(self._read(number))
            except BaseException as error:  # noqa: BLE001 - whoever waits for this frame must hear of it
                future.set_exception(error)
            with self._lock:
                self._let_go()
        return future.result()

    def neighbour(self, number: int) -> ShotFrame | None:
        """That frame, or None where there is none that can be read."""
        if number not in self.source.frames:
            return None
        try:
            return self.frame(number)
        except (MissingFrameError, PlateError):
            return None

    def neighbours_of(self, number: int) -> Neighbour:
        """The views of the frames so many frames away, None where there is none."""

        def neighbour(offset: int) -> View | None:
            frame = self.neighbour(number + offset)
            return frame.view if frame else None

        return neighbour

    def reading_seconds(self) -> float:
        """How long the calling thread has spent in reading since it last asked."""
        spent = getattr(self._clock, "seconds", 0.0)
        self._clock.seconds = 0.0
        return float(spent)

    def close(self) -> None:
        """Lets go of the frames and the file."""
        with self._lock:
            self._frames.clear()
        self.source.close()

    def _future(self, number: int) -> tuple[Future[ShotFrame], bool]:
        with self._lock:
            future = self._frames.get(number)
            if future is not None:
                self._frames.move_to_end(number)
                return future, False
            self._frames[number] = future = Future()
            return future, True

    def _read(self, number: int) -> ShotFrame:
        began = time.perf_counter()
        content = self._content(number)
        plate = self.source.read(number)
        view, matte = self._seen(number, plate)
        if content and content == self._content(number):  # else somebody wrote to it meanwhile
            view = replace(view, key=key_of_view(content, view))
        self._clock.seconds = getattr(self._clock, "seconds", 0.0) + time.perf_counter() - began
        return ShotFrame(plate, view, matte)

    def _let_go(self) -> None:
        done = [future for future in self._frames.values() if future.done() and future.exception() is None]
        total = sum(future.result().bytes for future in done)
        for number, future in list(self._frames.items()):
            if total <= self._kept_bytes:
                return
            if future.done():
                total -= future.result().bytes if future.exception() is None else 0
                del self._frames[number]


def view_of(frame: int, plate: Plate, hole: Matte) -> View:
    """The plate as the operators see it: log-encoded, with what may be replaced and what is there at all."""
    finite = np.isfinite(plate.rgb)
    if finite.all():
        return View(frame, log_from_linear(plate.rgb), hole, np.ones(hole.shape, bool))
    there = np.asarray(finite.all(axis=-1))
    log = log_from_linear(np.where(there[..., None], plate.rgb, 0).astype(np.float32))
    return View(frame, log, hole, there)
