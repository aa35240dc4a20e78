"""The result as a clip on a track of its own, above the item it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interneg_resolve.errors import PlacementError

if TYPE_CHECKING:
    from interneg_resolve.api import AppendClip, MediaPool, MediaPoolItem, Project, Resolve, Timeline, TimelineItem
    from interneg_resolve.shot import Shot

TRACK = "Interneg"

_VIDEO_ONLY = 1


def place_above(
    resolve: Resolve, project: Project, shot: Shot, clip: MediaPoolItem, offset: int
) -> tuple[int, list[str]]:
    """The track that the result stands on now, and what an artist should know of it.

    Raises:
        PlacementError: Resolve did not do it; what went wrong was taken out again.
    """
    _make_current(project, shot.timeline)
    track, made = _free_track(shot)
    try:
        item = _append(resolve, project.GetMediaPool(), shot, clip, offset, track)
    except PlacementError:
        if made:
            shot.timeline.DeleteTrack("video", track)
        raise
    return track, _dress(shot, item)


def _make_current(project: Project, timeline: Timeline) -> None:
    """Opens the item's own timeline, for Resolve appends to the one that is open."""
    current = project.GetCurrentTimeline()
    if current is not None and current.GetUniqueId() == timeline.GetUniqueId():
        return
    project.SetCurrentTimeline(timeline)
    current = project.GetCurrentTimeline()
    if current is None or current.GetUniqueId() != timeline.GetUniqueId():
        raise PlacementError(f"Resolve did not open {timeline.GetName()} again. Open it and place the result by hand.")


def _free_track(shot: Shot) -> tuple[int, bool]:
    """A track above the item that is free where the item stands, and whether it was made for it."""
    timeline = shot.timeline
    count = timeline.GetTrackCount("video")
    for track in range(shot.track + 1, count + 1):
        ours = timeline.GetTrackName("video", track) == TRACK and not timeline.GetIsTrackLocked("video", track)
        if ours and track > _highest_taken(shot):
            return track, False
    timeline.AddTrack("video")
    track = timeline.GetTrackCount("video")
    if track != count + 1:
        raise PlacementError(
            f"Resolve added no video track to {timeline.GetName()}. Add one and place the result by hand."
        )
    timeline.SetTrackName("video", track, TRACK)
    return track, True


def _highest_taken(shot: Shot) -> int:
    """The highest track on which something stands where the item does."""
    count = shot.timeline.GetTrackCount("video")
    taken = [track for track in range(1, count + 1) if _overlaps(shot, track)]
    return max(taken, default=0)


def _overlaps(shot: Shot, track: int) -> list[TimelineItem]:
    """What stands on the track where the item does."""
    first, end = shot.record_frame, shot.record_frame + shot.duration
    items = shot.timeline.GetItemListInTrack("video", track) or []
    return [item for item in items if item.GetStart() < end and item.GetStart() + item.GetDuration() > first]


def _append(
    resolve: Resolve, pool: MediaPool, shot: Shot, clip: MediaPoolItem, offset: int, track: int
) -> TimelineItem:
    """The new item, over exactly the frames of the shot.

    Convention: the end of a range is exclusive since Resolve 19 and was inclusive before; the track decides.
    """
    fault = "nothing was placed"
    for end in (offset + shot.duration, offset + shot.duration - 1):
        wish: AppendClip = {
            "mediaPoolItem": clip,
            "startFrame": offset,
            "endFrame": end,
            "mediaType": _VIDEO_ONLY,
            "trackIndex": track,
            "recordFrame": shot.record_frame,
        }
        pool.AppendToTimeline([wish])
        found = [item for item in _overlaps(shot, track) if _shows(item, clip)]
        if len(found) != 1:
            break
        fault = _fault(shot, found[0], offset)
        if not fault:
            return found[0]
        _take_out(resolve, shot, found, track)
    raise PlacementError(f"Resolve did not place the result on track {track} above {shot.name} ({fault}).")


def _shows(item: TimelineItem, clip: MediaPoolItem) -> bool:
    """Whether the item shows this clip."""
    shown = item.GetMediaPoolItem()
    return shown is not None and shown.GetUniqueId() == clip.GetUniqueId()


def _fault(shot: Shot, item: TimelineItem, offset: int) -> str:
    """What is wrong with the placed item; empty where nothing is."""
    stands = (round(item.GetStart()), round(item.GetDuration()), round(item.GetLeftOffset()))
    wanted = (shot.record_frame, shot.duration, offset)
    return "" if stands == wanted else f"it stands at start, length, offset {stands} instead of {wanted}"


def _take_out(resolve: Resolve, shot: Shot, items: list[TimelineItem], track: int) -> None:
    """Deletes what went wrong, on the Edit page, where alone Resolve does it; a second try is known to help."""
    for _ in range(2):
        resolve.OpenPage("edit")
        shot.timeline.DeleteClips(items, False)
        if not _overlaps(shot, track):
            return
    raise PlacementError(f"Resolve left a wrong clip on track {track} of {shot.timeline.GetName()}. Delete it by hand.")


def _dress(shot: Shot, item: TimelineItem) -> list[str]:
    """What of the item's grade and sizing could not be carried to the new clip."""
    notices = []
    shot.item.CopyGrades([item])
    wanted, stands = _nodes(shot.item), _nodes(item)
    if wanted != stands:
        notices.append(f"The grade was not copied ({stands} nodes of {wanted}): copy it by hand.")
    return notices + _copy_sizing(shot.item, item)


def _nodes(item: TimelineItem) -> int:
    """How many nodes the grade has."""
    graph = item.GetNodeGraph()
    return graph.GetNumNodes() if graph is not None else 0


def _copy_sizing(source: TimelineItem, result: TimelineItem) -> list[str]:
    """Which of the inspector's values could not be carried over, in one sentence."""
    wanted = _inspector(source)
    for name, value in wanted.items():
        if _inspector(result).get(name) != value:
            result.SetProperty(name, value)
    stands = _inspector(result)
    left = sorted(name for name, value in wanted.items() if stands.get(name) != value)
    return [f"Set by hand in the Inspector: {', '.join(left)}."] if left else []


def _inspector(item: TimelineItem) -> dict[str, object]:
    """The inspector's values of an item."""
    values = item.GetProperty()
    return dict(values) if isinstance(values, dict) else {}
