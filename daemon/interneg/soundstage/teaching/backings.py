"""Pictures to cut holes in and hang wires over: the stage's clean plates and drawn ones, as any camera may see them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from interneg.errors import NotFoundError
from interneg.soundstage.archive import Stage, StagedScene
from interneg.soundstage.teaching.backdrops import backdrop
from interneg.soundstage.teaching.rigs import lit_by, random_rig

Pixels = npt.NDArray[np.float32]

DRAWN_SHARE = 0.3  # of the pictures: enough that the stage's few textures are not learnt by heart
SIZES = (0.5, 2.0)  # what a plate is scaled by: near and far, sharp and soft
STOPS = 3.0  # of exposure to each side
FEWEST_FRAMES = 5  # of a clip: the middle has two neighbours on each side
RIGS_A_SCENE = 2  # the same things in other light: further ones would show no other edges
CROSS_TALK = 0.03  # deviation of the camera's colour matrix from none


class Backings:
    """The stage's clean pictures, kept in memory: its plates, and its sets in rigs of their lamps.

    A plate is larger; a rig's picture is smaller and without noise, and every scene has some.
    """

    def __init__(self, stage: Path, taught: Callable[[int], bool]) -> None:
        self._stage, self._taught = Stage(stage), taught
        self._read: set[Path] = set()
        self._pictures: list[npt.NDArray[np.float16]] = []

    def refresh(self) -> int:
        """How many pictures there are, after the scenes rendered since have been read."""
        for folder in _scenes(self._stage):
            if folder not in self._read and self._taught(int(folder.name)):
                scene = StagedScene.open(folder)
                pictures = [scene.plate(frame) for frame in scene.frames[:1]] + _in_rigs(scene)
                self._pictures += [picture.astype(np.float16) for picture in pictures]
                self._read.add(folder)
        return len(self._read)

    def drawn(self, rng: np.random.Generator, height: int, width: int) -> Pixels:
        """A clean picture (height, width, 3), linear: turned, scaled, exposed and balanced at random."""
        large = [one for one in self._pictures if one.shape[0] >= height and one.shape[1] >= width]
        if not large or rng.random() < DRAWN_SHARE:
            picture = backdrop(rng, height, width)
        else:
            picture = cropped(rng, [large[int(rng.integers(len(large)))]], height, width)[0]
        return exposed(rng, [turned(rng, [picture])[0]])[0]


class Clips:
    """The stage's clips, kept in memory as they were rendered."""

    def __init__(self, stage: Path, taught: Callable[[int], bool]) -> None:
        self._stage, self._taught = Stage(stage), taught
        self._read: set[Path] = set()
        self._clips: list[list[npt.NDArray[np.float16]]] = []

    @property
    def there(self) -> bool:
        """Whether there is any."""
        return bool(self._clips)

    def refresh(self) -> int:
        """How many clips there are, after those rendered since have been read."""
        for folder in _scenes(self._stage):
            if folder not in self._read and self._taught(int(folder.name)):
                self._read.add(folder)
                scene = StagedScene.open(folder)
                if len(scene.frames) >= FEWEST_FRAMES:
                    self._clips.append([scene.plate(frame).astype(np.float16) for frame in scene.frames])
        return len(self._clips)

    def drawn(self, rng: np.random.Generator) -> list[Pixels]:
        """A clip's clean frames (H, W, 3), linear: turned and exposed at random, now and then run backwards."""
        clip = self._clips[int(rng.integers(len(self._clips)))]
        frames = exposed(rng, turned(rng, [frame.astype(np.float32) for frame in clip]))
        return frames[::-1] if rng.random() < 0.5 else frames


def _in_rigs(scene: StagedScene) -> list[Pixels]:
    """The scene in a few rigs, always the same ones."""
    pictures = {name: np.maximum(picture, 0) for name, picture in scene.lamp_pictures().items()}
    levels = {name: picture.mean(axis=(0, 1)) for name, picture in pictures.items()}
    placed = tuple(sorted(name for name in scene.lamps if name in pictures))
    rigs = [random_rig(np.random.default_rng((scene.seed, index)), levels, placed) for index in range(RIGS_A_SCENE)]
    return [lit_by(pictures, rig.gains) for rig in rigs if rig is not None]


def _scenes(stage: Stage) -> list[Path]:
    try:
        return stage.scenes()
    except NotFoundError:
        return []  # none yet: whoever asks is told that there are 0


def cropped(rng: np.random.Generator, planes: list[npt.NDArray[np.float16]], height: int, width: int) -> list[Pixels]:
    """The same random part of each plane, scaled by the same random factor to (height, width)."""
    full_height, full_width = planes[0].shape[:2]
    scale = float(np.exp(rng.uniform(np.log(SIZES[0]), np.log(SIZES[1]))))
    scale = max(scale, height / full_height, width / full_width)
    high, wide = min(full_height, round(height / scale)), min(full_width, round(width / scale))
    row, column = int(rng.integers(0, full_height - high + 1)), int(rng.integers(0, full_width - wide + 1))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    parts = [plane[row : row + high, column : column + wide].astype(np.float32) for plane in planes]
    return [np.asarray(cv2.resize(part, (width, height), interpolation=way), np.float32) for part in parts]


def turned(rng: np.random.Generator, planes: list[Pixels]) -> list[Pixels]:
    """The planes, all mirrored and turned by right angles alike: a square stays one."""
    turns = int(rng.integers(0, 4)) if planes[0].shape[0] == planes[0].shape[1] else 2 * int(rng.integers(0, 2))
    mirrored = bool(rng.random() < 0.5)
    return [np.ascontiguousarray(np.rot90(plane[:, ::-1] if mirrored else plane, turns)) for plane in planes]


def exposed(rng: np.random.Generator, pictures: list[Pixels]) -> list[Pixels]:
    """The pictures (H, W, 3), all as one camera sees them: stops up or down, another balance and colour matrix."""
    gain = 2.0 ** float(rng.uniform(-STOPS, STOPS)) * np.exp(rng.normal(0, 0.3, 3))
    matrix = np.eye(3) + rng.normal(0, CROSS_TALK, (3, 3))
    seen = (matrix * gain[:, None]).T.astype(np.float32)
    return [np.asarray(picture @ seen, np.float32) for picture in pictures]


def grain_level(rng: np.random.Generator) -> float:
    """How noisy a camera is: its deviation at the picture's mean, as a share of that; a fifth of them have none."""
    return float(np.exp(rng.uniform(np.log(0.003), np.log(0.06)))) if rng.random() < 0.8 else 0.0


def grained(rng: np.random.Generator, picture: Pixels, level: float | None = None) -> Pixels:
    """The picture with a sensor's noise: some of it grows with the light, and neighbours share some of it."""
    level = grain_level(rng) if level is None else level
    mean = max(float(np.abs(picture).mean()), 1e-5)
    noise = rng.standard_normal(picture.shape, np.float32)
    if rng.random() < 0.6:
        soft = float(rng.uniform(0.4, 0.9))
        noise = cv2.GaussianBlur(noise, (0, 0), soft) * np.float32(1 + 1.6 * soft)
    deviation = level * np.sqrt(np.maximum(picture, 0) * mean + (0.1 * mean) ** 2)
    return np.asarray(picture + noise * deviation, np.float32)
