"""The grain of a filled hole: only what is missing is added, fresh, and it is as strong as around the hole."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from interneg.operators.motion import View
from interneg.operators.response import kept_by_sampling
from interneg.plates.camera_grain import CameraGrain
from interneg.plates.grain import BANDS, measure_grain
from interneg.resident.experts import Experts
from interneg.resident.filling import Filler, filled
from interneg.resident.graining import missing_grain, plates_grain
from interneg_bridge.controls import GRAIN
from synthetic import texture_of

SIZE, SIGMA = (96, 160), 0.02


def grainy(seed: int, step: float, count: int = 7) -> tuple[list[np.ndarray], dict[int, View]]:
    """Frames of a camera that pans, without grain, and as a clean sees them by their distance from the middle one."""
    rng, texture = np.random.default_rng(seed), texture_of(5, finest=0.05, mean=0.6, depth=0.05)
    clean = [texture.frame(*SIZE, step * index) for index in range(count)]
    views = {}
    for index, frame in enumerate(clean):
        hole = np.zeros(SIZE, bool)
        at = 70 + 12 * (index - count // 2)
        hole[:, at : at + 8] = True
        log = frame + (rng.standard_normal(frame.shape) * SIGMA).astype(np.float32)
        views[index - count // 2] = View(
            index, np.where(hole[..., None], 0, log).astype(np.float32), hole, ~hole | hole
        )
    return clean, views


def fill_of(
    views: dict[int, View], seed: int, camera: CameraGrain | None = None, grain: float = GRAIN.neutral
) -> np.ndarray:
    filler = Filler(Experts(), torch.device("cpu"), seed, lambda: None, camera, grain=grain)
    return filled(views[0], views.get, filler).log


def test_a_filled_hole_has_as_much_grain_as_its_surroundings() -> None:
    _, one = grainy(1, 1.4)
    _, other = grainy(2, 1.4)
    grain = (fill_of(one, 1) - fill_of(other, 2)) / np.sqrt(2)  # the picture is the same: what differs is grain
    assert grain.std() / SIGMA == pytest.approx(1, abs=0.1)


def test_the_same_seed_gives_the_same_bits_and_another_one_other_grain() -> None:
    _, views = grainy(1, 1.4, 3)
    first = fill_of(views, 7)
    assert np.array_equal(first, fill_of(views, 7))
    assert 0 < np.abs(first - fill_of(views, 8)).mean() < 4 * SIGMA


def test_an_artist_turns_the_grain_down_and_up() -> None:
    _, views = grainy(1, 1.4, 3)
    none, half, own, double = (fill_of(views, 7, grain=strength) for strength in (0.0, 0.5, 1.0, 2.0))
    assert np.array_equal(none, fill_of(views, 8, grain=0.0)), "without grain no seed has a say"
    assert np.allclose(half - none, (own - none) / 2, atol=1e-6) and np.allclose(
        double - none, 2 * (own - none), atol=1e-6
    )
    assert (own - none).std() > SIGMA / 4


def test_what_is_kept_is_not_added_again() -> None:
    _, views = grainy(1, 0.0, 3)
    grain = plates_grain(views[0], views.get)
    assert grain is not None
    log = np.full((int(views[0].hole.sum()), 3), 0.6, np.float32)
    for kept, left in ((0.0, 1.0), (0.75, 0.5), (1.0, 0.0), (1.4, 0.0)):
        added, _ = missing_grain(views[0], np.full((len(log), BANDS), kept, np.float32), log, grain, 1)
        assert added.std() / grain.sigma.mean() == pytest.approx(left, abs=0.08)
    none, greatest = missing_grain(views[0], np.zeros((len(log), BANDS), np.float32), log, None, 1)
    assert not none.any() and greatest == 0


def test_sampling_between_pixels_takes_the_finest_grain_first() -> None:
    points = np.array([[3.0, 5.0], [3.5, 5.0], [3.5, 5.5], [2.5, 4.5], [3.25, 5.0]], np.float32)
    kept = kept_by_sampling(points)
    assert kept[0] == pytest.approx(1, abs=1e-5)
    assert kept[2, 0] < kept[2, 1] < kept[2, 2], "from fine to coarse"
    assert (kept[2, 0] < kept[1, 0]) and np.array_equal(kept[2], kept[3])
    noise = np.random.default_rng(0).standard_normal((1, 1, 300, 300)).astype(np.float32)
    grid = torch.from_numpy(
        (np.stack(np.meshgrid(*[np.arange(10, 290) + 0.5] * 2), -1) / 299 * 2 - 1).astype(np.float32)
    )
    sampled = torch.nn.functional.grid_sample(torch.from_numpy(noise), grid[None], mode="bicubic", align_corners=True)
    assert kept[2].min() < float(sampled.var()) < kept[2].max()


def test_a_camera_speaks_where_the_plate_cannot() -> None:
    levels, sigma = np.array([0.3, 0.9], np.float32), np.full((2, 3), 0.03, np.float32)
    camera = CameraGrain(levels, sigma, 0.0)
    log, hole = np.full((24, 24, 3), 0.6, np.float32), np.zeros((24, 24), bool)
    hole[8:16] = True
    view = View(1, log, hole, np.ones_like(hole))
    assert plates_grain(view, lambda _: None) is None
    told = plates_grain(view, lambda _: None, camera)
    assert told is not None and np.array_equal(told.sigma, sigma)


def test_a_rendered_plate_gets_no_grain_from_any_camera() -> None:
    log, hole = texture_of(5).frame(96, 160) * 0 + np.float32(0.6), np.zeros((96, 160), bool)
    view = View(1, log, hole, np.ones_like(hole))
    assert measure_grain(log, ~hole) is None
    camera = CameraGrain(np.array([0.6], np.float32), np.full((1, 3), 0.03, np.float32), 0.0)
    assert plates_grain(view, lambda _: None, camera) is None
