"""What the two fill networks are taught on the stage: holes in single frames, and in clips that other frames see."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from interneg.model.fill import Batch, FillNetwork, batch_from_stacks, tile_stacks, tiles_of
from interneg.model.spatial_fill import SpatialFillNetwork
from interneg.operators.candidates import Candidates, gathered
from interneg.operators.motion import View
from interneg.plates.colour import log_from_linear
from interneg.soundstage.teaching.backings import Backings, Clips, grain_level, grained
from interneg.soundstage.teaching.cuts import cut_holes
from interneg.soundstage.teaching.flown import flown, ground_size
from interneg.training.handful import handfuls_of, joined, merge_loss
from interneg.training.spatial_tiles import SpatialTiles, shares_of_classical, spatial_loss, tiles_of_picture

Pixels = npt.NDArray[np.float32]

PICTURE = 144  # pixels: little more than a tile, so that each teaches something else
TILES_A_CLIP = 12
FLOWN = (144, 192)  # pixels of a flown clip's frames
FLOWN_OFFSETS = (-8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8)  # its frames, as a daemon asks for them
RENDERED_SHARE = 0.25  # of the clips, where there are any: theirs is the true parallax
HANDFULS, HANDFULS_KEPT = 32, 2400  # of pixels, in a batch, and of some hundred clips: one clip's look alike
LARGEST_HOLE = 0.5  # of the frame
PICTURES_A_BATCH = 4


class SpatialLesson:
    """Teaches the spatial network: a clean picture, grain over it, a hole in it; the answer is the picture itself."""

    expert = "spatial"
    learning_rate = 1.5e-3

    def __init__(self, stage: Path, taught: Callable[[int], bool]) -> None:
        self._backings = Backings(stage, taught)

    def network(self) -> nn.Module:
        """A fresh network: it answers classically."""
        return SpatialFillNetwork()

    def refresh(self) -> int:
        """How many scenes there are to learn from, after those rendered since have been read."""
        return self._backings.refresh()

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Planes (B, PLANES, h, w) and truth (B, 3, h, w)."""
        examples = [self._example(rng) for _ in range(PICTURES_A_BATCH)]
        planes = np.concatenate([example.planes for example in examples])
        truth = np.concatenate([example.truth for example in examples])
        return torch.from_numpy(planes), torch.from_numpy(truth)

    def _example(self, rng: np.random.Generator) -> SpatialTiles:
        clean = self._backings.drawn(rng, PICTURE, PICTURE)
        return spatial_example(rng, clean)

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """How far each hole is from the truth, as a share of how far the classical answer is."""
        planes, truth = batch
        return spatial_loss(network, planes, truth)


class FillLesson:
    """Teaches the merging network: clips with a hole that moves, and what the other frames show where it is.

    Few clips are rendered; most are flown over still pictures.
    """

    expert = "fill"
    learning_rate = 1.5e-3

    def __init__(self, stage: Path, taught: Callable[[int], bool]) -> None:
        self._clips = Clips(stage, taught)
        self._backings = Backings(stage, taught)
        self._handfuls: deque[tuple[Pixels, Pixels]] = deque(maxlen=HANDFULS_KEPT)

    def network(self) -> nn.Module:
        """A fresh network: it answers classically."""
        return FillNetwork()

    def refresh(self) -> int:
        """How many scenes there are to learn from, after those rendered since have been read."""
        self._clips.refresh()
        return self._backings.refresh()

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """The parts of a batch of tiles with their truth (B, 3, h, w), and of pixels (P, N) with theirs (4, N)."""
        is_rendered = self._clips.there and rng.random() < RENDERED_SHARE
        log, truth, candidates = clip_example(rng, self._clips.drawn(rng) if is_rendered else self._flown(rng))
        patches = tiles_of(candidates.hole)
        chosen = rng.permutation(len(patches))[:TILES_A_CLIP]
        tiles, shown = tile_stacks(log, truth, candidates, [patches[index] for index in sorted(chosen)])
        return *batch_from_stacks(tiles).parts, torch.from_numpy(shown), *self._pixels(rng, candidates, truth)

    def _pixels(self, rng: np.random.Generator, candidates: Candidates, truth: Pixels) -> tuple[Tensor, ...]:
        """Some of this clip's pixels and of those before it; none where hardly anything was ever seen."""
        if candidates.belief is not None:
            self._handfuls.extend(zip(*handfuls_of(candidates, truth, rng), strict=True))
        kept = list(self._handfuls)
        if not kept:
            return ()
        chosen = rng.integers(0, len(kept), HANDFULS)
        return joined([kept[index] for index in chosen])

    def _flown(self, rng: np.random.Generator) -> list[Pixels]:
        ground = self._backings.drawn(rng, *ground_size(FLOWN))
        crossing = self._backings.drawn(rng, *FLOWN) * np.float32(np.exp(rng.normal(0, 0.7)))
        return flown(rng, ground, crossing, FLOWN_OFFSETS, FLOWN)

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """How far each hole is from the truth, as a share of how far the classical answer is; merged and chosen."""
        parts = len(fields(Batch))
        asked, truth, pixels = Batch(*batch[:parts]), batch[parts], batch[parts + 1 :]
        answer, _ = network(asked)
        loss = shares_of_classical(answer, truth, asked.features[:, :3], asked.hole)
        if pixels and isinstance(network, FillNetwork):
            loss = loss + merge_loss(network.merge, *pixels)
        return loss


def spatial_example(rng: np.random.Generator, clean: Pixels) -> SpatialTiles:
    """Tiles of a clean linear picture with grain over it and a hole in it."""
    height, width = clean.shape[:2]
    hole = np.zeros((height, width), bool)
    while not hole.any() or hole.mean() > LARGEST_HOLE:  # a hole may miss the frame, or be all of it
        hole = cut_holes(rng, (0,), height, width)[0]
    truth, log = log_from_linear(clean), log_from_linear(grained(rng, clean))
    return tiles_of_picture(rng, log, hole, truth)


def clip_example(rng: np.random.Generator, clean: list[Pixels]) -> tuple[Pixels, Pixels, Candidates]:
    """The middle of a clip with a hole in it, in log (H, W, 3), what truly is there, and what other frames show of it.

    Convention: clean has the clip's linear frames (H, W, 3), as far apart as those of `FLOWN_OFFSETS` where there are
        as many, else one after another; each gets grain of its own.
    """
    middle, (height, width) = len(clean) // 2, clean[0].shape[:2]
    in_a_row = [index - middle for index in range(len(clean))]
    offsets = list(FLOWN_OFFSETS) if len(clean) == len(FLOWN_OFFSETS) else in_a_row
    holes = np.zeros((len(clean), height, width), bool)
    while not holes[middle].any() or holes[middle].mean() > LARGEST_HOLE:
        holes = cut_holes(rng, offsets, height, width)
    level, there = grain_level(rng), np.ones((height, width), bool)
    views = {
        offset: View(offset, log_from_linear(grained(rng, frame, level)), hole, there)
        for offset, frame, hole in zip(offsets, clean, holes, strict=True)
    }
    return views[0].log, log_from_linear(clean[middle]), gathered(views[0], views.get)
