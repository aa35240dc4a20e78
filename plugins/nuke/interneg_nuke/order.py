"""What an artist asked for, read from the node once, on the main thread, before anything runs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import nuke

from interneg_bridge.controls import REACH_FRAMES, OperatorControls

from . import knobs, nodes
from .errors import HostError
from .folders import next_version, results_folder
from .upstream import Feed, channels_of_matte, plain_file


@dataclass(frozen=True)
class Order:
    """One render of a Group.

    Convention: `frames` are delivered; `written` are the frames of each feed that must be written first, which reach
    beyond them so that holes are filled from where they were seen. `wish` is the bridge's `render` call.
    """

    group: nuke.Group
    name: str
    frames: range
    written: range
    feeds: tuple[Feed, ...]
    result: str
    wish: dict[str, Any]


def read_order(group: nuke.Group, frames: range, folder_of: Callable[[Path], Path] = next_version) -> Order:
    """The order that the node's knobs and inputs make; its folder is found among the node's own.

    Raises:
        HostError: something is missing, out of range, or in the way.
    """
    controls = nodes.controls_of(group)
    knobs.add_knobs(group, controls)
    _check(group, controls, frames)
    reach = _reach(group, frames)
    wish = _wish(group, controls, frames)
    has_matte = controls.takes_matte and group.input(1) is not None
    plate_file = plain_file(group.input(0), frames[0], frames[-1])
    matte_file = plain_file(group.input(1), frames[0], frames[-1]) if has_matte else ""
    script = str(nuke.root().name())
    folder = folder_of(results_folder(knobs.path(group, "results_folder"), script, group.fullName()))
    plate = Feed(plate_file) if plate_file else Feed(_pattern(folder / "plate", "plate"), nodes.plate_input(group))
    feeds = [plate]
    if has_matte:
        feeds.append(Feed(matte_file) if matte_file else _matte_feed(group, folder, str(wish["matte_channel"])))
        wish["matte"] = feeds[1].pattern
    if controls.lights:
        wish.update(layers=True, reference_frame=_reference(group, None if plate_file else reach))
    result = _pattern(folder, str(group.name()))
    wish.update(plate=plate.pattern, output=result)
    return Order(group, str(group.fullName()), frames, reach, tuple(feeds), result, wish)


def _check(group: nuke.Group, controls: OperatorControls, frames: range) -> None:
    name = group.name()
    if not frames:
        raise HostError(f"First is after Last on {name}: set First to a frame that is not beyond Last.")
    if not str(knobs.value(group, "show")).strip():
        raise HostError(f"No show is set on {name}: write its name as `interneg production list` gives it into Show.")
    for number, what in enumerate(("plate", "matte") if controls.takes_matte else ("plate",)):
        source = group.input(number)
        if source is None and what == "matte" and not controls.needs_matte:
            continue
        if source is None:
            raise HostError(f"{name} has no {what}: connect its {what} input.")
        if source.treeHasError():
            raise HostError(f"The {what} input of {name} shows an error. View {source.name()} and mend it first.")
    if nuke.root()["proxy"].value():
        raise HostError("Proxy mode is on, so the plate would be small. Turn it off (Ctrl+P) and render again.")


def _wish(group: nuke.Group, controls: OperatorControls, frames: range) -> dict[str, Any]:
    wish: dict[str, Any] = {
        "operator": controls.operator,
        "first_frame": frames[0],
        "last_frame": frames[-1],
    }
    for text in controls.texts:
        wish[text.name] = str(knobs.value(group, text.name) or "").strip()
    for number in controls.numbers:
        if not number.animated:
            amount = knobs.number_at(group, number, frames[0])
            wish[number.name] = int(amount) if number.whole else amount
    animated = [number for number in controls.numbers if number.animated]
    if animated:
        keyed = frames if knobs.moves(group, animated) else frames[:1]
        wish["keys"] = [
            {"frame": frame, **{number.name: knobs.number_at(group, number, frame) for number in animated}}
            for frame in keyed
        ]
    return wish


def _reach(group: nuke.Group, frames: range) -> range:
    upstream = group.upstreamFrameRange(0)
    reach = int(knobs.number_at(group, REACH_FRAMES, frames[0]))
    first, last = frames[0] - reach, frames[-1] + reach
    if upstream is not None:
        first, last = max(first, upstream.first()), min(last, upstream.last())
    return range(min(first, frames[0]), max(last, frames[-1]) + 1)


def _reference(group: nuke.Group, written: range | None) -> int:
    """The frame that lamps are levelled on: First, whichever frames are rendered, or the nearest that is there."""
    upstream, first = group.upstreamFrameRange(0), int(knobs.value(group, "first_frame"))
    if written is not None:
        return max(written[0], min(first, written[-1]))
    return first if upstream is None else max(upstream.first(), min(first, upstream.last()))


def _matte_feed(group: nuke.Group, folder: Path, channel: str) -> Feed:
    entry = nodes.matte_input(group)
    return Feed(_pattern(folder / "matte", "matte"), entry, channels_of_matte(entry, channel))


def _pattern(folder: Path, name: str) -> str:
    return f"{folder}{os.sep}{name}.%04d.exr".replace(os.sep, "/")  # Nuke wants forward slashes everywhere
