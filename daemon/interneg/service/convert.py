"""Between the wire and the domain: requests, events, and errors as status codes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

import grpc

from interneg import errors, ingest
from interneg.operators.reframe import Framing
from interneg.plates.frames import FrameRange
from interneg.plates.probe import is_footage
from interneg.production.slate import Take
from interneg.production.store import Production
from interneg.production.verdict import Verdict
from interneg.resident import events
from interneg.resident.versions import Version
from interneg.resident.wish import CleanWish, MatteWish, ReframeWish, RelightWish, RenderWish, WiresWish
from interneg.service.convert_light import wish_from_relight
from interneg.service.paths import PathRules
from interneg_bridge.controls import GRAIN, SENSITIVITY
from interneg_proto.v1 import job_pb2, plate_pb2, plate_service_pb2, production_service_pb2, training_service_pb2

_log = logging.getLogger(__name__)

_SAID_CHARACTERS = 2000  # gRPC carries 8 KiB of status, and a character may take four bytes

_CODES: Final = MappingProxyType(
    {
        errors.AlreadyExistsError: grpc.StatusCode.ALREADY_EXISTS,
        errors.RequestError: grpc.StatusCode.INVALID_ARGUMENT,
        errors.NotFoundError: grpc.StatusCode.NOT_FOUND,
        errors.NotAllowedError: grpc.StatusCode.PERMISSION_DENIED,
        errors.CancelledJobError: grpc.StatusCode.CANCELLED,
        errors.DaemonError: grpc.StatusCode.UNAVAILABLE,
        errors.InternegError: grpc.StatusCode.FAILED_PRECONDITION,
    }
)

_STATES: Final = MappingProxyType(
    {
        events.JobState.QUEUED: job_pb2.JOB_STATE_QUEUED,
        events.JobState.RUNNING: job_pb2.JOB_STATE_RUNNING,
        events.JobState.DONE: job_pb2.JOB_STATE_DONE,
        events.JobState.FAILED: job_pb2.JOB_STATE_FAILED,
        events.JobState.CANCELLED: job_pb2.JOB_STATE_CANCELLED,
    }
)


@contextmanager
def answering(context: grpc.ServicerContext) -> Iterator[None]:
    """A call within which an error becomes a status; a traceback goes to the log alone."""
    try:
        yield
    except errors.InternegError as error:
        context.set_trailing_metadata((("interneg-error", type(error).__name__),))
        context.abort(status_from_error(error), _sendable(str(error)))
    except OSError as error:
        _log.exception("a call failed")
        said = f"a path cannot be used ({error.strerror or error}): check {error.filename or 'its name and rights'}"
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, _sendable(said))
    except Exception as error:  # noqa: BLE001 - the top of a call's thread
        _log.exception("a call failed")
        said = f"something unforeseen went wrong in the daemon ({type(error).__name__}); its log says more"
        context.abort(grpc.StatusCode.INTERNAL, said)


def _sendable(message: str) -> str:
    """The message as a status can carry it."""
    short = message if len(message) <= _SAID_CHARACTERS else f"{message[:_SAID_CHARACTERS]}..."
    return short.encode("utf-8", "backslashreplace").decode()


def status_from_error(error: errors.InternegError) -> grpc.StatusCode:
    """The status of an error: that of its nearest kind."""
    return next(code for kind, code in _CODES.items() if isinstance(error, kind))


def wish_from_request(request: plate_service_pb2.RenderRequest, rules: PathRules) -> RenderWish:
    """The wish in a request, its paths as they are called here.

    Raises:
        RequestError: no operator, a path that is not absolute, a range that is none.
        NotAllowedError: a path that this caller may not name.
    """
    plate = request.plate
    return RenderWish(
        show=request.show,
        plate_path=rules.source(plate.path, "plate"),
        frames=FrameRange(plate.frames.first_frame, plate.frames.last_frame),
        output_path=rules.target(request.output.path),
        operator=_operator_from_request(request, rules),
        colourspace=plate.colourspace,
        model_version=request.model_version,
        seed=request.seed,
    )


def _operator_from_request(
    request: plate_service_pb2.RenderRequest, rules: PathRules
) -> CleanWish | ReframeWish | RelightWish | WiresWish:
    """The operator that is asked for."""
    kind = request.WhichOneof("operator")
    if kind == "clean":
        return _clean_from_message(request.clean, rules)
    if kind == "reframe":
        return ReframeWish(tuple(_key_from_message(key) for key in request.reframe.keys))
    if kind == "wires":
        overlay = request.wires.overlay_path
        return WiresWish(_sensitivity(request.wires.find), rules.target(overlay, "overlay") if overlay else "")
    if kind == "relight":
        return wish_from_relight(request.relight, rules)
    raise errors.RequestError("the request names no operator; ask for clean, reframe, relight or wires")


def _clean_from_message(clean: plate_pb2.Clean, rules: PathRules) -> CleanWish:
    """A clean by a matte, or of the wires that are found; the takes that it may use are found later."""
    matte, take, finds = clean.matte, clean.from_take, clean.HasField("find_wires")
    if finds and (matte.path or matte.channel):
        raise errors.RequestError(f"a clean has a matte ({matte.path or matte.channel}) and is to find wires; ask one")
    if not finds and not matte.path:
        said = "a clean has no matte and is not to find wires"
        raise errors.RequestError(f"{said}; give the matte's absolute path, or ask for find_wires")
    return CleanWish(
        "" if finds else rules.source(matte.path, "matte"),
        matte.channel,
        matte.grow_pixels,
        from_take=rules.source(take, "take") if is_footage(Path(take)) else take,
        clean_plate=rules.source(clean.clean_plate, "clean plate") if clean.clean_plate else "",
        anchors=tuple(FrameRange(frames.first_frame, frames.last_frame) for frames in clean.anchors),
        performers=_performers_from_message(clean, rules),
        find_sensitivity=_sensitivity(clean.find_wires) if finds else None,
        grain=clean.grain if clean.HasField("grain") else GRAIN.neutral,
    )


def _sensitivity(find: plate_pb2.FindWires) -> float:
    """How readily a line is taken for a wire."""
    return find.sensitivity if find.HasField("sensitivity") else SENSITIVITY.neutral


def _performers_from_message(clean: plate_pb2.Clean, rules: PathRules) -> MatteWish | None:
    """The performers' matte, where there is one."""
    if not clean.HasField("performers"):
        return None
    matte = clean.performers
    return MatteWish(rules.source(matte.path, "performers"), matte.channel, matte.grow_pixels)


def _key_from_message(key: plate_pb2.FramingKey) -> Framing:
    """One key of a framing."""
    return Framing(key.frame, key.punch_in, key.pan, key.tilt, key.roll_degrees)


def operator_name(wish: RenderWish) -> str:
    """The operator's name, as jobs are listed."""
    if isinstance(wish.operator, WiresWish):
        return "wires"
    if isinstance(wish.operator, RelightWish):
        return "relight"
    return "clean" if isinstance(wish.operator, CleanWish) else "reframe"


def message_from_job(job: events.JobRecord, rules: PathRules) -> job_pb2.Job:
    """A job as the wire tells it."""
    return job_pb2.Job(
        id=job.id,
        operator=job.operator,
        show=job.show,
        state=_STATES[job.state],
        frames_total=job.frames_total,
        frames_delivered=job.frames_delivered,
        frames_failed=job.frames_failed,
        accepted_unix_seconds=job.accepted_unix_seconds,
        output_path=rules.shown(job.output_path),
    )


def message_from_event(event: events.JobEvent, rules: PathRules) -> job_pb2.JobEvent:
    """An event as the wire tells it."""
    match event:
        case events.JobAccepted():
            job = message_from_job(event.job, rules)
            accepted = job_pb2.JobAccepted(job=job, model=event.model, notices=event.notices)
            return job_pb2.JobEvent(accepted=accepted)
        case events.FrameDelivered():
            return job_pb2.JobEvent(delivered=_message_from_delivered(event, rules))
        case events.FrameFailed():
            return job_pb2.JobEvent(failed=job_pb2.FrameFailed(frame=event.frame, message=event.message))
        case events.JobProgress():
            progress = job_pb2.JobProgress(
                fraction=event.fraction, message=event.message, remaining_seconds=event.remaining_seconds
            )
            return job_pb2.JobEvent(progress=progress)
        case events.JobFinished():
            return job_pb2.JobEvent(finished=_message_from_finished(event))


def _message_from_delivered(event: events.FrameDelivered, rules: PathRules) -> job_pb2.FrameDelivered:
    """A delivered frame as the wire tells it."""
    return job_pb2.FrameDelivered(
        frame=event.frame,
        path=rules.shown(event.path),
        decode_seconds=event.decode_seconds,
        compute_seconds=event.compute_seconds,
        encode_seconds=event.encode_seconds,
        seen=event.seen,
        synthesised=event.synthesised,
        notices=event.notices,
        bridged=event.bridged,
        kept=event.kept,
    )


def _message_from_finished(event: events.JobFinished) -> job_pb2.JobFinished:
    """A job's end as the wire tells it."""
    learn = None if event.learn is None else _message_from_verdict(event.learn)
    return job_pb2.JobFinished(state=_STATES[event.state], message=event.message, learn=learn)


def _message_from_verdict(verdict: Verdict) -> job_pb2.LearnResult:
    """What came of learning, as the wire tells it."""
    return job_pb2.LearnResult(
        circled=verdict.circled,
        version=verdict.version,
        experts=[
            job_pb2.ExpertVerdict(
                expert=one.expert,
                circled=one.circled,
                unit=one.unit,
                candidate=one.candidate,
                in_use=one.in_use,
                peers=one.peers,
                steps=one.steps,
                message=one.message,
            )
            for one in verdict.experts
        ],
        takes_learnt=verdict.takes_learnt,
        takes_held_out=verdict.takes_held_out,
        message=verdict.message,
    )


def message_from_production(production: Production) -> production_service_pb2.Production:
    """A production as the wire tells it."""
    return production_service_pb2.Production(
        show=production.show,
        folder=str(production.folder),
        schema_version=production.schema_version,
        created_unix_seconds=production.created_unix_seconds,
        takes=len(production.takes()),
        circled_version=production.circled() or "",
        model_versions=production.versions(),
    )


def message_from_version(version: Version) -> training_service_pb2.ModelVersion:
    """A model version as the wire tells it."""
    review = version.review
    message = training_service_pb2.ModelVersion(version=version.name, in_use=version.in_use, is_there=version.is_there)
    if review is not None:
        is_circled = review.circled
        message.verdict = training_service_pb2.VERDICT_CIRCLED if is_circled else training_service_pb2.VERDICT_NG
        message.reviewed_unix_seconds = review.reviewed_unix_seconds
        message.figures.update(review.figures)
    return message


def message_from_take(take: Take, rules: PathRules) -> production_service_pb2.Take:
    """A take as the wire tells it."""
    return production_service_pb2.Take(
        id=take.id,
        path=rules.shown(take.path),
        setup=take.slate.setup,
        take=take.slate.take,
        codec=take.codec,
        first_frame=take.first_frame,
        last_frame=take.last_frame,
        frames=take.frames,
        fps=take.fps,
        width=take.width,
        height=take.height,
        colourspace=take.colourspace,
        timecode=take.timecode,
        reel=take.reel,
        camera=take.camera,
        lens=take.lens,
    )


def message_from_outcome(outcome: ingest.Outcome, rules: PathRules) -> production_service_pb2.DailiesEvent:
    """What came of one file, as the wire tells it."""
    if isinstance(outcome, ingest.Refused):
        return production_service_pb2.DailiesEvent(path=rules.shown(outcome.path), refused=outcome.reason)
    take = message_from_take(outcome.take, rules)
    if isinstance(outcome, ingest.Added):
        return production_service_pb2.DailiesEvent(path=take.path, added=take, notice=outcome.notice)
    return production_service_pb2.DailiesEvent(path=take.path, known=take)
