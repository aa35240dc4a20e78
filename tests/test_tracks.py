"""Wires over time: what persists and goes its own way is one, what goes with the wall is not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from hung_shots import HEIGHT, WIDTH, covered, hanging, iou, shot
from interneg.operators.curves import Curve, curves_of
from interneg.operators.ridges import evidence_of, ridges_of
from interneg.operators.sightings import Sighting, scale_of, sighting_of, working_plate
from interneg.operators.thickness import draw_wire, thickness_of
from interneg.operators.tracks import MISSING, Wire, matte_of, reachable, step_between, wires_at
from interneg.plates.colour import log_from_linear
from synthetic import Pixels, panned, wild_rgb

SIZES = [(1, 1), (2, 3), (17, 31), (1, 40), (40, 1), (5, 300), (64, 64)]


def sighting(frame: int, plate: Pixels) -> Sighting:
    working = working_plate(plate)
    return sighting_of(frame, working, log_from_linear(working[0]), None)


def found(plates: dict[int, Pixels] | list[Pixels], frame: int, sensitivity: float = 0.5) -> list[Wire]:
    numbered = plates if isinstance(plates, dict) else dict(enumerate(plates))
    sightings = {number: sighting(number, plate) for number, plate in numbered.items()}
    steps = {
        number: step_between(sightings[number], sightings[number + 1])
        for number in sightings
        if number + 1 in sightings
    }
    return wires_at(reachable(frame, sightings, steps), sensitivity)


@cache
def swinging() -> tuple[list[Pixels], list[Pixels]]:
    return shot(7, [(hanging(40, speed=1.5), 3.0)], pan=1.0)


def test_a_wire_that_swings_before_a_moving_wall_is_found_where_it_is() -> None:
    plates, mattes = swinging()
    wires = found(plates, 3)
    assert len(wires) == 1 and not wires[0].bridged
    matte = matte_of(wires, (HEIGHT, WIDTH), 1)
    assert iou(matte, mattes[3]) > 0.75
    assert (matte[mattes[3] > 0] > 0).all(), "all that is blurred is covered too"
    assert (matte > 0).mean() < 2.2 * (mattes[3] > 0).mean(), "and not much more"


def test_a_line_of_the_wall_is_none_where_the_camera_moves() -> None:
    wire = [(hanging(84, speed=-1.0), 3.0)]
    still, _ = shot(5, wire, marks=(40.0,))
    assert len(found(still, 2)) == 2, "nothing but its looks says that it is none"
    plates, mattes = shot(5, wire, pan=2.5, marks=(40.0,))
    wires = found(plates, 2)
    assert len(wires) == 1
    assert iou(matte_of(wires, (HEIGHT, WIDTH), 1), mattes[2]) > 0.7


def test_where_nothing_moves_a_line_is_judged_by_its_looks() -> None:
    plates, mattes = shot(5, [(hanging(60), 3.0)])
    assert iou(matte_of(found(plates, 2), (HEIGHT, WIDTH), 1), mattes[2]) > 0.75


@pytest.mark.parametrize("missing", [1, MISSING])
def test_a_wire_that_vanishes_for_some_frames_is_bridged(missing: int) -> None:
    count = missing + 6
    line = hanging(40, speed=1.0)
    plates, _ = shot(count, [(line, 3.0)])
    bare, _ = shot(count, [])
    gone = range(3, 3 + missing)
    plates = [bare[frame] if frame in gone else plate for frame, plate in enumerate(plates)]
    middle = gone[len(gone) // 2]
    wires = found(plates, middle)
    assert len(wires) == 1 and wires[0].bridged
    assert iou(matte_of(wires, (HEIGHT, WIDTH), 1), covered(line(middle), 3.0)) > 0.6


def test_what_is_there_for_one_frame_alone_is_none() -> None:
    plates, _ = shot(7, [])
    once, _ = shot(7, [(hanging(60), 3.0)])
    plates[3] = once[3]
    assert found(plates, 3) == []


def test_a_bare_wall_has_none() -> None:
    plates, _ = shot(5, [])
    assert found(plates, 2) == []


def test_more_sensitivity_never_finds_less() -> None:
    plates, _ = swinging()
    counts = [len(found(plates[:3], 1, sensitivity)) for sensitivity in (0.0, 0.5, 1.0)]
    assert counts == sorted(counts) and counts[-1] >= 1


def test_beyond_a_cut_nothing_is_asked() -> None:
    numbered = dict(enumerate([*panned(4, 64, 96), *panned(3, 64, 96, seed=9)]))
    sightings = {number: sighting(number, plate) for number, plate in numbered.items()}
    steps = {number: step_between(sightings[number], sightings[number + 1]) for number in range(6)}
    assert set(reachable(2, sightings, steps).sightings) == {0, 1, 2, 3}


def test_frames_of_another_size_are_another_scene() -> None:
    plates, _ = swinging()
    assert not step_between(sighting(0, plates[0]), sighting(1, plates[1][:100])).same


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_any_size_and_any_values(size: tuple[int, int]) -> None:
    plates = [wild_rgb(*size, seed) for seed in range(3)]
    plates[1][0, 0] = np.nan
    plates[2][...] = np.inf
    matte = matte_of(found(plates, 1, 1.0), size, 1)
    assert matte.shape == size and np.isfinite(matte).all()


def test_a_large_plate_is_looked_at_smaller_and_drawn_at_its_own_size() -> None:
    large = np.full((300, 2600, 3), 0.5, np.float32)
    truth = covered((150.0, 0.02, 10.0), 9.0, (300, 2600))
    large = (large * (1 - truth[..., None]) + 0.03 * truth[..., None]).astype(np.float32)
    assert scale_of(large.shape) == 3 and working_plate(large)[0].shape == (100, 867, 3)
    wires = found([large] * 3, 1)
    assert iou(matte_of(wires, large.shape, 3), truth) > 0.75


def test_holes_of_nan_are_no_wires() -> None:
    plates, _ = shot(3, [])
    for plate in plates:
        plate[50:52] = np.nan
    assert found(plates, 1) == []


@pytest.mark.parametrize("width", [1.5, 3.0, 6.0])
def test_thickness_is_that_of_the_wire(width: float) -> None:
    plates, mattes = shot(1, [(hanging(60), width)])
    working = working_plate(plates[0])
    ridges = ridges_of(log_from_linear(plates[0]), working[1])
    curve = curves_of(evidence_of(ridges), ridges.angle)[0]
    thickness = thickness_of(plates[0].mean(axis=-1), curve.points)
    assert float(np.median(thickness.width)) == pytest.approx(width, abs=0.5)
    drawn = np.zeros((HEIGHT, WIDTH), np.float32)
    draw_wire(drawn, curve.points, thickness.width, thickness.softness)
    assert np.abs(drawn - mattes[0]).mean() < 0.02


def test_what_hangs_turns_one_way() -> None:
    x = np.arange(0, 200, 2.0)
    hung, waved = (np.stack([x, y], axis=1) for y in (0.001 * (x - 100) ** 2, 12 * np.sin(x / 30)))
    assert Curve(hung, np.ones(100), 0.0).wobble < 0.01 < 0.5 < Curve(waved, np.ones(100), 0.0).wobble


def test_an_edge_is_no_line() -> None:
    step = np.full((60, 80, 3), 0.2, np.float32)
    step[30:] = 0.8
    log = log_from_linear(step)
    assert ridges_of(log, np.ones((60, 80), bool)).strength[20:40].max() < 0.4
