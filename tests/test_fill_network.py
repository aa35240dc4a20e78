"""The fill network: starts from the classical answer, can only choose and correct within a bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from interneg.model.fill import (
    CHOICES,
    CORRECTION_SEEN,
    CORRECTION_UNSEEN,
    FEATURES,
    HALO,
    REACH_ENDS,
    REACH_LEAST,
    REACH_SEEN,
    TILE,
    FillNetwork,
    batches,
    refined,
    tile_stacks,
    tiles_of,
)
from interneg.operators.candidates import Candidates, gathered
from interneg.operators.motion import View
from interneg.operators.spatial import ends_apart
from interneg.plates.colour import log_from_linear
from synthetic import hung, panned, wild_rgb, wire_of

CPU = torch.device("cpu")
SIZES = [(1, 1), (2, 3), (17, 31), (64, 64), (101, 57), (1, 40), (40, 1), (41, 80), (40, 40)]


def shot(height: int, width: int, count: int = 9, cover: str = "wire") -> tuple[View, Candidates]:
    wire = wire_of(height, width)
    full = np.ones_like(wire)
    mattes = [full if cover == "all" and index == count // 2 else wire for index in range(count)]
    views = {
        index - count // 2: View(index, log_from_linear(hung(frame, matte)), matte > 0, np.ones((height, width), bool))
        for index, (frame, matte) in enumerate(zip(panned(count, height, width), mattes, strict=True))
    }
    return views[0], gathered(views[0], views.get)


def wild_network(seed: int = 1, size: float = 1.0) -> FillNetwork:
    """A network whose weights are anything."""
    torch.manual_seed(seed)
    network = FillNetwork().eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=size)
    return network


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("cover", ["wire", "all"])
def test_before_it_has_learnt_it_answers_classically(size: tuple[int, int], cover: str) -> None:
    view, candidates = shot(*size, cover=cover)
    answer = refined(FillNetwork().eval(), view.log, candidates, CPU)
    assert answer.log.shape == (int(view.hole.sum()), 3) and answer.synthesised.shape == (int(view.hole.sum()),)
    near = np.abs(answer.log - candidates.classical).max(initial=0)
    spread = max(np.ptp([candidates.spatial, candidates.mean, *candidates.best], axis=0).max(initial=0), 0)
    assert near <= 0.35 * spread + 1e-5, "it leans on the classical answer from the start"
    alone = ~candidates.seen & (candidates.best_weight[0] == 0)
    assert answer.log[alone] == pytest.approx(candidates.spatial[alone], abs=1e-3), "there is nothing else to say"


@pytest.mark.parametrize("seed", range(4))
def test_no_weights_at_all_can_make_it_leave_its_bound(seed: int) -> None:
    """Whatever the weights are, the answer is a mixture of candidates plus a bounded correction."""
    view, candidates = shot(64, 96)
    answer = refined(wild_network(seed, 0.3), view.log, candidates, CPU)
    choices = np.concatenate([candidates.spatial[None], candidates.mean[None], candidates.best])
    low, high = choices.min(axis=0), choices.max(axis=0)
    bound = np.where(candidates.seen, CORRECTION_SEEN, CORRECTION_UNSEEN)[:, None] + 1e-5
    assert (answer.log >= low - bound).all() and (answer.log <= high + bound).all()
    assert (answer.synthesised >= -1e-6).all() and (answer.synthesised <= 1 + 1e-6).all()


@pytest.mark.parametrize("seed", range(4))
def test_where_others_have_seen_the_guess_has_no_say(seed: int) -> None:
    view, candidates = shot(64, 96)
    assert candidates.seen.any()
    answer = refined(wild_network(seed, 0.05), view.log, candidates, CPU)
    assert answer.synthesised[candidates.seen].max() < 1e-3


@pytest.mark.parametrize("seed", range(4))
def test_no_weights_at_all_can_leave_the_classical_answer_further_than_it_is_unsure(seed: int) -> None:
    view, candidates = shot(64, 96)
    away = np.abs(refined(wild_network(seed, 0.3), view.log, candidates, CPU).log - candidates.classical).mean(axis=1)
    assert candidates.seen.any()
    assert (away <= REACH_SEEN * candidates.spread + 1e-5)[candidates.seen].all()
    alone = candidates.sight == 0
    ends = REACH_LEAST + REACH_ENDS * ends_apart(candidates.spatial_confidence)
    assert (away <= ends + 1e-5)[alone].all()


def test_a_source_that_nobody_believes_cannot_be_chosen() -> None:
    """A candidate of no weight far from the others, and a network that wants nothing else."""
    view, candidates = shot(64, 96)
    wrong, weight = candidates.best.copy(), candidates.best_weight.copy()
    wrong[2], weight[2] = candidates.mean + 0.4, 1e-4
    candidates = replace(candidates, best=wrong, best_weight=weight, spread=np.full_like(candidates.spread, 1e-3))
    network = FillNetwork().eval()
    with torch.no_grad():
        network.head.bias[4] = 50.0  # the third best, after the guess, the mean and two better ones
    away = np.abs(refined(network, view.log, candidates, CPU).log - candidates.mean)[candidates.seen]
    assert away.max() <= 1e-3 + 1e-5
    near = refined(network, view.log, replace(candidates, spread=np.full_like(candidates.spread, 0.5)), CPU)
    assert np.abs(near.log - candidates.mean)[candidates.seen].max() > 0.3, "what is believed as much as others can"


def test_what_lies_in_the_hole_is_never_looked_at() -> None:
    view, candidates = shot(64, 96)
    network = wild_network()
    answers = []
    for value in (0.0, 50.0):
        log = np.where(view.hole[..., None], np.float32(value), view.log)
        answers.append(refined(network, log, candidates, CPU).log)
    assert (answers[0] == answers[1]).all()


def test_the_same_frame_gives_the_same_bits() -> None:
    view, candidates = shot(101, 57)
    network = wild_network()
    one, other = (refined(network, view.log, candidates, CPU) for _ in range(2))
    assert (one.log == other.log).all() and (one.synthesised == other.synthesised).all()


@pytest.mark.parametrize("size", [(17, 31), (101, 57), (41, 80)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_batches_have_what_the_network_takes(size: tuple[int, int]) -> None:
    view, candidates = shot(*size)
    total = 0
    for patches, batch in batches(view.log, candidates, 2):
        count, (_, _, height, width) = len(patches), patches[0].grown(HALO)
        assert batch.features.shape == (count, FEATURES, height, width)
        assert batch.choices.shape == (count, CHOICES, 3, height, width)
        assert torch.isfinite(batch.features).all() and torch.isfinite(batch.choices).all()
        assert (batch.bound <= CORRECTION_UNSEEN + 1e-6).all() and (batch.bound[batch.hole == 0] == 0).all()
        total += int(batch.hole[..., HALO : height - HALO, HALO : width - HALO].sum())
    assert total == view.hole.sum(), "each pixel of the hole is answered for once"


def test_stacks_to_learn_from_are_those_it_answers_with() -> None:
    view, candidates = shot(64, 96)
    truth = panned(9, 64, 96)[4]
    patches = tiles_of(view.hole)
    planes, truths = tile_stacks(view.log, truth, candidates, patches)
    assert len(planes) == len(truths) == len(patches)
    row, column = patches[-1][:2]
    inner = truths[-1][:, HALO : HALO + TILE, HALO : HALO + TILE]
    there = truth[row : row + TILE, column : column + TILE].transpose(2, 0, 1)
    assert (inner[:, : there.shape[1], : there.shape[2]] == there).all()


def test_wild_plates_give_finite_answers() -> None:
    wire = wire_of(50, 70)
    views = {
        index: View(index, log_from_linear(wild_rgb(50, 70, index)), wire > 0, np.ones((50, 70), bool))
        for index in range(3)
    }
    candidates = gathered(views[0], views.get)
    for network in (FillNetwork().eval(), wild_network()):
        assert np.isfinite(refined(network, views[0].log, candidates, CPU).log).all()


def test_it_can_learn() -> None:
    """A few steps on one frame that no other has seen, its truth a little above every candidate, bring it nearer."""
    view, _ = shot(40, 40)
    candidates = gathered(view, lambda offset: None)
    torch.manual_seed(0)
    network = FillNetwork()
    _, batch = next(batches(view.log, candidates, 99))
    wanted = network(batch)[0].detach() + 0.02
    optimiser = torch.optim.Adam(network.parameters(), lr=2e-3)
    losses = []
    for _ in range(12):
        loss = ((network(batch)[0] - wanted).abs() * batch.hole).sum() / batch.hole.sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert min(losses) < 0.8 * losses[0]


def test_where_the_sources_agree_it_cannot_correct() -> None:
    view, candidates = shot(40, 40)
    network = FillNetwork().eval()
    torch.nn.init.constant_(network.head.bias, 1e4)
    moved = np.abs(refined(network, view.log, candidates, CPU).log - candidates.mean)[candidates.seen].max(axis=1)
    apart = np.abs(candidates.best - candidates.mean).max(axis=(0, 2))[candidates.seen]
    assert (moved <= apart + candidates.spread[candidates.seen] + 1e-5).all()
