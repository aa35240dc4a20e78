"""Relight through the daemon's own work: identity, authority, layers that add up, chunks, mattes, wrong rigs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from interneg.errors import ModelError, RequestError
from interneg.light import AsShot, Lamp, LightRig, Track
from interneg.model.base import load_base
from interneg.plates.exr import read_channels, read_exr
from interneg.resident.wish import RelightWish
from stage import FIRST, Stage
from synthetic import Pixels, bits_of, panned, write_matte

HEIGHT, WIDTH = 60, 84
KEY = Lamp("key", Track.of(-60), Track.of(30), cct_kelvin=Track.of(3200.0), angular_diameter_degrees=Track.of(20.0))
RIM = Lamp("rim", Track.of(150), Track.of(20), Track.of(-1.0))
TURNED = LightRig(AsShot(Track.of(-2.0)), AsShot(Track.of(0.5)), (KEY, RIM))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    made = Stage(tmp_path_factory.mktemp("relight"), base=load_base())
    frames = panned(5, HEIGHT, WIDTH, speed=(1.5, 0.5))
    frames[0][3:6, 3:6] = (-0.25, 30.0, 2000.0)
    frames[0][10, 10] = (np.nan, np.inf, 0.5)
    frames[0][40:, 60:] = 0
    made.shoot(frames)
    return made


def relit(stage: Stage, rig: LightRig, frames: str = "1001", out: str = "out", **more: object) -> list[str]:
    """What was told of the frames, all of which were delivered."""
    wish = stage.wish(str(stage.folder / "plate.####.exr"), RelightWish(rig, **more), frames, out)
    heard = stage.run(wish)
    assert not heard.failed, heard.failed
    return [notice for event in heard.delivered.values() for notice in event.notices]


def plate_at(stage: Stage, frame: int = FIRST) -> Pixels:
    return read_exr(stage.folder / f"plate.{frame}.exr").rgb


@pytest.mark.parametrize("layers", [False, True])
def test_a_neutral_rig_gives_the_plate_bit_for_bit(stage: Stage, layers: bool) -> None:
    off = LightRig(lamps=(Lamp("key", exposure_stops=Track.of(-20.0)),))
    for rig in (LightRig(), off):
        relit(stage, rig, out="neutral", layers=layers)
        assert (bits_of(read_exr(stage.path(out="neutral")).rgb) == bits_of(plate_at(stage))).all()


def test_values_that_are_no_light_stay_and_nothing_is_clamped(stage: Stage) -> None:
    relit(stage, TURNED)
    plate, made = plate_at(stage), read_exr(stage.path()).rgb
    assert np.isnan(made[10, 10, 0]) and np.isposinf(made[10, 10, 1])
    assert np.isfinite(made).sum() == made.size - 2
    assert (made[3:6, 3:6, 0] < 0).all() and made[3:6, 3:6, 2].max() > 100
    assert not np.allclose(made[plate > 0.1], plate[plate > 0.1], rtol=0.05)
    assert (made[45:58, 65:80] == 0).all()


def test_weighted_layers_add_up_to_the_beauty(stage: Stage) -> None:
    relit(stage, TURNED, out="layers", layers=True)
    path = stage.path(out="layers")
    channels = read_channels(path)
    weights = json.loads(read_exr(path).origin.parts[0].attributes["interneg.weights"])
    assert set(weights) == {"as_shot_key", "as_shot_rest", "key", "rim"}
    for index, axis in enumerate("RGB"):
        total = sum(np.float64(weight[index]) * channels[f"{name}.{axis}"] for name, weight in weights.items())
        beauty = channels[axis]
        there = np.isfinite(beauty)
        ulp = np.spacing(np.abs(beauty[there]).astype(np.float16)).astype(np.float64)
        assert (np.abs(total[there] - beauty[there]) <= 2 * ulp).mean() >= 0.999
    made_from = {"albedo.R", "normal.X", "normal.Z", "depth.Z", "confidence.A", "gain.G"}
    assert made_from | {"visibility.as_shot_key", "visibility.key", "visibility.rim"} <= set(channels)
    assert (channels["confidence.A"][45:58, 65:80] == 0).all()
    assert (channels["key.R"][45:58, 65:80] == 0).all()


def test_a_lamp_at_0_stops_is_as_bright_as_the_key_it_joins(stage: Stage) -> None:
    relit(stage, LightRig(lamps=(Lamp("key", Track.of(70), Track.of(10)),)), out="level", layers=True)
    channels = read_channels(stage.path(out="level"))
    mean = {
        name: np.mean(
            [
                np.nanmean(
                    np.where(np.isfinite(channels[f"{name}.{axis}"]), np.maximum(channels[f"{name}.{axis}"], 0), 0)
                )
                for axis in "RGB"
            ]
        )
        for name in ("key", "as_shot_key")
    }
    assert mean["key"] == pytest.approx(mean["as_shot_key"], rel=0.02)


def test_a_range_in_pieces_has_the_same_bits_as_in_one_go(stage: Stage) -> None:
    moving = LightRig(lamps=(Lamp("key", Track(((1001, -60.0), (1005, 60.0)))),))
    relit(stage, moving, "1001-1005", "whole")
    for frame in (1004, 1002):
        relit(stage, moving, str(frame), "piece")
        one, other = (read_exr(stage.path(frame, out)).rgb for out in ("whole", "piece"))
        assert (bits_of(one) == bits_of(other)).all()


def test_outside_the_matte_the_plate_stays_bit_for_bit(stage: Stage) -> None:
    matte = np.zeros((HEIGHT, WIDTH), np.float32)
    matte[20:40, 20:50] = 1
    matte[40, 20:50] = 0.5
    path = write_matte(stage.folder / "here.exr", matte)
    relit(stage, TURNED, out="within", matte_path=str(path), layers=True)
    made, plate = read_exr(stage.path(out="within")).rgb, plate_at(stage)
    assert (bits_of(made)[matte == 0] == bits_of(plate)[matte == 0]).all()
    assert not np.allclose(made[25:35, 25:45], plate[25:35, 25:45], rtol=0.05)
    channels = read_channels(stage.path(out="within"))
    weights = json.loads(read_exr(stage.path(out="within")).origin.parts[0].attributes["interneg.weights"])
    total = sum(weight[1] * channels[f"{name}.G"].astype(np.float64) for name, weight in weights.items())
    here = np.s_[20:41, 20:50]
    np.testing.assert_allclose(total[here], made[..., 1][here], rtol=0.005)


def test_an_empty_matte_changes_nothing(stage: Stage) -> None:
    path = write_matte(stage.folder / "nothing.exr", np.zeros((HEIGHT, WIDTH), np.float32))
    relit(stage, TURNED, out="nothing", matte_path=str(path))
    assert (bits_of(read_exr(stage.path(out="nothing")).rgb) == bits_of(plate_at(stage))).all()


def test_a_missing_frame_costs_no_other(stage: Stage) -> None:
    for frame in (1001, 1003):
        (stage.folder / f"gap.{frame}.exr").write_bytes((stage.folder / f"plate.{frame}.exr").read_bytes())
    heard = stage.run(stage.wish(str(stage.folder / "gap.####.exr"), RelightWish(TURNED), "1001-1003", "gap"))
    assert set(heard.delivered) == {1001, 1003} and "1002" in heard.failed[1002]


def test_a_lamps_matte_is_where_it_acts(stage: Stage) -> None:
    matte = np.zeros((HEIGHT, WIDTH), np.float32)
    matte[:, 50:] = 1
    path = write_matte(stage.folder / "flag.exr", matte)
    lamp = Lamp("key", Track.of(40), exposure_stops=Track.of(2.0), matte=str(path))
    relit(stage, LightRig(lamps=(lamp,)), out="flagged", layers=True)
    key = read_channels(stage.path(out="flagged"))["key.G"]
    assert (key[20:40, :50] == 0).all() and (key[5:30, 52:] > 0).all()


def test_a_second_wish_only_shades(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    relit(stage, TURNED)
    import interneg.resident.lighting as lighting

    def analysed(*_: object) -> None:
        raise AssertionError("the frame was analysed already")

    monkeypatch.setattr(lighting, "analysed", analysed)
    relit(stage, LightRig(lamps=(Lamp("fill", Track.of(10)),)), out="again")


def test_damaged_analyses_are_made_anew(stage: Stage) -> None:
    relit(stage, TURNED, out="before")
    for path in stage.settings.analysis_folder.glob("*.npz"):
        path.write_bytes(path.read_bytes()[:200])
    relit(stage, TURNED, out="after")
    one, other = (read_exr(stage.path(out=out)).rgb for out in ("before", "after"))
    assert (bits_of(one) == bits_of(other)).all()


@pytest.mark.parametrize(
    ("rig", "said"),
    [
        (LightRig(lamps=(Lamp("key", cct_kelvin=Track.of(-3200.0)),)), "cct_kelvin is -3200"),
        (LightRig(lamps=(Lamp("key", elevation_degrees=Track.of(91.0)),)), "elevation_degrees is 91"),
        (LightRig(lamps=(Lamp("key"), Lamp("key"))), "Two lamps"),
        (LightRig(lamps=(Lamp("gain"),)), "named 'gain'"),
        (LightRig(lamps=(Lamp("key", rgb=(0.0, 0.0, 0.0)),)), "rgb is black"),
        (LightRig(lamps=(Lamp("key", exposure_stops=Track(((5, 0.0), (5, 1.0)))),)), "ascend"),
        (LightRig(AsShot(Track.of(float("nan")))), "exposure_stops is nan"),
        (LightRig(reference_frame=7), "reference_frame is 7"),
        (LightRig(limit_stops=0.0), "limit_stops is 0"),
    ],
)
def test_a_wrong_rig_is_told_before_the_first_frame(stage: Stage, rig: LightRig, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        relit(stage, rig)


@pytest.mark.parametrize("size", [(9, 17), (48, 80)])
def test_shadows_in_nothing_but_noise_refuse_no_small_plate(stage: Stage, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).normal(0, 0.02, (*size, 3)).astype(np.float32)
    stage.shoot([noise], name="noise")
    rig = LightRig(lamps=(Lamp("key", Track.of(150), Track.of(40)),))
    heard = stage.run(stage.wish(str(stage.folder / "noise.####.exr"), RelightWish(rig), "1001", "noise"))
    assert not heard.failed, heard.failed


def test_a_lamp_below_the_horizon_is_one(stage: Stage) -> None:
    relit(stage, LightRig(lamps=(Lamp("key", elevation_degrees=Track.of(-40.0)),)), out="below")


def test_without_a_model_there_is_no_relight(stage: Stage, tmp_path: Path) -> None:
    wish = stage.wish(str(stage.folder / "plate.####.exr"), RelightWish(TURNED), "1001", model_version="classical")
    with pytest.raises(RequestError, match="needs a model"):
        stage.run(wish)
    bare = Stage(tmp_path)
    bare.shoot(panned(1, HEIGHT, WIDTH))
    with pytest.raises(ModelError, match="needs the base model"):
        relit(bare, TURNED)
