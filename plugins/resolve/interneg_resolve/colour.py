"""What makes a neutral result match its source under the same grade.

The finished frames are encoded back to the source clip's own encoding, by the colour space they were decoded from, so
that the round trip is exact whatever the footage really is. Where the project is colour-managed, the result is given
the source's own input colour besides, and that is read back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from interneg_resolve.api import text_property

if TYPE_CHECKING:
    from interneg_resolve.api import MediaPoolItem, Project

UNMANAGED = "davinciYRGB"

_ACES = ("IDT",)
_MANAGED = ("Input Color Space", "Input Gamma")
_PROPERTIES = {
    UNMANAGED: (),
    "davinciYRGBColorManaged": _MANAGED,
    "davinciYRGBColorManagedv2": _MANAGED,
    "acescc": _ACES,
    "acescct": _ACES,
}


def input_properties(science: str) -> tuple[str, ...]:
    """The clip properties that decide how Resolve reads a clip's colour, under this colour science."""
    return _PROPERTIES.get(science, (*_MANAGED, *_ACES))


def colour_science(project: Project) -> str:
    """The project's colour science, as `davinciYRGB` or `acescct`."""
    return str(project.GetSetting("colorScienceMode") or UNMANAGED)


def match_input_colour(science: str, source: MediaPoolItem, result: MediaPoolItem) -> list[str]:
    """What does not match after the result was given the source's input colour; empty where all of it does."""
    faults = []
    for name in input_properties(science):
        wanted = text_property(source, name)
        if not wanted:
            continue
        if text_property(result, name) != wanted:
            result.SetClipProperty(name, wanted)
        stands = text_property(result, name)
        if stands != wanted:
            faults.append(f"{name} is {stands or 'empty'} and should be {wanted}")
    return faults
