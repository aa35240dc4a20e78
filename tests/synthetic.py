"""Plates of known truth."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from interneg.plates.exr import write_exr
from interneg.plates.plate import ExrFile, ExrPart, FinishedFrame, Plate, StoredChannel, Window

FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"

Pixels = npt.NDArray[np.float32]


def wild_rgb(height: int, width: int, seed: int = 0) -> Pixels:
    """Scene-linear values from -100 to 60000, most of them near a plate's, all of them exact in half."""
    rng = np.random.default_rng(seed)
    rgb = rng.normal(0.4, 0.3, (height, width, 3))
    wild = rng.random((height, width, 3)) < 0.05
    rgb[wild] = rng.uniform(-100, 60000, int(wild.sum()))
    return rgb.astype(np.float16).astype(np.float32)


def plate_of(rgb: Pixels, *, origin: ExrFile | None = None) -> Plate:
    """A plate of those pixels, its windows alike."""
    window = Window.of_size(rgb.shape[1], rgb.shape[0])
    return Plate(rgb, window, window, colourspace="ACEScg", origin=origin)


def half_file(rgb: Pixels, **attributes: object) -> ExrFile:
    """The single-part half EXR of those pixels, as it would have been read."""
    window = Window.of_size(rgb.shape[1], rgb.shape[0])
    channels = {name: StoredChannel(rgb[..., index].astype(np.float16)) for index, name in enumerate("RGB")}
    return ExrFile((ExrPart("", attributes, channels, window),))


def write_plate(path: Path, rgb: Pixels, layers: Mapping[str, Pixels] | None = None, **attributes: object) -> Path:
    """A half EXR of those pixels on disk."""
    plate = plate_of(rgb, origin=half_file(rgb, **attributes))
    write_exr(path, FinishedFrame(plate, rgb, plate.data_window, layers=layers or {}))
    return path


def write_matte(path: Path, matte: Pixels) -> Path:
    """An EXR whose only channel is A, half."""
    import OpenEXR

    pixels = {"A": np.ascontiguousarray(matte.astype(np.float16))}
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, pixels).write(str(path))
    return path
