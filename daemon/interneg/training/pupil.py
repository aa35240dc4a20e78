"""A network that is being taught, and its checkpoint on disk: written whole or not at all, and no pickle."""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from interneg.errors import ModelError
from interneg.model.weights import read_tensors, write_tensors

FORMAT = "interneg-lesson-1"
LARGEST_BYTES = 1 << 30  # far above four copies of the largest expert


@dataclass(eq=False)
class Pupil:
    """A network at work, the average of its weights that is kept in the end, and how far it has come.

    Convention: there is no random state to keep, since the loop seeds every step by its number.
    """

    expert: str
    seed: int
    network: nn.Module
    average: nn.Module
    optimiser: torch.optim.Optimizer
    steps: int = 0
    seconds: float = 0.0  # of teaching alone, over all its runs

    def follow(self, memory: float) -> None:
        """Brings the average a step nearer to the network, looking back over a share 1/memory of the steps so far."""
        share = min(1.0, (memory + 1) / (self.steps + memory + 1))
        with torch.no_grad():
            for kept, new in zip(self.average.parameters(), self.network.parameters(), strict=True):
                kept.lerp_(new, share)
            for held, current in zip(self.average.buffers(), self.network.buffers(), strict=True):
                held.copy_(current)


@dataclass(frozen=True)
class Optimising:
    """How AdamW is set: its rate at the highest, how soon it forgets squares, and the decay of weights."""

    highest_rate: float
    second_moment: float
    weight_decay: float


def new_pupil(expert: str, network: nn.Module, seed: int, how: Optimising, device: torch.device) -> Pupil:
    """A pupil before its first step."""
    if device.type == "cuda":
        network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    network = network.train()
    average = copy.deepcopy(network).eval().requires_grad_(False)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=how.highest_rate, betas=(0.9, how.second_moment), weight_decay=how.weight_decay
    )
    return Pupil(expert, seed, network, average, optimiser)


def keep(pupil: Pupil, path: Path) -> None:
    """Writes the pupil's checkpoint; whoever kills the process meanwhile leaves the one before.

    Raises:
        ModelError: the disk is full, or the folder may not be written.
    """
    said = {"expert": pupil.expert, "seed": pupil.seed, "steps": pupil.steps, "seconds": pupil.seconds}
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_tensors(temporary, _tensors_of(pupil), {"format": FORMAT, "pupil": json.dumps(said)})
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(f"The checkpoint {path} cannot be written ({error.strerror}): free the disk.") from error


def _tensors_of(pupil: Pupil) -> dict[str, Tensor]:
    tensors = {f"network.{name}": tensor for name, tensor in pupil.network.state_dict().items()}
    tensors |= {f"average.{name}": tensor for name, tensor in pupil.average.state_dict().items()}
    for place, state in pupil.optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{place}.{name}": torch.as_tensor(value) for name, value in state.items()}
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}


def resume(pupil: Pupil, path: Path) -> None:
    """Brings a new pupil to where its checkpoint was written.

    Raises:
        ModelError: the checkpoint is damaged, of another expert or seed, or of another network.
    """
    tensors, metadata = read_tensors(path, LARGEST_BYTES)
    said = _said(path, metadata)
    if said["expert"] != pupil.expert or said["seed"] != pupil.seed:
        raise ModelError(
            f"The checkpoint {path} is of {said['expert']} with seed {said['seed']}, not of {pupil.expert} with "
            f"{pupil.seed}: take that seed, or start anew with --fresh."
        )
    _load(path, pupil.network, tensors, "network.")
    _load(path, pupil.average, tensors, "average.")
    _load_optimiser(path, pupil, tensors)
    pupil.steps, pupil.seconds = int(said["steps"]), float(said["seconds"])


def _said(path: Path, metadata: Mapping[str, str]) -> dict[str, str | int | float]:
    try:
        said = json.loads(metadata["pupil"])
        kinds = {"expert": str, "seed": int, "steps": int, "seconds": float}
        if metadata.get("format") == FORMAT and all(isinstance(said[name], kind) for name, kind in kinds.items()):
            return {name: said[name] for name in kinds}
    except (KeyError, TypeError, json.JSONDecodeError):
        pass
    raise ModelError(f"{path} is no checkpoint of a lesson, or a damaged one: remove it, or start anew with --fresh.")


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _load(path: Path, network: nn.Module, tensors: Mapping[str, Tensor], prefix: str) -> None:
    try:
        network.load_state_dict(_part(tensors, prefix))
    except RuntimeError as error:
        raise ModelError(
            f"The checkpoint {path} is of another network than this version's: start anew with --fresh."
        ) from error


def _load_optimiser(path: Path, pupil: Pupil, tensors: Mapping[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in _part(tensors, "optimiser.").items():
        place, _, key = name.partition(".")
        state.setdefault(int(place), {})[key] = tensor
    if state and len(state) != len(list(pupil.network.parameters())):
        raise ModelError(f"The checkpoint {path} lacks a part of its optimiser: start anew with --fresh.")
    groups = pupil.optimiser.state_dict()["param_groups"]
    pupil.optimiser.load_state_dict({"state": state, "param_groups": groups})
