"""Stills in: PNG, TIFF, JPEG, DPX; the only importer of OpenImageIO."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import OpenImageIO

from interneg.errors import MissingFrameError, PlateError
from interneg.plates.plate import Window

Pixels = npt.NDArray[np.float32]

_WIDEST = 65536
_MOST_PIXELS = 2**28
_TURNS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True), 8: (1, False)}  # EXIF
_DPX_TRANSFERS = {
    "printing density": "log",
    "logarithmic": "log",
    "linear": "linear",
    "itu-r 709-4": "bt709",
    "itu-r 601-5 system m": "smpte170m",
    "itu-r 601-5 system b or g": "bt470bg",
}


@dataclass(frozen=True)
class StillFacts:
    """What a still's header says of it."""

    kind: str  # still, dpx
    codec: str
    width: int
    height: int
    data_window: Window
    display_window: Window
    pixel_aspect: float
    bits: int
    is_float: bool
    metadata: Mapping[str, str]  # transfer, timecode, reel, camera, lens, fps where the file says
    orientation: int = 1


@dataclass(frozen=True, eq=False)
class Still:
    """A still's channels as it encodes them, 0 to 1 where they are whole numbers; alpha as it is stored."""

    facts: StillFacts
    channels: Mapping[str, Pixels]  # (H, W) each


def read_still_header(path: Path) -> StillFacts:
    """What the header says; no pixel is read.

    Raises:
        PlateError: not a still that can be read.
        MissingFrameError: there is no such file.
    """
    source = _opened(path)
    try:
        return _facts(path, source)
    finally:
        source.close()


def read_still(path: Path) -> Still:
    """The still, upright.

    Raises:
        PlateError: the file is damaged or cut short.
        MissingFrameError: there is no such file.
    """
    source = _opened(path)
    try:
        facts = _facts(path, source)
        pixels = source.read_image(0, 0, 0, source.spec().nchannels, "float")
        if pixels is None or source.has_error:
            raise PlateError(f"{path}: damaged or cut short ({_line(source.geterror())}); copy it again")
        names = [str(name) for name in source.spec().channelnames]
    finally:
        source.close()
    turned = _upright(np.asarray(pixels, np.float32), facts.orientation)
    return Still(facts, {name: np.ascontiguousarray(turned[..., index]) for index, name in enumerate(names)})


def _opened(path: Path) -> OpenImageIO.ImageInput:
    """The file, opened so that its values come as they are stored."""
    if not path.is_file():
        raise MissingFrameError(f"{path}: there is no such file; name frames that are on disk")
    as_stored = OpenImageIO.ImageSpec()
    as_stored.attribute("oiio:UnassociatedAlpha", 1)
    as_stored.attribute("oiio:RawColor", 1)
    source = OpenImageIO.ImageInput.open(str(path), as_stored)
    if source is None:
        raise PlateError(f"{path}: not a readable still ({_line(OpenImageIO.geterror())}); check the file")
    return source


def _line(message: str) -> str:
    """The library's words on one line."""
    return " ".join(message.split()) or "no pixels"


def _facts(path: Path, source: OpenImageIO.ImageInput) -> StillFacts:
    """The header in our words, its size checked before a pixel is read."""
    spec = source.spec()
    if (
        spec.width < 1
        or spec.height < 1
        or max(spec.width, spec.height) > _WIDEST
        or spec.image_pixels() > _MOST_PIXELS
    ):
        raise PlateError(
            f"{path}: its header says {spec.width} x {spec.height} pixels; more than can be; check the file"
        )
    orientation = int(spec.getattribute("Orientation") or 1)
    data = Window(spec.x, spec.y, spec.x + spec.width - 1, spec.y + spec.height - 1)
    display = Window(spec.full_x, spec.full_y, spec.full_x + spec.full_width - 1, spec.full_y + spec.full_height - 1)
    turned = orientation in (5, 6, 7, 8)
    if orientation != 1:
        data = display = Window.of_size(*((spec.height, spec.width) if turned else (spec.width, spec.height)))
    kind = str(source.format_name())
    stored = str(spec.format)
    is_float = stored in ("float", "half", "double")
    return StillFacts(
        kind="dpx" if kind == "dpx" else "still",
        codec=kind,
        width=display.width,
        height=display.height,
        data_window=data,
        display_window=display,
        pixel_aspect=_pixel_aspect(spec, turned=turned),
        bits=int(spec.getattribute("oiio:BitsPerSample") or spec.format.size() * 8),
        is_float=is_float,
        metadata=_metadata(spec, kind, is_float=is_float),
        orientation=orientation,
    )


def _pixel_aspect(spec: OpenImageIO.ImageSpec, *, turned: bool) -> float:
    """The pixel aspect of the upright still; a header that says none, or nonsense, means square."""
    aspect = float(spec.getattribute("PixelAspectRatio") or 1.0)
    if not np.isfinite(aspect) or aspect <= 0:
        return 1.0
    return 1 / aspect if turned else aspect


def _metadata(spec: OpenImageIO.ImageSpec, kind: str, *, is_float: bool) -> dict[str, str]:
    """What the header says of encoding and origin."""
    found = {
        "timecode": spec.getattribute("dpx:TimeCode"),
        "reel": spec.getattribute("dpx:InputDevice"),
        "camera": spec.getattribute("Model"),
        "lens": spec.getattribute("Exif:LensModel"),
        "fps": spec.getattribute("dpx:FrameRate"),
        "transfer": "linear" if is_float else "",
    }
    if kind == "dpx":
        said = str(spec.getattribute("dpx:Transfer") or "").lower()
        found["transfer"] = _DPX_TRANSFERS.get(
            said, "" if said in ("undefined", "user defined", "user-defined") else said
        )
    return {key: str(value).strip() for key, value in found.items() if value}


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """The pixels turned as the header asks."""
    turns, mirrored = _TURNS.get(orientation, (0, False))
    turned = np.rot90(pixels, turns)
    return turned[:, ::-1] if mirrored else turned
