"""Puts the plugins where the hosts look for them, takes them away again, and looks after them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from interneg_bridge import nuke_folder, resolve_folder
from interneg_bridge.errors import RefusedError, RequestError

Row = tuple[str, bool, str]


@dataclass(frozen=True)
class _Host:
    """How one host's plugin is installed."""

    folder: Callable[[], Path]
    program: str
    install: Callable[[Path, Path], list[str]]
    uninstall: Callable[[Path], list[str]]
    fault: Callable[[Path, Path], str | None]


_HOSTS = MappingProxyType(
    {
        "nuke": _Host(
            nuke_folder.default_folder,
            "interneg-bridge",
            nuke_folder.install,
            nuke_folder.uninstall,
            nuke_folder.fault,
        ),
        "resolve": _Host(
            resolve_folder.default_folder,
            "interneg-resolve",
            resolve_folder.install,
            resolve_folder.uninstall,
            resolve_folder.fault,
        ),
    }
)


def install(host: str, to: Path | None = None) -> list[str]:
    """What was installed, in lines for the artist; installing again brings everything up to date.

    Raises:
        RequestError: there is no such host.
        RefusedError: the folder cannot be written, or holds something of somebody else's.
    """
    entry, folder = _host(host, to)
    program = program_path(entry.program)
    if not program.is_file():
        raise RefusedError(f"{program} is not there: install Interneg's environment again, then the plugin")
    try:
        return entry.install(folder, program)
    except OSError as error:
        raise RefusedError(f"cannot install into {folder}: {error.filename}: {error.strerror}; give --to") from error


def uninstall(host: str, to: Path | None = None) -> list[str]:
    """What was removed, in lines for the artist: exactly what an install wrote.

    Raises:
        RequestError: there is no such host.
        RefusedError: a file cannot be removed.
    """
    entry, folder = _host(host, to)
    try:
        return entry.uninstall(folder)
    except OSError as error:
        raise RefusedError(f"cannot remove from {folder}: {error.filename}: {error.strerror}") from error


def doctor_rows() -> Iterator[Row]:
    """Each host's plugin in its usual place: what, whether it is well, and what was found."""
    for name, entry in _HOSTS.items():
        folder = entry.folder()
        fault = entry.fault(folder, program_path(entry.program))
        if fault is None:
            yield name, True, f"not installed in {folder}: `interneg install {name}` does it"
        else:
            yield name, not fault, fault or f"installed in {folder}"


def program_path(name: str) -> Path:
    """A program of this environment, by its absolute path."""
    if sys.platform == "win32":
        return Path(sys.prefix) / "Scripts" / f"{name}.exe"
    return Path(sys.prefix) / "bin" / name


def _host(host: str, to: Path | None) -> tuple[_Host, Path]:
    if host not in _HOSTS:
        raise RequestError(f"host '{host}': give {' or '.join(_HOSTS)}")
    return _HOSTS[host], to.expanduser().absolute() if to is not None else _HOSTS[host].folder()
