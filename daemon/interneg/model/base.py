"""The base model: every network that was taught on the soundstage, in one file, as the product starts with them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from interneg.errors import ModelError
from interneg.model.fill import FillNetwork
from interneg.model.intrinsics import IntrinsicsNetwork
from interneg.model.lamp import LampNetwork
from interneg.model.spatial_fill import SpatialFillNetwork
from interneg.model.weights import FileKind, check_tensors, metadata_of, opened, write_tensors
from interneg.model.wires import WiresNetwork

SHIPPED = Path(__file__).with_name("base.safetensors")

BASE = FileKind(
    format="interneg-base-1",
    largest_bytes=24 << 20,  # what a package may weigh on an artist's line
    header={"version": str, "digest": str, "stage": dict, "recipe": dict, "scores": dict},
    called="base model",
    remedy="install Interneg again, or teach the base anew",
)
EXPERTS: Mapping[str, type[nn.Module]] = MappingProxyType(
    {
        "intrinsics": IntrinsicsNetwork,
        "lamp": LampNetwork,
        "fill": FillNetwork,
        "spatial": SpatialFillNetwork,
        "wires": WiresNetwork,
    }
)


@dataclass(frozen=True)
class BaseHeader:
    """What the base says of itself: what it was taught on, how, and how good it was found.

    Convention: `stage` has the `seeds` that it learnt from and the `kinds` of sets; `recipe` and `scores` are tables by
        expert.
    """

    version: str
    stage: Mapping[str, Sequence[int | str]]
    recipe: Mapping[str, Mapping[str, float | int | str]]
    scores: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, eq=False)
class BaseModel:
    """The base, loaded; an expert that has not been taught yet is None.

    Convention: `hash` is of the weights alone: what is said of them may be said better without making them others;
        `bytes` is what they take in memory.
    """

    version: str
    hash: str
    bytes: int
    header: BaseHeader = field(repr=False)
    intrinsics: IntrinsicsNetwork | None = None
    lamp: LampNetwork | None = None
    fill: FillNetwork | None = None
    spatial: SpatialFillNetwork | None = None
    wires: WiresNetwork | None = None

    @property
    def untaught(self) -> tuple[str, ...]:
        """The experts that it lacks."""
        return tuple(expert for expert in EXPERTS if getattr(self, expert) is None)

    @property
    def fills(self) -> bool:
        """Whether any of it has a say in a fill."""
        return self.fill is not None or self.spatial is not None

    def to(self, device: torch.device) -> BaseModel:
        """The same base, its networks brought to that device."""
        for network in filter(None, (getattr(self, expert) for expert in EXPERTS)):
            network.to(device)
        return self


def save_base(path: Path, networks: Mapping[str, nn.Module], header: BaseHeader) -> None:
    """Writes the base with its header, at half precision; whole or not at all.

    Raises:
        ModelError: an expert is unknown or none is given, a weight is not finite at half precision, the file would be
            larger than a base may be, or cannot be written.
    """
    tensors: dict[str, Tensor] = {}
    for expert, network in networks.items():
        wanted = _wanted(path, expert)
        halved = {name: _halved(tensor) for name, tensor in network.state_dict().items()}
        check_tensors(path, halved, wanted, BASE)
        tensors |= {f"{expert}.{name}": tensor for name, tensor in halved.items()}
    if not tensors:
        raise ModelError(f"No expert is given for the base {path}: teach one first (`interneg soundstage teach`).")
    said = {**{name: getattr(header, name) for name in BaseHeader.__dataclass_fields__}, "digest": digest_of(tensors)}
    _write_whole(path, tensors, metadata_of(BASE, said))


def load_base(path: Path | None = None) -> BaseModel:
    """The base model in that file; the one that came with Interneg where none is named.

    Raises:
        ModelError: the file is not there, damaged, cut short, too large, no base, has experts or tensors that this
            version does not know, values that are not finite, or tensors that were swapped or changed.
    """
    path = path or SHIPPED
    tensors, said = opened(path, BASE)
    header = _header(path, said)
    networks = {expert: _network(path, expert, part) for expert, part in _by_expert(path, tensors).items()}
    if not networks:
        raise ModelError(f"The base {path} has no expert at all: {BASE.remedy}.")
    if (digest := digest_of(tensors)) != said["digest"]:
        raise ModelError(
            f"The base {path} has weights of the digest {digest[:12]} where its header says {said['digest'][:12]}: "
            f"tensors were swapped or changed; {BASE.remedy}."
        )
    size = sum(part.numel() * part.element_size() for network in networks.values() for part in network.parameters())
    return BaseModel(header.version, digest, size, header, **networks)  # type: ignore[arg-type]  # each by its own name


def digest_of(tensors: Mapping[str, Tensor]) -> str:
    """The fingerprint of weights: names, types, shapes and bytes, so that no two of them can change places."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _halved(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu().contiguous()
    return tensor.half() if tensor.is_floating_point() else tensor


def _wanted(path: Path, expert: str) -> dict[str, Tensor]:
    """The expert's own tensors, as they lie on disk."""
    if expert not in EXPERTS:
        raise ModelError(f"The base {path} has an expert {expert!r}; this version knows {', '.join(EXPERTS)}.")
    return {name: _halved(tensor) for name, tensor in EXPERTS[expert]().state_dict().items()}


def _by_expert(path: Path, tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    parts: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        expert, dot, rest = name.partition(".")
        if not dot or expert not in EXPERTS:
            raise ModelError(
                f"The base {path} has a tensor {name!r} of no expert that this version knows ({', '.join(EXPERTS)}): "
                f"{BASE.remedy}."
            )
        parts.setdefault(expert, {})[rest] = tensor
    return parts


def _network(path: Path, expert: str, tensors: Mapping[str, Tensor]) -> nn.Module:
    network = EXPERTS[expert]()
    check_tensors(path, tensors, {name: _halved(tensor) for name, tensor in network.state_dict().items()}, BASE)
    network.load_state_dict(dict(tensors))  # copied into its own float32
    return network.eval().requires_grad_(False)


def _header(path: Path, said: Mapping[str, Any]) -> BaseHeader:
    tables = {"recipe": (str, int, float), "scores": (int, float)}
    strange = [
        name for name, kinds in tables.items() if not all(_is_table(table, kinds) for table in said[name].values())
    ]
    if not {"seeds", "kinds"} <= set(said["stage"]) or not all(_is_list(value) for value in said["stage"].values()):
        strange.append("stage")
    if strange:
        raise ModelError(f"The base {path} has a damaged header (at {', '.join(strange)}): {BASE.remedy}.")
    return BaseHeader(**{name: said[name] for name in BaseHeader.__dataclass_fields__})


def _is_table(value: object, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, dict) and all(isinstance(entry, kinds) for entry in value.values())


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, int | str) for entry in value)


def _write_whole(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        write_tensors(temporary, tensors, metadata)
        if (size := temporary.stat().st_size) > BASE.largest_bytes:
            raise ModelError(
                f"The base {path} would have {size} bytes, more than {BASE.largest_bytes}: leave an expert out, or "
                "make one smaller."
            )
        temporary.replace(path)
    except OSError as error:
        raise ModelError(f"The base {path} cannot be written ({error.strerror}): free the disk.") from error
    finally:
        temporary.unlink(missing_ok=True)
