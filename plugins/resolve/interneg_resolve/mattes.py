"""The artist's matte: named in the wish, attached to the clip, or standing on a track `Interneg Matte`.

Resolve's own masks cannot be read from outside, so a matte is always media of its own: coverage, with the same frame
numbers as the plate.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from interneg_resolve.api import number_property, text_property
from interneg_resolve.errors import ItemError, WishError
from interneg_resolve.media import Media, media_from_property

if TYPE_CHECKING:
    from interneg_resolve.api import MediaPool, TimelineItem
    from interneg_resolve.shot import Shot
    from interneg_resolve.wish import Wish

MATTE_TRACK = "Interneg Matte"

_RANGE = re.compile(r"\[\d+-\d+\]")


def find_matte(wish: Wish, shot: Shot, pool: MediaPool) -> str:
    """The matte's movie or pattern.

    Raises:
        WishError: there is none, or more than one, or its frames do not stand on the plate's.
    """
    if wish.matte:
        return wish.matte
    attached = list(pool.GetClipMatteList(shot.clip) or [])
    if len(attached) > 1:
        raise WishError(f"{shot.name} has {len(attached)} clip mattes: {', '.join(attached)}. Name one as the matte.")
    if attached:
        return _pattern(shot, attached[0])
    on_track = _on_track(shot)
    if on_track is not None:
        return on_track
    raise WishError(
        f"{shot.name} has no matte. Name one, attach one to the clip in the Media Pool, or put one above the "
        f"item on a video track named {MATTE_TRACK}."
    )


def _pattern(shot: Shot, path: str) -> str:
    """The movie or pattern of a path as Resolve writes it."""
    beside = Path(path)
    if shot.media.is_sequence and beside.is_file() and not _RANGE.search(beside.name):
        number = re.search(r"(\d+)(?=\.\w+$)", beside.name)
        if number is not None:
            token = "#" * len(number[1])
            return str(beside.with_name(beside.name[: number.start()] + token + beside.name[number.end() :]))
    return media_from_property(f"The matte of {shot.name}", path, 0).path


def _on_track(shot: Shot) -> str | None:
    """The matte that stands where the item does on the matte track; None where there is no such track or item."""
    first, end = shot.record_frame, shot.record_frame + shot.duration
    timeline = shot.timeline
    for track in range(1, timeline.GetTrackCount("video") + 1):
        if str(timeline.GetTrackName("video", track)).strip().lower() != MATTE_TRACK.lower():
            continue
        for item in timeline.GetItemListInTrack("video", track) or []:
            if item.GetStart() <= first and item.GetStart() + item.GetDuration() >= end:
                return _aligned(shot, item).path
    return None


def _aligned(shot: Shot, item: TimelineItem) -> Media:
    """The media of a matte item whose frame numbers are the plate's.

    Raises:
        WishError: they are others, so that the daemon would read another frame than the one that is shown.
    """
    clip = item.GetMediaPoolItem()
    name = f"The matte {item.GetName()}"
    if clip is None:
        raise ItemError(f"{name} has no media of its own. Render it to a sequence and use that.")
    media = media_from_property(name, text_property(clip, "File Path"), int(number_property(clip, "Frames")))
    shown = media.first_frame + round(item.GetLeftOffset()) + shot.record_frame - round(item.GetStart())
    if shown != shot.first_frame:
        raise WishError(
            f"{name} shows its frame {shown} where {shot.name} shows frame {shot.first_frame}. "
            "Render the matte with the plate's own frame numbers."
        )
    return media
