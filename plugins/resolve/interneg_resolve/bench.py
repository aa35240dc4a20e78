"""What a session works with: Resolve, the daemon and the pixels, each behind a seam."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from interneg_resolve.api import Resolve
from interneg_resolve.attach import attach
from interneg_resolve.order import Renderer
from interneg_resolve.pixels import Survey, encode_range, survey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interneg.settings import Settings

START_SECONDS = 60.0  # a cold import of torch from a network disk

_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Bench:
    """The seams of a session, and where Interneg keeps its own."""

    home: Path
    ocio: str | None
    attach: Callable[[], Resolve]
    connect: Callable[[], AbstractContextManager[Renderer]]
    survey: Callable[[str, str, str | None], Survey]
    encode: Callable[[str, str, range, str, str | None], None]

    @property
    def wish_path(self) -> Path:
        """Where the last wish is kept."""
        return self.home / "resolve" / "wish.json"


def bench_of_installation() -> Bench:
    """The real bench, by this installation's settings.

    Raises:
        InternegError: the settings are wrong.
    """
    from interneg.settings import load_settings

    settings = load_settings()
    return Bench(settings.home, settings.ocio, attach, lambda: _client(settings), survey, encode_range)


@contextmanager
def _client(settings: Settings) -> Iterator[Renderer]:
    """A client of the daemon; one is started where none runs on this machine."""
    from interneg_bridge.client import Client

    if not settings.tcp_address or settings.socket_path.exists():
        _ensure_daemon(settings)
        with Client(str(settings.socket_path)) as client:
            yield client
    else:
        with Client(settings.tcp_address, settings.tcp_token, settings.tcp_certificate) as client:
            yield client


def _ensure_daemon(settings: Settings) -> None:
    """Starts the daemon where none answers, in a session of its own, and waits until it does.

    Raises:
        ClientError: it does not answer in time.
    """
    if _answers(settings):
        return
    settings.log_path.parent.mkdir(parents=True, exist_ok=True)
    command = [str(Path(sys.prefix) / "bin" / "interneg"), "serve"]
    with settings.log_path.open("ab") as log:
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + START_SECONDS
    while not _answers(settings) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _answers(settings: Settings) -> bool:
    """Whether a daemon answers at the socket."""
    from interneg_bridge.client import Client
    from interneg_bridge.errors import DaemonError

    try:
        client = Client(str(settings.socket_path))
    except DaemonError:
        return False
    try:
        client.check_health()
    except DaemonError:
        return False
    finally:
        client.close()
    return True
