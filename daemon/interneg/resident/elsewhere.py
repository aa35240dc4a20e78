"""Where a clean may look besides its own shot: anchors, a clean plate, other takes; and what is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from interneg.operators.candidates import LEFT_OVER
from interneg.operators.motion import View
from interneg.operators.witnesses import Witness
from interneg.plates.colour import ColourConfig
from interneg.plates.source import open_source
from interneg.resident.anchors import Anchors
from interneg.resident.footage import Footage, Means, Sight
from interneg.resident.shot import Shot
from interneg.resident.wish import CleanWish, OtherTake

OF_ANCHORS, OF_CLEAN_PLATES = 2, 1  # ranks: who fixed a frame by hand had seen what the clean plate makes of it
CLEAN_PLATE = "clean plate"
HARDLY = 0.5  # share of the matte below which a clean plate is said not to fit


@dataclass(frozen=True, eq=False)
class Elsewhere:
    """All footage of a clean besides its shot."""

    anchors: Anchors
    clean_plate: Footage | None = None
    takes: tuple[Footage, ...] = ()
    is_named: bool = False

    @property
    def given(self) -> tuple[Footage, ...]:
        """The clean plate and the takes."""
        return (*((self.clean_plate,) if self.clean_plate else ()), *self.takes)

    def beside(self, shot: Shot, view: View, space: str) -> AtFrame:
        """What there is for that frame, whose plate is in that linear space."""
        return AtFrame(self, shot, Sight(view), space)

    def close(self) -> None:
        """Lets go of the files."""
        for footage in self.given:
            footage.close()


@dataclass(eq=False)
class AtFrame:
    """What may have seen one frame's hole besides its shot; `is_asked` once the takes were needed."""

    elsewhere: Elsewhere
    shot: Shot
    sight: Sight
    space: str
    is_asked: bool = False

    def first(self, target: View) -> Iterator[Witness]:
        """Anchors, then the clean plate."""
        for number in self.elsewhere.anchors.near(target.frame):
            fixed = self.shot.neighbour(number)
            if fixed is not None and fixed.view.hole.shape == target.hole.shape:
                yield Witness(fixed.view, f"anchor {number}", OF_ANCHORS)
        plate = self.elsewhere.clean_plate
        if plate is not None and plate.open(self.space):
            yield from plate.witnesses(self.sight)

    def further(self, target: View, unseen: float) -> Iterator[Witness]:
        """Other takes: those that were named always, those of the same setup where the shot has not seen all."""
        if not self.elsewhere.is_named and unseen <= LEFT_OVER:
            return
        self.is_asked = True
        for take in self.elsewhere.takes:
            if take.open(self.space):
                yield from take.witnesses(self.sight)

    def told(self, sources: Mapping[str, float]) -> tuple[str, ...]:
        """What an artist should know of what he gave, by the shares that came from it."""
        lines: list[str] = []
        elsewhere = self.elsewhere
        for footage in elsewhere.given:
            lines += [f"not used: {fault}" for fault in footage.faults]
        if elsewhere.clean_plate and not elsewhere.clean_plate.faults and sources.get(CLEAN_PLATE, 0) < HARDLY:
            lines.append("the clean plate does not fit most of what the matte covers here: the shot itself was used")
        for take in elsewhere.takes if elsewhere.is_named and self.is_asked else ():
            if not take.faults and take.name not in sources:
                lines.append(f"{take.name} does not show what the plate shows here: nothing of it was used")
        return tuple(lines)


def elsewhere_of(operator: CleanWish, anchors: Anchors, means: Means) -> Elsewhere:
    """The footage that a clean may use; what the artist named himself must be there and readable.

    Raises:
        RequestError: a path or colour space that is none.
        PlateError, MissingFrameError: what he named cannot be opened or read.
    """
    is_named = any(take.is_named for take in operator.takes)
    takes = tuple(_footage(take, means) for take in operator.takes)
    for take in operator.takes:
        if take.is_named:
            _check(take.path, take.colourspace, means.config)
    if not operator.clean_plate:
        return Elsewhere(anchors, None, takes, is_named)
    _check(operator.clean_plate, "", means.config)
    opened = partial(open_source, operator.clean_plate, "", means.config)
    return Elsewhere(anchors, Footage(CLEAN_PLATE, opened, means, OF_CLEAN_PLATES), takes, is_named)


def _footage(take: OtherTake, means: Means) -> Footage:
    return Footage(f"take {take.name}", partial(open_source, take.path, take.colourspace, means.config), means)


def _check(path: str, colourspace: str, config: ColourConfig) -> None:
    """Passes where the first frame can be read."""
    source = open_source(path, colourspace, config)
    try:
        source.read(source.frames[0])
    finally:
        source.close()
