"""The finished frames on the timeline, and what really stands there afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from interneg_resolve.api import text_property
from interneg_resolve.bins import BIN, import_result, page_and_bin_kept
from interneg_resolve.colour import match_input_colour
from interneg_resolve.errors import PlacementError
from interneg_resolve.shot import find_again
from interneg_resolve.takes import place_as_take
from interneg_resolve.tracks import place_above

if TYPE_CHECKING:
    from interneg_resolve.api import MediaPoolItem, Project, Resolve
    from interneg_resolve.shot import Shot


@dataclass(frozen=True)
class Result:
    """Finished frames on disk, encoded as the source is.

    Convention: `path` is a `####` pattern with the source's own frame numbers.
    """

    path: str
    first_frame: int
    last_frame: int


@dataclass(frozen=True)
class Placement:
    """Where the result stands, as read back from Resolve: `take`, `track`, and its index."""

    kind: str
    index: int
    sentence: str
    notices: tuple[str, ...]


def place(resolve: Resolve, project: Project, shot: Shot, result: Result, prefer_track: bool = False) -> Placement:
    """The result on the timeline: as a take, or on a track above where that fails (or is preferred).

    Raises:
        PlacementError: neither worked, or the result would not look as its source does.
        ItemError: the item was taken away or changed too far while it was rendered.
    """
    pool = project.GetMediaPool()
    with page_and_bin_kept(resolve, pool):
        clip = import_result(pool, result.path, result.first_frame, result.last_frame, shot.fps)
        notices = _check_picture(shot.clip, clip)
        _match_colour(project, shot, clip)
        now = find_again(shot)
        offset = _offset(now, result)
        if not prefer_track:
            try:
                index = place_as_take(now, clip, offset)
            except PlacementError as error:
                notices.append(str(error))
            else:
                return Placement("take", index, f"{now.name}: take {index} shows the result.", tuple(notices))
        return _on_track(resolve, project, now, clip, offset, notices)


def _on_track(
    resolve: Resolve, project: Project, shot: Shot, clip: MediaPoolItem, offset: int, notices: list[str]
) -> Placement:
    """The result on a track above."""
    open_timeline = project.GetCurrentTimeline()
    try:
        track, more = place_above(resolve, project, shot, clip, offset)
    finally:
        if open_timeline is not None and open_timeline.GetUniqueId() != shot.timeline.GetUniqueId():
            project.SetCurrentTimeline(open_timeline)
    return Placement(
        "track", track, f"{shot.name}: the result stands above it on video track {track}.", (*notices, *more)
    )


def _match_colour(project: Project, shot: Shot, clip: MediaPoolItem) -> None:
    """Gives the result the source's input colour, read back.

    Raises:
        PlacementError: it does not stand, so that the result would look unlike its source.
    """
    faults = match_input_colour(project, shot.clip, clip)
    if faults:
        raise PlacementError(
            f"{clip.GetName()} lies in the bin {BIN} and was not placed, for it would look unlike {shot.name}: "
            f"{'; '.join(faults)}. Set it in the Media Pool and add the clip as a take by hand."
        )


def _check_picture(source: MediaPoolItem, result: MediaPoolItem) -> list[str]:
    """Where Resolve reads the result's picture unlike the source's."""
    wanted, stands = text_property(source, "Resolution"), text_property(result, "Resolution")
    return [f"Resolve reads the result as {stands}, its source as {wanted}."] if wanted != stands else []


def _offset(shot: Shot, result: Result) -> int:
    """Where in the result the item begins, from 0.

    Raises:
        PlacementError: the item was moved on to frames that were not rendered.
    """
    if shot.first_frame < result.first_frame or shot.last_frame > result.last_frame:
        raise PlacementError(
            f"{shot.name} shows frames {shot.first_frame}-{shot.last_frame} now, rendered were "
            f"{result.first_frame}-{result.last_frame}. Render it again."
        )
    return shot.first_frame - result.first_frame
