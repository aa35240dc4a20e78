"""Sources, mattes and probes: every frame by number, linear, and told in words where it is not."""

import threading
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from interneg.errors import MissingFrameError, NotFoundError, PlateError, RequestError
from interneg.plates.colour import ColourConfig
from interneg.plates.exr import read_exr, read_parts, write_exr
from interneg.plates.plate import FinishedFrame, Plate, Window
from interneg.plates.source import MatteSource, find_takes, is_footage, open_source, probe
from synthetic import (
    FOOTAGE,
    codes,
    number_of,
    numbered,
    plate_of,
    wild_rgb,
    write_matte,
    write_movie,
    write_plate,
    write_still,
)


@pytest.fixture(scope="module")
def config() -> ColourConfig:
    return ColourConfig()


def finished(plate: Plate) -> FinishedFrame:
    return FinishedFrame(plate, plate.rgb, plate.data_window, np.zeros(plate.rgb.shape[:2], bool))


def test_an_exr_sequence_gives_its_frames_as_they_are(tmp_path: Path, config: ColourConfig) -> None:
    for frame in (-1, 8, 1001):
        write_plate(tmp_path / f"p.{str(frame).zfill(4)}.exr", wild_rgb(5, 7, abs(frame)))
    source = open_source(f"{tmp_path}/p.####.exr", "", config)
    assert (source.frames, source.kind, source.colourspace) == ((-1, 8, 1001), "exr", "ACEScg")
    assert np.array_equal(source.read(8).rgb, wild_rgb(5, 7, 8))
    with pytest.raises(MissingFrameError, match=r"frame 9 of .*p\.####\.exr"):
        source.read(9)


def test_nothing_on_disk_is_told(tmp_path: Path, config: ColourConfig) -> None:
    for path in ("p.####.exr", "p.exr", "p.mov"):
        with pytest.raises(MissingFrameError):
            open_source(f"{tmp_path}/{path}", "", config)
    with pytest.raises(PlateError, match="no kind of plate"):
        open_source(f"{tmp_path}/p.####.psd", "", config)


def test_chromaticities_are_recorded_and_pixels_left_alone(tmp_path: Path, config: ColourConfig) -> None:
    rgb = wild_rgb(3, 4)
    known = write_plate(tmp_path / "a.exr", rgb, chromaticities=config.chromaticities("ACES2065-1"))
    plate = open_source(str(known), "", config).read(1)
    assert (plate.colourspace, plate.notices) == ("ACES2065-1", ())
    assert np.array_equal(plate.rgb, rgb)
    odd = write_plate(tmp_path / "b.exr", rgb, chromaticities=(0.6, 0.3, 0.2, 0.6, 0.1, 0.1, 0.3, 0.3))
    source = open_source(str(odd), "", config)
    assert "primaries of its own" in source.notices[0]
    assert np.array_equal(source.read(1).rgb, rgb)


def test_a_log_exr_is_converted_where_its_space_is_named(tmp_path: Path, config: ColourConfig) -> None:
    rgb = np.random.default_rng(1).uniform(0, 1, (6, 5, 3)).astype(np.float16).astype(np.float32)
    path = write_plate(tmp_path / "a.exr", rgb, {"A": np.ones((6, 5), np.float32)})
    plate = open_source(str(path), "arri_logc4", config).read(1)
    assert np.allclose(plate.rgb, config.linear_from(rgb, "ARRI LogC4"))
    assert "converted from ARRI LogC4" in plate.notices[0]
    assert plate.colourspace == "ACEScg"
    write_exr(tmp_path / "out.exr", finished(plate))
    out = read_exr(tmp_path / "out.exr")
    assert np.array_equal(out.rgb, plate.rgb.astype(np.float16).astype(np.float32))
    assert out.origin.parts[0].channels["A"].pixels.min() == 1
    linear = open_source(str(path), "lin_rec709", config).read(1)
    assert np.array_equal(linear.rgb, rgb)
    with pytest.raises(RequestError, match="near ones"):
        open_source(str(path), "LogC", config)


@pytest.mark.parametrize(("kind", "dtype"), [("uint8", np.float16), ("uint16", np.float32)])
def test_stills_come_linear_and_keep_their_depth(tmp_path: Path, config: ColourConfig, kind: str, dtype: type) -> None:
    pixels = codes(5, 9, 4, 256)
    write_still(tmp_path / "s.0003.png", pixels, kind)
    plate = open_source(f"{tmp_path}/s.####.png", "", config).read(3)
    assert np.allclose(plate.rgb, config.linear_from(pixels[..., :3], "srgb_tx"), atol=1e-4)
    write_exr(tmp_path / "out.exr", finished(plate))
    part = read_parts(tmp_path / "out.exr")[0]
    assert {channel.pixels.dtype.type for channel in part.channels.values()} == {dtype}
    assert np.allclose(part.channels["A"].pixels, pixels[..., 3], atol=1e-3)
    assert part.attributes["chromaticities"] == pytest.approx(config.chromaticities("ACEScg"))


def test_a_grey_still_is_a_plate(tmp_path: Path, config: ColourConfig) -> None:
    path = write_still(tmp_path / "g.tif", codes(4, 3, 1, 256), "uint8")
    rgb = open_source(str(path), "", config).read(1).rgb
    assert np.allclose(rgb[..., 0], rgb[..., 2], atol=1e-5)


def test_a_movie_comes_linear_and_is_told_apart(tmp_path: Path, config: ColourConfig) -> None:
    path = write_movie(tmp_path / "m.mp4", numbered(9), "libx264", crf="1")
    source = open_source(str(path), "", config)
    assert (source.frames, source.kind, source.colourspace) == (tuple(range(1, 10)), "movie", "Camera Rec.709")
    back = config.encoded_from_linear(source.read(6).rgb, "Camera Rec.709")
    assert number_of(back) == 6
    write_exr(tmp_path / "out.exr", finished(source.read(6)))
    assert read_exr(tmp_path / "out.exr").origin.parts[0].channels["R"].pixels.dtype == np.float16
    source.close()
    assert number_of(config.encoded_from_linear(source.read(2).rgb, "Camera Rec.709")) == 2
    source.close()


def test_frames_are_right_when_read_from_many_threads(tmp_path: Path, config: ColourConfig) -> None:
    path = write_movie(tmp_path / "m.mp4", numbered(24), "libx264", crf="5", g="6", bf="2")
    source = open_source(str(path), "", config)
    wrong: list[int] = []

    def read(frames: list[int]) -> None:
        for frame in frames:
            if number_of(config.encoded_from_linear(source.read(frame).rgb, "Camera Rec.709")) != frame:
                wrong.append(frame)

    threads = [
        threading.Thread(target=read, args=([*range(1, 25)][start::step],))
        for start, step in ((0, 2), (3, 5), (23, -3))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    source.close()
    assert not wrong


def like(height: int, width: int) -> Plate:
    return plate_of(np.zeros((height, width, 3), np.float32))


@pytest.mark.parametrize(
    ("names", "asked", "told"),
    [("YRA", "", "A"), ("YR", "", "Y"), ("GR", "", "R"), ("ARZ", "Z", "Z"), (["matte.R", "A"], "matte.R", "matte.R")],
)
def test_the_matte_is_the_channel_it_should_be(tmp_path: Path, names: list[str], asked: str, told: str) -> None:
    planes = {name: np.full((4, 5), 0.25 * (index + 1), np.float32) for index, name in enumerate(names)}
    OpenEXR.File({"type": OpenEXR.scanlineimage}, dict(planes)).write(str(tmp_path / "m.exr"))
    assert np.array_equal(MatteSource(str(tmp_path / "m.exr"), asked).read(1, like(4, 5)), planes[told])


def test_an_absent_matte_channel_is_told_with_those_there(tmp_path: Path) -> None:
    path = write_matte(tmp_path / "m.exr", np.ones((4, 5)))
    with pytest.raises(PlateError, match="no channel 'wires'; it has A"):
        MatteSource(str(path), "wires").read(1, like(4, 5))


def test_a_matte_of_another_size_is_told_with_both(tmp_path: Path) -> None:
    path = write_matte(tmp_path / "m.exr", np.ones((4, 5)))
    with pytest.raises(PlateError, match=r"5 x 4 pixels where the plate has 6 x 4"):
        MatteSource(str(path)).read(1, like(4, 6))


def test_a_matte_with_nan_is_refused_and_the_rest_is_coverage(tmp_path: Path) -> None:
    matte = np.array([[-1, 0, 0.5, 1, 7, np.inf]], np.float32)
    path = write_matte(tmp_path / "m.exr", matte)
    assert MatteSource(str(path)).read(1, like(1, 6)).tolist() == [[0, 0, 0.5, 1, 1, 1]]
    matte[0, :2] = np.nan
    with pytest.raises(PlateError, match="2 of its pixels are NaN"):
        MatteSource(str(write_matte(tmp_path / "n.exr", matte))).read(1, like(1, 6))


def test_a_matte_lies_over_the_plates_window(tmp_path: Path) -> None:
    corner = lambda x, y: np.array([x, y], np.int32)  # noqa: E731
    header = {
        "type": OpenEXR.scanlineimage,
        "dataWindow": (corner(2, 1), corner(4, 2)),
        "displayWindow": (corner(0, 0), corner(9, 7)),
    }
    values = np.arange(1, 7, dtype=np.float32).reshape(2, 3) / 8
    OpenEXR.File(header, {"A": values}).write(str(tmp_path / "m.exr"))
    plate = Plate(np.zeros((8, 6, 3), np.float32), Window(0, 0, 9, 7), Window(3, -1, 8, 6))
    expected = np.zeros((8, 6), np.float32)
    expected[2:4, :2] = values[:, 1:]
    assert np.array_equal(MatteSource(str(tmp_path / "m.exr")).read(1, plate), expected)
    moved = Plate(plate.rgb, Window(100, 50, 109, 57), Window(103, 49, 108, 56))
    assert np.array_equal(MatteSource(str(tmp_path / "m.exr")).read(1, moved), expected)


def test_mattes_are_data(tmp_path: Path) -> None:
    pixels = np.full((4, 6, 3), 128 / 255, np.float32)
    path = write_still(tmp_path / "m.png", pixels, "uint8")
    assert np.allclose(MatteSource(str(path)).read(1, like(4, 6)), 128 / 255, atol=1e-6)
    movie = write_movie(tmp_path / "m.mp4", numbered(4), "libx264", crf="1")
    matte = MatteSource(str(movie))
    assert matte.frames == (1, 2, 3, 4)
    assert matte.read(3, like(48, 64)).mean() == pytest.approx((36 - 16) / 219, abs=2e-3)
    matte.close()


def test_a_still_matte_holds_for_every_frame_and_a_missing_one_is_its_frames_error(tmp_path: Path) -> None:
    path = write_matte(tmp_path / "m.0007.exr", np.ones((2, 2)))
    assert MatteSource(str(path)).read(1234, like(2, 2)).min() == 1
    source = MatteSource(f"{tmp_path}/m.####.exr")
    assert source.read(7, like(2, 2)).min() == 1
    with pytest.raises(MissingFrameError, match="frame 8"):
        source.read(8, like(2, 2))


def test_a_probe_tells_what_the_header_says(tmp_path: Path) -> None:
    code = OpenEXR.TimeCode()
    code.hours, code.minutes, code.seconds, code.frame = 10, 2, 3, 4
    said = {"timeCode": code, "framesPerSecond": 24.0, "cameraModel": "Alexa", "lensModel": "32 mm", "reelName": "A012"}
    for frame in (1001, 1002, 1005):
        write_plate(tmp_path / f"p.{frame}.exr", wild_rgb(6, 8), **said)
    facts = probe(f"{tmp_path}/p.####.exr")
    assert (facts.first_frame, facts.last_frame, facts.frames, facts.missing) == (1001, 1005, 3, (1003, 1004))
    assert (facts.width, facts.height, facts.fps) == (8, 6, 24.0)
    assert (facts.timecode, facts.camera, facts.lens, facts.reel) == ("10:02:03:04", "Alexa", "32 mm", "A012")
    movie = probe(write_movie(tmp_path / "m.mov", numbered(7), "libx264"))
    assert (movie.first_frame, movie.last_frame, movie.frames, movie.fps) == (1, 7, 7, 24.0)
    assert (movie.kind, movie.timecode, movie.width) == ("movie", "01:02:03:04", 64)
    still = probe(write_still(tmp_path / "s.png", codes(3, 5, 3, 256), "uint8"))
    assert (still.kind, still.codec, still.width, still.frames) == ("still", "png", 5, 1)


def test_a_hole_of_millions_costs_nothing(tmp_path: Path) -> None:
    for name in ("p.20240101120000.exr", "p.20250101120000.exr"):
        write_plate(tmp_path / name, wild_rgb(1, 1))
    assert len(probe(f"{tmp_path}/p.##############.exr").missing) == 10_000


def test_a_folder_gives_its_takes(tmp_path: Path) -> None:
    for name in (
        "day1/a.0001.exr",
        "day1/a.0002.exr",
        "day1/.b.0001.exr",
        "day1/A_C001.mov",
        "day1/A_C002.mov",
        ".hidden/c.mov",
        "notes.txt",
        "d.mov.part",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    found = [str(Path(take).relative_to(tmp_path)) for take in find_takes(tmp_path)]
    assert found == ["day1/A_C001.mov", "day1/A_C002.mov", "day1/a.####.exr"]
    assert find_takes(tmp_path / "day1" / "A_C001.mov") == [str(tmp_path / "day1" / "A_C001.mov")]
    assert find_takes(tmp_path / "day1" / "a.%04d.exr") == [str(tmp_path / "day1" / "a.%04d.exr")]
    with pytest.raises(NotFoundError, match="nowhere"):
        find_takes(tmp_path / "nowhere")
    assert [is_footage(Path(name)) for name in ("a.mov", ".a.mov", "a.mov.part", "a.####.EXR")] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no real footage beside the project")
def test_a_real_stereo_sequence_lies_in_its_windows(config: ColourConfig) -> None:
    path = str(FOOTAGE / "exr_sequence_beachball" / "multipart.####.exr")
    source = open_source(path, "", config)
    plate = source.read(4)
    assert source.frames == tuple(range(1, 9))
    assert (plate.display_window.width, plate.display_window.height) == (2048, 1556)
    assert plate.rgb.shape[:2] == (plate.height, plate.width)
    matte = MatteSource(path, "whitebarmask.mask").read(4, plate)
    assert matte.shape == plate.rgb.shape[:2]
    assert 0 < matte.mean() < 1
