"""The entry in Resolve's Scripts menu: starts a process outside, in every Python a Resolve may bring."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "plugins" / "resolve" / "Interneg.py"
LAUNCHER_LINE = 'LAUNCHER = ""  # written by interneg install\n'

# Runs the script as Resolve does: as __main__, with `resolve` among its globals.
HOST = """
import sys
class Resolve:
    def GetProductName(self):
        return sys.argv[2]
    def __getattr__(self, name):
        raise SystemExit("touched " + name)
source = open(sys.argv[1]).read()
import webbrowser
webbrowser.open = lambda address: print("opened", address)
exec(compile(source, sys.argv[1], "exec"), {"__name__": sys.argv[3], "resolve": Resolve()})
"""


def pythons() -> list[str]:
    names = [f"python3.{minor}" for minor in range(6, 15)]
    found = [shutil.which(name) for name in names]
    return [sys.executable] + [path for path in found if path and _runs(path)]


def _runs(path: str) -> bool:
    return subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0


@pytest.fixture
def outside(tmp_path):
    """A program that writes down how it was started."""
    program, told = tmp_path / "interneg-resolve", tmp_path / "told.json"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"note = {{'arguments': sys.argv[1:], 'environment': dict(os.environ), 'session': os.getsid(0)}}\n"
        f"open({str(told)!r} + '.new', 'w').write(json.dumps(note)); os.rename({str(told)!r} + '.new', {str(told)!r})\n"
    )
    program.chmod(0o755)
    return program, told


def run_script(python: str, script: Path, tmp_path: Path, product: str = "DaVinci Resolve Studio", **environment: str):
    name = environment.pop("name", "__main__")
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path), **environment}
    command = [python, "-c", HOST, str(script), product, name]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=30, check=False)


def told_by(path: Path) -> dict[str, object]:
    deadline = time.monotonic() + 20
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return json.loads(path.read_text())


@pytest.mark.parametrize("python", pythons())
def test_script_starts_the_process_outside_with_a_cleaned_environment(python, outside, tmp_path):
    program, told = outside
    script = tmp_path / "Interneg.py"
    assert LAUNCHER_LINE in SCRIPT.read_text()
    script.write_text(SCRIPT.read_text().replace(LAUNCHER_LINE, f"LAUNCHER = {str(program)!r}\n"))
    foreign = {"QT_PLUGIN_PATH": "/opt/resolve", "DYLD_X": "1", "PYTHONPATH": str(tmp_path)}
    run = run_script(python, script, tmp_path, RESOLVE_SCRIPT_API="/api", **foreign)
    assert run.returncode == 0, run.stderr
    note = told_by(told)
    assert note["arguments"] == ["panel"]
    assert note["environment"]["RESOLVE_SCRIPT_API"] == "/api"
    assert not set(foreign) & set(note["environment"])
    assert note["session"] != os.getsid(0)


@pytest.mark.parametrize("variable", ["INTERNEG_RESOLVE", "INTERNEG_BRIDGE"])
def test_environment_overrides_what_was_installed(variable, outside, tmp_path):
    program, told = outside
    path = str(program if variable == "INTERNEG_RESOLVE" else program.with_name("interneg-bridge"))
    assert run_script(sys.executable, SCRIPT, tmp_path, **{variable: path}).returncode == 0
    assert told_by(told)["arguments"] == ["panel"]


@pytest.mark.parametrize(
    ("product", "launcher", "told"),
    [
        ("DaVinci Resolve", "/bin/sh", "needs DaVinci Resolve Studio"),
        ("DaVinci Resolve Studio", "", "run `interneg install resolve`"),
        ("DaVinci Resolve Studio", "/gone/interneg-resolve", "is not there"),
        ("DaVinci Resolve Studio", __file__, "does not start"),
    ],
)
def test_script_is_never_silent(product, launcher, told, tmp_path):
    run = run_script(sys.executable, SCRIPT, tmp_path, product, INTERNEG_RESOLVE=launcher)
    assert told in run.stderr
    assert "opened file://" in run.stdout
    [note] = tmp_path.glob("interneg-*.txt")
    assert told in note.read_text()


def test_importing_the_script_touches_nothing_of_resolve(tmp_path):
    run = run_script(sys.executable, SCRIPT, tmp_path, name="Interneg")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
