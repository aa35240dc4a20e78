"""Shots that artists look at, kept open with what is known of their light: a knob then costs only shading."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from interneg.plates.colour import ColourConfig
from interneg.plates.frames import parse_pattern
from interneg.resident.acceptance import open_relight, open_relight_again
from interneg.resident.engine import Engine
from interneg.resident.light_experts import light_experts_for
from interneg.resident.relighting import Relighting
from interneg.resident.wish import RelightWish, RenderWish
from interneg.settings import Settings

MOST = 2  # shots: the one that is worked on, and the one it is held against
PLATES_BYTES = 256 << 20  # of a shot's plates: the looked at frame and the reference frame, at 4K too


@dataclass(frozen=True)
class _Shot:
    """What makes a shot the same one: where it lies, each of its files as it stands, and who tells its light."""

    path: str
    colourspace: str
    config: str
    experts: str
    files: tuple[tuple[str, int, int], ...]


class Looks:
    """The last few shots that were looked at; safe to ask from several threads.

    Convention: a shot whose files changed, or whose model did, is another one and opened anew.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._open: OrderedDict[_Shot, tuple[Relighting, ColourConfig]] = OrderedDict()

    def at(
        self, wish: RenderWish, operator: RelightWish, engine: Engine, settings: Settings
    ) -> tuple[Relighting, ColourConfig]:
        """A relight of that shot by that rig, and the colour config that it is shown by.

        Raises:
            RequestError, NotFoundError, ModelError, PlateError, MissingFrameError: as when it is rendered.
        """
        experts = light_experts_for(engine, wish.show, wish.model_version)
        told = f"{experts.hash} {experts.answered.model} {' '.join(experts.notices)}"
        shot = _Shot(wish.plate_path, wish.colourspace, settings.ocio or "", told, _files(wish.plate_path))
        with self._lock:
            known = self._open.get(shot)
            if known is not None:
                self._open.move_to_end(shot)
        if known is not None:
            return open_relight_again(known[0], wish, operator), known[1]
        opened = open_relight(wish, operator, engine, settings, PLATES_BYTES), ColourConfig(settings.ocio)
        with self._lock:
            self._open[shot] = opened
            gone = [self._open.popitem(last=False)[1] for _ in range(len(self._open) - self._most)]
        for work, _ in gone:
            work.close()  # whoever still looks at it reads on: a file that was let go is opened again
        return opened


def _files(path: str) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of every file of a shot; empty where none is there."""
    pattern = parse_pattern(path)
    try:
        stats = [(one, one.stat()) for one in map(pattern.path, pattern.frames_on_disk())]
    except OSError:
        return ()
    return tuple((one.name, stat.st_size, stat.st_mtime_ns) for one, stat in stats)
