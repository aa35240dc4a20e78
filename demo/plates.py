"""The sample's plates and mattes as EXR."""

from pathlib import Path

import numpy as np

from demo.scenery import Pixels
from interneg.plates.exr import write_exr
from interneg.plates.plate import ExrFile, ExrPart, FinishedFrame, Plate, Window

# SMPTE ST 2065-1 and the Academy's S-2014-004: red, green, blue and white of ACEScg.
_ACESCG = (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)


def write_plate(path: Path, rgb: Pixels) -> None:
    """Writes a scene-linear ACEScg plate as half."""
    _write(path, rgb, ("R", "G", "B"), {"chromaticities": _ACESCG})


def write_matte(path: Path, coverage: Pixels) -> None:
    """Writes a matte as half, in channel A."""
    _write(path, np.repeat(coverage[..., None], 3, axis=2), ("A",), {})


def _write(path: Path, rgb: Pixels, channels: tuple[str, ...], attributes: dict[str, object]) -> None:
    window = Window.of_size(rgb.shape[1], rgb.shape[0])
    origin = ExrFile((ExrPart("", attributes, {}, window),), 0, channels)
    plate = Plate(rgb, window, window, channels=channels, origin=origin)
    write_exr(path, FinishedFrame(plate, rgb, window))
