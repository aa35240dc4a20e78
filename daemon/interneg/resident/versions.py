"""A show's model versions: which there are, which is in use, and how one leaves and enters a daemon as a file."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from interneg.errors import AlreadyExistsError, NotFoundError, ProductionError, RequestError
from interneg.model.show import load_show, save_show
from interneg.production.index import Review
from interneg.production.store import Production
from interneg.resident.engine import BASE

IMPORTED_NAME = "show.safetensors"
SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Version:
    """A model version of a show; `review` is None where it was imported and never reviewed here."""

    name: str
    in_use: bool
    is_there: bool
    review: Review | None


def versions_of(production: Production) -> tuple[Version, ...]:
    """Every version that was reviewed or lies on disk, oldest first."""
    there, circled = production.versions(), production.circled()
    reviews = production.history()
    made = [Version(one.version, one.version == circled, one.version in there, one) for one in reviews]
    reviewed = {one.version for one in reviews}
    made += [Version(name, name == circled, True, None) for name in there if name not in reviewed]
    return tuple(sorted(made, key=lambda version: int(version.name[1:])))


def use_version(production: Production, version: str, base_hash: str | None) -> None:
    """Takes the version into use from the next job on; `base` for none of the show's own.

    Convention: `base_hash` is the base in use, None where there is none.

    Raises:
        NotFoundError: there is no such version.
        ModelError: its weights are damaged, foreign or of another base; what was in use stays.
    """
    if version == BASE:
        production.circle(None)
        return
    load_show(production.weights_file(version), production.show, base_hash)
    production.circle(version)


def export_version(production: Production, version: str, path: Path, base_hash: str | None) -> tuple[str, int]:
    """Writes the version, by default the one in use, into a file that is not there yet; its name and its bytes.

    Raises:
        NotFoundError: there is no such version, none is in use, or there is no folder to write into.
        AlreadyExistsError: the file is there already.
        ModelError: its weights are damaged, or of another base.
    """
    version = version or production.circled() or ""
    if not version:
        raise NotFoundError(f"{production.show} has no model in use: name the version to export, or learn the show.")
    if path.suffix != SUFFIX:
        raise RequestError(f"file '{path}': a model is written as NAME{SUFFIX}; name it so.")
    if not path.parent.is_dir():
        raise NotFoundError(f"folder '{path.parent}': there is no such folder to write the model into; make it first.")
    source = production.weights_file(version)
    load_show(source, production.show, base_hash)
    content = source.read_bytes()
    _write_whole(path, content)
    return version, len(content)


def import_version(production: Production, path: Path, base_hash: str | None) -> str:
    """Keeps an exported model as a version of the show's own, reviewed by nobody and not in use; its name here.

    Raises:
        ModelError: the file is not there, damaged or no model of ours, or was learnt by another production or from
            another base.
    """
    model = load_show(path, production.show, base_hash)
    version = production.new_version()
    with production.writing_model(version) as folder:
        save_show(folder / IMPORTED_NAME, model.experts, replace(model.header, version=version))
    return version


def _write_whole(path: Path, content: bytes) -> None:
    """Writes a file that is not there yet, whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        draft.write_bytes(content)
        if path.exists():
            raise AlreadyExistsError(f"file '{path}': it is there already and stays as it is; name another.")
        draft.replace(path)
    except OSError as error:
        raise ProductionError(f"file '{path}' cannot be written ({error.strerror}): name another folder.") from error
    finally:
        draft.unlink(missing_ok=True)
