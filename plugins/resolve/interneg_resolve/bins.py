"""The bin `Interneg`, and what Resolve really imported into it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from interneg_resolve.api import number_property, text_property
from interneg_resolve.errors import PlacementError
from interneg_resolve.media import percent_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interneg_resolve.api import Folder, MediaPool, MediaPoolItem, Resolve

BIN = "Interneg"

# 0.005 fps tells 23.976 from 24, and lets 23.976 and 23.98 be one.
_SAME_RATE = 0.005


@contextmanager
def page_and_bin_kept(resolve: Resolve, pool: MediaPool) -> Iterator[None]:
    """Leaves the artist on the page and in the bin that were open."""
    page, folder = resolve.GetCurrentPage(), pool.GetCurrentFolder()
    try:
        yield
    finally:
        if folder is not None:
            pool.SetCurrentFolder(folder)
        if page and resolve.GetCurrentPage() != page:
            resolve.OpenPage(page)


def result_bin(pool: MediaPool) -> Folder:
    """The bin `Interneg`, made where it is not there, and open: what is imported lands in the open bin.

    Raises:
        PlacementError: Resolve does not make or open it.
    """
    root = pool.GetRootFolder()
    found = _named(root) or pool.AddSubFolder(root, BIN) or _named(root)
    if found is None:
        raise PlacementError(f"Resolve did not make the bin {BIN}. Make one of that name by hand and try again.")
    pool.SetCurrentFolder(found)
    current = pool.GetCurrentFolder()
    if current is None or current.GetUniqueId() != found.GetUniqueId():
        raise PlacementError(f"Resolve did not open the bin {BIN}. Is the project read-only or the Media Pool locked?")
    return found


def import_result(pool: MediaPool, pattern: str, first: int, last: int, fps: float) -> MediaPoolItem:
    """The one clip that the finished frames are now, at the source's rate.

    Raises:
        PlacementError: Resolve took nothing, took single frames, or reads another length or rate.
    """
    folder = result_bin(pool)
    before = {clip.GetUniqueId() for clip in folder.GetClipList() or []}
    pool.ImportMedia([{"FilePath": percent_pattern(pattern), "StartIndex": first, "EndIndex": last}])
    new = [clip for clip in folder.GetClipList() or [] if clip.GetUniqueId() not in before]
    if not new:
        raise PlacementError(f"Resolve imported nothing from {pattern}. Can Resolve's machine read that folder?")
    try:
        clip = _one(new, pattern)
        _check_length(clip, last - first + 1)
        _set_rate(clip, fps)
    except PlacementError:
        pool.DeleteClips(new)
        raise
    return clip


def _named(root: Folder) -> Folder | None:
    """The bin `Interneg` below the root, where it is there."""
    return next((folder for folder in root.GetSubFolderList() or [] if folder.GetName() == BIN), None)


def _one(new: list[MediaPoolItem], pattern: str) -> MediaPoolItem:
    """The only clip that was imported."""
    if len(new) > 1:
        raise PlacementError(
            f"Resolve imported {len(new)} single frames from {pattern}. Turn off Show Individual Frames in the Media "
            "page's storage menu and try again."
        )
    return new[0]


def _check_length(clip: MediaPoolItem, frames: int) -> None:
    """Holds the clip's length, as Resolve reads it, against the frames that were delivered."""
    stands = int(number_property(clip, "Frames"))
    if stands != frames:
        raise PlacementError(f"Resolve reads {stands} frames in {clip.GetName()}, {frames} were delivered.")


def _set_rate(clip: MediaPoolItem, fps: float) -> None:
    """Gives the clip the source's rate and reads it back; an image sequence comes in at the project's."""
    if abs(number_property(clip, "FPS") - fps) > _SAME_RATE:
        clip.SetClipProperty("FPS", f"{fps:.6g}")
    if abs(number_property(clip, "FPS") - fps) > _SAME_RATE:
        raise PlacementError(
            f"{clip.GetName()} stands at {text_property(clip, 'FPS')} fps and should be {fps:g}. "
            "Set it in Clip Attributes."
        )
