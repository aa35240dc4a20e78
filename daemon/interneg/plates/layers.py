"""Which channels of a file are the plate, and their pixels.

References: Florian Kainz, "Technical Introduction to OpenEXR" (2013), luminance/chroma images; OpenEXR's `ImfRgbaYca.h`
for the reconstruction filter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interneg.errors import PlateError
from interneg.plates.plate import ExrPart, StoredChannel

Pixels = npt.NDArray[np.float32]

_REC709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)  # what OpenEXR means where it says nothing
_CHROMA_TAPS = (0.627123, -0.186077, 0.087929, -0.043159, 0.019597, -0.007540, 0.002128)  # 1, 3, 5 ... 13 pixels away


@dataclass(frozen=True)
class Colour:
    """The part and the channels that are the plate; `chroma` where colour is stored as luminance and chroma."""

    root: int
    names: tuple[str, ...]
    chroma: tuple[str, ...] = ()
    notice: str = ""


def colour_from_parts(parts: Sequence[ExrPart]) -> Colour:
    """The channels that are the plate: R, G, B, else Y with RY, BY, else Y, else the first layer that has R, G, B.

    Raises:
        PlateError: none of the parts has any of these.
    """
    for find in (_root_colour, _layered_colour):
        for index, part in enumerate(parts):
            if colour := find(index, part):
                return Colour(index, colour.names, colour.chroma, _notice(parts, colour))
    held = [name for part in parts for name in part.channels]
    raise PlateError(
        f"no R, G, B or Y among its channels ({', '.join(held) or 'none'}); name a file that holds a plate"
    )


def _root_colour(index: int, part: ExrPart) -> Colour | None:
    """The colour of a part whose channels carry no layer name."""
    spelt = {name.upper(): name for name in sorted(part.channels, reverse=True)}
    if {"R", "G", "B"} <= set(spelt):
        return Colour(index, (spelt["R"], spelt["G"], spelt["B"]))
    if {"Y", "RY", "BY"} <= set(spelt):
        return Colour(index, ("R", "G", "B"), (spelt["Y"], spelt["RY"], spelt["BY"]))
    return Colour(index, (spelt["Y"],)) if "Y" in spelt else None


def _layered_colour(index: int, part: ExrPart) -> Colour | None:
    """The colour of the first layer that has all three."""
    for name in part.channels:
        layer, dot, last = name.rpartition(".")
        names = tuple(f"{layer}{dot}{letter}" for letter in "RGB")
        if dot and last == "R" and set(names) <= set(part.channels):
            return Colour(index, names)
    return None


def _notice(parts: Sequence[ExrPart], colour: Colour) -> str:
    """What an artist should know of the choice; nothing where there was none."""
    if colour.chroma:
        return "a luminance/chroma plate: delivered as R, G, B"
    if "." in colour.names[0]:
        return f"no R, G, B of its own: the layer '{colour.names[0].rpartition('.')[0]}' is taken as the plate"
    rivals = [part for part in parts if _root_colour(0, part)]
    if len(rivals) > 1:
        others = ", ".join(part.name for part in rivals if part is not parts[colour.root])
        return f"part '{parts[colour.root].name}' is taken as the plate; the others are carried as they are: {others}"
    return ""


def rgb_from_colour(part: ExrPart, colour: Colour) -> Pixels:
    """The plate's pixels of those channels, (H, W, 3); a grey plate is the same in all three."""
    if colour.chroma:
        return _rgb_from_chroma(part, colour.chroma)
    rgb = np.empty((part.data_window.height, part.data_window.width, 3), np.float32)
    for index in range(3):
        channel = part.channels[colour.names[index if len(colour.names) == 3 else 0]]
        if channel.x_sampling != 1 or channel.y_sampling != 1:
            raise PlateError(f"channel {colour.names[index]} is subsampled, which only RY and BY may be")
        rgb[..., index] = channel.pixels
    return rgb


def luminance_weights(attributes: Mapping[str, object]) -> tuple[float, float, float]:
    """How much red, green and blue each add to Y, by the file's chromaticities.

    References: SMPTE RP 177-1993, derivation of basic television colour equations.
    """
    given = attributes.get("chromaticities")
    values = np.asarray(given if given is not None else _REC709, np.float64).reshape(4, 2)  # r, g, b, white
    xyz = np.stack([values[:, 0] / values[:, 1], np.ones(4), (1 - values.sum(1)) / values[:, 1]])  # at luminance 1
    weights = np.linalg.solve(xyz[:, :3], xyz[:, 3])
    return float(weights[0]), float(weights[1]), float(weights[2])


def _rgb_from_chroma(part: ExrPart, names: Sequence[str]) -> Pixels:
    """The colour of a luminance/chroma part: Y, RY = (R - Y) / Y and BY = (B - Y) / Y."""
    luminance = part.channels[names[0]].pixels.astype(np.float32)
    red_weight, green_weight, blue_weight = luminance_weights(part.attributes)
    red = (_full_size(part, part.channels[names[1]]) + 1) * luminance
    blue = (_full_size(part, part.channels[names[2]]) + 1) * luminance
    green = (luminance - red_weight * red - blue_weight * blue) / green_weight
    return np.stack([red, green, blue], axis=-1).astype(np.float32, copy=False)


def _full_size(part: ExrPart, channel: StoredChannel) -> Pixels:
    """A chroma channel at the luminance's size; non-finite samples count as grey, for the filter would spread them."""
    window = part.data_window
    samples = channel.pixels.astype(np.float32)
    samples = np.where(np.isfinite(samples), samples, np.float32(0))
    if channel.y_sampling == 2:
        samples = _doubled(samples, window.height)
    if channel.x_sampling == 2:
        samples = _doubled(samples.T, window.width).T
    if samples.shape != (window.height, window.width):
        raise PlateError(
            f"chroma is sampled every {channel.x_sampling} x {channel.y_sampling} pixels; 1 or 2 are known"
        )
    return samples


def _doubled(samples: Pixels, length: int) -> Pixels:
    """Twice the rows: those there are, and between them the filter's."""
    reach = len(_CHROMA_TAPS)
    padded = np.pad(samples, ((reach, reach), (0, 0)), mode="edge")
    count = samples.shape[0]
    between = np.zeros_like(samples)
    for distance, tap in enumerate(_CHROMA_TAPS):
        before = padded[reach - distance : reach - distance + count]
        after = padded[reach + 1 + distance : reach + 1 + distance + count]
        between += np.float32(tap) * (before + after)
    doubled = np.empty((2 * count, samples.shape[1]), np.float32)
    doubled[0::2], doubled[1::2] = samples, between
    return doubled[:length]
