"""How a plate is exposed and balanced otherwise, to see whether the experts hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from interneg.units import gain_from_stops, rgb_from_kelvin

Gain = npt.NDArray[np.float32]

AS_SHOT = "as shot"
WARM_KELVIN, COLD_KELVIN = 3200.0, 6500.0
STOPS = 3.0


def _between(source_kelvin: float, target_kelvin: float) -> Gain:
    """What turns white under one lamp into white under another."""
    return np.asarray(rgb_from_kelvin(target_kelvin) / rgb_from_kelvin(source_kelvin), np.float32)


def _stops(stops: float) -> Gain:
    return np.full(3, gain_from_stops(stops), np.float32)


SHIFTS: Mapping[str, Gain] = MappingProxyType(
    {
        "-3 stops": _stops(-STOPS),
        "+3 stops": _stops(STOPS),
        "3200 K to 6500 K": _between(WARM_KELVIN, COLD_KELVIN),
        "6500 K to 3200 K": _between(COLD_KELVIN, WARM_KELVIN),
    }
)
"""What the plate is multiplied by (3,), by name."""
