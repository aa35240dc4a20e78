"""What the wires network is taught on the stage: rendered wires and rigs, and drawn ones over clean pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from interneg.errors import NotFoundError
from interneg.model.wires import WiresNetwork, detail_of, pooled_from
from interneg.soundstage.archive import Stage, StagedScene
from interneg.soundstage.teaching.backings import Backings, cropped, exposed, grained, turned
from interneg.training.distractors import distracted
from interneg.training.drawn_wires import composited, drawn_wires

Pixels = npt.NDArray[np.float32]

PICTURE = 288  # pixels: the coarse pass sees all of it
WINDOW = 144  # pixels: the fine pass sees this much, as in a tile with its halo
STEP = 24  # pixels: windows lie where every factor divides
BATCH = 6
FACTORS, FACTOR_SHARES = (4, 6, 8), (0.6, 0.2, 0.2)  # as plates up to 2K, between, and 4K are pooled
RENDERED_SHARE = 0.4  # of the pictures: there are few rendered rigs, and any number of drawn ones
BARE_SHARE = 0.1  # pictures with no wire at all: a matte may be empty
SOUGHT = ("wires", "rigs")  # faults that are thin; the others are neither sought nor held against the network
THERE = 0.3  # coverage from which a pixel belongs to a wire's middle line, and a coarse one to a wire


class WiresLesson:
    """Teaches the wires network: the truth is what the wires and rigs cover of each pixel."""

    expert = "wires"
    learning_rate = 2e-3

    def __init__(self, stage: Path, taught: Callable[[int], bool]) -> None:
        self._backings = Backings(stage, taught)
        self._rigged = _Rigged(Stage(stage), taught)

    def network(self) -> nn.Module:
        """A fresh network: it finds nothing anywhere."""
        return WiresNetwork()

    def refresh(self) -> int:
        """How many scenes there are to learn from, after those rendered since have been read."""
        self._rigged.refresh()
        return self._backings.refresh()

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Detail (B, C, H, W), truth, counts and middle line (B, 3, H, W), window's corner (2,) and factor (1,)."""
        pairs = [self._pair(rng) for _ in range(BATCH)]
        detail = torch.from_numpy(np.stack([detail_of(plate) for plate, _ in pairs]))
        truth = torch.from_numpy(np.stack([truth for _, truth in pairs]))
        factor = int(rng.choice(FACTORS, p=FACTOR_SHARES))
        return detail, truth, torch.tensor(_corner(rng, truth)), torch.tensor([factor])

    def _pair(self, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
        """A plate as a camera sees it (H, W, 3), and its truth (3, H, W): matte, what counts, middle lines."""
        if self._rigged.there and rng.random() < RENDERED_SHARE:
            plate, matte, counts = self._rigged.drawn(rng)
        else:
            plate = distracted(rng, self._backings.drawn(rng, PICTURE, PICTURE))
            matte, counts = np.zeros(plate.shape[:2], np.float32), np.ones(plate.shape[:2], np.float32)
            if rng.random() > BARE_SHARE:
                rig = drawn_wires(rng, PICTURE, PICTURE)
                plate, matte = composited(plate, rig), rig.matte
        return grained(rng, plate), np.stack([matte, counts, middle_of(matte)]).astype(np.float32)

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """How far the matte is from the coverage, the coarse one from its greatest, and what of the middles is lost."""
        detail, truth, corner, factor = batch[0], batch[1], batch[2].tolist(), int(batch[3])
        row, column = corner
        inside = np.s_[..., row : row + WINDOW, column : column + WINDOW]
        window = (row // factor, column // factor, WINDOW // factor, WINDOW // factor)
        drawn, found = network(detail[inside], pooled_from(detail, factor), window)
        matte, counts, middle = (part[:, None] for part in truth.unbind(dim=1))
        coarse = (functional.max_pool2d(matte * counts, factor) > THERE).to(drawn)
        return _drawn_loss(drawn, matte[inside], counts[inside], middle[inside]) + 0.5 * _found_loss(found, coarse)


def middle_of(matte: Pixels) -> Pixels:
    """The middle lines (H, W) of what the matte covers, 0 or 1: thin and wide wires have as much of them."""
    covered = (matte > THERE).astype(np.uint8)
    depth = cv2.distanceTransform(np.pad(covered, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    highest = cv2.dilate(depth, np.ones((3, 3), np.uint8))
    return np.asarray((covered > 0) & (depth >= highest - 0.5), np.float32)


def _drawn_loss(drawn: Tensor, matte: Tensor, counts: Tensor, middle: Tensor) -> Tensor:
    """Cross entropy with the coverage, the overlap's shortfall, and the middle lines that are missed.

    References: Kirchhoff et al., "Skeleton Recall Loss for Connectivity Conserving and Resource Efficient Segmentation
        of Thin Tubular Structures", 2024; Milletari et al., "V-Net", 2016 (dice).
    """
    crossed = functional.binary_cross_entropy_with_logits(drawn, matte, weight=counts)
    there = torch.sigmoid(drawn) * counts
    sought = matte * counts
    dice = 1 - (2 * (there * sought).sum() + 1) / ((there**2).sum() + (sought**2).sum() + 1)
    line = middle * counts
    missed = 1 - ((there * line).sum() + 1) / ((sought * line).sum() + 1)
    return 4 * crossed + dice + 0.3 * missed


def _found_loss(found: Tensor, coarse: Tensor) -> Tensor:
    weight = 1 + 4 * coarse  # a missed tile is never looked at again, one too many costs time
    crossed = functional.binary_cross_entropy_with_logits(found, coarse, weight=weight)
    there = torch.sigmoid(found)
    return 2 * crossed + 1 - (2 * (there * coarse).sum() + 1) / ((there**2).sum() + coarse.sum() + 1)


def _corner(rng: np.random.Generator, truth: Tensor) -> tuple[int, int]:
    """Where the fine pass looks in this batch: of a few windows the one with most wire, as a gate would choose."""
    last = (PICTURE - WINDOW) // STEP
    corners = [(int(row) * STEP, int(column) * STEP) for row, column in rng.integers(0, last + 1, (3, 2))]
    shares = [
        float(truth[:, 0, row : row + WINDOW, column : column + WINDOW].mean(dim=(1, 2)).clamp(max=0.05).sum())
        for row, column in corners
    ]
    return corners[int(np.argmax(shares))]


@dataclass(frozen=True, eq=False)
class _Pair:
    """A rendered plate with faults (H, W, 3), and (H, W, 2): what is sought, and what does not count."""

    plate: npt.NDArray[np.float16]
    mattes: npt.NDArray[np.float16]


class _Rigged:
    """The stage's plates with rendered faults, kept in memory."""

    def __init__(self, stage: Stage, taught: Callable[[int], bool]) -> None:
        self._stage, self._taught = stage, taught
        self._read: set[Path] = set()
        self._pairs: list[_Pair] = []

    @property
    def there(self) -> bool:
        """Whether there is any."""
        return bool(self._pairs)

    def refresh(self) -> None:
        """Reads the scenes that were rendered since."""
        try:
            folders = self._stage.scenes()
        except NotFoundError:
            return
        for folder in folders:
            if folder not in self._read and self._taught(int(folder.name)):
                self._read.add(folder)
                scene = StagedScene.open(folder)
                if scene.faults:
                    self._pairs += [_pair(scene, frame) for frame in scene.frames[:: max(1, len(scene.frames) // 2)]]

    def drawn(self, rng: np.random.Generator) -> tuple[Pixels, Pixels, Pixels]:
        """Such a plate as a camera sees it, the matte of what is sought, and where pixels count."""
        pair = self._pairs[int(rng.integers(len(self._pairs)))]
        plate, mattes = turned(rng, cropped(rng, [pair.plate, pair.mattes], PICTURE, PICTURE))
        matte = np.clip(mattes[..., 0], 0, 1)
        return exposed(rng, [plate])[0], matte, (mattes[..., 1] < THERE).astype(np.float32)


def _pair(scene: StagedScene, frame: int) -> _Pair:
    plate, mattes = scene.rigged(frame), scene.mattes(frame)
    nothing = np.zeros(plate.shape[:2], np.float32)
    sought = np.max([nothing, *(matte for kind, matte in mattes.items() if kind in SOUGHT)], axis=0)
    others = np.max([nothing, *(matte for kind, matte in mattes.items() if kind not in SOUGHT)], axis=0)
    ignored = np.where(sought > THERE, 0, others)
    return _Pair(plate.astype(np.float16), np.stack([sought, ignored], axis=-1).astype(np.float16))
