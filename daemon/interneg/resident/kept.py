"""What was made once and is likely to be asked for again."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


def _one(_: object) -> int:
    """Each thing counts as one."""
    return 1


class Kept(Generic[Key, Made]):
    """The last few things that were made, by what they were made of; safe to ask from several threads.

    Convention: what is kept counts no more than `most` by `weigh`, which is how many there are, or their bytes. What
        could not be made is tried again by whoever asks next.
    """

    def __init__(self, most: int, weigh: Callable[[Made], int] = _one) -> None:
        self._most, self._weigh = most, weigh
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

    def has(self, key: Key) -> bool:
        """Whether the thing of that key is made, or being made."""
        with self._lock:
            return key in self._things

    def _let_go(self) -> None:
        with self._lock:
            done = [(key, future) for key, future in self._things.items() if future.done()]
            for key in [key for key, future in done if future.exception() is not None]:
                del self._things[key]
            held = [(key, self._weigh(future.result())) for key, future in done if key in self._things]
            total = sum(weight for _, weight in held)
            for key, weight in held:
                if total <= self._most:
                    return
                del self._things[key]
                total -= weight


def keep_within(folder: Path, most_bytes: int) -> None:
    """Lets go of the folder's oldest files until what is kept is within its bound.

    Raises:
        OSError: the folder cannot be used.
    """
    found = sorted(((path.stat(), path) for path in folder.glob("*.npz")), key=lambda pair: pair[0].st_mtime)
    total = sum(stat.st_size for stat, _ in found)
    for stat, path in found:
        if total <= most_bytes:
            return
        path.unlink(missing_ok=True)
        total -= stat.st_size


def written_whole(path: Path, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
    """Writes arrays, whole or not at all.

    Raises:
        OSError: they cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
