"""A cutting room: a project in a stand-in Resolve with media on disk, and a daemon that delivers at once."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import OpenEXR

from hosts.resolve.rules import Rules
from hosts.resolve.studio import Resolve
from hosts.resolve.timeline import TimelineItem
from interneg_bridge.errors import DaemonError
from interneg_proto.v1.daemon_service_pb2 import GetStatusResponse
from interneg_proto.v1.job_pb2 import JOB_STATE_DONE, Job, JobEvent
from interneg_resolve.bench import Bench
from interneg_resolve.media import frame_path
from interneg_resolve.pixels import Survey

HOUR = 86400  # 01:00:00:00 at 24 fps
WIDTH, HEIGHT = 16, 9


def write_plate(path: Path, value: float) -> None:
    """A flat scene-linear EXR."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((HEIGHT, WIDTH), value, np.float32)
    with OpenEXR.File({"type": OpenEXR.scanlineimage}, dict.fromkeys("RGB", pixels)) as exr:
        exr.write(str(path))


class CuttingRoom:
    """Resolve with one item on track 1 that shows frames 1011-1034 of a plate 1001-1048."""

    def __init__(self, folder: Path, **rules: object) -> None:
        self.folder = folder
        self.rules = Rules(**rules)
        self.resolve = Resolve(self.rules)
        self.project = self.resolve.GetProjectManager().GetCurrentProject()
        self.timeline = self.project.GetCurrentTimeline()
        self.pool = self.project.GetMediaPool()
        self.pattern = self.sequence("plate")
        self.clip = self.pool._clip("A012_C003", str(folder / "media" / "plate.[1001-1048].exr"), 48)
        self.item = self.item_of("A012_C003", self.clip, HOUR + 100, 24, offset=10)
        self.timeline._playhead = self.item

    def sequence(self, name: str, first: int = 1001, last: int = 1048) -> str:
        """A sequence on disk, each frame's number in its pixels."""
        pattern = str(self.folder / "media" / f"{name}.####.exr")
        for frame in range(first, last + 1):
            write_plate(Path(frame_path(pattern, frame)), frame / 1000)
        return pattern

    def item_of(self, name: str, clip: object, start: int, duration: int, offset: int = 0, track: int = 1):
        """An item that stands on the timeline."""
        item = TimelineItem(self.rules, name, clip, start, duration)
        item._offset = offset
        return self.timeline._place(item, track)


class Daemon:
    """A client of a daemon that delivers the plate itself, frame by frame."""

    def __init__(self, failing: dict[int, str] | None = None, before_end=lambda: None, lost_at: int = 0) -> None:
        self.failing = failing or {}
        self.lost_at = lost_at
        self.before_end = before_end
        self.colour_config = "aces"
        self.requests: list[object] = []
        self.cancelled: list[str] = []

    def render(self, request):
        """The job's events; the frames are written as they are told."""
        self.requests.append(request)
        frames = range(request.plate.frames.first_frame, request.plate.frames.last_frame + 1)
        event = JobEvent()
        event.accepted.job.CopyFrom(Job(id="j1", operator=request.WhichOneof("operator"), frames_total=len(frames)))
        event.accepted.model = "classical"
        yield event
        for frame in frames:
            if self.cancelled:
                break
            if frame == self.lost_at:
                raise DaemonError("the daemon was lost")
            yield self._frame(request, frame)
        self.before_end()
        event = JobEvent()
        event.finished.state = JOB_STATE_DONE
        event.finished.message = "The job was cancelled." if self.cancelled else ""
        yield event

    def preview(self, request) -> tuple[bytes, list[str]]:
        """A picture that is none."""
        self.requests.append(request)
        return b"\x89PNG of it", ["a notice"]

    def status(self) -> GetStatusResponse:
        """How the daemon is."""
        return GetStatusResponse(colour_config=self.colour_config)

    def cancel_job(self, job_id: str) -> Job:
        """Notes the cancellation."""
        self.cancelled.append(job_id)
        return Job(id=job_id)

    def _frame(self, request, frame: int) -> JobEvent:
        """One frame, delivered or failed."""
        event = JobEvent()
        if frame in self.failing:
            event.failed.frame, event.failed.message = frame, self.failing[frame]
            return event
        path = Path(frame_path(request.output.path, frame))
        path.parent.mkdir(parents=True, exist_ok=True)
        source = Path(frame_path(request.plate.path, frame))
        if source.suffix == ".exr":
            shutil.copyfile(source, path)
        else:
            write_plate(path, frame / 1000)
        event.delivered.frame, event.delivered.path = frame, str(path)
        return event


def bench_of(room: CuttingRoom, daemon: Daemon, space: str = "") -> Bench:
    """A bench on which plates are linear, or of one colour space that is encoded back by halving."""

    @contextmanager
    def connect():
        yield daemon

    def survey(path: str, colourspace: str, ocio: str | None) -> Survey:
        folder, stem = Path(path).parent, Path(path).name.split("#")[0]
        frames = sorted(int(file.name.split(".")[-2]) for file in folder.glob(f"{stem}*") if "#" in path)
        return Survey(tuple(frames) or tuple(range(1, 49)), colourspace or space, not (colourspace or space))

    def encode(linear: str, encoded: str, frames: range, colourspace: str, ocio: str | None):
        for frame in frames:
            with OpenEXR.File(frame_path(linear, frame)) as exr:
                value = float(exr.channels()["RGB"].pixels[0, 0, 0])
            write_plate(Path(frame_path(encoded, frame)), value / 2)
            yield frame

    return Bench(
        home=room.folder / "home",
        ocio=lambda show: None,
        config_name=lambda ocio: "aces",
        attach=lambda: room.resolve,
        connect=connect,
        survey=survey,
        encode=encode,
    )


class Diary:
    """A watcher that keeps what it was told, and cancels after so many frames."""

    def __init__(self, cancel_after: int | None = None) -> None:
        self.lines: list[str] = []
        self.fractions: list[float] = []
        self.cancel_after = cancel_after

    def say(self, line: str) -> None:
        self.lines.append(line)

    def show(self, fraction: float, line: str) -> None:
        self.fractions.append(fraction)

    def is_cancelled(self) -> bool:
        return self.cancel_after is not None and len(self.fractions) >= self.cancel_after
