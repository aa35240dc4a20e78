"""Conversions between what is said on set and what pixels are multiplied by."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LEAST_KELVIN, GREATEST_KELVIN = 1667.0, 25000.0  # where the fit below holds

# CIE 1931 XYZ to linear Rec.709 with its white at D65: IEC 61966-2-1.
_RGB_FROM_XYZ = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

Primaries = tuple[float, float, float, float, float, float, float, float]
REC709: Primaries = (0.640, 0.330, 0.300, 0.600, 0.150, 0.060, 0.3127, 0.3290)


def gain_from_stops(stops: float) -> float:
    """What light is multiplied by: 1 for 0 stops, a half for -1."""
    return float(2.0**stops)


def rgb_from_kelvin(kelvin: npt.ArrayLike, primaries: Primaries = REC709) -> npt.NDArray[np.float64]:
    """The colour (..., 3) of lamps of that colour temperature, linear, its luminance 1; about white at 6500 K.

    Convention: kelvin in [1667, 25000], outside of it the nearest is taken. `primaries` are the x and y of red, green,
        blue and white of the linear space that the colour is in. 6500 K is its white whatever that white is, as colour
        configs adapt it between spaces; a change of a lamp's colour is then the ratio of two of these by channel, in
        the plate's own primaries: exact for what is grey, and an approximation for what is not, as any gain is.

    References: Kim et al., US 7,024,034 (2002): cubic fit of the Planckian locus; Rec. ITU-R BT.709; SMPTE RP 177:
        primaries to XYZ; Lam, "Metamerism and Colour Constancy", 1985: the Bradford adaptation.
    """
    x, y = _planckian(1e3 / np.clip(np.asarray(kelvin, np.float64), LEAST_KELVIN, GREATEST_KELVIN))
    xyz = np.stack([x / y, np.ones_like(x), (1 - x - y) / y], axis=-1)
    matrix, luminance = _RGB_FROM_XYZ, _LUMINANCE
    if primaries != REC709:
        matrix, luminance = _adapted(primaries)
    rgb = np.maximum(np.einsum("ij,...j->...i", matrix, xyz), 1e-3)
    return np.asarray(rgb / (rgb @ luminance)[..., None])


def _planckian(inverse: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The chromaticity x, y of black bodies of 1000 over that many kelvin."""
    warm = np.polyval((-0.2661239, -0.2343589, 0.8776956, 0.179910), inverse)
    cool = np.polyval((-3.0258469, 2.1070379, 0.2226347, 0.240390), inverse)
    x = np.where(inverse > 0.25, warm, cool)  # below 4000 K
    candle = np.polyval((-1.1063814, -1.34811020, 2.18555832, -0.20219683), x)
    tungsten = np.polyval((-0.9549476, -1.37418593, 2.09137015, -0.16748867), x)
    daylight = np.polyval((3.0817580, -5.87338670, 3.75112997, -0.37001483), x)
    y = np.where(inverse > 1 / 2.222, candle, np.where(inverse > 0.25, tungsten, daylight))
    return np.asarray(x, np.float64), np.asarray(y, np.float64)


def _adapted(primaries: Primaries) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """What brings XYZ under D65 to those primaries under their own white (3, 3), and their luminances (3,)."""
    xyz_from_rgb = _xyz_from_rgb(primaries)
    seen = [_BRADFORD @ _xyz_of(*white) for white in (REC709[6:], primaries[6:])]
    adapt = np.linalg.solve(_BRADFORD, np.diag(seen[1] / seen[0]) @ _BRADFORD)
    return np.asarray(np.linalg.inv(xyz_from_rgb) @ adapt, np.float64), np.asarray(xyz_from_rgb[1], np.float64)


def _xyz_from_rgb(primaries: Primaries) -> npt.NDArray[np.float64]:
    columns = np.stack([_xyz_of(*primaries[at : at + 2]) for at in (0, 2, 4)], axis=1)
    return np.asarray(columns * np.linalg.solve(columns, _xyz_of(*primaries[6:])))


def _xyz_of(x: float, y: float) -> npt.NDArray[np.float64]:
    return np.array([x / y, 1.0, (1 - x - y) / y])
