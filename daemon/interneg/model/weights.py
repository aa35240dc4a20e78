"""Weights in and out of safetensors; the header is checked before a byte of weights is used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from interneg.errors import ModelError
from interneg.model.fill import FillNetwork

FORMAT = "interneg-fill-1"
LARGEST_BYTES = 64 << 20  # far above any of ours: what is larger is not ours
HEADER_KINDS = (
    ("production", str),
    ("version", str),
    ("base_hash", str),
    ("recipe", dict),
    ("takes", list),
    ("scores", dict),
)


@dataclass(frozen=True)
class WeightsHeader:
    """What the weights say of themselves: whose they are, where they come from, how good they were found."""

    production: str
    version: str
    base_hash: str
    recipe: Mapping[str, float | int | str]
    takes: tuple[str, ...]
    scores: Mapping[str, float]


@dataclass(eq=False)
class FillModel:
    """A show's fill network, loaded, with its header and the hash of its file."""

    version: str
    hash: str
    bytes: int
    network: FillNetwork
    header: WeightsHeader = field(repr=False)


def save_fill(path: Path, network: FillNetwork, header: WeightsHeader) -> None:
    """Writes the network's weights with their header."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    said = {key: json.dumps(value) for key, value in asdict(header).items()}
    save_file(tensors, path, metadata={"format": FORMAT, **said})


def load_fill(path: Path, production: str) -> FillModel:
    """The fill model in that file.

    Raises:
        ModelError: the file is damaged, too large, not a fill model, has other tensors, values that are not finite, or
            was learnt by another production.
    """
    content = _content(path)
    try:
        with safe_open(path, framework="pt") as file:
            header = _header(path, file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - the handle is no mapping
    except SafetensorError as error:
        raise ModelError(
            f"The weights {path} are damaged ({error}): learn again, or use an earlier version."
        ) from error
    if header.production != production:
        raise ModelError(
            f"The weights {path} were learnt by {header.production!r}, not by {production!r}: a show's model stays "
            "with its production."
        )
    network = FillNetwork()
    _check(path, tensors, network.state_dict())
    network.load_state_dict(tensors)
    return FillModel(header.version, hashlib.sha256(content).hexdigest(), len(content), network.eval(), header)


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Writes tensors by name, with what is said of them.

    Raises:
        ModelError: the file cannot be written.
    """
    try:
        save_file(dict(tensors), path, metadata=dict(metadata))
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} cannot be written ({error}): free the disk, or name another folder.") from error


def read_tensors(path: Path, largest_bytes: int) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a file by name, and what is said of them; nothing of either has been checked.

    Raises:
        ModelError: the file is not there, larger than that, damaged or cut short.
    """
    try:
        if (size := path.stat().st_size) > largest_bytes:
            raise ModelError(f"{path} has {size} bytes, more than {largest_bytes}: it is none of ours.")
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - the handle is no mapping
            return tensors, dict(file.metadata() or {})
    except SafetensorError as error:
        raise ModelError(f"{path} is damaged or cut short ({error}): write it again.") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}): check the file.") from error


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise ModelError(
                f"The weights {path} have {size} bytes, more than {LARGEST_BYTES}: this is no show's model."
            )
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"The weights {path} cannot be read ({error.strerror}): learn again.") from error


def _header(path: Path, metadata: Mapping[str, str]) -> WeightsHeader:
    if metadata.get("format") != FORMAT:
        raise ModelError(
            f"The weights {path} have the header {metadata.get('format', 'none')!r} where {FORMAT!r} should be: they "
            "are not this version's fill model."
        )
    try:
        said = {key: json.loads(metadata[key]) for key in WeightsHeader.__dataclass_fields__}
    except (KeyError, json.JSONDecodeError) as error:
        raise ModelError(f"The weights {path} have a damaged header (at {error}): learn again.") from error
    strange = [key for key, kind in HEADER_KINDS if not isinstance(said[key], kind)]
    if strange or not all(isinstance(take, str) for take in said["takes"]):
        named = ", ".join(strange or ["takes"])
        raise ModelError(f"The weights {path} have a damaged header (at {named}): learn again.")
    return WeightsHeader(**{**said, "takes": tuple(said["takes"])})


def _check(path: Path, tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    if set(tensors) != set(wanted):
        strange = sorted(set(tensors) ^ set(wanted))[:4]
        raise ModelError(f"The weights {path} have other tensors than this version's network ({', '.join(strange)}).")
    for name, tensor in tensors.items():
        if tensor.shape != wanted[name].shape or tensor.dtype != wanted[name].dtype:
            raise ModelError(
                f"The weights {path} have {name} as {tensor.dtype} {tuple(tensor.shape)} where "
                f"{wanted[name].dtype} {tuple(wanted[name].shape)} should be: the file was changed."
            )
        if not torch.isfinite(tensor).all():
            raise ModelError(f"The weights {path} have values in {name} that are not finite: learn again.")
