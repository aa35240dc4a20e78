"""People of the soundstage: cloth and bones on small arrays, and one real person."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from interneg.soundstage import cloth
from interneg.soundstage.figure import ARM, LEG, TRUNK
from interneg.soundstage.posture import FORWARD, Skeleton, skinned, turn
from interneg.soundstage.scene import Place, Solid
from interneg.soundstage.wardrobe import hollow, random_look


def a_sheet(count=4):
    """A flat sheet of quads in x and y, facing +z."""
    x, y = np.meshgrid(np.arange(count + 1.0), np.arange(count + 1.0))
    points = np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1)
    start = (np.arange(count)[:, None] * (count + 1) + np.arange(count)).ravel()
    return points, np.stack([start, start + 1, start + count + 2, start + count + 1], axis=1)


def area(points, faces):
    a, b, c = (points[faces[:, i]] for i in range(3))
    return np.cross(b - a, c - a)[:, 2].sum() / 2


def test_refining_keeps_the_sheet_and_quarters_its_quads():
    points, quads = a_sheet()
    weave = cloth.refined(quads)
    assert len(weave.quads) == 4 * len(quads)
    assert area(weave.of(points), weave.faces()) == pytest.approx(16)
    assert len(weave.sources) == 81  # 9 x 9: shared points are one


@pytest.mark.parametrize("height", [0.3, 1.5, 2.0, 3.7])
def test_a_cut_runs_along_its_line(height):
    points, quads = a_sheet()
    piece = cloth.cut(cloth.triangles(quads), height - points[:, 1])
    cut = piece.of(points)
    assert area(cut, piece.faces) == pytest.approx(4 * height, abs=1e-3)
    assert cut[:, 1].max() == pytest.approx(height, abs=1e-4)
    assert cloth.normals_of(cut, piece.faces)[:, 2] == pytest.approx(1)


def test_a_rim_goes_once_round():
    _, quads = a_sheet()
    edges = cloth.rim(cloth.triangles(quads))
    assert len(edges) == 16
    assert sorted(edges[:, 0]) == sorted(edges[:, 1])


def test_smoothing_flattens_a_bump_and_leaves_a_plane():
    points, quads = a_sheet()
    edges = cloth.edges_of(quads)
    bumped = points.copy()
    bumped[12, 2] = 1.0
    assert cloth.smoothed(bumped, edges, 5)[12, 2] < 0.2
    assert cloth.smoothed(points, edges, 5)[:, 2] == pytest.approx(0)


def test_points_with_two_uv_are_parted():
    faces = np.array([[0, 1, 2], [2, 1, 3]])
    uv = np.zeros((2, 3, 2))
    uv[0, 2], uv[1, 0] = (0.5, 0.0), (0.9, 0.0)
    source, parted, corners = cloth.parted(faces, uv)
    assert sorted(source) == [0, 1, 2, 2, 3]
    assert np.array_equal(source[parted], faces)
    assert corners[parted] == pytest.approx(uv)


def test_a_forearm_follows_its_upper_arm():
    skeleton = Skeleton(("upper", "lower"), (-1, 0), np.array([(0.0, 0.0, 0.0), (1.0, 0.0, 0.0)]))
    transforms = skeleton.posed({"upper": turn(FORWARD, 90), "lower": turn(FORWARD, 90)})
    moved = skinned(np.array([(0.5, 0.0, 0.0), (2.0, 0.0, 0.0)]), np.eye(2), transforms)
    assert moved == pytest.approx(np.array([(0.0, 0.5, 0.0), (-1.0, 1.0, 0.0)]), abs=1e-9)


def test_cloth_spans_a_hollow_and_nothing_else():
    x, y = (side.ravel() for side in np.meshgrid(np.linspace(-0.1, 0.1, 21), np.linspace(-0.03, 0.21, 25)))
    back = np.stack([x, y, -0.1 + 0.05 * np.exp(-((x / 0.02) ** 2))], axis=1)
    trunk = np.full(len(back), TRUNK)
    seat = (np.abs(x) < 0.045) & (y > 0.04) & (y < 0.16)
    assert (back[:, 2] - hollow(back, trunk))[seat] == pytest.approx(-0.1, abs=1e-3)
    assert hollow(back * (1, 1, -1), trunk) == pytest.approx(0)  # not in front
    assert hollow(back, np.full(len(back), ARM)) == pytest.approx(0)


@pytest.mark.slow
@pytest.mark.parametrize("posture", ["standing", "sitting"])
def test_somebody_is_dressed_and_touches_the_floor(posture, casting):
    height = 0.45 if posture == "sitting" else 0.0
    shapes = casting.person(np.random.default_rng(5), Place((1.0, height, 2.0), 30.0, posture), "ann")
    solids = [shape for shape in shapes if isinstance(shape, Solid)]
    assert all(shape.name.startswith("ann_") for shape in shapes)
    assert len({shape.name for shape in shapes}) == len(shapes)
    assert sum(len(solid.faces) for solid in solids) <= 42_000
    points = np.concatenate([solid.vertices for solid in solids])
    assert np.isfinite(points).all()
    if posture == "standing":
        assert points[:, 1].min() == pytest.approx(0, abs=0.02)
        assert 1.3 < np.ptp(points[:, 1]) < 2.3
    again = casting.person(np.random.default_rng(5), Place((1.0, height, 2.0), 30.0, posture), "ann")
    assert all(
        np.array_equal(a.vertices, b.vertices) for a, b in zip(shapes, again, strict=True) if isinstance(a, Solid)
    )


@pytest.mark.slow
def test_nobody_is_undressed(casting):
    dummy = casting.dummy
    body = np.arange(len(dummy.points)) < 13380
    trunk = (dummy.limb == TRUNK) & (dummy.points[:, 1] < 0.55)
    thighs = (dummy.limb == LEG) & (dummy.along < 0.85)
    for seed in range(60):
        look = random_look(np.random.default_rng(seed), dummy, seed % 2)
        covered = np.max([garment.level for garment in look.garments], axis=0)
        assert covered[body & (trunk | thighs)].min() > 0


@pytest.fixture(scope="module")
def casting(tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("anny")
        from interneg.soundstage.people import Casting

        cached = Path.home() / ".cache" / "anny"
        return Casting(cached if cached.is_dir() else tmp_path_factory.mktemp("anny"))
