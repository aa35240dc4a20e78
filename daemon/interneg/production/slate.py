"""What the slate says: setup and take, read from file names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from interneg.errors import RequestError

_FRAME_TOKEN = re.compile(r"[._-]?(#+|@+|%0?\d*d|\$F\d*)(?=$|\.)")
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}$")


@dataclass(frozen=True, slots=True)
class Slate:
    """What is written on the slate; empty where nothing says so."""

    setup: str = ""
    take: str = ""
    camera: str = ""


@dataclass(frozen=True, slots=True)
class Take:
    """One take of the dailies, with its slate and what its file says of itself.

    Convention: `id` is the fingerprint of the take's content, so that a copy is the same take. `first_frame` and
    `last_frame` are absolute and inclusive, `frames` counts those on disk; `fps` is 0 and a text is empty where the
    file does not say.
    """

    id: str
    path: str
    slate: Slate
    codec: str
    first_frame: int
    last_frame: int
    frames: int
    fps: float
    width: int
    height: int
    colourspace: str
    timecode: str = ""
    reel: str = ""
    camera: str = ""
    lens: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """One camera and light state, with all its takes."""

    name: str
    takes: tuple[Take, ...]


def check_slate_pattern(pattern: str) -> re.Pattern[str]:
    """The slate pattern, ready to read names with.

    Raises:
        RequestError: it is no regular expression, or has no group named `setup`.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise RequestError(
            f"The slate pattern {pattern!r} is no regular expression ({error}): correct slate_pattern in the settings."
        ) from error
    if "setup" not in compiled.groupindex:
        raise RequestError(
            f"The slate pattern {pattern!r} has no group named setup: put (?P<setup>...) around what names the setup."
        )
    return compiled


def read_slate(name: str, pattern: str) -> Slate:
    """The slate in a file's name, frame token and suffix left out; a name that says nothing gives an empty slate."""
    compiled = check_slate_pattern(pattern)
    stem = _FRAME_TOKEN.sub("", _SUFFIX.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]))
    found = compiled.search(stem)
    said = found.groupdict() if found else {}
    return Slate(*(said.get(group) or "" for group in ("setup", "take", "camera")))


def setups_from_takes(takes: Iterable[Take]) -> tuple[Setup, ...]:
    """The takes by setup, in order; takes without a slate are each a setup of their own, named by their id."""
    by_name: dict[str, list[Take]] = {}
    for take in takes:
        by_name.setdefault(take.slate.setup or take.id, []).append(take)
    return tuple(Setup(name, tuple(by_name[name])) for name in sorted(by_name))
