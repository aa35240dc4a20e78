"""Clips whose grain is known to the pixel: a background, a camera's move, grain of one's choice, holes that move."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.motion import LUMA, View

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

HEIGHT, WIDTH, FRAMES = 224, 320, 25
MARGIN = 160  # pixels that the background reaches beyond the frame, for cameras that move
WIRES = (5, 7)  # pixels: what is thin, upright and lying
BLOB = 44  # pixels


@dataclass(frozen=True)
class Case:
    """A clip: what its grain is like, and how its camera and its holes move.

    Convention: `sigma` in log units at mid grey, `softness` the radius in pixels of a Gaussian that white noise went
        through, `ring` how far its lowest frequencies are taken away again; `pan` pixels a frame (x, y), `drift` of the
        holes against the frame.
    """

    name: str
    sigma: float
    softness: float = 0.0
    ring: float = 0.0
    pan: tuple[float, float] = (0.0, 0.0)
    drift: float = 3.0
    detail: float = 0.05
    channels: tuple[float, float, float] = (1.0, 0.8, 1.4)


CASES = (
    Case("locked, white", 0.012),
    Case("locked, soft", 0.02, softness=0.9),
    Case("pan by part of a pixel, white", 0.012, pan=(0.37, 0.21)),
    Case("pan by part of a pixel, soft", 0.02, softness=0.7, pan=(0.43, -0.17)),
    Case("pan, coarse", 0.03, softness=1.4, pan=(2.31, 0.6)),
    Case("pan, debayered", 0.015, softness=0.5, ring=0.5, pan=(-3.6, 0.27), drift=0.0),
    Case("locked, never seen, soft", 0.02, softness=0.9, drift=0.0),
)


@dataclass(frozen=True, eq=False)
class Clip:
    """The truth without grain and the grain (F, H, W, 3), what it deviates by, and the holes (F, H, W); in log."""

    case: Case
    clean: Pixels
    grain: Pixels
    sigma: Pixels
    hole: Matte
    blob: Matte
    lying: Matte

    def views(self) -> dict[int, View]:
        """The frames as a clean sees them: what is in the holes is something else."""
        log = np.where(self.hole[..., None], np.float32(0.1), self.clean + self.grain)
        there = np.ones(self.hole.shape[1:], bool)
        return {index: View(index, frame, self.hole[index], there) for index, frame in enumerate(log)}


def clip_of(case: Case, seed: int, grain_seed: int) -> Clip:
    """The clip of that case; another seed of the grain leaves all else as it is."""
    background = _background(np.random.default_rng(seed), case.detail)
    rng = np.random.default_rng([seed, grain_seed])
    clean = np.stack([_framed(background, case.pan, index) for index in range(FRAMES)])
    white = rng.standard_normal((FRAMES, HEIGHT + 32, WIDTH + 32, 3), dtype=np.float32)
    shaped = np.stack([_shaped(frame, case) for frame in white])
    shaped /= shaped.std(axis=(0, 1, 2))
    shaped[..., 0] = 0.8 * shaped[..., 0] + 0.6 * shaped[..., 1]  # channels share some of it, as after debayering
    sigma = _deviation(clean, case)
    blob, upright, lying = _holes(case)
    return Clip(case, clean, shaped * sigma, sigma, blob | upright | lying, blob, lying)


def _background(rng: np.random.Generator, detail: float) -> Pixels:
    size = (HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN)
    total = np.zeros((*size, 3), np.float32)
    for radius, depth in ((3.0, detail * 0.3), (8.0, detail), (30.0, 0.12)):
        layer = cv2.GaussianBlur(rng.standard_normal((*size, 3)).astype(np.float32), (0, 0), radius)
        mixed = layer * 0.3 + layer.mean(axis=2, keepdims=True)
        total += depth * mixed / mixed.std()
    things = cv2.GaussianBlur((rng.random(size) > 0.9995).astype(np.float32), (0, 0), 2.0)
    return np.asarray(np.clip(0.6 + total, 0.25, 0.95) + 2 * things[..., None], np.float32)


def _framed(background: Pixels, pan: tuple[float, float], index: int) -> Pixels:
    x, y = (MARGIN + step * (index - FRAMES // 2) for step in pan)
    matrix = np.array([[1, 0, x], [0, 1, y]], np.float64)
    grid = np.stack(np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT)), axis=-1) + matrix[:, 2]
    points = grid.astype(np.float32)
    return np.asarray(cv2.remap(background, points[..., 0], points[..., 1], cv2.INTER_LANCZOS4), np.float32)


def _shaped(white: Pixels, case: Case) -> Pixels:
    soft = cv2.GaussianBlur(white, (0, 0), case.softness) if case.softness else white
    if case.ring:
        soft = soft - case.ring * cv2.GaussianBlur(soft, (0, 0), 2.0)
    return np.asarray(soft[16:-16, 16:-16], np.float32)


def _deviation(clean: Pixels, case: Case) -> Pixels:
    """Relative noise that falls with light, as a camera's: by half from dark to bright."""
    luma = (clean @ LUMA)[..., None]
    return np.asarray(case.sigma * (1.6 - luma) * np.array(case.channels, np.float32), np.float32)


def _holes(case: Case) -> tuple[Matte, Matte, Matte]:
    blob, upright, lying = np.zeros((3, FRAMES, HEIGHT, WIDTH), bool)
    for index in range(FRAMES):
        moved = round(case.drift * (index - FRAMES // 2))
        row, column = 28 + abs(moved) // 3, 130 + moved
        blob[index, row : row + BLOB, column : column + BLOB] = True
        upright[index, :, 50 + moved : 50 + moved + WIRES[0]] = True
        lying[index, 160 + moved : 160 + moved + WIRES[1]] = True
    return blob, upright, lying
