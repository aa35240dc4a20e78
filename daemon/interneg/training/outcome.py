"""What fills and finds for a show now, and what came of one expert's lesson beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from torch import nn

from interneg.errors import ModelError
from interneg.model.base import BaseModel
from interneg.model.show import ShowModel, load_show
from interneg.production.store import Production
from interneg.training.own_wires import BlindScore
from interneg.training.review import Scores, can_tell
from interneg.training.sheets import Sheet, jpeg

REVIEW_NAME = "review.json"
NOT_LEARNT = "not_learnt"  # in it, why something was not


@dataclass(frozen=True, eq=False)
class InUse:
    """What answers for the show now and is to be beaten: its own experts, else the base's, else nobody."""

    show: ShowModel | None
    base: BaseModel | None

    def network(self, expert: str) -> nn.Module | None:
        """The expert's network that answers now."""
        own: nn.Module | None = getattr(self.show, expert, None)
        return own if own is not None else self.of_base(expert)

    def of_base(self, expert: str) -> nn.Module | None:
        """The base's own; none where a show's model answers that has learnt without the base."""
        network: nn.Module | None = getattr(self.base, expert, None)
        return network

    def called(self, expert: str) -> str:
        """How an artist would call it."""
        if getattr(self.show, expert, None) is not None:
            return "the circled model"
        if self.base is not None and (self.of_base(expert) or (expert == "fill" and self.base.fills)):
            return f"the base model ({self.base.version})"
        return "the classical candidate" if expert == "fill" else "nothing"

    def is_alone_beside(self, base: BaseModel | None) -> bool:
        """Whether the show's model in use learnt without a base, and there is one now: the two do not mix."""
        return self.show is not None and not self.show.header.base_hash and base is not None

    @property
    def takes(self) -> tuple[str, ...]:
        """The stretches that the show's own experts have seen."""
        return self.show.header.takes if self.show else ()


@dataclass(frozen=True, eq=False)
class Outcome:
    """One expert's candidate, its held-out scores and those of what it would replace, in `unit`.

    Convention: `peers` are the mean scores of simpler methods on the same examples; `sheets` show some of them; `blind`
        are scores of cleaned shots by their own wires, some of which it may have learnt from.
    """

    expert: str
    unit: str
    network: nn.Module
    after: Scores
    before: Scores
    called: str
    peers: Mapping[str, float]
    steps: int
    circled: bool
    sheets: tuple[Sheet, ...] = ()
    blind: tuple[BlindScore, ...] = ()

    @property
    def figures(self) -> dict[str, float]:
        """What is kept of it, by name."""
        named = {"candidate": self.after.mean, "in_use": self.before.mean, **self.peers}
        counts = {"circled": float(self.circled), "steps": float(self.steps), "examples": float(len(self.after.each))}
        return {f"{self.expert}.{name}": value for name, value in (named | counts).items()}

    @property
    def sentence(self) -> str:
        """The verdict on it in one sentence."""
        beside = (
            f"{self.after.mean:.2f} {self.unit} on {len(self.after.each)} held-out examples, "
            f"{self.called} {self.before.mean:.2f} {self.unit}"
        )
        too_few = "; too few to tell a gain from noise, give more minutes or takes"
        too_little = "" if can_tell(self.after) else too_few
        return f"{self.expert} is {'circled' if self.circled else 'NG and not used'}: {beside}{too_little}."


def write_review(folder: Path, outcomes: Sequence[Outcome], faults: Sequence[str] = ()) -> None:
    """Writes what a report shows of them into a version's folder: every example's scores, some in pictures, and why
    something was not learnt.
    """
    said: list[dict[str, object]] = [
        {
            "expert": one.expert,
            "unit": one.unit,
            "in_use": one.called,
            "places": one.after.places,
            "before": one.before.each,
            "after": one.after.each,
            "blind": [asdict(score) for score in one.blind],
            "sheets": [_written(folder, number, sheet) for number, sheet in enumerate(one.sheets)],
        }
        for one in outcomes
    ]
    said.append({NOT_LEARNT: list(faults)})
    (folder / REVIEW_NAME).write_text(json.dumps(said), encoding="utf-8")


def _written(folder: Path, number: int, sheet: Sheet) -> dict[str, object]:
    files = {name: f"{sheet.expert}-{number}-{name}.jpg" for name in sheet.panels}
    for name, panel in sheet.panels.items():
        (folder / files[name]).write_bytes(jpeg(panel))
    return {"place": sheet.place, "panels": files, "before": sheet.before, "after": sheet.after}


def in_use_of(production: Production, base: BaseModel | None) -> InUse:
    """The circled model, unless it was learnt from another base or cannot be used; and the base."""
    if version := production.circled():
        try:
            model = load_show(production.weights_file(version), production.show)
        except ModelError:
            return InUse(None, base)  # whoever renders is told so, and is sent here to learn again
        if not model.header.base_hash:
            return InUse(model, None)
        if base and model.header.base_hash == base.hash:
            return InUse(model, base)
    return InUse(None, base)
