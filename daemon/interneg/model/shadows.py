"""Where something may stand in a lamp's way: rays marched over a depth that is only seen from the camera."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from interneg.model.working import places

FIELDS = (0.15, 0.4)  # half the long side at distance 1: a long lens and a short one, since a plate tells neither
REACHES = tuple(0.04 * 1.45**step for step in range(11))  # half long sides: from contact to beyond the frame's middle
SOFT = 0.25  # of a reach: how far before its shadow is sure a thing must stand
THICK = 0.35  # half long sides: nothing is taken to be deeper than that, or all would shade what is behind
SHRUNK = 4  # a hint need not be sharp, and costs a sixteenth


def blocked(log_depth: Tensor, direction: Tensor) -> Tensor:
    """How surely something stands between each pixel and the lamp (B, 2, H, W), from 0 to 1, for either field of view.

    It is a hint: what is hidden behind a silhouette or out of frame cannot be known, and depth is only guessed.
    Convention: log_depth (B, 1, H, W) in log2, direction (B, 3) towards the lamp in camera space; sides are
    multiples of 4.

    References: screen-space shadows, as after Griffiths et al., "OutCast", 2022, who learn the marching too.
    """
    depth = torch.exp2(functional.avg_pool2d(log_depth, SHRUNK).clamp(-8, 12))
    found = [_blocked(depth, direction, field) for field in FIELDS]
    return functional.interpolate(
        torch.cat(found, dim=1), scale_factor=float(SHRUNK), mode="bilinear", align_corners=False
    )


def _blocked(depth: Tensor, direction: Tensor, field: float) -> Tensor:
    batch, _, height, width = depth.shape
    at = places(depth)  # (B, 2, h, w)
    unit = field * depth  # metres in half a long side, at each pixel's depth
    reach = depth.new_tensor(REACHES).view(1, -1, 1, 1) * unit  # (B, K, h, w) metres
    towards = direction.view(batch, 3, 1, 1)
    away = (depth - reach * towards[:, 2:]).clamp(min=1e-3)
    ahead = away > 0.05 * depth  # past the camera nothing is seen
    right = (at[:, :1] * unit + reach * towards[:, :1]) / (away * field)
    up = (at[:, 1:] * unit + reach * towards[:, 1:2]) / (away * field)
    half = max(height, width) / 2
    grid = torch.stack([right * (2 * half / width), -up * (2 * half / height)], dim=-1)  # (B, K, h, w, 2)
    inside = (grid.abs() < 1).all(dim=-1) & ahead
    rows = grid.clamp(-2, 2).reshape(batch, -1, width, 2)
    there = functional.grid_sample(depth, rows, mode="nearest", padding_mode="border", align_corners=False)
    before = (away - there.view_as(away)) / unit  # how far before the ray something stands, in half long sides
    steps = depth.new_tensor(REACHES).view(1, -1, 1, 1)
    sure = (before / (SOFT * steps) - 0.5).clamp(0, 1) * (2 - before / THICK).clamp(0, 1) * inside
    return sure.amax(dim=1, keepdim=True)
