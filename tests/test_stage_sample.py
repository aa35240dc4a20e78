"""The committed sample of the stage: five small scenes, with what is true of them, and what is taught on them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from interneg.soundstage.archive import Stage, StagedScene
from interneg.soundstage.teaching.lesson import is_taught
from interneg.soundstage.teaching.lessons_fill import FillLesson, SpatialLesson
from interneg.soundstage.teaching.lessons_light import IntrinsicsLesson, LampLesson
from interneg.soundstage.teaching.lessons_wires import WiresLesson

SAMPLE = Path(__file__).parent / "stage"
SCENES = [StagedScene.open(folder) for folder in Stage(SAMPLE).scenes()]
CLIPS = [scene for scene in SCENES if len(scene.frames) > 1]
FAULTY = [scene for scene in SCENES if scene.faults]


def test_the_sample_is_small_and_has_one_of_everything() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 4e6
    assert len({scene.kind for scene in SCENES}) >= 4
    assert CLIPS
    assert {fault for scene in FAULTY for fault in scene.faults} >= {"wires", "markers"}
    assert any(int(scene.said["people"]) for scene in SCENES)
    assert {is_taught(scene.seed) for scene in SCENES} == {True, False}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.seed}-{scene.kind}")
def test_truth_is_of_one_piece(scene: StagedScene) -> None:
    truth, pictures = scene.truth(), scene.lamp_pictures()
    there = truth.depth > 0
    assert set(scene.lamps) | {"surroundings"} <= set(pictures)
    assert all(picture.shape == (*there.shape, 3) and np.isfinite(picture).all() for picture in pictures.values())
    assert np.linalg.norm(truth.normal[there], axis=-1) == pytest.approx(1, abs=0.02)
    assert truth.normal[there][:, 2].mean() > 0  # what is seen faces the camera
    assert 0 <= truth.albedo.min() <= truth.albedo.max() <= 1.001
    assert ((truth.id > 0) == there).all()
    for lamp in scene.lamps.values():
        assert np.linalg.norm(lamp.direction) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("scene", FAULTY, ids=lambda scene: f"{scene.seed}-{scene.kind}")
def test_faults_change_the_plate_where_their_mattes_say(scene: StagedScene) -> None:
    frame = scene.frames[0]
    covered = np.max(list(scene.mattes(frame).values()), axis=0) > 0.2
    change = np.abs(np.log2((scene.rigged(frame) + 0.01) / (scene.plate(frame) + 0.01))).mean(axis=-1)
    assert covered.any()
    assert np.median(change[covered]) > 2 * np.median(change[~covered])


@pytest.mark.parametrize("scene", CLIPS, ids=lambda scene: f"{scene.seed}-{scene.kind}")
def test_motion_leads_to_the_next_frame(scene: StagedScene) -> None:
    first, second = scene.frames[2], scene.frames[3]
    here, there = (cv2.GaussianBlur(np.log2(scene.plate(frame) + 0.02), (0, 0), 1.0) for frame in (first, second))
    motion = scene.truth_of(first).motion
    assert motion is not None
    rows, columns = np.indices(motion.shape[:2]).astype(np.float32)
    led = cv2.remap(
        there, columns + motion[..., 0], rows + motion[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    known = scene.truth_of(first).id > 0
    assert np.abs(led - here)[known].mean() <= np.abs(there - here)[known].mean() * 1.02


@pytest.mark.parametrize(
    "make", [IntrinsicsLesson, WiresLesson, SpatialLesson, FillLesson], ids=lambda make: make.expert
)
def test_every_lesson_can_be_given_on_it(make: type) -> None:
    lesson = make(SAMPLE, lambda seed: True)
    assert lesson.refresh() > 0
    torch.manual_seed(1)
    network = lesson.network()
    batch = lesson.draw(np.random.default_rng(3))
    loss = lesson.loss(network, batch)
    loss.backward()
    assert torch.isfinite(loss)
    assert any(weight.grad is not None and weight.grad.abs().max() > 0 for weight in network.parameters())


def test_the_lamp_s_lesson_can_be_given_without_intrinsics() -> None:
    lesson = LampLesson(SAMPLE, lambda seed: True, lambda: None)
    assert lesson.refresh() > 0
    loss = lesson.loss(lesson.network(), lesson.draw(np.random.default_rng(3)))
    assert torch.isfinite(loss)
