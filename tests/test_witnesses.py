"""What other footage says of a hole: near the truth, in its rank, and not believed where it should not be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pytest

from interneg.operators.candidates import Candidates, gathered
from interneg.operators.motion import View
from interneg.operators.witnesses import Witness, by_rank, first_word
from interneg.plates.colour import log_from_linear
from interneg.resident.footage import Sight, brought
from other_takes import HEIGHT, WIDTH, Framing, somebody, taken, view_of, wire, wired
from synthetic import Pixels, psnr, texture_of

MATTE = wire()
PLATE = taken(Framing())
TRUTH = log_from_linear(PLATE)[MATTE > 0]


@dataclass(frozen=True)
class Given:
    """Footage for a test, brought to the target as it is asked."""

    before: tuple[tuple[str, int, Pixels], ...] = ()
    after: tuple[tuple[str, int, Pixels], ...] = ()

    def first(self, target: View) -> Iterable[Witness]:
        return _witnesses(target, self.before)

    def further(self, target: View, unseen: float) -> Iterable[Witness]:
        return _witnesses(target, self.after)


def _witnesses(target: View, given: tuple[tuple[str, int, Pixels], ...]) -> Iterable[Witness]:
    for name, rank, frame in given:
        there = brought(Sight(target), view_of(frame), rank)
        if there is not None:
            yield Witness(there, name, rank, is_aligned=True)


def locked(given: Given, target: Pixels = PLATE) -> Candidates:
    """The candidates of a wire that hangs before a locked camera."""
    views = {offset: view_of(wired(target, MATTE), MATTE) for offset in range(-3, 4)}
    return gathered(views[0], views.get, beside=given)


def quality(given: Given) -> float:
    return psnr(locked(given).classical, TRUTH)


ALONE = quality(Given())


@pytest.mark.parametrize(
    "framing",
    [
        Framing(),
        Framing(light=(1.41, 1.3, 1.15)),
        Framing(x=22.4, y=-7.3),
        Framing(zoom=1.15, x=6),
        Framing(roll_degrees=3, y=4.5, light=(0.7, 0.75, 0.8)),
    ],
)
def test_a_take_shows_what_hangs_before_a_locked_camera(framing: Framing):
    candidates = locked(Given(after=(("take 2", 0, taken(framing)),)))
    assert candidates.seen.mean() > 0.95
    assert psnr(candidates.classical, TRUTH) > ALONE + 8
    assert candidates.sources["take 2"] > 0.9


@pytest.mark.parametrize("size", [(HEIGHT * 2, WIDTH * 2), (81, 144)])
def test_a_take_of_another_size_is_sampled_by_the_alignment(size: tuple[int, int]):
    assert quality(Given(after=(("take 2", 0, taken(Framing(x=5), *size)),))) > ALONE + 5


def test_a_take_of_another_set_gives_nothing():
    other = texture_of(99).frame(HEIGHT, WIDTH)
    candidates = locked(Given(after=(("take 2", 0, other),)))
    assert candidates.sources == {} and (candidates.classical == locked(Given()).classical).all()


def test_somebody_who_stands_before_the_hole_in_one_frame_is_outvoted():
    clear = [(f"take {number}", 0, taken(Framing(x=number), noise=0.003, seed=number)) for number in range(3)]
    crossed = ("crossed", 0, somebody(taken(Framing()), 70, size=60))
    assert quality(Given(after=(crossed, *clear))) > quality(Given(after=(crossed,))) + 3
    assert quality(Given(after=(crossed, *clear))) > ALONE + 6


def test_the_same_wire_in_another_take_is_not_taken_for_the_set():
    hung = ("hung", 0, wired(taken(Framing(x=0.4)), MATTE))
    candidates = locked(Given(after=(hung,)))
    assert psnr(candidates.classical, TRUTH) > ALONE - 0.5
    clear = ("clear", 0, taken(Framing(x=9)))
    assert quality(Given(after=(hung, clear))) > ALONE + 8


def test_a_clean_plate_goes_before_a_shot_that_saw_it_too():
    views = {
        offset: view_of(wired(PLATE, np.roll(MATTE, 9 * offset, 0)), np.roll(MATTE, 9 * offset, 0))
        for offset in range(-4, 5)
    }
    repainted = PLATE.copy()
    repainted[(MATTE > 0) & (np.arange(WIDTH) > 60) & (np.arange(WIDTH) < 90)] *= 1.5  # an artist's own idea of the set
    alone, guided = (
        gathered(views[0], views.get, beside=given) for given in (Given(), Given((("clean plate", 1, repainted),)))
    )
    there = log_from_linear(repainted)[MATTE > 0]
    assert psnr(guided.classical, there) > psnr(alone.classical, there) + 6
    assert guided.sources["clean plate"] > 0.9


def test_a_clean_plate_that_fits_everywhere_spares_the_shot():
    asked: list[int] = []
    target = view_of(wired(PLATE, MATTE), MATTE)
    gathered(target, lambda offset: asked.append(offset), beside=Given((("clean plate", 1, PLATE),)))
    assert asked == []


def test_a_clean_plate_counts_only_where_it_fits():
    before = PLATE.copy()
    before[:, 110:] = 3 * taken(Framing(x=400))[:, 110:]  # the set was rebuilt there since
    candidates = locked(Given((("clean plate", 1, before),)))
    columns = np.nonzero(MATTE > 0)[1]
    assert candidates.seen[columns < 95].mean() > 0.95
    assert candidates.seen[columns > 130].mean() < 0.7 and candidates.error[columns > 130].mean() > 0.05


def test_ranks_are_kept_pixel_by_pixel():
    errors = np.array([[0.01, 0.5, 0.01], [0.02, 0.02, 0.3], [0.001, 0.2, 0.001]], np.float32)
    ranked = by_rank(errors, [2, 1, 0])
    assert np.isinf(ranked).tolist() == [[False, False, False], [True, False, True], [True, True, True]]
    assert first_word(errors, [2, 1, 0]).tolist() == [True, True, True]
    assert (by_rank(errors, [0, 0, 0]) == errors).all()
