"""The daemon as a client sees it: one method per call, typed errors, deadlines in seconds."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Protocol, TypeVar

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from interneg_bridge.channel import Address
from interneg_bridge.errors import (
    AlreadyExistsError,
    CancelledError,
    ClientError,
    DaemonError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
    RequestError,
)
from interneg_proto.v1 import (
    daemon_service_pb2,
    daemon_service_pb2_grpc,
    job_pb2,
    job_service_pb2,
    job_service_pb2_grpc,
    plate_service_pb2,
    plate_service_pb2_grpc,
    production_service_pb2,
    production_service_pb2_grpc,
    training_service_pb2,
    training_service_pb2_grpc,
)

HEALTH_SECONDS = 5.0
CALL_SECONDS = 30.0  # a daemon that learns answers late, a daemon that hangs not at all
REPORT_SECONDS = 300.0  # a picture of each take is read
MATCH_SECONDS = 300.0  # two shots may have to be analysed
DELETE_SECONDS = 300.0  # a production's models on a slow server

_Request = TypeVar("_Request")
_Reply = TypeVar("_Reply")
_ERRORS: Mapping[grpc.StatusCode, type[ClientError]] = MappingProxyType(
    {
        grpc.StatusCode.INVALID_ARGUMENT: RequestError,
        grpc.StatusCode.ALREADY_EXISTS: AlreadyExistsError,
        grpc.StatusCode.NOT_FOUND: NotFoundError,
        grpc.StatusCode.PERMISSION_DENIED: NotAllowedError,
        grpc.StatusCode.UNAUTHENTICATED: NotAllowedError,
        grpc.StatusCode.FAILED_PRECONDITION: RefusedError,
        grpc.StatusCode.INTERNAL: RefusedError,
        grpc.StatusCode.CANCELLED: CancelledError,
    }
)


class _JobReply(Protocol):
    """A reply that carries one event of a job."""

    @property
    def event(self) -> job_pb2.JobEvent:
        """The event."""


class Client:
    """One connection to one daemon; a context that closes it.

    Convention: `address` is the socket's absolute path, or `HOST:PORT` with the token that the studio set. Entering the
    context checks that the daemon answers and belongs to this installation. The methods may be called from any thread.
    """

    def __init__(self, address: str, token: str | None = None, certificate: Path | None = None) -> None:
        self._address = Address(address, token, certificate)
        self._channel = self._address.open()
        self._health = health_pb2_grpc.HealthStub(self._channel)
        self._daemon = daemon_service_pb2_grpc.DaemonServiceStub(self._channel)
        self._plates = plate_service_pb2_grpc.PlateServiceStub(self._channel)
        self._productions = production_service_pb2_grpc.ProductionServiceStub(self._channel)
        self._training = training_service_pb2_grpc.TrainingServiceStub(self._channel)
        self._jobs = job_service_pb2_grpc.JobServiceStub(self._channel)

    def __enter__(self) -> Client:
        try:
            self.connect()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """The connection is gone; jobs go on."""
        self._channel.close()

    def connect(self) -> daemon_service_pb2.GetStatusResponse:
        """How the daemon is, once it is certain that it belongs to this installation.

        Raises:
            NotAllowedError: it is of another installation or version; the message names it and how to stop it.
            DaemonError: it does not answer.
        """
        self.check_health()
        status = self.status()
        refusal = refusal_of(status, is_local=self._address.is_socket)
        if refusal:
            raise NotAllowedError(refusal)
        return status

    def check_health(self) -> None:
        """Returns where the daemon serves.

        Raises:
            DaemonError: it does not answer, or is ending.
        """
        answer = self._ask(self._health.Check, health_pb2.HealthCheckRequest(), HEALTH_SECONDS)
        if answer.status != health_pb2.HealthCheckResponse.SERVING:
            raise DaemonError("the daemon is ending: ask again in a moment")

    def status(self) -> daemon_service_pb2.GetStatusResponse:
        """How the daemon is, whoever's it is."""
        return self._ask(self._daemon.GetStatus, daemon_service_pb2.GetStatusRequest())

    def stop(self) -> None:
        """The daemon ends after the frame in hand."""
        self._ask(self._daemon.Stop, daemon_service_pb2.StopRequest())

    def create_production(self, show: str) -> production_service_pb2.Production:
        """The new production."""
        request = production_service_pb2.CreateProductionRequest(show=show)
        return self._ask(self._productions.CreateProduction, request).production

    def list_productions(self) -> list[production_service_pb2.Production]:
        """All productions, by name."""
        request = production_service_pb2.ListProductionsRequest()
        return list(self._ask(self._productions.ListProductions, request).productions)

    def get_production(self, show: str) -> production_service_pb2.Production:
        """One production."""
        request = production_service_pb2.GetProductionRequest(show=show)
        return self._ask(self._productions.GetProduction, request).production

    def get_profile(self, show: str) -> production_service_pb2.Profile:
        """What the takes that were measured so far say of a show."""
        request = production_service_pb2.GetProfileRequest(show=show)
        return self._ask(self._productions.GetProfile, request).profile

    def delete_production(self, show: str) -> None:
        """The production is gone with all that was learnt from it; the dailies stay."""
        request = production_service_pb2.DeleteProductionRequest(show=show)
        self._ask(self._productions.DeleteProduction, request, DELETE_SECONDS)

    def list_takes(self, show: str) -> list[production_service_pb2.Take]:
        """A show's takes, by slate and path."""
        request = production_service_pb2.ListTakesRequest(show=show)
        return list(self._ask(self._productions.ListTakes, request).takes)

    def add_dailies(self, show: str, paths: Sequence[str]) -> Iterator[production_service_pb2.DailiesEvent]:
        """What came of each file or sequence, as it comes."""
        request = production_service_pb2.AddDailiesRequest(show=show, paths=paths)
        for reply in self._stream(self._productions.AddDailies, request):
            yield reply.event

    def read_cut(self, show: str, path: str) -> production_service_pb2.Rhythm:
        """The rhythm of the cut in that file, which the show's profile has from now on."""
        request = production_service_pb2.ReadCutRequest(show=show, path=path)
        return self._ask(self._productions.ReadCut, request).rhythm

    def watch_dailies(
        self, show: str, folder: str, learn_minutes: float = 0.0
    ) -> Iterator[production_service_pb2.WatchDailiesResponse]:
        """What came of each settled file, for as long as it is iterated; an empty one first, once the watch stands."""
        request = production_service_pb2.WatchDailiesRequest(show=show, folder=folder, learn_minutes=learn_minutes)
        yield from self._stream(self._productions.WatchDailies, request)

    def render(self, request: plate_service_pb2.RenderRequest) -> Iterator[job_pb2.JobEvent]:
        """The events of a wish's job, from its acceptance to its end.

        Raises:
            DaemonError: the daemon was lost before the job's end; `watch_job` shows the job once it is back.
        """
        replies = self._stream(self._plates.Render, request)
        return self._job_events(replies)

    def preview(self, request: plate_service_pb2.PreviewRequest) -> tuple[bytes, list[str]]:
        """A PNG of one frame of a relight, and what to know of it."""
        parts = list(self._stream(self._plates.Preview, request))
        return b"".join(part.png for part in parts), [notice for part in parts for notice in part.notices]

    def match_light(self, request: plate_service_pb2.MatchLightRequest) -> plate_service_pb2.MatchLightResponse:
        """The rig that lights one plate as another is lit, and what remains between them."""
        return self._ask(self._plates.MatchLight, request, MATCH_SECONDS)

    def learn(
        self, show: str, budget_minutes: float, experts: Sequence[str] = (), *, fresh: bool = False
    ) -> Iterator[job_pb2.JobEvent]:
        """The events of a learn job, from its acceptance to its end; of all experts where none is named."""
        request = training_service_pb2.LearnRequest(
            show=show, budget_minutes=budget_minutes, experts=experts, fresh=fresh
        )
        replies = self._stream(self._training.Learn, request)
        return self._job_events(replies)

    def list_versions(self, show: str) -> list[training_service_pb2.ModelVersion]:
        """A show's model versions with their verdicts, oldest first."""
        request = training_service_pb2.ListVersionsRequest(show=show)
        return list(self._ask(self._training.ListVersions, request).versions)

    def use_version(self, show: str, version: str) -> None:
        """That version answers from the next job on; `base` for none of the show's own."""
        self._ask(self._training.UseVersion, training_service_pb2.UseVersionRequest(show=show, version=version))

    def export_version(self, show: str, version: str, path: str) -> training_service_pb2.ExportVersionResponse:
        """The version, by default the one in use, is in that file."""
        request = training_service_pb2.ExportVersionRequest(show=show, version=version, path=path)
        return self._ask(self._training.ExportVersion, request)

    def import_version(self, show: str, path: str) -> str:
        """What the model in that file is called now that it is kept; it is not in use yet."""
        request = training_service_pb2.ImportVersionRequest(show=show, path=path)
        return self._ask(self._training.ImportVersion, request).version

    def write_report(self, show: str, path: str) -> int:
        """The show's report is in that HTML file; its bytes."""
        request = training_service_pb2.WriteReportRequest(show=show, path=path)
        return self._ask(self._training.WriteReport, request, REPORT_SECONDS).bytes

    def list_jobs(self) -> list[job_pb2.Job]:
        """The daemon's jobs, newest first."""
        return list(self._ask(self._jobs.ListJobs, job_service_pb2.ListJobsRequest()).jobs)

    def watch_job(self, job_id: str) -> Iterator[job_pb2.JobEvent]:
        """A job's events from its first to its last, however late one begins to watch."""
        replies = self._stream(self._jobs.WatchJob, job_service_pb2.WatchJobRequest(id=job_id))
        return self._job_events(replies)

    def cancel_job(self, job_id: str) -> job_pb2.Job:
        """The job as it stands once the cancellation is noted."""
        return self._ask(self._jobs.CancelJob, job_service_pb2.CancelJobRequest(id=job_id)).job

    def _ask(
        self, method: grpc.UnaryUnaryMultiCallable[_Request, _Reply], request: _Request, seconds: float = CALL_SECONDS
    ) -> _Reply:
        """The one reply of a call."""
        try:
            return method(request, timeout=seconds, metadata=self._address.metadata)
        except grpc.RpcError as error:
            raise _error_from_rpc(error, self._address.text) from None

    def _stream(self, method: grpc.UnaryStreamMultiCallable[_Request, _Reply], request: _Request) -> Iterator[_Reply]:
        """The replies of a call that lasts as long as it lasts; a lost daemon shows by the connection's keepalive."""
        self.check_health()
        call = method(request, metadata=self._address.metadata)
        try:
            yield from call
        except grpc.RpcError as error:
            raise _error_from_rpc(error, self._address.text) from None
        finally:
            call.cancel()  # type: ignore[no-untyped-call]

    def _job_events(self, replies: Iterator[_JobReply]) -> Iterator[job_pb2.JobEvent]:
        """The events within the replies, the last of which must be the job's end."""
        for reply in replies:
            yield reply.event
            if reply.event.HasField("finished"):
                return
        raise DaemonError("the daemon ended before the job did: the same request again completes it")


def refusal_of(status: daemon_service_pb2.GetStatusResponse, is_local: bool) -> str:
    """Why this client may not talk to that daemon, and how to stop it; empty where it may.

    Convention: over TCP the daemon is on another machine, so that only its version must be the same.
    """
    here = version("interneg")
    ours = not is_local or Path(status.installation) == Path(sys.prefix)
    if ours and status.version == here:
        return ""
    program = Path(status.installation) / "bin" / "interneg"
    command = f"INTERNEG_HOME={shlex.quote(status.home)} {shlex.quote(str(program))} stop"
    return (
        f"the daemon of {status.home} is of another installation: {status.installation}, version {status.version}, "
        f"process {status.process_id} (this is {sys.prefix}, version {here}); stop it with: {command}"
    )


def _error_from_rpc(error: grpc.RpcError, address: str) -> ClientError:
    """What the artist is told of a call that failed."""
    if not isinstance(error, grpc.Call):
        return DaemonError(f"no daemon answers at {address} ({error})")
    code, said = error.code(), error.details() or ""
    if code in _ERRORS:
        return _ERRORS[code](said)
    if any(key == "interneg-error" for key, _ in error.trailing_metadata() or ()):
        return DaemonError(said)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return DaemonError(f"the daemon at {address} does not answer: look into its log, or `interneg stop` it")
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return NotAllowedError(f"the daemon at {address} is of another version: `interneg stop` it, and ask again")
    return DaemonError(f"the daemon at {address} was lost, or none answers there ({said}): ask again")
