"""Learning a show's model from its dailies, top to bottom."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from torch import nn

from interneg.errors import RequestError
from interneg.model.base import BaseModel
from interneg.model.show import LEARNT, ShowHeader, save_show
from interneg.plates.colour import ColourConfig
from interneg.production.store import Production
from interneg.production.verdict import ExpertVerdict, Verdict
from interneg.profile.takes import measured
from interneg.training.fill_lesson import learn_fill
from interneg.training.intrinsics_lesson import learn_intrinsics
from interneg.training.lesson import Checkpoint, Lesson, Means, Progress, Wanted
from interneg.training.loop import curve_file
from interneg.training.outcome import InUse, Outcome, in_use_of, write_review
from interneg.training.recipe import Recipe
from interneg.training.spatial_lesson import learn_spatial
from interneg.training.takes import FEWEST_FRAMES, Stretch, split
from interneg.training.wires_lesson import learn_wires

WEIGHTS_NAME = "show.safetensors"
BEGUN_NAME = "begun.json"
LEAST_SHARE = 1e-3  # of the budget, for an expert that the others have left nothing: its verdict says so
ALONE = "the model in use learnt without a base and still fills best: what learnt from the base cannot stand beside it."

Learner = Callable[[Lesson, Sequence[Stretch], Sequence[Stretch], InUse], Outcome]
LEARNERS: Mapping[str, Learner] = MappingProxyType(
    {"fill": learn_fill, "spatial": learn_spatial, "wires": learn_wires, "intrinsics": learn_intrinsics}
)


def learn(
    production: Production,
    config: ColourConfig,
    wanted: Wanted,
    means: Means,
    *,
    progress: Progress,
    checkpoint: Checkpoint,
) -> Verdict:
    """Candidates learnt from the show's takes within the budget; each circled only if it beats what it would replace.

    A run that was cut off is gone on with from its last checkpoints.

    Raises:
        RequestError: the show has no takes to learn from, or an expert is asked for that cannot be learnt.
        ProductionError: the production cannot be written.
    """
    recipe, takes = Recipe().within(means.memory_bytes), production.takes()
    if not takes:
        raise RequestError(f"{production.show} has no takes to learn from: add some with `interneg dailies add`.")
    experts = experts_for(wanted.experts, means.base)
    learnt, held_out = split(takes, recipe, config)
    now = time.monotonic()
    lesson = Lesson(production, config, recipe, means, progress, checkpoint, now, wanted.budget_seconds)
    in_use = in_use_of(production, means.base)
    if in_use.is_alone_beside(means.base) and "fill" not in experts:
        raise RequestError(
            f"The model in use of {production.show} learnt without a base: what is learnt from the base cannot stand "
            f"beside it. Learn fill too, or go back first with `interneg model use {production.show} base`."
        )
    with production.learning():
        names = _begun(lesson, learnt, held_out, wanted)
        _measured(lesson)
        outcomes, faults = _outcomes(lesson, experts, (learnt, held_out), in_use)
    if in_use.is_alone_beside(means.base) and not any(one.circled and one.expert == "fill" for one in outcomes):
        outcomes = [replace(one, circled=False) for one in outcomes]
        faults.append(ALONE)
    if short := [take for take in takes if take.id not in {one.take.id for one in (*learnt, *held_out)}]:
        names_of = ", ".join(Path(take.path).name for take in short[:3]) + (" and others" if short[3:] else "")
        faults.append(f"takes of fewer than {FEWEST_FRAMES} frames, or gone, were left out ({len(short)}): {names_of}.")
    version = _kept(lesson, (outcomes, faults), in_use, names)
    return _verdict(lesson, outcomes, faults, version, (len(learnt), len(held_out)))


def _outcomes(
    lesson: Lesson, experts: Sequence[str], takes: tuple[Sequence[Stretch], Sequence[Stretch]], in_use: InUse
) -> tuple[list[Outcome], list[str]]:
    """What came of each expert in its part of the budget, and why some could not learn from these takes.

    Raises:
        RequestError: none of them could.
    """
    shares, done = lesson.recipe.shares, lesson.spent()
    outcomes: list[Outcome] = []
    faults: list[str] = []
    for place, expert in enumerate(experts):
        share = (1 - done) * shares[expert] / sum(shares[other] for other in experts[place:])
        part = lesson.part(done, max(share, LEAST_SHARE))
        try:
            outcomes.append(LEARNERS[expert](part, *takes, in_use))
        except RequestError as error:  # what one expert cannot learn from must not cost the others: they get its time
            faults.append(f"{expert} was not learnt: {error}")
        done = min(1.0, done + part.elapsed() / lesson.budget_seconds)  # one that took longer leaves them less
    if not outcomes:
        raise RequestError(" ".join(faults))
    return outcomes, faults


def experts_for(named: Sequence[str], base: BaseModel | None) -> tuple[str, ...]:
    """The experts to learn, in their order.

    Raises:
        RequestError: one is named that there is not, or that the base was not taught.
    """
    able = [expert for expert in LEARNERS if expert == "fill" or getattr(base, expert, None) is not None]
    for expert in named:
        if expert not in able:
            known = expert in LEARNT
            why = "the base model was not taught it" if known else "there is no such expert"
            raise RequestError(f"expert '{expert}': {why}; this show can learn {', '.join(able)}.")
    return tuple(expert for expert in able if not named or expert in named)


def _begun(lesson: Lesson, learnt: Sequence[Stretch], held_out: Sequence[Stretch], wanted: Wanted) -> tuple[str, ...]:
    """What this run and those that it goes on with have learnt from; checkpoints that do not fit any more go."""
    folder, names = lesson.folder, {stretch.name for stretch in learnt}
    before = _read(folder / BEGUN_NAME)
    base_hash = lesson.base.hash if lesson.base else ""
    seen = tuple(before.get("takes", ()))
    fits = before.get("base_hash") == base_hash and not any(stretch.is_in(seen) for stretch in held_out)
    is_anew = wanted.fresh and not (wanted.run and before.get("run") == wanted.run)
    if is_anew or not fits:
        for file in folder.iterdir():
            file.unlink()
        seen = ()
    names |= set(seen)
    begun = {"base_hash": base_hash, "takes": sorted(names), "run": wanted.run}
    (folder / BEGUN_NAME).write_text(json.dumps(begun), encoding="utf-8")
    return tuple(sorted(names))


def _read(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _measured(lesson: Lesson) -> None:
    """The show's profile brought up to date, within a small share of the budget; what is left waits for the next."""
    lesson.tell("measuring the takes")
    network = lesson.base.intrinsics if lesson.base else None
    share = lesson.recipe.profile_share
    measured(lesson.production, lesson.config, network, lesson.device, lesson.give_way, lambda: lesson.spent() < share)


def _kept(lesson: Lesson, came: tuple[Sequence[Outcome], Sequence[str]], in_use: InUse, takes: tuple[str, ...]) -> str:
    """The version, written and judged: what is circled with what it leaves in use, or the candidates to look at."""
    outcomes, faults = came
    production, circled = lesson.production, {one.expert: one.network for one in outcomes if one.circled}
    experts: dict[str, nn.Module] = {one.expert: one.network for one in outcomes}
    if circled:
        is_alone = in_use.is_alone_beside(lesson.base)  # what learnt without the base is not mixed with what did
        experts = {**(in_use.show.experts if in_use.show and not is_alone else {}), **circled}
    if circled and in_use.show:
        takes = tuple(sorted({*takes, *in_use.takes}))
    figures = {name: value for one in outcomes for name, value in one.figures.items()}
    version = production.new_version()
    base_hash = lesson.base.hash if lesson.base else ""
    header = ShowHeader(production.show, version, base_hash, lesson.recipe.as_header(), takes, figures)
    with production.writing_model(version) as folder:
        save_show(folder / WEIGHTS_NAME, experts, header)
        for one in outcomes:
            curve = curve_file(lesson.folder, one.expert)
            if curve.is_file():
                shutil.copyfile(curve, folder / curve.name)
        write_review(folder, outcomes, [_capital(fault) for fault in faults])
    production.record_verdict(version, bool(circled), figures)
    shutil.rmtree(lesson.folder, ignore_errors=True)
    return version


def _verdict(
    lesson: Lesson, outcomes: Sequence[Outcome], faults: Sequence[str], version: str, counts: tuple[int, int]
) -> Verdict:
    circled = any(one.circled for one in outcomes)
    message = f"{version} is circled" if circled else f"{version} is NG and not used"
    message = " ".join([f"{message}.", *(_capital(one.sentence) for one in outcomes), *map(_capital, faults)])
    if lesson.means.base_fault:
        message += f" It was learnt without the base model: {lesson.means.base_fault}"
    if never := [one.expert for one in outcomes if not one.steps]:
        message += f" No time was left for a step of {' and '.join(never)}: give it more minutes."
    experts = tuple(
        ExpertVerdict(
            one.expert, one.circled, one.unit, one.after.mean, one.before.mean, one.peers, one.steps, one.sentence
        )
        for one in outcomes
    )
    return Verdict(circled, version, experts, *counts, message)


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
