"""The merging network: how far each source of a pixel is believed, with all that speaks for and against it.

It can say nothing that no source says: its answer is a mean of the sources with other weights than the classical one,
and leaves that by no more than the sources differ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from interneg.operators.belief import LEAST, TOLD, VOICES, Told
from interneg.operators.candidates import Candidates
from interneg.operators.tiles import Places

Pixels = npt.NDArray[np.float32]

WIDTH = 48  # features of a source
REACH = 1.0  # times the mean's deviation: as far as a source that has half of the classical answer's belief
AGREED = 0.002  # log units that the sources of a pixel differ by: below that it is not asked, at a loss of 0.002 dB
SILENT = -30.0  # logit of a source that is not there
PLANES = VOICES * (TOLD + 4) + 1  # that a pixel is packed into
AT_ONCE = 1 << 15  # pixels: bounds the memory


@dataclass(frozen=True)
class MergeBatch:
    """Pixels as the network takes them: told (B, K, TOLD), share (B, K), values (B, K, 3), and how far the classical
    answer may be left (B,).
    """

    told: Tensor
    share: Tensor
    values: Tensor
    reach: Tensor

    def to(self, device: torch.device) -> MergeBatch:
        """The same pixels on that device."""
        return MergeBatch(*(part.to(device) for part in (self.told, self.share, self.values, self.reach)))


class MergeNetwork(nn.Module):
    """Each source judged by the same weights, beside what the others of its pixel are; silent until it has learnt.

    References: Zaheer et al., "Deep Sets", 2017: the order and the number of the sources do not count.
    """

    def __init__(self) -> None:
        super().__init__()
        self.each = nn.Sequential(nn.Linear(TOLD, WIDTH), nn.GELU(), nn.Linear(WIDTH, WIDTH), nn.GELU())
        self.beside = nn.Sequential(nn.Linear(3 * WIDTH, WIDTH), nn.GELU())
        self.head = nn.Linear(WIDTH, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    @property
    def has_learnt(self) -> bool:
        """Whether it ever departs from the classical answer."""
        return bool(self.head.weight.any())

    def forward(self, batch: MergeBatch) -> tuple[Tensor, Tensor]:
        """By how much the classical answer is to be left (B, 3), and the weight of each source (B, K)."""
        there = batch.share > 0
        prior = torch.where(there, torch.log(torch.clamp(batch.share, min=LEAST)), SILENT)
        features = self.each(batch.told)
        mean = (features * batch.share[..., None]).sum(dim=1, keepdim=True)
        most = torch.where(there[..., None], features, -1e4).amax(dim=1, keepdim=True)
        judged = torch.cat([features, mean.expand_as(features), most.expand_as(features)], dim=-1)
        wanted = torch.softmax(prior + self.head(self.beside(judged))[..., 0].float(), dim=1)
        departure = ((wanted - batch.share)[..., None] * batch.values).sum(dim=1)
        length = departure.abs().mean(dim=1)
        go = torch.clamp(batch.reach / torch.clamp(length, min=1e-6), max=1)[:, None]
        return go * departure, batch.share + go * (wanted - batch.share)


def merged_anew(
    network: MergeNetwork | None, candidates: Candidates, device: torch.device, places: Places | None = None
) -> Candidates:
    """The candidates, the mean of what was seen beyond doubt as that network believes its sources; as they are without.

    Convention: where the sources agree nothing is asked. What is kept of their grain goes with the squares of their
        weights; they themselves are let go. `places` is where the hole's pixels are, if that is known.
    """
    belief = candidates.belief
    rest = replace(candidates, belief=None)
    if network is None or belief is None or not network.has_learnt:
        return rest
    chosen = np.flatnonzero(candidates.seen & (belief.share[1] > 0) & (candidates.spread > AGREED))
    if not len(chosen):
        return rest
    told = belief.told(candidates.hole, (candidates.spatial, candidates.spatial_confidence), places)
    mean, kept = candidates.mean.copy(), candidates.kept_noise.copy()
    with torch.inference_mode():
        for first in range(0, len(chosen), AT_ONCE):
            some = chosen[first : first + AT_ONCE]
            departure, weight = network(_batch(told, candidates.spread, some).to(device))
            share = belief.share[:, some]
            merged = mean[some] + departure.float().cpu().numpy()
            mean[some] = np.clip(merged, candidates.low[some], candidates.high[some])
            power = (weight.float().cpu().numpy() ** 2).sum(axis=1) / (share**2).sum(axis=0)
            kept[some] *= power[:, None]
    return replace(rest, mean=mean, kept_noise=kept)


def _batch(told: Told, spread: Pixels, chosen: npt.NDArray[np.intp]) -> MergeBatch:
    share, values = told.belief.share[:, chosen], told.belief.values[:, chosen]
    planes = (told.of(chosen).swapaxes(0, 1), share.T, values.swapaxes(0, 1))
    return MergeBatch(*(torch.from_numpy(np.ascontiguousarray(plane)) for plane in (*planes, REACH * spread[chosen])))


def packed(candidates: Candidates, chosen: npt.NDArray[np.intp]) -> Pixels:
    """Some of the hole's pixels with all that the network is told of them (PLANES, n), to learn from."""
    belief = candidates.belief
    if belief is None:
        raise ValueError("the sources of these candidates were let go")
    told = belief.told(candidates.hole, (candidates.spatial, candidates.spatial_confidence))
    batch = _batch(told, candidates.spread, chosen)
    parts = (batch.told.flatten(1), batch.share, batch.values.flatten(1), batch.reach[:, None])
    return np.ascontiguousarray(torch.cat(parts, dim=1).numpy().T)


def batch_from_packed(planes: Tensor) -> MergeBatch:
    """Pixels as the network takes them, from (PLANES, n)."""
    told, share, values, reach = torch.split(planes.T, [VOICES * TOLD, VOICES, VOICES * 3, 1], dim=1)
    size = (len(told), VOICES)
    return MergeBatch(told.reshape(*size, TOLD), share, values.reshape(*size, 3), reach[:, 0])
