"""What a show knows of the camera that a plate was shot with."""

from __future__ import annotations

import math

import numpy as np

from interneg.plates.camera_grain import CameraGrain
from interneg.plates.grain import STOPS_OF_ENCODING
from interneg.production.store import Production
from interneg.profile.show import CameraProfile, profile_of
from interneg.profile.takes import kept_measures


def camera_grain(production: Production, plate_path: str) -> CameraGrain | None:
    """The grain of the camera that shot the plate; None where that is not known, or nothing was measured of it.

    A plate that is one of the show's takes has that take's camera and lens; any other one the show's only camera.
    """
    takes = production.takes()
    cameras = profile_of(takes, kept_measures(production)).cameras
    named = {(take.camera, take.lens) for take in takes if take.path == plate_path}
    fitting = [each for each in cameras if (each.camera, each.lens) in named] if named else list(cameras)
    if len({each.camera for each in fitting}) != 1:
        return None
    return _grain_of(max(fitting, key=lambda each: each.takes))


def _grain_of(camera: CameraProfile) -> CameraGrain | None:
    if not camera.noise:
        return None
    rows = np.array([(point.level, point.red, point.green, point.blue) for point in camera.noise], np.float32)
    size = 0.0 if math.isnan(camera.grain_size) else camera.grain_size
    return CameraGrain(rows[:, 0], rows[:, 1:] / np.float32(STOPS_OF_ENCODING), size)
