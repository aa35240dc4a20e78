"""A plate's wish, and the work that answers it frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

from interneg.plates.frames import FrameRange


@dataclass(frozen=True)
class CleanWish:
    """Take what the matte covers out of the plate."""

    matte_path: str
    matte_channel: str = ""
    grow_pixels: float = 0.0


@dataclass(frozen=True)
class FramingKey:
    """The window a reframe looks through, on one frame.

    Convention: `punch_in` > 0, neutral 1; `pan` and `tilt` are fractions of the plate's width and height, + moves the
        window right and up, neutral 0; `roll_degrees` + turns the window clockwise about its own centre, neutral 0.
    """

    frame: int
    punch_in: float = 1.0
    pan: float = 0.0
    tilt: float = 0.0
    roll_degrees: float = 0.0


@dataclass(frozen=True)
class ReframeWish:
    """Look through another window, linear between keys and held before the first and after the last."""

    keys: tuple[FramingKey, ...]


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
