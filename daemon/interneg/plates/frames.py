"""Frame ranges and the patterns that name a frame's file.

References: Fileseq with PAD_STYLE_HASH1: `####` is four digits, as in Nuke.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import fileseq

from interneg.errors import MissingFrameError, PlateError, RequestError

EXR_SUFFIXES = (".exr", ".sxr", ".mxr")
STILL_SUFFIXES = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".dpx")
MOVIE_SUFFIXES = (".mov", ".mp4", ".m4v", ".mxf", ".mkv", ".avi", ".mpg", ".mpeg", ".webm", ".mts", ".m2ts")

_TOKEN = re.compile(r"#+|@+|%(?:0\d+)?d|\$F\d*")
_RANGE = re.compile(r"(-?\d+)(?:-(-?\d+))?")
_MOST_FRAMES = 10_000_000  # 115 hours at 24 fps: more is a slip of the finger


@dataclass(frozen=True)
class FrameRange:
    """Frames from the first to the last, both delivered."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise RequestError(f"frames {self.first}-{self.last}: the last lies before the first; give FIRST-LAST")
        if self.last - self.first >= _MOST_FRAMES:
            raise RequestError(
                f"frames {self.first}-{self.last}: more than {_MOST_FRAMES} frames; give a shorter range"
            )

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1))

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __contains__(self, frame: object) -> bool:
        return isinstance(frame, int) and self.first <= frame <= self.last

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def parse_frames(text: str) -> FrameRange:
    """The frames an artist typed, as `1001-1010` or `1001`.

    Raises:
        RequestError: the text is neither.
    """
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise RequestError(f"frames '{text}': not a range; give FIRST-LAST such as 1001-1010, or one frame")
    first = int(found[1])
    return FrameRange(first, int(found[2]) if found[2] is not None else first)


@dataclass(frozen=True)
class Pattern:
    """The files of a sequence: a folder and a name with a place for the frame number; or one file, `digits` 0."""

    text: str
    before: str = ""
    digits: int = 0
    after: str = ""

    @property
    def is_sequence(self) -> bool:
        """Whether the path has a place for the frame number."""
        return self.digits > 0

    def path(self, frame: int) -> Path:
        """The file of that frame."""
        if not self.is_sequence:
            return Path(self.text)
        return Path(self.text).with_name(self._name(str(frame)))

    def _name(self, number: str) -> str:
        """The file name that carries this number, brought to the pattern's digits."""
        return f"{self.before}{number.zfill(self.digits)}{self.after}"

    def frames_on_disk(self) -> list[int]:
        """The frames whose files are there, in order; frame 1 for a single file."""
        if not self.is_sequence:
            return [1] if Path(self.text).is_file() else []
        place = re.compile(f"{re.escape(self.before)}(-?\\d+){re.escape(self.after)}")
        try:
            found = [match for entry in Path(self.text).parent.iterdir() if (match := place.fullmatch(entry.name))]
        except OSError:
            return []
        return sorted(int(match[1]) for match in found if self._name(str(int(match[1]))) == match[0])


def parse_pattern(text: str) -> Pattern:
    """The pattern an artist typed: `####`, `%04d`, `$F4` or `@@@` for the frame number, or one file.

    Raises:
        RequestError: no path, or a path with more than one place for the frame number.
    """
    if not text.strip() or "\0" in text:
        raise RequestError(f"path {text!r}: not a path; give a file or a pattern such as plate.####.exr")
    path = Path(text).expanduser()
    tokens = _TOKEN.findall(path.name)
    if path.is_file() or not tokens:
        return Pattern(str(path))
    if len(tokens) > 1:
        raise RequestError(f"path '{text}': {len(tokens)} places for the frame number; keep one, such as ####")
    before, _, after = path.name.partition(tokens[0])
    return Pattern(str(path), before, _digits_from_token(tokens[0]), after)


def _digits_from_token(token: str) -> int:
    """How many digits a frame number has at least."""
    return max(1, int(fileseq.FileSequence.getPaddingNum(token, pad_style=fileseq.PAD_STYLE_HASH1)))


def file_of(pattern: Pattern, frame: int) -> Path:
    """The file of that frame, which is there.

    Raises:
        MissingFrameError: it is not.
    """
    path = pattern.path(frame)
    if not path.is_file() or (not pattern.is_sequence and frame != 1):
        raise MissingFrameError(f"frame {frame} of {pattern.text} is not on disk; name frames that are")
    return path


def kind_of(path: str) -> str:
    """What kind of file the name promises: exr, still or movie.

    Raises:
        PlateError: none that is known.
    """
    suffix = Path(path).suffix.lower()
    for kind, suffixes in (("exr", EXR_SUFFIXES), ("still", STILL_SUFFIXES), ("movie", MOVIE_SUFFIXES)):
        if suffix in suffixes:
            return kind
    known = " ".join((*EXR_SUFFIXES, *STILL_SUFFIXES, *MOVIE_SUFFIXES))
    raise PlateError(f"{path}: '{suffix}' is no kind of plate that is read here; give one of {known}")


def find_sequences(folder: Path) -> list[Pattern]:
    """The sequences and single files of one folder, hidden files left out, by name; movies never make one."""
    found: list[Pattern] = []
    for sequence in fileseq.findSequencesOnDisk(str(folder), pad_style=fileseq.PAD_STYLE_HASH1):
        if str(sequence.extension()).lower().endswith(MOVIE_SUFFIXES):
            found += [Pattern(str(folder / Path(str(path)).name)) for path in sequence]
        else:
            found.append(_pattern_from(folder, sequence))
    return sorted(found, key=lambda pattern: pattern.text)


def _pattern_from(folder: Path, sequence: fileseq.FileSequence) -> Pattern:
    """The pattern of what Fileseq found; a lone file stays a file."""
    if len(sequence) == 1 or not sequence.padding():
        return Pattern(str(folder / Path(str(sequence[0])).name))
    name = f"{sequence.basename()}{'#' * int(sequence.zfill())}{sequence.extension()}"
    before, after = str(sequence.basename()), str(sequence.extension())
    return Pattern(str(folder / name), before, int(sequence.zfill()), after)
