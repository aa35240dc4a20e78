"""The plugins' own files, from a checkout or from an installed wheel; and files written whole or not at all."""

from __future__ import annotations

import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from interneg_bridge.errors import RefusedError


def package_folder(name: str) -> Path:
    """Where a plugin's package lies; it is looked up, not imported.

    Raises:
        RefusedError: this environment lacks it.
    """
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise RefusedError(f"the package {name} is missing: install Interneg's environment again")
    return Path(next(iter(spec.submodule_search_locations)))


def start_file(host: str, name: str) -> Path:
    """A file that the host itself starts: beside the package in a checkout, in the environment's share otherwise.

    Raises:
        RefusedError: it is in neither place.
    """
    beside = package_folder(f"interneg_{host}").parent / name
    shared = Path(sys.prefix) / "share" / "interneg" / host / name
    for path in (beside, shared):
        if path.is_file():
            return path
    raise RefusedError(f"{shared} is missing: install Interneg's environment again")


def write_whole(path: Path, content: bytes) -> None:
    """The file stands with this content, or as it was; its mode and a link to it stay."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp", delete=False) as file:
        file.write(content)
    temporary = Path(file.name)
    try:
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
