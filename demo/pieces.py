"""The pieces a set is dressed with: walls, floors, bills, windows, crates, bottles, leaves and bulbs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from demo import texture
from demo.scenery import Lamp, Panel, Pixels, Point, lit
from demo.texture import Colour, Size

Paint = Callable[[Size, float, np.random.Generator], Pixels]

# Texels to a pixel where a piece stands: a little more than one keeps it crisp, much more would alias.
_DENSITY = 1.1
_FEWEST_TEXELS = 3


@dataclass(frozen=True)
class Stage:
    """The lamps that light a set and the lens it is dressed for."""

    lamps: tuple[Lamp, ...]
    ambient: Point
    focal_pixels: float
    rng: np.random.Generator

    def metre(self, depth: float) -> float:
        """How many texels a metre has at that distance from the camera."""
        return _DENSITY * self.focal_pixels / depth

    def size(self, width: float, height: float, depth: float) -> Size:
        """How many texels a piece of so many metres has."""
        metre = self.metre(depth)
        return max(_FEWEST_TEXELS, round(height * metre)), max(_FEWEST_TEXELS, round(width * metre))

    def flat(self, paint: Paint, corner: Point, width: float, height: float) -> Panel:
        """An upright piece that faces the camera."""
        size = self.size(width, height, corner[2])
        return self.panel(paint(size, self.metre(corner[2]), self.rng), (corner, (width, 0, 0), (0, height, 0)))

    def floor(self, paint: Paint, y: float, x: tuple[float, float], z: tuple[float, float]) -> Panel:
        """A level piece from the far to the near, seen at a flat angle."""
        # Foreshortening squeezes depth by about height over distance; twice that still does not alias.
        width, depth = x[1] - x[0], z[1] - z[0]
        metre = self.metre(sum(z) / 2)
        size = (max(_FEWEST_TEXELS, round(depth * metre * 0.5)), max(_FEWEST_TEXELS, round(width * metre)))
        return self.panel(paint(size, metre * 0.5, self.rng), ((x[0], y, z[1]), (width, 0, 0), (0, 0, -depth)))

    def panel(
        self,
        albedo: Pixels,
        place: tuple[Point, Point, Point],
        stencil: Pixels | None = None,
        glow: Pixels | None = None,
    ) -> Panel:
        """A piece under this stage's lamps; `glow` is light of its own."""
        cover = np.ones(albedo.shape[:2], np.float32) if stencil is None else stencil
        radiance = lit(albedo, place, self.lamps, self.ambient)
        if glow is not None:
            radiance = radiance + glow
        return Panel(np.dstack([radiance * cover[..., None], cover]).astype(np.float32), *place)

    def crate(self, paint: Paint, corner: Point, width: float, height: float, towards_left: bool) -> tuple[Panel, ...]:
        """A box: the side that is turned towards the middle of the set, its lid, and its front."""
        front = self.flat(paint, corner, width, height)
        deep = 0.8 * width
        x, y, z = corner
        metre = self.metre(z + deep)
        edge = x if towards_left else x + width
        side = paint(self.size(deep, height, z + deep), metre, self.rng) * np.float32(0.7)
        lid = paint(self.size(width, deep * 0.4, z + deep), metre, self.rng)
        return (
            self.panel(side, ((edge, y, z + deep), (0.0, 0.0, -deep), (0.0, height, 0.0))),
            self.panel(lid, ((x, y, z + deep), (width, 0.0, 0.0), (0.0, 0.0, -deep))),
            front,
        )

    def branch(self, corner: Point, width: float, height: float, count: int, hanging: bool = True) -> Panel:
        """Leaves: a branch from above, or a plant on its foot."""
        size = self.size(width, height, corner[2])
        albedo, cover = texture.leaves(size, count, 0.11 * self.metre(corner[2]), self.rng, hanging)
        return self.panel(albedo, (corner, (width, 0, 0), (0, height, 0)), cover)

    def window(self, frame: tuple[Point, float, float], light: Colour, panes: Size, beyond: Paint) -> Panel:
        """A window with its bars, of that corner, width and height, and what shines through it."""
        corner, width, height = frame
        size = self.size(width, height, corner[2])
        y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32) / np.array(size, np.float32)[:, None, None]
        bars = np.zeros(size, bool)
        for place, count, metres in ((y, panes[0], height), (x, panes[1], width)):
            bars |= np.abs(place * count - np.round(place * count)) < 0.028 * count / metres
        shining = beyond(size, self.metre(corner[2]), self.rng) * np.asarray(light, np.float32)
        pane = cv2.GaussianBlur((~bars).astype(np.float32), (0, 0), 0.6)[..., None]
        wood = texture.planks(size, self.metre(corner[2]), self.rng, (0.3, 0.28, 0.25), 0.5)
        return self.panel(wood * (1 - pane), (corner, (width, 0, 0), (0, height, 0)), glow=shining * pane)

    def bottle(self, foot: Point, height: float, tint: Colour, gleam: float) -> Panel:
        """A glass bottle with the light of a window in its flank."""
        width = 0.34 * height
        size = self.size(width, height, foot[2])
        y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32) / np.array(size, np.float32)[:, None, None]
        off = np.abs(x - 0.5) * 2
        radius = np.where(y < 0.28, 0.34, np.minimum(0.34 + (y - 0.28) * 5, 0.95))
        cover = np.clip((radius - off) * size[1] / 2 + 0.5, 0, 1) * (y > 0.02)
        shade = np.sqrt(np.clip(1 - (off / radius) ** 2, 0.02, 1)) * (0.5 + 0.8 * off)
        label = ((y > 0.52) & (y < 0.84))[..., None] * np.array([0.55, 0.5, 0.38], np.float32)
        albedo = np.where(label > 0, label, np.asarray(tint, np.float32)) * shade[..., None]
        streak = (
            np.exp(-(((x - 0.34) / 0.045) ** 2))
            * np.clip((y - 0.3) * 8, 0, 1)
            * (y < 0.95)
            * np.where(label[..., 0] > 0, 0.05, 1)
        )
        corner = (foot[0], foot[1] - height, foot[2])
        glow = streak[..., None] * np.array([gleam, gleam, 1.05 * gleam], np.float32)
        return self.panel(albedo, (corner, (width, 0, 0), (0, height, 0)), cover.astype(np.float32), glow)

    def bulb(self, centre: Point, radius: float, radiance: Colour) -> Panel:
        """A bare practical bulb, hot in its middle."""
        size = self.size(2 * radius, 2 * radius, centre[2])
        y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32) * 2 / np.array(size, np.float32)[:, None, None] - 1
        distance = np.hypot(x + 1 / size[1], y + 1 / size[0])
        cover = np.clip((0.92 - distance) * size[1] / 2 + 0.5, 0, 1)
        glow = (0.55 + 0.45 * np.exp(-((distance / 0.5) ** 2)))[..., None] * np.asarray(radiance, np.float32)
        place = ((centre[0] - radius, centre[1] - radius, centre[2]), (2 * radius, 0.0, 0.0), (0.0, 2 * radius, 0.0))
        return Panel(np.dstack([glow * cover[..., None], cover]).astype(np.float32), *place)

    def tube(self, corner: Point, width: float, height: float, tint: Colour, gleam: float = 0.0) -> Panel:
        """A pipe or post, round by its shading, upright or level by its longer side."""
        size = self.size(width, height, corner[2])
        upright = height >= width
        across = np.linspace(-1, 1, size[1] if upright else size[0], dtype=np.float32)
        round_shade = np.sqrt(np.clip(1 - across**2, 0.03, 1)) + gleam * np.exp(-(((across + 0.35) / 0.14) ** 2))
        shade = np.broadcast_to(round_shade[None, :] if upright else round_shade[:, None], size)
        rust = texture.noise(size, (0.3 * self.metre(corner[2]),) * 2, self.rng, 4)
        albedo = ((0.6 + 0.7 * rust) * shade)[..., None] * np.asarray(tint, np.float32)
        return self.panel(albedo.astype(np.float32), (corner, (width, 0, 0), (0, height, 0)))

    def cast(self, corner: Point, width: float, height: float, strength: float = 0.55) -> Panel:
        """The shadow that a flat thing throws onto the wall close behind it."""
        edge = 0.14 * min(width, height)
        place = (corner[0] - edge * 0.7, corner[1] - edge * 0.2, corner[2])
        cover = np.zeros((64, 64), np.float32)
        cover[9:-9, 9:-9] = strength
        cover = cv2.GaussianBlur(cover, (0, 0), 4)
        shape = np.dstack([np.zeros((64, 64, 3), np.float32), cover])
        return Panel(shape.astype(np.float32), place, (width + 2 * edge, 0.0, 0.0), (0.0, height + 2 * edge, 0.0))

    def cut(self, stencil: Callable[[Size], Pixels], tint: Colour, corner: Point, width: float, height: float) -> Panel:
        """A flat thing of one colour, cut to a shape."""
        size = self.size(width, height, corner[2])
        albedo = texture.plaster(size, self.metre(corner[2]), self.rng, tint)
        return self.panel(albedo, (corner, (width, 0.0, 0.0), (0.0, height, 0.0)), stencil(size))

    def shadow(self, corner: Point, across: Point, down: Point, strength: float) -> Panel:
        """The soft dark that a thing leaves where it stands."""
        y, x = np.mgrid[-1:1:48j, -1:1:48j].astype(np.float32)
        cover = strength * np.exp(-2.2 * (x**2 + y**2)) * np.clip(3 * (1 - np.maximum(abs(x), abs(y))), 0, 1)
        return Panel(np.dstack([np.zeros((48, 48, 3)), cover]).astype(np.float32), corner, across, down)


def soft(panel: Panel, blur: float) -> Panel:
    """The piece out of focus, by a standard deviation of so many texels."""
    if blur <= 0:
        return panel
    return Panel(cv2.GaussianBlur(panel.radiance_premult, (0, 0), blur), panel.corner, panel.across, panel.down)


def string_of_bulbs(stage: Stage, ends: tuple[Point, Point], sag: float, radiance: Sequence[Colour]) -> list[Panel]:
    """Bulbs along a slack cable."""
    first, last = np.asarray(ends[0]), np.asarray(ends[1])
    size = stage.size(float(last[0] - first[0]), sag, ends[0][2])
    cable = texture.slack_line(size, max(1.0, 0.012 * stage.metre(ends[0][2])))
    across = (float(last[0] - first[0]), float(last[1] - first[1]), float(last[2] - first[2]))
    black = np.full((*size, 3), 0.02, np.float32)
    bulbs = [stage.panel(black, (ends[0], across, (0.0, sag, 0.0)), cable)]
    for share, colour in zip(np.linspace(0.04, 0.96, len(radiance)), radiance, strict=True):
        x, y, z = first + (last - first) * share
        bulbs.append(stage.bulb((float(x), float(y + sag * 4 * share * (1 - share)), float(z)), 0.035, colour))
    return bulbs
