"""The stand-in itself: it refuses what the host refuses, or the scenarios would prove nothing."""

from __future__ import annotations

import os
import tempfile
import threading

import nuke
from nuke import _nodes, _session


def raises(kind, call, *words):
    try:
        call()
    except kind as error:
        assert all(word in str(error) for word in words), error
        return
    raise AssertionError(f"{kind.__name__} was not raised")


def elsewhere(call):
    """What the call raised or returned on another thread, while the event loop turns."""
    outcome = []

    def run():
        try:
            outcome.append(call())
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    _session.run_until(lambda: not thread.is_alive())
    return outcome[0]


def scenario_rule_scripts_are_touched_on_the_main_thread_only():
    _nodes.restart(gui=True)
    node = nuke.nodes.Constant()
    for call in (nuke.root, node.name, node["color"].value, lambda: nuke.nodes.Dot(), lambda: nuke.message("x")):
        assert isinstance(elsewhere(call), RuntimeError)


def scenario_rule_main_thread_helpers_are_for_other_threads():
    _nodes.restart(gui=True)
    raises(RuntimeError, lambda: nuke.executeInMainThreadWithResult(len, ("abc",)), "main thread")
    assert elsewhere(lambda: nuke.executeInMainThreadWithResult(len, ("abc",))) == 3
    assert elsewhere(lambda: nuke.executeInMainThreadWithResult(len, "abc")) == 3
    assert elsewhere(lambda: nuke.executeInMainThreadWithResult(int, ("no number",))) is None


def scenario_rule_main_thread_helpers_need_a_window():
    _nodes.restart(gui=False)
    raises(RuntimeError, lambda: nuke.executeInMainThread(len), "non-gui mode")
    raises(RuntimeError, lambda: nuke.ProgressTask("x"))
    assert nuke.menu("Nodes") is None


def scenario_rule_nothing_executes_inside_a_callback():
    _nodes.restart(gui=True)
    folder = tempfile.mkdtemp()
    write = nuke.nodes.Write(file=os.path.join(folder, "a.%04d.exr"), file_type="exr")
    write.setInput(0, nuke.nodes.Constant(color=(1.0, 2.0, 3.0, 1.0)))
    nuke.execute(write, 1, 1)
    assert os.listdir(folder) == ["a.0001.exr"]
    heard = []

    def render():
        try:
            nuke.execute(write, 2, 2)
        except RuntimeError as error:
            heard.append(str(error))

    nuke.addKnobChanged(render, nodeClass="Write")
    write["raw"].setValue(True)
    assert heard == ["I'm already executing something else"]


def scenario_rule_missing_knobs_and_deleted_nodes_are_errors():
    _nodes.restart(gui=False)
    node = nuke.nodes.Write()
    knob = node["file"]
    raises(NameError, lambda: node["nothing"])
    raises(NameError, lambda: node["datatype"])  # it comes with the file type
    assert node.knob("nothing") is None
    raises(TypeError, lambda: knob.setValue(3))
    raises(ValueError, nuke.thisNode)
    nuke.delete(node)
    raises(ValueError, node.name)
    raises(ValueError, lambda: knob.setValue("x"))


def scenario_rule_nodes_are_made_in_the_current_group_and_wired_within_it():
    _nodes.restart(gui=False)
    outside, group = nuke.nodes.Constant(name="Outside"), nuke.nodes.Group(name="Group")
    with group:
        inside = nuke.nodes.Dot(name="Inside")
        assert nuke.toNode("Inside") is inside
    assert nuke.toNode("Inside") is None and nuke.toNode("Group.Inside") is inside
    assert not inside.setInput(0, outside)
    assert not group.setInput(0, outside)  # it has no Input yet


def scenario_rule_write_makes_no_folders_unless_asked():
    _nodes.restart(gui=False)
    folder = os.path.join(tempfile.mkdtemp(), "deep")
    write = nuke.nodes.Write(file=os.path.join(folder, "a.####.exr"), file_type="exr")
    write.setInput(0, nuke.nodes.Constant())
    raises(RuntimeError, lambda: nuke.execute(write, 1, 1), "a.0001.exr")
    write["create_directories"].setValue(True)
    nuke.execute(write, 1, 1)
    assert os.path.isfile(os.path.join(folder, "a.0001.exr"))


def scenario_rule_setting_a_file_sets_no_range_but_the_users_text_does():
    _nodes.restart(gui=False)
    read = nuke.nodes.Read()
    read["file"].setValue("/p/s.%04d.exr")
    assert read["last"].value() == 1
    read["file"].fromUserText("/p/with space/s.%04d.exr 1001-1100")
    assert (read["file"].value(), read["first"].value(), read["last"].value()) == (
        "/p/with space/s.%04d.exr",
        1001,
        1100,
    )
