"""What came of a job, from its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from interneg.commands.console import Value
from interneg_proto.v1 import job_pb2

_LOST = "not delivered"


@dataclass
class Tally:
    """A job as far as its events tell.

    Convention: `frames` are the frames asked for, None where only their number is known, as for a job one joins later.
    """

    operator: str
    frames: Sequence[int] | None = None
    job: job_pb2.Job = field(default_factory=job_pb2.Job)
    model: str = ""
    notices: list[str] = field(default_factory=list)
    delivered: dict[int, job_pb2.FrameDelivered] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    finished: job_pb2.JobFinished | None = None
    error: str = ""

    def take(self, event: job_pb2.JobEvent) -> None:
        """Takes the event in."""
        match event.WhichOneof("event"):
            case "accepted":
                self.job, self.model = event.accepted.job, event.accepted.model
                self.operator, self.notices = self.job.operator, list(event.accepted.notices)
            case "delivered":
                self.delivered[event.delivered.frame] = event.delivered
            case "failed":
                self.failed[event.failed.frame] = event.failed.message
            case "finished":
                self.finished, self.error = event.finished, event.finished.message

    @property
    def total(self) -> int:
        """How many frames were asked for."""
        return len(self.frames) if self.frames is not None else self.job.frames_total

    @property
    def missing(self) -> list[int]:
        """The frames asked for that were neither delivered nor refused, where they are known."""
        told = self.delivered.keys() | self.failed.keys()
        return [frame for frame in self.frames or () if frame not in told]

    @property
    def is_complete(self) -> bool:
        """Whether the job ended well and every frame was delivered."""
        ended_well = self.finished is not None and self.finished.state == job_pb2.JOB_STATE_DONE
        return ended_well and len(self.delivered) == self.total and not self.failed

    @property
    def said_at_end(self) -> list[str]:
        """What is told of frames that were not delivered, and why."""
        lines = [self.error] if self.error else []
        if not self.job.id:  # the wish was refused: the same one again would be too
            return lines
        if self.missing:
            lines.append(f"frames not delivered: {ranges(self.missing)}; the same request again completes them")
        elif len(self.delivered) + len(self.failed) < self.total:
            lines.append(f"{self.total - len(self.delivered) - len(self.failed)} frames were not delivered")
        if self.failed:
            lines.append(f"frames that failed: {ranges(sorted(self.failed))}")
        return lines

    @property
    def said_of_performers(self) -> list[str]:
        """What is told of the performers' pixels: what was bridged, and what stays as it was, with its frames."""
        lines = []
        for name, told in (("bridged", "bridged from its rims"), ("kept", "kept as it was, still to be removed")):
            shares = {frame: float(getattr(one, name)) for frame, one in self.delivered.items()}
            frames = sorted(frame for frame, share in shares.items() if share > 0)
            if frames:
                lines.append(
                    f"performers: {_mean([*shares.values()]):.1%} of the matte is {told}; frames {ranges(frames)}"
                )
        return lines

    def as_render(self) -> dict[str, Value]:
        """The object of `--json` for an operator on plates.

        Convention: `frames` were asked for, which are `delivered` plus `failed`; `failures` says why for each one;
        `seen`, `synthesised`, `bridged` and `kept` are means over the delivered frames.
        """
        delivered = [self.delivered[frame] for frame in sorted(self.delivered)]
        failures = {**self.failed, **dict.fromkeys(self.missing, self.error or _LOST)}
        return {
            "operator": self.operator,
            "frames": self.total,
            "delivered": len(delivered),
            "failed": self.total - len(delivered),
            "seconds": {
                "decode": round(sum(frame.decode_seconds for frame in delivered), 6),
                "compute": round(sum(frame.compute_seconds for frame in delivered), 6),
                "encode": round(sum(frame.encode_seconds for frame in delivered), 6),
            },
            "seen": _mean([frame.seen for frame in delivered]),
            "synthesised": _mean([frame.synthesised for frame in delivered]),
            "bridged": _mean([frame.bridged for frame in delivered]),
            "kept": _mean([frame.kept for frame in delivered]),
            "paths": [frame.path for frame in delivered],
            "model": self.model,
            "job": self.job.id,
            "notices": self._all_notices(delivered),
            "failures": [{"frame": frame, "message": failures[frame]} for frame in sorted(failures)],
            "error": self.error,
        }

    def as_learn(self, show: str) -> dict[str, Value]:
        """The object of `--json` for learning."""
        learn = self.finished.learn if self.finished is not None else job_pb2.LearnResult()
        return {
            "operator": "learn",
            "show": show,
            "circled": learn.circled,
            "version": learn.version,
            "experts": {one.expert: _expert(one) for one in learn.experts},
            "takes_learnt": learn.takes_learnt,
            "takes_held_out": learn.takes_held_out,
            "message": learn.message,
            "job": self.job.id,
            "error": self.error,
        }

    def _all_notices(self, delivered: Sequence[job_pb2.FrameDelivered]) -> list[str]:
        """The job's notices and then the frames' own, each once."""
        return list(dict.fromkeys([*self.notices, *(notice for frame in delivered for notice in frame.notices)]))


def _expert(one: job_pb2.ExpertVerdict) -> dict[str, Value]:
    """What came of one expert, for `--json`."""
    return {
        "circled": one.circled,
        "unit": one.unit,
        "candidate": one.candidate,
        "in_use": one.in_use,
        "peers": dict(one.peers),
        "steps": one.steps,
    }


def ranges(frames: Sequence[int]) -> str:
    """Frames in ascending order as an artist writes them: `1001-1010, 1012`."""
    runs: list[list[int]] = []
    for frame in frames:
        if runs and frame == runs[-1][-1] + 1:
            runs[-1][1:] = [frame]
        else:
            runs.append([frame])
    return ", ".join("-".join(map(str, run)) for run in runs)


def _mean(values: Sequence[float]) -> float:
    """Their mean; 0 where there are none."""
    return sum(values) / len(values) if values else 0.0
