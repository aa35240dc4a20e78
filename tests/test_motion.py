"""Flow between frames: right to a fraction of a pixel, blind to mattes, on any size."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from interneg.operators.motion import WORKING_WIDTH, View, motion_between, sampled_at_working
from interneg.plates.colour import log_from_linear
from synthetic import Pixels, texture_of, wild_rgb, wire_of

Matte = npt.NDArray[np.bool_]


def view(rgb: Pixels, hole: Matte | None = None, frame: int = 0, there: Matte | None = None) -> View:
    none = np.zeros(rgb.shape[:2], bool)
    return View(frame, log_from_linear(rgb), none if hole is None else hole, ~none if there is None else there)


def deep(flow: Pixels, margin: int = 24) -> Pixels:
    return flow[margin:-margin, margin:-margin]


@pytest.mark.parametrize("move", [(0.0, 0.0), (0.4, -0.3), (3.3, 1.2), (-7.5, 2.25), (12.0, -5.0)])
def test_a_pan_is_found_to_a_tenth_of_a_pixel(move: tuple[float, float]) -> None:
    texture = texture_of(1)
    here, there = texture.frame(150, 200), texture.frame(150, 200, -move[0], -move[1])
    error = np.abs(deep(motion_between(view(here), view(there)).flow) - np.float32(move)).max(axis=-1)
    assert np.median(error) < 0.05 and np.quantile(error, 0.95) < 0.1


def test_a_zoom_and_a_roll_are_found() -> None:
    texture, height, width = texture_of(2), 150, 200
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    y, x = rows - height / 2, columns - width / 2
    angle, scale = np.deg2rad(1.5), 1.02
    there_x = scale * (x * np.cos(angle) - y * np.sin(angle)) + width / 2
    there_y = scale * (x * np.sin(angle) + y * np.cos(angle)) + height / 2
    here = texture.at(there_x, there_y)  # the source shows the texture as it is
    flow = motion_between(view(here), view(texture.frame(height, width))).flow
    truth = np.stack([there_x - columns, there_y - rows], axis=-1)
    assert np.quantile(np.abs(deep(flow - truth)).max(axis=-1), 0.95) < 0.15


@pytest.mark.parametrize("value", [0.0, 5.0])
def test_a_wire_that_moves_otherwise_has_no_say(value: float) -> None:
    """The wire stands still before a camera that pans: within the matte the flow is the background's."""
    texture, matte = texture_of(3), wire_of(150, 200, 5.0) > 0
    here, there = texture.frame(150, 200), texture.frame(150, 200, 4.0, 1.5)
    here[matte], there[matte] = value, value
    flow = motion_between(view(here, matte), view(there, matte)).flow
    error = np.abs(flow - np.float32((-4.0, -1.5))).max(axis=-1)
    inside = matte & (np.mgrid[0:150, 0:200][1] > 24) & (np.mgrid[0:150, 0:200][1] < 176)
    assert np.quantile(error[inside], 0.95) < 0.25


def test_beside_a_wire_before_a_silhouette_the_thing_moves_as_itself() -> None:
    """A bright globe before a wall, a wire at its edge: left of it stands the globe, and the wall above and below,
    and what is spanned there must not move as their mean."""
    wall, skin, (height, width) = texture_of(6), texture_of(7, mean=1.6), (180, 240)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)

    def shown(moved: float) -> Pixels:
        picture, globe = wall.frame(height, width, -2 * moved), skin.frame(height, width, -9 * moved)
        inside = (rows - 90) ** 2 + (columns - 110 - 9 * moved) ** 2 < 30**2
        return np.where(inside[..., None], globe, picture)

    matte = np.asarray(np.abs(columns - 136) < 5)
    here, there = shown(0.0), shown(1.0)
    here[matte], there[np.roll(matte, 60, axis=1)] = 0.0, 0.0
    flow = motion_between(view(here, matte), view(there, np.roll(matte, 60, axis=1))).flow
    rim = np.s_[78:102, 128:131]  # within what DIS feels of the wire
    assert np.median(np.abs(flow[rim] - np.float32((9, 0))).max(axis=-1)) < 1.0


def test_what_a_matte_covers_changes_no_bit_of_the_flow() -> None:
    texture, matte = texture_of(4), wire_of(80, 120, 5.0) > 0
    flows = []
    for value in (0.0, 30.0):
        here, there = texture.frame(80, 120), texture.frame(80, 120, 2.0, 1.0)
        here[matte], there[matte] = value, value / 2
        flows.append(motion_between(view(here, matte), view(there, matte)).flow)
    assert (flows[0] == flows[1]).all()


@pytest.mark.parametrize("gain", [0.5, 0.7, 1.4, 2.0])
def test_exposure_is_not_motion(gain: float) -> None:
    texture = texture_of(5)
    here, there = texture.frame(150, 200), texture.frame(150, 200, 3.0, -1.0) * np.float32(gain)
    error = np.abs(deep(motion_between(view(here), view(there)).flow) - np.float32((-3.0, 1.0))).max(axis=-1)
    assert np.quantile(error, 0.9) < 0.1


def test_beyond_the_frame_the_camera_goes_on() -> None:
    """A border of thirty pixels that no frame knows: its flow is what the camera does."""
    texture = texture_of(6)
    border = ((0, 0), (0, 30), (0, 0))
    hole = np.zeros((120, 190), bool)
    hole[:, 160:] = True
    here, there = (np.pad(texture.frame(120, 160, x, y), border) for x, y in ((0.0, 0.0), (5.0, -1.0)))
    flow = motion_between(view(here, hole), view(there, hole)).flow
    assert np.abs(flow[20:100, 165:] - np.float32((-5.0, 1.0))).max() < 1.0


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (17, 31), (16, 16), (64, 64), (101, 57), (1, 40), (40, 1), (5, 300)])
@pytest.mark.parametrize("covered", [False, True])
def test_any_size_gives_a_finite_flow(size: tuple[int, int], covered: bool) -> None:
    hole = np.full(size, covered)
    here, there = view(wild_rgb(*size, 1), hole), view(wild_rgb(*size, 2), hole)
    flow = motion_between(here, there).flow
    assert flow.shape == (*size, 2) and flow.dtype == np.float32 and np.isfinite(flow).all()


def test_flat_frames_do_not_move() -> None:
    flat = np.full((60, 80, 3), 0.3, np.float32)
    assert np.abs(motion_between(view(flat), view(flat)).flow).max() < 0.05


def test_large_plates_are_looked_at_smaller() -> None:
    width, height = WORKING_WIDTH * 2 + 7, 90
    texture = texture_of(7, finest=0.05)
    coarse = [texture.frame(height, 300, x) for x in (0.0, -8.0)]
    wide = [cv2.copyMakeBorder(frame, 0, 0, 0, width - 300, cv2.BORDER_REFLECT_101) for frame in coarse]
    here, there = (view(frame) for frame in wide)
    assert here.working.luma.shape[1] <= WORKING_WIDTH
    flow = motion_between(here, there).flow
    inner = flow[8:-8, 20:80] * here.working.scale
    assert np.median(np.abs(inner - np.float32((8.0, 0.0))).max(axis=-1)) < 0.6


def test_the_same_frames_give_the_same_bits() -> None:
    texture = texture_of(8)
    one, other = (
        motion_between(view(texture.frame(90, 120)), view(texture.frame(90, 120, 2.5, 1.0))).flow for _ in range(2)
    )
    assert (one == other).all()


def test_pixels_that_are_not_there_are_not_known() -> None:
    there = np.ones((20, 30), bool)
    there[4:8, 5:9] = False
    hole = np.zeros((20, 30), bool)
    hole[10, 10] = True
    seen = view(texture_of(1).frame(20, 30), hole, there=there)
    assert not seen.known[4:8, 5:9].any() and not seen.known[10, 10] and seen.known.sum() == 600 - 16 - 1


def test_sampling_follows_the_flow() -> None:
    plane = np.arange(200, dtype=np.float32).reshape(10, 20)
    flow = np.zeros((10, 20, 2), np.float32)
    flow[..., 0], flow[..., 1] = 2.5, 1.0
    moved = sampled_at_working(plane, flow)
    assert moved[3, 4] == pytest.approx(plane[4, 6] + 0.5)
    assert moved[9, 19] == 0, "beyond the frame there is nothing"
