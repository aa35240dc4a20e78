"""The result on Resolve's timeline: as a take, else on a track above; what really stands there is read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosts.resolve.cutting_room import HOUR, CuttingRoom, write_plate
from interneg_resolve.bins import BIN
from interneg_resolve.errors import ItemError, PlacementError
from interneg_resolve.media import frame_path
from interneg_resolve.place import Result, place
from interneg_resolve.shot import read_shot
from interneg_resolve.tracks import TRACK

BAD_TAKES = ["initialises", "pretends"]


def result_of(room: CuttingRoom, first: int = 1001, last: int = 1046) -> Result:
    pattern = str(room.folder / "result" / "plate_clean.####.exr")
    for frame in range(first, last + 1):
        write_plate(Path(frame_path(pattern, frame)), 0.5)
    return Result(pattern, first, last)


def placed_in(room: CuttingRoom, **wish: object):
    shot = read_shot(room.project)
    return place(room.resolve, room.project, shot, result_of(room), **wish)


def clips_of(room: CuttingRoom) -> list[str]:
    bins = {folder.GetName(): folder for folder in room.pool.GetRootFolder().GetSubFolderList()}
    return [clip.GetName() for clip in bins[BIN].GetClipList()] if BIN in bins else []


@pytest.mark.parametrize("is_end_inclusive", [False, True])
@pytest.mark.parametrize("takes", ["works", "denies"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_take_covers_exactly_the_item(tmp_path, takes, is_end_inclusive, language):
    room = CuttingRoom(tmp_path, takes=takes, is_end_inclusive=is_end_inclusive, language=language)
    placement = placed_in(room)
    assert (placement.kind, placement.index, placement.notices) == ("take", 2, ())
    assert room.item.GetMediaPoolItem().GetName() == "plate_clean.[1001-1046].exr"
    assert (room.item._start, room.item._duration, room.item._offset) == (HOUR + 100, 24, 10)
    assert room.item.GetTakesCount() == 2
    assert room.item.GetTakeByIndex(1)["mediaPoolItem"] is room.clip


def test_second_result_becomes_a_third_take(tmp_path):
    room = CuttingRoom(tmp_path)
    placed_in(room)
    room.item.SelectTakeByIndex(1)
    assert placed_in(room).index == 3


@pytest.mark.parametrize("takes", BAD_TAKES)
def test_takes_that_were_there_stay_with_the_same_one_selected(tmp_path, takes):
    room = CuttingRoom(tmp_path)
    room.item.AddTake(room.clip, 5, 29)
    room.item.AddTake(room.clip, 10, 34)
    room.item.SelectTakeByIndex(3)
    room.rules.takes = takes
    assert placed_in(room).kind == "track"
    assert (room.item.GetTakesCount(), room.item.GetSelectedTakeIndex(), room.item._offset) == (3, 3, 10)


def test_take_of_a_wrong_length_is_taken_out_again(tmp_path, monkeypatch):
    room = CuttingRoom(tmp_path)
    select = type(room.item).SelectTakeByIndex

    def select_and_trim(item, idx):
        done = select(item, idx)
        item._duration -= item.GetMediaPoolItem() is not room.clip
        return done

    monkeypatch.setattr(type(room.item), "SelectTakeByIndex", select_and_trim)
    placement = placed_in(room)
    assert (placement.kind, room.item.GetTakesCount(), room.item._duration) == ("track", 0, 24)
    assert "it stands at start, length, offset" in placement.notices[0]


@pytest.mark.parametrize("is_end_inclusive", [False, True])
@pytest.mark.parametrize("takes", BAD_TAKES)
def test_track_above_where_no_take_is_taken(tmp_path, takes, is_end_inclusive):
    room = CuttingRoom(tmp_path, takes=takes, is_end_inclusive=is_end_inclusive, deletes_at_attempt=2)
    room.item._grade = 5
    room.item._inspector["ZoomX"] = 1.25
    placement = placed_in(room)
    assert (placement.kind, placement.index) == ("track", 2)
    assert "did not take the result as a take of A012_C003" in placement.notices[0]
    assert room.item.GetMediaPoolItem() is room.clip
    assert room.item.GetTakesCount() == 0
    [item] = room.timeline.GetItemListInTrack("video", 2)
    assert (item._start, item._duration, item._offset) == (HOUR + 100, 24, 10)
    assert (item._grade, item._inspector["ZoomX"]) == (5, 1.25)
    assert room.timeline.GetTrackName("video", 2) == TRACK


def test_track_that_is_free_there_is_used_again_and_a_locked_one_is_not(tmp_path):
    room = CuttingRoom(tmp_path)
    assert placed_in(room, prefer_track=True).index == 2
    room.timeline._playhead = room.item_of("A012_C004", room.clip, HOUR + 200, 24, offset=10)
    assert placed_in(room, prefer_track=True).index == 2
    room.timeline._locked.add(2)
    room.timeline._playhead = room.item_of("A012_C005", room.clip, HOUR + 300, 24, offset=10)
    assert placed_in(room, prefer_track=True).index == 3
    room.timeline._playhead = room.item
    assert placed_in(room, prefer_track=True).index == 3


def test_track_that_takes_nothing_is_taken_out_again(tmp_path):
    room = CuttingRoom(tmp_path, takes="initialises", appends_nothing=True)
    with pytest.raises(PlacementError, match="did not place the result on track 2"):
        placed_in(room)
    assert room.timeline.GetTrackCount("video") == 1
    assert room.item.GetMediaPoolItem() is room.clip


def test_refused_track_is_told(tmp_path):
    room = CuttingRoom(tmp_path, refuses_new_tracks=True)
    with pytest.raises(PlacementError, match="added no video track"):
        placed_in(room, prefer_track=True)


def test_grade_and_sizing_that_could_not_be_carried_are_told(tmp_path):
    room = CuttingRoom(tmp_path, copies_grades=False, refused_properties=frozenset({"ZoomX"}))
    room.item._grade = 3
    room.item._inspector["ZoomX"] = 2.0
    placement = placed_in(room, prefer_track=True)
    assert placement.notices == (
        "The grade was not copied (1 nodes of 3): copy it by hand.",
        "Set by hand in the Inspector: ZoomX.",
    )


@pytest.mark.parametrize("prefer_track", [False, True])
def test_page_bin_and_timeline_of_the_artist_are_kept(tmp_path, prefer_track):
    room = CuttingRoom(tmp_path, is_end_inclusive=True, page="fairlight")
    shot, result = read_shot(room.project), result_of(room)
    other = type(room.timeline)(room.rules, "Reel 2")
    room.project.SetCurrentTimeline(other)
    dailies = room.pool.AddSubFolder(room.pool.GetRootFolder(), "Dailies")
    room.pool.SetCurrentFolder(dailies)
    place(room.resolve, room.project, shot, result, prefer_track=prefer_track)
    assert room.rules.page == "fairlight"
    assert room.pool.GetCurrentFolder() is dailies
    assert room.project.GetCurrentTimeline() is other
    assert not [item for track in other._tracks for item in track]
    assert (dailies.GetClipList(), clips_of(room)) == ([], ["plate_clean.[1001-1046].exr"])


def test_single_frames_are_taken_out_and_told(tmp_path):
    room = CuttingRoom(tmp_path, shows_individual_frames=True)
    with pytest.raises(PlacementError, match=r"46 single frames.*Show Individual Frames"):
        placed_in(room)
    assert clips_of(room) == []
    assert room.item.GetMediaPoolItem() is room.clip


def test_silent_import_and_missing_files_are_told(tmp_path):
    room = CuttingRoom(tmp_path, imports_nothing=True)
    with pytest.raises(PlacementError, match="imported nothing from"):
        placed_in(room)
    room.rules.imports_nothing = False
    result = result_of(room)
    Path(frame_path(result.path, 1020)).unlink()
    with pytest.raises(PlacementError, match="imported nothing from"):
        place(room.resolve, room.project, read_shot(room.project), result)


def test_rate_of_the_source_is_set_and_read_back(tmp_path):
    room = CuttingRoom(tmp_path)
    room.clip._properties["FPS"] = 23.976
    room.timeline._settings.update(useCustomSettings="1", timelineFrameRate="23.976")
    placed_in(room)
    assert room.item.GetMediaPoolItem().GetClipProperty("FPS") == 23.976
    room.rules.refused_properties = frozenset({"FPS"})
    room.item.SelectTakeByIndex(1)
    with pytest.raises(PlacementError, match=r"stands at 24\.0 fps and should be 23\.976"):
        placed_in(room)


@pytest.mark.parametrize(
    ("science", "name"),
    [
        ("davinciYRGBColorManaged", "Input Color Space"),
        ("davinciYRGBColorManagedv2", "Input Color Space"),
        ("acescc", "IDT"),
        ("acescct", "IDT"),
        ("a new one", "Input Color Space"),
    ],
)
def test_input_colour_of_the_source_is_set_and_read_back(tmp_path, science, name):
    room = CuttingRoom(tmp_path, colour_science=science)
    room.clip._properties[name] = "ARRI LogC3"
    placed_in(room)
    assert room.item.GetMediaPoolItem().GetClipProperty(name) == "ARRI LogC3"


@pytest.mark.parametrize("is_split", [False, True])
def test_input_gamma_matters_where_it_is_set_apart(tmp_path, is_split):
    room = CuttingRoom(
        tmp_path, colour_science="davinciYRGBColorManaged", refused_properties=frozenset({"Input Gamma"})
    )
    room.rules.splits_gamma = is_split
    room.clip._properties["Input Gamma"] = "Gamma 2.4"
    if not is_split:
        assert placed_in(room).kind == "take"
        return
    with pytest.raises(PlacementError, match="Input Gamma is empty and should be"):
        placed_in(room)


def test_result_that_would_look_unlike_its_source_is_not_placed(tmp_path):
    room = CuttingRoom(tmp_path, colour_science="acescct", refused_properties=frozenset({"IDT"}))
    room.clip._properties["IDT"] = "ARRI LogC3"
    with pytest.raises(PlacementError, match="IDT is Linear and should be ARRI LogC3"):
        placed_in(room)
    assert room.item.GetMediaPoolItem() is room.clip
    assert clips_of(room) == ["plate_clean.[1001-1046].exr"]


def test_unmanaged_project_leaves_input_colour_alone(tmp_path):
    room = CuttingRoom(tmp_path, refused_properties=frozenset({"IDT"}))
    room.clip._properties["IDT"] = "ARRI LogC3"
    assert placed_in(room).kind == "take"


def test_item_that_was_trimmed_within_the_handles_gets_its_new_frames(tmp_path):
    room = CuttingRoom(tmp_path)
    shot, result = read_shot(room.project), result_of(room)
    room.item._start, room.item._offset, room.item._duration = HOUR + 96, 6, 30
    place(room.resolve, room.project, shot, result)
    assert (room.item._start, room.item._offset, room.item._duration) == (HOUR + 96, 6, 30)
    room.item.SelectTakeByIndex(1)
    room.item._offset, room.item._duration = 20, 28
    with pytest.raises(PlacementError, match="shows frames 1021-1048 now, rendered were 1001-1046"):
        place(room.resolve, room.project, shot, result)


def test_item_that_was_deleted_meanwhile_is_told(tmp_path):
    room = CuttingRoom(tmp_path)
    shot, result = read_shot(room.project), result_of(room)
    room.timeline._tracks[0].clear()
    with pytest.raises(ItemError, match="no longer on Reel 1"):
        place(room.resolve, room.project, shot, result)


def test_another_picture_size_is_told(tmp_path):
    room = CuttingRoom(tmp_path)
    room.clip._properties["Resolution"] = "32x18"
    assert placed_in(room).notices == ("Resolve reads the result as 16x9, its source as 32x18.",)
