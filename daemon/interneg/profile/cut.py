"""The rhythm of a show's cut, from an EDL or an OTIO file: how long and how close its shots are, and whose takes.

The only importer of opentimelineio.
"""

from __future__ import annotations

import json
import math
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import opentimelineio as otio

from interneg.errors import ProductionError, RequestError
from interneg.production.slate import Take
from interneg.production.store import Production
from interneg.profile.sizes import SIZES, punch_in_of, size_called

SUFFIXES = (".edl", ".otio")
LARGEST_BYTES = 64 << 20  # a feature's cut has some hundred kilobytes
USUAL_FPS = 24.0  # where no take says
LEAST_PUNCH_IN = 1.005  # half a percent is a rounding, not a wish
FILE_NAME = "cut.json"


@dataclass(frozen=True)
class CutShot:
    """One shot of the cut: the names that it bears, how long it is, the size that it is called (empty: none), and how
    far the timeline punches in (1: not; None: the file does not say).
    """

    names: tuple[str, ...]
    seconds: float
    size: str = ""
    punch_in: float | None = None


@dataclass(frozen=True)
class Rhythm:
    """How a cut moves on.

    Convention: seconds of the middle shot, of the shortest tenth's longest and of the longest tenth's shortest; `known`
        is the share of shots whose take is among the dailies. `sizes` counts shots by the size that their names call,
        those that call none left out; `punched` is the share of shots that the timeline punches in, `punch_in` the
        middle of how far (1.12 is 12 %), both None where the file does not say.
    """

    shots: int
    seconds: float
    middle: float
    shortest: float
    longest: float
    known: float
    sizes: Mapping[str, int] = field(default_factory=dict)
    punched: float | None = None
    punch_in: float | None = None


def read_cut(path: Path, fps: float) -> tuple[CutShot, ...]:
    """The shots of the first picture track that has any, in order; gaps and black are none.

    Convention: an EDL counts in `fps`, an OTIO file says its own rate.

    Raises:
        RequestError: the file is no EDL or OTIO file, damaged, too large, or holds no shot.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise RequestError(f"cut '{path}': a cut is read from {' or '.join(SUFFIXES)}; export one of them.")
    timeline = _timeline(path, fps)
    if isinstance(timeline, otio.schema.Timeline):
        for track in timeline.video_tracks():
            shots = tuple(_shot(clip) for clip in track.find_clips() if _is_shot(clip))
            if shots:
                return shots
    raise RequestError(f"cut '{path}': it holds no shot on any picture track; export the picture.")


def _timeline(path: Path, fps: float) -> object:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise RequestError(f"cut '{path}': it is larger than {LARGEST_BYTES >> 20} MB; no cut of shots is.")
        rate = {"rate": fps} if path.suffix.lower() == ".edl" else {}
        return otio.adapters.read_from_file(str(path), **rate)
    except OSError as error:
        raise RequestError(f"cut '{path}' cannot be read ({error.strerror}).") from error
    except (otio.exceptions.OTIOError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RequestError(f"cut '{path}': it is damaged, or no cut ({told}); export it again.") from error


def _is_shot(clip: otio.schema.Clip) -> bool:
    seconds = clip.trimmed_range().duration.to_seconds()
    is_made = isinstance(clip.media_reference, otio.schema.GeneratorReference)
    return not is_made and math.isfinite(seconds) and seconds > 0


def _shot(clip: otio.schema.Clip) -> CutShot:
    reel = clip.metadata.get("cmx_3600", {}).get("reel", "")
    media = clip.media_reference
    address = media.target_url if isinstance(media, otio.schema.ExternalReference) else ""
    names = tuple(filter(None, (clip.name, str(reel), Path(address).name, media.name if media is not None else "")))
    comments = [str(each) for each in clip.metadata.get("cmx_3600", {}).get("comments", ())]
    notes = [text for marker in clip.markers for text in (marker.name, marker.comment)]
    punch_in = punch_in_of([effect.metadata.get("Resolve_OTIO") for effect in clip.effects])
    seconds = clip.trimmed_range().duration.to_seconds()
    return CutShot(names, seconds, size_called((*names, *comments, *notes)), punch_in)


def rhythm_of(shots: Sequence[CutShot], takes: Sequence[Take]) -> Rhythm:
    """The rhythm of those shots."""
    lengths = np.asarray([shot.seconds for shot in shots], np.float64)
    shortest, middle, longest = np.percentile(lengths, (10, 50, 90)).tolist()
    theirs = {_plain(name) for take in takes for name in _names_of(take)}
    known = np.mean([any(_plain(name) in theirs for name in shot.names) for shot in shots])
    called = Counter(shot.size for shot in shots)
    told = [shot.punch_in for shot in shots if shot.punch_in is not None]
    closer = [punch_in for punch_in in told if punch_in > LEAST_PUNCH_IN]
    return Rhythm(
        len(shots),
        float(lengths.sum()),
        middle,
        shortest,
        longest,
        float(known),
        {size: called[size] for size in SIZES if called[size]},
        len(closer) / len(shots) if told else None,
        float(np.median(closer)) if closer else None,
    )


def _names_of(take: Take) -> tuple[str, ...]:
    """What a cut may call that take: its reel, its file, its slate."""
    file = Path(take.path).name.split(".")[0]
    return tuple(filter(None, (take.reel, file, take.slate.setup + take.slate.take)))


def _plain(name: str) -> str:
    """A name without what programs add to it: case, separators, the ending."""
    return "".join(letter for letter in name.partition(".")[0].lower() if letter.isalnum())


def keep_cut(production: Production, path: Path) -> Rhythm:
    """Reads the cut and keeps its rhythm in place of the one before.

    Raises:
        RequestError: the cut cannot be read.
        ProductionError: what it says cannot be written.
    """
    takes = production.takes()
    rates = Counter(take.fps for take in takes if take.fps > 0)
    rhythm = rhythm_of(read_cut(path, rates.most_common(1)[0][0] if rates else USUAL_FPS), takes)
    folder = production.folder / "profile"
    draft = folder / f".{FILE_NAME}.{secrets.token_hex(4)}.tmp"
    try:
        folder.mkdir(exist_ok=True)
        draft.write_text(json.dumps(asdict(rhythm)), encoding="utf-8")
        draft.replace(folder / FILE_NAME)
    except OSError as error:
        raise ProductionError(f"the rhythm of '{path}' cannot be kept ({error.strerror}): free the disk.") from error
    finally:
        draft.unlink(missing_ok=True)
    return rhythm


def kept_rhythm(production: Production) -> Rhythm | None:
    """The rhythm of the cut that was read last; none where none was, or what is kept is damaged."""
    try:
        said = json.loads((production.folder / "profile" / FILE_NAME).read_text(encoding="utf-8"))
        lengths = {name: float(said[name]) for name in ("seconds", "middle", "shortest", "longest", "known")}
        punches = {name: float(said[name]) for name in ("punched", "punch_in") if said.get(name) is not None}
        sizes = {str(size): int(count) for size, count in said.get("sizes", {}).items()}
        return Rhythm(shots=int(said["shots"]), sizes=sizes, **lengths, **punches)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
