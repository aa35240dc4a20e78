"""Knobs: values, animation, flags; setting what a knob cannot hold raises TypeError."""

from __future__ import annotations

import os
import re

from . import _session
from ._expression import evaluate

STARTLINE, ENDLINE, INVISIBLE, DISABLED = 0x1000, 0x2000, 0x400, 0x80
READ_ONLY, NO_ANIMATION, DO_NOT_WRITE, ALWAYS_SAVE = 0x10000000, 0x100, 0x200, 0x1
TABBEGINGROUP, TABENDGROUP = 1, -1


@_session.main_only_class
class Knob:
    _neutral = None
    _kinds = (object,)

    def __init__(self, *args, **kwargs):
        self._name = args[0] if args else ""
        self._label = args[1] if len(args) > 1 else self._name
        self._value = self._neutral
        self._keys = None
        self._expression = ""
        self._flags = 0
        self._tooltip = ""
        self._node = None
        self._user = False
        self._set_up(*args[2:])

    def _set_up(self, *rest):
        if rest:
            self._value = rest[0]

    def Class(self):
        return type(self).__name__

    def name(self):
        return self._name

    def label(self):
        return self._label

    def node(self):
        return self._node

    def tooltip(self):
        return self._tooltip

    def setTooltip(self, tooltip):
        self._tooltip = tooltip

    def setFlag(self, flag):
        self._flags |= flag

    def clearFlag(self, flag):
        self._flags &= ~flag

    def getFlag(self, flag):
        return bool(self._flags & flag)

    def value(self, index=0):
        return self._value_at(_session.session().root.current_frame())

    def getValue(self, channel=0):
        return self.value()

    def getValueAt(self, frame, index=0, view=None):
        return self._value_at(frame)

    def setValue(self, val, chan=0):
        self._node_must_live()
        self._value = self._checked(val)
        self._keys = None
        self._node_changed()
        return True

    def setValueAt(self, val, time, index=0, view=None):
        if self._keys is None:
            raise RuntimeError("the knob is not animated")
        self._keys[float(time)] = self._checked(val)
        return True

    def setAnimated(self, channel=0):
        if self.getFlag(NO_ANIMATION):
            return False
        self._keys = {}
        return True

    def isAnimated(self, channel=0):
        return self._keys is not None

    def setExpression(self, expression, index=0, view=None):
        self._node_must_live()
        self._expression = expression
        return True

    def hasExpression(self, index=-1):
        return bool(self._expression)

    def _checked(self, value):
        if not isinstance(value, self._kinds) or (isinstance(value, bool) and bool not in self._kinds):
            raise TypeError(f"{self.Class()} cannot hold {value!r}")
        return value

    def _value_at(self, frame):
        self._node_must_live()
        if self._expression:
            return evaluate(self._expression, self._node, {"frame": frame})
        if not self._keys:
            return self._value
        times = sorted(self._keys)
        after = next((time for time in times if time >= frame), times[-1])
        before = next((time for time in reversed(times) if time <= frame), times[0])
        if after == before:
            return self._keys[after]
        share = (frame - before) / (after - before)
        return self._keys[before] + share * (self._keys[after] - self._keys[before])

    def _node_must_live(self):
        if self._node is not None:
            self._node._must_live()

    def _node_changed(self):
        if self._node is not None:
            self._node._changed(self)

    def _stored(self):
        return {"value": self._value, "keys": self._keys, "expression": self._expression}


@_session.main_only_class
class Array_Knob(Knob):
    _neutral = 0.0
    _kinds = (int, float)

    def setRange(self, minimum, maximum):
        self._range = (minimum, maximum)


class Double_Knob(Array_Knob):
    pass


@_session.main_only_class
class Int_Knob(Array_Knob):
    _neutral = 0

    def value(self):
        return Knob.value(self)

    def setValue(self, val):
        return Knob.setValue(self, val)


@_session.main_only_class
class Color_Knob(Array_Knob):
    """Several numbers, each with keys and an expression of its own."""

    _count = 3
    _kinds = (list, tuple, int, float)

    def _set_up(self, *rest):
        self._value, self._expression = [0.0] * self._count, [""] * self._count

    def setSingleValue(self, one):
        self._single = bool(one)

    def setValue(self, val, chan=None):
        if isinstance(val, (list, tuple)):
            if len(val) > self._count:
                raise TypeError(f"{self.Class()} cannot hold {val!r}")
            return Knob.setValue(self, [float(value) for value in val] + self._value[len(val) :])
        kept = self._value if chan is not None else [val] * self._count
        return Knob.setValue(self, [val if index == chan else value for index, value in enumerate(kept)])

    def clearAnimated(self, channel=0):
        self._keys, self._expression[channel] = None, ""
        return True

    def setAnimated(self, channel=0):
        self._keys = self._keys or {}
        return True

    def setValueAt(self, val, time, index=0, view=None):
        if self._keys is None:
            raise RuntimeError("the knob is not animated")
        self._keys.setdefault(float(time), list(self._value))[index] = float(val)
        return True

    def setExpression(self, expression, channel=-1, view=None):
        self._node_must_live()
        for index in range(self._count) if channel < 0 else (channel,):
            self._expression[index] = expression
        return True

    def hasExpression(self, index=-1):
        return any(self._expression)

    def _value_at(self, frame):
        self._node_must_live()
        times = sorted(self._keys or ())
        before = [time for time in times if time <= frame] or times
        held = self._keys[before[-1] if before[-1] <= frame else times[0]] if times else self._value
        return [evaluate(e, self._node, {"frame": frame}) if e else v for e, v in zip(self._expression, held)]


class AColor_Knob(Color_Knob):
    _count = 4


@_session.main_only_class
class Boolean_Knob(Array_Knob):
    _neutral = False
    _kinds = (bool, int)

    def value(self):
        return Knob.value(self)

    def setValue(self, b):
        return Knob.setValue(self, b)

    def _value_at(self, frame):
        return bool(super()._value_at(frame))


@_session.main_only_class
class Enumeration_Knob(Array_Knob):
    _kinds = (str,)

    def _set_up(self, *rest):
        self._choices = list(rest[0]) if rest else []
        self._value = self._choices[0] if self._choices else ""

    def value(self):
        return Knob.value(self)

    def values(self):
        return list(self._choices)

    def _checked(self, value):
        if value not in self._choices:
            raise TypeError(f"{value!r} is none of {self._choices}")
        return value


class String_Knob(Knob):
    _neutral = ""
    _kinds = (str,)


@_session.main_only_class
class EvalString_Knob(String_Knob):
    def evaluate(self, *args):
        """The text with its TCL run, of which the stand-in knows getenv; None where it is empty."""
        text = re.sub(r"\[getenv (\w+)\]", lambda found: os.environ.get(found.group(1), ""), self.value())
        return file_at(text, _session.session().root.current_frame()) if text else None


@_session.main_only_class
class File_Knob(EvalString_Knob):
    def fromUserText(self, text):
        """Parses a frame range off the end and opens the file to set the format."""
        parsed = re.fullmatch(r"(.*?)\s+(-?\d+)-(-?\d+)", text)
        self.setValue(parsed.group(1) if parsed else text)
        if parsed and self._node is not None and "first" in self._node.knobs():
            first, last = int(parsed.group(2)), int(parsed.group(3))
            for name, content in (("first", first), ("last", last), ("origfirst", first), ("origlast", last)):
                self._node[name].setValue(content)

    def getEvaluatedValue(self, *args):
        return file_at(self.value(), _session.session().root.current_frame())


class Text_Knob(Knob):
    _neutral = ""
    _kinds = (str,)


class Tab_Knob(Knob):
    _neutral = 0
    _kinds = (int,)


@_session.main_only_class
class Script_Knob(String_Knob):
    def value(self):
        return self._value

    def setValue(self, cmd):
        Knob.setValue(self, cmd)

    def command(self):
        return self._value

    def execute(self):
        self._node_must_live()
        _session.session().pressed = self._name


@_session.main_only_class
class PyScript_Knob(Script_Knob):
    def execute(self):
        """What a press does: the command runs with the node as `thisNode`; what it raises comes out here."""
        self._node_must_live()
        import nuke

        with _session.this(node=self._node, knob=self), self._node.parent():
            exec(self._value, {"nuke": nuke, "__name__": "__main__"})  # the real one runs it in __main__


def file_at(pattern, frame):
    """The file of a pattern on that frame, `####` and `%04d` alike."""
    frame = int(frame)

    def padded(found):
        width = len(found.group()) if found.group().startswith("#") else int(found.group(1) or 0)
        return "{}{}".format("-" if frame < 0 else "", str(abs(frame)).zfill(width))

    folder, name = os.path.split(pattern)
    return os.path.join(folder, re.sub(r"#+|%0?(\d*)d", padded, name))
