"""The best sources of a hole's pixels side by side, and what speaks for each: all that a network merges them by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.tiles import Places, Tiles, tiles_around

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

VOICES = 12  # sources that are heard: with eight a show learnt a fifth less, twenty gave no more
LEAST = 1e-6  # share of the belief below which a source has no voice at all
STRANGE = 0.3  # log units: what differs by more is no worse
NOISE = 0.004  # log units that sources differ by at the least
NEAR, WIDE = 5, 13  # pixels of the hole over which a source's strangeness is averaged
TOLD = 13


@dataclass(frozen=True, eq=False)
class Belief:
    """The best sources of each pixel, best first.

    Convention: K = `VOICES`. `values` (K, N, 3) log; `share` (K, N) of the classical answer, 0 where there is no
        source; `fit` (K, N) how badly the source fits around the pixel, `own` (K, N) at it alone, `further` (K, N)
        what its distance in time adds.
    """

    values: Pixels
    share: Pixels
    fit: Pixels
    own: Pixels
    further: Pixels

    @property
    def mean(self) -> Pixels:
        """The classical answer of these sources alone (N, 3)."""
        return np.asarray((self.values * self.share[..., None]).sum(axis=0), np.float32)

    def told(self, hole: Matte, guess: tuple[Pixels, Pixels], places: Places | None = None) -> Told:
        """What is known of each source: its errors, and how far it is from the others.

        Convention: `guess` are the spatial one (N, 3) and its confidence (N,); `places` is where the hole's pixels are,
            if that is known.
        """
        tiles, there = tiles_around(hole, WIDE // 2, places=places), self.share > 0
        usual, mean = self._usual(), self.mean
        away = np.where(there, np.abs(self.values - usual).mean(axis=-1), STRANGE)
        strange = np.minimum(away, STRANGE)
        spatial, confidence = guess
        return Told(
            self,
            away,
            _around(tiles, strange, NEAR),
            _around(tiles, strange, WIDE),
            np.abs(self.values - spatial).mean(axis=-1),
            confidence,
            np.abs(mean - usual).mean(axis=-1),
        )

    def _usual(self) -> Pixels:
        """What most of the sources say (N, 3): their mean without those that stand apart.

        References: Huber, "Robust Estimation of a Location Parameter", 1964; here with Cauchy's weights, two rounds.
        """
        usual = self.mean
        for _ in range(2):
            away = np.abs(self.values - usual).mean(axis=-1)
            spread = np.maximum((away * self.share).sum(axis=0), NOISE)
            weight = self.share / (1 + (away / spread) ** 2)
            weight = weight / np.maximum(weight.sum(axis=0), 1e-9)
            usual = (self.values * weight[..., None]).sum(axis=0)
        return np.asarray(usual, np.float32)


@dataclass(frozen=True, eq=False)
class Told:
    """What is known of the sources of a hole's pixels.

    Convention: in log units, of each source (K, N): `away` from what most say, the same averaged `near` and `wide`
        around, and `unlike` the spatial guess; of each pixel (N,) that guess's `confidence`, and how far the mean is
        `torn` from what most say.
    """

    belief: Belief
    away: Pixels
    near: Pixels
    wide: Pixels
    unlike: Pixels
    confidence: Pixels
    torn: Pixels

    def of(self, chosen: Indices) -> Pixels:
        """All that is known of some pixels' sources (K, n, TOLD), near [-1, 1]."""
        belief = self.belief
        share, further, away = (plane[:, chosen] for plane in (belief.share, belief.further, self.away))
        errors = (belief.fit[:, chosen] + further, belief.own[:, chosen])
        fit, own = (np.where(share > 0, np.minimum(error, 1), 1) for error in errors)
        least = fit.min(axis=0)
        columns = (
            _scaled(fit),
            _scaled(own),
            _scaled(fit - least),
            _scaled(least),
            _scaled(away),
            _scaled(self.near[:, chosen]),
            _scaled(self.wide[:, chosen]),
            _scaled((away * share).sum(axis=0)),
            _scaled(self.unlike[:, chosen]),
            self.confidence[chosen],
            further * 20,
            np.log(share + 1e-4) / 4 + 1,
            _scaled(self.torn[chosen]),
        )
        return np.stack([np.broadcast_to(column, fit.shape) for column in columns], axis=-1).astype(np.float32)


def belief_of(values: Pixels, errors: Sequence[Pixels], share: Pixels) -> Belief:
    """The best of all sources: values (S, N, 3), their errors around the pixel and at it alone and what distance adds,
    each (S, N), and their shares of the classical answer (S, N).
    """
    fit, own, further = errors
    best = np.argsort(fit + further, axis=0, kind="stable")[:VOICES]
    fit, own, further, share = (_voices(plane, best) for plane in (fit, own, further, share))
    share = np.where(share > LEAST, share, 0)
    share = share / np.maximum(share.sum(axis=0), 1e-9)
    return Belief(_voices(values, best), share, fit, own, further)


def _voices(plane: Pixels, best: Indices) -> Pixels:
    """Those of (S, N[, 3]) in that order, made up to VOICES with nothing."""
    chosen = np.take_along_axis(plane, best.reshape(*best.shape, *(1,) * (plane.ndim - 2)), axis=0)
    missing = ((0, VOICES - len(best)), *((0, 0),) * (plane.ndim - 1))
    return np.pad(chosen, missing).astype(np.float32)


def _scaled(error: Pixels) -> Pixels:
    """Log units brought near [-1, 1]: what counts is by how many times an error is larger."""
    return np.asarray(np.log(error + 1e-3) / 2 + 2, np.float32)


def _around(tiles: Tiles, values: Pixels, side: int) -> Pixels:
    """The values (K, N) averaged over the hole's pixels nearby."""
    count = np.maximum(cv2.blur((tiles.place >= 0).astype(np.float32), (side, side)), 1e-6)
    return np.stack([tiles.back(cv2.blur(tiles.spread(each), (side, side)) / count) for each in values])
