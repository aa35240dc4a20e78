"""Names and arguments of Resolve's interface, held against what is published of it."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import json
import re
import sys
from pathlib import Path

import pytest

from hosts.resolve import pool, studio, timeline
from hosts.resolve.rules import HostObject, Rules
from hosts.resolve.table import METHODS, OPTIONAL, arity
from interneg_resolve import api, attach

ROOT = Path(__file__).resolve().parents[1]
PUBLISHED = ROOT.parent / "shared" / "hosts" / "resolve_api.json"
PACKAGE = ROOT / "plugins" / "resolve"
STAND_INS = {
    kind.__name__: kind
    for module in (pool, studio, timeline)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, HostObject) and kind is not HostObject
}
# From 21.1 on, asked for only where `dir()` has it.
NEWER = {"GetSpeed"}
VERBS = re.compile(r"(Add|Append|Copy(?!From)|Delete|Finalize|Get|Import|Open|Select|Set)[A-Z]")


def public_methods(kind: type) -> dict[str, inspect.Signature]:
    members = inspect.getmembers(kind, inspect.isfunction)
    return {name: inspect.signature(method) for name, method in members if not name.startswith("_")}


def takes(signature: inspect.Signature) -> tuple[int, int]:
    parameters = [each for name, each in signature.parameters.items() if name != "self"]
    return sum(each.default is inspect.Parameter.empty for each in parameters), len(parameters)


def calls() -> list[tuple[str, str, int]]:
    """Every call that is named as Resolve names its methods, as (file, method, arguments)."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and VERBS.match(node.func.attr):
                found.append((path.name, node.func.attr, len(node.args) + len(node.keywords)))
    return found


@pytest.mark.parametrize("kind", sorted(METHODS))
def test_what_is_used_takes_its_documented_arguments(kind):
    used = public_methods(getattr(api, kind))
    assert set(used) <= set(METHODS[kind])
    for name, signature in used.items():
        least, most = arity(kind, name)
        assert least <= takes(signature)[1] <= most, name


@pytest.mark.parametrize("kind", sorted(METHODS))
def test_stand_in_has_what_is_used_and_nothing_that_resolve_has_not(kind):
    stands = public_methods(STAND_INS[kind])
    assert set(public_methods(getattr(api, kind))) <= set(stands)
    for name, signature in stands.items():
        least, most = arity(kind, name)
        assert takes(signature)[0] <= most, name
        assert takes(signature)[1] <= most, name
        assert takes(signature)[0] >= min(least, takes(signature)[1]), name


def test_every_call_is_one_that_resolve_has():
    documented = {name for methods in METHODS.values() for name in methods}
    made = calls()
    assert len(made) > 50
    for file, name, count in made:
        assert name in documented, f"{file}: {name}"
        ranges = [arity(kind, name) for kind in METHODS if name in METHODS[kind]]
        assert any(least <= count <= most for least, most in ranges), f"{file}: {name} with {count}"


def test_hasattr_is_never_asked_of_resolve():
    names = {
        node.func.id
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert "hasattr" not in names
    assert hasattr(studio.Resolve(Rules()), "NoSuchMethod")
    assert not api.offers(studio.Resolve(Rules()), "NoSuchMethod")


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published list is not at hand")
def test_table_is_the_published_list():
    classes = json.loads(PUBLISHED.read_text())["classes"]
    for kind, methods in METHODS.items():
        published: dict[str, list[int]] = {}
        for entry in classes[kind]:
            published.setdefault(entry["name"], []).append(_count(entry["parameters"]))
        for name, (_, most) in methods.items():
            assert most in published[name], f"{kind}.{name}"
    assert not NEWER & {entry["name"] for entry in classes["TimelineItem"]}


def _count(parameters: str) -> int:
    """How many parameters a documented list has; what stands in brackets is one."""
    depth, commas = 0, 0
    for letter in parameters:
        depth += (letter in "[{(") - (letter in "]})")
        commas += letter == "," and depth == 0
    return commas + 1 if parameters.strip() else 0


def test_table_stands_in_the_published_stubs():
    spec = importlib.util.find_spec("fusionscript-stubs")
    folders = [Path(entry) / "fusionscript-stubs" / "fusionscript.pyi" for entry in sys.path]
    stubs = next((path for path in folders if path.exists()), None)
    if spec is None and stubs is None:
        pytest.skip("fusionscript-stubs are not installed")
    classes = {
        node.name: {each.name: each.args for each in node.body if isinstance(each, ast.FunctionDef)}
        for node in ast.parse(stubs.read_text()).body
        if isinstance(node, ast.ClassDef)
    }
    for kind, methods in METHODS.items():
        if kind not in classes:
            continue
        for name, (_, most) in methods.items():
            assert name in classes[kind], f"{kind}.{name}"
            assert most <= len(classes[kind][name].args) - 1 or (kind, name) in OPTIONAL, f"{kind}.{name}"


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_default_places_are_resolves_own(platform):
    folder, library = attach.places(platform, {"PROGRAMDATA": r"D:\Data", "PROGRAMFILES": r"C:\Program Files"})
    assert folder.replace("\\", "/").endswith("Developer/Scripting")
    assert "fusionscript" in library


@pytest.fixture
def no_module(monkeypatch, tmp_path):
    monkeypatch.delitem(sys.modules, attach.MODULE, raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path))
    monkeypatch.setenv("RESOLVE_SCRIPT_LIB", str(tmp_path / "fusionscript.so"))
    (tmp_path / "Modules").mkdir()
    yield tmp_path / "Modules"
    sys.modules.pop(attach.MODULE, None)


@pytest.mark.parametrize("source", [None, "raise ImportError('fusionscript')", "def scriptapp(name): return None"])
def test_absent_resolve_is_told_with_what_to_do(no_module, source):
    if source is not None:
        (no_module / f"{attach.MODULE}.py").write_text(source + "\n")
    with pytest.raises(attach.AttachError, match=r"Install DaVinci Resolve Studio|External scripting"):
        attach.attach()


def test_running_resolve_is_attached_to(no_module):
    (no_module / f"{attach.MODULE}.py").write_text(
        "from hosts.resolve.rules import Rules\nfrom hosts.resolve import studio\n"
        "def scriptapp(name): return studio.scriptapp(Rules(), name)\n"
    )
    assert attach.attach().GetProductName() == "DaVinci Resolve Studio"
