"""Filling a hole of a shot: candidates, the experts, grain, and the restraint that holds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import torch

from interneg.errors import RestraintError
from interneg.model.fill import refined, with_merge
from interneg.model.guess import with_guess
from interneg.operators.candidates import Candidates, Neighbour, gathered
from interneg.operators.motion import View
from interneg.operators.performers import Performed, performed
from interneg.operators.steadying import Patched, Picture, Steadied, followed, steadied
from interneg.operators.unmix import believed, unmixed
from interneg.operators.witnesses import NOBODY, Beside
from interneg.plates.camera_grain import CameraGrain
from interneg.plates.colour import linear_from_log, log_from_linear
from interneg.plates.grain import Grain
from interneg.resident.experts import Experts
from interneg.resident.found import FoundFolder, Nowhere
from interneg.resident.graining import kept_grain, missing_grain, plates_grain
from interneg.restraints import BEYOND_UNSEEN, FillEvidence

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Filler:
    """What every frame of a job is filled with; `grain` is how strong the plate's own is put back."""

    experts: Experts
    device: torch.device
    seed: int
    checkpoint: Callable[[], None]
    camera: CameraGrain | None = None
    found: FoundFolder | Nowhere = field(default_factory=Nowhere)
    grain: float = 1.0


@dataclass(frozen=True, eq=False)
class Filled:
    """A filled hole, in the order of `np.nonzero(hole)`.

    Convention: linear (N, 3), log (N, 3), the share made up (N,); `bridged` and `kept` (N,) bool inside performers:
        what is kept stays as it is, bit for bit, whatever `linear` says.
    """

    linear: Pixels
    log: Pixels
    synthesised: Pixels
    bridged: Matte
    kept: Matte
    evidence: FillEvidence
    sources: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Raw:
    """What one frame answers by itself, before those beside it are heard and grain is put back, by `np.nonzero(hole)`.

    Convention: log (N, 3), the share made up (N,); `own` is None where the plate itself holds nothing; `grain` is the
        plate's, None where it has none, and `kept` (N, BANDS) the share of it that is in the answer already.
    """

    candidates: Candidates
    people: Performed
    own: Own | None
    log: Pixels
    synthesised: Pixels
    grain: Grain | None
    kept: Pixels

    @property
    def reach(self) -> Candidates:
        """The candidates, their range as wide as the answer's may be."""
        return self.candidates if self.own is None else self.own.widened(self.candidates)

    @property
    def held(self) -> Pixels:
        """The answer (N, 3), within what may be delivered at all: what lies beyond is refused, and misleads nobody."""
        reach = self.reach
        held = np.clip(self.log, reach.low - BEYOND_UNSEEN, reach.high + BEYOND_UNSEEN)
        return np.asarray(np.where(self.people.inside[:, None], self.log, held), np.float32)

    def picture(self, target: View) -> Patched:
        """The whole frame with that answer in it."""
        return Patched(target.log, target.places, self.held, self.synthesised, self.kept)


def filled(
    target: View, neighbour: Neighbour, filler: Filler, is_border: bool = False, beside: Beside = NOBODY
) -> Filled:
    """The hole of that frame, filled from the shot, by the experts where there are any, with the plate's own grain.

    Raises:
        RestraintError: an expert answered with values that are not finite, or beyond its own bound.
        CancelledJobError: the job was cancelled meanwhile.
    """
    return finished(target, raw_of(target, neighbour, filler, is_border, beside), filler)


def raw_of(target: View, neighbour: Neighbour, filler: Filler, is_border: bool = False, beside: Beside = NOBODY) -> Raw:
    """What that frame answers by itself.

    Raises:
        RestraintError: an expert answered with values that are not finite, or beyond its own bound.
        CancelledJobError: the job was cancelled meanwhile.
    """

    def asked(offset: int) -> View | None:
        filler.checkpoint()
        return neighbour(offset)

    with filler.found.at(target) as analyses:
        candidates = gathered(target, asked, is_border, beside, analyses)
    people = performed(target, candidates)
    filler.checkpoint()
    spatial, device = filler.experts.spatial, filler.device
    candidates = with_merge(filler.experts.network, candidates, device, target.places)
    candidates = with_guess(spatial, target.log, target.known, candidates, device, target.places)
    filler.checkpoint()
    log, synthesised = _answer(target, candidates, filler)
    if not (np.isfinite(log).all() and np.isfinite(synthesised).all()):
        raise RestraintError("The model answered with values that are not finite: the frame is refused.")
    own = own_of(target, candidates) if not is_border else None
    if own is not None:
        log, synthesised = own.over(log), (synthesised * (1 - own.share)).astype(np.float32)
    log = np.where(people.inside[:, None], people.log, log)
    grain = plates_grain(target, asked, filler.camera, filler.found.grain)
    kept = kept_grain(target, candidates, people, grain)
    kept = kept if own is None else own.kept_noise(kept)
    made_up = np.where(people.inside, 0, synthesised).astype(np.float32)
    return Raw(candidates, people, own, log, made_up, grain, kept)


def raw_beside(target: View, raw: Raw, beside: Mapping[int, Picture | Patched]) -> Raw:
    """That answer together with those of the frames beside it, by how far away they are, as their own motion goes."""
    ways = raw.candidates.ways
    pairs = [(picture, ways[offset]) for offset, picture in beside.items() if offset in ways]
    return _steadier(raw, followed(raw.picture(target), pairs, target.hole)) if pairs else raw


def steady_raw(target: View, raw: Raw, beside: Sequence[Picture | Patched]) -> Raw:
    """What frames say together, steadied once more, as the pictures themselves go on."""
    return _steadier(raw, steadied(raw.picture(target), beside, target.hole)) if beside else raw


def _steadier(raw: Raw, steady: Steadied) -> Raw:
    """That answer steadied, where it may be: not inside performers, nor where it is held."""
    reach = raw.reach
    low, high = np.minimum(reach.low, raw.log), np.maximum(reach.high, raw.log)
    alone = raw.people.inside | (raw.held != raw.log).any(axis=1)
    log = np.where(alone[:, None], raw.log, np.clip(steady.log, low, high)).astype(np.float32)
    return replace(raw, log=log, kept=np.where(alone[:, None], raw.kept, steady.kept))


def finished(target: View, raw: Raw, filler: Filler) -> Filled:
    """That answer with the plate's own grain."""
    people, reach, log, kept = raw.people, raw.reach, raw.log, raw.kept
    grain, greatest = missing_grain(target, kept, log, raw.grain, filler.seed)
    log, greatest = (log + filler.grain * grain).astype(np.float32), filler.grain * greatest
    evidence = _evidence(target, reach, people, greatest)
    sources = raw.candidates.sources
    return Filled(linear_from_log(log), log, raw.synthesised, people.bridged, people.kept, evidence, sources)


@dataclass(frozen=True, eq=False)
class Own:
    """What the plate itself holds of the background (N, 3) in log, and how far it is believed (N,).

    Convention: `plate` (N, 3) is the plate in log, `coverage` (N,) the wire's.
    """

    log: Pixels
    weight: Pixels
    plate: Pixels
    coverage: Pixels

    @property
    def share(self) -> Pixels:
        """The share of the answer that is the plate's own light (N,)."""
        return np.asarray(self.weight * (1 - self.coverage), np.float32)

    def over(self, log: Pixels) -> Pixels:
        """An answer (N, 3), as far as the plate itself is believed replaced by what it holds."""
        return np.asarray(log + self.weight[:, None] * (self.log - log), np.float32)

    def kept_noise(self, kept: Pixels) -> Pixels:
        """The share of the grain's power in that answer, where the rest has kept so much (N, BANDS)."""
        return np.asarray((self.weight**2)[:, None] + ((1 - self.share) ** 2)[:, None] * kept, np.float32)

    def widened(self, candidates: Candidates) -> Candidates:
        """The candidates, their range up to the plate's own values where those are believed at all."""
        chosen = (self.weight > 0)[:, None]
        low = np.where(chosen, np.minimum(candidates.low, self.plate), candidates.low)
        high = np.where(chosen, np.maximum(candidates.high, self.plate), candidates.high)
        return replace(candidates, low=low, high=high)


def own_of(target: View, candidates: Candidates) -> Own:
    """The hole's half-covered pixels, never beyond what was seen on one side and the plate's own on the other."""
    plate, background = target.log[target.places], candidates.classical.astype(np.float32)
    mixed = unmixed(target, linear_from_log(plate), linear_from_log(background), candidates)
    log = log_from_linear(mixed.linear)
    weight = believed(mixed, log, background, candidates)
    log = np.clip(log, np.minimum(candidates.low, plate), np.maximum(candidates.high, plate))
    return Own(log, weight, plate, mixed.coverage)


def _evidence(target: View, candidates: Candidates, people: Performed, grain: float) -> FillEvidence:
    """What the fill is judged by; inside performers by what stands there without any network."""
    if target.performers is None:
        return FillEvidence(target.hole, candidates.low, candidates.high, candidates.seen, grain)
    low, high = (np.where(people.inside[:, None], people.log, bound) for bound in (candidates.low, candidates.high))
    seen = np.where(people.inside, people.seen, candidates.seen)
    return FillEvidence(target.hole, low, high, seen, grain, people.inside, people.bridged, people.kept)


def _answer(target: View, candidates: Candidates, filler: Filler) -> tuple[Pixels, Pixels]:
    if filler.experts.network is None:
        return candidates.classical, 1 - candidates.sight
    answer = refined(filler.experts.network, target.log, candidates, filler.device, target.places)
    made_up = np.where(candidates.seen, 0, np.clip(answer.synthesised, 0, 1))
    return answer.log, made_up.astype(np.float32)
