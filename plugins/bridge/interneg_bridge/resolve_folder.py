"""Resolve's menu script in a folder of Fusion scripts, with the launcher's absolute path written in."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from interneg_bridge.errors import RefusedError
from interneg_bridge.plugin_files import start_file, write_whole

_SCRIPT = "Interneg.py"
_LAUNCHER = re.compile(r"^LAUNCHER = (.*?)(  # written by interneg install)$", re.MULTILINE)


def default_folder() -> Path:
    """The user's own folder of scripts that stand in the menu of every page."""
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support" / "Blackmagic Design" / "DaVinci Resolve"
    elif sys.platform == "win32":
        base = Path.home() / "AppData" / "Roaming" / "Blackmagic Design" / "DaVinci Resolve" / "Support"
    else:
        base = Path.home() / ".local" / "share" / "DaVinciResolve"
    return base / "Fusion" / "Scripts" / "Utility"


def install(folder: Path, launcher: Path) -> list[str]:
    """What was installed.

    Raises:
        RefusedError: a script of that name is there and is not ours.
        OSError: it cannot be written.
    """
    script = folder / _SCRIPT
    if script.exists() and not _LAUNCHER.search(_text(script)):
        raise RefusedError(f"{script} is there and is not Interneg's: move it away, or give --to another folder")
    write_whole(script, _content(launcher).encode())
    return [
        f"installed Interneg for Resolve: {script}",
        f"it starts {launcher}; INTERNEG_BRIDGE names the bridge beside another",
        "it stands in Resolve under Workspace > Scripts",
    ]


def uninstall(folder: Path) -> list[str]:
    """What was removed.

    Raises:
        OSError: it cannot be removed.
    """
    script = folder / _SCRIPT
    if not script.is_file() or not _LAUNCHER.search(_text(script)):
        return [f"Interneg is not installed in {folder}"]
    script.unlink()
    return [f"removed {script}"]


def fault(folder: Path, launcher: Path) -> str | None:
    """What ails the script in that folder and what to do: empty where nothing does, None where there is no script."""
    script = folder / _SCRIPT
    if not script.is_file() or not _LAUNCHER.search(_text(script)):
        return None
    if _text(script) != _content(launcher):
        return f"{script} is of another installation or version: run `interneg install resolve`"
    return "" if launcher.is_file() else f"{launcher} is not there: install Interneg's environment again"


def _content(launcher: Path) -> str:
    source = _text(start_file("resolve", _SCRIPT))
    written, count = _LAUNCHER.subn(lambda found: f"LAUNCHER = {str(launcher)!r}{found[2]}", source)
    if count != 1:
        raise RefusedError(f"{_SCRIPT} has no place for the launcher: install Interneg's environment again")
    return written


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
