"""The base model scored on scenes that it was never taught on, its baselines in the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from interneg.errors import NotFoundError
from interneg.model.base import BaseModel
from interneg.model.intrinsics import intrinsics_of
from interneg.model.lamp import gain_of_lamp
from interneg.model.spatial_fill import filled_spatially
from interneg.model.wires import wires_of
from interneg.soundstage.archive import Stage, StagedScene
from interneg.soundstage.teaching.figures import Hold, Row, holds, rows
from interneg.soundstage.teaching.samples import Sample
from interneg.soundstage.teaching.score_light import FindsGain, FindsIntrinsics, score_light
from interneg.soundstage.teaching.score_thin import Fills, FindsWires, WireCount, count_wires, score_fill, wire_samples


@dataclass(frozen=True, eq=False)
class Experts:
    """What is scored, as functions of plates; None where there is no such expert."""

    intrinsics: FindsIntrinsics | None = None
    gain: FindsGain | None = None
    wires: FindsWires | None = None
    fill: Fills | None = None

    @classmethod
    def of(cls, base: BaseModel, device: torch.device) -> Experts:
        """The experts of a base model, on that device."""
        base.to(device)
        intrinsics, lamp, wires, spatial = base.intrinsics, base.lamp, base.wires, base.spatial
        return cls(
            None if intrinsics is None else lambda plate: intrinsics_of(intrinsics, plate, device),
            None
            if lamp is None
            else lambda plate, found, aim, size: gain_of_lamp(lamp, plate, found, aim, size, device),
            None if wires is None else lambda plate: wires_of(wires, plate, device),
            None if spatial is None else lambda log, hole: filled_spatially(spatial, log, hole, device).log,
        )


@dataclass(frozen=True, eq=False)
class Scores:
    """What came of it; samples have the wires of each plate too, cut where they are best over all."""

    scenes: int
    kinds: dict[str, int]
    samples: list[Sample]
    table: list[Row]
    holds: list[Hold]


def score(stage: Path, experts: Experts, chooses: Callable[[int], bool], tell: Callable[[int, int], None]) -> Scores:
    """The scores on those scenes of a stage that `chooses` names by seed; `tell` hears how many of how many are done.

    Raises:
        NotFoundError: there is no stage, or no such scene on it.
    """
    folders = [folder for folder in Stage(stage).scenes() if chooses(int(folder.name))]
    if not folders:
        raise NotFoundError(
            f"{stage}: no scene there has a seed that is scored (one in eight is held out, 7, 15, 23, ...); render "
            "some with `interneg soundstage render`."
        )
    samples: list[Sample] = []
    counted: list[WireCount] = []
    scenes = [StagedScene.open(folder) for folder in folders]
    for done, scene in enumerate(scenes):
        tell(done, len(scenes))
        samples += _of_scene(scene, experts)
        counted += count_wires(scene, experts.wires) if experts.wires is not None else []
    tell(len(scenes), len(scenes))
    samples += wire_samples(counted)
    kinds = [scene.kind for scene in scenes]
    return Scores(
        len(scenes),
        {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        samples,
        rows(samples, counted),
        holds(samples, counted),
    )


def _of_scene(scene: StagedScene, experts: Experts) -> Iterator[Sample]:
    yield from score_light(scene, experts.intrinsics, experts.gain)
    if experts.fill is not None:
        yield from score_fill(scene, experts.fill)
