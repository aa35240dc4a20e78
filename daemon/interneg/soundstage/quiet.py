"""One-lamp pictures without the noise of their rays: few rays a pixel are enough where the truth guides the rest."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

from interneg.soundstage.scene import Pixels

BLACK = 0.05  # added to albedo: what reflects less hardly shows its light
SPECK = 2.5  # times its neighbours' median: what is brighter is one ray that met a lamp by chance
STRIDES = (1, 2, 4)  # pixels; together a window of 15
BENT = 0.15  # squared distance of unit normals: about 22 degrees
BEHIND = 0.06  # of log2 depth for each pixel of stride
DEPTHS = (1e-3, 1e4)  # metres; nothing at all may be infinitely far
FAINTEST = 2.0**-10  # of the picture's mean: below that a ratio says nothing
NOISIEST = 4.0  # stops; there only the truth says what belongs together
SURE, UNSURE = 0.08, 1.2  # log2 steps of light that are kept: clean pictures keep each shadow, noisy ones their broad


def quietened(
    pictures: Mapping[str, npt.NDArray[np.floating]], albedo: Pixels, normal: Pixels, depth: Pixels
) -> dict[str, Pixels]:
    """The pictures (H, W, 3) by lamp, smooth where the light is and sharp where the set is.

    Light is averaged without the albedo, along surfaces (normal, depth) and not across the edges of shadows that stand
    out of the picture's own noise.

    References: Dammertz et al., "Edge-Avoiding A-Trous Wavelet Transform", 2010; the clean guide of Schied et al.,
        "Spatiotemporal Variance-Guided Filtering", 2017, without its time.
    """
    names = list(pictures)
    lifted = np.nan_to_num(albedo)[:, :, None].astype(np.float32) + np.float32(BLACK)  # (H, W, 1, 3)
    stacked = np.stack([_filled(pictures[name].astype(np.float32)) for name in names], axis=2)
    light: Pixels = np.asarray(stacked / lifted, np.float32)  # (H, W, lamps, 3)
    light = _without_specks(light)
    noise: Pixels = _noise(light)
    away = np.log2(np.clip(np.nan_to_num(depth), *DEPTHS)).astype(np.float32)
    for stride in STRIDES:
        light = _smoothed(light, noise, normal, away, stride)
        noise = np.asarray(noise / 2, np.float32)  # each pass leaves less than half of it
    quiet = light * lifted
    return {name: np.ascontiguousarray(quiet[:, :, index]) for index, name in enumerate(names)}


def _filled(picture: Pixels) -> Pixels:
    """The picture with the pixels that no ray gave a number made of those around them."""
    unknown = np.asarray(~np.isfinite(picture).all(axis=2, keepdims=True))  # (H, W, 1)
    clean = np.where(unknown, 0, picture).astype(np.float32)
    for side in (3, 9, 33) if unknown.any() else ():
        share = cv2.blur((~unknown).astype(np.float32), (side, side))[..., None]
        around = cv2.blur(clean, (side, side)) / np.maximum(share, 1e-6)
        near = unknown & (share > 1e-6)
        clean = np.where(near, around, clean).astype(np.float32)
        unknown = unknown & ~near
    return clean


def _without_specks(light: Pixels) -> Pixels:
    bounded = np.empty_like(light)
    for lamp in range(light.shape[2]):
        picture = np.ascontiguousarray(light[:, :, lamp])
        middle = cv2.medianBlur(picture, 3)
        around = np.square(cv2.blur(np.sqrt(np.maximum(picture, 0)), (5, 5)))  # rare rays carry light too
        bounded[:, :, lamp] = np.clip(picture, middle / SPECK, np.maximum(middle, around) * SPECK)
    return bounded


def _log(light: Pixels) -> Pixels:
    """The brightness of each lamp's light in stops (H, W, lamps)."""
    total = light.mean(axis=3)
    return np.asarray(np.log2(total + FAINTEST * np.maximum(total.mean(axis=(0, 1)), 1e-8)), np.float32)


def _noise(light: Pixels) -> Pixels:
    """How noisy each lamp's light is around each pixel (H, W, lamps), in stops."""
    found = []
    for plane in np.ascontiguousarray(_log(light).transpose(2, 0, 1)):
        residual = np.abs(plane - cv2.medianBlur(plane, 3))
        found.append(cv2.blur(residual, (7, 7)))
    return np.stack(found, axis=2)


def _smoothed(light: Pixels, noise: Pixels, normal: Pixels, away: Pixels, stride: int) -> Pixels:
    """One pass: the eight neighbours at that stride, as far as they are alike."""
    total, weights = light.copy(), np.ones(light.shape[:3], np.float32)
    log = np.stack([cv2.medianBlur(np.ascontiguousarray(plane), 3) for plane in _log(light).transpose(2, 0, 1)], axis=2)
    reach = 2 * np.square(SURE + UNSURE * np.minimum(noise, NOISIEST))
    for down in (-stride, 0, stride):
        for across in (-stride, 0, stride):
            if not down and not across:
                continue
            near = 0.5 if down and across else 0.75  # of the middle's weight
            bent = np.square(_moved(normal, down, across) - normal).sum(axis=2)
            behind = np.abs(_moved(away, down, across) - away)
            same = near * np.exp(-bent / BENT - behind / (BEHIND * stride))
            alike = same[..., None] * np.exp(-np.square(_moved(log, down, across) - log) / reach)
            total += alike[..., None] * _moved(light, down, across)
            weights += alike
    return np.asarray(total / weights[..., None], np.float32)


def _moved(planes: Pixels, down: int, across: int) -> Pixels:
    """The planes seen so many pixels further down and across; the frame's edge repeats."""
    rows = np.clip(np.arange(planes.shape[0]) + down, 0, planes.shape[0] - 1)
    columns = np.clip(np.arange(planes.shape[1]) + across, 0, planes.shape[1] - 1)
    return planes[rows][:, columns]
