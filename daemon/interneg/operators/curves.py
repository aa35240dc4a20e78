"""Long smooth curves through a picture of evidence: what a wire is, even where it vanishes for a while."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, hypot, pi, sin

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Line = npt.NDArray[np.float64]

SPACING = 2.0  # pixels between a curve's points
TURNS = 90  # directions that a line is looked for in
BIN = 3.0  # pixels: how far parallel lines are told apart
SPREAD = 3  # turns either way that a point's own direction may be wrong by
SEED = 0.42  # evidence from which a point votes for a line
ASIDE = 12  # pixels that a curve may leave its line or its last parabola by
ABSENT = 0.28  # evidence below which a stretch speaks against a curve
BEND = 0.06  # evidence that a step aside costs
ALIGNED = 0.5  # radians that a curve and the evidence on it may differ by
MOST = 20  # curves of one frame
TRIES = 32  # lines that are followed in one frame
SHORTEST = 0.09  # of the frame's diagonal
SPENT = 7  # pixels about a curve whose evidence is spent: a crossing is a short gap, a turn-off no wire
CLEARED = 4.0  # pixels beside a curve in which its own points vote no more
DEGREE = 3  # of the polynomial that a long curve is: a parabola in perspective


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve: its points in order, and how much speaks for each.

    Convention: points (N, 2) x and y in pixels, whole at a pixel's middle, SPACING apart; evidence (N,) in [0, 1] on
        the curve itself; roughness in pixels, how far what was seen leaves the smooth curve.
    """

    points: Line
    evidence: Line
    roughness: float

    @property
    def length(self) -> float:
        """Pixels from end to end, along the chord."""
        return hypot(*(self.points[-1] - self.points[0]))

    @property
    def wobble(self) -> float:
        """Radians that it turns one way and back again: what hangs or is taut turns one way."""
        points = self.points[np.linspace(0, len(self.points) - 1, 13).astype(np.intp)]
        heading = np.unwrap(np.arctan2(*np.diff(points, axis=0).T[::-1]))
        turns = np.diff(heading)
        return float(np.abs(turns).sum() - abs(turns.sum()))

    @property
    def asides(self) -> Line:
        """The unit normals (N, 2)."""
        return normals_of(self.points)


def normals_of(points: Line) -> Line:
    """The unit normals of a line of points (N, 2), to the right of its run in x and y."""
    along = np.gradient(points, axis=0) if len(points) > 1 else np.array([[1.0, 0.0]])
    along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    return np.stack([-along[:, 1], along[:, 0]], axis=1)


def sampled(values: Pixels, points: Line) -> Line:
    """The values at points (..., 2), bilinear; 0 beyond the frame."""
    x, y = (np.ascontiguousarray(points[..., axis], np.float32) for axis in (0, 1))
    shape = x.shape
    x, y = x.reshape(-1, 1), y.reshape(-1, 1)
    parts = [
        cv2.remap(values, x[at : at + 30_000], y[at : at + 30_000], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        for at in range(0, len(x), 30_000)  # cv2 counts pixels of a map in 16 bits
    ]
    return np.asarray(np.concatenate(parts), np.float64).reshape(shape) if parts else np.zeros(shape)


def curves_of(evidence: Pixels, angle: Pixels) -> list[Curve]:
    """The long smooth curves, the strongest first.

    Convention: evidence (H, W) in [0, 1]; angle (H, W) which way it runs there, in radians from x towards y.

    References: lines by a Hough vote of oriented points (Duda and Hart, 1972); each is then followed by the best path
        through a strip about it (Viterbi), and ends where no more evidence pays for going on.
    """
    height, width = evidence.shape
    shortest = SHORTEST * hypot(height, width)
    votes, left = _Votes(evidence, angle), evidence.copy()
    found: list[Curve] = []
    for _ in range(TRIES):
        line = votes.best(shortest * 0.5 * SEED / SPACING)
        if line is None or len(found) >= MOST:
            break
        curve = _followed(left, angle, line)
        if curve is None or curve.length < shortest:
            votes.forget_line(line)
            continue
        votes.forget_line(line)  # the curve may have left it: the same line must not be followed for ever
        votes.forget_curve(curve)
        cv2.polylines(left, [np.rint(curve.points).astype(np.int32)], False, 0.0, SPENT)  # it speaks for one curve only
        found.append(curve)
    return found


class _Votes:
    """The points that stand out, and the lines they vote for."""

    def __init__(self, evidence: Pixels, angle: Pixels) -> None:
        crest = evidence >= cv2.dilate(evidence, np.ones((3, 3), np.uint8)) - 1e-6
        crest |= _is_crest(evidence, angle)
        rows, columns = np.nonzero(crest & (evidence >= SEED))
        self._place = np.stack([columns, rows], axis=1).astype(np.float64)
        self._weight = evidence[rows, columns].astype(np.float64)
        self._turn = angle[rows, columns].astype(np.float64)
        self._size = evidence.shape
        self._reach = hypot(*evidence.shape)
        self._bins = self._voted()

    def _voted(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Each point's turns and distances, (N, 2 SPREAD + 1) each."""
        own = np.rint(self._turn / pi * TURNS).astype(np.intp)
        turns = (own[:, None] + np.arange(-SPREAD, SPREAD + 1)) % TURNS
        angle = turns * pi / TURNS
        away = -self._place[:, :1] * np.sin(angle) + self._place[:, 1:] * np.cos(angle)
        return turns, np.rint((away + self._reach) / BIN).astype(np.intp)

    def best(self, least: float) -> tuple[float, float] | None:
        """The line with the most votes, as its direction and its distance from the first pixel; None below `least`."""
        if not len(self._weight):
            return None
        turns, aways = self._bins
        count = int(2 * self._reach / BIN) + 2
        votes = np.repeat(self._weight, turns.shape[1])
        table = np.bincount((turns * count + aways).ravel(), votes, TURNS * count).reshape(TURNS, count)
        table = cv2.blur(table, (3, 1), borderType=cv2.BORDER_CONSTANT) * 3  # a line falls between two distances
        at = int(table.argmax())
        if table.flat[at] < least:
            return None
        turn, away = divmod(at, count)
        return turn * pi / TURNS, away * BIN - self._reach

    def forget_line(self, line: tuple[float, float]) -> None:
        """Nothing on that line votes any more."""
        turn, away = line
        distance = -self._place[:, 0] * sin(turn) + self._place[:, 1] * cos(turn) - away
        self._keep((np.abs(distance) > BIN) | (np.abs(_turned(self._turn - turn)) > ALIGNED / 2))

    def forget_curve(self, curve: Curve) -> None:
        """Nothing on that curve, or close beside it, votes any more."""
        canvas = np.full(self._size, 255, np.uint8)
        cv2.polylines(canvas, [np.rint(curve.points).astype(np.int32)], False, 0, 1)
        distance = cv2.distanceTransform(canvas, cv2.DIST_L2, 3)
        columns, rows = self._place.astype(np.intp).T
        direction = float(np.arctan2(*(curve.points[-1] - curve.points[0])[::-1]))
        self._keep((distance[rows, columns] > CLEARED) | (np.abs(_turned(self._turn - direction)) > 2 * ALIGNED))

    def _keep(self, kept: npt.NDArray[np.bool_]) -> None:
        self._place, self._weight, self._turn = self._place[kept], self._weight[kept], self._turn[kept]
        self._bins = self._bins[0][kept], self._bins[1][kept]


def _is_crest(evidence: Pixels, angle: Pixels) -> npt.NDArray[np.bool_]:
    """Where the evidence is greatest across its own direction."""
    height, width = evidence.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    aside_x, aside_y = -np.sin(angle), np.cos(angle)
    sides = [
        cv2.remap(evidence, x + step * aside_x, y + step * aside_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for step in (-1, 1)
    ]
    return np.asarray((evidence >= sides[0]) & (evidence > sides[1]))


def _turned(difference: npt.NDArray[np.floating]) -> Line:
    """The difference of two directions without sign, in [-pi / 2, pi / 2)."""
    return np.asarray(np.mod(difference + pi / 2, pi) - pi / 2, np.float64)


def _followed(evidence: Pixels, angle: Pixels, line: tuple[float, float]) -> Curve | None:
    """The curve that runs along that line, followed through a strip that bends with it; None where there is none."""
    points = _across_frame(line, evidence.shape)
    if len(points) < 8:
        return None
    for aside in (ASIDE, ASIDE, ASIDE // 3):
        asides = normals_of(points)
        strip = _strip(evidence, angle, points, asides, aside)
        path = _best_path(strip)
        on_path = strip[np.arange(len(path)), path]
        first, last = worth(on_path - ABSENT)
        if (last - first) * SPACING < SHORTEST * hypot(*evidence.shape):
            return None
        moved = points + asides * (path - aside)[:, None]
        smooth, roughness = _smooth(moved[first:last], on_path[first:last])
        points = _inside(_extended(smooth, 80 if aside == ASIDE else 0), evidence.shape)
        if len(points) < 8:
            return None
    curve = Curve(points, np.zeros(len(points)), roughness)
    return replace(curve, evidence=_strip(evidence, angle, points, curve.asides, 1).max(axis=1))


def _across_frame(line: tuple[float, float], size: tuple[int, ...]) -> Line:
    """The line's points within the frame."""
    turn, away = line
    reach = hypot(*size)
    steps = np.arange(-reach, reach, SPACING)
    along, aside = np.array([cos(turn), sin(turn)]), np.array([-sin(turn), cos(turn)])
    return _inside(steps[:, None] * along + away * aside, size)


def _inside(points: Line, size: tuple[int, ...]) -> Line:
    """The longest run of points within the frame."""
    within = ((points > -0.5) & (points < np.array([size[1], size[0]]) - 0.5)).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], within.astype(np.int8), [0]])))
    if not len(edges):
        return points[:0]
    first, last = max(zip(edges[::2], edges[1::2], strict=True), key=lambda run: run[1] - run[0])
    return points[first:last]


def _strip(evidence: Pixels, angle: Pixels, points: Line, asides: Line, aside: int) -> Line:
    """The evidence about the points (N, 2 aside + 1), as far as it runs along them."""
    place = points[:, None] + asides[:, None] * np.arange(-aside, aside + 1)[None, :, None]
    there = sampled(evidence, place)
    columns, rows = np.rint(place[..., 0]).astype(np.intp), np.rint(place[..., 1]).astype(np.intp)
    height, width = evidence.shape
    runs = angle[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    own = np.arctan2(-asides[:, 0], asides[:, 1])[:, None]
    agreement = np.clip(1.5 - np.abs(_turned(runs - own)) / ALIGNED, 0, 1)
    return np.asarray(there * agreement)


def _best_path(strip: Line) -> npt.NDArray[np.intp]:
    """For each row the column of the path with the most evidence that goes aside by one column a row at most."""
    count, wide = strip.shape
    came = np.zeros((count, wide), np.int8)
    total = strip[0].copy()
    padded = np.full(wide + 2, -np.inf)
    for row in range(1, count):
        padded[1:-1] = total
        left, right = padded[:-2] - BEND, padded[2:] - BEND
        step = np.where(left > total, -1, 0)
        total = np.maximum(left, total)
        step[right > total] = 1
        total = np.maximum(right, total) + strip[row]
        came[row] = step
    path = np.empty(count, np.intp)
    path[-1] = int(total.argmax())
    for row in range(count - 1, 0, -1):
        path[row - 1] = path[row] + came[row, path[row]]
    return path


def worth(gains: Line) -> tuple[int, int]:
    """The stretch that gains the most: its first row, and the one after its last."""
    sums = np.concatenate([[0.0], np.cumsum(gains)])
    lowest = np.minimum.accumulate(sums)
    last = int((sums - lowest).argmax())
    return int(sums[: last + 1].argmin()), last


def _smooth(points: Line, evidence: Line) -> tuple[Line, float]:
    """The smooth curve through the points, evenly spaced, and how far they leave it where evidence stands."""
    chord = points[-1] - points[0]
    length = hypot(*chord)
    along = chord / max(length, 1e-9)
    frame = np.stack([along, (-along[1], along[0])])
    run, off = ((points - points[0]) @ frame.T).T
    fitted = fitted_offsets(run, off, evidence)
    even = np.arange(0, length + 1e-6, SPACING)
    weight = np.clip(evidence - ABSENT, 0, None)
    error = off - fitted(run)
    rough = float(np.sqrt((weight * error**2).sum() / max(weight.sum(), 1e-9)))
    return points[0] + np.stack([even, fitted(even)], axis=1) @ frame, rough


def fitted_offsets(run: Line, off: Line, evidence: Line) -> np.polynomial.Polynomial:
    """The polynomial through offsets along a run, by robust least squares.

    References: iteratively reweighted least squares with Cauchy's weights.
    """
    length = float(run.max() - run.min())
    degree = int(np.clip(1 + length // 80, 1, DEGREE))
    weight = np.clip(evidence - 0.5 * ABSENT, 0, None) + 1e-3
    scale = weight
    fitted = np.polynomial.Polynomial([0.0])
    for _ in range(4):
        fitted = np.polynomial.Polynomial.fit(run, off, min(degree, len(run) - 1), w=np.sqrt(scale))
        scale = weight / (1 + (off - fitted(run)) ** 2)
    return fitted


def _extended(points: Line, reach: float) -> Line:
    """The curve carried on at both ends, straight on from how it ends."""
    if reach <= 0 or len(points) < 12:
        return points
    steps = np.arange(SPACING, reach, SPACING)[:, None]
    start, end = points[0] - points[10], points[-1] - points[-11]
    start, end = start / hypot(*start), end / hypot(*end)
    return np.concatenate([(points[0] + steps * start)[::-1], points, points[-1] + steps * end])
