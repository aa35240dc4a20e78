"""Plots as SVG, drawn into the page: they need no script, no file beside it, and scale to any screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

WIDTH, HEIGHT = 640.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 84.0, 24.0, 36.0, 44.0
COLOURS = ("#e8a33d", "#6fb1e0", "#d7695f", "#86c06c", "#b79be0", "#c9c9c9")
TICKS = 5  # or so: they stand at round numbers

Points = Sequence[tuple[float, float]]


def lines(series: Mapping[str, Points], across: str, up: str, colours: Sequence[str] = COLOURS) -> str:
    """Curves by name over one pair of axes; empty where there is nothing to draw."""
    drawn = {name: points for name, points in series.items() if len(points) > 1}
    if not drawn:
        return ""
    every = np.asarray([point for points in drawn.values() for point in points], np.float64)
    frame = _Frame(every)
    parts = [frame.axes(across, up)]
    for index, (name, points) in enumerate(drawn.items()):
        colour = colours[index % len(colours)]
        path = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if len(drawn) > 1:
            place = LEFT + 110 + 110 * index  # clear of the axis's own name, on a phone's larger letters too
            parts.append(f'<text x="{place:.0f}" y="16" fill="{colour}">{escape(name)}</text>')
    return _svg("".join(parts), HEIGHT, f"{up} over {across}")


def gains(values: Sequence[float], unit: str) -> str:
    """What the candidate gained on each held-out example, worst to best; nothing where none gained or lost."""
    if not any(values):
        return ""
    ordered = sorted(values)
    frame = _Frame(np.asarray([(-0.5, min(0.0, *ordered)), (len(ordered) - 0.5, max(0.0, *ordered))], np.float64))
    wide = max(1.0, (WIDTH - LEFT - RIGHT) / len(ordered) * 0.7)
    bars = "".join(_bar(frame, index, gain, wide) for index, gain in enumerate(ordered))
    zero = f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{frame.y(0):.1f}" y2="{frame.y(0):.1f}" class="zero"/>'
    axes = frame.axes("held-out examples, worst to best", f"gain ({unit})", named=False)
    return _svg(axes + bars + zero, HEIGHT, "gain on each held-out example")


def _bar(frame: _Frame, index: int, gain: float, wide: float) -> str:
    top, bottom = frame.y(max(gain, 0.0)), frame.y(min(gain, 0.0))
    colour = COLOURS[0] if gain >= 0 else COLOURS[2]
    left = frame.x(index) - wide / 2
    high = max(bottom - top, 0.5)
    return f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{colour}"/>'


class _Frame:
    """Where values lie on the page."""

    def __init__(self, points: np.ndarray) -> None:
        low, high = points.min(axis=0), points.max(axis=0)
        spread = np.where(high > low, high - low, np.maximum(np.abs(high), 1e-6))
        self._low, self._spread = low - [0, 0.05] * spread, spread * [1, 1.1]

    def x(self, value: float) -> float:
        """How far across."""
        share = (value - self._low[0]) / self._spread[0]
        return float(LEFT + share * (WIDTH - LEFT - RIGHT))

    def y(self, value: float) -> float:
        """How far down."""
        share = (value - self._low[1]) / self._spread[1]
        return float(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM))

    def _round(self, axis: int) -> list[float]:
        """Round numbers within the frame: whole multiples of 1, 2 or 5 of some power of ten."""
        low, spread = float(self._low[axis]), float(self._spread[axis])
        rough = spread / TICKS
        power = 10.0 ** np.floor(np.log10(rough))
        step = float(power * min((1, 2, 5, 10), key=lambda each: abs(each * power - rough)))
        numbers = np.arange(np.ceil(low / step), np.floor((low + spread) / step) + 1)
        return [float(f"{number * step:.10g}") + 0.0 for number in numbers]  # and no -0

    def axes(self, across: str, up: str, *, named: bool = True) -> str:
        """Grid, numbers and names."""
        parts = []
        for value in self._round(1):
            down = self.y(value)
            parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{down:.1f}" y2="{down:.1f}" class="grid"/>')
            parts.append(f'<text x="{LEFT - 8}" y="{down + 4:.1f}" text-anchor="end">{value:g}</text>')
        for value in self._round(0) if named else ():
            parts.append(f'<text x="{self.x(value):.1f}" y="{HEIGHT - 24}" text-anchor="middle">{value:g}</text>')
        parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{escape(across)}</text>')
        parts.append(f'<text x="4" y="16">{escape(up)}</text>')
        return "".join(parts)


def _svg(inside: str, height: float, title: str) -> str:
    head = f'<svg viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-label="{escape(title)}">'
    return f"{head}{inside}</svg>"
