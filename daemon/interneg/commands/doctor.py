"""`interneg doctor`."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import typer

from interneg.commands.console import result_object, result_table
from interneg.commands.daemon import AsJson
from interneg.commands.launch import is_running
from interneg.errors import InternegError
from interneg.settings import Settings, effective, load_settings
from interneg_bridge.client import Client, refusal_of
from interneg_bridge.errors import ClientError

Row = tuple[str, bool, str]

_FREE_BYTES = 2**30  # below a gigabyte, a model and a day's journal may not fit
_LINUX_SOCKET_BYTES = 100


def doctor(as_json: AsJson = False) -> None:
    """Looks at everything that Interneg needs, and says what to do where something is missing; exits 1 there."""
    try:
        settings = load_settings()
    except InternegError as error:
        _finish([("settings", False, str(error))], as_json)
        return
    rows: list[Row] = []
    for section in (_environment, _settings, _paths, _socket, _daemon, _colour, _base, _gpu, _hosts):
        rows += _rows_of(section, settings)
    _finish(rows, as_json)


def _finish(rows: list[Row], as_json: bool) -> None:
    """Shows the rows and exits."""
    if as_json:
        result_object({"ok": all(ok for _, ok, _ in rows), "rows": [list(row) for row in rows]})
    else:
        result_table(("", "what", "found"), [("ok" if ok else "BAD", what, said) for what, ok, said in rows])
    raise typer.Exit(0 if all(ok for _, ok, _ in rows) else 1)


def _rows_of(section: Callable[[Settings], Iterator[Row]], settings: Settings) -> list[Row]:
    """A section's rows; what it cannot find out is a row too."""
    rows: list[Row] = []
    try:
        rows.extend(section(settings))
    except (InternegError, ClientError, OSError, ImportError) as error:
        rows.append((section.__name__.lstrip("_"), False, str(error)))
    return rows


def _environment(settings: Settings) -> Iterator[Row]:
    """Python and the packages."""
    yield "python", sys.version_info >= (3, 11), f"{platform.python_version()} in {sys.prefix}"
    program = Path(sys.prefix) / "bin" / "interneg"
    yield "command", os.access(program, os.X_OK), str(program)
    for name in ("interneg", "torch", "grpcio", "protobuf", "OpenEXR", "openimageio", "opencolorio", "av"):
        try:
            yield name, True, metadata.version(name)
        except metadata.PackageNotFoundError:
            yield name, False, "not installed: pip install -c constraints.txt -e ."


def _settings(settings: Settings) -> Iterator[Row]:
    """Every setting that is not a default, and variables that look like settings but are none."""
    for key, value, source in effective(settings):
        if source != "default":
            yield f"setting {key}", "ignored" not in source, f"{value} ({source})"


def _paths(settings: Settings) -> Iterator[Row]:
    """The home, and the folders that are shared with hosts."""
    nearest = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    yield "home", os.access(nearest, os.W_OK), str(settings.home)
    free_bytes = shutil.disk_usage(nearest).free
    yield "free space", free_bytes > _FREE_BYTES, f"{free_bytes / 2**30:.1f} GiB on the disk of {nearest}"
    for root in settings.roots:
        yield "root", root.is_dir(), str(root)
    for theirs, ours in settings.path_map:
        yield "path_map", Path(ours).is_dir(), f"{theirs} is {ours} here"


def _socket(settings: Settings) -> Iterator[Row]:
    """The socket and its folder."""
    socket, folder = settings.socket_path, settings.run_folder
    is_long = len(os.fsencode(socket)) > _LINUX_SOCKET_BYTES
    yield "socket", True, f"{socket}{' (long: reached through a link)' if is_long else ''}"
    if folder.exists():
        mode = folder.stat().st_mode & 0o777
        advice = "" if mode == 0o700 else f", must be 700: chmod 700 {folder}"
        yield "socket's folder", mode == 0o700, f"mode {mode:o}{advice}"
    if settings.tcp_address is not None:
        whole = bool(settings.tcp_token and settings.roots)
        yield (
            "tcp",
            whole,
            f"{settings.tcp_address}, {'token and roots are set' if whole else 'needs tcp_token and roots'}",
        )


def _daemon(settings: Settings) -> Iterator[Row]:
    """The daemon, where one runs."""
    if not is_running(settings):
        yield "daemon", True, "not running; a verb that needs one starts it"
        return
    client = Client(str(settings.socket_path))
    try:
        status = client.status()
    finally:
        client.close()
    refusal = refusal_of(status, is_local=True)
    yield "daemon", not refusal, refusal or f"version {status.version}, process {status.process_id}"
    yield "log", True, str(settings.log_path)


def _colour(settings: Settings) -> Iterator[Row]:
    """The colour config."""
    from interneg.plates.colour import ColourConfig

    config = ColourConfig(settings.ocio)
    yield "colour config", True, f"{config.name}, working space {config.working_space}"


def _base(settings: Settings) -> Iterator[Row]:
    """The base model that came with Interneg."""
    from interneg.errors import ModelError
    from interneg.model.base import load_base

    try:
        base = load_base()
    except ModelError as error:
        yield "base model", False, f"{error} Until then the classical candidate is used."
        return
    lacking = f", not taught yet: {', '.join(base.untaught)}" if base.untaught else ""
    yield "base model", True, f"{base.version}, {base.hash[:12]}{lacking}"


def _gpu(settings: Settings) -> Iterator[Row]:
    """The device that networks run on."""
    import torch

    if torch.cuda.is_available():
        yield "gpu", True, torch.cuda.get_device_name()
    else:
        yield (
            "gpu",
            settings.device != "cuda",
            f"no CUDA device: networks run on the CPU, {torch.get_num_threads()} threads",
        )


def _hosts(settings: Settings) -> Iterator[Row]:
    """The hosts' plugins."""
    from interneg_bridge.hosts import doctor_rows

    yield from doctor_rows()
