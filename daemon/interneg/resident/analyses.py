"""What the networks say of a shot's frames, kept on disk by the frame's own content and the model's."""

from __future__ import annotations

import hashlib
import logging
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from interneg.model.analysis import Analysis
from interneg.plates.frames import file_of, parse_pattern
from interneg.plates.source import PlateSource
from interneg.resident.kept import keep_within, written_whole

_log = logging.getLogger(__name__)

FORM = "1"  # of what is kept; raised where an analysis would come out otherwise
MOST_BYTES = 512 << 20  # about 1300 frames
SWEPT = 16  # writes between looks at how much there is


@dataclass(frozen=True)
class AnalysisFolder:
    """A folder of analyses, bounded: the ones that were asked for least recently go."""

    folder: Path
    most_bytes: int = MOST_BYTES

    def get(self, key: str, make: Callable[[], Analysis]) -> Analysis:
        """The analysis of that key: the kept one, else a new one. A folder that cannot be used only costs time."""
        path = self.folder / f"{key}.npz"
        kept = _read(path)
        if kept is not None:
            return kept
        made = make()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(path, made)
            if int(key[:8], 16) % SWEPT == 0:
                keep_within(self.folder, self.most_bytes)
        except OSError as error:
            _log.warning("the analysis %s is not kept: %s", path, error)
        return made


def key_of_frame(source: PlateSource, frame: int, seen_by: str) -> str:
    """What a frame's analysis is kept by: the content of its file (of a movie its name, size and time), and `seen_by`.

    Convention: `seen_by` is what else it depends on, such as the model's hash and the colour config.

    Raises:
        OSError: the file cannot be read.
        MissingFrameError: it is not there.
    """
    digest = hashlib.blake2b(digest_size=20)
    if source.kind == "movie":
        path = Path(source.path).resolve()
        stat = path.stat()
        digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns} {frame}".encode())
    else:
        digest.update(file_of(parse_pattern(source.path), frame).read_bytes())
    digest.update(f"{FORM} {source.colourspace} {seen_by}".encode())
    return digest.hexdigest()


def _read(path: Path) -> Analysis | None:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            small, maps, agreement, lamp = (held[name] for name in ("small", "maps", "agreement", "lamp"))
            noise = float(held["noise"])
        path.touch()  # asked for just now
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    whole = maps.shape == (*small.shape[:2], 10) and small.ndim == 3 and lamp.shape == (7,)
    if not (whole and agreement.shape == small.shape[:2] and np.isfinite(maps).all() and np.isfinite(lamp).all()):
        return None
    return Analysis(small.astype(np.float32), maps.astype(np.float32), agreement.astype(np.float32), lamp, noise)


def _write(path: Path, analysis: Analysis) -> None:
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "small": analysis.small,
        "maps": analysis.maps.astype(np.float16),
        "agreement": analysis.agreement.astype(np.float16),
        "lamp": np.asarray(analysis.lamp),
        "noise": np.asarray(analysis.noise, np.float64),
    }
    written_whole(path, arrays)
