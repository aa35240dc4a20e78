"""The rules of a stand-in Resolve, each switchable to what another version or a bad day does."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

STUDIO = "DaVinci Resolve Studio"
FREE = "DaVinci Resolve"

_serial = itertools.count(1)


@dataclass
class Rules:
    """How this Resolve behaves.

    `takes` is one of works, denies (adds, and says False), initialises (adds nothing, leaves a selector of one),
    pretends (adds nothing, and says True).
    """

    product: str = STUDIO
    version: str = "21.0.4"
    is_end_inclusive: bool = False
    shows_individual_frames: bool = False
    imports_nothing: bool = False
    takes: str = "works"
    refused_properties: frozenset[str] = frozenset()
    refuses_new_tracks: bool = False
    appends_nothing: bool = False
    deletes_at_attempt: int = 1
    copies_grades: bool = True
    project_fps: float = 24.0
    colour_science: str = "davinciYRGB"
    splits_gamma: bool = False
    auto_input_colour: str = "Linear"
    language: str = "en"
    page: str = "color"
    is_modal_up: bool = False
    calls: list[str] = field(default_factory=list)


class HostObject:
    """A scripting object: any name is there (`hasattr` is always true), and one that is no method is None."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._identity = f"id-{next(_serial)}"

    def __getattr__(self, name: str) -> None:
        if name.startswith("_"):
            raise AttributeError(name)
        self._rules.calls.append(f"missing {name}")

    def GetUniqueId(self) -> str:
        return self._identity


def gated(method):
    """A Studio call: on the free edition it answers False and raises a modal that makes later calls fail."""

    def call(self, *given):
        if self._rules.product != STUDIO:
            self._rules.is_modal_up = True
        if self._rules.is_modal_up:
            return False
        return method(self, *given)

    call.__name__ = method.__name__
    call.__wrapped__ = method
    return call
