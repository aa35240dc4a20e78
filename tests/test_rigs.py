"""Random rigs: sums of one-lamp pictures with a lamp that dominates, and views that turn with their vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from interneg.soundstage.teaching.lessons_light import SIZES, IntrinsicsLesson, LampLesson, LitScenes
from interneg.soundstage.teaching.rigs import DOMINANT_SHARE, candidates, lit_by, random_rig
from interneg.soundstage.teaching.views import LitScene, View, paint_for, seen
from lit_stage import write_stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stage(tmp_path_factory.mktemp("stage"), (0, 1, 7))


@pytest.fixture(scope="module")
def scene(stage: Path) -> LitScene:
    return LitScene.read(stage / "scenes" / "000000")


WHOLE = View(0, 0, 1.0, False, (48, 64))


def test_the_key_gives_most_of_the_light(scene: LitScene) -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        rig = random_rig(rng, scene.levels, scene.placed)
        assert rig is not None and rig.key in scene.placed
        light = {name: float((gain * scene.levels[name]).mean()) for name, gain in rig.gains.items()}
        share = light[rig.key] / sum(light.values())
        assert share == 1 if len(light) == 1 else share >= DOMINANT_SHARE[0] - 1e-6
        assert all(other < light[rig.key] for name, other in light.items() if name != rig.key)
        assert all((gain > 0).all() for gain in rig.gains.values())


def test_rigs_differ_and_repeat(scene: LitScene) -> None:
    draws = [random_rig(np.random.default_rng(seed), scene.levels, scene.placed) for seed in (1, 1, 2)]
    assert all(rig is not None for rig in draws)
    assert draws[0].key == draws[1].key and dict(draws[0].gains).keys() == dict(draws[1].gains).keys()
    np.testing.assert_array_equal(draws[0].gains[draws[0].key], draws[1].gains[draws[1].key])
    assert not np.array_equal(draws[0].gains[draws[0].key], draws[2].gains.get(draws[0].key, np.zeros(3)))


def test_a_lamp_that_lights_nothing_here_is_no_key(scene: LitScene) -> None:
    levels = {**scene.levels, "key01": np.full(3, 1e-4, np.float32)}
    assert "key01" not in candidates(levels, scene.placed)
    assert random_rig(np.random.default_rng(0), {"key00": np.zeros(3, np.float32)}, ("key00",)) is None


def test_light_adds_up(scene: LitScene) -> None:
    rig = random_rig(np.random.default_rng(3), scene.levels, scene.placed)
    assert rig is not None
    here = seen(scene, rig, WHOLE)
    np.testing.assert_allclose(here.plate, lit_by(scene.pictures, rig.gains), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(here.plate * here.maps[..., 7:], here.key, rtol=1e-3, atol=1e-5)
    shaded = here.key / np.exp2(here.maps[..., 4:7])
    facing = np.maximum(here.maps[..., :3] @ here.lamp[:3], 0)
    bright = here.key.mean(axis=-1) > here.key.mean() * 0.5
    ratio = shaded[bright].mean(axis=-1) / facing[bright]
    low, high = np.quantile(ratio, (0.05, 0.95))
    assert (high - low) / ratio.mean() < 0.12, "normals, direction and albedo explain what the key gives"


def test_a_mirrored_view_mirrors_its_vectors(scene: LitScene) -> None:
    rig = random_rig(np.random.default_rng(5), scene.levels, scene.placed)
    assert rig is not None
    plain, mirrored = seen(scene, rig, WHOLE), seen(scene, rig, View(0, 0, 1.0, True, (48, 64)))
    np.testing.assert_allclose(mirrored.plate, plain.plate[:, ::-1])
    np.testing.assert_allclose(mirrored.maps[..., 0], -plain.maps[:, ::-1, 0], atol=1e-6)
    np.testing.assert_allclose(mirrored.maps[..., 1:], plain.maps[:, ::-1, 1:])
    assert mirrored.lamp[0] == -plain.lamp[0] and (mirrored.lamp[1:] == plain.lamp[1:]).all()


@pytest.mark.parametrize("seed", range(4))
def test_paint_changes_the_albedo_and_not_the_light(scene: LitScene, seed: int) -> None:
    rng = np.random.default_rng(seed + 1)
    rig, paint = random_rig(rng, scene.levels, scene.placed), paint_for(rng, scene)
    assert rig is not None and np.ptp(paint) > 0.1, "of four things hardly ever none is painted"
    plain, painted = seen(scene, rig, WHOLE), seen(scene, rig, WHOLE, paint)
    before, after = (np.exp2(one.maps[..., 4:7]) for one in (plain, painted))
    assert after.min() >= 2.0**-7 and after.max() < 0.95
    np.testing.assert_allclose(painted.plate / after, plain.plate / before, rtol=1e-2, atol=1e-5)
    np.testing.assert_array_equal(painted.maps[..., :4], plain.maps[..., :4])
    np.testing.assert_allclose(painted.maps[..., 7:], plain.maps[..., 7:], atol=1e-4)


def test_a_part_of_a_view_is_that_part(scene: LitScene) -> None:
    picture = scene.pictures["key00"].astype(np.float32)
    cut = View(1.0, 0.0, 0.5, False, (24, 32)).of(picture)
    np.testing.assert_array_equal(cut, picture[24:, :32])


def test_a_view_at_another_size_keeps_its_means(scene: LitScene) -> None:
    """The truth has more planes than OpenCV averages at once."""
    truth = scene.truth.astype(np.float32)
    smaller = View(0, 0, 1.0, False, (24, 32)).of(truth)
    assert smaller.shape == (24, 32, 8)
    np.testing.assert_allclose(smaller.mean(axis=(0, 1)), truth.mean(axis=(0, 1)), atol=1e-4)


def test_only_scenes_that_may_be_learnt_from_are_read(stage: Path) -> None:
    assert LitScenes(stage, lambda seed: seed % 8 != 7).refresh() == 2
    assert LitScenes(stage, lambda seed: seed % 8 == 7).refresh() == 1


def test_batches_have_one_shape_and_repeat(stage: Path) -> None:
    lessons = (
        IntrinsicsLesson(stage, lambda seed: True),
        LampLesson(stage, lambda seed: True, lambda: None),
    )
    for lesson in lessons:
        lesson.refresh()
        for seed in range(3):
            one, other = (lesson.draw(np.random.default_rng(seed)) for _ in range(2))
            height, width = one[0].shape[-2:]
            assert (height, width, len(one[0])) in SIZES
            for a, b in zip(one, other, strict=True):
                assert a.isfinite().all() and (a == b).all() and len(a) == len(one[0])


def test_the_first_two_differ_in_light_alone(stage: Path) -> None:
    lesson = IntrinsicsLesson(stage, lambda seed: True)
    lesson.refresh()
    plate, maps, there, lamp = lesson.draw(np.random.default_rng(1))
    assert torch_equal(maps[0, :7], maps[1, :7]) and torch_equal(there[0], there[1])
    assert not torch_equal(plate[0], plate[1]) and not torch_equal(lamp[0], lamp[1])
    assert not torch_equal(maps[1, :7], maps[2, :7]), "every further view is another"


def torch_equal(one: object, other: object) -> bool:
    return bool((one == other).all())  # type: ignore[attr-defined]
