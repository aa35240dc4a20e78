"""Grain: measured as it is, put back as it was, and never where there was none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from interneg.plates.camera_grain import CameraGrain
from interneg.plates.colour import log_from_linear
from interneg.plates.grain import BANDS, LIMIT, measure_grain
from synthetic import texture_of, wild_rgb

ALL = np.ones((192, 256), bool)


def noise(sigma: float, blur: float = 0.0, seed: int = 0, size: tuple[int, int] = (192, 256)) -> np.ndarray:
    white = np.random.default_rng(seed).standard_normal((*size, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(white, (0, 0), blur) if blur else white
    return np.asarray(soft / soft.std() * sigma, np.float32)


@pytest.mark.parametrize("sigma", [0.003, 0.01, 0.04])
@pytest.mark.parametrize("blur", [0.0, 0.8])
def test_the_grain_of_a_flat_plate_is_found(sigma: float, blur: float) -> None:
    grain = measure_grain(np.float32(0.6) + noise(sigma, blur), ALL)
    assert grain is not None
    assert grain.sigma_at(np.full(4, 0.6, np.float32)) == pytest.approx(sigma, rel=0.3)


def test_texture_is_not_taken_for_grain() -> None:
    plate = texture_of(1, finest=0.2, mean=0.6, depth=0.15).frame(192, 256)
    plate[:, :128] = 0.6
    grain = measure_grain(plate + noise(0.01), ALL)
    assert grain is not None and grain.sigma.max() < 0.03


def test_a_clean_plate_gets_none() -> None:
    ramp = np.repeat(np.linspace(0.1, 1, 256, dtype=np.float32)[None, :, None], 192, axis=0).repeat(3, axis=2)
    for plate in (np.full((192, 256, 3), 0.5, np.float32), ramp):
        grain = measure_grain(plate, ALL)
        assert grain is None or grain.sigma.max() < 1e-4
        if grain is not None:
            assert np.isfinite(grain.drawn((20, 30), 1, 1)).all()


def test_channels_keep_their_own_strength() -> None:
    plate = np.float32(0.5) + noise(0.01) * np.float32((0.5, 1.0, 2.5))
    grain = measure_grain(plate, ALL)
    assert grain is not None
    red, green, blue = grain.sigma_at(np.array([0.5], np.float32))[0]
    assert blue > 1.7 * green > 1.7 * red


@pytest.mark.parametrize("quiet", [(0,), (0, 2), (1, 2)])
def test_a_channel_may_have_none_where_the_others_do(quiet: tuple[int, ...]) -> None:
    plate = np.float32(0.6) + noise(0.01)
    plate[..., quiet] = 0.5  # as 8-bit film has it, where the grain is finer than a code
    grain = measure_grain(plate, ALL)
    assert grain is not None
    drawn = grain.drawn((64, 64), 1, 1) * grain.sigma_at(np.full(64 * 64, 0.6, np.float32)).reshape(64, 64, 3)
    assert np.isfinite(drawn).all()
    for channel in range(3):
        assert (drawn[..., channel].std() > 5e-3) == (channel not in quiet)


def test_what_is_drawn_has_the_spectrum_of_what_was_measured() -> None:
    source = noise(0.02, 1.0)
    grain = measure_grain(np.float32(0.6) + source, ALL)
    assert grain is not None
    drawn = grain.drawn((192, 256), 1, 1)
    assert drawn.std() == pytest.approx(1.0, rel=0.15)

    def likeness(picture: np.ndarray) -> float:
        return float(np.corrcoef(picture[:, 1:, 1].ravel(), picture[:, :-1, 1].ravel())[0, 1])

    assert likeness(drawn) == pytest.approx(likeness(source), abs=0.12)
    assert abs(drawn.mean()) < 0.05 and np.abs(drawn).max() <= LIMIT


def test_each_frame_has_its_own_and_always_the_same() -> None:
    grain = measure_grain(np.float32(0.6) + noise(0.02), ALL)
    assert grain is not None
    one = grain.drawn((40, 50), 7, 1001)
    assert (one == grain.drawn((40, 50), 7, 1001)).all()
    for seed, frame in ((7, 1002), (8, 1001), (7, -1)):
        other = grain.drawn((40, 50), seed, frame)
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.1


def test_what_is_hidden_is_not_measured() -> None:
    plate, known = np.float32(0.6) + noise(0.005), ALL.copy()
    plate[:, 150:] += noise(0.3, seed=2)[:, 150:]
    known[:, 150:] = False
    grain = measure_grain(plate, known)
    assert grain is not None and grain.sigma.max() < 0.01


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (17, 31), (64, 64), (101, 57), (1, 40), (16, 400)])
def test_any_size(size: tuple[int, int]) -> None:
    grain = measure_grain(np.float32(0.6) + noise(0.02, size=size), np.ones(size, bool))
    if min(size) < 16:
        assert grain is None, "there is nothing to judge by"
    assert measure_grain(wild_rgb(*size), np.zeros(size, bool)) is None
    if grain is not None:
        assert np.isfinite(grain.drawn(size, 1, 1)).all() and grain.drawn(size, 1, 1).shape == (*size, 3)


def test_a_wild_plate_gives_finite_grain() -> None:
    grain = measure_grain(log_from_linear(wild_rgb(192, 256)), ALL)
    assert grain is None or (np.isfinite(grain.sigma).all() and np.isfinite(grain.drawn((20, 20), 1, 1)).all())


def test_darker_and_brighter_levels_have_their_own() -> None:
    plate = np.full((192, 256, 3), 0.3, np.float32)
    plate[:, 128:] = 0.8
    strength = np.where(np.arange(256) < 128, 0.03, 0.01)[None, :, None].astype(np.float32)
    grain = measure_grain(plate + noise(1.0) * strength, ALL)
    assert grain is not None
    dark, bright = grain.sigma_at(np.array([0.3, 0.8], np.float32))
    assert dark.mean() > 1.8 * bright.mean()


def shaped(softness: float, count: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """A textured plate with nothing flat in it, and so many frames of it, each with grain of its own."""
    clean = texture_of(3, finest=0.1, mean=0.6, depth=0.2).frame(192, 256)
    return clean, np.stack([clean + noise(0.015, softness, seed) for seed in range(count)])


@pytest.mark.parametrize("softness", [0.0, 0.9])
def test_frames_that_show_the_same_tell_grain_however_rich_the_picture(softness: float) -> None:
    _, frames = shaped(softness)
    alone, told = measure_grain(frames[1], ALL), measure_grain(frames[1], ALL, [frames[0], frames[2]])
    assert alone is not None and told is not None
    assert told.sigma == pytest.approx(0.015, rel=0.07)
    assert alone.sigma.mean() > 1.3 * told.sigma.mean(), "this plate has nothing flat, or the test tests nothing"


@pytest.mark.parametrize("softness", [0.0, 0.9])
def test_the_spectrum_is_the_plates_from_its_coarsest_to_its_finest(softness: float) -> None:
    _, frames = shaped(softness)
    grain = measure_grain(frames[1], ALL, [frames[0], frames[2]])
    assert grain is not None
    like, fresh = noise(1.0, softness, 9), grain.drawn((192, 256), 1, 1)
    for radius in (0.6, 1.2, 2.4):
        coarse, wanted = (cv2.GaussianBlur(each, (0, 0), radius).var() for each in (fresh, like))
        assert coarse == pytest.approx(wanted, rel=0.12)


def test_what_does_not_change_from_frame_to_frame_is_no_grain() -> None:
    _, frames = shaped(0.0, 1)
    assert measure_grain(frames[0], ALL, [frames[0]]) is None


def test_frames_that_show_something_else_are_not_believed() -> None:
    _, frames = shaped(0.0, 1)
    other = texture_of(8, finest=0.1, mean=0.4, depth=0.2).frame(192, 256)
    alone, told = measure_grain(frames[0], ALL), measure_grain(frames[0], ALL, [other])
    assert alone is not None and told is not None
    assert np.array_equal(alone.sigma, told.sigma)
    unknown = np.full_like(other, np.nan)
    blind = measure_grain(frames[0], ALL, [unknown])
    assert blind is not None and np.array_equal(alone.sigma, blind.sigma)


def test_a_pixel_has_its_grain_whatever_else_is_asked_for() -> None:
    grain = measure_grain(np.float32(0.6) + noise(0.02), ALL)
    assert grain is not None
    everywhere = grain.drawn((150, 200), 3, 12)
    wanted = np.zeros((150, 200), bool)
    wanted[60:70, 3:190], wanted[149, 199] = True, True
    some = grain.drawn_in_bands(wanted, 3, 12)
    assert some.shape == (BANDS, wanted.sum(), 3)
    assert np.array_equal(some.sum(axis=0), everywhere[wanted])
    assert grain.drawn_in_bands(np.zeros((5, 5), bool), 3, 12).shape == (BANDS, 0, 3)


def test_tiles_are_seamless() -> None:
    grain = measure_grain(np.float32(0.6) + noise(0.02, 1.0), ALL)
    assert grain is not None
    drawn = grain.drawn((64, 640), 1, 1)
    steps = np.abs(np.diff(drawn, axis=1)).mean(axis=(0, 2))
    assert steps[63::64].mean() == pytest.approx(np.median(steps), rel=0.15)


def test_a_camera_speaks_for_light_that_the_plate_does_not_show() -> None:
    levels = np.array([0.2, 0.6, 1.0], np.float32)
    camera = CameraGrain(levels, np.array([[0.04] * 3, [0.02] * 3, [0.01] * 3], np.float32), 0.7)
    grain = measure_grain(np.float32(0.6) + noise(0.01), ALL)
    assert grain is not None
    known = camera.beyond(grain)
    assert known.sigma_at(np.array([0.6], np.float32)) == pytest.approx(0.01, rel=0.1)
    assert known.sigma_at(np.array([0.2], np.float32)) == pytest.approx(0.02, rel=0.1), "the plate has half the grain"
    assert known.sigma_at(np.array([1.0], np.float32)) == pytest.approx(0.005, rel=0.1)
    assert camera.alone().drawn((128, 128), 1, 1).std() == pytest.approx(1, rel=0.1)
