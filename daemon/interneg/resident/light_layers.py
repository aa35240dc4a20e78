"""A relight as layers that an artist mixes again: each light at 0 stops, and what it was made from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from interneg.light import AS_SHOT_KEY, AS_SHOT_REST
from interneg.model.analysis import Analysis
from interneg.model.guided import brought_up
from interneg.model.intrinsics import EstimatedLamp, at_full_size
from interneg.model.working import usable
from interneg.resident.shading import Lit

Pixels = npt.NDArray[np.float32]


def layers_of(plate: Pixels, lit: Lit, seen: Analysis) -> dict[str, Pixels]:
    """The channels of all layers, (H, W) each.

    Convention: the sum over lights of layer times weight, as the header has it, is the beauty; where a matte says how
        far the light may change, `outside` is what it holds back, of weight 1.
    """
    within = np.float32(1) if lit.matte is None else lit.matte[..., None]
    there = np.isfinite(plate)
    known = np.where(there, plate, 0)
    layers: dict[str, Pixels] = {}
    key = lit.lights[AS_SHOT_KEY].share
    shares = {AS_SHOT_REST: 1 - key, **{name: light.share for name, light in lit.lights.items()}}
    for name, share in shares.items():
        kept = plate if name == AS_SHOT_REST else np.float32(0)
        layers |= _planes(name, np.where(there, known * (share * within), kept), "RGB")
    if lit.matte is not None:
        layers |= _planes("outside", known * (1 - within), "RGB")
    layers |= _planes("gain", lit.gain, "RGB")
    layers |= {f"visibility.{name}": light.visibility for name, light in lit.lights.items()}
    layers["confidence.A"] = _confidence(plate, seen) * lit.lights[AS_SHOT_KEY].signal
    return layers | _made_from(plate, seen)


def _made_from(plate: Pixels, seen: Analysis) -> dict[str, Pixels]:
    nobody = EstimatedLamp((0.0, 0.0, 1.0), (1.0, 1.0, 1.0), 5.0)
    found = at_full_size(seen.maps, seen.small, usable(plate), nobody)
    layers = _planes("albedo", found.albedo, "RGB") | _planes("normal", found.normal, "XYZ")
    return layers | {"depth.Z": found.depth}


def _confidence(plate: Pixels, seen: Analysis) -> Pixels:
    full = brought_up(seen.agreement[..., None], seen.small, usable(plate))
    return np.asarray(np.clip(full[..., 0], 0, 1), np.float32)


def _planes(layer: str, picture: Pixels, axes: str) -> dict[str, Pixels]:
    return {f"{layer}.{axis}": np.ascontiguousarray(picture[..., index], np.float32) for index, axis in enumerate(axes)}
