"""The wires network: a plate to the anti-aliased matte of thin wires and rigs in it, from coarse to fine.

A coarse pass sees the whole plate, its least and greatest values pooled so that a wire thinner than a pixel stays; a
fine pass draws the matte at full size, only in tiles where the coarse one has seen anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from interneg.model.convolutions import convolutions, sized, started
from interneg.plates.colour import log_from_linear

Pixels = npt.NDArray[np.float32]

FACTORS = (4, 6, 8, 12, 24)  # full pixels to a coarse one: all divide a tile and its halo
COARSE_LONGEST = 576  # coarse pixels: a 4K plate's coarse pass costs no more than a 2K plate's
COARSE_INPUTS, FINE_INPUTS = 6, 4
COARSE_WIDTHS = (32, 48, 80, 96)
CONTEXT = 16  # channels that the coarse pass hands down
FINE_WIDTHS = (16, 32, 48)
TILE = 96  # pixels that a tile answers for
HALO = 24  # pixels around it that it only looks at
GATE = 0.03  # coarse probability from which a tile is looked at: lower costs time, higher loses faint ends
AT_ONCE = 16  # tiles: bounds the memory
SURROUND = 16  # pixels: what is wider is no wire, and is taken off
MIDDLE = 0.18  # linear: where a plate's geometric mean is brought to in each channel
LUMA = np.array([0.25, 0.6, 0.15], np.float32)  # of log values: only contrast matters here


class WiresNetwork(nn.Module):
    """Two U-Nets: the coarse one finds, the fine one draws.

    References: coarse to fine with pooled extremes after Chiu et al., "Automatic High Resolution Wire Segmentation and
        Removal", 2023.
    """

    def __init__(self) -> None:
        super().__init__()
        self.coarse = _UNet(COARSE_INPUTS, COARSE_WIDTHS)
        self.found = nn.Conv2d(COARSE_WIDTHS[0], 1, 1)
        self.context = nn.Conv2d(COARSE_WIDTHS[0], CONTEXT - 1, 1)
        self.fine = _UNet(FINE_INPUTS, FINE_WIDTHS, context=CONTEXT)
        self.drawn = nn.Conv2d(FINE_WIDTHS[0], 1, 1)
        started(self)
        for head in (self.found, self.drawn):
            nn.init.normal_(head.weight, std=0.01)
            nn.init.constant_(head.bias, -3.0)  # type: ignore[arg-type]  # one pixel in twenty is a wire's

    def look(self, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """The coarse logit (B, 1, h, w) of any wire in a pixel, and the context handed down (B, CONTEXT, h, w)."""
        features = self.coarse(pooled)
        logit = self.found(features)
        return logit.float(), torch.cat([torch.sigmoid(logit), self.context(features)], dim=1)

    def draw(self, detail: Tensor, context: Tensor) -> Tensor:
        """The matte's logit (B, 1, H, W) from the plate's detail and the context there, at any smaller size."""
        answer: Tensor = self.drawn(self.fine(detail, context))
        return answer.float()

    def forward(self, detail: Tensor, pooled: Tensor, window: tuple[int, int, int, int]) -> tuple[Tensor, Tensor]:
        """The matte's logit where the detail is (B, 1, H, W), and the coarse one of all that was pooled (B, 1, h, w).

        Convention: window has the first row and column of the detail, and its height and width, in coarse pixels.
        """
        found, context = self.look(pooled)
        row, column, height, width = window
        return self.draw(detail, context[..., row : row + height, column : column + width]), found


class _UNet(nn.Module):
    """A U-Net that halves as often as it has widths; context joins at half size."""

    def __init__(self, inputs: int, widths: tuple[int, ...], context: int = 0) -> None:
        super().__init__()
        extra = [0, context, *[0] * len(widths)]
        sources = [inputs, *widths[:-1]]
        self.down = nn.ModuleList(
            convolutions(source + extra[level], width, stride=1 if level == 0 else 2)
            for level, (source, width) in enumerate(zip(sources, widths, strict=True))
        )
        self.up = nn.ModuleList(
            convolutions(widths[level + 1] + widths[level], widths[level]) for level in range(len(widths) - 1)
        )

    def forward(self, picture: Tensor, context: Tensor | None = None) -> Tensor:
        levels = [self.down[0](picture)]
        for index, down in enumerate(self.down[1:]):
            here = levels[-1]
            if context is not None and index == 0:
                here = torch.cat([here, sized(context, here)], dim=1)
            levels.append(down(here))
        answer = levels.pop()
        for up, level in zip(reversed(self.up), reversed(levels), strict=True):
            answer = up(torch.cat([sized(answer, level), level], dim=1))
        return cast(Tensor, answer)


def detail_of(plate: Pixels) -> Pixels:
    """What the network sees of a plate (FINE_INPUTS, H, W): its log less its surroundings, and those, all near [-1, 1].

    Convention: plate (H, W, 3) scene-linear; values that are not finite are taken as their surroundings. Each channel
        is brought to the same geometric mean first: exposure and white balance drop out.
    """
    finite = np.asarray(np.isfinite(plate).all(axis=-1))
    shown = np.where(finite[..., None], plate, 0).astype(np.float32)
    log = log_from_linear(_balanced(shown, finite))
    around = _surroundings(log, finite)
    detail = np.where(finite[..., None], log - around, 0)
    planes = [np.tanh(detail * 4), (around @ LUMA)[..., None] - 0.7]  # a quarter of the log range is a strong edge
    return np.ascontiguousarray(np.concatenate(planes, axis=-1).transpose(2, 0, 1), np.float32)


def _balanced(plate: Pixels, finite: npt.NDArray[np.bool_]) -> Pixels:
    """The plate with each channel's geometric mean at MIDDLE: the same whatever gain each channel had."""
    if not finite.any():
        return plate
    bright = np.percentile(plate[finite][:: max(1, int(finite.sum()) // 100_000)], 95, axis=0)
    floor = np.maximum(bright * 1e-3, 1e-7)  # blacks and negatives have no logarithm
    level = np.exp(np.log(np.maximum(plate[finite], floor)).mean(axis=0, dtype=np.float64))
    return np.asarray(np.clip(plate * (MIDDLE / level), -1e6, 1e6), np.float32)


def _surroundings(log: Pixels, finite: npt.NDArray[np.bool_]) -> Pixels:
    """The log plate blurred over SURROUND pixels, through a smaller picture: 4K plates need no wide kernels."""
    height, width = finite.shape
    size = (max(1, -(-width // 4)), max(1, -(-height // 4)))
    weight = cv2.resize(finite.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    small = cv2.resize(log * finite[..., None], size, interpolation=cv2.INTER_AREA)
    weight = cv2.GaussianBlur(weight, (0, 0), SURROUND / 4)
    small = cv2.GaussianBlur(small, (0, 0), SURROUND / 4) / np.maximum(weight, 1e-4)[..., None]
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def pooled_from(detail: Tensor, factor: int) -> Tensor:
    """What the coarse pass sees (B, COARSE_INPUTS, h, w): mean colours, and the least and greatest luma of each block.

    Convention: detail (B, FINE_INPUTS, H, W); both sides are multiples of the factor.
    """
    mean = functional.avg_pool2d(detail, factor)
    luma = (detail[:, :3] * torch.from_numpy(LUMA).to(detail)[:, None, None]).sum(dim=1, keepdim=True)
    greatest, least = functional.max_pool2d(luma, factor), -functional.max_pool2d(-luma, factor)
    return torch.cat([mean, greatest, least], dim=1)


def factor_of(height: int, width: int) -> int:
    """How many full pixels a coarse one has for a plate of that size."""
    return next((factor for factor in FACTORS if max(height, width) <= factor * COARSE_LONGEST), FACTORS[-1])


def wires_of(network: WiresNetwork, plate: Pixels, device: torch.device) -> Pixels:
    """The matte (H, W) in [0, 1] of the wires and rigs in a plate.

    Convention: plate (H, W, 3) scene-linear, any size, any values. The tiles' grid is fixed to the frame.
    """
    height, width = plate.shape[:2]
    detail = _padded(detail_of(plate))
    factor = factor_of(height, width)
    matte = np.zeros(detail.shape[1:], np.float32)
    with torch.inference_mode():
        inside = torch.from_numpy(detail[:, HALO : HALO + _up(height), HALO : HALO + _up(width)])[None]
        found, context = network.look(pooled_from(inside, factor).to(device))
        context = functional.pad(context, (HALO // factor,) * 4, mode="replicate")
        for some in _groups(_tiles(torch.sigmoid(found), factor)):
            drawn = torch.sigmoid(network.draw(*_cut(detail, context, some, factor, device)))
            for (row, column), tile in zip(some, drawn.cpu().numpy(), strict=True):
                matte[row : row + TILE, column : column + TILE] = tile[0, HALO : HALO + TILE, HALO : HALO + TILE]
    result = matte[:height, :width]
    return np.where(np.isfinite(plate).all(axis=-1), result, 0).astype(np.float32)


def _up(size: int) -> int:
    return -(-size // TILE) * TILE


def _padded(detail: Pixels) -> Pixels:
    """The detail with its edge continued: whole tiles, and a halo around all of them."""
    height, width = detail.shape[1:]
    edges = ((0, 0), (HALO, HALO + _up(height) - height), (HALO, HALO + _up(width) - width))
    return np.pad(detail, edges, mode="edge")


def _tiles(found: Tensor, factor: int) -> list[tuple[int, int]]:
    """Corners (row, column) of the tiles in or beside which the coarse pass has seen anything."""
    near = functional.max_pool2d(found, 3, stride=1, padding=1)  # a wire at a tile's very edge belongs to both
    rows, columns = np.nonzero((functional.max_pool2d(near, TILE // factor) > GATE)[0, 0].cpu().numpy())
    return [(int(row) * TILE, int(column) * TILE) for row, column in zip(rows, columns, strict=True)]


def _groups(tiles: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    for first in range(0, len(tiles), AT_ONCE):
        yield tiles[first : first + AT_ONCE]


def _cut(
    detail: Pixels, context: Tensor, tiles: list[tuple[int, int]], factor: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    side = TILE + 2 * HALO
    fine = np.stack([detail[:, row : row + side, column : column + side] for row, column in tiles])
    coarse = [
        context[0, :, row // factor : (row + side) // factor, column // factor : (column + side) // factor]
        for row, column in tiles
    ]
    return torch.from_numpy(fine).to(device), torch.stack(coarse)
