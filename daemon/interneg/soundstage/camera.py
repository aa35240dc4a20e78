"""The camera: where it stands, how long its lens is, and how it moves over a shot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interneg.soundstage.scene import StageSet, Vector

SENSOR_WIDTH_MM = 24.9  # Super 35, as most of drama is shot
FOCAL_LENGTHS_MM = (18.0, 21.0, 25.0, 32.0, 40.0, 50.0, 65.0, 75.0, 100.0, 135.0)
SHUTTER = 0.5  # of a frame: 180 degrees

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """One moment of a camera.

    Convention: metres and degrees; the aperture's radius is 0 for a pinhole.
    """

    eye: Vector
    target: Vector
    roll_degrees: float
    focal_length_mm: float
    aperture_radius: float
    focus_distance: float

    @property
    def field_degrees(self) -> float:
        """The horizontal field of view."""
        return float(np.degrees(2 * np.arctan(SENSOR_WIDTH_MM / 2 / self.focal_length_mm)))

    def axes(self) -> Matrix:
        """The rows right, up and backward in the world (3, 3): camera-space vectors are `axes @ world`."""
        backward = np.subtract(self.eye, self.target)
        backward = backward / np.linalg.norm(backward)
        right = np.cross((0.0, 1.0, 0.0), backward)
        right = right / np.linalg.norm(right)
        up = np.cross(backward, right)
        roll = np.radians(self.roll_degrees)
        turned = np.cos(roll) * right + np.sin(roll) * up
        return np.stack([turned, np.cross(backward, turned), backward])

    def seen_at(self, points: Matrix, width: int, height: int) -> Matrix:
        """Where points (N, 3) of the world fall in the picture (N, 2), in pixels from its top left corner."""
        local = (points - np.asarray(self.eye)) @ self.axes().T
        away = np.minimum(local[:, 2:], -1e-6)
        scale = self.focal_length_mm / SENSOR_WIDTH_MM * width
        return np.concatenate(
            [width / 2 - local[:, :1] / away * scale, height / 2 + local[:, 1:2] / away * scale], axis=1
        )


@dataclass(frozen=True)
class Move:
    """How a camera moves: metres, degrees and focus over one frame, and the unrest of hands on top."""

    dolly: Vector
    pan_degrees: float
    tilt_degrees: float
    unrest: float
    seed: int

    def after(self, camera: Camera, frames: float) -> Camera:
        """The camera so many frames later."""
        shake = self._shake(frames) * self.unrest
        eye = np.asarray(camera.eye) + np.asarray(self.dolly) * frames + shake[:3] * 0.02
        forward = np.subtract(camera.target, camera.eye)
        pan = np.radians(self.pan_degrees * frames + shake[3])
        turned = np.array(
            [
                forward[0] * np.cos(pan) - forward[2] * np.sin(pan),
                forward[1],
                forward[0] * np.sin(pan) + forward[2] * np.cos(pan),
            ]
        )
        lift = np.linalg.norm(forward) * np.tan(np.radians(self.tilt_degrees * frames + shake[4]))
        target = eye + turned + (0.0, lift, 0.0)
        roll = camera.roll_degrees + float(shake[5]) * 0.5
        return Camera(
            _vector(eye), _vector(target), roll, camera.focal_length_mm, camera.aperture_radius, camera.focus_distance
        )

    def _shake(self, frames: float) -> npt.NDArray[np.float64]:
        """Six unrests around 0, smooth over time: hands sway at one to five hertz."""
        rng = np.random.default_rng(self.seed)
        hertz, phase = rng.uniform(1, 5, (6, 3)), rng.uniform(0, 2 * np.pi, (6, 3))
        at = 2 * np.pi * hertz * frames / 24
        return np.asarray((np.sin(at + phase) - np.sin(phase)).sum(axis=1) / 3)


def random_camera(rng: np.random.Generator, stage_set: StageSet, subject: Vector | None) -> Camera:
    """A camera within the set's free box, looking at the action, or at somebody: whole, to the waist, or close."""
    focal = float(rng.choice(FOCAL_LENGTHS_MM))
    target = np.asarray(stage_set.focus if subject is None else subject, np.float64)
    target = target + rng.normal(0, (0.15, 0.1, 0.15))
    low, high = np.asarray(stage_set.eye_low), np.asarray(stage_set.eye_high)
    if subject is not None:
        shown = float(rng.choice((0.45, 0.8, 1.3, 2.2, 4.0)))  # metres across the picture: close-up to whole figure
        reach = shown * focal / SENSOR_WIDTH_MM
    else:
        reach = float(rng.uniform(0.6, 1.0)) * float(np.linalg.norm(high - target))
    toward = rng.uniform(low, high) - target
    eye = np.clip(target + toward / np.linalg.norm(toward) * reach, low, high)
    distance = float(np.linalg.norm(eye - target))
    if distance < 0.5:  # metres: nearer than that the nose fills the frame
        eye = target + (eye - target) / max(distance, 1e-6) * 0.5
        distance = 0.5
    stop = float(rng.choice((1.4, 2.0, 2.8, 4.0, 5.6, 8.0)))
    roll = float(rng.normal(0, 0.8))
    return Camera(_vector(eye), _vector(target), roll, focal, focal / 1000 / stop / 2, distance)


def random_move(rng: np.random.Generator, camera: Camera) -> Move:
    """A move as dolly grips, heads and hands make it, at a speed that suits the lens; sometimes none."""
    field = camera.field_degrees
    kind = rng.choice(("still", "dolly", "pan", "tilt", "handheld", "all"), p=(0.1, 0.25, 0.15, 0.1, 0.25, 0.15))
    moves = {str(kind)} if kind != "all" else {"dolly", "pan", "tilt", "handheld"}
    dolly = rng.normal(0, 0.006 * camera.focus_distance, 3) if "dolly" in moves else np.zeros(3)
    pan = rng.normal(0, field / 80) if "pan" in moves else 0.0
    tilt = rng.normal(0, field / 120) if "tilt" in moves else 0.0
    unrest = rng.uniform(0.1, 0.5) * field / 40 if "handheld" in moves else 0.0
    return Move(_vector(dolly * (1, 0.4, 1)), float(pan), float(tilt), float(unrest), int(rng.integers(2**31)))


def _vector(values: npt.NDArray[np.float64]) -> Vector:
    return float(values[0]), float(values[1]), float(values[2])
