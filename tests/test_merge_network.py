"""The merging network: silent until it has learnt, and never beyond what the sources say and differ by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from interneg.model.merge import AGREED, PLANES, REACH, MergeNetwork, batch_from_packed, merged_anew, packed
from interneg.operators.belief import TOLD, VOICES, Belief
from interneg.operators.candidates import Candidates, gathered
from interneg.operators.motion import View
from interneg.plates.colour import log_from_linear
from synthetic import hung, panned, wire_of

CPU = torch.device("cpu")


def shot(height: int, width: int, count: int = 9) -> Candidates:
    """What a panned shot shows of a wire that hangs in its middle, each frame with grain of its own on its right."""
    wire, rng = wire_of(height, width), np.random.default_rng(5)
    grain = np.linspace(0, 0.08, width)[:, None] * (np.arange(width) > width // 4)[:, None]
    views = {
        index - count // 2: View(index, log_from_linear(hung(frame, wire)), wire > 0, np.ones((height, width), bool))
        for index, frame in enumerate(
            (frame * np.exp(grain * rng.standard_normal(frame.shape))).astype(np.float32)
            for frame in panned(count, height, width)
        )
    }
    return gathered(views[0], views.get)


def belief_in(candidates: Candidates) -> Belief:
    assert candidates.belief is not None
    return candidates.belief


def wild_network(seed: int) -> MergeNetwork:
    """A network whose weights are anything."""
    torch.manual_seed(seed)
    network = MergeNetwork().eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter)
    return network


def test_before_it_has_learnt_the_classical_answer_stands_to_the_bit() -> None:
    candidates = shot(64, 96)
    for network in (MergeNetwork().eval(), None):
        merged = merged_anew(network, candidates, CPU)
        assert merged.belief is None, "the sources are let go"
        assert (merged.mean == candidates.mean).all() and (merged.kept_noise == candidates.kept_noise).all()


@pytest.mark.parametrize("seed", range(4))
def test_no_weights_at_all_can_leave_what_the_sources_say(seed: int) -> None:
    candidates = shot(64, 96)
    merged = merged_anew(wild_network(seed), candidates, CPU)
    assert (merged.mean != candidates.mean).any()
    away = np.abs(merged.mean - candidates.mean).mean(axis=1)
    assert (away <= REACH * candidates.spread + 1e-5).all()
    assert (merged.mean >= candidates.low - 1e-6).all() and (merged.mean <= candidates.high + 1e-6).all()
    assert (merged.mean == candidates.mean)[~candidates.seen].all(), "only what was seen beyond doubt is merged anew"
    agreed = candidates.spread <= AGREED
    assert (merged.mean == candidates.mean)[agreed].all(), "where the sources agree there is nothing to choose"
    assert np.isfinite(merged.kept_noise).all() and (merged.kept_noise >= 0).all()


def test_the_sources_are_what_the_classical_answer_was_made_of() -> None:
    candidates = shot(64, 96)
    belief = belief_in(candidates)
    count = len(candidates.mean)
    assert belief.values.shape == (VOICES, count, 3) and belief.share.shape == (VOICES, count)
    seen = candidates.seen
    assert belief.share.sum(axis=0)[seen] == pytest.approx(1, abs=1e-5)
    assert np.abs(belief.mean - candidates.mean)[seen].max() < 0.02, "those left out had hardly any belief"
    told = belief.told(candidates.hole, (candidates.spatial, candidates.spatial_confidence))
    known = told.of(np.arange(count))
    assert known.shape == (VOICES, count, TOLD) and np.isfinite(known).all()
    assert (known[:, ::3] == told.of(np.arange(0, count, 3))).all(), "some pixels are told what all are"


def test_a_source_that_believes_itself_alone_gives_all_its_grain() -> None:
    """Weights that fall on one source keep its noise; a mean of many keeps less."""
    candidates = shot(64, 96)
    network = MergeNetwork().eval()
    with torch.no_grad():
        for layer in (network.each[0], network.each[2], network.beside[0]):
            layer.weight.zero_()
            layer.bias.zero_()
        network.each[0].weight[0, 11] = 8.0  # its share of the belief
        network.each[2].weight[0, 0] = 1.0
        network.beside[0].weight[0, 0] = 1.0
        network.head.weight[0, 0] = 50.0
    merged = merged_anew(network, candidates, CPU)
    several = candidates.seen & (belief_in(candidates).share[1] > 0.1) & (candidates.spread > AGREED)
    assert several.any() and (merged.kept_noise[several] >= candidates.kept_noise[several] - 1e-6).all()
    assert merged.kept_noise[several].mean() > 1.2 * candidates.kept_noise[several].mean()


def test_what_is_packed_comes_back() -> None:
    candidates = shot(40, 56)
    chosen = np.flatnonzero(candidates.seen)[::3]
    planes = packed(candidates, chosen)
    assert planes.shape == (PLANES, len(chosen))
    batch, belief = batch_from_packed(torch.from_numpy(planes)), belief_in(candidates)
    assert (batch.share.numpy() == belief.share[:, chosen].T).all()
    assert (batch.values.numpy() == belief.values[:, chosen].swapaxes(0, 1)).all()
    assert batch.reach.numpy() == pytest.approx(REACH * candidates.spread[chosen])


def test_it_learns_to_leave_a_source_that_always_lies() -> None:
    """A source that is off by much, and fits badly: a few steps take its belief."""
    candidates = shot(64, 96)
    belief = belief_in(candidates)
    values, own = belief.values.copy(), belief.own.copy()
    values[1] += 0.05
    own[1] = 0.5
    there = np.asarray(belief.share > 0, np.float32)
    lying = replace(belief, values=values, own=own, share=there / np.maximum(there.sum(axis=0), 1))
    candidates = replace(candidates, belief=lying, spread=np.full_like(candidates.spread, 0.05))
    chosen = np.flatnonzero(candidates.seen)
    batch, truth = (
        batch_from_packed(torch.from_numpy(packed(candidates, chosen))),
        torch.from_numpy(belief.mean[chosen]),
    )
    torch.manual_seed(1)
    network = MergeNetwork()
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    start = (batch.values * batch.share[..., None]).sum(dim=1)
    errors = []
    for _ in range(60):
        departure, weight = network(batch)
        loss = (start + departure - truth).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        errors.append(float(loss.detach()))
    assert network.has_learnt and errors[-1] < 0.2 * errors[0]
    assert float(weight[:, 1].detach().mean()) < 0.02
