"""How a shot's holes lie in its other frames, and its grain, kept on disk: a knob does not look for them again."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from interneg.errors import MissingFrameError
from interneg.operators.motion import View
from interneg.operators.sources import ANEW, Analyses, Found
from interneg.plates.frames import file_of, parse_pattern
from interneg.plates.grain import Grain
from interneg.plates.source import PlateSource
from interneg.production.provenance import versions_here
from interneg.resident.analyses import key_of_frame
from interneg.resident.kept import keep_within, written_whole

Indices = npt.NDArray[np.intp]

_log = logging.getLogger(__name__)

FORM = "3"  # of what is kept; raised where a motion would come out otherwise
MOST_BYTES = 4 << 30  # a frame at 2K with a thin wire takes 1 to 3 MB: a shot of two thousand
MOST_OF_ONE_BYTES = 64 << 20  # what a target may take: only mattes that cover most of a frame have more
SWEPT = 16  # writes between looks at how much there is


def _versions() -> str:
    """What the bits of a motion depend on besides: this code's version, and those of its libraries."""
    return json.dumps(versions_here(), sort_keys=True)


class Nowhere:
    """Nothing is kept."""

    @contextmanager
    def at(self, target: View) -> Iterator[Analyses]:
        """What is known of that target: nothing."""
        yield ANEW

    def grain(self, views: Sequence[View | None], measure: Callable[[], Grain | None]) -> Grain | None:
        """The first view's grain, measured."""
        return measure()


@dataclass(frozen=True)
class FoundFolder:
    """A folder of what was found, a file a target; the ones that were asked for least recently go."""

    folder: Path
    most_bytes: int = MOST_BYTES
    versions: str = field(default_factory=_versions)

    @contextmanager
    def at(self, target: View) -> Iterator[Analyses]:
        """What is known of that target; what is found meanwhile is kept once all went well.

        A view whose content nobody vouches for has no key, and nothing of it is kept. A folder that cannot be used
            only costs time.
        """
        if not target.key:
            yield ANEW
            return
        path = self._path(target.key, "motion")
        known = _Known(path)
        yield known
        if known.has_more:
            self._keep(path, known.arrays())

    def grain(self, views: Sequence[View | None], measure: Callable[[], Grain | None]) -> Grain | None:
        """The first view's grain, which is told by all of them where they are there, measured where it is not known."""
        if not all(view is None or view.key for view in views):
            return measure()
        keys = ["none" if view is None else view.key for view in views]
        path, names = self._path("\n".join(keys), "grain"), [each.name for each in fields(Grain)]
        held = _arrays(path)
        if held is not None and not held:
            return None
        if held is not None and sorted(held) == sorted(names) and all(np.isfinite(held[name]).all() for name in names):
            return Grain(**held)
        made = measure()
        self._keep(path, {} if made is None else {name: getattr(made, name) for name in names})
        return made

    def _path(self, key: str, of: str) -> Path:
        return self.folder / f"{_digest(key, FORM, self.versions)}.{of}.npz"

    def _keep(self, path: Path, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            written_whole(path, arrays)
            if int(path.name[:8], 16) % SWEPT == 0:
                keep_within(self.folder, self.most_bytes)
        except OSError as error:
            _log.warning("what was found is not kept: %s (%s)", path, error)


class _Known:
    """What is known of one target, read when it is first asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cells: Indices | None = None
        self._found: dict[str, Found] = {}
        self._left = MOST_OF_ONE_BYTES
        self.has_more = False

    def of(self, source: View, cells: Indices, make: Callable[[], Found]) -> Found:
        """How the target's hole lies in that source."""
        if self._cells is None:
            self._cells = cells
            self._found = _read(self._path, cells)
        if not source.key or self._left <= 0:
            return make()
        found = self._found.get(source.key)
        if found is None:
            found = self._found[source.key] = make()
            self._left -= found.maps.nbytes
            self.has_more = self._left > 0
        if self._left <= 0:
            self._found.clear()
        return found

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """All of it as it is written."""
        count = 0 if self._cells is None else len(self._cells)
        found = list(self._found.values())
        return {
            "cells": np.zeros(0, np.intp) if self._cells is None else self._cells,
            "sources": np.array(list(self._found), np.str_),
            "same": np.array([one.is_same_scene for one in found], bool),
            "maps": np.stack([one.maps for one in found]) if found else np.zeros((0, count, 7), np.float32),
        }


class ContentKeys:
    """What frames of a plate are told by: their content, and what the matte hides of it; safe from several threads.

    Convention: `seen_by` is what else a view depends on, such as the colour config.
    """

    def __init__(self, source: PlateSource, seen_by: str) -> None:
        self._source, self._seen_by = source, seen_by
        self._lock = threading.Lock()
        self._known: dict[int, tuple[tuple[int, int, int], str]] = {}

    def of(self, number: int) -> str:
        """The key of that frame's file as it is now; empty where it cannot be read."""
        source = self._source
        try:
            path = Path(source.path) if source.kind == "movie" else file_of(parse_pattern(source.path), number)
            stat = path.stat()
            state = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            with self._lock:
                known = self._known.get(number)
            if known is not None and known[0] == state:
                return known[1]
            key = key_of_frame(source, number, self._seen_by)
        except (OSError, MissingFrameError):
            return ""
        with self._lock:
            self._known[number] = (state, key)
        return key


def key_of_view(content: str, view: View) -> str:
    """What a view is told by: its frame's content, and what may not be looked at; empty without a content."""
    if not content:
        return ""
    hidden = hashlib.blake2b(np.packbits(view.known).tobytes(), digest_size=16)
    wanted = hashlib.blake2b(np.packbits(view.hole).tobytes(), digest_size=16)
    return _digest(content, str(view.hole.shape), hidden.hexdigest(), wanted.hexdigest())


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=20).hexdigest()


def _arrays(path: Path) -> dict[str, Any] | None:
    """The arrays of a file; None where it is none."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            arrays = dict(held)
        os.utime(path)  # asked for just now
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return arrays


def _read(path: Path, cells: Indices) -> dict[str, Found]:
    """What is kept of a target whose bridge looks at those cells; nothing where the file is none, or of another."""
    held = _arrays(path)
    if held is None or sorted(held) != ["cells", "maps", "same", "sources"]:
        return {}
    names, same, maps, own = (held[name] for name in ("sources", "same", "maps", "cells"))
    fits = own.shape == cells.shape and bool((own == cells).all()) and maps.dtype == np.float32
    if not fits or maps.shape != (len(names), len(cells), 7) or same.shape != names.shape:
        return {}
    if not np.isfinite(maps).all():
        return {}
    return {str(name): Found(bool(is_same), one) for name, is_same, one in zip(names, same, maps, strict=True)}
