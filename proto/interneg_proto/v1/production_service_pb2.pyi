from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Production(_message.Message):
    __slots__ = ("show", "folder", "schema_version", "created_unix_seconds", "takes", "circled_version", "model_versions")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    FOLDER_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    CREATED_UNIX_SECONDS_FIELD_NUMBER: _ClassVar[int]
    TAKES_FIELD_NUMBER: _ClassVar[int]
    CIRCLED_VERSION_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    show: str
    folder: str
    schema_version: int
    created_unix_seconds: float
    takes: int
    circled_version: str
    model_versions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, show: _Optional[str] = ..., folder: _Optional[str] = ..., schema_version: _Optional[int] = ..., created_unix_seconds: _Optional[float] = ..., takes: _Optional[int] = ..., circled_version: _Optional[str] = ..., model_versions: _Optional[_Iterable[str]] = ...) -> None: ...

class Take(_message.Message):
    __slots__ = ("id", "path", "setup", "take", "codec", "first_frame", "last_frame", "frames", "fps", "width", "height", "colourspace", "timecode", "reel", "camera", "lens")
    ID_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    SETUP_FIELD_NUMBER: _ClassVar[int]
    TAKE_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    FIRST_FRAME_FIELD_NUMBER: _ClassVar[int]
    LAST_FRAME_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    FPS_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    COLOURSPACE_FIELD_NUMBER: _ClassVar[int]
    TIMECODE_FIELD_NUMBER: _ClassVar[int]
    REEL_FIELD_NUMBER: _ClassVar[int]
    CAMERA_FIELD_NUMBER: _ClassVar[int]
    LENS_FIELD_NUMBER: _ClassVar[int]
    id: str
    path: str
    setup: str
    take: str
    codec: str
    first_frame: int
    last_frame: int
    frames: int
    fps: float
    width: int
    height: int
    colourspace: str
    timecode: str
    reel: str
    camera: str
    lens: str
    def __init__(self, id: _Optional[str] = ..., path: _Optional[str] = ..., setup: _Optional[str] = ..., take: _Optional[str] = ..., codec: _Optional[str] = ..., first_frame: _Optional[int] = ..., last_frame: _Optional[int] = ..., frames: _Optional[int] = ..., fps: _Optional[float] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., colourspace: _Optional[str] = ..., timecode: _Optional[str] = ..., reel: _Optional[str] = ..., camera: _Optional[str] = ..., lens: _Optional[str] = ...) -> None: ...

class CreateProductionRequest(_message.Message):
    __slots__ = ("show",)
    SHOW_FIELD_NUMBER: _ClassVar[int]
    show: str
    def __init__(self, show: _Optional[str] = ...) -> None: ...

class CreateProductionResponse(_message.Message):
    __slots__ = ("production",)
    PRODUCTION_FIELD_NUMBER: _ClassVar[int]
    production: Production
    def __init__(self, production: _Optional[_Union[Production, _Mapping]] = ...) -> None: ...

class ListProductionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListProductionsResponse(_message.Message):
    __slots__ = ("productions",)
    PRODUCTIONS_FIELD_NUMBER: _ClassVar[int]
    productions: _containers.RepeatedCompositeFieldContainer[Production]
    def __init__(self, productions: _Optional[_Iterable[_Union[Production, _Mapping]]] = ...) -> None: ...

class GetProductionRequest(_message.Message):
    __slots__ = ("show",)
    SHOW_FIELD_NUMBER: _ClassVar[int]
    show: str
    def __init__(self, show: _Optional[str] = ...) -> None: ...

class GetProductionResponse(_message.Message):
    __slots__ = ("production",)
    PRODUCTION_FIELD_NUMBER: _ClassVar[int]
    production: Production
    def __init__(self, production: _Optional[_Union[Production, _Mapping]] = ...) -> None: ...

class DeleteProductionRequest(_message.Message):
    __slots__ = ("show",)
    SHOW_FIELD_NUMBER: _ClassVar[int]
    show: str
    def __init__(self, show: _Optional[str] = ...) -> None: ...

class DeleteProductionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AddDailiesRequest(_message.Message):
    __slots__ = ("show", "paths")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    show: str
    paths: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, show: _Optional[str] = ..., paths: _Optional[_Iterable[str]] = ...) -> None: ...

class DailiesEvent(_message.Message):
    __slots__ = ("path", "added", "known", "refused", "notice")
    PATH_FIELD_NUMBER: _ClassVar[int]
    ADDED_FIELD_NUMBER: _ClassVar[int]
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    path: str
    added: Take
    known: Take
    refused: str
    notice: str
    def __init__(self, path: _Optional[str] = ..., added: _Optional[_Union[Take, _Mapping]] = ..., known: _Optional[_Union[Take, _Mapping]] = ..., refused: _Optional[str] = ..., notice: _Optional[str] = ...) -> None: ...

class AddDailiesResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: DailiesEvent
    def __init__(self, event: _Optional[_Union[DailiesEvent, _Mapping]] = ...) -> None: ...

class WatchDailiesRequest(_message.Message):
    __slots__ = ("show", "folder", "learn_minutes")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    FOLDER_FIELD_NUMBER: _ClassVar[int]
    LEARN_MINUTES_FIELD_NUMBER: _ClassVar[int]
    show: str
    folder: str
    learn_minutes: float
    def __init__(self, show: _Optional[str] = ..., folder: _Optional[str] = ..., learn_minutes: _Optional[float] = ...) -> None: ...

class WatchDailiesResponse(_message.Message):
    __slots__ = ("event", "learn_job")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    LEARN_JOB_FIELD_NUMBER: _ClassVar[int]
    event: DailiesEvent
    learn_job: str
    def __init__(self, event: _Optional[_Union[DailiesEvent, _Mapping]] = ..., learn_job: _Optional[str] = ...) -> None: ...

class ListTakesRequest(_message.Message):
    __slots__ = ("show",)
    SHOW_FIELD_NUMBER: _ClassVar[int]
    show: str
    def __init__(self, show: _Optional[str] = ...) -> None: ...

class ListTakesResponse(_message.Message):
    __slots__ = ("takes",)
    TAKES_FIELD_NUMBER: _ClassVar[int]
    takes: _containers.RepeatedCompositeFieldContainer[Take]
    def __init__(self, takes: _Optional[_Iterable[_Union[Take, _Mapping]]] = ...) -> None: ...

class Figure(_message.Message):
    __slots__ = ("value", "error")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    value: float
    error: float
    def __init__(self, value: _Optional[float] = ..., error: _Optional[float] = ...) -> None: ...

class NoisePoint(_message.Message):
    __slots__ = ("level", "red", "green", "blue")
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    RED_FIELD_NUMBER: _ClassVar[int]
    GREEN_FIELD_NUMBER: _ClassVar[int]
    BLUE_FIELD_NUMBER: _ClassVar[int]
    level: float
    red: float
    green: float
    blue: float
    def __init__(self, level: _Optional[float] = ..., red: _Optional[float] = ..., green: _Optional[float] = ..., blue: _Optional[float] = ...) -> None: ...

class CameraProfile(_message.Message):
    __slots__ = ("camera", "lens", "takes", "noise", "grain_size", "black", "fall_off", "red", "blue")
    CAMERA_FIELD_NUMBER: _ClassVar[int]
    LENS_FIELD_NUMBER: _ClassVar[int]
    TAKES_FIELD_NUMBER: _ClassVar[int]
    NOISE_FIELD_NUMBER: _ClassVar[int]
    GRAIN_SIZE_FIELD_NUMBER: _ClassVar[int]
    BLACK_FIELD_NUMBER: _ClassVar[int]
    FALL_OFF_FIELD_NUMBER: _ClassVar[int]
    RED_FIELD_NUMBER: _ClassVar[int]
    BLUE_FIELD_NUMBER: _ClassVar[int]
    camera: str
    lens: str
    takes: int
    noise: _containers.RepeatedCompositeFieldContainer[NoisePoint]
    grain_size: float
    black: float
    fall_off: Figure
    red: Figure
    blue: Figure
    def __init__(self, camera: _Optional[str] = ..., lens: _Optional[str] = ..., takes: _Optional[int] = ..., noise: _Optional[_Iterable[_Union[NoisePoint, _Mapping]]] = ..., grain_size: _Optional[float] = ..., black: _Optional[float] = ..., fall_off: _Optional[_Union[Figure, _Mapping]] = ..., red: _Optional[_Union[Figure, _Mapping]] = ..., blue: _Optional[_Union[Figure, _Mapping]] = ...) -> None: ...

class SetupProfile(_message.Message):
    __slots__ = ("setup", "takes", "exposure", "ratio", "kelvin", "azimuth", "elevation")
    SETUP_FIELD_NUMBER: _ClassVar[int]
    TAKES_FIELD_NUMBER: _ClassVar[int]
    EXPOSURE_FIELD_NUMBER: _ClassVar[int]
    RATIO_FIELD_NUMBER: _ClassVar[int]
    KELVIN_FIELD_NUMBER: _ClassVar[int]
    AZIMUTH_FIELD_NUMBER: _ClassVar[int]
    ELEVATION_FIELD_NUMBER: _ClassVar[int]
    setup: str
    takes: int
    exposure: Figure
    ratio: Figure
    kelvin: Figure
    azimuth: Figure
    elevation: Figure
    def __init__(self, setup: _Optional[str] = ..., takes: _Optional[int] = ..., exposure: _Optional[_Union[Figure, _Mapping]] = ..., ratio: _Optional[_Union[Figure, _Mapping]] = ..., kelvin: _Optional[_Union[Figure, _Mapping]] = ..., azimuth: _Optional[_Union[Figure, _Mapping]] = ..., elevation: _Optional[_Union[Figure, _Mapping]] = ...) -> None: ...

class Rate(_message.Message):
    __slots__ = ("name", "middle", "fastest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MIDDLE_FIELD_NUMBER: _ClassVar[int]
    FASTEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    middle: float
    fastest: float
    def __init__(self, name: _Optional[str] = ..., middle: _Optional[float] = ..., fastest: _Optional[float] = ...) -> None: ...

class Profile(_message.Message):
    __slots__ = ("takes", "cameras", "setups", "takes_followed", "still_share", "movement", "rhythm")
    TAKES_FIELD_NUMBER: _ClassVar[int]
    CAMERAS_FIELD_NUMBER: _ClassVar[int]
    SETUPS_FIELD_NUMBER: _ClassVar[int]
    TAKES_FOLLOWED_FIELD_NUMBER: _ClassVar[int]
    STILL_SHARE_FIELD_NUMBER: _ClassVar[int]
    MOVEMENT_FIELD_NUMBER: _ClassVar[int]
    RHYTHM_FIELD_NUMBER: _ClassVar[int]
    takes: int
    cameras: _containers.RepeatedCompositeFieldContainer[CameraProfile]
    setups: _containers.RepeatedCompositeFieldContainer[SetupProfile]
    takes_followed: int
    still_share: float
    movement: _containers.RepeatedCompositeFieldContainer[Rate]
    rhythm: Rhythm
    def __init__(self, takes: _Optional[int] = ..., cameras: _Optional[_Iterable[_Union[CameraProfile, _Mapping]]] = ..., setups: _Optional[_Iterable[_Union[SetupProfile, _Mapping]]] = ..., takes_followed: _Optional[int] = ..., still_share: _Optional[float] = ..., movement: _Optional[_Iterable[_Union[Rate, _Mapping]]] = ..., rhythm: _Optional[_Union[Rhythm, _Mapping]] = ...) -> None: ...

class Rhythm(_message.Message):
    __slots__ = ("shots", "seconds", "middle", "shortest", "longest", "known", "sizes", "punched", "punch_in")
    class SizesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    MIDDLE_FIELD_NUMBER: _ClassVar[int]
    SHORTEST_FIELD_NUMBER: _ClassVar[int]
    LONGEST_FIELD_NUMBER: _ClassVar[int]
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    SIZES_FIELD_NUMBER: _ClassVar[int]
    PUNCHED_FIELD_NUMBER: _ClassVar[int]
    PUNCH_IN_FIELD_NUMBER: _ClassVar[int]
    shots: int
    seconds: float
    middle: float
    shortest: float
    longest: float
    known: float
    sizes: _containers.ScalarMap[str, int]
    punched: float
    punch_in: float
    def __init__(self, shots: _Optional[int] = ..., seconds: _Optional[float] = ..., middle: _Optional[float] = ..., shortest: _Optional[float] = ..., longest: _Optional[float] = ..., known: _Optional[float] = ..., sizes: _Optional[_Mapping[str, int]] = ..., punched: _Optional[float] = ..., punch_in: _Optional[float] = ...) -> None: ...

class ReadCutRequest(_message.Message):
    __slots__ = ("show", "path")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    show: str
    path: str
    def __init__(self, show: _Optional[str] = ..., path: _Optional[str] = ...) -> None: ...

class ReadCutResponse(_message.Message):
    __slots__ = ("rhythm",)
    RHYTHM_FIELD_NUMBER: _ClassVar[int]
    rhythm: Rhythm
    def __init__(self, rhythm: _Optional[_Union[Rhythm, _Mapping]] = ...) -> None: ...

class GetProfileRequest(_message.Message):
    __slots__ = ("show",)
    SHOW_FIELD_NUMBER: _ClassVar[int]
    show: str
    def __init__(self, show: _Optional[str] = ...) -> None: ...

class GetProfileResponse(_message.Message):
    __slots__ = ("profile",)
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    profile: Profile
    def __init__(self, profile: _Optional[_Union[Profile, _Mapping]] = ...) -> None: ...
