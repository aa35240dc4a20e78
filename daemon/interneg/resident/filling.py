"""Filling a hole of a shot: candidates, the experts, grain, and the restraint that holds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch

from interneg.errors import RestraintError
from interneg.model.fill import refined
from interneg.model.guess import with_guess
from interneg.operators.candidates import Candidates, Neighbour, gathered
from interneg.operators.motion import LUMA, View
from interneg.operators.witnesses import NOBODY, Beside
from interneg.plates.colour import linear_from_log
from interneg.plates.grain import LIMIT, measure_grain
from interneg.resident.experts import Experts
from interneg.restraints import FillEvidence

Pixels = npt.NDArray[np.float32]

KEPT_BY_INTERPOLATION = 0.25  # of the grain's variance, across a hole from its two ends


@dataclass(frozen=True, eq=False)
class Filler:
    """What every frame of a job is filled with."""

    experts: Experts
    device: torch.device
    seed: int
    checkpoint: Callable[[], None]


@dataclass(frozen=True, eq=False)
class Filled:
    """A filled hole, in the order of `np.nonzero(hole)`: linear (N, 3), log (N, 3), the share made up (N,)."""

    linear: Pixels
    log: Pixels
    synthesised: Pixels
    evidence: FillEvidence
    sources: Mapping[str, float] = field(default_factory=dict)


def filled(
    target: View, neighbour: Neighbour, filler: Filler, is_border: bool = False, beside: Beside = NOBODY
) -> Filled:
    """The hole of that frame, filled from the shot, by the experts where there are any, with the plate's own grain.

    Raises:
        RestraintError: an expert answered with values that are not finite, or beyond its own bound.
        CancelledJobError: the job was cancelled meanwhile.
    """

    def asked(offset: int) -> View | None:
        filler.checkpoint()
        return neighbour(offset)

    candidates = gathered(target, asked, is_border, beside)
    filler.checkpoint()
    candidates = with_guess(filler.experts.spatial, target.log, target.known, candidates, filler.device)
    filler.checkpoint()
    log, synthesised = _answer(target, candidates, filler)
    if not np.isfinite(log).all():
        raise RestraintError("The model answered with values that are not finite: the frame is refused.")
    grain, greatest = _missing_grain(target, candidates, log, filler.seed)
    log = (log + grain).astype(np.float32)
    evidence = FillEvidence(target.hole, candidates.low, candidates.high, candidates.seen, greatest)
    return Filled(linear_from_log(log), log, synthesised, evidence, candidates.sources)


def _answer(target: View, candidates: Candidates, filler: Filler) -> tuple[Pixels, Pixels]:
    if filler.experts.network is None:
        return candidates.classical, 1 - candidates.sight
    answer = refined(filler.experts.network, target.log, candidates, filler.device)
    made_up = np.where(candidates.seen, 0, np.clip(answer.synthesised, 0, 1))
    return answer.log, made_up.astype(np.float32)


def _missing_grain(target: View, candidates: Candidates, log: Pixels, seed: int) -> tuple[Pixels, float]:
    """The grain (N, 3) that merging and interpolating have lost, fresh for each frame, and its greatest deviation."""
    grain = measure_grain(target.log, target.known)
    if grain is None:
        return np.zeros_like(log), 0.0
    share = candidates.sight
    kept = share * candidates.kept_noise + (1 - share) * KEPT_BY_INTERPOLATION
    missing = np.sqrt(np.clip(1 - kept, 0, 1))[:, None]
    drawn = grain.drawn(target.hole.shape, seed, target.frame)[target.hole]
    return (drawn * grain.sigma_at(log @ LUMA) * missing).astype(np.float32), LIMIT * float(grain.sigma.max())
