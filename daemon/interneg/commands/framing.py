"""What an artist says of a framing: numbers within their range, and keys in a file."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from interneg.errors import RequestError
from interneg_bridge import controls
from interneg_proto.v1 import plate_pb2

_EXAMPLE = '{"frames": {"1001": {"punch_in": 1.1, "pan": 0.02, "tilt": 0, "roll_degrees": 0}}}'


class _Key(BaseModel):
    """One key, as the file has it."""

    model_config = ConfigDict(extra="forbid")

    punch_in: float = 1.0
    pan: float = 0.0
    tilt: float = 0.0
    roll_degrees: float = 0.0


class _Keys(BaseModel):
    """The file of `--keys`."""

    model_config = ConfigDict(extra="forbid")

    frames: dict[int, _Key] = Field(min_length=1)


def check_number(control: controls.NumberControl, value: float) -> None:
    """Passes where the control may have that value.

    Raises:
        RequestError: it may not.
    """
    fault = control.fault(value)
    if fault:
        raise RequestError(fault)


def keys_from_file(name: str) -> list[plate_pb2.FramingKey]:
    """The framing's keys, ascending by frame.

    Raises:
        RequestError: the file cannot be read, is not of the form, or a value is out of its range.
    """
    try:
        keys = _Keys.model_validate_json(Path(name).read_bytes())
    except OSError as error:
        raise RequestError(f"--keys {name}: cannot be read ({error.strerror}); name a JSON file") from error
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise RequestError(f"--keys {name}: {place or 'the file'}: {fault['msg']}; the form is {_EXAMPLE}") from error
    return [_message_from_key(frame, keys.frames[frame]) for frame in sorted(keys.frames)]


def checked(key: plate_pb2.FramingKey) -> plate_pb2.FramingKey:
    """The key, whose values are all within their ranges.

    Raises:
        RequestError: one is not.
    """
    for control in (controls.PUNCH_IN, controls.PAN, controls.TILT, controls.ROLL_DEGREES):
        check_number(control, getattr(key, control.name))
    return key


def _message_from_key(frame: int, key: _Key) -> plate_pb2.FramingKey:
    """One key of the file."""
    try:
        return checked(plate_pb2.FramingKey(frame=frame, **key.model_dump()))
    except (RequestError, ValueError) as error:
        raise RequestError(f"the key at frame {frame}: {error}") from error
