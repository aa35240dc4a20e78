"""Where the window of a reframe lies on each frame, and where its pixels come from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Coordinates = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Framing:
    """The window a reframe looks through, on one frame.

    Convention: `punch_in` > 0, neutral 1; `pan` and `tilt` are fractions of the plate's width and height, + moves the
        window right and up, neutral 0; `roll_degrees` + turns the window clockwise about its own centre, neutral 0.
    """

    frame: int
    punch_in: float = 1.0
    pan: float = 0.0
    tilt: float = 0.0
    roll_degrees: float = 0.0

    @property
    def is_neutral(self) -> bool:
        """Whether the window is the whole frame as it stands."""
        return (self.punch_in, self.pan, self.tilt, self.roll_degrees) == (1.0, 0.0, 0.0, 0.0)


def framing_at(keys: Sequence[Framing], frame: int) -> Framing:
    """The framing on that frame: linear between keys, held before the first and after the last.

    Convention: `keys` ascend by frame; there is at least one.
    """
    after = bisect_right([key.frame for key in keys], frame)
    if after == 0 or after == len(keys):
        held = keys[0 if after == 0 else -1]
        return Framing(frame, held.punch_in, held.pan, held.tilt, held.roll_degrees)
    one, other = keys[after - 1], keys[after]
    share = (frame - one.frame) / (other.frame - one.frame)
    return Framing(
        frame,
        one.punch_in + share * (other.punch_in - one.punch_in),
        one.pan + share * (other.pan - one.pan),
        one.tilt + share * (other.tilt - one.tilt),
        one.roll_degrees + share * (other.roll_degrees - one.roll_degrees),
    )


@dataclass(frozen=True)
class Mapping:
    """Output pixels to source pixels: source = origin + across * column + down * row, each (x, y), in pixel centres."""

    origin: tuple[float, float]
    across: tuple[float, float]
    down: tuple[float, float]
    width: int
    height: int

    @property
    def is_upright(self) -> bool:
        """Whether rows stay rows: no roll."""
        return self.across[1] == 0 and self.down[0] == 0

    def columns_and_rows(self, first: int, last: int) -> tuple[Coordinates, Coordinates]:
        """Source x and y of the output rows from `first` up to `last`, (rows, W) each."""
        rows, columns = np.mgrid[first:last, 0 : self.width].astype(np.float64)
        x = self.origin[0] + self.across[0] * columns + self.down[0] * rows
        y = self.origin[1] + self.across[1] * columns + self.down[1] * rows
        return x, y

    def moved(self, x: float, y: float) -> Mapping:
        """The same window where the source's own origin lies at (x, y)."""
        return Mapping((self.origin[0] - x, self.origin[1] - y), self.across, self.down, self.width, self.height)


def mapping_of(framing: Framing, width: int, height: int, pixel_aspect: float) -> Mapping:
    """Where each pixel of the reframed plate lies in the plate, counted from its display window's corner.

    The roll turns the picture as it is seen: pixels that are wider than high are squared first.
    """
    angle = np.deg2rad(framing.roll_degrees)
    cosine, sine = (float(np.cos(angle)), float(np.sin(angle))) if framing.roll_degrees else (1.0, 0.0)
    across = (cosine / framing.punch_in, sine * pixel_aspect / framing.punch_in)
    down = (-sine / pixel_aspect / framing.punch_in, cosine / framing.punch_in)
    centre = (width * (0.5 + framing.pan) - 0.5, height * (0.5 - framing.tilt) - 0.5)
    middle = ((width - 1) / 2, (height - 1) / 2)
    origin = (
        centre[0] - across[0] * middle[0] - down[0] * middle[1],
        centre[1] - across[1] * middle[0] - down[1] * middle[1],
    )
    return Mapping(origin, across, down, width, height)


def overflow(mapping: Mapping, width: int, height: int) -> tuple[int, int, int, int]:
    """How many source pixels the window leaves the frame by: left, top, right, bottom; 0 where it stays inside."""
    corners = [
        (
            mapping.origin[0] + mapping.across[0] * column + mapping.down[0] * row,
            mapping.origin[1] + mapping.across[1] * column + mapping.down[1] * row,
        )
        for column in (0, mapping.width - 1)
        for row in (0, mapping.height - 1)
    ]
    x, y = [corner[0] for corner in corners], [corner[1] for corner in corners]
    beyond = (-0.5 - min(x), -0.5 - min(y), max(x) - (width - 0.5), max(y) - (height - 0.5))
    left, top, right, bottom = (max(0, int(np.ceil(pixels - 1e-9))) for pixels in beyond)
    return left, top, right, bottom
