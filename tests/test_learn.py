"""Learning a show: a verdict with figures, nothing worse in use, and takes that are no good left out."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import torch

from interneg.errors import CancelledJobError, PlateError, RequestError
from interneg.ingest import ingest
from interneg.model.base import BaseModel
from interneg.model.fill import FillNetwork
from interneg.model.merge import MergeNetwork
from interneg.model.show import ShowModel, load_show
from interneg.plates.colour import ColourConfig
from interneg.production.store import Production, Store
from interneg.production.verdict import ExpertVerdict, Verdict
from interneg.profile.takes import kept_measures
from interneg.training import fill_lesson
from interneg.training import learn as lessons
from interneg.training.handfuls import examples_from
from interneg.training.holes import cut_holes
from interneg.training.learn import learn
from interneg.training.lesson import Lesson, Means, Wanted
from interneg.training.pupil import Pupil
from interneg.training.recipe import Recipe
from interneg.training.review import Scores, beats, can_tell
from interneg.training.takes import FEWEST_FRAMES, read_clip, split
from stage import base_of, circle_new, taught_base
from synthetic import panned, write_plate

CPU = torch.device("cpu")
CONFIG = ColourConfig(None)
SECONDS = 2.5
QUICK = {
    "draws_per_clip": 1,
    "handfuls_before_learning": 4,
    "batch": 4,
    "review_clips": 2,
    "review_draws": 1,
    "offsets": (1, 2, 3),
    "profile_share": 0.0,
}


@pytest.fixture
def show(tmp_path: Path) -> Production:
    return Store(tmp_path / "productions").create("show")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    hurried(monkeypatch)


def hurried(monkeypatch: pytest.MonkeyPatch, **more: object) -> None:
    """A recipe for tiny clips and a budget of seconds."""
    torch.optim.AdamW([torch.zeros(1)])  # the first one loads a part of torch, for longer than such a budget
    monkeypatch.setattr(lessons, "Recipe", lambda: Recipe(**{**QUICK, **more}))


def add_takes(production: Production, folder: Path, count: int, frames: int = 12, grain: float = 0.0) -> list[Path]:
    """So many takes of a tiny show, in the production; with grain, in shares of the light, their frames differ."""
    paths, rng = [], np.random.default_rng(3)
    for take in range(count):
        place = folder / f"dailies_{take}"
        place.mkdir(parents=True, exist_ok=True)
        for number, rgb in enumerate(panned(frames, 64, 96, seed=take), 1):
            grained = rgb * np.exp(grain * rng.standard_normal(rgb.shape))
            write_plate(place / f"setup01_take{take:02}.{number:04}.exr", grained.astype(np.float16).astype(np.float32))
        paths.append(place)
    outcomes = list(ingest(production, paths, r"(?P<setup>setup\d+)_(?P<take>take\d+)", CONFIG))
    assert len(outcomes) == count
    return paths


def learnt(
    production: Production,
    seconds: float = SECONDS,
    checkpoint=lambda: None,
    told: list | None = None,
    base: BaseModel | None = None,
    base_fault: str = "",
    experts: tuple[str, ...] = ("fill",),
    fresh: bool = False,
) -> Verdict:
    def progress(fraction: float, message: str, remaining: float) -> None:
        if told is not None:
            told.append((fraction, message, remaining))

    wanted = Wanted(seconds, experts, fresh)
    return learn(production, CONFIG, wanted, Means(CPU, base, base_fault), progress=progress, checkpoint=checkpoint)


def fill_of(verdict: Verdict) -> ExpertVerdict:
    (fill,) = verdict.experts
    return fill


def test_a_verdict_has_figures_and_the_weights_are_kept(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 3)
    told: list[tuple[float, str, float]] = []
    began = time.monotonic()
    verdict = learnt(show, 2 * SECONDS, told=told)
    assert time.monotonic() - began < 2 * SECONDS + 20
    fill = fill_of(verdict)
    assert fill.steps > 0 and verdict.takes_learnt == 2 and verdict.takes_held_out == 1
    for figure in (fill.candidate, fill.in_use, *fill.peers.values()):
        assert np.isfinite(figure) and 5 < figure < 100
    assert fill.in_use == fill.peers["classical"], "there was none to replace"
    assert f"{fill.candidate:.2f} dB" in verdict.message and verdict.version in verdict.message
    assert verdict.circled == (show.circled() == verdict.version)
    model = load_show(show.model_folder(verdict.version) / "show.safetensors", "show")
    assert model.header.version == verdict.version and len(model.header.takes) == 2
    assert model.header.scores["fill.candidate"] == pytest.approx(fill.candidate)
    assert model.header.recipe["seed"] == Recipe().seed
    [review] = show.history()
    assert review.circled == verdict.circled
    fractions = [fraction for fraction, _, _ in told]
    assert fractions == sorted(fractions) and fractions[0] >= 0 and fractions[-1] <= 1
    assert all(remaining >= 0 for _, _, remaining in told)


def test_a_worse_candidate_is_ng_and_the_incumbent_stays(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_takes(show, tmp_path, 2, grain=0.1)
    before = circle_new("show", Store(tmp_path / "productions"))
    taught_at_once(monkeypatch, wild_merge())
    verdict = learnt(show)
    assert not verdict.circled and "NG" in verdict.message
    assert fill_of(verdict).candidate < fill_of(verdict).in_use
    assert show.circled() == before
    assert verdict.version in show.versions(), "it is kept to look at"


def model_of(production: Production, version: str) -> ShowModel:
    return load_show(production.model_folder(version) / "show.safetensors", production.show)


def wild_merge() -> MergeNetwork:
    """One that believes single sources, whatever speaks for them."""
    torch.manual_seed(2)
    network = MergeNetwork()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter)
    return network.requires_grad_(False)


def taught_at_once(monkeypatch: pytest.MonkeyPatch, result: MergeNetwork | None = None) -> None:
    """What comes of the steps is that network, or else what learning started from: so it is what is kept."""

    def taught(lesson: Lesson, pupil: Pupil, *_: object) -> torch.nn.Module:
        pupil.steps = 1
        return (result or pupil.network).eval()

    monkeypatch.setattr(fill_lesson, "taught", taught)


def same_weights(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_a_show_starts_from_the_base_and_must_beat_it(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_takes(show, tmp_path, 2)
    taught_at_once(monkeypatch)
    base = taught_base()
    verdict = learnt(show, base=base)
    model = model_of(show, verdict.version)
    assert model.header.base_hash == base.hash
    assert same_weights(model.fill, base.fill)
    assert not verdict.circled, "it is no better than the base"
    fill = fill_of(verdict)
    assert fill.in_use == pytest.approx(fill.candidate, abs=1e-3)
    assert fill.in_use != fill.peers["classical"]
    assert "NG" in verdict.message and "the base model (base-1)" in verdict.message
    assert not any(parameter.requires_grad for parameter in base.fill.parameters()), "the base itself is not taught"


def test_what_is_better_than_the_base_is_circled_and_goes_on_from_itself(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried(monkeypatch, review_clips=8, review_budget_share=99.0)
    add_takes(show, tmp_path, 2, frames=24, grain=0.1)
    fill = FillNetwork().eval().requires_grad_(False)
    fill.merge.load_state_dict(wild_merge().state_dict())  # worse on every example
    base = base_of(fill)
    taught_at_once(monkeypatch, MergeNetwork())  # the classical answer beats weights drawn at random
    first = learnt(show, base=base)
    assert first.circled and fill_of(first).candidate > fill_of(first).in_use and "the base model" in first.message
    taught_at_once(monkeypatch)
    second = learnt(show, base=base)
    assert "the circled model" in second.message and not second.circled
    assert fill_of(second).in_use == pytest.approx(fill_of(first).candidate, abs=0.01)
    assert same_weights(model_of(show, second.version).fill, model_of(show, first.version).fill)
    assert show.circled() == first.version


def test_a_model_of_another_base_is_learnt_anew_from_the_one_in_use(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_takes(show, tmp_path, 2)
    circle_new("show", Store(tmp_path / "productions"), taught_base(5).fill, base_hash="e" * 64)
    taught_at_once(monkeypatch)
    base = taught_base()
    verdict = learnt(show, base=base)
    assert "the base model" in verdict.message
    assert same_weights(model_of(show, verdict.version).fill, base.fill)
    without = learnt(show, base_fault="base.safetensors is damaged.")
    assert "classical candidate" in without.message and fill_of(without).in_use == fill_of(without).peers["classical"]
    assert "It was learnt without the base model: base.safetensors is damaged." in without.message
    assert model_of(show, without.version).header.base_hash == ""


def test_a_base_that_has_no_say_in_fills_is_no_start(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_takes(show, tmp_path, 2)
    taught_at_once(monkeypatch)
    fill = fill_of(learnt(show, base=base_of()))
    assert fill.in_use == fill.peers["classical"]


def test_the_bases_guess_is_learnt_with_as_it_is_delivered_with(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 1)
    base = taught_base()
    [stretch], _ = split(show.takes(), Recipe(), CONFIG)

    def lesson(base: BaseModel | None) -> Lesson:
        now, nothing = time.monotonic(), lambda *_: None
        return Lesson(show, CONFIG, Recipe(**QUICK), Means(CPU, base), nothing, nothing, now, 60.0)

    examples = examples_from(lesson(base), stretch, 3, 4)
    for example in examples:
        guessed, unseen = example.guessed(base.spatial, CPU), ~example.candidates.seen
        assert (guessed.candidates.spatial != example.candidates.spatial)[unseen].any() == unseen.any()
        assert example.guessed(None, CPU).candidates is example.candidates
    assert any((~example.candidates.seen).any() for example in examples)


def test_learning_measures_the_takes_for_the_profile(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried(monkeypatch, profile_share=0.9)
    add_takes(show, tmp_path, 2)
    learnt(show)
    assert kept_measures(show)


def test_no_step_circles_nothing(show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_takes(show, tmp_path, 2)
    hurried(monkeypatch, handfuls_before_learning=10**6)
    verdict = learnt(show, 1.0)
    assert fill_of(verdict).steps == 0 and not verdict.circled and show.circled() is None


def test_no_takes_is_told(show: Production) -> None:
    with pytest.raises(RequestError, match="interneg dailies add"):
        learnt(show)


def test_takes_that_are_too_short_are_told(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 2, frames=FEWEST_FRAMES - 1)
    with pytest.raises(RequestError, match="frames or more"):
        learnt(show)


def test_takes_whose_files_have_gone_are_told(show: Production, tmp_path: Path) -> None:
    for folder in add_takes(show, tmp_path, 2):
        for path in folder.iterdir():
            path.unlink()
    with pytest.raises(RequestError):
        learnt(show)


def test_a_damaged_take_is_left_out_and_the_rest_learnt_from(show: Production, tmp_path: Path) -> None:
    folders = add_takes(show, tmp_path, 3)
    held = {stretch.take.path for stretch in split(show.takes(), Recipe(), CONFIG)[1]}
    damaged = next(folder for folder in folders if not any(str(folder) in path for path in held))
    for path in damaged.iterdir():
        path.write_bytes(path.read_bytes()[:600])
    assert fill_of(learnt(show)).steps > 0


def test_a_single_take_is_split_with_a_gap(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 1, frames=40)
    [taught], [held_out] = split(show.takes(), Recipe(), CONFIG)
    assert taught.take == held_out.take
    assert set(taught.frames).isdisjoint(held_out.frames)
    assert min(held_out.frames) - max(taught.frames) > 3
    assert held_out.frames and len(taught.frames) > len(held_out.frames)


@pytest.mark.parametrize("frames", [FEWEST_FRAMES, 6, 12, 40])
def test_a_single_take_of_any_length_leaves_something_for_both(show: Production, tmp_path: Path, frames: int) -> None:
    add_takes(show, tmp_path, 1, frames=frames)
    [taught], [held_out] = split(show.takes(), Recipe(), CONFIG)
    assert len(taught.frames) >= 2 and len(held_out.frames) >= 1


def test_what_was_once_learnt_from_is_not_held_out_when_takes_are_added(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 4, frames=5)
    taught = {stretch.take.id for stretch in split(show.takes(), Recipe(), CONFIG)[0]}
    add_takes(show, tmp_path / "more", 9, frames=5)
    later, held_out = split(show.takes(), Recipe(), CONFIG)
    assert later and held_out
    if len(held_out) > 1:
        assert not taught & {stretch.take.id for stretch in held_out}


def test_the_same_takes_are_split_the_same(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 5, frames=5)
    assert split(show.takes(), Recipe(), CONFIG) == split(show.takes(), Recipe(), CONFIG)


def test_an_incumbent_of_an_older_header_is_learnt_on(show: Production, tmp_path: Path) -> None:
    """Its takes are named by their ids alone: that stands for all of their frames."""
    add_takes(show, tmp_path, 2)
    circle_new("show", Store(tmp_path / "productions"))
    stretch = split(show.takes(), Recipe(), CONFIG)[1][0]
    assert stretch.is_in((stretch.take.id,)) and stretch.is_in((stretch.name,))
    assert not stretch.is_in(("another", "another 1-12", f"{stretch.take.id} 500-600"))
    assert fill_of(learnt(show)).steps > 0


@pytest.mark.parametrize("calls", [1, 4])
def test_a_cancelled_lesson_ends_at_once_and_keeps_nothing(show: Production, tmp_path: Path, calls: int) -> None:
    add_takes(show, tmp_path, 2)
    counted: list[int] = []

    def checkpoint() -> None:
        counted.append(1)
        if len(counted) >= calls:
            raise CancelledJobError("cancelled")

    began = time.monotonic()
    with pytest.raises(CancelledJobError):
        learnt(show, 60.0, checkpoint)
    assert time.monotonic() - began < 20
    assert show.versions() == () and show.history() == ()


def test_better_on_the_whole_and_on_most() -> None:
    base = Scores((30.0, 30.0, 30.0, 30.0))
    assert beats(Scores((31.0, 31.0, 31.0, 30.0)), base, 0.02)
    assert not beats(base, base, 0.02)
    assert not beats(Scores((60.0, 29.0, 29.0, 29.0)), base, 0.02), "one lucky example"
    assert not beats(Scores((30.01,) * 4), base, 0.02), "within rounding"
    assert not beats(Scores(()), Scores(()), 0.02)
    assert not beats(Scores((float("nan"),) * 4), base, 0.02)


def test_noise_circles_nothing() -> None:
    rng, circled = np.random.default_rng(4), 0
    places = tuple((f"take{index // 3}", index) for index in range(12))
    for _ in range(200):
        of_takes = np.repeat(rng.normal(0, 0.3, 4), 3)  # a take's frames are alike
        gains = of_takes + rng.normal(0, 0.1, 12)
        circled += beats(Scores(tuple(30 + gains), places), Scores((30.0,) * 12, places), 0.02)
    assert circled < 0.12 * 200
    gains = rng.normal(0.5, 0.3, 12)
    assert beats(Scores(tuple(30 + gains), places), Scores((30.0,) * 12, places), 0.02)


def test_what_is_too_little_tells_nothing() -> None:
    """Ten frames of one take are one moment, seen ten times."""
    before = Scores((30.0,) * 6)
    better = (31.0, 31.2, 30.9, 31.1, 31.0, 31.0)
    moment = tuple(("take", 0.3 + index / 24) for index in range(6))
    assert not beats(Scores(better, moment), before, 0.02) and not can_tell(Scores(better, moment))
    longer = tuple(("take", 0.3 + index / 4) for index in range(6))
    assert beats(Scores(better, longer), before, 0.02)
    assert not can_tell(Scores((31.0, 31.0), (("a", 1.0), ("b", 1.0)))), "two examples, whatever they are of"


def test_a_damaged_neighbour_costs_no_clip(show: Production, tmp_path: Path) -> None:
    (folder,) = add_takes(show, tmp_path, 1)
    stretch = split(show.takes(), Recipe(), CONFIG)[0][0]
    damaged = sorted(folder.glob("*.exr"))[2]
    damaged.write_bytes(damaged.read_bytes()[:600])
    offsets = set()
    for seed in range(12):
        try:
            clip = read_clip(stretch, np.random.default_rng(seed), Recipe(offsets=(1, 2, 3)), CONFIG)
        except PlateError as error:
            assert "frame 3" in str(error)
            continue
        assert 0 in clip.offsets and len(clip.log) == len(clip.offsets) == len(clip.finite)
        offsets.add(clip.offsets)
    assert (-1, 0, 1, 2, 3) not in offsets and len(offsets) > 1


def test_examples_keep_within_the_memory_that_they_may_take() -> None:
    whole, small = Recipe().within(4 << 30), Recipe().within(100 << 20)
    assert whole == Recipe()
    assert small.handfuls_kept * 220_000 <= 100 << 20 and small.wires_backings == 3
    assert Recipe().within(1).handfuls_kept >= Recipe().batch


def test_takes_that_are_left_out_are_named(show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_takes(show, tmp_path, 2)
    write_plate(tmp_path / "still_one.exr", panned(1, 64, 96)[0])
    list(ingest(show, [tmp_path / "still_one.exr"], r"(?P<setup>setup\d+)_(?P<take>take\d+)", CONFIG))
    taught_at_once(monkeypatch)
    message = learnt(show).message
    assert "left out (1): still_one.exr" in message and "too few to tell" in message


def test_takes_stand_or_fall_together_and_seconds_where_there_are_few() -> None:
    before = Scores((30.0,) * 9)
    one_lucky = (34.0, 34.0, 34.0, 30.1, 30.1, 30.1, 29.7, 29.9, 29.8)
    takes = tuple((f"take{index // 3}", index) for index in range(9))
    assert not beats(Scores(one_lucky, takes), before, 0.02), "one take of three"
    seconds = tuple(("take", index // 3) for index in range(9))
    assert not beats(Scores(one_lucky, seconds), before, 0.02), "one second of three"


@pytest.mark.parametrize("size", [(64, 96), (17, 31), (1, 1), (2, 3)])
def test_holes_are_cut_in_every_frame_of_any_size(size: tuple[int, int]) -> None:
    for seed in range(30):
        one, other = (cut_holes(np.random.default_rng(seed), (-2, -1, 0, 1, 2), *size) for _ in range(2))
        assert one.shape == (5, *size) and one.dtype == bool
        assert (one == other).all(), "always the same for one seed"


def test_holes_move_and_leave_most_of_the_frame() -> None:
    holes = [cut_holes(np.random.default_rng(seed), range(-3, 4), 120, 200) for seed in range(60)]
    shares = [hole[3].mean() for hole in holes]
    assert 0.01 < np.mean(shares) < 0.3
    assert np.mean([(hole[0] != hole[-1]).any() for hole in holes]) > 0.5
