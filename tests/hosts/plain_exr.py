"""A small EXR reader and writer in plain Python, so that stand-ins write real EXRs on any Python without numpy.

Single part, scanlines; written uncompressed, read uncompressed or ZIP. Rows are top-down.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

_MAGIC = 20000630
_TYPES = {"half": (1, "e", 2), "float": (2, "f", 4)}
_CODES = {0: ("uint", "I", 4), 1: ("half", "e", 2), 2: ("float", "f", 4)}
_LINES = {0: 1, 1: 1, 2: 1, 3: 16}  # scanlines a chunk: none, RLE, ZIPS, ZIP


@dataclass
class Picture:
    """Channels by name, each `width * height` values, top row first."""

    width: int
    height: int
    channels: dict[str, list[float]] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)


def write(path: str | Path, picture: Picture, kind: str = "float") -> None:
    code, letter, _ = _TYPES[kind]
    names = sorted(picture.channels)
    listed = b"".join(_text(name) + struct.pack("<iBxxxii", code, 0, 1, 1) for name in names) + b"\0"
    window = struct.pack("<4i", 0, 0, picture.width - 1, picture.height - 1)
    header = _attribute("channels", "chlist", listed) + _attribute("compression", "compression", b"\0")
    header += _attribute("dataWindow", "box2i", window) + _attribute("displayWindow", "box2i", window)
    header += _attribute("lineOrder", "lineOrder", b"\0") + _attribute(
        "pixelAspectRatio", "float", struct.pack("<f", 1)
    )
    header += _attribute("screenWindowCenter", "v2f", struct.pack("<2f", 0, 0))
    header += _attribute("screenWindowWidth", "float", struct.pack("<f", 1))
    for name, content in picture.attributes.items():
        header += _attribute(name, "string", content.encode())
    head = struct.pack("<ii", _MAGIC, 2) + header + b"\0"
    rows = [_row(picture, names, letter, y) for y in range(picture.height)]
    start = len(head) + 8 * picture.height
    offsets = [start + sum(8 + len(row) for row in rows[:y]) for y in range(picture.height)]
    body = b"".join(struct.pack("<ii", y, len(row)) + row for y, row in enumerate(rows))
    Path(path).write_bytes(head + struct.pack(f"<{picture.height}Q", *offsets) + body)


def read(path: str | Path) -> Picture:
    data = Path(path).read_bytes()
    magic, version = struct.unpack_from("<ii", data)
    if magic != _MAGIC or version & ~0xFF:
        raise ValueError(f"{path} is no single-part scanline EXR")
    header, offset = _header(data, 8)
    x0, y0, x1, y1 = struct.unpack("<4i", header["dataWindow"])
    width, height = x1 - x0 + 1, y1 - y0 + 1
    channels = _channels(header["channels"])
    compression = header["compression"][0]
    picture = Picture(width, height, {name: [0.0] * (width * height) for name, _ in channels})
    lines = _LINES[compression]
    chunks = -(-height // lines)
    for position in struct.unpack_from(f"<{chunks}Q", data, offset):
        y, size = struct.unpack_from("<ii", data, position)
        packed = data[position + 8 : position + 8 + size]
        count = min(lines, y1 + 1 - y)
        expected = count * width * sum(_CODES[code][2] for _, code in channels)
        raw = packed if compression == 0 or size == expected else _unzipped(packed)
        _spread(picture, channels, raw, y - y0, count)
    return picture


def _row(picture: Picture, names: list[str], letter: str, y: int) -> bytes:
    span = slice(y * picture.width, (y + 1) * picture.width)
    return b"".join(struct.pack(f"<{picture.width}{letter}", *picture.channels[name][span]) for name in names)


def _text(content: str) -> bytes:
    return content.encode() + b"\0"


def _attribute(name: str, kind: str, content: bytes) -> bytes:
    return _text(name) + _text(kind) + struct.pack("<i", len(content)) + content


def _header(data: bytes, offset: int) -> tuple[dict[str, bytes], int]:
    found: dict[str, bytes] = {}
    while data[offset]:
        name_end = data.index(b"\0", offset)
        kind_end = data.index(b"\0", name_end + 1)
        (size,) = struct.unpack_from("<i", data, kind_end + 1)
        found[data[offset:name_end].decode()] = data[kind_end + 5 : kind_end + 5 + size]
        offset = kind_end + 5 + size
    return found, offset + 1


def _channels(listed: bytes) -> list[tuple[str, int]]:
    found, offset = [], 0
    while listed[offset]:
        end = listed.index(b"\0", offset)
        found.append((listed[offset:end].decode(), struct.unpack_from("<i", listed, end + 1)[0]))
        offset = end + 17
    return found


def _unzipped(packed: bytes) -> bytes:
    mixed = bytearray(zlib.decompress(packed))
    for index in range(1, len(mixed)):
        mixed[index] = (mixed[index - 1] + mixed[index] - 128) & 0xFF
    half = (len(mixed) + 1) // 2
    plain = bytearray(len(mixed))
    plain[0::2], plain[1::2] = mixed[:half], mixed[half:]
    return bytes(plain)


def _spread(picture: Picture, channels: list[tuple[str, int]], raw: bytes, first_row: int, count: int) -> None:
    offset = 0
    for row in range(first_row, first_row + count):
        for name, code in channels:
            _, letter, size = _CODES[code]
            values = struct.unpack_from(f"<{picture.width}{letter}", raw, offset)
            picture.channels[name][row * picture.width : (row + 1) * picture.width] = values
            offset += size * picture.width
