"""Wires and rigs drawn over a plate, with the coverage that is their truth: what a network that finds them learns from.

Convention: plates are scene-linear (H, W, 3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from interneg.plates.optics import defocused, smeared
from interneg.training.strands import (
    FINER,
    SUBPIXEL_BITS,
    Pixels,
    Strand,
    aside_of,
    brought_down,
    coverage,
    drift,
    fixed,
    random_strand,
    resampled,
)

THINNEST, THICKEST = 0.7, 12.0  # pixels on the plate
WIDEST_BLUR, LONGEST_SMEAR = 6.0, 40.0  # pixels


@dataclass(frozen=True, eq=False)
class DrawnRig:
    """What is laid over a plate.

    Convention: matte (H, W) coverage in [0, 1]; colour (H, W, 3) straight, in shares of the plate's own local mean.
    """

    matte: Pixels
    colour: Pixels


def drawn_wires(rng: np.random.Generator, height: int, width: int) -> DrawnRig:
    """Up to four arrangements of wires and rigs for a plate of that size; the matte is what they truly cover."""
    matte, colour = np.zeros((height, width), np.float32), np.ones((height, width, 3), np.float32)
    for _ in range(int(rng.choice((1, 2, 3, 4), p=(0.5, 0.3, 0.15, 0.05)))):
        drawn = _arrangement(rng, height, width)
        over = drawn.matte[..., None]
        total = matte[..., None] * (1 - over) + over
        share = np.divide(over, total, out=np.zeros_like(over), where=total > 1e-6)
        colour = colour * (1 - share) + drawn.colour * share
        matte = total[..., 0]
    return DrawnRig(matte, np.ascontiguousarray(colour, np.float32))


def composited(plate_linear: Pixels, rig: DrawnRig) -> Pixels:
    """The plate with the rig over it, in linear light."""
    over = rig.matte[..., None]
    size = max(9, min(plate_linear.shape[:2]) // 4)
    around = cv2.blur(plate_linear, (size, size), borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(plate_linear * (1 - over) + rig.colour * around * over, np.float32)


def _arrangement(rng: np.random.Generator, height: int, width: int) -> DrawnRig:
    """One thing: wires that belong together, a rope, or a piece of rigging."""
    pixels = _thickness(rng)
    kind = rng.choice(("wire", "parallel", "fan", "twisted", "rope", "rig"), p=(0.45, 0.17, 0.08, 0.1, 0.1, 0.1))
    strand = random_strand(rng, height, width, max(pixels, 3.0) if kind in ("rope", "rig") else pixels)
    makers: dict[str, Callable[[], list[Strand]]] = {
        "wire": lambda: [strand],
        "parallel": lambda: _parallel(rng, strand),
        "fan": lambda: _fanned(rng, strand),
        "twisted": lambda: _twisted_pair(rng, strand),
        "rope": lambda: [strand],
        "rig": lambda: [strand, *_hardware(rng, strand)],
    }
    strands = makers[str(kind)]()
    covered = coverage(strands, height, width)
    if rng.random() < 0.3:
        covered = covered * _unhidden(rng, height, width)
    colour = _colour(rng, covered, strands, kind == "rope")
    softened = _through_camera(rng, np.dstack([covered, colour * covered[..., None]]))
    return _told_apart(softened, _transparency(rng, pixels))


def _told_apart(premultiplied: Pixels, opacity: float) -> DrawnRig:
    """Coverage and straight colour out of what the lens blurred together."""
    covered = np.clip(premultiplied[..., 0], 0, 1)
    colour = premultiplied[..., 1:] / np.maximum(covered, 1e-4)[..., None]
    return DrawnRig(covered * opacity, np.where(covered[..., None] > 1e-4, colour, 1).astype(np.float32))


def _thickness(rng: np.random.Generator) -> float:
    """Pixels across: half of all wires are under three."""
    return float(np.exp(rng.uniform(np.log(THINNEST), np.log(THICKEST)))) if rng.random() < 0.8 else rng.uniform(1, 3)


def _transparency(rng: np.random.Generator, pixels: float) -> float:
    """How opaque it is: fishing line lets most of what is behind it through."""
    return float(rng.uniform(0.2, 0.6)) if pixels < 4 and rng.random() < 0.12 else 1.0


def _parallel(rng: np.random.Generator, strand: Strand) -> list[Strand]:
    """Two to four of them beside each other."""
    apart = max(2.5 * float(strand.width.mean()), rng.uniform(4, 40))
    aside, lean = aside_of(strand.points), rng.normal(0, 0.15) * np.linspace(-1, 1, len(strand.points))[:, None]
    count = int(rng.integers(2, 5))
    return [Strand(strand.points + aside * apart * index * (1 + lean), strand.width) for index in range(count)]


def _fanned(rng: np.random.Generator, strand: Strand) -> list[Strand]:
    """Lines that leave one point."""
    hub, made = strand.points[len(strand.points) // 2], [strand]
    for _ in range(int(rng.integers(1, 4))):
        turn = rng.normal(0, 0.5)
        matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        made.append(Strand((strand.points - hub) @ matrix.T + hub, strand.width))
    return made


def _twisted_pair(rng: np.random.Generator, strand: Strand) -> list[Strand]:
    """Two strands that wind around each other."""
    dense = resampled(strand, 240)
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(dense.points, axis=0), axis=1))])
    pitch = max(8.0, float(dense.width.mean()) * rng.uniform(7, 20))
    swing = (
        np.sin(run / pitch * 2 * np.pi)[:, None]
        * aside_of(dense.points)
        * dense.width[:, None]
        * rng.uniform(0.35, 0.6)
    )
    return [Strand(dense.points + swing * sign, dense.width * 0.75) for sign in (-1, 1)]


def _hardware(rng: np.random.Generator, strand: Strand) -> list[Strand]:
    """Rings, clamps and a bar where the line is in the plate."""
    at = int(len(strand.points) * rng.uniform(0.35, 0.65))
    middle, width = strand.points[at], float(strand.width[at])
    along = strand.points[min(at + 1, len(strand.points) - 1)] - strand.points[at - 1]
    along = along / max(float(np.linalg.norm(along)), 1e-6)
    aside = np.array((-along[1], along[0]))
    kind = rng.choice(("ring", "clamp", "bar"))
    if kind == "ring":
        turn, radius = np.linspace(0, 2 * np.pi, 25), width * rng.uniform(1.2, 3.0)
        flat = rng.uniform(0.4, 1.0)
        ring = np.cos(turn)[:, None] * along * radius + np.sin(turn)[:, None] * aside * radius * flat
        return [Strand(middle + along * radius + ring, np.full(25, max(1.0, width * rng.uniform(0.3, 0.6))))]
    if kind == "clamp":
        length = width * rng.uniform(1.0, 2.5)
        ends = np.stack([middle - along * length, middle + along * length])
        return [Strand(ends, np.full(2, min(width * rng.uniform(1.6, 2.4), 18.0)))]
    length = rng.uniform(15, 70)
    bar = Strand(
        np.stack([middle - aside * length, middle + aside * length]), np.full(2, width * rng.uniform(1.0, 1.6))
    )
    tips = [np.stack([end, end + along * rng.uniform(20, 200)]) for end in bar.points]
    return [bar, *(Strand(tip, np.full(2, max(1.0, width * 0.4))) for tip in tips)]


def _colour(rng: np.random.Generator, covered: Pixels, strands: list[Strand], is_rope: bool) -> Pixels:
    """The strands' colour (H, W, 3) in shares of the plate behind: a body, round shading, and a glint along a part."""
    height, width = covered.shape
    tint = np.exp(rng.normal(0, 0.12, 3) - rng.normal(0, 0.02))
    body = tint * _brightness(rng)
    across = _across(strands, height, width)  # (H, W), -1 to 1 from one edge to the other
    lit = rng.uniform(-0.8, 0.8)
    round_shade = np.clip(1 - rng.uniform(0.1, 0.7) * (across - lit) ** 2, 0.15, None)
    shade = round_shade * drift(rng, height, width, rng.uniform(0, 0.6))
    if is_rope:
        shade = shade * _lay(rng, strands[0], across)
    colour = shade[..., None] * body
    if rng.random() < 0.5:
        ridge = np.exp(-(((across - lit) / rng.uniform(0.15, 0.5)) ** 2))
        part = np.clip(drift(rng, height, width, 2.0) - 0.6, 0, 1)
        colour = colour + (ridge * part * np.exp(rng.uniform(-0.5, 1.8)))[..., None] * (0.5 + 0.5 * tint)
    return np.asarray(colour, np.float32)


def _brightness(rng: np.random.Generator) -> float:
    """In shares of what is behind: mostly dark, some bright, some that all but vanish."""
    kind = rng.choice(("dark", "bright", "near"), p=(0.5, 0.22, 0.28))
    if kind == "dark":
        return float(np.exp(rng.uniform(np.log(0.03), np.log(0.6))))
    return float(np.exp(rng.uniform(np.log(1.4), np.log(6.0)))) if kind == "bright" else float(rng.uniform(0.7, 1.35))


def _across(strands: list[Strand], height: int, width: int) -> Pixels:
    """Where in its strand's width each pixel lies, from -1 to 1: the offset to the nearest point of a centre line."""
    near, offset = np.full((height, width), np.inf, np.float32), np.zeros((height, width), np.float32)
    for strand in strands:
        canvas = np.full((height, width), 255, np.uint8)
        line = fixed(strand.points, 1.0)
        cv2.polylines(canvas, [line], False, 0, 1, cv2.LINE_8, SUBPIXEL_BITS)
        away = cv2.distanceTransform(canvas, cv2.DIST_L2, 3)
        side = cv2.Sobel(away, cv2.CV_32F, 0, 1, ksize=3) + 1e-3 * cv2.Sobel(away, cv2.CV_32F, 1, 0, ksize=3)
        signed = np.sign(side) * away / max(float(strand.width.mean()) / 2, 0.5)
        nearer = away < near
        near, offset = np.where(nearer, away, near), np.where(nearer, signed, offset)
    return np.clip(offset, -1, 1)


def _lay(rng: np.random.Generator, strand: Strand, across: Pixels) -> Pixels:
    """The light and dark of a rope's lay (H, W)."""
    height, width = across.shape
    chord = strand.points[-1] - strand.points[0]
    chord = chord / max(float(np.linalg.norm(chord)), 1e-6)
    run = np.arange(width)[None] * chord[0] + np.arange(height)[:, None] * chord[1]
    pitch = max(2.0, float(strand.width.mean()) * rng.uniform(0.5, 1.1))
    return np.asarray(
        1 + rng.uniform(0.2, 0.55) * np.sin(2 * np.pi * run / pitch + across * rng.uniform(1, 3)), np.float32
    )


def _unhidden(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """What things before the wire leave of it: 0 where something with a sharp or soft edge stands."""
    canvas = np.full((height * FINER, width * FINER), 255, np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        centre = rng.uniform((0, 0), (width, height)) * FINER
        spread = rng.uniform(0.06, 0.3) * min(height, width) * FINER
        angle = np.sort(rng.uniform(0, 2 * np.pi, 9))
        outline = centre + np.stack([np.cos(angle), np.sin(angle)], axis=1) * spread * rng.uniform(0.6, 1.2, (9, 1))
        cv2.fillPoly(canvas, [outline.astype(np.int32)], 0)
    clear = brought_down(canvas)
    return cv2.GaussianBlur(clear, (0, 0), rng.uniform(0.4, 2.5)) if rng.random() < 0.5 else clear


def _through_camera(rng: np.random.Generator, layer: Pixels) -> Pixels:
    """The layer out of focus and smeared by motion, as often as on set."""
    if rng.random() < 0.4:
        layer = defocused(layer, WIDEST_BLUR * rng.random() ** 2)
    if rng.random() < 0.3:
        length, turn = LONGEST_SMEAR * rng.random() ** 2, rng.uniform(0, np.pi)
        layer = smeared(layer, length * np.cos(turn), length * np.sin(turn))
    return layer
