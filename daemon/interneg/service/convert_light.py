"""Light between the wire and the domain."""

from __future__ import annotations

from collections.abc import Iterator

from interneg.errors import RequestError
from interneg.light import LIMIT_STOPS, NEUTRAL, SOFTNESS_DEGREES, AsShot, Lamp, LightRig, Track
from interneg.plates.frames import FrameRange
from interneg.resident.matching import Matched
from interneg.resident.preview import Preview
from interneg.resident.wish import RelightWish, RenderWish
from interneg.service.paths import PathRules
from interneg_proto.v1 import light_pb2, plate_pb2, plate_service_pb2

CHUNK_BYTES = 1 << 20


def wish_from_relight(message: light_pb2.Relight, rules: PathRules) -> RelightWish:
    """The relight that is wished.

    Raises:
        RequestError: a matte's path is not absolute, or its growth is asked for, which light has no use for.
        NotAllowedError: a path that this caller may not name.
    """
    matte, matte_channel = _matte(message.matte, "matte", rules)
    performers, performers_channel = _matte(message.performers, "performers' matte", rules)
    rig = rig_from_message(message.rig, rules)
    return RelightWish(rig, matte, matte_channel, performers, performers_channel, message.layers)


def rig_from_message(message: light_pb2.LightRig, rules: PathRules) -> LightRig:
    """The rig, as the wire tells it."""
    return LightRig(
        _as_shot(message.as_shot_key),
        _as_shot(message.as_shot_rest),
        tuple(_lamp(lamp, rules) for lamp in message.lamps),
        message.reference_frame if message.HasField("reference_frame") else None,
        message.limit_stops if message.HasField("limit_stops") else LIMIT_STOPS,
    )


def message_from_rig(rig: LightRig) -> light_pb2.LightRig:
    """The rig as the wire tells it; without mattes, which are paths of whoever named them."""
    message = light_pb2.LightRig(limit_stops=rig.limit_stops, reference_frame=rig.reference_frame)
    for part, told in ((rig.as_shot_key, message.as_shot_key), (rig.as_shot_rest, message.as_shot_rest)):
        _tell(told.exposure_stops, part.exposure_stops)
        if part.cct_kelvin is not None:
            _tell(told.cct_kelvin, part.cct_kelvin)
    for lamp in rig.lamps:
        told_lamp = message.lamps.add(name=lamp.name)
        _tell(told_lamp.azimuth_degrees, lamp.azimuth_degrees)
        _tell(told_lamp.elevation_degrees, lamp.elevation_degrees)
        _tell(told_lamp.exposure_stops, lamp.exposure_stops)
        _tell(told_lamp.angular_diameter_degrees, lamp.angular_diameter_degrees)
        if lamp.cct_kelvin is not None:
            _tell(told_lamp.cct_kelvin, lamp.cct_kelvin)
        if lamp.distance is not None:
            _tell(told_lamp.distance, lamp.distance)
        if lamp.rgb is not None:
            told_lamp.rgb.red, told_lamp.rgb.green, told_lamp.rgb.blue = lamp.rgb
    return message


def views_from_match(request: plate_service_pb2.MatchLightRequest, rules: PathRules) -> tuple[RenderWish, RenderWish]:
    """The plate that is to be lit, and the one whose light is wished."""
    return _view(request, request.plate, rules), _view(request, request.like, rules)


def message_from_matched(found: Matched) -> plate_service_pb2.MatchLightResponse:
    """The rig that was found, as the wire tells it."""
    return plate_service_pb2.MatchLightResponse(
        rig=message_from_rig(found.rig),
        residual_before_stops=found.before_stops,
        residual_after_stops=found.after_stops,
        same_view=found.same_view,
        notices=found.notices,
    )


def messages_from_preview(seen: Preview) -> Iterator[plate_service_pb2.PreviewResponse]:
    """The picture in parts that a message carries."""
    for at in range(0, len(seen.png), CHUNK_BYTES):
        part = plate_service_pb2.PreviewResponse(png=seen.png[at : at + CHUNK_BYTES])
        if at == 0:
            part.width, part.height = seen.width, seen.height
            part.notices.extend(seen.notices)
        yield part


def _view(request: plate_service_pb2.MatchLightRequest, plate: plate_pb2.PlateRange, rules: PathRules) -> RenderWish:
    frames = FrameRange(plate.frames.first_frame, plate.frames.first_frame)
    path = rules.source(plate.path, "plate")
    wish = RelightWish(LightRig(reference_frame=frames.first))
    return RenderWish(request.show, path, frames, "", wish, plate.colourspace, request.model_version)


def _as_shot(message: light_pb2.AsShotLight) -> AsShot:
    return AsShot(_track(message.exposure_stops) or NEUTRAL, _track(message.cct_kelvin))


def _lamp(message: light_pb2.Lamp, rules: PathRules) -> Lamp:
    matte, channel = _matte(message.matte, f"matte of lamp {message.name}", rules)
    colour = message.rgb
    return Lamp(
        message.name,
        _track(message.azimuth_degrees) or NEUTRAL,
        _track(message.elevation_degrees) or NEUTRAL,
        _track(message.exposure_stops) or NEUTRAL,
        _track(message.cct_kelvin),
        (colour.red, colour.green, colour.blue) if message.HasField("rgb") else None,
        _track(message.angular_diameter_degrees) or Track.of(SOFTNESS_DEGREES),
        _track(message.distance),
        matte,
        channel,
    )


def _track(message: light_pb2.Track) -> Track | None:
    return Track(tuple((key.frame, key.value) for key in message.keys)) if message.keys else None


def _tell(message: light_pb2.Track, track: Track) -> None:
    for frame, value in track.keys:
        message.keys.add(frame=frame, value=value)


def _matte(message: plate_pb2.Matte, what: str, rules: PathRules) -> tuple[str, str]:
    if message.grow_pixels:
        raise RequestError(f"{what}: grow_pixels is {message.grow_pixels:g}; a relight grows no matte, leave it out")
    return (rules.source(message.path, what), message.channel) if message.path else ("", "")
