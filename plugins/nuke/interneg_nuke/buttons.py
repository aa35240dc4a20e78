"""What the menu and the Group's buttons call; every error ends here as a sentence for the artist."""

from __future__ import annotations

import functools
import sys
import threading
import traceback
import uuid
from typing import Callable, cast

import nuke

from interneg_bridge.controls import operator_controls

from . import knobs, nodes
from .errors import CancelledError, HostError
from .folders import preview_folder
from .main_thread import here, in_main_thread, later_in_main_thread
from .order import Order, read_order
from .preview import Preview
from .render import Render


class RenderThread(threading.Thread):
    """A render in the background; Cancel finds it by the token that its node carries meanwhile."""

    def __init__(self, token: str, render: Render, teller: Panel) -> None:
        super().__init__(name=f"interneg {token}", daemon=True)
        self.token = token
        self._render = render
        self._teller = teller

    def cancel(self) -> None:
        """Ends the render within a frame."""
        self._render.cancel()

    def run(self) -> None:
        """Renders; what it has to say at the end is shown when Nuke is free."""
        report, alarm = _outcome(self._render.run)
        later_in_main_thread(functools.partial(self._teller.end, report, alarm))


class Panel:
    """The node's status line and Nuke's progress bar."""

    def __init__(self, group: nuke.Group, name: str) -> None:
        self._group = group
        self._task: nuke.ProgressTask | None = nuke.ProgressTask(f"Interneg {name}")

    def tell(self, fraction: float, message: str) -> None:
        """Shows how far the render is."""
        if self._task is not None:
            self._task.setProgress(int(100 * fraction))
            self._task.setMessage(message)
        knobs.set_value(self._group, "status", message)

    def is_cancelled(self) -> bool:
        """Whether the artist pressed the progress bar's Cancel."""
        return self._task is not None and bool(self._task.isCancelled())

    def end(self, report: str, alarm: bool) -> None:
        """Takes the progress bar away and shows the report; an alarm is put before the artist."""
        self._task = None  # the bar goes with its object
        try:
            knobs.set_value(self._group, "status", report.partition("\n")[0])
            knobs.set_value(self._group, "interneg_render", "")
        except ValueError:  # the node was deleted meanwhile
            pass
        if alarm:
            nuke.message(report)


class Terminal:
    """Lines on the terminal of a session without a window."""

    def tell(self, fraction: float, message: str) -> None:
        """Prints how far the render is."""
        print(f"Interneg: {100 * fraction:3.0f} %  {message}", flush=True)

    def is_cancelled(self) -> bool:
        """Never: Ctrl-C interrupts by itself."""
        return False


def create(operator: str) -> None:
    """Makes the operator's Group under the selected node."""

    def make() -> None:
        group = nodes.create_group(operator_controls(operator))
        if nuke.GUI:
            group.showControlPanel()

    _guarded(make)


def render_range() -> None:
    """Renders from First to Last."""
    group = cast("nuke.Group", nuke.thisNode())

    def press() -> None:
        first, last = int(knobs.value(group, "first_frame")), int(knobs.value(group, "last_frame"))
        start(group, range(first, last + 1))

    _guarded(press)


def render_current() -> None:
    """Renders the frame that the script stands on."""
    group, frame = cast("nuke.Group", nuke.thisNode()), int(nuke.frame())
    _guarded(lambda: start(group, range(frame, frame + 1)))


def preview() -> None:
    """Shows the frame that the script stands on in the light of the knobs."""
    group, frame = cast("nuke.Group", nuke.thisNode()), int(nuke.frame())
    _guarded(lambda: look(group, frame))


def cancel() -> None:
    """Ends the node's render within a frame."""
    group = nuke.thisNode()

    def press() -> None:
        thread = _running(group)
        if thread is None:
            raise HostError(f"{group.name()} is not rendering.")
        thread.cancel()
        knobs.set_value(group, "status", "Cancelling")

    _guarded(press)


def start(group: nuke.Group, frames: range) -> None:
    """Begins a render; with a window it goes on in the background, without one this returns when it has ended.

    Raises:
        HostError: it cannot begin; without a window also what a finished render complains of.
    """
    if _running(group) is not None:
        raise HostError(f"{group.name()} is rendering already. Press Cancel first, or wait until it has ended.")
    _run(group, read_order(group, frames), Render)


def look(group: nuke.Group, frame: int) -> None:
    """Begins a preview, as a render.

    Raises:
        HostError: it cannot begin; without a window also what it complains of at its end.
    """
    if _running(group) is not None:
        raise HostError(f"{group.name()} is rendering. Press Cancel first, or wait until it has ended.")
    _run(group, read_order(group, range(frame, frame + 1), preview_folder), Preview)


def _run(group: nuke.Group, order: Order, kind: type[Render]) -> None:
    if not nuke.GUI:
        print(f"Interneg: {kind(order, here, Terminal()).run()}", flush=True)
        return
    panel = Panel(group, order.name)
    thread = RenderThread(uuid.uuid4().hex, kind(order, in_main_thread, panel), panel)
    knobs.set_value(group, "interneg_render", thread.token)
    panel.tell(0.0, "Starting")
    thread.start()


def _running(group: nuke.Node) -> RenderThread | None:
    token = group["interneg_render"].value() if "interneg_render" in group.knobs() else ""
    alive = [thread for thread in threading.enumerate() if isinstance(thread, RenderThread)]
    return next((thread for thread in alive if thread.token == token), None)


def _guarded(press: Callable[[], None]) -> None:
    """Runs a press; its error is a message box, or without a window a RuntimeError of one text."""

    def pressed() -> str:
        press()
        return ""

    report, alarm = _outcome(pressed)
    if not alarm:
        return
    if nuke.GUI:
        nuke.message(report)
    else:
        raise RuntimeError(report)


def _outcome(call: Callable[[], str]) -> tuple[str, bool]:
    """What the call says, and whether that is an alarm."""
    try:
        return call(), False
    except CancelledError as error:
        return str(error), not nuke.GUI  # who cancelled at the window knows it
    except HostError as error:
        return str(error), True
    except ValueError as error:
        return (
            f"The node was deleted or changed while it rendered: {error}. The frames that were finished are on disk.",
            True,
        )
    except Exception as error:  # noqa: BLE001  (the top of the thread: an artist never sees a traceback)
        traceback.print_exc(file=sys.stderr)
        return f"Interneg cannot go on: {error}. The terminal that Nuke was started from has the details.", True
