"""The camera's own motion: told by what goes with it alone, and none at all when it stood still."""

from __future__ import annotations

import numpy as np
import pytest

from interneg.operators.camera_motion import camera_flow
from interneg.operators.motion import View, motion_between
from interneg.plates.colour import log_from_linear
from synthetic import Pixels, texture_of

HEIGHT, WIDTH = 240, 320


def view(rgb: Pixels) -> View:
    everywhere = np.ones(rgb.shape[:2], bool)
    return View(0, log_from_linear(rgb), ~everywhere, everywhere)


def grained(rgb: Pixels, seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    return (rgb * np.exp(rng.normal(0, 0.01, rgb.shape))).astype(np.float32)


def walked_past(move: tuple[float, float], step: float) -> tuple[Pixels, Pixels, tuple[slice, slice]]:
    """Two frames of a set by a camera that moves, before which somebody steps aside, and his place."""
    set_, someone = texture_of(11), texture_of(12)
    here, there = set_.frame(HEIGHT, WIDTH), set_.frame(HEIGHT, WIDTH, -move[0], -move[1])
    rows, columns = slice(60, 240), slice(110, 190)
    here[rows, columns] = someone.frame(HEIGHT, WIDTH)[rows, columns]
    moved = slice(columns.start + round(step), columns.stop + round(step))
    there[rows, moved] = someone.frame(HEIGHT, WIDTH, -step, 0.0)[rows, moved]
    return here, there, (rows, columns)


@pytest.mark.parametrize("step", [3.0, 9.0])
def test_a_camera_that_stood_still_has_not_moved_at_all(step: float) -> None:
    here, there, _ = walked_past((0.0, 0.0), step)
    motion = motion_between(view(grained(here, 1)), view(grained(there, 2)))
    assert not motion.camera.any()
    assert (motion.flow[:, :80] != 0).mean() < 0.05 and (motion.flow[:, 240:] != 0).mean() < 0.05


@pytest.mark.parametrize("move", [(2.3, -0.7), (-6.4, 1.1)])
def test_somebody_who_walks_by_does_not_bend_the_camera(move: tuple[float, float]) -> None:
    here, there, _ = walked_past(move, 9.0)
    camera = motion_between(view(grained(here, 3)), view(grained(there, 4))).camera
    error = np.abs(camera - np.float32(move)).max(axis=-1)
    assert np.median(error) < 0.05 and error.max() < 0.2


def test_what_moves_by_itself_keeps_its_motion() -> None:
    here, there, (rows, columns) = walked_past((0.0, 0.0), 4.0)
    flow = motion_between(view(here), view(there)).flow
    inside = flow[rows.start + 20 : rows.stop - 20, columns.start + 20 : columns.stop - 20]
    assert np.abs(inside - np.float32((4.0, 0.0))).max(axis=-1).mean() < 0.2


def test_exposure_does_not_move_the_camera() -> None:
    here, there, _ = walked_past((1.6, 0.4), 9.0)
    camera = motion_between(view(grained(here, 5)), view(grained(there * 0.6, 6))).camera
    error = np.abs(camera - np.float32((1.6, 0.4))).max(axis=-1)
    assert np.median(error) < 0.05 and error.max() < 0.2


def test_a_pan_that_leaves_half_the_frame_behind_is_still_told() -> None:
    texture = texture_of(13)
    here, there = texture.frame(HEIGHT, WIDTH), texture.frame(HEIGHT, WIDTH, -110.0, 0.0)
    flow = np.zeros((HEIGHT, WIDTH, 2), np.float32) + np.float32((109.4, 0.4))  # as dense flow finds it, not quite

    camera = camera_flow(view(here).working, view(there).working, flow, np.ones((HEIGHT, WIDTH), bool))
    assert np.abs(camera - np.float32((110.0, 0.0))).max() < 0.05
