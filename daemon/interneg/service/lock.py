"""One daemon a home: a lock that the system itself lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

_PATIENCE_SECONDS = 1.0  # a client that asks whether the lock is held holds it for a moment
_PAUSE_SECONDS = 0.05


class HomeLock:
    """The lock on a home's run folder; held until the process ends."""

    def __init__(self, run_folder: Path) -> None:
        self._path = run_folder / "daemon.lock"
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Whether the lock is this process's own from now on."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _locked(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                os.close(descriptor)
                return False
            time.sleep(_PAUSE_SECONDS)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        return True

    def is_held(self) -> bool:
        """Whether a process holds the lock, which is whether a daemon lives."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return not _locked(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def holder(self) -> int | None:
        """The process that holds the lock, or held it last."""
        with suppress(OSError, ValueError):
            return int(self._path.read_text(encoding="ascii"))
        return None


def _locked(descriptor: int, kind: int) -> bool:
    """Whether the lock could be had at once."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
