"""The spatial fill network: starts from the classical answer, can only choose interpolations and correct a little."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from interneg.model.fill import batch_from_stacks, tile_stacks, tiles_of
from interneg.model.spatial_fill import (
    CHOICES,
    CORRECTION,
    DIRECTIONS,
    SpatialFillNetwork,
    choices_of,
    filled_spatially,
)
from interneg.operators.crossings import crossings_of
from interneg.plates.colour import linear_from_log, log_from_linear
from interneg.soundstage.teaching.cuts import cut_holes
from interneg.soundstage.teaching.lessons_fill import FillLesson, SpatialLesson, clip_example
from interneg.training.handful import handfuls_of, joined
from synthetic import panned, psnr, wire_of

CPU = torch.device("cpu")
SIZES = [(1, 1), (2, 3), (17, 31), (101, 57), (1, 40), (40, 1), (64, 64), (65, 130)]

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]


def wired(height: int = 72, width: int = 100, cover: str = "wire") -> tuple[Pixels, Matte]:
    """A log plate and the hole that is to be filled."""
    log = log_from_linear(panned(1, height, width)[0])
    hole = {
        "wire": wire_of(height, width) > 0,
        "border": np.arange(width)[None] < np.full((height, 1), max(1, width // 12)),
        "corner": (np.arange(height)[:, None] < 6) & (np.arange(width)[None] < 6),
        "all": np.ones((height, width), bool),
        "none": np.zeros((height, width), bool),
    }[cover]
    return log, hole


def wild_network(seed: int = 1, size: float = 0.3) -> SpatialFillNetwork:
    """A network whose weights are anything."""
    torch.manual_seed(seed)
    network = SpatialFillNetwork().eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=size)
    return network


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("cover", ["wire", "border", "corner", "all", "none"])
def test_before_it_has_learnt_it_answers_classically(size: tuple[int, int], cover: str) -> None:
    log, hole = wired(*size, cover=cover)
    answer = filled_spatially(SpatialFillNetwork().eval(), log, hole, CPU)
    count = int(hole.sum())
    assert answer.log.shape == answer.mixture.shape == (count, 3) and answer.weights.shape == (count, CHOICES)
    assert answer.log == pytest.approx(choices_of(log, hole).classical, abs=1e-5)
    assert answer.weights.sum(axis=1) == pytest.approx(np.ones(count), abs=1e-5)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cover", ["wire", "border"])
def test_no_weights_at_all_can_make_it_leave_its_bound(seed: int, cover: str) -> None:
    log, hole = wired(cover=cover)
    answer = filled_spatially(wild_network(seed), log, hole, CPU)
    assert (answer.mixture >= answer.low - 1e-5).all() and (answer.mixture <= answer.high + 1e-5).all()
    assert np.abs(answer.log - answer.mixture).max() <= CORRECTION + 1e-5
    assert np.abs(answer.log - answer.mixture).max() > CORRECTION / 2, "wild weights do reach for it"
    rim = log[~hole]
    assert answer.low.min() >= rim.min() - 1e-5 and answer.high.max() <= rim.max() + 1e-5, "made of what is there"


def test_what_lies_in_the_hole_is_never_looked_at() -> None:
    log, hole = wired()
    network = wild_network()
    answers = [
        filled_spatially(network, np.where(hole[..., None], np.float32(value), log), hole, CPU).log
        for value in (0.0, 50.0, np.nan)
    ]
    assert (answers[0] == answers[1]).all() and (answers[0] == answers[2]).all()


def test_values_that_are_not_finite_are_not_carried_into_the_hole() -> None:
    log, hole = wired()
    beside = np.roll(hole, 3, axis=1) & ~hole
    strange = np.where(beside[..., None], np.float32(np.nan), log)
    answer = filled_spatially(wild_network(), strange, hole, CPU)
    assert len(answer.log) == hole.sum() == len(answer.low) and np.isfinite(answer.log).all()
    assert np.isfinite(answer.low).all() and np.isfinite(answer.high).all()


def test_the_same_frame_gives_the_same_bits() -> None:
    log, hole = wired()
    network = wild_network()
    one, other = (filled_spatially(network, log, hole, CPU) for _ in range(2))
    assert (one.log == other.log).all() and (one.weights == other.weights).all()


def test_exposure_and_white_balance_change_it_little() -> None:
    log, hole = wired()
    linear = linear_from_log(log)
    network = wild_network(2, 0.05)
    as_shot = filled_spatially(network, log, hole, CPU)
    for gain in ((8.0, 8.0, 8.0), (0.125, 0.125, 0.125), (1.4, 1.0, 0.6)):
        seen = np.asarray(linear * np.array(gain, np.float32), np.float32)
        shifted = filled_spatially(network, log_from_linear(seen), hole, CPU).log
        back = log_from_linear(linear_from_log(shifted) / np.array(gain, np.float32))
        assert psnr(back, as_shot.log) > 35, "what a stop does to the blacks is all that differs"


def test_a_straight_way_along_an_edge_carries_the_edge_across() -> None:
    plate = np.zeros((40, 40, 3), np.float32)
    plate[20:] = 0.8
    hole = np.zeros((40, 40), bool)
    hole[:, 18:22] = True
    level = crossings_of(plate, hole, DIRECTIONS).value[0]
    assert level == pytest.approx(plate[hole]), "straight across a wire the horizon goes on"


def test_a_lesson_is_the_same_for_the_same_numbers() -> None:
    lesson = SpatialLesson(Path("nowhere"), lambda seed: True)
    assert lesson.refresh() == 0
    one, other = (lesson.draw(np.random.default_rng(5)) for _ in range(2))
    assert all((first == second).all() for first, second in zip(one, other, strict=True))


def test_what_it_learns_brings_it_nearer_the_truth() -> None:
    torch.manual_seed(0)
    lesson = SpatialLesson(Path("nowhere"), lambda seed: True)
    network, batch = lesson.network(), lesson.draw(np.random.default_rng(0))
    batch = tuple(part[:1, :, 16:80, 16:80] for part in batch)
    optimiser = torch.optim.AdamW(network.parameters(), lr=lesson.learning_rate)
    losses = []
    for _ in range(20):
        loss = lesson.loss(network, batch)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.93 * losses[0]


@pytest.mark.parametrize("seed", range(8))
def test_holes_move_with_their_clip(seed: int) -> None:
    holes = cut_holes(np.random.default_rng(seed), range(-3, 4), 96, 128)
    assert holes.shape == (7, 96, 128) and holes.dtype == bool
    assert not (holes[0] == holes[-1]).all() or not holes.any()


def test_the_merging_network_learns_from_a_clip() -> None:
    clean = panned(7, 72, 100)
    log, truth, candidates = clip_example(np.random.default_rng(6), clean)
    assert log.shape == truth.shape == (*candidates.hole.shape, 3)
    planes, shown = tile_stacks(log, truth, candidates, tiles_of(candidates.hole))
    pixels = joined(list(zip(*handfuls_of(candidates, truth, np.random.default_rng(4)), strict=True)))
    parts = (*batch_from_stacks(planes).parts, torch.from_numpy(shown), *pixels)
    lesson = FillLesson(Path("nowhere"), lambda seed: True)
    assert lesson.refresh() == 0
    torch.manual_seed(0)
    network = lesson.network()
    before = lesson.loss(network, parts)
    assert 0 < float(before.detach()) < 5
    before.backward()
    for part in (network.head, network.merge.head):
        assert part.weight.grad is not None and part.weight.grad.abs().sum() > 0
