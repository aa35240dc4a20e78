"""The body that the networks of light share: convolutions near a pixel, attention over the whole frame."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (32, 64, 96, 160)  # at 1/2, 1/4, 1/8 and 1/16: two millions of weights, four steps a second on one core
FINE = 16  # channels at full size: enough to follow an edge
HEADS = 5


class Block(nn.Module):
    """Two convolutions that correct what they are given; nothing at first, so that depth costs no learning."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        _start_at_nothing(self.second)

    def forward(self, features: Tensor) -> Tensor:
        """The corrected features (B, width, H, W)."""
        corrected: Tensor = features + self.second(functional.gelu(self.first(functional.gelu(features))))
        return corrected


class Attention(nn.Module):
    """Every place of the frame looks at every other: where light comes from is seen nowhere alone."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.before_looking, self.before_thinking = nn.LayerNorm(width), nn.LayerNorm(width)
        self.asked = nn.Linear(width, 3 * width)
        self.answered = nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        _start_at_nothing(self.answered)
        _start_at_nothing(self.narrow)

    def forward(self, places: Tensor) -> Tensor:
        """The places (B, N, width), each knowing of the others."""
        batch, count, width = places.shape
        asked = self.asked(self.before_looking(places)).view(batch, count, 3, HEADS, width // HEADS)
        query, key, value = asked.permute(2, 0, 3, 1, 4)  # (B, HEADS, N, width / HEADS) each
        seen = functional.scaled_dot_product_attention(query, key, value)
        places = places + self.answered(seen.transpose(1, 2).reshape(batch, count, width))
        thought: Tensor = places + self.narrow(functional.gelu(self.wide(self.before_thinking(places))))
        return thought


class Body(nn.Module):
    """A U-Net with attention at its bottom, and a summary of the whole frame.

    No normalisation layers: statistics that change from frame to frame flicker (methods: temporal stability).
    References: Ronneberger et al., "U-Net", 2015; Vaswani et al., "Attention Is All You Need", 2017.
    """

    def __init__(self, inputs: int, outputs: int, summary: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(inputs, WIDTHS[0], 4, stride=2, padding=1)
        self.down_blocks = nn.ModuleList(nn.Sequential(Block(width), Block(width)) for width in WIDTHS[:3])
        pairs = list(pairwise(WIDTHS))
        self.down = nn.ModuleList(nn.Conv2d(fine, coarse, 3, stride=2, padding=1) for fine, coarse in pairs)
        self.bottom = Block(WIDTHS[3])
        self.attention = nn.Sequential(Attention(WIDTHS[3]), Attention(WIDTHS[3]))
        self.up = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in pairs)
        self.up_blocks = nn.ModuleList(nn.Sequential(Block(width), Block(width)) for width in WIDTHS[:3])
        self.to_full, self.beside = nn.Conv2d(WIDTHS[0], FINE, 1), nn.Conv2d(inputs, FINE, 3, padding=1)
        self.head = nn.Conv2d(FINE, outputs, 3, padding=1)
        self.summary = nn.Sequential(nn.LayerNorm(WIDTHS[3]), nn.Linear(WIDTHS[3], summary)) if summary else None
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a quarter quicker on CPUs

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor | None]:
        """What is said of each pixel (B, outputs, H, W) and of the frame (B, summary). Sides: multiples of 16."""
        picture = picture.contiguous(memory_format=torch.channels_last)
        features, kept = self.stem(picture), []
        for blocks, down in zip(self.down_blocks, self.down, strict=True):
            kept.append(blocks(features))
            features = down(kept[-1])
        features = self.bottom(features)
        places = self.attention(features.flatten(2).transpose(1, 2))  # (B, N, 160)
        features = places.transpose(1, 2).reshape(features.shape)
        for level in (2, 1, 0):
            features = self.up_blocks[level](_doubled(self.up[level](features)) + kept[level])
        full = _doubled(self.to_full(features)) + self.beside(picture)
        summary = None if self.summary is None else self.summary(places.mean(dim=1))
        return self.head(functional.gelu(full)), summary


def _doubled(coarse: Tensor) -> Tensor:
    return functional.interpolate(coarse, scale_factor=2.0, mode="bilinear", align_corners=False)


def _start_at_nothing(layer: nn.Conv2d | nn.Linear) -> None:
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
