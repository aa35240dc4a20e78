"""`interneg install | uninstall nuke|resolve`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from interneg.commands.console import result


class Host(StrEnum):
    """The hosts that Interneg speaks to."""

    NUKE = "nuke"
    RESOLVE = "resolve"


WhichHost = Annotated[Host, typer.Argument(metavar="nuke|resolve", help="The host.", show_default=False)]
To = Annotated[Path | None, typer.Option("--to", metavar="DIR", help="Another folder than the host's own.")]


def install(host: WhichHost, to: To = None) -> None:
    """Installs the plugin where the host looks for it."""
    from interneg_bridge.hosts import install as install_host

    for line in install_host(host.value, to):
        result(line)


def uninstall(host: WhichHost, to: To = None) -> None:
    """Removes what `interneg install` wrote, and nothing else."""
    from interneg_bridge.hosts import uninstall as uninstall_host

    for line in uninstall_host(host.value, to):
        result(line)
