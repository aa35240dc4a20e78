"""The result as a take of the timeline item: edit and grade stay, and the artist can switch back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interneg_resolve.errors import PlacementError

if TYPE_CHECKING:
    from interneg_resolve.api import MediaPoolItem, TimelineItem
    from interneg_resolve.shot import Shot


def place_as_take(shot: Shot, clip: MediaPoolItem, offset: int) -> int:
    """The index of the take that shows the result now, over exactly the item's frames.

    Convention: `offset` counts from the result's first frame. The end of a range is exclusive since Resolve 19 and was
    inclusive before, so the length that the item reads afterwards decides.

    Raises:
        PlacementError: Resolve did not do it; the item stands as it stood.
    """
    before = shot.item.GetSelectedTakeIndex()
    fault = "no take was added"
    for end in (offset + shot.duration, offset + shot.duration - 1):
        shot.item.AddTake(clip, offset, end)
        index = _index_of(shot.item, clip)
        if index == 0:
            break
        fault = _select(shot, clip, index, offset)
        if not fault:
            return index
        shot.item.SelectTakeByIndex(before or 1)
        shot.item.DeleteTakeByIndex(index)
    _restore(shot, before)
    raise PlacementError(f"Resolve did not take the result as a take of {shot.name} ({fault}).")


def _index_of(item: TimelineItem, clip: MediaPoolItem) -> int:
    """The newest take that holds this clip, from 1; 0 where none does."""
    for index in range(item.GetTakesCount(), 0, -1):
        take = item.GetTakeByIndex(index)
        if take and take["mediaPoolItem"] and take["mediaPoolItem"].GetUniqueId() == clip.GetUniqueId():
            return index
    return 0


def _select(shot: Shot, clip: MediaPoolItem, index: int, offset: int) -> str:
    """What is wrong with the item after the take was selected; empty where nothing is."""
    item = shot.item
    item.SelectTakeByIndex(index)
    shown = item.GetMediaPoolItem()
    if item.GetSelectedTakeIndex() != index or shown is None or shown.GetUniqueId() != clip.GetUniqueId():
        return f"take {index} could not be selected"
    stands = (round(item.GetStart()), round(item.GetDuration()), round(item.GetLeftOffset()))
    wanted = (shot.record_frame, shot.duration, offset)
    return "" if stands == wanted else f"it stands at start, length, offset {stands} instead of {wanted}"


def _restore(shot: Shot, before: int) -> None:
    """Ends a take selector that was made in vain, and holds the item against what it was.

    Convention: `before` is the take that was selected before, 0 where there was no selector.

    Raises:
        PlacementError: the item does not stand as it stood.
    """
    item = shot.item
    if item.GetTakesCount():
        item.SelectTakeByIndex(before or 1)
    if before == 0 and item.GetTakesCount() == 1:
        item.FinalizeTake()
    clip = item.GetMediaPoolItem()
    same = clip is not None and clip.GetUniqueId() == shot.clip.GetUniqueId()
    stands = (round(item.GetStart()), round(item.GetDuration()), round(item.GetLeftOffset()))
    if not same or stands != (shot.record_frame, shot.duration, shot.left_offset):
        raise PlacementError(
            f"{shot.name} does not stand as it stood after a take failed. Undo in Resolve (Edit > Undo)."
        )
