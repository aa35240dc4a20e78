"""The calls: unpack, call, pack."""

from __future__ import annotations

import math
import os
import queue
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import grpc

from interneg.errors import NotAllowedError, NotFoundError, ProductionError
from interneg.ingest import ingest
from interneg.plates.colour import ColourConfig
from interneg.profile.cut import keep_cut, kept_rhythm
from interneg.profile.show import profile_of
from interneg.profile.takes import kept_measures
from interneg.report.facts import facts_of
from interneg.report.page import write_report
from interneg.resident.events import JobEvent, JobState, LearnOrder
from interneg.resident.matching import matched
from interneg.resident.preview import previewed
from interneg.resident.scheduler import JobTitle, Priority
from interneg.resident.versions import export_version, import_version, use_version, versions_of
from interneg.service import convert, convert_light
from interneg.service.convert import answering
from interneg.service.convert_profile import message_from_profile, message_from_rhythm
from interneg.service.learning import Quiet, begin_learning, noting
from interneg.service.other_takes import with_other_takes
from interneg.service.paths import PathRules
from interneg.service.residents import Residents
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

_POLL_SECONDS = 0.5  # how soon a watch whose client has gone is let go


@dataclass(frozen=True)
class _Door:
    """What every servicer holds: the daemon behind it, and what its callers may name."""

    residents: Residents
    rules: PathRules

    def told(self, job_id: str, context: grpc.ServicerContext) -> Iterator[job_pb2.JobEvent]:
        """A job's events for as long as the caller listens; the job goes on without him."""
        events: Iterator[JobEvent] = self.residents.scheduler.events(job_id, context.is_active)
        return (convert.message_from_event(event, self.rules) for event in events)


class PlateServicer(_Door, plate_service_pb2_grpc.PlateServiceServicer):
    """The operators on plates."""

    def Render(  # noqa: N802 - the wire's name
        self, request: plate_service_pb2.RenderRequest, context: grpc.ServicerContext
    ) -> Iterator[plate_service_pb2.RenderResponse]:
        """Accepts a wish as a job and streams its events."""
        with answering(context):
            home = self.residents
            production, settings = home.store.open(request.show), home.settings_of(request.show)
            wish = with_other_takes(convert.wish_from_request(request, self.rules), production, settings, self.rules)
            accepted = home.work.accept(wish, home.engine, settings)
            title = JobTitle(
                convert.operator_name(wish),
                wish.show,
                len(wish.frames),
                wish.output_path,
                accepted.model,
                accepted.notices,
            )
            job = home.scheduler.submit(title, Priority.ARTIST, noting(home.store, wish, accepted))
            for event in self.told(job.id, context):
                yield plate_service_pb2.RenderResponse(event=event)

    def Preview(  # noqa: N802 - the wire's name
        self, request: plate_service_pb2.PreviewRequest, context: grpc.ServicerContext
    ) -> Iterator[plate_service_pb2.PreviewResponse]:
        """Looks at one frame of a relight."""
        with answering(context):
            home = self.residents
            wish = convert.wish_from_request(request.render, self.rules)
            seen = previewed(wish, request.long_side, home.engine, home.settings_of(wish.show), home.work.looks)
            yield from convert_light.messages_from_preview(seen)

    def MatchLight(  # noqa: N802 - the wire's name
        self, request: plate_service_pb2.MatchLightRequest, context: grpc.ServicerContext
    ) -> plate_service_pb2.MatchLightResponse:
        """Finds the rig that lights one plate as another is lit."""
        with answering(context):
            home = self.residents
            wishes = convert_light.views_from_match(request, self.rules)
            found = matched(*wishes, home.engine, home.settings_of(request.show))
            return convert_light.message_from_matched(found)


class TrainingServicer(_Door, training_service_pb2_grpc.TrainingServiceServicer):
    """Learning the show, and its versions."""

    def Learn(  # noqa: N802 - the wire's name
        self, request: training_service_pb2.LearnRequest, context: grpc.ServicerContext
    ) -> Iterator[training_service_pb2.LearnResponse]:
        """Accepts the wish as a job and streams its events."""
        with answering(context):
            order = LearnOrder(request.budget_minutes, tuple(request.experts), request.fresh)
            job_id = begin_learning(self.residents, request.show, order)
            for event in self.told(job_id, context):
                yield training_service_pb2.LearnResponse(event=event)

    def ListVersions(  # noqa: N802 - the wire's name
        self, request: training_service_pb2.ListVersionsRequest, context: grpc.ServicerContext
    ) -> training_service_pb2.ListVersionsResponse:
        """Lists a show's model versions with their verdicts."""
        with answering(context):
            versions = versions_of(self.residents.store.open(request.show))
            messages = [convert.message_from_version(version) for version in versions]
            return training_service_pb2.ListVersionsResponse(versions=messages)

    def UseVersion(  # noqa: N802 - the wire's name
        self, request: training_service_pb2.UseVersionRequest, context: grpc.ServicerContext
    ) -> training_service_pb2.UseVersionResponse:
        """Takes a version into use; jobs that were accepted before keep theirs."""
        with answering(context):
            use_version(self.residents.store.open(request.show), request.version, self._base_hash())
            return training_service_pb2.UseVersionResponse()

    def ExportVersion(  # noqa: N802 - the wire's name
        self, request: training_service_pb2.ExportVersionRequest, context: grpc.ServicerContext
    ) -> training_service_pb2.ExportVersionResponse:
        """Writes a version into a file."""
        with answering(context):
            production = self.residents.store.open(request.show)
            path = Path(self.rules.target(request.path, "file"))
            version, size = export_version(production, request.version, path, self._base_hash())
            return training_service_pb2.ExportVersionResponse(version=version, bytes=size)

    def ImportVersion(  # noqa: N802 - the wire's name
        self, request: training_service_pb2.ImportVersionRequest, context: grpc.ServicerContext
    ) -> training_service_pb2.ImportVersionResponse:
        """Keeps an exported model."""
        with answering(context):
            production = self.residents.store.open(request.show)
            path = Path(self.rules.source(request.path, "file"))
            return training_service_pb2.ImportVersionResponse(
                version=import_version(production, path, self._base_hash())
            )

    def WriteReport(  # noqa: N802 - the wire's name
        self, request: training_service_pb2.WriteReportRequest, context: grpc.ServicerContext
    ) -> training_service_pb2.WriteReportResponse:
        """Writes a show's report."""
        with answering(context):
            home, path = self.residents, Path(self.rules.target(request.path, "file"))
            production, base = home.store.open(request.show), home.engine.base()
            config = ColourConfig(home.settings_of(request.show).ocio)
            facts = facts_of(production, config, base.version if base else "")
            return training_service_pb2.WriteReportResponse(bytes=write_report(facts, path))

    def _base_hash(self) -> str | None:
        base = self.residents.engine.base()
        return base.hash if base else None


class JobServicer(_Door, job_service_pb2_grpc.JobServiceServicer):
    """The daemon's jobs."""

    def ListJobs(  # noqa: N802 - the wire's name
        self, request: job_service_pb2.ListJobsRequest, context: grpc.ServicerContext
    ) -> job_service_pb2.ListJobsResponse:
        """Lists the jobs this daemon knows."""
        with answering(context):
            jobs = self.residents.scheduler.jobs()
            return job_service_pb2.ListJobsResponse(jobs=[convert.message_from_job(job, self.rules) for job in jobs])

    def WatchJob(  # noqa: N802 - the wire's name
        self, request: job_service_pb2.WatchJobRequest, context: grpc.ServicerContext
    ) -> Iterator[job_service_pb2.WatchJobResponse]:
        """Streams a job's events from its first to its last."""
        with answering(context):
            for event in self.told(request.id, context):
                yield job_service_pb2.WatchJobResponse(event=event)

    def CancelJob(  # noqa: N802 - the wire's name
        self, request: job_service_pb2.CancelJobRequest, context: grpc.ServicerContext
    ) -> job_service_pb2.CancelJobResponse:
        """Cancels a job within a frame."""
        with answering(context):
            job = self.residents.scheduler.cancel(request.id)
            return job_service_pb2.CancelJobResponse(job=convert.message_from_job(job, self.rules))


class DaemonServicer(_Door, daemon_service_pb2_grpc.DaemonServiceServicer):
    """The daemon itself."""

    def GetStatus(  # noqa: N802 - the wire's name
        self, request: daemon_service_pb2.GetStatusRequest, context: grpc.ServicerContext
    ) -> daemon_service_pb2.GetStatusResponse:
        """Says how the daemon is."""
        with answering(context):
            home, settings = self.residents, self.residents.settings_of(None)
            base = home.engine.base()
            states = [job.state for job in home.scheduler.jobs()]
            return daemon_service_pb2.GetStatusResponse(
                version=version("interneg"),
                installation=sys.prefix,
                process_id=os.getpid(),
                uptime_seconds=time.monotonic() - home.began_seconds,
                device=str(home.engine.device),
                home=str(settings.home),
                jobs_queued=states.count(JobState.QUEUED),
                jobs_running=states.count(JobState.RUNNING),
                resident_models=home.engine.resident(),
                colour_config=ColourConfig(settings.ocio).name,
                base_version=base.version if base else "",
                base_hash=base.hash if base else "",
                base_fault=home.engine.base_fault,
            )

    def Stop(  # noqa: N802 - the wire's name
        self, request: daemon_service_pb2.StopRequest, context: grpc.ServicerContext
    ) -> daemon_service_pb2.StopResponse:
        """Ends the daemon; the frame in hand is finished or removed."""
        with answering(context):
            if self.rules.roots is not None:
                raise NotAllowedError("a daemon is not stopped over TCP; run `interneg stop` on its own machine")
            self.residents.end.set()
            return daemon_service_pb2.StopResponse()


class ProductionServicer(_Door, production_service_pb2_grpc.ProductionServiceServicer):
    """Productions and their dailies."""

    def CreateProduction(  # noqa: N802 - the wire's name
        self, request: production_service_pb2.CreateProductionRequest, context: grpc.ServicerContext
    ) -> production_service_pb2.CreateProductionResponse:
        """Creates a production."""
        with answering(context):
            production = convert.message_from_production(self.residents.store.create(request.show))
            return production_service_pb2.CreateProductionResponse(production=production)

    def ListProductions(  # noqa: N802 - the wire's name
        self, request: production_service_pb2.ListProductionsRequest, context: grpc.ServicerContext
    ) -> production_service_pb2.ListProductionsResponse:
        """Lists all productions."""
        with answering(context):
            store = self.residents.store
            productions = [convert.message_from_production(store.open(show)) for show in store.names()]
            return production_service_pb2.ListProductionsResponse(productions=productions)

    def GetProduction(  # noqa: N802 - the wire's name
        self, request: production_service_pb2.GetProductionRequest, context: grpc.ServicerContext
    ) -> production_service_pb2.GetProductionResponse:
        """Shows one production."""
        with answering(context):
            production = convert.message_from_production(self.residents.store.open(request.show))
            return production_service_pb2.GetProductionResponse(production=production)

    def DeleteProduction(  # noqa: N802 - the wire's name
        self, request: production_service_pb2.DeleteProductionRequest, context: grpc.ServicerContext
    ) -> production_service_pb2.DeleteProductionResponse:
        """Deletes a production; one that a job works for stays."""
        with answering(context):
            if self.residents.scheduler.is_busy_with(request.show):
                raise ProductionError(
                    f"production '{request.show}': a job works for it; cancel it first, `interneg jobs list` names it"
                )
            self.residents.store.delete(request.show)
            self.residents.engine.forget(request.show)
            return production_service_pb2.DeleteProductionResponse()

    def AddDailies(  # noqa: N802 - the wire's name
        self, request: production_service_pb2.AddDailiesRequest, context: grpc.ServicerContext
    ) -> Iterator[production_service_pb2.AddDailiesResponse]:
        """Ingests dailies and streams what came of each."""
        with answering(context):
            self.residents.store.open(request.show)
            paths = [self.rules.source(path, "dailies") for path in request.paths]
            for event in self._ingested(request.show, paths):
                yield production_service_pb2.AddDailiesResponse(event=event)
                if not context.is_active():
                    return

    def WatchDailies(  # noqa: N802 - the wire's name
        self, request: production_service_pb2.WatchDailiesRequest, context: grpc.ServicerContext
    ) -> Iterator[production_service_pb2.WatchDailiesResponse]:
        """Watches a folder for as long as the stream is held, and streams what came of each settled file."""
        with answering(context):
            self.residents.store.open(request.show)
            folder = Path(self.rules.source(request.folder, "folder"))
            if not folder.is_dir():
                raise NotFoundError(f"folder '{folder}': there is no such folder to watch; make it, or name another")
            settled: queue.SimpleQueue[Path] = queue.SimpleQueue()
            seconds = self.residents.settings_of(request.show).settle_seconds
            handle = self.residents.watcher.watch(folder, seconds, settled.put)
            try:
                yield production_service_pb2.WatchDailiesResponse()
                yield from self._watched(request, settled, context)
            finally:
                handle.stop()

    def ListTakes(  # noqa: N802 - the wire's name
        self, request: production_service_pb2.ListTakesRequest, context: grpc.ServicerContext
    ) -> production_service_pb2.ListTakesResponse:
        """Lists a show's takes."""
        with answering(context):
            takes = self.residents.store.open(request.show).takes()
            messages = [convert.message_from_take(take, self.rules) for take in takes]
            return production_service_pb2.ListTakesResponse(takes=messages)

    def GetProfile(  # noqa: N802 - the wire's name
        self, request: production_service_pb2.GetProfileRequest, context: grpc.ServicerContext
    ) -> production_service_pb2.GetProfileResponse:
        """Gives what the measured takes say of a show."""
        with answering(context):
            production = self.residents.store.open(request.show)
            profile = profile_of(production.takes(), kept_measures(production))
            message = message_from_profile(profile, kept_rhythm(production))
            return production_service_pb2.GetProfileResponse(profile=message)

    def ReadCut(  # noqa: N802 - the wire's name
        self, request: production_service_pb2.ReadCutRequest, context: grpc.ServicerContext
    ) -> production_service_pb2.ReadCutResponse:
        """Reads a cut for its rhythm."""
        with answering(context):
            production = self.residents.store.open(request.show)
            rhythm = keep_cut(production, Path(self.rules.source(request.path, "cut")))
            return production_service_pb2.ReadCutResponse(rhythm=message_from_rhythm(rhythm))

    def _ingested(self, show: str, paths: list[str]) -> Iterator[production_service_pb2.DailiesEvent]:
        """What came of each file and sequence under the paths."""
        production, settings = self.residents.store.open(show), self.residents.settings_of(show)
        for outcome in ingest(production, paths, settings.slate_pattern, ColourConfig(settings.ocio)):
            yield convert.message_from_outcome(outcome, self.rules)

    def _watched(
        self,
        request: production_service_pb2.WatchDailiesRequest,
        settled: queue.SimpleQueue[Path],
        context: grpc.ServicerContext,
    ) -> Iterator[production_service_pb2.WatchDailiesResponse]:
        """What came of each settled file, and the learning that was begun once it was quiet, until the caller goes."""
        show, residents = request.show, self.residents
        quiet = Quiet(residents.settings_of(show).quiet_seconds if request.learn_minutes > 0 else math.inf)
        while context.is_active():
            try:
                path = settled.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                if quiet.is_over(time.monotonic()) and not residents.scheduler.is_busy_with(show):
                    quiet.forget()
                    job_id = begin_learning(residents, show, LearnOrder(request.learn_minutes))
                    yield production_service_pb2.WatchDailiesResponse(learn_job=job_id)
                continue
            for event in self._ingested(show, [self.rules.source(str(path), "dailies")]):
                if event.HasField("added"):
                    quiet.heard(time.monotonic())
                yield production_service_pb2.WatchDailiesResponse(event=event)
