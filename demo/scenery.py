"""A set as a camera sees it: flat pieces in space, lit by lamps, seen in perspective through a lens.

Convention: metres; x to the right, y down, z away from the camera; radiances are scene-linear ACEScg.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]
Point = tuple[float, float, float]

_LIGHT_STEP = 16  # texels; light falls off smoothly, so it is worked out on a coarse grid
_LENS_SIGMA = 0.55  # pixels; what a good taking lens and its film leave of an edge
_HALO = np.array([1, 0.75, 0.6], np.float32)  # film base scatters red the farthest
_HALATION = ((4.0, 0.035), (22.0, 0.022))  # sigma at 960 pixels of width, share of the light that scatters


@dataclass(frozen=True)
class Lamp:
    """A light that shines all around it."""

    place: Point
    power: Point  # radiant intensity by channel


@dataclass(frozen=True, eq=False)
class Panel:
    """A flat piece of the set, already lit: its radiance and how much of what lies behind it covers."""

    radiance_premult: Pixels  # (H, W, 4)
    corner: Point  # top left
    across: Point
    down: Point


@dataclass(frozen=True)
class Pose:
    """Where the camera stands and looks, in metres and degrees."""

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    pan_degrees: float = 0.0
    tilt_degrees: float = 0.0
    roll_degrees: float = 0.0


def lit(albedo: Pixels, place: tuple[Point, Point, Point], lamps: Sequence[Lamp], ambient: Point) -> Pixels:
    """The radiance of a matt piece under the lamps, (H, W, 3); `place` is corner, across and down."""
    corner, across, down = (np.asarray(vector, np.float64) for vector in place)
    rows, columns = (max(2, -(-length // _LIGHT_STEP)) for length in albedo.shape[:2])
    v, u = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    points = corner + u[..., None] * across + v[..., None] * down
    normal = np.cross(across, down)
    normal /= np.linalg.norm(normal)
    light = np.broadcast_to(np.asarray(ambient, np.float64), points.shape).copy()
    for lamp in lamps:
        towards = np.asarray(lamp.place) - points
        distance = np.linalg.norm(towards, axis=-1) + 0.15
        # Half a turn of wrap: what is lit from behind glows a little, as cloth, leaves and dusty air do.
        facing = np.clip((np.abs(towards @ normal) / distance + 0.15) / 1.15, 0, 1)
        light += (facing / distance**2)[..., None] * np.asarray(lamp.power)
    grid = cv2.resize(light.astype(np.float32), albedo.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(albedo * grid, np.float32)


def view(panels: Sequence[Panel], pose: Pose, size: tuple[int, int]) -> Pixels:
    """What the camera sees, (H, W, 3); panels are given from the farthest to the nearest."""
    seen = np.zeros((*size, 3), np.float32)
    camera = _camera(pose, size)
    for panel in panels:
        _lay(seen, panel, camera)
    return _through_lens(seen)


def focal_pixels(width: int) -> float:
    """The focal length of a 32 mm lens on a Super 35 gate, in pixels."""
    return width * 32.0 / 24.9


def _camera(pose: Pose, size: tuple[int, int]) -> Matrix:
    """From a point in space to a pixel: 3 x 4, pixel centres at whole numbers."""
    pan, tilt, roll = np.radians([pose.pan_degrees, pose.tilt_degrees, pose.roll_degrees])
    panned = np.array([[np.cos(pan), 0, -np.sin(pan)], [0, 1, 0], [np.sin(pan), 0, np.cos(pan)]])
    tilted = np.array([[1, 0, 0], [0, np.cos(tilt), np.sin(tilt)], [0, -np.sin(tilt), np.cos(tilt)]])
    rolled = np.array([[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    turned = rolled @ tilted @ panned
    focal = focal_pixels(size[1])
    lens = np.array([[focal, 0, (size[1] - 1) / 2], [0, focal, (size[0] - 1) / 2], [0, 0, 1]])
    return np.asarray(lens @ np.column_stack([turned, -turned @ [pose.x, pose.y, pose.z]]))


def _lay(seen: Pixels, panel: Panel, camera: Matrix) -> None:
    """Lays one panel over what lies behind it."""
    rows, columns = panel.radiance_premult.shape[:2]
    corner, across, down = (np.asarray(vector) for vector in (panel.corner, panel.across, panel.down))
    plane = np.column_stack([across / columns, down / rows, corner + across * 0.5 / columns + down * 0.5 / rows])
    homography = camera[:, :3] @ plane
    homography[:, 2] += camera[:, 3]
    window = _window(homography, (rows, columns), seen.shape)
    if window is None:
        return
    left, top, right, bottom = window
    moved = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]]) @ homography
    laid = cv2.warpPerspective(panel.radiance_premult, moved, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    behind = seen[top:bottom, left:right]
    behind *= 1 - laid[..., 3:]
    behind += laid[..., :3]


def _window(homography: Matrix, texels: tuple[int, int], frame: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """The part of the frame that a panel can reach, or nothing."""
    rows, columns = texels
    corners = homography @ np.array([[-1, columns, columns, -1], [-1, -1, rows, rows], [1, 1, 1, 1]])
    if corners[2].min() <= 0:
        raise ValueError("a panel reaches behind the camera: move the panel or the camera")
    x, y = corners[:2] / corners[2]
    left, top = max(0, int(np.floor(x.min()))), max(0, int(np.floor(y.min())))
    right, bottom = min(frame[1], int(np.ceil(x.max())) + 1), min(frame[0], int(np.ceil(y.max())) + 1)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _through_lens(rgb: Pixels) -> Pixels:
    """The frame as a lens gives it: edges a little soft, light scattered around what is bright, corners darker."""
    rows, columns = rgb.shape[:2]
    soft = cv2.GaussianBlur(rgb, (0, 0), _LENS_SIGMA)
    small = cv2.resize(
        np.maximum(rgb - 0.8, 0), (max(1, columns // 4), max(1, rows // 4)), interpolation=cv2.INTER_AREA
    )
    for sigma, share in _HALATION:
        glow = cv2.GaussianBlur(small, (0, 0), max(0.3, sigma * columns / 960 / 4))
        soft += cv2.resize(glow, (columns, rows), interpolation=cv2.INTER_LINEAR) * np.multiply(
            _HALO, np.float32(share)
        )
    x = np.linspace(-1, 1, columns, dtype=np.float32)[None, :, None]
    y = np.linspace(-1, 1, rows, dtype=np.float32)[:, None, None]
    return np.asarray(soft / (1 + 0.1 * (x**2 + (y * rows / columns) ** 2)) ** 2, np.float32)
