"""The grain of the camera that shot a plate, as its show's profile has it."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from interneg.plates.grain import STOPS_OF_ENCODING
from interneg.production.store import Production
from interneg.profile.show import CameraProfile, Figure, NoisePoint
from interneg.resident import cameras
from interneg.resident.cameras import camera_grain

UNKNOWN = Figure(math.nan, math.nan)


def camera(name: str, lens: str, takes: int, sigma: float, size: float = 0.6) -> CameraProfile:
    noise = tuple(NoisePoint(level, sigma, sigma / 2, sigma * 2) for level in (0.2, 0.7)) if sigma else ()
    return CameraProfile(name, lens, takes, noise, size, 0.0, UNKNOWN, UNKNOWN, UNKNOWN)


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch):
    """Makes a production of takes (path, camera, lens) whose profile has those cameras."""

    def made(takes: list[tuple[str, str, str]], profiles: list[CameraProfile]) -> Production:
        shot = [SimpleNamespace(path=path, camera=name, lens=lens) for path, name, lens in takes]
        monkeypatch.setattr(cameras, "kept_measures", lambda production: {})
        monkeypatch.setattr(cameras, "profile_of", lambda takes, measures: SimpleNamespace(cameras=profiles))
        return cast(Production, SimpleNamespace(takes=lambda: shot))

    return made


def test_a_take_has_the_grain_of_its_own_camera_and_lens(show) -> None:
    production = show(
        [("a.mov", "A", "50"), ("b.mov", "B", "50")], [camera("A", "50", 1, 0.09), camera("B", "50", 9, 0.9)]
    )
    grain = camera_grain(production, "a.mov")
    assert grain is not None
    assert np.allclose(grain.levels, (0.2, 0.7)) and grain.size == 0.6
    assert np.allclose(grain.sigma, np.array([(0.09, 0.045, 0.18)] * 2) / STOPS_OF_ENCODING)


def test_another_plate_has_that_of_the_only_camera_by_the_lens_it_shot_most_with(show) -> None:
    production = show([("a.mov", "A", "50")], [camera("A", "50", 2, 0.09), camera("A", "85", 7, 0.18)])
    grain = camera_grain(production, "elsewhere.####.exr")
    assert grain is not None and np.allclose(grain.sigma[:, 0], 0.18 / STOPS_OF_ENCODING)


@pytest.mark.parametrize(
    "profiles",
    [[], [camera("A", "50", 1, 0.09), camera("B", "50", 1, 0.09)], [camera("A", "50", 1, 0.0)]],
    ids=["nobody", "two cameras", "nothing measured"],
)
def test_what_is_not_known_is_not_said(show, profiles: list[CameraProfile]) -> None:
    assert camera_grain(show([], profiles), "plate.####.exr") is None


def test_a_size_that_was_never_measured_is_white(show) -> None:
    grain = camera_grain(show([], [camera("A", "50", 1, 0.09, size=math.nan)]), "plate.####.exr")
    assert grain is not None and grain.size == 0
