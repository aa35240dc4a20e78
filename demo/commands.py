"""Interneg's own command line, on a home of the demo's own."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from interneg.errors import DaemonError, RequestError

_GRACE_SECONDS = 60.0  # for a verb to cancel its job after Ctrl-C
_NOTICE_SECONDS = 3.0  # Ctrl-C in a terminal reaches the verb as well: a second one would cut it short
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# A site's addresses, files and devices stay the site's: the demo must not answer at them.
_KEPT_VARIABLES = ("INTERNEG_DEVICE", "INTERNEG_THREADS", "INTERNEG_MEMORY_BUDGET_BYTES", "INTERNEG_OCIO")


@dataclass(frozen=True)
class Reply:
    """What a verb put on standard output, its exit code, and how long it took."""

    said: dict[str, object]
    code: int
    seconds: float

    @property
    def error(self) -> str:
        """What went wrong, in its own words; empty where nothing did."""
        return str(self.said.get("error", "")) or (f"it ended with exit code {self.code}" if self.code else "")

    def number(self, name: str) -> float:
        """One of its figures; 0 where it has none."""
        value = self.said.get(name)
        return float(value) if isinstance(value, int | float) else 0.0


def ask(*words: str) -> Reply:
    """The verb's answer; its progress shows on standard error as it would to any user."""
    program = str(Path(sys.prefix) / "bin" / "interneg")
    began = time.monotonic()
    with subprocess.Popen([program, *words, "--json"], stdout=subprocess.PIPE, text=True) as running:
        try:
            output, _ = running.communicate()
        except BaseException:
            _end(running)
            raise
    return Reply(_object(output), running.returncode, time.monotonic() - began)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """A context in which the folder is this demo's alone; the system lets go of it when the demo is killed.

    Raises:
        RequestError: another demo is at work in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RequestError(f"another demo is at work in {folder}: wait for its end, or end it") from error


@contextmanager
def home(folder: Path) -> Iterator[None]:
    """A context in which Interneg lives in that folder, and whose daemon ends with it, whatever happens."""
    before, signals = dict(os.environ), {number: signal.getsignal(number) for number in _ENDING}
    for name in [name for name in before if name.startswith("INTERNEG_") and name not in _KEPT_VARIABLES]:
        del os.environ[name]
    os.environ["INTERNEG_HOME"] = str(folder)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        _stop()  # one that a killed demo left
        yield
    finally:
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)  # nothing keeps the daemon from being ended
        try:
            _stop()
        finally:
            os.environ.clear()
            os.environ.update(before)
            for number, handler in signals.items():
                signal.signal(number, handler)


def _leave(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


def _end(running: subprocess.Popen[str]) -> None:
    """Lets a verb cancel its job, and ends it where it does not."""
    with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        running.wait(_NOTICE_SECONDS)
    running.send_signal(signal.SIGINT)  # does nothing to one that has ended
    try:
        running.wait(_GRACE_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        running.kill()


def _stop() -> None:
    """Ends the daemon of this home, where one runs."""
    program = str(Path(sys.prefix) / "bin" / "interneg")
    ended = subprocess.run([program, "stop"], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise DaemonError(f"the demo's daemon could not be stopped: {ended.stderr.strip()}")


def _object(output: str) -> dict[str, object]:
    try:
        said = json.loads(output)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
