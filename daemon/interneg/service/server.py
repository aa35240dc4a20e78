"""The daemon: build, bind, serve, stop."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

import grpc
from grpc_health.v1 import health, health_pb2

from interneg.errors import DaemonError
from interneg.production.store import Store
from interneg.resident.engine import Engine
from interneg.resident.journal import Journal
from interneg.resident.scheduler import Scheduler
from interneg.resident.watcher import Watcher
from interneg.service.doors import socket_door, tcp_door
from interneg.service.learning import go_on
from interneg.service.lock import HomeLock
from interneg.service.residents import Residents, Work
from interneg.settings import Settings

_log = logging.getLogger(__name__)

_JOBS_LIMIT_SECONDS = 60.0  # the frame in hand, at most; what it leaves is removed by the next request
_CALLS_LIMIT_SECONDS = 2.0  # the last events on their way


def serve(settings_of: Callable[[str | None], Settings], work: Work) -> bool:
    """Serves until it is told to stop, by a call, SIGTERM or SIGINT; true where every job ended in time.

    Raises:
        DaemonError: a daemon serves this home already, or its folder cannot be used.
        RequestError: the settings are at odds with themselves.
    """
    settings = settings_of(None)
    lock = _locked(settings)
    end = threading.Event()
    _end_on_signal(end)
    residents = build(settings_of, work, end)
    with answering(residents) as servers:
        _log.info("serving %s at %s, process %d", settings.home, settings.socket_path, os.getpid())
        if len(servers) > 1:
            _log.info("serving TCP at %s", settings.tcp_address)
            if settings.tcp_certificate is None:
                _log.warning("TCP is not encrypted, and the token with it: set tcp_certificate and tcp_key")
        end.wait()
        _log.info("ending")
        ended_in_time = stop_jobs(residents)
    _log.info("ended; process %s lets go of %s", lock.holder(), settings.home)
    return ended_in_time


def build(settings_of: Callable[[str | None], Settings], work: Work, end: threading.Event) -> Residents:
    """The daemon's long-lived objects, made once."""
    settings = settings_of(None)
    store = Store(settings.productions_folder)
    scheduler = Scheduler(Journal(settings.home / "jobs"))
    residents = Residents(settings_of, store, Engine(settings, store), scheduler, Watcher(), work, end)
    go_on(residents)
    return residents


@contextmanager
def answering(residents: Residents) -> Iterator[list[grpc.Server]]:
    """The daemon's addresses, answered at within this context."""
    settings = residents.settings_of(None)
    health_servicer = health.HealthServicer()
    doors = (
        socket_door(residents, health_servicer, settings),
        tcp_door(residents, health_servicer, settings),
    )
    servers = [door for door in doors if door is not None]
    with ExitStack() as stack:
        stack.callback(settings.socket_path.unlink, missing_ok=True)
        for server in servers:
            server.start()
            stack.callback(_stop, server)
        health_servicer.set("", health_pb2.HealthCheckResponse.SERVING)
        stack.callback(health_servicer.enter_graceful_shutdown)
        yield servers


def stop_jobs(residents: Residents) -> bool:
    """Ends every job within a frame and every watch; true where all of them ended in time."""
    ended_in_time = residents.scheduler.stop(_JOBS_LIMIT_SECONDS)
    residents.watcher.close()
    return ended_in_time


def _stop(server: grpc.Server) -> None:
    """Takes no more calls, and waits for the last events on their way."""
    server.stop(_CALLS_LIMIT_SECONDS).wait()


def _locked(settings: Settings) -> HomeLock:
    """This process's lock on the home."""
    folder = settings.run_folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        lock = HomeLock(folder)
        acquired = lock.acquire()
    except OSError as error:
        raise DaemonError(
            f"folder {folder}: cannot be used ({error.strerror}); set INTERNEG_HOME to another"
        ) from error
    if not acquired:
        raise DaemonError(
            f"a daemon serves {settings.home} already (process {lock.holder()}); `interneg status` shows it, "
            "`interneg stop` ends it"
        )
    return lock


def _end_on_signal(end: threading.Event) -> None:
    """SIGTERM and SIGINT end the daemon; a thread passes them on, as a handler may not touch the event's lock."""
    hear, tell = os.pipe()

    def on_signal(number: int, frame: FrameType | None) -> None:
        os.write(tell, bytes([number]))

    def pass_on() -> None:
        _log.info("told to end by %s", signal.Signals(os.read(hear, 1)[0]).name)
        end.set()

    threading.Thread(target=pass_on, name="signals", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
