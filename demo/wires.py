"""Stunt wires over a clean frame: steel lines under a little slack, and their coverage.

Convention: a wire runs from the upper to the lower edge (`upright`) or from left to right; places along and across the
frame are fractions of its width and height, widths and blurs are pixels of a frame 960 pixels wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]

# Coverage below this is no wire: half of the last step of an 8-bit matte.
_LEAST_COVERAGE = 1 / 512
_REFERENCE_WIDTH = 960

# The integral of a Gaussian of unit spread, for the edge of a blurred bar.
_STEPS = np.linspace(-4, 4, 1601)
_EDGE = np.cumsum(np.exp(-(_STEPS**2) / 2))
_EDGE = (_EDGE / _EDGE[-1]).astype(np.float32)


@dataclass(frozen=True)
class Wire:
    """One wire and how it moves through the shot."""

    ends: tuple[float, float]  # where it crosses the first and the last edge
    travel: tuple[float, float]  # how far each end goes during the shot
    sway: float  # how far it swings about that
    swings: float  # how often during the shot
    slack: float  # how deep it hangs at its middle
    width: float
    blur: float = 0.5  # 0.5 is sharp; more is out of focus
    upright: bool = True
    steel: tuple[float, float, float] = (0.05, 0.052, 0.055)
    gleam: float = 0.5  # radiance of the light that runs along it


def wires_over(clean: Pixels, wires: Sequence[Wire], share: float) -> tuple[Pixels, Pixels]:
    """The frame with the wires in front of it, and their coverage (H, W), when that share of the shot has passed."""
    rgb, uncovered = clean.copy(), np.ones(clean.shape[:2], np.float32)
    for wire in wires:
        across = rgb.swapaxes(0, 1) if not wire.upright else rgb
        open_across = uncovered.T if not wire.upright else uncovered
        _lay(across, open_across, wire, share, clean.shape[1] / _REFERENCE_WIDTH)
    return rgb, 1 - uncovered


def _lay(rgb: Pixels, uncovered: Pixels, wire: Wire, share: float, scale: float) -> None:
    """Lays an upright wire over the pixels near it, and takes its coverage from what is uncovered."""
    rows, columns = uncovered.shape
    line, slope = _line(wire, share, rows, columns)
    width, blur = max(1.2, wire.width * scale), max(0.45, wire.blur * scale)
    reach = int(np.ceil((width / 2 + 4 * blur) * np.sqrt(1 + np.max(slope**2)))) + 1
    column = np.floor(line)[:, None].astype(int) + np.arange(-reach, reach + 1)
    away = (column - line[:, None]) / np.sqrt(1 + slope[:, None] ** 2)
    cover = np.interp((away + width / 2) / blur, _STEPS, _EDGE) - np.interp((away - width / 2) / blur, _STEPS, _EDGE)
    cover[(cover < _LEAST_COVERAGE) | (column < 0) | (column >= columns)] = 0
    row = np.broadcast_to(np.arange(rows)[:, None], column.shape)
    inside = cover > 0
    place, part = (row[inside], column[inside]), cover[inside].astype(np.float32)
    steel = _steel(wire, share, rows, away / width)[inside]
    rgb[place] = rgb[place] * (1 - part[:, None]) + steel * part[:, None]
    uncovered[place] *= 1 - part


def _line(wire: Wire, share: float, rows: int, columns: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Where the wire is on each row, and how it leans there: a parabola, which a taut catenary is to within a pixel."""
    swing = wire.sway * np.sin(2 * np.pi * wire.swings * share)
    first, last = (end + way * share + swing for end, way in zip(wire.ends, wire.travel, strict=True))
    along = np.linspace(0, 1, rows)
    line = (first + (last - first) * along + wire.slack * 4 * along * (1 - along)) * columns - 0.5
    return line, np.gradient(line) if rows > 1 else np.zeros(rows)


def _steel(wire: Wire, share: float, rows: int, across: npt.NDArray[np.float64]) -> Pixels:
    """The wire's own radiance: round, strands that glint along it, darker towards its edges."""
    along = np.linspace(0, 1, rows)[:, None]
    glint = np.exp(-(((along - 0.25 - 0.3 * share) / 0.16) ** 2)) + 0.3 * np.sin(40 * along + 9 * share) ** 8
    shade = np.sqrt(np.clip(1 - (1.6 * across) ** 2, 0.1, 1))
    lit = (wire.gleam * glint * np.exp(-(((across + 0.12) / 0.22) ** 2)))[..., None]
    return np.asarray(shade[..., None] * np.asarray(wire.steel) + lit * np.array([1.0, 0.9, 0.75]), np.float32)


FLOWN_PERFORMER = (
    Wire((0.30, 0.36), (0.24, 0.30), 0.02, 1.3, 0.006, 2.6),
    Wire((0.37, 0.40), (0.23, 0.30), 0.02, 1.3, -0.004, 2.2, gleam=1.4),
    Wire((0.16, 0.30), (0.07, -0.03), 0.012, 2.1, 0.07, 3.4, 0.8, upright=False, gleam=0.3),
)
"""Two lines that carry somebody across the frame, and the pick-up line that follows."""

DESCENT = (
    Wire((0.62, 0.44), (-0.18, -0.10), 0.015, 1.1, 0.01, 2.2),
    Wire((0.66, 0.47), (-0.18, -0.10), 0.015, 1.1, 0.012, 3.0, gleam=2.2),
    Wire((0.12, 0.20), (0.13, 0.09), 0.02, 0.8, -0.01, 5.6, 1.9, gleam=0.2),
)
"""Two lines that let somebody down in front of the window, and a safety line close to the lens, out of focus."""
