"""Scripts on disk, as JSON: nodes, inputs and knobs, without what a knob asks not to be written."""

from __future__ import annotations

import json
import os

from . import _knobs, _nodes, _session


@_session.main_only
def scriptSaveAs(filename=None, overwrite=-1):
    if os.path.exists(filename) and not overwrite:
        raise RuntimeError(f"{filename} exists")
    root = _session.session().root
    with open(filename, "w") as script:
        channels = sorted(_session.session().channels)
        json.dump({"knobs": _stored_knobs(root), "nodes": _stored_nodes(root), "channels": channels}, script)
    root._path = filename


@_session.main_only
def scriptOpen(filename=None):
    current = _session.session()
    _nodes.restart(current.gui)
    with open(filename) as script:
        stored = json.load(script)
    root = _session.session().root
    root._path = filename
    _session.session().channels.update(stored["channels"])
    _set_knobs(root, stored["knobs"])
    _make_nodes(root, stored["nodes"])


def _stored_nodes(group):
    return [
        {
            "class": child._class,
            "knobs": _stored_knobs(child),
            "inputs": {index: source.name() for index, source in child._inputs.items() if source is not None},
            "nodes": _stored_nodes(child) if isinstance(child, _nodes.Group) else [],
        }
        for child in group._children
    ]


def _stored_knobs(node):
    return [
        {
            "class": knob.Class(),
            "name": name,
            "label": knob.label(),
            "flags": knob._flags,
            "user": knob._user,
            **knob._stored(),
        }
        for name, knob in node._knobs.items()
        if not knob.getFlag(_knobs.DO_NOT_WRITE)
    ]


def _make_nodes(group, stored):
    made = []
    with group:
        for each in stored:
            node = _nodes.new_node(each["class"], {})
            made.append((node, each))
            if each["nodes"]:
                _make_nodes(node, each["nodes"])
            _set_knobs(node, each["knobs"])
        for node, each in made:
            for index, name in each["inputs"].items():
                node._inputs[int(index)] = group.node(name)


def _set_knobs(node, stored):
    for each in stored:
        if each["user"]:
            knob = getattr(_knobs, each["class"])(each["name"], each["label"])
            knob.setFlag(each["flags"])
            node.addKnob(knob)
        if each["class"] == "Enumeration_Knob" and each["name"] == "file_type":
            node[each["name"]].setValue(each["value"])
        knob = node[each["name"]]
        knob._value, knob._expression = each["value"], each["expression"]
        knob._keys = {float(time): value for time, value in each["keys"].items()} if each["keys"] else None
