"""The models that stay loaded, within a memory budget."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import torch

from interneg.errors import ModelError, NotFoundError, RequestError
from interneg.production.store import Production, Store
from interneg.settings import Settings

if TYPE_CHECKING:
    from interneg.model.base import BaseModel
    from interneg.model.show import ShowModel

_log = logging.getLogger(__name__)

CLASSICAL = "classical"  # asked for as a version: no network at all
BASE = "base"  # asked for as a version: what came with Interneg, and nothing that the show has learnt


@dataclass(frozen=True, slots=True)
class _Key:
    """One file of weights; a production made anew under an old name has other files."""

    show: str
    version: str
    path: Path
    changed_nanoseconds: int
    inode: int


class Engine:
    """The device, and the models that are loaded onto it.

    Convention: a model is let go, least recently asked for first, once the loaded ones exceed the budget; one that a
    job still holds stays until the job lets go of it, and is found again meanwhile. The base is loaded when it is first
    asked for, counts, and stays: every show falls back on it.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        load: Callable[[Path, str, str | None], ShowModel] | None = None,
        load_base: Callable[[], BaseModel] | None = None,
    ) -> None:
        self.device = device_from_settings(settings)
        self._store = store
        self._budget_bytes = settings.memory_budget_bytes
        self._load = load or _load_show
        self._load_base = load_base or _load_shipped
        self._base: BaseModel | None = None
        self.base_fault = ""  # why there is no base, once it has been asked for
        self._base_lock = threading.Lock()  # of its own: it is asked for while a model is loaded
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, ShowModel] = OrderedDict()
        self._alive: WeakValueDictionary[_Key, ShowModel] = WeakValueDictionary()
        if settings.threads is not None:
            torch.set_num_threads(settings.threads)

    def show_model(self, show: str, version: str = "") -> ShowModel | None:
        """The show's model, loaded: the circled one where no version is named; None where nothing is circled.

        Raises:
            NotFoundError: there is no such show, or it has no such version.
            ModelError: its weights are damaged, foreign, or learnt from another base.
        """
        production = self._store.open(show)
        version = version or production.circled() or BASE
        if version in (CLASSICAL, BASE):
            return None
        key = _key_of(production, version)
        with self._lock:
            model = self._kept.get(key) or self._alive.get(key) or self._loaded(key)
            self._kept[key] = self._alive[key] = model
            self._kept.move_to_end(key)
            self._evict()
            return model

    def production(self, show: str) -> Production:
        """What is known of that show.

        Raises:
            NotFoundError: there is no such show.
        """
        return self._store.open(show)

    def base(self) -> BaseModel | None:
        """The base model, loaded once; None where it cannot be used, and `base_fault` says why."""
        with self._base_lock:
            if self._base is None and not self.base_fault:
                try:
                    self._base = self._load_base().to(self.device)
                except ModelError as error:
                    self.base_fault = str(error)
                    _log.warning("there is no base model: %s", self.base_fault)
            return self._base

    def resident(self) -> list[str]:
        """The models that are loaded, `SHOW VERSION` each, and the base by its version."""
        with self._lock:
            models = sorted(f"{key.show} {key.version}" for key in self._alive)
        return [self._base.version, *models] if self._base else models

    def resident_bytes(self) -> int:
        """The memory that the loaded models take."""
        return sum(model.bytes for model in list(self._alive.values())) + (self._base.bytes if self._base else 0)

    def forget(self, show: str) -> None:
        """Lets go of a show's models."""
        with self._lock:
            for key in [key for key in self._kept if key.show == show]:
                del self._kept[key]

    def _loaded(self, key: _Key) -> ShowModel:
        """The model, read from its file and brought to the device."""
        base = self.base()
        model = self._load(key.path, key.show, base.hash if base else None)
        for network in model.experts.values():
            network.to(self.device).eval()
        _log.info("loaded %s %s onto %s (%d bytes)", key.show, key.version, self.device, model.bytes)
        return model

    def _evict(self) -> None:
        """Lets go of models until the loaded ones keep within the budget; the one just asked for stays."""
        while self.resident_bytes() > self._budget_bytes and len(self._kept) > 1:
            key = next(iter(self._kept))
            del self._kept[key]  # and no other name for it here: it must go at once to be counted as gone
            _log.info("let go of %s %s: the memory budget is %d bytes", key.show, key.version, self._budget_bytes)


def device_from_settings(settings: Settings) -> torch.device:
    """The device that networks run on.

    Raises:
        RequestError: CUDA is asked for and there is none.
    """
    has_cuda = torch.cuda.is_available()
    if settings.device == "cuda" and not has_cuda:
        raise RequestError("device = cuda: this machine has no CUDA device that torch can use; set device = auto")
    return torch.device("cuda" if settings.device != "cpu" and has_cuda else "cpu")


def _key_of(production: Production, version: str) -> _Key:
    """The weights of that version."""
    if version not in production.versions():
        there = ", ".join((CLASSICAL, BASE, *production.versions()))
        raise NotFoundError(f"model '{version}': {production.show} has no such version; it has {there}")
    path = production.weights_file(version)
    stat = path.stat()
    return _Key(production.show, version, path, stat.st_mtime_ns, stat.st_ino)


def _load_show(path: Path, show: str, base_hash: str | None) -> ShowModel:
    """The model in that file, checked against its show and the base."""
    from interneg.model.show import load_show

    return load_show(path, show, base_hash)


def _load_shipped() -> BaseModel:
    """The base that came with Interneg."""
    from interneg.model.base import load_base

    return load_base()
