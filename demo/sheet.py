"""The contact sheet: what was shot, what was asked to go, what came back, and what was truly there."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from demo.border import ReframedShot, reframe_section
from demo.display import Display
from demo.layout import CELL_WIDTH, MARK, Cell, Section, page, write_page
from demo.sample import Shot
from demo.score import Pixels, Score, ShotFrame, coded, linear_from_coded, read_frames, telea

Rgb8 = npt.NDArray[np.uint8]

CLOSE_UP = 3  # times the plate's own pixels


@dataclass(frozen=True)
class CleanedShot:
    """A clean that was delivered, and its score."""

    shot: Shot
    result: str
    numbers: tuple[int, ...]
    score: Score


def write_sheet(
    path: Path, said: str, cleaned: Sequence[CleanedShot], reframed: Sequence[ReframedShot], ocio: str | None
) -> None:
    """Writes the contact sheet of all that was delivered."""
    display = Display(ocio)
    sections = [_clean_section(shot, display, ocio) for shot in cleaned]
    sections += [reframe_section(shot, display) for shot in reframed]
    write_page(path, page("Interneg demo", f"{said}  Shown through {display.view}.", sections))


def _clean_section(cleaned: CleanedShot, display: Display, ocio: str | None) -> Section:
    """A cleaned shot: its middle frame whole, then close up where it is hardest and where it went least well."""
    numbers = cleaned.numbers
    middle = numbers[len(numbers) // 2]
    frames = read_frames(cleaned.shot, cleaned.result, numbers, ocio)
    whole = next(frame for frame in frames if frame.number == middle)
    worst = max(frames, key=lambda frame: float(_error(frame).max()))
    hardest, furthest = _place(_detail(whole), whole), _place(_error(worst), worst)
    rows = (
        _whole_row(whole, display, hardest),
        _close_row(whole, display, hardest, "most detail"),
        _close_row(worst, display, furthest, "furthest off"),
    )
    score = cleaned.score
    said = (
        f"Frames {numbers[0]}-{numbers[-1]}. In the matte against the truth: Interneg {score.clean_db:.2f} dB, "
        f"OpenCV's Telea {score.telea_db:.2f} dB."
    )
    return Section(f"Clean: {cleaned.shot.name}", said, rows)


def _whole_row(frame: ShotFrame, display: Display, place: tuple[int, int]) -> tuple[Cell, ...]:
    plate, *others = _pictures(frame, display)
    height, width = _window_size(frame)
    top, left = place
    thick = max(1, round(2 * plate.shape[1] / CELL_WIDTH))
    marked = np.ascontiguousarray(plate)
    cv2.rectangle(marked, (left, top), (left + width - 1, top + height - 1), MARK, thick)
    captions = (f"plate, frame {frame.number}", "matte", "OpenCV's Telea", "Interneg's clean", "truth")
    return tuple(Cell(caption, picture) for caption, picture in zip(captions, (marked, *others), strict=True))


def _close_row(frame: ShotFrame, display: Display, place: tuple[int, int], why: str) -> tuple[Cell, ...]:
    (height, width), (top, left) = _window_size(frame), place
    captions = (f"plate, frame {frame.number}, {CLOSE_UP}00 %, {why}", "matte", "Telea", "Interneg", "truth")
    return tuple(
        Cell(caption, picture[top : top + height, left : left + width])
        for caption, picture in zip(captions, _pictures(frame, display), strict=True)
    )


def _pictures(frame: ShotFrame, display: Display) -> list[Rgb8]:
    """Plate, matte, Telea's, ours, truth."""
    matte = np.repeat(np.rint(frame.matte * 255).astype(np.uint8)[..., None], 3, axis=2)
    filled = np.where((frame.matte > 0)[..., None], linear_from_coded(telea(frame.plate, frame.matte)), frame.plate)
    theirs, ours, truth = (display.shown(rgb) for rgb in (filled, frame.result, frame.truth))
    return [display.shown(frame.plate), matte, theirs, ours, truth]


def _window_size(frame: ShotFrame) -> tuple[int, int]:
    """Rows and columns of a close-up, of the frame's own shape."""
    height, width = frame.matte.shape
    columns = min(width, CELL_WIDTH // CLOSE_UP)
    return max(1, min(height, round(columns * height / width))), columns


def _error(frame: ShotFrame) -> Pixels:
    """How far the result is from the truth in the matte, gathered about each pixel as a close-up's eye would."""
    return _gathered(((coded(frame.result) - coded(frame.truth)) ** 2).sum(axis=2) * (frame.matte > 0), frame)


def _detail(frame: ShotFrame) -> Pixels:
    """How much there is behind the wires, gathered likewise; grain is blurred away first."""
    soft = cv2.GaussianBlur(coded(frame.truth), (0, 0), 1.5)
    edges = sum(cv2.Sobel(soft, cv2.CV_32F, *along) ** 2 for along in ((1, 0), (0, 1)))
    return _gathered(np.asarray(edges, np.float32).sum(axis=2) * frame.matte, frame)


def _gathered(plane: Pixels, frame: ShotFrame) -> Pixels:
    spread = _window_size(frame)[0] / 4  # what is in a close-up's middle counts most
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), max(1.0, spread), borderType=cv2.BORDER_CONSTANT), np.float32)


def _place(weight: Pixels, frame: ShotFrame) -> tuple[int, int]:
    """Top and left of the close-up about the heaviest pixel, within the frame."""
    row, column = np.unravel_index(int(weight.argmax()), weight.shape)
    height, width = _window_size(frame)
    return _within(int(row), height, weight.shape[0]), _within(int(column), width, weight.shape[1])


def _within(centre: int, size: int, whole: int) -> int:
    return max(0, min(centre - size // 2, whole - size))
