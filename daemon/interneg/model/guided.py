"""What was found at the networks' size, brought up to the plate's size along the plate's own edges."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from interneg.model.working import GREY, Pixels, resized
from interneg.plates.colour import log_from_linear

REACH = 1  # taps to either side: what lies beyond a mixed pixel is still found
ALIKE = 0.06  # log encoding, about half a stop: what differs by more lies beyond an edge
ALONE = 1e-6  # where no tap is alike, all of them count alike
STEP = 0.12  # stops, or parts of a normal: less than that within a pixel's neighbours is no edge
LONGEST_STRIDE = 6.0  # times: a larger picture is reached by way of one a quarter of its size
WINDOW = 5  # pixels at the networks' size over which the plate may explain a change
NO_EDGE, SURE_EDGE = 0.3, 0.75  # of the change explained: an edge that a network puts a pixel off still counts
BLANK = 1e-4  # variance in log encoding that grain alone has
CHUNK = 1 << 16  # pixels whose taps stay in the processor's cache


def brought_up(values: Pixels, small: Pixels, plate: Pixels, judged: int | None = None) -> Pixels:
    """The values (h, w, C) at the plate's size (H, W, C): between the nearest ones, never beyond them.

    Where the plate itself changes with the values (a silhouette), a pixel takes from the neighbours that look like it;
    where it does not (a shadow across a pattern), the change stays smooth and the pattern has no say. At equal size
    nothing changes. Convention: small (h, w, 3) is the plate (H, W, 3) at the values' size; both scene-linear, finite,
    not negative. Edges are those of the first `judged` channels, of all where it is not given.

    References: the weights after Kopf et al., "Joint Bilateral Upsampling", 2007; how much the plate explains is the
        share of variance of He et al., "Guided Image Filtering", 2010, in linear regression.
    """
    size = (plate.shape[0], plate.shape[1])
    if values.shape[:2] == size:
        same: Pixels = np.array(values, np.float32)
        return same
    gain = _gain(small)
    guide = log_from_linear(small * gain)
    trust = _explained(values[..., :judged], guide)
    if max(size) > LONGEST_STRIDE * max(values.shape[:2]):
        between = resized(plate, (max(1, size[0] // 4), max(1, size[1] // 4)))
        values = _stride(values, guide, trust, between, gain, judged)
        guide = log_from_linear(between * gain)
    return _stride(values, guide, trust, plate, gain, judged)


def _gain(small: Pixels) -> Pixels:
    """What brings each channel to grey: the same edges are found at any exposure and white balance."""
    level = np.sqrt(small).mean(axis=(0, 1)) ** 2
    most = float(level.max())
    return np.asarray(GREY / np.maximum(level, most * 2.0**-8 if most > 0 else 1.0), np.float32)


def _explained(values: Pixels, guide: Pixels) -> Pixels:
    """How much of the values' change around each pixel (h, w) the plate's own change explains, from 0 to 1."""
    products = _mean(guide[..., :, None] * guide[..., None, :])
    middle, average = _mean(guide), _mean(values)
    spread = products - middle[..., :, None] * middle[..., None, :] + BLANK * np.eye(3, dtype=np.float32)
    shared = _mean(guide[..., :, None] * values[..., None, :]) - middle[..., :, None] * average[..., None, :]
    slopes = np.linalg.solve(spread, shared)  # (h, w, 3, C)
    explained = _mean((slopes * shared).sum(axis=(2, 3))[..., None])
    change = _mean((_mean(values**2) - average**2).sum(axis=2)[..., None])
    share = explained / np.maximum(change, 1e-6)
    return np.asarray(np.clip((share - NO_EDGE) / (SURE_EDGE - NO_EDGE), 0, 1)[..., 0], np.float32)


def _mean(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    planes = pixels.reshape(height, width, -1)
    means = [
        cv2.blur(np.ascontiguousarray(planes[..., index]), (WINDOW, WINDOW), borderType=cv2.BORDER_REPLICATE)
        for index in range(planes.shape[2])
    ]
    return np.asarray(np.stack(means, axis=-1).reshape(pixels.shape), np.float32)


def _stride(values: Pixels, guide: Pixels, trust: Pixels, plate: Pixels, gain: Pixels, judged: int | None) -> Pixels:
    """The values at the size of that plate: interpolated, and edges found anew where they lie once it is normalised."""
    height, width = plate.shape[:2]
    channels = [cv2.resize(channel, (width, height)) for channel in np.ascontiguousarray(values.transpose(2, 0, 1))]
    full = np.asarray(cv2.merge(channels), np.float32).reshape(height, width, -1)
    trust = resized(trust[..., None], values.shape[:2])[..., 0]
    edges = (_edges(values[..., :judged]) & (trust > 0)).astype(np.uint8)
    rows, columns = np.nonzero(cv2.resize(edges, (width, height), interpolation=cv2.INTER_NEAREST))
    down, across = _Taps.along(values.shape[0], height), _Taps.along(values.shape[1], width)
    known = values.reshape(-1, values.shape[2])
    for first in range(0, len(rows), CHUNK):
        some = (rows[first : first + CHUNK], columns[first : first + CHUNK])
        seen = log_from_linear(plate[some] * gain)
        taps, weights = _around(down, across, some)
        alike = weights * _likeness(seen, guide.reshape(-1, 3), taps)
        alike /= alike.sum(axis=1, keepdims=True)
        chosen = np.einsum("nt,ntc->nc", alike, known[taps])
        say = trust[down.nearest[some[0]], across.nearest[some[1]]][:, None]
        full[some] += say * (chosen - full[some])
    return full


def _edges(values: Pixels) -> npt.NDArray[np.bool_]:
    """Where the values change by more than a step among neighbours."""
    kernel = np.ones((3, 3), np.uint8)
    planes = np.ascontiguousarray(values.transpose(2, 0, 1))
    steps = [cv2.dilate(plane, kernel) - cv2.erode(plane, kernel) > STEP for plane in planes]
    return np.asarray(np.any(steps, axis=0), np.bool_)


@dataclass(frozen=True, eq=False)
class _Taps:
    """Where the values around each place along a side of `count` of them lie.

    Convention: `indices` (N, 3), `weights` (N, 3) by distance, and the `nearest` (N,).
    """

    count: int
    indices: npt.NDArray[np.intp]
    weights: Pixels
    nearest: npt.NDArray[np.intp]

    @classmethod
    def along(cls, low: int, high: int) -> _Taps:
        """Those of a side of so many values that is brought up to so many pixels."""
        at = (np.arange(high) + 0.5) * (low / high) - 0.5
        tap = np.rint(at).astype(np.intp)[:, None] + np.arange(-REACH, REACH + 1)
        weights = np.maximum(REACH + 0.5 - np.abs(tap - at[:, None]), 0).astype(np.float32)
        return cls(low, np.clip(tap, 0, low - 1), weights, np.clip(np.rint(at).astype(np.intp), 0, low - 1))


def _around(
    down: _Taps, across: _Taps, pixels: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
) -> tuple[npt.NDArray[np.intp], Pixels]:
    """The flat indices (N, 9) of the values around each pixel, and their weights."""
    rows, columns = pixels
    taps = down.indices[rows][:, :, None] * across.count + across.indices[columns][:, None, :]
    weights = down.weights[rows][:, :, None] * across.weights[columns][:, None, :]
    return taps.reshape(len(rows), -1), weights.reshape(len(rows), -1)


def _likeness(seen: Pixels, guide: Pixels, taps: npt.NDArray[np.intp]) -> Pixels:
    """How alike each pixel (N, 3) and its taps look (N, 9), in (0, 1]."""
    apart = guide[taps] - seen[:, None]
    squared = np.einsum("ntc,ntc->nt", apart, apart)
    return np.asarray(np.exp(squared * np.float32(-0.5 / ALIKE**2)) + np.float32(ALONE), np.float32)
