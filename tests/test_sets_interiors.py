"""The interiors and what they are built from: sound meshes, true colours, another room from each seed."""

from functools import cache

import numpy as np
import pytest

from interneg.soundstage import fabrics, prints, solids, textures
from interneg.soundstage.scene import Solid, Surface
from interneg.soundstage.sets.interiors import INTERIORS
from interneg.soundstage.sets.untaught import chapel
from interneg.soundstage.solids import Form

CLOSED = {
    "box": (solids.box(1, 2, 3), 6.0),
    "beam": (solids.beam((0, 0, 0), (1, 2, 2), 0.1), 0.03),
    "cylinder": (solids.cylinder(0.5, 2, sides=200), np.pi / 2),
    "sphere": (solids.sphere(1, 200), 4 / 3 * np.pi),
    "extrusion": (solids.extrusion(np.array([(0, 0), (1, 0), (1, 0.5), (0, 0.5)]), 2), 1.0),
    "cushion": (solids.cushion(1, 1, 1, 0.01), 1.0),
    "turned": (solids.box(1, 2, 3).turned(30).tilted(20).rolled(40).moved(1, 2, 3), 6.0),
    "wall": (solids.wall(4, 3, 0.1, ((-0.5, 1, 0.5, 2),)), 1.1),
}
FINISHES = [
    *(
        getattr(textures, n)
        for n in ["wood", "planks", "parquet", "tiles", "metro_tiles", "brick", "blocks", "plaster", "concrete"]
    ),
    *(
        getattr(textures, n)
        for n in ["marble", "terrazzo", "steel", "enamel", "stoneware", "leather", "asphalt", "grass", "earth"]
    ),
    *(fabrics.weave, fabrics.stripes, fabrics.checks, fabrics.print_cloth, fabrics.carpet, fabrics.wallpaper),
]


@cache
def built(build, seed):
    return build(np.random.default_rng(seed))


def corners(form: Form | Solid) -> np.ndarray:
    return form.vertices[form.faces].astype(float)


def outward(form: Form | Solid) -> tuple[np.ndarray, np.ndarray]:
    """Each face's normal, as long as twice its area, and the mean of its corners' normals."""
    at = corners(form)
    return np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]), form.normals[form.faces].mean(axis=1)


@pytest.mark.parametrize("name", CLOSED)
def test_closed_forms_hold_their_volume_with_faces_outward(name):
    form, volume = CLOSED[name]
    at = corners(form)
    assert (np.cross(at[:, 0], at[:, 1]) * at[:, 2]).sum() / 6 == pytest.approx(volume, rel=0.02)
    faces, normals = outward(form)
    assert ((faces * normals).sum(axis=1) >= -1e-9).all()


def test_a_bulging_cushion_has_no_gaps():
    form = solids.cushion(0.4, 0.4, 0.1, 0.045, 0.04)
    edges = np.sort(np.round(form.vertices, 5)[form.faces][:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2, 3), axis=1)
    lengths = np.linalg.norm(edges[:, 0] - edges[:, 1], axis=1)
    _, counts = np.unique(np.round(edges.mean(axis=1)[lengths > 1e-6], 4), axis=0, return_counts=True)
    assert (counts >= 2).mean() > 0.98


def test_uv_are_metres_on_boxes_and_turned_things():
    assert solids.box(1, 2, 3).uv.max() == pytest.approx(3)
    assert solids.cylinder(0.5, 2, sides=64).uv[:, 0].max() == pytest.approx(np.pi)
    assert solids.box(1, 1, 1).solid("it", solids.plain((0.2, 0.2, 0.2))).uv.max() == pytest.approx(1)


def test_wood_grain_follows_the_longer_side():
    tall = solids.panel(0.1, 2.0)
    assert np.ptp(tall.uv[:, 0]) == pytest.approx(2.0)


@pytest.mark.parametrize("finish", FINISHES, ids=lambda maker: maker.__name__)
def test_textures_repeat_without_a_seam(finish):
    for seed in range(2):
        surface = finish(np.random.default_rng(seed)).surface
        albedo = surface.albedo
        assert max(albedo.shape[:2]) <= 512
        for axis in (0, 1):
            inner = np.abs(np.diff(albedo, axis=axis)).mean(axis=(1 - axis, 2))
            seam = np.abs(albedo.take(0, axis) - albedo.take(-1, axis)).mean()
            assert seam <= inner.max() * 1.5 + 0.02


@pytest.mark.parametrize(
    "maker", [prints.picture, prints.page, prints.screen, prints.backing], ids=lambda m: m.__name__
)
def test_prints_are_albedos(maker):
    for seed in range(6):
        assert_albedo(maker(np.random.default_rng(seed)).surface)


def assert_albedo(surface: Surface) -> None:
    assert surface.albedo.dtype == np.float32
    assert surface.albedo.shape[-1] == 3
    assert surface.albedo.min() >= 0.02
    assert surface.albedo.max() <= 0.86


def assert_sound(solid: Solid) -> None:
    assert np.isfinite(solid.vertices).all()
    assert np.isfinite(solid.uv).all()
    assert solid.faces.max() < len(solid.vertices)
    assert np.linalg.norm(solid.normals, axis=1) == pytest.approx(1, abs=1e-3)
    faces, normals = outward(solid)
    assert ((faces * normals).sum(axis=1) >= -1e-7).mean() > 0.98, solid.name
    assert_albedo(solid.surface)


@pytest.mark.parametrize("build", (*INTERIORS, chapel), ids=lambda build: build.__name__)
def test_sets_keep_the_contract(build):
    for seed in (1, 2):
        made = built(build, seed)
        things = [*made.shapes, *(lamp.solid for lamp in made.practicals)]
        names = [thing.name for thing in things]
        assert made.kind == build.__name__
        assert len(set(names)) == len(names)
        assert not any("." in name for name in names)
        assert set(made.movable) <= set(names)
        assert sum(len(thing.faces) for thing in things) <= 250_000
        for thing in things:
            assert_sound(thing)
            assert max(thing.surface.albedo.shape) <= 512
        assert 2 <= len(made.places) <= 8
        assert made.surroundings.picture.shape == (32, 64, 3)
        assert all(max(lamp.colour) == 1 for lamp in made.practicals)
        assert len(made.anchors) >= 2


@pytest.mark.parametrize("build", (*INTERIORS, chapel), ids=lambda build: build.__name__)
def test_the_camera_has_its_box_to_itself(build):
    for seed in (1, 2):
        made = built(build, seed)
        for thing in made.shapes:
            inside = (thing.vertices > made.eye_low).all(axis=1) & (thing.vertices < made.eye_high).all(axis=1)
            assert not inside.any(), (seed, thing.name)


@pytest.mark.parametrize("build", (*INTERIORS, chapel), ids=lambda build: build.__name__)
def test_nothing_sinks_below_the_floor_and_a_room_stands_on_it(build):
    made = built(build, 1)
    lowest = min(float(thing.vertices[:, 1].min()) for thing in made.shapes if not thing.name.startswith(BACKING))
    assert lowest > -0.08


BACKING = ("picture", "frame")  # a painted canvas behind a window begins below the floor


@pytest.mark.parametrize("build", (*INTERIORS, chapel), ids=lambda build: build.__name__)
def test_a_seed_makes_one_set_and_another_seed_another(build):
    one, same, other = built(build, 1), build(np.random.default_rng(1)), built(build, 2)
    for first, second in zip(one.shapes, same.shapes, strict=True):
        assert first.name == second.name
        assert np.array_equal(first.vertices, second.vertices)
        assert np.array_equal(first.surface.albedo, second.surface.albedo)
    assert len(one.shapes) != len(other.shapes) or any(
        not np.array_equal(first.vertices, second.vertices)
        for first, second in zip(one.shapes, other.shapes, strict=True)
    )
