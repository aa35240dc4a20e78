"""Reframe, frame by frame: another window on the plate, its border from neighbouring frames where they saw it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from interneg.errors import PlateError
from interneg.operators.motion import View
from interneg.operators.reframe import Framing, Mapping, framing_at, mapping_of, overflow
from interneg.operators.resample import LOBES, inside_of, nearest_of, resampled
from interneg.plates.plate import FinishedFrame, Plate
from interneg.plates.source import PlateSource
from interneg.production.provenance import FrameRecord
from interneg.resident.answer import Answer, notices_of
from interneg.resident.filling import Filler, filled
from interneg.resident.shot import Shot, ShotFrame, view_of
from interneg.resident.wish import ReframeWish, RenderWish
from interneg.restraints import check_fill, check_frame, check_mattes

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

FURTHEST = 0.25  # of the plate's width and height: what lies beyond is left black, not invented


@dataclass(frozen=True)
class _Canvas:
    """The display window with a border around it: left, top, right, bottom, in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    def spread(self, plane: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """The plane (H, W[, C]) with that border, zero there."""
        edges = ((self.top, self.bottom), (self.left, self.right), (0, 0))
        return np.pad(plane, edges[: plane.ndim])


@dataclass(frozen=True, eq=False)
class _Window:
    """One frame's reframed window: where its pixels come from, what lies inside the source, and the source's pixels.

    Convention: `source` (H, W, 3) is the display window (or the data window where it is larger), `mapping` counts from
        its corner.
    """

    mapping: Mapping
    inside: Matte
    source: Pixels


@dataclass(frozen=True, eq=False)
class _Border:
    """The output's border: linear (M, 3) and whether seen, made up, or left black (M,), by `np.nonzero(~inside)`."""

    linear: Pixels
    seen: Pixels
    synthesised: Pixels


@dataclass(frozen=True, eq=False)
class Reframing:
    """A reframe of one shot."""

    wish: RenderWish
    operator: ReframeWish
    shot: Shot
    filler: Filler

    def answered(self, number: int) -> Answer:
        """That frame through its window; the neutral window gives the source's own bits.

        Raises:
            MissingFrameError: the frame is not there.
            PlateError: it cannot be read.
            RestraintError: a value left the range of its source pixels, or the border broke the rules of a fill.
        """
        frame = self.shot.frame(number)
        framing = framing_at(self.operator.keys, number)
        if framing.is_neutral:
            return self._untouched(frame, framing)
        plate = frame.plate
        window = _window_of(plate, framing)
        rgb, low, high = _looked_through(window)
        border = self._border(number, frame, window)
        rgb[~window.inside] = border.linear
        check_frame(rgb, low, high, window.inside)
        return self._delivered(frame, framing, window, (rgb, border))

    def close(self) -> None:
        """Lets go of the file."""
        self.shot.close()

    def _untouched(self, frame: ShotFrame, framing: Framing) -> Answer:
        plate = frame.plate
        nothing = np.zeros((plate.height, plate.width), np.float32)
        record = self._record(framing, frame, (0.0, 0.0))
        layers = {"seen.A": nothing, "synthesised.A": nothing}
        finished = FinishedFrame(plate, plate.rgb, plate.data_window, nothing > 0, layers, record=record)
        return Answer(finished, 0.0, 0.0, notices_of(plate))

    def _border(self, number: int, frame: ShotFrame, window: _Window) -> _Border:
        count = int((~window.inside).sum())
        nothing = _Border(np.zeros((count, 3), np.float32), np.zeros(count, np.float32), np.zeros(count, np.float32))
        if not count:
            return nothing
        height, width = window.source.shape[:2]
        canvas = _canvas_of(window.mapping, width, height)
        mapping = window.mapping.moved(-canvas.left, -canvas.top)
        target = _spread_view(frame, canvas)
        visible = _visible(mapping, target.hole.shape, window.inside) & target.hole
        target = View(target.frame, target.log, visible, target.there)
        if not visible.any():
            return nothing

        def neighbour(offset: int) -> View | None:
            other = self.shot.neighbour(number + offset)
            return _spread_view(other, canvas) if other else None

        fill = filled(target, neighbour, self.filler, is_border=True)
        before = np.asarray(canvas.spread(window.source), np.float32)
        after = before.copy()
        after[visible] = fill.linear
        check_fill(before, after, fill.log, fill.evidence)
        return _border_from(after, visible, fill.synthesised, (mapping, window.inside))

    def _delivered(self, frame: ShotFrame, framing: Framing, window: _Window, answer: tuple[Pixels, _Border]) -> Answer:
        plate, (rgb, border) = frame.plate, answer
        outside = ~window.inside
        seen, synthesised = np.zeros(outside.shape, np.float32), np.zeros(outside.shape, np.float32)
        seen[outside], synthesised[outside] = border.seen, border.synthesised
        check_mattes(seen, synthesised, (seen + synthesised) > 0)
        count = max(1, len(border.seen))
        shares = (float(border.seen.sum()) / count, float(border.synthesised.sum()) / count)
        finished = FinishedFrame(
            plate,
            rgb,
            plate.display_window,
            layers={"seen.A": seen, "synthesised.A": synthesised},
            other=_carried(plate, window),
            record=self._record(framing, frame, shares),
        )
        return Answer(finished, *shares, notices=(*notices_of(plate), *_told(outside, border)))

    def _record(self, framing: Framing, frame: ShotFrame, shares: tuple[float, float]) -> dict[str, str]:
        record = FrameRecord(
            operator="reframe",
            frame=frame.view.frame,
            parameters={key: value for key, value in asdict(framing).items() if key != "frame"},
            seed=self.wish.seed,
            answered=self.filler.experts.answered,
            seen=shares[0],
            synthesised=shares[1],
            production=self.wish.show,
        )
        return record.attributes()


def reframing_of(wish: RenderWish, operator: ReframeWish, source: PlateSource, filler: Filler) -> Reframing:
    """A reframe of that shot."""

    def seen(number: int, plate: Plate) -> tuple[View, None]:
        nothing = np.zeros(plate.rgb.shape[:2], bool)
        return view_of(number, plate, nothing), None

    return Reframing(wish, operator, Shot(source, seen), filler)


def _over_display(plate: Plate, pixels: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Pixels of the data window (H, W[, C]) over the display window and all that lies outside it: black in between."""
    data, display = plate.data_window, plate.display_window
    before = (max(0, data.y_min - display.y_min), max(0, data.x_min - display.x_min))
    after = (max(0, display.y_max - data.y_max), max(0, display.x_max - data.x_max))
    edges = ((before[0], after[0]), (before[1], after[1]), (0, 0))
    return np.pad(pixels, edges[: pixels.ndim])


def _window_of(plate: Plate, framing: Framing) -> _Window:
    display, data = plate.display_window, plate.data_window
    source = np.asarray(_over_display(plate, plate.rgb), np.float32)
    corner = (min(data.x_min, display.x_min) - display.x_min, min(data.y_min, display.y_min) - display.y_min)
    mapping = mapping_of(framing, display.width, display.height, plate.pixel_aspect).moved(*corner)
    return _Window(mapping, inside_of(mapping, source.shape[1], source.shape[0]), source)


def _looked_through(window: _Window) -> tuple[Pixels, Pixels, Pixels]:
    """The source through the window, and the range each value must keep."""
    seen = resampled(window.source, window.mapping)
    return seen.pixels, seen.low, seen.high


def _canvas_of(mapping: Mapping, width: int, height: int) -> _Canvas:
    left, top, right, bottom = (beyond + LOBES + 1 if beyond else 0 for beyond in overflow(mapping, width, height))
    across, down = int(width * FURTHEST), int(height * FURTHEST)
    return _Canvas(min(left, across), min(top, down), min(right, across), min(bottom, down))


def _spread_view(frame: ShotFrame, canvas: _Canvas) -> View:
    """The frame on the canvas: its border is a hole, black outside the data window is a fact."""
    view, plate = frame.view, frame.plate
    size = _over_display(plate, plate.rgb[..., 0]).shape
    ones = np.ones(size, bool)
    not_finite = np.asarray(_over_display(plate, ~view.there), bool)
    log = np.asarray(canvas.spread(_over_display(plate, view.log)), np.float32)
    known = np.asarray(canvas.spread(ones & ~not_finite), bool)
    return View(view.frame, log, ~np.asarray(canvas.spread(ones), bool), known)


def _visible(mapping: Mapping, size: tuple[int, ...], inside: Matte) -> Matte:
    """Which canvas pixels the output's border is made of, with the kernel's reach."""
    x, y = mapping.columns_and_rows(0, mapping.height)
    reduction = max(1.0, float(np.hypot(*mapping.across)), float(np.hypot(*mapping.down)))
    reach = int(np.ceil(LOBES * reduction))
    marked = np.zeros((size[0] + 2 * reach, size[1] + 2 * reach), np.int32)
    rows = np.floor(y[~inside] + 0.5).astype(np.intp) + reach
    columns = np.floor(x[~inside] + 0.5).astype(np.intp) + reach
    there = (rows >= 0) & (rows < marked.shape[0]) & (columns >= 0) & (columns < marked.shape[1])
    marked[rows[there], columns[there]] = 1
    summed = np.pad(marked.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    span = 2 * reach + 1
    total = summed[span:, span:] - summed[:-span, span:] - summed[span:, :-span] + summed[:-span, :-span]
    return np.asarray(total > 0)


def _border_from(canvas: Pixels, visible: Matte, made_up: Pixels, where: tuple[Mapping, Matte]) -> _Border:
    """The output's border through the same window, from the filled canvas."""
    mapping, inside = where
    share = np.zeros(visible.shape, np.float32)
    share[visible] = made_up
    picture = resampled(canvas, mapping).pixels[~inside]
    nearest = nearest_of(np.stack([share, visible], axis=-1), mapping, 0, mapping.height)[~inside]
    filled_there = inside_of(mapping, canvas.shape[1], canvas.shape[0])[~inside]
    filled_there &= (nearest[:, 1] > 0) & np.isfinite(picture).all(axis=1)
    synthesised = np.where(filled_there, nearest[:, 0], 0).astype(np.float32)
    seen = np.where(filled_there, 1 - nearest[:, 0], 0).astype(np.float32)
    return _Border(np.where(filled_there[:, None], picture, 0).astype(np.float32), seen, synthesised)


def _carried(plate: Plate, window: _Window) -> dict[str, Pixels]:
    """Alpha and the other layers through the same window; whole numbers (ids) by their nearest pixel."""
    if plate.origin is None:
        return {}
    root = plate.origin.parts[plate.origin.root]
    carried: dict[str, Pixels] = {}
    for name, channel in root.channels.items():
        if name in plate.origin.colour:
            continue
        if channel.x_sampling != 1 or channel.y_sampling != 1:
            raise PlateError(f"channel {name} is subsampled: it cannot be reframed; deliver the plate without it")
        plane = np.asarray(_over_display(plate, channel.pixels))[..., None]
        if plane.dtype == np.uint32:
            carried[name] = nearest_of(plane, window.mapping, 0, window.mapping.height)[..., 0]
        else:
            carried[name] = resampled(plane.astype(np.float32), window.mapping).pixels[..., 0]
    return carried


def _told(outside: Matte, border: _Border) -> tuple[str, ...]:
    if not outside.any():
        return ()
    size = outside.size
    black = int((border.seen + border.synthesised == 0).sum())
    text = (
        f"{outside.sum() / size:.1%} of the frame lies beyond the plate: {border.seen.sum() / size:.1%} seen in other "
        f"frames, {border.synthesised.sum() / size:.1%} made up"
    )
    return (text + (f", {black / size:.1%} left black" if black else ""),)
