from interneg_proto.v1 import job_pb2 as _job_pb2
from interneg_proto.v1 import light_pb2 as _light_pb2
from interneg_proto.v1 import plate_pb2 as _plate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RenderRequest(_message.Message):
    __slots__ = ("show", "plate", "output", "model_version", "seed", "clean", "reframe", "wires", "relight")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    PLATE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    CLEAN_FIELD_NUMBER: _ClassVar[int]
    REFRAME_FIELD_NUMBER: _ClassVar[int]
    WIRES_FIELD_NUMBER: _ClassVar[int]
    RELIGHT_FIELD_NUMBER: _ClassVar[int]
    show: str
    plate: _plate_pb2.PlateRange
    output: _plate_pb2.Output
    model_version: str
    seed: int
    clean: _plate_pb2.Clean
    reframe: _plate_pb2.Reframe
    wires: _plate_pb2.Wires
    relight: _light_pb2.Relight
    def __init__(self, show: _Optional[str] = ..., plate: _Optional[_Union[_plate_pb2.PlateRange, _Mapping]] = ..., output: _Optional[_Union[_plate_pb2.Output, _Mapping]] = ..., model_version: _Optional[str] = ..., seed: _Optional[int] = ..., clean: _Optional[_Union[_plate_pb2.Clean, _Mapping]] = ..., reframe: _Optional[_Union[_plate_pb2.Reframe, _Mapping]] = ..., wires: _Optional[_Union[_plate_pb2.Wires, _Mapping]] = ..., relight: _Optional[_Union[_light_pb2.Relight, _Mapping]] = ...) -> None: ...

class RenderResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: _job_pb2.JobEvent
    def __init__(self, event: _Optional[_Union[_job_pb2.JobEvent, _Mapping]] = ...) -> None: ...

class PreviewRequest(_message.Message):
    __slots__ = ("render", "long_side")
    RENDER_FIELD_NUMBER: _ClassVar[int]
    LONG_SIDE_FIELD_NUMBER: _ClassVar[int]
    render: RenderRequest
    long_side: int
    def __init__(self, render: _Optional[_Union[RenderRequest, _Mapping]] = ..., long_side: _Optional[int] = ...) -> None: ...

class PreviewResponse(_message.Message):
    __slots__ = ("png", "width", "height", "notices")
    PNG_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    png: bytes
    width: int
    height: int
    notices: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, png: _Optional[bytes] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., notices: _Optional[_Iterable[str]] = ...) -> None: ...

class MatchLightRequest(_message.Message):
    __slots__ = ("show", "plate", "like", "model_version")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    PLATE_FIELD_NUMBER: _ClassVar[int]
    LIKE_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    show: str
    plate: _plate_pb2.PlateRange
    like: _plate_pb2.PlateRange
    model_version: str
    def __init__(self, show: _Optional[str] = ..., plate: _Optional[_Union[_plate_pb2.PlateRange, _Mapping]] = ..., like: _Optional[_Union[_plate_pb2.PlateRange, _Mapping]] = ..., model_version: _Optional[str] = ...) -> None: ...

class MatchLightResponse(_message.Message):
    __slots__ = ("rig", "residual_before_stops", "residual_after_stops", "same_view", "notices")
    RIG_FIELD_NUMBER: _ClassVar[int]
    RESIDUAL_BEFORE_STOPS_FIELD_NUMBER: _ClassVar[int]
    RESIDUAL_AFTER_STOPS_FIELD_NUMBER: _ClassVar[int]
    SAME_VIEW_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    rig: _light_pb2.LightRig
    residual_before_stops: float
    residual_after_stops: float
    same_view: bool
    notices: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, rig: _Optional[_Union[_light_pb2.LightRig, _Mapping]] = ..., residual_before_stops: _Optional[float] = ..., residual_after_stops: _Optional[float] = ..., same_view: bool = ..., notices: _Optional[_Iterable[str]] = ...) -> None: ...
