"""What was made once and is likely to be asked for again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


class Kept(Generic[Key, Made]):
    """The last few things that were made, by what they were made of; safe to ask from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._things: OrderedDict[Key, Future[Made]] = OrderedDict()

    def get(self, key: Key, make: Callable[[], Made]) -> Made:
        """The thing of that key, made where there is none yet; whoever asks meanwhile waits for it."""
        with self._lock:
            future = self._things.get(key)
            mine = future is None
            if future is None:
                self._things[key] = future = Future()
            self._things.move_to_end(key)
        if mine:
            try:
                future.set_result(make())
            except BaseException as error:  # noqa: BLE001 - whoever waits for it must hear of it
                future.set_exception(error)
            self._let_go()
        return future.result()

    def _let_go(self) -> None:
        with self._lock:
            for key in [key for key, future in self._things.items() if future.done()][: -self._most]:
                del self._things[key]
