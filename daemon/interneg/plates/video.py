"""What video's code values mean: R'G'B' from luma and chroma, nothing clamped.

References: ITU-R BT.601-7, BT.709-6, BT.2020-2; SMPTE 240M; code ranges as in BT.2100-2 table 9.
"""

import numpy as np
import numpy.typing as npt

from interneg.errors import PlateError

Pixels = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint16]

_UNSPECIFIED = 2
_RED_BLUE_WEIGHTS = {  # by ITU-T H.273 matrix coefficients
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}
_TALLEST_SD = 576
_WIDEST_SD = 1024


def matrix_of(coefficients: int, width: int, height: int) -> tuple[float, float]:
    """The weights of red and blue in luma; unspecified is BT.601 up to SD size and BT.709 above, as hosts take it.

    Raises:
        PlateError: the movie uses a matrix that is not known here.
    """
    if coefficients == _UNSPECIFIED:
        coefficients = 6 if height <= _TALLEST_SD and width <= _WIDEST_SD else 1
    if coefficients not in _RED_BLUE_WEIGHTS:
        raise PlateError(
            f"its colour matrix (H.273 number {coefficients}) is not known; transcode it to ProRes or DNxHR"
        )
    return _RED_BLUE_WEIGHTS[coefficients]


def rgb_from_codes(planes: tuple[Codes, Codes, Codes], bits: int, full: bool, weights: tuple[float, float]) -> Pixels:
    """R'G'B' of full-size Y', Cb, Cr planes, whose codes stand in the upper bits of 16.

    Convention: 0 is black, 1 white; values below and above go through.
    """
    luma, blue_difference, red_difference = (plane.astype(np.float32) for plane in planes)
    step = 2.0 ** (16 - bits)
    black, luma_span, chroma_span = (0.0, 2.0**bits - 1, 2.0**bits - 1) if full else _narrow(bits)
    luma = (luma - np.float32(black * step)) * np.float32(1 / (luma_span * step))
    neutral = np.float32(2.0 ** (bits - 1) * step)
    red_weight, blue_weight = weights
    green_weight = 1 - red_weight - blue_weight
    red_difference = (red_difference - neutral) * np.float32(2 * (1 - red_weight) / (chroma_span * step))
    blue_difference = (blue_difference - neutral) * np.float32(2 * (1 - blue_weight) / (chroma_span * step))
    rgb = np.empty((*luma.shape, 3), np.float32)
    np.add(luma, red_difference, out=rgb[..., 0])
    np.add(luma, blue_difference, out=rgb[..., 2])
    red_difference *= np.float32(red_weight / green_weight)
    blue_difference *= np.float32(blue_weight / green_weight)
    np.subtract(luma - red_difference, blue_difference, out=rgb[..., 1])
    return rgb


def _narrow(bits: int) -> tuple[float, float, float]:
    """Black, and the spans of luma and chroma, in narrow range."""
    scale = 2.0 ** (bits - 8)
    return 16 * scale, 219 * scale, 224 * scale
