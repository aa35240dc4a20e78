from interneg_proto.v1 import job_pb2 as _job_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_CIRCLED: _ClassVar[Verdict]
    VERDICT_NG: _ClassVar[Verdict]
VERDICT_UNSPECIFIED: Verdict
VERDICT_CIRCLED: Verdict
VERDICT_NG: Verdict

class LearnRequest(_message.Message):
    __slots__ = ("show", "budget_minutes", "experts", "fresh")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    BUDGET_MINUTES_FIELD_NUMBER: _ClassVar[int]
    EXPERTS_FIELD_NUMBER: _ClassVar[int]
    FRESH_FIELD_NUMBER: _ClassVar[int]
    show: str
    budget_minutes: float
    experts: _containers.RepeatedScalarFieldContainer[str]
    fresh: bool
    def __init__(self, show: _Optional[str] = ..., budget_minutes: _Optional[float] = ..., experts: _Optional[_Iterable[str]] = ..., fresh: bool = ...) -> None: ...

class LearnResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: _job_pb2.JobEvent
    def __init__(self, event: _Optional[_Union[_job_pb2.JobEvent, _Mapping]] = ...) -> None: ...

class ListVersionsRequest(_message.Message):
    __slots__ = ("show",)
    SHOW_FIELD_NUMBER: _ClassVar[int]
    show: str
    def __init__(self, show: _Optional[str] = ...) -> None: ...

class ModelVersion(_message.Message):
    __slots__ = ("version", "verdict", "in_use", "is_there", "figures", "reviewed_unix_seconds")
    class FiguresEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    VERSION_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    IN_USE_FIELD_NUMBER: _ClassVar[int]
    IS_THERE_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    REVIEWED_UNIX_SECONDS_FIELD_NUMBER: _ClassVar[int]
    version: str
    verdict: Verdict
    in_use: bool
    is_there: bool
    figures: _containers.ScalarMap[str, float]
    reviewed_unix_seconds: float
    def __init__(self, version: _Optional[str] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., in_use: bool = ..., is_there: bool = ..., figures: _Optional[_Mapping[str, float]] = ..., reviewed_unix_seconds: _Optional[float] = ...) -> None: ...

class ListVersionsResponse(_message.Message):
    __slots__ = ("versions",)
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[ModelVersion]
    def __init__(self, versions: _Optional[_Iterable[_Union[ModelVersion, _Mapping]]] = ...) -> None: ...

class UseVersionRequest(_message.Message):
    __slots__ = ("show", "version")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    show: str
    version: str
    def __init__(self, show: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class UseVersionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ExportVersionRequest(_message.Message):
    __slots__ = ("show", "version", "path")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    show: str
    version: str
    path: str
    def __init__(self, show: _Optional[str] = ..., version: _Optional[str] = ..., path: _Optional[str] = ...) -> None: ...

class ExportVersionResponse(_message.Message):
    __slots__ = ("version", "bytes")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    version: str
    bytes: int
    def __init__(self, version: _Optional[str] = ..., bytes: _Optional[int] = ...) -> None: ...

class ImportVersionRequest(_message.Message):
    __slots__ = ("show", "path")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    show: str
    path: str
    def __init__(self, show: _Optional[str] = ..., path: _Optional[str] = ...) -> None: ...

class ImportVersionResponse(_message.Message):
    __slots__ = ("version",)
    VERSION_FIELD_NUMBER: _ClassVar[int]
    version: str
    def __init__(self, version: _Optional[str] = ...) -> None: ...

class WriteReportRequest(_message.Message):
    __slots__ = ("show", "path")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    show: str
    path: str
    def __init__(self, show: _Optional[str] = ..., path: _Optional[str] = ...) -> None: ...

class WriteReportResponse(_message.Message):
    __slots__ = ("bytes",)
    BYTES_FIELD_NUMBER: _ClassVar[int]
    bytes: int
    def __init__(self, bytes: _Optional[int] = ...) -> None: ...
