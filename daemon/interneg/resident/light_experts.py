"""Who answers for light: the show's intrinsics where it has learnt them, and the base's lamp."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from interneg.errors import ModelError, RequestError
from interneg.model.intrinsics import IntrinsicsNetwork
from interneg.model.lamp import LampNetwork
from interneg.model.show import ShowModel
from interneg.production.provenance import Answered
from interneg.resident.engine import BASE, CLASSICAL, Engine


@dataclass(frozen=True, eq=False)
class LightExperts:
    """The networks of light, and what a frame's record says of them.

    Convention: `hash` is of what the analysis of a frame depends on: the intrinsics alone.
    """

    answered: Answered
    intrinsics: IntrinsicsNetwork
    lamp: LampNetwork
    hash: str
    notices: tuple[str, ...] = ()
    held: ShowModel | None = field(default=None, repr=False)  # the engine lets go of what nobody holds


def light_experts_for(engine: Engine, show: str, version: str = "") -> LightExperts:
    """Who relights for that show: the named version; where none is named the circled one, else the base.

    There is no classical relight: without a network nobody knows which light is the key's, and a gain over all of the
    frame is a grade, which hosts do better.

    Raises:
        RequestError: no model is asked for.
        NotFoundError: there is no such show, or it has no such version.
        ModelError: there is no base that knows light, or the show's weights cannot be used.
    """
    if version == CLASSICAL:
        raise RequestError("model 'classical': a relight needs a model; leave --model out, or give `--model base`.")
    model, base = engine.show_model(show, version), engine.base()
    if base is None:
        raise ModelError(f"A relight needs the base model, which cannot be used. {engine.base_fault}")
    if base.lamp is None or base.intrinsics is None:
        untaught = " and ".join(name for name in ("intrinsics", "lamp") if name in base.untaught)
        raise ModelError(f"A relight needs {untaught}, which {base.version} was not taught: install a newer Interneg.")
    if model is None:
        told = () if version == BASE else (f"{show} has no circled model yet: the base model answers for its light",)
        answered = Answered(BASE, base.hash, base.version, base.hash)
        return LightExperts(answered, base.intrinsics, base.lamp, base.hash, told)
    answered = Answered(model.version, model.hash, base.version, base.hash)
    if model.intrinsics is None:
        told = (f"{show} has not learnt intrinsics: the base model answers for its light",)
        return LightExperts(answered, base.intrinsics, base.lamp, base.hash, told, model)
    both = hashlib.sha256(f"{model.hash} {base.hash}".encode()).hexdigest()
    return LightExperts(answered, model.intrinsics, base.lamp, both, held=model)
