"""Frames that an artist fixed by hand: they stand at the output's place, stay as they are, and guide the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from interneg.errors import PlateError, RequestError
from interneg.plates.exr import read_exr
from interneg.plates.frames import FrameRange, Pattern
from interneg.plates.plate import Plate

Matte = npt.NDArray[np.bool_]

EITHER_SIDE = 2  # anchors before and behind a frame that guide it: further ones lie behind these
ROUNDED = 2.0**-10  # of a value: what writing it as half may cost


class Anchors:
    """The hand-fixed frames of a job by number; they are read from where finished frames go."""

    def __init__(self, output: Pattern, numbers: Sequence[int] = ()) -> None:
        self._output = output
        self.numbers = tuple(sorted(numbers))

    def __contains__(self, number: int) -> bool:
        return number in self.numbers

    def read(self, number: int, like: Plate) -> Plate:
        """That frame as the artist left it.

        Raises:
            PlateError: it cannot be read, or has another size than the plate.
        """
        path = self._output.path(number)
        fixed = read_exr(path)
        if fixed.rgb.shape != like.rgb.shape:
            raise PlateError(
                f"anchor {path}: {fixed.width} x {fixed.height} pixels where the plate has {like.width} x "
                f"{like.height}; fix the frame at the plate's size"
            )
        return fixed

    def near(self, number: int) -> list[int]:
        """The anchors that guide that frame, nearest first."""
        before = [anchor for anchor in self.numbers if anchor < number][-EITHER_SIDE:]
        behind = [anchor for anchor in self.numbers if anchor > number][:EITHER_SIDE]
        return sorted((*before, *behind), key=lambda anchor: (abs(anchor - number), anchor))


def anchors_of(output: Pattern, ranges: Sequence[FrameRange], frames: Sequence[int]) -> Anchors:
    """The anchors of a wish; each stands at the output's place, and belongs to the plate.

    Raises:
        RequestError: one does not.
    """
    there = set(frames)
    for asked in ranges:
        if len(asked) > len(there) or not there.issuperset(asked):
            raise RequestError(f"--anchor {asked}: the plate has no such frames; it has {frames[0]}-{frames[-1]}.")
    numbers = sorted({number for asked in ranges for number in asked})
    missing = next((number for number in numbers if not output.path(number).is_file()), None)
    if missing is not None:
        raise RequestError(
            f"--anchor {missing}: no finished frame stands at {output.path(missing)}; an anchor is a frame that you "
            "fixed by hand and put in its place there."
        )
    return Anchors(output, numbers)


def strayed(fixed: Plate, plate: Plate, hole: Matte) -> int:
    """How many pixels of an anchor differ from the plate outside the matte, beyond what writing as half rounds."""
    finite = np.isfinite(plate.rgb).all(axis=-1) & np.isfinite(fixed.rgb).all(axis=-1)
    slack = np.abs(plate.rgb) * ROUNDED + 2.0**-24  # half's least step
    with np.errstate(invalid="ignore"):
        differs = (np.abs(fixed.rgb - plate.rgb) > slack).any(axis=-1)
    return int((differs & finite & ~hole).sum())
