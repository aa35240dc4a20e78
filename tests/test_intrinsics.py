"""The intrinsics network: any size, any exposure, any white balance; and it learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from interneg.model.intrinsics import LAMP, MAPS, IntrinsicsNetwork, intrinsics_of
from interneg.model.working import LONG_SIDE, normalised, usable, working_size
from interneg.soundstage.teaching.lessons_light import IntrinsicsLesson
from lit_stage import cut, learnt, scene_planes, write_stage
from synthetic import wild_rgb

CPU = torch.device("cpu")
SIZES = [(1, 1), (2, 3), (17, 31), (64, 64), (101, 57), (1, 40), (40, 1), (243, 300)]


def talkative(seed: int = 1) -> IntrinsicsNetwork:
    """A network whose answers differ from place to place, as a taught one's do."""
    torch.manual_seed(seed)
    network = IntrinsicsNetwork().eval()
    for parameter in (*network.body.head.parameters(), *network.body.attention.parameters()):
        torch.nn.init.normal_(parameter, std=0.1)
    return network


def plate_of(height: int = 96, width: int = 128, seed: int = 3) -> np.ndarray:
    pictures, _, _ = scene_planes(seed, height, width, 3)
    return pictures["key00"] + 0.2 * pictures["surroundings"] + 0.3 * pictures["key02"] * np.float32([1.4, 1.0, 0.5])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_plate_of_any_size_and_any_pixels_gets_finite_intrinsics(size: tuple[int, int]) -> None:
    made = intrinsics_of(talkative(), wild_rgb(*size), CPU)
    assert made.albedo.shape == made.normal.shape == made.share.shape == (*size, 3) and made.depth.shape == size
    assert all(np.isfinite(part).all() for part in (made.albedo, made.normal, made.share, made.depth))
    assert (made.albedo >= 0).all() and (made.albedo <= 1).all() and (made.depth > 0).all()
    assert (made.share >= 0).all() and (made.share <= 1).all()
    assert np.linalg.norm(made.normal, axis=-1) == pytest.approx(np.ones(size), abs=1e-4)
    assert np.linalg.norm(made.lamp.direction) == pytest.approx(1, abs=1e-5)
    assert max(made.lamp.colour) == pytest.approx(1) and made.lamp.angular_diameter_degrees > 0


def test_what_is_no_light_is_black_and_stays_where_it_is() -> None:
    plate = plate_of()
    strange = plate.copy()
    strange[5, 7], strange[50, 60], strange[20, 20] = np.nan, np.inf, -3
    black = plate.copy()
    black[5, 7] = black[50, 60] = black[20, 20] = 0
    network = talkative()
    ours, theirs = intrinsics_of(network, strange, CPU), intrinsics_of(network, black, CPU)
    for name in ("albedo", "normal", "depth", "share"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    np.testing.assert_array_equal(usable(strange), usable(black))


def test_the_mirrored_plate_has_the_mirrored_answer() -> None:
    plate, network = plate_of(96, 128), talkative()
    one, other = (intrinsics_of(network, np.ascontiguousarray(seen), CPU) for seen in (plate, plate[:, ::-1]))
    np.testing.assert_allclose(other.albedo[:, ::-1], one.albedo, atol=1e-4)
    np.testing.assert_allclose(other.share[:, ::-1], one.share, atol=1e-4)
    np.testing.assert_allclose(other.normal[:, ::-1] * (-1, 1, 1), one.normal, atol=1e-3)
    assert other.lamp.direction == pytest.approx(np.multiply(one.lamp.direction, (-1, 1, 1)), abs=1e-4)


def test_nothing_is_seen_in_the_dark() -> None:
    made = intrinsics_of(talkative(), np.zeros((40, 60, 3), np.float32), CPU)
    assert np.isfinite(made.albedo).all() and np.isfinite(made.normal).all() and np.isfinite(made.lamp.colour).all()


@pytest.mark.parametrize("stops", [-4, -3, 3, 4])
def test_exposure_changes_nothing(stops: int) -> None:
    network, plate = talkative(), plate_of(300, 400)
    one, other = intrinsics_of(network, plate, CPU), intrinsics_of(network, plate * np.float32(2.0**stops), CPU)
    for name in ("albedo", "normal", "depth", "share"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=2e-3, atol=2e-3)
    assert one.lamp.direction == pytest.approx(other.lamp.direction, abs=1e-3)
    assert one.lamp.colour == pytest.approx(other.lamp.colour, abs=1e-3)


def test_white_balance_changes_the_lamp_alone() -> None:
    network, plate, gain = talkative(), plate_of(300, 400), np.float32([0.5, 1.0, 2.2])
    one, other = intrinsics_of(network, plate, CPU), intrinsics_of(network, plate * gain, CPU)
    for name in ("albedo", "normal", "depth", "share"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=3e-3, atol=3e-3)
    shifted = np.asarray(one.lamp.colour) * gain
    assert other.lamp.colour == pytest.approx(tuple(shifted / shifted.max()), rel=1e-2)


def test_the_same_plate_gives_the_same_bits() -> None:
    plate = plate_of(200, 300)
    one, other = intrinsics_of(talkative(), plate, CPU), intrinsics_of(talkative(), plate, CPU)
    for name in ("albedo", "normal", "depth", "share"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.lamp == other.lamp


def test_albedo_times_shading_is_the_plate_at_every_size() -> None:
    """A pattern finer than the network sees is in the albedo, not in the light."""
    plate = np.full((480, 640, 3), 0.2, np.float32)
    plate[:, ::2] *= 1.5
    albedo = intrinsics_of(IntrinsicsNetwork().eval(), plate, CPU).albedo
    assert albedo[:, ::2].mean() / albedo[:, 1::2].mean() == pytest.approx(1.5, rel=0.01)


def test_the_level_ignores_exposure_and_stands_a_lamp_in_frame() -> None:
    plate = torch.rand(1, 3, 32, 48)
    bright = plate.clone()
    bright[..., 0, :4] = 100
    assert torch.allclose(normalised(plate * 8).linear, normalised(plate).linear, rtol=1e-5)
    assert (normalised(plate).gain / normalised(bright).gain).max() < 1.2, "the mean itself would be 1.5 and more"


@pytest.mark.parametrize("size", [(2160, 4096), (192, 144), (33, 17), (1, 5000)])
def test_the_working_size_is_bounded(size: tuple[int, int]) -> None:
    height, width = working_size(*size)
    assert 1 <= height <= size[0] and 1 <= width <= size[1] and max(height, width) <= LONG_SIDE


def test_it_is_small_enough() -> None:
    network = IntrinsicsNetwork()
    assert sum(parameter.numel() for parameter in network.parameters()) <= 2.5e6
    guess = network(torch.rand(2, 3, 32, 48))
    assert guess.maps.shape == (2, MAPS, 32, 48) and guess.direction.shape == (2, 3) and LAMP == 7


def test_learning_finds_the_balls(tmp_path: Path) -> None:
    """Some steps on one small batch: it is less wrong than at first."""
    lesson = IntrinsicsLesson(write_stage(tmp_path, (0, 1)), lambda seed: True)
    assert lesson.refresh() == 2 == lesson.refresh()
    batch = tuple(cut(part) for part in lesson.draw(np.random.default_rng(0)))
    losses = learnt(lesson, batch)
    assert np.isfinite(losses).all() and np.median(losses[-5:]) < 0.75 * losses[0]
