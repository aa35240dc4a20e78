"""Weights in and out of safetensors; the header is checked before a byte of weights is used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from interneg.errors import ModelError


@dataclass(frozen=True)
class FileKind:
    """A kind of weights file: its format and how large it may be, what its header says, what it is called, and what to
    do about a bad one; and what its header may say besides, in text, since later versions do.
    """

    format: str
    largest_bytes: int
    header: Mapping[str, type]
    called: str
    remedy: str
    may_say: tuple[str, ...] = ()


def metadata_of(kind: FileKind, said: Mapping[str, object]) -> dict[str, str]:
    """A header as safetensors keeps it."""
    return {"format": kind.format, **{key: json.dumps(value) for key, value in said.items()}}


def opened(path: Path, kind: FileKind) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors of a file of that kind, and what its header says, checked; the tensors are not.

    Raises:
        ModelError: the file is not there, too large, damaged, cut short or of another kind.
    """
    tensors, metadata = read_tensors(path, kind.largest_bytes, kind.called, kind.remedy)
    if metadata.get("format") != kind.format:
        raise ModelError(
            f"The weights {path} have the header {metadata.get('format', 'none')!r} where {kind.format!r} should be: "
            f"they are not this version's {kind.called}."
        )
    try:
        said = {key: json.loads(metadata[key]) for key in kind.header}
        said |= {key: json.loads(metadata[key]) for key in kind.may_say if key in metadata}
    except (KeyError, ValueError, RecursionError) as error:
        raise ModelError(f"The weights {path} have a damaged header (at {error}): {kind.remedy}.") from error
    strange = [key for key, wanted in kind.header.items() if not isinstance(said[key], wanted)]
    if strange:
        raise ModelError(f"The weights {path} have a damaged header (at {', '.join(strange)}): {kind.remedy}.")
    return tensors, said


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Writes tensors by name, with what is said of them.

    Raises:
        ModelError: the file cannot be written.
    """
    try:
        save_file(dict(tensors), path, metadata=dict(metadata))
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} cannot be written ({error}): free the disk, or name another folder.") from error


def read_tensors(
    path: Path, largest_bytes: int, called: str = "file of ours", remedy: str = "write it again"
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a file by name, and what is said of them; nothing of either has been checked.

    Raises:
        ModelError: the file is not there, larger than that, damaged or cut short.
    """
    try:
        if (size := path.stat().st_size) > largest_bytes:
            raise ModelError(f"{path} has {size} bytes, more than {largest_bytes}: this is no {called}.")
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - the handle is no mapping
            return tensors, dict(file.metadata() or {})
    except SafetensorError as error:
        raise ModelError(f"{path} is damaged or cut short ({error}): {remedy}.") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror or error}): {remedy}.") from error


def check_tensors(path: Path, tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor], kind: FileKind) -> None:
    """Holds tensors to the names, shapes and types of a network's own, and to finite values.

    Raises:
        ModelError: they are others.
    """
    if set(tensors) != set(wanted):
        strange = sorted(set(tensors) ^ set(wanted))[:4]
        raise ModelError(f"The weights {path} have other tensors than this version's network ({', '.join(strange)}).")
    for name, tensor in tensors.items():
        if tensor.shape != wanted[name].shape or tensor.dtype != wanted[name].dtype:
            raise ModelError(
                f"The weights {path} have {name} as {tensor.dtype} {tuple(tensor.shape)} where "
                f"{wanted[name].dtype} {tuple(wanted[name].shape)} should be: the file was changed; {kind.remedy}."
            )
        if not torch.isfinite(tensor).all():
            raise ModelError(f"The weights {path} have values in {name} that are not finite: {kind.remedy}.")
