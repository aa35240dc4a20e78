"""Handfuls on disk for as long as a lesson lasts: what a killed daemon had cut is not cut again."""

from __future__ import annotations

import secrets
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]

PATTERN = "handfuls-*.npz"
HALF = np.float16  # half the disk; its steps near white are 66 dB down, far below any grain


class KeptHandfuls:
    """The handfuls of a lesson in its folder, in files of some each, the oldest going first."""

    def __init__(self, folder: Path, most: int) -> None:
        self._folder, self._most = folder, most
        self._counts: dict[Path, int] = {}
        self._next = 0

    def read(self) -> tuple[list[Pixels], list[Pixels]]:
        """All planes and truths that are kept, oldest first; a file that a crash left damaged goes."""
        planes: list[Pixels] = []
        truths: list[Pixels] = []
        for path in sorted(self._folder.glob(PATTERN)):
            try:
                with path.open("rb") as opened, np.load(opened) as file:
                    found = [file["planes"].astype(np.float32), file["truths"].astype(np.float32)]
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                path.unlink(missing_ok=True)
                continue
            self._counts[path] = len(found[0])
            self._next = int(path.stem.partition("-")[2]) + 1
            planes.extend(found[0])
            truths.extend(found[1])
        return planes, truths

    def add(self, planes: Sequence[Pixels], truths: Sequence[Pixels]) -> None:
        """Keeps these too, written whole or not at all."""
        if not planes:
            return
        path = self._folder / PATTERN.replace("*", f"{self._next:06}")
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            with draft.open("wb") as file:
                np.savez(file, planes=np.stack(planes).astype(HALF), truths=np.stack(truths).astype(HALF))
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        self._counts[path], self._next = len(planes), self._next + 1
        while sum(self._counts.values()) - next(iter(self._counts.values())) >= self._most:
            oldest = next(iter(self._counts))
            del self._counts[oldest]
            oldest.unlink(missing_ok=True)
