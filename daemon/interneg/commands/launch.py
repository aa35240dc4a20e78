"""Finds the daemon of this home, and starts one where none runs."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from interneg.commands.console import say
from interneg.errors import DaemonError
from interneg.settings import Settings, load_settings
from interneg_bridge import errors as client_errors
from interneg_bridge.client import Client

_START_SECONDS = 120.0  # torch from a cold disk; a daemon that is still ending may finish a frame before
_PAUSE_SECONDS = 0.1
_LOG_LINES = 5
_LOG_LIMIT_BYTES = 16 * 2**20


def connected(settings: Settings | None = None) -> Client:
    """A client of this home's daemon, which is started where none runs.

    Raises:
        NotAllowedError: the daemon is of another installation or version.
        DaemonError: it cannot be started.
    """
    settings = settings or load_settings()
    started: subprocess.Popen[bytes] | None = None
    deadline = time.monotonic() + _START_SECONDS
    while True:
        client = _answering(settings)
        if client is not None:
            return client
        if started is not None and started.poll() is not None and not is_running(settings):
            raise DaemonError(f"the daemon ended as soon as it was started; {_last_words(settings.log_path)}")
        if started is None and not is_running(settings):
            started = _start(settings)
        if time.monotonic() > deadline:
            raise DaemonError(f"the daemon does not answer at {settings.socket_path}; {_last_words(settings.log_path)}")
        time.sleep(_PAUSE_SECONDS)


def is_running(settings: Settings) -> bool:
    """Whether a daemon lives on this home, even one that is still starting or ending."""
    from interneg.service.lock import HomeLock  # not above: where hosts run on Windows there is no such lock

    return HomeLock(settings.run_folder).is_held()


def _answering(settings: Settings) -> Client | None:
    """A client of the daemon that answers now; None where none does."""
    try:
        client = Client(str(settings.socket_path))
        client.__enter__()
    except client_errors.DaemonError:
        return None
    return client


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    """A daemon in a session of its own, its output in its log."""
    log_path = settings.log_path
    program = Path(sys.prefix) / "bin" / "interneg"
    try:
        log_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _turn_over(log_path)
        with log_path.open("ab") as log:
            started = subprocess.Popen(
                [str(program), "serve"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
    except OSError as error:
        said = f"{error.filename or program}: {error.strerror}"
        raise DaemonError(f"the daemon cannot be started ({said}); look at `interneg doctor`") from error
    # A host's bridge may outlive the daemon it started: someone must bury it.
    threading.Thread(target=started.wait, name="daemon's end", daemon=True).start()
    say(f"no daemon was running: started one (process {started.pid}, log {log_path})")
    return started


def _turn_over(log_path: Path) -> None:
    """Keeps one log of before, and begins anew once the log is large."""
    if log_path.is_file() and log_path.stat().st_size > _LOG_LIMIT_BYTES:
        log_path.replace(log_path.with_suffix(".log.1"))


def _last_words(log_path: Path) -> str:
    """What the log ends with, for a message."""
    try:
        lines = log_path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return f"look at `interneg doctor` ({log_path} cannot be read)"
    return "\n".join([f"its log {log_path} ends with:", *lines[-_LOG_LINES:]])
