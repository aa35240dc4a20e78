"""`interneg clean`, `interneg wires` and `interneg reframe`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from interneg.commands.console import exit_code_of, result, result_object, say_error
from interneg.commands.daemon import AsJson
from interneg.commands.dailies import absolute
from interneg.commands.following import INTERRUPTED, cancelling, follow
from interneg.commands.framing import check_number, checked, keys_from_file
from interneg.commands.launch import connected
from interneg.commands.productions import Show
from interneg.commands.tally import Tally
from interneg.commands.views import view_of
from interneg.errors import InternegError, RequestError
from interneg.plates.frames import FrameRange, parse_frames
from interneg.plates.probe import is_footage
from interneg_bridge import controls
from interneg_bridge.errors import ClientError
from interneg_proto.v1 import plate_pb2, plate_service_pb2

_FURTHEST_FRAME = 2**31 - 1

Channel = Annotated[str, typer.Option("--matte-channel", metavar="C", help=controls.MATTE_CHANNEL.help)]
Sensitivity = Annotated[float | None, typer.Option("--sensitivity", metavar="S", help=controls.SENSITIVITY.help)]
Grain = Annotated[float, typer.Option("--grain", metavar="G", help=controls.GRAIN.help)]
Grow = Annotated[float, typer.Option("--grow", metavar="PX", help=controls.GROW_PIXELS.help)]


@dataclass(frozen=True, kw_only=True)
class PlateOptions:
    """What every operator is asked with."""

    show: Show
    plate: Annotated[str, typer.Option("--plate", metavar="P", help="A pattern (####, %04d, $F4) or a movie.")]
    frames: Annotated[str, typer.Option("--frames", metavar="A-B", help="The frames to deliver, A-B or A.")]
    out: Annotated[
        str, typer.Option("--out", metavar="O", help="An EXR pattern for the finished frames, such as clean.####.exr.")
    ]
    colourspace: Annotated[
        str, typer.Option("--colourspace", metavar="CS", help="The plate's OpenColorIO space. Empty: as its file says.")
    ] = ""
    model: Annotated[str, typer.Option("--model", metavar="VERSION", help=controls.MODEL_VERSION.help)] = ""
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**64 - 1, help=controls.SEED.help)] = 0
    as_json: AsJson = False

    @property
    def range(self) -> FrameRange:
        """The frames to deliver."""
        frames = parse_frames(self.frames)
        if max(abs(frames.first), abs(frames.last)) > _FURTHEST_FRAME:
            raise RequestError(f"frames '{self.frames}': frame numbers end at {_FURTHEST_FRAME}; give others")
        return frames

    def request(self) -> plate_service_pb2.RenderRequest:
        """The request without its operator."""
        frames = self.range
        plate = plate_pb2.PlateRange(
            path=absolute(self.plate),
            frames=plate_pb2.FrameRange(first_frame=frames.first, last_frame=frames.last),
            colourspace=self.colourspace,
        )
        return plate_service_pb2.RenderRequest(
            show=self.show,
            plate=plate,
            output=plate_pb2.Output(path=absolute(self.out)),
            model_version=self.model,
            seed=self.seed,
        )


@dataclass(frozen=True, kw_only=True)
class CleanOptions(PlateOptions):
    """What a clean is asked with."""

    matte: Annotated[
        str,
        typer.Option(
            "--matte", metavar="M", help="A pattern, a movie, or a still for all frames; 1 where something goes."
        ),
    ] = ""
    matte_channel: Channel = ""
    grow: Grow = 0.0
    grain: Grain = controls.GRAIN.neutral
    clean_plate: Annotated[str, typer.Option("--clean-plate", metavar="P", help=controls.CLEAN_PLATE.help)] = ""
    from_take: Annotated[str, typer.Option("--from-take", metavar="TAKE", help=controls.FROM_TAKE.help)] = ""
    anchor: Annotated[str, typer.Option("--anchor", metavar="FRAMES", help=controls.ANCHORS.help)] = ""
    performers: Annotated[str, typer.Option("--performers", metavar="P", help=controls.PERFORMERS.help)] = ""
    find_wires: Annotated[
        bool,
        typer.Option("--find-wires", help="Instead of a matte: takes out the wires it finds; their matte lies beside."),
    ] = False
    sensitivity: Sensitivity = None

    @property
    def anchors(self) -> list[plate_pb2.FrameRange]:
        """The frames that were fixed by hand."""
        ranges = [parse_frames(part) for part in self.anchor.split(",") if part.strip()]
        return [plate_pb2.FrameRange(first_frame=each.first, last_frame=each.last) for each in ranges]

    def add_to(self, clean: plate_pb2.Clean) -> None:
        """Says what is taken out.

        Raises:
            RequestError: a matte and --find-wires are given, or neither, or a value is out of its range.
        """
        check_number(controls.GROW_PIXELS, self.grow)
        check_number(controls.GRAIN, self.grain)
        clean.matte.grow_pixels, clean.grain = self.grow, self.grain
        clean.from_take = absolute(self.from_take) if is_footage(Path(self.from_take)) else self.from_take
        clean.clean_plate = absolute(self.clean_plate) if self.clean_plate else ""
        clean.anchors.extend(self.anchors)
        if self.performers:
            clean.performers.path = absolute(self.performers)
        if self.find_wires:
            if self.matte or self.matte_channel:
                raise RequestError(f"--matte {self.matte or self.matte_channel} beside --find-wires: give one of them")
            clean.find_wires.CopyFrom(_find(self.sensitivity))
            return
        if not self.matte:
            raise RequestError("neither --matte nor --find-wires: name a matte, or have the wires found")
        if self.sensitivity is not None:
            raise RequestError("--sensitivity without --find-wires: a matte leaves nothing to find; leave one out")
        clean.matte.path, clean.matte.channel = absolute(self.matte), self.matte_channel


@dataclass(frozen=True, kw_only=True)
class WiresOptions(PlateOptions):
    """What finding wires is asked with."""

    sensitivity: Sensitivity = None
    overlay: Annotated[
        str, typer.Option("--overlay", metavar="V", help="An EXR pattern for the plate with the wires marked in red.")
    ] = ""


@dataclass(frozen=True, kw_only=True)
class ReframeOptions(PlateOptions):
    """What a reframe is asked with."""

    punch_in: Annotated[float, typer.Option("--punch-in", metavar="S", help=controls.PUNCH_IN.help)] = 1.0
    pan: Annotated[float, typer.Option("--pan", metavar="X", help=controls.PAN.help)] = 0.0
    tilt: Annotated[float, typer.Option("--tilt", metavar="Y", help=controls.TILT.help)] = 0.0
    roll: Annotated[float, typer.Option("--roll", metavar="DEG", help=controls.ROLL_DEGREES.help)] = 0.0
    keys: Annotated[
        str, typer.Option("--keys", metavar="FILE", help="A JSON file of keys by frame, instead of the numbers.")
    ] = ""

    def framing(self) -> list[plate_pb2.FramingKey]:
        """The framing's keys, from the file or from the numbers.

        Raises:
            RequestError: both were given, or a number is out of its range.
        """
        numbers = (self.punch_in, self.pan, self.tilt, self.roll)
        if self.keys and numbers != (1.0, 0.0, 0.0, 0.0):
            raise RequestError(f"--keys {self.keys} beside numbers: give the framing once, in the file or by options")
        key = plate_pb2.FramingKey(
            frame=self.range.first, punch_in=self.punch_in, pan=self.pan, tilt=self.tilt, roll_degrees=self.roll
        )
        return keys_from_file(self.keys) if self.keys else [checked(key)]


def clean(options: CleanOptions) -> None:
    """Takes out what the matte covers, from other frames where they saw behind it."""
    request = options.request()
    options.add_to(request.clean)
    rendered(request, Tally("clean", _numbers(options.range)), options.as_json)


def wires(options: WiresOptions) -> None:
    """Finds wires over time and writes their matte; the plate stays as it is."""
    request = options.request()
    request.wires.find.CopyFrom(_find(options.sensitivity))
    request.wires.overlay_path = absolute(options.overlay) if options.overlay else ""
    rendered(request, Tally("wires", _numbers(options.range)), options.as_json)


def _find(sensitivity: float | None) -> plate_pb2.FindWires:
    """How wires are looked for."""
    if sensitivity is None:
        return plate_pb2.FindWires()
    check_number(controls.SENSITIVITY, sensitivity)
    return plate_pb2.FindWires(sensitivity=sensitivity)


def reframe(options: ReframeOptions) -> None:
    """Looks at the plate through another window, and fills what lies outside its frame."""
    request = options.request()
    request.reframe.keys.extend(options.framing())
    rendered(request, Tally("reframe", _numbers(options.range)), options.as_json)


def _numbers(frames: FrameRange) -> range:
    """The frames' numbers."""
    return range(frames.first, frames.last + 1)


def rendered(request: plate_service_pb2.RenderRequest, tally: Tally, as_json: bool) -> None:
    """Has the wish answered, says what came of it, and exits."""
    code = 1
    try:
        with connected() as client, view_of(tally.operator) as view, cancelling(client, tally):
            follow(client, client.render(request), tally, view)
    except (ClientError, InternegError) as error:
        tally.error, code = str(error), exit_code_of(error)
    except KeyboardInterrupt:
        tally.error = INTERRUPTED
    if as_json:
        result_object(tally.as_render())
    elif tally.job.id:
        result(f"{tally.operator}: {len(tally.delivered)} of {tally.total} frames delivered to {request.output.path}")
        for line in tally.said_of_performers:
            result(line)
    for line in tally.said_at_end:
        say_error(line)
    raise typer.Exit(0 if tally.is_complete else code)
