"""Sets painted anew: the same light on other colours, so that few scenes teach what light is and what paint is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from interneg.soundstage.scene import Pixels

Things = npt.NDArray[np.uint16]

PAINTED_SHARE = 0.6  # of the things in a frame; the others stay as they were dressed
PATTERNED_SHARE = 0.25  # of the painted ones
VALUE_STOPS, HUE_STOPS = 0.8, 0.4
PATTERN_STOPS = (0.3, 1.5)
PERIOD = (4.0, 40.0)  # pixels
LEAST_ALBEDO, GREATEST_ALBEDO = 0.03, 0.9  # of real paint: soot to snow


def repainted(rng: np.random.Generator, things: Things, albedo: Pixels) -> Pixels:
    """What albedo, and with it all light that comes from it, is multiplied by (H, W, 3).

    Light that a wall throws on another keeps its old colour: a small error that more colours are worth.
    Convention: things (H, W) counts from 0, albedo (H, W, 3) is linear.
    """
    count = int(things.max()) + 1
    painted = rng.random(count) < PAINTED_SHARE
    stops = rng.normal(0, VALUE_STOPS, (count, 1)) + rng.normal(0, HUE_STOPS, (count, 3))
    stops = np.where(painted[:, None], stops, 0)[things]  # (H, W, 3)
    for thing in np.flatnonzero(painted & (rng.random(count) < PATTERNED_SHARE)):
        where = things == thing
        stops[where] += _pattern(rng, where.shape)[where][:, None] * rng.uniform(0.4, 1.0, 3)
    painted_albedo = np.clip(albedo * np.exp2(stops), LEAST_ALBEDO, GREATEST_ALBEDO)
    changed = np.abs(stops).max(axis=2, keepdims=True) > 0
    return np.where(changed, painted_albedo / np.maximum(albedo, LEAST_ALBEDO), 1).astype(np.float32)


def _pattern(rng: np.random.Generator, shape: tuple[int, ...]) -> Pixels:
    """Stripes, checks or dots across the frame (H, W), in stops around 0: with edges, since light seldom has any."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    turn, period = rng.uniform(0, np.pi), float(np.exp(rng.uniform(*np.log(PERIOD))))
    along = (columns * np.cos(turn) + rows * np.sin(turn)) * (2 * np.pi / period) + rng.uniform(0, 6.28)
    across = (rows * np.cos(turn) - columns * np.sin(turn)) * (2 * np.pi / period) + rng.uniform(0, 6.28)
    wave = {0: np.sin(along), 1: np.sin(along) * np.sin(across), 2: np.sin(along) + np.sin(across) - 1.2}
    sharp = np.tanh(wave[int(rng.integers(3))] * float(rng.uniform(2, 8)))
    return np.asarray(sharp * float(rng.uniform(*PATTERN_STOPS)) / 2, np.float32)
