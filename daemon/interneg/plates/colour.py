"""Colour in and out of the working space, and the log encoding that networks see; the only importer of OpenColorIO."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt
import PyOpenColorIO

from interneg.errors import PlateError, RequestError
from interneg.units import REC709

Pixels = npt.NDArray[np.float32]
Chromaticities = tuple[float, float, float, float, float, float, float, float]

PINNED_CONFIG = "ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.4"  # by name: ocio://default moves between releases

_FAULTS = (PyOpenColorIO.Exception, PyOpenColorIO.ExceptionMissingFile)  # the second is not one of the first in Python

# The curve is linear below about 2 * _TOE and logarithmic above; 2**-9 lies near the noise of a camera's blacks.
_TOE = 2.0**-9
_SAME_CHROMATICITY = 0.001  # writers round to three digits
_LOG_OF_ONE = float(np.arcsinh(1 / (2 * _TOE)))

# Names are tried in order: those of the ACES configs first, then those of older and studio-made ones.
_SRGB_TEXTURE = ("srgb_tx", "srgb_texture", "sRGB - Texture", "Utility - sRGB - Texture", "sRGB", "srgb8")
_CAMERA_REC709 = ("camera_rec709", "Camera Rec.709", "Utility - Rec.709 - Camera", "rec709")
_CINEON = ("adx10", "Input - ADX - ADX10", "Cineon", "lg10")
_LINEAR_REC709 = ("lin_rec709", "Linear Rec.709 (sRGB)", "Utility - Linear - Rec.709", "Utility - Linear - sRGB")
_LINEAR_REC2020 = ("lin_rec2020", "Linear Rec.2020", "Utility - Linear - Rec.2020")
_LINEAR_P3 = ("lin_p3d65", "Linear P3-D65", "Utility - Linear - P3-D65")

_VIDEO_CURVES = ("bt709", "smpte170m", "bt2020-10", "bt2020-12")  # one curve under four names: ITU-R BT.709, BT.2020
_REC709_PRIMARIES = ("bt709", "unspecified", "smpte170m", "bt470bg", "smpte240m")

_MOVIE_SPACES: dict[tuple[str, str], tuple[str, ...]] = {
    ("iec61966-2-1", "bt709"): _SRGB_TEXTURE,
    ("iec61966-2-1", "smpte432"): ("srgb_p3d65", "srgb_displayp3", "sRGB Encoded P3-D65"),
    ("gamma22", "bt709"): ("g22_rec709", "Gamma 2.2 Encoded Rec.709", "Gamma 2.2 Rec.709 - Texture"),
    ("linear", "bt709"): _LINEAR_REC709,
    ("linear", "bt2020"): _LINEAR_REC2020,
    ("linear", "smpte432"): _LINEAR_P3,
    ("smpte2084", "bt2020"): ("rec2100_pq_display", "Rec.2100-PQ - Display"),
    ("arib-std-b67", "bt2020"): ("rec2100_hlg_display", "Rec.2100-HLG - Display"),
}

# ACES: SMPTE ST 2065-1, S-2014-004; ITU-R BT.709, BT.2020; SMPTE EG 432-1 with a D65 white.
_LINEAR_SPACES: tuple[tuple[tuple[str, ...], Chromaticities], ...] = (
    (("lin_ap1", "ACEScg", "ACES - ACEScg"), (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)),
    (("lin_ap0", "ACES2065-1"), (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.0770, 0.32168, 0.33767)),
    (_LINEAR_REC709, REC709),
    (_LINEAR_REC2020, (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290)),
    (_LINEAR_P3, (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290)),
)


class ColourConfig:
    """The colour spaces of this show: the pinned ACES config, or the one that `OCIO` names.

    Raises:
        RequestError: the config cannot be read, or has no scene-linear working space.
    """

    def __init__(self, config: str | None = None) -> None:
        source = config or PINNED_CONFIG
        try:
            self._config = PyOpenColorIO.Config.CreateFromFile(source)
            self._config.validate()
        except _FAULTS as error:
            raise RequestError(
                f"colour config '{source}': cannot be read ({error}); set OCIO to one that can"
            ) from error
        self.name = str(self._config.getName() or source)
        self.working_space = self._found(("scene_linear", "default_scene_linear", "linear"))
        if not self.working_space:
            raise RequestError(f"colour config '{source}': it has no role scene_linear; set OCIO to one that has")

    def _found(self, names: Iterable[str]) -> str:
        """The config's own name of the first of these spaces, aliases or roles that it has; empty for none."""
        spaces = (self._config.getColorSpace(name) for name in names)
        return next((str(space.getName()) for space in spaces if space is not None), "")

    def check(self, colourspace: str) -> str:
        """The config's own name of a space that an artist named.

        Raises:
            RequestError: there is none of that name; the message lists near ones.
        """
        if found := self._found([colourspace]):
            return found
        names = [
            str(name)
            for name in self._config.getColorSpaceNames(
                PyOpenColorIO.SEARCH_REFERENCE_SPACE_ALL, PyOpenColorIO.COLORSPACE_ALL
            )
        ]
        spelt = {name.casefold(): name for name in names}
        word = colourspace.casefold()
        near = [spelt[name] for name in get_close_matches(word, spelt, n=4, cutoff=0.4)]
        near += [name for name in names if word and word in name.casefold() and name not in near]
        hint = f"near ones: {', '.join(near[:5])}" if near else f"it has, for one, {self.working_space}"
        raise RequestError(f"colourspace '{colourspace}': not in {self.name}; {hint}")

    def default_space(self, kind: str, metadata: Mapping[str, str]) -> tuple[str, str]:
        """The space a source is taken to be in, and what the artist should know of that choice.

        Convention: kind is exr, still, movie or dpx; metadata has `transfer` and `primaries` as FFmpeg names them.

        Raises:
            RequestError: the config has no such space; one must be named.
        """
        if kind == "exr":
            return self.working_space, ""
        if kind == "movie":
            return self._movie_space(metadata.get("transfer", ""), metadata.get("primaries", ""))
        if kind == "dpx":
            return self._dpx_space(metadata.get("transfer", ""))
        if metadata.get("transfer", "") == "linear":
            return self.working_space, f"float pixels: taken as linear, in {self.working_space}"
        return self._required("an sRGB texture", _SRGB_TEXTURE), ""

    def _movie_space(self, transfer: str, primaries: str) -> tuple[str, str]:
        """A movie's space by its tags."""
        transfer, primaries = transfer or "unspecified", primaries or "unspecified"
        usual = primaries in _REC709_PRIMARIES
        if usual and (transfer in _VIDEO_CURVES or transfer == "unspecified"):
            return self._required("a camera Rec.709", _CAMERA_REC709), ""
        if found := self._found(_MOVIE_SPACES.get((transfer, "bt709" if usual else primaries), ())):
            return found, f"tagged {transfer}, {primaries}: taken as {found}"
        space = self._required("a camera Rec.709", _CAMERA_REC709)
        return space, f"tagged {transfer}, {primaries}, which {self.name} has no space for: taken as {space}"

    def _dpx_space(self, transfer: str) -> tuple[str, str]:
        """A DPX's space by its header's transfer characteristic."""
        if transfer == "linear":
            return self._required("a linear Rec.709", _LINEAR_REC709), "a linear DPX: taken as linear Rec.709"
        if transfer in ("bt709", "smpte170m", "bt470bg"):
            return self._required("a camera Rec.709", _CAMERA_REC709), ""
        log = transfer in ("log", "")
        space = (self._found(_CINEON) if log else "") or self._required("an sRGB texture", _SRGB_TEXTURE)
        return space, f"a DPX whose header says {transfer or 'nothing of its encoding'}: taken as {space}"

    def _required(self, what: str, names: Iterable[str]) -> str:
        """The first of these spaces, which must be there."""
        if found := self._found(names):
            return found
        raise RequestError(f"{self.name} has no space for {what} source; name its colourspace")

    def linear_from(self, rgb: Pixels, colourspace: str) -> Pixels:
        """The pixels in the working space, from another; nothing is clamped, NaN and infinity do not spread."""
        return self._converted(rgb, self.check(colourspace), self.working_space)

    def encoded_from_linear(self, rgb: Pixels, colourspace: str) -> Pixels:
        """The pixels in another space, from those of the working space."""
        return self._converted(rgb, self.working_space, self.check(colourspace))

    def _converted(self, rgb: Pixels, source: str, target: str) -> Pixels:
        """The pixels brought from one space to another."""
        try:
            # Lossless: the faster levels swap curves for approximations that clamp.
            made = self._config.getProcessor(source, target)
            processor = made.getOptimizedCPUProcessor(PyOpenColorIO.OPTIMIZATION_LOSSLESS)
            if source == target or processor.isNoOp():
                return rgb
            converted = np.array(rgb, np.float32, order="C", copy=True)
            odd = ~np.isfinite(converted)
            strange = bool(odd.any())
            if strange:
                converted[odd] = 0
            processor.applyRGB(converted)
        except _FAULTS as error:
            raise PlateError(f"colour: {source} to {target} in {self.name} fails ({error}); name another") from error
        if strange:
            converted[odd] = rgb[odd]
        return converted

    def chromaticities(self, colourspace: str) -> Chromaticities | None:
        """The primaries and white of a linear space as EXR states them; None where they are not known."""
        name = self.check(colourspace)
        return next((values for names, values in _LINEAR_SPACES if self._found(names) == name), None)

    def primaries_of(self, colourspace: str) -> Chromaticities:
        """The primaries and white of a plate from such a source: its own where it is linear, else the working space's.

        Convention: those of Rec.709 where they are not known, as of data and of spaces of a studio's own.
        """
        space = colourspace if self.is_linear(colourspace) else self.working_space
        return self.chromaticities(space) or REC709

    def space_of(self, chromaticities: Sequence[float]) -> str:
        """The linear space whose primaries these are; empty for none that is known."""
        for names, values in _LINEAR_SPACES:
            if np.allclose(chromaticities, values, atol=_SAME_CHROMATICITY):
                return self._found(names)
        return ""

    def is_linear(self, colourspace: str) -> bool:
        """Whether the config calls that space scene-linear, or data."""
        space = self._config.getColorSpace(self.check(colourspace))
        return bool(space.getEncoding() in ("scene-linear", "data") or space.isData())


def log_from_linear(rgb: Pixels) -> Pixels:
    """The log encoding of scene-linear pixels, for networks: 0 is 0, 1 is 1, and every finite value has its own.

    Convention: log = asinh(x / 2e) / asinh(1 / 2e) with e = 2**-9: odd in x, so negatives go through.
    """
    log = np.arcsinh(rgb * np.float32(1 / (2 * _TOE)))
    return np.asarray(log * np.float32(1 / _LOG_OF_ONE), np.float32)


def linear_from_log(log: Pixels) -> Pixels:
    """Scene-linear pixels from their log encoding."""
    with np.errstate(over="ignore"):
        linear = np.sinh(log * np.float32(_LOG_OF_ONE)) * np.float32(2 * _TOE)
    return np.asarray(linear, np.float32)
