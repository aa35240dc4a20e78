"""Learning a show's experts side by side: what of them is kept together, and what goes on after an interruption."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from interneg.errors import CancelledJobError, ProductionError, RequestError
from interneg.model.base import BaseModel
from interneg.model.fill import FillNetwork
from interneg.model.intrinsics import Guess, IntrinsicsNetwork
from interneg.model.show import load_show
from interneg.model.wires import WiresNetwork
from interneg.production.index import CleanedShot
from interneg.production.store import Production, Store
from interneg.training import frame_pairs, intrinsics_lesson, loop, wires_lesson
from interneg.training import learn as lessons
from interneg.training.learn import experts_for
from interneg.training.lesson import Lesson, Means
from interneg.training.outcome import Outcome
from interneg.training.recipe import Recipe
from interneg.training.review import Scores
from interneg.training.takes import split
from interneg.training.wires_lesson import Backing, Rigged
from stage import base_of, circle_new
from synthetic import panned, write_plate
from test_learn import CONFIG, CPU, QUICK, add_takes, hurried, learnt, same_weights

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
    verdict = learnt(show, 12.0, base=base, experts=("wires",))
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


def test_what_learnt_without_a_base_is_not_mixed_with_what_did(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_takes(show, tmp_path, 2)
    alone = circle_new("show", Store(tmp_path / "productions"))
    fill, wires = outcome("fill", circled=False), outcome("wires", circled=True)
    comes_to(monkeypatch, fill, wires)
    verdict = learnt(show, base=wires_base(), experts=())
    assert not verdict.circled and show.circled() == alone and "learnt without a base" in verdict.message
    assert not any(one.circled for one in verdict.experts)
    with pytest.raises(RequestError, match="Learn fill too, or go back first with `interneg model use show base`"):
        learnt(show, base=wires_base(), experts=("wires",))
    comes_to(monkeypatch, outcome("fill", circled=True), outcome("wires", circled=False))
    better = learnt(show, base=wires_base(), experts=())
    assert better.circled and list(load_show(show.weights_file(better.version), "show").experts) == ["fill"]


def test_candidates_that_are_ng_are_kept_to_look_at_and_nothing_is_in_use(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_takes(show, tmp_path, 2)
    comes_to(monkeypatch, outcome("fill", circled=False), outcome("wires", circled=False))
    verdict = learnt(show, base=wires_base(), experts=())
    assert not verdict.circled and show.circled() is None
    assert list(load_show(show.weights_file(verdict.version), "show").experts) == ["fill", "wires"]


def test_what_one_expert_cannot_learn_from_does_not_cost_the_others(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> Outcome:
        raise RequestError("No two frames of the held-out takes show the same things: learn other experts.")

    add_takes(show, tmp_path, 2)
    comes_to(monkeypatch, outcome("fill", circled=True))
    monkeypatch.setattr(lessons, "LEARNERS", {**lessons.LEARNERS, "intrinsics": nothing})
    base = replace(base_of(), intrinsics=IntrinsicsNetwork())
    verdict = learnt(show, base=base, experts=())
    assert verdict.circled and [one.expert for one in verdict.experts] == ["fill"]
    assert "Intrinsics was not learnt: No two frames" in verdict.message
    with pytest.raises(RequestError, match="No two frames"):
        learnt(show, base=base, experts=("intrinsics",))


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


def test_what_is_done_again_counts_once(show: Production, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("interneg.training.lesson.time.monotonic", lambda: clock[0])
    lesson = Lesson(show, CONFIG, Recipe(), Means(CPU), lambda *_: None, lambda: None, 100.0, 60.0)
    for is_again, elapsed in ((False, 20.0), (True, 20.0)):
        with lesson.counted_once(is_again):
            clock[0] += 20
        assert lesson.elapsed() == elapsed


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
    taken, held_out = split(show.takes(), Recipe(), CONFIG)
    return held_out, taken


def test_a_circled_model_that_is_damaged_is_learnt_anew(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 2)
    version = circle_new("show", Store(tmp_path / "productions"))
    show.weights_file(version).write_bytes(b"torn")
    verdict = learnt(show)
    assert "the classical candidate" in verdict.message and verdict.version in show.versions()


def test_a_disk_that_cannot_be_written_is_told(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 2)
    show.learning_folder.write_text("a file where a folder should be")
    with pytest.raises(ProductionError, match="cannot be used"):
        learnt(show)


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


def test_an_overlap_is_of_what_is_covered() -> None:
    matte = np.zeros((60, 60), np.float32)
    matte[30] = 1
    found = matte.copy()
    found[10] = 0.6
    ious = wires_lesson._ious(found, Rigged(np.zeros((60, 60, 3), np.float32), matte, ("take", 0)))
    assert ious[0] == 0.5 and ious.max() == 1 and np.isin(ious, (0.5, 1)).all()


def test_an_artists_matte_says_where_wires_hang(show: Production, tmp_path: Path) -> None:
    plate = panned(1, 300, 400, seed=1)[0]
    matte = np.zeros((300, 400), np.float32)
    matte[100:120] = 1
    write_plate(tmp_path / "plate.0001.exr", plate)
    write_plate(tmp_path / "matte.0001.exr", np.repeat(matte[..., None], 3, axis=-1))
    shot = CleanedShot(str(tmp_path / "plate.####.exr"), "", str(tmp_path / "matte.####.exr"), "", 1, 1)
    show.note_cleaned(shot)
    lesson = Lesson(show, CONFIG, Recipe(), Means(CPU), lambda *_: None, lambda: None, 0.0, 1.0)
    base = WiresNetwork().eval().requires_grad_(False)
    backings = wires_lesson._Backings(lesson, base)
    backings._seen = lambda rgb: np.where(np.arange(300)[:, None] == 110, 0.5, 0.0) * np.ones(400)
    backing = backings.read_cleaned(show.cleaned_shots()[0], np.random.default_rng(1))
    assert backing is not None and backing.matte is not None
    assert (backing.matte[110] == 1).all() and backing.matte.sum() == 400, "the wire, and not all of the matte"
    assert (backing.counts[:100] == 1).all() and (backing.counts[111:120] == 0).all()
    for gone in (replace(shot, plate=str(tmp_path / "none.####.exr")), replace(shot, first_frame=5, last_frame=9)):
        assert backings.read_cleaned(gone, np.random.default_rng(1)) is None


def test_what_the_base_sees_in_a_bare_take_counts_less(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 1)
    base = WiresNetwork().eval().requires_grad_(False)
    with torch.no_grad():
        base.found.bias.fill_(9.0)
        base.drawn.bias.fill_(9.0)
    lesson = Lesson(show, CONFIG, Recipe(), Means(CPU), lambda *_: None, lambda: None, 0.0, 1.0)
    [stretch], _ = split(show.takes(), Recipe(), CONFIG)
    backing = wires_lesson._Backings(lesson, base).read(stretch, np.random.default_rng(1))
    assert backing is not None and (backing.counts == wires_lesson.DOUBTED).all()
    assert min(backing.plate.shape[:2]) >= 288, "enlarged until the network's picture fits"


def lit_from(elsewhere: float, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """The same things three pixels further, and lit from the other side by so many stops."""
    rng = np.random.default_rng(seed)
    albedo = np.repeat(np.repeat(rng.uniform(0.1, 0.8, (60, 80, 3)), 4, 0), 4, 1).astype(np.float32)
    across = np.linspace(-1, 1, 320, dtype=np.float32)[None, :, None]
    one, other = albedo * 0.5, np.roll(albedo, 6, axis=1) * np.exp2(elsewhere * across)
    return one, np.asarray(other, np.float32)


def test_frames_of_the_same_things_are_matched_whatever_the_light() -> None:
    still = frame_pairs.paired(*lit_from(0.0), ("take", 0))
    moved = frame_pairs.paired(*lit_from(2.0), ("take", 0))
    assert still is not None and moved is not None
    for pair in (still, moved):
        assert pair.one.shape[:2] == pair.matched.shape and max(pair.one.shape) == 144
        assert np.median(pair.flow[pair.matched][:, 0]) == pytest.approx(6 * 144 / 320, abs=0.4)
    assert moved.change > 3 * still.change, "and where it changed is found"


def test_frames_of_other_things_are_no_pair() -> None:
    one, other = lit_from(0.0)[0], lit_from(0.0, seed=9)[0]
    assert frame_pairs.paired(one, other, ("take", 0)) is None


def test_what_a_plate_is_made_of_is_learnt_from_takes_alone(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 3)
    torch.manual_seed(4)
    base = replace(base_of(), intrinsics=IntrinsicsNetwork().eval().requires_grad_(False))
    (one,) = learnt(show, 12.0, base=base, experts=("intrinsics",)).experts
    assert (one.expert, one.unit) == ("intrinsics", "dB") and one.steps > 0
    assert np.isfinite([one.candidate, one.in_use]).all()
    assert 0 <= one.peers["degrees_from_the_base"] < intrinsics_lesson.FARTHEST_DEGREES


def test_an_answer_that_differs_between_two_frames_costs() -> None:
    """The loss is least for the target itself, where both frames show the same."""
    pair = frame_pairs.paired(*lit_from(0.0), ("take", 0))
    assert pair is not None
    rng = np.random.default_rng(1)
    maps = 4 * cv2.GaussianBlur(rng.normal(size=(*pair.matched.shape, 10)).astype(np.float32), (0, 0), 4)
    maps[..., 2] += 1
    maps[..., :3] /= np.linalg.norm(maps[..., :3], axis=-1, keepdims=True)
    lit = intrinsics_lesson.Lit(pair, frame_pairs.warped(maps, pair.flow), maps)

    class Answering(torch.nn.Module):
        def __init__(self, answer: torch.Tensor) -> None:
            super().__init__()
            self.answer = answer

        def forward(self, plates: torch.Tensor) -> Guess:
            nothing = plates.new_zeros(len(plates))
            return Guess(self.answer, nothing, nothing, nothing)

    for is_mirrored in (False, True):
        batch = intrinsics_lesson._batch([lit, lit], is_mirrored, CPU)
        right = float(intrinsics_lesson.pair_loss(Answering(batch[1]), batch))
        wrong = batch[1].clone()
        wrong[2:, 4:7] += torch.randn_like(wrong[2:, 4:7])
        assert right < 0.1 * float(intrinsics_lesson.pair_loss(Answering(wrong), batch))
