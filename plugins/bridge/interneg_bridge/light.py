"""A rig as hosts have it, a value a control and frame, as the wire's tracks."""

from __future__ import annotations

from collections.abc import Mapping

from interneg_bridge.controls import RELIGHT
from interneg_bridge.errors import RequestError
from interneg_proto.v1 import light_pb2

Keys = Mapping[int, Mapping[str, float]]

LAMPS = ("key", "fill", "rim")
AS_SHOT = ("as_shot_key", "as_shot_rest")
_FIELDS = {"stops": "exposure_stops", "cct": "cct_kelvin"}
_LAMP_FIELDS = {
    "azimuth": "azimuth_degrees",
    "elevation": "elevation_degrees",
    "softness": "angular_diameter_degrees",
    **_FIELDS,
}
_OFF_STOPS = -20.0
_OWN_KELVIN = 0.0  # how a control says: the light's own colour


def rig_from_keys(keys: Keys) -> light_pb2.LightRig:
    """The rig whose controls have those values by frame; what a key leaves out is neutral.

    Convention: a lamp that is off on every frame is left out; a value that never changes is one key.

    Raises:
        RequestError: a name is no number of a relight, or a colour temperature is given on some frames only.
    """
    known = {control.name for control in RELIGHT.numbers}
    strange = sorted({name for key in keys.values() for name in key} - known)
    if strange:
        raise RequestError(f"{strange[0]} is no number of a relight: known are {', '.join(sorted(known))}")
    rig = light_pb2.LightRig()
    for name in AS_SHOT:
        _set(getattr(rig, name), name, _FIELDS, keys)
    for name in LAMPS:
        if any(value > _OFF_STOPS for value in _values(f"{name}_stops", keys).values()):
            _set(rig.lamps.add(name=name), name, _LAMP_FIELDS, keys)
    return rig


def _set(part: light_pb2.AsShotLight | light_pb2.Lamp, name: str, fields: Mapping[str, str], keys: Keys) -> None:
    for short, field in fields.items():
        values = _values(f"{name}_{short}", keys)
        if short == "cct" and not _is_given(f"{name}_{short}", values):
            continue
        if len(set(values.values())) == 1:
            values = dict([min(values.items())])
        track = getattr(part, field)
        for frame, value in sorted(values.items()):
            track.keys.add(frame=frame, value=value)


def _values(name: str, keys: Keys) -> dict[int, float]:
    neutral = next(control.neutral for control in RELIGHT.numbers if control.name == name)
    return {frame: float(key.get(name, neutral)) for frame, key in keys.items()}


def _is_given(name: str, kelvin: Mapping[int, float]) -> bool:
    """Whether a light has a colour temperature of its own."""
    own = [frame for frame, value in kelvin.items() if value == _OWN_KELVIN]
    if own and len(own) < len(kelvin):
        given = next(frame for frame, value in kelvin.items() if value != _OWN_KELVIN)
        raise RequestError(
            f"{name} is 0 on frame {own[0]} and {kelvin[given]:g} on frame {given}: give a colour temperature on every "
            "frame, or on none"
        )
    return not own
