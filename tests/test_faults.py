from __future__ import annotations

import numpy as np
import pytest

from interneg.soundstage import crew_gear, stunt_wires
from interneg.soundstage.faults import faults, moved_prop
from interneg.soundstage.scene import Solid, StageSet, Strands, Surface, Surroundings
from interneg.soundstage.sight import ASPECT, PLATE_WIDTH, sight
from interneg.soundstage.solids import box, panel, plain
from interneg.training.distractors import distracted
from interneg.training.drawn_wires import composited, drawn_wires
from interneg.training.strands import Strand, coverage

EYE, FOCUS, FIELD = (0.4, 1.5, 5.0), (0.0, 1.2, 0.0), 35.0
VIEW = sight(EYE, FOCUS, FIELD)
SEEDS = range(24)


def room(mirror: bool = False) -> StageSet:
    paint = plain(np.full(3, 0.4))
    glass = plain(np.full(3, 0.5), 0.05, 1.0)
    wall = panel(8, 4).moved(z=-2).solid("wall", glass if mirror else paint)
    floor = box(8, 0.02, 8).moved(y=-0.02).solid("floor", paint)
    crate = box(0.5, 0.5, 0.3).moved(x=0.5).solid("crate", paint)
    sky = Surroundings(np.ones((2, 4, 3), np.float32), is_outdoors=False)
    return StageSet("room", (wall, floor, crate), (), (), sky, (-1, 1, 3), (1, 2, 6), FOCUS, ("crate",), ((0, 4, 0),))


def made(seed: int, stage_set: StageSet | None = None) -> tuple:
    return faults(np.random.default_rng(seed), stage_set or room(), EYE, FOCUS, FIELD)


def points_of(shape: Solid | Strands) -> np.ndarray:
    return shape.vertices if isinstance(shape, Solid) else np.concatenate([curve[:, :3] for curve in shape.curves])


def test_a_point_of_the_picture_is_seen_where_it_was_asked_for():
    for x, y, depth in ((0, 0, 5), (-1, 0.7, 2), (0.3, -0.4, 11)):
        np.testing.assert_allclose(VIEW.seen(VIEW.at(x, y, depth))[0], (x, y, depth), atol=1e-9)
    np.testing.assert_allclose(VIEW.at(0, 0, VIEW.distance), FOCUS, atol=1e-9)
    assert VIEW.is_in_frame(np.array([FOCUS])) and not VIEW.is_in_frame(np.array([(0.4, 1.5, 9.0)]))


def test_the_nearest_thing_is_met_and_faces_the_eye():
    stage_set = room()
    crate = VIEW.seen(np.array((0.5, 0.25, 0.15)))[0]
    hit = VIEW.met(float(crate[0]), float(crate[1]), stage_set.shapes)
    assert hit is not None and hit.solid.name == "crate"
    np.testing.assert_allclose(hit.point, (0.5, 0.25, 0.15), atol=1e-5)
    np.testing.assert_allclose(hit.normal, (0, 0, 1), atol=1e-6)
    behind = VIEW.met(-0.9, 0.5, stage_set.shapes)
    assert behind is not None and behind.solid.name == "wall"
    assert VIEW.met(0, 0, ()) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_can_be_rendered(seed):
    names = []
    for fault in made(seed, room(mirror=seed % 2 == 0)):
        assert fault.kind in {"wires", "rigs", "boom", "stand", "markers", "reflection"} and fault.shapes
        for shape in fault.shapes:
            names.append(shape.name)
            assert np.isfinite(points_of(shape)).all()
            if isinstance(shape, Strands):
                assert all(len(curve) >= 4 and curve[:, 3].min() > 0 for curve in shape.curves)
            else:
                assert shape.faces.max() < len(shape.vertices)
                np.testing.assert_allclose(np.linalg.norm(shape.normals, axis=1), 1, atol=1e-3)
    assert names and len(set(names)) == len(names) and not any("." in name for name in names)


def test_the_same_seed_lays_the_same_faults():
    for first, second in zip(made(3), made(3), strict=True):
        for one, other in zip(first.shapes, second.shapes, strict=True):
            assert np.array_equal(points_of(one), points_of(other))


@pytest.mark.parametrize("field_degrees", (10.0, 35.0, 70.0))
def test_wires_are_in_the_picture_and_as_wide_as_wires_are(field_degrees):
    view, widths, seen = sight(EYE, FOCUS, field_degrees), [], 0
    for seed in range(40):
        wires = stunt_wires.stunt_wires(np.random.default_rng(seed), view, ())[0]
        assert isinstance(wires, Strands)
        seen += view.is_in_frame(points_of(wires))
        for curve in wires.curves:
            x, y, depth = view.seen(curve[:, :3]).T
            inside = (depth > 0) & (np.abs(x) < 1) & (np.abs(y) < ASPECT)
            widths += list(curve[inside, 3] / (view.slope * depth[inside]) * PLATE_WIDTH)
    assert seen >= 38
    assert np.quantile(widths, 0.02) > 0.4 and np.quantile(widths, 0.98) < 14
    assert 0.8 < np.median(widths) < 4


def test_a_hung_cable_sags_as_deep_as_said():
    line = stunt_wires.hung(np.array((0.0, 3, 0)), np.array((4.0, 3, 0)), 0.5, 0.01)
    assert 3 - line[:, 1].min() == pytest.approx(0.5, abs=0.01)
    assert line[0, 1] == line[-1, 1] == 3
    taut = stunt_wires.hung(np.array((0.0, 3, 0)), np.array((4.0, 3, 0)), 0.0, 0.01)
    np.testing.assert_allclose(taut[:, 1], 3)


def test_a_rope_keeps_its_thickness_and_winds():
    line = stunt_wires.hung(np.array((0.0, 3, 0)), np.array((0.0, 0, 0)), 0.0, 0.01)
    strands = stunt_wires.twisted(line, 3, 0.01)
    assert len(strands) == 3
    for strand in strands:
        assert np.hypot(strand[:, 0], strand[:, 2]).max() + strand[0, 3] == pytest.approx(0.01, rel=1e-3)
        assert strand[:, 0].min() < 0 < strand[:, 0].max()


def test_markers_lie_on_what_the_camera_sees():
    shapes = room().shapes
    patch = crew_gear.markers(np.random.default_rng(2), VIEW, shapes)[0]
    assert isinstance(patch, Solid) and len(patch.faces) >= 8
    for middle in patch.vertices.reshape(-1, 4, 3).mean(axis=1):
        x, y, depth = VIEW.seen(middle)[0]
        behind = VIEW.met(float(x), float(y), shapes)
        assert behind is not None and 0 < behind.depth - depth < 0.05


def test_what_a_mirror_shows_stands_outside_the_frame():
    shapes, found = room(mirror=True).shapes, 0
    for seed in range(12):
        for solid in crew_gear.reflection(np.random.default_rng(seed), VIEW, shapes):
            assert isinstance(solid, Solid)
            found += 1
            assert not VIEW.is_in_frame(solid.vertices)
            mirrored = solid.vertices * (1, 1, -1) + (0, 0, -4)  # in the wall at z = -2
            assert VIEW.is_in_frame(mirrored)
    assert found >= 3


def test_without_a_mirror_nothing_is_reflected():
    assert crew_gear.reflection(np.random.default_rng(1), VIEW, room().shapes) == ()


def test_a_stand_stands_on_the_floor_before_the_wall():
    for seed in SEEDS:
        points = points_of(crew_gear.stand(np.random.default_rng(seed), VIEW, room().shapes)[0])
        assert abs(points[:, 1].min()) < 0.03 and points[:, 1].max() > 1.0


def test_only_the_prop_moves_between_takes():
    stage_set, moved = room(), 0
    for seed in SEEDS:
        other = moved_prop(np.random.default_rng(seed), stage_set)
        if other is None:
            continue
        moved += 1
        assert [shape.name for shape in other.shapes] == [shape.name for shape in stage_set.shapes]
        assert other.shapes[0] is stage_set.shapes[0] and other.shapes[1] is stage_set.shapes[1]
        before, after = points_of(stage_set.shapes[2]), points_of(other.shapes[2])
        np.testing.assert_allclose(after[:, 1], before[:, 1], atol=1e-5)
        shift = np.linalg.norm(after.mean(axis=0) - before.mean(axis=0))
        assert 0.01 < shift < 0.41
        apart = np.linalg.norm(after[0] - after[-1]), np.linalg.norm(before[0] - before[-1])
        assert apart[0] == pytest.approx(apart[1], rel=1e-4)
    assert 6 < moved < 18


def test_strands_may_move_and_a_set_without_props_may_not():
    hair = Strands("plant", (np.random.default_rng(1).random((5, 4)).astype(np.float32),), Surface(np.full(3, 0.2)))
    stage_set = room()
    sky = stage_set.surroundings
    planted = StageSet("plant", (hair,), (), (), sky, (0, 0, 0), (1, 1, 1), FOCUS, ("plant",))
    other = next(take for seed in SEEDS if (take := moved_prop(np.random.default_rng(seed), planted)))
    assert np.array_equal(other.shapes[0].curves[0][:, 3], hair.curves[0][:, 3])
    assert not np.array_equal(other.shapes[0].curves[0], hair.curves[0])
    still = StageSet("still", (hair,), (), (), sky, (0, 0, 0), (1, 1, 1))
    assert all(moved_prop(np.random.default_rng(seed), still) is None for seed in SEEDS)


@pytest.mark.parametrize("width", (0.7, 1.0, 2.5, 6.0, 12.0))
@pytest.mark.parametrize("degrees", (0.0, 17.0, 45.0, 90.0, 133.0))
def test_coverage_is_as_wide_as_the_wire(width, degrees):
    along = np.array((np.cos(np.radians(degrees)), np.sin(np.radians(degrees)))) * 40
    points = np.array((63.7, 64.2)) + np.linspace(-1, 1, 9)[:, None] * along
    covered = coverage([Strand(points, np.full(9, width))], 128, 128)
    assert covered.sum() / 80 == pytest.approx(width, abs=0.12)
    rows, columns = np.mgrid[:128, :128]
    assert np.average(columns, weights=covered) == pytest.approx(63.7, abs=0.2)  # the drawing's own grid is a quarter
    assert np.average(rows, weights=covered) == pytest.approx(64.2, abs=0.2)


@pytest.mark.parametrize("size", ((64, 96), (33, 47)))
def test_drawn_rigs_are_their_seeds_and_touch_only_what_they_cover(size):
    plate = np.random.default_rng(9).random((*size, 3), dtype=np.float32)
    for seed in range(30):
        rig = drawn_wires(np.random.default_rng(seed), *size)
        again = drawn_wires(np.random.default_rng(seed), *size)
        assert np.array_equal(rig.matte, again.matte) and np.array_equal(rig.colour, again.colour)
        assert rig.matte.shape == size and rig.colour.shape == (*size, 3)
        assert rig.matte.min() >= 0 and rig.matte.max() <= 1 and np.isfinite(rig.colour).all()
        seen = composited(plate, rig)
        assert np.array_equal(seen[rig.matte == 0], plate[rig.matte == 0])
        assert seen.dtype == np.float32


def test_exposure_does_not_change_how_a_rig_looks():
    plate = np.random.default_rng(9).random((48, 64, 3), dtype=np.float32)
    rig = drawn_wires(np.random.default_rng(2), 48, 64)
    np.testing.assert_allclose(composited(plate * 16, rig), composited(plate, rig) * 16, rtol=1e-4)


def test_most_drawn_mattes_are_thin_and_some_are_transparent():
    mattes = [drawn_wires(np.random.default_rng(seed), 128, 128).matte for seed in range(80)]
    assert 0.01 < np.mean([matte.mean() for matte in mattes]) < 0.2
    assert np.mean([matte.max() > 0.5 for matte in mattes]) > 0.7
    assert any(0.15 < matte.max() < 0.65 for matte in mattes)


def test_distractors_change_some_plates_and_leave_others():
    plate = np.full((64, 64, 3), 0.2, np.float32)
    seen = [distracted(np.random.default_rng(seed), plate) for seed in range(40)]
    same = [np.array_equal(one, plate) for one in seen]
    assert 0.2 < np.mean(same) < 0.7
    assert all(np.isfinite(one).all() and one.dtype == np.float32 for one in seen)
