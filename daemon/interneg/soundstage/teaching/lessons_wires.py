"""What the wires network is taught on the stage: rendered wires and rigs, and drawn ones over clean pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from interneg.errors import NotFoundError
from interneg.model.wires import WiresNetwork
from interneg.soundstage.archive import Stage, StagedScene
from interneg.soundstage.teaching.backings import Backings, cropped, exposed, grained, turned
from interneg.training.distractors import distracted
from interneg.training.drawn_wires import composited, drawn_wires
from interneg.training.wires_loss import PICTURE, THERE, batch_of, truth_of, wires_loss

Pixels = npt.NDArray[np.float32]

BATCH = 6
RENDERED_SHARE = 0.4  # of the pictures: there are few rendered rigs, and any number of drawn ones
BARE_SHARE = 0.1  # pictures with no wire at all: a matte may be empty
SOUGHT = ("wires", "rigs")  # faults that are thin; the others are neither sought nor held against the network


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
        return batch_of(rng, [self._pair(rng) for _ in range(BATCH)])

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
        return grained(rng, plate), truth_of(matte, counts)

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """How far what it finds and draws is from the truth."""
        return wires_loss(network, batch)


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
