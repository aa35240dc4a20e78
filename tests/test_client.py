import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from interneg_bridge import client as client_module
from interneg_bridge import errors
from interneg_bridge.client import Client, refusal_of
from interneg_proto.v1 import daemon_service_pb2 as daemon_pb2
from interneg_proto.v1 import daemon_service_pb2_grpc, job_pb2, job_service_pb2, job_service_pb2_grpc

OURS = daemon_pb2.GetStatusResponse(
    version=version("interneg"), installation=sys.prefix, process_id=4711, home="/home/of the artist"
)


class Scripted(daemon_service_pb2_grpc.DaemonServiceServicer, job_service_pb2_grpc.JobServiceServicer):
    """A server that does what a test says."""

    def __init__(self) -> None:
        self.status = OURS
        self.silent = threading.Event()
        self.failure: tuple[grpc.StatusCode, str] | None = None
        self.events: list[job_pb2.JobEvent] = []

    def GetStatus(self, request, context):
        return self.status

    def Stop(self, request, context):
        return daemon_pb2.StopResponse()

    def ListJobs(self, request, context):
        if self.failure is not None:
            context.abort(*self.failure)
        self.silent.wait(10)
        return job_service_pb2.ListJobsResponse()

    def WatchJob(self, request, context):
        for event in self.events:
            yield job_service_pb2.WatchJobResponse(event=event)
        if self.failure is not None:
            context.abort(*self.failure)

    def CancelJob(self, request, context):
        return job_service_pb2.CancelJobResponse()


class Scene:
    """The scripted server on a socket."""

    def __init__(self, socket: Path) -> None:
        self.script, self.health = Scripted(), health.HealthServicer()
        self.server = grpc.server(ThreadPoolExecutor(4))
        daemon_service_pb2_grpc.add_DaemonServiceServicer_to_server(self.script, self.server)
        job_service_pb2_grpc.add_JobServiceServicer_to_server(self.script, self.server)
        health_pb2_grpc.add_HealthServicer_to_server(self.health, self.server)
        self.address = str(socket)
        self.server.add_insecure_port(f"unix:{socket}")
        self.server.start()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path / "a.sock")
    yield made
    made.script.silent.set()
    made.server.stop(0).wait()


@pytest.mark.parametrize(
    ("field", "value"), [("installation", "/opt/an other/.venv"), ("version", "0.0.9"), ("version", "")]
)
def test_a_foreign_daemon_is_refused_by_name_with_the_command_that_stops_it(scene: Scene, field, value) -> None:
    scene.script.status = daemon_pb2.GetStatusResponse()
    scene.script.status.CopyFrom(OURS)
    setattr(scene.script.status, field, value)
    with pytest.raises(errors.NotAllowedError) as caught, Client(scene.address):
        pass
    said = str(caught.value)
    assert value in said and "process 4711" in said
    assert "INTERNEG_HOME='/home/of the artist'" in said and said.endswith(" stop")


def test_the_command_that_stops_a_foreign_daemon_is_quoted_for_the_shell() -> None:
    status = daemon_pb2.GetStatusResponse(installation="/opt/an other", home="/h", version="1", process_id=1)
    assert refusal_of(status, is_local=True).endswith("INTERNEG_HOME=/h '/opt/an other/bin/interneg' stop")


def test_over_tcp_only_the_version_counts() -> None:
    status = daemon_pb2.GetStatusResponse(installation="/elsewhere", version=version("interneg"))
    assert refusal_of(status, is_local=False) == ""
    assert refusal_of(status, is_local=True) != ""


def test_our_own_daemon_is_accepted(scene: Scene) -> None:
    with Client(scene.address) as made:
        assert made.status() == OURS
    with Client(f"unix:{scene.address}") as made:
        made.stop()


def test_a_daemon_that_is_ending_is_not_used(scene: Scene) -> None:
    scene.health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
    with pytest.raises(errors.DaemonError, match="ending"), Client(scene.address):
        pass


def test_a_daemon_that_hangs_is_told_at_the_deadline(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module.Client._ask, "__defaults__", (0.2,))
    with Client(scene.address) as made, pytest.raises(errors.DaemonError, match="does not answer"):
        made.list_jobs()


def test_no_socket_and_a_dead_socket_are_told(tmp_path: Path) -> None:
    import socket

    with pytest.raises(errors.DaemonError, match="interneg serve"), Client(str(tmp_path / "none.sock")):
        pass
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "dead.sock"))
    with pytest.raises(errors.DaemonError, match=r"dead\.sock"), Client(str(tmp_path / "dead.sock")):
        pass


@pytest.mark.parametrize("address", ["", "relative.sock", "host", "host:port", "a b:1", "http://host:1", "host:1/x"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(errors.RequestError, match="HOST:PORT"):
        Client(address)


CODES = {
    grpc.StatusCode.INVALID_ARGUMENT: errors.RequestError,
    grpc.StatusCode.ALREADY_EXISTS: errors.AlreadyExistsError,
    grpc.StatusCode.NOT_FOUND: errors.NotFoundError,
    grpc.StatusCode.PERMISSION_DENIED: errors.NotAllowedError,
    grpc.StatusCode.UNAUTHENTICATED: errors.NotAllowedError,
    grpc.StatusCode.FAILED_PRECONDITION: errors.RefusedError,
    grpc.StatusCode.INTERNAL: errors.RefusedError,
    grpc.StatusCode.CANCELLED: errors.CancelledError,
    grpc.StatusCode.UNAVAILABLE: errors.DaemonError,
    grpc.StatusCode.UNIMPLEMENTED: errors.NotAllowedError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: errors.DaemonError,
}


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_every_status_is_an_error_of_its_own(scene: Scene, code: grpc.StatusCode) -> None:
    scene.script.failure = (code, "plate 'p': wrong; mend it")
    with Client(scene.address) as made:
        with pytest.raises(errors.ClientError) as unary:
            made.list_jobs()
        with pytest.raises(errors.ClientError) as stream:
            list(made.watch_job("clean-1"))
    assert type(unary.value) is type(stream.value) is CODES[code]
    if code is not grpc.StatusCode.UNIMPLEMENTED:
        assert "plate 'p': wrong; mend it" in str(unary.value)


def test_a_stream_that_ends_before_its_job_is_a_lost_daemon(scene: Scene) -> None:
    scene.script.events = [job_pb2.JobEvent(progress=job_pb2.JobProgress(fraction=0.5))]
    with Client(scene.address) as made:
        events = made.watch_job("clean-1")
        assert next(events).progress.fraction == 0.5
        with pytest.raises(errors.DaemonError, match="same request again"):
            next(events)


def test_a_server_that_goes_in_the_middle_is_a_lost_daemon(scene: Scene) -> None:
    scene.script.events = [job_pb2.JobEvent(progress=job_pb2.JobProgress())] * 3
    with Client(scene.address) as made:
        scene.server.stop(0).wait()
        with pytest.raises(errors.DaemonError):
            list(made.watch_job("clean-1"))


def test_a_long_path_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    links = tmp_path / "links"
    links.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(links))
    folder = tmp_path / ("d" * 90) / ("e" * 90)
    folder.mkdir(parents=True)
    short = tmp_path / "run"
    short.symlink_to(folder, target_is_directory=True)
    served = Scene(short / "a.sock")
    with Client(str(folder / "a.sock")) as made:
        assert made.status() == OURS
        assert len(list(links.iterdir())) == 1
    served.script.silent.set()
    served.server.stop(0).wait()
    del made
    assert list(links.iterdir()) == []
