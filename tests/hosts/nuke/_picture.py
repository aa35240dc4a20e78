"""The pixels of a node on a frame, and nuke.execute, which writes them as real EXRs."""

from __future__ import annotations

import os

import plain_exr

from . import _session
from ._expression import evaluate
from ._knobs import file_at

_RGBA = ("rgba.red", "rgba.green", "rgba.blue", "rgba.alpha")
_SHORT = dict(zip(_RGBA, "RGBA"))
_AXES = {"R": "red", "G": "green", "B": "blue", "A": "alpha"}
_LAYERS = {"rgb": _RGBA[:3], "rgba": _RGBA, "alpha": _RGBA[3:]}


def picture_of(node, frame):
    """The node's channels on that frame, named as in the host; what cannot be made raises RuntimeError."""
    if node is None:
        raise RuntimeError("nothing is connected")
    make = _MAKERS.get(node._class, _passed)
    if node._knobs["disable"]._value:
        make = _passed
    return make(node, frame)


def _passed(node, frame):
    return picture_of(node._flow(0), frame)


def _group(node, frame):
    output = next((child for child in node._children if child._class == "Output"), None)
    return picture_of(output, frame)


def _switch(node, frame):
    return picture_of(node._flow(int(node._knobs["which"]._value_at(frame))), frame)


def _constant(node, frame):
    width, height = _format()
    colour = node._knobs["color"]._value
    return plain_exr.Picture(width, height, {n: [v] * (width * height) for n, v in zip(_RGBA, colour)})


def _expression(node, frame):
    """What is left blank goes through as it is."""
    above = _passed(node, frame) if node._flow(0) is not None else plain_exr.Picture(*_format())
    count = above.width * above.height
    picture = plain_exr.Picture(above.width, above.height, dict(above.channels))
    for index, name in enumerate(_RGBA):
        text = node._knobs[f"expr{index}"]._value
        if text:
            values = [evaluate(text, node, {"frame": frame, **_pixel(above, at)}) for at in range(count)]
            picture.channels[name] = [float(value) for value in values]
        elif name not in picture.channels:
            picture.channels[name] = [0.0] * count
    return picture


def _pixel(picture, at):
    """Where a pixel is and what its channels are; the host's origin is bottom-left, and what is not there is 0."""
    found = dict.fromkeys(_session.session().channels, 0.0)
    found.update((name, values[at]) for name, values in picture.channels.items())
    return {**found, "x": at % picture.width, "y": picture.height - 1 - at // picture.width}


def _multiplied(node, frame):
    above = _passed(node, frame)
    picture = plain_exr.Picture(above.width, above.height, dict(above.channels))
    factors = dict(zip(_RGBA, node._knobs["value"]._value_at(frame)))
    for name in _LAYERS.get(node._knobs["channels"]._value, tuple(above.channels)):
        factor = factors.get(name, 1.0)
        picture.channels[name] = [value * factor for value in above.channels[name]]
    return picture


def _merged(node, frame):
    """B with As added to it in the channels of its output; input 2 is the mask."""
    if node._knobs["operation"]._value != "plus" or 2 in node._inputs:
        raise RuntimeError("the stand-in adds, without a mask")
    below = picture_of(node._flow(0), frame)
    picture = plain_exr.Picture(below.width, below.height, dict(below.channels))
    for index in sorted(index for index, source in node._inputs.items() if index and source is not None):
        above = picture_of(node._flow(index), frame)
        for name in _LAYERS[node._knobs["output"]._value]:
            picture.channels[name] = [a + b for a, b in zip(picture.channels[name], above.channels[name])]
    return picture


def _read(node, frame):
    first, last = int(node._knobs["first"]._value), int(node._knobs["last"]._value)
    path = file_at(node._knobs["file"]._value, min(max(frame, first), last))
    if not path or not os.path.isfile(path):
        raise RuntimeError(f"{node.name()}: {path}: no such file")
    stored = plain_exr.read(path)
    long = {short: name for name, short in _SHORT.items()}
    picture = plain_exr.Picture(stored.width, stored.height)
    decode = _is_encoded(node)
    for name, values in stored.channels.items():
        linear = [_linear(value) for value in values] if decode and name in "RGB" else values
        layer, _, axis = name.rpartition(".")
        long_name = f"{layer}.{_AXES[axis]}" if layer and axis in _AXES else name
        picture.channels[long.get(name, long_name)] = linear
    return picture


_MAKERS = {
    "Group": _group,
    "Switch": _switch,
    "Constant": _constant,
    "Expression": _expression,
    "Multiply": _multiplied,
    "Merge2": _merged,
    "Read": _read,
}


def execute(nameOrNode, start, end, incr=1, views=(), continueOnError=False):
    current = _session.session()
    _session.require_main_thread("execute")
    if current.executing or current.in_callback:
        raise RuntimeError("I'm already executing something else")
    if not isinstance(views, (list, tuple)) or not set(views) <= {"main"}:
        raise RuntimeError("no such view")
    if current.cancel_next_execute:
        current.cancel_next_execute = False
        raise RuntimeError("Cancelled")
    node = current.root.node(nameOrNode) if isinstance(nameOrNode, str) else nameOrNode
    if node is None or node.Class() != "Write":
        raise RuntimeError("there is nothing to execute")
    current.executing = True
    try:
        for frame in range(start, end + 1, incr):
            current.executed.append((node.fullName(), frame))
            _write(node, frame)
    finally:
        current.executing = False


def _write(node, frame):
    path = file_at(node["file"].value(), frame)
    if node["file_type"].value() != "exr":
        raise RuntimeError(f"{node.name()}: the stand-in writes EXR only")
    folder = os.path.dirname(path)
    if node["create_directories"].value():
        os.makedirs(folder, exist_ok=True)
    picture = picture_of(node._flow(0), frame)
    wanted = _LAYERS.get(node["channels"].value(), tuple(picture.channels))
    written = plain_exr.Picture(picture.width, picture.height)
    for name in wanted:
        if name in picture.channels:
            values = picture.channels[name]
            encoded = not node["raw"].value() and name in _RGBA[:3] and _is_encoded(node)
            written.channels[_SHORT.get(name, name)] = [_encoded(value) for value in values] if encoded else values
    kind = "float" if node["datatype"].value() == "32 bit float" else "half"
    try:
        plain_exr.write(path, written, kind)
    except OSError as error:
        raise RuntimeError(f"{node.name()}: {path}: {error.strerror}") from error


def _format():
    root = _session.session().root
    return int(root._knobs["width"]._value), int(root._knobs["height"]._value)


def _is_encoded(node):
    return not node._knobs["raw"]._value and node._knobs["colorspace"]._value == "sRGB"


def _linear(value):
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _encoded(value):
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
