"""A shot's answers together: steadier than alone, the same whoever is asked first, and no frame costs another."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from interneg.errors import RestraintError
from interneg.operators.motion import View
from interneg.plates.colour import log_from_linear
from interneg.resident.experts import Experts
from interneg.resident.filling import Filler, Raw, raw_of
from interneg.resident.together import REACH, Together
from synthetic import hung, panned, wire_of

COUNT, HEIGHT, WIDTH = 11, 96, 128
MIDDLE = COUNT // 2
FILLER = Filler(Experts(), torch.device("cpu"), 1, lambda: None)


@pytest.fixture(scope="module")
def shot() -> tuple[list[np.ndarray], dict[int, View], dict[int, Raw]]:
    """The truth in log, the frames with their wires, and what each answers by itself, noise of its own in it."""
    clean = panned(COUNT, HEIGHT, WIDTH, speed=(0.8, 0.3))
    mattes = [wire_of(HEIGHT, WIDTH, shift=0.3 * index) for index in range(COUNT)]
    there = np.ones((HEIGHT, WIDTH), bool)
    views = {
        index: View(index, log_from_linear(hung(frame, matte)), matte > 0, there)
        for index, (frame, matte) in enumerate(zip(clean, mattes, strict=True))
    }
    raws = {
        number: raw_of(view, lambda offset, number=number: views.get(number + offset), FILLER)
        for number, view in views.items()
    }
    return [log_from_linear(frame) for frame in clean], views, raws


def test_what_frames_say_together_is_nearer_than_what_one_says(shot) -> None:
    truth, views, raws = shot
    rng = np.random.default_rng(2)
    jumpy = {}
    for number, raw in raws.items():
        log = raw.log + rng.normal(0, 0.03, (len(raw.log), 1)).astype(np.float32)
        jumpy[number] = Raw(**{**vars(raw), "log": log})
    target = views[MIDDLE]
    steady = Together(views.get, lambda view: jumpy[view.frame]).steadied(target)
    wanted = truth[MIDDLE][target.hole]
    assert np.abs(steady.log - wanted).mean() < 0.6 * np.abs(jumpy[MIDDLE].log - wanted).mean()


def test_who_is_asked_first_changes_no_bit_and_frames_beyond_reach_none(shot) -> None:
    _, views, raws = shot
    asked: set[int] = set()

    def alone(view: View) -> Raw:
        asked.add(view.frame)
        return raws[view.frame]

    one = Together(views.get, alone).steadied(views[MIDDLE])
    assert asked == set(range(MIDDLE - REACH, MIDDLE + REACH + 1))
    all_of_them = Together(views.get, alone)
    for number in reversed(range(COUNT)):
        other = all_of_them.steadied(views[number])
        if number == MIDDLE:
            assert (other.log == one.log).all() and (other.kept == one.kept).all()


def test_a_frame_that_broke_its_authority_is_not_heard_and_costs_no_other(shot) -> None:
    _, views, raws = shot

    def alone(view: View) -> Raw:
        if view.frame == MIDDLE + 1:
            raise RestraintError("It answered with values that are not finite.")
        return raws[view.frame]

    together = Together(views.get, alone)
    without = Together(
        lambda number: None if number == MIDDLE + 1 else views.get(number), lambda view: raws[view.frame]
    )
    assert (together.steadied(views[MIDDLE]).log == without.steadied(views[MIDDLE]).log).all()
    with pytest.raises(RestraintError):
        together.steadied(views[MIDDLE + 1])


def test_a_frame_without_a_hole_is_heard_as_it_is_and_one_of_another_size_is_not(shot) -> None:
    _, views, raws = shot
    bare = View(MIDDLE + 1, views[MIDDLE + 1].log, np.zeros((HEIGHT, WIDTH), bool), np.ones((HEIGHT, WIDTH), bool))
    small = View(MIDDLE - 1, views[0].log[:40], views[0].hole[:40], np.ones((40, WIDTH), bool))

    def alone(view: View) -> Raw:
        assert view.frame not in (MIDDLE + 1, MIDDLE - 1), "there is nothing to fill, or nothing to compare"
        return raws[view.frame]

    steady = Together({**views, MIDDLE + 1: bare, MIDDLE - 1: small}.get, alone).steadied(views[MIDDLE])
    assert np.isfinite(steady.log).all() and (steady.log != raws[MIDDLE].log).any()


def test_what_another_thread_is_making_is_left_to_it_and_the_furthest_comes_first(shot) -> None:
    _, views, raws = shot
    asked: list[int] = []

    def alone(view: View) -> Raw:
        asked.append(view.frame)
        return raws[view.frame]

    begun = {MIDDLE + REACH, MIDDLE + 1}
    Together(views.get, alone, begun.__contains__).steadied(views[MIDDLE])
    mine = [number for number in range(MIDDLE + REACH, MIDDLE - REACH - 1, -1) if number not in begun]
    assert asked[: len(mine)] == mine, "only then the others are waited for"
    assert begun <= set(asked)
