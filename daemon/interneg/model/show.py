"""A show's model: the experts that it has learnt from its dailies, in one file; what it lacks the base answers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from interneg.errors import ModelError
from interneg.model.base import EXPERTS, digest_of
from interneg.model.fill import FillNetwork
from interneg.model.intrinsics import IntrinsicsNetwork
from interneg.model.spatial_fill import SpatialFillNetwork
from interneg.model.weights import FileKind, check_tensors, metadata_of, opened, write_tensors
from interneg.model.wires import WiresNetwork

LEARNT = (
    "fill",
    "spatial",
    "wires",
    "intrinsics",
)  # what dailies can teach, in the order in which they do

SHOW = FileKind(
    format="interneg-show-1",
    largest_bytes=64 << 20,  # far above any of ours: what is larger is not ours
    header={"production": str, "version": str, "base_hash": str, "recipe": dict, "takes": list, "scores": dict},
    called="show's model",
    remedy="learn again, or use an earlier version",
    may_say=("digest",),  # of the weights, as a base has it; files of before it have none
)


@dataclass(frozen=True)
class ShowHeader:
    """What the weights say of themselves: whose they are, where they come from, how good they were found.

    Convention: `base_hash` is the base that they were learnt from, empty where there was none; `takes` are the
        stretches that any of the experts has learnt from; `scores` are by expert and figure, as `fill.candidate`.
    """

    production: str
    version: str
    base_hash: str
    recipe: Mapping[str, float | int | str]
    takes: tuple[str, ...]
    scores: Mapping[str, float]


@dataclass(eq=False)
class ShowModel:
    """A show's model, loaded, with its header and the hash of its file; an expert that it has not learnt is None."""

    version: str
    hash: str
    bytes: int
    header: ShowHeader = field(repr=False)
    fill: FillNetwork | None = None
    spatial: SpatialFillNetwork | None = None
    wires: WiresNetwork | None = None
    intrinsics: IntrinsicsNetwork | None = None

    @property
    def experts(self) -> dict[str, nn.Module]:
        """The experts that it has learnt, by name."""
        return {name: network for name in LEARNT if (network := getattr(self, name)) is not None}


def save_show(path: Path, experts: Mapping[str, nn.Module], header: ShowHeader) -> None:
    """Writes the experts' weights with their header.

    Raises:
        ModelError: there is none, or the file cannot be written.
    """
    if not experts or not set(experts) <= set(LEARNT):
        raise ModelError(f"A show's model has one or more of {', '.join(LEARNT)}, not {sorted(experts)}.")
    tensors = {
        f"{expert}.{name}": tensor.detach().cpu().contiguous()
        for expert, network in experts.items()
        for name, tensor in network.state_dict().items()
    }
    write_tensors(path, tensors, metadata_of(SHOW, {**asdict(header), "digest": digest_of(tensors)}))


def load_show(path: Path, production: str, base_hash: str | None = None) -> ShowModel:
    """The show's model in that file.

    Convention: `base_hash` is the base that is in use, None where there is none: then the header says what is needed.

    Raises:
        ModelError: the file is damaged, too large, no show's model, has other tensors, tensors that were swapped or
            changed, values that are not finite, or was learnt by another production, or from another base.
    """
    tensors, said = opened(path, SHOW)
    digest = said.pop("digest", None)
    header = _header(path, said)
    if header.production != production:
        raise ModelError(
            f"The weights {path} were learnt by {header.production!r}, not by {production!r}: a show's model stays "
            "with its production."
        )
    if base_hash is not None and header.base_hash not in ("", base_hash):  # empty: learnt before there was a base
        raise ModelError(
            f"The weights {path} were learnt from the base {header.base_hash[:12]}, and {base_hash[:12]} is in use: "
            f"learn again (`interneg learn {production}`), or render with `--model base` meanwhile."
        )
    experts = {expert: _network(path, expert, part) for expert, part in _by_expert(path, tensors).items()}
    if digest not in (None, digest_of(tensors)):
        raise ModelError(f"The weights {path} were changed, or have tensors that were swapped: {SHOW.remedy}.")
    content = path.read_bytes()
    return ShowModel(header.version, hashlib.sha256(content).hexdigest(), len(content), header, **experts)  # type: ignore[arg-type]  # each its own


def _header(path: Path, said: Mapping[str, Any]) -> ShowHeader:
    strange = [] if all(isinstance(take, str) for take in said["takes"]) else ["takes"]
    if not all(isinstance(value, int | float) for value in said["scores"].values()):
        strange.append("scores")
    if strange:
        raise ModelError(f"The weights {path} have a damaged header (at {', '.join(strange)}): {SHOW.remedy}.")
    return ShowHeader(**{**said, "takes": tuple(said["takes"])})


def _by_expert(path: Path, tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    parts: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        expert, _, rest = name.partition(".")
        if expert not in LEARNT:
            raise ModelError(f"The weights {path} have other tensors than a show's model has ({name}): {SHOW.remedy}.")
        parts.setdefault(expert, {})[rest] = tensor
    if not parts:
        raise ModelError(f"The weights {path} have no expert at all: {SHOW.remedy}.")
    return parts


def _network(path: Path, expert: str, tensors: Mapping[str, Tensor]) -> nn.Module:
    network = EXPERTS[expert]()
    check_tensors(path, tensors, network.state_dict(), SHOW)
    network.load_state_dict(dict(tensors))
    return network.eval()
