"""Wires found and holes filled, scored on rendered plates that nobody was taught on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from interneg.model.working import usable
from interneg.plates.colour import linear_from_log, log_from_linear
from interneg.soundstage.archive import StagedScene
from interneg.soundstage.teaching.backings import grained
from interneg.soundstage.teaching.baselines import bridged_across, inpainted, ridges
from interneg.soundstage.teaching.measures import Coverage, coverage, level, psnr, tone
from interneg.soundstage.teaching.samples import OURS, Codes, Sample, codes
from interneg.soundstage.teaching.score_light import SCORE_SEED, shown
from interneg.soundstage.teaching.shifts import AS_SHOT, SHIFTS
from interneg.training.drawn_wires import composited, drawn_wires
from interneg.training.holes import cut_blobs, cut_wires

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
FindsWires = Callable[[Pixels], Pixels]
Fills = Callable[[Pixels, Matte], Pixels]

RENDERED_WIRES, DRAWN_WIRES = "wires, rendered", "wires, drawn"
FILLED_WIRES, FILLED_BLOBS = "fill, wires", "fill, blobs"
SOUGHT = ("wires", "rigs")
COVERED = 0.3  # of a pixel: from there on it is a wire's
TELEA, NAVIER_STOKES, BRIDGE = "Telea", "Navier-Stokes", "classical bridge"
BEST_PEER = "better of Telea and Navier-Stokes"
LARGEST_HOLE = 0.4  # of the frame


@dataclass(frozen=True, eq=False)
class WireCount:
    """How one plate's mattes lie on the truth, by method; what is best cut where is known only over all plates."""

    task: str
    seed: int
    kind: str
    shift: str
    counts: Mapping[str, Coverage]
    pictures: Mapping[str, Codes] = field(default_factory=dict, repr=False)


def count_wires(scene: StagedScene, wires_of: FindsWires) -> Iterator[WireCount]:
    """The counts of one scene: its rendered rig, if it has one, and one that is drawn over its clean plate."""
    rng = np.random.default_rng((SCORE_SEED, scene.seed, 100))
    if scene.faults:
        frame = scene.frames[-1]
        mattes = scene.mattes(frame)
        plate, matte = grained(rng, usable(scene.rigged(frame))), _joined(mattes, sought=True)
        yield from _counted(scene, RENDERED_WIRES, wires_of, (plate, matte, _joined(mattes, sought=False) < COVERED))
    if not scene.frames:
        return
    clean = usable(scene.plate(scene.frames[0]))
    rig = drawn_wires(rng, *clean.shape[:2])
    everywhere = np.ones(clean.shape[:2], bool)
    yield from _counted(scene, DRAWN_WIRES, wires_of, (grained(rng, composited(clean, rig)), rig.matte, everywhere))


def _joined(mattes: Mapping[str, Pixels], *, sought: bool) -> Pixels:
    """The coverage of what is sought, or of the faults that are neither sought nor held against anybody."""
    nothing = np.zeros(next(iter(mattes.values())).shape, np.float32)
    return np.asarray(np.max([nothing, *(m for kind, m in mattes.items() if (kind in SOUGHT) == sought)], axis=0))


def _counted(
    scene: StagedScene, task: str, wires_of: FindsWires, shot: tuple[Pixels, Pixels, Matte]
) -> Iterator[WireCount]:
    plate, matte, counts = shot
    truth = matte >= COVERED
    for shift, gain in {AS_SHOT: np.ones(3, np.float32), **SHIFTS}.items():
        found = {OURS: wires_of(plate * gain)}
        pictures: dict[str, Codes] = {}
        if shift == AS_SHOT:
            pictures = codes({"plate": shown(plate), "truth": _grey(matte), "ours": _grey(found[OURS])})
            found |= ridges(plate)
        covered = {name: coverage(answer, truth, truth | counts) for name, answer in found.items()}
        yield WireCount(task, scene.seed, scene.kind, shift, covered, pictures)


def _grey(matte: Pixels) -> Pixels:
    return np.repeat(np.clip(matte, 0, 1)[..., None], 3, axis=2)


def best_steps(counted: Sequence[WireCount], task: str) -> dict[str, int]:
    """Where each method's matte is best cut, over all plates of a task as they were shot."""
    return {name: total.best_step() for name, total in totals(counted, task, AS_SHOT).items()}


def totals(counted: Sequence[WireCount], task: str, shift: str) -> dict[str, Coverage]:
    """All plates of a task together, by method."""
    total: dict[str, Coverage] = {}
    for one in counted:
        if (one.task, one.shift) == (task, shift):
            for name, count in one.counts.items():
                total[name] = total[name] + count if name in total else count
    return total


def wire_samples(counted: Sequence[WireCount]) -> Iterator[Sample]:
    """Each plate's intersection over union, cut where the method is best over all plates of the task."""
    steps = {task: best_steps(counted, task) for task in {one.task for one in counted}}
    for one in counted:
        values = {name: count.iou_at(steps[one.task][name]) for name, count in one.counts.items()}
        yield Sample(one.task, one.seed, one.kind, values, one.shift, one.pictures)


def score_fill(scene: StagedScene, fills: Fills) -> Iterator[Sample]:
    """The samples of one scene: a hole of wires and one of blobs in its clean plate; in every shift too."""
    if not scene.frames:
        return
    plate = usable(scene.plate(scene.frames[0]))
    for index, (task, cut) in enumerate(((FILLED_WIRES, cut_wires), (FILLED_BLOBS, cut_blobs))):
        rng = np.random.default_rng((SCORE_SEED, scene.seed, 200 + index))
        hole = np.zeros(plate.shape[:2], bool)
        while not 0 < hole.mean() < LARGEST_HOLE:
            hole = cut(rng, (0,), *plate.shape[:2])[0]
        yield from _filled(scene, task, plate * np.float32(level(plate)), hole, fills)


def _filled(scene: StagedScene, task: str, plate: Pixels, hole: Matte, fills: Fills) -> Iterator[Sample]:
    truth = tone(plate)[hole]
    log = log_from_linear(plate)
    answers = inpainted(plate, hole) | {BRIDGE: tone(linear_from_log(bridged_across(log, hole)))}
    ours = linear_from_log(fills(log, hole))
    decibels = {name: psnr(answer, truth) for name, answer in (answers | {OURS: tone(ours)}).items()}
    decibels[BEST_PEER] = max(decibels[TELEA], decibels[NAVIER_STOKES])
    filled = plate.copy()
    filled[hole] = ours
    cut = np.where(hole[..., None], np.array((1.0, 0.2, 0.1), np.float32), shown(plate))
    pictures = {"hole": cut, "truth": shown(plate), "ours": shown(filled)}
    yield Sample(task, scene.seed, scene.kind, decibels, AS_SHOT, codes(pictures))
    for shift, gain in SHIFTS.items():
        answer = linear_from_log(fills(log_from_linear(plate * gain), hole)) / gain
        yield Sample(task, scene.seed, scene.kind, {OURS: psnr(tone(answer), truth)}, shift)
