"""Plate: scene-linear pixels with their windows and everything the file carried beside them.

Convention: `rgb` is (H, W, 3) float32, scene-linear, row 0 at the top, unbounded above, negatives allowed; NaN and
infinity stay where they are. Windows are inclusive pixel coordinates as in OpenEXR.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Stored = npt.NDArray[np.float16] | npt.NDArray[np.float32] | npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels; both corners belong to it."""

    x_min: int
    y_min: int
    x_max: int
    y_max: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.x_max - self.x_min + 1

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.y_max - self.y_min + 1

    @classmethod
    def of_size(cls, width: int, height: int) -> "Window":
        """The window of a plain picture: its top left pixel is 0, 0."""
        return cls(0, 0, width - 1, height - 1)


@dataclass(frozen=True, eq=False)
class StoredChannel:
    """One channel as the file stores it, bit for bit."""

    pixels: Stored  # (H, W), smaller where the channel is subsampled
    x_sampling: int = 1
    y_sampling: int = 1
    perceptually_linear: bool = False


@dataclass(frozen=True, eq=False)
class ExrPart:
    """One part of an EXR: its name, its attributes as the library gave them, its channels."""

    name: str
    attributes: Mapping[str, object]
    channels: Mapping[str, StoredChannel]
    data_window: Window


@dataclass(frozen=True, eq=False)
class ExrFile:
    """Everything a plate's file carried, to write it back with nothing lost.

    Convention: `root` is the part that holds the plate, `colour` its channels: three (red, green, blue) or one (grey).
    Where that part has no such channel stored (a movie, a converted or luminance/chroma plate), `colour_type` says how
    it is written.
    """

    parts: tuple[ExrPart, ...]
    root: int = 0
    colour: tuple[str, ...] = ("R", "G", "B")
    colour_type: str = "half"  # half, float


@dataclass(frozen=True, eq=False)
class Plate:
    """One frame of a take: scene-linear pixels of the data window, and what its file says about them."""

    rgb: npt.NDArray[np.float32]  # (H, W, 3)
    display_window: Window
    data_window: Window
    pixel_aspect: float = 1.0
    channels: tuple[str, ...] = ("R", "G", "B")
    colourspace: str = ""
    notices: tuple[str, ...] = ()
    origin: ExrFile | None = None

    @property
    def width(self) -> int:
        """Pixels of the data window from left to right."""
        return self.data_window.width

    @property
    def height(self) -> int:
        """Pixels of the data window from top to bottom."""
        return self.data_window.height


@dataclass(frozen=True, eq=False)
class FinishedFrame:
    """A frame ready to be written over its source plate.

    Convention: `changed` False: the source's own stored bits are written; None: every pixel is new. `layers` are extra
    channels of the plate's part such as `seen.A`. `other` replaces channels of the plate's part that are not its
    colour; None keeps the source's own. `record` becomes string attributes.
    """

    plate: Plate
    rgb: npt.NDArray[np.float32]  # (H, W, 3) of data_window
    data_window: Window
    changed: npt.NDArray[np.bool_] | None = None
    layers: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    other: Mapping[str, npt.NDArray[np.float32]] | None = None
    record: Mapping[str, str] = field(default_factory=dict)
