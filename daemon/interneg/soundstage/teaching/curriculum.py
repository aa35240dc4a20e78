"""The whole school: every expert in its turn, and the one file that they end in."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from torch import nn

from interneg.errors import RequestError
from interneg.model.base import EXPERTS, BaseHeader, BaseModel, load_base, save_base
from interneg.soundstage.archive import Stage, StagedScene
from interneg.soundstage.teaching.lesson import Lesson, is_held_out, is_taught
from interneg.soundstage.teaching.lessons_fill import FillLesson, SpatialLesson
from interneg.soundstage.teaching.lessons_light import IntrinsicsLesson, LampLesson
from interneg.soundstage.teaching.lessons_wires import WiresLesson
from interneg.soundstage.teaching.recipe import SHARES
from interneg.soundstage.teaching.teach import Budget, School, taught
from interneg.training.pupil import Pupil

Chooses = Callable[[int], bool]
LESSONS: Mapping[str, Callable[[Path, Chooses], Lesson]] = MappingProxyType(
    {"intrinsics": IntrinsicsLesson, "wires": WiresLesson, "spatial": SpatialLesson, "fill": FillLesson}
)
"""The lessons that need no other expert; the lamp's needs the intrinsics, and so comes after them."""


@dataclass(frozen=True)
class Plan:
    """What is to be taught: the stage, the experts in order, how long all of them take, and the file they end in.

    Convention: `minutes` is for all of the experts together, each in its share, over all runs; where `steps` is given,
    each is taught so many steps instead. `start` is a base whose weights to begin with; the file itself where it is
    there and nothing else is named.
    """

    stage: Path
    out: Path
    experts: tuple[str, ...]
    minutes: float
    steps: int = 0
    start: Path | None = None
    fresh: bool = False

    def budget_of(self, expert: str) -> Budget:
        """The expert's part."""
        share = SHARES[expert] / sum(SHARES[each] for each in self.experts)
        return Budget(self.minutes * 60 * share, self.steps)


def experts_named(names: Sequence[str]) -> tuple[str, ...]:
    """The experts of those names in the order they are taught; all of them where none is named.

    Raises:
        RequestError: there is no such expert.
    """
    for name in names:
        if name not in SHARES:
            raise RequestError(f"expert '{name}': there is none of that name; name one of {', '.join(SHARES)}.")
    return tuple(expert for expert in SHARES if not names or expert in names)


def teach(plan: Plan, school: School) -> tuple[str, ...]:
    """The experts that finished their lessons; the file is written after each, with those it had before.

    Raises:
        NotFoundError: there is no stage, or nothing on it to learn from.
        RequestError: the stage is kept for the score.
        ModelError: a file of weights is damaged or foreign, or an expert no longer learns.
    """
    if kind := Stage(plan.stage).kind:
        raise RequestError(
            f"{plan.stage}: its sets are of a kind ({kind}) that no base model is taught on; score one there, "
            "or render a stage without `--kind`."
        )
    known = _known(plan)
    networks = _networks(known)
    finished: list[str] = []
    for expert in plan.experts:
        lesson, held_out = (
            _lesson(expert, plan.stage, chooses, networks, school) for chooses in (is_taught, is_held_out)
        )
        start = networks.get(expert) if plan.start is not None else None
        pupil = taught(lesson, held_out, plan.budget_of(expert), school, start, fresh=plan.fresh)
        if school.stop.is_set() and plan.budget_of(expert).spent_by(pupil) < 1:
            break
        known = _write(plan, school, known, {**networks, expert: pupil.average}, pupil, lesson)
        networks = _networks(known)  # as they were written: who learns from them next learns from what is on disk
        finished.append(expert)
    return tuple(finished)


def _known(plan: Plan) -> BaseModel | None:
    """The base that there was before."""
    path = plan.start or (plan.out if plan.out.is_file() else None)
    return load_base(path) if path else None


def _networks(base: BaseModel | None) -> dict[str, nn.Module]:
    return {expert: getattr(base, expert) for expert in EXPERTS if getattr(base, expert, None) is not None}


def _lesson(expert: str, stage: Path, chooses: Chooses, networks: Mapping[str, nn.Module], school: School) -> Lesson:
    if expert == "lamp":
        intrinsics = networks.get("intrinsics")
        ready = intrinsics.to(school.device).eval() if intrinsics is not None else None
        return LampLesson(stage, chooses, lambda: ready)
    return LESSONS[expert](stage, chooses)


def _write(
    plan: Plan, school: School, known: BaseModel | None, networks: Mapping[str, nn.Module], pupil: Pupil, lesson: Lesson
) -> BaseModel:
    """Writes the base with the expert that has just been taught, and reads it back: it may be trusted then."""
    before = known.header if known else BaseHeader("", {"seeds": [], "kinds": []}, {}, {})
    said: dict[str, float | int | str] = school.recipe.as_header() | {
        "steps": pupil.steps,
        "minutes": round(pupil.seconds / 60, 2),
        "seed": pupil.seed,
        "learning_rate": lesson.learning_rate,
        "device": school.device.type,
        "precision": "bfloat16" if school.half_precision else "float32",
    }
    header = BaseHeader(
        version=time.strftime("base-%Y%m%d-%H%M"),
        stage=_stage_said(plan.stage, before),
        recipe={**before.recipe, pupil.expert: said},
        scores={expert: scores for expert, scores in before.scores.items() if expert != pupil.expert},
    )
    plan.out.parent.mkdir(parents=True, exist_ok=True)
    save_base(plan.out, networks, header)
    return load_base(plan.out)


def _stage_said(stage: Path, before: BaseHeader) -> dict[str, Sequence[int | str]]:
    """The seeds and the kinds of sets that anything in the file was taught on."""
    scenes = [StagedScene.open(folder) for folder in Stage(stage).scenes() if is_taught(int(folder.name))]
    seeds = {int(seed) for seed in before.stage["seeds"]} | {scene.seed for scene in scenes}
    kinds = {str(kind) for kind in before.stage["kinds"]} | {scene.kind for scene in scenes}
    return {"seeds": sorted(seeds), "kinds": sorted(kinds)}
