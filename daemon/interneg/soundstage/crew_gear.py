"""What the crew left in the picture: a boom, stands and flags, tracking markers, and what only a mirror shows."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from interneg.soundstage.scene import Pixels, Shape, Solid, Strands, Surface
from interneg.soundstage.sight import ASPECT, Floats, Hit, Sight
from interneg.soundstage.solids import Finish, Form, box, cylinder, joined, lathe, plain, tube, unit_panel

FUR = 1800  # hairs of a windshield
HAIR_RADIUS = 0.0006  # metres; thicker than true hair, so that fewer of them cover
MARKER_SIZE = 64  # pixels of its texture
SKIN = 0.003  # metres a marker lies above what it is stuck to
FLATTEST = 0.25  # cosine: what is seen more edge-on than that gets no marker
MIRROR_ROUGHNESS = 0.2  # of metal; what is no metal shows less and must be smoother
LACQUER_ROUGHNESS = 0.1
TRIES = 24
ROOM = 0.85  # of the way to what is behind: where the crew puts its gear


def placed(form: Form, right: Floats, up: Floats, at: Floats) -> Form:
    """The form with its x and y laid along those unit vectors, its origin at that point."""
    axes = np.stack([right, up, np.cross(right, up)])
    return replace(
        form,
        vertices=(form.vertices @ axes + at).astype(np.float32),
        normals=(form.normals @ axes).astype(np.float32),
    )


def boom(rng: np.random.Generator, view: Sight, shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """A microphone on its pole that dips into the frame from above."""
    x, y = rng.uniform(-0.7, 0.7), ASPECT * rng.uniform(0.55, 0.98)
    tip = view.at(x, y, _before(view, (x, y), view.distance * rng.uniform(0.6, 1.0), shapes))
    side = float(rng.choice((-1, 1)))
    back = view.axes[0] * side * rng.uniform(0.5, 1.5) + np.array((0, rng.uniform(0.25, 1.0), 0))
    back = back - view.axes[2] * rng.uniform(-0.3, 0.5)
    back /= np.linalg.norm(back)
    pole = tip + back * np.linspace(0.06, 3.2, 12)[:, None]
    pole[:, 1] -= 0.05 * np.linspace(0, 1, 12) * (1 - np.linspace(0, 1, 12))  # it bends under its own weight
    rods = [tube(pole[:7], 0.013), tube(pole[6:], 0.016)]
    colour = ((0.035,) * 3, (0.06, 0.06, 0.07), (0.3, 0.3, 0.3))[int(rng.integers(3))]
    pole_shape = joined(*rods).solid("fault_boom_pole", plain(np.array(colour), 0.4))
    nose = -view.axes[2] * rng.normal(0, 0.5) + view.axes[0] * rng.normal(0, 0.6) - np.array((0, 0.6, 0))
    return (pole_shape, *_microphone(rng, tip, nose / np.linalg.norm(nose)))


def stand(rng: np.random.Generator, view: Sight, shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """A light stand or a C-stand with its flag at a side of the frame."""
    x = float(rng.choice((-1, 1))) * rng.uniform(0.45, 1.0)
    depth = _before(view, (x, 0.3), view.distance * rng.uniform(0.75, 1.25), shapes)
    foot = view.at(x, 0.0, depth)
    foot[1] = 0.0
    top = view.at(0, ASPECT, depth)[1]
    height = float(np.clip(top * rng.uniform(0.7, 1.1), 1.2, 3.5))
    forms = [_legs(rng, rng.random() < 0.5), *_column(height)]
    turn = float(rng.uniform(0, 360))
    iron = plain(np.full(3, 0.6 if rng.random() < 0.5 else 0.04), 0.35, 1.0 if rng.random() < 0.5 else 0.0)
    head, cloth = _head(rng, height)
    forms += head
    made: list[Shape] = [joined(*forms).turned(turn).moved(*map(float, foot)).solid("fault_stand", iron)]
    if cloth is not None:
        colour = 0.03 if rng.random() < 0.6 else 0.8
        flag = cloth.turned(turn).moved(*map(float, foot))
        made.append(flag.solid("fault_stand_flag", plain(np.full(3, colour), 0.95)))
    return tuple(made)


def markers(rng: np.random.Generator, view: Sight, shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Tracking markers stuck to what the camera sees."""
    finish = Finish(Surface(marker_texture(rng), 0.8))
    pixels, wanted = rng.uniform(6, 18), int(rng.integers(4, 14))
    forms = []
    for _ in range(2 * wanted):
        hit = view.met(float(rng.uniform(-0.95, 0.95)), float(rng.uniform(-0.95, 0.95) * ASPECT), shapes)
        if hit is not None and _faces(view, hit):
            size = view.size(pixels, hit.depth)
            forms.append(_stuck(rng, hit, min(size, 0.5)))
        if len(forms) == wanted:
            break
    return (joined(*forms).solid("fault_markers", finish),) if forms else ()


def marker_texture(rng: np.random.Generator) -> Pixels:
    """A cross, a dot, a chequer or a triangle pair on tape."""
    place = (np.arange(MARKER_SIZE) + 0.5) / MARKER_SIZE - 0.5
    x, y = place[None], place[:, None]
    kind = rng.choice(("cross", "dot", "chequer", "plain"))
    if kind == "cross":
        ink = (np.minimum(np.abs(x), np.abs(y)) < rng.uniform(0.05, 0.12)) & (np.maximum(np.abs(x), np.abs(y)) < 0.42)
    elif kind == "dot":
        ink = np.hypot(x, y) < rng.uniform(0.18, 0.36)
    elif kind == "chequer":
        ink = (x * y > 0) & (np.hypot(x, y) < 0.46)
    else:
        ink = np.broadcast_to(np.abs(x + 0 * y) < 2, (MARKER_SIZE, MARKER_SIZE))
    tapes = ((0.75, 0.75, 0.72), (0.04, 0.04, 0.04), (0.05, 0.45, 0.12), (0.05, 0.15, 0.6), (0.8, 0.3, 0.03))
    first, second = rng.permutation(len(tapes))[:2]
    paper, colour = np.array(tapes[first]), np.array(tapes[second])
    fade = rng.uniform(0.85, 1.0)
    return np.asarray(np.where(ink[..., None], colour, paper) * fade, np.float32)


def reflection(rng: np.random.Generator, view: Sight, shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Something beside the camera that glass or a polished thing in the frame shows; nothing where none does."""
    for _ in range(TRIES):
        hit = view.met(float(rng.uniform(-0.9, 0.9)), float(rng.uniform(-0.9, 0.9) * ASPECT), shapes)
        if hit is None or not _mirrors(hit):
            continue
        into = (hit.point - view.eye) / np.linalg.norm(hit.point - view.eye)
        out = into - 2 * (into @ hit.normal) * hit.normal
        at = hit.point + out * rng.uniform(1.0, 3.5)
        made = _unmeant(rng, at, -out)
        points = np.concatenate([solid.vertices for solid in made])
        away = float(np.linalg.norm(points - view.eye, axis=1).min())
        if not view.is_in_frame(points, 0.05) and away > 0.3:
            return made
    return ()


def _microphone(rng: np.random.Generator, tip: Floats, nose: Floats) -> tuple[Shape, ...]:
    """A furred windshield, a foam or a bare shotgun, pointing along the nose."""
    kind = rng.choice(("fur", "foam", "bare"), p=(0.5, 0.35, 0.15))
    radius = {"fur": rng.uniform(0.04, 0.06), "foam": 0.028, "bare": 0.011}[str(kind)]
    length = rng.uniform(0.22, 0.42)
    share = np.linspace(0, 1, 14)
    swell = np.maximum((1 - np.abs(2 * share - 1) ** (2.5 if kind == "fur" else 10)) ** 0.5, 1e-3)
    body = lathe(np.stack([radius * swell, (share - 0.5) * length], axis=1), 24)
    right = np.cross(nose, (0.31, 0.2, 0.93))
    right /= np.linalg.norm(right)
    grey = {"fur": rng.uniform(0.1, 0.35), "foam": 0.035, "bare": 0.06}[str(kind)]
    finish = plain(np.full(3, grey), 0.9 if kind != "bare" else 0.4)
    solid = placed(body, right, nose, tip).solid("fault_boom_microphone", finish)
    if kind != "fur":
        return (solid,)
    return solid, Strands("fault_boom_fur", _fur(rng, solid, nose), finish.surface)


def _fur(rng: np.random.Generator, solid: Solid, nose: Floats) -> tuple[Floats, ...]:
    """Long soft hairs that lie back from the nose, blown about a little."""
    assert solid.normals is not None
    chosen = rng.integers(len(solid.faces), size=FUR)
    corners, shares = solid.faces[chosen], rng.dirichlet((1, 1, 1), FUR)
    roots = (solid.vertices[corners] * shares[..., None]).sum(axis=1)
    outward = (solid.normals[corners] * shares[..., None]).sum(axis=1)
    lean = rng.normal(0, 0.35, (FUR, 3)) - nose * 0.8
    length, step = rng.uniform(0.012, 0.026, FUR), np.linspace(-0.2, 1, 5)
    paths = roots[:, None] + length[:, None, None] * (
        outward[:, None] * (step - 0.35 * step**2)[:, None] + lean[:, None] * (step**2)[:, None]
    )
    thin = np.full((FUR, 5, 1), HAIR_RADIUS)
    return tuple(np.concatenate([paths, thin], axis=2).astype(np.float32))


def _legs(rng: np.random.Generator, is_c_stand: bool) -> Form:
    """A tripod, or a C-stand's three bent legs."""
    legs = []
    for index in range(3):
        turn = 2 * np.pi * index / 3
        out = np.array((np.cos(turn), 0.0, np.sin(turn)))
        if is_c_stand:
            path = [(0.0, 0.32), (0.06, 0.3), (0.12, 0.1), (0.42, 0.04), (0.48, 0.02)]
        else:
            path = [(0.02, 0.75), (0.28, 0.32), (0.55, 0.02)]
        points = np.array([out * reach + (0, height, 0) for reach, height in path])
        legs.append(tube(points, 0.013, 10))
    return joined(*legs)


def _column(height: float) -> list[Form]:
    """The column in risers that grow thinner, with their collars."""
    joints = np.linspace(0.1, height, 4)
    forms = []
    for index, (low, high) in enumerate(pairwise(joints)):
        forms.append(cylinder(0.018 - 0.003 * index, high - low, sides=14).moved(y=low))
        forms.append(cylinder(0.026, 0.05, sides=12).moved(y=high - 0.03))
    return forms


def _head(rng: np.random.Generator, height: float) -> tuple[list[Form], Form | None]:
    """What the stand carries: an arm with a flag, a lamp's housing with its doors, or nothing."""
    kind = rng.choice(("flag", "lamp", "bare"), p=(0.5, 0.35, 0.15))
    if kind == "bare":
        return [], None
    if kind == "lamp":
        tilt = float(rng.uniform(-10, 50))
        housing = lathe(np.array([(0, 0), (0.09, 0), (0.11, 0.05), (0.11, 0.22), (0.1, 0.22), (0, 0.2)]), 20)
        doors = [box(0.22, 0.16, 0.004).tilted(30 * sign).moved(y=0.1, z=0.12 * sign) for sign in (-1, 1)]
        form = joined(housing, *(door.moved(y=0.12) for door in doors)).tilted(90 - tilt)
        return [form.moved(y=height + 0.1), box(0.26, 0.03, 0.03).moved(y=height)], None
    reach, lean = rng.uniform(0.4, 1.0), float(rng.normal(0, 12))
    arm = tube(np.array([(-0.15, 0, 0), (reach / 2, 0, 0), (reach, 0, 0)]), 0.008, 8).rolled(lean).moved(y=height)
    knuckle = cylinder(0.045, 0.03, sides=16).tilted(90).moved(y=height)
    width, tall = rng.uniform(0.3, 0.75), rng.uniform(0.3, 0.9)
    flag = box(width, tall, 0.008).turned(float(rng.normal(0, 15))).moved(x=reach, y=-tall / 2)
    return [arm, knuckle], flag.rolled(lean).moved(y=height)


def _before(view: Sight, place: tuple[float, float], depth: float, shapes: tuple[Shape, ...]) -> float:
    """That depth, or less where the set is nearer there."""
    hit = view.met(*place, shapes)
    return depth if hit is None else min(depth, ROOM * hit.depth)


def _faces(view: Sight, hit: Hit) -> bool:
    towards = (view.eye - hit.point) / np.linalg.norm(view.eye - hit.point)
    return bool(towards @ hit.normal > FLATTEST) and not hit.solid.surface.is_glass


def _mirrors(hit: Hit) -> bool:
    surface = hit.solid.surface
    return surface.is_glass or (
        surface.roughness < MIRROR_ROUGHNESS and (surface.metallic > 0.5 or surface.specular > 0)
    )


def _stuck(rng: np.random.Generator, hit: Hit, size: float) -> Form:
    """A marker on what was met, nearly upright, as somebody sticks it."""
    up = np.array((0.0, 1.0, 0.0)) if abs(hit.normal[1]) < 0.9 else np.array((0.0, 0.0, -1.0))
    right = np.cross(up, hit.normal)
    right /= np.linalg.norm(right)
    up = np.cross(hit.normal, right)
    turn = rng.normal(0, 0.12)
    turned = np.cos(turn) * right + np.sin(turn) * up
    patch = unit_panel(size, size).moved(y=-size / 2)
    return placed(patch, turned, np.cross(hit.normal, turned), hit.point + hit.normal * SKIN)


def _unmeant(rng: np.random.Generator, at: Floats, facing: Floats) -> tuple[Solid, ...]:
    """A white board, a lamp's silk or one of the crew at that point, turned towards what shows it."""
    level = np.array((facing[0], 0.0, facing[2]))
    level /= max(float(np.linalg.norm(level)), 1e-6)
    right = np.cross((0.0, 1.0, 0.0), level)
    if rng.random() < 0.5:
        tall, wide = rng.uniform(0.5, 1.2), rng.uniform(0.5, 1.2)
        board = box(float(wide), float(tall), 0.02).moved(y=-float(tall) / 2)
        return (placed(board, right, np.array((0.0, 1.0, 0.0)), at).solid("fault_reflection", plain(np.full(3, 0.85))),)
    crew = _mannequin(rng)
    foot = np.array((at[0], 0.0, at[2]))
    cloth = plain(rng.uniform(0.03, 0.12) * rng.uniform(0.8, 1.2, 3), 0.9)
    return (placed(crew, right, np.array((0.0, 1.0, 0.0)), foot).solid("fault_reflection", cloth),)


def _mannequin(rng: np.random.Generator) -> Form:
    """Somebody who stands with an arm raised, as simply as a mirror forgives: radii in metres, heights in shares."""
    tall = rng.uniform(1.55, 1.9)
    torso = [
        (0.01, 0.5),
        (0.15, 0.52),
        (0.13, 0.62),
        (0.19, 0.8),
        (0.06, 0.84),
        (0.01, 0.845),
    ]  # radius, share of height
    angle = np.linspace(0.05, 3.1, 9)
    head = np.stack([0.085 * np.sin(angle), 0.92 * tall - 0.12 * np.cos(angle)], axis=1)
    legs = [[(0.1 * side, 0.52, 0), (0.11 * side, 0.28, 0.02), (0.11 * side, 0.0, 0)] for side in (-1, 1)]
    raised = [(0.19, 0.8, 0), (0.3, 0.68, 0.1), (0.3, rng.uniform(0.5, 1.0), 0.3)]
    lowered = [(-0.19, 0.8, 0), (-0.26, 0.63, 0), (-0.2, 0.5, 0.15)]
    limbs = [tube(np.array(path) * (1, tall, 1), 0.075) for path in legs]
    limbs += [tube(np.array(path) * (1, tall, 1), 0.045) for path in (raised, lowered)]
    return joined(lathe(np.array(torso) * (1, tall), 18), lathe(head, 16), *limbs)
