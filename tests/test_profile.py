"""A show's profile: what was put into plates is measured in them."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from interneg.errors import CancelledJobError
from interneg.ingest import ingest
from interneg.plates.colour import ColourConfig, log_from_linear
from interneg.production.store import Production, Store
from interneg.profile.lens import corner_stops, fall_off_slopes, fringes
from interneg.profile.light import kelvin_of, light_of
from interneg.profile.movement import movement
from interneg.profile.show import profile_of
from interneg.profile.takes import FOLDER, kept_measures, measured
from interneg.soundstage.lens import Grain, Lens, grained
from interneg.units import rgb_from_kelvin
from interneg_bridge.client import Client
from stand_in_daemon import daemon
from synthetic import panned, texture_of, write_plate

CPU = torch.device("cpu")
CONFIG = ColourConfig(None)


def cards(seed: int, height: int = 360, width: int = 640) -> np.ndarray:
    """A wall of coloured cards, each lit a little unevenly: smooth surfaces and hard edges, as pictures have."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 0.3, np.float32)
    for _ in range(160):
        row, column = int(rng.integers(-40, height)), int(rng.integers(-40, width))
        level = np.float32(0.18 * 2 ** rng.uniform(-1.5, 1.5)) * rng.uniform(0.8, 1.2, 3).astype(np.float32)
        card = picture[
            max(row, 0) : row + int(rng.integers(30, 120)), max(column, 0) : column + int(rng.integers(30, 160))
        ]
        ramp = np.linspace(*(1 + rng.normal(0, 0.02, 2)), card.shape[1], dtype=np.float32)
        card[:] = level * ramp[None, :, None]
    return cv2.GaussianBlur(picture, (0, 0), 0.8)


@pytest.mark.parametrize("stops", [0.0, 0.5, 1.2])
def test_fall_off_is_measured(stops: float) -> None:
    lens = Lens(vignette_stops=stops)
    slopes = [fall_off_slopes(log_from_linear(lens.through(cards(seed)))) for seed in range(6)]
    assert corner_stops(np.nanmedian(slopes, axis=0)) == pytest.approx(stops, abs=0.15 + 0.1 * stops)


@pytest.mark.parametrize(("red", "blue"), [(0.0, 0.0), (0.001, -0.0008), (-0.0004, 0.0015)])
def test_colour_fringes_are_measured(red: float, blue: float) -> None:
    lens = Lens(lateral_ca_red=red, lateral_ca_blue=blue)
    found = fringes(log_from_linear(lens.through(cards(3))))
    assert found is not None
    assert found.red == pytest.approx(-red, abs=2e-4) and found.blue == pytest.approx(-blue, abs=2e-4), "as they lie"


@pytest.mark.parametrize(
    "plate",
    [
        np.zeros((64, 96, 3)),
        np.full((48, 48, 3), 0.4),
        np.full((9, 7, 3), 1e-6),
        np.full((1, 1, 3), 0.2),
        np.linspace(0, 1, 3 * 7000).reshape(1, 7000, 3),
    ],
)
def test_a_plate_that_says_nothing_is_said_to(plate: np.ndarray) -> None:
    log = log_from_linear(plate.astype(np.float32))
    assert fringes(log) is None
    assert corner_stops(fall_off_slopes(log)) in (0.0, pytest.approx(math.nan, nan_ok=True))
    assert movement([log, log, log], 24) is None
    assert math.isnan(light_of(np.zeros((8, 8, 3), np.float32), None, CPU).exposure)


def test_a_pan_is_measured_in_frame_widths_a_second() -> None:
    frames = [log_from_linear(frame) for frame in panned(16, 240, 320, speed=(3.2, -1.6))]
    found = movement(frames, 25.0)
    assert found is not None
    assert abs(found.pan) == pytest.approx(3.2 / 320 * 25, rel=0.05)
    assert abs(found.tilt) == pytest.approx(1.6 / 320 * 25, rel=0.05)
    assert found.roll == pytest.approx(0, abs=0.3) and found.zoom == pytest.approx(0, abs=0.02)
    assert found.unrest < 2e-4, "a steady pan is no unrest"


def test_roll_zoom_and_unrest_are_measured() -> None:
    picture, rng = texture_of(2).frame(300, 400), np.random.default_rng(1)
    frames = []
    for index in range(20):
        turn = cv2.getRotationMatrix2D((200, 150), 0.5 * index, 1.01**index)
        turn[:, 2] += rng.normal(0, 0.8, 2)
        frames.append(log_from_linear(cv2.warpAffine(picture, turn, (400, 300), borderMode=cv2.BORDER_REFLECT_101)))
    found = movement(frames, 24.0)
    assert found is not None
    assert abs(found.roll) == pytest.approx(0.5 * 24, rel=0.1)
    assert found.zoom == pytest.approx(math.log2(1.01) * 24, rel=0.15)
    assert found.unrest == pytest.approx(0.8 * math.sqrt(2) / 400, rel=0.5)


@pytest.mark.parametrize("kelvin", [2400.0, 3200.0, 5600.0, 9000.0])
def test_a_lamps_colour_is_told_in_kelvin(kelvin: float) -> None:
    assert kelvin_of(3 * rgb_from_kelvin(kelvin)) == pytest.approx(kelvin, rel=0.02)


@pytest.fixture
def show(tmp_path: Path) -> Iterator[Production]:
    """A show of one camera in two setups, with known noise."""
    production = Store(tmp_path / "productions").create("show")
    rng, noise = np.random.default_rng(5), replace(Grain(), iso=800, size_pixels=0.5)
    for name, stops in (("12A_T01", 0.0), ("12A_T02", 0.1), ("13_T01", -2.0)):
        for index, frame in enumerate(panned(8, 180, 240, seed=int(stops * 10) + 40)):
            lit = grained(cards(index // 8, 180, 240) * 0.5 + frame * 0.3, rng, noise) * np.float32(2**stops)
            write_plate(tmp_path / "dailies" / name / f"{name}.{1001 + index}.exr", lit.astype(np.float32))
    tuple(ingest(production, [str(tmp_path / "dailies")], r"(?P<setup>\d+[A-Z]?)_T(?P<take>\d+)", CONFIG))
    yield production


def heard() -> None:
    """Nobody waits."""


def test_a_shows_profile_is_by_camera_and_by_setup(show: Production) -> None:
    assert profile_of(show.takes(), kept_measures(show)).takes == 0
    profile = profile_of(show.takes(), measured(show, CONFIG, None, CPU, heard))
    assert profile.takes == 3 and len(profile.cameras) == 1
    (camera,) = profile.cameras
    assert camera.takes == 3 and camera.noise and 0 < camera.noise[0].green < 0.5
    first, second = profile.setups
    assert (first.setup, first.takes, second.setup, second.takes) == ("12A", 2, "13", 1)
    assert first.exposure.value - second.exposure.value == pytest.approx(2.05, abs=0.3)
    assert math.isnan(first.kelvin.value), "no network says"
    assert profile.movement.takes == 3


def test_what_was_measured_is_kept_and_not_measured_again(show: Production, monkeypatch: pytest.MonkeyPatch) -> None:
    first = measured(show, CONFIG, None, CPU, heard)
    monkeypatch.setattr("interneg.profile.takes.measure_take", None)
    again = measured(show, CONFIG, None, CPU, heard)
    assert json.dumps(profile_text(again, show)) == json.dumps(profile_text(first, show))
    (show.folder / FOLDER / f"{show.takes()[0].id}.json").write_text("{ half")
    assert len(kept_measures(show)) == 2, "what is damaged is measured anew"


def profile_text(measures: dict, show: Production) -> str:
    return repr(profile_of(show.takes(), measures))


def test_measuring_ends_when_it_is_cancelled_or_time_is_up(show: Production) -> None:
    def cancelled() -> None:
        raise CancelledJobError("cancelled")

    with pytest.raises(CancelledJobError):
        measured(show, CONFIG, None, CPU, cancelled)
    assert measured(show, CONFIG, None, CPU, heard, lambda: False) == {}
    assert kept_measures(show) == {}


def test_a_take_that_cannot_be_read_costs_no_other(show: Production) -> None:
    gone = Path(show.takes()[0].path).parent
    for file in gone.glob("*.exr"):
        file.write_bytes(b"no plate")
    assert len(measured(show, CONFIG, None, CPU, heard)) == 2


def test_the_daemon_tells_the_profile(tmp_path: Path, show: Production) -> None:
    measured(show, CONFIG, None, CPU, heard)
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "productions").rename(home / "productions")
    with daemon(home) as settings, Client(str(settings.socket_path)) as client:
        profile = client.get_profile("show")
    assert profile.takes == 3 and [setup.setup for setup in profile.setups] == ["12A", "13"]
    assert profile.cameras[0].noise and profile.movement[0].name == "pan"
