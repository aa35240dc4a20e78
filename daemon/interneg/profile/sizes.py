"""How close the shots of a cut are, as far as the cut itself says: names that call a size, punch-ins of its timeline.

Nothing here looks at a picture. How large people are in it only a network could tell that has seen people, and a guess
would stand in the profile like a fact: a shot whose names say nothing has no size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

SIZES = ("extreme close", "close", "medium close", "medium", "medium wide", "wide", "extreme wide")

_CALLED: Mapping[str, str] = MappingProxyType(
    {
        "ecu": "extreme close", "xcu": "extreme close", "bcu": "extreme close",
        "cu": "close", "closeup": "close",
        "mcu": "medium close",
        "ms": "medium", "mid": "medium", "medium": "medium",
        "mls": "medium wide", "mws": "medium wide", "mfs": "medium wide", "cowboy": "medium wide",
        "ws": "wide", "ls": "wide", "wide": "wide",
        "ews": "extreme wide", "els": "extreme wide", "xws": "extreme wide", "xls": "extreme wide",
    }
)  # fmt: skip
_PHRASES = (  # the longer ones first: a medium close up is no close up
    ("extreme close up", "ecu"), ("medium close up", "mcu"), ("close up", "cu"), ("extreme wide", "ews"),
    ("medium wide", "mws"), ("extreme long shot", "els"), ("medium long shot", "mls"), ("long shot", "ls"),
)  # fmt: skip
_ZOOMS = ("transformationZoomX", "transformationZoomY")
_ENDING = re.compile(r"\.[A-Za-z0-9]{2,4}$")


def size_called(names: Iterable[str]) -> str:
    """The size that those names call the shot; empty where none does, or where they call several."""
    found = {_CALLED[word] for name in names for word in _words(name) if word in _CALLED}
    return found.pop() if len(found) == 1 else ""


def _words(name: str) -> list[str]:
    plain = " ".join(re.findall(r"[a-z0-9]+", _ENDING.sub("", name).lower()))
    for phrase, word in _PHRASES:
        plain = re.sub(rf"\b{phrase}\b", word, plain)
    return plain.split()


def punch_in_of(effects: Sequence[Any]) -> float | None:
    """How far a clip's own effects punch in, at their closest: 1 where they do not; None where nothing is said of it.

    Convention: `effects` are metadata of a clip's effects, as DaVinci Resolve writes them.
    """
    said = [each for each in effects if isinstance(each, Mapping) and each.get("Effect Name") == "Transform"]
    zooms = [
        value
        for effect in said
        if effect.get("Enabled", True)
        for parameter in effect.get("Parameters", ())
        if isinstance(parameter, Mapping) and parameter.get("Parameter ID") in _ZOOMS
        for value in _values(parameter)
    ]
    if not said:
        return None
    return max(zooms, default=1.0)


def _values(parameter: Mapping[str, Any]) -> list[float]:
    """A parameter's keys where it has some, else its one value."""
    keys = parameter.get("Key Frames")
    keyed = [key.get("Value") for key in keys.values() if isinstance(key, Mapping)] if isinstance(keys, Mapping) else []
    values = keyed or [parameter.get("Parameter Value")]
    return [float(value) for value in values if isinstance(value, int | float) and 0 < value < 1000]
