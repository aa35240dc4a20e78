from interneg_proto.v1 import job_pb2 as _job_pb2
from interneg_proto.v1 import plate_pb2 as _plate_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RenderRequest(_message.Message):
    __slots__ = ("show", "plate", "output", "model_version", "seed", "clean", "reframe", "wires")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    PLATE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    CLEAN_FIELD_NUMBER: _ClassVar[int]
    REFRAME_FIELD_NUMBER: _ClassVar[int]
    WIRES_FIELD_NUMBER: _ClassVar[int]
    show: str
    plate: _plate_pb2.PlateRange
    output: _plate_pb2.Output
    model_version: str
    seed: int
    clean: _plate_pb2.Clean
    reframe: _plate_pb2.Reframe
    wires: _plate_pb2.Wires
    def __init__(self, show: _Optional[str] = ..., plate: _Optional[_Union[_plate_pb2.PlateRange, _Mapping]] = ..., output: _Optional[_Union[_plate_pb2.Output, _Mapping]] = ..., model_version: _Optional[str] = ..., seed: _Optional[int] = ..., clean: _Optional[_Union[_plate_pb2.Clean, _Mapping]] = ..., reframe: _Optional[_Union[_plate_pb2.Reframe, _Mapping]] = ..., wires: _Optional[_Union[_plate_pb2.Wires, _Mapping]] = ...) -> None: ...

class RenderResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: _job_pb2.JobEvent
    def __init__(self, event: _Optional[_Union[_job_pb2.JobEvent, _Mapping]] = ...) -> None: ...
