"""`interneg clean` and `interneg reframe`."""

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
Grow = Annotated[float, typer.Option("--grow", metavar="PX", help=controls.GROW_PIXELS.help)]


@dataclass(frozen=True, kw_only=True)
class PlateOptions:
    """What both operators are asked with."""

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
    ]
    matte_channel: Channel = ""
    grow: Grow = 0.0
    clean_plate: Annotated[str, typer.Option("--clean-plate", metavar="P", help=controls.CLEAN_PLATE.help)] = ""
    from_take: Annotated[str, typer.Option("--from-take", metavar="TAKE", help=controls.FROM_TAKE.help)] = ""
    anchor: Annotated[str, typer.Option("--anchor", metavar="FRAMES", help=controls.ANCHORS.help)] = ""
    performers: Annotated[str, typer.Option("--performers", metavar="P", help=controls.PERFORMERS.help)] = ""

    @property
    def anchors(self) -> list[plate_pb2.FrameRange]:
        """The frames that were fixed by hand."""
        ranges = [parse_frames(part) for part in self.anchor.split(",") if part.strip()]
        return [plate_pb2.FrameRange(first_frame=each.first, last_frame=each.last) for each in ranges]

    def clean(self) -> plate_pb2.Clean:
        """What is asked of the clean."""
        take = self.from_take
        return plate_pb2.Clean(
            matte=plate_pb2.Matte(path=absolute(self.matte), channel=self.matte_channel, grow_pixels=self.grow),
            from_take=absolute(take) if is_footage(Path(take)) else take,
            clean_plate=absolute(self.clean_plate) if self.clean_plate else "",
            anchors=self.anchors,
            performers=plate_pb2.Matte(path=absolute(self.performers)) if self.performers else None,
        )


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
    check_number(controls.GROW_PIXELS, options.grow)
    request = options.request()
    request.clean.CopyFrom(options.clean())
    _render(request, Tally("clean", _numbers(options.range)), options.as_json)


def reframe(options: ReframeOptions) -> None:
    """Looks at the plate through another window, and fills what lies outside its frame."""
    request = options.request()
    request.reframe.keys.extend(options.framing())
    _render(request, Tally("reframe", _numbers(options.range)), options.as_json)


def _numbers(frames: FrameRange) -> range:
    """The frames' numbers."""
    return range(frames.first, frames.last + 1)


def _render(request: plate_service_pb2.RenderRequest, tally: Tally, as_json: bool) -> None:
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
