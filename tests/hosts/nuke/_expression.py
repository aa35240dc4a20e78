"""The little of the expression language that scripts of the tests use."""

from __future__ import annotations

import re

_FUNCTIONS = {"pow": pow}
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


def evaluate(expression, node, names):
    """The value of an expression on a node: frame, x, y, layer.channel, parent.knob[.r], Sibling.knob, pow."""
    found = {}

    def named(match):
        name = match.group()
        found.setdefault(name, f"v{len(found)}")
        return found[name]

    python = _NAME.sub(named, expression.replace("&&", " & ").replace("||", " | "))
    python = " & ".join(f"({part})" for part in python.split(" & "))
    values = {short: _look_up(name, node, names) for name, short in found.items()}
    return eval(python, {"__builtins__": {}}, values)


def _look_up(name, node, names):
    if name in names or name in _FUNCTIONS:
        return names.get(name, _FUNCTIONS.get(name))
    name, channel = (name[:-2], "rgba".index(name[-1])) if re.search(r"\w\.[rgba]$", name) else (name, None)
    owner, _, knob = name.rpartition(".")
    holder = node if not owner else node.parent() if owner == "parent" else node.parent().node(owner)
    if holder is None:
        raise RuntimeError(f"{node.name()}: nothing named {name!r}")
    value = holder[knob]._value_at(names["frame"])
    return value if channel is None else value[channel]
