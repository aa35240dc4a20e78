"""A plate's wish accepted, and the work that answers it frame by frame."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol, TypeVar

import cv2
import torch

from interneg.errors import CancelledJobError, InternegError
from interneg.plates.exr import remove_leftovers
from interneg.plates.frames import FrameRange
from interneg.resident.answer import Answer
from interneg.resident.events import FrameDelivered, FrameFailed
from interneg.resident.scheduler import Control
from interneg.resident.shot import Shot
from interneg.resident.writing import Step, Writing

_log = logging.getLogger(__name__)

T = TypeVar("T")
Written = FrameDelivered | FrameFailed


class Operation(Protocol):
    """An operator on one shot."""

    @property
    def shot(self) -> Shot:
        """The shot it works on."""

    def answered(self, number: int) -> Answer:
        """That frame, finished."""

    def close(self) -> None:
        """Lets go of the files."""


@dataclass(frozen=True, eq=False)
class Rendering:
    """A wish that was found good, its model pinned, and the work that answers it."""

    frames: FrameRange
    operation: Operation
    writing: Writing
    model: str
    notices: tuple[str, ...]
    stopped: threading.Event
    workers: int

    def run(self, control: Control) -> None:
        """Delivers the frames one by one: reading and computing of the next overlap the writing of the last.

        Raises:
            CancelledJobError: the job was cancelled; no frame is left half-written.
        """
        written: deque[Future[Written]] = deque()
        with ThreadPoolExecutor(self.workers, "frames") as computing, ThreadPoolExecutor(1, "writing") as writing:
            try:
                remove_leftovers(self.writing.output)  # not before its turn: a job at work may be writing there
                self._deliver(control, computing, writing, written)
            finally:
                self.stopped.set()
                computing.shutdown(wait=True, cancel_futures=True)
                writing.shutdown(wait=True)
                self.operation.close()
                for future in written:  # what a cancelled job has still finished is told too
                    control.report(future.result())

    def _deliver(
        self,
        control: Control,
        computing: ThreadPoolExecutor,
        writing: ThreadPoolExecutor,
        written: deque[Future[Written]],
    ) -> None:
        waiting = deque(self.frames)
        computed: deque[Future[Step]] = deque()
        ahead = self.workers + 1  # one more than can be at work: no core waits for the writing
        while waiting or computed or written:
            while waiting and len(computed) < ahead:
                computed.append(computing.submit(self._computed, waiting.popleft()))
            if written and (written[0].done() or not computed or len(written) > 1):
                event = _waited(written[0], control)
                written.popleft()
                control.report(event)
            else:
                written.append(writing.submit(self.writing.written, _waited(computed.popleft(), control)))

    def _computed(self, number: int) -> Step:
        torch.set_num_threads(1)  # frames share the cores; one thread each also keeps the bits the same
        cv2.setNumThreads(1)
        began = time.perf_counter()
        self.operation.shot.reading_seconds()
        try:
            answer = self.operation.answered(number)
        except CancelledJobError:
            raise
        except InternegError as error:
            return Step(number, None, str(error))
        except OSError as error:
            return Step(number, None, f"frame {number}: {error.filename or 'a file'} cannot be used ({error.strerror})")
        except MemoryError:
            return Step(number, None, f"frame {number} needs more memory than there is; close other programs")
        except Exception:  # noqa: BLE001 - the top of a thread: one frame's fault must not cost the others
            _log.exception("frame %d", number)
            return Step(number, None, f"frame {number} failed for a reason of Interneg's own; see the daemon's log")
        reading = self.operation.shot.reading_seconds()
        return Step(number, answer, "", reading, time.perf_counter() - began - reading)


def _waited(future: Future[T], control: Control) -> T:
    """What the future gives, with an ear for a cancellation meanwhile."""
    while not wait((future,), timeout=0.1).done:
        control.checkpoint()
    control.checkpoint()
    return future.result()
