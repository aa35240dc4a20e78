"""Another take brought to the plate's framing, exposure and colour: near the truth, or refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from interneg.operators.alignment import (
    GREATEST_ZOOM,
    agreement,
    aligned,
    best_aligned,
    graded,
    homography_between,
    landmarks_of,
    scaled_to,
    shown_by_both,
)
from interneg.operators.glance import glance_of, likeness
from interneg.operators.grade import curve_between, gain_between
from interneg.plates.colour import linear_from_log, log_from_linear
from other_takes import HEIGHT, WIDTH, Framing, somebody, taken, view_of, wire
from synthetic import Pixels, texture_of

PLATE = taken(Framing())


def homography_to(framing: Framing, size: tuple[int, int] = (HEIGHT, WIDTH)):
    here, there = view_of(PLATE, wire()), view_of(taken(framing, *size))
    return homography_between((here, there), landmarks_of(here), landmarks_of(there))


@pytest.mark.parametrize(
    ("framing", "size"),
    [
        (Framing(), (HEIGHT, WIDTH)),
        (Framing(x=31.4, y=-12.7), (HEIGHT, WIDTH)),
        (Framing(zoom=1.25, roll_degrees=4, x=10), (HEIGHT, WIDTH)),
        (Framing(x=-20, light=(1.6, 1.4, 1.1)), (HEIGHT, WIDTH)),
        (Framing(x=8.5), (HEIGHT * 2, WIDTH * 2)),
        (Framing(y=5.5), (80, 150)),
    ],
)
def test_a_take_is_found_to_a_fraction_of_a_pixel(framing: Framing, size: tuple[int, int]):
    matrix = homography_to(framing, size)
    assert matrix is not None
    points = np.array([[60.0, 40], [130, 70], [96, 54]])
    unit, turn = size[1] / WIDTH, np.deg2rad(framing.roll_degrees)
    offset = points - ((WIDTH - 1) / 2, (HEIGHT - 1) / 2) - (framing.x, framing.y)
    turned = offset @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * framing.zoom * unit
    expected = turned + np.array([size[1] - 1, size[0] - 1]) / 2
    homogeneous = np.c_[points, np.ones(3)] @ matrix.T
    assert np.abs(homogeneous[:, :2] / homogeneous[:, 2:] - expected).max() < 0.7 * max(1, unit)


def test_a_take_of_another_set_is_not_found():
    here, there = view_of(PLATE, wire()), view_of(texture_of(99).frame(HEIGHT, WIDTH))
    assert homography_between((here, there), landmarks_of(here), landmarks_of(there)) is None
    assert best_aligned(here, there, (landmarks_of(here), landmarks_of(there))) is None


def test_a_camera_that_was_not_touched_is_not_moved():
    here, there = view_of(PLATE, wire()), view_of(somebody(taken(Framing(light=(1.2, 1.1, 1)), noise=0.01), 120))
    found = best_aligned(here, there, (landmarks_of(here), landmarks_of(there)))
    assert found is not None and (found.matrix == np.eye(3)).all()


def test_a_picture_without_detail_has_no_landmarks_and_is_like_nothing():
    flat = view_of(np.full((40, 60, 3), 0.2, np.float32))
    assert not len(landmarks_of(flat).points)
    assert agreement(flat, aligned(flat, flat, scaled_to(flat, flat))) == 0


def test_what_a_matte_hides_is_no_landmark():
    hidden = np.zeros((HEIGHT, WIDTH), np.float32)
    hidden[:, 60:130] = 1
    points = landmarks_of(view_of(PLATE, hidden)).points
    assert len(points) and not ((points[:, 0] > 60) & (points[:, 0] < 129)).any()


def test_a_mirrored_take_and_one_far_too_near_are_refused():
    here = view_of(PLATE)
    mirrored = view_of(np.ascontiguousarray(PLATE[:, ::-1]))
    assert homography_between((here, mirrored), landmarks_of(here), landmarks_of(mirrored)) is None
    assert homography_to(Framing(zoom=2 * GREATEST_ZOOM)) is None


def test_the_aligned_take_lies_on_the_plates_grid_in_its_light():
    framing = Framing(x=17.3, y=6.1, zoom=1.1, light=(1.9, 1.4, 1.0))
    here, there = view_of(PLATE), view_of(taken(framing))
    matrix = homography_between((here, there), landmarks_of(here), landmarks_of(there))
    assert matrix is not None
    brought = aligned(here, there, matrix)
    one, other = shown_by_both(here, brought)
    assert np.abs(one - other).mean() > 0.05
    gain = gain_between(linear_from_log(one), linear_from_log(other))
    assert np.abs(gain * framing.light - 1).max() < 0.03
    matched = graded(brought, lambda log: log_from_linear(gain * linear_from_log(log)))
    one, other = shown_by_both(here, matched)
    assert np.abs(one - other).mean() < 0.01


def levels(count: int = 4000, seed: int = 3) -> Pixels:
    return np.random.default_rng(seed).uniform(0.03, 0.9, (count, 3)).astype(np.float32)


@pytest.mark.parametrize(
    "curve",
    [lambda log: log, lambda log: log + 0.1, lambda log: 0.8 * log + 0.15, lambda log: log + 0.2 * (1 - log) ** 3],
    ids=["none", "level", "gamma", "lifted black"],
)
def test_a_curve_is_told_though_a_third_of_the_picture_is_another_thing(curve: Callable[[Pixels], Pixels]):
    there, rng = levels(), np.random.default_rng(4)
    here = curve(there) + rng.normal(0, 0.004, there.shape).astype(np.float32)
    here[:1300] = rng.uniform(0, 1, (1300, 3))
    found = curve_between(here.astype(np.float32), there)
    assert np.abs(found.of(there) - curve(there)).mean() < 0.012


def test_a_curve_goes_on_in_parallel_beyond_what_was_seen():
    there = levels()
    found = curve_between(0.9 * there + 0.05, there)
    far = np.array([[-3.0, 4, 40]], np.float32)
    assert np.allclose(found.of(far + 1) - found.of(far), 1, atol=1e-4) and np.abs(found.of(far) - far).max() < 0.2


def test_too_few_pixels_and_flat_ones_say_little_of_light():
    few = np.ones((5, 3), np.float32)
    assert (gain_between(few, few * 2) == 1).all() and (curve_between(few, few * 2).of(few) == few).all()
    empty = np.zeros((0, 3), np.float32)
    assert (gain_between(empty, empty) == 1).all() and (curve_between(empty, empty).of(few) == few).all()
    flat = np.full((500, 3), 0.4, np.float32)
    assert np.allclose(curve_between(flat + 0.1, flat).of(flat), 0.5, atol=1e-3)
    assert np.allclose(gain_between(flat, flat / 4), 4)


def test_the_likest_frame_of_a_pan_is_told_at_a_glance():
    target = glance_of(view_of(PLATE, wire()))
    scores = {x: likeness(target, glance_of(view_of(taken(Framing(x=x, light=(2, 2, 1.6)))))) for x in (0, 15, 60, 170)}
    assert scores[0] > 0.9 and scores[15] > 0.6 and scores[0] > scores[15] > scores[60] > scores[170]


def test_somebody_beside_the_hole_makes_a_frame_less_like():
    upright = np.zeros((HEIGHT, WIDTH), np.float32)
    upright[:, 95:99] = 1
    target = glance_of(view_of(PLATE, upright))
    far, near = (likeness(target, glance_of(view_of(somebody(PLATE, left)))) for left in (5, 80))
    assert far > near


def test_takes_of_any_size_are_looked_at():
    target = glance_of(view_of(PLATE))
    for size in ((17, 31), (200, 90), (1, 40), (3, 3)):
        other = view_of(taken(Framing(), *size))
        assert -1 <= likeness(target, glance_of(other)) <= 1.001
        brought = aligned(view_of(PLATE), other, scaled_to(view_of(PLATE), other))
        assert (
            brought.working.luma.shape == view_of(PLATE).working.luma.shape and np.isfinite(brought.working.log).all()
        )
