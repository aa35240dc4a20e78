"""Weights on disk: what is not ours, not whole or not this show's is an error that names the file."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from interneg.errors import ModelError
from interneg.model.fill import FillNetwork
from interneg.model.show import SHOW, load_show, save_show
from stage import header_of

Change = Callable[[dict[str, torch.Tensor], dict[str, str]], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    torch.manual_seed(3)
    network = FillNetwork()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    save_show(tmp_path / "show.safetensors", {"fill": network}, header_of("show", "v003"))
    return tmp_path / "show.safetensors"


def test_what_is_saved_is_loaded_with_its_header(path: Path) -> None:
    model = load_show(path, "show")
    assert model.header == header_of("show", "v003") and model.version == "v003"
    assert model.bytes == path.stat().st_size and len(model.hash) == 64
    again = load_show(path, "show")
    assert again.hash == model.hash
    for one, other in zip(model.fill.parameters(), again.fill.parameters(), strict=True):
        assert torch.equal(one, other) and float(one.detach().abs().max()) > 0
    assert not model.fill.training and model.wires is None and list(model.experts) == ["fill"]


def test_another_header_is_another_hash(path: Path, tmp_path: Path) -> None:
    model = load_show(path, "show")
    header = replace(model.header, takes=("another take",))
    save_show(tmp_path / "other.safetensors", model.experts, header)
    assert load_show(tmp_path / "other.safetensors", "show").hash != model.hash


def rewritten(path: Path, change: Change) -> None:
    with safe_open(path, framework="pt") as file:
        said = dict(file.metadata())
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - no mapping
    change(tensors, said)
    save_file(tensors, path, metadata=said)


def first(tensors: dict[str, torch.Tensor], dimensions: int = 4) -> str:
    return next(name for name, tensor in sorted(tensors.items()) if tensor.dim() == dimensions)


def swapped(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    names = [name for name, tensor in sorted(tensors.items()) if tensor.dim() == 4]
    other = next(name for name in names if tensors[name].shape != tensors[names[0]].shape)
    tensors[names[0]], tensors[other] = tensors[other], tensors[names[0]]


def renamed(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    tensors["stranger"] = tensors.pop(first(tensors))


def lacking(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    del tensors[first(tensors, 1)]


def with_more(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    tensors["more"] = torch.zeros(3)


def of_another_shape(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    tensors[first(tensors)] = tensors[first(tensors)].flatten(1).contiguous()


def of_another_type(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    tensors[first(tensors)] = tensors[first(tensors)].to(torch.float16)


def with_value(value: float) -> Change:
    def change(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
        tensors[first(tensors, 1)][0] = value

    return change


def saying(key: str, value: str | None) -> Change:
    def change(_: dict[str, torch.Tensor], said: dict[str, str]) -> None:
        said.pop(key)
        if value is not None:
            said[key] = value

    return change


CHANGES: dict[str, Change] = {
    "swapped": swapped,
    "renamed": renamed,
    "lacking": lacking,
    "more": with_more,
    "shape": of_another_shape,
    "type": of_another_type,
    "NaN": with_value(float("nan")),
    "infinity": with_value(float("inf")),
    "foreign format": saying("format", "sdxl-1"),
    "no format": saying("format", None),
    "no production": saying("production", None),
    "header no JSON": saying("recipe", "{"),
    "takes no list": saying("takes", "7"),
    "takes no texts": saying("takes", "[1]"),
    "production no text": saying("production", "[1]"),
    "scores no mapping": saying("scores", "3"),
    "version no text": saying("version", "{}"),
    "other production": saying("production", json.dumps("another_show")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changed_weights_are_refused_and_named(path: Path, name: str) -> None:
    rewritten(path, CHANGES[name])
    with pytest.raises(ModelError) as caught:
        load_show(path, "show")
    assert str(path) in str(caught.value)


def test_another_productions_model_says_whose_it_is(path: Path) -> None:
    with pytest.raises(ModelError, match=r"'show'.*'second_show'"):
        load_show(path, "second_show")


@pytest.mark.parametrize("kept", [0, 1, 7, 8, 100, 5000, -1])
def test_truncated_weights_are_refused_and_named(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ModelError) as caught:
        load_show(path, "show")
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"\x80\x04}q\x00.", b"PK\x03\x04", b"\xff" * 64, struct.pack("<Q", 2**60) + b"{}", struct.pack("<Q", 2) + b"[]"],
    ids=["a pickle", "a zip", "noise", "a header beyond all size", "a list"],
)
def test_what_is_no_weights_at_all_is_refused_and_named(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        load_show(path, "show")
    assert str(path) in str(caught.value)


def test_weights_too_large_are_not_even_read(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(SHOW.largest_bytes + 1)
    with pytest.raises(ModelError, match="no show's model") as caught:
        load_show(path, "show")
    assert str(path) in str(caught.value)


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    for missing in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(ModelError) as caught:
            load_show(missing, "show")
        assert str(missing) in str(caught.value)
