"""Plays what artists do in Nuke on the stand-in; run by any Python that a Nuke ships.

`python nuke_play.py FOLDER` plays every scenario and prints one JSON object a line: its name, and what went wrong.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback

import nuke
import plain_exr
from nuke import _nodes, _picture, _session


def begin(gui=False, operator="clean", show="show", folder=None):
    """A saved script with a plate that differs on every pixel and frame, a matte, and the operator's Group."""
    session = _nodes.restart(gui)
    folder = folder or tempfile.mkdtemp()
    nuke.root()["first_frame"].setValue(1001)
    nuke.root()["last_frame"].setValue(1030)
    nuke.root()["frame"].setValue(1010)
    nuke.scriptSaveAs(os.path.join(folder, "shot.nk"))
    plate = nuke.nodes.Expression(name="Plate", expr0="x + y * 10 + frame", expr1="-1.5", expr2="60000", expr3="1")
    plate.setSelected(True)
    import interneg_nuke.buttons as buttons

    buttons.create(operator)
    group = nuke.toNode("Interneg" + operator.capitalize())
    assert group is not None, session.messages
    if operator == "clean":
        group.setInput(1, nuke.nodes.Constant(name="Matte", color=(0.0, 0.0, 0.0, 1.0)))
    group["show"].setValue(show)
    group["first_frame"].setValue(1008)
    group["last_frame"].setValue(1012)
    return session, group, folder


def pixels(node, frame):
    return _picture.picture_of(node, frame).channels


def versions(folder, node="InternegClean"):
    base = os.path.join(folder, "interneg", "shot", node)
    return sorted(os.listdir(base)) if os.path.isdir(base) else []


def note(folder, version="v001", node="InternegClean"):
    with open(os.path.join(folder, "interneg", "shot", node, version, "note.json")) as text:
        return json.load(text)


def write_plate(folder, name="plate", frames=range(1001, 1031)):
    for frame in frames:
        channels = {channel: [float(frame)] * 48 for channel in "RGBA"}
        plain_exr.write(os.path.join(folder, f"{name}.{frame:04d}.exr"), plain_exr.Picture(8, 6, channels))
    return os.path.join(folder, name + ".%04d.exr")


def read_node(pattern, name="Read", first=1001, last=1030, **knobs):
    read = nuke.nodes.Read(name=name, **knobs)
    read["file"].fromUserText(f"{pattern} {first}-{last}")
    return read


def refused(call, *words):
    """The press raises one sentence that has these words."""
    try:
        call()
    except RuntimeError as error:
        text = str(error)
        assert "Traceback" not in text
        assert error.__cause__ is None
        missing = [word for word in words if word not in text]
        assert not missing, (missing, text)
        return text
    raise AssertionError("nothing was refused")


def wait_for_render(session, group):
    return _session.run_until(lambda: not group["interneg_render"].value())


def main(folder):
    import nuke_relight
    import nuke_rules
    import nuke_terminal
    import nuke_window

    tempfile.tempdir = folder
    lines, sys.stdout = sys.stdout, sys.stderr
    for module in (nuke_rules, nuke_terminal, nuke_window, nuke_relight):
        for name, scenario in list(vars(module).items()):
            if name.startswith("scenario_"):
                fault = played(scenario)
                lines.write(json.dumps({"name": name[9:], "fault": fault}) + "\n")
                lines.flush()


def played(scenario):
    try:
        scenario()
    except BaseException:
        return traceback.format_exc() + f"messages: {_session.session().messages}"
    return ""


if __name__ == "__main__":
    main(sys.argv[1])
