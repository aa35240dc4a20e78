"""The item at the playhead: which frames of which media it shows, and where it stands on the timeline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from interneg_resolve.api import number, number_property, offers, text_property
from interneg_resolve.errors import ItemError
from interneg_resolve.media import Media, media_from_property

if TYPE_CHECKING:
    from collections.abc import Callable

    from interneg_resolve.api import MediaPoolItem, Project, Timeline, TimelineItem

HANDLE_FRAMES = 12

# 23.976 and 24 are 0.024 apart; 23.976 and 23.98 are the same rate written twice.
_SAME_RATE = 0.01
# Frames; Resolve's times are floats of seconds, and a whole frame is told from a retimed one; 2e-4 of the span is what
# a rate written as 23.98 instead of 23.976 makes.
_WHOLE_FRAME = 0.05
_RATE_ERROR = 2e-4


@dataclass(frozen=True)
class Shot:
    """A timeline item and the source frames it shows.

    Convention: `record_frame` is absolute on the timeline, `left_offset` counts from the media's first frame,
    `track` from 1.
    """

    name: str
    timeline: Timeline
    item: TimelineItem
    clip: MediaPoolItem
    media: Media
    track: int
    record_frame: int
    left_offset: int
    duration: int
    fps: float

    @property
    def first_frame(self) -> int:
        """The number of the first source frame that the item shows."""
        return self.media.first_frame + self.left_offset

    @property
    def last_frame(self) -> int:
        """The number of the last source frame that the item shows, inclusive."""
        return self.first_frame + self.duration - 1

    def with_handles(self, handles: int, reach: range | None = None) -> tuple[int, int]:
        """The first and last frame to render: the item's own, and handles where the media (and the reach) has them."""
        first = max(self.media.first_frame, self.first_frame - handles)
        last = min(self.media.last_frame, self.last_frame + handles)
        if reach is None or not reach:
            return first, last
        return max(first, min(reach[0], self.first_frame)), min(last, max(reach[-1], self.last_frame))


def current_timeline(project: Project) -> Timeline:
    """The timeline that is open.

    Raises:
        ItemError: none is.
    """
    timeline = project.GetCurrentTimeline()
    if timeline is None:
        raise ItemError("No timeline is open. Open one and put the playhead on the item.")
    return timeline


def read_shot(project: Project) -> Shot:
    """The item at the playhead, with everything that its render needs.

    Raises:
        ItemError: there is none, or it is none that can be worked on; it is named with the reason.
    """
    timeline = current_timeline(project)
    item = timeline.GetCurrentVideoItem()
    if item is None:
        raise ItemError(f"No video item stands at the playhead of {timeline.GetName()}. Move it onto one.")
    name = str(item.GetName())
    clip = item.GetMediaPoolItem()
    if clip is None:
        raise ItemError(f"{name} is a title, a generator or a Fusion composition, and has no source frames to work on.")
    file_path = text_property(clip, "File Path")
    if not file_path:
        raise ItemError(
            f"{name} is a compound clip or a timeline, and has no source frames. Open it and use its items."
        )
    media = media_from_property(name, file_path, int(number_property(clip, "Frames")))
    fps = _common_rate(name, clip, project, timeline)
    shot = Shot(name, timeline, item, clip, media, track_of(item), 0, 0, 0, fps)
    return _refuse_retimed(reread(shot, item))


def reread(shot: Shot, item: TimelineItem) -> Shot:
    """The shot as it stands on the timeline now."""
    return replace(
        shot,
        item=item,
        track=track_of(item),
        record_frame=round(item.GetStart()),
        left_offset=round(item.GetLeftOffset()),
        duration=round(item.GetDuration()),
    )


def find_again(shot: Shot) -> Shot:
    """The shot after the artist may have gone on editing while it was rendered.

    Raises:
        ItemError: the item is no longer on its timeline, or shows another clip now.
    """
    identity = shot.item.GetUniqueId()
    for item in items_of(shot.timeline):
        if item.GetUniqueId() == identity and item.GetUniqueId():
            clip = item.GetMediaPoolItem()
            if clip is None or clip.GetUniqueId() != shot.clip.GetUniqueId():
                raise ItemError(f"{shot.name} shows another clip now: the result lies in the bin and was not placed.")
            return _refuse_retimed(reread(shot, item))
    raise ItemError(f"{shot.name} is no longer on {shot.timeline.GetName()}: the result was not placed.")


def items_of(timeline: Timeline) -> list[TimelineItem]:
    """Every video item of the timeline, bottom track first."""
    tracks = range(1, timeline.GetTrackCount("video") + 1)
    return [item for track in tracks for item in timeline.GetItemListInTrack("video", track) or []]


def track_of(item: TimelineItem) -> int:
    """The video track that the item stands on, from 1; 1 where Resolve does not say."""
    place = item.GetTrackTypeAndIndex() if offers(item, "GetTrackTypeAndIndex") else None
    return int(cast("int", place[1])) if place else 1


def timeline_rate(project: Project, timeline: Timeline) -> float:
    """The timeline's own frame rate, for it overrules the project's only where it has settings of its own."""
    own = str(timeline.GetSetting("useCustomSettings")) == "1"
    return number((timeline if own else project).GetSetting("timelineFrameRate"))


def _common_rate(name: str, clip: MediaPoolItem, project: Project, timeline: Timeline) -> float:
    """The frame rate of both the clip and the timeline."""
    clip_fps, timeline_fps = number_property(clip, "FPS"), timeline_rate(project, timeline)
    if abs(clip_fps - timeline_fps) > _SAME_RATE:
        raise ItemError(
            f"{name} runs at {clip_fps:g} fps in a timeline of {timeline_fps:g} fps, so its frames do not stand one to "
            "one. Set the clip's rate in Clip Attributes, or use a timeline of its own rate."
        )
    return clip_fps


def _refuse_retimed(shot: Shot) -> Shot:
    """The same shot where it plays frame by frame at 100 %.

    Convention: the end that Resolve tells is inclusive in some versions and exclusive in others.
    """
    shown = shot.item.GetSourceEndFrame() - shot.left_offset
    whole = shown in (shot.duration - 1, shot.duration) and _seconds_fit(shot) and _speed_is_normal(shot.item)
    if shot.duration <= 0 or not whole:
        raise ItemError(
            f"{shot.name} is retimed ({shot.duration} frames on the timeline, {shown} of the source). Interneg works "
            "frame by frame: set its speed to 100 %, place the result, and retime it then."
        )
    if shot.last_frame > shot.media.last_frame or shot.left_offset < 0:
        raise ItemError(
            f"{shot.name} shows frames {shot.first_frame}-{shot.last_frame}, its media has "
            f"{shot.media.first_frame}-{shot.media.last_frame}. Relink the clip and try again."
        )
    return shot


def _seconds_fit(shot: Shot) -> bool:
    """Whether the source's time span is the item's own, where Resolve tells times."""
    if not (offers(shot.item, "GetSourceStartTime") and offers(shot.item, "GetSourceEndTime")):
        return True
    span = (shot.item.GetSourceEndTime() - shot.item.GetSourceStartTime()) * shot.fps
    tolerance = _WHOLE_FRAME + _RATE_ERROR * shot.duration
    return any(abs(span - frames) < tolerance for frames in (shot.duration - 1, shot.duration, shot.duration + 1))


def _speed_is_normal(item: TimelineItem) -> bool:
    """Whether the item plays at 100 %, where this Resolve (21.1 on) tells the speed."""
    if not offers(item, "GetSpeed"):
        return True
    tell = cast("Callable[[], object]", getattr(item, "GetSpeed"))  # noqa: B009 (not in the interface before 21.1)
    speed = tell()
    return not isinstance(speed, (int, float)) or speed in (1.0, 100.0)
