"""Learning a show's experts side by side: what of them is kept together, and what goes on after an interruption."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from interneg.errors import CancelledJobError, RequestError
from interneg.model.base import BaseModel
from interneg.model.fill import FillNetwork
from interneg.model.show import load_show
from interneg.model.wires import WiresNetwork
from interneg.production.store import Production, Store
from interneg.training import learn as lessons
from interneg.training import loop, wires_lesson
from interneg.training.learn import experts_for
from interneg.training.outcome import Outcome
from interneg.training.recipe import Recipe
from interneg.training.review import Scores
from interneg.training.wires_lesson import Backing, Rigged
from stage import base_of
from test_learn import QUICK, add_takes, hurried, learnt, same_weights

SMALL = {**QUICK, "wires_batch": 1, "wires_review": 2}


@pytest.fixture
def show(tmp_path: Path) -> Production:
    return Store(tmp_path / "productions").create("show")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    hurried(monkeypatch, **SMALL)


def wires_base() -> BaseModel:
    """A base that was taught wires alone."""
    return replace(base_of(), wires=WiresNetwork().eval().requires_grad_(False))


def outcome(expert: str, *, circled: bool) -> Outcome:
    """What a lesson might come to, with weights of its own."""
    network = FillNetwork() if expert == "fill" else WiresNetwork()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(std=0.1)
    return Outcome(expert, "dB", network.eval(), Scores((31.0,)), Scores((30.0,)), "the base model", {}, 3, circled)


def comes_to(monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome) -> None:
    """Every lesson comes to that at once."""

    def learner(one: Outcome) -> Callable[..., Outcome]:
        return lambda *_: one

    monkeypatch.setattr(lessons, "LEARNERS", {one.expert: learner(one) for one in outcomes})


def test_wires_are_learnt_from_the_takes_alone(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 3)
    base = wires_base()
    verdict = learnt(show, 6.0, base=base, experts=("wires",))
    (wires,) = verdict.experts
    assert (wires.expert, wires.unit) == ("wires", "IoU") and wires.steps > 0
    assert 0 <= wires.candidate <= 1 and 0 <= wires.in_use <= 1
    model = load_show(show.weights_file(verdict.version), "show", base.hash)
    assert list(model.experts) == ["wires"] and not same_weights(model.wires, base.wires)
    assert model.header.scores["wires.candidate"] == wires.candidate
    assert (show.model_folder(verdict.version) / "wires.csv").is_file(), "the curve, for the report"


def test_what_is_circled_joins_what_is_in_use(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_takes(show, tmp_path, 2)
    base = wires_base()
    fill, wires = outcome("fill", circled=True), outcome("wires", circled=False)
    comes_to(monkeypatch, fill, wires)
    first = learnt(show, base=base, experts=())
    assert first.circled and show.circled() == first.version
    assert list(load_show(show.weights_file(first.version), "show").experts) == ["fill"]
    other, better = outcome("fill", circled=False), outcome("wires", circled=True)
    comes_to(monkeypatch, other, better)
    second = learnt(show, base=base, experts=())
    model = load_show(show.weights_file(second.version), "show")
    assert same_weights(model.fill, fill.network), "the one that was NG is not in it"
    assert same_weights(model.wires, better.network)
    assert show.history()[1].figures["fill.circled"] == 0 and show.history()[1].figures["wires.circled"] == 1


def test_candidates_that_are_ng_are_kept_to_look_at_and_nothing_is_in_use(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_takes(show, tmp_path, 2)
    comes_to(monkeypatch, outcome("fill", circled=False), outcome("wires", circled=False))
    verdict = learnt(show, base=wires_base(), experts=())
    assert not verdict.circled and show.circled() is None
    assert list(load_show(show.weights_file(verdict.version), "show").experts) == ["fill", "wires"]


def cut_off_after(steps: int) -> Callable[[], None]:
    """A checkpoint that ends the job once so many checkpoints of the network lie on disk, as a killed daemon would."""
    kept: list[int] = []

    def checkpoint() -> None:
        if len(kept) >= steps:
            raise CancelledJobError("the daemon was stopped")

    def keep(*args: object) -> None:
        kept.append(1)
        REAL_KEEP(*args)  # type: ignore[arg-type]

    loop.keep = keep  # type: ignore[assignment]
    return checkpoint


REAL_KEEP = loop.keep


def begun_and_cut_off(show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lesson that was cut off after a few steps."""
    add_takes(show, tmp_path, 3)
    monkeypatch.setattr(loop, "KEEP_SECONDS", 0.0)
    monkeypatch.setattr(loop, "keep", loop.keep)
    with pytest.raises(CancelledJobError):
        learnt(show, 60.0, cut_off_after(3))
    assert (show.learning_folder / "fill.safetensors").is_file() and show.versions() == ()


def test_a_lesson_that_was_cut_off_goes_on(show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun_and_cut_off(show, tmp_path, monkeypatch)
    told: list[tuple[float, str, float]] = []
    verdict = learnt(show, 4.0, told=told)
    assert any("fill: going on from step 3" in message for _, message, _ in told)
    assert verdict.experts[0].steps >= 3
    assert not show.learning_folder.exists(), "a verdict was come to"


def test_a_lesson_may_begin_anew(show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun_and_cut_off(show, tmp_path, monkeypatch)
    told: list[tuple[float, str, float]] = []
    learnt(show, 3.0, told=told, fresh=True)
    assert not any("going on" in message for _, message, _ in told)


@pytest.mark.parametrize("spoil", ["damaged", "another base", "another split"])
def test_a_checkpoint_that_does_not_fit_is_begun_anew(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    begun_and_cut_off(show, tmp_path, monkeypatch)
    if spoil == "damaged":
        (show.learning_folder / "fill.safetensors").write_bytes(b"torn")
    if spoil == "another split":
        monkeypatch.setattr(lessons, "split", lambda *_: split_backwards(show))
    told: list[tuple[float, str, float]] = []
    base = base_of(FillNetwork()) if spoil == "another base" else None
    learnt(show, 3.0, told=told, base=base)
    assert not any("going on" in message for _, message, _ in told)


def split_backwards(show: Production) -> tuple[list[object], list[object]]:
    """What was learnt from is held out, and the other way round."""
    from interneg.training.takes import split
    from test_learn import CONFIG

    taken, held_out = split(show.takes(), Recipe(), CONFIG)
    return held_out, taken


def test_an_expert_that_cannot_be_learnt_is_named() -> None:
    assert experts_for((), None) == ("fill",)
    assert experts_for((), wires_base()) == ("fill", "wires")
    assert experts_for(("wires",), wires_base()) == ("wires",)
    with pytest.raises(RequestError, match=r"not taught it.*fill"):
        experts_for(("wires",), None)
    with pytest.raises(RequestError, match="'face': there is no such expert"):
        experts_for(("face",), None)


def test_a_wire_over_a_take_has_its_grain_and_its_truth() -> None:
    rng = np.random.default_rng(1)
    plate = (0.2 * np.exp(rng.normal(0, 0.05, (320, 400, 3)))).astype(np.float32)
    backing = Backing(plate, None, np.ones((320, 400), np.float32), ("take", 0))
    wired, truth = wires_lesson._pair(np.random.default_rng(3), [backing])
    assert wired.shape == (288, 288, 3) and truth.shape == (3, 288, 288)
    bare = truth[0] == 0
    assert bare.any() and truth[0].max() > 0.5
    assert np.isin(np.round(wired[bare][:50], 6), np.round(plate, 6)).all(), "nothing else is touched"


def test_what_hangs_in_the_takes_already_does_not_count() -> None:
    matte = np.zeros((60, 60), np.float32)
    matte[30] = 1
    plate = np.zeros((60, 60, 3), np.float32)
    counts = np.ones((60, 60), np.float32)
    counts[10] = 0
    found = matte.copy()
    found[10] = 1
    assert wires_lesson._ious(found, Rigged(plate, matte, counts, ("take", 0))).max() == 1
    assert wires_lesson._ious(found, Rigged(plate, matte, np.ones_like(counts), ("take", 0))).max() == 0.5
