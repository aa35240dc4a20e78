"""What a session works with: Resolve, the daemon and the pixels, each behind a seam."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from interneg_resolve.api import Resolve
from interneg_resolve.attach import attach
from interneg_resolve.order import Renderer
from interneg_resolve.pixels import Survey, config_name, encode_range, survey

if TYPE_CHECKING:
    from interneg.settings import Settings


@dataclass(frozen=True)
class Bench:
    """The seams of a session, and where Interneg keeps its own.

    Convention: `ocio` is the colour config of a show, or of the site where none is named; `config_name` its own name.
    """

    home: Path
    ocio: Callable[[str], str | None]
    config_name: Callable[[str | None], str]
    attach: Callable[[], Resolve]
    connect: Callable[[], AbstractContextManager[Renderer]]
    survey: Callable[[str, str, str | None], Survey]
    encode: Callable[[str, str, range, str, str | None], Iterator[int]]

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
    return Bench(
        home=settings.home,
        ocio=lambda show: load_settings(show or None).ocio,
        config_name=config_name,
        attach=attach,
        connect=lambda: client_of(settings),
        survey=survey,
        encode=encode_range,
    )


def client_of(settings: Settings, is_windows: bool = os.name == "nt") -> AbstractContextManager[Renderer]:
    """A client of the daemon: this machine's own, which is started where none runs, or the studio's over TCP.

    Convention: a daemon serves a Unix socket on Linux and macOS, so that only Windows goes over the network.

    Raises:
        DaemonError: it does not answer, or cannot be started.
        RequestError: on Windows, no address is set.
    """
    from interneg.commands.launch import connected
    from interneg.errors import RequestError
    from interneg_bridge.client import Client

    if not is_windows:
        return connected(settings)
    if not settings.tcp_address:
        raise RequestError("tcp_address is not set: on Windows, give the address of the daemon in the settings")
    return Client(settings.tcp_address, settings.tcp_token, settings.tcp_certificate)
