"""What stands on the stage, as plain arrays: nothing here knows a renderer.

Convention: metres; y is up, the floor is y = 0, the action is around the origin and the open side of a set faces +z,
where the camera stands. Colours are linear Rec.709 primaries; albedos lie in [0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Points = npt.NDArray[np.float32]
Faces = npt.NDArray[np.uint32]
Vector = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Surface:
    """What a thing is made of.

    Convention: albedo is (3,) or a texture (h, w, 3) that repeats over uv in [0, 1]; row 0 of it lies at v = 1. A bump
    is (h, w) heights in metres over one repeat. glow is radiated light: what has one is a practical lamp.
    """

    albedo: Pixels
    roughness: float = 0.6
    metallic: float = 0.0
    specular: float = 0.5
    is_glass: bool = False
    bump: Pixels | None = None


@dataclass(frozen=True, eq=False)
class Solid:
    """A triangle mesh that is one thing on the stage.

    Convention: vertices (V, 3), faces (F, 3) counter-clockwise seen from outside, uv (V, 2) or none, normals (V, 3) for
    smooth shading or none for flat. moves is metres a frame, turns degrees a frame about the vertical through `pivot`.
    """

    name: str
    vertices: Points
    faces: Faces
    surface: Surface
    uv: Points | None = None
    normals: Points | None = None
    moves: Vector = (0.0, 0.0, 0.0)
    turns: float = 0.0
    pivot: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Strands:
    """Thin round curves that are one thing: wires, hair, grass.

    Convention: curves are (N, 4) each, N >= 4: x, y, z and the radius, all in metres. moves as for a Solid.
    """

    name: str
    curves: tuple[Points, ...]
    surface: Surface
    moves: Vector = (0.0, 0.0, 0.0)


Shape = Solid | Strands


@dataclass(frozen=True, eq=False)
class Practical:
    """A lamp that is part of the set and may be seen: the shade or tube itself shines.

    Convention: colour is the light's tint, its greatest channel 1.
    """

    solid: Solid
    colour: Vector


@dataclass(frozen=True)
class Place:
    """Where somebody may stand or sit: the floor point, the way they face in degrees about y (0 is +z), and how."""

    position: Vector
    facing_degrees: float
    posture: str = "standing"  # or "sitting": the position is then the seat's middle


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The light from outside as a latitude-longitude picture (h, 2h, 3): row 0 is up, the middle column is -z."""

    picture: Pixels
    is_outdoors: bool


@dataclass(frozen=True, eq=False)
class StageSet:
    """A dressed set, before people, lamps and camera come.

    Convention: `movable` names shapes that may be moved between takes. The camera may stand within `eye_low` and
    `eye_high` (opposite corners of a box that is free of things) and looks at something near `focus`.
    """

    kind: str
    shapes: tuple[Shape, ...]
    practicals: tuple[Practical, ...]
    places: tuple[Place, ...]
    surroundings: Surroundings
    eye_low: Vector
    eye_high: Vector
    focus: Vector = (0.0, 1.2, 0.0)
    movable: tuple[str, ...] = ()
    anchors: tuple[Vector, ...] = field(default=())  # where wires may hang from, high up
