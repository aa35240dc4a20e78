"""The Nuke package, played through on the stand-in by every Python that a Nuke may ship."""

import ast
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOSTS = ROOT / "tests" / "hosts"
PACKAGE = ROOT / "plugins" / "nuke" / "interneg_nuke"
PLAYS = ("nuke_rules.py", "nuke_terminal.py", "nuke_window.py", "nuke_relight.py")
SCENARIOS = [name for play in PLAYS for name in re.findall(r"(?m)^def scenario_(\w+)", (HOSTS / play).read_text())]


def pythons() -> dict[str, str]:
    """Every Python from 3.9 to 3.14 on this machine, free of this environment's packages."""
    found = {}
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in range(9, 15):
        candidates = [str(path) for path in sorted(pyenv.glob(f"3.{minor}.*/bin/python3.{minor}"))]
        candidates.append(shutil.which(f"python3.{minor}", path=_path_without_shims()) or "")
        if sys.version_info[:2] == (3, minor):
            candidates.append(getattr(sys, "_base_executable", sys.executable))
        found.update({f"3.{minor}": candidate for candidate in candidates if candidate})
    return found


def _path_without_shims() -> str:
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not folder.endswith("shims") and ".venv" not in folder)


PYTHONS = pythons()


@pytest.fixture(scope="session")
def played(tmp_path_factory):
    """What came of every scenario under each Python; all play at once, as they mostly wait."""
    runs = {version: _play(version, tmp_path_factory.mktemp(f"nuke-{version}")) for version in PYTHONS}
    outcomes = {}
    for version, run in runs.items():
        lines, complaints = run.communicate(timeout=300)
        assert run.returncode == 0, complaints[-3000:]
        outcomes[version] = {outcome["name"]: outcome["fault"] for outcome in map(json.loads, lines.splitlines())}
    return outcomes


def _play(version: str, folder: Path) -> subprocess.Popen[str]:
    bridge = folder / "interneg-bridge"
    bridge.write_text(f"#!/bin/sh\nPYTHONPATH='{HOSTS}' exec '{PYTHONS[version]}' '{HOSTS / 'fake_bridge.py'}'\n")
    bridge.chmod(0o755)
    search = os.pathsep.join(map(str, (HOSTS, PACKAGE.parent, ROOT / "plugins" / "bridge")))
    environment = {"PYTHONPATH": search, "INTERNEG_BRIDGE": str(bridge), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"PATH": os.environ["PATH"], "HOME": str(folder)}
    command = [PYTHONS[version], str(HOSTS / "nuke_play.py"), str(folder)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_in_nuke(played, version: str, scenario: str):
    assert played[version][scenario] == ""


def test_a_python_was_found():
    assert PYTHONS, "no Python from 3.9 to 3.14 was found"


@pytest.mark.parametrize("path", sorted(PACKAGE.parent.rglob("*.py")), ids=lambda path: path.name)
def test_every_file_parses_as_python_3_9_and_imports_the_standard_library_only(path: Path):
    tree = ast.parse(path.read_text(), feature_version=(3, 9))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in imports if isinstance(node, ast.ImportFrom) and not node.level}
    outside = {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names}
    assert outside <= {"nuke", "interneg_bridge.controls", "interneg_nuke.buttons"}


class Stubs:
    """The published signatures of `nuke`: types-nuke's .pyi files."""

    def __init__(self):
        folder = next(Path(entry) / "nuke-stubs" for entry in sys.path if (Path(entry) / "nuke-stubs").is_dir())
        self.functions: dict[str, list[ast.FunctionDef]] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.constants: set[str] = set()
        for path in folder.glob("*.pyi"):
            for node in ast.parse(path.read_text()).body:
                self._take(node)

    def _take(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef):
            self.functions.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.ClassDef):
            self.classes[node.name] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            self.constants.add(node.target.id)

    def __contains__(self, name: str) -> bool:
        return name in self.functions or name in self.classes or name in self.constants

    def methods(self, name: str) -> dict[str, list[ast.FunctionDef]]:
        """The methods of a class, those of its bases included."""
        node = self.classes[name]
        found: dict[str, list[ast.FunctionDef]] = {}
        for base in node.bases:
            found.update(self.methods(base.id) if isinstance(base, ast.Name) and base.id in self.classes else {})
        own: dict[str, list[ast.FunctionDef]] = {}
        for member in node.body:
            if isinstance(member, ast.FunctionDef):
                own.setdefault(member.name, []).append(member)
        return found | own


STUBS = Stubs()


def _arities(call, functions: list[ast.FunctionDef]) -> tuple[set[int], set[int] | None]:
    """How many arguments the stand-in takes, and how many the published signatures take; None: they do not say."""
    ours = [p for p in inspect.signature(call).parameters.values() if p.name != "self"]
    published: set[int] = set()
    for function in functions:
        if function.args.vararg:
            return set(), None
        named = [argument.arg for argument in function.args.args if argument.arg not in ("self", "cls")]
        published |= set(range(len(named) - len(function.args.defaults), len(named) + 1))
    required = [p for p in ours if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    return set(range(len(required), len(ours) + 1)), published


def _agrees(call, functions: list[ast.FunctionDef]) -> bool:
    """Whether every way to call the stand-in is a way to call Nuke; by position, as its keywords change by version."""
    ours, published = _arities(call, functions)
    return published is None or ours <= published


def _stand_in() -> tuple[dict[str, object], dict[str, dict[str, object]]]:
    """The stand-in's functions and classes with their methods, loaded beside whatever else is called nuke."""
    program = (
        "import inspect, json, nuke\n"
        "members = {n: getattr(nuke, n) for n in nuke.__all__}\n"
        "classes = {n: [m for m, f in inspect.getmembers(c, inspect.isfunction) if not m.startswith('_')]"
        " for n, c in members.items() if inspect.isclass(c)}\n"
        "print(json.dumps([sorted(members), classes]))"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(HOSTS)}, capture_output=True, text=True, check=True
    )
    names, classes = json.loads(out.stdout)
    return names, classes


NAMES, CLASSES = _stand_in()


@pytest.fixture(scope="module")
def stand_in(monkeypatch_module):
    monkeypatch_module.syspath_prepend(str(HOSTS))
    import nuke

    return nuke


@pytest.fixture(scope="module")
def monkeypatch_module():
    patch = pytest.MonkeyPatch()
    kept = dict(sys.modules)
    yield patch
    patch.undo()
    for name in set(sys.modules) - set(kept):
        if name.partition(".")[0] in ("nuke", "plain_exr"):
            del sys.modules[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_stand_in_has_only_what_nuke_publishes(stand_in, name: str):
    assert name in STUBS or name in ("scriptOpen", "nodes"), f"nuke has no {name}"
    member = getattr(stand_in, name)
    if inspect.isfunction(member):
        assert _agrees(member, STUBS.functions[name]), f"nuke.{name}{inspect.signature(member)}"


@pytest.mark.parametrize("name", [(c, m) for c, methods in CLASSES.items() for m in methods], ids=".".join)
def test_the_stand_ins_methods_are_nukes(stand_in, name: tuple[str, str]):
    of_class, method = name
    published = STUBS.methods(of_class)
    if of_class == "Root" and method == "current_frame":
        pytest.skip("the stand-in's own")
    assert method in published, f"nuke.{of_class} has no {method}"
    assert _agrees(getattr(getattr(stand_in, of_class), method), published[method]), name


def _attributes_of_nuke(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    owned = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    return {node.attr for node in owned if isinstance(node.value, ast.Name) and node.value.id == "nuke"}


@pytest.mark.parametrize("path", sorted(PACKAGE.parent.rglob("*.py")), ids=lambda path: path.name)
def test_every_call_of_the_package_is_published_and_stood_in(stand_in, path: Path):
    for name in _attributes_of_nuke(path):
        assert name in STUBS or name == "nodes", f"nuke has no {name}"
        assert hasattr(stand_in, name), f"the stand-in has no {name}"
