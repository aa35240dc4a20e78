"""Pictures in a grid with captions, on one dark page with even margins."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from interneg.errors import PlateError

Rgb8 = npt.NDArray[np.uint8]

CELL_WIDTH = 480
MARK = (255, 190, 40)
MARGIN = 32
_GUTTER = 12
_TITLE, _HEADING, _CAPTION = 44, 32, 20  # pixels of type
_WEIGHT = 450
_PAGE, _INK, _FAINT = (24, 24, 26), (240, 240, 240), (180, 180, 184)


@dataclass(frozen=True, eq=False)
class Cell:
    """A picture of any size and what is said below it."""

    caption: str
    picture: Rgb8


@dataclass(frozen=True, eq=False)
class Section:
    """Rows of cells under one heading."""

    heading: str
    said: str
    rows: tuple[tuple[Cell, ...], ...]


def page(title: str, said: str, sections: Sequence[Section]) -> Rgb8:
    """The sections one below the other, every picture brought to one width."""
    strips = [_words(title, said, _TITLE, _wide(sections))]
    for section in sections:
        strips.append(_words(section.heading, section.said, _HEADING, _wide(sections)))
        strips += [_row(row, _wide(sections)) for row in section.rows]
    strips.append(_blank(MARGIN - _GUTTER, _wide(sections)))
    return np.concatenate(strips)


def write_page(path: Path, picture: Rgb8) -> None:
    """Writes the page as PNG.

    Raises:
        PlateError: it cannot be written.
    """
    if not cv2.imwrite(str(path), picture[..., ::-1]):
        raise PlateError(f"{path} cannot be written: free some space, or let the folder be written to")


def fitted(picture: Rgb8, width: int = CELL_WIDTH) -> Rgb8:
    """The picture brought to that width: averaged when smaller, its own pixels shown when larger."""
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    way = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(picture, (width, height), interpolation=way), np.uint8)


def _wide(sections: Sequence[Section]) -> int:
    most = max((len(row) for section in sections for row in section.rows), default=1)
    return 2 * MARGIN + most * CELL_WIDTH + (most - 1) * _GUTTER


def _blank(height: int, width: int) -> Rgb8:
    return np.full((height, width, 3), _PAGE, np.uint8)


def _words(heading: str, said: str, size: int, width: int) -> Rgb8:
    """A heading with a sentence below it."""
    strip = _blank(round(size * 1.3) + 2 * _CAPTION + MARGIN, width)
    base = MARGIN // 2 + size
    _write(strip, heading, (MARGIN, base), size, _INK)
    _write(strip, said, (MARGIN, base + round(1.75 * _CAPTION)), _CAPTION, _FAINT)
    return strip


def _row(cells: Sequence[Cell], width: int) -> Rgb8:
    """Cells side by side, each with its caption."""
    pictures = [fitted(cell.picture) for cell in cells]
    tallest = max(picture.shape[0] for picture in pictures)
    strip = _blank(tallest + 2 * _CAPTION + _GUTTER, width)
    for index, (cell, picture) in enumerate(zip(cells, pictures, strict=True)):
        left = MARGIN + index * (CELL_WIDTH + _GUTTER)
        strip[: picture.shape[0], left : left + CELL_WIDTH] = picture
        _write(strip, cell.caption, (left, tallest + round(1.35 * _CAPTION)), _CAPTION, _FAINT)
    return strip


def _write(strip: Rgb8, text: str, place: tuple[int, int], size: int, ink: tuple[int, int, int]) -> None:
    cv2.putText(strip, text, place, ink, cv2.FontFace("sans"), size, _WEIGHT)
