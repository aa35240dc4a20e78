"""A child process between a host and the daemon: JSON lines on stdin and stdout, gRPC behind.

One JSON object a line, UTF-8, in both directions. A host numbers its requests; every answer carries the number.
Requests run side by side, so a `cancel` overtakes its `render`. Each request ends with exactly one `result` or `error`.
The bridge ends when its stdin does; a job of the daemon goes on without it, and `watch` finds it again.

Host to bridge: `{"id": N, "call": CALL, ...}`
    hello
    status
    productions
    render    show, operator (`clean` | `wires` | `reframe` | `relight`), plate, first_frame, last_frame, output;
              optional colourspace, model_version, seed;
              clean: matte, or find_wires true with optional sensitivity;
                     optional matte_channel, grow_pixels, grain, performers, clean_plate, from_take, anchors (as
                     1010,1055-1060);
              wires: optional sensitivity, overlay;
              reframe: keys, a list of {frame, optional punch_in, pan, tilt, roll_degrees};
              relight: keys, a list of {frame, and what numbers of a relight's controls are not neutral};
                     optional matte, matte_channel, performers, layers (true or false), reference_frame
    preview   the fields of a relight's render; png, the file that its first frame's PNG is written to, whole or not at
              all; optional long_side
    watch     job
    cancel    job

Bridge to host, events of `render` and `watch`: `{"id": N, "event": EVENT, ...}`
    accepted  job, model, notices
    delivered frame, path, decode_seconds, compute_seconds, encode_seconds, seen, synthesised, bridged, kept,
              notices
    failed    frame, message
    progress  fraction, message, remaining_seconds

Bridge to host, last: `{"id": N, "result": {...}}`
    hello        protocol, version
    status       version, device, home, colour_config, jobs_queued, jobs_running, uptime_seconds
    productions  shows, a list of {show, circled_version, takes}
    render, watch  state (`done` | `failed` | `cancelled`), message
    preview      path, notices
    cancel       job, operator, show, state, frames_total, frames_delivered, frames_failed, output
or `{"id": N, "error": {"kind": KIND, "message": TEXT}}`, where KIND is a class of interneg_bridge.errors and TEXT is
fit to show to an artist. A line that is no JSON object is answered with the id null.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path
from typing import Protocol, TextIO

from interneg_bridge.errors import ClientError, RefusedError, RequestError
from interneg_bridge.messages import (
    Fields,
    Message,
    event_message,
    job_message,
    render_request,
    status_message,
    text,
    whole,
)
from interneg_proto.v1 import daemon_service_pb2, job_pb2, plate_service_pb2, production_service_pb2

PROTOCOL = 1  # raised when a host of before could no longer read an answer


class Daemon(Protocol):
    """What the bridge asks of a client of the daemon."""

    def status(self) -> daemon_service_pb2.GetStatusResponse:
        """How the daemon is."""

    def list_productions(self) -> list[production_service_pb2.Production]:
        """All productions."""

    def render(self, request: plate_service_pb2.RenderRequest) -> Iterator[job_pb2.JobEvent]:
        """The events of a wish's job."""

    def preview(self, request: plate_service_pb2.PreviewRequest) -> tuple[bytes, list[str]]:
        """A PNG of one frame of a relight, and what to know of it."""

    def watch_job(self, job_id: str) -> Iterator[job_pb2.JobEvent]:
        """A job's events."""

    def cancel_job(self, job_id: str) -> job_pb2.Job:
        """The job once its cancellation is noted."""


class Bridge:
    """Answers a host's requests, each on a thread of its own."""

    def __init__(self, connect: Callable[[], AbstractContextManager[Daemon]], out: TextIO) -> None:
        self._connect = connect
        self._out = out
        self._lock = threading.Lock()

    def serve(self, lines: Iterable[str]) -> None:
        """Answers every line until there are no more."""
        for line in lines:
            if line.strip():
                self._begin(line)

    def _begin(self, line: str) -> None:
        try:
            request = _parsed(line)
        except RequestError as error:
            self._say_error(None, error)
            return
        threading.Thread(target=self._answer, args=(request,), daemon=True).start()

    def _answer(self, request: Fields) -> None:
        number = request.get("id")
        try:
            for message in self._answers(request):
                self._say({"id": number, **message})
        except ClientError as error:
            self._say_error(number, error)
        except BrokenPipeError:
            return  # the host is gone, and stdin ends with it
        except Exception:  # noqa: BLE001  (the top of the thread; the host's log gets the traceback)
            traceback.print_exc(file=sys.stderr)
            self._say_error(number, RefusedError("The bridge failed on this request. Run `interneg doctor`."))

    def _answers(self, request: Fields) -> Iterator[Message]:
        call = text(request, "call")
        if call == "hello":
            yield {"result": {"protocol": PROTOCOL, "version": version("interneg")}}
            return
        answer = {
            "status": _status,
            "productions": _productions,
            "render": _render,
            "preview": _preview,
            "watch": _watch,
            "cancel": _cancel,
        }.get(call)
        if answer is None:
            raise RequestError(f"call is {call!r}: give hello, status, productions, render, preview, watch or cancel")
        with self._connect() as daemon:
            yield from answer(daemon, request)

    def _say_error(self, number: object, error: ClientError) -> None:
        self._say({"id": number, "error": {"kind": type(error).__name__, "message": str(error)}})

    def _say(self, message: Message) -> None:
        line = json.dumps(message)
        with self._lock:
            self._out.write(line + "\n")
            self._out.flush()


def serve_host(connect: Callable[[], AbstractContextManager[Daemon]]) -> None:
    """Serves the host that started this process, until it closes this process's input."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints, stdout stays pure JSON
    lines = os.fdopen(os.dup(sys.stdin.fileno()), encoding="utf-8", errors="replace")
    Bridge(connect, out).serve(lines)


def _parsed(line: str) -> Fields:
    try:
        request = json.loads(line)
    except ValueError as error:
        raise RequestError(f"a line is no JSON ({error}): send one object a line") from error
    if not isinstance(request, dict):
        raise RequestError(f"a line is {type(request).__name__}: send one object a line")
    return request


def _status(daemon: Daemon, _: Fields) -> Iterator[Message]:
    yield {"result": status_message(daemon.status())}


def _productions(daemon: Daemon, _: Fields) -> Iterator[Message]:
    shows = [
        {"show": production.show, "circled_version": production.circled_version, "takes": production.takes}
        for production in daemon.list_productions()
    ]
    yield {"result": {"shows": shows}}


def _render(daemon: Daemon, request: Fields) -> Iterator[Message]:
    yield from map(event_message, daemon.render(render_request(request)))


def _preview(daemon: Daemon, request: Fields) -> Iterator[Message]:
    wish, path = render_request(request), Path(text(request, "png"))
    asked = plate_service_pb2.PreviewRequest(render=wish, long_side=whole(request, "long_side", 0))
    png, notices = daemon.preview(asked)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(png)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise RequestError(f"png is {path}, which cannot be written ({error.strerror}): name another file") from error
    yield {"result": {"path": str(path), "notices": notices}}


def _watch(daemon: Daemon, request: Fields) -> Iterator[Message]:
    yield from map(event_message, daemon.watch_job(text(request, "job")))


def _cancel(daemon: Daemon, request: Fields) -> Iterator[Message]:
    yield {"result": job_message(daemon.cancel_job(text(request, "job")))}
