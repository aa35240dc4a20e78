"""The intrinsics network: what a plate is made of, and how the lamp that lights most of it stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from interneg.model.body import Body
from interneg.model.guided import brought_up
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

NORMAL, DEPTH, ALBEDO, SHARE = slice(0, 3), slice(3, 4), slice(4, 7), slice(7, 10)  # channels of the maps
MAPS = 10
LAMP = 7  # direction 3, colour 3, softness 1
MIRROR = (-1.0, 1.0, 1.0)  # of a direction
USUAL_ALBEDO = -2.0  # stops: about where costumes and walls lie
USUAL_SOFTNESS = 3.0  # log2 degrees
LEAST = 1e-4  # of the plate's own level: a black pixel has no ratio


@dataclass(frozen=True)
class Guess:
    """What the network says of plates.

    Convention: maps (B, 10, H, W) are the normal (unit, camera space: x right, y up, z towards the camera), log2 depth
        (metres up to a scale), log2 albedo and the dominant lamp's share of each channel; direction (B, 3) is a unit
        vector towards that lamp, log_colour (B, 3) the stops of its channels beside one another (their mean is 0), and
        log_softness (B,) log2 of its angular diameter in degrees.
    """

    maps: Tensor
    direction: Tensor
    log_colour: Tensor
    log_softness: Tensor


class IntrinsicsNetwork(nn.Module):
    """Plate to intrinsics; exposure and white balance are taken out before it looks and put back into the lamp.

    Albedo is answered directly and not by way of shading: it is bounded, a highlight does not break it, and the
    shading that a plate of any size is divided by follows from it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.body = Body(5, MAPS, LAMP)

    def forward(self, plate: Tensor) -> Guess:
        """What plates (B, 3, H, W) are made of. Convention: scene-linear; sides are multiples of 16."""
        seen = normalised(plate)
        maps, lamp = self.body(torch.cat([seen.log(), places(plate)], dim=1))
        maps, lamp = maps.float(), lamp.float()
        facing = maps.new_tensor([0.0, 0.0, 1.0]).view(1, 3, 1, 1)  # where nothing is known, towards the camera
        normal = functional.normalize(maps[:, NORMAL] + facing, dim=1)
        albedo, share = maps[:, ALBEDO] + USUAL_ALBEDO, torch.sigmoid(maps[:, SHARE])
        direction = functional.normalize(lamp[:, :3] + facing[..., 0, 0], dim=1)
        colour = lamp[:, 3:6] - torch.log2(seen.gain[..., 0, 0])
        return Guess(
            torch.cat([normal, maps[:, DEPTH] + 2, albedo, share], dim=1),
            direction,
            colour - colour.mean(dim=1, keepdim=True),
            lamp[:, 6] + USUAL_SOFTNESS,
        )


@dataclass(frozen=True)
class EstimatedLamp:
    """The lamp that lights most of a plate, as far as the plate tells.

    Convention: direction is a unit vector towards it in camera space; the greatest channel of colour is 1.
    """

    direction: tuple[float, float, float]
    colour: tuple[float, float, float]
    angular_diameter_degrees: float


@dataclass(frozen=True, eq=False)
class Intrinsics:
    """What a plate is made of, at its own size.

    Convention: albedo (H, W, 3) in [0, 1], normal (H, W, 3) unit in camera space, depth (H, W) in metres up to one
        scale, share (H, W, 3) in [0, 1]: the part of each channel's light that comes from `lamp`.
    """

    albedo: Pixels
    normal: Pixels
    depth: Pixels
    share: Pixels
    lamp: EstimatedLamp


def intrinsics_of(network: nn.Module, plate: Pixels, device: torch.device) -> Intrinsics:
    """What that plate is made of, at its own size, found at the networks' size and brought up along its edges.

    Convention: plate (H, W, 3), scene-linear, of any size. What is no light (NaN, infinity, negatives) counts as black.
    """
    plate = usable(plate)
    size = working_size(*plate.shape[:2])
    small = resized(plate, size)
    with torch.inference_mode():
        guess = seen_both_ways(network, tensor_from_pixels(small, device))
    return at_full_size(pixels_from_tensor(guess.maps, size), small, plate, _lamp(guess))


def at_full_size(maps: Pixels, small: Pixels, plate: Pixels, lamp: EstimatedLamp) -> Intrinsics:
    """The maps (h, w, 10) of a plate, brought up along its edges.

    Convention: small (h, w, 3) is the plate (H, W, 3) at the maps' size; both scene-linear, finite, not negative.
    """
    least = np.float32(LEAST * max(float(small.mean()), 1e-20))
    log_shading = np.log2(small + least) - maps[..., ALBEDO]
    beside = np.concatenate([maps[..., NORMAL], maps[..., DEPTH], maps[..., SHARE], log_shading], axis=-1)
    full = brought_up(beside, small, plate, judged=7)  # light may hold texture that was taken for it: no edges of sets
    normal = full[..., NORMAL]
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    albedo = np.minimum((plate + least) * np.exp2(-full[..., 7:]), 1)
    return Intrinsics(albedo, normal, np.exp2(full[..., 3]), full[..., 4:7], lamp)


def seen_both_ways(network: nn.Module, plate: Tensor) -> Guess:
    """What the network says of plates (B, 3, H, W) and of their mirror images, in one: a mirror changes no material."""
    one: Guess = network(plate)
    other: Guess = network(plate.flip(-1))
    maps = (one.maps + mirrored(other.maps)) / 2
    maps[:, NORMAL] = functional.normalize(maps[:, NORMAL], dim=1)
    direction = one.direction + other.direction * other.direction.new_tensor(MIRROR)
    return Guess(
        maps,
        functional.normalize(direction, dim=1),
        (one.log_colour + other.log_colour) / 2,
        (one.log_softness + other.log_softness) / 2,
    )


def mirrored(maps: Tensor) -> Tensor:
    """Maps (B, 10, H, W) as they are of the mirrored plate."""
    maps = maps.flip(-1)
    maps[:, 0] = -maps[:, 0]
    return maps


def _lamp(guess: Guess) -> EstimatedLamp:
    x, y, z = guess.direction[0].tolist()
    red, green, blue = torch.exp2(guess.log_colour[0] - guess.log_colour[0].max()).tolist()
    return EstimatedLamp((x, y, z), (red, green, blue), float(torch.exp2(guess.log_softness[0].clamp(-3, 8))))
