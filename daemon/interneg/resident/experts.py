"""Who answers for a fill: the show's model, the base that it was learnt from, or nobody."""

from __future__ import annotations

from dataclasses import dataclass, field

from interneg.errors import ModelError
from interneg.model.base import BaseModel
from interneg.model.fill import FillNetwork
from interneg.model.show import ShowModel
from interneg.model.spatial_fill import SpatialFillNetwork
from interneg.production.provenance import Answered
from interneg.resident.engine import BASE, CLASSICAL, Engine


@dataclass(frozen=True, eq=False)
class Experts:
    """The networks that answer for a fill, and what a frame's record says of them.

    Convention: a network that is None is answered for classically.
    """

    answered: Answered = field(default_factory=Answered)
    network: FillNetwork | None = None
    spatial: SpatialFillNetwork | None = None
    notices: tuple[str, ...] = ()
    held: ShowModel | None = field(default=None, repr=False)  # the engine lets go of what nobody holds


def experts_for(engine: Engine, show: str, version: str = "") -> Experts:
    """Who fills for that show: the named version; where none is named the circled one, else the base, else nobody.

    Raises:
        NotFoundError: there is no such show, or it has no such version.
        ModelError: its weights are damaged, foreign or learnt from another base, or the base is asked for and damaged.
    """
    model = engine.show_model(show, version)
    if version == CLASSICAL:
        return Experts(notices=("no model was asked for: the classical candidate is used",))
    if model is not None and not model.header.base_hash:  # it learnt without a base: so it answers
        return Experts(Answered(model.version, model.hash), model.fill, held=model)
    base = engine.base()
    if base is None:
        return _without_base(engine, show, version, model)
    if model is None:
        return _from_base(base, show, version)
    answered = Answered(model.version, model.hash, base.version, base.hash)
    return Experts(answered, model.fill or base.fill, model.spatial or base.spatial, held=model)


def _from_base(base: BaseModel, show: str, version: str) -> Experts:
    """The base alone."""
    told: list[str] = []
    if version != BASE:
        told.append(f"{show} has no circled model yet: the base model answers (`interneg learn {show}`)")
    untaught = [expert for expert in ("fill", "spatial") if expert in base.untaught]
    if untaught:
        told.append(f"{base.version} was not taught {' and '.join(untaught)}: the classical candidate is used there")
    if not base.fills:
        return Experts(notices=tuple(told))
    return Experts(Answered(BASE, base.hash, base.version, base.hash), base.fill, base.spatial, tuple(told))


def _without_base(engine: Engine, show: str, version: str, model: ShowModel | None) -> Experts:
    """Nobody, and why; what was asked for by name is not silently something else."""
    if version:
        raise ModelError(f"model '{version}' needs the base model, which cannot be used. {engine.base_fault}")
    needs = f"the circled model of {show} needs the base model, which" if model else "the base model"
    told = f"{needs} cannot be used: the classical candidate is. {engine.base_fault}"
    return Experts(notices=(told,))
