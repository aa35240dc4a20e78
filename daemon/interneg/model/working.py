"""The size and the exposure at which the networks of light see a plate, whatever it was shot at."""

from __future__ import annotations

from dataclasses import dataclass
from math import asinh

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Pixels = npt.NDArray[np.float32]

LONG_SIDE = 144  # pixels: light varies slowly, and what does not is found along the plate's own edges
MULTIPLE = 16  # the networks halve a picture four times
GREY = 0.18  # where a plate's level is brought before a network sees it
TOE = 2.0**-9  # of the log encoding, as in plates/colour.py
LEAST = 2.0**-10  # of the normalised plate, about seven stops below grey: below that a ratio says nothing


def usable(plate: Pixels) -> Pixels:
    """The plate with everything that is no light (NaN, infinity, negatives) as black."""
    light = np.maximum(plate, np.float32(0), dtype=np.float32)  # NaN stays: thrice as quick as a choice by pixel
    if not np.isfinite(light).all():
        light[~np.isfinite(light)] = 0
    return light


def working_size(height: int, width: int) -> tuple[int, int]:
    """The height and width at which the networks see such a plate: never larger than the plate itself."""
    scale = min(1.0, LONG_SIDE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Pixels (H, W, C) at another (height, width): averaged when smaller, interpolated when larger."""
    height, width = size
    if pixels.shape[:2] == size:
        return pixels
    way = cv2.INTER_AREA if height * width < pixels.shape[0] * pixels.shape[1] else cv2.INTER_LINEAR
    planes = [pixels[..., first : first + 4] for first in range(0, pixels.shape[2], 4)]  # OpenCV averages four at most
    made = [cv2.resize(np.ascontiguousarray(some), (width, height), interpolation=way) for some in planes]
    joint = [plane.reshape(height, width, -1) for plane in made]
    return np.asarray(np.concatenate(joint, axis=2) if len(joint) > 1 else joint[0], np.float32)


def tensor_from_pixels(pixels: Pixels, device: torch.device) -> Tensor:
    """Pixels (h, w, C) as the networks take them: (1, C, h', w'), edges repeated up to whole multiples."""
    height, width = (-side % MULTIPLE for side in pixels.shape[:2])
    padded = np.pad(pixels, ((0, height), (0, width), (0, 0)), mode="edge")
    return torch.from_numpy(np.ascontiguousarray(padded.transpose(2, 0, 1)))[None].to(device)


def pixels_from_tensor(tensor: Tensor, size: tuple[int, int]) -> Pixels:
    """What a network made (1, C, h', w') as pixels (h, w, C) of that size, without the repeated edges."""
    picture = tensor[0, :, : size[0], : size[1]].float().cpu().numpy()
    return np.ascontiguousarray(picture.transpose(1, 2, 0))


@dataclass(frozen=True)
class Normalised:
    """Plates (B, 3, H, W), scene-linear, brought to one level and to a grey world by `gain` (B, 3, 1, 1)."""

    linear: Tensor
    gain: Tensor

    def log(self) -> Tensor:
        """The plates in the log encoding, about -1 to 1 for what matters."""
        encoded = torch.asinh(self.linear / (2 * TOE)) / asinh(1 / (2 * TOE))
        return (encoded - 0.7) * 4  # grey lies at 0.72; two stops are about one unit

    def log2(self) -> Tensor:
        """The plates in stops, blacks lifted to where a ratio still says something."""
        return torch.log2(self.linear + LEAST)


def normalised(plate: Tensor) -> Normalised:
    """The plates as the networks see them: exposure and white balance do not reach a network at all.

    Convention: (B, 3, H, W) scene-linear. The level of a channel is the squared mean of its square roots: it follows
    every gain exactly, and a lamp in frame hardly moves it.
    """
    plate = plate.float().clamp(min=0)
    level = plate.sqrt().mean(dim=(2, 3), keepdim=True).square()
    most = level.amax(dim=1, keepdim=True)
    level = torch.where(most > 0, torch.maximum(level, most * 2.0**-8), 1.0)  # a channel may be black, or all of them
    gain = GREY / level
    return Normalised(plate * gain, gain)


def places(like: Tensor) -> Tensor:
    """Where each pixel lies (B, 2, H, W): right and up from the frame's middle, in half long sides."""
    height, width = like.shape[-2:]
    half = max(height, width) / 2
    right = (torch.arange(width, device=like.device) + 0.5 - width / 2) / half
    up = (height / 2 - torch.arange(height, device=like.device) - 0.5) / half
    grid = torch.stack([right[None].expand(height, -1), up[:, None].expand(-1, width)])
    return grid[None].expand(like.shape[0], -1, -1, -1)
