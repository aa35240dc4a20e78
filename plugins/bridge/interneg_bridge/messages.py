"""A host's JSON as the wire's requests, and the wire's events as JSON for a host; the schema stands in bridge.py."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from interneg_bridge.controls import GRAIN, SENSITIVITY
from interneg_bridge.errors import RequestError
from interneg_bridge.light import rig_from_keys
from interneg_proto.v1 import daemon_service_pb2, job_pb2, light_pb2, plate_pb2, plate_service_pb2

Fields = Mapping[str, object]
Message = dict[str, object]

_STATES: Mapping[int, str] = MappingProxyType(
    {
        job_pb2.JOB_STATE_QUEUED: "queued",
        job_pb2.JOB_STATE_RUNNING: "running",
        job_pb2.JOB_STATE_DONE: "done",
        job_pb2.JOB_STATE_FAILED: "failed",
        job_pb2.JOB_STATE_CANCELLED: "cancelled",
    }
)


def text(fields: Fields, name: str, neutral: str | None = None) -> str:
    """The text of that name.

    Raises:
        RequestError: it is missing and has no neutral, or is no text.
    """
    content = fields.get(name, neutral)
    if not isinstance(content, str):
        raise RequestError(f"{name} is {content!r}: give a text")
    return content


def number(fields: Fields, name: str, neutral: float | None = None) -> float:
    """The number of that name.

    Raises:
        RequestError: it is missing and has no neutral, or is no number.
    """
    content = fields.get(name, neutral)
    if isinstance(content, bool) or not isinstance(content, int | float):
        raise RequestError(f"{name} is {content!r}: give a number")
    return float(content)


def whole(fields: Fields, name: str, neutral: int | None = None) -> int:
    """The whole number of that name.

    Raises:
        RequestError: it is missing and has no neutral, or is not whole.
    """
    content = number(fields, name, neutral)
    if not content.is_integer():
        raise RequestError(f"{name} is {content:g}: give a whole number")
    return int(content)


def render_request(fields: Fields) -> plate_service_pb2.RenderRequest:
    """The wish that a host's `render` call states.

    Raises:
        RequestError: a field is missing, of the wrong kind, or out of the wire's range.
    """
    try:
        request = plate_service_pb2.RenderRequest(
            show=text(fields, "show"),
            plate=plate_pb2.PlateRange(
                path=text(fields, "plate"),
                frames=plate_pb2.FrameRange(
                    first_frame=whole(fields, "first_frame"), last_frame=whole(fields, "last_frame")
                ),
                colourspace=text(fields, "colourspace", ""),
            ),
            output=plate_pb2.Output(path=text(fields, "output")),
            model_version=text(fields, "model_version", ""),
            seed=whole(fields, "seed", 0),
        )
        _add_operator(request, fields)
    except ValueError as error:
        raise RequestError(f"a number of the request does not fit: {error}") from error
    return request


def event_message(event: job_pb2.JobEvent) -> Message:
    """The event as a host reads it; the end of a job becomes its `result`."""
    match event.WhichOneof("event"):
        case "accepted":
            accepted = event.accepted
            return {
                "event": "accepted",
                "job": accepted.job.id,
                "model": accepted.model,
                "notices": list(accepted.notices),
            }
        case "delivered":
            return _delivered(event.delivered)
        case "failed":
            return {"event": "failed", "frame": event.failed.frame, "message": event.failed.message}
        case "progress":
            progress = event.progress
            return {
                "event": "progress",
                "fraction": progress.fraction,
                "message": progress.message,
                "remaining_seconds": progress.remaining_seconds,
            }
        case _:
            state = _STATES.get(event.finished.state, "failed")
            return {"result": {"state": state, "message": event.finished.message}}


def job_message(job: job_pb2.Job) -> Message:
    """A job as a host reads it."""
    return {
        "job": job.id,
        "operator": job.operator,
        "show": job.show,
        "state": _STATES.get(job.state, "queued"),
        "frames_total": job.frames_total,
        "frames_delivered": job.frames_delivered,
        "frames_failed": job.frames_failed,
        "output": job.output_path,
    }


def status_message(status: daemon_service_pb2.GetStatusResponse) -> Message:
    """The daemon's state as a host reads it."""
    return {
        "version": status.version,
        "device": status.device,
        "home": status.home,
        "colour_config": status.colour_config,
        "jobs_queued": status.jobs_queued,
        "jobs_running": status.jobs_running,
        "uptime_seconds": status.uptime_seconds,
    }


def _delivered(frame: job_pb2.FrameDelivered) -> Message:
    return {
        "event": "delivered",
        "frame": frame.frame,
        "path": frame.path,
        "decode_seconds": frame.decode_seconds,
        "compute_seconds": frame.compute_seconds,
        "encode_seconds": frame.encode_seconds,
        "seen": frame.seen,
        "synthesised": frame.synthesised,
        "bridged": frame.bridged,
        "kept": frame.kept,
        "notices": list(frame.notices),
    }


def _add_operator(request: plate_service_pb2.RenderRequest, fields: Fields) -> None:
    operator = text(fields, "operator")
    if operator == "clean":
        request.clean.CopyFrom(_clean(fields))
    elif operator == "reframe":
        request.reframe.CopyFrom(plate_pb2.Reframe(keys=_keys(fields)))
    elif operator == "wires":
        request.wires.CopyFrom(plate_pb2.Wires(find=_find(fields), overlay_path=text(fields, "overlay", "")))
    elif operator == "relight":
        request.relight.CopyFrom(_relight(fields))
    else:
        raise RequestError(f"operator is {operator!r}: give clean, reframe, relight or wires")


def _clean(fields: Fields) -> plate_pb2.Clean:
    """A clean by a matte, or of the wires that are found where `find_wires` is true."""
    finds = fields.get("find_wires", False)
    if not isinstance(finds, bool):
        raise RequestError(f"find_wires is {finds!r}: give true or false")
    matte = plate_pb2.Matte(
        path=text(fields, "matte", "" if finds else None),
        channel=text(fields, "matte_channel", ""),
        grow_pixels=number(fields, "grow_pixels", 0.0),
    )
    performers = text(fields, "performers", "")
    return plate_pb2.Clean(
        matte=matte,
        find_wires=_find(fields) if finds else None,
        anchors=_anchors(text(fields, "anchors", "")),
        from_take=text(fields, "from_take", ""),
        clean_plate=text(fields, "clean_plate", ""),
        grain=number(fields, "grain", GRAIN.neutral),
        performers=plate_pb2.Matte(path=performers) if performers else None,
    )


def _relight(fields: Fields) -> light_pb2.Relight:
    """A relight by the rig of its keys, within a matte where one is named."""
    layers = fields.get("layers", False)
    if not isinstance(layers, bool):
        raise RequestError(f"layers is {layers!r}: give true or false")
    keys = {whole(key, "frame"): _numbers(key) for key in _listed(fields, "rigs")}
    rig = rig_from_keys(keys)
    if "reference_frame" in fields:
        rig.reference_frame = whole(fields, "reference_frame")
    relight = light_pb2.Relight(rig=rig, layers=layers)
    if matte := text(fields, "matte", ""):
        relight.matte.path, relight.matte.channel = matte, text(fields, "matte_channel", "")
    if performers := text(fields, "performers", ""):
        relight.performers.path = performers
    return relight


def _numbers(key: Fields) -> dict[str, float]:
    return {name: number(key, name) for name in key if name != "frame"}


def _find(fields: Fields) -> plate_pb2.FindWires:
    return plate_pb2.FindWires(sensitivity=number(fields, "sensitivity", SENSITIVITY.neutral))


def _anchors(frames: str) -> list[plate_pb2.FrameRange]:
    """Frames as an artist writes them, 1010,1055-1060."""
    ranges = []
    for part in filter(None, frames.replace(" ", "").split(",")):
        first, _, last = part.partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            raise RequestError(f"anchors '{frames}': give frames as 1010,1055-1060")
        ranges.append(plate_pb2.FrameRange(first_frame=int(first), last_frame=int(last or first)))
    return ranges


def _keys(fields: Fields) -> list[plate_pb2.FramingKey]:
    return [
        plate_pb2.FramingKey(
            frame=whole(key, "frame"),
            punch_in=number(key, "punch_in", 1.0),
            pan=number(key, "pan", 0.0),
            tilt=number(key, "tilt", 0.0),
            roll_degrees=number(key, "roll_degrees", 0.0),
        )
        for key in _listed(fields, "framings")
    ]


def _listed(fields: Fields, what: str) -> list[Fields]:
    """The keys of a request, one a frame."""
    keys = fields.get("keys")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        raise RequestError(f"keys is no list of {what}: give at least one, each with its frame")
    return keys
