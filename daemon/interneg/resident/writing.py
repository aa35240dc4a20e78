"""Finished frames on their way to the disk."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from interneg.errors import InternegError, PlateError
from interneg.operators.reframe import Framing
from interneg.plates.exr import write_exr
from interneg.plates.frames import Pattern
from interneg.resident.answer import Answer
from interneg.resident.events import FrameDelivered, FrameFailed

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Step:
    """One frame on its way: its answer, or why there is none."""

    frame: int
    answer: Answer | None
    message: str
    decode_seconds: float = 0.0
    compute_seconds: float = 0.0


@dataclass(frozen=True)
class Writing:
    """Where finished frames go."""

    output: Pattern

    def written(self, step: Step) -> FrameDelivered | FrameFailed:
        """The frame on disk, whole or not at all."""
        if step.answer is None:
            return FrameFailed(step.frame, step.message)
        path, began = self.output.path(step.frame), time.perf_counter()
        try:
            notices = () if step.answer.is_kept else write_exr(path, step.answer.finished)
        except InternegError as error:
            return FrameFailed(step.frame, str(error))
        except Exception:  # noqa: BLE001 - the top of a thread
            _log.exception("writing %s", path)
            return FrameFailed(step.frame, f"{path} could not be written for a reason of our own; see the daemon's log")
        return FrameDelivered(
            step.frame,
            str(path),
            step.decode_seconds,
            step.compute_seconds,
            time.perf_counter() - began,
            step.answer.seen,
            step.answer.synthesised,
            (*step.answer.notices, *notices),
            step.answer.bridged,
            step.answer.kept,
        )


def framing_path(output: Pattern) -> Path:
    """Where a reframe's transform lies as data: beside its frames."""
    first = output.path(0) if not output.is_sequence else Path(output.text)
    name = output.before.rstrip("._-") if output.is_sequence else first.stem
    return first.with_name(f"{Path(name).name or 'reframe'}.framing.json")


def write_framing(output: Pattern, keys: Sequence[Framing]) -> Path:
    """The transform as data, in the schema of `--keys`, so that a host can apply it live; whole or not at all.

    Raises:
        PlateError: it cannot be written.
    """
    path = framing_path(output)
    frames = {str(key.frame): {name: value for name, value in asdict(key).items() if name != "frame"} for key in keys}
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps({"frames": frames}, indent=2) + "\n")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise PlateError(f"{path}: cannot be written ({error.strerror}); choose another folder") from error
    return path
