"""The knobs of an operator's Group, built from the controls, and what the artist set them to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import nuke

from interneg_bridge.controls import REACH_FRAMES, NumberControl, OperatorControls, TextControl

from .errors import HostError

LIVE = "mix_lights"
SHOW_PREVIEW = "show_preview"
PACKAGE_VERSION = "1"  # of the Group's knobs and insides; older nodes are brought up to it on a press

_BUTTONS = (
    ("render_range", "Render range", "Renders every frame from First to Last."),
    ("render_current", "Render current frame", "Renders the frame the script stands on."),
    ("cancel", "Cancel", "Ends the render within a frame; finished frames stay on disk."),
)
_PREVIEW = ("preview", "Preview frame", "Shows the frame the script stands on in that light, small and at once.")
_COMMAND = """try:
    import interneg_nuke.buttons as interneg_buttons
except ImportError:
    nuke.message('Interneg is not installed on this machine. Run: interneg install nuke')
else:
    interneg_buttons.{}()"""


def add_knobs(group: nuke.Node, controls: OperatorControls) -> None:
    """Gives the Group whatever knobs it lacks, so that a node of an older version works too."""
    have = group.knobs()
    for knob in _operator_knobs(controls) + _render_knobs(controls) + _light_knobs(controls) + _hidden_knobs(controls):
        if knob.name() not in have:
            group.addKnob(knob)


def value(node: nuke.Node, name: str) -> Any:
    """What the knob is set to.

    Raises:
        HostError: the node has no such knob.
    """
    return _knob(node, name).value()


def path(node: nuke.Node, name: str) -> str:
    """The path in the knob, its expressions evaluated; empty where it is.

    Raises:
        HostError: the node has no such knob.
    """
    return str(cast("nuke.File_Knob", _knob(node, name)).evaluate() or "").strip()


def set_value(node: nuke.Node, name: str, content: Any) -> None:
    """Sets a knob that the node has; a knob it lacks is left out."""
    knob = node.knobs().get(name)
    if knob is not None:
        knob.setValue(content)


def number_at(node: nuke.Node, control: NumberControl, frame: int) -> float:
    """The number on that frame, checked against the control's range.

    Raises:
        HostError: the number is outside the range.
    """
    number = float(_knob(node, control.name).getValueAt(frame))
    fault = control.fault(number)
    if fault:
        raise HostError(f"On frame {frame}: {fault}" if control.animated else fault)
    return number


def moves(node: nuke.Node, controls: Sequence[NumberControl]) -> bool:
    """Whether any of the knobs changes over time."""
    knobs = [_knob(node, control.name) for control in controls]
    return any(knob.isAnimated() or knob.hasExpression() for knob in knobs)


def _knob(node: nuke.Node, name: str) -> nuke.Knob:
    knob = node.knobs().get(name)
    if knob is None:
        raise HostError(f"{node.name()} has no knob {name!r}. Create the node anew from the Interneg menu.")
    return knob


def _operator_knobs(controls: OperatorControls) -> list[nuke.Knob]:
    knobs: list[nuke.Knob] = [nuke.Tab_Knob("interneg", "Interneg")]
    knobs += [_text_knob(text) for text in controls.texts]
    knobs += [_number_knob(number) for number in controls.numbers]
    return knobs


def _text_knob(control: TextControl) -> nuke.Knob:
    knob = (nuke.File_Knob if control.is_path else nuke.String_Knob)(control.name, control.label)
    knob.setTooltip(control.help)
    return knob


def _number_knob(control: NumberControl) -> nuke.Knob:
    knob: nuke.Array_Knob = (nuke.Int_Knob if control.whole else nuke.Double_Knob)(control.name, control.label)
    knob.setRange(control.slider_minimum, control.slider_maximum)
    knob.setValue(int(control.neutral) if control.whole else control.neutral)
    knob.setTooltip(f"{control.help} Neutral: {control.neutral:g}{' ' + control.unit if control.unit else ''}.")
    if not control.animated:
        knob.setFlag(nuke.NO_ANIMATION)
    return knob


def _render_knobs(controls: OperatorControls) -> list[nuke.Knob]:
    first, last = nuke.Int_Knob("first_frame", "First"), nuke.Int_Knob("last_frame", "Last")
    last.clearFlag(nuke.STARTLINE)
    folder = nuke.File_Knob("results_folder", "Results folder")
    folder.setTooltip("Each render makes a new version folder in here. Empty: beside the saved script.")
    shown = nuke.Boolean_Knob("show_result", "Show the result", True)
    shown.setTooltip("Off: the plate goes through untouched. Frames that were not rendered always do.")
    shown.setFlag(nuke.STARTLINE)
    status = nuke.Text_Knob("status", "Status", " ")
    status.setFlag(nuke.DO_NOT_WRITE)
    return [
        nuke.Text_Knob("render_divider", ""),
        first,
        last,
        _number_knob(REACH_FRAMES),
        folder,
        *_button_knobs(controls),
        shown,
        *_preview_knobs(controls),
        status,
    ]


def _preview_knobs(controls: OperatorControls) -> list[nuke.Knob]:
    """What turns a preview off again, where there is one."""
    if not controls.lights:
        return []
    shown = nuke.Boolean_Knob(SHOW_PREVIEW, "Show the preview", False)
    shown.setTooltip("On: the frame that was previewed last is shown so. A render turns it off.")
    return [shown]


def _button_knobs(controls: OperatorControls) -> list[nuke.Knob]:
    knobs: list[nuke.Knob] = []
    for name, label, tooltip in (*_BUTTONS, *([_PREVIEW] if controls.lights else [])):
        knob = nuke.PyScript_Knob(name, label, _COMMAND.format(name))
        knob.setTooltip(tooltip)
        knobs.append(knob)
    knobs[0].setFlag(nuke.STARTLINE)
    return knobs


def _light_knobs(controls: OperatorControls) -> list[nuke.Knob]:
    """The knobs by which an operator's lights are mixed, none where it has no lights."""
    if not controls.lights:
        return []
    live = nuke.Boolean_Knob(LIVE, "Mix the lights", True)
    live.setTooltip("On: stops and colours act at once, from the rendered layers. Off: the beauty as it was rendered.")
    live.setFlag(nuke.STARTLINE)
    made: list[nuke.Knob] = [nuke.Tab_Knob("interneg_mix", "Mix"), live]
    for light in controls.lights:
        colour = nuke.Color_Knob(light.colour_name, f"{light.label} colour")
        colour.setValue([1.0, 1.0, 1.0])
        colour.setTooltip(light.colour_help)
        made.append(colour)
    return made


def _hidden_knobs(controls: OperatorControls) -> list[nuke.Knob]:
    operator = nuke.String_Knob("interneg_operator", "operator")
    operator.setValue(controls.operator)
    version = nuke.String_Knob("interneg_version", "version")
    version.setValue(PACKAGE_VERSION)
    token = nuke.String_Knob("interneg_render", "render")  # names the running render, so that Cancel finds it
    token.setFlag(nuke.DO_NOT_WRITE)
    hidden = [operator, version, token]
    for knob in hidden:
        knob.setFlag(nuke.INVISIBLE)
    return cast("list[nuke.Knob]", hidden)
