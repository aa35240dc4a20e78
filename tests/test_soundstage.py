"""The rendered stage: what is said to be true of a picture is true of it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mitsuba", reason="the soundstage is an extra")

from interneg.errors import NotFoundError, PlateError
from interneg.soundstage.archive import Stage, StagedScene, writing_scene
from interneg.soundstage.camera import Camera, Move
from interneg.soundstage.lamps import StageLamp, random_lamps
from interneg.soundstage.scene import Practical, Solid, StageSet, Strands, Surface, Surroundings
from interneg.soundstage.variant import SLOW, prepare

SIZE = (48, 36)
GREY = np.full(3, 0.5, np.float32)
DARK = Surroundings(np.full((8, 16, 3), 0.25, np.float32), False)


@pytest.fixture(scope="module", autouse=True)
def _variant() -> None:
    prepare(SLOW, "")


def card(name: str, z: float, half: float, albedo: np.ndarray = GREY, **moving: object) -> Solid:
    """A square card that faces the camera."""
    corners = np.array(
        [[-half, 1 - half, z], [half, 1 - half, z], [half, 1 + half, z], [-half, 1 + half, z]], np.float32
    )
    return Solid(name, corners, np.array([[0, 1, 2], [0, 2, 3]], np.uint32), Surface(albedo, specular=0.0), **moving)


def camera(**changed: object) -> Camera:
    """A camera 4 metres before the origin, a metre high."""
    return replace(Camera((0.0, 1.0, 4.0), (0.0, 1.0, 0.0), 0.0, 35.0, 0.0, 4.0), **changed)


def dressed(*shapes: Solid | Strands, practicals: tuple[Practical, ...] = ()) -> StageSet:
    return StageSet("test", shapes, practicals, (), DARK, (-1, 1, 3), (1, 2, 4), movable=("card",))


LAMPS = (
    StageLamp("key00", (2.0, 3.0, 3.0), 0.3, 4.0),
    StageLamp("key01", (-3.0, 1.5, 3.0), 0.1, 4.0),
)


def test_lamps_add_up_and_each_can_be_put_out() -> None:
    from interneg.soundstage.renderer import Picture

    picture = Picture((card("card", 0.0, 2.0),), (), DARK, LAMPS)
    each = []
    for name in ("key00", "key01", "surroundings"):
        picture.light({name: (1, 1, 1)})
        each.append(picture.rendered(camera(), SIZE, 64, 1))
    picture.light({"key00": (1, 1, 1), "key01": (2, 2, 2), "surroundings": (0.5, 0.5, 0.5)})
    together = picture.rendered(camera(), SIZE, 64, 1)
    expected = each[0] + 2 * each[1] + 0.5 * each[2]
    assert together.mean() == pytest.approx(expected.mean(), rel=0.02)
    picture.light({})
    assert picture.rendered(camera(), SIZE, 4, 1).max() == 0


def test_a_white_card_that_faces_the_lamp_has_radiance_one() -> None:
    from interneg.soundstage.renderer import Picture

    lamp = StageLamp("key00", (0.0, 1.0, 5.0), 0.2, 5.0)
    picture = Picture((card("card", 0.0, 0.3, np.ones(3, np.float32)),), (), DARK, (lamp,))
    picture.light({"key00": (1, 0.5, 0.25)})
    middle = picture.rendered(camera(eye=(1.0, 1.0, 4.0)), SIZE, 64, 1)[17:19, 23:25].mean(axis=(0, 1))
    assert middle == pytest.approx([1, 0.5, 0.25], rel=0.06)


def test_truth_of_a_card() -> None:
    from interneg.soundstage.renderer import Picture

    picture = Picture(
        (card("back", -2.0, 9.0), card("card", 0.0, 0.5, np.array([0.6, 0.2, 0.1], np.float32))), (), DARK, ()
    )
    truth = picture.truth(camera(), SIZE)
    assert truth.albedo[18, 24] == pytest.approx([0.6, 0.2, 0.1], abs=0.01)
    assert truth.normal[18, 24] == pytest.approx([0, 0, 1], abs=1e-3)
    assert (truth.depth[18, 24], truth.depth[2, 2]) == pytest.approx((4, 6), abs=1e-2)
    assert picture.names()[truth.id[18, 24] - 1] == "card"
    assert truth.position[18, 24, 2] == pytest.approx(0, abs=1e-3)


def test_normals_stand_in_the_camera_s_space() -> None:
    from interneg.soundstage.renderer import Picture

    picture = Picture((card("card", 0.0, 3.0),), (), DARK, ())
    from_the_right = camera(eye=(4.0, 1.0, 4.0))
    normal = picture.truth(from_the_right, SIZE).normal[18, 24]
    assert normal == pytest.approx([-np.sqrt(0.5), 0, np.sqrt(0.5)], abs=1e-3)
    from_behind = picture.truth(camera(eye=(0.0, 1.0, -4.0)), SIZE).normal[18, 24]
    assert from_behind == pytest.approx([0, 0, 1], abs=1e-3)


def test_coverage_is_anti_aliased_and_hiding_hides() -> None:
    from interneg.soundstage.renderer import Picture

    points = np.array([[x, 1.02, 0.5, 0.004] for x in np.linspace(-3, 3, 6)], np.float32)
    wire = Strands("wire", (points,), Surface(GREY))
    picture = Picture((card("back", -1.0, 9.0), wire), (), DARK, ())
    matte = picture.coverage(["wire"], camera(), SIZE, range(32))
    scale = 35.0 / 24.9 * SIZE[0]  # pixels a metre, a metre away
    assert matte.sum(axis=0)[4:-4].mean() == pytest.approx(0.008 / 3.5 * scale, rel=0.15)
    picture.stand(0, ["wire"])
    assert picture.coverage(["wire"], camera(), SIZE, range(4)).max() == 0
    picture.stand(0)
    assert picture.coverage(["wire"], camera(), SIZE, range(4)).max() > 0


def test_points_seen_at_are_where_the_renderer_puts_them() -> None:
    from interneg.soundstage.renderer import Picture

    tilted = camera(eye=(1.0, 2.0, 3.0), roll_degrees=7.0)
    picture = Picture((card("card", 0.0, 0.8),), (), DARK, ())
    truth = picture.truth(tilted, SIZE)
    rows, columns = np.nonzero(truth.id)
    seen = tilted.seen_at(truth.position[rows, columns].astype(np.float64), *SIZE)
    assert np.abs(seen - np.stack([columns + 0.5, rows + 0.5], axis=1)).max() < 0.75


def test_a_camera_s_unrest_begins_at_nothing() -> None:
    move = Move((0.0, 0.0, 0.1), 1.0, 0.5, 0.4, 3)
    assert move.after(camera(), 0.0) == camera()
    later = move.after(camera(), 2.0)
    assert later.eye != camera().eye
    assert later == move.after(camera(), 2.0)


def test_no_lamp_stands_in_the_frame() -> None:
    eye = camera()
    for seed in range(20):
        for lamp in random_lamps(np.random.default_rng(seed), 8, dressed(card("card", 0, 1)), eye, (0.0, 1.0, 0.0)):
            seen = eye.seen_at(np.array([lamp.position]), *SIZE)[0]
            ahead = lamp.position[2] < eye.eye[2]
            assert not (ahead and 0 <= seen[0] <= SIZE[0] and 0 <= seen[1] <= SIZE[1])


def test_a_scene_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    with pytest.raises(NotFoundError, match="no stage"):
        stage.scenes()
    with pytest.raises(RuntimeError), writing_scene(stage, 3) as writer:
        writer.pictures("lamps", {"key00": np.zeros((4, 6, 3), np.float32)})
        raise RuntimeError
    assert list((tmp_path / "scenes").iterdir()) == []
    picture = np.random.default_rng(1).random((4, 6, 3), np.float32)
    with writing_scene(stage, 3) as writer:
        writer.pictures("lamps", {"key00": picture})
        writer.say({"seed": 3, "set": "test", "frames": [1], "faults": [], "lamps": []})
    scene = StagedScene.open(stage.scenes()[0])
    assert scene.lamp_pictures()["key00"] == pytest.approx(picture, abs=1e-3)
    (scene.folder / "scene.json").write_text("{}")
    with pytest.raises(PlateError, match="not a scene"):
        StagedScene.open(scene.folder)


def rendered(stage: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`interneg soundstage render`, very small."""
    small = (
        "--lamp-size",
        "32x24",
        "--plate-size",
        "48x36",
        "--lamps",
        "2",
        "--samples",
        "4",
        "--plate-samples",
        "4",
        "--processes",
        "1",
    )
    command = [
        str(Path(sys.executable).with_name("interneg")),
        "soundstage",
        "render",
        str(stage),
        "--nobody",
        *small,
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
def test_rendering_goes_on_where_it_was_left(tmp_path: Path) -> None:
    first = rendered(tmp_path, "--seeds", "7-8")
    assert first.returncode == 0, first.stderr
    lit = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("lamps.exr")}
    assert len(lit) == 2
    scene = StagedScene.open(Stage(tmp_path).scenes()[1])
    assert scene.frames == tuple(range(1, 8))
    assert scene.truth_of(2).motion is not None
    assert set(scene.lamps) <= set(scene.lamp_pictures())
    (tmp_path / "scenes" / ".000009.dead.tmp").mkdir()
    again = rendered(tmp_path, "--seeds", "7-9")
    assert again.returncode == 0, again.stderr
    assert {path: path.stat().st_mtime_ns for path in lit} == lit
    assert len(Stage(tmp_path).scenes()) == 3
    assert (tmp_path / "contact-sheet.png").stat().st_size > 1000
    assert not list((tmp_path / "scenes").glob(".*"))
    other = rendered(tmp_path, "--seeds", "7-9", "--lamps", "3")
    assert other.returncode == 2
    assert "another order" in other.stderr


@pytest.mark.slow
def test_the_same_seed_gives_the_same_scene(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        assert rendered(tmp_path / folder, "--seeds", "3-3").returncode == 0
    one, two = (StagedScene.open(Stage(tmp_path / folder).scenes()[0]) for folder in ("one", "two"))
    assert json.dumps(dict(one.said)) == json.dumps(dict(two.said))
    assert np.array_equal(one.plate(1), two.plate(1))
    for name, picture in one.lamp_pictures().items():
        assert np.array_equal(picture, two.lamp_pictures()[name])


def test_an_order_of_nonsense_is_refused(tmp_path: Path) -> None:
    for size in ("0x0", "192", "192x", "1e9x5"):
        refused = rendered(tmp_path, "--plate-size", size)
        assert refused.returncode == 2
        assert size in refused.stderr


def test_the_middle_of_the_surroundings_lies_behind_the_set() -> None:
    from interneg.soundstage.renderer import Picture

    sky = np.full((16, 32, 3), 0.1, np.float32)
    sky[6:10, 14:18] = (1.0, 0.0, 0.0)  # straight ahead of a camera that looks to -z
    sky[6:10, 18:22] = (0.0, 1.0, 0.0)  # to its right
    picture = Picture((card("card", 50.0, 0.1),), (), Surroundings(sky, True), ())
    picture.light({"surroundings": (1, 1, 1)})
    seen = picture.rendered(camera(focal_length_mm=10.0), SIZE, 16, 1)
    assert seen[18, 22:26].mean(axis=0).argmax() == 0
    assert seen[18, -6:].mean(axis=0).argmax() == 1
