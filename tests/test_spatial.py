"""A hole judged by its own frame alone: edges carried across, nothing from inside, any shape."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from interneg.operators.pyramid import grown, local_mean, surface_through
from interneg.operators.spatial import bridged, filled_across
from interneg.plates.colour import log_from_linear
from synthetic import Pixels, psnr, texture_of, wild_rgb, wire_of

Matte = npt.NDArray[np.bool_]
SIZES = [(1, 1), (2, 3), (17, 31), (64, 64), (101, 57), (1, 40), (40, 1)]


def filled(plate: Pixels, hole: Matte) -> Pixels:
    return filled_across(plate, hole, bridged(plate, hole))


def stripes(height: int, width: int, angle_degrees: float, sharpness: float = 3.0) -> Pixels:
    """Soft-edged stripes along an angle: what a slope-dependent repair is for."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    angle = np.deg2rad(angle_degrees)
    across = rows * np.cos(angle) - columns * np.sin(angle)
    wave = np.tanh(sharpness * np.sin(2 * np.pi * across / 40))
    return np.repeat((0.5 + 0.3 * wave)[..., None], 3, axis=-1).astype(np.float32)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("cover", ["wire", "all", "half", "none"])
def test_any_size_and_cover_gives_finite_values(size: tuple[int, int], cover: str) -> None:
    plate = log_from_linear(wild_rgb(*size))
    hole = wire_of(*size) > 0
    if cover == "all":
        hole[:] = True
    if cover == "half":
        hole[:, : size[1] // 2 + 1] = True
    if cover == "none":
        hole[:] = False
    bridge = bridged(plate, hole)
    answer = filled_across(plate, hole, bridge)
    assert answer.shape == (int(hole.sum()), 3) and np.isfinite(answer).all()
    total = bridge.weight.sum(axis=0)
    assert total[bridge.crossed] == pytest.approx(1, abs=1e-4) and (total[~bridge.crossed] == 0).all()
    assert ((bridge.confidence > 0) & (bridge.confidence <= 1)).all()
    if hole.any() and not hole.all():
        assert not hole[bridge.end_rows[:, bridge.crossed], bridge.end_columns[:, bridge.crossed]][
            bridge.weight[:, bridge.crossed] > 0
        ].any(), "every end lies outside the hole"
        across = answer[bridge.crossed]
        assert (across >= plate[~hole].min(axis=0) - 1e-4).all() and (across <= plate[~hole].max(axis=0) + 1e-4).all()


def test_what_lies_in_the_hole_is_never_looked_at() -> None:
    plate, hole = texture_of(1).frame(60, 80), wire_of(60, 80, 6.0) > 0
    black, white = (np.where(hole[..., None], np.float32(value), plate) for value in (-7.0, 99.0))
    assert (filled(black, hole) == filled(white, hole)).all()


def test_a_flat_plate_stays_flat() -> None:
    plate, hole = np.full((40, 50, 3), 0.4, np.float32), wire_of(40, 50, 9.0) > 0
    hole[:6, :] = True  # open towards the frame's edge
    assert filled(plate, hole) == pytest.approx(0.4, abs=1e-5)


def test_a_ramp_is_carried_across() -> None:
    ramp = np.repeat(np.linspace(0, 1, 80, dtype=np.float32)[None, :, None], 60, axis=0).repeat(3, axis=2)
    hole = np.zeros((60, 80), bool)
    hole[:, 36:43] = True
    assert filled(ramp, hole) == pytest.approx(ramp[hole], abs=0.01)


@pytest.mark.parametrize("angle", [0, 22.5, 45, 67.5, 90, 112.5, 135, 157.5])
def test_edges_are_carried_across_a_wire_at_any_angle(angle: float) -> None:
    """Broad stripes that a wire crosses at seventy-five degrees: far better than either of the textbook's."""
    plate = stripes(90, 120, angle + 75)
    rows, columns = np.mgrid[0:90, 0:120].astype(np.float64)
    turn = np.deg2rad(angle)
    hole = np.abs((rows - 45) * np.cos(turn) - (columns - 60) * np.sin(turn)) < 3
    picture = np.rint(plate * 255).astype(np.uint8)
    textbook = max(
        psnr(cv2.inpaint(picture, hole.astype(np.uint8), 5, method)[hole] / 255, plate[hole])
        for method in (cv2.INPAINT_TELEA, cv2.INPAINT_NS)
    )
    assert psnr(filled(plate, hole), plate[hole]) > textbook + 4


def test_confidence_is_high_where_the_ends_agree() -> None:
    hole = np.zeros((40, 60), bool)
    hole[:, 28:33] = True
    flat = np.full((40, 60, 3), 0.5, np.float32)
    step = flat.copy()
    step[:, 31:] = 1.5
    assert bridged(flat, hole).confidence.min() > bridged(step, hole).confidence.max()


def test_a_turned_plate_gives_the_turned_answer() -> None:
    plate, hole = texture_of(3).frame(48, 64), wire_of(48, 64, 5.0) > 0
    answer, turned = np.zeros_like(plate), np.zeros_like(plate[::-1, ::-1])
    answer[hole] = filled(plate, hole)
    back, hole_back = np.ascontiguousarray(plate[::-1, ::-1]), np.ascontiguousarray(hole[::-1, ::-1])
    turned[hole_back] = filled(back, hole_back)
    assert np.abs(answer - turned[::-1, ::-1])[hole].mean() < 0.005


def test_the_same_hole_gives_the_same_bits() -> None:
    plate, hole = log_from_linear(wild_rgb(50, 60)), wire_of(50, 60, 7.0) > 0
    assert (filled(plate, hole) == filled(plate.copy(), hole.copy())).all()


# ---------------------------------------------------------------- surfaces and means


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_surface_keeps_what_is_known_and_spans_the_rest(size: tuple[int, int]) -> None:
    values = texture_of(2).frame(*size)
    known = np.random.default_rng(1).random(size) > 0.3
    surface = surface_through(np.where(known[..., None], values, 0), known.astype(np.float32))
    assert surface.shape == values.shape and np.isfinite(surface).all()
    assert (surface[known] == values[known]).all()
    if known.any():
        assert surface.min() >= values[known].min() - 0.05 and surface.max() <= values[known].max() + 0.05


def test_a_surface_through_nothing_is_flat_zero() -> None:
    nothing = np.zeros((17, 9, 3), np.float32)
    assert (surface_through(nothing, np.zeros((17, 9), np.float32)) == 0).all()


def test_a_local_mean_is_of_what_weighs_alone() -> None:
    values = np.full((30, 40, 2), 3.0, np.float32)
    weight = np.zeros((30, 40), np.float32)
    weight[:, :20] = 1
    values[:, 20:] = 1000
    mean, there = local_mean(values, weight, 4)
    assert mean[:, :20] == pytest.approx(3.0, abs=1e-4)
    assert there[:, :12] == pytest.approx(1, abs=1e-5) and (there[:, 30:] == 0).all()


@pytest.mark.parametrize("radius", [0, 0.5, 1, 1.5, 3, 20])
def test_a_matte_grows_by_its_radius_and_no_further(radius: float) -> None:
    matte = np.zeros((61, 61), bool)
    matte[30, 30] = True
    rows, columns = np.mgrid[0:61, 0:61]
    distance = np.hypot(rows - 30, columns - 30)
    wide = grown(matte, radius)
    assert (wide == (distance <= radius)).all()
