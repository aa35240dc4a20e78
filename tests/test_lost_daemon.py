"""A daemon killed in the middle of a range: what is missing is named, and the same request gives the same bits."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hosts.resolve.cutting_room import CuttingRoom, Diary
from interneg.settings import load_settings
from interneg_bridge.client import Client
from interneg_resolve import bench as benches
from interneg_resolve.errors import DeliveryError
from interneg_resolve.run import answer
from interneg_resolve.wish import Wish
from real_daemon import daemon_program, write_shot

FRAMES = range(1001, 1017)
INTERNEG = [sys.executable, "-c", "from interneg.cli import main; main()"]
BRIDGE = [sys.executable, "-c", "from interneg.commands.bridge import main; main()"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    with daemon_program(folder) as daemon:
        with Client(str(load_settings(home=folder).socket_path)) as client:
            client.create_production("heron")
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(30) == 0
    return folder


def once_there(path: Path, act) -> None:
    """Acts on another thread as soon as the file is there."""

    def wait() -> None:
        while not path.exists():
            time.sleep(0.002)
        act()

    threading.Thread(target=wait, daemon=True).start()


def bits(folder: Path) -> dict[str, bytes]:
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    return {path.name: path.read_bytes() for path in folder.glob("*.exr")}


def clean(home: Path, plate: str, matte: str, out: Path) -> subprocess.CompletedProcess[str]:
    asked = ["clean", "heron", "--plate", plate, "--matte", matte, "--frames", "1001-1016", "--out", str(out), "--json"]
    environment = {**os.environ, "INTERNEG_HOME": str(home)}
    return subprocess.run([*INTERNEG, *asked], env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_command_line_names_what_is_missing_and_completes_it(tmp_path, home, number):
    plate, matte = write_shot(tmp_path / "shot", FRAMES, (72, 96))
    out = tmp_path / "out"
    with daemon_program(home) as daemon:
        once_there(out / "out.1003.exr", lambda: daemon.send_signal(number))
        cut = clean(home, plate, matte, out / "out.####.exr")
        assert daemon.wait(30) == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    told = json.loads(cut.stdout)
    assert cut.returncode == 1 and "Traceback" not in cut.stderr
    assert 1 <= told["delivered"] < 16 and told["delivered"] + told["failed"] == 16
    missing = [failure["frame"] for failure in told["failures"]]
    assert "frames not delivered: " in cut.stderr and str(missing[-1]) in cut.stderr
    with daemon_program(home):
        assert clean(home, plate, matte, out / "out.####.exr").returncode == 0
        assert clean(home, plate, matte, tmp_path / "whole" / "out.####.exr").returncode == 0
    assert bits(out) == bits(tmp_path / "whole")


def test_bridge_tells_its_host_and_answers_the_same_wish_again(tmp_path, home):
    plate, matte = write_shot(tmp_path / "shot", FRAMES, (72, 96))
    out = tmp_path / "out"
    asked = {"call": "render", "show": "heron", "operator": "clean", "plate": plate, "matte": matte}
    asked |= {"first_frame": 1001, "last_frame": 1016, "output": str(out / "out.####.exr")}
    environment = {**os.environ, "INTERNEG_HOME": str(home)}
    bridge = subprocess.Popen(BRIDGE, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert bridge.stdin is not None and bridge.stdout is not None
    with bridge, daemon_program(home) as daemon:
        once_there(out / "out.1003.exr", daemon.kill)
        last = ask(bridge, {"id": 1, **asked})
        assert last["error"]["kind"] == "DaemonError" and "\n" not in last["error"]["message"]
        daemon.wait()
        with daemon_program(home):
            assert ask(bridge, {"id": 2, **asked})["result"]["state"] == "done"
        bridge.stdin.close()
        assert bridge.wait(10) == 0
    assert len(bits(out)) == 16


def ask(bridge: subprocess.Popen[str], request: dict[str, object]) -> dict[str, dict[str, str]]:
    """The last answer to a request."""
    bridge.stdin.write(json.dumps(request) + "\n")
    bridge.stdin.flush()
    for line in bridge.stdout:
        answer = json.loads(line)
        if answer["id"] == request["id"] and answer.keys() & {"result", "error"}:
            return answer
    raise AssertionError("the bridge ended")


def test_resolves_process_names_what_is_missing_and_completes_its_version(tmp_path, home, monkeypatch):
    monkeypatch.setenv("INTERNEG_HOME", str(home))
    room = CuttingRoom(tmp_path)
    real = replace(benches.bench_of_installation(), attach=lambda: room.resolve)
    wish = Wish(operator="reframe", show="heron", punch_in=0.9)
    results = home / "results" / "resolve"
    with daemon_program(home) as daemon:
        first = Diary()
        first.show = lambda fraction, line: daemon.kill() if fraction > 0.2 else None
        with pytest.raises(DeliveryError, match=r"of 46 frames are missing \(10\d\d"):
            answer(real, wish, first)
    assert room.item.GetMediaPoolItem() is room.clip
    with daemon_program(home):
        report = answer(real, wish, Diary())
    assert report.placed.kind == "take"
    assert [path.name for path in results.rglob("v0*") if path.is_dir()] == ["v001"]
