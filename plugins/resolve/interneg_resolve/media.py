"""The media behind a clip, as files on disk with their frame numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from interneg_resolve.errors import ItemError

_RANGE = re.compile(r"\[(\d+)-(\d+)\](?=[^\[\]\\/]*$)")
_NUMBER = re.compile(r"(\d+)(\.[^.\d]\w*)$")
_STILLS = frozenset({".exr", ".dpx", ".tif", ".tiff", ".png", ".jpg", ".jpeg"})


@dataclass(frozen=True)
class Media:
    """A movie or a sequence, and the numbers of its frames.

    Convention: `path` is a movie, or a pattern with `####`; a movie's first frame is 1.
    """

    path: str
    first_frame: int
    frames: int
    is_sequence: bool

    @property
    def last_frame(self) -> int:
        """The number of the last frame, inclusive."""
        return self.first_frame + self.frames - 1


def media_from_property(name: str, file_path: str, frames: int) -> Media:
    """The media that Resolve's `File Path` names, held against the disk.

    Raises:
        ItemError: it is not on disk, is a still, or Resolve shows only a part of it.
    """
    path = Path(file_path)
    if path.is_file():
        return _from_file(name, path, frames)
    match = _RANGE.search(file_path)
    if match is None:
        raise ItemError(f"{name}: its media is not on disk here ({file_path}). Bring it online and try again.")
    first, last = int(match[1]), int(match[2])
    media = Media(_pattern(file_path, match.start(), match.end(), len(match[1])), first, last - first + 1, True)
    missing = [frame for frame in (first, last) if not Path(frame_path(media.path, frame)).is_file()]
    if missing:
        raise ItemError(
            f"{name}: frame {missing[0]} is not on disk ({frame_path(media.path, missing[0])}). Restore it."
        )
    return _whole(name, media, frames)


def frame_path(pattern: str, frame: int) -> str:
    """The file of one frame of a `####` pattern."""
    hashes = re.search(r"#+(?=[^#\\/]*$)", pattern)
    if hashes is None:
        return pattern
    return f"{pattern[: hashes.start()]}{frame:0{len(hashes[0])}d}{pattern[hashes.end() :]}"


def percent_pattern(pattern: str) -> str:
    """The same pattern as Resolve's `ImportMedia` wants it, with `%04d`."""
    return re.sub(r"#+(?=[^#\\/]*$)", lambda hashes: f"%0{len(hashes[0])}d", pattern)


def _pattern(text: str, start: int, end: int, width: int) -> str:
    """The text with a token of that width in place of the range."""
    return f"{text[:start]}{'#' * width}{text[end:]}"


def _from_file(name: str, path: Path, frames: int) -> Media:
    """The media of a path that is one file: a movie, or the first frame of a sequence."""
    if path.suffix.lower() not in _STILLS:
        return Media(str(path), 1, frames, False)
    number = _NUMBER.search(str(path))
    if frames <= 1 or number is None:
        raise ItemError(
            f"{name} is a still ({path.name}): Interneg works on sequences and movies. Choose another item."
        )
    first = int(number[1])
    pattern = _pattern(str(path), number.start(1), number.end(1), len(number[1]))
    return Media(pattern, first, frames, True)


def _whole(name: str, media: Media, frames: int) -> Media:
    """The media where Resolve shows all of it, for offsets count from its first frame."""
    if frames > 0 and frames != media.frames:
        raise ItemError(
            f"{name}: Resolve shows {frames} frames of the {media.frames} of {media.path} (a subclip?). "
            "Use the whole clip, whose frame numbers can be told."
        )
    return media
