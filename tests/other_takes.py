"""Shots and other takes of known truth: one texture as the set, framed, lit and crossed as each take has it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interneg.operators.motion import View
from interneg.plates.colour import log_from_linear
from synthetic import Pixels, texture_of, wire_of

HEIGHT, WIDTH = 108, 192
SET = texture_of(11, finest=0.2, depth=0.2)


@dataclass(frozen=True)
class Framing:
    """How a take looks at the set: offset, zoom and roll about its middle, and its light a channel."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    roll_degrees: float = 0.0
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)


def taken(framing: Framing, height: int = HEIGHT, width: int = WIDTH, noise: float = 0.0, seed: int = 0) -> Pixels:
    """The set as a camera of so many pixels across takes it, (H, W, 3) scene-linear."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    unit = WIDTH / width
    across, down = (columns - (width - 1) / 2) * unit, (rows - (height - 1) / 2) * unit
    turn = np.deg2rad(framing.roll_degrees)
    x = (across * np.cos(turn) - down * np.sin(turn)) / framing.zoom + framing.x + WIDTH / 2
    y = (across * np.sin(turn) + down * np.cos(turn)) / framing.zoom + framing.y + HEIGHT / 2
    grain = np.random.default_rng(seed).normal(0, noise, (height, width, 3)) if noise else 0.0
    lit = np.maximum(SET.at(x, y), 0.02) * np.array(framing.light) + grain
    return lit.astype(np.float16).astype(np.float32)


def somebody(frame: Pixels, left: int, size: int = 40, level: float = 0.05) -> Pixels:
    """The frame with somebody dark standing in it, from top to bottom."""
    crossed = frame.copy()
    crossed[:, max(0, left) : left + size] = level
    return crossed


def wired(frame: Pixels, matte: Pixels) -> Pixels:
    """The frame with a dark wire wherever the matte is."""
    return np.where((matte > 0)[..., None], np.float32(0.03), frame)


def view_of(frame: Pixels, matte: Pixels | None = None, number: int = 1) -> View:
    """The frame as the operators see it."""
    hole = np.zeros(frame.shape[:2], bool) if matte is None else matte > 0
    return View(number, log_from_linear(frame), hole, np.ones(frame.shape[:2], bool))


def wire(height: int = HEIGHT, width: int = WIDTH) -> Pixels:
    """The matte of a wire that never moves, within the frame."""
    matte = wire_of(height, width, 5.0)
    matte[:, :24] = matte[:, -24:] = 0
    return matte
