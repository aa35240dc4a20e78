"""Resampling: near the truth, no aliasing, never outside its sources' range, nothing spread."""

import numpy as np
import pytest

from interneg.operators.reframe import Framing, mapping_of
from interneg.operators.resample import inside_of, resampled
from interneg.restraints import check_frame
from synthetic import psnr, texture_of, wild_rgb

SIZES = [(1, 1), (2, 3), (17, 31), (64, 64), (101, 57), (1, 40), (40, 1)]
FRAMINGS = {
    "in": Framing(1, 1.12),
    "far in": Framing(1, 9.5, 0.2, -0.3),
    "out": Framing(1, 0.5),
    "far out": Framing(1, 0.11),
    "shift": Framing(1, 1.0, 0.013, -0.27),
    "roll": Framing(1, 1.2, 0.05, 0.02, 7.0),
    "on its head": Framing(1, 1.0, 0, 0, 180.0),
    "quarter": Framing(1, 1.0, 0, 0, -90.0),
}


def mapping(framing: Framing, height: int, width: int, aspect: float = 1.0):
    return mapping_of(framing, width, height, aspect)


@pytest.mark.parametrize("framing", FRAMINGS.values(), ids=FRAMINGS)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_any_size_stays_finite_and_within_range(size: tuple[int, int], framing: Framing) -> None:
    source = wild_rgb(*size)
    seen = resampled(source, mapping(framing, *size))
    assert seen.pixels.shape == (*size, 3) and seen.pixels.dtype == np.float32
    assert np.isfinite(seen.pixels).all()
    assert (seen.low <= seen.pixels).all() and (seen.pixels <= seen.high).all()
    assert seen.low.min() >= source.min() and seen.high.max() <= source.max()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_neutral_gives_every_pixel_back(size: tuple[int, int]) -> None:
    source = wild_rgb(*size)
    assert (resampled(source, mapping(Framing(1), *size)).pixels == source).all()


@pytest.mark.parametrize("framing", FRAMINGS.values(), ids=FRAMINGS)
def test_the_range_holds_against_a_count_by_hand(framing: Framing) -> None:
    """The range is that of the source pixels near enough to contribute, found one by one."""
    height, width = 23, 31
    source = np.random.default_rng(3).normal(0, 1, (height, width, 3)).astype(np.float32)
    window = mapping(framing, height, width)
    seen = resampled(source, window)
    reduction_x = max(1.0, np.hypot(window.across[0], window.down[0]))
    reduction_y = max(1.0, np.hypot(window.across[1], window.down[1]))
    x, y = window.columns_and_rows(0, height)
    for row, column in [(0, 0), (11, 15), (22, 30), (5, 20), (17, 3)]:
        left, right = x[row, column] - 3 * reduction_x, x[row, column] + 3 * reduction_x
        top, bottom = y[row, column] - 3 * reduction_y, y[row, column] + 3 * reduction_y
        columns = np.clip(np.arange(np.ceil(left), np.floor(right) + 1), 0, width - 1).astype(int)
        rows = np.clip(np.arange(np.ceil(top), np.floor(bottom) + 1), 0, height - 1).astype(int)
        reach = source[rows[:, None], columns]
        assert (seen.low[row, column] >= reach.min(axis=(0, 1))).all()
        assert (seen.high[row, column] <= reach.max(axis=(0, 1))).all()
        assert (seen.low[row, column] <= seen.pixels[row, column]).all()
        assert (seen.pixels[row, column] <= seen.high[row, column]).all()


@pytest.mark.parametrize("name", ["in", "shift", "roll", "quarter", "on its head"])
@pytest.mark.parametrize("aspect", [1.0, 2.0])
def test_a_band_limited_plate_is_met_between_its_pixels(name: str, aspect: float) -> None:
    texture, height, width = texture_of(4, finest=0.2), 90, 120
    window = mapping(FRAMINGS[name], height, width, aspect)
    truth = texture.at(*window.columns_and_rows(0, height))
    deep = inside_of(window, width, height)
    x, y = window.columns_and_rows(0, height)
    deep &= (x > 4) & (x < width - 5) & (y > 4) & (y < height - 5)
    answer = resampled(texture.frame(height, width), window).pixels
    assert deep.sum() > 1000
    assert psnr(answer[deep], truth[deep]) > 44
    nearest = texture.frame(height, width)[np.rint(y[deep]).astype(int), np.rint(x[deep]).astype(int)]
    if name in ("in", "roll"):
        assert psnr(answer[deep], truth[deep]) > psnr(nearest, truth[deep]) + 15


@pytest.mark.parametrize("punch_in", [0.5, 0.37, 0.2])
@pytest.mark.parametrize("roll_degrees", [0.0, 20.0])
def test_a_checkerboard_goes_grey_when_scaled_down(punch_in: float, roll_degrees: float) -> None:
    rows, columns = np.mgrid[0:96, 0:128]
    board = np.repeat(((rows + columns) % 2).astype(np.float32)[..., None], 3, axis=-1)
    window = mapping(Framing(1, punch_in, roll_degrees=roll_degrees), 96, 128)
    x, y = window.columns_and_rows(0, 96)
    margin = 4 / punch_in
    deep = (x > margin) & (x < 128 - margin) & (y > margin) & (y < 96 - margin)
    assert deep.any()
    assert np.abs(resampled(board, window).pixels[deep] - 0.5).max() < 0.02


def test_stripes_that_are_too_fine_do_not_come_back_as_coarse_ones() -> None:
    columns = np.arange(160)
    stripes = np.broadcast_to((0.5 + 0.5 * np.cos(2 * np.pi * 0.46 * columns))[None, :, None], (40, 160, 3))
    window = mapping(Framing(1, 0.5), 40, 160)
    answer = resampled(stripes.astype(np.float32), window).pixels[20, 50:110, 0]
    assert np.ptp(answer) < 0.03, "0.46 cycles a pixel at half the size would alias to 0.08"


def test_an_edge_does_not_ring() -> None:
    step = np.zeros((40, 60, 3), np.float32)
    step[:, 30:] = 50.0
    for framing in FRAMINGS.values():
        seen = resampled(step, mapping(framing, 40, 60)).pixels
        assert seen.min() >= 0 and seen.max() <= 50


def test_a_flat_plate_stays_flat() -> None:
    flat = np.full((33, 47, 3), 0.18, np.float32)
    for framing in FRAMINGS.values():
        assert (resampled(flat, mapping(framing, 33, 47)).pixels == np.float32(0.18)).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["in", "shift", "roll", "out"])
def test_what_is_not_finite_stays_where_it_is_nearest(name: str, value: float) -> None:
    source = texture_of(5).frame(40, 52)
    source[13:16, 22:26] = value
    window = mapping(FRAMINGS[name], 40, 52)
    seen = resampled(source, window)
    x, y = window.columns_and_rows(0, 40)
    rows, columns = np.clip(np.floor(y + 0.5), 0, 39).astype(int), np.clip(np.floor(x + 0.5), 0, 51).astype(int)
    nearest = source[rows, columns]
    assert np.array_equal(np.isfinite(seen.pixels), np.isfinite(nearest))
    assert np.array_equal(seen.pixels[~np.isfinite(nearest)], nearest[~np.isfinite(nearest)], equal_nan=True)
    check_frame(seen.pixels, seen.low, seen.high, inside_of(window, 52, 40))


def test_a_channel_that_is_not_finite_leaves_the_others_alone() -> None:
    source = texture_of(6).frame(30, 40)
    marked = source.copy()
    marked[10, 12, 0] = np.nan
    window = mapping(FRAMINGS["shift"], 30, 40)
    plain, seen = resampled(source, window).pixels, resampled(marked, window).pixels
    assert seen[..., 1:] == pytest.approx(plain[..., 1:], abs=1e-5)


def test_upright_and_turned_agree() -> None:
    """The fast way without roll and the general one are the same resampling."""
    source = texture_of(7).frame(50, 70)
    marked = source.copy()
    marked[0, 0] = np.nan  # makes the general way run
    window = mapping(Framing(1, 1.3, 0.02, 0.01), 50, 70)
    fast, general = resampled(source, window), resampled(marked, window)
    assert fast.pixels[10:, 10:] == pytest.approx(general.pixels[10:, 10:], abs=1e-5)
    assert (fast.low[10:, 10:] == general.low[10:, 10:]).all()


def test_any_number_of_channels() -> None:
    source = texture_of(8).frame(20, 24)
    window = mapping(FRAMINGS["roll"], 20, 24)
    whole = resampled(source, window).pixels
    for channel in range(3):
        assert (resampled(source[..., channel : channel + 1], window).pixels[..., 0] == whole[..., channel]).all()
