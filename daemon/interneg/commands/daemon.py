"""`interneg serve | stop | status`."""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from interneg.commands.console import result, result_object, result_table, say_error
from interneg.commands.launch import is_running
from interneg.errors import DaemonError, NotAllowedError
from interneg.settings import Settings, load_settings
from interneg_bridge import errors as client_errors
from interneg_bridge.client import Client, refusal_of
from interneg_proto.v1 import daemon_service_pb2

_STOP_SECONDS = 90.0  # the frame in hand, and the last events on their way
_PAUSE_SECONDS = 0.05

AsJson = Annotated[bool, typer.Option("--json", help="Put one JSON object on standard output.")]


def serve() -> None:
    """Serves this home until `interneg stop`, SIGTERM or Ctrl-C; other verbs start a daemon by themselves."""
    from interneg.service.server import serve as serve_home  # not above: it loads torch, which no client needs
    from interneg.service.work import real_work

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    home = load_settings().home

    def settings_of(show: str | None) -> Settings:
        return load_settings(show, home=home)

    ended_in_time = serve_home(settings_of, real_work())
    logging.shutdown()
    sys.stderr.flush()
    os._exit(0 if ended_in_time else 1)  # all is on disk: no library's destructor is waited for, or writes to the log


def stop() -> None:
    """Ends the daemon after the frame in hand, and waits until it is gone; exits 0 where none was running too."""
    settings = load_settings()
    if not is_running(settings):
        result(f"no daemon is running on {settings.home}")
        return
    process_id: int | None = None
    deadline = time.monotonic() + _STOP_SECONDS
    while is_running(settings):
        process_id = process_id or _ask_to_stop(settings)
        if time.monotonic() > deadline:
            named = f"process {process_id}" if process_id else "it does not answer; its process stands in daemon.lock"
            raise DaemonError(f"the daemon of {settings.home} has not ended in time ({named}): end it with kill")
        time.sleep(_PAUSE_SECONDS)
    result(f"stopped the daemon of {settings.home} (process {process_id or 'unknown'})")


def _ask_to_stop(settings: Settings) -> int | None:
    """The process that was asked to end, of whatever version; None where it does not answer, as while it starts."""
    try:
        client = Client(str(settings.socket_path))
        status = client.status()
        if Path(status.installation) != Path(sys.prefix):
            raise NotAllowedError(refusal_of(status, is_local=True))
        client.stop()
        client.close()
    except client_errors.DaemonError:
        return None
    return status.process_id


def status(as_json: AsJson = False) -> None:
    """Says how the daemon is, and never starts one; exits 1 where none is running."""
    settings = load_settings()
    if not is_running(settings):
        if as_json:
            result_object({"running": False, "home": str(settings.home)})
        else:
            result(f"no daemon is running on {settings.home}; a verb that needs one starts it")
        raise typer.Exit(1)
    client = Client(str(settings.socket_path))
    try:
        answer = client.status()
    finally:
        client.close()
    _show_status(answer, settings, as_json)
    refusal = refusal_of(answer, is_local=True)
    if refusal:
        say_error(refusal)
        raise typer.Exit(1)


def _show_status(answer: daemon_service_pb2.GetStatusResponse, settings: Settings, as_json: bool) -> None:
    """The status, as a table or as an object."""
    fields = (
        "version", "installation", "process_id", "uptime_seconds", "device", "home", "jobs_queued", "jobs_running",
        "colour_config", "base_version", "base_hash", "base_fault",
    )  # fmt: skip
    values = {name: getattr(answer, name) for name in fields}
    values["resident_models"] = list(answer.resident_models)
    values["socket"], values["log"] = str(settings.socket_path), str(settings.log_path)
    if as_json:
        result_object({"running": True, **values})
        return
    values["resident_models"] = ", ".join(answer.resident_models)
    values["uptime_seconds"] = round(answer.uptime_seconds, 1)
    if not answer.base_fault:
        del values["base_fault"]
    result_table(("daemon", ""), [(name.replace("_", " "), value) for name, value in values.items()])
