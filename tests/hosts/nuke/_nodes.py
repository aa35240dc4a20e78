"""Nodes and Groups: inputs, knobs, contexts; a deleted node is attached to nothing."""

from __future__ import annotations

from . import _knobs as k
from . import _session
from ._classes import knobs_of, max_inputs_of


@_session.main_only_class
class FrameRange:
    def __init__(self, first, last, increment=1):
        self._first, self._last = int(first), int(last)

    def first(self):
        return self._first

    def last(self):
        return self._last


@_session.main_only_class
class Node:
    def __init__(self, class_name, parent):
        self._class, self._parent, self._alive, self._selected = class_name, parent, True, False
        self._inputs = {}
        self._knobs = {}
        for knob in knobs_of(class_name):
            self._adopt(knob)
        if parent is not None:
            self._rename(class_name)
            parent._children.append(self)

    def Class(self):
        self._must_live()
        return self._class

    def name(self):
        self._must_live()
        return self._knobs["name"]._value

    def fullName(self):
        above = self._parent
        return self.name() if above is None or above._parent is None else above.fullName() + "." + self.name()

    def setName(self, name, uncollide=True, updateExpressions=False):
        self._must_live()
        self._rename(name, keep=True)

    def parent(self):
        return self._parent

    def knobs(self):
        self._must_live()
        return dict(self._knobs)

    def knob(self, p, follow_link=True):
        return self._knobs.get(p)

    def __getitem__(self, name):
        self._must_live()
        if name not in self._knobs:
            raise NameError(f"knob {name} does not exist")
        return self._knobs[name]

    def addKnob(self, knob):
        if knob._node is not None:
            raise ValueError("the knob belongs to a node already")
        knob._user = True
        self._adopt(knob)

    def input(self, index):
        self._must_live()
        return self._inputs.get(index)

    def width(self):
        self._must_live()
        return _session.session().root["width"].value()

    def height(self):
        self._must_live()
        return _session.session().root["height"].value()

    def setInput(self, i, node):
        self._must_live()
        if i >= self._max_inputs() or (node is not None and node._parent is not self._parent):
            return False
        self._inputs[i] = node
        return True

    def setSelected(self, selected):
        self._selected = bool(selected)

    def isSelected(self):
        return self._selected

    def showControlPanel(self, forceFloat=False):
        if not _session.session().gui:
            raise RuntimeError("no panels in a session without a window")

    def frameRange(self):
        if self._class == "Read":
            return FrameRange(self["first"].value(), self["last"].value())
        sources = [source for source in (self._flow(0),) if source is not None]
        root = _session.session().root
        return (
            sources[0].frameRange() if sources else FrameRange(root["first_frame"].value(), root["last_frame"].value())
        )

    def firstFrame(self):
        return self.frameRange().first()

    def lastFrame(self):
        return self.frameRange().last()

    def upstreamFrameRange(self, i):
        source = self.input(i)
        return source.frameRange() if source is not None else None

    def channels(self):
        from ._picture import picture_of

        return sorted(picture_of(self, _session.session().root.current_frame()).channels)

    def treeHasError(self):
        from ._picture import picture_of

        try:
            picture_of(self, _session.session().root.current_frame())
        except RuntimeError:
            return True
        return False

    def _flow(self, index):
        """Where the pixels of an input come from, through the wall of a Group."""
        if self._class == "Input":
            return self._parent._inputs.get(int(self._knobs["number"]._value))
        return self._inputs.get(index)

    def _max_inputs(self):
        if isinstance(self, Group):
            return len([child for child in self._children if child._class == "Input"])
        return max_inputs_of(self._class)

    def _adopt(self, knob):
        knob._node = self
        self._knobs[knob._name] = knob

    def _rename(self, stem, keep=False):
        taken = {child._knobs["name"]._value for child in self._parent._children if child is not self}
        names = ([stem] if keep else []) + [f"{stem}{n}" for n in range(1, 10000)]
        self._knobs["name"]._value = next(name for name in names if name not in taken)

    def _must_live(self):
        if not self._alive:
            raise ValueError("A PythonObject is not attached to a node")

    def _changed(self, knob):
        current = _session.session()
        if self._class == "Write" and knob._name == "file_type":
            for extra in knobs_of("Write." + str(knob._value)):
                if extra._name not in self._knobs:
                    self._adopt(extra)
        if not current.gui or current.in_callback:
            return
        current.in_callback = True
        try:
            with _session.this(node=self, knob=knob):
                for call, node_class in list(current.knob_changed):
                    if node_class in ("*", self._class):
                        call()
        finally:
            current.in_callback = False


@_session.main_only_class
class Group(Node):
    def __init__(self, class_name="Group", parent=None):
        self._children = []
        Node.__init__(self, class_name, parent)

    def begin(self):
        self._must_live()
        _session.session().contexts.append(self)
        return self

    def end(self):
        _session.session().contexts.pop()

    def __enter__(self):
        return self.begin()

    def __exit__(self, kind, value, traceback):
        self.end()

    def node(self, s):
        self._must_live()
        first, _, rest = s.partition(".")
        found = next((child for child in self._children if child._knobs["name"]._value == first), None)
        return found.node(rest) if rest and isinstance(found, Group) else None if rest else found

    def nodes(self):
        return list(self._children)


@_session.main_only_class
class Root(Group):
    def __init__(self):
        Group.__init__(self, "Root", None)
        self._path = ""

    def name(self):
        return self._path or "Root"

    def firstFrame(self):
        return int(self["first_frame"].value())

    def lastFrame(self):
        return int(self["last_frame"].value())

    def current_frame(self):
        return int(self._knobs["frame"]._value)


def new_node(class_name, knobs):
    """A node in the current context; an unknown class or knob is refused."""
    current = _session.session()
    parent = current.contexts[-1] if current.contexts else current.root
    node = Group("Group", parent) if class_name == "Group" else Node(class_name, parent)
    if class_name == "Input":
        node._knobs["number"]._value = node.parent()._max_inputs() - 1
    for name, value in knobs.items():
        if name == "name":
            node.setName(value)
        else:
            node[name].setValue(value)
    return node


def remove(node):
    node._must_live()
    node._alive = False
    node._parent._children.remove(node)
    for other in node._parent._children:
        other._inputs = {index: source for index, source in other._inputs.items() if source is not node}


def restart(gui):
    current = _session.begin(gui)
    current.root = Root()
    return current


__all__ = ["FrameRange", "Group", "Node", "Root", "k", "new_node", "remove", "restart"]
