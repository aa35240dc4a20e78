"""Scenes on disk, with their truth: a folder for each, written whole or not at all.

STAGE/stage.json                what was asked for
STAGE/contact-sheet.png
STAGE/scenes/000123/scene.json  set, camera, lamps, people, faults, frames
    lamps.exr                   one image a lamp: key00.R ...
    truth.exr                   albedo.R, normal.X, depth.Z, position.X, id.I of the lamps' images
    plate.0001.exr              the beauty in a rig, larger, with no lens and no grain
    rigged.0001.exr             the same with the faults
    mattes.0001.exr             the coverage of each kind of fault
    truth.0001.exr              as above, for the plate, with motion.U, motion.V: pixels to the next frame
    moved.exr                   the first frame with a prop that moved between takes
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from interneg.errors import NotFoundError, PlateError
from interneg.plates.exr import read_channels, write_layers
from interneg.soundstage.scene import Pixels, Vector

Layers = Mapping[str, npt.NDArray[Any]]

FORMAT = "interneg-scene-1"
STAGE_FILE = "stage.json"
AXES = {1: "A", 2: "UV", 3: "RGB"}  # a plane's channels by their count, where nothing else is said
NAMED_AXES = {"normal": "XYZ", "position": "XYZ", "depth": "Z", "id": "I"}
EXACT = ("depth", "position", "id")  # in float: metres and ids lose too much in half


@dataclass(frozen=True)
class LampTruth:
    """A lamp as it stands to the camera.

    Convention: direction is the unit vector towards the lamp in camera space: x right, y up, z towards the camera.
    """

    name: str
    direction: Vector
    angular_diameter_degrees: float
    distance: float


@dataclass(frozen=True, eq=False)
class SceneTruth:
    """What is truly in a picture, as `renderer.Truth`; motion (H, W, 2) is in pixels to the next frame: right, down."""

    albedo: Pixels
    normal: Pixels
    depth: Pixels
    position: Pixels
    id: npt.NDArray[np.int32]
    motion: Pixels | None = None


@dataclass(frozen=True, eq=False)
class StagedScene:
    """One rendered scene, read as it is asked for."""

    folder: Path
    said: Mapping[str, Any]

    @classmethod
    def open(cls, folder: Path) -> StagedScene:
        """The scene in that folder.

        Raises:
            PlateError: it is no scene, or of another version.
        """
        try:
            said = json.loads((folder / "scene.json").read_text())
        except (OSError, ValueError) as error:
            raise PlateError(f"{folder}: no scene can be read there ({error}); render it again") from error
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise PlateError(f"{folder}: not a scene of this version ({FORMAT}); render it again")
        return cls(folder, said)

    @property
    def seed(self) -> int:
        """The seed it was made from."""
        return int(self.said["seed"])

    @property
    def kind(self) -> str:
        """The kind of its set."""
        return str(self.said["set"])

    @property
    def frames(self) -> tuple[int, ...]:
        """The frames of its plate; none where only its lamps were rendered."""
        return tuple(int(frame) for frame in self.said["frames"])

    @property
    def faults(self) -> tuple[str, ...]:
        """The kinds of faults in its rigged plate."""
        return tuple(self.said["faults"])

    @property
    def has_moved(self) -> bool:
        """Whether there is another take, with a prop that moved."""
        return (self.folder / "moved.exr").exists()

    @property
    def lamps(self) -> dict[str, LampTruth]:
        """The lamps that have a place: neither the practicals nor the surroundings."""
        found = [LampTruth(**{**lamp, "direction": tuple(lamp["direction"])}) for lamp in self.said["lamps"]]
        return {lamp.name: lamp for lamp in found}

    def lamp_pictures(self) -> dict[str, Pixels]:
        """One image (H, W, 3) a lamp, `practicals` and `surroundings` among them; any rig is a sum of them."""
        return _pictures(read_channels(self.folder / "lamps.exr"))

    def truth(self) -> SceneTruth:
        """The truth of the lamps' images."""
        return _truth(self.folder / "truth.exr")

    def truth_of(self, frame: int) -> SceneTruth:
        """The truth of a frame of the plate."""
        return _truth(self.folder / _numbered("truth", frame))

    def plate(self, frame: int) -> Pixels:
        """A frame of the plate (H, W, 3), clean."""
        return _pictures(read_channels(self.folder / _numbered("plate", frame)))[""]

    def rigged(self, frame: int) -> Pixels:
        """The same frame with the faults in it."""
        return _pictures(read_channels(self.folder / _numbered("rigged", frame)))[""]

    def moved(self) -> Pixels:
        """The first frame of the other take, in which a prop stands elsewhere."""
        return _pictures(read_channels(self.folder / "moved.exr"))[""]

    def mattes(self, frame: int) -> dict[str, Pixels]:
        """The coverage (H, W) of each kind of fault."""
        channels = read_channels(self.folder / _numbered("mattes", frame))
        return {name.removesuffix(".A"): plane for name, plane in channels.items()}


@dataclass(frozen=True)
class Stage:
    """A folder of scenes."""

    folder: Path

    def scenes(self) -> list[Path]:
        """The scenes that are finished, by seed.

        Raises:
            NotFoundError: the folder is no stage.
        """
        if not (self.folder / "scenes").is_dir():
            raise NotFoundError(f"{self.folder}: no stage is there; make one with `interneg soundstage render`.")
        return sorted(path.parent for path in (self.folder / "scenes").glob("[0-9]*/scene.json"))

    @property
    def kind(self) -> str:
        """The one kind of set that it is kept to, because no base model may be taught on it; else nothing."""
        try:
            said = json.loads((self.folder / STAGE_FILE).read_text())
        except (OSError, ValueError):
            return ""
        return str(said.get("order", {}).get("kind", ""))

    def folder_of(self, seed: int) -> Path:
        """Where the scene of that seed stands."""
        return self.folder / "scenes" / f"{seed:06d}"


@contextmanager
def writing_scene(stage: Stage, seed: int) -> Iterator[SceneWriter]:
    """A scene to be written; it stands in its place only once all of it is there."""
    final = stage.folder_of(seed)
    draft = final.with_name(f".{final.name}.{secrets.token_hex(4)}.tmp")
    draft.mkdir(parents=True)
    try:
        yield SceneWriter(draft)
        if final.exists():
            shutil.rmtree(final)
        draft.rename(final)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@dataclass(frozen=True)
class SceneWriter:
    """Writes one scene's files."""

    folder: Path

    def pictures(self, name: str, planes: Layers, frame: int | None = None) -> None:
        """Writes named planes, (H, W) or (H, W, channels), into one EXR; the name "" is the root's colour."""
        file = f"{name}.exr" if frame is None else _numbered(name, frame)
        write_layers(self.folder / file, dict(_channels(planes)))

    def say(self, said: Mapping[str, Any]) -> None:
        """Writes what the scene says of itself."""
        (self.folder / "scene.json").write_text(json.dumps({"format": FORMAT, **said}, indent=1) + "\n")


def _numbered(name: str, frame: int) -> str:
    return f"{name}.{frame:04d}.exr"


def _channels(planes: Layers) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    for layer, plane in planes.items():
        flat = plane[..., None] if plane.ndim == 2 else plane
        letters = NAMED_AXES.get(layer, AXES[flat.shape[-1]])
        for index, letter in enumerate(letters):
            kind = np.float32 if layer in EXACT else np.float16
            channel = np.ascontiguousarray(np.clip(flat[..., index], -65504, 65504).astype(kind))
            yield (f"{layer}.{letter}" if layer else letter), channel


def _pictures(channels: Mapping[str, Pixels]) -> dict[str, Pixels]:
    layers = dict.fromkeys(name.rpartition(".")[0] for name in channels)
    joint = {layer: f"{layer}." if layer else "" for layer in layers}
    return {
        layer: np.stack([channels[f"{start}{letter}"] for letter in "RGB"], axis=-1) for layer, start in joint.items()
    }


def _truth(path: Path) -> SceneTruth:
    channels = read_channels(path)

    def together(layer: str, letters: str) -> Pixels:
        return np.stack([channels[f"{layer}.{letter}"] for letter in letters], axis=-1)

    return SceneTruth(
        albedo=together("albedo", "RGB"),
        normal=together("normal", "XYZ"),
        depth=channels["depth.Z"],
        position=together("position", "XYZ"),
        id=channels["id.I"].astype(np.int32),
        motion=together("motion", "UV") if "motion.U" in channels else None,
    )
