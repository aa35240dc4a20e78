"""What a job tells while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from interneg.production.verdict import Verdict


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One job as `interneg jobs list` shows it.

    Convention: `frames_total` is 0 and `output_path` empty for a learn job.
    """

    id: str
    operator: str
    show: str
    state: JobState
    frames_total: int
    frames_delivered: int
    frames_failed: int
    accepted_unix_seconds: float
    output_path: str


@dataclass(frozen=True, slots=True)
class LearnOrder:
    """What a learn job was asked for: all that it takes to go on with it after a crash; and how often that was done."""

    minutes: float
    experts: tuple[str, ...] = ()
    fresh: bool = False
    resumed: int = 0


@dataclass(frozen=True, slots=True)
class JobAccepted:
    """The job was accepted; always the first event."""

    job: JobRecord
    model: str
    notices: tuple[str, ...] = ()
    order: LearnOrder | None = None


@dataclass(frozen=True, slots=True)
class FrameDelivered:
    """One frame stands finished on disk.

    Convention: `seen`, `synthesised`, `bridged` and `kept` are shares of what the matte covers, in [0, 1].
    """

    frame: int
    path: str
    decode_seconds: float
    compute_seconds: float
    encode_seconds: float
    seen: float = 0.0
    synthesised: float = 0.0
    notices: tuple[str, ...] = ()
    bridged: float = 0.0
    kept: float = 0.0


@dataclass(frozen=True, slots=True)
class FrameFailed:
    """One frame could not be delivered; the others go on."""

    frame: int
    message: str


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a long computation is.

    Convention: `fraction` in [0, 1]; `remaining_seconds` is negative where unknown.
    """

    fraction: float
    message: str
    remaining_seconds: float = -1.0


@dataclass(frozen=True, slots=True)
class JobFinished:
    """The job has ended; always the last event."""

    state: JobState
    message: str = ""
    learn: Verdict | None = None


JobReport = FrameDelivered | FrameFailed | JobProgress
JobEvent = JobAccepted | JobReport | JobFinished
