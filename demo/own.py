"""Anybody's clip as a sample: the clip is what there is to learn from, and wires of ours stand in front of it."""

from contextlib import closing
from functools import partial
from pathlib import Path

from demo.sample import Sample, Shot, in_parallel, shot_in, write_shot
from demo.wires import FLOWN_PERFORMER, wires_over
from interneg.errors import PlateError
from interneg.plates.colour import ColourConfig
from interneg.plates.source import PlateSource, open_source
from interneg.settings import load_settings

MOST_FRAMES = 48
_FEWEST_FRAMES = 12
# A demo is watched: so many pixels are cleaned in about a minute on two cores.
_MOST_PIXELS = 30_000_000


def make_own(clip: Path, folder: Path, most_frames: int = MOST_FRAMES) -> Sample:
    """A shot of the clip's first frames with thin wires of ours over them; its truth is the clip itself.

    Raises:
        PlateError: the clip cannot be read, or a frame of it is missing.
    """
    config = ColourConfig(load_settings().ocio)
    with closing(open_source(str(clip), "", config)) as source:
        frames = _consecutive(source)
        first = source.read(frames[0])
        count = max(_FEWEST_FRAMES, _MOST_PIXELS // max(1, first.width * first.height))
        frames = frames[: min(most_frames, count)]
        shot = shot_in(folder, f"{clip.name.split('.')[0]}_wires", frames[0], len(frames))
        in_parallel([partial(_make_frame, source, shot, frame) for frame in frames])
    return Sample((clip,), (shot,))


def _consecutive(source: PlateSource) -> tuple[int, ...]:
    """The clip's frames up to the first gap."""
    if not source.frames:
        raise PlateError(f"{source.path} holds no frame: name a movie or a sequence.")
    first = source.frames[0]
    return tuple(frame for index, frame in enumerate(source.frames) if frame == first + index)


def _make_frame(source: PlateSource, shot: Shot, frame: int) -> None:
    truth = source.read(frame).rgb
    share = (frame - shot.first_frame) / max(1, shot.last_frame - shot.first_frame)
    plate, coverage = wires_over(truth, FLOWN_PERFORMER, share)
    write_shot(shot, frame, (plate, coverage, truth))
