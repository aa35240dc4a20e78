"""Other footage of the plate's scene, a take or a clean plate: which of its frames help, brought to the plate's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from interneg.errors import CancelledJobError, InternegError
from interneg.operators.alignment import (
    AlignedView,
    Landmarks,
    agreement,
    aligned,
    best_aligned,
    graded,
    landmarks_of,
    scaled_to,
    shown_by_both,
)
from interneg.operators.glance import Glance, glance_of, likeness
from interneg.operators.grade import curve_between, gain_between
from interneg.operators.motion import View
from interneg.operators.witnesses import Witness
from interneg.plates.colour import ColourConfig, linear_from_log, log_from_linear
from interneg.plates.grain import measure_grain
from interneg.plates.plate import Plate
from interneg.plates.source import PlateSource
from interneg.resident.shot import Shot, view_of

Pixels = npt.NDArray[np.float32]

GLANCED = 24  # frames of a take that are looked at, evenly spaced: a pan of a minute is told by them
CHOSEN = 6  # of them that are brought to the plate: four make a pixel well seen, and somebody may stand before two
KEPT_BYTES = 1 << 29  # of a take's frames: the chosen ones of a 1080p take, while those of the shot take the rest


@dataclass(frozen=True, eq=False)
class Sight:
    """A frame of the plate, and what other footage is told by."""

    view: View

    @cached_property
    def glance(self) -> Glance:
        """The frame at a glance."""
        return glance_of(self.view)

    @cached_property
    def landmarks(self) -> Landmarks:
        """What it is recognised by."""
        return landmarks_of(self.view)

    @cached_property
    def noise(self) -> float:
        """Its grain's mean variance in log; 0 where none is found."""
        return _noise_of(self.view)


def _never() -> None:
    """Nobody cancels."""


@dataclass(frozen=True)
class Means:
    """What footage is read with; `checkpoint` raises once the job was cancelled."""

    config: ColourConfig
    checkpoint: Callable[[], None] = _never


class Footage:
    """A take or clean plate, opened when it is first asked; safe to ask from several threads.

    Convention: `rank` 0 is a take. Above it stands what the artist gave as clean: it goes before the shot, and is taken
        to be framed as the plate is where nothing tells otherwise.
    """

    def __init__(self, name: str, opened: Callable[[], PlateSource], means: Means, rank: int = 0) -> None:
        self.name = name
        self.rank = rank
        self._means = means
        self._opened = opened
        self._lock = threading.Lock()
        self._shot: Shot | None = None
        self._space = ""
        self._glances: dict[int, Glance] = {}
        self._landmarks: dict[int, Landmarks] = {}
        self._noise: dict[int, float] = {}
        self._faults: list[str] = []

    def open(self, space: str) -> bool:
        """Whether it can be looked at; its frames come in the plate's linear space."""
        with self._lock:
            if self._shot is None and not self._faults:
                self._space = space
                try:
                    self._shot = Shot(self._opened(), self._seen, KEPT_BYTES)
                    self._glance_at(self._shot)
                except CancelledJobError:
                    raise
                except (InternegError, OSError) as error:
                    self._faults.append(str(error))
            return self._shot is not None

    @property
    def faults(self) -> tuple[str, ...]:
        """Why it cannot be looked at, or which of its frames cannot."""
        return tuple(self._faults)

    def witnesses(self, sight: Sight) -> Iterator[Witness]:
        """Its frames that look most like the plate's, best first, each on the plate's grid and in its light."""
        for number in self._chosen(sight):
            self._means.checkpoint()
            frame = self._shot.neighbour(number) if self._shot else None
            there = self._brought(sight, number, frame.view) if frame else None
            if there is not None:
                yield Witness(there, self.name, self.rank, self._noise_over(sight, number), is_aligned=True)

    def close(self) -> None:
        """Lets go of its frames and file."""
        with self._lock:
            if self._shot is not None:
                self._shot.close()

    def _glance_at(self, shot: Shot) -> None:
        """Looks at so many frames once, in order."""
        frames = shot.source.frames
        step = max(1, -(-len(frames) // GLANCED))
        for number in frames[::step]:
            self._means.checkpoint()
            frame = shot.neighbour(number)
            if frame is not None:
                self._glances[number] = glance_of(frame.view)
        unread = len(frames[::step]) - len(self._glances)
        if unread:
            self._faults.append(f"{self.name}: {unread} of the {len(frames[::step])} frames tried cannot be read")

    def _chosen(self, sight: Sight) -> list[int]:
        """The frames most like the target; a clean plate's own frame of that number before them."""
        score = {number: likeness(sight.glance, glance) for number, glance in self._glances.items()}
        best = sorted(score, key=lambda number: (-score[number], number))[:CHOSEN]
        same = sight.view.frame
        if self.rank and self._shot is not None and len(self._shot.source.frames) > 1:
            return [same, *(number for number in best if number != same)] if same in self._shot.source.frames else best
        return best

    def _brought(self, sight: Sight, number: int, there: View) -> AlignedView | None:
        if number not in self._landmarks:
            self._landmarks[number] = landmarks_of(there)
        return brought(sight, there, self.rank, self._landmarks[number])

    def _noise_over(self, sight: Sight, number: int) -> float:
        if number not in self._noise:
            frame = self._shot.neighbour(number) if self._shot else None
            self._noise[number] = _noise_of(frame.view) if frame else 0.0
        return min(1.0, self._noise[number] / sight.noise) if sight.noise > 0 else 1.0

    def _seen(self, number: int, plate: Plate) -> tuple[View, None]:
        rgb = plate.rgb
        if plate.colourspace != self._space:
            config = self._means.config
            rgb = config.encoded_from_linear(config.linear_from(rgb, plate.colourspace), self._space)
        empty = np.zeros(rgb.shape[:2], bool)
        return view_of(number, Plate(rgb, plate.data_window, plate.display_window), empty), None


def brought(sight: Sight, there: View, rank: int = 0, landmarks: Landmarks | None = None) -> AlignedView | None:
    """The frame on the plate's grid, in its exposure and colour; None where it shows another scene."""
    here = sight.view
    found = best_aligned(here, there, (sight.landmarks, landmarks or landmarks_of(there)))
    if found is None and rank:  # a blank wall tells nothing: then the artist's word does
        framed_alike = aligned(here, there, scaled_to(here, there))
        found = framed_alike if agreement(here, framed_alike) == 0 else None
    return _matched(here, found) if found is not None else None


def _matched(here: View, there: AlignedView) -> AlignedView:
    one, other = shown_by_both(here, there)
    gain = gain_between(linear_from_log(one), linear_from_log(other))
    curve = curve_between(one, log_from_linear(linear_from_log(other) * gain))
    return graded(there, lambda log: curve.of(log_from_linear(linear_from_log(log) * gain)))


def _noise_of(view: View) -> float:
    grain = measure_grain(view.log, view.known)
    return float((grain.sigma**2).mean()) if grain is not None else 0.0
