"""Settings: site TOML < show TOML < environment < flags; the only reader of the environment."""

import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import Field, PrivateAttr, ValidationError, field_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from interneg.errors import RequestError

_GIBIBYTE_BYTES = 2**30

# Reads A012_C003, A003C001, sc12_tk03, 12A-3, setup01_take02.
_SLATE_PATTERN = (
    r"(?i)(?<![a-z0-9])(?:(?:scene|setup|shot|sc|sh)[ _-]?)?"
    r"(?P<setup>(?P<camera>[a-z](?=\d{3}))?\d+[a-z]*?)"
    r"(?:[ _-]+|(?=[ct]\d))(?:take|clip|tk|c|t)?[ _-]?(?P<take>\d+)(?![0-9])"
)

_FOREIGN_VARIABLES = ("INTERNEG_SITE_TOML", "INTERNEG_BRIDGE")  # read by other parts than the fields below


def _default_home() -> Path:
    """The user's data folder for Interneg."""
    data = os.environ.get("XDG_DATA_HOME", "")
    base = Path(data) if Path(data).is_absolute() else Path.home() / ".local" / "share"
    return base / "interneg"


def _ocio_variable() -> str | None:
    """The studio's `OCIO`, where it is set and not empty."""
    return os.environ.get("OCIO") or None


class Settings(BaseSettings):
    """How this installation runs: where it keeps its data, who may reach it, what it may use."""

    model_config = SettingsConfigDict(env_prefix="INTERNEG_", frozen=True, extra="forbid", env_ignore_empty=True)

    home: Path = Field(default_factory=_default_home)
    ocio: str | None = Field(default_factory=_ocio_variable)
    slate_pattern: str = _SLATE_PATTERN
    settle_seconds: float = Field(2.0, gt=0, le=3600)
    quiet_seconds: float = Field(60.0, gt=0, le=86400)
    tcp_address: str | None = None
    tcp_token: str | None = Field(None, repr=False, min_length=8)
    tcp_certificate: Path | None = None
    tcp_key: Path | None = None
    roots: tuple[Path, ...] = ()
    path_map: tuple[tuple[str, str], ...] = ()
    memory_budget_bytes: int = Field(4 * _GIBIBYTE_BYTES, gt=0)
    learning_memory_bytes: int = Field(2 * _GIBIBYTE_BYTES, gt=0)
    threads: int | None = Field(None, ge=1, le=1024)
    device: Literal["auto", "cpu", "cuda"] = "auto"

    _sources: dict[str, str] = PrivateAttr(default_factory=dict)

    @field_validator("home", "tcp_certificate", "tcp_key", "roots", mode="after")
    @classmethod
    def _absolute(cls, value: Path | tuple[Path, ...] | None) -> Path | tuple[Path, ...] | None:
        if isinstance(value, tuple):
            return tuple(path.expanduser().absolute() for path in value)
        return value.expanduser().absolute() if value is not None else None

    @field_validator("slate_pattern")
    @classmethod
    def _names_setup_and_take(cls, value: str) -> str:
        try:
            groups = re.compile(value).groupindex
        except re.error as error:
            raise ValueError(f"not a regular expression ({error})") from error
        if not {"setup", "take"} <= set(groups):
            raise ValueError("needs the groups (?P<setup>...) and (?P<take>...)")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags and the environment; the TOML files come in through `load_settings`."""
        return init_settings, env_settings

    @property
    def run_folder(self) -> Path:
        """Where the socket and the lock lie."""
        return self.home / "run"

    @property
    def socket_path(self) -> Path:
        """The daemon's Unix socket."""
        return self.run_folder / "interneg.sock"

    @property
    def log_path(self) -> Path:
        """The daemon's log."""
        return self.home / "log" / "daemon.log"

    @property
    def analysis_folder(self) -> Path:
        """Where what the networks say of frames is kept; it may be deleted at any time."""
        return self.home / "analysis"

    @property
    def productions_folder(self) -> Path:
        """Where the productions lie."""
        return self.home / "productions"


def load_settings(show: str | None = None, **flags: object) -> Settings:
    """The settings in force, for one show where one is named.

    Convention: flags that are None were not given.

    Raises:
        RequestError: a file that is not TOML, a key that is not known, or a value that is out of place.
    """
    given = {key: value for key, value in flags.items() if value is not None}
    environment = _environment()
    home = _validated({**environment, **given}).home
    layers: list[tuple[str, Mapping[str, object]]] = [_toml(_site_toml(home))]
    if show is not None:
        layers.append(_toml(home / "productions" / show / "show.toml"))
    layers += [("environment", environment), ("flags", given)]
    merged = {key: value for _, layer in layers for key, value in layer.items()}
    settings = _validated(merged)
    settings._sources.update({key: source for source, layer in layers for key in layer})
    return settings


def effective(settings: Settings) -> list[tuple[str, str, str]]:
    """Every setting as (key, value, where it comes from); then the variables that look like settings but are none."""
    shown = [(key, _shown(key, getattr(settings, key)), _source(settings, key)) for key in Settings.model_fields]
    known = {f"INTERNEG_{key.upper()}" for key in Settings.model_fields} | set(_FOREIGN_VARIABLES)
    strays = sorted(key for key in os.environ if key.startswith("INTERNEG_") and key not in known)
    return shown + [(key, os.environ[key], "environment, not a setting: ignored") for key in strays]


def _source(settings: Settings, key: str) -> str:
    """Where a value comes from, in words."""
    return settings._sources.get(key, "default")


def _shown(key: str, value: object) -> str:
    """A value as doctor may print it; the token never."""
    if key == "tcp_token":
        return "(set)" if value else "(not set)"
    return "" if value is None else str(value)


def _site_toml(home: Path) -> Path:
    """The site's file."""
    named = os.environ.get("INTERNEG_SITE_TOML")
    return Path(named).expanduser() if named else home / "site.toml"


def _environment() -> dict[str, object]:
    """The values of `INTERNEG_*`, and `OCIO` where no `INTERNEG_OCIO` stands above it."""
    values = dict(EnvSettingsSource(Settings)())
    if "ocio" not in values and (ocio := _ocio_variable()):
        values["ocio"] = ocio
    return values


def _toml(path: Path) -> tuple[str, dict[str, object]]:
    """One file's values under its name; nothing where there is no such file."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return str(path), {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RequestError(f"settings {path}: cannot be read ({error}); correct the file") from error
    if "home" in values:
        raise RequestError(f"settings {path}: home = {values['home']!r} cannot be set in a file; set INTERNEG_HOME")
    return str(path), values


def _validated(values: Mapping[str, object]) -> Settings:
    """The settings made of these values, the first fault told in plain words."""
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        fault = error.errors()[0]
        key = str(fault["loc"][0]) if fault["loc"] else "?"
        if fault["type"] == "extra_forbidden":
            near = get_close_matches(key, Settings.model_fields, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(Settings.model_fields)}"
            raise RequestError(f"setting {key}: there is no such setting; {hint}") from error
        shown = _shown(key, fault["input"])
        raise RequestError(f"setting {key} = {shown}: {fault['msg']}; give another value") from error
