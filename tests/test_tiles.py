"""Around a hole, tile by tile, and pixels at points between them: the same as over the whole frame, blind to holes."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch

from interneg.operators.sampling import clear_of, known_sampled, sampled, shown_at
from interneg.operators.tiles import alike, covering, tiles_around
from synthetic import texture_of, wild_rgb

Matte = npt.NDArray[np.bool_]

SIZES = [(1, 1), (2, 3), (17, 31), (64, 64), (101, 57), (1, 40), (5, 300)]


def wire(height: int, width: int) -> Matte:
    rows, columns = np.mgrid[0:height, 0:width]
    return np.asarray(np.abs(columns - rows * 0.7 - width * 0.2) < 2.5)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("halo", [0, 4])
@pytest.mark.parametrize("side", [8, 32])
def test_what_is_spread_comes_back(size: tuple[int, int], halo: int, side: int) -> None:
    for hole in (wire(*size), np.ones(size, bool), np.zeros(size, bool)):
        tiles = tiles_around(hole, halo, side)
        values = np.arange(int(hole.sum()), dtype=np.float32)
        assert (tiles.back(tiles.spread(values)) == values).all()
        assert (tiles.back(tiles.cut(wild_rgb(*size))) == wild_rgb(*size)[hole]).all()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("side", [8, 40])
def test_patches_hold_each_place_once(size: tuple[int, int], side: int) -> None:
    for hole in (wire(*size), wire(*size[::-1]).T, wild_rgb(*size)[..., 0] > 0.5, np.ones(size, bool)):
        held, patches = np.zeros(hole.shape, np.int32), covering(np.nonzero(hole), side, 12)
        for patch in patches:
            assert hole[patch.window].any() and max(patch.height, patch.width) <= side
            held[patch.window] += 1
        assert (held[hole] == 1).all()
        assert [patch for some in alike(patches, 2) for patch in some] == patches
        assert all(len(some) <= 2 and len({patch[2:] for patch in some}) == 1 for some in alike(patches, 2))
    assert covering(np.nonzero(np.zeros(size, bool)), side, 12) == []


def test_a_thin_wire_leaves_little_to_compute_either_way_it_leans() -> None:
    rows, columns = np.mgrid[0:1080, 0:400]
    for slope in (0.0, 0.25, 0.6):
        hole = np.abs(columns - rows * slope * 0.5 - 20) < 5
        grid = len(set(zip(*(place // 40 for place in np.nonzero(hole)), strict=True)))
        for places in (np.nonzero(hole), np.nonzero(hole.T)):
            wholes = [patch.grown(12) for patch in covering(places, 40, 12)]
            assert sum(whole.height * whole.width for whole in wholes) < 0.8 * grid * 64**2, slope


def test_a_window_feels_what_lies_around_and_no_other_tile() -> None:
    picture, hole = wild_rgb(101, 157)[..., 0], wire(101, 157)
    tiles = tiles_around(hole, 4)
    inner = np.zeros_like(hole)
    inner[4:-4, 4:-4] = True
    whole = cv2.blur(picture, (9, 9))[hole]
    apart = np.abs(tiles.back(cv2.blur(tiles.cut(picture), (9, 9))) - whole) / np.abs(whole).max()
    assert apart[inner[hole]].max() < 1e-5


def test_a_thin_hole_costs_no_more_in_a_larger_frame() -> None:
    small = tiles_around(wire(200, 300), 4)
    large = np.zeros((800, 1200), bool)
    large[320:520, 480:780] = wire(200, 300)
    assert tiles_around(large, 4).place.size <= 1.2 * small.place.size


def test_known_pixels_are_sampled_as_torch_samples_them() -> None:
    picture = texture_of(1).frame(40, 60)
    points = np.random.default_rng(2).uniform((0, 0), (59, 39), (500, 2)).astype(np.float32)
    known = np.ones((40, 60), bool)
    taken = known_sampled(picture, known, clear_of(known), points)
    grid = torch.from_numpy(points / np.float32((59, 39)) * 2 - 1)[None, None]
    held = torch.from_numpy(picture.transpose(2, 0, 1).copy())[None]
    truth = torch.nn.functional.grid_sample(held, grid, "bicubic", "border", align_corners=True)[0, :, 0].numpy().T
    assert np.abs(taken - truth).max() < 1e-6
    careful = known_sampled(picture, known, np.zeros_like(known), points)
    assert np.abs(careful - truth).max() < 1e-4, "pixel by pixel it is the same"


def test_what_is_hidden_is_never_felt_and_what_lies_beside_it_is_near_the_truth() -> None:
    picture = texture_of(3).frame(60, 90)
    hole = wire(60, 90)
    points = np.random.default_rng(4).uniform((0, 0), (89, 59), (4000, 2)).astype(np.float32)
    shown = shown_at(~hole, clear_of(~hole), points)
    taken = []
    for value in (0.0, 50.0):
        spoilt = np.where(hole[..., None], np.float32(value), picture)
        taken.append(known_sampled(spoilt, ~hole, clear_of(~hole), points)[shown])
    assert (taken[0] == taken[1]).all()
    truth = sampled(picture, points, "bicubic")[shown]
    assert np.abs(taken[0] - truth).max() < 0.1 and np.abs(taken[0] - truth).mean() < 0.002


def test_a_point_is_shown_where_all_four_pixels_around_it_are_known_and_the_frame_reaches() -> None:
    hole = np.zeros((9, 11), bool)
    hole[4, 5] = True
    points = np.float32(
        [(3.5, 4), (4.5, 4), (5, 4), (6, 4), (5.5, 4.5), (6.5, 5.5), (4, 3), (-0.1, 2), (10, 8), (10.1, 8)]
    )
    shown = shown_at(~hole, clear_of(~hole), points)
    assert shown.tolist() == [True, False, False, True, False, True, True, False, True, False]
