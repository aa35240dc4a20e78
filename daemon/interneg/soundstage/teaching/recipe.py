"""How every expert is taught, each number with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType

SHARES: Mapping[str, float] = MappingProxyType(
    {"intrinsics": 0.34, "lamp": 0.36, "wires": 0.14, "spatial": 0.08, "fill": 0.08}
)
"""Of the whole time, by how long each still gained in trials: pictures of light need most."""

DECISIVE = (
    "warm_up_steps",
    "last_rate",
    "weight_decay",
    "second_moment",
    "greatest_gradient",
    "average_memory",
)


@dataclass(frozen=True)
class TeachingRecipe:
    """How an expert is taught; what differs between experts is in its lesson."""

    warm_up_steps: int = 200  # AdamW's averages mean nothing before
    last_rate: float = 0.02  # of the highest learning rate, reached at the end by a cosine
    weight_decay: float = 1e-2  # of AdamW: thousands of steps on few scenes learn them by heart without it
    second_moment: float = 0.99  # quicker to follow than 0.999: a run has thousands of steps, not millions
    greatest_gradient: float = 1.0
    average_memory: float = 16.0  # the averaged weights look back over about a sixteenth of the steps so far
    prefetched: int = 4  # batches drawn ahead
    held_out_batches: int = 8  # for the held-out loss: enough for a curve, a few seconds a minute
    report_seconds: float = 10.0
    keep_seconds: float = 45.0  # between checkpoints: an interrupted run loses less than a minute
    refresh_seconds: float = 60.0  # between looks for newly rendered scenes
    plot_seconds: float = 300.0
    broken_steps: int = 50  # without a finite loss, one after another: then the lesson is at fault

    def as_header(self) -> dict[str, float | int | str]:
        """What of the recipe decides the weights, as it stands in their header."""
        return {name: value for name, value in asdict(self).items() if name in DECISIVE}
