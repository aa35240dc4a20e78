"""A finished frame with what is told of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interneg.plates.plate import FinishedFrame, Plate


@dataclass(frozen=True, eq=False)
class Answer:
    """One frame, ready to be written: shares are of the changed pixels, in [0, 1].

    Convention: `is_kept` where it stands at its place already, fixed by hand, and is not written.
    """

    finished: FinishedFrame
    seen: float
    synthesised: float
    notices: tuple[str, ...] = ()
    is_kept: bool = False
    bridged: float = 0.0
    kept: float = 0.0


def notices_of(plate: Plate) -> tuple[str, ...]:
    """What an artist should know of that plate: what its file said, and values that are no light."""
    finite = np.isfinite(plate.rgb)
    count = 0 if finite.all() else int((~finite).any(axis=-1).sum())
    strange = (f"{count} pixels of the plate are NaN or infinite; they are kept where they are",) if count else ()
    return (*plate.notices, *strange)


def share_of(part: npt.NDArray[np.float32]) -> float:
    """The mean of a share over the changed pixels; 0 where nothing changed."""
    return float(part.mean()) if part.size else 0.0
