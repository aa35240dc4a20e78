"""Renders without a window: what is written, handed over, shown, refused."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time

import nuke
import plain_exr
from nuke import _nodes
from nuke_play import begin, note, pixels, read_node, refused, versions, write_plate


def scenario_import_touches_nothing_of_nuke():
    import pkgutil
    import types

    class Tripwire(types.ModuleType):
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            raise AssertionError("the import touched nuke." + name)

    kept = {
        name: sys.modules[name] for name in list(sys.modules) if name.partition(".")[0] in ("nuke", "interneg_nuke")
    }
    for name in kept:
        del sys.modules[name]
    sys.modules["nuke"] = Tripwire("nuke")
    try:
        import interneg_nuke

        names = [module.name for module in pkgutil.iter_modules(interneg_nuke.__path__)]
        for name in names:
            __import__("interneg_nuke." + name)
        assert {"buttons", "nodes", "render"} <= set(names)
        assert not [name for name in ("grpc", "numpy", "google.protobuf") if name in sys.modules]
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] in ("nuke", "interneg_nuke")]:
            del sys.modules[name]
        sys.modules.update(kept)


def scenario_terminal_renders_a_range():
    session, group, folder = begin()
    group["render_range"].execute()
    for frame in range(1008, 1013):
        plate, result = pixels(nuke.toNode("Plate"), frame), pixels(group, frame)
        assert result["rgba.red"] == [2 * value for value in plate["rgba.red"]]
        assert result["rgba.green"][0] == -3.0 and result["rgba.blue"][0] == 120000.0
    assert pixels(group, 1007) == pixels(nuke.toNode("Plate"), 1007)
    assert versions(folder) == ["v001"]
    assert session.undo_depth == session.undo_disabled == 0
    assert not [node for node in group.nodes() if node.Class() == "Write"]
    assert group.node("Result")["raw"].value() and group.node("Result")["localizationPolicy"].value() == "off"


def scenario_input_is_written_raw_with_neighbours_for_the_holes():
    session, group, folder = begin()
    group["reach_frames"].setValue(12)
    group["render_range"].execute()
    frames = [frame for _, frame in session.executed]
    assert frames == 2 * list(range(1001, 1025)), frames  # twelve either side, no further than the plate goes
    stored = plain_exr.read(note(folder)["request"]["plate"] % 1010)
    assert stored.channels["B"][0] == 60000.0 and stored.channels["G"][0] == -1.5
    assert list(plain_exr.read(note(folder)["request"]["matte"] % 1010).channels) == ["A"]


def scenario_reach_is_as_far_as_the_operators_look_unless_it_is_shortened():
    session, group, _ = begin(operator="reframe")
    group["render_current"].execute()
    assert [frame for _, frame in session.executed] == list(range(1001, 1031))
    group["reach_frames"].setValue(0)
    session.executed.clear()
    group["render_current"].execute()
    assert [frame for _, frame in session.executed] == [1010]
    group["reach_frames"].setValue(-1)
    refused(group["render_current"].execute, "Reach is -1")


def scenario_every_render_has_its_own_version():
    _, group, folder = begin()
    group["render_range"].execute()
    group["render_current"].execute()
    assert versions(folder) == ["v001", "v002"]
    request = note(folder, "v002")["request"]
    assert (request["first_frame"], request["last_frame"]) == (1010, 1010)
    assert "v002" in group.node("Result")["file"].value()
    assert pixels(group, 1009) == pixels(nuke.toNode("Plate"), 1009)


def scenario_show_result_off_shows_the_plate():
    _, group, _ = begin()
    group["render_range"].execute()
    group["show_result"].setValue(False)
    assert pixels(group, 1010) == pixels(nuke.toNode("Plate"), 1010)


def scenario_plain_read_is_handed_over():
    session, group, folder = begin()
    plate, matte = write_plate(folder), write_plate(folder, "matte")
    dot = nuke.nodes.Dot()
    dot.setInput(0, read_node(plate, "ReadPlate"))
    group.setInput(0, dot)
    group.setInput(1, read_node(matte, "ReadMatte", colorspace="linear"))
    group["render_range"].execute()
    assert session.executed == []
    assert note(folder)["request"]["plate"] == plate and note(folder)["request"]["matte"] == matte


def scenario_read_in_the_scripts_own_working_space_is_handed_over():
    for knobs in (
        {"colorspace": "default (ACES/ACEScg)"},
        {"colorspace": "ACEScg"},
        {"colorspace": "sRGB", "raw": True},
    ):
        session, group, folder = begin(operator="reframe")
        nuke.root()["workingSpaceLUT"].setValue("ACES/ACEScg")
        group.setInput(0, read_node(write_plate(folder), **knobs))
        group["render_range"].execute()
        assert session.executed == [], knobs


def _is_written(folder, read):
    session, group, folder = begin(folder=folder)
    group.setInput(0, read())
    group["render_range"].execute()
    return any(frame == 1010 for _, frame in session.executed) and "/v001/plate/" in note(folder)["request"]["plate"]


def scenario_read_that_is_more_than_its_file_is_written():
    for knobs in (
        {"colorspace": "sRGB"},
        {"colorspace": "default (ACES/ACEScg)"},
        {"frame_mode": "offset"},
        {"frame": "frame + 1"},
        {"premultiplied": True},
        {"last": 1011},
    ):
        folder = tempfile.mkdtemp()
        pattern = write_plate(folder)

        def read(pattern=pattern, knobs=knobs):
            node = read_node(pattern)
            for name, value in knobs.items():
                node[name].setValue(value)
            return node

        assert _is_written(folder, read), knobs


def scenario_encoded_read_arrives_linear():
    _, group, folder = begin()
    channels = {channel: [0.5] * 48 for channel in "RGBA"}
    for frame in range(1001, 1031):
        plain_exr.write(os.path.join(folder, f"s.{frame}.exr"), plain_exr.Picture(8, 6, channels))
    group.setInput(0, read_node(os.path.join(folder, "s.####.exr"), colorspace="sRGB"))
    group["render_range"].execute()
    stored = plain_exr.read(note(folder)["request"]["plate"] % 1010)
    assert abs(stored.channels["R"][0] - 0.21404) < 1e-4 and stored.channels["A"][0] == 0.5


def scenario_animated_framing_becomes_a_key_a_frame():
    _, group, folder = begin(operator="reframe")
    knob = group["punch_in"]
    assert knob.setAnimated()
    knob.setValueAt(1.0, 1008)
    knob.setValueAt(2.0, 1012)
    group["pan"].setExpression("frame / 10000")
    group["render_range"].execute()
    keys = note(folder, node="InternegReframe")["request"]["keys"]
    assert [key["frame"] for key in keys] == list(range(1008, 1013))
    assert [key["punch_in"] for key in keys] == [1.0, 1.25, 1.5, 1.75, 2.0]
    assert abs(keys[2]["pan"] - 0.101) < 1e-9
    assert pixels(group, 1010)["rgba.red"] == [1.5 * value for value in pixels(nuke.toNode("Plate"), 1010)["rgba.red"]]


def scenario_still_framing_is_one_key():
    _, group, folder = begin(operator="reframe")
    group["roll_degrees"].setValue(3.0)
    group["render_range"].execute()
    keys = note(folder, node="InternegReframe")["request"]["keys"]
    assert keys == [{"frame": 1008, "punch_in": 1.0, "pan": 0.0, "tilt": 0.0, "roll_degrees": 3.0}]


def scenario_wrong_wishes_are_refused_in_one_sentence():
    _, group, folder = begin(operator="reframe")
    press = group["render_range"].execute
    group["punch_in"].setValue(0.0)
    refused(press, "Punch-in is 0", "0.1", "1008")
    group["punch_in"].setValue(1.0)
    group["show"].setValue("  ")
    refused(press, "No show", "interneg production list")
    group["show"].setValue("show")
    group["last_frame"].setValue(1000)
    refused(press, "First is after Last")
    group["last_frame"].setValue(1012)
    nuke.root()["proxy"].setValue(True)
    refused(press, "Proxy")
    nuke.root()["proxy"].setValue(False)
    group["results_folder"].setValue("relative/folder")
    refused(press, "relative/folder", "absolute")
    group["results_folder"].setValue("")
    group.setInput(0, None)
    refused(press, "plate", "connect")
    group.setInput(0, read_node(os.path.join(folder, "none.%04d.exr")))
    refused(press, "error", "Read")
    assert versions(folder, "InternegReframe") == []


def scenario_missing_matte_and_unsaved_script_are_refused():
    _, group, _ = begin()
    group.setInput(1, None)
    refused(group["render_range"].execute, "matte")
    _nodes.restart(gui=False)
    nuke.nodes.Constant(name="Plate").setSelected(True)
    import interneg_nuke.buttons as buttons

    buttons.create("reframe")
    fresh = nuke.toNode("InternegReframe")
    fresh["show"].setValue("show")
    refused(fresh["render_current"].execute, "never saved")


def scenario_chosen_folder_is_used():
    _, group, folder = begin()
    chosen = os.path.join(folder, "elsewhere with space")
    os.environ["SHOT_FOLDER"] = folder
    group["results_folder"].setValue("[getenv SHOT_FOLDER]/elsewhere with space")
    group["render_range"].execute()
    assert os.path.isdir(os.path.join(chosen, "v001"))
    assert pixels(group, 1010) != pixels(nuke.toNode("Plate"), 1010)


def scenario_failed_frame_is_named_and_the_rest_is_shown():
    _, group, _ = begin(show="fails-1012")
    refused(group["render_range"].execute, "4 of 5", "1012", "The matte is missing.")
    assert pixels(group, 1011) != pixels(nuke.toNode("Plate"), 1011)
    assert pixels(group, 1012) == pixels(nuke.toNode("Plate"), 1012)


def scenario_lost_bridge_names_missing_frames():
    _, group, _ = begin(show="dies")
    refused(group["render_range"].execute, "ended unexpectedly", "the last words", "1009-1012")


def scenario_refusal_is_told_as_it_stands():
    _, group, _ = begin(show="refuses")
    refused(group["render_range"].execute, "There is no production 'refuses'. Create it.")


def scenario_unknown_show_is_told_before_anything_is_written():
    session, group, folder = begin(show="egret")
    refused(group["render_range"].execute, "no show 'egret'", "slow, dies", "interneg production create")
    assert session.executed == [] and versions(folder) == []


def scenario_noise_on_the_line_is_passed_over():
    _, group, _ = begin(show="garbage")
    group["render_range"].execute()
    assert pixels(group, 1010) != pixels(nuke.toNode("Plate"), 1010)


def scenario_bridge_that_is_not_there_is_named():
    session, group, folder = begin()
    kept = os.environ["INTERNEG_BRIDGE"]
    try:
        os.environ["INTERNEG_BRIDGE"] = "/nowhere/interneg-bridge"
        refused(group["render_range"].execute, "/nowhere/interneg-bridge", "interneg install nuke")
        assert session.executed == [] and versions(folder) == []
        del os.environ["INTERNEG_BRIDGE"]
        refused(group["render_range"].execute, "INTERNEG_BRIDGE", "interneg install nuke")
    finally:
        os.environ["INTERNEG_BRIDGE"] = kept


def scenario_bridge_gets_a_clean_environment():
    _, group, folder = begin()
    poison = {
        "LD_LIBRARY_PATH": "/x",
        "PYTHONHOME": "",
        "QT_PLUGIN_PATH": "/x",
        "DYLD_INSERT_LIBRARIES": "",
        "KEPT": "1",
    }
    os.environ.update(poison)
    try:
        group["render_range"].execute()
    finally:
        for name in poison:
            del os.environ[name]
    names = note(folder)["environment"]
    assert "KEPT" in names and "INTERNEG_BRIDGE" in names
    assert not [name for name in names if name in poison and name != "KEPT"]


def scenario_busy_terminal_is_told():
    session, group, _ = begin()
    session.executing = True
    refused(group["render_current"].execute, "rendering something else")


def scenario_farm_renders_without_the_package():
    _, group, folder = begin()
    group["render_range"].execute()
    expected = pixels(group, 1010)
    script = os.path.join(folder, "shot_v2.nk")
    nuke.scriptSaveAs(script)
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith("interneg")}
    path, sys.path = sys.path, [entry for entry in sys.path if "plugins" not in entry]
    try:
        nuke.scriptOpen(script)
        group = nuke.toNode("InternegClean")
        write = nuke.nodes.Write(file=os.path.join(folder, "farm.####.exr"), file_type="exr", raw=True)
        write["datatype"].setValue("32 bit float")
        write.setInput(0, group)
        nuke.execute(write, 1010, 1010)
        stored = plain_exr.read(os.path.join(folder, "farm.1010.exr"))
        assert stored.channels["R"] == expected["rgba.red"] and "interneg_nuke" not in sys.modules
    finally:
        sys.path = path
        sys.modules.update(kept)


def scenario_reopened_node_renders_again():
    _, group, folder = begin()
    group["render_range"].execute()
    nuke.scriptSaveAs(os.path.join(folder, "shot.nk"), 1)
    nuke.scriptOpen(os.path.join(folder, "shot.nk"))
    group = nuke.toNode("InternegClean")
    assert "status" not in group.knobs()  # it is not written, and comes back with the next press
    group["render_current"].execute()
    assert versions(folder) == ["v001", "v002"] and "status" in group.knobs()


def scenario_non_commercial_is_refused():
    begin()
    nuke.env["nc"] = True
    try:
        import interneg_nuke.buttons as buttons

        refused(lambda: buttons.create("clean"), "Non-commercial")
    finally:
        nuke.env["nc"] = False


def scenario_ctrl_c_cancels_the_job_and_shows_what_is_there():
    _, group, folder = begin(show="slow")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    result = os.path.join(folder, "interneg", "shot", "InternegClean", "v001", "InternegClean.1008.exr")

    def interrupt():
        while not os.path.isfile(result):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    refused(group["render_range"].execute, "Cancelled.", "of 5 frames delivered", "1012")
    assert os.path.isfile(os.path.join(os.path.dirname(result), "cancelled"))
