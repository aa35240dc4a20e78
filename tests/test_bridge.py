"""The bridge: JSON lines towards the host, gRPC towards the daemon, and an end when its input ends."""

import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from interneg_bridge.bridge import Bridge
from interneg_bridge.errors import NotFoundError, RequestError
from interneg_bridge.messages import event_message, render_request
from interneg_proto.v1 import (
    daemon_service_pb2,
    daemon_service_pb2_grpc,
    job_pb2,
    job_service_pb2,
    job_service_pb2_grpc,
    plate_service_pb2,
    plate_service_pb2_grpc,
    production_service_pb2,
)

CLEAN = {
    "show": "heron",
    "operator": "clean",
    "plate": "/p/plate.%04d.exr",
    "first_frame": 1001,
    "last_frame": 1003,
    "output": "/p/out.%04d.exr",
    "matte": "/p/matte.%04d.exr",
    "matte_channel": "A",
    "grow_pixels": 2,
    "seed": 7,
}
REFRAME = {
    **{key: CLEAN[key] for key in ("show", "plate", "first_frame", "last_frame", "output")},
    "operator": "reframe",
    "keys": [{"frame": 1001, "punch_in": 1.1, "pan": 0.02}, {"frame": 1003, "roll_degrees": -3}],
}


def accepted() -> job_pb2.JobEvent:
    job = job_pb2.Job(id="j1", operator="clean", state=job_pb2.JOB_STATE_QUEUED)
    return job_pb2.JobEvent(accepted=job_pb2.JobAccepted(job=job, model="v002", notices=["a notice"]))


def delivered(frame: int) -> job_pb2.JobEvent:
    done = job_pb2.FrameDelivered(frame=frame, path=f"/p/out.{frame}.exr", seen=0.75, synthesised=0.25)
    return job_pb2.JobEvent(delivered=done)


def finished(state: job_pb2.JobState = job_pb2.JOB_STATE_DONE) -> job_pb2.JobEvent:
    return job_pb2.JobEvent(finished=job_pb2.JobFinished(state=state, message="as it is"))


class FakeDaemon:
    """A daemon at the seam: it keeps the requests, and delivers until it is cancelled."""

    def __init__(self):
        self.requests: list[plate_service_pb2.RenderRequest] = []
        self.cancelled = threading.Event()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def status(self):
        return daemon_service_pb2.GetStatusResponse(version="9", device="cpu", jobs_running=2)

    def list_productions(self):
        return [production_service_pb2.Production(show="heron", circled_version="v002", takes=3)]

    def render(self, request):
        self.requests.append(request)
        if request.show == "missing":
            raise NotFoundError("there is no production 'missing'")
        if request.show == "breaks":
            raise ZeroDivisionError
        yield accepted()
        yield delivered(request.plate.frames.first_frame)
        if request.show == "long":
            assert self.cancelled.wait(10)
            yield finished(job_pb2.JOB_STATE_CANCELLED)
            return
        yield job_pb2.JobEvent(failed=job_pb2.FrameFailed(frame=1002, message="why"))
        yield job_pb2.JobEvent(progress=job_pb2.JobProgress(fraction=0.5, message="half", remaining_seconds=3))
        yield finished()

    def preview(self, request):
        self.requests.append(request)
        return b"\x89PNG of it", ["a notice"]

    def watch_job(self, job_id):
        yield accepted()
        yield finished()

    def cancel_job(self, job_id):
        self.cancelled.set()
        return job_pb2.Job(id=job_id, state=job_pb2.JOB_STATE_RUNNING, frames_total=3)


class Out(io.StringIO):
    """The bridge's output; `closing(n)` waits for the last message of n requests."""

    def closing(self, requests: int) -> list[dict]:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            messages = [json.loads(line) for line in self.getvalue().splitlines() if line]
            if sum("result" in message or "error" in message for message in messages) >= requests:
                return messages
            time.sleep(0.005)
        raise AssertionError(self.getvalue())


def spoken(*requests: dict | str, daemon: FakeDaemon | None = None) -> list[dict]:
    out, daemon = Out(), daemon or FakeDaemon()
    lines = [request if isinstance(request, str) else json.dumps(request) for request in requests]
    Bridge(lambda: daemon, out).serve(lines)
    return out.closing(len([line for line in lines if line.strip()]))


def test_hello_needs_no_daemon():
    def absent():
        raise AssertionError("the daemon was asked")

    out = Out()
    Bridge(absent, out).serve(['{"id": 1, "call": "hello"}'])
    assert out.closing(1) == [{"id": 1, "result": {"protocol": 1, "version": version("interneg")}}]


def test_render_streams_its_events_and_ends_with_one_result():
    messages = spoken({"id": 5, "call": "render", **CLEAN})
    assert [message.get("event", "result") for message in messages] == [
        "accepted",
        "delivered",
        "failed",
        "progress",
        "result",
    ]
    assert all(message["id"] == 5 for message in messages)
    assert messages[0]["job"] == "j1" and messages[0]["model"] == "v002" and messages[0]["notices"] == ["a notice"]
    assert messages[1]["frame"] == 1001 and messages[1]["seen"] == 0.75
    assert messages[2]["message"] == "why"
    assert messages[-1]["result"] == {"state": "done", "message": "as it is"}


def test_cancel_overtakes_its_render():
    messages = spoken({"id": 1, "call": "render", **CLEAN, "show": "long"}, {"id": 2, "call": "cancel", "job": "j1"})
    results = {message["id"]: message["result"] for message in messages if "result" in message}
    assert results[1]["state"] == "cancelled" and results[2]["frames_total"] == 3


@pytest.mark.parametrize("call", ["status", "productions", "watch"])
def test_other_calls_are_answered(call: str):
    last = spoken({"id": 1, "call": call, "job": "j1"})[-1]["result"]
    assert last in (
        {"state": "done", "message": "as it is"},
        {"shows": [{"show": "heron", "circled_version": "v002", "takes": 3}]},
    ) or (last["version"], last["jobs_running"]) == ("9", 2)


@pytest.mark.parametrize(
    ("line", "number", "words"),
    [
        ("no json", None, "JSON"),
        ("[1]", None, "object"),
        ('{"id": 3}', 3, "call"),
        ('{"id": 3, "call": "dance"}', 3, "'dance'"),
        ('{"id": 3, "call": "cancel"}', 3, "job"),
        (json.dumps({"id": 3, "call": "render", **CLEAN, "operator": "repaint"}), 3, "'repaint'"),
    ],
)
def test_what_is_no_request_is_answered_with_an_error(line: str, number: int | None, words: str):
    (message,) = spoken(line)
    assert message["id"] == number
    assert message["error"]["kind"] == "RequestError" and words in message["error"]["message"]


def test_errors_of_the_client_keep_their_kind_and_words():
    (message,) = spoken({"id": 1, "call": "render", **CLEAN, "show": "missing"})
    assert message["error"] == {"kind": "NotFoundError", "message": "there is no production 'missing'"}


def test_an_unforeseen_failure_is_one_sentence(capsys):
    (message,) = spoken({"id": 1, "call": "render", **CLEAN, "show": "breaks"})
    assert message["error"]["kind"] == "RefusedError" and "interneg doctor" in message["error"]["message"]
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_clean_becomes_the_wires_wish():
    request = render_request(CLEAN)
    assert (request.show, request.plate.path, request.output.path) == ("heron", CLEAN["plate"], CLEAN["output"])
    assert (request.plate.frames.first_frame, request.plate.frames.last_frame, request.seed) == (1001, 1003, 7)
    matte = request.clean.matte
    assert (matte.path, matte.channel, matte.grow_pixels) == (CLEAN["matte"], "A", 2.0)
    assert request.clean.grain == 1 and render_request({**CLEAN, "grain": 0}).clean.grain == 0


def test_a_reframe_becomes_the_wires_wish_with_neutral_values_filled_in():
    keys = render_request(REFRAME).reframe.keys
    assert [(key.frame, key.punch_in, key.pan, key.tilt, key.roll_degrees) for key in keys] == [
        (1001, 1.1, 0.02, 0.0, 0.0),
        (1003, 1.0, 0.0, 0.0, -3.0),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_frame": "1001"},
        {"first_frame": 1001.5},
        {"first_frame": True},
        {"last_frame": 2**40},
        {"seed": -1},
        {"plate": None},
        {"grow_pixels": "2"},
        {"grain": "1"},
        {"matte": 3},
    ],
    ids=str,
)
def test_a_wrong_field_is_named(wrong: dict):
    with pytest.raises(RequestError, match=r"is |fit"):
        render_request({**CLEAN, **wrong})


@pytest.mark.parametrize("keys", [None, [], {}, ["x"], [{"punch_in": 1}], [{"frame": 1, "pan": None}]], ids=str)
def test_wrong_keys_are_refused(keys: object):
    with pytest.raises(RequestError):
        render_request({**REFRAME, "keys": keys})


def test_every_event_of_the_wire_is_json():
    for event in (accepted(), delivered(1), finished()):
        json.dumps(event_message(event))


class Served(
    daemon_service_pb2_grpc.DaemonServiceServicer,
    plate_service_pb2_grpc.PlateServiceServicer,
    job_service_pb2_grpc.JobServiceServicer,
):
    """A real gRPC server whose render never ends by itself."""

    def __init__(self):
        self.cancelled = threading.Event()
        self.left = threading.Event()

    def GetStatus(self, request, context):
        return daemon_service_pb2.GetStatusResponse(version=version("interneg"), installation=sys.prefix)

    def Render(self, request, context) -> Iterator[plate_service_pb2.RenderResponse]:
        context.add_callback(self.left.set)
        yield plate_service_pb2.RenderResponse(event=accepted())
        while context.is_active() and not self.cancelled.wait(0.02):
            pass
        yield plate_service_pb2.RenderResponse(event=finished(job_pb2.JOB_STATE_CANCELLED))

    def CancelJob(self, request, context):
        self.cancelled.set()
        return job_service_pb2.CancelJobResponse(job=job_pb2.Job(id=request.id))


@contextmanager
def serving(socket: Path) -> Iterator[Served]:
    served = Served()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    checks = health.HealthServicer()
    checks.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    daemon_service_pb2_grpc.add_DaemonServiceServicer_to_server(served, server)
    plate_service_pb2_grpc.add_PlateServiceServicer_to_server(served, server)
    job_service_pb2_grpc.add_JobServiceServicer_to_server(served, server)
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    try:
        yield served
    finally:
        server.stop(0).wait()


PROGRAM = """
import sys
from interneg_bridge.bridge import serve_host
from interneg_bridge.client import Client

def connect():
    print("what a library prints")
    return Client(sys.argv[1])

serve_host(connect)
"""


@contextmanager
def process(socket: Path) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(socket)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "GRPC_VERBOSITY": "NONE"},
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def ask(bridge: subprocess.Popen[str], **request: object) -> None:
    bridge.stdin.write(json.dumps(request) + "\n")
    bridge.stdin.flush()


def test_the_process_speaks_pure_json_and_ends_with_its_input(tmp_path: Path):
    with serving(tmp_path / "s.sock") as served, process(tmp_path / "s.sock") as bridge:
        ask(bridge, id=1, call="render", **CLEAN)
        assert json.loads(bridge.stdout.readline())["event"] == "accepted"
        began = time.monotonic()
        bridge.stdin.close()
        bridge.stdin = None
        assert bridge.wait(5) == 0
        assert time.monotonic() - began < 5
        assert not served.cancelled.is_set()  # the job goes on in the daemon


def test_the_process_cancels_over_the_wire(tmp_path: Path):
    with serving(tmp_path / "s.sock"), process(tmp_path / "s.sock") as bridge:
        ask(bridge, id=1, call="render", **CLEAN)
        job = json.loads(bridge.stdout.readline())["job"]
        ask(bridge, id=2, call="cancel", job=job)
        answers = {message["id"]: message["result"] for message in (json.loads(bridge.stdout.readline()) for _ in "12")}
        assert answers[1]["state"] == "cancelled" and answers[2]["job"] == "j1"


def test_an_absent_daemon_is_told(tmp_path: Path):
    with process(tmp_path / "none.sock") as bridge:
        ask(bridge, id=1, call="status")
        message = json.loads(bridge.stdout.readline())
        assert message["error"]["kind"] == "DaemonError" and "interneg serve" in message["error"]["message"]


def test_a_preview_is_a_file_whole_or_not_at_all(tmp_path):
    daemon, path = FakeDaemon(), tmp_path / "look.png"
    wish = {"call": "preview", "show": "heron", "operator": "relight", "plate": "/p.####.exr", "output": "/o.####.exr"}
    wish |= {"first_frame": 7, "last_frame": 7, "keys": [{"frame": 7, "key_stops": 0.0}]}
    [done] = spoken({"id": 1, **wish, "png": str(path), "long_side": 320}, daemon=daemon)
    assert done["result"] == {"path": str(path), "notices": ["a notice"]} and path.read_bytes() == b"\x89PNG of it"
    assert daemon.requests[0].long_side == 320 and daemon.requests[0].render.plate.frames.first_frame == 7
    [told] = spoken({"id": 1, **wish, "png": str(tmp_path / "nowhere" / "look.png")})
    assert "cannot be written" in told["error"]["message"]
    [told] = spoken({"id": 1, **wish})
    assert "png" in told["error"]["message"]
    assert [file.name for file in tmp_path.iterdir()] == ["look.png"]
