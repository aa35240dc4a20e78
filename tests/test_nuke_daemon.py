"""From a press in Nuke to a frame on disk: stand-in Nuke, the real bridge, the real service, over a real socket."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from interneg_bridge.client import Client
from stand_in_daemon import daemon

ROOT = Path(__file__).resolve().parents[1]
SEARCH = [ROOT / "tests" / "hosts", ROOT / "plugins" / "nuke", ROOT / "plugins" / "bridge"]

PRESS = """
import sys
import nuke
from nuke_play import begin, pixels, refused, versions
session, group, folder = begin(operator=sys.argv[1], show=sys.argv[2], folder=sys.argv[3])
group["reach_frames"].setValue(2)
press = group["render_range"].execute
if sys.argv[2] == "heron":
    press()
    assert pixels(group, 1010) == pixels(nuke.toNode("Plate"), 1010)
    assert "v001" in group.node("Result")["file"].value()
else:
    print(refused(press, sys.argv[2]))
"""


@pytest.fixture
def home(tmp_path: Path):
    with daemon(tmp_path / "home") as settings:
        with Client(str(settings.socket_path)) as client:
            client.create_production("heron")
        yield settings.home


@pytest.fixture
def bridge(tmp_path: Path) -> Path:
    program = tmp_path / "interneg-bridge"
    start = "from interneg.commands.bridge import main; main()"
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{start}'\n")
    program.chmod(0o755)
    return program


def press(operator: str, show: str, folder: Path, home: Path, bridge: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": os.pathsep.join(map(str, SEARCH)), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"INTERNEG_BRIDGE": str(bridge), "INTERNEG_HOME": str(home), "PATH": os.environ["PATH"]}
    base = getattr(sys, "_base_executable", sys.executable)
    command = [base, "-c", PRESS, operator, show, str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("operator", ["clean", "reframe"])
def test_a_press_in_nuke_comes_back_as_frames(tmp_path: Path, home: Path, bridge: Path, operator: str):
    run = press(operator, "heron", tmp_path, home, bridge)
    assert run.returncode == 0, run.stderr
    assert "5 of 5 frames delivered" in run.stdout and "the show has learnt nothing yet" in run.stdout


def test_an_unknown_show_is_told_in_the_daemons_words(tmp_path: Path, home: Path, bridge: Path):
    run = press("reframe", "egret", tmp_path, home, bridge)
    assert run.returncode == 0, run.stderr
    assert "egret" in run.stdout and "Traceback" not in run.stdout
