"""Wires that hold somebody or something up, and the rigging they hang from, laid where the camera sees them.

Convention: strands are (N, 4): x, y, z and the radius in metres. A wire is 0.6 to 12 pixels wide on the plate,
whatever the lens.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from interneg.soundstage.scene import Shape, Strands, Surface, Vector
from interneg.soundstage.sight import ASPECT, Floats, Sight
from interneg.soundstage.solids import Form, joined, lathe, plain, tube

Lines = list[Floats]
Layout = Callable[[np.random.Generator, Sight, tuple[Vector, ...]], Lines]

THINNEST, THICKEST = 0.6, 12.0  # pixels on the plate
POINTS = 40  # along a strand: enough for any bend it takes
OUTSIDE = 1.35  # half widths: safely beyond the frame
STRANDS_OF_ROPE = 3
PITCH = 3.6  # of a rope, in its diameters
POINTS_OF_TURN = 7


def stunt_wires(rng: np.random.Generator, view: Sight, anchors: tuple[Vector, ...]) -> tuple[Shape, ...]:
    """One arrangement of wires before or among the action, with its hooks."""
    chosen = int(rng.choice(len(LAYOUTS), p=SHARES))
    lines = LAYOUTS[chosen](rng, view, anchors)
    moves = _sway(rng, view)
    wires = Strands("fault_wires", _splines(lines), wire_surface(rng), moves)
    hooks = [hook for line in lines if rng.random() < 0.4 for hook in _carabiner(rng, line)]
    if not hooks:
        return (wires,)
    return wires, Strands("fault_wires_hooks", _splines(hooks), hardware_surface(rng), moves)


def rigging(rng: np.random.Generator, view: Sight) -> tuple[Shape, ...]:
    """A spreader bar, a pulley, a rope or a truss in the frame, with what it hangs from."""
    rigs = (_spreader, _pulley, _rope_alone, _truss)
    forms, lines = rigs[int(rng.choice(len(rigs), p=(0.35, 0.2, 0.3, 0.15)))](rng, view)
    moves = _sway(rng, view)
    made: list[Shape] = []
    if forms:
        surface = hardware_surface(rng)
        metal = plain(surface.albedo, surface.roughness, surface.metallic)
        solid = joined(*forms).solid("fault_rigs", metal)
        made.append(type(solid)(solid.name, solid.vertices, solid.faces, solid.surface, solid.uv, solid.normals, moves))
    if lines:
        made.append(Strands("fault_rigs_ropes", _splines(lines), _rope_surface(rng), moves))
    return tuple(made)


def wire_surface(rng: np.random.Generator) -> Surface:
    """Bare steel, blackened, painted away against the set, plastic-coated, or clear line."""
    kind = rng.choice(("steel", "black", "paint", "coat", "line"), p=(0.35, 0.25, 0.2, 0.1, 0.1))
    if kind == "steel":
        return _surface(np.full(3, rng.uniform(0.35, 0.65)) * rng.uniform(0.95, 1.05, 3), rng.uniform(0.2, 0.45), 1.0)
    if kind == "black":
        return _surface(np.full(3, rng.uniform(0.02, 0.05)), rng.uniform(0.35, 0.8))
    if kind == "paint":
        return _surface(rng.uniform(0.1, 0.5) * rng.uniform(0.6, 1.3, 3), 0.9)
    if kind == "coat":
        bright = np.array(((0.6, 0.05, 0.04), (0.8, 0.35, 0.03), (0.1, 0.2, 0.55), (0.08, 0.35, 0.1), (0.7, 0.7, 0.65)))
        return _surface(bright[int(rng.integers(len(bright)))], 0.35)
    return _surface(np.full(3, rng.uniform(0.12, 0.3)), 0.08)


def hardware_surface(rng: np.random.Generator) -> Surface:
    """Zinc, black steel or anodised aluminium."""
    colours = ((0.55, 0.55, 0.56), (0.04, 0.04, 0.04), (0.5, 0.08, 0.06), (0.08, 0.14, 0.4), (0.6, 0.5, 0.25))
    chosen = int(rng.choice(len(colours), p=(0.4, 0.35, 0.1, 0.1, 0.05)))
    return _surface(np.array(colours[chosen]), rng.uniform(0.25, 0.5), 0.0 if chosen == 1 else 1.0)


def hung(start: Floats, end: Floats, sag: float, radius: float) -> Floats:
    """A strand from one point to another that hangs down by `sag` metres in its middle, as a chain does."""
    share = np.linspace(0, 1, POINTS)
    span = max(float(np.linalg.norm(np.subtract(end, start))), 1e-6)
    slack = max(4 * abs(sag) / span, 1e-3)  # half the chain's span over its parameter, where it is shallow
    drop = sag * (np.cosh(slack) - np.cosh(slack * (2 * share - 1))) / (np.cosh(slack) - 1)
    line = np.asarray(start) + share[:, None] * np.subtract(end, start)
    line[:, 1] -= drop
    return with_radius(line, radius)


def with_radius(points: Floats, radius: float) -> Floats:
    """A strand (N, 4) through the points (N, 3)."""
    return np.concatenate([points, np.full((len(points), 1), radius)], axis=1)


def twisted(line: Floats, strands: int, radius: float) -> Lines:
    """The line as a rope of so many strands of its whole radius."""
    points = line[:, :3]
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    turns = run[-1] / (2 * radius * PITCH)
    dense = np.linspace(0, run[-1], int(np.clip(turns * POINTS_OF_TURN, POINTS, 4000)))
    middle = np.stack([np.interp(dense, run, points[:, axis]) for axis in range(3)], axis=1)
    forward = np.gradient(middle, axis=0)
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    seed = np.eye(3)[int(np.argmin(np.abs(forward.mean(axis=0))))]
    aside = np.cross(forward, seed)
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    other = np.cross(forward, aside)
    own = radius * (0.46 if strands > 2 else 0.5)
    made = []
    for index in range(strands):
        phase = 2 * np.pi * (dense / (2 * radius * PITCH) + index / strands)
        around = np.cos(phase)[:, None] * aside + np.sin(phase)[:, None] * other
        made.append(with_radius(middle + around * (radius - own), own))
    return made


def _flying(rng: np.random.Generator, view: Sight, anchors: tuple[Vector, ...]) -> Lines:
    """One to four wires from above to somebody or something in the frame."""
    depth = view.distance * rng.uniform(0.85, 1.02)
    middle = view.at(rng.uniform(-0.4, 0.4), rng.uniform(-0.45, 0.3), depth)
    top = _overhead(rng, view, middle, anchors)
    count = int(rng.choice((1, 2, 3, 4), p=(0.3, 0.45, 0.1, 0.15)))
    spread, above = rng.uniform(0.1, 0.35), rng.choice((0.0, 1.0, 2.5))
    radius = _radius(rng, view, depth)
    lines = []
    for share in np.linspace(-1, 1, count) if count > 1 else (0.0,):
        aside = view.axes[0] * share * spread + rng.normal(0, 0.02, 3)
        lines.append(hung(top + aside * above, middle + aside, rng.normal(0, 0.004), radius))
    return lines


def _crossing(rng: np.random.Generator, view: Sight, anchors: tuple[Vector, ...]) -> Lines:
    """One to three lines from edge to edge, at any angle."""
    angle, lean = rng.uniform(0, np.pi), rng.normal(0, 0.05)
    depths = view.distance * rng.uniform(0.45, 1.0, 2)
    radius, apart = _radius(rng, view, float(depths.mean())), rng.uniform(0.03, 0.3)
    lines = []
    for index in range(int(rng.choice((1, 2, 3), p=(0.5, 0.3, 0.2)))):
        turn = angle + lean * index
        along, aside = np.array((np.cos(turn), np.sin(turn))), np.array((-np.sin(turn), np.cos(turn)))
        middle = aside * (rng.uniform(-0.5, 0.5) if index == 0 else 0) + aside * apart * index
        start, end = middle - along * OUTSIDE, middle + along * OUTSIDE
        ends = view.at(start[0], start[1], float(depths[0])), view.at(end[0], end[1], float(depths[1]))
        sag = float(abs(rng.normal(0, 0.01))) * float(np.linalg.norm(ends[1] - ends[0]))
        lines.append(hung(*ends, sag, radius))
    return lines


def _sagging(rng: np.random.Generator, view: Sight, anchors: tuple[Vector, ...]) -> Lines:
    """One or two slack cables from side to side."""
    depth = view.distance * rng.uniform(0.5, 1.0)
    left, right = rng.uniform(-0.2, 0.9, 2) * ASPECT
    start, end = view.at(-OUTSIDE, left, depth), view.at(OUTSIDE, right, depth * rng.uniform(0.8, 1.1))
    span = float(np.linalg.norm(end - start))
    radius, sag = _radius(rng, view, depth), rng.uniform(0.04, 0.3) * span
    if rng.random() < 0.25:
        return twisted(hung(start, end, sag, radius), 2, radius)
    more = rng.normal(0, 0.03, 3) * span
    lines = [hung(start, end, sag, radius)]
    return (
        [*lines, hung(start + more, end - more, sag * rng.uniform(0.8, 1.2), radius)] if rng.random() < 0.4 else lines
    )


def _fan(rng: np.random.Generator, view: Sight, anchors: tuple[Vector, ...]) -> Lines:
    """Guys that spread from one point, in the frame or above it."""
    depth = view.distance * rng.uniform(0.55, 1.0)
    hub = view.at(rng.uniform(-0.8, 0.8), rng.choice((0.3, 0.9)), depth)
    radius, start, opening = _radius(rng, view, depth), rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 2.5)
    lines = []
    for share in np.linspace(0, 1, int(rng.integers(2, 5))):
        turn = start + opening * share
        x, y = (float(value) for value in np.array((np.cos(turn), np.sin(turn))) * 2 * OUTSIDE)
        end = hub + (view.at(x, y, depth * rng.uniform(0.8, 1.1)) - view.at(0, 0, depth))
        lines.append(hung(hub, end, float(abs(rng.normal(0, 0.01))), radius))
    return lines


def _dangling(rng: np.random.Generator, view: Sight, anchors: tuple[Vector, ...]) -> Lines:
    """A line that hangs into the frame, curled by the drum it came from, with a loop at its end."""
    depth = view.distance * rng.uniform(0.5, 1.0)
    x, low = rng.uniform(-0.8, 0.8), rng.uniform(-0.5, 0.4)
    start, end = view.at(x, OUTSIDE, depth), view.at(x + rng.normal(0, 0.1), low, depth)
    radius = _radius(rng, view, depth)
    line = hung(start, end, 0.0, radius)
    share = np.linspace(0, 1, POINTS)
    curl = rng.normal(0, 0.06) * depth * view.slope * np.sin(share * rng.uniform(2, 9) + rng.uniform(0, 6)) * share
    line[:, :3] += curl[:, None] * view.axes[0]
    if rng.random() < 0.5:
        size = view.size(rng.uniform(8, 22), depth)
        turn = np.linspace(np.pi / 2, np.pi * 2.4, 16)
        loop = end + size * (np.cos(turn)[:, None] * view.axes[0] + (np.sin(turn)[:, None] - 1) * view.axes[1])
        line = np.concatenate([line, with_radius(loop[1:], radius)])
    return [line]


LAYOUTS: tuple[Layout, ...] = (_flying, _crossing, _sagging, _fan, _dangling)
SHARES = (0.4, 0.25, 0.15, 0.1, 0.1)


def _overhead(rng: np.random.Generator, view: Sight, held: Floats, anchors: tuple[Vector, ...]) -> Floats:
    """Where wires to that point hang from: an anchor of the set, or a winch outside the frame."""
    if anchors and rng.random() < 0.5:
        return np.asarray(anchors[int(rng.integers(len(anchors)))], np.float64)
    depth = float(view.seen(held)[0, 2])
    height = 3 * OUTSIDE * depth * view.slope
    up = np.array((0.0, max(height, 1.0), 0.0))
    return np.asarray(held + up + rng.normal(0, 0.35, 3) * height * np.array((1, 0, 0.3)))


def _radius(rng: np.random.Generator, view: Sight, depth: float) -> float:
    """Half a wire's thickness in metres: most wires are thin in the picture, some are ropes."""
    most = THICKEST if rng.random() < 0.2 else THICKEST / 3
    pixels = float(np.exp(rng.uniform(np.log(THINNEST), np.log(most))))
    return view.size(pixels, depth) / 2


def _sway(rng: np.random.Generator, view: Sight) -> Vector:
    """Metres a frame: a wire under load hardly moves, a slack one swings."""
    pace = rng.choice((0.0, 0.001, 0.004)) * view.distance * view.slope * 2
    move = rng.normal(0, 1, 3) * pace
    return float(move[0]), float(move[1] * 0.5), float(move[2] * 0.3)


def _carabiner(rng: np.random.Generator, line: Floats) -> Lines:
    """A hook, or a swivel and a hook, at the wire's lower end."""
    end = line[-1] if line[-1, 1] < line[0, 1] else line[0]
    beside = line[-2] if line[-1, 1] < line[0, 1] else line[1]
    down = end[:3] - beside[:3]
    down = down / max(float(np.linalg.norm(down)), 1e-6)
    aside = np.cross(down, rng.normal(0, 1, 3))
    aside /= np.linalg.norm(aside)
    radius, length = max(0.004, float(line[0, 3]) * 1.1), max(0.09, float(line[0, 3]) * 12)
    turn = np.linspace(0, 2 * np.pi, 20)
    outline = np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** 0.7
    ring = end[:3] + down * length / 2 * (1 - np.cos(turn))[:, None] + aside * length * 0.27 * outline[:, None]
    made = [with_radius(ring, radius)]
    if rng.random() < 0.5:
        made.append(with_radius(end[:3] - down * np.linspace(0.09, 0.0, 6)[:, None], max(radius * 1.8, 0.008)))
    return made


def _spreader(rng: np.random.Generator, view: Sight) -> tuple[list[Form], Lines]:
    """A bar that hangs from two wires, two more below it, with a ring at either end."""
    depth = view.distance * rng.uniform(0.7, 1.0)
    width = view.size(rng.uniform(60, 200), depth)
    middle = view.at(rng.uniform(-0.5, 0.5), rng.uniform(-0.1, 0.6), depth)
    aside = view.axes[0] * np.cos(tilt := rng.normal(0, 0.1)) + view.axes[1] * np.sin(tilt)
    ends = [middle - aside * width / 2, middle + aside * width / 2]
    thick = view.size(rng.uniform(3, 10), depth) / 2
    forms = [tube(np.linspace(ends[0], ends[1], 4), thick)]
    forms += [_ring(end, view, thick * rng.uniform(2.0, 3.0), thick * 0.5) for end in ends]
    radius, reach = view.size(rng.uniform(0.8, 3), depth) / 2, 3 * depth * view.slope
    narrow = rng.uniform(0.2, 1.0)
    lines = [hung(middle + (end - middle) * narrow + (0, reach, 0), end, 0.0, radius) for end in ends]
    if rng.random() < 0.7:
        drop = view.size(rng.uniform(40, 160), depth)
        lines += [hung(end, end - (0, drop, 0) + aside * rng.normal(0, 0.05), 0.0, radius) for end in ends]
    return forms, lines


def _pulley(rng: np.random.Generator, view: Sight) -> tuple[list[Form], Lines]:
    """A sheave between two cheeks with a rope over it."""
    depth = view.distance * rng.uniform(0.6, 1.0)
    radius = view.size(rng.uniform(10, 28), depth)
    middle = view.at(rng.uniform(-0.7, 0.7), rng.uniform(0.0, 0.65), depth)
    groove = np.array([(0, -0.3), (1.12, -0.3), (0.9, 0), (1.12, 0.3), (0, 0.3)]) * (radius, radius * 0.8)
    wheel = lathe(groove, 28).tilted(90)
    cheek = lathe(np.array([(0, -0.04), (0.75, -0.04), (0.75, 0.04), (0, 0.04)]) * radius, 20).tilted(90)
    thick = radius * rng.uniform(0.18, 0.3)
    forms = [wheel, cheek.moved(z=radius * 0.3), cheek.moved(z=-radius * 0.3)]
    place = [form.turned(float(rng.normal(0, 12))).moved(*map(float, middle)) for form in forms]
    far = view.axes[1] * 4 * depth * view.slope
    up = hung(middle + far, middle, 0.0, thick)
    sides = [middle + view.axes[0] * radius * sign for sign in (-1, 1)]
    downs = [hung(side, side - far + rng.normal(0, 0.1, 3), 0.0, thick) for side in sides]
    return place, [up, *(strand for down in downs for strand in twisted(down, STRANDS_OF_ROPE, thick))]


def _rope_alone(rng: np.random.Generator, view: Sight) -> tuple[list[Form], Lines]:
    """A laid rope through the frame."""
    line = _crossing(rng, view, ())[0] if rng.random() < 0.6 else _sagging(rng, view, ())[0]
    depth = float(view.seen(line[len(line) // 2, :3])[0, 2])
    return [], twisted(line, STRANDS_OF_ROPE, view.size(rng.uniform(3, THICKEST), depth) / 2)


def _truss(rng: np.random.Generator, view: Sight) -> tuple[list[Form], Lines]:
    """A lattice girder across the frame's upper half."""
    depth = view.distance * rng.uniform(0.8, 1.1)
    height, thick = view.size(rng.uniform(25, 50), depth), view.size(rng.uniform(3, 7), depth) / 2
    lift = view.at(0, rng.uniform(0.15, 0.6), depth) - view.at(0, 0, depth)
    start, end = view.at(-OUTSIDE, 0, depth) + lift, view.at(OUTSIDE, rng.normal(0, 0.15), depth) + lift
    up = view.axes[1] * height
    forms = [tube(np.linspace(start + up * share, end + up * share, 4), thick) for share in (0, 1)]
    count = max(4, int(np.linalg.norm(end - start) / height))
    points = [
        start + (end - start) * share + up * (index % 2) for index, share in enumerate(np.linspace(0, 1, count + 1))
    ]
    forms += [tube(np.linspace(a, b, 3), thick * 0.5, 8) for a, b in pairwise(points)]
    return forms, []


def _ring(middle: Floats, view: Sight, radius: float, thick: float) -> Form:
    turn = np.linspace(0, 2 * np.pi, 21)
    around = np.cos(turn)[:, None] * view.axes[0] + np.sin(turn)[:, None] * view.axes[1]
    return tube(middle + around * radius, thick, 8)


def _rope_surface(rng: np.random.Generator) -> Surface:
    """Hemp, white or black polyamide, or steel rope."""
    colours = ((0.4, 0.28, 0.15), (0.7, 0.68, 0.62), (0.035, 0.035, 0.035), (0.45, 0.45, 0.45))
    return _surface(np.array(colours[int(rng.integers(len(colours)))]) * rng.uniform(0.8, 1.15), 0.75)


def _splines(lines: Lines) -> tuple[Floats, ...]:
    """The strands with a point more at either end: a B-spline does not reach its last ones."""
    made = []
    for line in lines:
        first, last = 2 * line[:1] - line[1:2], 2 * line[-1:] - line[-2:-1]
        first[:, 3], last[:, 3] = line[0, 3], line[-1, 3]
        made.append(np.concatenate([first, line, last]).astype(np.float32))
    return tuple(made)


def _surface(albedo: Floats, roughness: float, metallic: float = 0.0) -> Surface:
    return Surface(np.clip(albedo, 0.02, 0.85).astype(np.float32), float(roughness), metallic)
