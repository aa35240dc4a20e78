"""The rhythm of a cut, from an EDL or an OTIO file; and files that are none."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest

from interneg.commands.profile_view import rhythm_said
from interneg.errors import RequestError
from interneg.production.slate import Slate, Take
from interneg.production.store import Production, Store
from interneg.profile.cut import keep_cut, kept_rhythm, read_cut, rhythm_of
from interneg.profile.sizes import punch_in_of, size_called
from interneg.service.convert_profile import message_from_rhythm

EDL = """TITLE: CUT
FCM: NON-DROP FRAME

001  A012C003 V     C        01:00:00:00 01:00:04:00 00:00:00:00 00:00:04:00
* FROM CLIP NAME: A012_C003
002  A012C004 V     C        01:00:00:00 01:00:02:12 00:00:04:00 00:00:06:12
003  BL       V     C        00:00:00:00 00:00:01:00 00:00:06:12 00:00:07:12
004  A012C003 V     C        01:00:10:00 01:00:11:00 00:00:07:12 00:00:08:12
"""


@pytest.fixture
def show(tmp_path: Path) -> Production:
    return Store(tmp_path / "productions").create("show")


def take(path: str, fps: float = 24.0, reel: str = "") -> Take:
    slate = Slate("", "", "")
    return Take(path, path, slate, "h264", 1, 100, 100, fps, 960, 540, "", "", reel, "", "")


def test_an_edl_is_read_without_its_black(tmp_path: Path) -> None:
    (tmp_path / "cut.edl").write_text(EDL)
    shots = read_cut(tmp_path / "cut.edl", 24)
    assert [shot.seconds for shot in shots] == [4.0, 2.5, 1.0]
    assert "A012_C003" in shots[0].names and "A012C004" in shots[1].names
    assert read_cut(tmp_path / "cut.edl", 25)[1].seconds == pytest.approx(2 + 12 / 25)


def test_an_otio_file_is_read_without_its_gaps(tmp_path: Path) -> None:
    def lasting(frames: int) -> otio.opentime.TimeRange:
        return otio.opentime.TimeRange(otio.opentime.RationalTime(0, 30), otio.opentime.RationalTime(frames, 30))

    timeline, track = otio.schema.Timeline("cut"), otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    media = otio.schema.ExternalReference("file:///shows/A001_C002.mov", lasting(300))
    track.append(otio.schema.Clip("one", media, lasting(60)))
    track.append(otio.schema.Gap(source_range=lasting(30)))
    track.append(otio.schema.Clip("two", None, lasting(15)))
    timeline.tracks.append(otio.schema.Track("A1", kind=otio.schema.TrackKind.Audio))
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(tmp_path / "cut.otio"))
    shots = read_cut(tmp_path / "cut.otio", 24)
    assert [shot.seconds for shot in shots] == [2.0, 0.5] and "A001_C002.mov" in shots[0].names


def test_the_rhythm_says_how_long_shots_are_and_which_are_known(tmp_path: Path) -> None:
    (tmp_path / "cut.edl").write_text(EDL)
    shots = read_cut(tmp_path / "cut.edl", 24)
    rhythm = rhythm_of(shots, [take("/dailies/a012_c003.mov")])
    assert (rhythm.shots, rhythm.seconds, rhythm.middle) == (3, 7.5, 2.5)
    assert rhythm.shortest < rhythm.middle < rhythm.longest
    assert rhythm.known == pytest.approx(2 / 3), "the same take twice, by file and by reel"
    assert rhythm_of(shots, [take("/x/1.mov", reel="A012C004")]).known == pytest.approx(1 / 3)
    assert rhythm_of(shots, []).known == 0


@pytest.mark.parametrize(
    ("names", "size"),
    [
        (("12A_CU_tk3.mov",), "close"),
        (("12A-3", "MCU of the pilot"), "medium close"),
        (("medium close up",), "medium close"),
        (("WS", "a012_c003"), "wide"),
        (("12A_CU", "close-up"), "close"),
        (("CU to WS",), ""),
        (("CUT_3", "MSX", "news.ms"), ""),
        ((), ""),
    ],
)
def test_a_shot_has_the_size_that_its_names_call(names: tuple[str, ...], size: str) -> None:
    assert size_called(names) == size


def zoom(value: float, keys: dict[str, object] | None = None, enabled: bool = True) -> dict[str, object]:
    """A clip's transform as Resolve exports it."""
    parameter = {"Parameter ID": "transformationZoomX", "Parameter Value": value, "Key Frames": keys or {}}
    return {"Effect Name": "Transform", "Enabled": enabled, "Parameters": [parameter]}


def test_a_punch_in_is_what_the_timeline_says() -> None:
    assert punch_in_of([]) is None and punch_in_of([{"Effect Name": "Composite"}, None]) is None
    assert punch_in_of([zoom(1.12)]) == 1.12 and punch_in_of([zoom(1.12, enabled=False)]) == 1.0
    assert punch_in_of([zoom(1.0, {"0": {"Value": 1.0}, "24": {"Value": 1.3}})]) == 1.3
    assert punch_in_of([zoom(float("nan"))]) == 1.0 and punch_in_of([{"Effect Name": "Transform"}]) == 1.0


def test_the_rhythm_says_how_close_shots_are_and_no_more_than_the_cut(show: Production, tmp_path: Path) -> None:
    def clip(name: str, effect: dict[str, object] | None = None) -> otio.schema.Clip:
        long = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(48, 24))
        effects = [otio.schema.Effect(metadata={"Resolve_OTIO": effect})] if effect else []
        return otio.schema.Clip(name, source_range=long, effects=effects)

    timeline, track = otio.schema.Timeline("cut"), otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    marked = clip("A012_C004")
    marked.markers.append(otio.schema.Marker(name="note", comment="MS, she turns"))
    track.extend([clip("12A_CU", zoom(1.2)), marked, clip("A012_C005", zoom(1.0)), clip("12B_CU", zoom(1.1))])
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(tmp_path / "cut.otio"))
    rhythm = keep_cut(show, tmp_path / "cut.otio")
    assert rhythm.sizes == {"close": 2, "medium": 1} and rhythm.punched == 0.5
    assert rhythm.punch_in == pytest.approx(1.15) and kept_rhythm(show) == rhythm
    said = rhythm_said(message_from_rhythm(rhythm))
    assert "2 close, 1 medium, 1 say none" in said and "50% punched in, the middle one by 15%" in said
    (tmp_path / "cut.edl").write_text(EDL)
    silent = keep_cut(show, tmp_path / "cut.edl")
    assert (silent.sizes, silent.punched, silent.punch_in) == ({}, None, None)
    assert "no name in it says a shot's size" in rhythm_said(message_from_rhythm(silent))


def test_a_cut_is_counted_in_the_shows_own_rate_and_kept(show: Production, tmp_path: Path) -> None:
    (tmp_path / "cut.edl").write_text(EDL)
    assert kept_rhythm(show) is None
    show.add_take(take("/dailies/one.mov", fps=25.0))
    rhythm = keep_cut(show, tmp_path / "cut.edl")
    assert rhythm.middle == pytest.approx(2 + 12 / 25) and kept_rhythm(show) == rhythm
    (show.folder / "profile" / "cut.json").write_text("{")
    assert kept_rhythm(show) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.edl", b"EDL 001 V C 99"),
        ("cut.edl", b""),
        ("cut.edl", b"\xff\xfe\x00\x01" * 40),
        ("cut.otio", b'{"a": 1}'),
        ("cut.otio", b"{"),
        ("cut.otio", b'{"OTIO_SCHEMA": "Timeline.1", "name": "empty"}'),
        ("cut.xml", b"<xmeml/>"),
    ],
)
def test_what_is_no_cut_is_refused_by_name(show: Production, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RequestError, match=name):
        keep_cut(show, tmp_path / name)
    assert kept_rhythm(show) is None


def test_a_cut_that_is_not_there_is_told(show: Production, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be read"):
        keep_cut(show, tmp_path / "cut.edl")
