from interneg_proto.v1 import plate_pb2 as _plate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TrackKey(_message.Message):
    __slots__ = ("frame", "value")
    FRAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    frame: int
    value: float
    def __init__(self, frame: _Optional[int] = ..., value: _Optional[float] = ...) -> None: ...

class Track(_message.Message):
    __slots__ = ("keys",)
    KEYS_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedCompositeFieldContainer[TrackKey]
    def __init__(self, keys: _Optional[_Iterable[_Union[TrackKey, _Mapping]]] = ...) -> None: ...

class LampColour(_message.Message):
    __slots__ = ("red", "green", "blue")
    RED_FIELD_NUMBER: _ClassVar[int]
    GREEN_FIELD_NUMBER: _ClassVar[int]
    BLUE_FIELD_NUMBER: _ClassVar[int]
    red: float
    green: float
    blue: float
    def __init__(self, red: _Optional[float] = ..., green: _Optional[float] = ..., blue: _Optional[float] = ...) -> None: ...

class Lamp(_message.Message):
    __slots__ = ("name", "azimuth_degrees", "elevation_degrees", "exposure_stops", "cct_kelvin", "rgb", "angular_diameter_degrees", "distance", "matte")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AZIMUTH_DEGREES_FIELD_NUMBER: _ClassVar[int]
    ELEVATION_DEGREES_FIELD_NUMBER: _ClassVar[int]
    EXPOSURE_STOPS_FIELD_NUMBER: _ClassVar[int]
    CCT_KELVIN_FIELD_NUMBER: _ClassVar[int]
    RGB_FIELD_NUMBER: _ClassVar[int]
    ANGULAR_DIAMETER_DEGREES_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    MATTE_FIELD_NUMBER: _ClassVar[int]
    name: str
    azimuth_degrees: Track
    elevation_degrees: Track
    exposure_stops: Track
    cct_kelvin: Track
    rgb: LampColour
    angular_diameter_degrees: Track
    distance: Track
    matte: _plate_pb2.Matte
    def __init__(self, name: _Optional[str] = ..., azimuth_degrees: _Optional[_Union[Track, _Mapping]] = ..., elevation_degrees: _Optional[_Union[Track, _Mapping]] = ..., exposure_stops: _Optional[_Union[Track, _Mapping]] = ..., cct_kelvin: _Optional[_Union[Track, _Mapping]] = ..., rgb: _Optional[_Union[LampColour, _Mapping]] = ..., angular_diameter_degrees: _Optional[_Union[Track, _Mapping]] = ..., distance: _Optional[_Union[Track, _Mapping]] = ..., matte: _Optional[_Union[_plate_pb2.Matte, _Mapping]] = ...) -> None: ...

class AsShotLight(_message.Message):
    __slots__ = ("exposure_stops", "cct_kelvin")
    EXPOSURE_STOPS_FIELD_NUMBER: _ClassVar[int]
    CCT_KELVIN_FIELD_NUMBER: _ClassVar[int]
    exposure_stops: Track
    cct_kelvin: Track
    def __init__(self, exposure_stops: _Optional[_Union[Track, _Mapping]] = ..., cct_kelvin: _Optional[_Union[Track, _Mapping]] = ...) -> None: ...

class LightRig(_message.Message):
    __slots__ = ("as_shot_key", "as_shot_rest", "lamps", "reference_frame", "limit_stops")
    AS_SHOT_KEY_FIELD_NUMBER: _ClassVar[int]
    AS_SHOT_REST_FIELD_NUMBER: _ClassVar[int]
    LAMPS_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FRAME_FIELD_NUMBER: _ClassVar[int]
    LIMIT_STOPS_FIELD_NUMBER: _ClassVar[int]
    as_shot_key: AsShotLight
    as_shot_rest: AsShotLight
    lamps: _containers.RepeatedCompositeFieldContainer[Lamp]
    reference_frame: int
    limit_stops: float
    def __init__(self, as_shot_key: _Optional[_Union[AsShotLight, _Mapping]] = ..., as_shot_rest: _Optional[_Union[AsShotLight, _Mapping]] = ..., lamps: _Optional[_Iterable[_Union[Lamp, _Mapping]]] = ..., reference_frame: _Optional[int] = ..., limit_stops: _Optional[float] = ...) -> None: ...

class Relight(_message.Message):
    __slots__ = ("rig", "matte", "performers", "layers")
    RIG_FIELD_NUMBER: _ClassVar[int]
    MATTE_FIELD_NUMBER: _ClassVar[int]
    PERFORMERS_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    rig: LightRig
    matte: _plate_pb2.Matte
    performers: _plate_pb2.Matte
    layers: bool
    def __init__(self, rig: _Optional[_Union[LightRig, _Mapping]] = ..., matte: _Optional[_Union[_plate_pb2.Matte, _Mapping]] = ..., performers: _Optional[_Union[_plate_pb2.Matte, _Mapping]] = ..., layers: bool = ...) -> None: ...
