"""`interneg install | uninstall nuke|resolve`: what is written is found by the host, and goes away to the last byte."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from interneg_bridge import hosts
from interneg_bridge.errors import RefusedError, RequestError

ROOT = Path(__file__).resolve().parents[1]
HOSTS = ROOT / "tests" / "hosts"


@pytest.fixture(autouse=True)
def programs(tmp_path_factory, monkeypatch):
    """An environment whose programs are there."""
    prefix = tmp_path_factory.mktemp("environment")
    (prefix / "bin").mkdir()
    for name in ("interneg-bridge", "interneg-resolve"):
        (prefix / "bin" / name).touch(mode=0o755)
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    return prefix / "bin"


def tree(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


START = """
import sys
import nuke
from nuke import _nodes, _session
session = _nodes.restart(gui=sys.argv[2] == "window")
nuke.start_up(sys.argv[1])
assert "interneg_nuke" not in sys.modules, "start-up imported the package"
if session.gui:
    menu = nuke.menu("Nodes").findItem("Interneg")
    for label in ("Clean", "Reframe"):
        exec(menu.findItem(label), {})
        assert nuke.toNode("Interneg" + label) is not None, session.messages
else:
    import interneg_nuke.buttons
import interneg_nuke
from interneg_nuke.child import bridge_path
print(bridge_path())
print(interneg_nuke.__file__)
"""


@pytest.mark.parametrize("mode", ["window", "terminal"])
def test_nuke_finds_the_installed_plugin_and_its_bridge(tmp_path: Path, programs: Path, mode: str):
    folder = tmp_path / ".nuke"
    lines = hosts.install("nuke", folder)
    assert any(str(folder) in line for line in lines)
    base = getattr(sys, "_base_executable", sys.executable)  # without this environment's own packages
    command = [base, "-c", START, str(folder), mode]
    environment = {"PYTHONPATH": str(HOSTS), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    bridge, package = run.stdout.split()
    assert bridge == str(programs / "interneg-bridge")
    assert package == str(folder / "interneg" / "interneg_nuke" / "__init__.py")


def test_a_checkout_on_nukes_path_works_too(programs: Path):
    base = getattr(sys, "_base_executable", sys.executable)
    environment = {"PYTHONPATH": str(HOSTS), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["INTERNEG_BRIDGE"] = str(programs / "interneg-bridge")
    command = [base, "-c", START, str(ROOT / "plugins" / "nuke"), "window"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[0] == str(programs / "interneg-bridge")


def test_the_facilitys_own_init_is_kept_and_installing_twice_is_installing_once(tmp_path: Path):
    init = tmp_path / "init.py"
    init.write_bytes(b"import nuke\r\nnuke.pluginAddPath('./gizmos')\r\n")
    hosts.install("nuke", tmp_path)
    once = tree(tmp_path)
    hosts.install("nuke", tmp_path)
    assert tree(tmp_path) == once
    assert init.read_bytes().startswith(b"import nuke\r\nnuke.pluginAddPath('./gizmos')\r\n")
    assert init.read_bytes().count(b"./interneg") == 1


@pytest.mark.parametrize("init", [None, b"", b"import nuke\n", b"x = 1", b"# ends in blank lines\n\n\n"], ids=repr)
def test_uninstall_leaves_the_folder_as_it_was(tmp_path: Path, init: bytes | None):
    (tmp_path / "menu.py").write_text("# mine\n")
    if init is not None:
        (tmp_path / "init.py").write_bytes(init)
    before = tree(tmp_path)
    hosts.install("nuke", tmp_path)
    hosts.install("nuke", tmp_path)
    (tmp_path / "interneg" / "interneg_nuke" / "__pycache__").mkdir()
    (tmp_path / "interneg" / "interneg_nuke" / "__pycache__" / "nodes.cpython-39.pyc").touch()
    hosts.uninstall("nuke", tmp_path)
    assert tree(tmp_path) == before


def test_lines_added_below_the_block_survive(tmp_path: Path):
    hosts.install("nuke", tmp_path)
    with (tmp_path / "init.py").open("a") as init:
        init.write("mine = 1\n")
    hosts.uninstall("nuke", tmp_path)
    assert (tmp_path / "init.py").read_text() == "mine = 1\n"


def test_foreign_files_in_the_plugins_folder_are_left_and_told(tmp_path: Path):
    hosts.install("nuke", tmp_path)
    (tmp_path / "interneg" / "notes.txt").write_text("mine")
    lines = hosts.uninstall("nuke", tmp_path)
    assert tree(tmp_path) == {"interneg": None, "interneg/notes.txt": b"mine"}
    assert "left" in lines[-1]


def test_a_file_that_a_newer_version_lacks_goes_away(tmp_path: Path):
    hosts.install("nuke", tmp_path)
    note = tmp_path / "interneg" / "interneg_nuke" / "installation.json"
    stored = json.loads(note.read_text())
    stored["files"].append("interneg_nuke/old.py")
    note.write_text(json.dumps(stored))
    (tmp_path / "interneg" / "interneg_nuke" / "old.py").touch()
    hosts.install("nuke", tmp_path)
    assert not (tmp_path / "interneg" / "interneg_nuke" / "old.py").exists()


@pytest.mark.parametrize("host", ["nuke", "resolve"])
def test_somebody_elses_files_are_not_touched(tmp_path: Path, host: str):
    foreign = tmp_path / ("interneg/theirs.py" if host == "nuke" else "Interneg.py")
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_text("theirs")
    before = tree(tmp_path)
    with pytest.raises(RefusedError, match="not Interneg's"):
        hosts.install(host, tmp_path)
    assert "not installed" in hosts.uninstall(host, tmp_path)[0]
    assert tree(tmp_path) == before


def test_a_damaged_note_is_named(tmp_path: Path):
    hosts.install("nuke", tmp_path)
    (tmp_path / "interneg" / "interneg_nuke" / "installation.json").write_text("{")
    with pytest.raises(RefusedError, match=r"installation\.json is damaged"):
        hosts.uninstall("nuke", tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(RefusedError, match="--to"):
        hosts.install("nuke", tmp_path)


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(RefusedError, match="--to"):
        hosts.install("resolve", tmp_path / "file" / "Scripts")


def test_an_unknown_host_and_a_missing_program_are_named(tmp_path: Path, programs: Path):
    with pytest.raises(RequestError, match="'fusion': give nuke or resolve"):
        hosts.install("fusion", tmp_path)
    (programs / "interneg-bridge").unlink()
    with pytest.raises(RefusedError, match="interneg-bridge is not there"):
        hosts.install("nuke", tmp_path)


def test_resolves_script_carries_the_launcher_and_goes_away(tmp_path: Path, programs: Path):
    hosts.install("resolve", tmp_path)
    script = tmp_path / "Interneg.py"
    names: dict[str, object] = {"__name__": "Interneg"}
    exec(compile(script.read_text(), str(script), "exec"), names)
    assert names["LAUNCHER"] == str(programs / "interneg-resolve")
    once = tree(tmp_path)
    hosts.install("resolve", tmp_path)
    assert tree(tmp_path) == once
    hosts.uninstall("resolve", tmp_path)
    assert tree(tmp_path) == {}


def test_the_usual_places_are_the_users_own():
    hosts.install("nuke")
    hosts.install("resolve")
    assert (Path.home() / ".nuke" / "interneg" / "menu.py").is_file()
    assert len(list(Path.home().rglob("Fusion/Scripts/Utility/Interneg.py"))) == 1


def test_the_doctor_sees_what_is_well_absent_and_ill(programs: Path):
    rows = {name: (ok, said) for name, ok, said in hosts.doctor_rows()}
    assert all(ok and "interneg install" in said for ok, said in rows.values())
    for host in ("nuke", "resolve"):
        hosts.install(host)
    assert all(ok and "installed in" in said for _, ok, said in hosts.doctor_rows())
    (Path.home() / ".nuke" / "interneg" / "menu.py").unlink()
    (programs / "interneg-resolve").unlink()
    rows = {name: (ok, said) for name, ok, said in hosts.doctor_rows()}
    assert not rows["nuke"][0] and "menu.py is missing" in rows["nuke"][1]
    assert not rows["resolve"][0] and "interneg-resolve" in rows["resolve"][1]


def test_another_installations_plugin_is_told(tmp_path_factory, monkeypatch):
    hosts.install("nuke")
    hosts.install("resolve")
    monkeypatch.setattr(sys, "prefix", str(tmp_path_factory.mktemp("another")))
    rows = {name: (ok, said) for name, ok, said in hosts.doctor_rows()}
    assert not rows["nuke"][0] and not rows["resolve"][0]
    assert "run `interneg install nuke`" in rows["nuke"][1]


def test_the_wheel_carries_what_hosts_start():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    carried = project["tool"]["setuptools"]["data-files"]
    assert carried["share/interneg/nuke"] == ["plugins/nuke/init.py", "plugins/nuke/menu.py"]
    assert carried["share/interneg/resolve"] == ["plugins/resolve/Interneg.py"]
    assert all((ROOT / path).is_file() for paths in carried.values() for path in paths)


def test_the_files_of_a_wheel_are_found_in_the_environments_share(programs: Path, monkeypatch, tmp_path: Path):
    packages = tmp_path / "site-packages"
    (packages / "interneg_nuke").mkdir(parents=True)
    shared = programs.parent / "share" / "interneg" / "nuke"
    shared.mkdir(parents=True)
    (shared / "init.py").write_text("# of the wheel\n")
    monkeypatch.setattr("interneg_bridge.plugin_files.package_folder", lambda name: packages / name)
    from interneg_bridge.plugin_files import start_file

    assert start_file("nuke", "init.py").read_text() == "# of the wheel\n"
    with pytest.raises(RefusedError, match=r"menu\.py is missing"):
        start_file("nuke", "menu.py")
