"""One frame's exposure, colour and contrast matched to another's, by what both show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

DARK = 0.01  # scene-linear, near a camera's blacks: what lies below says nothing of a gain
FEWEST = 64  # pixels below which nothing is matched
DEGREE = 3  # a gamma, a lifted black and a shoulder; more would follow things instead of light
SPREADS = (0.4, 0.25, 0.15, 0.1, 0.06, 0.05, 0.05, 0.05)  # log units beyond which a pixel is another thing, by round
LEVELS = 12  # of the range, each with a like say: a white wall must not speak for the shadows
STIFF = 1e-3  # how strongly the curve is held to the straight one where little is known
LEAST_SLOPE = 0.3  # of a curve: two pictures of one set are not each other's negative, nor flat
LEAST_RANGE = 0.1  # log units of contrast below which no slope is told, only a level


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve a channel on log values: polynomials (DEGREE + 1, 3) between `low` and `high` (3,), beyond them parallel.

    Convention: polynomials of the difference, in -1 to 1 over the range, constant term first; neutral is all 0.
    """

    coefficients: Pixels
    low: Pixels
    high: Pixels

    def of(self, log: Pixels) -> Pixels:
        """Log values (..., 3) brought along the curve; nothing is clamped."""
        within = np.clip(log, self.low, self.high)
        at = (within - self.low) / np.maximum(self.high - self.low, 1e-6) * 2 - 1
        more = sum(coefficient * at**power for power, coefficient in enumerate(self.coefficients))
        return np.asarray(log + more, np.float32)


def gain_between(here: Pixels, there: Pixels) -> Pixels:
    """The gain a channel (3,) that brings `there` to `here`, (N, 3) scene-linear both: exposure and colour temperature.

    Convention: pixel by pixel the same things, but for those that stand elsewhere; neutral 1.
    """
    gains = np.ones(3, np.float32)
    for channel in range(3):
        one, other = here[:, channel], there[:, channel]
        bright = (one > DARK) & (other > DARK)
        if bright.sum() >= FEWEST:
            gains[channel] = np.median(one[bright] / other[bright])
    return gains


def curve_between(here: Pixels, there: Pixels) -> Curve:
    """The curve that brings `there` to `here`, (N, 3) log values both, once their gain is matched.

    What stands elsewhere in one of them is told by its residual and has no say: the bound of what is believed narrows
        from round to round, so that a gamma is followed first and outliers are left behind.

    References: Blake and Zisserman, "Visual Reconstruction", 1987 (graduated non-convexity), with the weights of Geman
        and McClure, 1987.
    """
    low, high = (np.quantile(there, share, axis=0) if len(there) else np.zeros(3) for share in (0.005, 0.995))
    fitted = [_fitted(here[:, at], there[:, at], (float(low[at]), float(high[at]))) for at in range(3)]
    return Curve(np.stack(fitted, axis=1).astype(np.float32), low.astype(np.float32), high.astype(np.float32))


def _fitted(here: Pixels, there: Pixels, between: tuple[float, float]) -> Numbers:
    low, high = between
    inside = (there >= low) & (there <= high)
    if inside.sum() < FEWEST:
        return np.zeros(DEGREE + 1)
    at = (there[inside].astype(np.float64) - low) / max(high - low, 1e-6) * 2 - 1
    wanted = here[inside].astype(np.float64) - there[inside]
    level = np.clip(((at + 1) / 2 * LEVELS).astype(np.intp), 0, LEVELS - 1)
    say = 1 / np.maximum(np.bincount(level, minlength=LEVELS), len(at) / (LEVELS * 20))[level]  # 20: no level of a few
    for degree in range(DEGREE if high - low > LEAST_RANGE else 0, -1, -1):
        found = _robust(at, wanted, say / say.sum(), degree)
        rise = np.polynomial.Polynomial(found).deriv()(np.linspace(-1, 1, 21)) * 2 / max(high - low, 1e-6)
        if degree == 0 or (1 + rise > LEAST_SLOPE).all():
            return np.pad(found, (0, DEGREE - degree))
    return np.zeros(DEGREE + 1)


def _robust(at: Numbers, wanted: Numbers, say: Numbers, degree: int) -> Numbers:
    powers = np.stack([at**power for power in range(degree + 1)])  # (D, N)
    found = np.zeros(degree + 1)
    held = STIFF * np.diag([0.0, *np.ones(degree)])  # the level is free, its bending is not
    for spread in SPREADS:
        weight = say / (1 + ((wanted - found @ powers) / spread) ** 2) ** 2
        weight = weight / weight.sum()
        normal = (powers * weight) @ powers.T + held + 1e-9 * np.eye(degree + 1)
        found = np.linalg.solve(normal, (powers * weight) @ wanted)
    return np.asarray(found, np.float64)
