"""Smooth surfaces through scattered known pixels."""

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]


def halved(plate: Pixels) -> Pixels:
    """The plate at half its size, (H, W, C) in and out."""
    small = np.asarray(cv2.pyrDown(plate), np.float32)
    return small.reshape(small.shape[0], small.shape[1], plate.shape[2])


def surface_through(values: Pixels, weight: Pixels) -> Pixels:
    """A smooth surface that keeps `values` where `weight` is 1 and spans the rest from the rim.

    Convention: values (H, W, C), weight (H, W) in [0, 1]. Where nothing at all is known the surface is 0.

    References: Gortler et al., "The Lumigraph", 1996, section 3.4 (pull-push).
    """
    sums, weights = [values * weight[..., None]], [weight[..., None]]
    while max(sums[-1].shape[:2]) > 2:
        sums.append(halved(sums[-1]))
        weights.append(halved(weights[-1]))
    surface = sums[-1] / np.maximum(weights[-1], 1e-6)
    for known, known_weight in zip(sums[-2::-1], weights[-2::-1], strict=True):
        coarse = np.asarray(cv2.pyrUp(surface, dstsize=(known.shape[1], known.shape[0])), np.float32)
        coarse = coarse.reshape(known.shape)
        surface = known + (1 - np.minimum(known_weight, 1)) * coarse
    return np.asarray(surface, np.float32)


def local_mean(values: Pixels, weight: Pixels, radius: int) -> tuple[Pixels, Pixels]:
    """The weighted mean of `values` around each pixel, and how much weight there was.

    Convention: values (H, W, C); the window reaches about `radius` pixels to each side; the second
        result is (H, W) in [0, 1].
    """
    size = (2 * radius + 1, 2 * radius + 1)
    there = _twice_blurred(weight, size)
    total = _twice_blurred(values * weight[..., None], size).reshape(values.shape)
    return (total / np.maximum(there, 1e-6)[..., None]).astype(np.float32), there


def _twice_blurred(values: Pixels, size: tuple[int, int]) -> Pixels:
    half = (size[0] // 2 | 1, size[1] // 2 | 1)
    return np.asarray(cv2.blur(cv2.blur(values, half), half), np.float32)  # a tent: no box edges in the result


def grown(matte: npt.NDArray[np.bool_], radius: float) -> npt.NDArray[np.bool_]:
    """The matte widened to all pixels within `radius` of it, and none beyond."""
    if radius <= 0:
        return matte
    distance = cv2.distanceTransform((~matte).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance <= radius)
