"""Where an input's frames come from: the file of a plain Read, or raw EXRs written for the render."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import nuke

from . import knobs
from .errors import BusyError, CancelledError, HostError

_TOKEN = re.compile(r"#+|%0?\d*d")
_LIVE = re.compile(r"\[|%[vV]")  # TCL, and views
_BUSY = "already executing"


@dataclass(frozen=True)
class Feed:
    """An input as the daemon gets it.

    Convention: `written` is the node inside the Group that is written to `pattern` first; None: the file is there.
    """

    pattern: str
    written: nuke.Node | None = None
    channels: str = "all"


def plain_file(node: nuke.Node | None, first_frame: int, last_frame: int) -> str:
    """The file pattern of a Read that holds just what the daemon would read itself, or an empty text.

    Convention: an EXR sequence in the working space, its frame numbers untouched, that covers the range.
    """
    while node is not None and node.Class() == "Dot":
        node = node.input(0)
    if node is None or node.Class() != "Read" or node["disable"].value():
        return ""
    pattern = str(node["file"].value() or "")
    if not (_is_exr_sequence(pattern) and _is_linear(node) and _keeps_numbers(node)):
        return ""
    covered = node["first"].value() <= first_frame and last_frame <= node["last"].value()
    return pattern if covered else ""


def channels_of_matte(node: nuke.Node, channel: str) -> str:
    """Which channels of a matte's node are written: alpha alone where that is the matte."""
    if channel:
        return "all"
    return "alpha" if "rgba.alpha" in node.channels() else "rgb"


def write_frame(group: nuke.Group, feed: Feed, frame: int) -> None:
    """Writes one frame of the input as a raw, full-float EXR; the Write is gone before anybody sees it.

    Raises:
        BusyError: Nuke is executing something else right now.
        CancelledError: the artist cancelled Nuke's own progress bar.
        HostError: Nuke cannot render the input.
    """
    if feed.written is None:
        return
    Path(feed.pattern).parent.mkdir(parents=True, exist_ok=True)
    nuke.Undo.disable()
    write = None
    try:
        with group:
            write = nuke.nodes.Write(file=feed.pattern, file_type="exr")
        _set_up(write, feed)
        nuke.execute(write, frame, frame, 1, nuke.views()[:1])
    except RuntimeError as error:
        raise _translated(str(error), frame) from error
    finally:
        if write is not None:
            nuke.delete(write)
        nuke.Undo.enable()


def _set_up(write: nuke.Node, feed: Feed) -> None:
    write.setInput(0, feed.written)
    for name, content in (("channels", feed.channels), ("raw", True), ("datatype", "32 bit float")):
        write[name].setValue(content)
    metadata = write.knobs().get("metadata")
    if isinstance(metadata, nuke.Enumeration_Knob) and "all metadata" in metadata.values():
        metadata.setValue("all metadata")


def _translated(text: str, frame: int) -> HostError:
    if text.startswith("Cancelled"):
        return CancelledError("Cancelled while Nuke wrote the plate.")
    if _BUSY in text:
        return BusyError("Nuke is rendering something else. Wait until that has ended and press Render again.")
    return HostError(
        f"Nuke cannot render the input on frame {frame}: {text.strip()}. View that frame above the node first."
    )


def _is_exr_sequence(pattern: str) -> bool:
    path = Path(pattern)
    if path.suffix.lower() != ".exr" or not path.is_absolute() or _LIVE.search(pattern):
        return False
    return len(_TOKEN.findall(path.name)) == 1


def _is_linear(read: nuke.Node) -> bool:
    if read["raw"].value():
        return True
    if "premultiplied" in read.knobs() and read["premultiplied"].value():
        return False
    return _bare(str(read["colorspace"].value())) in {"linear", "scene_linear", _working_space()}


def _working_space() -> str:
    knob = nuke.root().knobs().get("workingSpaceLUT")
    return _bare(str(knob.value())) if knob is not None else "scene_linear"


def _bare(colourspace: str) -> str:
    inside = re.fullmatch(r"default \((.*)\)", colourspace)
    return (inside[1] if inside else colourspace).rpartition("/")[2].strip()


def _keeps_numbers(read: nuke.Node) -> bool:
    return str(knobs.value(read, "frame_mode")) == "expression" and not str(knobs.value(read, "frame") or "").strip()
