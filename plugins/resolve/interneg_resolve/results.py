"""Where results lie: a folder a version, with a note of what was asked of which source."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from interneg_resolve.shot import Shot
    from interneg_resolve.wish import Wish

NOTE = "interneg.json"

_VERSION = re.compile(r"v(\d{3,})")


@dataclass(frozen=True)
class Note:
    """What a results folder holds: the wish, its source and frames, and the colour space of its encoded frames."""

    wish: dict[str, object]
    source: str
    first_frame: int
    last_frame: int
    colourspace: str
    complete: bool


def plate_name(shot: Shot) -> str:
    """The item's media as a name that is fit for files."""
    stem = re.sub(r"[#._-]*$", "", Path(shot.media.path).stem) or shot.name
    return re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_") or "plate"


def version_folder(root: Path, note: Note) -> Path:
    """The next version's folder; the last one again where the very same wish was left incomplete in it."""
    versions = sorted(int(match[1]) for match in map(_VERSION.fullmatch, _names(root)) if match)
    last = versions[-1] if versions else 0
    unfinished = read_note(root / f"v{last:03d}") if last else None
    if unfinished is not None and unfinished == note:
        return root / f"v{last:03d}"
    return root / f"v{last + 1:03d}"


def write_note(folder: Path, note: Note) -> None:
    """Keeps the note beside the frames."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTE).write_text(json.dumps(asdict(note), indent=2) + "\n", encoding="utf-8")


def read_note(folder: Path) -> Note | None:
    """The note of a results folder; None where it is none."""
    try:
        return Note(**json.loads((folder / NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def note_of(wish: Wish, shot: Shot, frames: tuple[int, int], colourspace: str) -> Note:
    """The note of a wish that is about to be rendered."""
    values = cast("dict[str, object]", asdict(wish))
    return Note(values, shot.media.path, frames[0], frames[1], colourspace, complete=False)


def source_colourspace(wish: Wish, shot: Shot) -> str:
    """The colour space to read the source by: the wish's; a result's own where the item shows one; else the file's."""
    if wish.colourspace:
        return wish.colourspace
    note = read_note(Path(shot.media.path).parent)
    return note.colourspace if note is not None else ""


def _names(root: Path) -> list[str]:
    """The folders below the root."""
    return [path.name for path in root.iterdir()] if root.is_dir() else []
