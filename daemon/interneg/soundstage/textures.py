"""What sets are made of: wood, plaster, brick, stone, tiles and metal, drawn anew from each seed.

Convention: linear albedos between 0.03 and 0.85; every texture repeats without a seam, and row 0 of it is up.
"""

from __future__ import annotations

import cv2
import numpy as np

from interneg.soundstage.scene import Pixels, Surface
from interneg.soundstage.solids import Finish, Floats, plain

SIZE = 256
DARKEST, BRIGHTEST = 0.03, 0.85

# How set painters name them, as a monitor shows them
WALL_PAINTS = (
    "efe9dc e4d6bd cdbb97 b9c2b0 8fa39a 6f8a94 a9b8c4 c9a58f b4674a 7d3b32 3f5145 2e3d4f d9c27a 9a8fa6 e9e9e6 565a5c"
)
CLOTHS = (
    "2b3a55 7a1f24 d8cfbf 3d5a45 8a6a45 1f1f22 b58a3d 6b4a63 8fa6b2 c46a3c e6e2d8 4b4f57 a8483e 31635e d6b9a7 737a4c"
)
WOODS = "8a5a33 5f3a22 b98a57 3a241a a0714a d3b385 6e4a35 c79a62 7a4430"
LACQUERS = "e8e4da 2c3e4a 8c2f2a 34503f d2b04a 20211f 6a7f8d c9c3b6 b26a2e 455a77 93a58c"


def linear(code: str) -> Pixels:
    """The linear albedo of a colour as a monitor shows it, six hexadecimal digits."""
    shown = np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    return np.clip(
        np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4), DARKEST, BRIGHTEST
    ).astype(np.float32)


def pick(rng: np.random.Generator, palette: str) -> Pixels:
    """One of a palette's colours as it is."""
    codes = palette.split()
    return linear(codes[int(rng.integers(len(codes)))])


def colour(rng: np.random.Generator, palette: str) -> Pixels:
    """One of a palette's colours, mixed anew: no two tins of paint are the same."""
    chosen = pick(rng, palette)
    grey = chosen.mean()
    mixed = grey + (chosen - grey) * rng.uniform(0.6, 1.25)
    return _albedo(mixed * np.exp(rng.normal(0, 0.18)) * np.exp(rng.normal(0, 0.035, 3)))


def noise(rng: np.random.Generator, size: int = SIZE, falloff: float = 1.2, stretch: float = 1.0) -> Pixels:
    """Clouds (size, size) of mean 0 and deviation 1 that repeat; stretch above 1 draws them out along u.

    Convention: falloff is the amplitude's power of the frequency: 0.5 is sandy, 2 is soft.
    """
    down, across = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]
    frequency = np.sqrt((across * stretch) ** 2 + (down / stretch) ** 2)
    frequency[0, 0] = np.inf
    spectrum = rng.standard_normal((*frequency.shape, 2), np.float32)
    waves = (spectrum[..., 0] + 1j * spectrum[..., 1]) * frequency ** (-falloff - 0.5)
    clouds = np.fft.irfft2(waves, (size, size))
    return (clouds / max(float(clouds.std()), 1e-9)).astype(np.float32)


def shaded(base: Floats, level: Floats, amount: float) -> Pixels:
    """The colour (or colours) made lighter and darker by the level, so many nats for each deviation."""
    return _albedo(np.asarray(base) * np.exp(np.asarray(level) * amount)[..., None])


def mixed(low: Floats, high: Floats, share: Floats) -> Pixels:
    """Between two colours or textures by the share (h, w) of the second."""
    part = np.clip(share, 0, 1)[..., None]
    return _albedo(np.asarray(low) * (1 - part) + np.asarray(high) * part)


def wood(rng: np.random.Generator, base: Floats | None = None, roughness: float | None = None) -> Finish:
    """Timber, its grain along u."""
    tint = colour(rng, WOODS) if base is None else base
    albedo = _grained(rng, tint, rng.uniform(0.08, 0.3))
    gloss = float(rng.uniform(0.25, 0.6)) if roughness is None else roughness
    return Finish(Surface(albedo, gloss), float(rng.uniform(0.9, 1.4)), float(rng.uniform(0.5, 0.9)))


def planks(rng: np.random.Generator, base: Floats | None = None) -> Finish:
    """A floor or wall of boards, each cut from another tree."""
    tint = colour(rng, WOODS) if base is None else base
    count, joints = int(rng.integers(5, 13)), int(rng.integers(1, 4))
    grain = _grained(rng, tint, rng.uniform(0.08, 0.25), 2 * SIZE)
    row, seam = _courses(2 * SIZE, count)
    board, butt = _staggered(rng, row, 2 * SIZE, joints)
    tone = rng.normal(0, rng.uniform(0.08, 0.3), (count, joints))[row, board]
    gap = np.maximum(seam, butt) * rng.uniform(0.4, 0.9)
    albedo = mixed(shaded(grain, tone, 1.0), tint * 0.2, gap)
    width = float(rng.uniform(0.09, 0.17)) * count
    bump = (-gap * 0.002).astype(np.float32)
    return Finish(Surface(albedo, float(rng.uniform(0.2, 0.65)), bump=bump), float(rng.uniform(1.2, 2.4)), width)


def parquet(rng: np.random.Generator) -> Finish:
    """Parquet: squares of strips that lie this way and that."""
    tint, size = colour(rng, WOODS), 2 * SIZE
    along = _grained(rng, tint, rng.uniform(0.1, 0.2), size)
    strips, fields = int(rng.integers(4, 7)), 4
    row, seam = _courses(size // fields, strips)
    down, across = np.divmod(np.arange(size), size // fields)
    turned = (down[:, None] + down[None]) % 2 == 1
    inner = np.ix_(across, across)
    gap = np.where(turned, seam.T[inner], seam[inner]) * 0.7
    tones = rng.normal(0, 0.16, (fields, fields, strips))
    strip = np.where(turned, row.T[inner], row[inner])
    tone = tones[down[:, None], down[None], strip]
    albedo = mixed(shaded(np.where(turned[..., None], along.transpose(1, 0, 2), along), tone, 1.0), tint * 0.25, gap)
    span = float(rng.uniform(1.0, 1.8))
    return Finish(Surface(albedo, float(rng.uniform(0.15, 0.5))), span, span)


def tiles(rng: np.random.Generator, colours: tuple[Floats, Floats] | None = None, edge: float | None = None) -> Finish:
    """Tiles with grout: of one colour, or as a chessboard."""
    first, second = (colour(rng, LACQUERS), colour(rng, WALL_PAINTS)) if colours is None else colours
    count, size = 4, 2 * SIZE
    row, seam = _courses(size, count, 0.035)
    gap = np.maximum(seam, seam.T)
    kind = ((row + row.T) % 2).astype(np.float32) * float(rng.random() < 0.5)
    tone = rng.normal(0, rng.uniform(0.02, 0.12), (count, count))[row, row.T] + noise(rng, size) * 0.06
    grout = linear("b5b0a6") * rng.uniform(0.3, 1.0)
    albedo = mixed(shaded(mixed(first, second, kind), tone, 1.0), grout, gap)
    span = (float(rng.choice((0.1, 0.15, 0.3, 0.45))) if edge is None else edge) * count
    bump = (-gap * 0.0015).astype(np.float32)
    return Finish(Surface(albedo, float(rng.uniform(0.1, 0.4)), bump=bump), span, span)


def metro_tiles(rng: np.random.Generator, base: Floats | None = None) -> Finish:
    """Glazed oblong tiles in a running bond."""
    glaze = colour(rng, LACQUERS) if base is None else base
    return _bonded(
        rng, glaze, linear("cfcbc2") * rng.uniform(0.3, 1), (0.03, 0.06), (0.8, 0.8), float(rng.uniform(0.1, 0.3))
    )


def brick(rng: np.random.Generator) -> Finish:
    """Brickwork, from London stock to painted."""
    clay = pick(rng, "8a4a34 7a3b2e a5673f b08a63 6b4a40 c9b9a0 d8d4cc 4d4744")
    return _bonded(rng, clay, linear("b3aa9b") * rng.uniform(0.4, 1), (0.22, 0.3), (0.9, 0.6), 0.9)


def blocks(rng: np.random.Generator) -> Finish:
    """Concrete blocks, painted or raw."""
    paint = colour(rng, WALL_PAINTS) if rng.random() < 0.5 else linear("9a9a96")
    return _bonded(rng, paint, paint * 0.6, (0.06, 0.12), (1.6, 1.6), 0.8)


def plaster(rng: np.random.Generator, base: Floats | None = None, age: float | None = None) -> Finish:
    """Painted plaster with its roller's marks, and with age its stains."""
    paint = colour(rng, WALL_PAINTS) if base is None else base
    worn = float(rng.beta(1, 2)) if age is None else age
    fine, clouds = noise(rng, falloff=0.4), noise(rng, falloff=1.6)
    albedo = shaded(paint, clouds * (0.03 + 0.1 * worn) + fine * 0.02, 1.0)
    stain = paint * np.array((0.55, 0.45, 0.35))
    albedo = mixed(albedo, stain, (noise(rng, falloff=1.5, stretch=0.6) - 1.2) * worn)
    bump = (fine * 0.0003 + clouds * 0.0005).astype(np.float32)
    span = float(rng.uniform(1.5, 3.0))
    return Finish(Surface(albedo, float(rng.uniform(0.5, 0.95)), bump=bump), span, span)


def concrete(rng: np.random.Generator, base: Floats | None = None) -> Finish:
    """Concrete: clouds, pores, sometimes the joints of its formwork."""
    grey = linear("8f8d88") * rng.uniform(0.5, 1.5) * np.exp(rng.normal(0, 0.04, 3)) if base is None else base
    size = 2 * SIZE
    level = noise(rng, size, 1.3) * 0.14 + noise(rng, size, 0.3) * 0.06
    pores = np.clip(noise(rng, size, 0.5) - 2.2, 0, 1)
    albedo = mixed(shaded(grey, level, 1.0), np.asarray(grey) * 0.4, pores)
    if rng.random() < 0.4:
        _, seam = _courses(size, 2, 0.008)
        albedo = mixed(albedo, np.asarray(grey) * 0.5, np.maximum(seam, seam.T))
    span = float(rng.uniform(2.0, 3.0))
    return Finish(Surface(albedo, float(rng.uniform(0.4, 0.95)), bump=(-pores * 0.001).astype(np.float32)), span, span)


def marble(rng: np.random.Generator) -> Finish:
    """Polished stone with veins, white, green or black."""
    ground = pick(rng, "e8e6e1 d9cfc0 2a2c2e 3f5a4c a88c7c")
    veins = linear("5f6266") if ground.mean() > 0.15 else linear("d8d2c4")
    size = 2 * SIZE
    bend = noise(rng, size, 1.6)
    lines = np.exp(-np.abs(noise(rng, size, 1.5) + bend * 0.4) * 22) * np.clip(0.5 + noise(rng, size, 1.3), 0, 1)
    albedo = mixed(shaded(ground, bend, 0.06), veins, lines * 0.9)
    span = float(rng.uniform(0.9, 1.6))
    return Finish(Surface(albedo, float(rng.uniform(0.08, 0.3))), span, span)


def terrazzo(rng: np.random.Generator) -> Finish:
    """Chips of stone in a ground: kitchens' worktops, stairwells."""
    size = 2 * SIZE
    albedo = shaded(colour(rng, WALL_PAINTS), noise(rng, size), 0.04)
    for _ in range(3):
        albedo = mixed(
            albedo,
            colour(rng, WALL_PAINTS + " " + LACQUERS),
            (_blurred(noise(rng, size, -0.4), 3) - 0.05) * 60,
        )
    return Finish(Surface(albedo, float(rng.uniform(0.1, 0.4))), 1.0, 1.0)


def steel(rng: np.random.Generator) -> Finish:
    """Brushed or scratched metal."""
    tint = pick(rng, "c4c6c8 b9b4aa c9a45c 8d8f92 a5714f")
    scratches = noise(rng, falloff=0.4, stretch=float(rng.uniform(3, 8))) * 0.1 + noise(rng) * 0.08
    return Finish(Surface(shaded(tint, scratches, 1.0), float(rng.uniform(0.22, 0.5)), 1.0), 0.6, 0.6)


def enamel(rng: np.random.Generator, base: Floats | None = None, wear: float | None = None) -> Finish:
    """Painted metal or lacquered board, rubbed through to the ground where it is worn."""
    paint = colour(rng, LACQUERS) if base is None else base
    worn = float(rng.beta(1, 3)) if wear is None else wear
    clouds = noise(rng, falloff=1.1)
    albedo = shaded(paint, clouds, 0.02 + 0.06 * worn)
    albedo = mixed(albedo, linear("4a3b30"), (clouds - 3.2 + 2 * worn) * 3)
    return Finish(Surface(albedo, float(rng.uniform(0.15, 0.5))), 0.8, 0.8)


def stoneware(rng: np.random.Generator) -> Finish:
    """Glazed pottery."""
    glaze = colour(rng, LACQUERS + " " + WALL_PAINTS)
    return Finish(Surface(shaded(glaze, noise(rng), 0.05), float(rng.uniform(0.08, 0.5))), 0.3, 0.3)


def leather(rng: np.random.Generator) -> Finish:
    """Hide, worn where people sit."""
    hide = pick(rng, "3a2418 1c1a19 6e3b22 8a5a3a 4a1f1c 2c3830 b79f86")
    grain = noise(rng, falloff=0.6)
    albedo = shaded(hide, noise(rng, falloff=1.4) * 0.18 + grain * 0.08, 1.0)
    return Finish(Surface(albedo, float(rng.uniform(0.3, 0.55)), bump=(grain * 0.0003).astype(np.float32)), 0.6, 0.6)


def asphalt(rng: np.random.Generator) -> Finish:
    """Road surface: stones, patches, cracks."""
    size, ground = 2 * SIZE, linear("5a5856") * rng.uniform(0.5, 1.3)
    level = noise(rng, size, 0.1) * 0.22 + noise(rng, size, 1.4) * 0.15
    cracks = np.exp(-np.abs(noise(rng, size, 1.5)) * 60) * np.clip(noise(rng, size, 1.6), 0, 1)
    albedo = mixed(shaded(ground, level, 1.0), ground * 0.35, cracks)
    return Finish(Surface(albedo, float(rng.uniform(0.5, 0.95))), 2.5, 2.5)


def grass(rng: np.random.Generator) -> Finish:
    """Turf: blades, dry patches, earth that shows through."""
    size = 2 * SIZE
    green = pick(rng, "4d6b2c 5f7a3a 6b7434 3f5a2a")
    albedo = shaded(green, noise(rng, size, 0.2) * 0.3 + noise(rng, size, 1.2) * 0.15, 1.0)
    albedo = mixed(albedo, linear("a39a5a"), noise(rng, size, 1.3) * 0.25)
    albedo = mixed(albedo, linear("4f3d2a"), (noise(rng, size, 1.1) - 1.3) * 1.5)
    return Finish(Surface(albedo, 0.95), 2.0, 2.0)


def earth(rng: np.random.Generator) -> Finish:
    """Soil, sand or gravel."""
    size = 2 * SIZE
    ground = pick(rng, "6b5138 8a7350 4a3a2c b39a72 77706a")
    level = noise(rng, size, 0.3) * 0.22 + noise(rng, size, 1.3) * 0.16
    return Finish(Surface(shaded(ground, level, 1.0), 0.95), 1.8, 1.8)


def black(rng: np.random.Generator) -> Finish:
    """Black plastic or rubber."""
    return plain(np.full(3, rng.uniform(0.03, 0.06)), float(rng.uniform(0.3, 0.7)))


def _grained(rng: np.random.Generator, tint: Floats, depth: float, size: int = SIZE) -> Pixels:
    """Wood's grain along u: rings cut lengthwise, and pores."""
    bend = noise(rng, size, 1.7, 2.0)
    down = np.arange(size)[:, None] / size * 2 * np.pi
    rings = np.sin(down * rng.integers(3, 8) + bend * rng.uniform(1, 4))
    pores = noise(rng, size, 0.5, 6.0)
    return shaded(tint, rings * depth * 0.6 + pores * depth * 0.6 + bend * 0.06, 1.0)


def _courses(size: int, count: int, width: float = 0.05) -> tuple[Floats, Floats]:
    """For each row of pixels which course it lies in, and how much of it is the joint, both (size, size)."""
    place = (np.arange(size) + 0.5) * count / size
    inside = place % 1
    gap = (np.minimum(inside, 1 - inside) < max(width / 2, count / size * 0.6)).astype(np.float32)
    rows = np.broadcast_to(place.astype(int)[:, None], (size, size))
    return rows, np.broadcast_to(gap[:, None], (size, size))


def _staggered(rng: np.random.Generator, row: Floats, size: int, joints: int) -> tuple[Floats, Floats]:
    """Which board of its course each pixel lies in, and the joints between boards, each course begun elsewhere."""
    start = rng.random(int(row.max()) + 1)[row]
    place = ((np.arange(size) + 0.5)[None] / size + start) * joints % joints
    inside = place % 1
    gap = np.minimum(inside, 1 - inside) < joints / size
    return place.astype(int), gap.astype(np.float32)


def _bonded(
    rng: np.random.Generator,
    face: Floats,
    joint: Floats,
    unevenness: tuple[float, float],
    span: tuple[float, float],
    roughness: float,
) -> Finish:
    """Masonry in a running bond: eight courses of four over one repeat of that span."""
    size, courses, across = 2 * SIZE, 8, 4
    row, seam = _courses(size, courses, 0.09)
    place = ((np.arange(size) + 0.5)[None] / size * across + row % 2 * 0.5) % across
    inside = place % 1
    gap = np.maximum(seam, np.minimum(inside, 1 - inside) < 0.022)
    tone = rng.normal(0, rng.uniform(*unevenness), (courses, across))[row, place.astype(int)]
    surface = shaded(face, tone + noise(rng, size, 0.7) * unevenness[0] * 0.6, 1.0)
    soft = _blurred(gap.astype(np.float32), 1.2)
    albedo = mixed(surface, shaded(joint, noise(rng, size, 0.6), 0.12), soft)
    return Finish(Surface(albedo, roughness, bump=(-soft * 0.004).astype(np.float32)), *span)


def _blurred(texture: Pixels, sigma: float) -> Pixels:
    """The texture blurred so that it still repeats."""
    edge = 16
    padded = cv2.copyMakeBorder(texture, edge, edge, edge, edge, cv2.BORDER_WRAP)
    return np.asarray(cv2.GaussianBlur(padded, (0, 0), sigma)[edge:-edge, edge:-edge], np.float32)


def _albedo(values: Floats) -> Pixels:
    return np.clip(values, DARKEST, BRIGHTEST).astype(np.float32)
