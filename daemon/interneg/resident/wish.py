"""What an artist can ask of a plate."""

from __future__ import annotations

from dataclasses import dataclass

from interneg.light import LightRig
from interneg.operators.reframe import Framing
from interneg.plates.frames import FrameRange


@dataclass(frozen=True)
class MatteWish:
    """A matte: its path, the channel that it is, and how far it is widened, neutral 0."""

    path: str
    channel: str = ""
    grow_pixels: float = 0.0


@dataclass(frozen=True)
class OtherTake:
    """A take whose pixels may fill holes of the plate; `is_named` where an artist asked for it."""

    name: str
    path: str
    colourspace: str = ""
    is_named: bool = False


@dataclass(frozen=True)
class CleanWish:
    """Take what the matte covers out of the plate; `grow_pixels` widens the matte by choice, neutral 0.

    Convention: either a matte is named, or wires are found with that sensitivity; never both. `from_take` is what the
        artist named, `takes` are those it stands for, or those of the same setup where he named none; `anchors` are
        finished frames at the output's place that he fixed by hand; `performers` is the matte within which nothing is
        made up, None where the artist gave none; `grain` is how strong the grain is that is put back, neutral 1.
    """

    matte_path: str
    matte_channel: str = ""
    grow_pixels: float = 0.0
    from_take: str = ""
    clean_plate: str = ""
    anchors: tuple[FrameRange, ...] = ()
    takes: tuple[OtherTake, ...] = ()
    performers: MatteWish | None = None
    find_sensitivity: float | None = None
    grain: float = 1.0


@dataclass(frozen=True)
class WiresWish:
    """Find wires: more sensitivity finds fainter ones, neutral 0.5; an overlay to review them by where a path is."""

    sensitivity: float = 0.5
    overlay_path: str = ""


@dataclass(frozen=True)
class ReframeWish:
    """Look through another window, linear between keys and held before the first and after the last."""

    keys: tuple[Framing, ...]


@dataclass(frozen=True)
class RelightWish:
    """Light the plate by that rig, within `matte` where one is named; shadows are softened on `performers`.

    Convention: mattes are paths, empty for none; with `layers` every light is delivered beside the beauty.
    """

    rig: LightRig
    matte_path: str = ""
    matte_channel: str = ""
    performers_path: str = ""
    performers_channel: str = ""
    layers: bool = False

    @property
    def matte_paths(self) -> tuple[str, ...]:
        """All the mattes that are read."""
        named = (self.matte_path, self.performers_path, *(lamp.matte for lamp in self.rig.lamps))
        return tuple(path for path in named if path)


@dataclass(frozen=True)
class RenderWish:
    """An operator on a range of a plate; the shot is every frame on disk, `frames` only says what to deliver."""

    show: str
    plate_path: str
    frames: FrameRange
    output_path: str
    operator: CleanWish | ReframeWish | RelightWish | WiresWish
    colourspace: str = ""
    model_version: str = ""
    seed: int = 0
