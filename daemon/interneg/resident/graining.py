"""The grain that a filled hole lacks: what merging has kept of it is known, and only the rest is added."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.candidates import Candidates, Neighbour
from interneg.operators.motion import LUMA, View, motion_between
from interneg.operators.performers import Performed
from interneg.operators.tiles import around
from interneg.plates.camera_grain import CameraGrain
from interneg.plates.grain import BANDS, LIMIT, Grain, measure_grain, tells

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Part = tuple[Indices, Indices]
Known = Callable[[Sequence[View | None], Callable[[], Grain | None]], Grain | None]

ENOUGH = 500_000  # pixels tell a plate's grain to a percent
SQUARE = 32  # pixels; whole blocks of the measure, and whole squares of its spectrum
EVEN = 0.25  # working pixels: motions to both sides that differ less are one
LEVELLING = 18  # working pixels: the window that candidates are brought to the rim's exposure by
AT_A_RIM = 0.7  # of that window tells, even deep inside, where the words of rims on two sides are carried on
TOLD_BY = 300  # working pixels of even weight that the window is worth
FAR_FROM_THE_RIM = 64  # pixels, beyond which a guess has nothing of its grain
DEEP_INSIDE, FROM_THE_RIM = 0.05, 2.0  # what a guess keeps of the rim's grain, and the pixels over which it loses it


def _measured(views: Sequence[View | None], measure: Callable[[], Grain | None]) -> Grain | None:
    """What is measured."""
    return measure()


def plates_grain(
    target: View, neighbour: Neighbour, camera: CameraGrain | None = None, known: Known = _measured
) -> Grain | None:
    """The grain of that frame, by itself and by those beside it; None where nothing can be told, or there is none.

    What the show knows of the camera speaks for light that the plate does not tell of. `known` gives what was measured
        before of the same views, else measures.
    """
    part = _squares(target.hole.shape)
    beside = neighbour(-1), neighbour(1)
    grain = known(
        (target, *beside), lambda: measure_grain(target.log[part], target.known[part], _moved(target, beside, part))
    )
    if camera is None:
        return grain
    if grain is None:
        return None if tells(target.known[part]) else camera.alone()
    return camera.beyond(grain)


def kept_grain(target: View, candidates: Candidates, people: Performed, grain: Grain | None) -> Pixels:
    """The share of the grain's power (N, BANDS) that is in the hole's pixels already."""
    if grain is None:
        return np.ones_like(candidates.kept_noise)
    part, places = around(target.places, FAR_FROM_THE_RIM, target.hole.shape)
    distance = cv2.distanceTransform((~target.known[part]).astype(np.uint8), cv2.DIST_L2, 5)[places]
    guessed = np.where(people.kept, 1, DEEP_INSIDE + np.exp(-distance / FROM_THE_RIM))
    sight = np.where(people.inside, people.seen, candidates.sight)[:, None]
    seen = candidates.kept_noise + _levelled(target, grain)
    return np.asarray(sight**2 * seen + (1 - sight) ** 2 * guessed[:, None], np.float32)


def missing_grain(target: View, kept: Pixels, log: Pixels, grain: Grain | None, seed: int) -> tuple[Pixels, float]:
    """The grain (N, 3) that the hole's pixels lack, fresh for each frame, and its greatest deviation.

    Convention: `kept` (N, BANDS) is the share of the grain's power that is there already, `log` (N, 3) what it lies on.
    """
    if grain is None:
        return np.zeros_like(log), 0.0
    bands = grain.drawn_in_bands(target.hole, seed, target.frame)  # (BANDS, N, 3)
    share = np.sqrt(np.clip(1 - kept, 0, 1)).T[..., None]
    fresh = (bands * share).sum(axis=0) * grain.sigma_at(log @ LUMA)
    return fresh.astype(np.float32), LIMIT * float(grain.sigma.max())


def _levelled(target: View, grain: Grain) -> Pixels:
    """The share of the coarsest grain (N, BANDS) that seen pixels have from the hole's rim, being levelled by it.

    What other frames show is brought to the exposure of the rim, by a mean that holds the rim's own grain.
    """
    window = LEVELLING * target.working.scale
    part, places = around(target.places, window, target.hole.shape)
    known = cv2.blur(target.known[part].astype(np.float32), (window, window))[places]
    area, coarse = grain.coarsest
    pixels = np.maximum(known, AT_A_RIM) * TOLD_BY * target.working.scale**2
    share = np.zeros((len(known), BANDS), np.float32)
    share[:, -1] = area / pixels / coarse
    return share


def _squares(size: tuple[int, ...]) -> Part:
    """The rows (R, 1) and columns (1, C) that grain is told by: all, or of a large plate squares all over it."""
    apart = int(np.ceil(np.sqrt(size[0] * size[1] / ENOUGH)))
    rows, columns = (np.flatnonzero(np.arange(length) // SQUARE % apart == 0) for length in size)
    return rows[:, None], columns[None]


def _moved(target: View, frames: tuple[View | None, ...], part: Part) -> list[Pixels]:
    """The frames beside it, shifted by whole pixels to where the target has the same, NaN where they are not known.

    Whole pixels alone: a picture sampled between them has lost grain. The camera's motion alone: flow follows grain.
    """
    moved: list[Pixels] = []
    scale, before = target.working.scale, None
    for beside in frames:
        if beside is None or beside.log.shape != target.log.shape:
            continue
        camera = motion_between(target, beside).camera
        last = np.array(camera.shape[:2], np.intp) - 1
        away = camera[np.minimum(part[0] // scale, last[0]), np.minimum(part[1] // scale, last[1])] * scale
        if before is not None:  # an even move: what is rounded away is then the same on both sides, and cancels
            away = np.where(np.abs(away + before).max(axis=-1, keepdims=True) < EVEN * scale, -before, away)
        before = away
        steps = np.rint(away).astype(np.intp)
        moved.append(_shifted(beside, part[0] + steps[..., 1], part[1] + steps[..., 0]))
    return moved


def _shifted(view: View, rows: Indices, columns: Indices) -> Pixels:
    """The pixels found there, NaN beyond the frame and where it is not known."""
    height, width = view.hole.shape
    at = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    shown = view.known[at] & (rows == at[0]) & (columns == at[1])
    return np.where(shown[..., None], view.log[at], np.float32(np.nan))
