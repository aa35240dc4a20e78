"""The fine detail of a plate, and what of it a gain may have."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch

Pixels = npt.NDArray[np.float32]

FINE = 1.5  # pixels: the sigma that parts a plate's detail from its modelling
WIDER = (1.5, 4.0, 10.0, 24.0)  # pixels: what still has too much detail is smoothed further
SETTLING = 16  # rounds of the least blur, beside shadows' edges: six pixels, all that is judged there
STILL = 2.0  # times what is allowed: the restraint allows four times as much
NEAR = 31  # pixels over which detail is weighed
KEPT = 0.12  # of the plate's own detail that a gain may have: 0.2 would still correlate by 0.98
BARE = 0.003  # stops of detail that a gain may have where the plate has none
TOE = 2.0**-9  # of the plate's level: below it detail is noise
THIRDS = np.full((1, 3), 1 / 3)


@dataclass(frozen=True, eq=False)
class Detail:
    """What a plate's own detail allows a gain to do.

    Convention: `power` (H, W) is the plate's fine detail in squared stops; `felt` (H, W) is how far a change of the
        light is seen in each pixel in those stops: 1, and 0 where it is black.
    """

    power: Pixels
    felt: Pixels

    @classmethod
    def of(cls, plate: Pixels) -> Detail:
        """The detail of a plate (H, W, 3); what is no number is black."""
        grey, toe = _grey_and_toe(plate)
        lifted = grey + toe
        return cls(power_of(log2_of(lifted)), np.divide(grey, lifted))

    @property
    def bytes(self) -> int:
        """The memory it takes."""
        return int(self.power.nbytes + self.felt.nbytes)


def tempered(log_gain: Pixels, detail: Pixels, free: Pixels) -> Pixels:
    """The log2 gain (H, W, 3) with no more fine detail than the plate's allows, but where it is free to.

    Convention: detail (H, W) is the power of the plate's, `free` (H, W) in [0, 1]: 1 at the edges of shadows.
    """
    held = 1 - free
    amount = near(held) + np.float32(1e-3)
    allowed = near(detail * held) * np.float32(KEPT**2) / amount + np.float32(BARE**2)
    log_gain = np.array(log_gain, np.float32)
    for sigma in WIDER:
        if not _smooth(log_gain, _Limits(held, amount, allowed, _beside(free, sigma)), sigma):
            return log_gain
    return _settled(log_gain, _Limits(held, amount, allowed, _beside(free, FINE)))


@dataclass(frozen=True, eq=False)
class _Limits:
    """What a gain is smoothed by (H, W): where it is `held`, the `amount` of that near each pixel, the detail that is
    `allowed` there, and how far each pixel lies `beside` what is free.
    """

    held: Pixels
    amount: Pixels
    allowed: Pixels
    beside: Pixels

    def within(self, part: tuple[slice, slice]) -> _Limits:
        """Those of a part."""
        planes = (self.held, self.amount, self.allowed, self.beside)
        return _Limits(*(np.ascontiguousarray(plane[part]) for plane in planes))


def _smooth(log_gain: Pixels, limits: _Limits, sigma: float) -> bool:
    """Smooths the log2 gain in place, by as much as it has too much detail; False where it has not."""
    own = near(power_of(log_gain) * limits.held)
    own /= limits.amount
    kept = np.sqrt(np.minimum(limits.allowed / np.maximum(own, np.float32(1e-12)), 1))
    np.maximum(kept, limits.beside, out=kept)
    if kept.min(initial=1) >= 1:
        return False
    smooth = _widely_blurred(log_gain, sigma)
    cv2.subtract(log_gain, smooth, dst=log_gain)
    cv2.multiply(log_gain, cv2.merge([kept, kept, kept]), dst=log_gain)
    cv2.add(log_gain, smooth, dst=log_gain)
    return True


def _settled(log_gain: Pixels, limits: _Limits) -> Pixels:
    """The log2 gain smoothed once more beside the edges of shadows, where wide blurs would smear them: bit by bit.

    Only where it still has so much more detail than it may that the restraint might see it.
    """
    beyond = near(power_of(log_gain) * limits.held) > np.float32(STILL**2) * limits.allowed
    if not beyond.any():
        return log_gain
    rows, columns = (np.flatnonzero(beyond.any(axis=axis)) for axis in (1, 0))
    part = np.s_[max(0, rows[0] - NEAR) : rows[-1] + 1 + NEAR, max(0, columns[0] - NEAR) : columns[-1] + 1 + NEAR]
    worked, near_them = np.ascontiguousarray(log_gain[part]), limits.within(part)
    for _ in range(SETTLING):
        if not _smooth(worked, near_them, FINE):
            break
    log_gain[part] = worked
    return log_gain


def _beside(free: Pixels, sigma: float) -> Pixels:
    """What is free (H, W), and as far around it as a blur of that sigma would smear its edges; fading evenly."""
    if not free.any():
        return free
    factor = _coarser_for(sigma)
    known = cv2.dilate(free, np.ones((factor, factor), np.uint8)) if factor > 1 else free
    size = 2 * int(np.ceil(2 * sigma / factor)) + 1
    small = cv2.dilate(_shrunk(known, factor), np.ones((size, size), np.uint8))
    return np.maximum(free, _grown(blurred(small, sigma / factor), free))


def log_of_plate(plate: Pixels) -> Pixels:
    """The plate (H, W, 3) in stops (H, W), its darkest noise lifted away."""
    grey, toe = _grey_and_toe(plate)
    return log2_of(grey + toe)


def _grey_and_toe(plate: Pixels) -> tuple[Pixels, np.float32]:
    light = np.maximum(plate, np.float32(0))
    if not np.isfinite(light).all():
        light[~np.isfinite(plate)] = 0
    grey = mean_of(light)
    return grey, np.float32(max(TOE * float(np.sqrt(grey).mean() ** 2), 1e-12))


def mean_of(picture: Pixels) -> Pixels:
    """The mean (H, W) of a picture's three channels; five times as quick as NumPy's over so short an axis."""
    return np.asarray(cv2.transform(np.ascontiguousarray(picture, np.float32), THIRDS), np.float32)


def fine_of(log: Pixels) -> Pixels:
    """The fine detail of a picture in stops (H, W[, C]): what is left of it above a pixel or two."""
    fine = blurred(log, FINE)
    return np.subtract(log, fine, out=fine)


def power_of(log: Pixels) -> Pixels:
    """The power (H, W) of the fine detail of a picture in stops (H, W[, 3]): squared, the channels' mean."""
    fine = fine_of(log)
    np.multiply(fine, fine, out=fine)
    return mean_of(fine) if fine.ndim == 3 else fine


def near(energy: Pixels) -> Pixels:
    """The mean (H, W) over the pixels near each one."""
    return np.asarray(cv2.blur(energy, (NEAR, NEAR), borderType=cv2.BORDER_REFLECT_101), np.float32)


def log2_of(values: Pixels) -> Pixels:
    """Log2 of values; torch does it in a fifth of NumPy's time."""
    return np.asarray(torch.log2(torch.from_numpy(np.ascontiguousarray(values, np.float32))).numpy(), np.float32)


def exp2_of(values: Pixels) -> Pixels:
    """Two to the power of values; torch does it in a quarter of NumPy's time."""
    return np.asarray(torch.exp2(torch.from_numpy(np.ascontiguousarray(values, np.float32))).numpy(), np.float32)


def blurred(picture: Pixels, sigma: float) -> Pixels:
    """A picture (H, W[, C]) blurred by a Gaussian, its rims repeated."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)


def _widely_blurred(picture: Pixels, sigma: float) -> Pixels:
    """A blur that is made at a smaller size where it is so wide that nobody could tell."""
    factor = _coarser_for(sigma)
    return _grown(blurred(_shrunk(picture, factor), sigma / factor), picture)


def _coarser_for(sigma: float) -> int:
    """How many times smaller a picture may be for a blur of that sigma: it still spans two pixels there."""
    return int(max(1, 2 ** int(np.log2(sigma / 2)))) if sigma >= 4 else 1


def _shrunk(picture: Pixels, factor: int) -> Pixels:
    height, width = picture.shape[:2]
    size = (max(1, -(-width // factor)), max(1, -(-height // factor)))
    return picture if factor == 1 else np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def _grown(picture: Pixels, like: Pixels) -> Pixels:
    """The picture at the size of another."""
    if picture.shape[:2] == like.shape[:2]:
        return picture
    size = (like.shape[1], like.shape[0])
    grown = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(grown.reshape(like.shape), np.float32)
