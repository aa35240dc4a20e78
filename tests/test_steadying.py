"""Frames steadied by those beside them: what jumps goes, what is there stays, what was seen hears no guess."""

from __future__ import annotations

import numpy as np
import pytest

from interneg.operators.sources import Way
from interneg.operators.steadying import Patched, Picture, followed, steadied
from interneg.plates.colour import log_from_linear
from interneg.plates.grain import BANDS
from synthetic import panned, wire_of

HEIGHT, WIDTH = 96, 128
HOLE = wire_of(HEIGHT, WIDTH) > 0
SEEN = np.zeros((HEIGHT, WIDTH), np.float32)


def shot(error: float, made_up: np.ndarray = SEEN) -> tuple[list[Picture], np.ndarray]:
    """Three frames of a pan, each wrong in its hole by noise of its own; and the middle one's truth (N, 3)."""
    rng = np.random.default_rng(5)
    truth = [log_from_linear(frame) for frame in panned(3, HEIGHT, WIDTH)]
    wrong = [frame + HOLE[..., None] * rng.normal(0, error, frame.shape) for frame in truth]
    return [Picture(frame.astype(np.float32), made_up) for frame in wrong], truth[1][HOLE]


def test_what_one_frame_has_wrong_by_itself_goes() -> None:
    (before, here, after), truth = shot(0.02)
    steady = steadied(here, [before, after], HOLE)
    assert np.abs(steady.log - truth).mean() < 0.8 * np.abs(here.log[HOLE] - truth).mean()
    assert 0.1 < steady.kept.mean() < 0.8 and steady.kept.max() <= 1 + 1e-6


def test_what_is_far_off_in_one_frame_alone_is_outvoted() -> None:
    (before, here, after), truth = shot(0.0)
    specks = (np.arange(len(truth)) % 29 == 0)[:, None]  # single pixels, far beyond what frames differ by
    log = here.log.copy()
    log[HOLE] += specks * np.float32(0.3)
    wrong = Picture(log, SEEN)
    left, alone = (
        np.abs(steadied(wrong, beside, HOLE).log - truth)[specks[:, 0]].mean() for beside in ([before, after], [before])
    )
    assert left < 0.02 and alone > 0.2  # one against one is no vote


def test_a_patched_frame_is_the_frame_with_its_answer_in_it() -> None:
    after = shot(0.02, HOLE * np.float32(0.5))[0][2]
    bare = np.where(HOLE[..., None], np.float32(0), after.log)
    patched = Patched(
        bare, np.nonzero(HOLE), after.log[HOLE], after.made_up[HOLE], np.ones((HOLE.sum(), BANDS), np.float32)
    )
    window = (slice(7, 80), slice(20, 100))
    one, other = patched.within(window), after.within(window)
    assert (one.log == other.log).all() and (one.made_up == other.made_up).all()
    assert (bare[HOLE] == 0).all()


def test_nobody_beside_changes_nothing() -> None:
    (_, here, _), _ = shot(0.02)
    alone = steadied(here, [], HOLE)
    assert (alone.log == here.log[HOLE]).all() and (alone.kept == 1).all()


def test_a_change_of_exposure_is_no_change_of_the_set() -> None:
    (before, here, after), _ = shot(0.0)
    darker = [Picture(each.log - np.float32(0.03), SEEN) for each in (before, after)]
    plain, exposed = (steadied(here, beside, HOLE).log for beside in ([before, after], darker))
    assert np.abs(plain - exposed).max() < 2e-3


def test_what_lies_beyond_a_cut_is_not_heard() -> None:
    (_, here, _), _ = shot(0.0)
    other = np.random.default_rng(9).uniform(0.1, 0.9, here.log.shape).astype(np.float32)
    assert (steadied(here, [Picture(other, SEEN)], HOLE).log == here.log[HOLE]).all()


@pytest.mark.parametrize("is_seen", [True, False])
def test_what_was_seen_hears_nothing_made_up(is_seen: bool) -> None:
    made_up = HOLE.astype(np.float32)
    (before, here, after), _ = shot(0.02, made_up)
    here = Picture(here.log, SEEN if is_seen else made_up)
    wide = np.ones_like(made_up)  # every pixel that is brought here is made up
    steady = steadied(here, [Picture(each.log, wide) for each in (before, after)], HOLE)
    assert bool(np.abs(steady.log - here.log[HOLE]).max() < 1e-6) == is_seen


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (15, 40), (17, 31)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_any_size(size: tuple[int, int]) -> None:
    logs = [log_from_linear(frame) for frame in panned(3, *size)]
    pictures = [Picture(log, np.zeros(size, np.float32)) for log in logs]
    steady = steadied(pictures[1], [pictures[0], pictures[2]], np.ones(size, bool))
    assert steady.log.shape == (size[0] * size[1], 3) and np.isfinite(steady.log).all()


def test_a_way_that_is_known_is_gone_without_measuring() -> None:
    """Where flow would find nothing, before a bare wall or beyond all likeness, the frame beside is still heard."""
    rng = np.random.default_rng(3)
    wall = np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    here, there = (Picture(wall + rng.normal(0, 0.02, wall.shape).astype(np.float32), SEEN) for _ in range(2))
    moved = Picture(np.roll(there.log, (2, 3), axis=(0, 1)) - np.float32(0.04), SEEN)
    count = int(HOLE.sum())
    way = Way(1, np.tile(np.float32([3, 2]), (count, 1)), np.full((count, 3), 0.04, np.float32))
    steady = followed(here, [(moved, way)], HOLE)
    within = np.argwhere(HOLE)[:, 1] < WIDTH - 4
    wanted = (here.log[HOLE] + there.log[HOLE]) / 2
    assert np.abs(steady.log - wanted)[within].mean() < 2e-3 < np.abs(here.log[HOLE] - wanted)[within].mean()
    assert followed(here, [], HOLE).log.tolist() == here.log[HOLE].tolist()


def test_what_lies_beyond_the_frame_is_not_heard() -> None:
    (_, here, after), _ = shot(0.02)
    count = int(HOLE.sum())
    way = Way(1, np.full((count, 2), 4 * WIDTH, np.float32), np.zeros((count, 3), np.float32))
    assert (followed(here, [(after, way)], HOLE).log == here.log[HOLE]).all()


def test_what_is_left_of_grain_is_what_was_there_less_what_the_mean_took() -> None:
    """Three plates' own grain goes to a third; a mean of many beside a plate that is one of them keeps more."""
    rng = np.random.default_rng(8)
    plates = [Picture(rng.normal(0.5, 0.01, (HEIGHT, WIDTH, 3)).astype(np.float32), SEEN) for _ in range(3)]
    count = int(HOLE.sum())
    ways = [Way(offset, np.zeros((count, 2), np.float32), np.zeros((count, 3), np.float32)) for offset in (-1, 1)]
    steady = followed(plates[0], list(zip(plates[1:], ways, strict=True)), HOLE)
    left = steady.log.var() / plates[0].log[HOLE].var()
    assert steady.kept == pytest.approx(np.full((count, BANDS), 1 / 3), abs=0.05)
    assert steady.kept.mean() == pytest.approx(left, abs=0.05)
    clean = Patched(plates[0].log, np.nonzero(HOLE), plates[0].log[HOLE], SEEN[HOLE], np.full((count, BANDS), 0.1))
    mixed = followed(clean, [(plates[1], ways[0])], HOLE)
    assert 1 / 4 < mixed.kept.mean() < 0.35, "a quarter is the plate's, and what both share comes on top"
