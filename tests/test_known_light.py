"""What jobs on one shot leave each other: a knob only shades, a changed weight not even that; the bits are the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from interneg.light import AsShot, Lamp, LightRig, Track
from interneg.model.base import load_base
from interneg.plates.exr import read_exr
from interneg.resident import lighting
from interneg.resident.acceptance import accept
from interneg.resident.kept import Kept
from interneg.resident.known_light import KnownShots
from interneg.resident.shading import Shader
from interneg.resident.wish import RelightWish
from stage import Heard, Stage
from synthetic import Pixels, bits_of, panned, write_matte

KEY = Lamp("key", Track.of(-60), Track.of(30))
RIG = LightRig(AsShot(Track.of(-2.0)), lamps=(KEY,))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    made = Stage(tmp_path_factory.mktemp("known"), base=load_base())
    made.shoot(panned(2, 48, 64))
    return made


def relit(stage: Stage, shots: KnownShots, rig: LightRig, **more: object) -> Pixels:
    wish = stage.wish(str(stage.folder / "plate.####.exr"), RelightWish(rig, **more), "1001")
    heard = Heard()
    accept(wish, stage.engine, stage.settings, shots).run(heard)
    assert not heard.failed, heard.failed
    return read_exr(stage.path()).rgb


def asked(*_: object) -> None:
    raise AssertionError("this is known already")


def test_the_next_job_neither_analyses_nor_fuses_and_shades_only_what_moved(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    shots = KnownShots()
    first = relit(stage, shots, RIG)
    for made in ("analysed", "motion_between", "key_of_frame"):
        monkeypatch.setattr(lighting, made, asked)
    monkeypatch.setattr(Shader, "as_shot_key", asked)
    moved = relit(stage, shots, replace(RIG, lamps=(replace(KEY, azimuth_degrees=Track.of(40)),)))
    assert not np.allclose(moved, first, rtol=0.01)
    monkeypatch.setattr(Shader, "lamp", asked)
    weighed = replace(RIG, lamps=(replace(KEY, exposure_stops=Track.of(1.0), cct_kelvin=Track.of(3200.0)),))
    assert not np.allclose(relit(stage, shots, weighed), first, rtol=0.01)
    assert (bits_of(relit(stage, shots, RIG)) == bits_of(first)).all()


def test_what_is_known_has_the_bits_of_what_is_new_whoever_performs_and_wherever_it_may_act(stage: Stage) -> None:
    matte = np.zeros((48, 64), np.float32)
    matte[10:40, 20:50] = 1
    path = str(write_matte(stage.folder / "people.exr", matte))
    flagged = replace(RIG, lamps=(replace(KEY, matte=path),))
    shots = KnownShots()
    relit(stage, shots, RIG)
    for rig, more in ((RIG, {"performers_path": path}), (flagged, {}), (replace(RIG, limit_stops=2.0), {}), (RIG, {})):
        known, new = relit(stage, shots, rig, **more), relit(stage, KnownShots(), rig, **more)
        assert (bits_of(known) == bits_of(new)).all()


def test_a_shot_whose_frames_were_rendered_anew_is_another_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    stage, shots = Stage(tmp_path_factory.mktemp("anew"), base=load_base()), KnownShots()
    stage.shoot(panned(1, 48, 64))
    relit(stage, shots, RIG)
    stage.shoot(panned(1, 48, 64, seed=5))
    assert (bits_of(relit(stage, shots, RIG)) == bits_of(relit(stage, KnownShots(), RIG))).all()


def test_what_is_kept_keeps_within_its_bytes_and_what_failed_is_tried_again() -> None:
    kept: Kept[int, bytes] = Kept(100, len)
    for key in range(4):
        kept.get(key, lambda: bytes(40))
    assert len(kept.get(3, lambda: b"")) == 40 and len(kept.get(2, lambda: b"")) == 40
    assert kept.get(0, lambda: b"anew") == b"anew"

    def failing() -> bytes:
        raise OSError("busy")

    with pytest.raises(OSError, match="busy"):
        kept.get(9, failing)
    assert kept.get(9, lambda: b"done") == b"done"
