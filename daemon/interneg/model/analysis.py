"""What the networks of light say of one frame, at their own size: all that shading needs, and small enough to keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from interneg.errors import ModelError
from interneg.model.intrinsics import MIRROR, NORMAL, IntrinsicsNetwork, mirrored, seen_both_ways
from interneg.model.lamp import LampNetwork
from interneg.model.working import Pixels, pixels_from_tensor, resized, tensor_from_pixels, usable, working_size
from interneg.operators.relight import noise_of

UNSURE_DEGREES = 40.0  # between the normals of a picture and of its mirror image: from there on nothing is believed
Vector = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Analysis:
    """One frame as the networks of light see it.

    Convention: at the networks' size, `small` (h, w, 3) is the plate, scene-linear; `maps` (h, w, 10) as the intrinsics
        network gives them; `agreement` (h, w) in [0, 1], how far it says the same of the mirrored plate. `lamp` (7,) is
        the dominant lamp: direction 3, stops of its channels 3, log2 of its softness. `noise` is the deviation of the
        plate's darks, a pixel's own.
    """

    small: Pixels
    maps: Pixels
    agreement: Pixels
    lamp: npt.NDArray[np.float64]
    noise: float


def analysed(network: IntrinsicsNetwork, plate: Pixels, device: torch.device) -> Analysis:
    """What the network says of a scene-linear plate (H, W, 3).

    Convention: kept at half precision, so that what is read again from a disk has the same bits.

    Raises:
        ModelError: the network says something that is not finite.
    """
    noise = noise_of(plate)
    plate = usable(plate)
    size = working_size(*plate.shape[:2])
    small = resized(plate, size)
    seen = tensor_from_pixels(small, device)
    with torch.inference_mode():
        guess = seen_both_ways(network, seen)
        one, other = network(seen).maps[:, NORMAL], mirrored(network(seen.flip(-1)).maps)[:, NORMAL]
        cosine = functional.cosine_similarity(one, other, dim=1)[:, None]
    lamp = np.concatenate(
        [part.reshape(-1).cpu().numpy() for part in (guess.direction[0], guess.log_colour[0], guess.log_softness)]
    ).astype(np.float64)
    maps = pixels_from_tensor(guess.maps, size)
    if not (np.isfinite(maps).all() and np.isfinite(lamp).all()):
        raise ModelError("The intrinsics network gave values that are not finite: use another model (`--model base`).")
    apart = np.degrees(np.arccos(np.clip(pixels_from_tensor(cosine, size)[..., 0], -1, 1)))
    agreement = np.clip(1 - apart / UNSURE_DEGREES, 0, 1)
    return Analysis(small, _halved(maps), _halved(agreement), lamp, noise)


def lamp_gain(
    network: LampNetwork, plate: Pixels, maps: Pixels, direction: Vector, angular_diameter_degrees: float
) -> Pixels:
    """The log2 gain (h, w, 3) that a lamp would give each pixel at the networks' size, up to one level for the shot.

    Convention: plate (h, w, 3) and maps (h, w, 10) as in an analysis; direction a unit vector in camera space.

    Raises:
        ModelError: the network says something that is not finite.
    """
    device = next(network.parameters()).device
    size = (plate.shape[0], plate.shape[1])
    softness = torch.tensor([np.log2(angular_diameter_degrees)], dtype=torch.float32, device=device)
    seen, known = tensor_from_pixels(plate, device), tensor_from_pixels(maps, device)
    towards = torch.tensor([direction], dtype=torch.float32, device=device)
    with torch.inference_mode():
        gain = network.unlevelled(seen, known, towards, softness)
        flipped = towards * towards.new_tensor(MIRROR)
        other = network.unlevelled(seen.flip(-1), mirrored(known), flipped, softness)
        found = pixels_from_tensor((gain + other.flip(-1)) / 2, size)
    if not np.isfinite(found).all():
        raise ModelError("The lamp network gave values that are not finite: use another model (`--model base`).")
    return found


def _halved(values: npt.NDArray[np.floating]) -> Pixels:
    return np.asarray(values, np.float16).astype(np.float32)
