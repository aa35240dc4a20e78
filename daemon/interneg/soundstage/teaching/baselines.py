"""What each expert is measured against, at its best."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from interneg.errors import NotFoundError
from interneg.operators.spatial import bridged, filled_across
from interneg.plates.colour import log_from_linear
from interneg.soundstage.teaching.measures import level, psnr, tone

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

WIRE_WIDTHS = (1, 2, 3, 4, 5, 6)  # pixels, half of the widths that are looked for
HAT_WIDTHS = (5, 9, 15)  # pixels; each is tried as a baseline of its own
GAIN_STOPS = 8.0  # the best single gain is looked for this far either way
INPAINT_RADIUS = 5  # pixels, as it is mostly used


def flat_normals(height: int, width: int) -> Pixels:
    """Every surface facing the camera."""
    normal = np.zeros((height, width, 3), np.float32)
    normal[..., 2] = 1
    return normal


def best_single_gain(plate: Pixels, target: Pixels, to_grey: float) -> Pixels:
    """The plate times the one gain that brings it nearest to the target, which only an oracle knows.

    Convention: `to_grey` is the gain at which both are judged.
    """
    wanted = tone(target * np.float32(to_grey))

    def nearness(stops: float) -> float:
        return psnr(tone(plate * np.float32(to_grey * 2.0**stops)), wanted)

    best, step = 0.0, 1.0
    tried = np.arange(-GAIN_STOPS, GAIN_STOPS + step)
    while step > 0.002:  # thousandths of a stop change no digit that is printed
        best = float(max(tried, key=nearness))
        tried, step = best + np.linspace(-step, step, 9), step / 4
    return np.asarray(plate * np.float32(2.0**best), np.float32)


def best_gain_by_channel(plate: Pixels, target: Pixels, to_grey: float) -> Pixels:
    """The same with a gain of its own for each channel: an oracle of colour too."""
    channels = [best_single_gain(plate[..., [index]], target[..., [index]], to_grey) for index in range(3)]
    return np.concatenate(channels, axis=-1)


def ridges(plate: Pixels) -> dict[str, Pixels]:
    """Mattes of thin things by classical means, each in [0, 1]: Frangi and black-hat, dark wires alone and bright too.

    Convention: the values are not comparable between methods; each is cut at a threshold of its own.

    References: Frangi et al., "Multiscale vessel enhancement filtering", 1998; black-hat: Meyer, 1979.

    Raises:
        NotFoundError: scikit-image is not installed.
    """
    grey = log_from_linear((plate * np.float32(level(plate))).mean(axis=-1))
    dark, bright = (_frangi(grey, is_dark=is_dark) for is_dark in (True, False))
    found = {"Frangi, dark": dark, "Frangi": np.maximum(dark, bright)}
    for width in HAT_WIDTHS:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
        black, top = (cv2.morphologyEx(grey, way, kernel) for way in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT))
        found[f"black-hat {width}"] = np.clip(black, 0, 1)
        found[f"black- and top-hat {width}"] = np.clip(np.maximum(black, top), 0, 1)
    return {name: np.asarray(matte, np.float32) for name, matte in found.items()}


def _frangi(grey: Pixels, *, is_dark: bool) -> Pixels:
    try:
        from skimage.filters import frangi
    except ImportError as error:
        raise NotFoundError("The score needs scikit-image: pip install 'interneg[soundstage]'.") from error
    found = frangi(grey, sigmas=WIRE_WIDTHS, black_ridges=is_dark)
    return np.asarray(np.clip(found, 0, 1) ** 0.25, np.float32)  # spread, so that steps of a threshold are fine enough


def inpainted(plate: Pixels, hole: Matte) -> dict[str, Pixels]:
    """The hole's pixels (N, 3) by Telea and by Navier-Stokes, as tone codes: on 8 bits, as they are used.

    References: Telea, 2004; Bertalmio, Bertozzi and Sapiro, 2001.
    """
    picture, marked = np.rint(np.clip(tone(plate), 0, 1) * 255).astype(np.uint8), hole.astype(np.uint8)
    methods = {"Telea": cv2.INPAINT_TELEA, "Navier-Stokes": cv2.INPAINT_NS}
    return {
        name: np.asarray(cv2.inpaint(picture, marked, INPAINT_RADIUS, method)[hole] / np.float32(255), np.float32)
        for name, method in methods.items()
    }


def bridged_across(log_plate: Pixels, hole: Matte) -> Pixels:
    """The hole's pixels (N, 3) in log by the classical bridge, as the daemon fills without a network."""
    known = np.where(hole[..., None], 0, log_plate).astype(np.float32)
    return filled_across(known, hole, bridged(known, hole))
