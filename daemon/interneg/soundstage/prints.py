"""Printed and painted things: pictures, posters, pages, spines of books and screens, drawn anew from each seed.

Convention: linear albedos; a print lies once over its panel.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from interneg.soundstage.scene import Pixels, Surface
from interneg.soundstage.solids import Finish, Floats
from interneg.soundstage.textures import (
    BRIGHTEST,
    CLOTHS,
    DARKEST,
    LACQUERS,
    SIZE,
    WALL_PAINTS,
    colour,
    linear,
    mixed,
    noise,
    shaded,
)

Canvas = Pixels


def picture(rng: np.random.Generator) -> Finish:
    """Something to hang on a wall: a landscape, an abstract painting, a poster or a drawing."""
    makers = (landscape, abstract, abstract, abstract, poster, poster, drawing, portrait)
    return _print(makers[int(rng.integers(len(makers)))](rng), float(rng.uniform(0.3, 0.8)))


def backing(rng: np.random.Generator) -> Finish:
    """The painted canvas behind a set's windows: what is seen outside."""
    return _print(landscape(rng), 0.9)


def landscape(rng: np.random.Generator) -> Canvas:
    """A painted landscape: sky, hills one behind another, water."""
    height = np.linspace(1, 0, SIZE)[:, None]
    canvas = mixed(linear("e8dcc2"), linear("7fa3bd"), np.broadcast_to(height, (SIZE, SIZE)))
    canvas = mixed(canvas, linear("f2efe6"), noise(rng, falloff=1.4, stretch=1.8) - 0.4)
    ground = colour(rng, "4d5b3a 6b6a3f 3e4c46 7d6a4a")
    for index, level in enumerate(np.sort(rng.uniform(0.15, 0.6, 4))[::-1]):
        line = level + noise(rng, falloff=1.5)[0] * 0.05
        tint = ground * (0.6 + 0.4 * (3 - index) / 3) + 0.08 * (3 - index)
        layer = shaded(tint, noise(rng, falloff=0.8), 0.18)
        canvas = mixed(canvas, layer, (height < line[None]).astype(np.float32))
    return shaded(canvas, noise(rng, falloff=0.4), 0.08)


def abstract(rng: np.random.Generator) -> Canvas:
    """An abstract painting: fields of colour, strokes."""
    canvas = np.tile(colour(rng, WALL_PAINTS), (SIZE, SIZE, 1))
    for _ in range(int(rng.integers(4, 14))):
        tint = _ink(rng, LACQUERS + " " + CLOTHS)
        middle, extent = rng.integers(0, SIZE, 2), rng.integers(8, SIZE // 2, 2)
        kind = rng.integers(3)
        if kind == 0:
            turned = (tuple(map(float, middle)), tuple(map(float, extent)), float(rng.choice((0, 0, 90, 30))))
            cv2.fillPoly(canvas, [cv2.boxPoints(turned).astype(np.int32)], tint)
        elif kind == 1:
            cv2.circle(canvas, _point(middle), int(extent[0] // 2), tint, -1)
        else:
            cv2.line(canvas, _point(middle), _point(rng.integers(0, SIZE, 2)), tint, int(rng.integers(2, 20)))
    return shaded(canvas, noise(rng, falloff=0.8), 0.1)


def portrait(rng: np.random.Generator) -> Canvas:
    """A painted figure: shoulders, neck, a head without a face."""
    canvas = shaded(np.tile(colour(rng, CLOTHS), (SIZE, SIZE, 1)), noise(rng, falloff=1.4), 0.25)
    skin, cloth = _ink(rng, "c98f6b 8a5a3f e0b593 5f3d2b"), _ink(rng, CLOTHS)
    middle = int(rng.integers(105, 150))
    cv2.ellipse(canvas, (middle, 262), (int(rng.integers(75, 105)), 92), 0, 0, 360, cloth, -1, cv2.LINE_AA)
    cv2.rectangle(canvas, (middle - 17, 140), (middle + 17, 185), tuple(0.8 * v for v in skin), -1)
    cv2.ellipse(
        canvas, (middle, 108), (37, 50), float(rng.normal(0, 5)), 0, 360, _ink(rng, "2a1c14 4a3020 a08050 6b6660"), -1
    )
    cv2.ellipse(canvas, (middle + int(rng.integers(-7, 8)), 117), (31, 41), 0, 0, 360, skin, -1, cv2.LINE_AA)
    light = np.broadcast_to(np.linspace(1, -1, SIZE)[None] * rng.choice((-1, 1)), (SIZE, SIZE))
    return shaded(shaded(canvas, light, 0.3), noise(rng, falloff=0.5), 0.1)


def poster(rng: np.random.Generator) -> Canvas:
    """A poster: a ground, a figure of shapes, large letters and small."""
    canvas = np.tile(colour(rng, LACQUERS + " " + WALL_PAINTS), (SIZE, SIZE, 1))
    for _ in range(int(rng.integers(1, 5))):
        middle = (int(rng.integers(60, 196)), int(rng.integers(70, 170)))
        axes = (int(rng.integers(15, 90)), int(rng.integers(15, 90)))
        turn = float(rng.uniform(0, 180))
        cv2.ellipse(canvas, middle, axes, turn, 0, float(rng.choice((180, 360))), _ink(rng, LACQUERS), -1, cv2.LINE_AA)
    ink = _ink(rng, "f0ece0 181818 c23b2e")
    large = [(_word(rng, 8), (14, int(rng.choice((46, 225)))), float(rng.uniform(1.0, 1.8)))]
    small = [(_word(rng, 26), (16, 62 + line * 11), 0.32) for line in range(3)]
    return _lettered(canvas, large + small, ink)


def drawing(rng: np.random.Generator) -> Canvas:
    """A drawing or photograph without colour."""
    tone = np.clip(noise(rng, falloff=1.5) * 0.35 + noise(rng, falloff=0.9) * 0.15 + 0.5, 0, 1)
    share = cv2.GaussianBlur((tone > rng.uniform(0.3, 0.6)).astype(np.float32), (0, 0), 1.5) * 0.5 + tone * 0.5
    return mixed(linear("2a2622"), linear("ece6d8"), share)


def page(rng: np.random.Generator) -> Finish:
    """A printed or typed page."""
    canvas = np.tile(linear("f0ece2") * np.float32(rng.uniform(0.8, 1.0)), (SIZE, SIZE, 1))
    row = 30
    lines = [(_word(rng, 10), (24, row), 0.7)]
    while row < SIZE - 30:
        row += int(rng.choice((10, 10, 10, 20)))
        lines.append((_word(rng, int(rng.integers(10, 30))), (24, row), 0.33))
    return _print(_lettered(canvas, lines, (0.05, 0.05, 0.06)), 0.8)


def spines(rng: np.random.Generator, edges: Floats) -> Finish:
    """The spines of a row of books: `edges` (N + 1) are where they meet, from 0 to 1 along u."""
    canvas = np.empty((SIZE, 2 * SIZE, 3), np.float32)
    columns = np.round(np.asarray(edges) * 2 * SIZE).astype(int)
    for left, right in pairwise(columns):
        canvas[:, left:right] = _spine(rng, max(right - left, 1))[:, : right - left]
    return _print(shaded(canvas, np.tile(noise(rng), (1, 2)), 0.06), float(rng.uniform(0.4, 0.8)))


def screen(rng: np.random.Generator) -> Finish:
    """What a screen shows: windows and lines of text."""
    canvas = np.tile(linear("23303c") * np.float32(rng.uniform(0.7, 2)), (SIZE, SIZE, 1))
    for _ in range(int(rng.integers(2, 5))):
        left, top = rng.integers(0, SIZE // 2, 2)
        right, low = left + int(rng.integers(70, 140)), top + int(rng.integers(60, 140))
        cv2.rectangle(canvas, (int(left), int(top)), (right, low), _ink(rng, WALL_PAINTS), -1)
        lines = [(_word(rng, 14), (int(left) + 6, row), 0.3) for row in range(int(top) + 14, low - 6, 9)]
        canvas = _lettered(canvas, lines, (0.1, 0.12, 0.15))
    return _print(canvas, 0.12)


def _spine(rng: np.random.Generator, width: int) -> Pixels:
    """One book's spine: cloth, bands and a title that runs up."""
    back = np.tile(colour(rng, CLOTHS + " " + LACQUERS), (SIZE, width, 1))
    ink = _ink(rng, "f0e8d0 1a1a1a d2a84a c9c9c9")
    for _ in range(int(rng.integers(0, 4))):
        top = int(rng.integers(5, SIZE - 20))
        back[top : top + int(rng.integers(2, 9))] = ink
    shade = (0.75 + 0.25 * np.sin(np.linspace(0.3, np.pi - 0.3, width))).astype(np.float32)
    title = [(_word(rng, 12), (30, int(width * 0.65)), max(width / 40, 0.3))]
    lying = np.ascontiguousarray((back * shade[None, :, None]).transpose(1, 0, 2))
    return _lettered(lying, title, ink).transpose(1, 0, 2)[::-1]


def _lettered(
    canvas: Canvas, lines: list[tuple[str, tuple[int, int], float]], ink: tuple[float, float, float]
) -> Canvas:
    """The canvas with lines of text, each with its place and size."""
    share = np.zeros(canvas.shape[:2], np.uint8)
    for text, place, size in lines:
        cv2.putText(share, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, 255.0, max(int(size * 3), 1), cv2.LINE_AA)
    return mixed(canvas, np.array(ink), share / 255)


def _word(rng: np.random.Generator, length: int) -> str:
    """Letters as a printer's dummy has them."""
    letters = "AEIORSTLNDMCUPHGB     "
    return "".join(letters[i] for i in rng.integers(0, len(letters), length)).strip() or "A"


def _ink(rng: np.random.Generator, palette: str) -> tuple[float, float, float]:
    red, green, blue = map(float, colour(rng, palette))
    return red, green, blue


def _point(pair: npt.NDArray[np.int64]) -> tuple[int, int]:
    return int(pair[0]), int(pair[1])


def _print(canvas: Floats, roughness: float) -> Finish:
    return Finish(Surface(np.clip(canvas, DARKEST, BRIGHTEST).astype(np.float32), roughness))
