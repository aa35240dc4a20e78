"""Mattes by frame number: coverage in [0, 1] over the plate's data window."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from interneg.errors import MissingFrameError, PlateError
from interneg.plates.exr import read_parts, window_from_attribute
from interneg.plates.frames import file_of, kind_of, parse_pattern
from interneg.plates.images import read_still
from interneg.plates.movie import MovieReader
from interneg.plates.plate import Plate, Window

Pixels = npt.NDArray[np.float32]

_ORDER = ("A", "Y", "R")


@dataclass(frozen=True, eq=False)
class _Stored:
    """A matte as its file has it."""

    pixels: Pixels  # (H, W) of data_window
    data_window: Window
    display_window: Window


class MatteSource:
    """The mattes of a pattern, movie or single still; a still holds for every frame.

    Convention: mattes are data and never colour-converted. The channel is `A` where there is one, else `Y`, else `R`,
    unless one is named. `name` is what errors call it.

    Raises:
        RequestError: the path is none.
        PlateError: it is no kind of file that is read here.
        MissingFrameError: nothing is there.
    """

    def __init__(self, path: str, channel: str = "", name: str = "matte") -> None:
        self.name = name
        self._pattern = parse_pattern(path)
        self.path = self._pattern.text
        self.channel = channel
        self._kind = kind_of(self.path)
        self._movie = MovieReader(Path(self.path)) if self._kind == "movie" else None
        self.frames = self._frames()
        if not self.frames:
            raise MissingFrameError(f"{name} {self.path}: no frame of it is on disk; check the path and its pattern")

    @property
    def is_still(self) -> bool:
        """Whether one matte holds for every frame."""
        return self._movie is None and not self._pattern.is_sequence

    def _frames(self) -> tuple[int, ...]:
        """The frame numbers that are there."""
        if self._movie is not None:
            return tuple(range(1, self._movie.facts.frames + 1))
        return tuple(self._pattern.frames_on_disk())

    def read(self, frame: int, like: Plate) -> Pixels:
        """The matte of that frame over the plate's data window, (H, W); 0 where it says nothing.

        Raises:
            MissingFrameError: the frame is not there.
            PlateError: it cannot be read, has another size, lacks the channel, or holds NaN.
        """
        try:
            path = Path(self.path) if self._movie else file_of(self._pattern, 1 if self.is_still else frame)
            stored = self._stored(path, frame)
        except MissingFrameError as error:
            raise MissingFrameError(f"{self.name}: {error}") from error
        _check(f"{self.name} {path}", stored, like)
        x_offset = like.display_window.x_min - stored.display_window.x_min
        y_offset = like.display_window.y_min - stored.display_window.y_min
        placed = _placed(stored, like.data_window, x_offset, y_offset)
        return np.clip(placed, 0, 1, out=placed)

    def _stored(self, path: Path, frame: int) -> _Stored:
        """The channel that is the matte."""
        if self._movie is not None:
            decoded = self._movie.read(frame)
            channels = {name: decoded.rgb[..., index] for index, name in enumerate("RGB")}
            channels |= {} if decoded.alpha is None else {"A": decoded.alpha}
            window = Window.of_size(decoded.rgb.shape[1], decoded.rgb.shape[0])
            return _Stored(channels[_chosen(path, [*channels], self.channel)], window, window)
        if self._kind == "exr":
            return _from_exr(path, self.channel)
        still = read_still(path)
        pixels = still.channels[_chosen(path, [*still.channels], self.channel)]
        return _Stored(pixels, still.facts.data_window, still.facts.display_window)

    def close(self) -> None:
        """Lets go of a movie's file."""
        if self._movie is not None:
            self._movie.close()


def _chosen(path: Path, held: Sequence[str], channel: str) -> str:
    """The channel that is the matte."""
    for name in (channel,) if channel else _ORDER:
        if name in held:
            return name
    wanted = f"channel '{channel}'" if channel else "A, Y or R"
    raise PlateError(f"matte {path}: no {wanted}; it has {', '.join(held)}; name one of these as the matte's channel")


def _from_exr(path: Path, channel: str) -> _Stored:
    """The matte in the first part of an EXR that holds it."""
    parts = read_parts(path)
    name = _chosen(path, list(dict.fromkeys(name for part in parts for name in part.channels)), channel)
    part = next(part for part in parts if name in part.channels)
    stored = part.channels[name]
    if stored.x_sampling != 1 or stored.y_sampling != 1:
        raise PlateError(f"matte {path}: channel '{name}' is subsampled; name another")
    display = window_from_attribute(part.attributes["displayWindow"])
    return _Stored(stored.pixels.astype(np.float32), part.data_window, display)


def _check(said: str, stored: _Stored, like: Plate) -> None:
    """Refuses a matte of another size, or one with values that are none."""
    mine, plates = stored.display_window, like.display_window
    if (mine.width, mine.height) != (plates.width, plates.height):
        raise PlateError(
            f"{said}: {mine.width} x {mine.height} pixels where the plate has {plates.width} x {plates.height}; "
            "render it at the plate's size"
        )
    if strange := int(np.isnan(stored.pixels).sum()):
        raise PlateError(f"{said}: {strange} of its pixels are NaN; render it again")


def _placed(stored: _Stored, target: Window, x_offset: int, y_offset: int) -> Pixels:
    """The matte's pixels over another window, both counted from their display windows; 0 beyond them."""
    placed = np.zeros((target.height, target.width), np.float32)
    source = stored.data_window
    left = max(source.x_min + x_offset, target.x_min)
    right = min(source.x_max + x_offset, target.x_max) + 1
    top = max(source.y_min + y_offset, target.y_min)
    bottom = min(source.y_max + y_offset, target.y_max) + 1
    if left < right and top < bottom:
        rows = slice(top - y_offset - source.y_min, bottom - y_offset - source.y_min)
        columns = slice(left - x_offset - source.x_min, right - x_offset - source.x_min)
        placed[top - target.y_min : bottom - target.y_min, left - target.x_min : right - target.x_min] = stored.pixels[
            rows, columns
        ]
    return placed
