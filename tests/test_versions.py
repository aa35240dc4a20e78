"""A show's model versions: used, exported, imported, and what is refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from interneg.errors import AlreadyExistsError, ModelError, NotFoundError, RequestError
from interneg.model.fill import FillNetwork
from interneg.model.show import load_show, save_show
from interneg.production.store import Production, Store
from interneg.resident.versions import export_version, import_version, use_version, versions_of
from interneg_bridge import errors
from interneg_bridge.client import Client
from interneg_proto.v1 import training_service_pb2
from stage import header_of
from stand_in_daemon import daemon

BASE_HASH = "b" * 64


def learnt(production: Production, base_hash: str = BASE_HASH, verdict: bool | None = True) -> str:
    """A version of the show, with a verdict or none."""
    version = production.new_version()
    torch.manual_seed(int(version[1:]))
    header = replace(header_of(production.show, version), base_hash=base_hash)
    with production.writing_model(version) as folder:
        save_show(folder / "show.safetensors", {"fill": FillNetwork()}, header)
    if verdict is not None:
        production.record_verdict(version, verdict, {"fill.candidate": 31.5, "fill.in_use": 31.0, "fill.circled": 1.0})
    return version


@pytest.fixture
def show(tmp_path: Path) -> Production:
    return Store(tmp_path / "productions").create("show")


def test_versions_are_told_with_their_verdicts(show: Production) -> None:
    learnt(show)
    learnt(show, verdict=False)
    learnt(show, verdict=None)
    first, second, third = versions_of(show)
    assert (first.name, first.in_use, first.is_there) == ("v001", True, True)
    assert second.review is not None and not second.review.circled and not second.in_use
    assert third.name == "v003" and third.review is None


def test_an_ng_version_may_be_used_by_hand_and_the_base_again(show: Production) -> None:
    learnt(show)
    learnt(show, verdict=False)
    use_version(show, "v002", BASE_HASH)
    assert show.circled() == "v002"
    use_version(show, "base", BASE_HASH)
    assert show.circled() is None


@pytest.mark.parametrize("spoil", ["none of that name", "another base", "damaged"])
def test_what_cannot_answer_is_not_used(show: Production, spoil: str) -> None:
    learnt(show)
    other = learnt(show, base_hash="c" * 64 if spoil == "another base" else BASE_HASH, verdict=False)
    if spoil == "damaged":
        show.weights_file(other).write_bytes(b"not weights")
    with pytest.raises(NotFoundError if spoil == "none of that name" else ModelError):
        use_version(show, "v009" if spoil == "none of that name" else other, BASE_HASH)
    assert show.circled() == "v001"


def test_what_is_exported_is_imported_bit_for_bit(show: Production, tmp_path: Path) -> None:
    learnt(show)
    learnt(show)
    name, size = export_version(show, "", tmp_path / "model.safetensors", BASE_HASH)
    assert name == "v002" and size == (tmp_path / "model.safetensors").stat().st_size
    elsewhere = Store(tmp_path / "elsewhere").create("show")
    assert import_version(elsewhere, tmp_path / "model.safetensors", BASE_HASH) == "v001"
    ours, theirs = (load_show(one.weights_file(name), "show") for one, name in ((show, "v002"), (elsewhere, "v001")))
    for one, other in zip(ours.fill.parameters(), theirs.fill.parameters(), strict=True):
        assert torch.equal(one, other)
    assert theirs.header == replace(ours.header, version="v001")
    assert elsewhere.circled() is None, "an imported model is in use once somebody says so"


def swap_two(file: Path) -> None:
    """Two tensors of one shape change places in the file."""
    from safetensors import safe_open
    from safetensors.torch import save_file

    with safe_open(file, "pt") as opened:
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - the handle is no mapping
        metadata = opened.metadata()
    name, other = next(
        (one, two)
        for one in tensors
        for two in tensors
        if tensors[one].shape == tensors[two].shape and not torch.equal(tensors[one], tensors[two])
    )
    save_file({**tensors, name: tensors[other], other: tensors[name]}, file, metadata=metadata)


@pytest.mark.parametrize(
    "spoil", ["another production", "another base", "foreign", "swapped", "cut short", "not there"]
)
def test_what_is_not_this_shows_is_not_imported(show: Production, tmp_path: Path, spoil: str) -> None:
    learnt(show)
    file = tmp_path / "model.safetensors"
    export_version(show, "v001", file, BASE_HASH)
    into = Store(tmp_path / "elsewhere").create("other" if spoil == "another production" else "show")
    if spoil == "foreign":
        from safetensors.torch import save_file

        save_file({"weight": torch.zeros(2)}, file, metadata={"format": "pt"})
    if spoil == "swapped":
        swap_two(file)
    if spoil == "cut short":
        file.write_bytes(file.read_bytes()[:-100])
    if spoil == "not there":
        file.unlink()
    with pytest.raises(ModelError):
        import_version(into, file, "c" * 64 if spoil == "another base" else BASE_HASH)
    assert into.versions() == () and into.history() == ()


def test_an_export_writes_over_nothing(show: Production, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no model in use"):
        export_version(show, "", tmp_path / "model.safetensors", BASE_HASH)
    learnt(show)
    (tmp_path / "model.safetensors").write_bytes(b"mine")
    with pytest.raises(AlreadyExistsError):
        export_version(show, "", tmp_path / "model.safetensors", BASE_HASH)
    assert (tmp_path / "model.safetensors").read_bytes() == b"mine"
    with pytest.raises(NotFoundError, match="no such folder"):
        export_version(show, "", tmp_path / "nowhere" / "model.safetensors", BASE_HASH)
    with pytest.raises(RequestError, match="safetensors"):
        export_version(show, "", tmp_path / "model.txt", BASE_HASH)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.safetensors", "productions"]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with daemon(tmp_path / "home") as settings, Client(str(settings.socket_path)) as made:
        made.create_production("show")
        yield made


def test_the_daemon_lists_uses_exports_and_imports(client: Client, tmp_path: Path) -> None:
    production = Store(tmp_path / "home" / "productions").open("show")
    learnt(production, base_hash="")
    (version,) = client.list_versions("show")
    assert (version.version, version.verdict, version.in_use) == ("v001", training_service_pb2.VERDICT_CIRCLED, True)
    assert dict(version.figures) == {"fill.candidate": 31.5, "fill.in_use": 31.0, "fill.circled": 1.0}
    file = tmp_path / "model.safetensors"
    assert client.export_version("show", "", str(file)).version == "v001"
    assert client.import_version("show", str(file)) == "v002"
    client.use_version("show", "v002")
    assert [one.in_use for one in client.list_versions("show")] == [False, True]
    assert client.list_versions("show")[1].verdict == training_service_pb2.VERDICT_UNSPECIFIED
    client.use_version("show", "base")
    assert client.get_production("show").circled_version == ""


def test_a_wrong_version_or_path_is_refused_by_name(client: Client) -> None:
    with pytest.raises(errors.NotFoundError, match="v004"):
        client.use_version("show", "v004")
    with pytest.raises(errors.RequestError, match="newest"):
        client.use_version("show", "newest")
    with pytest.raises(errors.RequestError, match="absolute"):
        client.export_version("show", "", "model.safetensors")
    with pytest.raises(errors.RefusedError, match="cannot be read"):
        client.import_version("show", "/nowhere/model.safetensors")
