"""The lamp network: the gain of a lamp that was never there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from interneg.errors import RequestError
from interneg.model.intrinsics import EstimatedLamp, Intrinsics, IntrinsicsNetwork
from interneg.model.lamp import LampNetwork, gain_of_lamp, levelled
from interneg.model.shadows import blocked
from interneg.soundstage.teaching.lessons_light import LampLesson
from lit_stage import cut, learnt, scene_planes, write_stage
from synthetic import wild_rgb

CPU = torch.device("cpu")
SIZES = [(1, 1), (2, 3), (17, 31), (64, 64), (101, 57), (1, 40), (40, 1), (243, 300)]
LEFT = (-0.8, 0.4, 0.45)


def talkative(seed: int = 1) -> LampNetwork:
    torch.manual_seed(seed)
    network = LampNetwork().eval()
    for parameter in network.body.head.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return network


def lit(height: int = 96, width: int = 128) -> tuple[np.ndarray, Intrinsics]:
    pictures, truth, stands = scene_planes(5, height, width, 3)
    plate = pictures["key00"] + 0.3 * pictures["surroundings"]
    share = pictures["key00"] / np.maximum(plate, 1e-6)
    lamp = EstimatedLamp(tuple(stands[0]["direction"]), (1.0, 1.0, 1.0), 5.0)  # type: ignore[arg-type]
    return plate, Intrinsics(truth["albedo"], truth["normal"], truth["depth"], share.astype(np.float32), lamp)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_any_size_and_any_pixels(size: tuple[int, int]) -> None:
    _, intrinsics = lit(*size)
    gain = gain_of_lamp(talkative(), wild_rgb(*size), intrinsics, LEFT, 10.0, CPU)
    assert gain.shape == (*size, 3) and gain.dtype == np.float32 and np.isfinite(gain).all()


@pytest.mark.parametrize("size", [(96, 128), (300, 401)])
def test_no_stops_are_as_bright_as_what_it_replaces(size: tuple[int, int]) -> None:
    plate, intrinsics = lit(*size)
    gain = gain_of_lamp(talkative(), plate, intrinsics, LEFT, 10.0, CPU)
    assert (plate * np.exp2(gain)).mean() == pytest.approx((plate * intrinsics.share).mean(), rel=1e-3)


def test_before_it_has_learnt_the_light_stays_as_shot() -> None:
    plate, intrinsics = lit()
    network = LampNetwork().eval()
    for parameter in network.body.head.parameters():
        torch.nn.init.zeros_(parameter)
    gain = gain_of_lamp(network, plate, intrinsics, LEFT, 10.0, CPU)
    lit_well = intrinsics.share > 0.5
    assert np.abs(np.exp2(gain) - intrinsics.share)[lit_well].max() < 0.05


@pytest.mark.parametrize("stops", [-4, 3])
def test_exposure_changes_nothing(stops: int) -> None:
    network, (plate, intrinsics) = talkative(), lit(300, 400)
    one = gain_of_lamp(network, plate, intrinsics, LEFT, 10.0, CPU)
    other = gain_of_lamp(network, plate * np.float32(2.0**stops), intrinsics, LEFT, 10.0, CPU)
    np.testing.assert_allclose(one, other, atol=3e-3)


def test_white_balance_moves_the_gain_as_a_whole_at_most() -> None:
    """It is levelled by the plate's own mean, in which a channel may count for more."""
    network, (plate, intrinsics) = talkative(), lit(300, 400)
    one = gain_of_lamp(network, plate, intrinsics, LEFT, 10.0, CPU)
    other = gain_of_lamp(network, plate * np.float32([0.5, 1, 2.2]), intrinsics, LEFT, 10.0, CPU)
    apart = one - other
    assert np.abs(apart - apart.mean()).max() < 5e-3 and abs(apart.mean()) < 0.2


def test_the_lamp_is_where_it_is_asked_for() -> None:
    network, (plate, intrinsics) = talkative(), lit()
    one = gain_of_lamp(network, plate, intrinsics, LEFT, 10.0, CPU)
    again = gain_of_lamp(network, plate, intrinsics, LEFT, 10.0, CPU)
    longer = gain_of_lamp(network, plate, intrinsics, (-8.0, 4.0, 4.5), 10.0, CPU)
    other = gain_of_lamp(network, plate, intrinsics, (0.8, 0.4, 0.45), 10.0, CPU)
    softer = gain_of_lamp(network, plate, intrinsics, LEFT, 40.0, CPU)
    np.testing.assert_array_equal(one, again)
    np.testing.assert_allclose(one, longer, atol=1e-4)
    assert np.abs(one - other).max() > 1e-3 and np.abs(one - softer).max() > 1e-4


@pytest.mark.parametrize(
    ("direction", "degrees"), [((0.0, 0.0, 0.0), 5.0), ((np.nan, 0.0, 1.0), 5.0), (LEFT, 0.0), (LEFT, -2.0)]
)
def test_what_is_no_lamp_is_refused(direction: tuple[float, float, float], degrees: float) -> None:
    plate, intrinsics = lit(20, 30)
    with pytest.raises(RequestError, match="give no lamp"):
        gain_of_lamp(talkative(), plate, intrinsics, direction, degrees, CPU)


def test_rays_over_the_true_depth_find_the_shadows() -> None:
    """Most of what a ball shades on the wall is found, most of what is lit is left alone: at the lens it was shot."""
    hits, false = [], []
    for seed in range(6):
        pictures, truth, stands = scene_planes(seed, 96, 128, 4)
        wall = truth["depth"] > 5.99
        log_depth = torch.from_numpy(np.log2(truth["depth"]))[None, None]
        for stand in stands:
            dark = pictures[str(stand["name"])].sum(axis=-1) == 0
            hint = blocked(log_depth, torch.tensor([stand["direction"]], dtype=torch.float32))[0, 1].numpy()
            hits += list(hint[wall & dark])
            false += list(hint[wall & ~dark])
    assert np.mean(hits) > 0.45 and np.mean(false) < 0.2


def test_levelling_in_the_dark_is_harmless() -> None:
    gain = levelled(torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4))
    assert torch.isfinite(gain).all()


def test_it_is_small_enough() -> None:
    assert sum(parameter.numel() for parameter in LampNetwork().parameters()) <= 2.5e6


@pytest.mark.parametrize("predicted", [False, True])
def test_learning_moves_the_light(tmp_path: Path, predicted: bool) -> None:
    """Some steps on one small batch: nearer to the truth than leaving the light as shot."""
    torch.manual_seed(0)
    taught = IntrinsicsNetwork().eval() if predicted else None
    lesson = LampLesson(write_stage(tmp_path, (0, 1)), lambda seed: True, lambda: taught)
    assert lesson.refresh() == 2
    batch = tuple(cut(part) for part in lesson.draw(np.random.default_rng(1)))
    losses = learnt(lesson, batch, 18)
    assert np.isfinite(losses).all() and np.median(losses[-5:]) < 0.9 * losses[0]
