"""Which paths a caller may name, and what they are called on this side."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from interneg.errors import NotAllowedError, RequestError
from interneg.plates.frames import parse_pattern


@dataclass(frozen=True, slots=True)
class PathRules:
    """What the callers of one address may name.

    Convention: `roots` is None on the user's own socket, where the system's own rights decide; over TCP a path must lie
    under one of the roots once its links are followed. `path_map` holds (host prefix, prefix here).
    """

    path_map: tuple[tuple[str, str], ...] = ()
    roots: tuple[Path, ...] | None = None

    def source(self, path: str, what: str = "path") -> str:
        """A path to read from, as it is called here.

        Raises:
            RequestError: it is not absolute.
            NotAllowedError: it, or a link within it, leads out of the roots.
        """
        here = self._here(path, what)
        if self.roots is not None:
            for file in (Path(here), *_linked(Path(here))):
                self._check_within(file, path)
        return here

    def target(self, path: str, what: str = "output") -> str:
        """A path to write to, as it is called here; links at the files themselves are replaced, never followed."""
        here = self._here(path, what)
        if self.roots is not None:
            self._check_within(Path(here).parent, path)
        return here

    def shown(self, path: str) -> str:
        """A path of this side, as the caller calls it."""
        if self.roots is None:
            return path
        for theirs, ours in sorted(self.path_map, key=lambda pair: -len(pair[1])):
            rest = _rest_below(path, ours)
            if rest is not None:
                is_windows = "\\" in theirs or theirs[1:2] == ":"
                return theirs.rstrip("/\\") + (rest.replace("/", "\\") if is_windows else rest)
        return path

    def _here(self, path: str, what: str) -> str:
        """The path after the map, which must be absolute."""
        mapped = self._mapped(path)
        if "\0" in path or not PurePosixPath(mapped).is_absolute():
            foreign = PureWindowsPath(path).is_absolute()
            advice = "add its prefix to path_map in the settings" if foreign else "give an absolute path"
            raise RequestError(f"{what} '{path}': not an absolute path on the daemon's machine; {advice}")
        return mapped

    def _mapped(self, path: str) -> str:
        """The path under the longest prefix of the map that it begins with."""
        for theirs, ours in sorted(self.path_map, key=lambda pair: -len(pair[0])):
            rest = _rest_below(path, theirs)
            if rest is not None:
                return ours.rstrip("/") + rest.replace("\\", "/")
        return path

    def _check_within(self, file: Path, said: str) -> None:
        """Passes where the file lies under a root once links are followed."""
        try:
            resolved = file.resolve()
        except (OSError, RuntimeError) as error:
            raise NotAllowedError(f"path '{said}': its links cannot be followed ({error})") from error
        if not any(resolved.is_relative_to(root.resolve()) for root in self.roots or ()):
            named = ", ".join(map(str, self.roots or ())) or "none is configured"
            raise NotAllowedError(
                f"path '{said}': outside the roots that are shared over TCP ({named}); use one of them"
            )


def _rest_below(path: str, prefix: str) -> str | None:
    """What follows the prefix, beginning with its separator; None where the path does not lie below it."""
    bare = prefix.rstrip("/\\")
    is_windows = "\\" in prefix or prefix[1:2] == ":"
    one, other = (path.replace("\\", "/"), bare.replace("\\", "/")) if is_windows else (path, bare)
    begins = one.lower().startswith(other.lower()) if is_windows else one.startswith(other)
    rest = one[len(other) :]
    return rest if begins and (not rest or rest.startswith("/")) else None


def _linked(path: Path) -> Iterator[Path]:
    """The symbolic links that a reader of this path could follow: below a folder, or among a pattern's frames."""
    if path.is_dir():
        for folder, folders, files in os.walk(path):
            yield from (each for name in (*folders, *files) if (each := Path(folder, name)).is_symlink())
        return
    pattern = parse_pattern(str(path))
    yield from (each for frame in pattern.frames_on_disk() if (each := pattern.path(frame)).is_symlink())
