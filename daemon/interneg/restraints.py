"""The authorities: what holds for every finished frame, whatever a network says.

Every operator has exactly one. A frame that breaks it is refused before it is written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interneg.errors import RestraintError

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

BEYOND_SEEN = 0.03  # log units by which a seen pixel may leave the range of what other frames show
BEYOND_UNSEEN = 0.10  # log units by which a made-up pixel may leave the range of its candidates
SLACK = 1e-4  # log units of float rounding through the encoding and back


@dataclass(frozen=True, eq=False)
class FillEvidence:
    """What a fill is judged by: what was allowed to change, and what the footage shows there.

    Convention: `hole` (H, W); `low`, `high` (N, 3) the range of all candidates in log and `seen` (N,) bool, in the
        order of `np.nonzero(hole)`; `grain` the greatest deviation that grain may add, in log.
    """

    hole: Matte
    low: Pixels
    high: Pixels
    seen: Matte
    grain: float


def check_fill(source: Pixels, result: Pixels, result_log: Pixels, evidence: FillEvidence) -> None:
    """Holds a fill to its authority: outside the hole the input bit for bit, inside it what the footage shows.

    Convention: source and result (H, W, 3) scene-linear; result_log (N, 3) the filled pixels in log.

    Raises:
        RestraintError: a pixel outside changed, or one inside is not finite or leaves the range of its candidates.
    """
    if source.shape != result.shape:
        raise RestraintError(f"The fill gave {result.shape} where the plate is {source.shape}: the frame is refused.")
    outside = ~evidence.hole
    changed = (source.view(np.uint32) != result.view(np.uint32)).any(axis=-1) & outside
    if changed.any():
        raise RestraintError(f"The fill changed {int(changed.sum())} pixels outside the matte: the frame is refused.")
    if not np.isfinite(result[evidence.hole]).all() or not np.isfinite(result_log).all():
        raise RestraintError("The fill gave values that are not finite inside the matte: the frame is refused.")
    reach = np.where(evidence.seen, BEYOND_SEEN, BEYOND_UNSEEN)[:, None] + evidence.grain + SLACK
    beyond = np.maximum(evidence.low - result_log, result_log - evidence.high) - reach
    if beyond.size and beyond.max() > 0:
        count = int((beyond > 0).any(axis=1).sum())
        raise RestraintError(
            f"The fill left the range of what the footage shows at {count} pixels, by up to {float(beyond.max()):.3f} "
            "log units: the frame is refused. Use another model (`--model classical` needs none)."
        )


def check_mattes(seen: Pixels, synthesised: Pixels, hole: Matte) -> None:
    """Holds the delivered mattes to the truth: every changed pixel is seen or made up, nothing else is either.

    Raises:
        RestraintError: they say otherwise.
    """
    total = seen + synthesised
    shares = np.isfinite(total).all() and min(seen.min(), synthesised.min()) >= 0
    if not shares or (total[~hole] != 0).any() or (np.abs(total[hole] - 1) > 1e-3).any():
        raise RestraintError("The seen and synthesised mattes do not add up to what was changed: the frame is refused.")


def check_frame(result: Pixels, low: Pixels, high: Pixels, inside: Matte) -> None:
    """Holds a reframe to its authority: inside the source frame each value lies within its source pixels' range.

    Convention: all (H, W, C) but inside (H, W); where the range is not finite the result is that very value.

    Raises:
        RestraintError: a value lies outside its range.
    """
    value, least, greatest = result[inside], low[inside], high[inside]
    finite = np.isfinite(least) & np.isfinite(greatest)
    strange = np.where(np.isfinite(least), greatest, least)
    kept = (value == strange) | (np.isnan(value) & np.isnan(strange))
    wrong = ~np.where(finite, (value >= least) & (value <= greatest), kept)
    if wrong.any():
        raise RestraintError(
            f"The reframe left the range of its source pixels at {int(wrong.any(axis=-1).sum())} pixels: the frame is "
            "refused."
        )
