"""Clean on a locked-off shot: a person walks through a set that is known empty, and is taken out whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from bench.clean import Decibels, code_of, inpainted, neighbours_in, psnr
from interneg.operators.candidates import gathered
from interneg.operators.motion import View
from interneg.plates.colour import ColourConfig, linear_from_log, log_from_linear
from interneg.plates.source import open_source

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

PATH = "plate_onebyone/one-by-one-person-detection.mp4"
FOREIGN = 0.035  # of the code's range: what differs more from the empty set is the person, or the shadow


@dataclass(frozen=True)
class Walk:
    """A stretch of the clip, the stretch of it in which the set is empty, and the frames that are measured."""

    frames: range
    empty: range
    measured: tuple[int, ...]


WALKS = (  # the empty stretches are those of the footage's own truth.json, counted from 1
    Walk(range(1, 230), range(205, 226), (80, 110, 140, 180)),
    Walk(range(455, 745), range(707, 744), (530, 590, 650)),
)


def measured(walk: Walk, footage: Path) -> Decibels:
    """PSNR in the matte of log2(1 + 16 x) / log2(65): Telea, NS, the shot's temporal median, and the classical fill.

    Convention: the truth is the median of the empty stretch at the frame's own exposure, told by the pixels outside
        the matte; the peer's median is brought to it in the same way.
    """
    logs, views = stretch_of(walk, footage)
    truth = np.median(np.stack([logs[frame] for frame in walk.empty[::2]]), axis=0)
    median = np.median(np.stack([logs[frame] for frame in walk.frames[::3]]), axis=0)
    decibels: Decibels = {}
    for frame in walk.measured:
        view = views[frame]
        code, wanted = _code(view.log), _code(_exposed(truth, view))[view.hole]
        answers = {
            "telea": inpainted(code, view.hole, cv2.INPAINT_TELEA),
            "ns": inpainted(code, view.hole, cv2.INPAINT_NS),
            "median": _code(_exposed(median, view))[view.hole],
            "classical": _code(gathered(view, neighbours_in(views, frame)).classical),
        }
        for name, answer in answers.items():
            decibels.setdefault(name, []).append(psnr(answer, wanted))
    return decibels


def stretch_of(walk: Walk, footage: Path) -> tuple[dict[int, Pixels], dict[int, View]]:
    """The stretch's frames in log, and as the operators see them: the person is what is to go."""
    source = open_source(str(footage / PATH), "", ColourConfig())
    try:
        logs = {frame: log_from_linear(source.read(frame).rgb) for frame in walk.frames}
    finally:
        source.close()
    truth = np.median(np.stack([logs[frame] for frame in walk.empty[::2]]), axis=0)
    there = np.ones(truth.shape[:2], bool)
    return logs, {frame: View(frame, log, _person(log, truth), there) for frame, log in logs.items()}


def _code(log: Pixels) -> Pixels:
    return code_of(linear_from_log(log))


def _exposed(log: Pixels, view: View) -> Pixels:
    """The picture at the frame's exposure: in log a gain is an offset."""
    outside = ~view.hole
    return np.asarray(log + np.median(view.log[outside] - log[outside], axis=0), np.float32)


def _person(log: Pixels, truth: Pixels) -> Matte:
    code, empty = _code(log), _code(truth)
    unlike = np.abs(code - empty - np.median(code - empty, axis=(0, 1))).max(axis=-1)
    foreign = (cv2.GaussianBlur(unlike, (0, 0), 1.5) > FOREIGN).astype(np.uint8)
    foreign = cv2.morphologyEx(foreign, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.dilate(foreign, np.ones((13, 13), np.uint8)) > 0)
