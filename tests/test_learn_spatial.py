"""Learning to fill from a frame's own surroundings what no other frame of a show has seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from interneg.errors import RequestError
from interneg.model.base import BaseModel
from interneg.model.show import load_show
from interneg.model.spatial_fill import SpatialFillNetwork
from interneg.production.store import Production, Store
from interneg.resident.engine import Engine
from interneg.resident.experts import experts_for
from interneg.settings import load_settings
from interneg.training import spatial_lesson
from interneg.training.spatial_tiles import SIDE, spatial_loss, tiles_of_picture
from stage import base_of
from test_learn import QUICK, add_takes, hurried, learnt, same_weights

SMALL = {**QUICK, "spatial_batch": 1, "spatial_review": 2, "spatial_first": 2, "spatial_parts": 2}


@pytest.fixture
def show(tmp_path: Path) -> Production:
    return Store(tmp_path / "productions").create("show")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    hurried(monkeypatch, **SMALL)


def spatial_base() -> BaseModel:
    """A base that was taught spatial."""
    return replace(base_of(), spatial=SpatialFillNetwork().eval().requires_grad_(False))


def test_single_frames_teach_what_no_other_frame_has_seen(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 3)
    base = spatial_base()
    verdict = learnt(show, 6.0, base=base, experts=("spatial",))
    (spatial,) = verdict.experts
    assert (spatial.expert, spatial.unit) == ("spatial", "dB") and spatial.steps > 0
    assert 5 < spatial.in_use < 100 and 5 < spatial.candidate < 100 and 5 < spatial.peers["telea_ns"] < 100
    model = load_show(show.weights_file(verdict.version), "show", base.hash)
    assert list(model.experts) == ["spatial"] and not same_weights(model.spatial, base.spatial)


def test_a_show_that_has_learnt_it_answers_with_its_own(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 3)
    base = spatial_base()
    version = learnt(show, 6.0, base=base, experts=("spatial",)).version
    store = Store(tmp_path / "productions")
    engine = Engine(load_settings(home=tmp_path), store, load_base=lambda: base)
    own = experts_for(engine, "show", version)
    assert same_weights(own.spatial, load_show(show.weights_file(version), "show").spatial)
    assert own.network is base.fill, "what it has not learnt the base answers"


def test_a_base_without_it_cannot_be_learnt_from(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 2)
    with pytest.raises(RequestError, match="the base model was not taught it"):
        learnt(show, base=replace(base_of(), spatial=None), experts=("spatial",))


def test_what_lies_in_the_hole_is_not_looked_at() -> None:
    rng = np.random.default_rng(3)
    picture = rng.random((120, 130, 3)).astype(np.float32)
    hole = np.zeros((120, 130), bool)
    hole[50:56] = True
    other = np.where(hole[..., None], np.float32(0.9), picture)
    one, two = (tiles_of_picture(np.random.default_rng(4), log, hole, picture) for log in (picture, other))
    assert one.planes.shape[-2:] == (SIDE, SIDE) and np.array_equal(one.planes, two.planes)


def test_the_classical_answer_counts_as_one_and_the_truth_as_next_to_nothing() -> None:
    rng = np.random.default_rng(5)
    picture = rng.random((120, 130, 3)).astype(np.float32)
    hole = np.zeros((120, 130), bool)
    hole[:, 60:66] = True
    tiles = tiles_of_picture(rng, picture, hole, picture)
    planes, truth = torch.from_numpy(tiles.planes), torch.from_numpy(tiles.truth)

    class Says(torch.nn.Module):
        def __init__(self, answer: torch.Tensor) -> None:
            super().__init__()
            self.answer = answer

        def forward(self, asked: object) -> tuple[torch.Tensor, torch.Tensor, None]:
            return self.answer, self.answer, None

    classical, right = (spatial_loss(one, planes, truth).item() for one in (SpatialFillNetwork(), Says(truth)))
    assert classical == pytest.approx(1.5 * 1.25, rel=1e-3) and right < 0.2 * classical


def test_holes_that_nobody_saw_are_as_large_as_in_delivery() -> None:
    picture, shares = np.ones((160, 160, 3), np.float32), []
    for seed in range(60):
        holed, hole = spatial_lesson._holed(np.random.default_rng(seed), picture, (384, 640))
        assert hole.shape == (160, 160) and hole.any() and hole.mean() <= spatial_lesson.LARGEST_HOLE
        assert (holed[hole] == 0).all() and (holed[~hole] == 1).all()
        columns, rows = hole.all(axis=0), hole.all(axis=1)
        shares.append(max(columns.sum(), rows.sum()))
    borders = np.asarray(shares) > 0
    assert 0.2 < borders.mean() < 0.6, "two fifths"
    assert max(shares) > 0.08 * 160, "a border of the whole frame, and not of the part"
