"""Productions on disk: made, found, opened, deleted, each by its show's name."""

import difflib
import os
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from interneg.errors import AlreadyExistsError, ModelError, NotFoundError, ProductionError, RequestError
from interneg.production import index
from interneg.production.index import CleanedShot, Review
from interneg.production.slate import Take

_SHOW = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}")
_VERSION = re.compile(r"v\d{3,}")

_Opening = Callable[[Path], AbstractContextManager[sqlite3.Connection]]


@dataclass(frozen=True, slots=True)
class Production:
    """One show: the takes of its dailies, and the models learnt from them.

    Convention: holds no file open; every call is one transaction, so that threads and processes may share a production.
    """

    folder: Path
    show: str
    schema_version: int
    created_unix_seconds: float

    def takes(self) -> tuple[Take, ...]:
        """Every take, by slate and path."""
        with self._index() as connection:
            return index.takes(connection)

    def take(self, take_id: str) -> Take | None:
        """The take of that id, or nothing."""
        with self._index() as connection:
            return index.take(connection, take_id)

    def add_take(self, take: Take, instead_of: Iterable[str] = ()) -> bool:
        """Whether the take is new; other content that stood at its path, or at those it stands instead of, goes."""
        with self._index(index.writing) as connection:
            new = index.take(connection, take.id) is None
            if new:
                index.put_take(connection, take, instead_of)
            return new

    def relink_take(self, take: Take) -> None:
        """Lets a known take be found where it has moved to, with the slate that it bears there."""
        with self._index(index.writing) as connection:
            index.put_take(connection, take, ())

    def note_cleaned(self, shot: CleanedShot) -> None:
        """Remembers that an artist has cleaned those frames: their matte says where wires hang."""
        with self._index(index.writing) as connection:
            index.add_cleaned(connection, shot)

    def cleaned_shots(self) -> tuple[CleanedShot, ...]:
        """The shots that artists have cleaned."""
        with self._index() as connection:
            return index.cleaned(connection)

    def model_folder(self, version: str) -> Path:
        """Where the model of that version lies, or will lie."""
        if not _VERSION.fullmatch(version):
            raise RequestError(f"The model version {version!r} is none: versions are called v001, v002 and so on.")
        return self.folder / "models" / version

    @property
    def learning_folder(self) -> Path:
        """Where the checkpoints of a model that is being learnt lie."""
        return self.folder / "learning"

    @contextmanager
    def learning(self) -> Iterator[None]:
        """A context in which checkpoints may be written into the learning folder.

        Raises:
            ProductionError: the disk is full, or the folder may not be written.
        """
        with _disk_trouble_told(self.show, self.learning_folder):
            self.learning_folder.mkdir(parents=True, exist_ok=True)
            yield

    def versions(self) -> tuple[str, ...]:
        """The model versions that lie whole on disk, oldest first."""
        models = self.folder / "models"
        names = [entry.name for entry in models.iterdir()] if models.is_dir() else []
        return tuple(sorted(filter(_VERSION.fullmatch, names), key=lambda name: int(name[1:])))

    def new_version(self) -> str:
        """A version's name that was never given before; what a learn job that was killed left half-written goes."""
        with self._index(index.writing) as connection:
            version = index.reserve_version(connection)
        for leftover in (self.folder / "models").glob(".v*.tmp"):
            shutil.rmtree(leftover, ignore_errors=True)
        return version

    @contextmanager
    def writing_model(self, version: str) -> Iterator[Path]:
        """A folder to write the model into; it becomes the version's own once all is written, and goes after an error.

        Raises:
            AlreadyExistsError: that version was written before; it is never written over.
        """
        target = self.model_folder(version)
        if target.exists():
            raise AlreadyExistsError(
                f"Model {version} of {self.show} is there already, in {target}: ask for a new version."
            )
        with _disk_trouble_told(self.show, target):
            folder = target.with_name(f".{version}.{secrets.token_hex(4)}.tmp")
            folder.mkdir(parents=True)
            try:
                yield folder
                _flush(folder)
                folder.rename(target)
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def circled(self) -> str | None:
        """The version in use, or nothing where none was circled yet."""
        with self._index() as connection:
            return index.circled(connection)

    def circle(self, version: str | None) -> None:
        """Takes that version into use; for None, none of the show's own.

        Raises:
            NotFoundError: its model does not lie on disk.
        """
        if version is not None:
            self._find(version)
        with self._index(index.writing) as connection:
            index.circle(connection, version)

    def record_verdict(self, version: str, circled: bool, figures: Mapping[str, float]) -> None:
        """Keeps a verdict with its figures; a circled version is taken into use in the same moment."""
        if circled:
            self._find(version)
        with self._index(index.writing) as connection:
            index.add_review(connection, Review(version, circled, figures, time.time()))
            if circled:
                index.circle(connection, version)

    def history(self) -> tuple[Review, ...]:
        """Every verdict, oldest first."""
        with self._index() as connection:
            return index.reviews(connection)

    def weights_file(self, version: str) -> Path:
        """The one file of weights of that version.

        Raises:
            NotFoundError: there is no such version.
            ModelError: its folder does not hold one file of weights.
        """
        self._find(version)
        folder = self.model_folder(version)
        paths = sorted(folder.glob("*.safetensors"))
        if len(paths) != 1:
            raise ModelError(
                f"model {version} in {folder}: {len(paths)} files of weights where one should be; learn anew"
            )
        return paths[0]

    def _find(self, version: str) -> None:
        if not self.model_folder(version).is_dir():
            there = ", ".join(self.versions()) or "none yet"
            raise NotFoundError(
                f"{self.show} has no model {version} (there: {there}): name one of these, or learn the show."
            )

    @contextmanager
    def _index(self, how: _Opening = index.reading) -> Iterator[sqlite3.Connection]:
        if not (self.folder / index.FILE_NAME).is_file():
            raise NotFoundError(
                f"Production {self.show!r} is gone from {self.folder}: it was deleted or moved; create it again."
            )
        with _disk_trouble_told(self.show, self.folder), how(self.folder) as connection:
            yield connection


class Store:
    """Every production under one folder."""

    def __init__(self, productions_folder: Path) -> None:
        self.folder = productions_folder

    def create(self, show: str) -> Production:
        """A new production of that name.

        Raises:
            AlreadyExistsError: there is one already; it is left as it is.
        """
        folder = self._folder(show)
        with _disk_trouble_told(show, folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._remove_leftovers(show)
            made = index.create(folder, time.time())
        if not made:
            raise AlreadyExistsError(
                f"Production {show!r} is there already, in {folder}, and stays as it is: choose another name."
            )
        return self.open(show)

    def names(self) -> tuple[str, ...]:
        """The shows, by name."""
        folders = self.folder.iterdir() if self.folder.is_dir() else ()
        return tuple(
            sorted(folder.name for folder in folders if _SHOW.fullmatch(folder.name) and _is_production(folder))
        )

    def open(self, show: str) -> Production:
        """The production of that name.

        Raises:
            NotFoundError: there is none; names near it are told.
            ProductionError: its folder is damaged, or was written by a newer Interneg.
        """
        folder = self._existing(show)
        with _disk_trouble_told(show, folder):
            schema_version = index.schema_version(folder)
            if schema_version > index.SCHEMA_VERSION:
                raise ProductionError(
                    f"Production {show!r} was written by a newer Interneg (schema version {schema_version}; this one "
                    f"reads up to {index.SCHEMA_VERSION}): update Interneg to open it."
                )
            return Production(folder, show, schema_version, index.created_unix_seconds(folder))

    def delete(self, show: str) -> None:
        """Removes a production with all that was learnt from it; the dailies themselves are not touched."""
        folder = self._existing(show)
        with _disk_trouble_told(show, folder):
            # One rename first: a deletion that is interrupted leaves no half of a production in use.
            folder.rename(self.folder / f".{show}.{secrets.token_hex(4)}.tmp")
            self._remove_leftovers(show)

    def _existing(self, show: str) -> Path:
        folder = self._folder(show)
        if _is_production(folder):
            return folder
        near = difflib.get_close_matches(show, self.names(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"make it with `interneg production create {show}`."
        raise NotFoundError(f"There is no production {show!r}: {hint}")

    def _folder(self, show: str) -> Path:
        if not _SHOW.fullmatch(show):
            raise RequestError(
                f"The show's name {show!r} does not do: use 1 to 64 letters, digits, _ - and . (no . in front)."
            )
        return self.folder / show

    def _remove_leftovers(self, show: str) -> None:
        for leftover in self.folder.glob(f".{show}.????????.tmp"):
            shutil.rmtree(leftover, ignore_errors=True)


def _is_production(folder: Path) -> bool:
    """Whether an index lies in the folder; an empty one is what a crash during create leaves, and counts as none."""
    file = folder / index.FILE_NAME
    return file.is_file() and file.stat().st_size > 0


def _flush(folder: Path) -> None:
    """Brings everything in the folder to the disk itself, before its name says that it is whole."""
    for path in (*folder.rglob("*"), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _disk_trouble_told(show: str, folder: Path) -> Iterator[None]:
    """Tells trouble with the disk or the index in the artist's words."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ProductionError(
            f"Production {show!r} cannot be used ({reason}): check {folder}, its rights and its disk."
        ) from error
