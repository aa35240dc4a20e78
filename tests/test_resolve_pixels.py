"""Results encoded back to the source clip's own encoding, through Interneg's own plates."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest

from hosts.resolve.cutting_room import write_plate
from interneg.errors import InternegError
from interneg.plates.colour import ColourConfig
from interneg.plates.exr import read_exr, write_exr
from interneg.plates.plate import FinishedFrame
from interneg.plates.source import open_source
from interneg_resolve.media import frame_path
from interneg_resolve.pixels import encode_range, survey

LOG = "ARRI LogC3 (EI800)"


@pytest.fixture
def stills(tmp_path):
    """A sequence of 16-bit stills, every value from black to white in it."""
    pattern = str(tmp_path / "plate.####.png")
    for frame in (1001, 1002):
        ramp = np.linspace(0, 65535, 3 * 32 * 16).reshape(16, 32, 3).astype(np.uint16)
        assert cv2.imwrite(frame_path(pattern, frame), ramp)
    return pattern


def deliver(pattern: str, space: str, output: str) -> None:
    """What the daemon delivers of a neutral wish: the plate itself, scene-linear."""
    source = open_source(pattern, space, ColourConfig())
    for frame in source.frames:
        plate = source.read(frame)
        write_exr(Path(frame_path(output, frame)), FinishedFrame(plate, plate.rgb, plate.data_window))


@pytest.mark.parametrize("space", ["", LOG])
def test_neutral_result_has_the_values_of_its_source(stills, tmp_path, space):
    found = survey(stills, space, None)
    assert (found.frames, found.is_linear) == ((1001, 1002), False)
    linear, encoded = str(tmp_path / "linear" / "r.####.exr"), str(tmp_path / "r.####.exr")
    deliver(stills, found.colourspace, linear)
    list(encode_range(linear, encoded, range(1001, 1003), found.colourspace, None))
    wanted = cv2.imread(frame_path(stills, 1001), cv2.IMREAD_UNCHANGED)[..., ::-1] / 65535
    plate = read_exr(Path(frame_path(encoded, 1001)))
    assert np.abs(plate.rgb - wanted).max() < 1 / 4096
    with OpenEXR.File(frame_path(encoded, 1001), header_only=True) as exr:
        assert "chromaticities" not in exr.header()
        assert exr.header()["interneg.encoding"] == found.colourspace


def test_values_beyond_white_and_below_black_come_back(tmp_path):
    pattern = str(tmp_path / "log.####.exr")
    values = (-0.05, 0.0, 0.5, 1.2)
    for frame, value in enumerate(values, 1):
        write_plate(Path(frame_path(pattern, frame)), value)
    linear, encoded = str(tmp_path / "linear" / "r.####.exr"), str(tmp_path / "r.####.exr")
    assert not survey(pattern, LOG, None).is_linear
    deliver(pattern, LOG, linear)
    list(encode_range(linear, encoded, range(1, 5), LOG, None))
    for frame, value in enumerate(values, 1):
        assert read_exr(Path(frame_path(encoded, frame))).rgb == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize("space", ["", "Linear Rec.709 (sRGB)", "ACEScg"])
def test_linear_exr_needs_no_encoding(tmp_path, space):
    pattern = str(tmp_path / "plate.####.exr")
    write_plate(Path(frame_path(pattern, 7)), 0.5)
    assert survey(pattern, space, None).is_linear


def test_unknown_colour_space_is_told(stills):
    with pytest.raises(InternegError, match="colourspace 'LogZ'"):
        survey(stills, "LogZ", None)
