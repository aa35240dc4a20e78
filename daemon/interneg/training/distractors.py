"""Things drawn over a plate that look like wires and are none: what teaches a network to leave them alone."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from interneg.plates.optics import defocused
from interneg.training.strands import FINER, Pixels, Points, Strand, brought_down, coverage

LEAST_POLE, GREATEST_POLE = 20.0, 60.0  # pixels across: a wire is never as wide
LETTERS = "ABCDEFGHKLMNPRSTVXYZ 0123456789"
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX)

Maker = Callable[[np.random.Generator, int, int], Pixels]


def distracted(rng: np.random.Generator, plate: Pixels) -> Pixels:
    """The plate with none, one or two things that are not wires laid into it, in linear light."""
    height, width = plate.shape[:2]
    for _ in range(int(rng.choice((0, 1, 2), p=(0.4, 0.45, 0.15)))):
        chosen = DISTRACTORS[int(rng.integers(len(DISTRACTORS)))]
        covered = chosen(rng, height, width)
        if rng.random() < 0.4:
            covered = defocused(covered, rng.uniform(0.4, 3.0))
        level = float(np.exp(rng.uniform(np.log(0.08), np.log(3.0))))
        colour = plate.reshape(-1, 3).mean(axis=0) * level * np.exp(rng.normal(0, 0.2, 3))
        plate = plate + covered[..., None] * (colour.astype(np.float32) - plate)
    return np.asarray(plate, np.float32)


def _window(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """A frame with its glazing bars: they end in the frame, and cross each other squarely."""
    left, top = rng.uniform(-0.1, 0.5) * width, rng.uniform(-0.1, 0.5) * height
    right, bottom = left + rng.uniform(0.25, 0.7) * width, top + rng.uniform(0.3, 0.8) * height
    shear, bar = rng.normal(0, 0.06, 2), rng.uniform(1.5, 7.0)
    across = np.linspace(left, right, int(rng.integers(2, 5)))
    down = np.linspace(top, bottom, int(rng.integers(2, 6)))
    lines = [np.array([(x, top), (x, bottom)]) for x in across] + [np.array([(left, y), (right, y)]) for y in down]
    outer = {0, len(across) - 1, len(across), len(across) + len(down) - 1}
    matrix = np.array([[1, shear[0]], [shear[1], 1]])
    widths = [bar * (2.5 if index in outer else 1.0) for index in range(len(lines))]
    return coverage([_even(line @ matrix.T, w) for line, w in zip(lines, widths, strict=True)], height, width)


def _blind(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """Many slats, evenly apart."""
    pitch, slope = rng.uniform(5, 16), rng.normal(0, 0.08)
    left, right = np.sort(rng.uniform(-0.1, 1.1, 2)) * width
    slats = [np.array([(left, y), (right, y + slope * (right - left))]) for y in np.arange(0, height, pitch)]
    if rng.random() < 0.4:
        slats = [slat[:, ::-1] for slat in slats]
    return coverage([_even(slat, pitch * rng.uniform(0.3, 0.6)) for slat in slats], height, width)


def _edge(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """A half plane: one edge, not two."""
    centre, turn = rng.uniform((0, 0), (width, height)), rng.uniform(0, 2 * np.pi)
    x, y = np.arange(width)[None] - centre[0], np.arange(height)[:, None] - centre[1]
    soft = np.exp(rng.uniform(np.log(0.5), np.log(12.0)))
    inside = np.clip((x * np.cos(turn) + y * np.sin(turn)) / soft + 0.5, 0, 1)
    return np.asarray(inside * rng.uniform(0.3, 1.0), np.float32)


def _pole(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """A post or a trunk that is too thick to be a wire."""
    across, lean = rng.uniform(0, width), rng.normal(0, 0.1) * height
    line = np.array([(across - lean, -40.0), (across + lean, height + 40.0)])
    line = line if rng.random() < 0.7 else line[:, ::-1]
    return coverage([_even(line, rng.uniform(LEAST_POLE, GREATEST_POLE))], height, width)


def _hair(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """A bunch of hairs, grass or twigs that spring from one place."""
    root = rng.uniform((0, 0.2 * height), (width, 1.1 * height))
    turn, spread, length = rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.7), rng.uniform(0.15, 0.5) * height
    share = np.linspace(0, 1, 7)[:, None]
    strands = []
    for _ in range(int(rng.integers(15, 70))):
        own = turn + rng.normal(0, spread)
        along = np.array((np.cos(own), np.sin(own)))
        bend = rng.normal(0, 0.3) * length * np.array((-along[1], along[0]))
        points = root + rng.normal(0, 6, 2) + along * length * rng.uniform(0.5, 1.2) * share + bend * share**2
        strands.append(Strand(points, np.linspace(rng.uniform(0.8, 2.0), 0.5, len(points))))
    return coverage(strands, height, width)


def _text(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """Lettering, as on signs and books."""
    canvas = np.zeros((height * FINER, width * FINER), np.uint8)
    size, font = rng.uniform(2.0, 7.0), FONTS[int(rng.integers(len(FONTS)))]
    for line in range(int(rng.integers(1, 5))):
        word = "".join(LETTERS[int(index)] for index in rng.integers(len(LETTERS), size=int(rng.integers(3, 12))))
        place = (
            int(rng.uniform(-0.1, 0.6) * width * FINER),
            int((0.2 + 0.13 * line + rng.uniform(0, 0.3)) * height * FINER),
        )
        cv2.putText(canvas, word, place, font, size, 255, int(rng.uniform(2, 10)), cv2.LINE_AA)
    turned = cv2.getRotationMatrix2D((width * FINER / 2, height * FINER / 2), float(rng.normal(0, 12)), 1.0)
    return brought_down(cv2.warpAffine(canvas, turned, (width * FINER, height * FINER)))


def _stripes(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """A striped patch: cloth, shutters, cladding."""
    turn, pitch, centre = rng.uniform(0, np.pi), rng.uniform(4, 14), rng.uniform((0, 0), (width, height))
    x, y = np.arange(width)[None] - centre[0], np.arange(height)[:, None] - centre[1]
    wave = np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / pitch)
    size = rng.uniform(0.15, 0.45) * np.array((width, height))
    patch = (np.abs(x) < size[0]) & (np.abs(y) < size[1])
    return np.asarray(np.clip(wave * 2 + 0.5, 0, 1) * patch * rng.uniform(0.3, 1.0), np.float32)


DISTRACTORS: tuple[Maker, ...] = (_window, _blind, _edge, _pole, _hair, _text, _stripes)


def _even(points: Points, width: float) -> Strand:
    return Strand(np.asarray(points, np.float64), np.full(len(points), width))
