"""Rigs as values: tracks, directions, the wire; and estimates that are steady over a shot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from interneg.light import AsShot, Lamp, LightRig, Track, checked_rig
from interneg.model.analysis import analysed
from interneg.model.base import load_base
from interneg.plates.frames import FrameRange
from interneg.resident.acceptance import open_relight
from interneg.resident.analyses import AnalysisFolder
from interneg.resident.kept import Kept
from interneg.resident.wish import RelightWish, RenderWish
from interneg.service.convert_light import message_from_rig, rig_from_message
from interneg.service.paths import PathRules
from stage import FIRST, Stage
from synthetic import texture_of

KEYED = Track(((10, 0.0), (20, 4.0), (24, 0.0)))


def test_a_track_is_linear_between_its_keys_and_held_outside() -> None:
    assert [KEYED.at(frame) for frame in (-5, 10, 15, 20, 22, 24, 99)] == [0, 0, 2, 4, 2, 0, 0]
    assert Track.of(3).at(1001) == 3


def test_a_colour_temperature_moves_evenly_in_mired() -> None:
    assert Track(((0, 2000.0), (10, 10000.0))).kelvin_at(5) == pytest.approx(1e6 / 300)


@pytest.mark.parametrize(
    ("azimuth", "elevation", "towards"),
    [(0, 0, (0, 0, 1)), (90, 0, (1, 0, 0)), (-90, 0, (-1, 0, 0)), (180, 0, (0, 0, -1)), (0, 90, (0, 1, 0))],
)
def test_azimuth_is_0_from_the_camera_and_grows_to_camera_right(azimuth, elevation, towards) -> None:
    lamp = Lamp("key", Track.of(azimuth), Track.of(elevation))
    assert lamp.direction_at(1) == pytest.approx(towards, abs=1e-9)


def test_a_rig_is_neutral_only_while_nothing_burns_and_nothing_is_changed() -> None:
    fading = Lamp("key", exposure_stops=Track(((1, -20.0), (11, 0.0))))
    rig = LightRig(lamps=(fading,))
    assert rig.is_neutral_at(1) and not rig.is_neutral_at(2)
    assert not LightRig(AsShot(cct_kelvin=Track.of(5600.0))).is_neutral_at(1)
    assert LightRig(as_shot_rest=AsShot(KEYED)).is_neutral_at(10)


def test_a_rig_comes_over_the_wire_as_it_is() -> None:
    lamp = Lamp("window", KEYED, Track.of(3), Track.of(-1), None, (1.0, 0.5, 0.25), Track.of(30), Track.of(2))
    rig = LightRig(AsShot(KEYED, Track.of(3200.0)), AsShot(Track.of(0.5)), (lamp, Lamp("rim")), 1001, 4.0)
    assert checked_rig(rig_from_message(message_from_rig(rig), PathRules())) == rig


def test_what_is_kept_is_made_once_and_the_oldest_goes() -> None:
    made: list[int] = []
    kept: Kept[int, int] = Kept(2)
    for key in (1, 2, 1, 3, 1, 2):
        kept.get(key, lambda key=key: made.append(key) or key)
    assert made == [1, 2, 3, 2]


def test_a_folder_of_analyses_stays_within_its_bound(tmp_path: Path) -> None:
    base, plate = load_base(), np.full((20, 30, 3), 0.3, np.float32)
    one = analysed(base.intrinsics, plate, torch.device("cpu"))
    folder = AnalysisFolder(tmp_path, most_bytes=100_000)
    for index in range(30):
        folder.get(f"{index * 16:08x}", lambda: one)
    assert 0 < sum(path.stat().st_size for path in tmp_path.iterdir()) <= 100_000 + 60_000
    again = folder.get(f"{29 * 16:08x}", lambda: pytest.fail("it was kept"))
    assert (again.maps == one.maps).all() and (again.small == one.small).all() and again.noise == one.noise


def test_estimates_are_steadier_fused_than_alone(tmp_path: Path) -> None:
    """A locked-off shot in heavy grain: what changes from frame to frame is noise."""
    base, still = load_base(), texture_of(4).frame(64, 96)
    rng = np.random.default_rng(0)
    frames = [np.maximum(still + 0.08 * rng.standard_normal(still.shape), 0.01).astype(np.float32) for _ in range(7)]
    stage = Stage(tmp_path, base=base)
    wish = RelightWish(LightRig())
    asked = RenderWish("show", stage.shoot(frames), FrameRange(FIRST, FIRST), str(tmp_path / "o.exr"), wish)
    work = open_relight(asked, wish, stage.engine, stage.settings)
    middle = (FIRST + 2, FIRST + 3, FIRST + 4)
    try:
        fused = np.stack([work.lighting.of_frame(number).maps for number in middle])
        plates = [work.shot.frame(number).plate.rgb for number in middle]
    finally:
        work.close()
    alone = np.stack([analysed(base.intrinsics, plate, torch.device("cpu")).maps for plate in plates])
    assert np.std(fused, axis=0).mean() < 0.7 * np.std(alone, axis=0).mean()
