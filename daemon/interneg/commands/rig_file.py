"""A rig as an artist writes it: TOML in, TOML out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from interneg.commands.dailies import absolute
from interneg.errors import RequestError
from interneg_proto.v1 import light_pb2

_EXAMPLE = '[[lamps]] name = "key", azimuth_degrees = -60, exposure_stops = { 1001 = 0, 1048 = -2 }'
_OFF = "off"
_OFF_STOPS = -20.0
_TRACKS = (
    "azimuth_degrees",
    "elevation_degrees",
    "exposure_stops",
    "cct_kelvin",
    "angular_diameter_degrees",
    "distance",
)

_KINDS = ("float", "str", "dict[int,union[float,str]]", "[key]")  # of what pydantic tried; no place in a file

Value = float | str
Keyed = Value | dict[int, Value]


class _AsShot(BaseModel):
    """A part of the light as shot, as the file has it."""

    model_config = ConfigDict(extra="forbid")

    exposure_stops: Keyed | None = None
    cct_kelvin: Keyed | None = None


class _Lamp(BaseModel):
    """A lamp, as the file has it."""

    model_config = ConfigDict(extra="forbid")

    name: str
    azimuth_degrees: Keyed | None = None
    elevation_degrees: Keyed | None = None
    exposure_stops: Keyed | None = None
    cct_kelvin: Keyed | None = None
    rgb: tuple[float, float, float] | None = None
    angular_diameter_degrees: Keyed | None = None
    distance: Keyed | None = None
    matte: str = ""
    matte_channel: str = ""


class _Rig(BaseModel):
    """The file of `--rig`."""

    model_config = ConfigDict(extra="forbid")

    as_shot_key: _AsShot = Field(default_factory=_AsShot)
    as_shot_rest: _AsShot = Field(default_factory=_AsShot)
    lamps: list[_Lamp] = Field(default_factory=list)
    reference_frame: int | None = None
    limit_stops: float | None = None


def rig_from_file(name: str) -> light_pb2.LightRig:
    """The rig in that file.

    Convention: a value is a number or a table of numbers by frame; `exposure_stops` may be "off". Mattes are found from
        where the command is run, as all paths are.

    Raises:
        RequestError: the file cannot be read, or is not of the form.
    """
    try:
        rig = _Rig.model_validate(tomllib.loads(Path(name).read_text(encoding="utf-8")))
    except OSError as error:
        raise RequestError(f"--rig {name}: cannot be read ({error.strerror}); name a TOML file") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RequestError(f"--rig {name}: is no TOML ({error}); the form is {_EXAMPLE}") from error
    except ValidationError as error:
        raise RequestError(f"--rig {name}: {_fault(error)}; the form is {_EXAMPLE}") from error
    message = light_pb2.LightRig(reference_frame=rig.reference_frame, limit_stops=rig.limit_stops)
    for part, told in ((rig.as_shot_key, message.as_shot_key), (rig.as_shot_rest, message.as_shot_rest)):
        set_track(told.exposure_stops, part.exposure_stops, f"--rig {name}: exposure_stops")
        set_track(told.cct_kelvin, part.cct_kelvin, f"--rig {name}: cct_kelvin")
    for lamp in rig.lamps:
        _add_lamp(message, lamp, f"--rig {name}: lamp {lamp.name}: ")
    return message


def _fault(error: ValidationError) -> str:
    """The first thing that is wrong with a rig, by its place in the file."""
    fault = error.errors()[0]
    loc = [part for part in fault["loc"] if part not in _KINDS]
    place = ".".join(str(part) for part in loc)
    if fault["type"] == "extra_forbidden":
        parts: dict[object, type[BaseModel]] = {"lamps": _Lamp, "as_shot_key": _AsShot, "as_shot_rest": _AsShot}
        known = parts.get(loc[0], _Rig) if len(loc) > 1 else _Rig
        return f"{place} is unknown; there are {', '.join(known.model_fields)}"
    if isinstance(fault["input"], dict) and not all(str(frame).lstrip("-").isdecimal() for frame in fault["input"]):
        return f"{place} has keys {', '.join(map(str, fault['input']))}; frames are whole numbers"
    return f"{place}: {fault['msg']}"


def set_track(track: light_pb2.Track, value: Keyed | None, where: str) -> None:
    """Gives the track that value; none leaves it absent.

    Raises:
        RequestError: a word that is no number stands there, or a table without a key.
    """
    if value is None:
        return
    keys: Mapping[int, Value] = value if isinstance(value, dict) else {0: value}
    if not keys:
        raise RequestError(f"{where}: has no key; give a number, or numbers by frame such as {{ 1001 = 0 }}")
    for frame in sorted(keys):
        track.keys.add(frame=frame, value=_number(keys[frame], where))


def toml_from_rig(rig: light_pb2.LightRig) -> str:
    """The rig as text that `--rig` reads."""
    lines: list[str] = []
    if rig.HasField("reference_frame"):
        lines.append(f"reference_frame = {rig.reference_frame}")
    if rig.HasField("limit_stops"):
        lines.append(f"limit_stops = {rig.limit_stops:g}")
    for name, part in (("as_shot_key", rig.as_shot_key), ("as_shot_rest", rig.as_shot_rest)):
        lines += ["", f"[{name}]", *_said(part, ("exposure_stops", "cct_kelvin"))]
    for lamp in rig.lamps:
        lines += ["", "[[lamps]]", f'name = "{lamp.name}"', *_said(lamp, _TRACKS)]
        if lamp.HasField("rgb"):
            lines.append(f"rgb = [{lamp.rgb.red:.4g}, {lamp.rgb.green:.4g}, {lamp.rgb.blue:.4g}]")
    return "\n".join(lines).lstrip() + "\n"


def _add_lamp(message: light_pb2.LightRig, lamp: _Lamp, where: str) -> None:
    told = message.lamps.add(name=lamp.name)
    for name in _TRACKS:
        set_track(getattr(told, name), getattr(lamp, name), where + name)
    if lamp.rgb is not None:
        told.rgb.red, told.rgb.green, told.rgb.blue = lamp.rgb
    if lamp.matte:
        told.matte.path, told.matte.channel = absolute(lamp.matte), lamp.matte_channel


def _said(part: light_pb2.AsShotLight | light_pb2.Lamp, names: tuple[str, ...]) -> list[str]:
    lines = []
    for name in names:
        keys = getattr(part, name).keys
        if len(keys) == 1:
            lines.append(f"{name} = {keys[0].value:.5g}")
        elif keys:
            lines.append(f"{name} = {{ {', '.join(f'{key.frame} = {key.value:.5g}' for key in keys)} }}")
    return lines


def _number(value: Value, where: str) -> float:
    """The number that was meant; `off` is as many stops as put a light out."""
    if isinstance(value, str) and value.strip().lower() == _OFF:
        if where.endswith("stops"):
            return _OFF_STOPS
        raise RequestError(f"{where} is off: only stops can be; give a number")
    try:
        return float(value)
    except ValueError as error:
        raise RequestError(f"{where} is {value!r}; give a number") from error
