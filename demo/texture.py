"""What the sets are built from: brick, planks, plaster, leaves and print, as scene-linear reflectances.

Convention: a texture is (H, W, 3) float32 in [0, 1], a stencil (H, W) float32 in [0, 1]; lengths are in texels, and
`metre` is how many texels there are to a metre.
"""

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Size = tuple[int, int]  # rows, columns
Colour = tuple[float, float, float]

# Letters are drawn so many times larger and brought down, so that their edges are as soft as those of print on film.
_OVERSAMPLED = 4


def noise(size: Size, cell: tuple[float, float], rng: np.random.Generator, octaves: int = 4) -> Pixels:
    """Clouds in [0, 1], the largest about as many rows and columns wide as `cell` says."""
    total = np.zeros(size, np.float32)
    for octave in range(octaves):
        rows, columns = (max(2, round(length / (step / 2**octave))) for length, step in zip(size, cell, strict=True))
        if rows > 2 * size[0] or columns > 2 * size[1]:
            break
        grid = rng.random((rows + 1, columns + 1), dtype=np.float32)
        total += cv2.resize(grid, size[::-1], interpolation=cv2.INTER_CUBIC) / 2**octave
    spread = float(np.ptp(total)) or 1.0
    return np.asarray((total - total.min()) / spread, np.float32)


def mixed(first: Pixels | Colour, second: Pixels | Colour, share: Pixels) -> Pixels:
    """The first where the share is 0, the second where it is 1."""
    one, other = np.asarray(first, np.float32), np.asarray(second, np.float32)
    return np.asarray(one + (other - one) * share[..., None], np.float32)


def brick(size: Size, metre: float, rng: np.random.Generator) -> Pixels:
    """A brick wall in running bond, sooty and rained on."""
    row_texels, column_texels, joint = 0.085 * metre, 0.24 * metre, 0.012 * metre
    y = np.arange(size[0], dtype=np.float32)[:, None]
    row = (y // row_texels).astype(int)
    x = np.arange(size[1], dtype=np.float32)[None, :] + (row % 2) * column_texels / 2
    column = (x // column_texels).astype(int)
    edge = np.minimum(_distance_to_edge(x, column_texels), np.broadcast_to(_distance_to_edge(y, row_texels), x.shape))
    tones = rng.normal(1.0, 0.2, (row.max() + 1, column.max() + 1)).astype(np.float32)
    bricks = mixed((0.19, 0.075, 0.05), (0.32, 0.16, 0.11), np.clip(tones[row, column] - 0.5, 0, 1))
    bricks *= (0.65 + 0.7 * noise(size, (0.05 * metre, 0.08 * metre), rng, 3))[..., None]
    # The upper edge of each brick catches light, the lower one lies in its own shadow.
    bricks *= (1 + 0.25 * np.clip(1 - 2.5 * (y % row_texels) / row_texels, -0.5, 1))[..., None]
    wall = mixed((0.2, 0.185, 0.165), bricks, np.clip((edge - joint / 2) / max(1.0, 0.006 * metre), 0, 1))
    # Here and there the old render still clings to the bricks.
    worn = np.clip(14 * (noise(size, (1.6 * metre, 1.9 * metre), rng, 6) - 0.66), 0, 1)
    wall = mixed(wall, plaster(size, metre, rng, (0.27, 0.245, 0.21)), worn)
    streaks = noise(size, (3.0 * metre, 0.25 * metre), rng, 4)
    return wall * (0.4 + 0.85 * streaks)[..., None]


def planks(size: Size, metre: float, rng: np.random.Generator, tint: Colour, board_metres: float = 0.14) -> Pixels:
    """Upright boards with their grain, each of its own tone, with dark gaps between them."""
    board_texels = board_metres * metre
    x = np.broadcast_to(np.arange(size[1], dtype=np.float32)[None, :], size)
    board = (x // board_texels).astype(int)
    count = int(board.max()) + 1
    tones = rng.uniform(0.7, 1.25, count).astype(np.float32)[board]
    fibres = noise(size, (1.2 * metre, 0.012 * metre), rng, 3)
    rings = noise(size, (2.0 * metre, 0.12 * metre), rng, 2) + rng.random(count, dtype=np.float32)[board]
    figure = 0.5 + 0.5 * np.sin(2 * np.pi * 7 * rings)
    gap = np.clip((_distance_to_edge(x, board_texels) - 0.003 * metre) / max(1.0, 0.004 * metre), 0.12, 1)
    tone = tones * (0.6 + 0.45 * fibres + 0.22 * figure) * gap
    return np.asarray(tone[..., None] * np.asarray(tint, np.float32), np.float32)


def plaster(size: Size, metre: float, rng: np.random.Generator, tint: Colour) -> Pixels:
    """Worn ground, paint or plaster: stains in it, grit on it."""
    stains = noise(size, (0.9 * metre, 0.9 * metre), rng, 5)
    grit = noise(size, (0.03 * metre, 0.03 * metre), rng, 2)
    return np.asarray((0.5 + 0.6 * stains + 0.3 * grit)[..., None] * np.asarray(tint, np.float32), np.float32)


def print_lines(size: Size, lines: tuple[str, ...], top: float = 0.08, bottom: float = 0.95) -> Pixels:
    """A stencil of lines of type, each as wide as the sheet allows, between two heights."""
    rows, columns = (length * _OVERSAMPLED for length in size)
    sheet = np.zeros((rows, columns), np.uint8)
    pitch = (bottom - top) * rows / len(lines)
    for number, line in enumerate(lines):
        (wide, high), _ = cv2.getTextSize(line, cv2.FONT_HERSHEY_DUPLEX, 1.0, 2)
        scale = min(0.86 * columns / wide, 0.72 * pitch / high)
        place = (round((columns - wide * scale) / 2), round(top * rows + pitch * number + (pitch + high * scale) / 2))
        weight = max(1, round(3.2 * scale))
        cv2.putText(sheet, line, place, cv2.FONT_HERSHEY_DUPLEX, scale, 255, weight, cv2.LINE_AA)
    return brought_down(sheet, size)


def brought_down(sheet: npt.NDArray[np.uint8], size: Size) -> Pixels:
    """A stencil drawn large, at its own size."""
    small = cv2.resize(sheet, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small / np.float32(255), np.float32)


def poster(
    size: Size, metre: float, rng: np.random.Generator, lines: tuple[str, ...], inks: tuple[Colour, Colour]
) -> Pixels:
    """A printed bill: a sun over stripes, and type; faded, creased and dirty."""
    rows, columns = size
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    paper = np.broadcast_to(np.asarray((0.66, 0.6, 0.47), np.float32), (rows, columns, 3))
    radius = np.hypot(x - 0.5 * columns, y - 0.3 * rows)
    sheet = mixed(paper, inks[0], np.clip(0.24 * columns - radius + 0.5, 0, 1))
    wave = np.sin(2 * np.pi * (y + 0.12 * columns * np.sin(x / columns * 5)) / max(4.0, 0.055 * rows))
    sheet = mixed(sheet, inks[1], np.clip(1.6 * wave + 0.2, 0, 1) * ((y > 0.36 * rows) & (y < 0.58 * rows)))
    sheet = mixed(sheet, (0.03, 0.028, 0.03), print_lines(size, lines, 0.6, 0.95))
    creases = noise(size, (0.18 * metre, 0.7 * metre), rng, 4)
    return sheet * (0.55 + 0.55 * creases)[..., None]


def leaves(
    size: Size, count: int, length: float, rng: np.random.Generator, hanging: bool = True
) -> tuple[Pixels, Pixels]:
    """Leaves and their stencil: a branch that hangs into the frame, or a bush that stands on its foot."""
    big = (size[0] * 2, size[1] * 2)
    colour = np.zeros((*big, 3), np.float32)
    cover = np.zeros(big, np.uint8)
    for _ in range(count):
        x, y = _place_of_leaf(big, rng, hanging)
        long = 2 * length * rng.uniform(0.6, 1.3)
        axes = (max(1, round(long / 2)), max(1, round(long * rng.uniform(0.13, 0.24))))
        tone = rng.uniform(0.35, 1.3)
        tint = (0.11 * tone * rng.uniform(0.7, 1.6), 0.2 * tone, 0.05 * tone)
        place, turn = (round(x), round(y)), rng.uniform(0, 180)
        cv2.ellipse(colour, place, axes, turn, 0, 360, tint, -1)
        cv2.ellipse(cover, place, axes, turn, 0, 360, 255, -1, cv2.LINE_AA)
        reach = (axes[0] * np.cos(np.radians(turn)), axes[0] * np.sin(np.radians(turn)))
        ends = ((round(x - reach[0]), round(y - reach[1])), (round(x + reach[0]), round(y + reach[1])))
        cv2.line(colour, *ends, (tint[0] * 1.9, tint[1] * 1.5, tint[2] * 1.7), 1)
    small = cv2.resize(colour, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32), brought_down(cover, size)


def tools(size: Size) -> Pixels:
    """A stencil of a hammer, a spanner, a saw and a try square, hung side by side."""
    rows, columns = (length * _OVERSAMPLED for length in size)
    sheet = np.zeros((rows, columns), np.uint8)
    thick = max(1, rows // 16)

    def stroke(*points: tuple[float, float], weight: float = 1.0) -> None:
        path = np.array([(x * columns, y * rows) for x, y in points], np.int32)
        cv2.polylines(sheet, [path], False, 255, max(1, round(weight * thick)), cv2.LINE_AA)

    stroke((0.12, 0.2), (0.12, 0.95))
    stroke((0.04, 0.14), (0.21, 0.14), weight=2.4)
    stroke((0.34, 0.3), (0.34, 0.78), weight=1.2)
    for y in (0.2, 0.86):
        cv2.circle(sheet, (round(0.34 * columns), round(y * rows)), round(1.5 * thick), 255, thick, cv2.LINE_AA)
    blade = np.array([(0.47, 0.12), (0.5, 0.95), (0.62, 0.12)]) * (columns, rows)
    cv2.fillPoly(sheet, [blade.astype(np.int32)], 255, cv2.LINE_AA)
    stroke((0.46, 0.1), (0.63, 0.1), weight=2.0)
    stroke((0.76, 0.1), (0.76, 0.7), (0.96, 0.7), weight=1.3)
    return brought_down(sheet, size)


def slack_line(size: Size, thick: float) -> Pixels:
    """A stencil of a cable that hangs between the upper corners and touches the lower edge."""
    share = np.linspace(0, 1, size[1], dtype=np.float32)
    depth = (size[0] - 1 - thick) * 4 * share * (1 - share)
    away = np.abs(np.arange(size[0], dtype=np.float32)[:, None] - depth)
    return np.asarray(np.clip((thick + 1) / 2 - away, 0, 1), np.float32)


def curtained(size: Size, metre: float, rng: np.random.Generator) -> Pixels:
    """How a lit room shines through a window: curtains at the sides, somebody's plants on the sill."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32) / np.array(size, np.float32)[:, None, None]
    folds = 0.35 + 0.2 * np.sin(x * 75 + 3 * noise(size, (0.5 * size[0], 0.2 * size[1]), rng, 3))
    drawn = np.clip((0.27 - np.abs(0.5 - x) + 0.06 * np.sin(3 * y)) * -40, 0, 1)
    room = mixed(
        (1.1, 1.0, 0.9),
        (0.75, 0.35, 0.16),
        np.clip(1.3 * noise(size, (0.4 * size[0], 0.3 * size[1]), rng, 3) - 0.3, 0, 1),
    )
    room = mixed(
        room,
        (0.1, 0.05, 0.02),
        np.clip((y - 0.93 + 0.25 * noise(size, (0.2 * size[0], 0.09 * size[1]), rng, 4)) * 30, 0, 1),
    )
    return np.asarray(mixed(room, (0.8, 0.3, 0.14), drawn) * (1 - drawn * (1 - folds))[..., None], np.float32)


def sky_over_trees(size: Size, metre: float, rng: np.random.Generator) -> Pixels:
    """How the day shines through a window: clouds, and roofs and trees below them."""
    y = np.broadcast_to(np.linspace(0, 1, size[0], dtype=np.float32)[:, None], size)
    clouds = noise(size, (0.3 * size[0], 0.45 * size[1]), rng, 5)
    sky = mixed((0.42, 0.62, 0.95), (1.35, 1.3, 1.25), np.clip(2.2 * clouds - 0.6, 0, 1)) * (1.1 - 0.3 * y)[..., None]
    crowns = np.clip((y - 0.86 + 0.36 * noise(size, (0.25 * size[0], 0.2 * size[1]), rng, 6)) * 25, 0, 1)
    tree = mixed((0.015, 0.03, 0.012), (0.09, 0.12, 0.05), noise(size, (0.05 * size[0], 0.04 * size[1]), rng, 3))
    return mixed(sky, tree, crowns)


def _place_of_leaf(size: Size, rng: np.random.Generator, hanging: bool) -> tuple[float, float]:
    """Where one leaf grows, column and row: thick at the top and thin below, or in a crown above a narrow foot."""
    if hanging:
        return float(rng.uniform(0.05, 0.95) * size[1]), float(rng.beta(1.1, 1.9) * 0.92 * size[0])
    height = float(rng.beta(2.0, 2.2))
    spread = 0.08 + 0.3 * np.sin(np.pi * min(1.0, 0.15 + 0.85 * height))
    return float((0.5 + np.clip(rng.normal(0, 0.5), -1, 1) * spread) * size[1]), (0.95 - 0.85 * height) * size[0]


def _distance_to_edge(x: npt.NDArray[np.floating], period: float) -> Pixels:
    """How far it is to the nearest multiple of the period."""
    place = x % period
    return np.asarray(np.minimum(place, period - place), np.float32)
