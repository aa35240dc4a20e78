from __future__ import annotations

import numpy as np
import pytest

from interneg.plates.optics import defocused, disc, smeared, trail
from interneg.soundstage.lens import Grain, Lens, grained

BARREL = Lens(distortion_k1=0.08)


def checks(height: int = 97, width: int = 131) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.repeat((0.2 + 3.0 * ((x // 12 + y // 12) % 2))[..., None], 3, axis=-1).astype(np.float32)


def noise_of(grain: Grain, light: float, size: int = 192, seed: int = 1) -> np.ndarray:
    plate = np.full((size, size, 3), light, np.float32)
    return grained(plate, np.random.default_rng(seed), grain) - plate


def test_the_ideal_lens_gives_the_plate_back_bit_for_bit():
    plate = checks() - 0.5
    assert np.array_equal(Lens().through(plate), plate)
    assert np.array_equal(Lens().bent(plate[..., 0]), plate[..., 0])


def test_a_lens_with_fringes_alone_leaves_green_and_the_truth_alone():
    lens, plate = Lens(lateral_ca_red=0.004, lateral_ca_blue=-0.004), checks()
    seen = lens.through(plate)
    np.testing.assert_allclose(seen[..., 1], plate[..., 1], atol=1e-5)
    assert np.abs(seen[..., 0] - plate[..., 0]).max() > 0.1
    assert np.array_equal(lens.bent(plate), plate)


def test_red_taken_further_out_brings_the_edge_further_in():
    plate = np.zeros((101, 101, 3), np.float32)
    plate[:, 90:] = 1
    seen = Lens(lateral_ca_red=0.05).through(plate)[50]
    assert seen[:, 0].sum() > seen[:, 1].sum() + 1


def test_a_barrel_moves_a_point_as_its_formula_says():
    height, width = 200, 300
    y, x = np.mgrid[:height, :width].astype(np.float32)
    seen = BARREL.bent(np.stack([x, y], axis=-1))
    half = np.hypot(299, 199) / 2
    for row, column in ((20, 30), (100, 250), (150, 149)):
        away = np.array((column - 149.5, row - 99.5))
        radius = np.hypot(*away) / half
        wanted = np.array((149.5, 99.5)) + away * (1 + 0.08 * radius**2) / 1.08
        np.testing.assert_allclose(seen[row, column], wanted, atol=0.05)


@pytest.mark.parametrize("k1", (-0.1, 0.1))
def test_no_corner_stays_empty(k1):
    size = np.mgrid[:90, :160].astype(np.float32)
    for axis, most in ((0, 89), (1, 159)):
        seen = Lens(distortion_k1=k1).bent(size[axis])
        assert seen.min() >= 0 and seen.max() <= most
        assert np.diff(seen, axis=axis).min() > 0.2  # nowhere the same row twice: nothing was made up at an edge


def test_ids_stay_whole_and_mattes_within_their_range():
    ids = np.random.default_rng(3).integers(0, 9, (64, 80)).astype(np.float32)
    assert set(np.unique(BARREL.bent(ids, is_whole=True))) <= set(range(9))
    matte = BARREL.bent((ids > 4).astype(np.float32))
    assert matte.min() >= 0 and matte.max() <= 1
    assert ((matte > 0) & (matte < 1)).any()


def test_the_corner_falls_off_by_as_many_stops_as_said():
    seen = Lens(vignette_stops=1.5).through(np.full((65, 97, 3), 2.0, np.float32))
    np.testing.assert_allclose(np.log2(seen[0, 0] / 2.0), -1.5, atol=1e-3)
    np.testing.assert_allclose(seen[32, 48], 2.0, atol=1e-4)


@pytest.mark.parametrize("size", ((1, 1), (1, 7), (33, 2), (65, 64)))
def test_any_size_goes_through(size):
    plate = np.full((*size, 3), 0.3, np.float32)
    rng = np.random.default_rng(5)
    seen = grained(Lens.random(rng).through(plate), rng, Grain.random(rng))
    assert seen.shape == plate.shape and seen.dtype == np.float32 and np.isfinite(seen).all()


def test_random_lenses_and_grains_are_their_seeds():
    assert Lens.random(np.random.default_rng(4)) == Lens.random(np.random.default_rng(4))
    assert Grain.random(np.random.default_rng(4)) == Grain.random(np.random.default_rng(4))
    assert Lens.random(np.random.default_rng(4)) != Lens.random(np.random.default_rng(5))
    assert all(abs(Lens.random(np.random.default_rng(seed)).distortion_k1) < 0.3 for seed in range(200))


def test_no_iso_no_grain():
    plate = checks()
    assert np.array_equal(grained(plate, np.random.default_rng(1), Grain()), plate)


def test_grain_is_as_strong_as_said():
    grain = Grain(iso=800, shot=0.006, read=0.001, channels=(1.0, 1.0, 2.0))
    at_grey = noise_of(grain, 0.18).std(axis=(0, 1))
    np.testing.assert_allclose(at_grey, np.hypot(0.006, 0.001) * np.array((1, 1, 2)), rtol=0.06)
    np.testing.assert_allclose(noise_of(grain, 0.0).std(axis=(0, 1))[:2], 0.001, rtol=0.06)
    np.testing.assert_allclose(noise_of(grain, 0.72).std(axis=(0, 1))[:2], 0.012, rtol=0.06)


def test_two_stops_of_iso_double_shot_noise():
    quiet, loud = (noise_of(Grain(iso=iso, read=0.0), 0.18)[..., 1].std() for iso in (400, 1600))
    assert loud / quiet == pytest.approx(2.0, rel=0.05)


def test_grain_in_black_goes_below_zero_and_has_no_mean():
    noise = noise_of(Grain(iso=1600), 0.0)
    assert noise.min() < 0
    assert abs(noise.mean()) < noise.std() / 20


def test_grain_has_a_size():
    def likeness(size: float) -> float:
        noise = noise_of(Grain(iso=800, size_pixels=size), 0.18)[..., 1]
        return float(np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1])

    assert abs(likeness(0.05)) < 0.02
    assert likeness(1.0) == pytest.approx(np.exp(-1 / 4), abs=0.04)  # a bell's autocorrelation
    assert likeness(1.5) > 0.85


def test_grain_without_colour_is_the_same_in_all_channels():
    noise = noise_of(Grain(iso=800, colour=0.0, channels=(1.0, 1.0, 1.0)), 0.18)
    np.testing.assert_allclose(noise[..., 0], noise[..., 2], atol=1e-6)


def test_grain_is_fresh_from_draw_to_draw():
    rng, plate = np.random.default_rng(1), np.full((64, 64, 3), 0.2, np.float32)
    first, second = (grained(plate, rng, Grain(iso=800)) - plate for _ in range(2))
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.05
    again = grained(plate, np.random.default_rng(1), Grain(iso=800)) - plate
    assert np.array_equal(first, again)


def test_nan_and_infinity_stay_where_they_are():
    plate = np.full((32, 32, 3), 0.2, np.float32)
    plate[4, 5, 0], plate[9, 9, 1] = np.nan, np.inf
    seen = grained(plate, np.random.default_rng(1), Grain(iso=800, texture=0.02))
    assert np.isnan(seen[4, 5, 0]) and np.isinf(seen[9, 9, 1])
    assert np.isfinite(seen).sum() == plate.size - 2


def test_defocus_spreads_a_point_to_a_disc_and_keeps_its_light():
    layer = np.zeros((41, 41), np.float32)
    layer[20, 20] = 3
    seen = defocused(layer, 5.0)
    assert seen.sum() == pytest.approx(3.0, rel=1e-4)
    assert seen[20, 24] == pytest.approx(seen[20, 20], rel=1e-4) and seen[20, 27] < 1e-9
    assert np.array_equal(defocused(layer, 0.0), layer)


def test_motion_smears_a_point_along_its_way_alone():
    layer = np.zeros((41, 61, 2), np.float32)
    layer[20, 30] = 1
    seen = smeared(layer, 10.0, 0.0)[..., 0]
    assert seen.sum() == pytest.approx(1.0, rel=1e-4)
    assert np.count_nonzero(seen.sum(axis=1) > 1e-6) == 1
    assert 9 <= np.count_nonzero(seen[20] > 0.05) <= 11
    assert np.array_equal(smeared(layer, 0.0, 0.0), layer)


@pytest.mark.parametrize("kernel", (disc(0.2), disc(3.3), trail(7.0, -3.0), trail(0.5, 0.0)))
def test_kernels_neither_add_nor_take_light(kernel):
    assert kernel.sum() == pytest.approx(1.0, abs=1e-5) and kernel.min() >= 0
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], atol=1e-5)
