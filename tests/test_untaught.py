"""Kinds of sets that are kept from teaching: they are rendered and scored, and no base model learns from them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from interneg.commands.schooling import chosen_scenes
from interneg.commands.stage_render import render
from interneg.errors import RequestError
from interneg.soundstage.sets.untaught import UNTAUGHT
from interneg.soundstage.stage import Order, staged
from interneg.soundstage.teaching.curriculum import Plan, teach
from interneg.soundstage.teaching.teach import School


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A stage that is kept for the score."""
    (tmp_path / "kept" / "scenes").mkdir(parents=True)
    (tmp_path / "kept" / "stage.json").write_text(json.dumps({"order": {"kind": "chapel"}}))
    return tmp_path / "kept"


def test_no_base_is_taught_on_it(kept: Path, tmp_path: Path) -> None:
    plan = Plan(kept, tmp_path / "base.safetensors", ("intrinsics",), 1.0, steps=1)
    school = School(tmp_path / "teach", torch.device("cpu"), 1, False, lambda *_: None)
    with pytest.raises(RequestError, match="chapel"):
        teach(plan, school)


def test_all_of_it_is_held_out(kept: Path, tmp_path: Path) -> None:
    assert all(chosen_scenes("held-out", kept)(seed) for seed in range(16))
    assert [seed for seed in range(16) if chosen_scenes("held-out", tmp_path)(seed)] == [7, 15]
    assert [seed for seed in range(16) if chosen_scenes("2-3", kept)(seed)] == [2, 3]


@pytest.mark.parametrize("kind", UNTAUGHT)
def test_a_scene_is_of_the_kind_that_was_asked_for(kind: str) -> None:
    one, other = (staged(seed, Order(kind=kind, people=False), None) for seed in (1, 2))
    assert one.dressed.kind == other.dressed.kind == kind
    assert len(one.lamps) > 0
    assert not np.array_equal(one.dressed.surroundings.picture, other.dressed.surroundings.picture)


def test_no_taught_scene_is_of_such_a_kind() -> None:
    kinds = {staged(seed, Order(people=False), None).dressed.kind for seed in range(6)}
    assert not kinds & set(UNTAUGHT)


def test_a_kind_that_is_not_kept_is_told(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="chapel, dock"):
        render(tmp_path, kind="kitchen")
