"""What an artist can ask of a plate."""

from __future__ import annotations

from dataclasses import dataclass

from interneg.operators.reframe import Framing
from interneg.plates.frames import FrameRange


@dataclass(frozen=True)
class CleanWish:
    """Take what the matte covers out of the plate; `grow_pixels` widens the matte by choice, neutral 0."""

    matte_path: str
    matte_channel: str = ""
    grow_pixels: float = 0.0


@dataclass(frozen=True)
class ReframeWish:
    """Look through another window, linear between keys and held before the first and after the last."""

    keys: tuple[Framing, ...]


@dataclass(frozen=True)
class RenderWish:
    """An operator on a range of a plate; the shot is every frame on disk, `frames` only says what to deliver."""

    show: str
    plate_path: str
    frames: FrameRange
    output_path: str
    operator: CleanWish | ReframeWish
    colourspace: str = ""
    model_version: str = ""
    seed: int = 0
