"""The base model's file: what is foreign, cut short, swapped or changed is an error that names it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from interneg.errors import ModelError
from interneg.model.base import BASE, EXPERTS, SHIPPED, BaseHeader, digest_of, load_base, save_base
from interneg.model.fill import FillNetwork
from interneg.model.spatial_fill import SpatialFillNetwork

Change = Callable[[dict[str, torch.Tensor], dict[str, str]], None]

HEADER = BaseHeader(
    version="1",
    stage={"seeds": [1, 2, 3], "kinds": ["kitchen"]},
    recipe={"fill": {"steps": 7, "rate": 2e-3, "loss": "dB"}},
    scores={"fill": {"db": 31.5}},
)


def taught(network: nn.Module, seed: int = 3) -> nn.Module:
    """A network of other weights than it is made with."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in network.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator) * 0.1
    return network


@pytest.fixture
def path(tmp_path: Path) -> Path:
    networks = {"fill": taught(FillNetwork()), "spatial": taught(SpatialFillNetwork())}
    save_base(tmp_path / "base.safetensors", networks, HEADER)
    return tmp_path / "base.safetensors"


def test_what_is_saved_is_loaded_at_half_precision_with_its_header(path: Path) -> None:
    base = load_base(path)
    assert base.header == HEADER and base.version == "1" and len(base.hash) == 64
    assert base.fill is not None and base.spatial is not None
    for kept, network in ((base.fill, taught(FillNetwork())), (base.spatial, taught(SpatialFillNetwork()))):
        assert not kept.training
        for one, other in zip(kept.parameters(), network.parameters(), strict=True):
            assert one.dtype == torch.float32 and not one.requires_grad
            assert torch.equal(one, other.half().float()) and float(other.detach().abs().max()) > 0
    parameters = sum(part.numel() for network in (base.fill, base.spatial) for part in network.parameters())
    assert base.bytes == 4 * parameters and path.stat().st_size < 2 * parameters + 20_000


def test_experts_that_are_not_taught_yet_are_absent(path: Path) -> None:
    base = load_base(path)
    assert base.untaught == ("intrinsics", "lamp", "wires")
    assert base.intrinsics is None and base.lamp is None and base.wires is None


def test_every_expert_can_be_shipped_and_keeps_within_the_limit(tmp_path: Path) -> None:
    networks = {expert: make() for expert, make in EXPERTS.items()}
    save_base(tmp_path / "base.safetensors", networks, HEADER)
    base = load_base(tmp_path / "base.safetensors")
    assert base.untaught == ()
    for expert, network in networks.items():
        loaded = getattr(base, expert).state_dict()
        for name, tensor in network.state_dict().items():
            assert torch.equal(loaded[name], tensor.half().float()), f"{expert}.{name}"


def test_the_hash_is_that_of_the_weights_alone(path: Path, tmp_path: Path) -> None:
    networks = {"fill": taught(FillNetwork()), "spatial": taught(SpatialFillNetwork())}
    other = tmp_path / "other.safetensors"
    save_base(other, networks, replace(HEADER, scores={"fill": {"db": 32.0}}))
    assert load_base(other).hash == load_base(path).hash
    save_base(other, networks | {"spatial": taught(SpatialFillNetwork(), seed=4)}, HEADER)
    assert load_base(other).hash != load_base(path).hash


def test_digests_tell_apart_names_shapes_and_types() -> None:
    tensor = torch.arange(12.0).reshape(3, 4)
    same = digest_of({"a": tensor, "b": tensor + 1})
    assert same == digest_of({"b": tensor + 1, "a": tensor})
    others = [
        {"a": tensor + 1, "b": tensor},
        {"a": tensor.reshape(4, 3), "b": tensor + 1},
        {"a": tensor.view(torch.int32), "b": tensor + 1},
        {"c": tensor, "b": tensor + 1},
        {"a": tensor},
    ]
    assert len({same, *map(digest_of, others)}) == 6


def rewritten(path: Path, change: Change) -> None:
    with safe_open(path, framework="pt") as file:
        said = dict(file.metadata())
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - no mapping
    change(tensors, said)
    save_file(tensors, path, metadata=said)


FIRST = "fill.at_full.0.weight"


def swapped(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    one, other = "fill.at_full.0.bias", "fill.at_full.2.bias"
    assert tensors[one].shape == tensors[other].shape
    tensors[one], tensors[other] = tensors[other], tensors[one]


def of_other_experts(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    tensors[FIRST], tensors["spatial.at_full.0.weight"] = tensors["spatial.at_full.0.weight"], tensors[FIRST]


def one_bit_off(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    tensors[FIRST].view(torch.int16)[0, 0, 0, 0] ^= 1


def of_another_shape(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    tensors[FIRST] = tensors[FIRST].flatten(1).contiguous()


def of_another_type(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    tensors[FIRST] = tensors[FIRST].float()


def lacking(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    del tensors[FIRST]


def lacking_an_expert(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
    for name in [name for name in tensors if name.startswith("spatial.")]:
        del tensors[name]


def named(name: str) -> Change:
    def change(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
        tensors[name] = torch.zeros(3, dtype=torch.float16)

    return change


def with_value(value: float) -> Change:
    def change(tensors: dict[str, torch.Tensor], _: dict[str, str]) -> None:
        tensors[FIRST][0, 0, 0, 0] = value

    return change


def saying(key: str, value: str | None) -> Change:
    def change(_: dict[str, torch.Tensor], said: dict[str, str]) -> None:
        said.pop(key)
        if value is not None:
            said[key] = value

    return change


CHANGES: dict[str, tuple[Change, str]] = {
    "foreign header": (saying("format", "sdxl-1"), "'sdxl-1' where 'interneg-base-1'"),
    "a show's header": (saying("format", "interneg-fill-1"), "'interneg-fill-1' where 'interneg-base-1'"),
    "no header": (saying("format", None), "'none' where 'interneg-base-1'"),
    "swapped": (swapped, "swapped or changed"),
    "one bit": (one_bit_off, "swapped or changed"),
    "an expert less": (lacking_an_expert, "swapped or changed"),
    "of other experts": (of_other_experts, r"torch.float16 \(24, 48, 3, 3\) where"),
    "shape": (of_another_shape, r"torch.float16 \(24, \d+\) where"),
    "type": (of_another_type, "torch.float32 .* where torch.float16"),
    "lacking": (lacking, r"other tensors .*\(at_full.0.weight\)"),
    "more": (named("fill.more"), r"other tensors .*\(more\)"),
    "unknown expert": (named("deepfake.weight"), "'deepfake.weight' of no expert"),
    "no expert": (named("fill"), "'fill' of no expert"),
    "NaN": (with_value(float("nan")), "not finite"),
    "infinity": (with_value(float("-inf")), "not finite"),
    "no digest": (saying("digest", None), "'digest'"),
    "digest no text": (saying("digest", "7"), "at digest"),
    "another digest": (saying("digest", json.dumps("0" * 64)), "header says 000000000000"),
    "stage no table": (saying("stage", "[]"), "at stage"),
    "stage without seeds": (saying("stage", '{"kinds": []}'), "at stage"),
    "stage of numbers": (saying("stage", '{"kinds": 1, "seeds": 2}'), "at stage"),
    "recipe of lists": (saying("recipe", '{"fill": []}'), "at recipe"),
    "scores of texts": (saying("scores", '{"fill": {"db": "high"}}'), "at scores"),
    "version no text": (saying("version", "1"), "at version"),
    "header no JSON": (saying("recipe", "{"), "damaged header"),
    "header without end": (saying("recipe", "[" * 100_000), "damaged header"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_base_is_refused_and_says_how(path: Path, name: str) -> None:
    change, told = CHANGES[name]
    rewritten(path, change)
    with pytest.raises(ModelError, match=told) as caught:
        load_base(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("kept", [0, 1, 7, 8, 100, 5000, 200_000, -1])
def test_a_base_cut_short_is_refused_and_named(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ModelError, match="damaged or cut short") as caught:
        load_base(path)
    assert str(path) in str(caught.value)


def test_a_base_too_large_is_not_even_read(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(BASE.largest_bytes + 1)
    with pytest.raises(ModelError, match=f"more than {BASE.largest_bytes}"):
        load_base(path)


def test_a_base_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    for missing in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(ModelError, match="install Interneg again") as caught:
            load_base(missing)
        assert str(missing) in str(caught.value)


def test_what_may_not_be_a_base_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "base.safetensors"
    overflowing = taught(FillNetwork())
    next(overflowing.parameters()).data[0] = 1e6  # finite in float32, beyond half
    refused: list[tuple[dict[str, nn.Module], str]] = [
        ({}, "No expert"),
        ({"deepfake": FillNetwork()}, "'deepfake'.*knows intrinsics, lamp"),
        ({"spatial": FillNetwork()}, "other tensors"),
        ({"fill": overflowing}, "not finite"),
    ]
    for networks, told in refused:
        with pytest.raises(ModelError, match=told):
            save_base(path, networks, HEADER)
        assert list(tmp_path.iterdir()) == []


def test_an_old_base_stands_while_a_new_one_cannot_be_written(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    long = replace(HEADER, recipe={"fill": {"notes": "x" * BASE.largest_bytes}})
    with pytest.raises(ModelError, match=r"larger|more than|cannot be written"):
        save_base(path, {"fill": FillNetwork()}, long)
    with pytest.raises(ModelError, match="cannot be written"):
        save_base(tmp_path / "nowhere" / "base.safetensors", {"fill": FillNetwork()}, HEADER)
    assert path.read_bytes() == before and [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(not SHIPPED.is_file(), reason="no base has been taught yet")
def test_the_shipped_base_is_whole() -> None:
    base = load_base()
    assert set(base.untaught) <= {"fill"} and SHIPPED.stat().st_size <= BASE.largest_bytes
    assert base.header.stage["seeds"] and base.header.stage["kinds"]
    assert all(int(seed) % 8 != 7 for seed in base.header.stage["seeds"]), "held out by seed"
