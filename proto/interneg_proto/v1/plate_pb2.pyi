from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FrameRange(_message.Message):
    __slots__ = ("first_frame", "last_frame")
    FIRST_FRAME_FIELD_NUMBER: _ClassVar[int]
    LAST_FRAME_FIELD_NUMBER: _ClassVar[int]
    first_frame: int
    last_frame: int
    def __init__(self, first_frame: _Optional[int] = ..., last_frame: _Optional[int] = ...) -> None: ...

class PlateRange(_message.Message):
    __slots__ = ("path", "frames", "colourspace")
    PATH_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    COLOURSPACE_FIELD_NUMBER: _ClassVar[int]
    path: str
    frames: FrameRange
    colourspace: str
    def __init__(self, path: _Optional[str] = ..., frames: _Optional[_Union[FrameRange, _Mapping]] = ..., colourspace: _Optional[str] = ...) -> None: ...

class Output(_message.Message):
    __slots__ = ("path",)
    PATH_FIELD_NUMBER: _ClassVar[int]
    path: str
    def __init__(self, path: _Optional[str] = ...) -> None: ...

class Matte(_message.Message):
    __slots__ = ("path", "channel", "grow_pixels")
    PATH_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    GROW_PIXELS_FIELD_NUMBER: _ClassVar[int]
    path: str
    channel: str
    grow_pixels: float
    def __init__(self, path: _Optional[str] = ..., channel: _Optional[str] = ..., grow_pixels: _Optional[float] = ...) -> None: ...

class FindWires(_message.Message):
    __slots__ = ("sensitivity",)
    SENSITIVITY_FIELD_NUMBER: _ClassVar[int]
    sensitivity: float
    def __init__(self, sensitivity: _Optional[float] = ...) -> None: ...

class Clean(_message.Message):
    __slots__ = ("matte", "find_wires", "from_take", "clean_plate", "anchors", "performers", "grain")
    MATTE_FIELD_NUMBER: _ClassVar[int]
    FIND_WIRES_FIELD_NUMBER: _ClassVar[int]
    FROM_TAKE_FIELD_NUMBER: _ClassVar[int]
    CLEAN_PLATE_FIELD_NUMBER: _ClassVar[int]
    ANCHORS_FIELD_NUMBER: _ClassVar[int]
    PERFORMERS_FIELD_NUMBER: _ClassVar[int]
    GRAIN_FIELD_NUMBER: _ClassVar[int]
    matte: Matte
    find_wires: FindWires
    from_take: str
    clean_plate: str
    anchors: _containers.RepeatedCompositeFieldContainer[FrameRange]
    performers: Matte
    grain: float
    def __init__(self, matte: _Optional[_Union[Matte, _Mapping]] = ..., find_wires: _Optional[_Union[FindWires, _Mapping]] = ..., from_take: _Optional[str] = ..., clean_plate: _Optional[str] = ..., anchors: _Optional[_Iterable[_Union[FrameRange, _Mapping]]] = ..., performers: _Optional[_Union[Matte, _Mapping]] = ..., grain: _Optional[float] = ...) -> None: ...

class Wires(_message.Message):
    __slots__ = ("find", "overlay_path")
    FIND_FIELD_NUMBER: _ClassVar[int]
    OVERLAY_PATH_FIELD_NUMBER: _ClassVar[int]
    find: FindWires
    overlay_path: str
    def __init__(self, find: _Optional[_Union[FindWires, _Mapping]] = ..., overlay_path: _Optional[str] = ...) -> None: ...

class FramingKey(_message.Message):
    __slots__ = ("frame", "punch_in", "pan", "tilt", "roll_degrees")
    FRAME_FIELD_NUMBER: _ClassVar[int]
    PUNCH_IN_FIELD_NUMBER: _ClassVar[int]
    PAN_FIELD_NUMBER: _ClassVar[int]
    TILT_FIELD_NUMBER: _ClassVar[int]
    ROLL_DEGREES_FIELD_NUMBER: _ClassVar[int]
    frame: int
    punch_in: float
    pan: float
    tilt: float
    roll_degrees: float
    def __init__(self, frame: _Optional[int] = ..., punch_in: _Optional[float] = ..., pan: _Optional[float] = ..., tilt: _Optional[float] = ..., roll_degrees: _Optional[float] = ...) -> None: ...

class Reframe(_message.Message):
    __slots__ = ("keys",)
    KEYS_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedCompositeFieldContainer[FramingKey]
    def __init__(self, keys: _Optional[_Iterable[_Union[FramingKey, _Mapping]]] = ...) -> None: ...
