from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JobState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_STATE_UNSPECIFIED: _ClassVar[JobState]
    JOB_STATE_QUEUED: _ClassVar[JobState]
    JOB_STATE_RUNNING: _ClassVar[JobState]
    JOB_STATE_DONE: _ClassVar[JobState]
    JOB_STATE_FAILED: _ClassVar[JobState]
    JOB_STATE_CANCELLED: _ClassVar[JobState]
JOB_STATE_UNSPECIFIED: JobState
JOB_STATE_QUEUED: JobState
JOB_STATE_RUNNING: JobState
JOB_STATE_DONE: JobState
JOB_STATE_FAILED: JobState
JOB_STATE_CANCELLED: JobState

class Job(_message.Message):
    __slots__ = ("id", "operator", "show", "state", "frames_total", "frames_delivered", "frames_failed", "accepted_unix_seconds", "output_path")
    ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    SHOW_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    FRAMES_DELIVERED_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FAILED_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_UNIX_SECONDS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_PATH_FIELD_NUMBER: _ClassVar[int]
    id: str
    operator: str
    show: str
    state: JobState
    frames_total: int
    frames_delivered: int
    frames_failed: int
    accepted_unix_seconds: float
    output_path: str
    def __init__(self, id: _Optional[str] = ..., operator: _Optional[str] = ..., show: _Optional[str] = ..., state: _Optional[_Union[JobState, str]] = ..., frames_total: _Optional[int] = ..., frames_delivered: _Optional[int] = ..., frames_failed: _Optional[int] = ..., accepted_unix_seconds: _Optional[float] = ..., output_path: _Optional[str] = ...) -> None: ...

class JobAccepted(_message.Message):
    __slots__ = ("job", "model", "notices")
    JOB_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    job: Job
    model: str
    notices: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., model: _Optional[str] = ..., notices: _Optional[_Iterable[str]] = ...) -> None: ...

class FrameDelivered(_message.Message):
    __slots__ = ("frame", "path", "decode_seconds", "compute_seconds", "encode_seconds", "seen", "synthesised", "notices", "bridged", "kept")
    FRAME_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    DECODE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ENCODE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    SYNTHESISED_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    BRIDGED_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    frame: int
    path: str
    decode_seconds: float
    compute_seconds: float
    encode_seconds: float
    seen: float
    synthesised: float
    notices: _containers.RepeatedScalarFieldContainer[str]
    bridged: float
    kept: float
    def __init__(self, frame: _Optional[int] = ..., path: _Optional[str] = ..., decode_seconds: _Optional[float] = ..., compute_seconds: _Optional[float] = ..., encode_seconds: _Optional[float] = ..., seen: _Optional[float] = ..., synthesised: _Optional[float] = ..., notices: _Optional[_Iterable[str]] = ..., bridged: _Optional[float] = ..., kept: _Optional[float] = ...) -> None: ...

class FrameFailed(_message.Message):
    __slots__ = ("frame", "message")
    FRAME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    frame: int
    message: str
    def __init__(self, frame: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class JobProgress(_message.Message):
    __slots__ = ("fraction", "message", "remaining_seconds")
    FRACTION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REMAINING_SECONDS_FIELD_NUMBER: _ClassVar[int]
    fraction: float
    message: str
    remaining_seconds: float
    def __init__(self, fraction: _Optional[float] = ..., message: _Optional[str] = ..., remaining_seconds: _Optional[float] = ...) -> None: ...

class ExpertVerdict(_message.Message):
    __slots__ = ("expert", "circled", "unit", "candidate", "in_use", "peers", "steps", "message")
    class PeersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    EXPERT_FIELD_NUMBER: _ClassVar[int]
    CIRCLED_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_FIELD_NUMBER: _ClassVar[int]
    IN_USE_FIELD_NUMBER: _ClassVar[int]
    PEERS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    expert: str
    circled: bool
    unit: str
    candidate: float
    in_use: float
    peers: _containers.ScalarMap[str, float]
    steps: int
    message: str
    def __init__(self, expert: _Optional[str] = ..., circled: bool = ..., unit: _Optional[str] = ..., candidate: _Optional[float] = ..., in_use: _Optional[float] = ..., peers: _Optional[_Mapping[str, float]] = ..., steps: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class LearnResult(_message.Message):
    __slots__ = ("circled", "version", "experts", "takes_learnt", "takes_held_out", "message")
    CIRCLED_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EXPERTS_FIELD_NUMBER: _ClassVar[int]
    TAKES_LEARNT_FIELD_NUMBER: _ClassVar[int]
    TAKES_HELD_OUT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    circled: bool
    version: str
    experts: _containers.RepeatedCompositeFieldContainer[ExpertVerdict]
    takes_learnt: int
    takes_held_out: int
    message: str
    def __init__(self, circled: bool = ..., version: _Optional[str] = ..., experts: _Optional[_Iterable[_Union[ExpertVerdict, _Mapping]]] = ..., takes_learnt: _Optional[int] = ..., takes_held_out: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class JobFinished(_message.Message):
    __slots__ = ("state", "message", "learn")
    STATE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    LEARN_FIELD_NUMBER: _ClassVar[int]
    state: JobState
    message: str
    learn: LearnResult
    def __init__(self, state: _Optional[_Union[JobState, str]] = ..., message: _Optional[str] = ..., learn: _Optional[_Union[LearnResult, _Mapping]] = ...) -> None: ...

class JobEvent(_message.Message):
    __slots__ = ("accepted", "delivered", "failed", "progress", "finished")
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    accepted: JobAccepted
    delivered: FrameDelivered
    failed: FrameFailed
    progress: JobProgress
    finished: JobFinished
    def __init__(self, accepted: _Optional[_Union[JobAccepted, _Mapping]] = ..., delivered: _Optional[_Union[FrameDelivered, _Mapping]] = ..., failed: _Optional[_Union[FrameFailed, _Mapping]] = ..., progress: _Optional[_Union[JobProgress, _Mapping]] = ..., finished: _Optional[_Union[JobFinished, _Mapping]] = ...) -> None: ...
