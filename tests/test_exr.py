"""EXR in and out: what a file carries comes back, bit for bit; a frame is there whole or not at all."""

import errno
import resource
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from interneg.errors import MissingFrameError, PlateError
from interneg.plates import exr
from interneg.plates.exr import read_channels, read_exr, read_parts, remove_leftovers, write_exr
from interneg.plates.plate import FinishedFrame, Plate, StoredChannel, Window
from synthetic import FOOTAGE, half_file, plate_of, wild_rgb, write_plate

SIZES = [(1, 1), (1, 7), (3, 1), (5, 3), (17, 31), (64, 65)]
STRUCTURE = ("channels", "chunkCount", "compression", "dataWindow", "tiles", "type")


def raw_headers(path: Path) -> list[dict[str, tuple[str, bytes]]]:
    """Every attribute of every part by name: its type and its bytes, read without the library."""
    data = path.read_bytes()
    multi_part = struct.unpack("<I", data[4:8])[0] & 0x1000
    at = 8
    parts = []
    while data[at]:
        attributes = {}
        while data[at]:
            end = data.index(0, at)
            name, at = data[at:end].decode(), end + 1
            end = data.index(0, at)
            kind, at = data[at:end].decode(), end + 1
            size = struct.unpack("<i", data[at : at + 4])[0]
            attributes[name] = (kind, data[at + 4 : at + 4 + size])
            at += 4 + size
        at += 1
        parts.append(attributes)
        if not multi_part:
            break
    return parts


def untouched(plate: Plate, **changes: object) -> FinishedFrame:
    """The frame of a plate in which nothing changed."""
    none = np.zeros(plate.rgb.shape[:2], bool)
    return FinishedFrame(plate, np.full_like(plate.rgb, 7), plate.data_window, none, **changes)


def bits(pixels: np.ndarray) -> bytes:
    return np.ascontiguousarray(pixels).tobytes()


def write_raw(path: Path, channels: dict[str, object], **header: object) -> Path:
    OpenEXR.File(
        {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, **header}, dict(channels)
    ).write(str(path))
    return path


def window(x_min: int, y_min: int, x_max: int, y_max: int) -> tuple[np.ndarray, np.ndarray]:
    return np.array([x_min, y_min], np.int32), np.array([x_max, y_max], np.int32)


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_every_size_and_value_comes_back(tmp_path: Path, height: int, width: int, dtype: type) -> None:
    rgb = wild_rgb(height, width)
    source = write_raw(
        tmp_path / "in.exr", {name: np.ascontiguousarray(rgb[..., i].astype(dtype)) for i, name in enumerate("RGB")}
    )
    plate = read_exr(source)
    assert np.array_equal(plate.rgb, rgb)
    assert plate.rgb.min() < 0.4 < 60001
    assert (plate.width, plate.height) == (width, height)
    write_exr(tmp_path / "out.exr", FinishedFrame(plate, rgb + 1, plate.data_window))
    again = read_exr(tmp_path / "out.exr")
    assert again.origin.parts[0].channels["R"].pixels.dtype == dtype
    assert np.array_equal(again.rgb, (rgb + 1).astype(dtype).astype(np.float32))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.uint32])
def test_unchanged_pixels_keep_their_bits(tmp_path: Path, dtype: type) -> None:
    kind = {np.float16: np.uint16, np.float32: np.uint32, np.uint32: np.uint32}[dtype]
    rng = np.random.default_rng(3)
    codes = rng.integers(
        0, np.iinfo(kind).max, (3, 19, 23), kind, endpoint=True
    )  # NaN payloads and infinities among them
    planes = {name: np.ascontiguousarray(codes[i]).view(dtype) for i, name in enumerate("RGB")}
    plate = read_exr(write_raw(tmp_path / "in.exr", planes))
    changed = rng.random((19, 23)) < 0.3
    write_exr(
        tmp_path / "out.exr", FinishedFrame(plate, np.full((19, 23, 3), 2, np.float32), plate.data_window, changed)
    )
    out = read_parts(tmp_path / "out.exr")[0].channels
    for index, name in enumerate("RGB"):
        stored = out[name].pixels.view(kind)
        assert np.array_equal(stored[~changed], codes[index][~changed])
        assert np.all(out[name].pixels[changed] == 2)


def test_nan_and_infinity_stay_where_they_are(tmp_path: Path) -> None:
    rgb = wild_rgb(5, 4)
    rgb[1, 2, 0], rgb[3, 3, 1], rgb[0, 0, 2] = np.nan, np.inf, -np.inf
    plate = read_exr(
        write_raw(
            tmp_path / "in.exr", {n: np.ascontiguousarray(rgb[..., i].astype(np.float16)) for i, n in enumerate("RGB")}
        )
    )
    assert np.array_equal(plate.rgb, rgb, equal_nan=True)


def test_half_that_would_overflow_becomes_float_and_says_so(tmp_path: Path) -> None:
    plate = plate_of(wild_rgb(4, 4), origin=half_file(wild_rgb(4, 4)))
    rgb = plate.rgb.copy()
    rgb[2, 2] = 1e6
    notices = write_exr(tmp_path / "out.exr", FinishedFrame(plate, rgb, plate.data_window))
    assert any("32-bit float" in notice for notice in notices)
    assert read_exr(tmp_path / "out.exr").rgb[2, 2, 0] == 1e6
    unchanged = np.zeros((4, 4), bool)
    assert not write_exr(tmp_path / "same.exr", FinishedFrame(plate, rgb, plate.data_window, unchanged))


def wide_header() -> dict[str, object]:
    """One attribute of each type that OpenEXR's Python knows."""
    code = OpenEXR.TimeCode()
    code.hours, code.minutes, code.seconds, code.frame, code.dropFrame = 1, 2, 3, 4, 1
    code.userData = 0x12345678
    return {
        "timeCode": code,
        "keyCode": OpenEXR.KeyCode(1, 2, 3, 4, 5, 4, 64),
        "chromaticities": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
        "framesPerSecond": Fraction(24000, 1001),
        "owner": "a house",
        "whole": 7,
        "single": 1.5,
        "double": np.array([1.5], np.float64),
        "v2i": np.array([1, 2], np.int32),
        "v2f": np.array([1, 2], np.float32),
        "v3f": np.array([1, 2, 3], np.float32),
        "v3d": np.array([1, 2, 3], np.float64),
        "worldToCamera": np.arange(16, dtype=np.float32).reshape(4, 4),
        "m33d": np.arange(9, dtype=np.float64).reshape(3, 3),
        "box2f": (np.array([1, 2], np.float32), np.array([3, 4], np.float32)),
        "strings": ["left", "right"],
        "floats": [1.0, 2.0],
        "a name of more than thirty-one characters, as some have": "kept",
        "unknown": OpenEXR.OpaqueAttribute(b"\x01\x02\x00\xff", "studioType"),
        "envmap": OpenEXR.ENVMAP_LATLONG,
        "pixelAspectRatio": 2.0,
        "screenWindowWidth": 0.45,
        "lineOrder": OpenEXR.INCREASING_Y,
    }


def test_every_attribute_is_carried(tmp_path: Path) -> None:
    plane = np.ones((4, 6), np.float16)
    source = write_raw(
        tmp_path / "in.exr",
        dict.fromkeys("RGB", plane),
        **wide_header(),
        dataWindow=window(-3, 2, 2, 5),
        displayWindow=window(0, 0, 9, 9),
    )
    plate = read_exr(source)
    assert plate.pixel_aspect == 2.0
    assert (plate.data_window, plate.display_window) == (Window(-3, 2, 2, 5), Window(0, 0, 9, 9))
    write_exr(tmp_path / "out.exr", untouched(plate, record={"interneg.operator": "clean"}))
    before, after = raw_headers(source)[0], raw_headers(tmp_path / "out.exr")[0]
    assert set(wide_header()) <= set(before)
    assert after.pop("interneg.operator") == ("string", b"clean")
    assert after == before


@pytest.mark.parametrize("compression", ["NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "DWAA", "HTJ2K32", "ZSTD"])
def test_compression_is_one_that_every_host_reads(tmp_path: Path, compression: str) -> None:
    kind = getattr(OpenEXR, f"{compression}_COMPRESSION")
    plate = read_exr(
        write_raw(tmp_path / "in.exr", dict.fromkeys("RGB", np.ones((40, 50), np.float16)), compression=kind)
    )
    write_exr(tmp_path / "out.exr", untouched(plate))
    kept = compression in ("NO", "RLE", "ZIPS", "ZIP", "PIZ")
    assert read_parts(tmp_path / "out.exr")[0].attributes["compression"] == (kind if kept else OpenEXR.ZIP_COMPRESSION)


def test_tiles_layers_types_and_record_come_back(tmp_path: Path) -> None:
    tiles = OpenEXR.TileDescription()
    tiles.xSize, tiles.ySize = 16, 24
    rng = np.random.default_rng(1)
    channels = {name: rng.random((30, 41)).astype(np.float16) for name in ("R", "G", "B", "A", "diffuse.R")}
    channels |= {"Z": rng.random((30, 41)).astype(np.float32), "id": rng.integers(0, 2**32, (30, 41), np.uint32)}
    plate = read_exr(write_raw(tmp_path / "in.exr", channels, type=OpenEXR.tiledimage, tiles=tiles))
    seen = np.linspace(0, 1, 30 * 41, dtype=np.float32).reshape(30, 41)
    write_exr(tmp_path / "out.exr", untouched(plate, layers={"seen.A": seen}, other={"A": seen}))
    part = read_parts(tmp_path / "out.exr")[0]
    assert part.attributes["type"] == OpenEXR.tiledimage
    assert (part.attributes["tiles"].xSize, part.attributes["tiles"].ySize) == (16, 24)
    for name, pixels in channels.items():
        if name != "A":
            assert part.channels[name].pixels.dtype == pixels.dtype
            assert bits(part.channels[name].pixels) == bits(pixels)
    assert bits(part.channels["A"].pixels) == bits(part.channels["seen.A"].pixels) == bits(seen.astype(np.float16))


def test_another_data_window_moves_what_is_carried(tmp_path: Path) -> None:
    rgb = wild_rgb(6, 8)
    plate = read_exr(write_plate(tmp_path / "in.exr", rgb, {"A": np.ones((6, 8), np.float32)}))
    target = Window(-1, 2, 5, 7)
    write_exr(tmp_path / "out.exr", FinishedFrame(plate, np.zeros((6, 7, 3), np.float32), target))
    out = read_exr(tmp_path / "out.exr")
    assert (out.data_window, out.display_window) == (target, plate.display_window)
    alpha = out.origin.parts[0].channels["A"].pixels
    assert np.array_equal(alpha, np.pad(np.ones((4, 6)), ((0, 2), (1, 0))))


def test_a_grey_plate_stays_grey(tmp_path: Path) -> None:
    grey = wild_rgb(9, 11)[..., 0]
    plate = read_exr(write_raw(tmp_path / "in.exr", {"Y": np.ascontiguousarray(grey.astype(np.float16))}))
    assert np.array_equal(plate.rgb, np.repeat(grey[..., None], 3, axis=-1))
    write_exr(tmp_path / "out.exr", FinishedFrame(plate, plate.rgb + 1, plate.data_window))
    assert set(read_channels(tmp_path / "out.exr")) == {"Y"}
    assert np.array_equal(read_channels(tmp_path / "out.exr")["Y"], (grey + 1).astype(np.float16).astype(np.float32))


def test_a_layer_is_the_plate_where_there_is_no_other(tmp_path: Path) -> None:
    channels = {f"beauty.{name}": np.full((3, 4), index, np.float16) for index, name in enumerate("RGB")}
    plate = read_exr(write_raw(tmp_path / "in.exr", channels | {"depth.Z": np.ones((3, 4), np.float32)}))
    assert plate.rgb[0, 0].tolist() == [0, 1, 2]
    assert "beauty" in plate.notices[0]
    write_exr(tmp_path / "out.exr", FinishedFrame(plate, plate.rgb + 1, plate.data_window))
    assert read_channels(tmp_path / "out.exr", ["beauty.B"])["beauty.B"][0, 0] == 3


def test_parts_stay_parts(tmp_path: Path) -> None:
    plane = wild_rgb(5, 6).astype(np.float16)
    rgb = {name: np.ascontiguousarray(plane[..., index]) for index, name in enumerate("RGB")}
    scanline = {
        "type": OpenEXR.scanlineimage,
        "compression": OpenEXR.PIZ_COMPRESSION,
        "displayWindow": window(0, 0, 9, 9),
    }
    depth = scanline | {"dataWindow": window(1, 1, 3, 2), "view": "left"}
    parts = [OpenEXR.Part(depth, {"Z": np.ones((2, 3), np.float32)}, "depth"), OpenEXR.Part(scanline, rgb, "beauty")]
    OpenEXR.File(parts).write(str(tmp_path / "in.exr"))
    plate = read_exr(tmp_path / "in.exr")
    assert plate.origin.root == 1
    write_exr(tmp_path / "out.exr", untouched(plate))
    assert raw_headers(tmp_path / "in.exr") == raw_headers(tmp_path / "out.exr")
    assert bits(read_channels(tmp_path / "out.exr", ["Z"])["Z"]) == bits(np.ones((2, 3), np.float32))


def test_an_absent_channel_is_named(tmp_path: Path) -> None:
    path = write_plate(tmp_path / "in.exr", wild_rgb(2, 2))
    with pytest.raises(PlateError, match=r"no channel Z; it has B, G, R"):
        read_channels(path, ["Z"])


@pytest.mark.parametrize("kept", [0, 3, 60, 0.5, 0.95])
def test_a_file_that_is_cut_short_is_named(tmp_path: Path, kept: float) -> None:
    path = write_plate(tmp_path / "in.exr", wild_rgb(200, 100))
    data = path.read_bytes()
    path.write_bytes(data[: int(kept if kept >= 1 else kept * len(data))])
    with pytest.raises(PlateError, match=r"in\.exr"):
        read_exr(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFrameError, match=r"none\.exr"):
        read_exr(tmp_path / "none.exr")


def test_a_header_of_impossible_size_is_refused_before_its_pixels(tmp_path: Path) -> None:
    path = write_plate(tmp_path / "in.exr", wild_rgb(2, 2))
    data = path.read_bytes()
    at = data.index(b"dataWindow\0box2i\0") + len(b"dataWindow\0box2i\0") + 4
    path.write_bytes(data[:at] + struct.pack("<4i", 0, 0, 60000, 60000) + data[at + 16 :])
    with pytest.raises(PlateError, match=r"in\.exr"):
        read_exr(path)


def test_a_deep_file_is_refused_in_words(tmp_path: Path) -> None:
    samples = np.empty((2, 2), object)
    for index in np.ndindex(2, 2):
        samples[index] = np.ones(3, np.float32)
    header = {"compression": OpenEXR.ZIPS_COMPRESSION, "type": OpenEXR.deepscanline}
    OpenEXR.File(header, {"Z": samples}).write(str(tmp_path / "deep.exr"))
    with pytest.raises(PlateError, match="deep; flatten it"):
        read_exr(tmp_path / "deep.exr")


def test_what_stands_is_replaced_and_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folders" / "out.exr"
    write_plate(path, wild_rgb(3, 3, 1))
    write_plate(path, wild_rgb(3, 3, 2))
    assert np.array_equal(read_exr(path).rgb, wild_rgb(3, 3, 2))
    assert [entry.name for entry in path.parent.iterdir()] == ["out.exr"]


def test_a_write_that_fails_leaves_what_stood(tmp_path: Path) -> None:
    path = write_plate(tmp_path / "out.exr", wild_rgb(3, 3))
    before = path.read_bytes()
    plate = plate_of(wild_rgb(300, 300), origin=half_file(wild_rgb(300, 300)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))  # as a full disk would stop it
    try:
        with pytest.raises(PlateError, match=r"out\.exr"):
            write_exr(path, FinishedFrame(plate, plate.rgb, plate.data_window))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.exr"]


def test_a_frame_that_cannot_be_said_in_exr_leaves_nothing(tmp_path: Path) -> None:
    plate = plate_of(wild_rgb(3, 3), origin=half_file(wild_rgb(3, 3), strange=object()))
    with pytest.raises(PlateError, match="strange"):
        write_exr(tmp_path / "out.exr", FinishedFrame(plate, plate.rgb, plate.data_window))
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    plate = plate_of(wild_rgb(3, 3))
    with pytest.raises(PlateError, match=r"file/out\.exr"):
        write_exr(tmp_path / "file" / "out.exr", FinishedFrame(plate, plate.rgb, plate.data_window))


def test_the_target_is_never_half_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(exr.os, "fsync", lambda _: seen.append(sorted(entry.name for entry in tmp_path.iterdir())))
    write_plate(tmp_path / "out.exr", wild_rgb(3, 3))
    assert len(seen[0]) == 1
    assert seen[0][0].startswith(".out.exr.")


def test_a_disk_that_fails_at_the_last_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(exr.os, "fsync", full)
    with pytest.raises(PlateError, match="No space left"):
        write_plate(tmp_path / "out.exr", wild_rgb(3, 3))
    assert not list(tmp_path.iterdir())


def test_leftovers_of_this_output_are_removed_and_others_stay(tmp_path: Path) -> None:
    mine = [".out.0001.exr.0123abcd.tmp", ".out.12345.exr.89abcdef.tmp"]
    others = [".out.exr.0123abcd.tmp", ".other.0001.exr.0123abcd.tmp", "out.0001.exr", ".out.0001.exr.tmp"]
    for name in mine + others:
        (tmp_path / name).write_text("")
    assert remove_leftovers(f"{tmp_path}/out.####.exr") == 2
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(others)
    assert remove_leftovers(tmp_path / "out.exr") == 1
    assert remove_leftovers(tmp_path / "nowhere" / "out.exr") == 0


def test_an_array_of_another_size_is_refused(tmp_path: Path) -> None:
    plate = plate_of(wild_rgb(3, 4))
    with pytest.raises(PlateError, match=r"rgb is \(3, 4\)"):
        write_exr(tmp_path / "out.exr", FinishedFrame(plate, np.zeros((4, 3, 3), np.float32), plate.data_window))


REAL = (
    sorted(FOOTAGE.glob("exr_stills/*.exr"))
    + sorted(FOOTAGE.glob("exr_sequence_beachball/*1.exr"))
    + sorted(FOOTAGE.glob("hdri_lights/*/S*.exr"))
)


@pytest.mark.skipif(not REAL, reason="no real footage beside the project")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_files_lose_nothing(tmp_path: Path, path: Path) -> None:
    plate = read_exr(path)
    assert np.isfinite(plate.rgb).all()
    write_exr(tmp_path / "out.exr", untouched(plate))
    before, after = read_parts(path), read_parts(tmp_path / "out.exr")
    assert [part.name for part in before] == [part.name for part in after]
    chroma = "RY" in before[0].channels
    for old, new in zip(before, after, strict=True):
        for name, channel in old.channels.items():
            if not chroma:
                assert bits(channel.pixels) == bits(new.channels[name].pixels)
    for old, new in zip(raw_headers(path), raw_headers(tmp_path / "out.exr"), strict=True):
        assert {k: v for k, v in old.items() if k not in STRUCTURE} == {
            k: v for k, v in new.items() if k not in STRUCTURE
        }


@pytest.mark.skipif(not REAL, reason="no real footage beside the project")
def test_a_luminance_chroma_plate_has_the_colour_it_should() -> None:
    plate = read_exr(FOOTAGE / "exr_stills" / "CrissyField.exr")
    luminance = plate.rgb @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    stored = read_channels(FOOTAGE / "exr_stills" / "CrissyField.exr", ["Y"])["Y"]
    assert np.abs(luminance - stored).max() < 2e-3
    assert plate.rgb[:200, :, 2].mean() > plate.rgb[:200, :, 0].mean()  # a sky is blue


def test_subsampled_layers_are_carried(tmp_path: Path) -> None:
    rgb = wild_rgb(6, 8)
    plate = plate_of(rgb, origin=half_file(rgb))
    quarter = np.arange(12, dtype=np.float16).reshape(3, 4)
    plate.origin.parts[0].channels["right.RY"] = StoredChannel(quarter, 2, 2)
    write_exr(tmp_path / "out.exr", untouched(plate))
    again = read_parts(tmp_path / "out.exr")[0].channels["right.RY"]
    assert (again.x_sampling, again.y_sampling) == (2, 2)
    assert np.array_equal(again.pixels, quarter)


def test_a_plate_whose_file_stores_other_values_keeps_its_own_pixels(tmp_path: Path) -> None:
    rgb = wild_rgb(7, 5)
    rgb[0, 0], rgb[1, 1, 2] = 1e6, np.nan
    changed = np.zeros((7, 5), bool)
    changed[3] = True
    notices = write_exr(tmp_path / "out.exr", FinishedFrame(plate_of(rgb), rgb * 0, Window(0, 0, 4, 6), changed))
    out = read_exr(tmp_path / "out.exr").rgb
    assert np.array_equal(out[~changed], rgb[~changed], equal_nan=True)
    assert not out[changed].any()
    assert "32-bit float" in notices[0]


def test_text_that_is_no_utf8_is_read_as_latin(tmp_path: Path) -> None:
    rgb = wild_rgb(3, 4)
    path = write_plate(tmp_path / "in.exr", rgb, owner="XX 1999 ILM", comments="plain", artist="Zoe")
    path.write_bytes(path.read_bytes().replace(b"XX 1999", b"\xa9\xe9 1999").replace(b"Zoe", b"Zo\xeb"))
    plate = read_exr(path)
    assert np.array_equal(plate.rgb, rgb)
    write_exr(tmp_path / "out.exr", untouched(plate))
    attributes = read_parts(tmp_path / "out.exr")[0].attributes
    assert [attributes[name] for name in ("owner", "comments", "artist")] == ["\xa9\xe9 1999 ILM", "plain", "Zo\xeb"]
