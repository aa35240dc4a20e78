"""The panel: a page in the artist's browser, for the item at the playhead.

Resolve is asked from the main thread only; the page's own threads hand over what the artist pressed.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
import webbrowser
from typing import TYPE_CHECKING

from interneg_resolve.errors import artist_errors
from interneg_resolve.preview import previewed
from interneg_resolve.run import answer, looked_at
from interneg_resolve.state import State
from interneg_resolve.web import PanelServer
from interneg_resolve.wish import save_wish, wish_from_values

if TYPE_CHECKING:
    from interneg_resolve.bench import Bench

# A page polls twice a second; a browser slows a hidden tab down to once a minute.
IDLE_SECONDS = 150.0


def run_panel(bench: Bench, opens_browser: bool = True) -> int:
    """The exit code, once the page was closed."""
    state = State()
    server = PanelServer(bench, state)
    thread = threading.Thread(target=server.serve_forever, name="panel", daemon=True)
    thread.start()
    address = server.address
    print(address, flush=True)
    if opens_browser and not webbrowser.open(address):
        print("No browser opened: open the address above by hand.", file=sys.stderr)
    try:
        _look(bench, state)
        _serve(bench, state)
    except KeyboardInterrupt:
        state.cancel()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    return 0


def _serve(bench: Bench, state: State) -> None:
    """Does what the artist presses, until the page is gone."""
    while True:
        try:
            verb, values = state.commands.get(timeout=1.0)
        except queue.Empty:
            if time.monotonic() - state.seen_seconds > IDLE_SECONDS:
                return
            continue
        if verb == "close":
            return
        if verb == "look":
            _look(bench, state)
        elif verb == "preview":
            _preview(bench, state, values)
        else:
            _answer(bench, state, values)


def _look(bench: Bench, state: State) -> None:
    """Shows what stands at the playhead."""
    try:
        state.set(item=looked_at(bench))
    except artist_errors() as error:
        state.set(item=str(error))


def _preview(bench: Bench, state: State, values: dict[str, str]) -> None:
    """Shows the item in the light of one wish."""
    state.begin()
    try:
        wish = wish_from_values(values)
        save_wish(bench.wish_path, wish)
        seen = previewed(bench, wish)
        state.picture(seen.png)
        for notice in seen.notices:
            state.say(notice)
        state.show(1.0, f"Frame {seen.frame} in that light, small: render for the plate's own detail.")
    except artist_errors() as error:
        state.say(str(error))
        state.set(line=str(error))
    finally:
        state.set(is_busy=False)


def _answer(bench: Bench, state: State, values: dict[str, str]) -> None:
    """Answers one wish, and leaves what came of it on the page."""
    state.begin()
    try:
        wish = wish_from_values(values)
        save_wish(bench.wish_path, wish)
        report = answer(bench, wish, state)
        state.show(1.0, report.placed.sentence)
    except artist_errors() as error:
        state.say(str(error))
        state.set(line=str(error))
    finally:
        state.set(is_busy=False)
