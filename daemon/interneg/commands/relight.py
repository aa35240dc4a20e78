"""`interneg relight`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from interneg.commands.console import Value, result, result_object, say
from interneg.commands.dailies import absolute
from interneg.commands.launch import connected
from interneg.commands.plates import PlateOptions, rendered
from interneg.commands.rig_file import rig_from_file, set_track, toml_from_rig
from interneg.commands.tally import Tally
from interneg.errors import PlateError, RequestError
from interneg.plates.frames import parse_pattern
from interneg_bridge import controls
from interneg_proto.v1 import light_pb2, plate_pb2, plate_service_pb2

_LAMPS = ("key", "fill", "rim")
_FIELDS = {
    "azimuth": "azimuth_degrees",
    "elevation": "elevation_degrees",
    "stops": "exposure_stops",
    "cct": "cct_kelvin",
    "softness": "angular_diameter_degrees",
}


def _option(name: str, metavar: str, help_text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(f"--{name}", metavar=metavar, help=help_text)
    return option


@dataclass(frozen=True, kw_only=True)
class RelightOptions(PlateOptions):
    """What a relight is asked with."""

    rig: Annotated[str, _option("rig", "FILE", "A TOML file: the light as shot, and any number of lamps.")] = ""
    as_shot_key_stops: Annotated[str, _option("as-shot-key-stops", "S", controls.AS_SHOT_KEY_STOPS.help)] = ""
    as_shot_key_cct: Annotated[str, _option("as-shot-key-cct", "K", controls.AS_SHOT_KEY_CCT.help)] = ""
    as_shot_rest_stops: Annotated[str, _option("as-shot-rest-stops", "S", controls.AS_SHOT_REST_STOPS.help)] = ""
    as_shot_rest_cct: Annotated[str, _option("as-shot-rest-cct", "K", controls.AS_SHOT_REST_CCT.help)] = ""
    key_azimuth: Annotated[str, _option("key-azimuth", "D", controls.KEY_AZIMUTH.help)] = ""
    key_elevation: Annotated[str, _option("key-elevation", "D", controls.KEY_ELEVATION.help)] = ""
    key_stops: Annotated[str, _option("key-stops", "S", controls.KEY_STOPS.help)] = ""
    key_cct: Annotated[str, _option("key-cct", "K", controls.KEY_CCT.help)] = ""
    key_softness: Annotated[str, _option("key-softness", "D", controls.KEY_SOFTNESS.help)] = ""
    fill_azimuth: Annotated[str, _option("fill-azimuth", "D", controls.FILL_AZIMUTH.help)] = ""
    fill_elevation: Annotated[str, _option("fill-elevation", "D", controls.FILL_ELEVATION.help)] = ""
    fill_stops: Annotated[str, _option("fill-stops", "S", controls.FILL_STOPS.help)] = ""
    fill_cct: Annotated[str, _option("fill-cct", "K", controls.FILL_CCT.help)] = ""
    fill_softness: Annotated[str, _option("fill-softness", "D", controls.FILL_SOFTNESS.help)] = ""
    rim_azimuth: Annotated[str, _option("rim-azimuth", "D", controls.RIM_AZIMUTH.help)] = ""
    rim_elevation: Annotated[str, _option("rim-elevation", "D", controls.RIM_ELEVATION.help)] = ""
    rim_stops: Annotated[str, _option("rim-stops", "S", controls.RIM_STOPS.help)] = ""
    rim_cct: Annotated[str, _option("rim-cct", "K", controls.RIM_CCT.help)] = ""
    rim_softness: Annotated[str, _option("rim-softness", "D", controls.RIM_SOFTNESS.help)] = ""
    matte: Annotated[str, _option("matte", "M", "Where the light may change; elsewhere the plate stays.")] = ""
    performers: Annotated[str, _option("performers", "M", "Where performers are; shadows are softened there.")] = ""
    layers: Annotated[bool, typer.Option("--layers", help="Writes every light as a layer, to mix in the host.")] = False

    preview: Annotated[
        int | None, typer.Option("--preview", metavar="FRAME", help="Only looks: a PNG of that frame beside --out.")
    ] = None
    match_light: Annotated[
        str, _option("match-light", "FRAME[@PLATE]", "Only finds the rig that lights --frames as that frame is lit.")
    ] = ""

    def light(self) -> light_pb2.Relight:
        """The rig of the file and of the options together, and the mattes.

        Raises:
            RequestError: a value is no number, or a lamp is given both in the file and by options.
        """
        rig = rig_from_file(self.rig) if self.rig else light_pb2.LightRig()
        for part in ("as_shot_key", "as_shot_rest"):
            for short in ("stops", "cct"):
                self._set(getattr(rig, part), part, short)
        for name in _LAMPS:
            if not any(getattr(self, f"{name}_{short}") for short in _FIELDS):
                continue
            lamp = next((lamp for lamp in rig.lamps if lamp.name == name), None) or rig.lamps.add(name=name)
            for short in _FIELDS:
                self._set(lamp, name, short)
        relight = light_pb2.Relight(rig=rig, layers=self.layers)
        for path, matte in ((self.matte, relight.matte), (self.performers, relight.performers)):
            if path:
                matte.path = absolute(path)
        return relight

    def _set(self, part: light_pb2.AsShotLight | light_pb2.Lamp, name: str, short: str) -> None:
        """An option's value in place of the file's."""
        value = getattr(self, f"{name}_{short}")
        if value and not (short == "cct" and value.strip() == "0"):  # 0 is how a host says: its own
            part.ClearField(_FIELDS[short])
            set_track(getattr(part, _FIELDS[short]), value, f"--{name.replace('_', '-')}-{short}")


def relight(options: RelightOptions) -> None:
    """Lights the plate otherwise: the light as shot changed, and lamps added; a gain that never draws."""
    request = options.request()
    if options.match_light:
        match_light(options, request)
        return
    request.relight.CopyFrom(options.light())
    if options.preview is not None:
        preview(options, request)
        return
    numbers = range(options.range.first, options.range.last + 1)
    rendered(request, Tally("relight", numbers), options.as_json)


def preview(options: RelightOptions, request: plate_service_pb2.RenderRequest) -> None:
    """Writes a look at one frame, and says where."""
    frame = options.preview or 0
    request.plate.frames.first_frame = request.plate.frames.last_frame = frame
    path = beside(options.out, f".{frame}.preview.png")
    with connected() as client:
        png, notices = client.preview(plate_service_pb2.PreviewRequest(render=request))
    _write(path, png)
    for notice in notices:
        say(notice)
    if options.as_json:
        result_object({"operator": "relight", "preview": str(path), "frame": frame, "notices": notices})
    else:
        result(str(path))


def match_light(options: RelightOptions, request: plate_service_pb2.RenderRequest) -> None:
    """Writes the rig that lights the plate as another is lit, and says what remains between them."""
    like = plate_pb2.PlateRange()
    like.CopyFrom(request.plate)
    number, _, path = options.match_light.partition("@")
    try:
        like.frames.first_frame = like.frames.last_frame = int(number)
    except ValueError as error:
        raise RequestError(f"--match-light {options.match_light}: give FRAME or FRAME@PLATE, such as 1001") from error
    if path:
        like.path, like.colourspace = absolute(path), ""
    asked = plate_service_pb2.MatchLightRequest(
        show=options.show, plate=request.plate, like=like, model_version=options.model
    )
    with connected() as client:
        found = client.match_light(asked)
    text, target = toml_from_rig(found.rig), beside(options.out, ".rig.toml")
    before, after = found.residual_before_stops, found.residual_after_stops
    compared = "pixel by pixel" if found.same_view else "by the directions that surfaces face"
    said = f"# between the two lights: {before:.2f} stops as shot, {after:.2f} with this rig, {compared}"
    _write(target, f"{said}\n{text}".encode())
    for notice in found.notices:
        say(notice)
    if options.as_json:
        stops: dict[str, Value] = {"before": before, "after": after}
        told: dict[str, Value] = {"rig": str(target), "residual_stops": stops, "same_view": found.same_view}
        result_object({"operator": "relight", **told, "notices": list(found.notices)})
    else:
        result(text.rstrip())
        result(f"{target}: {before:.2f} stops between the two lights as shot, {after:.2f} with this rig ({compared})")


def beside(out: str, ending: str) -> Path:
    """The file of that ending that lies with the finished frames."""
    pattern = parse_pattern(absolute(out))
    path = Path(pattern.text)
    name = Path(pattern.before).name.rstrip("._-") if pattern.is_sequence else path.stem
    return path.with_name(f"{name or 'relight'}{ending}")


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise PlateError(f"{path}: cannot be written ({error.strerror}); choose another --out") from error
