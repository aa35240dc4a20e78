"""Conversions between what is said on set and what pixels are multiplied by."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LEAST_KELVIN, GREATEST_KELVIN = 1667.0, 25000.0  # where the fit below holds

# CIE 1931 XYZ to linear Rec.709 with its white at D65: IEC 61966-2-1.
_RGB_FROM_XYZ = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])


def gain_from_stops(stops: float) -> float:
    """What light is multiplied by: 1 for 0 stops, a half for -1."""
    return float(2.0**stops)


def rgb_from_kelvin(kelvin: float) -> npt.NDArray[np.float64]:
    """The colour (3,) of a lamp of that colour temperature, linear Rec.709, its luminance 1; about white at 6500 K.

    Convention: kelvin in [1667, 25000], outside of it the nearest is taken.

    References: Kim et al., US 7,024,034 (2002): cubic fit of the Planckian locus; Rec. ITU-R BT.709.
    """
    inverse = 1e3 / float(np.clip(kelvin, LEAST_KELVIN, GREATEST_KELVIN))
    if inverse > 0.25:  # below 4000 K
        x = np.polyval((-0.2661239, -0.2343589, 0.8776956, 0.179910), inverse)
    else:
        x = np.polyval((-3.0258469, 2.1070379, 0.2226347, 0.240390), inverse)
    if inverse > 1 / 2.222:
        y = np.polyval((-1.1063814, -1.34811020, 2.18555832, -0.20219683), x)
    elif inverse > 0.25:
        y = np.polyval((-0.9549476, -1.37418593, 2.09137015, -0.16748867), x)
    else:
        y = np.polyval((3.0817580, -5.87338670, 3.75112997, -0.37001483), x)
    rgb = np.maximum(_RGB_FROM_XYZ @ np.array([x / y, 1.0, (1 - x - y) / y]), 1e-3)
    return np.asarray(rgb / (rgb @ (0.2126, 0.7152, 0.0722)))
