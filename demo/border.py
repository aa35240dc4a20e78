"""The contact sheet's reframes: where the window lies, what came through it, and what its border is made of."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from demo.display import Display
from demo.layout import CELL_WIDTH, MARK, Cell, Section
from interneg.operators.reframe import Framing, Mapping, framing_at, mapping_of
from interneg.plates.exr import read_channels, read_exr
from interneg.plates.frames import parse_pattern

Pixels = npt.NDArray[np.float32]
Rgb8 = npt.NDArray[np.uint8]

_SEEN, _MADE_UP = (60, 210, 110), (235, 60, 200)
_STRENGTH = 0.45  # of the tint: the picture still shows
_SURROUND = 0.12  # of the frame's size, about a plate whose window leaves it
_SURROUND_GREY = 46
_CLOSE_UP_SHARE = 0.25  # of the frame's size


@dataclass(frozen=True)
class ReframedShot:
    """A reframe that was delivered."""

    name: str
    plate: str
    result: str
    numbers: tuple[int, ...]
    keys: tuple[Framing, ...]


def reframe_section(reframed: ReframedShot, display: Display) -> Section:
    """Its middle and last frame: the window on the plate, what came through it, and the border marked."""
    numbers = reframed.numbers
    chosen = sorted({numbers[len(numbers) // 2], numbers[-1]})
    said = (
        f"Frames {numbers[0]}-{numbers[-1]}, a keyed push-in that leaves the frame. The border marked: green was "
        "seen in other frames, magenta is made up."
    )
    return Section(f"Reframe: {reframed.name}", said, tuple(_row(reframed, number, display) for number in chosen))


def _row(reframed: ReframedShot, number: int, display: Display) -> tuple[Cell, ...]:
    before = read_exr(parse_pattern(reframed.plate).path(number))
    after = parse_pattern(reframed.result).path(number)
    layers = read_channels(after, ("seen.A", "synthesised.A"))
    share = np.stack([layers["seen.A"], layers["synthesised.A"]], axis=-1)
    framing = framing_at(reframed.keys, number)
    mapping = mapping_of(framing, before.width, before.height, before.pixel_aspect)
    result = display.shown(read_exr(after).rgb)
    marked = _tinted(result, share)
    rows, columns = _close_up(share.sum(axis=-1))
    zoom = f"{100 * CELL_WIDTH / (columns.stop - columns.start):.0f} %"
    return (
        Cell(f"frame {number}, {_said(framing)}", _windowed(display.shown(before.rgb), mapping)),
        Cell("reframed", result),
        Cell("its border marked", marked),
        Cell(f"the border, {zoom}", result[rows, columns]),
        Cell("marked", marked[rows, columns]),
    )


def _said(framing: Framing) -> str:
    return f"punch-in {framing.punch_in:.2f}, pan {framing.pan:+.2f}, roll {framing.roll_degrees:+.1f}"


def _windowed(picture: Rgb8, mapping: Mapping) -> Rgb8:
    """The plate with some room about it, and the window's outline."""
    height, width = picture.shape[:2]
    top, left = round(height * _SURROUND), round(width * _SURROUND)
    room = ((top, top), (left, left), (0, 0))
    spread = np.pad(picture, room, constant_values=_SURROUND_GREY)
    corners = np.array([(0, 0), (mapping.width, 0), (mapping.width, mapping.height), (0, mapping.height)], np.float64)
    steps = np.array([mapping.across, mapping.down])
    outline = np.rint(corners @ steps + mapping.origin + (left, top)).astype(np.int32)
    cv2.polylines(spread, [outline], True, MARK, max(1, round(2 * spread.shape[1] / CELL_WIDTH)), cv2.LINE_AA)
    return spread


def _tinted(picture: Rgb8, share: Pixels) -> Rgb8:
    """The picture with its border tinted by what was seen and what was made up (H, W, 2), and outlined."""
    filled = share.sum(axis=-1, keepdims=True)
    tint = share @ np.array([_SEEN, _MADE_UP], np.float32)
    tinted: Rgb8 = np.rint(picture * (1 - _STRENGTH * filled) + _STRENGTH * tint).clip(0, 255).astype(np.uint8)
    inner = cv2.dilate((filled[..., 0] > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > (filled[..., 0] > 0)
    tinted[inner] = MARK
    return tinted


def _close_up(filled: Pixels) -> tuple[slice, slice]:
    """Rows and columns where most of the border lies."""
    height, width = filled.shape
    rows, columns = max(1, round(height * _CLOSE_UP_SHARE)), max(1, round(width * _CLOSE_UP_SHARE))
    weight = cv2.boxFilter(filled, cv2.CV_32F, (columns, rows), borderType=cv2.BORDER_CONSTANT)
    row, column = np.unravel_index(int(weight.argmax()), weight.shape)
    top = max(0, min(int(row) - rows // 2, height - rows))
    left = max(0, min(int(column) - columns // 2, width - columns))
    return slice(top, top + rows), slice(left, left + columns)
