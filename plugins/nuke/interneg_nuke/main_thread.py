"""The way back to Nuke's main thread, the only one that may touch the script."""

from __future__ import annotations

from typing import Callable, TypeVar

import nuke

from .errors import HostError

T = TypeVar("T")


def here(call: Callable[[], T]) -> T:
    """What the call returns, run right here: for sessions without a window, where all is the main thread."""
    return call()


def in_main_thread(call: Callable[[], T]) -> T:
    """What the call returns, run on Nuke's main thread while this thread waits.

    Raises:
        HostError: Nuke did not run it.
        BaseException: what the call raised; Nuke itself would print it and return None.
    """
    returned: list[T] = []
    raised: list[BaseException] = []

    def guarded() -> None:
        try:
            returned.append(call())
        except BaseException as error:  # noqa: BLE001  (carried over to the waiting thread)
            raised.append(error)

    nuke.executeInMainThreadWithResult(guarded)  # type: ignore[no-untyped-call]
    if raised:
        raise raised[0]
    if not returned:
        raise HostError("Nuke did not run a step of the render. Close its dialogs and press Render again.")
    return returned[0]


def later_in_main_thread(call: Callable[[], None]) -> None:
    """Has the call run on Nuke's main thread when it is free; this thread goes on."""
    nuke.executeInMainThread(call)
