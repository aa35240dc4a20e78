"""What a network of the base model is taught by: every lesson looks like this to the loop."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from torch import Tensor, nn

HELD_OUT_OF = 8  # one scene in so many is never learnt from: enough for steady figures, few enough to miss little


class Lesson(Protocol):
    """One expert's lesson.

    Convention: `draw` may be called from several threads at once, and while `refresh` reads; `refresh` from one at a
    time. A constructor takes `(stage: Path, taught: Callable[[int], bool])`, where taught(seed) says whether a
    scene may be learnt from; the loop passes `is_taught`, or its opposite for the held-out loss.
    """

    expert: str  # its name in the weights file: intrinsics, lamp, wires, spatial, fill
    learning_rate: float  # AdamW's, at its highest

    def network(self) -> nn.Module:
        """A fresh network; the caller has set torch's seed."""

    def refresh(self) -> int:
        """How many scenes there are to learn from, after those rendered since have been read."""

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """One batch on the CPU; called in the background while the network learns."""

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """How far the network is from the truth of the batch."""


def is_taught(seed: int) -> bool:
    """Whether a scene of that seed may be learnt from."""
    return seed % HELD_OUT_OF != HELD_OUT_OF - 1


def is_held_out(seed: int) -> bool:
    """Whether a scene of that seed is kept for the score."""
    return not is_taught(seed)
