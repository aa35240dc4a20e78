"""The authorities: what holds for every finished frame, whatever a network says.

Every operator has exactly one. A frame that breaks it is refused before it is written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interneg.errors import RestraintError
from interneg.operators.detail import BARE, Detail, log2_of, near, power_of
from interneg.operators.performers import WIDEST, widths_across

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

BEYOND_SEEN = 0.03  # log units by which a seen pixel may leave the range of what other frames show
BEYOND_UNSEEN = 0.10  # log units by which a made-up pixel may leave the range of its candidates
SLACK = 1e-4  # log units of float rounding through the encoding and back

DRAWN = 0.2  # of the plate's own fine detail that a gain may have over all: the two still correlate by 0.98
DRAWN_NEARBY = 0.5  # of it within any one neighbourhood
BARE_NEARBY = 0.012  # stops of detail in a neighbourhood where the plate has none: under a hundredth, nobody sees it
MOST_EDGES = 0.5  # of a frame that shadows' edges may take up: beyond it they are noise
DARKEST_GAIN = 2.0**-8  # of the greatest: what a gain does below it nobody sees


@dataclass(frozen=True, eq=False)
class FillEvidence:
    """What a fill is judged by: what was allowed to change, and what the footage shows there.

    Convention: `hole` (H, W); `low`, `high` (N, 3) the range of all candidates in log and `seen` (N,) bool, in the
        order of `np.nonzero(hole)`; `grain` the greatest deviation that grain may add, in log. `performers` (N,) bool
        lie inside a performer: there `low` and `high` are what stands there without any network, and what was not
        seen is `bridged` or `kept` (N,) bool. None: nobody was told of.
    """

    hole: Matte
    low: Pixels
    high: Pixels
    seen: Matte
    grain: float
    performers: Matte | None = None
    bridged: Matte | None = None
    kept: Matte | None = None


def check_fill(source: Pixels, result: Pixels, result_log: Pixels, evidence: FillEvidence) -> None:
    """Holds a fill to its authority: outside the hole the input bit for bit, inside it what the footage shows.

    Convention: source and result (H, W, 3) scene-linear; result_log (N, 3) the filled pixels in log.

    Raises:
        RestraintError: a pixel outside changed, or one inside is not finite or leaves the range of its candidates.
    """
    if source.shape != result.shape:
        raise RestraintError(f"The fill gave {result.shape} where the plate is {source.shape}: the frame is refused.")
    differs = source.view(np.uint32) != result.view(np.uint32)
    places = np.nonzero(evidence.hole)
    if np.count_nonzero(differs) != np.count_nonzero(differs[places]):
        changed = int((differs.any(axis=-1) & ~evidence.hole).sum())
        raise RestraintError(f"The fill changed {changed} pixels outside the matte: the frame is refused.")
    nobody = np.zeros(len(result_log), bool)
    performers, kept = (nobody if part is None else part for part in (evidence.performers, evidence.kept))
    if not np.isfinite(result[places][~kept]).all() or not np.isfinite(result_log).all():
        raise RestraintError("The fill gave values that are not finite inside the matte: the frame is refused.")
    departure = np.where(performers, 0, np.where(evidence.seen, BEYOND_SEEN, BEYOND_UNSEEN))  # inside them: grain alone
    reach = departure[:, None] + evidence.grain + SLACK
    beyond = np.where(kept[:, None], -1, np.maximum(evidence.low - result_log, result_log - evidence.high) - reach)
    if beyond.size and beyond.max() > 0:
        count = int((beyond > 0).any(axis=1).sum())
        raise RestraintError(
            f"The fill left the range of what the footage shows at {count} pixels, by up to {float(beyond.max()):.3f} "
            "log units: the frame is refused. Use another model (`--model classical` needs none)."
        )


def check_performers(source: Pixels, result: Pixels, synthesised: Pixels, evidence: FillEvidence) -> None:
    """Holds a fill to what it may do inside performers: nothing made up, short bridges, or not one bit changed.

    Convention: source and result (H, W, 3) scene-linear; synthesised (N,) the share made up, by `np.nonzero(hole)`.

    Raises:
        RestraintError: something was made up inside a performer, bridged across too much, or is not as it was.
    """
    if evidence.performers is None or evidence.bridged is None or evidence.kept is None:
        return
    inside, bridged, kept = evidence.performers, evidence.bridged, evidence.kept
    filled = inside & ~bridged & ~kept
    if not (synthesised[inside] == 0).all() or (filled & ~evidence.seen).any():
        raise RestraintError("The fill made something up inside a performer: the frame is refused.")
    if ((bridged | kept) & ~inside).any() or (bridged & kept).any():
        raise RestraintError("The fill bridged or kept pixels that no performer has: the frame is refused.")
    before, after = source[evidence.hole][kept], result[evidence.hole][kept]
    if (before.view(np.uint32) != after.view(np.uint32)).any():
        raise RestraintError("The fill changed pixels of a performer that it was to keep: the frame is refused.")
    rows, columns = (places[bridged] for places in np.nonzero(evidence.hole))
    hidden = evidence.hole | ~np.isfinite(source).all(axis=-1)
    if not np.isfinite(widths_across(hidden, rows, columns)).all():
        raise RestraintError(f"The fill bridged more than {WIDEST} pixels of a performer: the frame is refused.")


def check_mattes(
    seen: Pixels, synthesised: Pixels, hole: Matte, bridged: Pixels | None = None, kept: Pixels | None = None
) -> None:
    """Holds the delivered mattes to the truth: what the matte covers is seen, made up, bridged or kept, no more is.

    Raises:
        RestraintError: they say otherwise.
    """
    parts = [part for part in (seen, synthesised, bridged, kept) if part is not None]
    places = np.nonzero(hole)
    inside = np.stack([part[places] for part in parts])
    beyond = any(
        np.count_nonzero(part != 0) != np.count_nonzero(share) for part, share in zip(parts, inside, strict=True)
    )
    if beyond or not (inside >= 0).all() or not (np.abs(inside.sum(axis=0) - 1) <= 1e-3).all():
        raise RestraintError(
            "The seen, synthesised, bridged and kept mattes do not add up to what the matte covers: the frame is "
            "refused."
        )


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


def check_measure(plate: Pixels, matte: Pixels) -> None:
    """Holds a measure to its authority: coverage beside the plate, of its size, and the plate itself untouched.

    Convention: plate (H, W, 3), matte (H, W).

    Raises:
        RestraintError: the matte has another size, or values that are no coverage.
    """
    if matte.shape != plate.shape[:2]:
        raise RestraintError(f"The matte is {matte.shape} where the plate is {plate.shape[:2]}: the frame is refused.")
    if matte.size and not (np.isfinite(matte).all() and matte.min() >= 0 and matte.max() <= 1):
        raise RestraintError("The matte has values that are no coverage in [0, 1]: the frame is refused.")


@dataclass(frozen=True, eq=False)
class LightEvidence:
    """What a relight is judged by.

    Convention: `changed` (H, W) where it may act; `judged` (H, W) where its gain may not have detail of its own: all
        but the edges of shadows, and performers everywhere. `edges` is the share of the frame that the edges take up
        where it holds light, `greatest` the gain that the rig and its limits allow, `detail` the plate's own.
    """

    changed: Matte
    judged: Matte
    edges: float
    greatest: float
    detail: Detail


def check_light(plate: Pixels, result: Pixels, gain: Pixels, evidence: LightEvidence) -> None:
    """Holds a relight to its authority: the plate times a gain that is light, and never draws.

    Convention: all (H, W, 3), scene-linear.

    Raises:
        RestraintError: the result is not plate times gain, the gain is not finite, negative or beyond its limits, it
            has fine detail that the plate has not, or a pixel outside the matte changed.
    """
    refused = "the frame is refused. Use another model (`--model base`), or a gentler rig."
    inside = gain if evidence.changed.all() else gain[evidence.changed]
    if not np.isfinite(inside).all() or inside.min(initial=0) < 0 or inside.max(initial=0) > evidence.greatest:
        raise RestraintError(f"The relight's gain is not finite, negative or above {evidence.greatest:g}: {refused}")
    expected = plate * gain
    if inside is not gain:
        expected[~evidence.changed] = plate[~evidence.changed]
    if (result.view(np.uint32) != expected.view(np.uint32)).any():
        same = (result == expected) | (np.isnan(result) & np.isnan(expected))
        if not same.all():
            raise RestraintError(
                f"The relight is not the plate times its gain at {int((~same).sum())} values: {refused}"
            )
    if evidence.edges > MOST_EDGES:
        raise RestraintError(f"The lamps' shadows have edges over {evidence.edges:.0%} of the frame: {refused}")
    _check_detail(evidence.detail, gain, evidence.judged & evidence.changed, refused)


def _check_detail(plate: Detail, gain: Pixels, judged: Matte, refused: str) -> None:
    """Passes a gain whose fine detail is small beside the plate's own wherever it is judged."""
    if not judged.any():
        return
    log = log2_of(np.maximum(gain, np.float32(max(float(gain.max()) * DARKEST_GAIN, 1e-20))))
    drawn = power_of(log)
    drawn *= plate.felt
    drawn *= plate.felt
    drawn *= judged
    own = float((plate.power * judged).sum())
    if float(drawn.sum()) > DRAWN**2 * own + (2 * BARE) ** 2 * int(judged.sum()):
        share = float(np.sqrt(drawn.sum() / max(own, 1e-20)))
        raise RestraintError(f"The relight's gain draws: it has {share:.2f} of the plate's own fine detail: {refused}")
    beyond = near(drawn) > DRAWN_NEARBY**2 * near(plate.power) + BARE_NEARBY**2
    if beyond.any():
        raise RestraintError(f"The relight's gain draws around {int(beyond.sum())} pixels: {refused}")
