"""Shots that artists look at, kept open with what is known of their light: a knob then costs only shading."""

from __future__ import annotations

import threading
from collections import OrderedDict

from interneg.plates.colour import ColourConfig
from interneg.resident.acceptance import open_relight, open_relight_again
from interneg.resident.engine import Engine
from interneg.resident.known_light import MOST, KnownShots, LitShot
from interneg.resident.light_experts import light_experts_for
from interneg.resident.relighting import Relighting
from interneg.resident.wish import RelightWish, RenderWish
from interneg.settings import Settings

PLATES_BYTES = 256 << 20  # of a shot's plates: the looked at frame and the reference frame, at 4K too


class Looks:
    """The last few shots that were looked at; safe to ask from several threads.

    Convention: a shot whose files changed, or whose model did, is another one and opened anew.
    """

    def __init__(self, known: KnownShots | None = None, most: int = MOST) -> None:
        self._known, self._most = known or KnownShots(most), most
        self._lock = threading.Lock()
        self._open: OrderedDict[LitShot, tuple[Relighting, ColourConfig]] = OrderedDict()

    def at(
        self, wish: RenderWish, operator: RelightWish, engine: Engine, settings: Settings
    ) -> tuple[Relighting, ColourConfig]:
        """A relight of that shot by that rig, and the colour config that it is shown by.

        Raises:
            RequestError, NotFoundError, ModelError, PlateError, MissingFrameError: as when it is rendered.
        """
        experts = light_experts_for(engine, wish.show, wish.model_version)
        shot = LitShot.of(wish, experts, settings.ocio)
        with self._lock:
            opened = self._open.get(shot)
            if opened is not None:
                self._open.move_to_end(shot)
        if opened is not None:
            return open_relight_again(opened[0], wish, operator), opened[1]
        known = self._known.of(shot)
        opened = open_relight(wish, operator, engine, settings, known, PLATES_BYTES), ColourConfig(settings.ocio)
        with self._lock:
            self._open[shot] = opened
            gone = [self._open.popitem(last=False)[1] for _ in range(len(self._open) - self._most)]
        for work, _ in gone:
            work.close()  # whoever still looks at it reads on: a file that was let go is opened again
        return opened
