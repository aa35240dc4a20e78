"""The lamp network: what a lamp that was never there would have given each pixel, its cast shadows included."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from interneg.errors import RequestError
from interneg.model.body import Body
from interneg.model.guided import brought_up
from interneg.model.intrinsics import ALBEDO, DEPTH, MIRROR, NORMAL, SHARE, Intrinsics, mirrored
from interneg.model.shadows import blocked
from interneg.model.working import (
    Pixels,
    normalised,
    pixels_from_tensor,
    places,
    resized,
    tensor_from_pixels,
    usable,
    working_size,
)

INPUTS = 25
LIMIT = 6.0  # stops either way: what was black stays near black, what is taken away is a 64th
DARKEST = 1e-4  # albedo


class LampNetwork(nn.Module):
    """Plate, intrinsics and a lamp to that lamp's gain on the plate; at first the gain of the lamp as shot."""

    def __init__(self) -> None:
        super().__init__()
        self.body = Body(INPUTS, 3, 0)

    def forward(self, plate: Tensor, maps: Tensor, direction: Tensor, log_softness: Tensor) -> Tensor:
        """The log2 gain (B, 3, H, W): relit = plate * ((1 - share) + 2**gain).

        Convention: plate (B, 3, H, W) scene-linear and maps (B, 10, H, W) as the intrinsics network says them,
            direction (B, 3) and log_softness (B,) of the new lamp. It has the colour of the lamp that it replaces, and
            gives the frame the same mean light (0 stops).
        """
        return levelled(self.unlevelled(plate, maps, direction, log_softness), plate, maps[:, SHARE])

    def unlevelled(self, plate: Tensor, maps: Tensor, direction: Tensor, log_softness: Tensor) -> Tensor:
        """The log2 gain (B, 3, H, W) before it is made as bright as the lamp that it replaces: steady over a shot."""
        raw, _ = self.body(seen_by_lamp(plate, maps, direction, log_softness))
        as_shot = torch.log2(maps[:, SHARE].clamp(min=2.0**-LIMIT))
        return LIMIT * torch.tanh((as_shot + raw.float()) / LIMIT)


def seen_by_lamp(plate: Tensor, maps: Tensor, direction: Tensor, log_softness: Tensor) -> Tensor:
    """All that the network looks at (B, 25, H, W), each channel brought near [-1, 1]."""
    seen = normalised(plate)
    albedo, depth = maps[:, ALBEDO], maps[:, DEPTH]
    shading = seen.log2() - albedo
    facing = (maps[:, NORMAL] * direction[..., None, None]).sum(dim=1, keepdim=True)
    lamp = torch.cat([direction, log_softness[:, None] / 4 - 1], dim=1)[..., None, None]
    parts = [
        seen.log(),
        (shading - shading.mean(dim=(1, 2, 3), keepdim=True)) / 2,
        albedo / 2 + 1,
        maps[:, SHARE] * 2 - 1,
        maps[:, NORMAL],
        facing,
        (depth - depth.mean(dim=(2, 3), keepdim=True)).clamp(-4, 4),
        lamp.expand(-1, -1, *plate.shape[-2:]),
        places(plate),
        blocked(depth, direction),
    ]
    return torch.cat(parts, dim=1)


def levelled(gain: Tensor, plate: Tensor, share: Tensor) -> Tensor:
    """The log2 gain moved as a whole, so that the lamp gives the frame the mean light that it takes over."""
    taken = (plate * share).mean(dim=(1, 2, 3), keepdim=True)
    given = (plate * torch.exp2(gain)).mean(dim=(1, 2, 3), keepdim=True)
    return gain + torch.where((taken > 0) & (given > 0), torch.log2(taken / given.clamp(min=1e-30)), 0.0)


def gain_of_lamp(
    network: nn.Module,
    plate: Pixels,
    intrinsics: Intrinsics,
    direction: tuple[float, float, float],
    angular_diameter_degrees: float,
    device: torch.device,
) -> Pixels:
    """The log2 gain (H, W, 3) that a lamp would give each pixel, in place of the one that lights most of it.

    Convention: plate (H, W, 3) scene-linear, with its intrinsics; direction towards the lamp in camera space. The mean
        of plate * 2**gain is the mean of plate * share, so that 0 stops is as bright as what it replaces.

    Raises:
        RequestError: the direction has no length, or the diameter is not above 0.
    """
    aim = np.asarray(direction, np.float32)
    length = float(np.linalg.norm(aim))
    if not (np.isfinite(length) and length > 0 and 0 < angular_diameter_degrees <= 360):
        raise RequestError(
            f"lamp: direction {direction} and angular diameter {angular_diameter_degrees} give no lamp; "
            "name a direction with a length and a diameter above 0 degrees."
        )
    plate = usable(plate)
    size = working_size(*plate.shape[:2])
    small, maps = resized(plate, size), _small_maps(intrinsics, size)
    softness = torch.tensor([np.log2(angular_diameter_degrees)], dtype=torch.float32, device=device)
    seen = tensor_from_pixels(small, device), tensor_from_pixels(maps, device)
    towards = torch.from_numpy(aim / length)[None].to(device)
    with torch.inference_mode():
        gain = network(*seen, towards, softness)
        other = network(seen[0].flip(-1), mirrored(seen[1]), towards * towards.new_tensor(MIRROR), softness)
        gain = (gain + other.flip(-1)) / 2
    full = brought_up(pixels_from_tensor(gain, size), small, plate)
    return _levelled(full, plate, intrinsics.share)


def _small_maps(intrinsics: Intrinsics, size: tuple[int, int]) -> Pixels:
    """The intrinsics at the network's size, laid out as its maps."""
    normal = resized(intrinsics.normal, size)
    normal = normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    depth = np.log2(np.maximum(resized(intrinsics.depth[..., None], size), 1e-3))
    albedo = np.log2(np.maximum(resized(intrinsics.albedo, size), DARKEST))
    return np.concatenate([normal, depth, albedo, resized(intrinsics.share, size)], axis=-1).astype(np.float32)


def _levelled(gain: Pixels, plate: Pixels, share: Pixels) -> Pixels:
    taken = float(np.vdot(plate, share))
    given = float(np.vdot(plate, np.exp2(gain)))
    return gain + np.float32(np.log2(taken / given)) if taken > 0 and given > 0 else gain
