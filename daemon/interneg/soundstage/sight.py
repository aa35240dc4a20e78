"""What a camera sees of a set, without a renderer: where a point of the picture lies, and what is met there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interneg.soundstage.scene import Shape, Solid, Vector

Floats = npt.NDArray[np.floating]

PLATE_WIDTH = 384  # pixels: widths in the picture are reckoned on that plate
ASPECT = 0.75  # of the plate's height to its width


@dataclass(frozen=True, eq=False)
class Hit:
    """Where a line of sight ends: the point, the face's normal towards the eye, how far, and on what."""

    point: Floats
    normal: Floats
    depth: float
    solid: Solid


@dataclass(frozen=True, eq=False)
class Sight:
    """A level pinhole camera.

    Convention: places in the picture are in half widths from its middle, x to the right and y up: the plate's edges are
    x = ±1 and y = ±ASPECT. Depth is metres along the axis; `slope` is half the field's tangent.
    """

    eye: Floats
    axes: Floats  # rows right, up, forward
    slope: float
    distance: float  # to the focus

    def at(self, x: float, y: float, depth: float) -> Floats:
        """The point of the world at that place of the picture and that depth."""
        return np.asarray(self.eye + np.array((x * self.slope, y * self.slope, 1.0)) * depth @ self.axes)

    def seen(self, points: Floats) -> Floats:
        """Where points (N, 3) of the world are seen (N, 3): x, y and depth, which is negative behind the camera."""
        local = (np.atleast_2d(points) - self.eye) @ self.axes.T
        away = np.where(local[:, 2:] > 0, local[:, 2:], np.inf)
        return np.concatenate([local[:, :2] / away / self.slope, local[:, 2:]], axis=1)

    def is_in_frame(self, points: Floats, margin: float = 0.0) -> bool:
        """Whether any of the points lies in the picture, or nearer to its edge than the margin."""
        x, y, depth = self.seen(points).T
        return bool(((depth > 0) & (np.abs(x) < 1 + margin) & (np.abs(y) < ASPECT + margin)).any())

    def size(self, pixels: float, depth: float) -> float:
        """How many metres so many pixels of the plate are at that depth."""
        return pixels * 2 * self.slope * depth / PLATE_WIDTH

    def ray(self, x: float, y: float) -> Floats:
        """The unit direction into the world at that place of the picture."""
        direction = np.array((x * self.slope, y * self.slope, 1.0)) @ self.axes
        return np.asarray(direction / np.linalg.norm(direction))

    def met(self, x: float, y: float, shapes: tuple[Shape, ...]) -> Hit | None:
        """What is met first at that place of the picture, if anything."""
        direction = self.ray(x, y)
        hits = [(_reach(self.eye, direction, shape), shape) for shape in shapes if isinstance(shape, Solid)]
        (reach, face), solid = min(hits, key=lambda hit: hit[0][0], default=((np.inf, 0), None))
        if solid is None or not np.isfinite(reach):
            return None
        point = self.eye + direction * reach
        corners = solid.vertices[solid.faces[face]].astype(np.float64)
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        normal = normal / np.linalg.norm(normal)
        normal = -normal if normal @ direction > 0 else normal
        return Hit(point, normal, float((point - self.eye) @ self.axes[2]), solid)


def sight(eye: Vector, focus: Vector, field_degrees: float) -> Sight:
    """The camera at that eye which looks at the focus, so many degrees wide."""
    forward = np.subtract(focus, eye)
    distance = float(np.linalg.norm(forward))
    forward = forward / distance
    right = np.cross(forward, (0.0, 1.0, 0.0))
    right = right / np.linalg.norm(right)
    axes = np.stack([right, np.cross(right, forward), forward])
    return Sight(np.asarray(eye, np.float64), axes, float(np.tan(np.radians(field_degrees / 2))), distance)


def _reach(origin: Floats, direction: Floats, solid: Solid) -> tuple[float, int]:
    """How far the ray goes to the solid's nearest face, and which that is; infinity where it misses.

    References: Möller and Trumbore, "Fast, minimum storage ray-triangle intersection", 1997.
    """
    if not _may_meet(origin, direction, solid.vertices):
        return np.inf, 0
    corner, second, third = (solid.vertices[solid.faces[:, index]] for index in range(3))
    one, two = second - corner, third - corner
    across = np.cross(direction, two)
    volume = (one * across).sum(axis=1)
    volume = np.where(np.abs(volume) < 1e-12, np.inf, volume)
    offset = origin - corner
    u = (offset * across).sum(axis=1) / volume
    along = np.cross(offset, one)
    v = along @ direction / volume
    reach = (along * two).sum(axis=1) / volume
    inside = (u >= 0) & (v >= 0) & (u + v <= 1) & (reach > 1e-4)
    reach = np.where(inside, reach, np.inf)
    face = int(np.argmin(reach)) if len(reach) else 0
    return (float(reach[face]), face) if len(reach) else (np.inf, 0)


def _may_meet(origin: Floats, direction: Floats, vertices: Floats) -> bool:
    """Whether the ray passes through the vertices' box."""
    slope = np.where(np.abs(direction) < 1e-12, 1e-12, direction)
    near, far = (vertices.min(axis=0) - origin) / slope, (vertices.max(axis=0) - origin) / slope
    return bool(np.minimum(near, far).max() <= np.maximum(near, far).min() and np.maximum(near, far).min() > 0)
