import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from demo.plates import write_plate

from interneg.errors import NotFoundError, RequestError
from interneg.ingest import Added, Known, Outcome, Refused, fingerprint, ingest
from interneg.plates import exr
from interneg.plates.colour import ColourConfig
from interneg.plates.plate import ExrPart
from interneg.production.slate import Slate
from interneg.production.store import Production, Store
from interneg.settings import load_settings
from synthetic import write_still

FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"
PATTERN = load_settings().slate_pattern


@pytest.fixture(scope="module")
def config() -> ColourConfig:
    return ColourConfig()


@pytest.fixture
def alpha(tmp_path: Path) -> Production:
    return Store(tmp_path / "productions").create("alpha")


@pytest.fixture
def dailies(tmp_path: Path) -> Path:
    (tmp_path / "dailies").mkdir()
    return tmp_path / "dailies"


def write_movie(path: Path, frames: int = 6) -> Path:
    rng = np.random.default_rng(frames)
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("mpeg4", rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(frames):
            picture = av.VideoFrame.from_ndarray(rng.integers(0, 255, (48, 64, 3), np.uint8), format="rgb24")
            movie.mux(stream.encode(picture))
        movie.mux(stream.encode())
    return path


def write_sequence(folder: Path, name: str, frames: range) -> None:
    for frame in frames:
        write_plate(folder / f"{name}.{frame:04d}.exr", np.full((5, 7, 3), frame, np.float32))


def taken(production: Production, *paths: Path, config: ColourConfig) -> list[Outcome]:
    return list(ingest(production, paths, PATTERN, config))


def kinds(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    return sorted((type(one).__name__, Path(path_of(one)).name) for one in outcomes)


def path_of(outcome: Outcome) -> str:
    return outcome.path if isinstance(outcome, Refused) else outcome.take.path


def test_movies_and_sequences_become_takes(alpha: Production, dailies: Path, config: ColourConfig) -> None:
    write_movie(dailies / "sc12_tk03.mov")
    (dailies / "b cam").mkdir()
    write_sequence(dailies / "b cam", "setup07_take02", range(1001, 1005))
    outcomes = taken(alpha, dailies, config=config)
    assert kinds(outcomes) == [("Added", "sc12_tk03.mov"), ("Added", "setup07_take02.####.exr")]
    sequence, movie = alpha.takes()
    assert movie.slate == Slate("12", "03") and sequence.slate == Slate("07", "02")
    assert (movie.first_frame, movie.last_frame, movie.frames, movie.fps) == (1, 6, 6, 24.0)
    assert (sequence.first_frame, sequence.last_frame, sequence.frames) == (1001, 1004, 4)
    assert (sequence.width, sequence.height, sequence.colourspace) == (7, 5, "ACEScg")
    assert movie.codec and movie.colourspace


def test_the_same_file_twice_is_one_take(alpha: Production, dailies: Path, config: ColourConfig) -> None:
    movie = write_movie(dailies / "sc12_tk03.mov")
    shutil.copy(movie, dailies / "sc12_tk03 copy.mov")
    write_sequence(dailies, "setup07_take02", range(1001, 1005))
    copy = dailies / "elsewhere"
    copy.mkdir()
    for file in dailies.glob("*.exr"):
        shutil.copy(file, copy / file.name.replace("setup07", "other"))
    outcomes = taken(alpha, dailies, dailies, config=config)
    assert [name for name, _ in kinds(outcomes)] == ["Added"] * 2 + ["Known"] * 6
    assert len(alpha.takes()) == 2


def test_takes_that_differ_are_two(alpha: Production, dailies: Path, config: ColourConfig) -> None:
    write_sequence(dailies, "a", range(1, 5))
    write_sequence(dailies, "b", range(2, 6))
    (dailies / "b.0002.exr").write_bytes((dailies / "a.0002.exr").read_bytes())
    assert [name for name, _ in kinds(taken(alpha, dailies, config=config))] == ["Added", "Added"]


def test_bad_files_are_refused_by_name_and_the_rest_go_on(
    alpha: Production, dailies: Path, config: ColourConfig
) -> None:
    (dailies / "a.mov").write_bytes(b"this is no movie" * 99)
    (dailies / "b.mov").touch()
    (dailies / "c.exr").write_bytes(b"\x76\x2f\x31\x01 this is no plate")
    (dailies / "notes.txt").write_text("not footage at all")
    write_movie(dailies / "d.mov")
    outcomes = taken(alpha, dailies / "nowhere", dailies, config=config)
    assert kinds(outcomes) == [
        ("Added", "d.mov"),
        ("Refused", "a.mov"),
        ("Refused", "b.mov"),
        ("Refused", "c.exr"),
        ("Refused", "nowhere"),
    ]
    assert all(one.reason for one in outcomes if isinstance(one, Refused))


def test_a_take_damaged_between_its_ends_is_none(alpha: Production, dailies: Path, config: ColourConfig) -> None:
    write_sequence(dailies, "a", range(1, 10))
    (dailies / "a.0004.exr").write_bytes((dailies / "a.0004.exr").read_bytes()[:-20])
    write_sequence(dailies, "b", range(1, 10))
    (dailies / "b.0004.exr").write_bytes(b"")
    refused = [one for one in taken(alpha, dailies, config=config) if isinstance(one, Refused)]
    assert "a.0004.exr" in refused[0].reason and "b.0004.exr is empty" in refused[1].reason
    assert not alpha.takes()


def test_frames_of_another_size_are_told_and_the_take_is_taken_in(
    alpha: Production, dailies: Path, config: ColourConfig
) -> None:
    write_sequence(dailies, "a", range(1, 41))
    for frame in (1, 7, 8, 23, 40):  # the first too: a slate or a thumbnail says nothing of the take
        write_plate(dailies / f"a.{frame:04d}.exr", np.zeros((3, frame, 3), np.float32))
    write_sequence(dailies, "b", range(1, 5))
    write_plate(dailies / "b.0003.exr", np.zeros((8, 9, 3), np.float32))
    write_sequence(dailies, "c", range(1, 5))
    first, second, third = taken(alpha, dailies, config=config)
    assert isinstance(first, Added) and isinstance(second, Added) and isinstance(third, Added)
    assert [(one.take.width, one.take.height, one.take.frames) for one in (first, second)] == [(7, 5, 40), (7, 5, 4)]
    assert first.notice.startswith("a.0001.exr is 1x3, a.0007.exr is 7x3, a.0008.exr is 8x3 and 2 more")
    assert second.notice.startswith("b.0003.exr is 9x8; the take is 7x5. Learning sets it beside no other frame")
    assert not third.notice and len(alpha.takes()) == 3


def test_stills_are_compared_by_their_headers(alpha: Production, dailies: Path, config: ColourConfig) -> None:
    for frame in range(1, 21):
        pixels = np.zeros((6, 4, 3) if frame == 10 else (5, 7, 3), np.float32)
        write_still(dailies / f"a.{frame:04d}.png", pixels, "uint8")
    (outcome,) = taken(alpha, dailies, config=config)
    assert isinstance(outcome, Added) and outcome.notice.startswith("a.0010.png is 4x6; the take is 7x5.")


def test_a_frame_without_a_header_between_those_that_are_read_is_found(
    alpha: Production, dailies: Path, config: ColourConfig
) -> None:
    write_sequence(dailies, "a", range(1, 41))
    (dailies / "a.0003.exr").write_bytes(b"this is no plate")
    (outcome,) = taken(alpha, dailies, config=config)
    assert isinstance(outcome, Refused) and "a.0003.exr" in outcome.reason


def test_no_more_pixels_are_read_of_a_long_sequence(
    alpha: Production, dailies: Path, config: ColourConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sequence(dailies, "a", range(1, 101))
    read, loaded = exr.read_parts, list[str]()

    def counted(path: Path) -> tuple[ExrPart, ...]:
        loaded.append(path.name)
        return read(path)

    monkeypatch.setattr(exr, "read_parts", counted)
    (outcome,) = taken(alpha, dailies, config=config)
    assert isinstance(outcome, Added) and len(loaded) == 9


def test_a_folder_that_is_closed_is_told_and_the_rest_go_on(
    alpha: Production, dailies: Path, config: ColourConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = dailies / "closed"
    closed.mkdir()
    write_movie(dailies / "d.mov")
    listed = Path.iterdir

    def iterdir(folder: Path) -> Iterator[Path]:
        if folder == closed:
            raise PermissionError(13, "Permission denied", str(folder))
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", iterdir)  # root may read everything
    outcomes = taken(alpha, dailies, config=config)
    assert kinds(outcomes) == [("Added", "d.mov"), ("Refused", "closed")]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_half_copied_movie_is_no_take(alpha: Production, dailies: Path, config: ColourConfig, share: float) -> None:
    movie = write_movie(dailies / "sc12_tk03.mov", 12)
    whole = movie.read_bytes()
    movie.write_bytes(whole[: int(share * len(whole))])
    assert kinds(taken(alpha, dailies, config=config)) == [("Refused", "sc12_tk03.mov")]
    movie.write_bytes(whole)
    assert kinds(taken(alpha, dailies, config=config)) == [("Added", "sc12_tk03.mov")]


@pytest.mark.parametrize("share", [0.1, 0.6, 0.95])
def test_a_half_copied_frame_is_no_take(alpha: Production, dailies: Path, config: ColourConfig, share: float) -> None:
    write_sequence(dailies, "setup01_take01", range(1, 4))
    write_plate(dailies / "setup01_take01.0003.exr", np.random.default_rng(1).random((50, 60, 3), dtype=np.float32))
    last = dailies / "setup01_take01.0003.exr"
    last.write_bytes(last.read_bytes()[: int(share * last.stat().st_size)])
    (outcome,) = taken(alpha, dailies, config=config)
    assert isinstance(outcome, Refused) and "0003" in outcome.reason


def test_a_folder_without_footage_says_so(alpha: Production, dailies: Path, config: ColourConfig) -> None:
    (outcome,) = taken(alpha, dailies, config=config)
    assert isinstance(outcome, Refused) and "nothing" in outcome.reason


def test_a_sequence_that_grew_replaces_what_it_was(alpha: Production, dailies: Path, config: ColourConfig) -> None:
    for last, name in ((1001, "a.1001.exr"), (1003, "a.####.exr"), (1008, "a.####.exr")):
        write_sequence(dailies, "a", range(1001, last + 1))
        assert kinds(taken(alpha, dailies, config=config)) == [("Added", name)]
        (take,) = alpha.takes()
        assert take.frames == last - 1000


def test_a_sequence_with_a_hole_counts_what_is_there(alpha: Production, dailies: Path, config: ColourConfig) -> None:
    write_sequence(dailies, "a", range(1, 6))
    (dailies / "a.0003.exr").unlink()
    taken(alpha, dailies, config=config)
    (take,) = alpha.takes()
    assert (take.first_frame, take.last_frame, take.frames) == (1, 5, 4)


def test_a_take_that_moved_is_found_again(alpha: Production, dailies: Path, config: ColourConfig) -> None:
    write_movie(dailies / "loose.mov")
    taken(alpha, dailies, config=config)
    (dailies / "loose.mov").rename(dailies / "sc12_tk03.mov")
    (outcome,) = taken(alpha, dailies, config=config)
    (take,) = alpha.takes()
    assert outcome == Known(take)
    assert (Path(take.path).name, take.slate) == ("sc12_tk03.mov", Slate("12", "03"))


def test_a_name_that_is_no_text_is_refused(alpha: Production, dailies: Path, config: ColourConfig) -> None:
    try:
        write_movie(dailies / "ok.mov").rename(dailies / "caf\udce9.mov")
    except OSError:
        pytest.skip("this disk takes no such name")
    (outcome,) = taken(alpha, dailies, config=config)
    assert isinstance(outcome, Refused)
    assert outcome.path.encode() and "UTF-8" in outcome.reason


def test_a_slate_pattern_that_cannot_read_is_told_before_anything_is_done(
    alpha: Production, dailies: Path, config: ColourConfig
) -> None:
    with pytest.raises(RequestError, match="slate pattern"):
        ingest(alpha, [dailies], "(", config)


def test_a_production_that_is_gone_stops_the_ingest(
    alpha: Production, dailies: Path, config: ColourConfig, tmp_path: Path
) -> None:
    write_movie(dailies / "a.mov")
    Store(tmp_path / "productions").delete("alpha")
    with pytest.raises(NotFoundError, match="alpha"):
        taken(alpha, dailies, config=config)


def test_outcomes_come_one_by_one(alpha: Production, dailies: Path, config: ColourConfig) -> None:
    write_movie(dailies / "a.mov")
    write_movie(dailies / "b.mov", 7)
    outcomes: Iterator[Outcome] = ingest(alpha, [dailies], PATTERN, config)
    first = next(outcomes)
    assert isinstance(first, Added) and alpha.takes() == (first.take,)


def test_fingerprints_follow_content_and_frame_numbers(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"a" * 5_000_000)
    other.write_bytes(b"a" * 4_999_999 + b"b")
    prints = [fingerprint({1: one}), fingerprint({1: other}), fingerprint({2: one}), fingerprint({1: one, 2: one})]
    assert len(set(prints)) == 4
    shutil.copy(one, other)
    assert fingerprint({1: other}) == prints[0]


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="needs the real footage")
@pytest.mark.parametrize(
    "name", ["takes_asl/takes", "moving_city_cc0", "moving_dog_phone", "sam2_coffee", "exr_sequence_beachball"]
)
def test_real_footage_becomes_takes(alpha: Production, config: ColourConfig, name: str) -> None:
    outcomes = taken(alpha, FOOTAGE / name, config=config)
    assert outcomes and not [one for one in outcomes if isinstance(one, Refused)]
    assert all(take.frames and take.width and take.height for take in alpha.takes())
