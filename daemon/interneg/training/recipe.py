"""Every hyper-parameter of learning, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

SHARES: Mapping[str, float] = MappingProxyType({"fill": 0.35, "spatial": 0.32, "wires": 0.2, "intrinsics": 0.13})
"""Of the time, by how long each still gained in trials."""

KEPT_BYTES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "handfuls_kept": (32, 220_000),
        "spatial_kept": (12, 310_000),
        "wires_backings": (2, 28_000_000),
        "intrinsics_pairs": (8, 2_000_000),
    }
)
"""How few examples of each kind are kept at the least, and the bytes of one; they are never kept at the same time."""


@dataclass(frozen=True)
class Recipe:
    """How a show's experts are learnt."""

    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)

    window_width: int = 640  # pixels cut from a plate: motion is found as in a whole plate, at a third of the cost
    window_height: int = 384
    offsets: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 12, 16)  # frames read to each side; further ones teach nothing new
    draws_per_clip: int = 3  # holes cut in one reading of 17 frames: reading is what costs on large takes
    handfuls_kept: int = 3000  # 0.7 GB; older ones give way to new ones
    handfuls_before_learning: int = 60  # below that the first steps learn one frame by heart
    cut_until: float = 0.55  # share of the budget in which the cores cut holes: steps are quicker when they have both
    steps_per_clip: int = 60  # afterwards: a new clip for so many steps
    batch: int = 32  # handfuls
    learning_rate: float = 3e-3  # AdamW; a third of it gained a tenth less on thirty holes
    last_learning_rate: float = 1e-4  # reached at the end of the budget, by a cosine
    weight_decay: float = 1e-4
    average: float = 0.98  # of the weights, over about fifty steps: what is reviewed and kept
    held_out_share: float = 0.2  # of the takes, at least one
    profile_share: float = 0.1  # of the time, for measuring takes that were not measured yet
    review_clips: int = 6  # held-out clips, two draws each; enough for a tenth of a dB
    review_draws: int = 2
    review_budget_share: float = 0.25  # of the time, for building what is held out
    circle_margin_db: float = 0.02  # a candidate must beat what it replaces by more than rounding
    spatial_batch: int = 6  # pictures, two tiles each
    spatial_learning_rate: float = 1e-3
    spatial_last_learning_rate: float = 3e-5
    spatial_first: int = 24  # parts of frames before the first step
    spatial_kept: int = 600  # parts: 0.2 GB
    spatial_parts: int = 8  # of a frame that is read: more look alike
    spatial_steps_a_frame: int = 2  # afterwards: a new frame for so many steps
    spatial_review: int = 24  # held-out frames
    wires_batch: int = 6  # pictures
    wires_learning_rate: float = 5e-4  # a quarter of the base's: it is nearly right already
    wires_last_learning_rate: float = 2e-5
    wires_steps_a_frame: int = 4  # reading one takes as long as drawing and learning from three batches
    wires_backings: int = 48  # frames kept to hang wires in: some tens of MB each at 4K
    wires_review: int = 16  # held-out plates
    circle_margin_iou: float = 0.002
    intrinsics_batch: int = 4  # pairs
    intrinsics_learning_rate: float = 2e-4  # low: the base is the teacher, and nothing here says more than it knows
    intrinsics_last_learning_rate: float = 1e-5
    intrinsics_pairs: int = 200  # kept: 2 MB each
    intrinsics_review: int = 24  # held-out pairs
    seed: int = 20261121

    def within(self, memory_bytes: int) -> "Recipe":
        """The recipe with as many examples kept as go into that memory, and a batch at the least."""
        fewer = {
            name: max(least, min(getattr(self, name), memory_bytes // each_bytes))
            for name, (least, each_bytes) in KEPT_BYTES.items()
        }
        return replace(self, **fewer)

    def as_header(self) -> dict[str, float | int | str]:
        """The recipe as it stands in a model's header."""
        plain = (int, float, str)
        return {key: value if isinstance(value, plain) else str(value) for key, value in vars(self).items()}
