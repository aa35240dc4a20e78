"""Stills in: values, alpha and header as they are stored."""

from pathlib import Path

import numpy as np
import pytest

from interneg.errors import MissingFrameError, PlateError
from interneg.plates.images import read_still, read_still_header
from synthetic import FOOTAGE, codes, write_still


@pytest.mark.parametrize(
    ("name", "kind", "bits", "levels"),
    [
        ("a.png", "uint8", 8, 256),
        ("a.png", "uint16", 16, 65536),
        ("a.tif", "uint8", 8, 256),
        ("a.tif", "uint16", 16, 65536),
        ("a.dpx", "uint8", 8, 256),
        ("a.dpx", "uint16", 10, 1024),
        ("a.dpx", "uint16", 12, 4096),
        ("a.dpx", "uint16", 16, 65536),
    ],
)
@pytest.mark.parametrize("size", [(1, 1), (5, 7), (33, 18)])
def test_whole_numbers_come_as_fractions(
    tmp_path: Path, name: str, kind: str, bits: int, levels: int, size: tuple[int, int]
) -> None:
    pixels = codes(*size, 3, levels)
    still = read_still(write_still(tmp_path / name, pixels, kind, oiio__BitsPerSample=bits))
    rgb = np.stack([still.channels[channel] for channel in "RGB"], axis=-1)
    assert np.abs(rgb - pixels).max() < 0.5 / levels
    assert (still.facts.bits, still.facts.is_float) == (bits, False)
    assert (still.facts.width, still.facts.height) == size[::-1]


def test_float_keeps_every_value(tmp_path: Path) -> None:
    pixels = np.linspace(-100, 60000, 5 * 7 * 3, dtype=np.float32).reshape(5, 7, 3)
    pixels[0, 0] = np.nan, np.inf, -np.inf
    still = read_still(write_still(tmp_path / "a.tif", pixels, "float"))
    assert np.array_equal(still.channels["G"], pixels[..., 1], equal_nan=True)
    assert still.facts.metadata["transfer"] == "linear"


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_alpha_is_a_channel_and_colour_is_not_multiplied_by_it(tmp_path: Path, name: str) -> None:
    pixels = codes(6, 5, 4, 256)
    pixels[..., 3] *= 0.2
    still = read_still(write_still(tmp_path / name, pixels, "uint16"))
    assert np.abs(still.channels["R"] - pixels[..., 0]).max() < 1e-4
    assert np.abs(still.channels["A"] - pixels[..., 3]).max() < 1e-4


@pytest.mark.parametrize(
    ("said", "transfer"), [("Printing density", "log"), ("Logarithmic", "log"), ("Linear", "linear"), ("Undefined", "")]
)
def test_a_dpx_says_its_transfer(tmp_path: Path, said: str, transfer: str) -> None:
    path = write_still(tmp_path / "a.dpx", codes(3, 4, 3, 1024), "uint16", oiio__BitsPerSample=10, dpx__Transfer=said)
    facts = read_still_header(path)
    assert (facts.kind, facts.metadata.get("transfer", "")) == ("dpx", transfer)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_still_stands_upright(tmp_path: Path, orientation: int) -> None:
    shown = np.zeros((48, 32), np.float32)
    shown[:16, :8] = 1  # top left, and taller than wide
    turns = {1: 0, 2: 0, 3: 2, 4: 2, 5: 1, 6: 1, 7: 3, 8: 3}[orientation]
    stored = np.rot90(shown[:, ::-1] if orientation in (2, 4, 5, 7) else shown, turns)
    path = write_still(tmp_path / "a.tif", np.repeat(stored[..., None], 3, -1), "uint8", Orientation=orientation)
    still = read_still(path)
    assert (still.facts.height, still.facts.width) == (48, 32)
    assert np.array_equal(still.channels["R"], shown)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.dpx", "a.jpg"])
@pytest.mark.parametrize("kept", [0, 0.02, 0.6])
def test_a_file_that_is_cut_short_is_named(tmp_path: Path, name: str, kept: float) -> None:
    path = write_still(tmp_path / name, codes(200, 200, 3, 256), "uint8")
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    with pytest.raises(PlateError, match=name) as told:
        read_still(path)
    assert "\n" not in str(told.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFrameError, match=r"none\.png"):
        read_still(tmp_path / "none.png")


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no real footage beside the project")
def test_a_real_photograph() -> None:
    still = read_still(FOOTAGE / "face_nasa" / "kodim03.png")
    assert still.channels["R"].shape == (512, 768)
    assert 0.2 < still.channels["G"].mean() < 0.7
