"""Plates by frame number, whatever their file: sequences of EXR and stills, and movies, all scene-linear."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from interneg.errors import MissingFrameError, PlateError
from interneg.plates.colour import ColourConfig
from interneg.plates.exr import read_exr, read_header
from interneg.plates.frames import Pattern, file_of, kind_of, parse_pattern
from interneg.plates.images import Still, read_still, read_still_header
from interneg.plates.matte import MatteSource
from interneg.plates.movie import MovieReader
from interneg.plates.plate import ExrFile, ExrPart, Plate, StoredChannel, Window
from interneg.plates.probe import Probe, find_takes, is_footage, probe

__all__ = [
    "MatteSource",
    "PlateSource",
    "Probe",
    "find_takes",
    "is_footage",
    "open_source",
    "probe",
]

Pixels = npt.NDArray[np.float32]

_FLOAT_BITS = 16  # stills of so many bits or more would lose in half


class PlateSource(Protocol):
    """A take or a shot, read frame by frame; `read` may be called from several threads."""

    @property
    def path(self) -> str:
        """The pattern or file."""

    @property
    def kind(self) -> str:
        """What it is: exr, still, dpx, movie."""

    @property
    def frames(self) -> tuple[int, ...]:
        """The frame numbers that are there, in order."""

    @property
    def colourspace(self) -> str:
        """The space its file is in; the plates themselves come linear."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What the artist should know of it."""

    def read(self, frame: int) -> Plate:
        """One frame, scene-linear."""

    def close(self) -> None:
        """Lets go of the file."""


@dataclass(frozen=True, eq=False)
class SequenceSource:
    """A sequence of EXRs or stills, or one of them."""

    pattern: Pattern
    kind: str
    frames: tuple[int, ...]
    colourspace: str
    notices: tuple[str, ...]
    load: Callable[[Path], Plate]

    @property
    def path(self) -> str:
        """The pattern or file."""
        return self.pattern.text

    def read(self, frame: int) -> Plate:
        """One frame, scene-linear.

        Raises:
            MissingFrameError: the frame is not on disk.
            PlateError: its file cannot be read.
        """
        return self.load(file_of(self.pattern, frame))

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(frozen=True, eq=False)
class MovieSource:
    """A movie; its first frame is 1."""

    reader: MovieReader
    config: ColourConfig
    colourspace: str
    notices: tuple[str, ...]
    kind: str = "movie"

    @property
    def path(self) -> str:
        """The file."""
        return str(self.reader.path)

    @property
    def frames(self) -> tuple[int, ...]:
        """The frame numbers that are there, in order."""
        return tuple(range(1, self.reader.facts.frames + 1))

    def read(self, frame: int) -> Plate:
        """One frame, scene-linear.

        Raises:
            MissingFrameError: the movie has no such frame.
            PlateError: the frame does not decode.
        """
        decoded = self.reader.read(frame)
        height, width = decoded.rgb.shape[:2]
        window = Window.of_size(width, height)
        beside = {} if decoded.alpha is None else {"A": decoded.alpha}
        origin = _converted_origin(beside, window, "half", self.config)
        rgb = self.config.linear_from(decoded.rgb, self.colourspace)
        aspect = self.reader.facts.pixel_aspect
        names = ("R", "G", "B", *beside)
        return Plate(rgb, window, window, aspect, names, self.config.working_space, self.notices, origin)

    def close(self) -> None:
        """Lets go of the file."""
        self.reader.close()


def open_source(path: str, colourspace: str, config: ColourConfig) -> PlateSource:
    """The plates of that pattern or movie; an empty colourspace means: as its kind and header say.

    Raises:
        RequestError: a path or colourspace that is none.
        MissingFrameError: nothing is there.
        PlateError: the first frame's header cannot be read.
    """
    pattern = parse_pattern(path)
    kind = kind_of(pattern.text)
    named = config.check(colourspace) if colourspace else ""
    if kind == "movie":
        return _movie(pattern, named, config)
    frames = tuple(pattern.frames_on_disk())
    if not frames:
        raise MissingFrameError(f"{pattern.text}: no frame of it is on disk; check the path and its pattern")
    first = pattern.path(frames[0])
    if kind == "exr":
        space, notice = (named, "") if named else _exr_space(read_header(first)[0], config)
        return SequenceSource(pattern, kind, frames, space, _kept(notice), lambda file: _exr(file, named, config))
    facts = read_still_header(first)
    space, notice = (named, "") if named else config.default_space(facts.kind, facts.metadata)
    notices = _kept(notice)
    return SequenceSource(
        pattern, facts.kind, frames, space, notices, lambda file: _still(file, space, config, notices)
    )


def _kept(notice: str) -> tuple[str, ...]:
    """A notice, where there is one."""
    return (notice,) if notice else ()


def _movie(pattern: Pattern, named: str, config: ColourConfig) -> MovieSource:
    """The movie of that path."""
    if pattern.is_sequence:
        raise PlateError(f"{pattern.text}: a pattern of movies is no plate; name one movie")
    reader = MovieReader(Path(pattern.text))
    tags = {"transfer": reader.facts.transfer, "primaries": reader.facts.primaries}
    space, notice = (named, "") if named else config.default_space("movie", tags)
    return MovieSource(reader, config, space, _kept(notice))


def _exr_space(part: ExrPart, config: ColourConfig) -> tuple[str, str]:
    """The space an EXR says it is in: by its chromaticities, else the working space. It is never converted."""
    given = part.attributes.get("chromaticities")
    if given is None:
        return config.working_space, ""
    found = config.space_of([float(number) for number in np.asarray(given, np.float64).reshape(8)])
    return (found, "") if found else (config.working_space, "primaries of its own: kept as they are")


def _exr(path: Path, named: str, config: ColourConfig) -> Plate:
    """An EXR's plate; converted only where a space was named that is not linear."""
    plate = read_exr(path)
    if plate.origin is None:
        return plate
    if not named:
        space, notice = _exr_space(plate.origin.parts[plate.origin.root], config)
        return replace(plate, colourspace=space, notices=(*plate.notices, *_kept(notice)))
    if config.is_linear(named):
        return replace(plate, colourspace=named)
    rgb = config.linear_from(plate.rgb, named)
    notice = f"converted from {named}: delivered as linear, in {config.working_space}"
    origin = _without_colour(plate.origin, config)
    return replace(plate, rgb=rgb, colourspace=config.working_space, notices=(*plate.notices, notice), origin=origin)


def _without_colour(origin: ExrFile, config: ColourConfig) -> ExrFile:
    """The same file less its colour channels, which are written anew in the working space."""
    root = origin.parts[origin.root]
    kept = {name: channel for name, channel in root.channels.items() if name not in origin.colour}
    stored = [root.channels[name].pixels.dtype for name in origin.colour if name in root.channels]
    kind = "float" if any(dtype != np.float16 for dtype in stored) else origin.colour_type
    bare = ExrPart(root.name, {**root.attributes, **_chromaticities(config)}, kept, root.data_window)
    parts = (*origin.parts[: origin.root], bare, *origin.parts[origin.root + 1 :])
    return replace(origin, parts=parts, colour_type=kind)


def _still(path: Path, space: str, config: ColourConfig, notices: tuple[str, ...]) -> Plate:
    """A still's plate."""
    still = read_still(path)
    facts = still.facts
    rgb = config.linear_from(_rgb(path, still), space)
    beside = {name: pixels for name, pixels in still.channels.items() if name not in ("R", "G", "B", "Y", "I")}
    kind = "float" if facts.bits >= _FLOAT_BITS else "half"
    origin = _converted_origin(beside, facts.data_window, kind, config)
    names = tuple(still.channels)
    return Plate(
        rgb, facts.display_window, facts.data_window, facts.pixel_aspect, names, config.working_space, notices, origin
    )


def _rgb(path: Path, still: Still) -> Pixels:
    """A still's colour as it is encoded; a grey one is the same in all three."""
    grey = next((name for name in ("Y", "I") if name in still.channels), "")
    names = ("R", "G", "B") if {"R", "G", "B"} <= set(still.channels) else (grey, grey, grey)
    if not names[0]:
        raise PlateError(f"{path}: no R, G, B or Y among its channels ({', '.join(still.channels)}); convert it first")
    return np.stack([still.channels[name] for name in names], axis=-1)


def _converted_origin(beside: Mapping[str, Pixels], window: Window, kind: str, config: ColourConfig) -> ExrFile:
    """How a plate that was no EXR is written: in the working space, with what stood beside its colour."""
    deep = kind == "float"
    channels = {name: StoredChannel(pixels if deep else pixels.astype(np.float16)) for name, pixels in beside.items()}
    return ExrFile((ExrPart("", _chromaticities(config), channels, window),), colour_type=kind)


def _chromaticities(config: ColourConfig) -> dict[str, object]:
    """The working space's primaries as an attribute; none where they are not known."""
    known = config.chromaticities(config.working_space)
    return {} if known is None else {"chromaticities": known}
