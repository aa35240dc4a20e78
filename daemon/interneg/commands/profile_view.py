"""A show's profile as tables, and as the values of `--json`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from google.protobuf.json_format import MessageToDict

from interneg.commands.console import Value, result, result_table
from interneg.profile.rates import MOVE_UNITS
from interneg.profile.sizes import SIZES
from interneg_proto.v1 import production_service_pb2 as wire

GREY = 0.72  # where 18 % grey lies in the log encoding
STOPS = 9.0  # from 0 to 1 of it, as plates/grain.py has them: a verb must not load what measures


def profile_values(profile: wire.Profile) -> Value:
    """The profile by name."""
    values: Value = MessageToDict(profile, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
    return values


def show_profile(profile: wire.Profile) -> None:
    """The profile on standard output, a table for cameras, setups and movement each, and the cut's rhythm in a line."""
    if profile.HasField("rhythm"):
        result(rhythm_said(profile.rhythm))
    if not profile.takes:
        result("no take has been measured yet: learning measures them")
        return
    columns = ("camera", "lens", "takes", "grain at grey (stops)", "its size (pixels)", "black", "fall-off (stops)")
    result_table((*columns, "red", "blue (of the radius)"), [_camera_row(camera) for camera in profile.cameras])
    if any(camera.noise for camera in profile.cameras):
        levels = sorted({round(point.level, 3) for camera in profile.cameras for point in camera.noise})
        stops = [f"{(level - GREY) * STOPS:+.1f}" for level in levels]
        result("grain in stops, mean of red, green and blue, against stops above 18 % grey:")
        result_table(("camera", "lens", *stops), [_noise_row(camera, levels) for camera in profile.cameras])
    columns = ("setup", "takes", "exposure (stops)", "key over fill (stops)", "kelvin", "key from", "key above")
    result_table(columns, [_setup_row(setup) for setup in profile.setups])
    if profile.takes_followed:
        result_table(
            ("movement", "half of the takes below", "nine of ten below"),
            [
                (f"{rate.name} ({MOVE_UNITS.get(rate.name, '')})", round(rate.middle, 4), round(rate.fastest, 4))
                for rate in profile.movement
            ],
        )
        result(f"{profile.still_share:.0%} of {profile.takes_followed} takes were shot from a locked head")


def rhythm_said(rhythm: wire.Rhythm) -> str:
    """The rhythm of a cut in a line."""
    lengths = f"half of them under {rhythm.middle:.1f} s, a tenth under {rhythm.shortest:.1f} s, a tenth over"
    known = f"{rhythm.known:.0%} of them are takes of these dailies"
    return "; ".join(
        (
            f"the cut: {rhythm.shots} shots in {rhythm.seconds / 60:.1f} min, {lengths} {rhythm.longest:.1f} s",
            known,
            *sizes_said(rhythm.shots, rhythm.sizes, rhythm.punched, rhythm.punch_in),
        )
    )


def sizes_said(shots: int, sizes: Mapping[str, int], punched: float, punch_in: float) -> tuple[str, ...]:
    """How close the shots of a cut are, as far as it says."""
    named = sum(sizes.values())
    called = ", ".join(f"{sizes[size]} {size}" for size in SIZES if size in sizes)
    said = [f"sizes by its names: {called}, {shots - named} say none" if named else "no name in it says a shot's size"]
    if math.isfinite(punched):
        far = f", the middle one by {punch_in - 1:.0%}" if math.isfinite(punch_in) else ""
        said.append(f"{punched:.0%} punched in{far}")
    return tuple(said)


def _camera_row(camera: wire.CameraProfile) -> tuple[Value, ...]:
    grain = min(camera.noise, key=lambda point: abs(point.level - GREY), default=None)
    at_grey = "" if grain is None else f"{grain.red:.3f} {grain.green:.3f} {grain.blue:.3f}"
    size, black = (_said(value, digits) for value, digits in ((camera.grain_size, 2), (camera.black, 4)))
    fringes = (_figure(figure, 5) for figure in (camera.red, camera.blue))
    return (camera.camera, camera.lens, camera.takes, at_grey, size, black, _figure(camera.fall_off, 2), *fringes)


def _noise_row(camera: wire.CameraProfile, levels: Sequence[float]) -> tuple[Value, ...]:
    found = {round(point.level, 3): (point.red + point.green + point.blue) / 3 for point in camera.noise}
    shown = (f"{found[level]:.3f}" if level in found else "" for level in levels)
    return (camera.camera, camera.lens, *shown)


def _setup_row(setup: wire.SetupProfile) -> tuple[Value, ...]:
    stops = (_figure(figure, 2) for figure in (setup.exposure, setup.ratio))
    rest = (_figure(figure, 0) for figure in (setup.kelvin, setup.azimuth, setup.elevation))
    return (setup.setup, setup.takes, *stops, *rest)


def _figure(figure: wire.Figure, digits: int) -> str:
    """A value with its standard error, where there is one."""
    error = f" ± {figure.error:.{digits}f}" if math.isfinite(figure.error) else ""
    return f"{_said(figure.value, digits)}{error}" if math.isfinite(figure.value) else ""


def _said(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else ""
