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

_UNMANAGED = "davinciYRGB"
_COLOUR_MANAGED = ("davinciYRGBColorManaged", "davinciYRGBColorManagedv2")
_ACES = ("acescc", "acescct")


def input_properties(project: Project) -> tuple[str, ...]:
    """The clip properties that decide how Resolve reads a clip's colour, under the project's colour science."""
    science = str(project.GetSetting("colorScienceMode") or _UNMANAGED)
    if science == _UNMANAGED:
        return ()
    if science in _ACES:
        return ("IDT",)
    if science not in _COLOUR_MANAGED:  # one that is newer than this list
        return ("Input Color Space", "IDT")
    is_split = str(project.GetSetting("separateColorSpaceAndGamma")) == "1"
    return ("Input Color Space", "Input Gamma") if is_split else ("Input Color Space",)


def match_input_colour(project: Project, source: MediaPoolItem, result: MediaPoolItem) -> list[str]:
    """What does not match after the result was given the source's input colour; empty where all of it does."""
    faults = []
    for name in input_properties(project):
        wanted = text_property(source, name)
        if text_property(result, name) != wanted:
            result.SetClipProperty(name, wanted)
        stands = text_property(result, name)
        if stands != wanted:
            faults.append(f"{name} is {stands or 'empty'} and should be {wanted or 'empty'}")
    return faults
