"""The stand-in Resolve keeps the real one's rules: silence, wrong bools, absolute frames, pages and editions."""

from __future__ import annotations

import pytest

from hosts.resolve import studio
from hosts.resolve.cutting_room import HOUR, CuttingRoom, write_plate
from hosts.resolve.rules import FREE, Rules


@pytest.fixture
def room(tmp_path):
    return CuttingRoom(tmp_path)


def clip_info(room: CuttingRoom, **changed: object) -> dict[str, object]:
    wish = {"mediaPoolItem": room.clip, "startFrame": 10, "endFrame": 34, "mediaType": 1}
    return {**wish, "trackIndex": 1, "recordFrame": HOUR + 500, **changed}


def test_every_name_is_there_and_a_missing_one_is_none(room):
    assert hasattr(room.resolve, "NoSuchMethod")
    assert "NoSuchMethod" not in dir(room.resolve)
    with pytest.raises(TypeError, match="not callable"):
        room.resolve.NoSuchMethod()
    assert room.rules.calls == ["missing NoSuchMethod", "missing NoSuchMethod"]


@pytest.mark.parametrize(("is_end_inclusive", "duration"), [(False, 24), (True, 25)])
def test_ranges_are_half_open_since_19_and_were_inclusive_before(tmp_path, is_end_inclusive, duration):
    room = CuttingRoom(tmp_path, is_end_inclusive=is_end_inclusive)
    [item] = room.pool.AppendToTimeline([clip_info(room)])
    assert (item.GetDuration(), item.GetStart(), item.GetLeftOffset()) == (duration, HOUR + 500, 10)


def test_relative_record_frame_lands_before_the_timeline(room):
    [item] = room.pool.AppendToTimeline([clip_info(room, recordFrame=500)])
    assert item.GetStart() < room.timeline.GetStartFrame()


def test_earlier_item_wins_and_the_new_one_is_dropped_in_silence(room):
    [item] = room.pool.AppendToTimeline([clip_info(room, recordFrame=HOUR + 110)])
    assert item is not None
    assert room.timeline.GetItemListInTrack("video", 1) == [room.item]


def test_locked_track_answers_an_empty_list_and_a_missing_one_an_item(room):
    assert len(room.pool.AppendToTimeline([clip_info(room, trackIndex=9)])) == 1
    room.timeline._locked.add(1)
    assert room.pool.AppendToTimeline([clip_info(room)]) == []
    assert room.timeline.GetItemListInTrack("video", 1) == [room.item]


def test_clips_are_deleted_on_the_edit_page_alone(room):
    assert room.timeline.DeleteClips([room.item], False) is False
    room.resolve.OpenPage("edit")
    assert room.timeline.DeleteClips([room.item], False) is True
    assert room.timeline.GetItemListInTrack("video", 1) == []


def test_import_lands_in_the_open_bin_and_looks_at_the_disk(room):
    pattern = str(room.folder / "new" / "s_%04d.exr")
    wish = [{"FilePath": pattern, "StartIndex": 98, "EndIndex": 102}]
    assert room.pool.ImportMedia(wish) == []
    for frame in range(98, 103):
        write_plate(room.folder / "new" / f"s_{frame:04d}.exr", 0.5)
    dailies = room.pool.AddSubFolder(room.pool.GetRootFolder(), "Dailies")
    room.pool.SetCurrentFolder(dailies)
    [clip] = room.pool.ImportMedia(wish)
    assert dailies.GetClipList() == [clip]
    assert clip.GetClipProperty("File Path") == str(room.folder / "new" / "s_[0098-0102].exr")
    assert (clip.GetClipProperty("Frames"), clip.GetClipProperty("Resolution")) == ("5", "16x9")
    room.rules.shows_individual_frames = True
    assert len(room.pool.ImportMedia(wish)) == 5


@pytest.mark.parametrize(
    ("takes", "said", "count"),
    [("works", True, 2), ("denies", False, 2), ("initialises", False, 1), ("pretends", True, 1)],
)
def test_take_selector_may_lie(tmp_path, takes, said, count):
    room = CuttingRoom(tmp_path, takes=takes)
    assert room.item.AddTake(room.clip, 10, 34) is said
    assert room.item.GetTakesCount() == count
    assert room.item.GetSelectedTakeIndex() == 1


def test_refused_property_is_taken_with_true_and_stays(tmp_path):
    room = CuttingRoom(tmp_path, refused_properties=frozenset({"IDT"}))
    assert room.clip.SetClipProperty("IDT", "ACEScg") is True
    assert room.clip.GetClipProperty("IDT") == ""
    assert room.clip.SetClipProperty("No Such", "x") is False


def test_free_edition_lets_nobody_in_and_a_studio_call_raises_a_modal(tmp_path):
    assert studio.scriptapp(Rules(product=FREE), "Resolve") is None
    room = CuttingRoom(tmp_path, product=FREE)
    assert room.resolve.OpenPage("edit") is True
    assert room.item.CopyGrades([room.item]) is False
    assert room.resolve.OpenPage("color") is False
    assert room.pool.AppendToTimeline([clip_info(room)]) == []


def test_strings_are_in_the_language_of_the_interface(tmp_path):
    room = CuttingRoom(tmp_path, language="de")
    room.timeline.AddTrack("video")
    assert room.timeline.GetTrackName("video", 2) == "Videospur 2"
