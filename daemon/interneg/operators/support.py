"""Whether a motion fits: the known pixels around a hole's pixel, those that look like it above all, moved by it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.motion import View, Working
from interneg.operators.spatial import Bridge

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

TAPS = np.arange(-2, 3)  # steps in each direction
STEP = 2  # working pixels at least: past a wire's width, within a small thing's
ALIKE = 0.15  # log units: what differs more from the hole's pixel lies on another thing
NEAR = 2.0  # steps
FEWEST = 0.3  # weight of known pixels below which nothing can be said
UNKNOWN = 1.0  # error where nothing can be said of any pixel
ELSEWHERE = 0.75  # quantile of the others' errors that a pixel has of which nothing can be said


@dataclass(frozen=True, eq=False)
class Support:
    """The known pixels around each pixel of a hole, at working size: full pixels in one working pixel share them.

    Convention: `cell` (N,) the working pixel that each of the bridge's pixels lies in, of C; `rows`, `columns` (C, T),
        `log` (C, T, 3), `weight` (C, T), 0 where not known.

    References: Yoon and Kweon, "Adaptive Support-Weight Approach for Correspondence Search", 2006; the likeness is
        taken to the spatial guess, since the pixel itself is hidden.
    """

    bridge: Bridge
    cell: Indices
    rows: Indices
    columns: Indices
    log: Pixels
    weight: Pixels

    def at(self, chosen: Matte) -> Support:
        """The support of some of the hole's pixels."""
        if chosen.all():
            return self
        return replace(self, bridge=self.bridge.at(chosen), cell=self.cell[chosen])

    def error_of(self, source: Working, flow: Pixels, offset: Pixels) -> Pixels:
        """How badly the source, moved by each pixel's own flow (N, 2) and offset (N, 3), fits its support, (N,) log."""
        height, width = source.known.shape
        used = np.flatnonzero(np.bincount(self.cell, minlength=len(self.rows)))
        place = np.zeros(len(self.rows), np.intp)
        place[used] = np.arange(len(used))
        own = place[self.cell]
        flow, offset = _means(flow, own, len(used)), _means(offset, own, len(used))
        rows = np.rint(self.rows[used] + flow[:, 1:2]).astype(np.intp)
        columns = np.rint(self.columns[used] + flow[:, 0:1]).astype(np.intp)
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        flat = np.where(inside, rows * width + columns, 0)
        weight = self.weight[used] * inside * source.known.ravel()[flat]
        shown = source.log.reshape(-1, 3)[flat]
        difference = np.abs(self.log[used] - shown - offset[:, None]).mean(axis=-1)
        total = weight.sum(axis=1)
        error = (difference * weight).sum(axis=1) / np.maximum(total, 1e-6)
        told = total > FEWEST
        elsewhere = float(np.quantile(error[told], ELSEWHERE)) if told.any() else UNKNOWN
        unsure = np.maximum(elsewhere, _means(self.bridge.confidence[:, None], own, len(used))[:, 0])
        return np.where(told, error, unsure).astype(np.float32)[own]


def support_of(target: View, bridge: Bridge, spatial: Pixels) -> Support:
    """The support of the bridge's pixels; `spatial` (N, 3) is what they probably look like."""
    working, scale = target.working, target.working.scale
    down, across = (taps.ravel() for taps in np.meshgrid(TAPS, TAPS, indexing="ij"))
    height, width = working.known.shape
    place = np.minimum(bridge.rows // scale, height - 1) * width + np.minimum(bridge.columns // scale, width - 1)
    places, cell = np.unique(place, return_inverse=True)
    row, column = places // width, places % width
    depth = cv2.distanceTransform((working.known < 1).astype(np.uint8), cv2.DIST_L2, 3)[row, column]
    depth = np.minimum(depth, max(height, width))  # where nothing is known OpenCV's distance is beyond all numbers
    step = np.maximum(STEP, np.rint((depth + 4) / 2)).astype(np.intp)[:, None]  # 4: the outer taps stand outside
    rows, columns = row[:, None] + down * step, column[:, None] + across * step
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    flat = np.where(inside, rows * width + columns, 0)
    log = working.log.reshape(-1, 3)[flat]
    unlike = np.abs(log - _means(spatial, cell, len(places))[:, None]).mean(axis=-1)
    near = np.exp(-(down**2 + across**2) / (2 * NEAR**2))
    weight = inside * working.known.ravel()[flat] * near * np.exp(-unlike / ALIKE)
    if target.performers is not None:  # what a performer does says nothing of what is behind him
        layer = target.performers[::scale, ::scale].ravel()
        weight = weight * (layer[flat] == layer[row * width + column][:, None])
    return Support(bridge, cell, rows, columns, log, weight.astype(np.float32))


def _means(values: Pixels, cell: Indices, count: int) -> Pixels:
    """The mean of the values (N, K) in each cell, (count, K)."""
    share = 1 / np.maximum(np.bincount(cell, minlength=count), 1)
    sums = [np.bincount(cell, weights=column, minlength=count) * share for column in values.T]
    return np.stack(sums, axis=1).astype(np.float32)
