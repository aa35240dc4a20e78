"""Relights: the rig is asked for, the lights come back as layers and are mixed in the script alone."""

from __future__ import annotations

import json
import os
import struct
import tempfile
from pathlib import Path

import nuke
import plain_exr
from nuke_play import begin, note, pixels, refused

NODE = "InternegRelight"


def lit(show="show", **knobs):
    """A Group that was rendered with those knobs."""
    session, group, folder = begin(operator="relight", show=show)
    for name, value in knobs.items():
        group[name].setValue(value)
    group["render_range"].execute()
    return session, group, folder


def factor(group, frame=1010):
    """What the plate's green is multiplied by in the picture that the Group shows."""
    return pixels(group, frame)["rgba.green"][0] / pixels(nuke.toNode("Plate"), frame)["rgba.green"][0]


def close(value, wanted):
    assert abs(value - wanted) < 1e-5 * max(1, abs(wanted)), (value, wanted)


def scenario_relight_needs_no_matte_and_asks_for_layers():
    _, group, folder = lit(key_azimuth=-60.0, key_stops=-1.0, key_cct=3200.0)
    request = note(folder, node=NODE)["request"]
    assert request["operator"] == "relight" and request["layers"] is True and "matte" not in request
    assert request["reference_frame"] == 1008
    (key,) = request["keys"]
    assert (key["frame"], key["key_azimuth"], key["key_cct"], key["fill_stops"]) == (1008, -60.0, 3200.0, -20.0)
    close(factor(group), 0.75 + 0.5)


def scenario_relight_within_a_matte():
    session, group, folder = begin(operator="relight")
    group.setInput(1, nuke.nodes.Constant(name="Matte", color=(0.0, 0.0, 0.0, 1.0)))
    group["render_range"].execute()
    assert note(folder, node=NODE)["request"]["matte"].endswith("matte.%04d.exr")
    assert session.messages == []


def scenario_relight_stops_act_at_once_without_a_daemon():
    _, group, _ = lit(key_stops=0.0)
    os.environ["INTERNEG_BRIDGE"], kept = "/nowhere/interneg-bridge", os.environ["INTERNEG_BRIDGE"]
    try:
        close(factor(group), 1.75)
        group["as_shot_key_stops"].setValue(1.0)
        close(factor(group), 2.25)
        group["key_stops"].setValue(-20.0)
        close(factor(group), 1.25)
        group["as_shot_rest_stops"].setExpression("frame - 1009")
        close(factor(group), 1.5)
        group["as_shot_rest_colour"].setValue([1.0, 2.0, 0.0])
        close(factor(group), 2.0)
        before = pixels(group, 1010)
        assert before["rgba.alpha"] == pixels(nuke.toNode("Plate"), 1010)["rgba.alpha"]
        group["mix_lights"].setValue(False)
        close(factor(group), 1.75)
    finally:
        os.environ["INTERNEG_BRIDGE"] = kept


def scenario_relight_colours_start_at_what_was_rendered_even_where_stops_move():
    session, group, _ = begin(operator="relight")
    group["key_stops"].setExpression("-20 * (frame < 1010)")
    group["as_shot_key_stops"].setExpression("frame - 1010")
    group["render_range"].execute()
    assert group["key_colour"].value() == [1.0, 1.0, 1.0] and not group["key_colour"].isAnimated()
    for frame in (1008, 1009):  # the key is off
        close(factor(group, frame), 0.25 + 0.5 * 2.0 ** (frame - 1010))
    close(factor(group, 1010), 0.75 + 1.0)
    assert session.messages == []


def scenario_relight_again_mixes_anew():
    _, group, _ = lit(key_stops=0.0)
    first = sorted(node.name() for node in group.nodes())
    group["as_shot_rest_colour"].setValue([0.0, 0.0, 0.0])
    group["key_stops"].setValue(-20.0)
    group["render_range"].execute()
    close(factor(group), 0.75)
    assert sorted(set(first) - {node.name() for node in group.nodes()}) == ["Light_key", "Times_key"]
    assert not [node for node in group.nodes() if node.name().endswith("1") and node.Class() == "Merge2"]


def scenario_relight_shows_on_a_farm_that_has_neither_package_nor_daemon():
    _, group, folder = lit(key_stops=1.0, as_shot_key_stops=-1.0)
    saved, before = os.path.join(folder, "farm.nk"), pixels(group, 1010)
    nuke.scriptSaveAs(saved)
    nuke.scriptOpen(saved)
    assert pixels(nuke.toNode(NODE), 1010) == before


def looked(group, frame):
    """Whether the Group shows its preview on that frame."""
    return int(group.node("Looked")["which"]._value_at(frame)) == 1


def scenario_relight_a_preview_shows_one_frame_and_a_render_takes_it_away():
    session, group, folder = begin(operator="relight")
    group["key_stops"].setValue(-1.0)
    group["preview"].execute()
    base = os.path.join(folder, "interneg", "shot", NODE, "preview")
    with open(os.path.join(base, "preview.png.json")) as text:
        request = json.load(text)
    assert (request["operator"], request["first_frame"], request["last_frame"]) == ("relight", 1010, 1010)
    assert request["keys"][0]["key_stops"] == -1.0 and request["reference_frame"] == 1008
    assert group.node("Preview")["file"].value().endswith("preview/preview.png")
    assert [looked(group, frame) for frame in (1009, 1010)] == [False, True]
    assert (group.node("PreviewSize")["box_width"].value(), group.node("PreviewSize")["resize"].value()) == (8, "fit")
    assert pixels(group, 1009) == pixels(nuke.toNode("Plate"), 1009)
    assert not os.path.isdir(os.path.join(folder, "interneg", "shot", NODE, "v001"))
    group["preview"].execute()
    group["render_range"].execute()
    assert not looked(group, 1010)
    close(factor(group), 0.75 + 0.5)
    assert session.messages == []


def scenario_relight_a_preview_that_cannot_be_made_is_told():
    _, group, _ = begin(operator="relight", show="dawn")
    refused(group["preview"].execute, "no show 'dawn'")
    assert group.node("Looked") is None and not group["show_preview"].value()


def scenario_relight_alone_has_a_preview():
    _, group, _ = begin(operator="clean")
    assert "preview" not in group.knobs() and "show_preview" not in group.knobs()


def scenario_relight_wrong_values_are_told_before_anything_is_written():
    _, group, folder = begin(operator="relight")
    group["key_elevation"].setValue(91.0)
    refused(group["render_range"].execute, "Key elevation", "91", "-90 to 90")
    group["key_elevation"].setValue(0.0)
    group["as_shot_key_cct"].setValue(-3200.0)
    refused(group["render_range"].execute, "temperature", "-3200")
    assert not os.path.isdir(os.path.join(folder, "interneg"))


def scenario_relight_headers_that_say_nothing_leave_the_beauty():
    from interneg_nuke import header
    from interneg_nuke.errors import HostError

    path = os.path.join(tempfile.mkdtemp(), "a.exr")
    picture = plain_exr.Picture(2, 2, {"R": [0.0] * 4}, {"interneg.weights": '{"key": [1, 2, 3.5]}'})
    plain_exr.write(path, picture)
    assert header.weights_of(path) == {"key": (1.0, 2.0, 3.5)}
    whole = Path(path).read_bytes()
    texts = ('{"key": [1, 2]}', '{"key": [1, 2, NaN]}', "[]", "{")
    for attributes in ({}, *({"interneg.weights": text} for text in texts)):
        plain_exr.write(path, plain_exr.Picture(2, 2, {"R": [0.0] * 4}, attributes))
        told(header, path, HostError)
    for damaged in (b"", b"no EXR at all", whole[:60], whole[:8] + struct.pack("<300s", b"x" * 300)):
        Path(path).write_bytes(damaged)
        told(header, path, HostError)
    told(header, path + ".not.there", HostError)


def told(header, path, kind):
    try:
        header.weights_of(path)
    except kind as error:
        assert path in str(error), error
        return
    raise AssertionError(path)
