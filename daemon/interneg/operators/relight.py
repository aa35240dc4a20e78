"""Light as shares of a plate's own: smooth fields times visibility, held to what the plate's detail allows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.detail import TOE, blurred, exp2_of, log2_of, mean_of

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

COARSER = 4  # times: a field is made at a quarter of the plate's size, or less
ENVELOPE = 1 / 8  # of the field's long side: what darkens within less of it is a shadow's edge, not a lamp's fall-off
COLOUR_REACH = 1 / 8  # of the field's long side: the blur of a lamp's colour
CLEAR = 0.2  # of visibility between neighbours of a field; less is no edge of a shadow
RIPPLE = 0.06  # of visibility; less is no shadow at all, and is smoothed away
SOFTENED = 1 / 24  # of the field's long side: the blur of shadows on performers
LEAST_SIGNAL, SURE_SIGNAL = 1.0, 3.0  # times the noise of the darks: below nothing is light, above all is


@dataclass(frozen=True, eq=False)
class Field:
    """What a light gives each part of a frame, at a quarter of its size or less.

    Convention: log2 `envelope` (h, w, 3), smooth, and `visibility` (h, w, 3) in (0, 1]: how much of it gets there.
    """

    envelope: Pixels
    visibility: Pixels

    @property
    def log(self) -> Pixels:
        """Log2 of the light's share (h, w, 3)."""
        return np.asarray(self.envelope + np.log2(self.visibility), np.float32)

    @property
    def seen(self) -> Pixels:
        """The visibility (h, w) as it is delivered: the channels' mean."""
        return np.asarray(self.visibility.mean(axis=-1), np.float32)


def field_size(height: int, width: int, size: tuple[int, int]) -> tuple[int, int]:
    """The size of a field for such a plate: that of what it is made from, at most a quarter of the plate's."""
    return min(size[0], max(1, -(-height // COARSER))), min(size[1], max(1, -(-width // COARSER)))


def of_even_colour(log_gain: Pixels) -> Pixels:
    """The log2 gain (h, w, 3) of a lamp whose colour changes over the frame as light does, not from thing to thing.

    A lamp has one colour: its gain's varies by that of the light as shot, which is smooth. What a network gives to
    single things beyond that says nothing on staged scenes (24.07 dB without it, 24.06 with), and turned cloth grey.
    """
    level = log_gain.mean(axis=-1, keepdims=True)
    colour = blurred(log_gain - level, max(1.0, COLOUR_REACH * max(log_gain.shape[:2])))
    return np.asarray(level + colour - colour.mean(axis=-1, keepdims=True), np.float32)


def field_of(log_gain: Pixels, limit_stops: float, performers: Pixels | None = None) -> Field:
    """The field of a light, parted into what falls off smoothly and what is in the way of the lamp.

    Convention: log2 gain (h, w, 3) on the plate; performers (h, w) coverage, where the visibility is softened.
    """
    log_gain = np.clip(log_gain, -limit_stops, limit_stops).astype(np.float32)
    reach = max(1, round(ENVELOPE * max(log_gain.shape[:2])))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    envelope = blurred(cv2.dilate(log_gain, kernel).reshape(log_gain.shape), reach / 2)
    visibility = np.exp2(np.minimum(log_gain - envelope, 0)).astype(np.float32)
    visibility = _without_ripples(visibility)
    if performers is not None and performers.any():
        soft = blurred(visibility, max(1.0, SOFTENED * max(log_gain.shape[:2])))
        visibility += performers[..., None] * (soft - visibility)
    return Field(envelope, np.maximum(visibility, np.float32(2.0 ** (-2 * limit_stops))))


def edges_of(visibility: Pixels) -> Matte:
    """Where a visibility (h, w) has an edge, and the pixels beside it."""
    kernel = np.ones((3, 3), np.uint8)
    change = cv2.dilate(visibility, kernel) - cv2.erode(visibility, kernel)
    return np.asarray(change > CLEAR, np.bool_)


def signal_of(small: Pixels, noise: float) -> Pixels:
    """How surely each pixel (h, w) of a small plate (h, w, 3) holds light and not only noise, from 0 to 1.

    Convention: `noise` is the deviation of a single pixel of the darks, scene-linear; the small plate is its mean.
    """
    light = np.nan_to_num(small, nan=0.0, posinf=0.0, neginf=0.0).mean(axis=-1)
    floor = max(noise, TOE**2 * float(np.sqrt(np.maximum(light, 0)).mean() ** 2), 1e-12)
    along = np.clip((light / floor - LEAST_SIGNAL) / (SURE_SIGNAL - LEAST_SIGNAL), 0, 1)
    return np.asarray(along * along * (3 - 2 * along), np.float32)


def noise_of(plate: Pixels) -> float:
    """The deviation of the darks of a plate (H, W, 3), from its darkest blocks; 0 where they are rendered black."""
    grey = mean_of(np.where(np.isfinite(plate), plate, np.float32(0)))
    rows, columns = grey.shape[0] // 8, grey.shape[1] // 8
    if not rows or not columns:
        return 0.0
    blocks = grey[: rows * 8, : columns * 8].reshape(rows, 8, columns, 8).transpose(0, 2, 1, 3).reshape(-1, 64)
    means = blocks.mean(axis=1)
    dark = blocks[means <= np.quantile(means, 0.05)]
    return float(np.median(dark.std(axis=1)))


def share_of_lamp(log_gain: Pixels, limit_stops: float) -> Pixels:
    """The share (H, W, 3) of an added lamp: its log2 gain within the limits."""
    return exp2_of(np.clip(log_gain, -limit_stops, limit_stops))


def odds_of_key(log_share: Pixels, limit_stops: float) -> Pixels:
    """Log2 of the as-shot key's light against all other (H, W, 3), within limits: alike for either of them."""
    share = np.clip(exp2_of(log_share), 2.0**-limit_stops, 1 - 2.0**-limit_stops)
    share /= 1 - share
    return log2_of(share)


def share_of_key(log_odds: Pixels) -> Pixels:
    """The share (H, W, 3) of the as-shot key: what remains is the rest's, which is never quite nothing either."""
    odds = exp2_of(-log_odds)
    odds += 1
    return np.divide(1, odds, out=odds)


def falloff(depth: Pixels, direction: tuple[float, float, float], distance: float, field: float = 0.25) -> Pixels:
    """Log2 of what a near lamp gives each pixel (h, w) against one far away: inverse square, from depth.

    Convention: depth (h, w) is 1 at the middle of what is seen; distance in the same measure from that middle; `field`
        is half the frame's long side at depth 1, which a plate does not tell.
    """
    height, width = depth.shape
    half = max(height, width) / 2
    right = (np.arange(width) + 0.5 - width / 2) / half * field
    up = (height / 2 - np.arange(height) - 0.5) / half * field
    at = np.stack([right[None] * depth, up[:, None] * depth, 1 - depth], axis=-1)  # the middle is the origin
    away = ((np.asarray(direction) * distance - at) ** 2).sum(axis=-1)
    return np.asarray(np.log2(distance**2 / np.maximum(away, (0.05 * distance) ** 2)), np.float32)


def _without_ripples(visibility: Pixels) -> Pixels:
    """The visibility with its edges kept and all that is none smoothed."""
    planes = [cv2.bilateralFilter(np.ascontiguousarray(visibility[..., index]), 5, RIPPLE, 2.0) for index in range(3)]
    return np.asarray(np.clip(np.stack(planes, axis=-1), 0, 1), np.float32)
