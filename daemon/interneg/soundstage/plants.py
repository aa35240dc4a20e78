"""Trees, bushes and grass: limbs that branch, leaves one by one.

Convention: as in solids.py. A plant stands on y = 0 at the origin.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from interneg.soundstage.scene import Pixels, Surface
from interneg.soundstage.solids import Finish, Floats, Form, joined
from interneg.soundstage.textures import SIZE, linear, mixed, noise, shaded

GREENS = "4f6b2a 5d7a34 3f5a2c 6b7c3a 46663a 7a8640"
AUTUMN = "b5702a c98f35 a34f24 8a6a2c d0a040 7a4a28"
DRY = "9a8a55 8a7a4a a89862 7d7350"
BARKS = "6b5a48 5a4a3c 7d7468 4a3f36 8a7a66"


@dataclass(frozen=True, eq=False)
class Plant:
    """The wood of a plant and its leaves."""

    wood: Form
    leaves: Form

    def placed(self, x: float, y: float, z: float, degrees: float, size: float = 1.0) -> Plant:
        """The same plant elsewhere, turned and grown."""
        return Plant(*(_grown(form, size).turned(degrees).moved(x, y, z) for form in (self.wood, self.leaves)))


@dataclass(frozen=True, eq=False)
class Habit:
    """How a tree grows: metres, degrees and shares of a parent's length."""

    height: float
    girth: float
    crown: float  # where on the trunk the first branch is
    reach: float
    branches: int
    twigs: int
    angle: float
    rise: float  # how much branches turn up; below 0 they droop
    taper: float  # how much shorter the upper branches are: 0 a ball, 1 a cone
    leaf: float
    leaf_shape: float  # width of a leaf to its length
    leaves: int


def distant(habit: Habit) -> Habit:
    """The same kind of tree as it serves far away: fewer leaves, each larger."""
    return replace(habit, leaves=habit.leaves // 5, leaf=habit.leaf * 2.1, twigs=max(3, habit.twigs // 2))


def broadleaf(rng: np.random.Generator) -> Habit:
    """A broad-leaved tree: oak, lime, beech."""
    tall = float(rng.uniform(6, 13))
    girth, crown, reach = tall * rng.uniform((0.015, 0.12 / tall, 0.3), (0.03, 0.4 / tall, 0.5))
    angle, rise, taper, leaf, shape = map(float, rng.uniform((40, 0.1, 0.3, 0.11, 0.45), (70, 0.5, 0.7, 0.19, 0.75)))
    branches, leaves = int(rng.integers(16, 26)), int(rng.integers(7500, 10000))
    return Habit(tall, float(girth), float(crown), float(reach), branches, 7, angle, rise, taper, leaf, shape, leaves)


def conifer(rng: np.random.Generator) -> Habit:
    """A spruce or fir."""
    tall = float(rng.uniform(7, 15))
    girth, crown, reach = tall * rng.uniform((0.012, 0.05 / tall, 0.18), (0.02, 0.3 / tall, 0.3))
    low, high = (75, -0.35, 0.8, 0.16, 0.16), (100, 0.1, 1.0, 0.26, 0.26)
    angle, rise, taper, leaf, shape = map(float, rng.uniform(low, high))
    branches, leaves = int(rng.integers(44, 64)), int(rng.integers(8000, 10000))
    return Habit(tall, float(girth), float(crown), float(reach), branches, 6, angle, rise, taper, leaf, shape, leaves)


def slender(rng: np.random.Generator) -> Habit:
    """A birch, poplar or pine: a long stem, its crown high."""
    tall = float(rng.uniform(8, 14))
    girth, crown, reach = tall * rng.uniform((0.009, 0.3 / tall, 0.14), (0.014, 0.6 / tall, 0.25))
    angle, rise, taper, leaf, shape = map(float, rng.uniform((35, -0.2, 0.3, 0.08, 0.4), (70, 0.4, 0.8, 0.13, 0.8)))
    branches, leaves = int(rng.integers(18, 30)), int(rng.integers(7000, 9500))
    return Habit(tall, float(girth), float(crown), float(reach), branches, 6, angle, rise, taper, leaf, shape, leaves)


def tree(rng: np.random.Generator, habit: Habit) -> Plant:
    """A tree of that habit."""
    steps = np.linspace(0, 1, 9)
    bend = np.cumsum(rng.normal(0, 0.02, (9, 2)), axis=0) * habit.height
    trunk = np.stack([bend[:, 0] - bend[0, 0], steps * habit.height, bend[:, 1] - bend[0, 1]], axis=1)[None]
    girth = (habit.girth * ((1 - steps) ** 0.8 * 0.92 + 0.08) + habit.girth * 0.7 * np.exp(-steps * 25))[None]
    shares = np.linspace(habit.crown, 0.98, habit.branches) + rng.normal(0, 0.01, habit.branches)
    up = np.clip((shares - habit.crown) / (1 - habit.crown), 0, 1)
    ball = np.sqrt(np.clip(1 - (1.6 * up - 0.6) ** 2, 0.06, 1))
    length = habit.reach * (ball + (np.clip(1.03 - up, 0.04, 1) - ball) * habit.taper) * rng.uniform(0.75, 1.2, len(up))
    boughs = _sprouts(rng, trunk, np.clip(shares, 0, 1)[None], length[None], habit.angle, habit.rise)
    bough_girth = _tapering(np.minimum(habit.girth * 0.45, length * 0.028))
    out = rng.uniform(0.25, 1.0, (len(boughs), habit.twigs))
    twigs = _sprouts(rng, boughs, out, (length[:, None] * 0.42) * rng.uniform(0.5, 1.1, out.shape), 45, habit.rise)
    twig_girth = _tapering(np.repeat(length * 0.42, habit.twigs) * 0.016)
    wood = joined(
        limbs(trunk, girth, 12),
        limbs(boughs[:, ::2], bough_girth[:, ::2], 5),
        limbs(twigs[:, ::4], twig_girth[:, ::4], 3),
    )
    return Plant(wood, _foliage(rng, np.concatenate([twigs, twigs, boughs]), habit))


def bush(rng: np.random.Generator, height: float, leaf: float, count: int) -> Plant:
    """A bush of many stems from the ground."""
    stems = int(rng.integers(10, 18))
    root = np.linspace(0, 0.05, 9)[None, :, None] * np.array((0.0, height, 0.0))
    length = height * rng.uniform(0.6, 1.15, (1, stems))
    boughs = _sprouts(rng, root, rng.random((1, stems)), length, float(rng.uniform(25, 45)), 0.1)
    out = rng.uniform(0.15, 1.0, (stems, 7))
    twigs = _sprouts(rng, boughs, out, length.T * rng.uniform(0.2, 0.5, out.shape), 50, 0.2)
    wood = joined(
        limbs(boughs[:, ::2], _tapering(length[0] * 0.012)[:, ::2], 4),
        limbs(twigs[:, ::4], _tapering(np.full(stems * 7, height * 0.004))[:, ::4], 3),
    )
    habit = Habit(height, 0.01, 0, height * 0.5, stems, 7, 45, 0.2, 0, leaf, float(rng.uniform(0.35, 0.8)), count)
    return Plant(wood, _foliage(rng, np.concatenate([twigs, boughs]), habit, 0.08))


def grass(rng: np.random.Generator, roots: Floats, height: float, width: float) -> Form:
    """Blades that stand at those roots (N, 3), each bent its own way."""
    count = len(roots)
    tall = height * rng.uniform(0.4, 1.25, count)
    turn, lean = rng.uniform(0, 2 * np.pi, count), np.abs(rng.normal(0.3, 0.3, count))
    way = np.stack([np.cos(turn), np.zeros(count), np.sin(turn)], axis=1)
    aside = np.stack([-np.sin(turn), np.zeros(count), np.cos(turn)], axis=1) * width / 2
    middle = roots + (way * 0.25 * lean[:, None] + (0, 0.55, 0)) * tall[:, None]
    tip = roots + (way * lean[:, None] + np.stack([0 * lean, 1 - 0.3 * lean, 0 * lean], axis=1)) * tall[:, None]
    corners = np.stack([roots - aside, roots + aside, middle + aside * 0.8, middle - aside * 0.8, tip], axis=1)
    faces = np.array([(0, 1, 2), (0, 2, 3), (3, 2, 4)])
    return _cards(rng, corners, faces)


def limbs(paths: Floats, girths: Floats, sides: int) -> Form:
    """Round tapering limbs along paths (N, P, 3), of those radii (N, P)."""
    count, points = paths.shape[:2]
    forward = np.gradient(paths, axis=1)
    forward /= np.maximum(np.linalg.norm(forward, axis=-1, keepdims=True), 1e-9)
    mean = forward.mean(axis=1)
    aside = np.cross(forward, np.eye(3)[np.argmin(np.abs(mean), axis=1)][:, None])
    aside /= np.maximum(np.linalg.norm(aside, axis=-1, keepdims=True), 1e-9)
    other = np.cross(forward, aside)
    turn = np.linspace(0, 2 * np.pi, sides + 1)[None, None, :, None]
    ring = np.cos(turn) * aside[:, :, None] + np.sin(turn) * other[:, :, None]  # (N, P, S + 1, 3)
    vertices = paths[:, :, None] + ring * girths[:, :, None, None]
    along = np.cumsum(np.linalg.norm(np.diff(paths, axis=1, prepend=paths[:, :1]), axis=-1), axis=1)
    uv = np.stack(
        np.broadcast_arrays(along[:, :, None], turn[..., 0] * girths[:, :1, None]), axis=-1
    )  # (N, P, S + 1, 2)
    index = np.arange(count * points * (sides + 1), dtype=np.uint32).reshape(count, points, sides + 1)
    low, right, up, far = index[:, :-1, :-1], index[:, :-1, 1:], index[:, 1:, :-1], index[:, 1:, 1:]
    faces = np.stack([low, right, far, low, far, up], axis=-1).reshape(-1, 3)
    return Form(_flat(vertices), faces, _flat(uv, 2), _flat(ring))


def bark(rng: np.random.Generator) -> Finish:
    """Bark, its ridges along the limb; or a birch's."""
    if rng.random() < 0.2:
        pale = shaded(linear("d8d4cb"), noise(rng, falloff=1.0), 0.08)
        scars = (noise(rng, falloff=0.9, stretch=0.3) - 1.0) * 2
        return Finish(Surface(mixed(pale, linear("2e2a28"), scars), 0.85), 0.8, 0.5)
    ridges = noise(rng, falloff=0.8, stretch=2.6)
    tint = linear(str(rng.choice(BARKS.split()))) * np.exp(rng.normal(0, 0.2))
    albedo = shaded(tint, ridges * 0.28 + noise(rng, falloff=1.4) * 0.12, 1.0)
    albedo = mixed(albedo, linear("5c6b3a"), noise(rng, falloff=1.4) * 0.5 - rng.uniform(0.3, 1.0))
    return Finish(Surface(albedo, 0.95, bump=(ridges * 0.004).astype(np.float32)), 0.7, 0.7)


def leafage(rng: np.random.Generator, palette: str = GREENS) -> Finish:
    """Leaves of one kind: each takes its colour from another place of the texture."""
    codes = palette.split()
    first, second = (linear(str(rng.choice(codes))) for _ in range(2))
    albedo = mixed(first, second, noise(rng, SIZE // 2, 0.2) * 0.5 + 0.5)
    albedo = shaded(albedo, noise(rng, SIZE // 2, 0.1), 0.22)
    rare = linear(str(rng.choice((AUTUMN if rng.random() < 0.5 else DRY).split())))
    albedo = mixed(albedo, rare, (noise(rng, SIZE // 2, 0.0) - rng.uniform(1.4, 2.4)) * 4)
    return Finish(Surface(albedo, float(rng.uniform(0.45, 0.8)), specular=0.3))


def _sprouts(
    rng: np.random.Generator, parents: Floats, shares: Floats, lengths: Floats, angle: float, rise: float
) -> Floats:
    """Limbs (N * K, P, 3) that leave their parents (N, P, 3) at those shares of the way (N, K)."""
    count, points = parents.shape[:2]
    many = shares.shape[1]
    place = shares * (points - 1)
    low = np.minimum(place.astype(int), points - 2)
    row = np.arange(count)[:, None]
    part = (place - low)[..., None]
    start = parents[row, low] * (1 - part) + parents[row, low + 1] * part
    along = parents[row, low + 1] - parents[row, low]
    along = along / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-9)
    turn = np.arange(many)[None] * 2.39996 + rng.uniform(0, 2 * np.pi, (count, 1)) + rng.normal(0, 0.4, shares.shape)
    first = np.cross(along, np.eye(3)[np.argmin(np.abs(along), axis=-1)])
    first /= np.maximum(np.linalg.norm(first, axis=-1, keepdims=True), 1e-9)
    out = np.cos(turn)[..., None] * first + np.sin(turn)[..., None] * np.cross(along, first)
    lean = np.radians(angle + rng.normal(0, 10, shares.shape))[..., None]
    way = np.cos(lean) * along + np.sin(lean) * out
    steps = np.linspace(0, 1, points)[None, None, :, None]
    curve = way[:, :, None] * steps + np.array((0.0, rise, 0.0)) * steps**2
    wander = np.cumsum(rng.normal(0, 0.05, (count, many, points, 3)), axis=2) * np.sqrt(steps)
    paths = start[:, :, None] + (curve + wander - wander[:, :, :1]) * lengths[..., None, None]
    return np.asarray(paths.reshape(count * many, points, 3))


def _foliage(rng: np.random.Generator, twigs: Floats, habit: Habit, first: float = 0.25) -> Form:
    """Leaves on those twigs (N, P, 3), past that share of each."""
    count = habit.leaves
    row, share = rng.integers(0, len(twigs), count), rng.uniform(first, 1.0, count) * (twigs.shape[1] - 1)
    low = np.minimum(share.astype(int), twigs.shape[1] - 2)
    part = (share - low)[:, None]
    root = twigs[row, low] * (1 - part) + twigs[row, low + 1] * part
    along = twigs[row, low + 1] - twigs[row, low]
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    return _leaves(rng, root, along, habit.leaf, habit.leaf_shape)


def hedge(rng: np.random.Generator, length: float, height: float, depth: float, leaf: float) -> Form:
    """A clipped hedge along x: leaves on its faces, thick enough to hide what is inside."""
    areas = np.array((length * height, length * height, length * depth, depth * height, depth * height))
    count = int(min(areas.sum() / leaf**2 * 1.6, 9000))
    face = rng.choice(5, count, p=areas / areas.sum())
    spots = rng.uniform(-0.5, 0.5, (count, 3))
    spots[:, 2] = np.where(face == 0, 0.5, np.where(face == 1, -0.5, spots[:, 2]))
    spots[:, 1] = np.where(face == 2, 0.5, spots[:, 1])
    spots[:, 0] = np.where(face == 3, 0.5, np.where(face == 4, -0.5, spots[:, 0]))
    out = np.array([(0, 0, 1), (0, 0, -1), (0, 1, 0), (1, 0, 0), (-1, 0, 0)], np.float64)[face]
    root = (spots + np.array((0, 0.5, 0))) * (length, height, depth) - out * rng.uniform(0, 0.08, (count, 1))
    return _leaves(rng, root, out * 0.8 + (0, 0.4, 0), leaf, 0.6)


def _leaves(rng: np.random.Generator, root: Floats, along: Floats, leaf: float, shape: float) -> Form:
    """Folded lozenges that hang off those roots (N, 3), more or less along those ways."""
    count = len(root)
    way = along * 0.5 + rng.normal(0, 0.7, (count, 3)) + np.array((0, -0.15, 0))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    side = np.cross(way, rng.normal(0, 0.45, (count, 3)) + np.array((0, 1, 0)))
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    long = leaf * rng.uniform(0.6, 1.3, (count, 1))
    start = root + rng.normal(0, 0.25, (count, 3)) * leaf
    middle = start + way * long * 0.45
    half = side * long * shape / 2
    fold = np.cross(half, way) * 0.3
    corners = np.stack([start, middle + half + fold, start + way * long, middle - half + fold], axis=1)
    return _cards(rng, corners, np.array([(0, 1, 2), (0, 2, 3)]))


def _cards(rng: np.random.Generator, corners: Floats, faces: Floats) -> Form:
    """Many small things of the same corners (N, C, 3), each coloured from another spot of the texture."""
    count, points = corners.shape[:2]
    index = faces[None] + (np.arange(count) * points)[:, None, None]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    spots = rng.random((count, 1, 2)) + np.linspace(0, 0.012, points)[None, :, None]
    return Form(
        _flat(corners),
        index.reshape(-1, 3).astype(np.uint32),
        _flat(spots, 2),
        _flat(np.repeat(normals, points, axis=0)),
    )


def _tapering(girths: Floats) -> Floats:
    return girths[:, None] * np.linspace(1, 0.25, 9)[None]


def _grown(form: Form, size: float) -> Form:
    return Form((form.vertices * np.float32(size)), form.faces, form.uv, form.normals)


def _flat(values: Floats, columns: int = 3) -> Pixels:
    return np.ascontiguousarray(np.reshape(values, (-1, columns)), np.float32)
