"""The minutes that a lesson was given: kept, whatever its verdict takes and its helpers have in hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from interneg.errors import CancelledJobError
from interneg.plates.colour import ColourConfig
from interneg.production.store import Production, Store
from interneg.training import learn as lessons
from interneg.training import spatial_lesson
from interneg.training.lesson import LAST_STEP, SLOWER, Lesson, Means
from interneg.training.loop import Rates, pupil_of, taught
from interneg.training.outcome import Outcome
from interneg.training.recipe import Recipe
from interneg.training.review import Scores
from stage import base_of, taught_base
from test_learn import add_takes, hurried, learnt


@pytest.fixture
def show(tmp_path: Path) -> Production:
    return Store(tmp_path / "productions").create("show")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("interneg.training.lesson.time.monotonic", lambda: now[0])
    return now


def lesson_of(show: Production, started: float, seconds: float) -> Lesson:
    means = Means(torch.device("cpu"))
    return Lesson(show, ColourConfig(None), Recipe(), means, lambda *_: None, lambda: None, started, seconds)


def test_the_time_that_a_verdict_takes_is_kept_for_it(show: Production, clock: list[float]) -> None:
    lesson = lesson_of(show, 100.0, 60.0)
    assert lesson.teaching_seconds == LAST_STEP * 60
    for _ in range(2):
        with lesson.rehearsed():
            clock[0] += 10
    assert lesson.teaching_seconds == 60 - SLOWER * 20
    assert 0 < lesson.taught_share < 1
    clock[0] = 100 + 60 - SLOWER * 20
    assert lesson.taught_share == 1
    with lesson.rehearsed():
        clock[0] += 60
    assert lesson.teaching_seconds == 0 and lesson.taught_share == 1


def test_what_is_held_out_takes_no_more_than_its_share(show: Production, clock: list[float]) -> None:
    lesson = lesson_of(show, 100.0, 10.0)
    clock[0] = 150.0  # the budget is over already: a share of it may still be taken, or nothing could be judged
    began = lesson.elapsed()
    assert not lesson.has_reviewed_enough(began)
    clock[0] += Recipe().review_budget_share * 10 + 0.1
    assert lesson.has_reviewed_enough(began)


def test_an_expert_that_took_longer_leaves_the_others_less(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, float] = {}

    def taking(name: str, seconds: float) -> lessons.Learner:
        def learner(lesson: Lesson, *_: object) -> Outcome:
            given[name] = lesson.budget_seconds
            lesson.started -= seconds  # as if so long had gone by
            scores = Scores((1.0,) * 4)
            return Outcome(name, "dB", nn.Identity(), scores, scores, "nothing", {}, 1, False)

        return learner

    add_takes(show, tmp_path, 2)
    hurried(monkeypatch, shares={"fill": 0.5, "wires": 0.25, "intrinsics": 0.25})
    monkeypatch.setattr(lessons, "experts_for", lambda *_: ("fill", "wires", "intrinsics"))
    learners = {"fill": taking("fill", 80.0), "wires": taking("wires", 30.0), "intrinsics": taking("intrinsics", 1.0)}
    monkeypatch.setattr(lessons, "LEARNERS", learners)
    monkeypatch.setattr(lessons, "_kept", lambda *_: "v001")
    learnt(show, 100.0)
    assert given["fill"] == pytest.approx(50, abs=2)
    assert given["wires"] == pytest.approx(10, abs=2), "half of what is left, and not a quarter of the whole"
    assert given["intrinsics"] == pytest.approx(100 * lessons.LEAST_SHARE), "nothing was left"


def test_nobody_waits_for_a_helper_once_the_steps_are_over(show: Production) -> None:
    lesson = lesson_of(show, time.monotonic(), 60.0)
    ended, begun = threading.Event(), threading.Event()

    def helping() -> None:
        begun.set()
        try:
            while True:
                time.sleep(0.01)
                lesson.go_on()
        except CancelledJobError:
            ended.set()

    with lesson.helpers(1, "test") as pool:
        pool.submit(helping)
        assert begun.wait(5) and not ended.is_set()
    assert ended.wait(5)
    lesson.give_way()  # only the helpers are told
    lesson.part(0.0, 0.5).go_on()  # the next expert's are other ones


def test_no_step_waits_for_a_helper_beyond_its_time(show: Production) -> None:
    lesson = lesson_of(show, time.monotonic(), 0.3)
    hurry = threading.Event()
    with lesson.helpers(1, "test") as pool:
        assert lesson.waited_in_time(pool.submit(lambda: 7)) == 7
        assert lesson.waited_in_time(pool.submit(hurry.wait, 20)) is None
    hurry.set()
    assert lesson.elapsed() < 5


def test_what_is_tried_slowly_is_tried_less(show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_takes(show, tmp_path, 4)
    hurried(monkeypatch, spatial_first=4, spatial_batch=1)
    plain, tried = spatial_lesson.with_guess, list[float]()

    def slow(*asked: object) -> object:
        tried.append(time.monotonic())
        time.sleep(0.2)
        return plain(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(spatial_lesson, "with_guess", slow)
    base = replace(base_of(), spatial=taught_base().spatial)
    verdict = learnt(show, 4.0, base=base, experts=("spatial",))
    assert 2 <= len(tried) <= 2 * 6, "a quarter of four seconds, and the same again for the candidate"
    assert f"on {len(tried) // 2} held-out examples" in verdict.message


def test_a_lesson_that_is_killed_after_its_first_steps_has_kept_them(show: Production) -> None:
    lesson = lesson_of(show, time.monotonic(), 60.0)
    rates = Rates(1e-3, 1e-4, 0.0, 0.0)
    pupil = pupil_of(lesson, "fill", nn.Linear(2, 1), rates)

    def batches() -> Iterator[torch.Tensor]:
        yield torch.ones(1, 2)
        raise CancelledJobError("the daemon was stopped")

    with pytest.raises(CancelledJobError):
        taught(lesson, pupil, batches(), lambda network, batch: network(batch).square().sum(), rates)
    again = pupil_of(lesson, "fill", nn.Linear(2, 1), rates)
    assert again.steps == 1 and again.seconds == pupil.seconds > 0
