"""Rigs that were never set: any sum of one-lamp pictures is one, in stops and kelvin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from interneg.soundstage.scene import Pixels
from interneg.units import rgb_from_kelvin

KELVIN = (2200.0, 10000.0)  # candles to open shade; even in mired, as eyes and gels count
TINT_STOPS = 0.12  # of green against magenta: tubes and cheap diodes stray that far
DOMINANT_SHARE = (0.35, 0.85)  # of the frame's mean light
GREATEST_OTHER = 0.8  # of the dominant lamp: nearer than that nobody could say which it is
OTHERS = (1, 4)  # lamps beside the dominant one
BURNING = 0.6  # of the rigs let practicals burn, and light from outside in
DARKEST_OF_BRIGHTEST = 0.06  # what gives this view less than that of the best lamp is nearly black in it
EXPOSURE_STOPS = 3.0


@dataclass(frozen=True, eq=False)
class Rig:
    """How bright and of which colour each lamp burns: gains (3,) on its picture, by name.

    Convention: `key` gives more of the frame's mean light than any other.
    """

    key: str
    gains: Mapping[str, Pixels]


def lit_by(pictures: Mapping[str, npt.NDArray[np.floating]], gains: Mapping[str, Pixels]) -> Pixels:
    """The plate (H, W, 3) that those lamps make together."""
    plate = np.zeros(next(iter(pictures.values())).shape, np.float32)
    for name, gain in gains.items():
        plate += pictures[name].astype(np.float32) * gain
    return plate


def candidates(levels: Mapping[str, Pixels], placed: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the placed lamps that light this view at all. Convention: levels are mean light (3,) by lamp."""
    most = max((float(levels[name].mean()) for name in placed), default=0.0)
    return tuple(name for name in placed if float(levels[name].mean()) > max(DARKEST_OF_BRIGHTEST * most, 1e-5))


def random_rig(rng: np.random.Generator, levels: Mapping[str, Pixels], placed: tuple[str, ...]) -> Rig | None:
    """A rig whose key gives most of the light, with others, practicals and surroundings; None where nothing lights.

    Convention: levels are the mean light (3,) that each lamp gives this view; `placed` are those with a direction.
    """
    keys = candidates(levels, placed)
    if not keys:
        return None
    key = keys[int(rng.integers(len(keys)))]
    others = _others(rng, levels, placed, key)
    parts = rng.dirichlet(np.full(len(others), 0.8)) if others else np.zeros(0)
    share = float(rng.uniform(*DOMINANT_SHARE)) if others else 1.0
    most = float(parts.max(initial=0))
    share = max(share, most / (GREATEST_OTHER + most))
    exposure = 0.18 * 2.0 ** float(rng.uniform(-EXPOSURE_STOPS, EXPOSURE_STOPS))
    wanted = {key: share} | {name: (1 - share) * float(part) for name, part in zip(others, parts, strict=True)}
    gains = {name: _gain(rng, levels[name], exposure * part) for name, part in wanted.items() if part > 1e-4}
    return Rig(key, MappingProxyType(gains))


def _others(rng: np.random.Generator, levels: Mapping[str, Pixels], placed: tuple[str, ...], key: str) -> list[str]:
    """What burns beside the key: other lamps, what hangs in the set, the light from outside."""
    lit = [name for name in sorted(levels) if name != key and float(levels[name].mean()) > 1e-5]
    lamps = [name for name in lit if name in placed]
    count = min(int(rng.integers(OTHERS[0], OTHERS[1] + 1)), len(lamps))
    chosen = [lamps[place] for place in rng.permutation(len(lamps))[:count]]
    return chosen + [name for name in lit if name not in placed and rng.random() < BURNING]


def _gain(rng: np.random.Generator, level: Pixels, wanted: float) -> Pixels:
    """The gains (3,) that make a lamp of a random colour give that mean light."""
    low, high = (1e6 / kelvin for kelvin in KELVIN)
    colour = np.asarray(rgb_from_kelvin(1e6 / float(rng.uniform(high, low))), np.float32)
    colour = np.maximum(colour, 0.01 * colour.max())
    colour[1] *= 2.0 ** float(rng.normal(0, TINT_STOPS))
    return np.asarray(colour * np.float32(wanted / float((colour * level).mean())), np.float32)
