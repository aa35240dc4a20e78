"""Movies in: the exact frame by number, its exact colour, and what is beyond black and white."""

from pathlib import Path

import av
import numpy as np
import pytest

from interneg.errors import MissingFrameError, PlateError
from interneg.plates.movie import MovieReader
from interneg.plates.video import matrix_of, rgb_from_codes
from synthetic import FOOTAGE, frame_of, number_of, numbered, write_movie

CODECS = [
    ("a.mov", "prores_ks", "yuv422p10le", {"profile": "3"}),
    ("a.mov", "dnxhd", "yuv422p10le", {"profile": "dnxhr_hqx"}),
    ("a.mxf", "dnxhd", "yuv422p10le", {"profile": "dnxhr_hqx"}),
    ("a.mp4", "libx264", "yuv420p", {"bf": "3", "g": "12", "crf": "10"}),
    ("a.mkv", "libx264", "yuv420p", {"bf": "3", "g": "12", "crf": "10"}),
    ("a.mp4", "libx265", "yuv420p", {"x265-params": "log-level=none:bframes=3:keyint=12", "crf": "10"}),
    ("a.avi", "mjpeg", "yuvj420p", {}),
]


@pytest.mark.parametrize(("name", "codec", "pixel_format", "options"), CODECS, ids=lambda value: str(value))
def test_every_frame_is_the_one_asked_for(
    tmp_path: Path, name: str, codec: str, pixel_format: str, options: dict[str, str]
) -> None:
    if codec not in av.codecs_available:
        pytest.skip(f"this FFmpeg cannot write {codec}")
    width, height = (256, 128) if codec == "dnxhd" else (64, 48)
    path = write_movie(tmp_path / name, numbered(30, width, height, pixel_format), codec, **options)
    with MovieReader(path) as reader:
        assert reader.facts.frames == 30
        assert reader.facts.fps == pytest.approx(24)
        assert (reader.facts.width, reader.facts.height) == (width, height)
        order = [1, 2, 3, 30, 1, 17, 16, 15, 29, 5, 20]
        if "j" in pixel_format:
            assert [round(float(reader.read(n).rgb.mean()) * 255) for n in order] == pytest.approx(
                [27 + 3 * n for n in order], abs=1
            )
        else:
            assert [number_of(reader.read(frame).rgb) for frame in order] == order
        assert [reader.read(frame).rgb.tobytes() for frame in (7, 23)] == [
            MovieReader(path).read(frame).rgb.tobytes() for frame in (7, 23)
        ]


@pytest.mark.parametrize("frame", [0, -1, 31])
def test_a_frame_beyond_the_movie_is_named(tmp_path: Path, frame: int) -> None:
    path = write_movie(tmp_path / "a.mp4", numbered(30), "libx264")
    with MovieReader(path) as reader, pytest.raises(MissingFrameError, match=rf"no frame {frame}; it has 1-30"):
        reader.read(frame)


def test_a_variable_frame_rate_counts_frames(tmp_path: Path) -> None:
    times = [0, 10, 40, 41, 50, 90, 100, 101, 180, 240, 245, 300]
    path = write_movie(tmp_path / "a.mkv", numbered(12), "libx264", times, bf="2", g="5", crf="10")
    with MovieReader(path) as reader:
        assert reader.facts.frames == 12
        assert [number_of(reader.read(frame).rgb) for frame in (12, 4, 3, 1, 9)] == [12, 4, 3, 1, 9]


def test_what_lies_beyond_black_and_white_is_kept(tmp_path: Path) -> None:
    luma = np.repeat(np.array([[4, 64, 502, 940, 1019]], np.uint16), 8, 1).repeat(32, 0)
    chroma = np.full((32, 20), 512, np.uint16)
    path = write_movie(tmp_path / "a.mkv", [frame_of([luma, chroma, chroma], "yuv422p10le")], "ffv1")
    with MovieReader(path) as reader:
        row = reader.read(1).rgb[16, 4::8, 0]
    assert row == pytest.approx((np.array([4, 64, 502, 940, 1019]) - 64) / 876, abs=1e-6)
    assert row[0] < 0 < 1 < row[-1]


@pytest.mark.parametrize(
    ("coefficients", "weights"), [(1, (0.2126, 0.0722)), (6, (0.299, 0.114)), (9, (0.2627, 0.0593))]
)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_codes_mean_the_colour_they_were_made_of(
    coefficients: int, weights: tuple[float, float], full: bool, bits: int
) -> None:
    rgb = np.random.default_rng(1).uniform(0, 1, (9, 5, 3))
    red, blue = weights
    luma = red * rgb[..., 0] + (1 - red - blue) * rgb[..., 1] + blue * rgb[..., 2]
    differences = [(rgb[..., 2] - luma) / (2 - 2 * blue), (rgb[..., 0] - luma) / (2 - 2 * red)]
    scale, top = 2 ** (bits - 8), 2**bits - 1
    made = [luma * top if full else 16 * scale + luma * 219 * scale]
    made += [128 * scale + difference * (top if full else 224 * scale) for difference in differences]
    planes = tuple((np.clip(np.rint(plane), 0, top).astype(np.uint16) << (16 - bits)) for plane in made)
    got = rgb_from_codes(planes, bits, full, matrix_of(coefficients, 1920, 1080))  # type: ignore[arg-type]
    assert np.abs(got - rgb).max() < 3 / 2**bits


def test_an_unspecified_matrix_goes_by_size_and_an_unknown_one_is_told() -> None:
    assert matrix_of(2, 1920, 1080) == matrix_of(1, 1, 1)
    assert matrix_of(2, 720, 576) == matrix_of(6, 1, 1)
    with pytest.raises(PlateError, match="number 14"):
        matrix_of(14, 1920, 1080)


@pytest.mark.parametrize(
    "pixel_format", ["bgra", "gbrp10le", "gbrp12le", "gbrp16le", "rgb48le", "bgr0", "gray", "gray10le"]
)
def test_rgb_and_grey_codecs_are_exact(tmp_path: Path, pixel_format: str) -> None:
    probe = av.VideoFormat(pixel_format)
    bits = probe.components[0].bits
    kind = np.uint16 if bits > 8 else np.uint8
    codes = np.random.default_rng(2).integers(0, 2**bits, (9, 15, 3)).astype(kind)
    if pixel_format.startswith("gbrp"):
        planes = [codes[..., index] for index in (1, 2, 0)]
    elif pixel_format.startswith("gray"):
        codes = codes[..., :1].repeat(3, -1)
        planes = [codes[..., 0]]
    elif pixel_format in ("bgr0", "bgra"):
        planes = [np.dstack([codes[..., ::-1], np.zeros_like(codes[..., :1])]).reshape(9, -1)]
    else:
        planes = [codes.reshape(9, -1)]
    frame = av.VideoFrame(15, 9, pixel_format)
    for plane, values in zip(frame.planes, planes, strict=True):
        rows = np.zeros((9, plane.line_size // values.itemsize), kind)
        rows[:, : values.shape[1]] = values
        plane.update(rows.tobytes())
    path = write_movie(tmp_path / "a.mkv", [frame], "ffv1")
    with MovieReader(path) as reader:
        rgb = reader.read(1).rgb
    assert np.abs(rgb - codes / (2**bits - 1)).max() < 0.5 / 2**bits


def test_alpha_comes_beside_the_colour(tmp_path: Path) -> None:
    luma, chroma = np.full((32, 48), 502, np.uint16), np.full((32, 48), 512, np.uint16)
    alpha = np.zeros((32, 48), np.uint16)
    alpha[:, 24:] = 1023
    path = write_movie(tmp_path / "a.mkv", [frame_of([luma, chroma, chroma, alpha], "yuva444p10le")], "ffv1")
    with MovieReader(path) as reader:
        frame = reader.read(1)
    assert frame.alpha is not None
    assert np.array_equal(frame.alpha, (alpha > 0).astype(np.float32))
    assert frame.rgb.mean() == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("rotation", [90, -90, 180])
def test_a_movie_stands_upright(tmp_path: Path, rotation: int) -> None:
    frames = numbered(1, 64, 32)
    luma = np.full((32, 64), 30, np.uint8)
    luma[:8, :16] = 200  # top left as stored
    frames = [frame_of([luma, *(np.full((16, 32), 128, np.uint8) for _ in range(2))], "yuv420p")]
    path = write_movie(tmp_path / "a.mov", frames, "libx264", rotation=str(rotation), crf="1")
    with MovieReader(path) as reader:
        rgb = reader.read(1).rgb[..., 0]
        assert (reader.facts.height, reader.facts.width) == rgb.shape
    corner = {90: (-1, 0), -90: (0, -1), 180: (-1, -1)}[rotation]  # FFmpeg: counter-clockwise
    assert rgb[corner] > 0.7
    assert rgb.mean() < 0.3


def test_tags_come_from_the_header(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mov", numbered(3), "libx264", color_trc="13", color_primaries="12")
    facts = MovieReader(path).facts
    assert (facts.transfer, facts.primaries) == ("iec61966-2-1", "smpte432")
    assert facts.tags["timecode"] == "01:02:03:04"
    assert facts.codec.startswith("h264")


@pytest.mark.parametrize("codec", ["libx264", "prores_ks"])
def test_a_movie_cut_short_is_named(tmp_path: Path, codec: str) -> None:
    pixel_format = "yuv420p" if codec == "libx264" else "yuv422p10le"
    path = write_movie(tmp_path / "a.mov", numbered(30, pixel_format=pixel_format), codec, movflags="faststart")
    whole = path.read_bytes()
    for kept in (0, 10, 0.3, 0.9, 0.99):
        path.write_bytes(whole[: int(kept if kept > 1 else kept * len(whole))])
        with pytest.raises(PlateError, match=r"a\.mov"):
            MovieReader(path)


def test_frames_that_decode_are_good_where_others_do_not(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mkv", numbered(40), "libx264", bf="0", g="8", crf="10")
    data = bytearray(path.read_bytes())
    path.write_bytes(data[: int(len(data) * 0.7)])
    with MovieReader(path) as reader:
        count = reader.facts.frames
        assert 10 < count < 40
        assert [number_of(reader.read(frame).rgb) for frame in (1, count // 2)] == [1, count // 2]
        with pytest.raises(PlateError):
            reader.read(count + 1)


@pytest.mark.parametrize("content", [b"", b"no movie at all" * 100])
def test_what_is_no_movie_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mov").write_bytes(content)
    with pytest.raises(PlateError, match=r"a\.mov"):
        MovieReader(tmp_path / "a.mov")
    with pytest.raises(MissingFrameError, match=r"none\.mov"):
        MovieReader(tmp_path / "none.mov")


KINDS = ("moving_city_cc0/*.mpg", "moving_dog_phone/*.mp4", "takes_asl/l*.mkv")
REAL = [path for kind in KINDS for path in sorted(FOOTAGE.glob(kind))]


@pytest.mark.skipif(not REAL, reason="no real footage beside the project")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_movies_give_the_same_frame_in_any_order(path: Path) -> None:
    with MovieReader(path) as reader:
        last = reader.facts.frames
        wanted = [1, 2, last // 2, last // 2 + 1, last - 1, last]
        forward = [reader.read(frame).rgb.tobytes() for frame in wanted]
        backward = [reader.read(frame).rgb.tobytes() for frame in reversed(wanted)]
    assert forward == backward[::-1]
    assert len(set(forward)) > 3


SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"


@pytest.mark.parametrize("playlist", ["ffconcat version 1.0\nfile take.mov\n", SDP], ids=["concat", "sdp"])
def test_a_playlist_with_a_movies_name_opens_nothing_else(tmp_path, playlist):
    write_movie(tmp_path / "take.mov", numbered(2), "mpeg4")
    (tmp_path / "list.mov").write_text(playlist)
    with pytest.raises(PlateError, match="not a readable movie"):
        MovieReader(tmp_path / "list.mov")
