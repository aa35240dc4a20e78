"""The table of figures that the base model is judged by, made from samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from interneg.soundstage.teaching.measures import f1_from_iou
from interneg.soundstage.teaching.samples import OURS, Sample
from interneg.soundstage.teaching.score_light import ALBEDO, FACING, NORMALS, ONE_GAIN, RELIGHT, THE_PLATE
from interneg.soundstage.teaching.score_thin import (
    BEST_PEER,
    DRAWN_WIRES,
    FILLED_BLOBS,
    FILLED_WIRES,
    RENDERED_WIRES,
    WireCount,
    best_steps,
    totals,
)
from interneg.soundstage.teaching.shifts import AS_SHOT, SHIFTS


@dataclass(frozen=True)
class Asked:
    """What a task is measured in, against which baseline, and what was asked of it.

    Convention: `versus` gives the figure that counts from ours and the baseline's; where more of it is better
    (`is_gain`) it must reach `least`, else stay below it. `allowed` is how far a shift may move ours: a share of it, or
    dB where `in_decibels`.
    """

    task: str
    unit: str
    baseline: str
    versus: Callable[[float, float], float]
    said: str
    least: float
    is_gain: bool
    allowed: float = 0.1
    in_decibels: bool = False

    def is_reached_by(self, figure: float) -> bool:
        """Whether the figure is as good as was asked."""
        return figure >= self.least if self.is_gain else figure <= self.least


def _ratio(ours: float, baseline: float) -> float:
    return ours / max(baseline, 1e-9)


def _difference(ours: float, baseline: float) -> float:
    return ours - baseline


ASKED = (
    Asked(NORMALS, "degrees", FACING, _ratio, "at most 0.65 of it, and 20 degrees", 0.65, False),
    Asked(ALBEDO, "scale-free RMSE", THE_PLATE, _ratio, "at most 0.60 of it", 0.60, False),
    Asked(RELIGHT, "dB", ONE_GAIN, _difference, "4 dB more", 4.0, True),
    Asked(FILLED_WIRES, "dB", BEST_PEER, _difference, "1.5 dB more", 1.5, True, 0.5, True),
    Asked(FILLED_BLOBS, "dB", BEST_PEER, _difference, "1.5 dB more", 1.5, True, 0.5, True),
)
GREATEST_ANGLE = 20.0  # degrees
LEAST_IOU, LEAST_F1, LEAST_TIMES = 0.65, 0.78, 2.0


@dataclass(frozen=True)
class Row:
    """A line of the table: means over plates, the spread between the tenth and the ninetieth of a hundred."""

    task: str
    unit: str
    plates: int
    ours: float
    median: float
    low: float
    high: float
    baselines: dict[str, float]
    baseline: str
    figure: float
    asked: str
    reached: bool


@dataclass(frozen=True)
class Hold:
    """How far a shift of the plate moved our figure: a share of it, or dB."""

    task: str
    shift: str
    as_shot: float
    shifted: float
    change: float
    reached: bool


def rows(samples: Sequence[Sample], counted: Sequence[WireCount]) -> list[Row]:
    """The table, for whatever was scored."""
    made = []
    for asked in ASKED:
        some = [sample for sample in samples if (sample.task, sample.shift) == (asked.task, AS_SHOT)]
        if some:
            made.append(_row(asked, some))
    return made + [_wires_row(task, samples, counted) for task in wire_tasks(counted)]


def wire_tasks(counted: Sequence[WireCount]) -> list[str]:
    """The tasks of wires that there are plates for."""
    return [task for task in (RENDERED_WIRES, DRAWN_WIRES) if any(one.task == task for one in counted)]


def _row(asked: Asked, some: Sequence[Sample]) -> Row:
    means = {name: mean(some, name) for name in some[0].values}
    figure = asked.versus(means[OURS], means[asked.baseline])
    reached = asked.is_reached_by(figure) and (asked.task != NORMALS or means[OURS] <= GREATEST_ANGLE)
    others = {name: value for name, value in means.items() if name != OURS}
    return Row(
        asked.task,
        asked.unit,
        len(some),
        means[OURS],
        *_spread(some),
        others,
        asked.baseline,
        figure,
        asked.said,
        reached,
    )


def _spread(some: Sequence[Sample]) -> tuple[float, float, float]:
    middle, low, high = np.percentile([sample.values[OURS] for sample in some], (50, 10, 90))
    return float(middle), float(low), float(high)


def _wires_row(task: str, samples: Sequence[Sample], counted: Sequence[WireCount]) -> Row:
    """All plates together: a plate with little wire counts for little."""
    whole = {name: total.iou_at(total.best_step()) for name, total in totals(counted, task, AS_SHOT).items()}
    ours = whole.pop(OURS)
    best = max(whole, key=lambda name: whole[name])
    times, f1 = _ratio(ours, whole[best]), f1_from_iou(ours)
    some = [sample for sample in samples if (sample.task, sample.shift) == (task, AS_SHOT)]
    asked = f"{LEAST_IOU} (F1 {LEAST_F1}), and twice it"
    reached = ours >= LEAST_IOU and f1 >= LEAST_F1 and times >= LEAST_TIMES
    return Row(task, f"IoU (F1 {f1:.3f})", len(some), ours, *_spread(some), whole, best, times, asked, reached)


def holds(samples: Sequence[Sample], counted: Sequence[WireCount]) -> list[Hold]:
    """How well each task holds where the same plate is exposed or balanced otherwise."""
    made = [hold for asked in ASKED for shift in SHIFTS if (hold := _hold(asked, shift, samples)) is not None]
    for task in wire_tasks(counted):
        step = best_steps(counted, task)[OURS]
        as_shot = totals(counted, task, AS_SHOT)[OURS].iou_at(step)
        for shift in SHIFTS:
            shifted = totals(counted, task, shift)[OURS].iou_at(step)
            change = _ratio(shifted, as_shot) - 1
            made.append(Hold(task, shift, as_shot, shifted, change, change >= -0.1))
    return made


def _hold(asked: Asked, shift: str, samples: Sequence[Sample]) -> Hold | None:
    """Against the same plates as they were shot; what becomes better holds too."""
    moved = [sample for sample in samples if (sample.task, sample.shift) == (asked.task, shift)]
    if not moved:
        return None
    pairs = _as_shot(asked.task, samples, [sample.seed for sample in moved])
    before, after = (_judged(asked, some) for some in (pairs, moved))
    change = after - before if asked.in_decibels else _ratio(after, before) - 1
    reached = change >= -asked.allowed if asked.is_gain else change <= asked.allowed
    return Hold(asked.task, shift, before, after, change, reached)


def _as_shot(task: str, samples: Sequence[Sample], seeds: Sequence[int]) -> list[Sample]:
    """The first plate of each of those scenes, as it was shot."""
    first: dict[int, Sample] = {}
    for sample in samples:
        if (sample.task, sample.shift) == (task, AS_SHOT):
            first.setdefault(sample.seed, sample)
    return [first[seed] for seed in seeds]


def _judged(asked: Asked, some: Sequence[Sample]) -> float:
    """What must hold: ours alone, or by how many dB a relit plate is better than the best single gain."""
    return mean(some, OURS) - mean(some, ONE_GAIN) if asked.task == RELIGHT else mean(some, OURS)


def mean(some: Sequence[Sample], name: str) -> float:
    """The mean of that value over samples."""
    return float(np.mean([sample.values[name] for sample in some]))


def by_kind(samples: Sequence[Sample], task: str) -> dict[str, list[Sample]]:
    """A task's samples as they were shot, by the kind of set: where it fails."""
    found: dict[str, list[Sample]] = {}
    for sample in samples:
        if (sample.task, sample.shift) == (task, AS_SHOT):
            found.setdefault(sample.kind, []).append(sample)
    return dict(sorted(found.items()))


def ranked(samples: Sequence[Sample], task: str) -> list[Sample]:
    """A task's samples as they were shot, the best first."""
    is_error = task in (NORMALS, ALBEDO)
    some = [sample for sample in samples if (sample.task, sample.shift) == (task, AS_SHOT)]
    return sorted(some, key=lambda sample: merit(sample), reverse=not is_error)


def merit(sample: Sample) -> float:
    """What a sample is ranked by: ours, or by how much it is better where scenes differ in how hard they are."""
    against = {RELIGHT: ONE_GAIN, FILLED_WIRES: BEST_PEER, FILLED_BLOBS: BEST_PEER}.get(sample.task)
    return sample.values[OURS] - (sample.values[against] if against else 0.0)
