"""Frame ranges and patterns."""

from pathlib import Path

import pytest

from interneg.errors import MissingFrameError, PlateError, RequestError
from interneg.plates.frames import FrameRange, file_of, find_sequences, kind_of, parse_frames, parse_pattern


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1001-1010", 1001, 1010),
        ("7", 7, 7),
        (" 1-1 ", 1, 1),
        ("-5--2", -5, -2),
        ("-3-4", -3, 4),
        ("-9", -9, -9),
        ("0010-0012", 10, 12),
    ],
)
def test_a_range_is_read(text: str, first: int, last: int) -> None:
    assert parse_frames(text) == FrameRange(first, last)


@pytest.mark.parametrize("text", ["", "a", "1-", "-", "1-2-3", "1,2", "10-1", "1.5", "1-99999999999", "--5"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="frames"):
        parse_frames(text)


def test_a_range_behaves_as_its_frames() -> None:
    frames = FrameRange(-1, 2)
    assert [*frames] == [-1, 0, 1, 2]
    assert len(frames) == 4
    assert 2 in frames
    assert 3 not in frames
    assert (str(frames), str(FrameRange(5, 5))) == ("-1-2", "5")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("b.####.exr", "b.0007.exr"),
        ("b.%04d.exr", "b.0007.exr"),
        ("b.$F4.exr", "b.0007.exr"),
        ("b.@@@.exr", "b.007.exr"),
        ("b.#.exr", "b.7.exr"),
        ("b.%d.exr", "b.7.exr"),
        ("b.$F.exr", "b.7.exr"),
        ("b_####_left.exr", "b_0007_left.exr"),
        ("####.exr", "0007.exr"),
        ("v1.b.####", "v1.b.0007"),
    ],
)
def test_a_pattern_names_its_files(tmp_path: Path, pattern: str, name: str) -> None:
    parsed = parse_pattern(f"{tmp_path}/{pattern}")
    assert parsed.is_sequence
    assert parsed.path(7) == tmp_path / name
    (tmp_path / name).write_text("")
    assert parsed.frames_on_disk() == [7]


def test_only_files_of_the_pattern_count(tmp_path: Path) -> None:
    for name in (
        "b.0001.exr",
        "b.12345.exr",
        "b.-002.exr",
        "b.3.exr",
        "b.03.exr",
        "b.0004.exr.tmp",
        ".b.0005.exr",
        "c.0006.exr",
    ):
        (tmp_path / name).write_text("")
    assert parse_pattern(f"{tmp_path}/b.####.exr").frames_on_disk() == [-2, 1, 12345]
    assert parse_pattern(f"{tmp_path}/nowhere/b.####.exr").frames_on_disk() == []


def test_a_file_is_a_file_whatever_its_name(tmp_path: Path) -> None:
    odd = tmp_path / "take #3 100%d.mov"
    assert parse_pattern(str(tmp_path / "b.0001.exr")).frames_on_disk() == []
    odd.write_text("")
    pattern = parse_pattern(str(odd))
    assert not pattern.is_sequence
    assert (pattern.path(1), pattern.frames_on_disk()) == (odd, [1])


@pytest.mark.parametrize("text", ["", "  ", "a\0b", "a.####.%04d.exr"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="path"):
        parse_pattern(text)


def test_a_missing_frame_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFrameError, match=r"frame 12 of .*b"):
        file_of(parse_pattern(f"{tmp_path}/b.####.exr"), 12)


def test_a_folder_gives_its_sequences_and_movies_one_by_one(tmp_path: Path) -> None:
    for name in ("b.0001.exr", "b.0002.exr", "A_C001.mov", "A_C002.mov", "lone.0001.exr", ".b.0003.exr", "still.png"):
        (tmp_path / name).write_text("")
    found = [Path(pattern.text).name for pattern in find_sequences(tmp_path)]
    assert found == ["A_C001.mov", "A_C002.mov", "b.####.exr", "lone.0001.exr", "still.png"]


def test_kinds_go_by_the_ending() -> None:
    assert [kind_of(name) for name in ("a.EXR", "a.tif", "a.MOV")] == ["exr", "still", "movie"]
    with pytest.raises(PlateError, match=r"'\.psd' is no kind"):
        kind_of("a.psd")
