"""Renders with a window: it stays alive, cancels, and says what went wrong in messages."""

from __future__ import annotations

import sys

import nuke
from nuke import _session
from nuke_play import begin, pixels, wait_for_render


def scenario_window_stays_alive_while_it_renders():
    session, group, _ = begin(gui=True, show="slow")
    group["render_range"].execute()
    assert group["interneg_render"].value()
    rounds = wait_for_render(session, group)
    assert rounds > 60, rounds  # one a written frame at least, and the waiting in between
    assert session.messages == []
    assert pixels(group, 1010)["rgba.red"] == [2 * value for value in pixels(nuke.toNode("Plate"), 1010)["rgba.red"]]
    history = session.tasks[0].history
    assert history == sorted(history) and history[-1] == 100
    assert group["status"].value() == "Done."
    assert session.undo_depth == session.undo_disabled == 0


def scenario_window_shows_errors_as_messages():
    session, group, _ = begin(gui=True, show="fails-1008")
    group["render_range"].execute()
    wait_for_render(session, group)
    assert len(session.messages) == 1 and "1008" in session.messages[0]
    assert "Traceback" not in session.messages[0]
    group["show"].setValue("")
    group["render_range"].execute()
    assert "No show" in session.messages[1]


def scenario_cancel_button_ends_the_job_within_a_frame():
    session, group, _ = begin(gui=True, show="slow")
    group["render_range"].execute()
    _session.run_until(lambda: "finished" in group["status"].value())
    group["cancel"].execute()
    wait_for_render(session, group)
    assert session.messages == [] and group["status"].value() == "Cancelled."
    assert pixels(group, 1008) != pixels(nuke.toNode("Plate"), 1008)
    assert pixels(group, 1012) == pixels(nuke.toNode("Plate"), 1012)
    group["cancel"].execute()
    assert "not rendering" in session.messages[0]


def scenario_cancel_of_the_progress_bar_ends_it_too():
    session, group, _ = begin(gui=True, show="slow")
    group["render_range"].execute()
    _session.run_until(lambda: session.tasks)
    session.tasks[0].cancelled = True
    wait_for_render(session, group)
    assert group["status"].value().startswith("Cancelled") and session.messages == []


def scenario_cancel_of_nukes_own_bar_ends_it_too():
    session, group, _ = begin(gui=True)
    session.cancel_next_execute = True
    group["render_range"].execute()
    wait_for_render(session, group)
    assert "Cancelled" in group["status"].value() and session.messages == []
    assert not [node for node in group.nodes() if node.Class() == "Write"]


def scenario_second_press_is_refused_while_it_renders():
    session, group, _ = begin(gui=True, show="slow")
    group["render_range"].execute()
    group["render_current"].execute()
    assert "rendering already" in session.messages[0]
    wait_for_render(session, group)
    assert len(session.messages) == 1


def scenario_busy_nuke_is_waited_for():
    session, group, _ = begin(gui=True)
    session.executing = True
    group["render_current"].execute()
    rounds = []

    def later():
        rounds.append(1)
        if len(rounds) == 80:
            session.executing = False
        return not group["interneg_render"].value()

    _session.run_until(later)
    assert session.messages == [] and group["status"].value() == "Done."


def scenario_deleted_node_is_no_crash():
    session, group, _ = begin(gui=True, show="slow")
    group["render_range"].execute()
    _session.run_until(lambda: "finished" in group["status"].value())
    nuke.delete(group)
    _session.run_until(lambda: session.messages)
    assert "deleted" in session.messages[0]


def scenario_machine_without_the_package_is_told():
    session, group, _ = begin(gui=True)
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith("interneg")}
    path, sys.path = sys.path, [entry for entry in sys.path if "plugins" not in entry]
    try:
        group["render_range"].execute()
        assert "not installed" in session.messages[0]
    finally:
        sys.path = path
        sys.modules.update(kept)
