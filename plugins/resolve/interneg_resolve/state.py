"""What the panel's page shows, shared by its threads."""

from __future__ import annotations

import json
import queue
import threading
import time

_LINES = 200  # what an artist still scrolls through


class State:
    """What the page shows; a watcher of the wish in hand. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: list[str] = []
        self._shown: dict[str, object] = {"item": "", "line": "", "fraction": 0.0, "is_busy": False, "pictures": 0}
        self.png = b""
        self._cancelled = threading.Event()
        self.commands: queue.Queue[tuple[str, dict[str, str]]] = queue.Queue()
        self.seen_seconds = time.monotonic()

    def say(self, line: str) -> None:
        """Adds a line below the bar."""
        with self._lock:
            self._lines = [*self._lines, line][-_LINES:]

    def show(self, fraction: float, line: str) -> None:
        """Moves the bar."""
        self.set(fraction=fraction, line=line)

    def is_cancelled(self) -> bool:
        """Whether Cancel was pressed."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Notes that Cancel was pressed."""
        self._cancelled.set()

    def press(self, verb: str, values: dict[str, str]) -> None:
        """Hands over what the artist pressed; Cancel takes effect at once, the rest in its turn."""
        if verb == "cancel":
            self.cancel()
        else:
            self.commands.put((verb, values))

    def begin(self) -> None:
        """A new wish is in hand."""
        self._cancelled.clear()
        with self._lock:
            self._lines = []
            self._shown.update(is_busy=True, fraction=0.0, line="")

    def set(self, **shown: object) -> None:
        """Changes what the page shows."""
        with self._lock:
            self._shown.update(shown)

    def picture(self, png: bytes) -> None:
        """Gives the page another picture to show."""
        with self._lock:
            self.png = png
            self._shown["pictures"] = int(str(self._shown["pictures"])) + 1

    def as_json(self) -> str:
        """What the page shows, for it."""
        self.seen_seconds = time.monotonic()
        with self._lock:
            return json.dumps({**self._shown, "lines": self._lines})
