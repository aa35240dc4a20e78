"""Dailies into a production: each file found, proved, probed, slated and stored, or refused by name and reason."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from interneg.errors import InternegError, PlateError
from interneg.plates.colour import ColourConfig
from interneg.plates.frames import parse_pattern
from interneg.plates.probe import Probe, find_takes, frame_sizes, probe
from interneg.plates.source import open_source
from interneg.production.slate import Take, check_slate_pattern, read_slate
from interneg.production.store import Production

# The head of a file holds its header and the tail its index or last frame: two takes that share both do not exist.
_HASHED_BYTES = 2**20
# Frames of a take that are read to prove it, its first and last among them: more would cost a copy's time again.
_PROVED = 9
# Frames of another size that are named; the others are counted.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Added:
    """A new take, and what the artist should know of it."""

    take: Take
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A take that was there already, perhaps under another name."""

    take: Take


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file or sequence is no take."""

    path: str
    reason: str


Outcome = Added | Known | Refused


def ingest(
    production: Production, paths: Iterable[str | Path], slate_pattern: str, config: ColourConfig
) -> Iterator[Outcome]:
    """What came of every movie and sequence under the paths, one by one; a bad one never stops the others.

    Raises:
        RequestError: the slate pattern cannot read names.
    """
    check_slate_pattern(slate_pattern)
    return (_outcome(production, found, slate_pattern, config) for path in paths for found in _found(Path(path)))


def _found(path: Path) -> Iterator[str | Refused]:
    """The takes under a path, and the folders that cannot be looked into; or why there are none."""
    closed: list[Refused] = []
    try:
        takes = find_takes(
            path.expanduser().absolute(), lambda folder, error: closed.append(Refused(str(folder), _told(error)))
        )
    except (InternegError, OSError) as error:
        yield Refused(str(path), _told(error))
        return
    yield from closed
    if not takes and not closed:
        yield Refused(
            str(path), "nothing there is a movie or an image sequence: name the folder that holds the dailies."
        )
    yield from (
        take if _is_text(take) else Refused(_shown(take), "its name is not UTF-8: rename it.") for take in takes
    )


def _outcome(production: Production, found: str | Refused, slate_pattern: str, config: ColourConfig) -> Outcome:
    """What came of one movie or sequence; trouble with the production itself is raised."""
    if isinstance(found, Refused):
        return found
    try:
        files = files_from_path(found)
        if empty := [path for path in files.values() if not path.stat().st_size]:
            return Refused(found, f"{empty[0].name} is empty: copy it again.")
        take_id = fingerprint(files)
    except (InternegError, OSError) as error:
        return Refused(found, _told(error))
    known = production.take(take_id)
    if known is not None and (known.path == found or files_from_path(known.path)):
        return Known(known)
    try:
        take, notice = _prove(found, take_id, slate_pattern, config)
    except (InternegError, OSError) as error:
        return Refused(found, _told(error))
    if known is not None:
        production.relink_take(take)
        return Known(take)
    # A sequence that was looked at when only its first frame was there stands in the index as that still.
    return Added(take, notice) if production.add_take(take, instead_of=map(str, files.values())) else Known(take)


def _prove(path: str, take_id: str, slate_pattern: str, config: ColourConfig) -> tuple[Take, str]:
    """The take as its file describes it, once its first, its last and some frames between have been read, and every
    frame's header; and what the artist should know of it.

    Raises:
        PlateError: the file cannot be probed, is damaged, or ends before its last frame, as one does that is still
            being copied.
    """
    probed = probe(path)
    if not probed.frames:
        raise PlateError(f"{path} holds no frame: copy it again.")
    with closing(open_source(path, "", config)) as source:
        colourspace = source.colourspace
        for frame in _spread(source.frames):
            source.read(frame)
    sizes = frame_sizes(path)
    if sizes:  # by most of its frames: the first may be a slate or a thumbnail
        (width, height), _ = Counter(sizes.values()).most_common(1)[0]
        probed = replace(probed, width=width, height=height)
    take = _take_from_probe(probed, path, take_id, slate_pattern, probed.colourspace or colourspace)
    return take, _told_of_sizes(take, sizes)


def _spread(frames: Sequence[int]) -> list[int]:
    """Some of the frames, in order: the first, the last, and as many between."""
    last = len(frames) - 1
    return sorted({frames[round(place * last / (_PROVED - 1))] for place in range(_PROVED)})


def _told_of_sizes(take: Take, sizes: Mapping[int, tuple[int, int]]) -> str:
    """Which frames are of another size than the take, and what becomes of them; nothing where none is."""
    others = [frame for frame, size in sizes.items() if size != (take.width, take.height)]
    if not others:
        return ""
    pattern = parse_pattern(take.path)
    named = [f"{pattern.path(frame).name} is {sizes[frame][0]}x{sizes[frame][1]}" for frame in others[:_NAMED]]
    more = f" and {len(others) - _NAMED} more are of other sizes" if others[_NAMED:] else ""
    which = "them" if others[1:] else "it"
    return (
        f"{', '.join(named)}{more}; the take is {take.width}x{take.height}. Learning sets {which} beside no other "
        f"frame and uses the rest; render {which} again if the take needs {which}."
    )


def _take_from_probe(probed: Probe, path: str, take_id: str, slate_pattern: str, colourspace: str) -> Take:
    slate = read_slate(path, slate_pattern)
    return Take(
        id=take_id,
        path=path,
        slate=slate,
        codec=probed.codec,
        first_frame=probed.first_frame,
        last_frame=probed.last_frame,
        frames=probed.frames,
        fps=probed.fps,
        width=probed.width,
        height=probed.height,
        colourspace=colourspace,
        timecode=probed.timecode,
        reel=probed.reel,
        camera=probed.camera or slate.camera,
        lens=probed.lens,
    )


def files_from_path(path: str) -> dict[int, Path]:
    """The files on disk by frame number; a movie is one file."""
    pattern = parse_pattern(path)
    return {frame: pattern.path(frame) for frame in pattern.frames_on_disk()}


def fingerprint(files: dict[int, Path]) -> str:
    """The same text for the same take, wherever it lies and whatever it is called.

    Convention: frame numbers and sizes of all files count, and the first and last file's own bytes at head and tail.
    """
    digest = hashlib.sha256()
    for frame, path in files.items():
        digest.update(f"{frame}:{path.stat().st_size};".encode())
    for path in list(files.values())[:1] + list(files.values())[-1:]:
        digest.update(_head_and_tail(path))
    return digest.hexdigest()[:16]


def _head_and_tail(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(_HASHED_BYTES)
        file.seek(max(0, os.fstat(file.fileno()).st_size - _HASHED_BYTES))
        return head + file.read(_HASHED_BYTES)


def _told(error: InternegError | OSError) -> str:
    """The reason in the artist's words."""
    if isinstance(error, OSError):
        return f"it cannot be read ({error.strerror or error}): check its rights and its disk."
    return str(error)


def _is_text(path: str) -> bool:
    """Whether a file's name can be stored and sent; Linux allows names that are no text."""
    return not any("\ud800" <= letter <= "\udfff" for letter in path)


def _shown(path: str) -> str:
    """A name that is no text, as it can be shown."""
    return path.encode("utf-8", "backslashreplace").decode()
