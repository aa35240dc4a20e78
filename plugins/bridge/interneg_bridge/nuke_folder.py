"""Nuke's plugin in a folder of Nuke's path: `interneg/` with the packages, and a marked block in its init.py."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from interneg_bridge.errors import RefusedError
from interneg_bridge.plugin_files import package_folder, start_file, write_whole

_FOLDER = "interneg"
_NOTE = "interneg_nuke/installation.json"
_BLOCK = b"""# >>> interneg >>> written by `interneg install nuke`
import nuke
nuke.pluginAddPath('./interneg')
# <<< interneg <<<
"""
_MARKED = re.compile(rb"# >>> interneg >>>.*?# <<< interneg <<<\r?\n?", re.DOTALL)


@dataclass(frozen=True)
class _Note:
    """What an install wrote down about itself."""

    bridge: str
    version: str
    files: tuple[str, ...]
    made_init: bool
    ended_line: bool  # the init.py of before did not end its last line; we did


def default_folder() -> Path:
    """The user's own folder of Nuke."""
    return Path.home() / ".nuke"


def install(folder: Path, bridge: Path) -> list[str]:
    """What was installed.

    Raises:
        RefusedError: `interneg/` in the folder is not ours.
        OSError: a file cannot be written.
    """
    target = folder / _FOLDER
    before = _read_note(target)
    if before is None and target.exists() and any(target.iterdir()):
        raise RefusedError(f"{target} is there and is not Interneg's: move it away, or give --to another folder")
    contents = _contents()
    init = folder / "init.py"
    made_init = before.made_init if before else not init.exists()
    ended_line = before.ended_line if before else _is_bare(init)
    note = _Note(str(bridge), version("interneg"), (*contents, _NOTE), made_init, ended_line)
    write_whole(target / _NOTE, json.dumps(note.__dict__, indent=1).encode())
    for name, content in contents.items():
        write_whole(target / name, content)
    for name in set(before.files if before else ()) - set(note.files):
        (target / name).unlink(missing_ok=True)
    _add_block(init)
    return [
        f"installed Interneg {note.version} for Nuke in {target}",
        f"{init} adds it to Nuke's path",
        f"it starts {bridge}; INTERNEG_BRIDGE names another",
        "start Nuke anew: Interneg stands in the Nodes toolbar",
    ]


def uninstall(folder: Path) -> list[str]:
    """What was removed.

    Raises:
        OSError: a file cannot be removed.
    """
    target = folder / _FOLDER
    note = _read_note(target)
    if note is None:
        return [f"Interneg is not installed in {folder}"]
    _remove_block(folder / "init.py", note)
    for name in note.files:
        (target / name).unlink(missing_ok=True)
    left = _remove_empty(target)
    lines = [f"removed Interneg from {folder}"]
    return [*lines, f"left {target}: files that are not Interneg's lie in it"] if left else lines


def fault(folder: Path, bridge: Path) -> str | None:
    """What ails the plugin in that folder and what to do: empty where nothing does, None where there is no plugin."""
    note = _read_note(folder / _FOLDER)
    if note is None:
        return None
    missing = [name for name in note.files if not (folder / _FOLDER / name).is_file()]
    init = folder / "init.py"
    if not init.is_file() or not _MARKED.search(init.read_bytes()):
        return f"{init} does not add it to Nuke's path: run `interneg install nuke`"
    if missing:
        return f"{missing[0]} is missing from {folder / _FOLDER}: run `interneg install nuke`"
    if Path(note.bridge) != bridge or note.version != version("interneg"):
        return f"it is of {note.bridge}, version {note.version}: run `interneg install nuke`"
    return ""


def _contents() -> dict[str, bytes]:
    """Every file that Nuke needs, by its path under `interneg/`."""
    sources = {name: start_file("nuke", name) for name in ("init.py", "menu.py")}
    sources |= {f"interneg_nuke/{path.name}": path for path in sorted(package_folder("interneg_nuke").glob("*.py"))}
    here = Path(__file__).parent
    sources |= {f"interneg_bridge/{name}": here / name for name in ("__init__.py", "controls.py")}
    return {name: path.read_bytes() for name, path in sources.items()}


def _read_note(target: Path) -> _Note | None:
    try:
        stored = json.loads((target / _NOTE).read_text(encoding="utf-8"))
        files = tuple(str(name) for name in stored["files"])
        made_init, ended_line = bool(stored["made_init"]), bool(stored["ended_line"])
        return _Note(str(stored["bridge"]), str(stored["version"]), files, made_init, ended_line)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise RefusedError(f"{target / _NOTE} is damaged: remove {target} by hand, then install again") from None


def _is_bare(init: Path) -> bool:
    """Whether the file's last line is not ended."""
    content = init.read_bytes() if init.is_file() else b""
    return bool(content) and not content.endswith(b"\n")


def _add_block(init: Path) -> None:
    before = init.read_bytes() if init.exists() else b""
    if _MARKED.search(before):
        after = _MARKED.sub(lambda _: _BLOCK, before, count=1)
    else:
        after = before + (b"\n" if _is_bare(init) else b"") + _BLOCK
    if after != before:
        write_whole(init, after)


def _remove_block(init: Path, note: _Note) -> None:
    before = init.read_bytes() if init.is_file() else b""
    found = _MARKED.search(before)
    if found is None:
        return
    above, below = before[: found.start()], before[found.end() :]
    if note.ended_line and not below:
        above = above[:-1]
    if note.made_init and not (above + below).strip():
        init.unlink()
    else:
        write_whole(init, above + below)


def _remove_empty(target: Path) -> bool:
    """Removes the folders of an install as far as they are empty, Python's caches apart; whether something is left."""
    for folder in (target / "interneg_nuke", target / "interneg_bridge", target):
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return target.exists()
