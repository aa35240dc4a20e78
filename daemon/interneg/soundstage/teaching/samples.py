"""What is scored: one sample a task, scene and shift, with our figure beside the baselines'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from interneg.soundstage.teaching.shifts import AS_SHOT

Pixels = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]

OURS = "ours"


@dataclass(frozen=True, eq=False)
class Sample:
    """One measured thing.

    Convention: values are in the task's unit, `OURS` among them; kind is the scene's kind of set. pictures are display
    codes (h, w, 3) by caption, for the contact sheets alone.
    """

    task: str
    seed: int
    kind: str
    values: Mapping[str, float]
    shift: str = AS_SHOT
    pictures: Mapping[str, Codes] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The scene, as it is found on the stage."""
        return f"{self.seed:06d} {self.kind}"


def codes(pictures: Mapping[str, Pixels]) -> dict[str, Codes]:
    """Display codes of 8 bits from such in [0, 1]: many are kept until it is known which are shown."""
    return {name: np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8) for name, picture in pictures.items()}
