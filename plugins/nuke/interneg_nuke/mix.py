"""The lights of a relight, mixed in the Group: one multiply a layer, and a plus; it needs no daemon and no package.

The stops are the Group's own knobs, the colours start as what the header of the finished frames says of them. Only what
the layers do not hold, such as where a lamp stands, must be rendered again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import nuke

from interneg_bridge.controls import LightControl, OperatorControls

from . import knobs
from .header import Weights

MIX = "Mix"
_OFF_STOPS = -20.0
_AXES = ("red", "green", "blue")
_FACTOR = "(parent.{stops} > -20) * pow(2, parent.{stops}) * parent.{colour}.{axis}"
_OUTSIDE = "outside"  # what a matte holds back; it is never changed
_SECOND, _AFTER_MASK = 1, 3  # inputs of a Merge2: B, A, the mask, then all further As

_SAME = 1e-6  # of a colour: what is left where stops were divided out

Colour = tuple[float, float, float]
Stops = Mapping[int, Mapping[str, float]]


@dataclass(frozen=True)
class Lights:
    """What finished frames say of their lights, by frame: weights by layer, and the stops they were rendered at."""

    weights: Mapping[int, Weights]
    stops: Stops


def colours_of(controls: OperatorControls, lights: Lights) -> dict[str, dict[int, Colour]]:
    """The colour of each light at 0 stops by layer and frame, from weights and stops as they were rendered.

    Convention: a light that was off has none on that frame.
    """
    found: dict[str, dict[int, Colour]] = {}
    for light in controls.lights:
        for frame, weight in lights.weights.items():
            given, burnt = weight.get(light.layer), _stops_at(light, frame, lights.stops)
            if given is not None and burnt > _OFF_STOPS:
                red, green, blue = (value / 2.0**burnt for value in given)
                found.setdefault(light.layer, {})[frame] = (red, green, blue)
    return found


def build(group: nuke.Group, controls: OperatorControls, read: nuke.Node, lights: Lights) -> nuke.Node:
    """The node inside the Group whose pixels are the lights of the Read, each times its stops and colour, together.

    Convention: called within the Group. A mix of before is taken away.
    """
    _clear(group, controls)
    layers = {name for weight in lights.weights.values() for name in weight}
    colours = colours_of(controls, lights)
    parts = []
    for light in controls.lights:
        if light.layer in layers:
            _set_colour(group, light, colours.get(light.layer, {}))
            parts.append(_part(read, light))
    if _OUTSIDE in layers:
        parts.append(_picture(read, _OUTSIDE))
    plus = nuke.nodes.Merge2(name=MIX, operation="plus", Achannels="rgb", Bchannels="rgb", output="rgb")
    for place, part in enumerate(parts):
        plus.setInput(place if place <= _SECOND else place + _AFTER_MASK - _SECOND - 1, part)
    mixed = nuke.nodes.Switch(name="Mixed")
    mixed.setInput(0, read)
    mixed.setInput(1, plus)
    mixed["which"].setExpression(f"parent.{knobs.LIVE}")
    return mixed


def _part(read: nuke.Node, light: LightControl) -> nuke.Node:
    """A light's layer times its stops and colour."""
    times = nuke.nodes.Multiply(name=f"Times_{light.layer}", channels="rgb")
    times.setInput(0, _picture(read, light.layer))
    factor = cast("nuke.AColor_Knob", times["value"])
    factor.setSingleValue(False)
    for index, axis in enumerate("rgb"):
        text = _FACTOR.format(stops=light.stops.name, colour=light.colour_name, axis=axis)
        factor.setExpression(text, index)
    return times


def _picture(read: nuke.Node, layer: str) -> nuke.Node:
    """A layer as the colour of a picture whose alpha and other layers are the result's."""
    nuke.Layer(layer, [f"{layer}.{axis}" for axis in _AXES])  # known to the script also where the file is not there
    expressions = {f"expr{index}": f"{layer}.{axis}" for index, axis in enumerate(_AXES)}
    picture = nuke.nodes.Expression(name=f"Light_{layer}", **expressions)
    picture.setInput(0, read)
    return picture


def _set_colour(group: nuke.Group, light: LightControl, colours: Mapping[int, Colour]) -> None:
    """Starts a light's colour from what was rendered: one for all frames where it never changes, else keys."""
    knob = group.knobs().get(light.colour_name)
    if knob is None or not colours:
        return
    values = list(colours.values())
    for index in range(3):
        knob.clearAnimated(index)
    knob.setValue(list(values[0]))
    if all(abs(a - b) <= _SAME * abs(b) for value in values for a, b in zip(value, values[0])):
        return
    for index in range(3):
        knob.setAnimated(index)
        for frame, value in colours.items():
            knob.setValueAt(value[index], frame, index)


def _clear(group: nuke.Group, controls: OperatorControls) -> None:
    lights = [*(light.layer for light in controls.lights), _OUTSIDE]
    for name in ("Mixed", MIX, *(f"{kind}_{layer}" for layer in lights for kind in ("Times", "Light"))):
        node = group.node(name)
        if node is not None:
            nuke.delete(node)


def _stops_at(light: LightControl, frame: int, stops: Stops) -> float:
    """The stops of a light on that frame as they were rendered; one key alone holds for every frame."""
    key = stops.get(frame) or next(iter(stops.values()), {})
    return float(key.get(light.stops.name, light.stops.neutral))
