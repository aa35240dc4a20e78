"""Where results lie: one folder a version, never written twice."""

from __future__ import annotations

import re
from pathlib import Path

from .errors import HostError

_VERSION = re.compile(r"v(\d{3,})")


def results_folder(chosen: str, script: str, node: str) -> Path:
    """The folder that holds a node's versions: the chosen one, else beside the saved script.

    Raises:
        HostError: nothing is chosen and the script was never saved, or the chosen folder is not absolute.
    """
    if chosen:
        folder = Path(chosen).expanduser()
        if not folder.is_absolute():
            raise HostError(f"The results folder {chosen!r} is not absolute. Give the whole path.")
        return folder
    if not Path(script).is_absolute():
        raise HostError(
            "The script was never saved, so there is no place for the results. Save it, or set Results folder."
        )
    return Path(script).parent / "interneg" / Path(script).stem / node.replace(".", "_")


def preview_folder(folder: Path) -> Path:
    """The folder beside the versions that previews are written to, over and over.

    Raises:
        HostError: the folder cannot be made.
    """
    try:
        (folder / "preview").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HostError(f"Cannot make a folder in {folder}: {error.strerror}. Set another Results folder.") from error
    return folder / "preview"


def next_version(folder: Path) -> Path:
    """A new, empty folder v001, v002 ... that no earlier render used.

    Raises:
        HostError: the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = [int(found[1]) for found in map(_VERSION.fullmatch, _names(folder)) if found]
        number = max(taken, default=0) + 1
        while True:
            version = folder / f"v{number:03d}"
            try:
                version.mkdir()
            except FileExistsError:  # another session took it in between
                number += 1
                continue
            return version
    except OSError as error:
        raise HostError(f"Cannot make a folder in {folder}: {error.strerror}. Set another Results folder.") from error


def _names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]
