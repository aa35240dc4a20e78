"""Relight from the hosts: what their controls make of the wire's rig, and presses that reach a real daemon."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hosts.resolve.cutting_room import CuttingRoom, Daemon, Diary, bench_of
from interneg_bridge.controls import RELIGHT
from interneg_bridge.errors import RequestError
from interneg_bridge.light import rig_from_keys
from interneg_bridge.messages import render_request
from interneg_resolve.errors import WishError
from interneg_resolve.run import answer
from interneg_resolve.wish import Wish, wish_from_values

ASKED = {"show": "heron", "operator": "relight", "plate": "/p.####.exr", "first_frame": 1, "last_frame": 2}
NEUTRAL = {number.name: number.neutral for number in RELIGHT.numbers}


def asked(**more: object) -> dict[str, object]:
    return {**ASKED, "output": "/o.####.exr", "keys": [{"frame": 1, **NEUTRAL}], **more}


def keyed(track: object) -> list[tuple[int, float]]:
    return [(key.frame, key.value) for key in track.keys]  # type: ignore[attr-defined]


def test_neutral_controls_are_a_rig_without_lamps_and_colours():
    rig = rig_from_keys({1: NEUTRAL, 2: NEUTRAL})
    assert not rig.lamps and not rig.as_shot_key.HasField("cct_kelvin")
    assert keyed(rig.as_shot_rest.exposure_stops) == [(1, 0.0)]


def test_controls_that_move_are_keys_and_others_are_one():
    rig = rig_from_keys(
        {
            frame: {
                **NEUTRAL,
                "key_stops": -1.0,
                "key_azimuth": 10.0 * frame,
                "key_cct": 3200.0,
                "as_shot_rest_cct": 5600,
            }
            for frame in (1, 2)
        }
    )
    [key] = rig.lamps
    assert key.name == "key" and keyed(key.azimuth_degrees) == [(1, 10.0), (2, 20.0)]
    assert keyed(key.cct_kelvin) == [(1, 3200.0)] and keyed(key.angular_diameter_degrees) == [(1, 5.0)]
    assert keyed(rig.as_shot_rest.cct_kelvin) == [(1, 5600.0)] and not rig.as_shot_key.HasField("cct_kelvin")


def test_a_lamp_that_burns_on_some_frames_is_there():
    rig = rig_from_keys({1: {"rim_stops": -20.0}, 2: {"rim_stops": 0.0}})
    assert [lamp.name for lamp in rig.lamps] == ["rim"]
    assert keyed(rig.lamps[0].exposure_stops) == [(1, -20.0), (2, 0.0)]


def test_a_colour_on_some_frames_only_is_told():
    with pytest.raises(RequestError, match="key_cct is 0 on frame 1 and 3200 on frame 2"):
        rig_from_keys({1: {"key_stops": 0.0, "key_cct": 0.0}, 2: {"key_stops": 0.0, "key_cct": 3200.0}})


def test_a_hosts_relight_becomes_the_wires():
    request = render_request(
        asked(matte="/m.exr", matte_channel="A", performers="/p.exr", layers=True, reference_frame=7)
    )
    relight = request.relight
    assert (relight.matte.path, relight.matte.channel, relight.performers.path) == ("/m.exr", "A", "/p.exr")
    assert relight.layers and relight.rig.reference_frame == 7
    bare = render_request(asked()).relight
    assert not bare.HasField("matte") and not bare.HasField("performers") and not bare.layers
    assert not bare.rig.HasField("reference_frame")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"layers": 1}, "layers is 1"),
        ({"keys": []}, "no list of rigs"),
        ({"keys": [{"frame": 1, "key_pan": 3.0}]}, "key_pan is no number of a relight"),
        ({"keys": [{"frame": 1, "key_stops": "bright"}]}, "key_stops is 'bright'"),
        ({"keys": [{"key_stops": 1.0}]}, "frame is None"),
        ({"reference_frame": 1.5}, "whole number"),
    ],
)
def test_a_wrong_field_of_a_relight_is_named(wrong: dict, said: str):
    with pytest.raises(RequestError, match=said):
        render_request(asked(**wrong))


@pytest.fixture
def room(tmp_path: Path) -> CuttingRoom:
    return CuttingRoom(tmp_path)


def test_resolve_asks_for_the_rig_and_takes_no_matte_that_was_not_named(room):
    daemon = Daemon()
    wish = Wish(operator="relight", show="night", key_azimuth=-60.0, key_stops=0.0, as_shot_key_stops=-2.0)
    report = answer(bench_of(room, daemon), wish, Diary())
    relight = daemon.requests[0].relight
    assert keyed(relight.rig.lamps[0].azimuth_degrees)[0][1] == -60.0 and len(relight.rig.lamps) == 1
    assert relight.rig.reference_frame == keyed(relight.rig.as_shot_key.exposure_stops)[0][0]
    assert not relight.HasField("matte") and not relight.layers
    assert report.placed.kind == "take"


def test_resolve_relights_within_a_named_matte(room):
    daemon = Daemon()
    matte = room.sequence("matte", 1008, 1036)
    wish = Wish(operator="relight", show="night", matte=matte, performers="/people.####.exr", as_shot_key_stops=-1.0)
    answer(bench_of(room, daemon), wish, Diary())
    relight = daemon.requests[0].relight
    assert relight.matte.path == matte and relight.performers.path == "/people.####.exr"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"key_elevation": "91"}, "Key elevation is 91"),
        ({"as_shot_key_cct": "-3200"}, "-3200"),
        ({"rim_stops": "x"}, "x"),
    ],
)
def test_resolve_tells_a_wrong_rig_at_once(values: dict, said: str):
    with pytest.raises(WishError, match=said):
        wish_from_values({"operator": "relight", "show": "night", **values})


def test_a_neutral_wish_in_resolve_is_the_controls_neutral():
    assert all(getattr(Wish(), name) == value for name, value in NEUTRAL.items())
    assert np.isfinite(list(NEUTRAL.values())).all()
