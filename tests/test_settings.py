"""Settings: which layer wins, and what is said of a wrong one."""

import re
from pathlib import Path

import pytest

from interneg.errors import RequestError
from interneg.settings import Settings, effective, load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for key in [key for key in os.environ if key.startswith("INTERNEG_") or key == "OCIO"]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_home_is_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().home == tmp_path / "data" / "interneg"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert load_settings().home == Path.home() / ".local" / "share" / "interneg"
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/ignored")
    assert load_settings().home == Path.home() / ".local" / "share" / "interneg"
    monkeypatch.setenv("INTERNEG_HOME", str(tmp_path / "other"))
    settings = load_settings()
    assert settings.socket_path == tmp_path / "other" / "run" / "interneg.sock"
    assert settings.log_path == tmp_path / "other" / "log" / "daemon.log"
    assert settings.productions_folder == tmp_path / "other" / "productions"


def test_each_layer_lies_over_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "data" / "interneg"
    assert load_settings("show").settle_seconds == 2.0
    put(home / "site.toml", "settle_seconds = 3.0\nthreads = 3\n")
    assert load_settings("show").settle_seconds == 3.0
    put(home / "productions" / "show" / "show.toml", "settle_seconds = 4.0\n")
    assert (load_settings("show").settle_seconds, load_settings().settle_seconds) == (4.0, 3.0)
    monkeypatch.setenv("INTERNEG_SETTLE_SECONDS", "5")
    assert load_settings("show").settle_seconds == 5.0
    settings = load_settings("show", settle_seconds=6.0, device=None)
    assert settings.settle_seconds == 6.0
    sources = {key: source for key, _, source in effective(settings)}
    assert sources["settle_seconds"] == "flags"
    assert sources["threads"].endswith("site.toml")
    assert sources["device"] == "default"


def test_the_site_file_may_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "site.toml", 'roots = ["/show"]\npath_map = [["P:/", "/mnt/p/"]]\n')
    monkeypatch.setenv("INTERNEG_SITE_TOML", str(tmp_path / "site.toml"))
    settings = load_settings()
    assert settings.roots == (Path("/show"),)
    assert settings.path_map == (("P:/", "/mnt/p/"),)


def test_the_ocio_variable_is_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().ocio is None
    put(tmp_path / "data" / "interneg" / "site.toml", 'ocio = "site.ocio"')
    assert load_settings().ocio == "site.ocio"
    monkeypatch.setenv("OCIO", "studio.ocio")
    assert load_settings().ocio == Settings().ocio == "studio.ocio"
    monkeypatch.setenv("OCIO", "")
    assert load_settings().ocio == "site.ocio"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("setle_seconds = 2", "did you mean settle_seconds?"),
        ("settle_seconds = -1", "settle_seconds = -1"),
        ("settle_seconds = ", "cannot be read"),
        ("home = '/elsewhere'", "set INTERNEG_HOME"),
        ("slate_pattern = '('", "not a regular expression"),
        ("slate_pattern = '(?P<setup>.)'", "needs the groups"),
        ("device = 'tpu'", "device = tpu"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, told: str) -> None:
    put(tmp_path / "data" / "interneg" / "site.toml", text)
    with pytest.raises(RequestError, match=re.escape(told)):
        load_settings()


def test_the_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(tcp_token="a secret of some length")
    assert "secret" not in repr(settings)
    assert "secret" not in str(effective(settings))
    with pytest.raises(RequestError) as told:
        load_settings(tcp_token="short")
    assert "short" not in str(told.value).replace("shorter", "")


def test_a_stray_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERNEG_SETLE_SECONDS", "1")
    assert ("INTERNEG_SETLE_SECONDS", "1", "environment, not a setting: ignored") in effective(load_settings())


@pytest.mark.parametrize(
    ("name", "setup", "take"),
    [
        ("A012_C003", "A012", "003"),
        ("A003C001_210101_R1AB", "A003", "001"),
        ("sc12_tk03", "12", "03"),
        ("12A-3", "12A", "3"),
        ("setup01_take02", "01", "02"),
        ("show_sc12b_t4", "12b", "4"),
    ],
)
def test_the_default_slate_pattern_reads_usual_names(name: str, setup: str, take: str) -> None:
    found = re.search(Settings().slate_pattern, name)
    assert found is not None
    assert (found["setup"], found["take"]) == (setup, take)
