"""Wires of another look than the demo's and the lesson's over real frames: slack, uneven, two-ply, blurred."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Line = npt.NDArray[np.float64]

REFERENCE_WIDTH = 960  # pixels: widths and blurs are of a frame as wide as this
FINER = 4
LEAST_COVERAGE = 1 / 512  # half of the last step of an 8-bit matte


@dataclass(frozen=True)
class HungWire:
    """One wire: where it enters and leaves, how it hangs, what it is made of, and how it moves.

    Convention: places are fractions of the frame; `travel` is for the whole shot; `tone` is linear radiance.
    """

    ends: tuple[float, float]
    travel: tuple[float, float]
    slack: float
    width: float
    uneven: float  # share by which its thickness changes along it
    blur: float
    smear: float  # pixels that it moves while the shutter is open
    tone: tuple[float, float, float]
    glint: float
    plies: int = 1
    upright: bool = True


def hung_wires(seed: int) -> tuple[HungWire, ...]:
    """Three of them, 2 to 7 pixels wide at a width of 960."""
    rng = np.random.default_rng((seed, 2))
    tones = ((0.02, 0.02, 0.022), (0.62, 0.6, 0.55), (0.18, 0.15, 0.11))
    return tuple(
        HungWire(
            ends=(float(rng.uniform(0.15, 0.85)), float(rng.uniform(0.15, 0.85))),
            travel=(float(rng.normal(0, 0.05)), float(rng.normal(0, 0.05))),
            slack=float(rng.normal(0, 0.05)),
            width=float(rng.uniform(2, 7)),
            uneven=float(rng.uniform(0, 0.35)),
            blur=float(rng.uniform(0.5, 2.2)),
            smear=float(rng.uniform(0, 4)),
            tone=tones[index],
            glint=float(rng.uniform(0, 0.5)),
            plies=1 + index % 2,
            upright=index != 1,
        )
        for index in range(3)
    )


def hung_over(clean: Pixels, wires: tuple[HungWire, ...], share: float) -> tuple[Pixels, Pixels]:
    """The frame with the wires in front of it, and their coverage (H, W), when that share of the shot has passed."""
    rgb, uncovered = clean.copy(), np.ones(clean.shape[:2], np.float32)
    for wire in wires:
        picture = rgb if wire.upright else rgb.swapaxes(0, 1)
        cover, colour = _drawn(wire, share, picture.shape[:2], clean.shape[1] / REFERENCE_WIDTH)
        picture[...] = picture * (1 - cover[..., None]) + colour * cover[..., None]
        uncovered *= 1 - (cover if wire.upright else cover.T)
    return rgb, 1 - uncovered


def _drawn(wire: HungWire, share: float, size: tuple[int, int], scale: float) -> tuple[Pixels, Pixels]:
    """Coverage (H, W) and straight colour (H, W, 3) of an upright wire."""
    rows, columns = size
    along = (np.arange(rows * FINER) + 0.5) / (rows * FINER)
    first, last = (end + way * share for end, way in zip(wire.ends, wire.travel, strict=True))
    line = (first + (last - first) * along + wire.slack * np.cosh(2 * along - 1) / np.cosh(1)) * columns * FINER
    width = max(1.2, wire.width * scale) * FINER * (1 + wire.uneven * np.sin(9 * along + 3 * share))
    place = np.arange(columns * FINER) + 0.5
    slope = np.hypot(1, np.gradient(line))[:, None]
    winding = 0.5 * np.sin(along * rows / (3.0 * max(wire.width * scale, 1)))
    solid = np.zeros((rows * FINER, columns * FINER), np.float32)
    for ply in range(wire.plies):
        centre, half = (line + (2 * ply - 1) * winding * width, width / 2.8) if wire.plies > 1 else (line, width / 2)
        solid = np.maximum(solid, np.abs(place - centre[:, None]) / slope <= half[:, None])
    solid = cv2.GaussianBlur(solid, (0, 0), max(0.45, wire.blur * scale) * FINER)
    solid = cv2.blur(solid, (max(1, round(wire.smear * scale * FINER)), 1))
    cover = cv2.resize(solid, (columns, rows), interpolation=cv2.INTER_AREA)
    cover[cover < LEAST_COVERAGE] = 0
    run = np.linspace(0, 1, rows)[:, None, None]
    shine = wire.glint * (np.exp(-(((run - 0.3 - 0.4 * share) / 0.08) ** 2)) + 0.5 * np.sin(60 * run + 20 * share) ** 8)
    colour = np.asarray(wire.tone, np.float32) * (1 + 0.3 * np.sin(25 * run)) + shine
    return np.asarray(cover, np.float32), np.broadcast_to(colour, (rows, columns, 3)).astype(np.float32)
