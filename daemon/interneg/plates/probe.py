"""What a take's header says, and which takes a folder holds; no pixel is read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from pathlib import Path

from interneg.errors import MissingFrameError, NotFoundError, PlateError
from interneg.plates.exr import read_header, timecode_from_attributes, window_from_attribute
from interneg.plates.frames import (
    EXR_SUFFIXES,
    MOVIE_SUFFIXES,
    STILL_SUFFIXES,
    find_sequences,
    kind_of,
    parse_pattern,
)
from interneg.plates.images import read_still_header
from interneg.plates.movie import MovieReader

_MOST_MISSING = 10_000  # a name with a date in it may leave a hole of millions


@dataclass(frozen=True)
class Probe:
    """A take's facts; empty or 0 where its file does not say."""

    path: str
    kind: str  # exr, still, dpx, movie
    codec: str
    first_frame: int
    last_frame: int
    frames: int
    missing: tuple[int, ...]  # at most the first 10,000
    fps: float
    width: int
    height: int
    colourspace: str = ""  # empty: as the colour config takes that kind
    timecode: str = ""
    reel: str = ""
    camera: str = ""
    lens: str = ""


def probe(path: str | Path) -> Probe:
    """The facts of a movie, sequence or still.

    Raises:
        RequestError: a path that is none.
        MissingFrameError: nothing is there.
        PlateError: its header cannot be read.
    """
    pattern = parse_pattern(str(path))
    kind = kind_of(pattern.text)
    if kind == "movie":
        return _movie(Path(pattern.text))
    frames = pattern.frames_on_disk()
    if not frames:
        raise MissingFrameError(f"{pattern.text}: no frame of it is on disk; check the path and its pattern")
    missing = tuple(islice(_gaps(frames), _MOST_MISSING))
    read = _exr if kind == "exr" else _still
    return read(pattern.text, pattern.path(frames[0]), (frames[0], frames[-1], len(frames)), missing)


def _gaps(frames: list[int]) -> Iterator[int]:
    """The frame numbers between the first and the last that are not there."""
    return chain.from_iterable(range(before + 1, after) for before, after in pairwise(frames))


def _movie(path: Path) -> Probe:
    """The facts of a movie."""
    with MovieReader(path) as reader:
        facts = reader.facts
    return Probe(
        path=str(path),
        kind="movie",
        codec=facts.codec,
        first_frame=1,
        last_frame=facts.frames,
        frames=facts.frames,
        missing=(),
        fps=facts.fps,
        width=facts.width,
        height=facts.height,
        **{key: facts.tags.get(key, "") for key in ("timecode", "reel", "camera", "lens")},
    )


def _exr(path: str, first: Path, span: tuple[int, int, int], missing: tuple[int, ...]) -> Probe:
    """The facts of an EXR sequence, by its first file."""
    attributes = read_header(first)[0].attributes
    display = window_from_attribute(attributes["displayWindow"])
    compression = str(getattr(attributes.get("compression"), "name", "")).removesuffix("_COMPRESSION")
    return Probe(
        path=path,
        kind="exr",
        codec=f"exr {compression.lower()}".strip(),
        first_frame=span[0],
        last_frame=span[1],
        frames=span[2],
        missing=missing,
        fps=_number(attributes.get("framesPerSecond")),
        width=display.width,
        height=display.height,
        timecode=timecode_from_attributes(attributes),
        reel=_text(attributes, "reelName"),
        camera=_text(attributes, "cameraModel", "cameraLabel", "cameraMake"),
        lens=_text(attributes, "lensModel", "lensMake"),
    )


def _still(path: str, first: Path, span: tuple[int, int, int], missing: tuple[int, ...]) -> Probe:
    """The facts of a sequence of stills, by its first file."""
    facts = read_still_header(first)
    said = facts.metadata
    return Probe(
        path=path,
        kind=facts.kind,
        codec=facts.codec,
        first_frame=span[0],
        last_frame=span[1],
        frames=span[2],
        missing=missing,
        fps=_number(said.get("fps")),
        width=facts.width,
        height=facts.height,
        **{key: said.get(key, "") for key in ("timecode", "reel", "camera", "lens")},
    )


def frame_sizes(path: str) -> dict[int, tuple[int, int]]:
    """Width and height of each frame of a sequence, by the frame's own header; a movie has one size and so says none.

    Convention: some 0.1 ms a frame for EXR and 0.5 ms for stills on a local disk, whatever its size.

    Raises:
        PlateError: a frame's header cannot be read.
    """
    pattern = parse_pattern(path)
    kind = kind_of(pattern.text)
    if kind == "movie":
        return {}
    size = _exr_size if kind == "exr" else _still_size
    return {frame: size(pattern.path(frame)) for frame in pattern.frames_on_disk()}


def _exr_size(path: Path) -> tuple[int, int]:
    display = window_from_attribute(read_header(path)[0].attributes["displayWindow"])
    return display.width, display.height


def _still_size(path: Path) -> tuple[int, int]:
    facts = read_still_header(path)
    return facts.width, facts.height


def _text(attributes: Mapping[str, object], *names: str) -> str:
    """The first of these attributes that says something."""
    return next((str(attributes[name]) for name in names if attributes.get(name)), "")


def _number(value: object) -> float:
    """A frame rate that may be a fraction, a number or text; 0 where it says nothing."""
    try:
        rate = float(value) if value else 0.0  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 0.0
    return rate if 0 < rate < 1e6 else 0.0


def is_footage(path: Path) -> bool:
    """Whether the name is one of a plate or movie; hidden files and those of other endings (.tmp, .part) are none."""
    suffix = path.suffix.lower()
    known = suffix in EXR_SUFFIXES + STILL_SUFFIXES + MOVIE_SUFFIXES
    return known and not path.name.startswith(".")


def find_takes(path: Path, pass_over: Callable[[Path, OSError], None] | None = None) -> list[str]:
    """The movies and sequences under a folder, hidden ones left out; a file or pattern is itself.

    Convention: `pass_over` is told of each folder that cannot be read, and the others are still looked through; without
        it the first such folder is an error.

    Raises:
        NotFoundError: there is no such folder or file.
        PlateError: the folder cannot be read.
    """
    if not path.is_dir():
        pattern = parse_pattern(str(path))
        if not pattern.frames_on_disk():
            raise NotFoundError(f"{path}: there is no such file, folder or sequence; check the path")
        return [pattern.text]
    try:
        return _takes_in(path, pass_over)
    except OSError as error:
        raise PlateError(f"{path}: cannot be read ({error}); check the folder's permissions") from error


def _takes_in(folder: Path, pass_over: Callable[[Path, OSError], None] | None) -> list[str]:
    """The takes of one folder, then those of the folders in it."""
    try:
        entries = sorted(folder.iterdir())  # first of all: what Fileseq finds in a closed folder is nothing
        found = [pattern.text for pattern in find_sequences(folder) if is_footage(Path(pattern.text))]
        inner = [each for each in entries if each.is_dir() and not each.is_symlink() and not each.name.startswith(".")]
    except OSError as error:
        if pass_over is None:
            raise
        pass_over(folder, error)
        return []
    return found + [take for entry in inner for take in _takes_in(entry, pass_over)]
