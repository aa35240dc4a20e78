"""The sets out of doors: sound geometry, free cameras, skies that no lamp's picture suffers from."""

import numpy as np
import pytest

from interneg.soundstage.scene import Shape, Solid, StageSet
from interneg.soundstage.sets.exteriors import EXTERIORS
from interneg.soundstage.sets.untaught import dock
from interneg.soundstage.sky import BRIGHTEST_OF_MEAN, WEATHERS, directions, random_sky
from interneg.soundstage.terrain import rock, rolling

BUILDERS = pytest.mark.parametrize("build", (*EXTERIORS, dock), ids=lambda build: build.__name__)


def shapes_of(dressed: StageSet) -> list[Shape]:
    return [*dressed.shapes, *(practical.solid for practical in dressed.practicals)]


def solids_of(dressed: StageSet) -> list[Solid]:
    return [shape for shape in shapes_of(dressed) if isinstance(shape, Solid)]


@pytest.fixture(scope="module")
def sets() -> dict[str, StageSet]:
    return {build.__name__: build(np.random.default_rng(5)) for build in (*EXTERIORS, dock)}


@BUILDERS
def test_is_sound(build, sets):
    dressed = sets[build.__name__]
    names = [shape.name for shape in shapes_of(dressed)]
    assert len(set(names)) == len(names) and not any("." in name for name in names)
    assert set(dressed.movable) <= set(names)
    assert sum(len(solid.faces) for solid in solids_of(dressed)) <= 250_000
    for solid in solids_of(dressed):
        assert np.isfinite(solid.vertices).all() and solid.faces.max() < len(solid.vertices), solid.name
        assert solid.uv is not None and np.isfinite(solid.uv).all() and len(solid.uv) == len(solid.vertices), solid.name
        albedo = solid.surface.albedo
        assert albedo.min() >= 0 and albedo.max() <= 1 and max(albedo.shape) <= 512, solid.name


@BUILDERS
def test_no_face_is_inside_out(build, sets):
    for solid in solids_of(sets[build.__name__]):
        faces = solid.faces.astype(int)
        corners = solid.vertices[faces]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        is_real = np.linalg.norm(across, axis=1) > 1e-9
        agreement = (across * solid.normals[faces].mean(axis=1)).sum(axis=1)[is_real]
        assert (agreement < 0).mean() < 0.05, solid.name


@BUILDERS
def test_the_same_seed_gives_the_same_bits_and_another_seed_another_set(build, sets):
    first, again, other = sets[build.__name__], build(np.random.default_rng(5)), build(np.random.default_rng(6))
    for one, two in zip(shapes_of(first), shapes_of(again), strict=True):
        assert one.name == two.name and np.array_equal(one.vertices, two.vertices)
        assert np.array_equal(one.surface.albedo, two.surface.albedo)
    assert np.array_equal(first.surroundings.picture, again.surroundings.picture)
    assert not np.array_equal(first.surroundings.picture, other.surroundings.picture)
    assert sum(len(s.vertices) for s in solids_of(first)) != sum(len(s.vertices) for s in solids_of(other))


@BUILDERS
def test_has_room_for_people_wires_and_the_camera(build, sets):
    dressed = sets[build.__name__]
    assert dressed.kind == build.__name__
    assert 2 <= len(dressed.places) <= 8
    assert len(dressed.anchors) >= 2 and all(anchor[1] > 2 for anchor in dressed.anchors)
    low, high = np.array(dressed.eye_low), np.array(dressed.eye_high)
    assert (low < high).all() and low[2] > 2
    for solid in solids_of(dressed):
        inside = ((solid.vertices > low) & (solid.vertices < high)).all(axis=1)
        assert not inside.any(), f"{solid.name} stands where the camera may"


@BUILDERS
def test_people_stand_on_something(build, sets):
    dressed = sets[build.__name__]
    points = np.concatenate([solid.vertices[solid.faces].mean(axis=1) for solid in solids_of(dressed)])
    assert np.abs(points[:, 1]).min() < 0.06
    for place in dressed.places:
        assert np.hypot(place.position[0], place.position[2]) < 6


@pytest.mark.parametrize("weather", sorted(set(WEATHERS)))
@pytest.mark.parametrize("horizon", ("hills", "trees", "city", "sea"))
def test_a_sky_is_light_without_fireflies(weather, horizon):
    picture = random_sky(np.random.default_rng(3), horizon, np.full(3, 0.2), weather).picture
    assert picture.shape[1] == 2 * picture.shape[0] and picture.dtype == np.float32
    assert np.isfinite(picture).all() and picture.min() >= 0
    assert picture.max() <= BRIGHTEST_OF_MEAN * picture.mean()
    assert picture[: len(picture) // 2].mean() == pytest.approx(1, rel=0.6)


def test_a_clear_sky_is_darker_and_bluer_overhead_than_at_the_horizon():
    skies = [random_sky(np.random.default_rng(seed), "sea", np.full(3, 0.2), "clear").picture for seed in range(6)]
    mean = np.median(skies, axis=0)
    above, low = mean[:60].mean(axis=(0, 1)), mean[170:185].mean(axis=(0, 1))
    assert above.mean() < low.mean()
    assert above[2] / above[0] > low[2] / low[0]


def test_the_middle_of_a_sky_lies_ahead_of_the_camera_and_its_right_to_the_right():
    ways = directions(64)
    assert ways[31, 64, 2] < -0.99 and ways[0, 64, 1] > 0.99
    assert ways[31, 96, 0] > 0.99


def test_land_is_level_where_the_action_is():
    land = rolling(np.random.default_rng(1), 2.0, 5.0)
    x, z = np.random.default_rng(2).uniform(-3.5, 3.5, (2, 200))
    assert np.abs(land.height(x, z)).max() == 0
    assert np.abs(land.height(x * 10, z * 10)).max() > 0.1


def test_a_rock_is_as_large_as_asked():
    form = rock(np.random.default_rng(4), 2.0, 1.0, 1.5)
    extent = np.ptp(form.vertices, axis=0)
    assert (extent > np.array((0.9, 0.4, 0.7))).all() and (extent < np.array((3.6, 1.9, 2.8))).all()
