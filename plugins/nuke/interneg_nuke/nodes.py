"""The Group of an operator: Inputs, the Read of its result, and the Switch between plate and result.

All of it is stored in the script, so a script renders on a farm that has neither this package nor a daemon.
"""

from __future__ import annotations

from typing import cast

import nuke

from interneg_bridge.controls import OperatorControls, operator_controls

from . import knobs, mix
from .errors import HostError

_PREVIEWED = f"parent.{knobs.SHOW_PREVIEW} && frame == Preview.first"
_SHOWN = "parent.show_result && frame >= Result.first && frame <= Result.last"


def create_group(controls: OperatorControls) -> nuke.Group:
    """A new Group of the operator, its plate input on the selected node.

    Raises:
        HostError: this edition of Nuke cannot hold it.
    """
    if nuke.env.get("nc"):
        raise HostError("Nuke Non-commercial lets Python touch ten nodes only, too few for Interneg. Use a full Nuke.")
    selected = nuke.selectedNodes()
    with nuke.Undo(f"Interneg {controls.label}"):
        for node in selected:
            node.setSelected(False)
        group = cast("nuke.Group", nuke.createNode("Group", "", False))
        group.setName(f"Interneg{controls.label}")
        _fill(group, controls)
        knobs.add_knobs(group, controls)
        knobs.set_value(group, "tile_color", 0x3F5F7FFF)
        knobs.set_value(group, "help", controls.help)
        if nuke.env.get("indie"):
            knobs.set_value(group, "status", "Nuke Indie restricts Python; Interneg is not tested with it.")
        if selected:
            group.setInput(0, selected[0])
        _set_range(group)
    return group


def controls_of(group: nuke.Node) -> OperatorControls:
    """The controls of the Group's operator.

    Raises:
        HostError: the node is none of ours.
    """
    try:
        return operator_controls(str(knobs.value(group, "interneg_operator")))
    except KeyError as error:
        raise HostError(
            f"{group.name()} is for an operator this Interneg does not have: {error}. Update it."
        ) from error


def plate_input(group: nuke.Group) -> nuke.Node:
    """The node inside the Group that the plate comes in by."""
    return _inner(group, "plate")


def matte_input(group: nuke.Group) -> nuke.Node:
    """The node inside the Group that the matte comes in by."""
    return _inner(group, "matte")


def show_result(group: nuke.Group, pattern: str, span: tuple[int, int], lights: mix.Lights | None = None) -> None:
    """Points the Group's Read at the finished frames, first to last, and shows them, their lights mixed anew."""
    first_frame, last_frame = span
    with nuke.Undo("Interneg result"), group:
        read = group.node("Result") or nuke.nodes.Read(name="Result")
        cast("nuke.File_Knob", read["file"]).fromUserText(f"{pattern} {first_frame}-{last_frame}")
        for name, content in (
            ("first", first_frame),
            ("last", last_frame),
            ("raw", True),
            ("localizationPolicy", "off"),
        ):
            knobs.set_value(read, name, content)
        switch = _inner(group, "Shown")
        shown = read if lights is None else mix.build(group, controls_of(group), read, lights)
        switch.setInput(1, shown)
        switch["which"].setExpression(_SHOWN)
    knobs.set_value(group, knobs.SHOW_PREVIEW, False)
    knobs.set_value(group, "interneg_version", knobs.PACKAGE_VERSION)


def show_preview(group: nuke.Group, path: str, frame: int) -> None:
    """Shows that PNG on its frame, at the plate's size, in place of plate and result; other frames stay."""
    plate = group.input(0)
    with nuke.Undo("Interneg preview"), group:
        read = group.node("Preview") or nuke.nodes.Read(name="Preview")
        cast("nuke.File_Knob", read["file"]).fromUserText(f"{path} {frame}-{frame}")
        for name, content in (("first", frame), ("last", frame), ("localizationPolicy", "off")):
            knobs.set_value(read, name, content)
        cast("nuke.Script_Knob", read["reload"]).execute()  # the file has the name that the last one had
        fitted = group.node("PreviewSize") or nuke.nodes.Reformat(name="PreviewSize")
        fitted.setInput(0, read)
        size = (("type", "to box"), ("box_fixed", True), ("resize", "fit"))
        for name, content in (*size, ("box_width", _side(plate, 0)), ("box_height", _side(plate, 1))):
            knobs.set_value(fitted, name, content)
        switch = group.node("Looked") or nuke.nodes.Switch(name="Looked")
        switch.setInput(0, _inner(group, "Shown"))
        switch.setInput(1, fitted)
        switch["which"].setExpression(_PREVIEWED)
        for output in group.nodes():
            if output.Class() == "Output":
                output.setInput(0, switch)
    knobs.set_value(group, knobs.SHOW_PREVIEW, True)


def _side(plate: nuke.Node | None, axis: int) -> int:
    source = plate or nuke.root()
    return int(source.height() if axis else source.width())


def _fill(group: nuke.Group, controls: OperatorControls) -> None:
    with group:
        plate = nuke.nodes.Input(name="plate", number=0)
        if controls.takes_matte:
            nuke.nodes.Input(name="matte", number=1)
        switch = nuke.nodes.Switch(name="Shown", which=0)
        switch.setInput(0, plate)
        nuke.nodes.Output().setInput(0, switch)


def _set_range(group: nuke.Group) -> None:
    upstream = group.upstreamFrameRange(0)
    script = nuke.root()
    first = upstream.first() if upstream else script.firstFrame()
    last = upstream.last() if upstream else script.lastFrame()
    knobs.set_value(group, "first_frame", first)
    knobs.set_value(group, "last_frame", last)


def _inner(group: nuke.Group, name: str) -> nuke.Node:
    node = group.node(name)
    if node is None:
        raise HostError(f"{group.name()} has lost its node {name!r}. Create it anew from the Interneg menu.")
    return node
