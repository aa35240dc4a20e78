"""A stand-in for Nuke's Python module that obeys the host's rules; the facts are in the project's notes on hosts.

Main thread only. The main-thread helpers are wrong from the main thread and in a session without a window, and swallow
what their callable raises. Nothing executes inside a callback or while something executes. EXRs are really written and
read. A missing knob is a NameError, a deleted node a ValueError. Scripts keep what Nuke would write, nothing more.
"""

from __future__ import annotations

import os
import runpy
import sys

from . import _nodes, _session
from ._knobs import (
    ALWAYS_SAVE,
    DISABLED,
    DO_NOT_WRITE,
    ENDLINE,
    INVISIBLE,
    NO_ANIMATION,
    READ_ONLY,
    STARTLINE,
    TABBEGINGROUP,
    TABENDGROUP,
    AColor_Knob,
    Array_Knob,
    Boolean_Knob,
    Color_Knob,
    Double_Knob,
    Enumeration_Knob,
    EvalString_Knob,
    File_Knob,
    Int_Knob,
    Knob,
    PyScript_Knob,
    Script_Knob,
    String_Knob,
    Tab_Knob,
    Text_Knob,
)
from ._nodes import FrameRange, Group, Node, Root
from ._picture import execute
from ._script import scriptOpen, scriptSaveAs
from ._session import executeInMainThread, executeInMainThreadWithResult, main_only
from ._window import Menu, MenuBar, ProgressTask, Undo

NUKE_VERSION_MAJOR, NUKE_VERSION_MINOR, NUKE_VERSION_STRING = 15, 1, "15.1v1"
env = {"nc": False, "indie": False, "NukeVersionMajor": 15}


def __getattr__(name):
    if name == "GUI":
        return _session.session().gui
    raise AttributeError(name)


class Layer:
    """A layer that the script knows, and its channels."""

    def __init__(self, name, channels=()):
        _session.require_main_thread("Layer")
        self._name = name
        _session.session().channels.update(channels)

    def name(self):
        return self._name


class _Nodes:
    """`nuke.nodes`: makes a node of the named class in the current context, without a side effect on selection."""

    def __getattr__(self, class_name):
        if class_name.startswith("__"):
            raise AttributeError(class_name)

        def make(**knobs):
            _session.require_main_thread("nodes." + class_name)
            return _nodes.new_node(class_name, knobs)

        return make


nodes = _Nodes()


@main_only
def createNode(typ, knobs="", inpanel=True):
    if not isinstance(knobs, str):
        raise TypeError("knobs are given as a text")
    above = selectedNodes()
    node = _nodes.new_node(typ, {})
    for name, value in zip(knobs.split()[::2], knobs.split()[1::2]):
        node[name].setValue(value)
    if above:
        node.setInput(0, above[0])
    for other in allNodes():
        other.setSelected(other is node)
    return node


@main_only
def delete(n):
    if n is not None:
        _nodes.remove(n)


def _context():
    contexts = _session.session().contexts
    return contexts[-1] if contexts else _session.session().root


@main_only
def allNodes(*args, **kwargs):
    return _context().nodes()


@main_only
def selectedNodes(filter=""):
    return [node for node in allNodes() if node.isSelected()]


@main_only
def toNode(s):
    return _context().node(s) or _session.session().root.node(s)


@main_only
def thisNode():
    return _session.this_name("node")


@main_only
def thisKnob():
    return _session.this_name("knob")


@main_only
def root():
    return _session.session().root


@main_only
def frame(f=None):
    if f is not None:
        root()["frame"].setValue(int(f))
    return root().current_frame()


@main_only
def views():
    return ["main"]


@main_only
def message(prompt):
    if not isinstance(prompt, str):
        raise TypeError("a message is a text")
    _session.session().messages.append(prompt)


@main_only
def menu(name):
    if not _session.session().gui:
        return None
    return _session.session().menus.setdefault(name, MenuBar())


@main_only
def pluginAddPath(args, addToSysPath=True):
    """Adds a folder, relative to the init.py that asks; called inside an init.py it also executes that folder's."""
    folder = os.path.normpath(
        os.path.join(_session.session().plugin_path[0] if _session.session().plugin_path else "", args)
    )
    _session.session().plugin_path.insert(0, folder)
    if addToSysPath and folder not in sys.path:
        sys.path.insert(0, folder)
    _run_if_there(os.path.join(folder, "init.py"))


@main_only
def addKnobChanged(call, args=(), kwargs={}, nodeClass="*", node=None):  # noqa: B006
    _session.session().knob_changed.append((call, nodeClass))


def _run_if_there(path):
    if os.path.isfile(path):
        runpy.run_path(path)


def start_up(home):
    """What Nuke does with the user's folder: every init.py, then with a window every menu.py."""
    current = _session.session()
    current.plugin_path = [home]
    _run_if_there(os.path.join(home, "init.py"))
    if current.gui:
        for folder in reversed(current.plugin_path):
            _run_if_there(os.path.join(folder, "menu.py"))


_nodes.restart(gui=False)

__all__ = [
    "ALWAYS_SAVE",
    "DISABLED",
    "DO_NOT_WRITE",
    "ENDLINE",
    "INVISIBLE",
    "NO_ANIMATION",
    "READ_ONLY",
    "STARTLINE",
    "TABBEGINGROUP",
    "TABENDGROUP",
    "AColor_Knob",
    "Array_Knob",
    "Boolean_Knob",
    "Color_Knob",
    "Double_Knob",
    "Enumeration_Knob",
    "EvalString_Knob",
    "File_Knob",
    "FrameRange",
    "Group",
    "Int_Knob",
    "Knob",
    "Layer",
    "Menu",
    "MenuBar",
    "Node",
    "ProgressTask",
    "PyScript_Knob",
    "Root",
    "Script_Knob",
    "String_Knob",
    "Tab_Knob",
    "Text_Knob",
    "Undo",
    "addKnobChanged",
    "allNodes",
    "createNode",
    "delete",
    "execute",
    "executeInMainThread",
    "executeInMainThreadWithResult",
    "frame",
    "menu",
    "message",
    "nodes",
    "pluginAddPath",
    "root",
    "scriptOpen",
    "scriptSaveAs",
    "selectedNodes",
    "thisKnob",
    "thisNode",
    "toNode",
    "views",
]
