"""The process beside Resolve as it really runs: attached by its module, with a daemon on a real socket."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hosts.resolve.cutting_room import CuttingRoom, Diary
from interneg.errors import RequestError
from interneg.plates.exr import read_exr
from interneg.service.server import answering, build, stop_jobs
from interneg.settings import load_settings
from interneg_bridge.client import Client
from interneg_bridge.errors import DaemonError, NotFoundError
from interneg_resolve import bench as benches
from interneg_resolve.attach import MODULE
from interneg_resolve.errors import DeliveryError
from interneg_resolve.media import frame_path
from interneg_resolve.run import answer
from interneg_resolve.wish import Wish
from stand_in_daemon import small_work

TESTS = Path(__file__).resolve().parent


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """The real bench on a home of its own, with a daemon that copies plates, and a stand-in Resolve."""
    monkeypatch.setenv("INTERNEG_HOME", str(tmp_path / "home"))
    room = CuttingRoom(tmp_path)
    settings = load_settings()
    settings.run_folder.mkdir(mode=0o700, parents=True)
    residents = build(load_settings, small_work(), threading.Event())
    with answering(residents):
        with Client(str(settings.socket_path)) as client:
            client.create_production("night")
        yield room, replace(benches.bench_of_installation(), attach=lambda: room.resolve)
        assert stop_jobs(residents)


def test_wish_goes_through_a_real_daemon_on_to_the_timeline(bench):
    room, real = bench
    diary = Diary()
    report = answer(real, Wish(operator="reframe", show="night"), diary)
    assert (report.placed.kind, diary.fractions[-1]) == ("take", 1.0)
    assert "the show has learnt nothing yet" in report.notices
    assert str(real.home) in report.path
    shown = read_exr(Path(frame_path(report.path, 1011))).rgb
    assert np.array_equal(shown, read_exr(Path(frame_path(room.pattern, 1011))).rgb)


def test_frame_that_the_daemon_cannot_deliver_is_named(bench):
    room, real = bench
    Path(frame_path(room.pattern, 1020)).unlink()
    with pytest.raises(DeliveryError, match=r"1 of 46 frames are missing \(1020\)\. Frame 1020: .*not on disk"):
        answer(real, Wish(operator="reframe", show="night"), Diary())
    assert room.item.GetMediaPoolItem() is room.clip


def test_unknown_show_is_the_daemons_own_refusal(bench):
    _, real = bench
    with pytest.raises(NotFoundError, match="nigth"):
        answer(real, Wish(operator="reframe", show="nigth"), Diary())


def test_windows_goes_over_the_network_where_an_address_is_set(tmp_path):
    with pytest.raises(RequestError, match="tcp_address is not set"):
        benches.client_of(load_settings(home=tmp_path), is_windows=True)
    settings = load_settings(home=tmp_path, tcp_address="127.0.0.1:1", tcp_token="sixteen-letters-or-more")
    with pytest.raises(DaemonError), benches.client_of(settings, is_windows=True):
        pass


@pytest.mark.parametrize(
    ("verb", "code", "told"), [("inspect", 0, "frames 1011-1034"), ("clean", 2, "No show is named")]
)
def test_program_attaches_by_resolves_own_module(tmp_path, verb, code, told):
    modules = tmp_path / "api" / "Modules"
    modules.mkdir(parents=True)
    (modules / f"{MODULE}.py").write_text(
        "from pathlib import Path\nfrom hosts.resolve.cutting_room import CuttingRoom\n"
        f"def scriptapp(name): return CuttingRoom(Path({str(tmp_path)!r})).resolve\n"
    )
    program = "from interneg_resolve.session import main; raise SystemExit(main())"
    variables = {"RESOLVE_SCRIPT_API": str(modules.parent), "PYTHONPATH": str(TESTS), "INTERNEG_HOME": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", program, verb],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == code, run.stderr
    assert told in run.stdout + run.stderr
    assert "Traceback" not in run.stderr
