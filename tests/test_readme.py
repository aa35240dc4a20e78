"""What the pages promise is what the code does: commands, options, settings, links."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from interneg.cli import build
from interneg.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINES = sorted(set(re.findall(r"^interneg [a-z].*$", README, re.MULTILINE)))


def _fault(line: str) -> str:
    """What is wrong with a command line of the page; empty where nothing is."""
    command = typer.main.get_command(build())
    words = shlex.split(line)[1:]
    while words and hasattr(command, "commands"):
        word = words.pop(0)
        if word not in command.commands:
            return f"there is no verb {word}"
        command = command.commands[word]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    return ", ".join(word for word in words if word.startswith("--") and word not in known)


@pytest.mark.parametrize("line", LINES)
def test_a_command_in_the_readme_is_one_of_ours(line: str):
    assert not _fault(line)


def test_a_command_that_is_none_is_found():
    assert len(LINES) > 10
    assert _fault("interneg dailies sell SHOW") and _fault("interneg clean SHOW --plat p.####.exr")


def test_every_setting_stands_in_the_readme_and_no_other():
    table = README.partition("| setting |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(Settings.model_fields)


@pytest.mark.parametrize("name", ["settle_seconds", "memory_budget_bytes", "device"])
def test_a_default_in_the_readme_is_the_default(name: str):
    told = re.search(rf"^\| `{name}` \| `?([^|`]+?)`? \|", README, re.MULTILINE)
    assert told and told[1] == str(Settings.model_fields[name].default).removesuffix(".0")


def test_the_site_file_in_the_readme_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from interneg.settings import load_settings

    (tmp_path / "site.toml").write_text(re.findall(r"```toml\n(# site.toml.*?)```", README, re.DOTALL)[0])
    monkeypatch.setenv("INTERNEG_HOME", str(tmp_path))
    settings = load_settings()
    assert settings.path_map == (("S:/", "/shows/"),) and settings.roots == (Path("/shows"),)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (page.parent / target).exists()]
