"""Colour temperatures in the plate's own primaries: the same change of a lamp, whatever space the plate is in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from interneg.light import AsShot, LightRig, Track
from interneg.model.base import load_base
from interneg.plates.colour import ColourConfig
from interneg.profile.light import kelvin_of
from interneg.resident.acceptance import open_relight
from interneg.resident.lighting import ShotLight
from interneg.resident.weights import Levels, weights_of
from interneg.resident.wish import RelightWish
from interneg.units import REC709, Primaries, rgb_from_kelvin
from stage import Stage
from synthetic import panned

CONFIG = ColourConfig()
SRGB = "Linear Rec.709 (sRGB)"
SPACES = ("ACEScg", "ACES2065-1", "Linear Rec.2020", "Linear P3-D65")


def primaries(space: str) -> Primaries:
    found = CONFIG.chromaticities(space)
    assert found is not None
    return found


def change(space: Primaries, before: float, after: float) -> np.ndarray:
    return rgb_from_kelvin(after, space) / rgb_from_kelvin(before, space)


def apart(rgb: tuple[float, float, float], space: str, gained_in: Primaries) -> float:
    """How far a lamp's change from 6500 to 3200 K, made in that space, is from the same made in Rec.709, by channel."""
    card = np.array(rgb, np.float32).reshape(1, 1, 3)
    turned = np.asarray(card * change(REC709, 6500.0, 3200.0), np.float32)
    wanted, before = (CONFIG.encoded_from_linear(CONFIG.linear_from(one, SRGB), space) for one in (turned, card))
    made = before * change(gained_in, 6500.0, 3200.0)
    return float(np.abs(made / made.mean() / (wanted / wanted.mean()) - 1).max())


@pytest.mark.parametrize("space", SPACES)
def test_a_lamp_turns_alike_in_every_space_as_far_as_a_gain_can(space: str) -> None:
    assert apart((0.18, 0.18, 0.18), space, primaries(space)) < 0.015
    assert apart((0.30, 0.20, 0.15), space, primaries(space)) < 0.08, "skin"


def test_the_gain_of_another_space_would_be_far_off() -> None:
    assert apart((0.18, 0.18, 0.18), "ACEScg", REC709) > 0.2


def test_rec709_has_the_colours_it_always_had() -> None:
    np.testing.assert_allclose(rgb_from_kelvin(3200.0), (1.67698365, 0.86681986, 0.32581317), rtol=1e-7)
    np.testing.assert_array_equal(
        rgb_from_kelvin(np.array([3200.0, 9e9])), [rgb_from_kelvin(3200.0), rgb_from_kelvin(25000.0)]
    )


@pytest.mark.parametrize("kelvin", [2000.0, 3200.0, 5600.0, 9000.0])
def test_a_colour_is_told_in_its_own_space(kelvin: float) -> None:
    working = primaries("ACEScg")
    assert kelvin_of(np.asarray(2 * rgb_from_kelvin(kelvin, working), np.float32), working) == pytest.approx(
        kelvin, rel=0.02
    )


def test_a_light_at_its_own_temperature_stays_bit_for_bit() -> None:
    working = primaries("ACEScg")
    shot = ShotLight((0, 0, 1), rgb_from_kelvin(4000.0, working), np.ones(3), 0.5, 5.0, 0.0, working)
    levels = Levels({}, {"as_shot_key": np.array([1.0, 2.0, 3.0]), "as_shot_rest": np.ones(3)})
    same = weights_of(LightRig(AsShot(cct_kelvin=Track.of(shot.key_kelvin))), 1, shot, levels)
    assert (same["as_shot_key"] == 1).all() and (same["as_shot_rest"] == 1).all()
    warmer = weights_of(LightRig(AsShot(cct_kelvin=Track.of(2500.0))), 1, shot, levels)["as_shot_key"]
    assert warmer[0] > 1 > warmer[2]


@pytest.mark.parametrize(
    ("attributes", "space"),
    [({}, "ACEScg"), ({"chromaticities": REC709}, "Linear Rec.709 (sRGB)")],
)
def test_a_plates_own_primaries_are_used(tmp_path: Path, attributes: dict, space: str) -> None:
    stage = Stage(tmp_path, base=load_base())
    plate = stage.shoot(panned(1, 24, 32), **attributes)
    wish = RelightWish(LightRig())
    work = open_relight(stage.wish(plate, wish, "1001"), wish, stage.engine, stage.settings)
    assert work.lighting.of_shot().primaries == primaries(space)
    work.close()
