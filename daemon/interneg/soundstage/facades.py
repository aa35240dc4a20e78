"""Houses from outside: walls with windows, doors and shop fronts.

Convention: as in solids.py and props.py; a front's face is z = 0 towards +z and its foot is y = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from interneg.soundstage.props import Part, Prop, placed, total
from interneg.soundstage.scene import Surface
from interneg.soundstage.solids import Finish, Floats, Form, beam, box, floor, joined, panel, unit_panel
from interneg.soundstage.textures import (
    LACQUERS,
    SIZE,
    WALL_PAINTS,
    black,
    blocks,
    brick,
    colour,
    concrete,
    enamel,
    linear,
    mixed,
    noise,
    plaster,
    shaded,
    wood,
)

Hole = tuple[float, float, float, float]  # left, bottom, right, top
Span = tuple[float, float, float, float, float, float]  # the least x, y, z and the greatest
REVEAL = 0.14  # metres that windows lie behind the wall's face
WARM_WINDOW = (1.0, 0.68, 0.36)


@dataclass(frozen=True, eq=False)
class Style:
    """How one house is built: metres, and what it is made of."""

    face: Finish
    trim: Finish
    frame: Finish
    panes: tuple[Finish, ...]
    storey: float
    bay: float
    window_width: float
    window_height: float
    bars: tuple[int, int]
    sill: float
    lintel: bool
    cornice: float
    lit_share: float


def random_style(rng: np.random.Generator, panes: tuple[Finish, ...], lit_share: float = 0.0) -> Style:
    """A house of any street, behind such panes: brick, render, stone or concrete."""
    faces = (brick, brick, plaster, plaster, concrete, blocks)
    stone = linear("e4ded2") * rng.uniform(0.5, 1)
    return Style(
        faces[int(rng.integers(len(faces)))](rng),
        plaster(rng, stone) if rng.random() < 0.6 else enamel(rng),
        enamel(rng, colour(rng, LACQUERS + " e8e6e0 e8e6e0")),
        panes,
        float(rng.uniform(2.8, 3.7)),
        float(rng.uniform(1.7, 2.9)),
        float(rng.uniform(0.8, 1.4)),
        float(rng.uniform(1.1, 1.9)),
        (int(rng.integers(1, 4)), int(rng.integers(1, 4))),
        float(rng.uniform(0.04, 0.12)),
        bool(rng.random() < 0.5),
        float(rng.choice((0.0, 0.2, 0.45))),
        lit_share,
    )


def pane(rng: np.random.Generator) -> Finish:
    """A window's glass by day: it mirrors, and behind it are curtains or blinds and the dark of a room."""
    room = mixed(linear("1c1d20"), linear("3a352e"), noise(rng, SIZE, 1.6) * 0.3 + 0.3)
    across, down = np.meshgrid(np.linspace(-1, 1, SIZE), np.linspace(0, 1, SIZE))
    cloth = colour(rng, WALL_PAINTS) * 0.6
    folds = shaded(cloth, np.sin(across * rng.uniform(25, 60) + np.sin(across * 9)), 0.22)
    kind = int(rng.integers(4))
    if kind == 0:
        share = np.abs(across) > rng.uniform(0.35, 0.85) - down * rng.uniform(0, 0.2)
    elif kind == 1:
        share = down < rng.uniform(0.2, 0.9)
        folds = shaded(cloth, np.sin(down * rng.uniform(60, 120)), 0.3)
    elif kind == 2:
        share = down > rng.uniform(0.3, 0.6)
    else:
        share = np.zeros_like(down, bool)
    return Finish(Surface(mixed(room, folds, share * 0.85), 0.05, specular=0.7))


def front(rng: np.random.Generator, style: Style, width: float, storeys: int, ground: str) -> Prop:
    """A house's front; on the ground floor `windows`, a `door`, a `shop` or a `blank` wall; `far` ones have no bars."""
    count = max(1, int((width - 0.5) / style.bay))
    xs = (np.arange(count) - (count - 1) / 2) * (width / count)
    low = 0 if ground in ("windows", "far") else 1
    holes = [_window_hole(style, x, storey) for storey in range(low, storeys) for x in xs]
    pieces, below, more = _ground_floor(rng, style, width, ground)
    face = Part("facade", pierced(width, style.storey * storeys, 0.3, (*holes, *below)), style.face)
    glazed = _windows(rng, style, [*holes, *more], ground != "far")
    return (face, *glazed, *_mouldings(style, width, storeys, ground), *pieces)


def slabs(spans: Sequence[Span]) -> Form:
    """Upright blocks, each from its least to its greatest x, y and z, with textures that run on between them."""
    bounds = np.asarray(spans, np.float64).reshape(-1, 2, 3)
    pick = np.array([(x, y, z) for y in (0, 1) for z in (0, 1) for x in (0, 1)])
    corners = bounds[:, pick, np.arange(3)]  # (N, 8, 3)
    quads = np.array([(2, 3, 7, 6), (1, 0, 4, 5), (3, 1, 5, 7), (0, 2, 6, 4), (6, 7, 5, 4), (0, 1, 3, 2)])
    normals = np.array([(0, 0, 1), (0, 0, -1), (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0)], np.float32)
    points = corners[:, quads]  # (N, 6, 4, 3)
    x, y, z = np.moveaxis(points, -1, 0)
    sideways, level = np.abs(normals[:, 0]) > 0, np.abs(normals[:, 1]) > 0
    uv = np.stack([np.where(sideways[:, None], z, x), np.where(level[:, None], z, y)], axis=-1)
    first = np.arange(len(bounds) * 6, dtype=np.uint32)[:, None] * 4
    faces = (first[..., None] + np.array([(0, 1, 2), (0, 2, 3)], np.uint32)).reshape(-1, 3)
    turned = np.broadcast_to(normals[None, :, None], points.shape)
    flat = [np.ascontiguousarray(values, np.float32) for values in (points, uv, turned)]
    return Form(flat[0].reshape(-1, 3), faces, flat[1].reshape(-1, 2), flat[2].reshape(-1, 3))


def block(width: float, height: float, depth: float, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Span:
    """The span of a block that stands at x, y, z, centred on x and z."""
    return x - width / 2, y, z - depth / 2, x + width / 2, y + height, z + depth / 2


def pierced(width: float, height: float, thickness: float, holes: Sequence[Hole]) -> Form:
    """A wall whose face is z = 0, with openings: for many windows, where `wall` is for few."""
    across = sorted({-width / 2, width / 2, *(x for hole in holes for x in (hole[0], hole[2]))})
    upward = sorted({0.0, height, *(y for hole in holes for y in (hole[1], hole[3]))})
    left, right = np.array(across[:-1])[None], np.array(across[1:])[None]
    low, high = np.array(upward[:-1])[:, None], np.array(upward[1:])[:, None]
    solid = np.ones((len(upward) - 1, len(across) - 1), bool)
    for hole in holes:
        solid &= ~(
            (left >= hole[0] - 1e-9) & (right <= hole[2] + 1e-9) & (low >= hole[1] - 1e-9) & (high <= hole[3] + 1e-9)
        )
    spans = np.stack(np.broadcast_arrays(left, low, -thickness, right, high, 0.0), axis=-1)[solid]
    return slabs([_span(values) for values in spans])


def house(
    rng: np.random.Generator, style: Style, size: tuple[float, float], storeys: int, ground: tuple[str, str]
) -> Prop:
    """A house with a front, its right and left sides, and a flat roof; its front's middle is at the origin."""
    width, depth = size
    sides = [front(rng, style, width, storeys, ground[0])]
    for turn in (90, -90):
        side = front(rng, style, depth, storeys, ground[1])
        sides.append(placed(side, x=np.sign(turn) * width / 2, z=-depth / 2, degrees=turn))
    top = floor(width, depth).moved(y=style.storey * storeys - 0.02, z=-depth / 2)
    return total((*sides, (Part("house_roof", top, style.trim),)))


def door(rng: np.random.Generator, width: float, height: float) -> Prop:
    """A front door in its frame, panelled, glazed above or plain, set back in its wall."""
    leaf, iron = enamel(rng) if rng.random() < 0.7 else wood(rng), black(rng)
    forms = [box(width, height, 0.05).moved(z=-REVEAL)]
    rows, columns = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    for row in range(rows):
        for column in range(columns):
            wide, tall = (width - 0.16) / columns, (height - 0.3) / rows
            x = (column - (columns - 1) / 2) * wide
            forms.append(box(wide - 0.1, tall - 0.12, 0.025).moved(x, 0.2 + row * tall, -REVEAL + 0.03))
    frame = [
        box(0.07, height, 0.1).moved(-width / 2 + 0.035, 0, -REVEAL + 0.04),
        box(0.07, height, 0.1).moved(width / 2 - 0.035, 0, -REVEAL + 0.04),
        box(width, 0.07, 0.1).moved(0, height - 0.07, -REVEAL + 0.04),
    ]
    knob = box(0.04, 0.16, 0.05).moved(width * 0.36, 1.0, -REVEAL + 0.05)
    trim = enamel(rng)
    return Part("door", joined(*forms), leaf), Part("door_frame", joined(*frame), trim), Part("knob", knob, iron)


def awning(rng: np.random.Generator, width: float, cloth: Finish) -> Prop:
    """An awning over a shop's window, let down by some."""
    out, drop = float(rng.uniform(0.8, 1.5)), float(rng.uniform(0.3, 0.7))
    valance = 0.22
    points = np.array([[(-0.5, 0, 0), (0.5, 0, 0)], [(-0.5, drop, -out), (0.5, drop, -out)]]) * (width, 1, 1)
    run = float(np.hypot(out, drop))
    slope = Form(
        (points.reshape(-1, 3) + np.array((0, 0, out))).astype(np.float32),
        np.array([(0, 1, 3), (0, 3, 2)], np.uint32),
        np.array([(0, 0), (0, width), (run, 0), (run, width)], np.float32)[:, ::-1].copy(),
        np.tile(np.array((0, out, drop)) / run, (4, 1)).astype(np.float32),
    )
    edge = panel(width, valance).moved(y=-valance, z=out)
    arms = [beam((s * (width / 2 - 0.05), -0.1, 0), (s * (width / 2 - 0.05), 0, out), 0.03) for s in (-1, 1)]
    return Part("awning", joined(slope, edge), cloth), Part("awning_arms", joined(*arms), black(rng))


def _ground_floor(
    rng: np.random.Generator, style: Style, width: float, kind: str
) -> tuple[Prop, list[Hole], list[Hole]]:
    """What fills the ground floor's openings, all the openings, and those that are windows."""
    if kind == "shop":
        parts, holes = _shop(rng, style, width)
        return parts, holes, []
    if kind != "door":
        return (), [], []
    wide, tall, x = float(rng.uniform(0.9, 1.3)), float(rng.uniform(2.1, 2.6)), float(rng.uniform(-0.2, 0.2)) * width
    tall = min(tall, style.storey - 0.2)
    step = Part("step", slabs([block(wide + 0.4, 0.12, 0.5, x, 0, 0.2)]), style.trim)
    reach = width / 2 - style.window_width / 2 - 0.15
    windows = [
        _window_hole(style, at, 0)
        for at in np.linspace(-reach, reach, max(2, int(2 * reach / style.bay) + 1))
        if abs(at - x) > (wide + style.window_width) / 2 + 0.25
    ]
    return (*placed(door(rng, wide, tall), x=x), step), [(x - wide / 2, 0.0, x + wide / 2, tall), *windows], windows


def _shop(rng: np.random.Generator, style: Style, width: float) -> tuple[Prop, list[Hole]]:
    """A shop's front: large panes over a low wall, a door, a fascia with its sign, perhaps an awning."""
    high = min(2.6, style.storey - 0.55)
    base = float(rng.uniform(0.25, 0.6))
    at = float(rng.choice((-1, 1))) * (width / 2 - 0.9)
    panes = (-width / 2 + 0.3, at - 0.65) if at > 0 else (at + 0.65, width / 2 - 0.3)
    holes = [(panes[0], base, panes[1], high), (at - 0.5, 0.0, at + 0.5, high)]
    frame = enamel(rng)
    middle, wide = (panes[0] + panes[1]) / 2, panes[1] - panes[0]
    glass = unit_panel(wide, high - base).moved(middle, base, -REVEAL)
    count = max(1, round(wide / 1.3))
    bars = [block(0.05, high - base, 0.07, x, base, -REVEAL) for x in np.linspace(*panes, count + 1)]
    bars += [block(wide, 0.06, 0.09, middle, y, -REVEAL) for y in (base, high - 0.06)]
    fascia = box(width - 0.2, 0.45, 0.1).moved(0, high + 0.05, 0.05)
    parts = [
        Part("shop_glass", glass, shop_window(rng)),
        Part("shop_frame", slabs(bars), frame),
        Part("fascia", fascia, frame),
        Part("sign", unit_panel(min(width * 0.7, 4.0), 0.36).moved(0, high + 0.09, 0.105), lettering(rng)),
        *placed(door(rng, 1.0, high), x=at),
    ]
    if rng.random() < 0.55:
        parts += placed(awning(rng, wide, enamel(rng)), middle, high + 0.02 - 0.3, 0.1)
    return tuple(parts), holes


def shop_window(rng: np.random.Generator) -> Finish:
    """What lies behind a shop's glass: shelves of things, in the gloom."""
    canvas = np.tile(linear("35312c") * np.float32(rng.uniform(0.6, 1.6)), (SIZE, SIZE, 1))
    for row in range(int(rng.integers(2, 5))):
        foot = int(SIZE * (0.97 - row * 0.22))
        canvas[foot : foot + 4] = linear("6a5a48")
        left = 4
        while left < SIZE - 10:
            wide, tall = int(rng.integers(5, 26)), int(rng.integers(10, 50))
            canvas[max(foot - tall, 0) : foot, left : left + wide] = colour(rng, LACQUERS) * rng.uniform(0.3, 0.9)
            left += wide + int(rng.integers(0, 14))
    return Finish(Surface(shaded(canvas, noise(rng), 0.1), 0.05, specular=0.7))


def lettering(rng: np.random.Generator) -> Finish:
    """A painted sign: letters of no language on a ground."""
    ground, ink = colour(rng, LACQUERS), colour(rng, "f0ece0 f0ece0 1a1a1a d8b040")
    canvas = np.tile(ground, (64, SIZE, 1))
    share = np.zeros((64, SIZE), np.float32)
    left = 16
    while left < SIZE - 34:
        wide, tall = int(rng.integers(9, 17)), 34
        stroke = 4
        letter = np.zeros((tall, wide), np.float32)
        for column in (0, wide - stroke):
            letter[:, column : column + stroke] = float(rng.random() < 0.75)
        for row in (0, tall // 2 - 2, tall - stroke):
            letter[row : row + stroke] = np.maximum(letter[row : row + stroke], float(rng.random() < 0.55))
        share[15 : 15 + tall, left : left + wide] = letter
        left += wide + (5 if rng.random() < 0.85 else 18)
    return Finish(Surface(mixed(canvas, ink, share), 0.4))


def _window_hole(style: Style, x: float, storey: int) -> Hole:
    low = storey * style.storey + max(0.35, (style.storey - style.window_height) * 0.55)
    half = style.window_width / 2
    return float(x - half), low, float(x + half), min(low + style.window_height, (storey + 1) * style.storey - 0.15)


def _windows(rng: np.random.Generator, style: Style, holes: Sequence[Hole], has_bars: bool) -> Prop:
    """The windows in their openings: frames, bars, sills, lintels and glass, some of it lit."""
    if not holes:
        return ()
    frames, trims = [], []
    for hole in holes:
        frames += _bars(style, hole, has_bars)
        left, low, right, high = hole
        trims.append((left - 0.07, low - 0.06, -REVEAL, right + 0.07, low, style.sill))
        if style.lintel:
            trims.append((left - 0.12, high, 0.0, right + 0.12, high + 0.18, 0.05))
    kinds = rng.integers(len(style.panes), size=len(holes))
    lit = rng.random(len(holes)) < style.lit_share
    panes = [unit_panel(h[2] - h[0], h[3] - h[1]).moved((h[0] + h[2]) / 2, h[1], -REVEAL) for h in holes]
    made = [Part("frames", slabs(frames), style.frame), Part("sills", slabs(trims), style.trim)]
    for kind, finish in enumerate(style.panes):
        chosen = [pane for index, pane in enumerate(panes) if kinds[index] == kind and not lit[index]]
        made += [Part(f"panes{kind}", joined(*chosen), finish)] if chosen else []
    shining = [pane for index, pane in enumerate(panes) if lit[index]]
    made += [Part("lit_panes", joined(*shining), style.panes[0], WARM_WINDOW)] if shining else []
    return tuple(made)


def _bars(style: Style, hole: Hole, has_bars: bool) -> list[Span]:
    """A window's frame and its bars."""
    left, low, right, high = hole
    wide, tall, x = right - left, high - low, (left + right) / 2
    bar = 0.05
    bars = [block(bar, tall, 0.06, at, low, -REVEAL) for at in (left + bar / 2, right - bar / 2)]
    bars += [block(wide, bar, 0.06, x, at, -REVEAL) for at in (low, high - bar)]
    if has_bars:
        across, up = style.bars
        bars += [block(0.03, tall, 0.04, left + wide * i / across, low, -REVEAL) for i in range(1, across)]
        bars += [block(wide, 0.03, 0.04, x, low + tall * i / up - 0.015, -REVEAL) for i in range(1, up)]
    return bars


def _mouldings(style: Style, width: float, storeys: int, ground: str) -> Prop:
    """The cornice under the roof, and a band over the ground floor."""
    top = style.storey * storeys
    spans = [block(width + 0.02, 0.12, 0.06, 0, style.storey - 0.1, 0.02)] if ground == "door" else []
    if style.cornice:
        outs = [style.cornice * (index + 1) / 3 for index in range(3)]
        spans += [block(width, 0.12, out, 0, top - 0.36 + index * 0.12, out / 2) for index, out in enumerate(outs)]
    return (Part("mouldings", slabs(spans), style.trim),) if spans else ()


def _span(values: Floats) -> Span:
    left, low, back, right, high, near = map(float, values)
    return left, low, back, right, high, near
