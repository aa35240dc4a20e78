"""A show's profile as the wire tells it."""

from __future__ import annotations

import math
from dataclasses import asdict

from interneg.profile.cut import Rhythm
from interneg.profile.show import CameraProfile, Figure, Profile, SetupProfile
from interneg_proto.v1 import production_service_pb2 as wire


def message_from_profile(profile: Profile, rhythm: Rhythm | None = None) -> wire.Profile:
    """The profile as the wire tells it."""
    moves = profile.movement
    rates = [wire.Rate(name=name, middle=moves.middle[name], fastest=moves.fastest[name]) for name in moves.middle]
    return wire.Profile(
        takes=profile.takes,
        cameras=[_camera(camera) for camera in profile.cameras],
        setups=[_setup(setup) for setup in profile.setups],
        takes_followed=moves.takes,
        still_share=moves.still_share,
        movement=rates,
        rhythm=None if rhythm is None else message_from_rhythm(rhythm),
    )


def message_from_rhythm(rhythm: Rhythm) -> wire.Rhythm:
    """The rhythm of a cut as the wire tells it."""
    unsaid = {name: math.nan for name in ("punched", "punch_in") if getattr(rhythm, name) is None}
    return wire.Rhythm(**asdict(rhythm) | unsaid)


def _camera(camera: CameraProfile) -> wire.CameraProfile:
    noise = [wire.NoisePoint(level=at.level, red=at.red, green=at.green, blue=at.blue) for at in camera.noise]
    return wire.CameraProfile(
        camera=camera.camera,
        lens=camera.lens,
        takes=camera.takes,
        noise=noise,
        grain_size=camera.grain_size,
        black=camera.black,
        fall_off=_figure(camera.fall_off),
        red=_figure(camera.red),
        blue=_figure(camera.blue),
    )


def _setup(setup: SetupProfile) -> wire.SetupProfile:
    return wire.SetupProfile(
        setup=setup.setup,
        takes=setup.takes,
        exposure=_figure(setup.exposure),
        ratio=_figure(setup.ratio),
        kelvin=_figure(setup.kelvin),
        azimuth=_figure(setup.azimuth),
        elevation=_figure(setup.elevation),
    )


def _figure(figure: Figure) -> wire.Figure:
    return wire.Figure(value=figure.value, error=figure.error)
