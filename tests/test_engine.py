import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from interneg.errors import ModelError, NotFoundError, RequestError
from interneg.model.base import BaseModel
from interneg.production.store import Production, Store
from interneg.resident.engine import Engine
from interneg.settings import load_settings
from stage import base_loader, base_of


class SmallModel:
    """What the engine needs of a model: 100 bytes of it."""

    def __init__(self, path: Path, show: str) -> None:
        self.version, self.hash, self.bytes = path.parent.name, path.read_text(), 100
        self.experts = {"fill": torch.nn.Linear(1, 1)}


class Shelf:
    """A store with a show, and an engine that counts what it loads."""

    def __init__(self, home: Path, budget_bytes: int = 250, base: BaseModel | None = None) -> None:
        self.store = Store(home / "productions")
        self.store.create("show")
        self.loaded: list[str] = []
        settings = load_settings(home=home, memory_budget_bytes=budget_bytes, device="cpu")
        self.base = base
        self.engine = Engine(settings, self.store, self._load, self._load_base)

    def _load(self, path: Path, show: str, base_hash: str | None) -> SmallModel:
        self.loaded.append(f"{show} {path.parent.name}")
        self.asked_with = base_hash
        return SmallModel(path, show)

    def _load_base(self) -> BaseModel:
        self.loaded.append("base")
        return base_loader(self.base)()

    def shows_loaded(self) -> list[str]:
        return [name for name in self.loaded if name != "base"]

    def learn(self, show: str = "show", circled: bool = False) -> str:
        production: Production = self.store.open(show)
        version = production.new_version()
        with production.writing_model(version) as folder:
            (folder / "show.safetensors").write_text(f"{show} {version}")
        if circled:
            production.circle(version)
        return version


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    yield Shelf(tmp_path)
    gc.collect()


def test_a_show_that_has_learnt_nothing_has_no_model(shelf: Shelf) -> None:
    assert shelf.engine.show_model("show") is None
    shelf.learn()
    assert shelf.engine.show_model("show") is None, "an NG take is not used"
    assert shelf.loaded == []


def test_the_circled_model_is_loaded_once_and_stays(shelf: Shelf) -> None:
    shelf.learn(circled=True)
    first = shelf.engine.show_model("show")
    assert first is not None and first is shelf.engine.show_model("show", "v001")
    assert not first.experts["fill"].training
    assert shelf.engine.resident() == ["show v001"]
    assert shelf.shows_loaded() == ["show v001"]


def test_the_newly_circled_model_is_used_and_the_old_one_can_be_pinned(shelf: Shelf) -> None:
    shelf.learn(circled=True)
    shelf.learn(circled=True)
    assert shelf.engine.show_model("show").version == "v002"
    assert shelf.engine.show_model("show", "v001").version == "v001"
    assert shelf.engine.show_model("show", "classical") is None


def test_the_least_recently_asked_for_is_let_go(shelf: Shelf) -> None:
    for _ in range(3):
        shelf.learn()
    for version in ("v001", "v002", "v001", "v003"):
        shelf.engine.show_model("show", version)
    gc.collect()
    assert shelf.engine.resident() == ["show v001", "show v003"]


def test_a_model_that_a_job_holds_is_never_evicted_or_loaded_twice(shelf: Shelf) -> None:
    for _ in range(4):
        shelf.learn()
    held = shelf.engine.show_model("show", "v001")
    for version in ("v002", "v003", "v004"):
        shelf.engine.show_model("show", version)
    assert "show v001" in shelf.engine.resident()
    assert shelf.engine.show_model("show", "v001") is held
    assert shelf.loaded.count("show v001") == 1


def test_a_model_larger_than_the_budget_is_still_loaded(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, budget_bytes=1)
    shelf.learn(circled=True)
    assert shelf.engine.show_model("show") is not None


def test_a_production_made_anew_under_an_old_name_has_its_own_model(shelf: Shelf) -> None:
    shelf.learn(circled=True)
    before = weakref.ref(shelf.engine.show_model("show"))
    shelf.store.delete("show")
    shelf.engine.forget("show")
    gc.collect()
    assert before() is None
    shelf.store.create("show")
    with pytest.raises(NotFoundError, match="v001"):
        shelf.engine.show_model("show", "v001")
    shelf.learn(circled=True)
    assert shelf.engine.show_model("show") is not None
    assert shelf.shows_loaded() == ["show v001", "show v001"]


def test_what_is_not_there_is_named(shelf: Shelf) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        shelf.engine.show_model("nobody")
    with pytest.raises(NotFoundError, match="v009"):
        shelf.engine.show_model("show", "v009")


def test_a_version_without_weights_is_told(shelf: Shelf) -> None:
    version = shelf.learn(circled=True)
    (shelf.store.open("show").model_folder(version) / "show.safetensors").unlink()
    with pytest.raises(ModelError, match="learn anew"):
        shelf.engine.show_model("show")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="device = auto"):
        Engine(load_settings(home=tmp_path, device="cuda"), Store(tmp_path))


def test_the_base_is_loaded_when_it_is_first_asked_for_and_stays(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, base=base_of())
    assert shelf.engine.resident() == [] and shelf.engine.resident_bytes() == 0 and shelf.loaded == []
    assert shelf.engine.base() is shelf.base is shelf.engine.base()
    assert shelf.engine.resident() == ["base-1"] and shelf.engine.resident_bytes() == 400
    assert shelf.loaded == ["base"] and shelf.engine.base_fault == ""


def test_the_base_counts_in_the_budget_and_is_never_let_go(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, budget_bytes=550, base=base_of())  # 400 bytes of base, 100 a model: one model beside it
    for _ in range(3):
        shelf.learn()
    for version in ("v001", "v002", "v003"):
        shelf.engine.show_model("show", version)
        gc.collect()
        assert shelf.engine.resident() == ["base-1", f"show {version}"]
    assert shelf.engine.base() is shelf.base and shelf.loaded.count("base") == 1


def test_a_shows_model_is_loaded_against_the_base_in_use(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, base=base_of())
    shelf.learn(circled=True)
    shelf.engine.show_model("show")
    assert shelf.asked_with == shelf.base.hash


def test_a_base_that_cannot_be_used_is_told_once_and_costs_nothing_else(shelf: Shelf) -> None:
    shelf.learn(circled=True)
    assert shelf.engine.base() is None and shelf.engine.base() is None
    assert "damaged" in shelf.engine.base_fault and shelf.loaded == ["base"]
    assert shelf.engine.show_model("show") is not None and shelf.asked_with is None
    assert shelf.engine.resident() == ["show v001"]


def test_no_show_model_is_looked_for_where_the_base_or_nobody_is_asked_for(shelf: Shelf) -> None:
    shelf.learn(circled=True)
    assert shelf.engine.show_model("show", "base") is None
    assert shelf.engine.show_model("show", "classical") is None
    assert shelf.loaded == []
