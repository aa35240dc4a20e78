"""What is wrong with a shot: wires, rigs, a boom, stands, markers, what a mirror shows, and a prop that moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from interneg.soundstage.crew_gear import boom, markers, reflection, stand
from interneg.soundstage.scene import Shape, Solid, StageSet, Strands, Vector
from interneg.soundstage.sight import sight
from interneg.soundstage.stunt_wires import rigging, stunt_wires

CHANCES = {"wires": 0.7, "rigs": 0.25, "boom": 0.2, "stand": 0.2, "markers": 0.25, "reflection": 0.4}
MOVED_SHARE = 0.5  # of the sets that have something to move


@dataclass(frozen=True, eq=False)
class Fault:
    """One thing that should not be in the picture.

    Convention: kind is wires, rigs, boom, stand, markers or reflection; the last lies outside the frame and is seen in
    what it is reflected by.
    """

    kind: str
    shapes: tuple[Shape, ...]


def faults(
    rng: np.random.Generator, stage_set: StageSet, eye: Vector, focus: Vector, field_degrees: float
) -> tuple[Fault, ...]:
    """What is wrong with a shot that the camera at that eye takes of the focus; wires where nothing else is."""
    view = sight(eye, focus, field_degrees)
    chosen = {kind for kind, chance in CHANCES.items() if rng.random() < chance} or {"wires"}
    makers: dict[str, Callable[[], tuple[Shape, ...]]] = {
        "wires": lambda: stunt_wires(rng, view, stage_set.anchors),
        "rigs": lambda: rigging(rng, view),
        "boom": lambda: boom(rng, view, stage_set.shapes),
        "stand": lambda: stand(rng, view, stage_set.shapes),
        "markers": lambda: markers(rng, view, stage_set.shapes),
        "reflection": lambda: reflection(rng, view, stage_set.shapes),
    }
    made = [Fault(kind, make()) for kind, make in makers.items() if kind in chosen]
    return tuple(fault for fault in made if fault.shapes)


def moved_prop(rng: np.random.Generator, stage_set: StageSet) -> StageSet | None:
    """The set as another take saw it, one prop shoved or turned; None where nothing can be, or nobody touched it."""
    names = [shape.name for shape in stage_set.shapes if shape.name in stage_set.movable]
    if not names or rng.random() >= MOVED_SHARE:
        return None
    chosen = names[int(rng.integers(len(names)))]
    shoved = tuple(_shoved(rng, shape) if shape.name == chosen else shape for shape in stage_set.shapes)
    return replace(stage_set, shapes=shoved)


def _shoved(rng: np.random.Generator, shape: Shape) -> Shape:
    """The shape a little to the side on what it stands on, turned about its own upright axis."""
    points = shape.vertices if isinstance(shape, Solid) else np.concatenate([curve[:, :3] for curve in shape.curves])
    low, high = points.min(axis=0).astype(np.float64), points.max(axis=0).astype(np.float64)
    middle, size = (low + high) / 2, float(np.linalg.norm((high - low)[[0, 2]]))
    turn, away = np.radians(rng.normal(0, 25)), rng.uniform(0, 2 * np.pi)
    reach = max(0.015, size * rng.uniform(0.05, 0.4))
    shift = np.array((np.cos(away), 0.0, np.sin(away))) * min(reach, 0.4)
    spin = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    if isinstance(shape, Strands):
        laid = [(curve[:, :3] - middle) @ spin.T + middle + shift for curve in shape.curves]
        curves = [np.concatenate([a, b[:, 3:]], axis=1) for a, b in zip(laid, shape.curves, strict=True)]
        return replace(shape, curves=tuple(curve.astype(np.float32) for curve in curves))
    normals = None if shape.normals is None else (shape.normals @ spin.T).astype(np.float32)
    vertices = ((shape.vertices - middle) @ spin.T + middle + shift).astype(np.float32)
    return replace(shape, vertices=vertices, normals=normals)
