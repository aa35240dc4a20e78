"""What a lens and a sensor add to a rendered plate: distortion, colour fringes, fall-off and grain.

Convention: plates are scene-linear (H, W, 3) float32, any size, unclamped. Radii are in half diagonals of the picture:
a corner is at 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from interneg.soundstage.scene import Pixels

SHARPEST = 1e-3  # pixels: a finer grain than that is white
GREY = 0.18
BASE_ISO = 800.0


@dataclass(frozen=True)
class Lens:
    """A lens as it was made; without arguments the ideal one, which gives its plate back bit for bit.

    Convention: a point at radius r shows what lies at r (1 + k1 r² + k2 r⁴), scaled so that no corner stays empty: k1
    above 0 is a barrel. Fall-off is in stops at the corner, by the fourth power of a cosine. Lateral colour is how much
    further out red and blue are taken than green, as a share of the radius.

    References: Brown, "Decentering distortion of lenses", 1966.
    """

    distortion_k1: float = 0.0
    distortion_k2: float = 0.0
    vignette_stops: float = 0.0
    lateral_ca_red: float = 0.0
    lateral_ca_blue: float = 0.0

    @staticmethod
    def random(rng: np.random.Generator) -> Lens:
        """A lens from a rental house: old zooms bend and fringe, modern primes hardly do."""
        worn = float(rng.choice((0.25, 1.0, 2.0), p=(0.4, 0.4, 0.2)))
        red, blue = rng.normal(0, 0.0006 * worn, 2)
        return Lens(
            distortion_k1=float(rng.normal(0.01, 0.03) * worn),
            distortion_k2=float(rng.normal(0, 0.008) * worn),
            vignette_stops=float(abs(rng.normal(0, 0.5)) * worn**0.5),
            lateral_ca_red=float(red),
            lateral_ca_blue=float(blue if rng.random() < 0.3 else -red * rng.uniform(0.5, 1.5)),
        )

    def through(self, plate: Pixels) -> Pixels:
        """The plate as the lens draws it."""
        bent = self._resampled(plate, self._scales(plate.shape[-1]), cv2.INTER_CUBIC)
        if self.vignette_stops == 0:
            return bent
        spread = np.exp2(self.vignette_stops / 2) - 1  # the squared tangent at the corner
        gain = (1 + spread * _radii(*plate.shape[:2]) ** 2) ** -2
        return np.asarray(bent * gain[..., None], np.float32)

    def bent(self, layer: Pixels, is_whole: bool = False) -> Pixels:
        """The truth or a matte (H, W) or (H, W, C) bent as the plate is; ids, which cannot be mixed, are whole.

        Normals come out shorter than 1 where they were mixed, and vectors of motion are moved, not turned.
        """
        return self._resampled(layer, (1.0,) * (layer.shape[-1] if layer.ndim == 3 else 1), _mixing(is_whole))

    def _scales(self, channels: int) -> tuple[float, ...]:
        """How much further out than the lens bends it each channel is taken."""
        red, blue = 1 + self.lateral_ca_red, 1 + self.lateral_ca_blue
        return tuple({0: red, 2: blue}.get(index, 1.0) for index in range(channels))

    def _resampled(self, layer: Pixels, scales: tuple[float, ...], mixing: int) -> Pixels:
        if self.distortion_k1 == self.distortion_k2 == 0 and set(scales) == {1.0}:
            return layer
        planes = layer[..., None] if layer.ndim == 2 else layer
        if len(set(scales)) == 1:
            return self._drawn(layer, scales[0], mixing)
        drawn = [self._drawn(planes[..., index], scale, mixing) for index, scale in enumerate(scales)]
        return np.stack(drawn, axis=-1)

    def _drawn(self, layer: Pixels, scale: float, mixing: int) -> Pixels:
        height, width = layer.shape[:2]
        factor = (
            self._factor(_radii(height, width))
            / float(self._factor(np.linspace(0, 1, 256, dtype=np.float32)).max())
            * scale
        )
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        x = middle_x + (np.arange(width)[None] - middle_x) * factor
        y = middle_y + (np.arange(height)[:, None] - middle_y) * factor
        maps = x.astype(np.float32), y.astype(np.float32)
        return np.asarray(cv2.remap(layer, *maps, mixing, borderMode=cv2.BORDER_REPLICATE), np.float32)

    def _factor(self, radius: Pixels) -> Pixels:
        return np.asarray(1 + self.distortion_k1 * radius**2 + self.distortion_k2 * radius**4)


@dataclass(frozen=True)
class Grain:
    """A camera's grain, or a film stock's; without arguments there is none.

    Convention: shot and read are standard deviations at 18 % grey and in black at ISO 800, in scene-linear units; the
    variance of shot noise grows with the light and the ISO, read noise with the ISO. texture is a share of the light
    itself, as film's is. size is the grain's radius in pixels, colour the share that differs between channels, and
    channels how much noisier than green red and blue are.
    """

    iso: float = 0.0
    shot: float = 0.005
    read: float = 0.0012
    texture: float = 0.0
    size_pixels: float = 0.6
    colour: float = 0.7
    channels: tuple[float, float, float] = (1.15, 1.0, 1.4)

    @staticmethod
    def random(rng: np.random.Generator) -> Grain:
        """A digital camera's noise after its debayering, or a scanned stock's grain, at an ISO that sets use."""
        is_film = rng.random() < 0.3
        return Grain(
            iso=float(rng.choice((160, 400, 800, 1280, 2500, 5000), p=(0.1, 0.2, 0.35, 0.2, 0.1, 0.05))),
            shot=float(0.005 * np.exp(rng.normal(0, 0.3))),
            read=float(0.0012 * np.exp(rng.normal(0, 0.4))),
            texture=float(rng.uniform(0.01, 0.03)) if is_film else 0.0,
            size_pixels=float(rng.uniform(0.7, 1.6) if is_film else rng.uniform(0.35, 0.9)),
            colour=float(rng.uniform(0.4, 0.8) if is_film else rng.uniform(0.6, 1.0)),
            channels=(float(rng.uniform(1.0, 1.4)), 1.0, float(rng.uniform(1.2, 2.2))),
        )

    def deviation(self, light: Pixels) -> Pixels:
        """The grain's standard deviation (H, W, 3) where there is so much light."""
        lit = np.maximum(light, 0)
        gain = self.iso / BASE_ISO
        variance = self.shot**2 * gain * lit / GREY + (self.read * gain) ** 2 + self.texture**2 * gain * lit**2
        return np.asarray(np.sqrt(variance) * np.asarray(self.channels), np.float32)

    def kernel(self) -> Pixels:
        """What white noise goes through to have the grain's spectrum; of unit energy, so that the deviation stays."""
        reach = max(1, int(np.ceil(3 * self.size_pixels)))
        place = np.arange(-reach, reach + 1)
        bell = np.exp(-0.5 * (place / max(self.size_pixels, SHARPEST)) ** 2)
        kernel = np.outer(bell, bell)
        return np.asarray(kernel / np.sqrt((kernel**2).sum()), np.float32)


def grained(plate_linear: Pixels, rng: np.random.Generator, grain: Grain) -> Pixels:
    """The plate (H, W, 3) with fresh grain, which may take values below 0; NaN and infinity stay where they are."""
    if grain.iso == 0:
        return plate_linear
    height, width, channels = plate_linear.shape
    kernel = grain.kernel()
    reach = kernel.shape[0] // 2
    white = rng.standard_normal((height + 2 * reach, width + 2 * reach, channels + 1), dtype=np.float32)
    shaped = cv2.filter2D(white, -1, kernel)[reach : reach + height, reach : reach + width]
    mixed = np.sqrt(grain.colour) * shaped[..., :-1] + np.sqrt(1 - grain.colour) * shaped[..., -1:]
    is_number = np.isfinite(plate_linear)
    deviation = grain.deviation(np.where(is_number, plate_linear, 0))
    return np.asarray(plate_linear + np.where(is_number, deviation * mixed, 0), np.float32)


def _radii(height: int, width: int) -> Pixels:
    """How far each pixel lies from the middle (H, W), in half diagonals."""
    x, y = np.arange(width)[None] - (width - 1) / 2, np.arange(height)[:, None] - (height - 1) / 2
    return np.asarray(np.hypot(x, y) / max(np.hypot(width - 1, height - 1) / 2, 1e-6))


def _mixing(is_whole: bool) -> int:
    return int(cv2.INTER_NEAREST if is_whole else cv2.INTER_LINEAR)
