"""Film grain over a clean frame: fresh on every frame, larger than a pixel, stronger in the light."""

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]

# Standard deviation about a mid grey of 0.18, by channel: the blue layer of a film is the coarsest.
_AT_GREY = np.array([0.0095, 0.008, 0.0125], np.float32)
_IN_BLACK = np.array([0.0016, 0.0013, 0.0022], np.float32)
_SIZES_PIXELS = (0.75, 0.65, 0.95)


def grain_field(size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Grain of unit strength, (H, W, 3), correlated between neighbours as film's is."""
    field = rng.standard_normal((*size, 3), dtype=np.float32)
    for channel, sigma in enumerate(_SIZES_PIXELS):
        kernel = cv2.getGaussianKernel(7, sigma).ravel()
        plane = cv2.sepFilter2D(field[..., channel], -1, kernel, kernel)
        field[..., channel] = plane / float(np.sum(kernel**2))
    return field


def with_grain(rgb: Pixels, field: Pixels) -> Pixels:
    """The frame with that grain in it: photon noise above a floor, so equal light carries equal grain."""
    variance = _IN_BLACK**2 + np.maximum(rgb, 0) * (_AT_GREY**2 / np.float32(0.18))
    return np.asarray(rgb + field * np.sqrt(variance), np.float32)
