"""Plates on disk, through Interneg's own reading, colour and writing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from interneg_resolve.media import frame_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interneg.plates.plate import Plate


@dataclass(frozen=True)
class Survey:
    """What a plate is, as Interneg reads it.

    Convention: `is_linear` says that the file's own values are already what the daemon writes.
    """

    frames: tuple[int, ...]
    colourspace: str
    is_linear: bool


def config_name(ocio: str | None) -> str:
    """The name of the colour config that this process works with, as the daemon tells its own."""
    from interneg.plates.colour import ColourConfig

    return ColourConfig(ocio).name


def survey(path: str, colourspace: str, ocio: str | None) -> Survey:
    """The plate's frames on disk, and the colour space that it is decoded by.

    Raises:
        InternegError: it cannot be read, or there is no such colour space.
    """
    from interneg.plates.colour import ColourConfig
    from interneg.plates.source import open_source

    config = ColourConfig(ocio)
    with closing(open_source(path, colourspace, config)) as source:
        space = source.colourspace
        kept = source.kind == "exr" and (not colourspace or config.is_linear(space))
        return Survey(tuple(source.frames), space, kept or space == config.working_space)


def encode_range(linear: str, encoded: str, frames: range, colourspace: str, ocio: str | None) -> Iterator[int]:
    """Writes every finished frame with the source clip's own encoding, and tells each; all else of it is carried.

    Convention: the inverse of the decoding the daemon did, so that what was not touched is the source again.

    Raises:
        InternegError: a frame cannot be read or written.
    """
    from interneg.plates.colour import ColourConfig
    from interneg.plates.exr import read_exr, remove_leftovers, write_exr
    from interneg.plates.plate import FinishedFrame

    remove_leftovers(encoded)
    config = ColourConfig(ocio)
    for frame in frames:
        plate = read_exr(Path(frame_path(linear, frame)))
        finished = FinishedFrame(
            plate=_bare(plate),
            rgb=config.encoded_from_linear(plate.rgb, colourspace),
            data_window=plate.data_window,
            record={"interneg.encoding": colourspace},
        )
        write_exr(Path(frame_path(encoded, frame)), finished)
        yield frame


def _bare(plate: Plate) -> Plate:
    """The plate without its scene-linear colour, and without chromaticities, which would be untrue of an encoding.

    Convention: the encoded colour is float, for half is coarser near 1 than a 12-bit camera's log.
    """
    origin = plate.origin
    if origin is None:
        return plate
    root = origin.parts[origin.root]
    channels = {name: channel for name, channel in root.channels.items() if name not in origin.colour}
    attributes = {name: value for name, value in root.attributes.items() if name != "chromaticities"}
    bare = replace(root, attributes=attributes, channels=channels)
    parts = (*origin.parts[: origin.root], bare, *origin.parts[origin.root + 1 :])
    return replace(plate, origin=replace(origin, parts=parts, colour_type="float"))
