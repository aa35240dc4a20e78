"""What stands at Resolve's playhead: which frames it shows, and what is refused by name."""

from __future__ import annotations

import pytest

from hosts.resolve.cutting_room import HOUR, CuttingRoom
from interneg_resolve.attach import admitted, open_project
from interneg_resolve.errors import AttachError, ItemError, WishError
from interneg_resolve.mattes import MATTE_TRACK, find_matte
from interneg_resolve.media import frame_path, media_from_property, percent_pattern
from interneg_resolve.shot import find_again, read_shot
from interneg_resolve.wish import Wish


@pytest.fixture
def room(tmp_path):
    return CuttingRoom(tmp_path)


@pytest.mark.parametrize("is_end_inclusive", [False, True])
def test_shot_has_the_source_frames_of_the_item(tmp_path, is_end_inclusive):
    room = CuttingRoom(tmp_path, is_end_inclusive=is_end_inclusive)
    shot = read_shot(room.project)
    assert (shot.first_frame, shot.last_frame, shot.record_frame) == (1011, 1034, HOUR + 100)
    assert (shot.media.path, shot.fps, shot.track) == (room.pattern, 24.0, 1)


@pytest.mark.parametrize(
    ("offset", "duration", "expected"),
    [(10, 24, (1001, 1046)), (0, 48, (1001, 1048)), (20, 1, (1009, 1033)), (30, 18, (1019, 1048))],
)
def test_handles_reach_as_far_as_the_media(room, offset, duration, expected):
    room.item._offset, room.item._duration = offset, duration
    assert read_shot(room.project).with_handles(12) == expected


def test_handles_reach_as_far_as_the_matte_and_never_into_the_item(room):
    shot = read_shot(room.project)
    assert shot.with_handles(12, range(1008, 1037)) == (1008, 1036)
    assert shot.with_handles(12, range(1015, 1020)) == (1011, 1034)


@pytest.mark.parametrize("speed", [0.5, 2.0, 0.9, 1.1, -1.0, 0.99])
def test_retimed_item_is_refused_by_name(room, speed):
    room.item._speed = speed
    with pytest.raises(ItemError, match="A012_C003 is retimed"):
        read_shot(room.project)


def test_speed_is_asked_where_resolve_tells_it(room, monkeypatch):
    monkeypatch.setattr(type(room.item), "GetSpeed", lambda self: 50.0, raising=False)
    with pytest.raises(ItemError, match="retimed"):
        read_shot(room.project)


@pytest.mark.parametrize("properties", [{"FPS": 25.0}, {"FPS": "23.976"}, {"FPS": ""}])
def test_clip_of_another_rate_is_refused(room, properties):
    room.clip._properties.update(properties)
    with pytest.raises(ItemError, match="in a timeline of 24 fps"):
        read_shot(room.project)


def test_timeline_of_its_own_rate_overrules_the_project(room):
    room.timeline._settings.update(useCustomSettings="1", timelineFrameRate="25 DF")
    with pytest.raises(ItemError, match="timeline of 25 fps"):
        read_shot(room.project)


def test_title_compound_offline_and_still_are_refused_by_name(room, tmp_path):
    room.timeline._playhead = room.item_of("Lower Third", None, HOUR, 10)
    with pytest.raises(ItemError, match="Lower Third is a title"):
        read_shot(room.project)
    room.timeline._playhead = room.item_of("Compound 1", room.pool._clip("Compound 1", "", 10), HOUR + 10, 10)
    with pytest.raises(ItemError, match="Compound 1 is a compound clip"):
        read_shot(room.project)
    gone = room.pool._clip("gone", str(tmp_path / "gone.mov"), 10)
    room.timeline._playhead = room.item_of("gone", gone, HOUR + 20, 10)
    with pytest.raises(ItemError, match="gone: its media is not on disk"):
        read_shot(room.project)
    still = room.pool._clip("still", frame_path(room.pattern, 1001), 1)
    room.timeline._playhead = room.item_of("still", still, HOUR + 30, 10)
    with pytest.raises(ItemError, match="still is a still"):
        read_shot(room.project)


def test_nothing_at_the_playhead_and_no_timeline_are_told(room):
    room.timeline._playhead = None
    with pytest.raises(ItemError, match="No video item stands at the playhead of Reel 1"):
        read_shot(room.project)
    room.project._timeline = None
    with pytest.raises(ItemError, match="No timeline is open"):
        read_shot(room.project)


def test_subclip_is_refused_because_its_offsets_count_from_elsewhere(room):
    room.clip._properties["Frames"] = "20"
    with pytest.raises(ItemError, match="shows 20 frames of the 48"):
        read_shot(room.project)


def test_item_that_was_moved_is_found_and_one_that_is_gone_is_told(room):
    shot = read_shot(room.project)
    room.item._start += 7
    assert find_again(shot).record_frame == shot.record_frame + 7
    room.item._clip = room.pool._clip("other", str(room.clip.GetClipProperty("File Path")), 48)
    with pytest.raises(ItemError, match="shows another clip now"):
        find_again(shot)
    room.timeline._tracks[0].remove(room.item)
    with pytest.raises(ItemError, match="no longer on Reel 1"):
        find_again(shot)


@pytest.mark.parametrize("product", ["DaVinci Resolve", ""])
def test_free_edition_is_told_plainly(tmp_path, product):
    room = CuttingRoom(tmp_path, product=product)
    with pytest.raises(AttachError, match="needs DaVinci Resolve Studio"):
        admitted(room.resolve)


def test_no_open_project_is_told(room):
    room.resolve.GetProjectManager()._project = None
    with pytest.raises(AttachError, match="No project is open"):
        open_project(room.resolve)


@pytest.mark.parametrize(
    ("written", "pattern", "first"),
    [("a.[0998-1002].exr", "a.####.exr", 998), ("b[7-11].exr", "b#.exr", 7), ("c [x].[01-05].exr", "c [x].##.exr", 1)],
)
def test_sequences_read_as_resolve_writes_them(tmp_path, written, pattern, first):
    for frame in range(first, first + 5):
        (tmp_path / frame_path(pattern, frame)).touch()
    media = media_from_property("clip", str(tmp_path / written), 5)
    assert (media.path, media.first_frame, media.last_frame) == (str(tmp_path / pattern), first, first + 4)


def test_movie_begins_at_frame_1_and_a_numbered_first_file_is_a_sequence(tmp_path):
    (tmp_path / "reel[1-9].mov").touch()
    media = media_from_property("reel", str(tmp_path / "reel[1-9].mov"), 100)
    assert (media.first_frame, media.last_frame, media.is_sequence) == (1, 100, False)
    (tmp_path / "s_0101.dpx").touch()
    media = media_from_property("s", str(tmp_path / "s_0101.dpx"), 4)
    assert (media.path, media.first_frame, media.last_frame) == (str(tmp_path / "s_####.dpx"), 101, 104)


@pytest.mark.parametrize(
    ("pattern", "percent"), [("/a#b/p.####.exr", "/a#b/p.%04d.exr"), ("/m.mov", "/m.mov"), ("p#.exr", "p%01d.exr")]
)
def test_resolve_is_given_percent_patterns(pattern, percent):
    assert percent_pattern(pattern) == percent


def test_matte_is_named_or_attached_or_on_its_track(room):
    room.sequence("matte")
    shot = read_shot(room.project)
    assert find_matte(Wish(matte="/m.####.exr"), shot, room.pool) == "/m.####.exr"
    with pytest.raises(WishError, match=MATTE_TRACK):
        find_matte(Wish(), shot, room.pool)
    path = str(room.folder / "media" / "matte.[1001-1048].exr")
    item = room.item_of("matte", room.pool._clip("matte", path, 48), HOUR + 90, 48, offset=0, track=2)
    room.timeline.SetTrackName("video", 2, "interneg matte")
    assert find_matte(Wish(), shot, room.pool) == str(room.folder / "media" / "matte.####.exr")
    item._offset = 5
    with pytest.raises(WishError, match="shows its frame 1016 where A012_C003 shows frame 1011"):
        find_matte(Wish(), shot, room.pool)
    room.pool._mattes[room.clip.GetUniqueId()] = [frame_path(room.pattern.replace("plate", "matte"), 1001)]
    assert find_matte(Wish(), shot, room.pool) == str(room.folder / "media" / "matte.####.exr")
    room.pool._mattes[room.clip.GetUniqueId()] = ["/a.mov", "/b.mov"]
    with pytest.raises(WishError, match="has 2 clip mattes"):
        find_matte(Wish(), shot, room.pool)
