"""What the two fill networks are taught on the stage: holes in single frames, and in clips that other frames see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from interneg.model.fill import Batch, FillNetwork, batch_from_stacks, tile_stacks, tiles_of
from interneg.model.spatial_fill import SpatialFillNetwork
from interneg.operators.candidates import gathered
from interneg.operators.motion import View
from interneg.plates.colour import log_from_linear
from interneg.soundstage.teaching.backings import Backings, Clips, grain_level, grained
from interneg.soundstage.teaching.cuts import cut_holes
from interneg.soundstage.teaching.flown import flown, ground_size
from interneg.training.spatial_tiles import SpatialTiles, shares_of_classical, spatial_loss, tiles_of_picture

Pixels = npt.NDArray[np.float32]

PICTURE = 144  # pixels: little more than a tile, so that each teaches something else
TILES_A_CLIP = 12
FLOWN = (144, 192)  # pixels of a flown clip's frames
FLOWN_OFFSETS = (-8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8)  # its frames, as a daemon asks for them
RENDERED_SHARE = 0.25  # of the clips, where there are any: theirs is the true parallax
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

    def network(self) -> nn.Module:
        """A fresh network: it answers classically."""
        return FillNetwork()

    def refresh(self) -> int:
        """How many scenes there are to learn from, after those rendered since have been read."""
        self._clips.refresh()
        return self._backings.refresh()

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """The parts of a merging batch, and the truth (B, 3, h, w)."""
        is_rendered = self._clips.there and rng.random() < RENDERED_SHARE
        planes, truth = clip_example(rng, self._clips.drawn(rng) if is_rendered else self._flown(rng))
        return *batch_from_stacks(planes).parts, torch.from_numpy(truth)

    def _flown(self, rng: np.random.Generator) -> list[Pixels]:
        ground = self._backings.drawn(rng, *ground_size(FLOWN))
        crossing = self._backings.drawn(rng, *FLOWN) * np.float32(np.exp(rng.normal(0, 0.7)))
        return flown(rng, ground, crossing, FLOWN_OFFSETS, FLOWN)

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """How far each hole is from the truth, as a share of how far the classical answer is."""
        asked, truth = Batch(*batch[:-1]), batch[-1]
        answer, _ = network(asked)
        return shares_of_classical(answer, truth, asked.features[:, :3], asked.hole)


def spatial_example(rng: np.random.Generator, clean: Pixels) -> SpatialTiles:
    """Tiles of a clean linear picture with grain over it and a hole in it."""
    height, width = clean.shape[:2]
    hole = np.zeros((height, width), bool)
    while not hole.any() or hole.mean() > LARGEST_HOLE:  # a hole may miss the frame, or be all of it
        hole = cut_holes(rng, (0,), height, width)[0]
    truth, log = log_from_linear(clean), log_from_linear(grained(rng, clean))
    return tiles_of_picture(rng, log, hole, truth)


def clip_example(rng: np.random.Generator, clean: list[Pixels]) -> tuple[Pixels, Pixels]:
    """Planes (T, PLANES, h, w) of the merging network, and truth (T, 3, h, w): the middle of a clip with a hole in it.

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
    candidates = gathered(views[0], views.get)
    corners = tiles_of(candidates.hole)
    chosen = rng.permutation(len(corners))[:TILES_A_CLIP]
    truth = log_from_linear(clean[middle])
    return tile_stacks(views[0].log, truth, candidates, [corners[index] for index in sorted(chosen)])
