"""The panel: a page for the artist's own browser, on real sockets."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from hosts.resolve.cutting_room import CuttingRoom, Daemon, bench_of
from interneg_bridge.controls import operator_controls
from interneg_resolve import panel
from interneg_resolve.page import page
from interneg_resolve.state import State
from interneg_resolve.web import PanelServer
from interneg_resolve.wish import OPERATORS, Wish, load_wish


class Browser:
    """A browser at the panel's address."""

    def __init__(self, address: str) -> None:
        self.address = address

    def get(self, verb: str, **headers: str) -> str:
        request = urllib.request.Request(self.address + verb, headers=headers)
        with urllib.request.urlopen(request, timeout=5) as reply:
            return reply.read().decode()

    def post(self, verb: str, marked: bool = True, **values: object) -> None:
        headers = {"X-Interneg": "panel"} if marked else {}
        body = urllib.parse.urlencode(values).encode()
        with urllib.request.urlopen(urllib.request.Request(self.address + verb, body, headers), timeout=5) as reply:
            reply.read()

    def state(self) -> dict[str, object]:
        return json.loads(self.get("state"))

    def wait_until(self, reached) -> dict[str, object]:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            state = self.state()
            if reached(state):
                return state
            time.sleep(0.02)
        raise AssertionError(f"not reached: {state}")


@pytest.fixture
def room(tmp_path):
    return CuttingRoom(tmp_path)


@pytest.fixture
def open_panel(capfd):
    threads, browsers = [], []

    def opened(bench) -> Browser:
        thread = threading.Thread(target=panel.run_panel, args=(bench, False))
        thread.start()
        threads.append(thread)
        address = ""
        while not address.startswith("http"):
            address += capfd.readouterr().out
            time.sleep(0.01)
        browsers.append(Browser(address.strip()))
        return browsers[-1]

    yield opened
    for browser in browsers:
        browser.post("close")
    for thread in threads:
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_panel_renders_what_its_form_says(room, open_panel):
    browser = open_panel(bench_of(room, daemon := Daemon()))
    assert "A012_C003: frames 1011-1034" in browser.wait_until(lambda state: state["item"])["item"]
    browser.post("wish", operator="reframe", show="night", punch_in="1.1", seed="", handles="4", place="take")
    state = browser.wait_until(lambda state: state["fraction"] == 1.0 and not state["is_busy"])
    assert state["line"] == "A012_C003: take 2 shows the result."
    assert daemon.requests[0].reframe.keys[0].punch_in == 1.1
    assert load_wish(bench_of(room, daemon).wish_path).show == "night"
    assert 'name="punch_in" value="1.1"' in browser.get("")


def test_panel_previews_a_relight_and_places_nothing(room, open_panel):
    browser = open_panel(bench_of(room, daemon := Daemon()))
    before = len(room.timeline.GetItemListInTrack("video", 1))
    with pytest.raises(urllib.error.HTTPError):
        browser.get("picture")
    browser.post("preview", operator="relight", show="night", key_stops="0", key_azimuth="-60")
    state = browser.wait_until(lambda state: state["pictures"] == 1 and not state["is_busy"])
    assert "Frame 1023" in state["line"] and state["lines"] == ["a notice"]
    with urllib.request.urlopen(f"{browser.address}picture?1", timeout=5) as reply:
        assert (reply.headers["Content-Type"], reply.read()) == ("image/png", b"\x89PNG of it")
    frames = daemon.requests[0].render.plate.frames
    assert (frames.first_frame, frames.last_frame, len(daemon.requests)) == (1023, 1023, 1)
    assert daemon.requests[0].render.relight.rig.reference_frame == 1011
    assert len(room.timeline.GetItemListInTrack("video", 1)) == before
    browser.post("preview", operator="reframe", show="night")
    assert "of a relight, not of a reframe" in browser.wait_until(lambda state: "reframe" in state["line"])["line"]


def test_panel_shows_what_is_wrong_and_goes_on(room, open_panel):
    browser = open_panel(bench_of(room, Daemon()))
    browser.post("wish", operator="reframe", show="night", punch_in="-3")
    assert "Punch-in is -3" in browser.wait_until(lambda state: state["line"])["line"]
    room.timeline._playhead = None
    browser.post("look")
    browser.wait_until(lambda state: "No video item stands" in state["item"])


def test_panel_cancels(room, open_panel):
    holding = threading.Event()

    class Slow(Daemon):
        def _frame(self, request, frame):
            holding.wait(0.05)
            return super()._frame(request, frame)

    browser = open_panel(bench_of(room, daemon := Slow()))
    browser.post("wish", operator="reframe", show="night")
    browser.wait_until(lambda state: state["is_busy"] and state["fraction"] > 0)
    browser.post("cancel")
    state = browser.wait_until(lambda state: not state["is_busy"])
    assert "cancelled" in state["line"]
    assert daemon.cancelled == ["j1"]


def test_panel_answers_its_own_page_alone(room):
    server = PanelServer(bench_of(room, Daemon()), state := State())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        browser = Browser(server.address)
        strangers = (
            lambda: Browser(server.address.replace(server.token, "guess")).get("state"),
            lambda: browser.get("state", Host="evil.example:80"),
            lambda: browser.get("wish.json"),
            lambda: browser.post("look", marked=False),
            lambda: browser.post("shutdown"),
        )
        for ask in strangers:
            with pytest.raises(urllib.error.HTTPError) as refusal:
                ask()
            assert refusal.value.code in (403, 404)
            refusal.value.close()
        assert state.commands.empty()
        assert server.server_address[0] == "127.0.0.1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_panel_ends_with_its_page(room, monkeypatch):
    monkeypatch.setattr(panel, "IDLE_SECONDS", 0.0)
    assert panel.run_panel(bench_of(room, Daemon()), opens_browser=False) == 0


def test_page_has_every_control_once_with_its_help_and_escapes_values():
    text = page(Wish(show='"><script>'), ["night", "<day>"])
    for operator in map(operator_controls, OPERATORS):
        for control in (*operator.texts, *operator.numbers):
            assert f'name="{control.name}"' in text
            assert control.label in text
    assert '"><script>' not in text
    assert "<day>" not in text


def test_without_a_verb_the_panel_opens():
    from interneg_resolve.session import _parser

    assert _parser().parse_args([]).verb == "panel"
    assert _parser().parse_args(["inspect"]).verb == "inspect"
    assert _parser().parse_args(["clean", "--json"]).json
