"""`interneg-bridge`: what a host starts beside itself; the conversation stands in interneg_bridge/bridge.py."""

from __future__ import annotations

import sys

from interneg.errors import InternegError
from interneg.settings import Settings, load_settings
from interneg_bridge import errors as client_errors
from interneg_bridge.bridge import serve_host
from interneg_bridge.client import Client


def main() -> None:
    """Serves the host that started this process, until it closes this process's input."""
    serve_host(connect)


def connect() -> Client:
    """A client of the daemon, which is started where none runs; on Windows, of the daemon that the settings name.

    Raises:
        ClientError: the daemon cannot be started, is not this installation's, or the settings are wrong.
    """
    try:
        return _client(load_settings())
    except InternegError as error:
        raise client_errors.DaemonError(str(error)) from error


def _client(settings: Settings) -> Client:
    if sys.platform == "win32":
        if settings.tcp_address is None:
            raise client_errors.DaemonError("no daemon is configured: set tcp_address in the site's settings")
        return Client(settings.tcp_address, settings.tcp_token, settings.tcp_certificate)
    from interneg.commands.launch import connected  # not above: where hosts run on Windows nothing is started

    return connected(settings)
