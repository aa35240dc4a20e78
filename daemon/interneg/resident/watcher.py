"""Dailies that settle: a folder is watched, and each movie or sequence is offered once nobody writes to it any more.

The only importer of watchdog. What the system tells of a folder is a hint and no more: it is silent on network disks
and may lose events under load, so the folder is also looked through now and then.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from interneg.errors import InternegError, NotFoundError
from interneg.plates.frames import Pattern, find_sequences
from interneg.plates.probe import is_footage, probe

_log = logging.getLogger(__name__)

# How often a file that is being written is looked at: often enough that a pause of settle_seconds is seen as one.
_LOOKS_PER_SETTLE = 4

# A copy over the network may stall for a while: a file that cannot be probed is given so many times settle_seconds
# before it is offered as it is, to be refused by name and reason.
_PATIENCE = 10

_ARRIVING = ("created", "moved")
_WRITING = (*_ARRIVING, "modified", "deleted", "closed")

Signature = tuple[tuple[str, int, int], ...]  # name, size in bytes, time of change in nanoseconds


@dataclass(slots=True)
class _Quiet:
    """Since when files have not changed, and when to see next whether they are whole."""

    signature: Signature
    since: float
    prove_at: float


def probes(path: Path) -> bool:
    """Whether a movie or sequence can be probed: a half-copied movie most often cannot."""
    try:
        probe(str(path))
    except (InternegError, OSError):
        return False
    return True


@dataclass(slots=True)
class Settling:
    """Says which movies and sequences have settled, from looks at their files.

    Convention: `now` is in seconds of any clock that only goes forward; what was offered is not offered again before it
    changes.
    """

    settle_seconds: float
    looks_whole: Callable[[Path], bool] = probes
    _quiet: dict[str, _Quiet] = field(default_factory=dict)
    _offered: dict[str, Signature] = field(default_factory=dict)

    def look(self, path: str, signature: Signature, now: float) -> bool:
        """Whether what lies at the path has settled just now."""
        if self._offered.get(path) == signature:
            self._quiet.pop(path, None)
            return False
        quiet = self._quiet.get(path)
        if quiet is None or quiet.signature != signature:
            self._quiet[path] = _Quiet(signature, now, now + self.settle_seconds)
            return False
        if now < quiet.prove_at or not self._is_settled(Path(path), quiet, now):
            return False
        del self._quiet[path]
        self._offered[path] = signature
        return True

    def is_pending(self, path: str) -> bool:
        """Whether what lies at the path has yet to settle."""
        return path in self._quiet

    def forget_all_but(self, folder: Path, paths: set[str]) -> None:
        """Drops what has gone from a folder, so that it is new when it comes back."""
        for path in (self._quiet.keys() | self._offered.keys()) - paths:
            if Path(path).parent == folder:
                self._quiet.pop(path, None)
                self._offered.pop(path, None)

    def _is_settled(self, path: Path, quiet: _Quiet, now: float) -> bool:
        if now - quiet.since >= _PATIENCE * self.settle_seconds or self.looks_whole(path):
            return True
        quiet.prove_at = now + self.settle_seconds
        return False


class Handle:
    """One folder that is watched, until it is stopped."""

    def __init__(
        self, folder: Path, settling: Settling, on_settled: Callable[[Path], None], rescan_seconds: float
    ) -> None:
        self.folder = folder
        self._settling = settling
        self._on_settled = on_settled
        self._rescan_seconds = rescan_seconds
        self._stopped = threading.Event()
        self._hints = _Hints(folder)
        self._observer = _observer(self._hints, folder)
        self._thread = threading.Thread(target=self._run, name=f"watch {folder.name}", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether the folder is still watched."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Ends the watch; nothing more is offered once it returns."""
        self._stopped.set()
        self._hints.arrived.set()
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._watch()
        except Exception:  # noqa: BLE001 the top of a thread
            _log.exception("The watch on %s ended; start it again to go on.", self.folder)

    def _watch(self) -> None:
        live: set[Path] = set()
        rescan_at = time.monotonic()
        while not self._stopped.is_set():
            if time.monotonic() >= rescan_at:
                live |= _folders(self.folder)
                rescan_at = time.monotonic() + self._rescan_seconds
            live = {folder for folder in live | self._hints.take() if self._look_into(folder)}
            # While something is being written, looks go by the clock, however many events its writing makes.
            if live:
                self._stopped.wait(self._settling.settle_seconds / _LOOKS_PER_SETTLE)
            else:
                self._hints.arrived.wait(max(0.0, rescan_at - time.monotonic()))

    def _look_into(self, folder: Path) -> bool:
        """Whether anything in the folder itself has yet to settle; what has is offered."""
        patterns = [pattern for pattern in _sequences(folder) if is_footage(Path(pattern.text))]
        self._settling.forget_all_but(folder, {pattern.text for pattern in patterns})
        for pattern in patterns:
            signature = _signature(pattern)
            if self._stopped.is_set():
                return False
            if signature and self._settling.look(pattern.text, signature, time.monotonic()):
                self._on_settled(Path(pattern.text))
        return any(self._settling.is_pending(pattern.text) for pattern in patterns)


class Watcher:
    """Every folder that the daemon watches."""

    def __init__(self, looks_whole: Callable[[Path], bool] = probes, rescan_seconds: float = 30.0) -> None:
        self._looks_whole = looks_whole
        self._rescan_seconds = rescan_seconds
        self._handles: list[Handle] = []
        self._lock = threading.Lock()

    def watch(self, folder: Path, settle_seconds: float, on_settled: Callable[[Path], None]) -> Handle:
        """A watch on the folder and all below it; what lies there already is offered too.

        Convention: `on_settled` gets a movie or the pattern of a sequence, on the watch's own thread, one at a time.

        Raises:
            NotFoundError: there is no such folder.
        """
        folder = folder.expanduser().absolute()
        if not folder.is_dir():
            raise NotFoundError(f"The folder {folder} to be watched is not there: make it, or name another.")
        handle = Handle(folder, Settling(settle_seconds, self._looks_whole), on_settled, self._rescan_seconds)
        with self._lock:
            self._handles = [other for other in self._handles if other.is_running] + [handle]
        return handle

    def close(self) -> None:
        """Ends every watch."""
        with self._lock:
            handles, self._handles = self._handles, []
        for handle in handles:
            handle.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Hints(FileSystemEventHandler):
    """The folders that something happened in, as the system tells; watchdog calls it on a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.arrived = threading.Event()
        self._folder = folder
        self._real_folder = folder.resolve()  # what macOS names in its events
        self._touched: set[Path] = set()
        self._lock = threading.Lock()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Notes the folder of what was made, written, moved or taken away; mere reading counts for nothing."""
        if event.event_type not in _WRITING:
            return
        touched = set()
        for path in (Path(os.fsdecode(path)) for path in (event.src_path, event.dest_path) if path):
            touched.add(path.parent)
            # A folder that is moved here whole, or filled before the system watches it, tells nothing of its files.
            if event.is_directory and event.event_type in _ARRIVING and path.is_dir():
                touched |= _folders(path)
        with self._lock:
            self._touched |= touched
        self.arrived.set()

    def take(self) -> set[Path]:
        """The folders touched since the last call, below the one that is watched and not hidden."""
        self.arrived.clear()
        with self._lock:
            touched, self._touched = self._touched, set()
        below = {self._folder / path.relative_to(self._real_folder) for path in touched if self._is_below(path)}
        below |= {path for path in touched if path.is_relative_to(self._folder)}
        return {path for path in below if not _is_hidden(path.relative_to(self._folder))}

    def _is_below(self, path: Path) -> bool:
        return path.is_relative_to(self._real_folder)


def _observer(handler: FileSystemEventHandler, folder: Path) -> BaseObserver | None:
    """The system's own watch on the folder, or nothing where it has no more to give: looking through is left."""
    observer = Observer()
    try:
        observer.schedule(handler, str(folder), recursive=True)
        observer.start()
    except OSError as error:
        _log.warning("The system does not tell of changes in %s (%s): it is only looked through.", folder, error)
        return None
    return observer


def _folders(folder: Path) -> set[Path]:
    """The folder and all below it that are not hidden."""
    found = set()
    for place, below, _ in os.walk(folder):
        found.add(Path(place))
        below[:] = [name for name in below if not name.startswith(".")]
    return found


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _sequences(folder: Path) -> list[Pattern]:
    """The movies and sequences in the folder; none where it has gone."""
    try:
        return find_sequences(folder)
    except (OSError, InternegError):
        return []


def _signature(pattern: Pattern) -> Signature:
    """What changes whenever one of the files does; empty where one has gone meanwhile."""
    try:
        looks = [(path.name, path.stat()) for path in map(pattern.path, pattern.frames_on_disk())]
    except OSError:
        return ()
    return tuple((name, look.st_size, look.st_mtime_ns) for name, look in looks)
