"""Pictures without the noise of their rays: nearer to the truth, and every shadow in its place."""

from __future__ import annotations

import numpy as np
import pytest

from interneg.soundstage.quiet import quietened
from lit_stage import scene_planes


def stops(picture: np.ndarray) -> np.ndarray:
    return np.log2(picture.mean(axis=-1) + 0.01)


def test_noise_goes_and_shadows_stay() -> None:
    clean, truth, _ = scene_planes(4, 96, 128, 3)
    rng = np.random.default_rng(0)
    noisy = {name: picture * rng.gamma(3, 1 / 3, (96, 128, 1)) for name, picture in clean.items()}
    quiet = quietened(noisy, truth["albedo"], truth["normal"], truth["depth"])
    for name, picture in clean.items():
        before, after = (np.abs(stops(made[name]) - stops(picture)).mean() for made in (noisy, quiet))
        assert after < 0.45 * before
        assert quiet[name].mean() == pytest.approx(picture.mean(), rel=0.05), "no light is lost"


def test_clean_pictures_stay_as_they_are() -> None:
    clean, truth, _ = scene_planes(4, 96, 128, 3)
    quiet = quietened(clean, truth["albedo"], truth["normal"], truth["depth"])
    for name, picture in clean.items():
        assert np.abs(stops(quiet[name]) - stops(picture)).mean() < 0.06


def test_pixels_without_a_number_are_made_of_their_neighbours() -> None:
    clean, truth, _ = scene_planes(6, 48, 64, 2)
    holed = {name: picture.copy() for name, picture in clean.items()}
    missing = np.random.default_rng(1).random((48, 64)) < 0.1
    holed["key00"][missing] = np.nan
    holed["key01"][:] = np.nan
    depth = truth["depth"].copy()
    depth[:4] = np.inf
    quiet = quietened(holed, truth["albedo"], truth["normal"], depth)
    assert all(np.isfinite(picture).all() for picture in quiet.values()) and not quiet["key01"].any()
    assert np.abs(stops(quiet["key00"]) - stops(clean["key00"]))[missing].mean() < 0.4


def test_a_speck_is_no_light() -> None:
    clean, truth, _ = scene_planes(6, 48, 64, 2)
    specked = {name: picture.copy() for name, picture in clean.items()}
    specked["surroundings"][20, 30] = 500
    quiet = quietened(specked, truth["albedo"], truth["normal"], truth["depth"])
    assert quiet["surroundings"].max() < 0.02 * 500
