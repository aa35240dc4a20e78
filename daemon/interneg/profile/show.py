"""A show's profile: what its takes say together, by camera and lens, by setup, and of how it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from interneg.plates.grain import STOPS_OF_ENCODING
from interneg.production.slate import Setup, Take, setups_from_takes
from interneg.profile.lens import RINGS, corner_stops
from interneg.profile.rates import MOVES
from interneg.profile.takes import TakeMeasures

Floats = npt.NDArray[np.float64]

LEVELS = (0.35, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)  # of the log encoding; 18 % grey lies at 0.72
REACH = 0.08  # how far from a level a measure may lie to count for it
RESAMPLES = 200


@dataclass(frozen=True)
class Figure:
    """A measured value with its standard error over takes; NaN where nothing tells."""

    value: float
    error: float


@dataclass(frozen=True)
class NoisePoint:
    """The grain where the log luma is `level`: its standard deviation in stops, by channel."""

    level: float
    red: float
    green: float
    blue: float


@dataclass(frozen=True)
class CameraProfile:
    """What a camera with a lens adds to what it shoots; one that no file names goes by its size and codec.

    Convention: `fall_off` in stops at the corner, `red` and `blue` lateral chromatic aberration as a share of the
        radius, `grain_size` in pixels, `black` the scene-linear level of the darkest pixels.
    """

    camera: str
    lens: str
    takes: int
    noise: tuple[NoisePoint, ...]
    grain_size: float
    black: float
    fall_off: Figure
    red: Figure
    blue: Figure


@dataclass(frozen=True)
class SetupProfile:
    """The light of a setup, and how far its takes differ in it.

    Convention: exposure and ratio in stops, kelvin, azimuth and elevation in degrees, as profile/light.py says them.
    """

    setup: str
    takes: int
    exposure: Figure
    ratio: Figure
    kelvin: Figure
    azimuth: Figure
    elevation: Figure


@dataclass(frozen=True)
class MovementProfile:
    """How the show's cameras move: the middle and the ninth of ten takes of each rate, in movement.py's units."""

    takes: int
    still_share: float
    middle: Mapping[str, float]
    fastest: Mapping[str, float]


@dataclass(frozen=True)
class Profile:
    """What a show's takes say of it; `takes` were measured."""

    takes: int
    cameras: tuple[CameraProfile, ...]
    setups: tuple[SetupProfile, ...]
    movement: MovementProfile


STILL = 0.005  # frame widths a second: what noise and an actor make of a locked head
STILL_UNREST = 0.001  # frame widths
LIGHT = ("exposure", "ratio", "kelvin", "azimuth", "elevation")


def profile_of(takes: Sequence[Take], measures: Mapping[str, TakeMeasures]) -> Profile:
    """The profile of those takes that were measured."""
    known = [take for take in takes if take.id in measures]
    groups: dict[tuple[str, str], list[TakeMeasures]] = {}
    for take in known:
        groups.setdefault((take.camera or _unnamed(take), take.lens), []).append(measures[take.id])
    cameras = tuple(_camera(camera, lens, group) for (camera, lens), group in sorted(groups.items()))
    setups = tuple(
        _setup(_name_of(setup), [measures[take.id] for take in setup.takes]) for setup in setups_from_takes(known)
    )
    return Profile(len(known), cameras, setups, _movement([measures[take.id].movement for take in known]))


def _unnamed(take: Take) -> str:
    """What stands for a camera that no file names: takes of another size or codec are hardly of the same."""
    return f"{take.width}x{take.height} {take.codec}".strip()


def _camera(camera: str, lens: str, group: Sequence[TakeMeasures]) -> CameraProfile:
    slopes = [_middles(_table(one.slopes, RINGS)) for one in group if one.slopes]
    corners = np.asarray([corner_stops(each) for each in slopes])
    edges = [np.median(_table(one.fringes, 3)[:, :2], axis=0) for one in group if one.fringes]
    reds, blues = (np.asarray([edge[index] for edge in edges]) for index in (0, 1))
    sizes = [size for one in group for size in one.grain_size]
    blacks = [level for one in group for level in one.black]
    return CameraProfile(
        camera,
        lens,
        len(group),
        _noise([row for one in group for row in one.noise]),
        _median(sizes),
        _median(blacks),
        _figure(corners),
        _figure(reds),
        _figure(blues),
    )


def _noise(rows: Sequence[Sequence[float]]) -> tuple[NoisePoint, ...]:
    table = _table(rows, 4)
    points = []
    for level in LEVELS:
        near = table[np.abs(table[:, 0] - level) < REACH]
        if len(near):
            red, green, blue = np.median(near[:, 1:], axis=0) * STOPS_OF_ENCODING
            points.append(NoisePoint(level, float(red), float(green), float(blue)))
    return tuple(points)


def _name_of(setup: Setup) -> str:
    """The setup's name; a take without a slate goes by its file's."""
    return setup.takes[0].slate.setup or Path(setup.takes[0].path).name


def _setup(name: str, group: Sequence[TakeMeasures]) -> SetupProfile:
    light = np.asarray([_middles(_table(one.light, len(LIGHT))) for one in group])
    figures = [_figure(light[:, index]) for index in range(len(LIGHT))]
    exposure, ratio, kelvin, azimuth, elevation = figures
    turned = np.radians(light[np.isfinite(light[:, 3]), 3])
    if len(turned):  # 179 and -179 degrees are neighbours
        around = float(np.degrees(np.arctan2(np.sin(turned).mean(), np.cos(turned).mean())))
        azimuth = Figure(around, azimuth.error)
    return SetupProfile(name, len(group), exposure, ratio, kelvin, azimuth, elevation)


def _movement(moves: Sequence[Sequence[float]]) -> MovementProfile:
    table = np.abs(_table([move for move in moves if move], len(MOVES)))
    if not len(table):
        return MovementProfile(0, float("nan"), {}, {})
    still = (table[:, 0] < STILL) & (table[:, 1] < STILL) & (table[:, 4] < STILL_UNREST)
    middle, fastest = np.median(table, axis=0), np.quantile(table, 0.9, axis=0)
    return MovementProfile(
        len(table),
        float(still.mean()),
        dict(zip(MOVES, map(float, middle), strict=True)),
        dict(zip(MOVES, map(float, fastest), strict=True)),
    )


def _figure(values: Floats) -> Figure:
    """The middle of the values over takes, with its standard error by a bootstrap over takes."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Figure(float("nan"), float("nan"))
    drawn = np.random.default_rng(0).integers(0, len(known), (RESAMPLES, len(known)))
    error = float(np.std(np.median(known[drawn], axis=1))) if len(known) > 1 else float("inf")
    return Figure(float(np.median(known)), error)


def _middles(table: Floats) -> Floats:
    """The middle of each column, of what is known in it."""
    return np.asarray([_median(column) for column in table.T])


def _median(values: Sequence[float] | Floats) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.median(known)) if known else float("nan")


def _table(rows: Sequence[Sequence[float]], columns: int) -> Floats:
    return np.asarray(rows, np.float64).reshape(-1, columns)
