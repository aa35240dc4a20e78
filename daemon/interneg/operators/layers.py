"""Whose pixels are whose: a performer is filled from performers alone, and what is behind him never from him."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from interneg.operators.motion import View

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

FEW_FRAMES = 8  # either side; further away a performer has another expression
TAPS = (-1, 0, 1, 2)  # of bicubic sampling


def in_same_layer(target: View, source: View, places: tuple[Indices, Indices], away: Pixels) -> Matte:
    """Whether what is sampled at `away` (N, 2; x, y) belongs to what `places` (rows, columns) of the target belong to.

    Without a performers' matte of the target everything does. A source without one shows no performer.
    """
    if target.performers is None:
        return np.ones(len(away), bool)
    inside = target.performers[places]
    if source.performers is None:
        return ~inside
    height, width = source.performers.shape
    column, row = np.floor(away).astype(np.intp).T
    touched = np.zeros(len(away), np.int32)
    for down in TAPS:
        for across in TAPS:
            touched += source.performers[np.clip(row + down, 0, height - 1), np.clip(column + across, 0, width - 1)]
    is_near = abs(source.frame - target.frame) <= FEW_FRAMES
    return np.asarray(np.where(inside, (touched == len(TAPS) ** 2) & is_near, touched == 0))
