"""The bridge as a child process: JSON lines there and back (the schema stands in interneg_bridge/bridge.py)."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .errors import BridgeError

Message = dict[str, Any]

_FOREIGN = {"LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH"}
_FOREIGN_PREFIXES = ("DYLD_", "QT_")
_END_SECONDS = 5.0
_WINDOWS_FLAGS = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what the host put there for itself, which would break another Python."""
    return {
        name: value
        for name, value in environment.items()
        if name not in _FOREIGN and not name.startswith(_FOREIGN_PREFIXES)
    }


def bridge_path() -> str:
    """The bridge's program: INTERNEG_BRIDGE where it is set, else what `interneg install nuke` wrote.

    Raises:
        BridgeError: neither names a file that is there.
    """
    overridden = os.environ.get("INTERNEG_BRIDGE", "")
    path = overridden or _installed_bridge()
    if not Path(path).is_file():
        source = "INTERNEG_BRIDGE" if overridden else "The installation"
        raise BridgeError(f"{source} names the bridge {path}, which is not there. Run `interneg install nuke` again.")
    return path


def _installed_bridge() -> str:
    note = Path(__file__).with_name("installation.json")
    try:
        return str(json.loads(note.read_text(encoding="utf-8"))["bridge"])
    except (OSError, ValueError, KeyError) as error:
        raise BridgeError(
            "This copy of Interneg does not know its bridge. Run `interneg install nuke`, or set INTERNEG_BRIDGE."
        ) from error


class Bridge:
    """The running bridge; use it in a `with`, it ends with it."""

    def __init__(self, path: str) -> None:
        """Starts the bridge.

        Raises:
            BridgeError: it does not start.
        """
        try:
            self._process = subprocess.Popen(
                [path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=clean_environment(os.environ),
                encoding="utf-8",
                errors="replace",
                creationflags=_WINDOWS_FLAGS,
                start_new_session=os.name == "posix",  # Ctrl-C in the terminal is ours to pass on
            )
        except OSError as error:
            raise BridgeError(f"The bridge {path} does not start: {error.strerror}. Run `interneg doctor`.") from error
        self._lock = threading.Lock()
        self._open: dict[int, queue.Queue[Message | None]] = {}
        self._last_id = 0
        self._ended = False
        self._complaints: deque[str] = deque(maxlen=5)  # enough for the last line of a traceback
        self._readers = [
            threading.Thread(target=work, daemon=True) for work in (self._read_lines, self._read_complaints)
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Bridge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the bridge by closing its input; a bridge that does not listen is ended by force."""
        with contextlib.suppress(OSError):  # it is gone already
            if self._process.stdin:
                self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join(_END_SECONDS)
        for output in (self._process.stdout, self._process.stderr):
            if output:
                output.close()

    def ask(self, call: str, poll_seconds: float = 0.2, **fields: Any) -> Iterator[Message | None]:
        """The bridge's messages on this call, the result last; None whenever nothing came for a moment.

        Raises:
            BridgeError: the call was refused or failed, or the bridge went away.
        """
        number, messages = self._send(call, fields)
        try:
            while True:
                try:
                    message = messages.get(timeout=poll_seconds)
                except queue.Empty:
                    yield None
                    continue
                if message is None:
                    raise BridgeError(self._obituary())
                if "error" in message:
                    raise BridgeError(str(message["error"].get("message", "The bridge failed without saying why.")))
                yield message
                if "result" in message:
                    return
        finally:
            with self._lock:
                self._open.pop(number, None)

    def result(self, call: str, **fields: Any) -> Message:
        """What the call results in.

        Raises:
            BridgeError: as for `ask`.
        """
        for message in self.ask(call, **fields):
            if message and "result" in message:
                return dict(message["result"])
        raise BridgeError(self._obituary())

    def _send(self, call: str, fields: Mapping[str, Any]) -> tuple[int, queue.Queue[Message | None]]:
        messages: queue.Queue[Message | None] = queue.Queue()
        with self._lock:
            self._last_id += 1
            number = self._last_id
            self._open[number] = messages
            if self._ended:
                messages.put(None)
            line = json.dumps({"id": number, "call": call, **fields})
            try:
                if self._process.stdin:
                    self._process.stdin.write(line + "\n")
                    self._process.stdin.flush()
            except (OSError, ValueError):  # a broken pipe; the reader sees the end too
                messages.put(None)
        return number, messages

    def _read_lines(self) -> None:
        for line in self._process.stdout or ():
            message = _parsed(line)
            if message is None:
                self._complaints.append(line.strip())
                continue
            with self._lock:
                messages = self._open.get(message.get("id", 0))
            if messages:
                messages.put(message)
        with self._lock:
            self._ended = True
            for messages in self._open.values():
                messages.put(None)

    def _read_complaints(self) -> None:
        for line in self._process.stderr or ():
            if line.strip():
                self._complaints.append(line.strip())

    def _obituary(self) -> str:
        self._readers[1].join(1.0)
        last = f" Its last words: {self._complaints[-1]}" if self._complaints else ""
        return f"The bridge ended unexpectedly. Run `interneg doctor`, then render again.{last}"


def _parsed(line: str) -> Message | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
