"""Shapes to build a set from: boxes, turned and bent things, walls with openings, cushions and cloth.

Convention: metres. A form stands on y = 0 and is centred on x and z unless it says otherwise; its uv are metres too, so
that a finish lies at its true size on whatever it covers, and wood's grain (along u) follows the longer side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt

from interneg.soundstage.scene import Faces, Pixels, Points, Solid, Surface, Vector

Floats = npt.NDArray[np.floating]
CREASE = np.cos(np.radians(40.0))  # a turned profile bent by more than that has an edge there
SKEW = np.array([(1.0, 0.001), (0.001, 1.0)])  # Mitsuba's bump maps give NaN where u runs along an axis of the world


@dataclass(frozen=True, eq=False)
class Finish:
    """A surface and how large one repeat of its texture is, in metres along u and v."""

    surface: Surface
    width: float = 1.0
    height: float = 1.0


@dataclass(frozen=True, eq=False)
class Form:
    """A shape without a material: vertices (V, 3), faces (F, 3), uv (V, 2) in metres, normals (V, 3)."""

    vertices: Points
    faces: Faces
    uv: Points
    normals: Points

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Form:
        """The same somewhere else."""
        return replace(self, vertices=_single(self.vertices + np.array((x, y, z))))

    def turned(self, degrees: float) -> Form:
        """The same turned about the vertical: +z goes towards +x."""
        return self._rotated(0, 2, degrees)

    def tilted(self, degrees: float) -> Form:
        """The same turned about x: its top comes towards +z."""
        return self._rotated(2, 1, degrees)

    def rolled(self, degrees: float) -> Form:
        """The same turned about z: its top goes towards +x."""
        return self._rotated(0, 1, degrees)

    def slid(self, u: float, v: float) -> Form:
        """The same with its texture shifted, in metres."""
        return replace(self, uv=_single(self.uv + np.array((u, v))))

    def solid(self, name: str, finish: Finish) -> Solid:
        """The thing itself, of that material."""
        uv = self.uv / np.array((finish.width, finish.height))
        if finish.surface.bump is not None:
            uv = uv @ SKEW
        return Solid(name, self.vertices, self.faces, finish.surface, _single(uv), self.normals)

    def _rotated(self, first: int, second: int, degrees: float) -> Form:
        """Turns the axis `second` towards the axis `first`."""
        cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        matrix = np.eye(3)
        matrix[first, first] = matrix[second, second] = cosine
        matrix[first, second], matrix[second, first] = sine, -sine
        return replace(self, vertices=_single(self.vertices @ matrix.T), normals=_single(self.normals @ matrix.T))


def plain(albedo: Floats | Vector, roughness: float = 0.6, metallic: float = 0.0) -> Finish:
    """A finish of one colour."""
    return Finish(Surface(np.asarray(albedo, np.float32), roughness, metallic))


def joined(*forms: Form) -> Form:
    """Several forms as one."""
    starts = np.cumsum([0, *(len(form.vertices) for form in forms[:-1])])
    return Form(
        np.concatenate([form.vertices for form in forms]),
        np.concatenate([form.faces + np.uint32(start) for form, start in zip(forms, starts, strict=True)]),
        np.concatenate([form.uv for form in forms]),
        np.concatenate([form.normals for form in forms]),
    )


def box(width: float, height: float, depth: float) -> Form:
    """A box with sharp edges."""
    sides = (
        panel(width, height).moved(z=depth / 2),
        panel(width, height).turned(180).moved(z=-depth / 2),
        panel(depth, height).turned(90).moved(x=width / 2),
        panel(depth, height).turned(-90).moved(x=-width / 2),
        floor(width, depth).moved(y=height),
        floor(width, depth).rolled(180),
    )
    return joined(*sides)


def beam(start: Vector, end: Vector, width: float, depth: float | None = None) -> Form:
    """A square bar from one point to another: legs, slats, struts."""
    run = np.subtract(end, start)
    length = float(np.linalg.norm(run))
    upright = box(width, length, width if depth is None else depth)
    turn = float(np.degrees(np.arctan2(run[0], run[2]))) if np.hypot(run[0], run[2]) > 1e-6 else 0.0
    lean = float(np.degrees(np.arccos(np.clip(run[1] / length, -1, 1))))
    return upright.tilted(lean).turned(turn).moved(*map(float, start))


def panel(width: float, height: float, steps: int = 1) -> Form:
    """An upright rectangle that faces +z."""
    across, up = np.meshgrid(np.linspace(-0.5, 0.5, steps + 1) * width, np.linspace(0, 1, steps + 1) * height)
    form = grid(np.stack([across, up, np.zeros_like(up)], axis=-1), across + width / 2, up)
    return _along_grain(form, width, height)


def floor(width: float, depth: float, steps: int = 1) -> Form:
    """A level rectangle that faces up."""
    return panel(width, depth, steps).moved(y=-depth / 2).tilted(-90)


def unit_panel(width: float, height: float) -> Form:
    """An upright rectangle over which a picture lies once, whole."""
    upright = panel(width, height)
    shares = upright.vertices[:, :2] / np.array((width, height)) + np.array((0.5, 0.0))
    return replace(upright, uv=_single(shares))


def grid(points: Floats, u: Floats, v: Floats) -> Form:
    """A smooth skin through points (R, C, 3): rows run up and columns to the right, seen from outside."""
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns, dtype=np.uint32).reshape(rows, columns)
    low, right, up, far = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    faces = np.stack([low, right, far, low, far, up], axis=-1).reshape(-1, 3)
    normals = np.cross(np.gradient(points, axis=1), np.gradient(points, axis=0))
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-9)
    uv = np.stack([np.broadcast_to(u, (rows, columns)), np.broadcast_to(v, (rows, columns))], axis=-1)
    return Form(_single(points.reshape(-1, 3)), faces, _single(uv.reshape(-1, 2)), _single(normals.reshape(-1, 3)))


def lathe(profile: Floats, sides: int = 24) -> Form:
    """A turned thing: the profile (N, 2) of radius and height, from bottom to top, its edges kept where it bends."""
    steps = np.diff(profile, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    outward = np.stack([steps[:, 1], -steps[:, 0]], axis=1) / np.maximum(lengths, 1e-9)[:, None]  # radius, height
    smooth = np.concatenate([[False], (outward[1:] * outward[:-1]).sum(axis=1) > CREASE, [False]])
    before = np.concatenate([outward[:1], outward])
    after = np.concatenate([outward, outward[-1:]])
    mean = (before + after) / np.maximum(np.linalg.norm(before + after, axis=1, keepdims=True), 1e-9)
    starts = np.where(smooth[:, None], mean, after)[:-1]
    ends = np.where(smooth[:, None], mean, before)[1:]
    along = np.concatenate([[0], np.cumsum(lengths)])
    bands = [
        _band(profile[i : i + 2], np.stack([starts[i], ends[i]]), along[i : i + 2], sides)
        for i in range(len(steps))
        if lengths[i] > 1e-9
    ]
    return joined(*bands)


def cylinder(radius: float, height: float, top_radius: float | None = None, sides: int = 24) -> Form:
    """A closed cylinder, or a cone's stump."""
    top = radius if top_radius is None else top_radius
    return lathe(np.array([(0, 0), (radius, 0), (top, height), (0, height)]), sides)


def sphere(radius: float, sides: int = 24) -> Form:
    """A ball that rests on y = 0."""
    angle = np.linspace(0, np.pi, sides // 2 + 1)
    return lathe(np.stack([np.sin(angle) * radius, radius - np.cos(angle) * radius], axis=1), sides)


def tube(path: Floats, radius: float, sides: int = 12) -> Form:
    """A bent round tube through points (N, 3), open at its ends."""
    forward = np.gradient(path, axis=0)
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    aside = np.cross(forward, _least_along(forward))
    for index in range(1, len(aside)):  # carried along, so that the tube does not twist
        carried = aside[index - 1] - (aside[index - 1] @ forward[index]) * forward[index]
        aside[index] = carried / max(float(np.linalg.norm(carried)), 1e-9)
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    other = np.cross(forward, aside)
    turn = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.cos(turn)[None, :, None] * aside[:, None] + np.sin(turn)[None, :, None] * other[:, None]
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    skin = grid(path[:, None] + ring * radius, turn[None] * radius, length[:, None])
    return replace(skin, normals=_single(ring.reshape(-1, 3)))


def extrusion(outline: Floats, length: float) -> Form:
    """A closed beam along z whose section is the outline (N, 2) in x and y, counter-clockwise and star-shaped."""
    outline = np.asarray(outline, np.float64)
    ring = np.concatenate([outline, outline[:1]])
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(ring, axis=0), axis=1))])
    sides = [_strip(ring[i : i + 2], run[i : i + 2], length) for i in range(len(outline))]
    return joined(*sides, _cap(outline, length / 2, 1), _cap(outline, -length / 2, -1))


def cushion(width: float, height: float, depth: float, radius: float, bulge: float = 0.0, steps: int = 3) -> Form:
    """A box with rounded edges, its faces swollen by `bulge` metres in their middles."""
    half = np.array((width, height, depth)) / 2
    radius = min(radius, float(half.min()) * 0.99)
    edge = np.sin(np.linspace(0, np.pi / 2, steps + 1))[::-1]
    faces = [_swollen(half, axis, sign, radius, edge, bulge) for axis, sign in product(range(3), (-1, 1))]
    return joined(*faces).moved(y=height / 2)


def wall(
    width: float, height: float, thickness: float, openings: tuple[tuple[float, float, float, float], ...] = ()
) -> Form:
    """A wall whose face is z = 0 towards +z, with openings (left, bottom, right, top) in its own metres from its foot.

    Convention: x runs from -width/2 to width/2, the openings' too.
    """
    across = sorted({-width / 2, width / 2, *(x for hole in openings for x in (hole[0], hole[2]))})
    upward = sorted({0.0, height, *(y for hole in openings for y in (hole[1], hole[3]))})
    blocks = []
    for (left, right), (low, high) in product(pairwise(across), pairwise(upward)):
        middle = ((left + right) / 2, (low + high) / 2)
        if not any(h[0] < middle[0] < h[2] and h[1] < middle[1] < h[3] for h in openings):
            block = box(right - left, high - low, thickness).moved(middle[0], low, -thickness / 2)
            blocks.append(_laid_by_place(block))
    return joined(*blocks)


def _laid_by_place(form: Form) -> Form:
    """The form with a texture that runs on from one block to the next."""
    x, y, z = form.vertices.T
    upright = np.abs(form.normals[:, 1]) < 0.5
    sideways = np.abs(form.normals[:, 0]) > 0.5
    uv = np.stack([np.where(sideways, z, x), np.where(upright, y, z)], axis=1)
    return replace(form, uv=_single(uv))


def _swollen(half: Floats, axis: int, sign: int, radius: float, edge: Floats, bulge: float) -> Form:
    """One face of a cushion, its share of the rounded edges with it."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    if sign < 0:
        first, second = second, first
    lines = [_face_lines(float(half[i]), radius, edge) for i in (first, second)]
    points = np.zeros((len(lines[1]), len(lines[0]), 3))
    points[..., first], points[..., second] = np.meshgrid(lines[0], lines[1])
    points[..., axis] = sign * half[axis]
    inner = np.clip(points, -(half - radius), half - radius)
    outward = points - inner
    outward /= np.maximum(np.linalg.norm(outward, axis=-1, keepdims=True), 1e-9)
    placed = inner + outward * radius
    share = 1 - (points[..., first] / half[first]) ** 2
    share = share * (1 - (points[..., second] / half[second]) ** 2)
    placed[..., axis] += sign * bulge * share
    form = grid(placed, points[..., first] + half[first], points[..., second] + half[second])
    if bulge == 0:
        form = replace(form, normals=_single(outward.reshape(-1, 3)))
    return form


def _face_lines(half: float, radius: float, edge: Floats) -> Floats:
    """Where a face's grid lines lie: close together over the rounded edges, four spans between them."""
    rounded = half - radius + radius * edge
    flat = np.linspace(-(half - radius), half - radius, 5)[1:-1]
    return np.concatenate([-rounded, flat, rounded[::-1]])


def _band(pair: Floats, slopes: Floats, along: Floats, sides: int) -> Form:
    """One ring of a turned thing."""
    turn = np.linspace(0, 2 * np.pi, sides + 1)
    around = np.stack([np.cos(turn), np.zeros_like(turn), -np.sin(turn)], axis=1)  # rightwards, seen from outside
    points = pair[:, :1, None] * around[None] + pair[:, 1, None, None] * np.array((0.0, 1.0, 0.0))
    normals = slopes[:, :1, None] * around[None] + slopes[:, 1, None, None] * np.array((0.0, 1.0, 0.0))
    skin = grid(points, turn[None] * pair[:, 0].max(), along[:, None])
    return replace(skin, normals=_single(normals.reshape(-1, 3)))


def _strip(pair: Floats, run: Floats, length: float) -> Form:
    """One side of an extrusion."""
    along = np.array((-0.5, 0.5)) * length
    points = np.empty((2, 2, 3))
    points[..., :2] = pair[None]
    points[..., 2] = along[:, None]
    return grid(points, along[:, None], run[None])


def _cap(outline: Floats, z: float, sign: int) -> Form:
    ring = np.concatenate([outline, outline[:1]])[:: 1 if sign > 0 else -1]
    middle = np.broadcast_to(outline.mean(axis=0), ring.shape)
    flat = np.stack([ring, middle])
    points = np.concatenate([flat, np.full((*flat.shape[:2], 1), z)], axis=-1)
    skin = grid(points, flat[..., 0], flat[..., 1])
    return replace(skin, normals=_single(np.tile((0.0, 0.0, float(sign)), (len(skin.vertices), 1))))


def _along_grain(form: Form, width: float, height: float) -> Form:
    return replace(form, uv=form.uv[:, ::-1].copy()) if height > width else form


def _least_along(directions: Floats) -> Floats:
    """For each direction (N, 3) the axis it runs along the least."""
    axes: Floats = np.eye(3)[np.argmin(np.abs(directions), axis=1)]
    return axes


def _single(values: Floats) -> Pixels:
    return np.ascontiguousarray(values, np.float32)
