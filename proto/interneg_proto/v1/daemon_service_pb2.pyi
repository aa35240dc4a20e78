from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("version", "installation", "process_id", "uptime_seconds", "device", "home", "jobs_queued", "jobs_running", "resident_models", "colour_config", "base_version", "base_hash", "base_fault")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_FIELD_NUMBER: _ClassVar[int]
    PROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    UPTIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    HOME_FIELD_NUMBER: _ClassVar[int]
    JOBS_QUEUED_FIELD_NUMBER: _ClassVar[int]
    JOBS_RUNNING_FIELD_NUMBER: _ClassVar[int]
    RESIDENT_MODELS_FIELD_NUMBER: _ClassVar[int]
    COLOUR_CONFIG_FIELD_NUMBER: _ClassVar[int]
    BASE_VERSION_FIELD_NUMBER: _ClassVar[int]
    BASE_HASH_FIELD_NUMBER: _ClassVar[int]
    BASE_FAULT_FIELD_NUMBER: _ClassVar[int]
    version: str
    installation: str
    process_id: int
    uptime_seconds: float
    device: str
    home: str
    jobs_queued: int
    jobs_running: int
    resident_models: _containers.RepeatedScalarFieldContainer[str]
    colour_config: str
    base_version: str
    base_hash: str
    base_fault: str
    def __init__(self, version: _Optional[str] = ..., installation: _Optional[str] = ..., process_id: _Optional[int] = ..., uptime_seconds: _Optional[float] = ..., device: _Optional[str] = ..., home: _Optional[str] = ..., jobs_queued: _Optional[int] = ..., jobs_running: _Optional[int] = ..., resident_models: _Optional[_Iterable[str]] = ..., colour_config: _Optional[str] = ..., base_version: _Optional[str] = ..., base_hash: _Optional[str] = ..., base_fault: _Optional[str] = ...) -> None: ...

class StopRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StopResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
