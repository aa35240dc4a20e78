"""A wish for a shot as the daemon is asked, and its frames as they come."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from interneg_resolve.errors import DeliveryError
from interneg_resolve.wish import framings, numbers_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from interneg_proto.v1.daemon_service_pb2 import GetStatusResponse
    from interneg_proto.v1.job_pb2 import Job, JobEvent
    from interneg_proto.v1.light_pb2 import Relight
    from interneg_proto.v1.plate_pb2 import FramingKey
    from interneg_proto.v1.plate_service_pb2 import PreviewRequest, RenderRequest
    from interneg_resolve.shot import Shot
    from interneg_resolve.wish import Wish


_LOOK_SECONDS = 0.1


class Renderer(Protocol):
    """What is used of the daemon's client."""

    def status(self) -> GetStatusResponse:
        """How the daemon is."""
        ...

    def render(self, request: RenderRequest) -> Iterator[JobEvent]:
        """The events of a wish's job."""
        ...

    def preview(self, request: PreviewRequest) -> tuple[bytes, list[str]]:
        """A PNG of one frame of a relight, and what to know of it."""
        ...

    def cancel_job(self, job_id: str) -> Job:
        """The job as it stands once the cancellation is noted."""
        ...


class Watcher(Protocol):
    """Who watches a wish being answered, and may cancel it."""

    def say(self, line: str) -> None:
        """Takes a line for the artist."""

    def show(self, fraction: float, line: str) -> None:
        """Takes how far it is, in [0, 1]."""

    def is_cancelled(self) -> bool:
        """Whether the artist wants it to end."""
        ...


@dataclass(frozen=True)
class Order:
    """What the daemon is asked for; `output` is the pattern of the scene-linear frames."""

    wish: Wish
    shot: Shot
    first_frame: int
    last_frame: int
    colourspace: str
    matte: str
    output: str

    @property
    def frames(self) -> range:
        """Every frame that is asked for."""
        return range(self.first_frame, self.last_frame + 1)


def request_of(order: Order) -> RenderRequest:
    """The request for an order.

    Raises:
        WishError: the keys file of a reframe is wrong.
    """
    from interneg_proto.v1.plate_pb2 import Clean, FrameRange, Matte, Output, PlateRange, Reframe
    from interneg_proto.v1.plate_service_pb2 import RenderRequest

    wish = order.wish
    request = RenderRequest(
        show=wish.show,
        plate=PlateRange(
            path=order.shot.media.path,
            frames=FrameRange(first_frame=order.first_frame, last_frame=order.last_frame),
            colourspace=order.colourspace,
        ),
        output=Output(path=order.output),
        model_version=wish.model_version,
        seed=wish.seed,
    )
    if wish.operator == "clean":
        matte = Matte(path=order.matte, channel=wish.matte_channel, grow_pixels=wish.grow_pixels)
        request.clean.CopyFrom(
            Clean(matte=matte, clean_plate=wish.clean_plate, from_take=wish.from_take, grain=wish.grain)
        )
        if wish.performers:
            request.clean.performers.path = wish.performers
    elif wish.operator == "relight":
        request.relight.CopyFrom(_relight(order))
    else:
        request.reframe.CopyFrom(Reframe(keys=_framing_keys(order)))
    return request


def _framing_keys(order: Order) -> list[FramingKey]:
    """The framing of a reframe on its keyed frames."""
    from interneg_proto.v1.plate_pb2 import FramingKey

    return [
        FramingKey(
            frame=frame or order.first_frame,
            punch_in=values.get("punch_in", 1.0),
            pan=values.get("pan", 0.0),
            tilt=values.get("tilt", 0.0),
            roll_degrees=values.get("roll_degrees", 0.0),
        )
        for frame, values in framings(order.wish).items()
    ]


def _relight(order: Order) -> Relight:
    """The rig of a relight, and its mattes; lamps are levelled on the first frame that the item shows."""
    from interneg_bridge.light import rig_from_keys
    from interneg_proto.v1.light_pb2 import Relight

    wish, first = order.wish, order.shot.first_frame
    rig = rig_from_keys({first: {name: float(getattr(wish, name)) for name in numbers_of(wish.operator)}})
    rig.reference_frame = first
    relight = Relight(rig=rig)
    if order.matte:
        relight.matte.path, relight.matte.channel = order.matte, wish.matte_channel
    if wish.performers:
        relight.performers.path = wish.performers
    return relight


def deliver(order: Order, client: Renderer, watcher: Watcher) -> list[str]:
    """What an artist should know of the finished frames, once every one of them stands on disk.

    Raises:
        DeliveryError: frames are missing; they are named with the reasons.
        ClientError: the wish was refused before it became a job.
    """
    from interneg_bridge.errors import ClientError

    progress = _Progress(order)
    with _cancelling(progress, client, watcher):
        try:
            for event in client.render(request_of(order)):
                progress.take(event, watcher)
        except KeyboardInterrupt:
            progress.cancel(client)
            raise DeliveryError(progress.missing("It was cancelled.")) from None
        except ClientError as error:
            if not progress.job_id:
                raise
            raise DeliveryError(progress.missing(f"{error}.")) from error
    if len(progress.delivered) < len(order.frames) or progress.fault:
        raise DeliveryError(progress.missing(progress.fault))
    return progress.notices


@contextmanager
def _cancelling(progress: _Progress, client: Renderer, watcher: Watcher) -> Iterator[None]:
    """Cancels the job as soon as the artist wants it, also while no frame comes."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_LOOK_SECONDS):
            if watcher.is_cancelled() and progress.job_id:
                progress.cancel(client)
                return

    thread = threading.Thread(target=look, name="cancel", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class _Progress:
    """What has come of an order so far."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self.job_id = ""
        self.delivered: set[int] = set()
        self.failures: dict[int, str] = {}
        self.notices: list[str] = []
        self.fault = ""

    def take(self, event: JobEvent, watcher: Watcher) -> None:
        """Notes one event and shows it."""
        total = len(self._order.frames)
        kind = event.WhichOneof("event")
        if kind == "accepted":
            self.job_id = event.accepted.job.id
            self._note(event.accepted.notices, watcher)
            watcher.say(f"Job {self.job_id}: {total} frames, model {event.accepted.model}.")
        elif kind == "delivered":
            self.delivered.add(event.delivered.frame)
            self._note([f"Frame {event.delivered.frame}: {text}" for text in event.delivered.notices], watcher)
            done = len(self.delivered)
            watcher.show(done / total, f"Frame {event.delivered.frame} ({done} of {total})")
        elif kind == "failed":
            self.failures[event.failed.frame] = event.failed.message
            watcher.say(f"Frame {event.failed.frame}: {event.failed.message}")
        elif kind == "finished":
            self.fault = event.finished.message

    def cancel(self, client: Renderer) -> None:
        """Cancels the job; where the daemon is lost there is none to cancel."""
        from interneg_bridge.errors import ClientError

        if self.job_id:
            with suppress(ClientError):
                client.cancel_job(self.job_id)

    def missing(self, reason: str) -> str:
        """The frames that are missing, and why, for the artist."""
        left = [frame for frame in self._order.frames if frame not in self.delivered]
        first = next((f"Frame {frame}: {text}" for frame, text in sorted(self.failures.items())), "")
        told = " ".join(text for text in (reason, first) if text)
        return f"{len(left)} of {len(self._order.frames)} frames are missing ({_runs(left)}). {told}".strip()

    def _note(self, texts: Iterable[str], watcher: Watcher) -> None:
        """Keeps notices and shows them."""
        for text in texts:
            self.notices.append(text)
            watcher.say(text)


def _runs(frames: list[int]) -> str:
    """Frames as runs: `1001-1004, 1010`."""
    runs: list[list[int]] = []
    for frame in frames:
        if runs and frame == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], frame]
        else:
            runs.append([frame, frame])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
