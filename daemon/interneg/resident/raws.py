"""Each frame's answer by itself, kept while the frames beside it are likely to be asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

KEPT = 8  # frames: two for each that is worked on at once; one that was let go is computed again, to the same bits


class Raws(Generic[Answer]):
    """Answers by frame, each computed once; safe to ask from several threads.

    An answer never asks for another one, so nobody waits in a circle.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[int, Future[Answer]] = OrderedDict()

    def of(self, number: int, compute: Callable[[], Answer]) -> Answer:
        """That frame's answer; whatever was raised while it was computed is raised again, to all who ask."""
        with self._lock:
            future, mine = self._answers.get(number), False
            if future is None:
                future, mine = Future[Answer](), True
                self._answers[number] = future
            self._answers.move_to_end(number)
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        if mine:
            try:
                future.set_result(compute())
            except BaseException as error:  # noqa: BLE001 - whoever waits for this answer must hear of it
                future.set_exception(error)
        return future.result()
