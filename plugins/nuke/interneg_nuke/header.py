"""What a finished frame's header says of its lights, read from the file itself, so that Nuke need not open it."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import BinaryIO

from .errors import HostError

Weights = dict[str, tuple[float, float, float]]

_MAGIC = 20000630
_WEIGHTS = "interneg.weights"
_LONGEST_NAME = 255  # of an attribute, as OpenEXR has it
_MOST_BYTES = 1 << 26  # of an attribute: a thumbnail is smaller


def weights_of(path: str) -> Weights:
    """What each light is multiplied by in that frame, (red, green, blue) by its layer's name.

    Raises:
        HostError: the file cannot be read, or its header does not say.
    """
    try:
        with Path(path).open("rb") as stream:
            told = json.loads(_attribute(stream, _WEIGHTS))
        return {str(name): _colour(weight) for name, weight in told.items()}
    except OSError as error:
        raise HostError(f"{path} cannot be read ({error.strerror}). Render the frame again.") from error
    except (ValueError, TypeError, AttributeError, struct.error) as error:
        raise HostError(f"{path} does not say how its lights add up ({error}). Render the frame again.") from error


def _colour(weight: list[float]) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in weight)
    if not all(map(math.isfinite, (red, green, blue))):
        raise ValueError("a weight is no number")
    return red, green, blue


def _attribute(stream: BinaryIO, wanted: str) -> str:
    """The text of that attribute of the first part that has it."""
    magic, version = struct.unpack("<ii", stream.read(8))
    if magic != _MAGIC:
        raise ValueError("it is no EXR")
    many = bool(version & 0x1000)
    while True:
        empty = True
        while name := _text(stream):
            _text(stream)  # its type
            (size,) = struct.unpack("<i", stream.read(4))
            if not 0 <= size <= _MOST_BYTES:
                raise ValueError("it is damaged")
            content = stream.read(size)
            if name == wanted:
                return content.decode()
            empty = False
        if empty or not many:
            raise ValueError(f"it has no {wanted}")


def _text(stream: BinaryIO) -> str:
    letters = b""
    while (letter := stream.read(1)) not in (b"", b"\0"):
        letters += letter
        if len(letters) > _LONGEST_NAME:
            raise ValueError("it is damaged")
    return letters.decode()
