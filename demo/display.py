"""Scene-linear pixels as a monitor shows them: the view transform of the show's colour config."""

import numpy as np
import numpy.typing as npt
import PyOpenColorIO

from interneg.plates.colour import PINNED_CONFIG, ColourConfig

Pixels = npt.NDArray[np.float32]
Rgb8 = npt.NDArray[np.uint8]


class Display:
    """The config's default view on its default display; of the pinned one, ACES 1.0 SDR on sRGB."""

    def __init__(self, ocio: str | None) -> None:
        config = PyOpenColorIO.Config.CreateFromFile(ocio or PINNED_CONFIG)
        screen = config.getDefaultDisplay()
        self.view = str(config.getDefaultView(screen))
        working_space = ColourConfig(ocio).working_space
        shown = PyOpenColorIO.DisplayViewTransform(src=working_space, display=screen, view=self.view)
        self._processor = config.getProcessor(shown).getDefaultCPUProcessor()

    def shown(self, rgb: Pixels) -> Rgb8:
        """The picture in 8 bits, red first."""
        picture = np.ascontiguousarray(np.nan_to_num(rgb), np.float32).copy()
        self._processor.applyRGB(picture)
        return np.asarray(np.rint(np.clip(picture, 0, 1) * 255), np.uint8)
