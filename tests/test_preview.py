"""A look at a relight: what it costs once a shot is known, and that it is still the shot as it stands on disk."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from interneg.errors import RequestError
from interneg.light import AsShot, Lamp, LightRig, Track
from interneg.model.base import load_base
from interneg.resident import lighting
from interneg.resident.known_light import KnownShots
from interneg.resident.looks import Looks
from interneg.resident.preview import Preview, previewed
from interneg.resident.wish import RelightWish
from stage import Stage
from synthetic import panned

KEY = Lamp("key", Track.of(-60), Track.of(30))
DOWN = AsShot(Track.of(-2.0))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    made = Stage(tmp_path_factory.mktemp("looks"), base=load_base())
    made.shoot(panned(2, 48, 64))
    return made


def look(stage: Stage, looks: Looks, rig: LightRig, name: str = "plate", frame: str = "1002") -> Preview:
    wish = stage.wish(str(stage.folder / f"{name}.####.exr"), RelightWish(rig), frame)
    return previewed(wish, 0, stage.engine, stage.settings, looks)


def test_a_turned_knob_reads_and_analyses_nothing_and_a_lamp_in_place_asks_no_network(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Looks()
    first = look(stage, looks, LightRig(DOWN, lamps=(KEY,)))

    def asked(*_: object) -> None:
        raise AssertionError("this is known already")

    monkeypatch.setattr(lighting, "analysed", asked)
    monkeypatch.setattr(lighting, "motion_between", asked)
    monkeypatch.setattr("interneg.plates.source.read_exr", asked)
    look(stage, looks, LightRig(DOWN, lamps=(Lamp("key", Track.of(40)),)))
    monkeypatch.setattr(lighting, "lamp_gain", asked)
    brighter = Lamp("key", Track.of(-60), Track.of(30), Track.of(1.0))
    assert look(stage, looks, LightRig(DOWN, lamps=(brighter,))).png != first.png
    assert look(stage, looks, LightRig(DOWN, lamps=(KEY,))).png == first.png


def test_what_is_kept_has_the_bits_of_what_is_new(stage: Stage) -> None:
    looks, rig = Looks(), LightRig(DOWN, lamps=(KEY,))
    look(stage, looks, LightRig(AsShot(), AsShot(Track.of(1.0)), (Lamp("key", Track.of(90)),)))
    assert look(stage, looks, rig).png == look(stage, Looks(), rig).png


def test_a_frame_that_was_rendered_anew_is_looked_at_anew(stage: Stage) -> None:
    looks = Looks()
    stage.shoot(panned(1, 48, 64), name="again")
    before = look(stage, looks, LightRig(DOWN), "again", "1001")
    stage.shoot([np.full((48, 64, 3), 0.25, np.float32)], name="again")
    after = look(stage, looks, LightRig(DOWN), "again", "1001")
    one, other = (cv2.imdecode(np.frombuffer(each.png, np.uint8), cv2.IMREAD_COLOR) for each in (before, after))
    assert other.std() < 0.5 * one.std()


def test_shots_that_are_no_longer_kept_open_again(stage: Stage) -> None:
    looks = Looks(KnownShots(1), most=1)
    stage.shoot(panned(1, 48, 64, seed=3), name="other")
    first = look(stage, looks, LightRig(DOWN), frame="1001")
    look(stage, looks, LightRig(DOWN), "other", "1001")
    assert look(stage, looks, LightRig(DOWN), frame="1001").png == first.png


def test_a_wrong_rig_of_a_known_shot_is_told(stage: Stage) -> None:
    looks = Looks()
    look(stage, looks, LightRig(DOWN))
    with pytest.raises(RequestError, match="elevation_degrees is 95"):
        look(stage, looks, LightRig(lamps=(Lamp("key", elevation_degrees=Track.of(95.0)),)))
    with pytest.raises(RequestError, match="2000"):
        look(stage, looks, LightRig(DOWN), frame="2000")
