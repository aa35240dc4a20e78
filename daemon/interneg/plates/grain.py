"""A camera's grain: how strong it is at which light, its spectrum, and fresh grain that is like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from interneg.plates.flatness import LEVELS, Blocks, blocks_between, blocks_of, spectrum_of

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

FEWEST_BLOCKS = 24  # below that nothing is said of the grain, and none is added
STOPS_OF_ENCODING = 9.0  # from 0 to 1 of the log encoding, above its toe
LEAST = 1e-5  # log units, far below half's steps: a rendered plate has no grain, and no spectrum of it
LIMIT = 4.0  # standard deviations; a rarer excursion would be seen as a speck
RADIUS = 7  # pixels that one grain reaches; further out a measured spectrum says nothing but chance
TILE = 64  # pixels: grain is drawn tile by tile where it is wanted, each from a seed of its own
SPLITS = (0.55, 1.0, 2.0)  # pixels, of Gaussians that split grain into bands, at 0.34, 0.19 and 0.09 cycles a pixel
BANDS = len(SPLITS) + 1  # from fine to coarse
SCATTER = 0.05  # of a level's deviation: so much above a darker level's is chance, not texture
REACH = 3 * SPLITS[-1]  # pixels beyond which those Gaussians are nothing


@dataclass(frozen=True, eq=False)
class Grain:
    """A plate's grain in the log encoding.

    Convention: `sigma` (L, 3) at the luma `levels` (L,), rising; `mixing` (3, 3) makes white channels as alike as the
        plate's; `kernels` (3, k, k) of unit energy give each its spatial spectrum.
    """

    levels: Pixels
    sigma: Pixels
    mixing: Pixels
    kernels: Pixels

    def sigma_at(self, luma: Pixels) -> Pixels:
        """The grain's standard deviation (N, 3) at those log luma values (N,)."""
        columns = [np.interp(luma, self.levels, self.sigma[:, channel]) for channel in range(3)]
        return np.stack(columns, axis=-1).astype(np.float32)

    @property
    def coarsest(self) -> tuple[float, float]:
        """How many pixels share one grain, and the share of its power that lies in the coarsest band."""
        mean = self.kernels.mean(axis=0)
        soft = cv2.GaussianBlur(np.pad(mean, int(REACH)), (0, 0), SPLITS[-1])
        return float(mean.sum() ** 2 / (mean**2).sum()), float((soft**2).sum() / (mean**2).sum())

    def drawn(self, shape: tuple[int, int], seed: int, frame: int) -> Pixels:
        """Fresh grain of unit deviation (H, W, 3), always the same for one seed and frame."""
        everywhere = np.ones(shape, bool)
        return np.asarray(self.drawn_in_bands(everywhere, seed, frame).sum(axis=0).reshape(*shape, 3), np.float32)

    def drawn_in_bands(self, wanted: Matte, seed: int, frame: int) -> Pixels:
        """Fresh grain (BANDS, N, 3) where it is wanted, by `np.nonzero`; its bands' sum has unit deviation.

        Convention: a pixel's grain depends on its place, the seed and the frame alone, not on what else is wanted.
        """
        rows, columns = np.nonzero(wanted)
        result = np.empty((BANDS, len(rows), 3), np.float32)
        tile = rows // TILE * (wanted.shape[1] // TILE + 1) + columns // TILE
        order = np.argsort(tile, kind="stable")
        white = _White(seed, frame)
        for some in np.split(order, np.flatnonzero(np.diff(tile[order])) + 1) if len(order) else ():
            place = int(rows[some[0]]) // TILE, int(columns[some[0]]) // TILE
            result[:, some] = self._tile(white.around(*place))[:, rows[some] % TILE, columns[some] % TILE]
        return result

    def _tile(self, white: Pixels) -> Pixels:
        """One tile of grain (BANDS, TILE, TILE, 3), from the white noise of those around it too."""
        halo = self.kernels.shape[-1] // 2 + int(REACH)
        mixed = white[TILE - halo : 2 * TILE + halo, TILE - halo : 2 * TILE + halo] @ self.mixing.T
        planes = [cv2.filter2D(mixed[..., index], -1, kernel) for index, kernel in enumerate(self.kernels)]
        fine = np.clip(np.stack(planes, axis=-1), -LIMIT, LIMIT)
        softer = [fine, *(cv2.GaussianBlur(fine, (0, 0), radius) for radius in SPLITS), np.zeros_like(fine)]
        return np.stack([(one - next_)[halo:-halo, halo:-halo] for one, next_ in pairwise(softer)])


class _White:
    """White noise (TILE, TILE, 3) for every tile there may be, always the same for one seed and frame."""

    def __init__(self, seed: int, frame: int) -> None:
        self._seed, self._frame = seed, frame % 2**32
        self._drawn: dict[tuple[int, int], Pixels] = {}

    def around(self, row: int, column: int) -> Pixels:
        """That tile and the eight around it (3 * TILE, 3 * TILE, 3)."""
        near = (-1, 0, 1)
        lines = [np.concatenate([self._at(row + down, column + across) for across in near], axis=1) for down in near]
        return np.concatenate(lines, axis=0)

    def _at(self, row: int, column: int) -> Pixels:
        if (row, column) not in self._drawn:
            rng = np.random.default_rng([self._seed, self._frame, row + 1, column + 1])
            self._drawn[row, column] = rng.standard_normal((TILE, TILE, 3), dtype=np.float32)
        return self._drawn[row, column]


def tells(known: Matte) -> bool:
    """Whether enough of a plate is known for it to tell its own grain."""
    return len(blocks_of(np.zeros((*known.shape, 3), np.float32), known).luma) >= FEWEST_BLOCKS


def measure_grain(log: Pixels, known: Matte, moved: Sequence[Pixels] = ()) -> Grain | None:
    """The grain of a plate (H, W, 3, log-encoded) by what of it is known; None where too little is, or there is none.

    Convention: `moved` (H, W, 3) each are frames nearby, shifted by whole pixels to where the plate has the same thing,
        NaN where they are not known. Where all show the same, what differs is grain, however rich the picture;
        elsewhere the flattest blocks tell. Each can only say too much, by what moves or by texture: the lesser word
        counts.

    References: flat blocks as in Norkin and Birkbeck, "Film Grain Synthesis for AV1", 2018; levels, spectrum and
        channel covariance in the log encoding are our own choice.
    """
    still = blocks_of(log, known)
    if len(still.luma) < FEWEST_BLOCKS:
        return None
    edges = np.quantile(still.luma, np.linspace(0, 1, LEVELS + 1))
    told = [_told(still, edges)]
    if moved:
        between = blocks_between(log, known, moved)
        if len(between.luma) >= FEWEST_BLOCKS:
            told.append(_told(between, edges))
    power = np.stack([each.power for each in told])  # (T, LEVELS, 3), infinite where nothing is said
    least = np.argmin(power.mean(axis=-1), axis=0)  # (LEVELS,)
    sigma = np.sqrt(power[least, np.arange(LEVELS)])
    there = np.isfinite(sigma).all(axis=1)
    levels = np.stack([each.levels for each in told])[least, np.arange(LEVELS)][there]
    sigma = sigma[there]
    if not len(levels) or sigma.max() < LEAST:
        return None
    surest = told[int(np.round(least[there].mean()))]
    spectrum = spectrum_of(surest.blocks, surest.taken)
    kernels = np.stack([_kernel(plane) for plane in spectrum.power])
    return Grain(
        levels.astype(np.float32), _without_texture(levels, sigma), _mixing(spectrum.correlation, kernels), kernels
    )


@dataclass(frozen=True, eq=False)
class _Told:
    """What blocks say: at each level the luma and the grain's variance (LEVELS, 3); which of them were bare grain."""

    blocks: Blocks
    taken: Matte
    levels: npt.NDArray[np.float64]
    power: npt.NDArray[np.float64]


def _told(blocks: Blocks, edges: npt.NDArray[np.floating]) -> _Told:
    level = np.clip(np.searchsorted(edges, blocks.luma, side="right") - 1, 0, LEVELS - 1)
    taken = np.zeros(len(level), bool)
    levels, power = (edges[1:] + edges[:-1]) / 2, np.full((LEVELS, 3), np.inf)
    scatter = blocks.scatter()
    for index in range(LEVELS):
        inside = np.flatnonzero(level == index)
        if len(inside):
            bare = inside[blocks.bare(inside, scatter)]
            taken[bare] = True
            levels[index], power[index] = blocks.luma[bare].mean(), blocks.power[bare].mean(axis=0)
    return _Told(blocks, taken, levels, power * blocks.lost(taken))


def _without_texture(levels: npt.NDArray[np.floating], sigma: npt.NDArray[np.floating]) -> Pixels:
    """Sigma (L, 3) less what only texture explains.

    Relative noise falls with light, never faster than the light rises (read noise is constant, shot noise its square
    root): a level that has more than a darker one, or more than a brighter one allows, had nothing flat in it.
    """
    bound = np.minimum.accumulate(sigma * (1 + SCATTER), axis=0)
    rise = np.exp2(np.diff(levels)[:, None] * STOPS_OF_ENCODING)
    for index in range(len(levels) - 2, -1, -1):
        bound[index] = np.minimum(bound[index], bound[index + 1] * rise[index] + 1e-4)
    return np.asarray(np.minimum(sigma, bound), np.float32)


def _mixing(correlation: npt.NDArray[np.floating], kernels: Pixels) -> Pixels:
    """What makes white channels so alike that they are as alike as the plate's once each has its own spectrum."""
    flat = kernels.reshape(3, -1)
    wanted = np.clip(correlation / np.maximum(flat @ flat.T, 0.1), -0.999, 0.999)
    np.fill_diagonal(wanted, 1.0)
    values, vectors = np.linalg.eigh(wanted)
    near = (vectors * np.maximum(values, 1e-4)) @ vectors.T  # three words on likeness may contradict each other
    scale = np.sqrt(np.diag(near))
    return np.asarray(np.linalg.cholesky(near / np.outer(scale, scale)), np.float32)


def _kernel(power: npt.NDArray[np.floating]) -> Pixels:
    """A symmetric kernel with that power spectrum, of unit energy."""
    response = np.fft.fftshift(np.real(np.fft.ifft2(np.sqrt(power))))
    middle = len(response) // 2
    response = response[middle - RADIUS : middle + RADIUS + 1, middle - RADIUS : middle + RADIUS + 1]
    energy = (response**2).sum()
    if not energy > 0:  # a channel that has none where the others do: whatever is drawn for it is multiplied by 0
        response, energy = np.zeros_like(response), np.float64(1)
        response[RADIUS, RADIUS] = 1
    return np.asarray(response / np.sqrt(energy), np.float32)
