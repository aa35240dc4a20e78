"""EXR in, with everything it carries, and out, whole or not at all; the only importer of OpenEXR."""

import io
import os
import re
import secrets
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import OpenEXR

from interneg.errors import MissingFrameError, PlateError
from interneg.plates.delivery import parts_from_finished
from interneg.plates.frames import Pattern, parse_pattern
from interneg.plates.layers import Colour, colour_from_parts, rgb_from_colour
from interneg.plates.plate import ExrFile, ExrPart, FinishedFrame, Plate, StoredChannel, Window

_WIDEST = 65536
_MOST_PIXELS = 2**28
_MOST_CHANNEL_PIXELS = 2**33  # 16 GiB of half: beyond any machine this runs on
_MOST_FOREIGN_TEXTS = 64
_HOST_COMPRESSIONS = ("NO_COMPRESSION", "RLE_COMPRESSION", "ZIPS_COMPRESSION", "ZIP_COMPRESSION", "PIZ_COMPRESSION")
_MADE_ON_WRITING = ("channels", "chunkCount", "dataWindow", "displayWindow", "compression", "tiles", "type", "name")
_STREAM_BYTES = 2**20


def read_exr(path: Path) -> Plate:
    """The plate of an EXR: its pixels, and everything beside them in `origin`.

    Convention: the values are as the file has them; colour is not converted.

    Raises:
        PlateError: the file is damaged, cut short, deep, or holds no plate.
        MissingFrameError: there is no such file.
    """
    parts = read_parts(path)
    try:
        colour = colour_from_parts(parts)
        return _plate(parts, colour)
    except PlateError as error:
        raise PlateError(f"{path}: {error}") from error


def _plate(parts: tuple[ExrPart, ...], colour: Colour) -> Plate:
    """The plate of those parts."""
    root = parts[colour.root]
    rgb = rgb_from_colour(root, colour)
    names = tuple(root.channels)
    origin = ExrFile(parts, colour.root, colour.names)
    if colour.chroma:
        kept = {name: channel for name, channel in root.channels.items() if name not in colour.chroma}
        bare = ExrPart(root.name, root.attributes, kept, root.data_window)
        kind = "float" if root.channels[colour.chroma[0]].pixels.dtype == np.float32 else "half"
        origin = ExrFile((*parts[: colour.root], bare, *parts[colour.root + 1 :]), colour.root, colour.names, kind)
    return Plate(
        rgb=rgb,
        display_window=window_from_attribute(root.attributes["displayWindow"]),
        data_window=root.data_window,
        pixel_aspect=float(str(root.attributes.get("pixelAspectRatio", 1.0))),
        channels=names,
        notices=(colour.notice,) if colour.notice else (),
        origin=origin,
    )


def read_header(path: Path) -> tuple[ExrPart, ...]:
    """The parts of an EXR without their pixels; sizes that cannot be are refused here, before a byte of them is read.

    Raises:
        PlateError: not an EXR, damaged, deep, or of impossible size.
        MissingFrameError: there is no such file.
    """
    if not path.is_file():
        raise MissingFrameError(f"{path}: there is no such file; name frames that are on disk")
    try:
        parts = _parts_of(path, header_only=True)
    except (RuntimeError, ValueError, TypeError, ArithmeticError, OSError) as error:
        raise PlateError(f"{path}: not a readable EXR ({error}); check the file") from error
    for part in parts:
        _check_header(path, part)
    return parts


def _check_header(path: Path, part: ExrPart) -> None:
    """Refuses what cannot be a plate."""
    if "deep" in str(part.attributes.get("type", "")):
        raise PlateError(f"{path}: part '{part.name}' is deep; flatten it before it is used here")
    for window in (part.data_window, window_from_attribute(part.attributes["displayWindow"])):
        size = f"{window.width} x {window.height}"
        if min(window.width, window.height) < 1 or max(window.width, window.height) > _WIDEST:
            raise PlateError(f"{path}: its header says {size} pixels; 1 to {_WIDEST} a side can be; check the file")
        if window.width * window.height > _MOST_PIXELS:
            raise PlateError(f"{path}: its header says {size} pixels; {_MOST_PIXELS} in all can be; check the file")
    channels = part.attributes.get("channels")
    count = len(channels) if isinstance(channels, list) else 0
    if count * part.data_window.width * part.data_window.height > _MOST_CHANNEL_PIXELS:
        raise PlateError(f"{path}: its header says {count} channels of {size}; more than fits; check the file")


def read_parts(path: Path) -> tuple[ExrPart, ...]:
    """Every part of an EXR with every channel, bit for bit; mip-maps at their full size.

    Raises:
        PlateError: the file is damaged, cut short or deep.
        MissingFrameError: there is no such file.
    """
    expected = read_header(path)
    try:
        parts = _parts_of(path, header_only=False)
    except (RuntimeError, ValueError, TypeError, ArithmeticError, OSError, MemoryError) as error:
        raise PlateError(f"{path}: cannot be read ({error}); check the file") from error
    if len(parts) != len(expected):
        raise PlateError(f"{path}: damaged or cut short, its pixels cannot be read; copy or render it again")
    return parts


def _parts_of(path: Path, *, header_only: bool) -> tuple[ExrPart, ...]:
    """The parts as the library reads them; a file with text that is no UTF-8 is read with that text as Latin-1."""
    try:
        with OpenEXR.File(str(path), separate_channels=True, header_only=header_only) as file:
            return tuple(_part(part, {} if header_only else part.channels) for part in file.parts)
    except UnicodeDecodeError as error:
        fault = error
    data, texts = path.read_bytes(), dict[str, str]()
    for _ in range(_MOST_FOREIGN_TEXTS):
        plain = bytes(byte if byte < 128 else ord("?") for byte in fault.object)
        texts[plain.decode("ascii")] = fault.object.decode("latin-1")
        size = struct.pack("<i", len(plain))
        data = data.replace(size + fault.object, size + plain, 1)
        try:
            with OpenEXR.File(io.BytesIO(data), separate_channels=True, header_only=header_only) as file:
                return tuple(_part(part, {} if header_only else part.channels, texts) for part in file.parts)
        except UnicodeDecodeError as error:
            fault = error
    raise fault


def read_channels(path: Path, names: Iterable[str] | None = None) -> dict[str, npt.NDArray[np.float32]]:
    """The channels of an EXR by name as (H, W) float32, all where none are named; a name's first part wins.

    Raises:
        PlateError: a channel that is not there; the message lists those that are.
    """
    held: dict[str, npt.NDArray[np.float32]] = {}
    for part in read_parts(path):
        for name, channel in part.channels.items():
            held.setdefault(name, channel.pixels.astype(np.float32))
    wanted = list(held) if names is None else list(names)
    if absent := [name for name in wanted if name not in held]:
        raise PlateError(f"{path}: no channel {', '.join(absent)}; it has {', '.join(held)}")
    return {name: held[name] for name in wanted}


def window_from_attribute(value: object) -> Window:
    """The window that OpenEXR gives as two corners."""
    corners = np.asarray(value, np.int64).reshape(4)
    return Window(*(int(number) for number in corners))


def timecode_from_attributes(attributes: Mapping[str, object]) -> str:
    """The frame's SMPTE timecode as HH:MM:SS:FF, `;` before the frames where frames are dropped; empty for none."""
    code = attributes.get("timeCode")
    if not isinstance(code, OpenEXR.TimeCode):
        return ""
    mark = ";" if code.dropFrame else ":"
    return f"{code.hours:02}:{code.minutes:02}:{code.seconds:02}{mark}{code.frame:02}"


def _part(
    part: OpenEXR.Part, channels: Mapping[str, OpenEXR.Channel], texts: Mapping[str, str] | None = None
) -> ExrPart:
    """A part as plain values and arrays; `texts` are to stand for others."""
    attributes: dict[str, object] = dict(part.header)
    for key, text in attributes.items():
        if texts and isinstance(text, str):
            attributes[key] = texts.get(text, text)
    stored = {
        name: StoredChannel(channel.pixels, channel.xSampling, channel.ySampling, bool(channel.pLinear))
        for name, channel in channels.items()
    }
    return ExrPart(str(attributes.get("name", "")), attributes, stored, window_from_attribute(attributes["dataWindow"]))


def write_exr(path: Path, frame: FinishedFrame) -> tuple[str, ...]:
    """Writes a finished frame whole or not at all, over what stands there; gives what the artist should know of it.

    Raises:
        PlateError: the disk is full, the folder may not be written, or the frame cannot be said in EXR.
    """
    parts, notices = parts_from_finished(frame)
    _write_whole(path, parts)
    return notices


def _write_whole(path: Path, parts: tuple[ExrPart, ...]) -> None:
    """Writes the parts under a name of their own first, so that nobody ever reads half a file."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_parts(temporary, parts)
        temporary.replace(path)
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        raise PlateError(f"{path}: cannot be written ({error}); free the disk or choose another folder") from error
    finally:
        temporary.unlink(missing_ok=True) if temporary.parent.is_dir() else None


def write_layers(path: Path, layers: Mapping[str, npt.NDArray[np.float16] | npt.NDArray[np.float32]]) -> None:
    """Writes channels of one size (H, W), named as given, whole or not at all; half or float as their arrays are.

    Raises:
        PlateError: as `write_exr`.
    """
    first = next(iter(layers.values()))
    window = Window.of_size(first.shape[1], first.shape[0])
    _write_whole(path, (ExrPart("", {}, {name: StoredChannel(plane) for name, plane in layers.items()}, window),))


def _write_parts(path: Path, parts: tuple[ExrPart, ...]) -> None:
    """Writes the parts to a new file and sees them onto the disk."""
    with path.open("xb", buffering=_STREAM_BYTES) as stream:
        if len(parts) == 1:
            file = OpenEXR.File(_header(parts[0], named=False), _channels(parts[0]))
        else:
            file = OpenEXR.File([OpenEXR.Part(_header(part, named=True), _channels(part), part.name) for part in parts])
        file.write(stream)
        stream.flush()
        os.fsync(stream.fileno())


def _channels(part: ExrPart) -> dict[str, OpenEXR.Channel]:
    """The channels as OpenEXR writes them."""
    size = (part.data_window.height, part.data_window.width)
    made = {}
    for name, channel in part.channels.items():
        pixels = np.ascontiguousarray(channel.pixels)
        if pixels.shape != size:  # subsampled: OpenEXR wants an array of the full size, the samples at its beginning
            padded = np.zeros(size, pixels.dtype)
            padded.reshape(-1)[: pixels.size] = pixels.reshape(-1)
            pixels = padded
        made[name] = OpenEXR.Channel(pixels, channel.x_sampling, channel.y_sampling, channel.perceptually_linear)
    return made


def _header(part: ExrPart, *, named: bool) -> dict[str, object]:
    """The attributes as OpenEXR writes them: all that were carried, and those that the pixels decide."""
    header = {name: _value(value) for name, value in part.attributes.items() if name not in _MADE_ON_WRITING}
    display = window_from_attribute(part.attributes.get("displayWindow", _corners(part.data_window)))
    header |= {
        "dataWindow": _corners(part.data_window),
        "displayWindow": _corners(display),
        "compression": _compression(part.attributes.get("compression")),
        "type": part.attributes.get("type", OpenEXR.scanlineimage),
    }
    if isinstance(tiles := part.attributes.get("tiles"), OpenEXR.TileDescription):
        header["tiles"] = _one_level(tiles)
    if named or (part.name and "name" in part.attributes):
        header["name"] = part.name
    return header


def _corners(window: Window) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """A window as OpenEXR takes it."""
    return np.array([window.x_min, window.y_min], np.int32), np.array([window.x_max, window.y_max], np.int32)


def _value(value: object) -> object:
    """An attribute's value; an empty list, which OpenEXR could not tell the type of, as an empty string vector."""
    return OpenEXR.OpaqueAttribute(b"", "stringvector") if isinstance(value, list) and not value else value


def _compression(source: object) -> OpenEXR.Compression:
    """The source's own compression where it is lossless and every host reads it, else ZIP."""
    if isinstance(source, OpenEXR.Compression) and source.name in _HOST_COMPRESSIONS:
        return source
    return OpenEXR.ZIP_COMPRESSION


def _one_level(tiles: OpenEXR.TileDescription) -> OpenEXR.TileDescription:
    """The same tiles without smaller levels, which would no longer fit the new pixels."""
    level = OpenEXR.TileDescription()
    level.xSize, level.ySize = tiles.xSize, tiles.ySize
    level.mode, level.roundingMode = OpenEXR.ONE_LEVEL, tiles.roundingMode
    return level


def remove_leftovers(output: str | Path | Pattern) -> int:
    """How many half-written files of an earlier request were removed beside this output; those of others stay."""
    pattern = output if isinstance(output, Pattern) else parse_pattern(str(output))
    path = Path(pattern.text)
    number = r"-?\d+" if pattern.is_sequence else ""
    name = re.escape(pattern.before) + number + re.escape(pattern.after) if number else re.escape(path.name)
    leftover = re.compile(rf"\.{name}\.[0-9a-f]{{8}}\.tmp")
    try:
        found = [entry for entry in path.parent.iterdir() if leftover.fullmatch(entry.name)]
        for entry in found:
            entry.unlink(missing_ok=True)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise PlateError(f"{path}: leftovers beside it cannot be removed ({error}); check the folder") from error
    return len(found)
