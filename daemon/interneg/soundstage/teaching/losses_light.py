"""What counts as an error in the lessons of light."""

from __future__ import annotations

from math import log2

import torch
from torch import Tensor

from interneg.model.intrinsics import ALBEDO, DEPTH, NORMAL, Guess
from interneg.model.working import GREY, normalised


def intrinsics_loss(guess: Tensor, truth: Tensor, there: Tensor) -> Tensor:
    """Normals by their angle, depth and albedo up to one scale a frame, edges of both at two scales.

    Depth may not be shifted, only scaled: shifted depth bends shapes, and with them shadows (LeReS, 2021).
    """
    normal = (_apart(guess[:, NORMAL], truth[:, NORMAL]) * there).sum() / _count(there)
    depth = _without_scale(guess[:, DEPTH] - truth[:, DEPTH], there)
    level = guess[:, ALBEDO] - truth[:, ALBEDO]
    albedo = _without_scale(level, there)
    edges = sum(_edges(error, there) for error in (depth, albedo))
    return (
        normal
        + 0.3 * _mean(depth.abs(), there)
        + 0.25 * _mean(albedo.abs(), there)
        + 0.02 * _mean(level.abs(), there)
        + 0.25 * edges
        + 2 * _albedo_error(guess[:, ALBEDO], truth[:, ALBEDO], there)
    )


def split_loss(guess: Tensor, truth: Tensor, plate: Tensor) -> Tensor:
    """How wrongly light is split between the key and the rest: as a share, and as the two plates that it makes.

    The two implied plates keep errors from hiding: what is taken from one must be found in the other.
    """
    linear = normalised(plate).linear
    importance = tone(linear) + 0.1
    share = ((guess - truth).abs() * importance).mean() / importance.mean()
    key = (tone(linear * guess) - tone(linear * truth)).abs().mean()
    rest = (tone(linear * (1 - guess)) - tone(linear * (1 - truth))).abs().mean()
    return share + 2 * (key + rest)


def lamp_loss(guess: Guess, lamp: Tensor) -> Tensor:
    """How far the lamp is from where it stands, in direction, colour and softness."""
    direction = 1 - (guess.direction * lamp[:, :3]).sum(dim=1)
    colour = (guess.log_colour - lamp[:, 3:6]).abs().mean(dim=1)
    softness = (guess.log_softness - lamp[:, 6]).abs()
    return (0.4 * direction + 0.15 * colour + 0.05 * softness).mean()


def constancy_loss(guess: Tensor, there: Tensor) -> Tensor:
    """How much normals, depth and albedo of one view change with its light alone.

    References: Li and Snavely, "Learning Intrinsic Image Decomposition from Watching the World" (BigTime), 2018.
    """
    one, other, there = guess[0::2], guess[1::2], there[0::2]
    albedo = _without_scale(one[:, ALBEDO] - other[:, ALBEDO], there)
    depth = _without_scale(one[:, DEPTH] - other[:, DEPTH], there)
    normal = (_apart(one[:, NORMAL], other[:, NORMAL]) * there).sum() / _count(there)
    return normal + 0.5 * _mean(albedo.abs(), there) + 0.3 * _mean(depth.abs(), there)


def relit_loss(plate: Tensor, share: Tensor, gain: Tensor, alone: Tensor, true_share: Tensor) -> Tensor:
    """How far the relit plate is from the truth, and the new lamp's own light from its picture.

    Both count: the relit plate is what is judged, the lamp's own light is what an artist gets as a layer.
    """
    level = GREY / plate.mean(dim=(1, 2, 3), keepdim=True).clamp(min=1e-12)
    shot, new = plate * level, alone * level
    lamp, layer = tone(shot * torch.exp2(gain)), tone(new)
    relit, wanted = tone(shot * (1 - share + torch.exp2(gain))), tone(shot * (1 - true_share) + new)
    squared = (relit - wanted).square().mean(dim=(1, 2, 3))
    everywhere = torch.ones_like(plate[:, :1])
    return (
        (relit - wanted).abs().mean()
        + 0.5 * (lamp - layer).abs().mean()
        + 0.5 * torch.sqrt(squared + 1e-5).mean()
        + 0.5 * _edges(relit - wanted, everywhere)
    )


def tone(linear: Tensor) -> Tensor:
    """Light as an eye counts it, 0 to 1 from black to four stops above grey; also what the score counts in."""
    return torch.log2(1 + 16 * linear.clamp(min=0)) / log2(65)


def _count(there: Tensor) -> Tensor:
    return there.sum().clamp(min=1)


def _mean(error: Tensor, there: Tensor) -> Tensor:
    return (error * there).sum() / (_count(there) * error.shape[1])


def _apart(one: Tensor, other: Tensor) -> Tensor:
    """How far apart unit vectors are (B, 1, H, W): the chord, which grows with the angle and not with its square."""
    return (one - other).square().sum(dim=1, keepdim=True).add(1e-6).sqrt()


def _without_scale(error: Tensor, there: Tensor) -> Tensor:
    """A log error (B, C, H, W) less what one scale a frame explains."""
    total = (error * there).sum(dim=(1, 2, 3), keepdim=True)
    return error - total / (there.sum(dim=(1, 2, 3), keepdim=True) * error.shape[1]).clamp(min=1)


def _albedo_error(guess: Tensor, truth: Tensor, there: Tensor) -> Tensor:
    """The root mean square of linear albedo after its best scale, a frame at a time: what the score counts."""
    made, true = torch.exp2(guess.clamp(max=3)) * there, torch.exp2(truth) * there
    scale = (made * true).sum(dim=(1, 2, 3)) / made.square().sum(dim=(1, 2, 3)).clamp(min=1e-6)
    squared = (made * scale[:, None, None, None] - true).square().sum(dim=(1, 2, 3))
    return torch.sqrt(squared / (3 * there.sum(dim=(1, 2, 3))).clamp(min=1) + 1e-5).mean()


def _edges(error: Tensor, there: Tensor) -> Tensor:
    """How far edges are off: the change of the error between neighbours, near and four pixels apart."""
    total = error.new_zeros(())
    for reach in (1, 4):
        across = (error[..., reach:] - error[..., :-reach]).abs() * there[..., reach:] * there[..., :-reach]
        down = (error[..., reach:, :] - error[..., :-reach, :]).abs() * there[..., reach:, :] * there[..., :-reach, :]
        total = total + across.mean() + down.mean()
    return total / 2
