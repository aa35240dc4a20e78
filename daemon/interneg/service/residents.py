"""What lives as long as the daemon, handed down to every call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from interneg.plates.colour import ColourConfig
from interneg.production.store import Production, Store
from interneg.production.verdict import Verdict
from interneg.resident.engine import Engine
from interneg.resident.looks import Looks
from interneg.resident.scheduler import Control, Scheduler
from interneg.resident.watcher import Watcher
from interneg.resident.wish import RenderWish
from interneg.settings import Settings
from interneg.training.lesson import Means, Wanted


class Accepted(Protocol):
    """A wish that was found good, and the work that answers it."""

    @property
    def model(self) -> str:
        """The model it is pinned to."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What an artist should know before the first frame."""

    def run(self, control: Control) -> None:
        """Delivers the frames, one by one."""


@dataclass(frozen=True, slots=True)
class LearnWish:
    """A show to learn: what of it, at what cost, and with what."""

    production: Production
    config: ColourConfig
    wanted: Wanted
    means: Means


@dataclass(frozen=True, slots=True)
class Work:
    """What the daemon's jobs do."""

    accept: Callable[[RenderWish, Engine, Settings], Accepted]
    learn: Callable[[LearnWish, Control], Verdict]
    looks: Looks = field(default_factory=Looks)


@dataclass(frozen=True)
class Residents:
    """The daemon's long-lived objects.

    Convention: `settings_of` gives the settings of one show, or the site's where none is named; setting `end` ends the
    daemon.
    """

    settings_of: Callable[[str | None], Settings]
    store: Store
    engine: Engine
    scheduler: Scheduler
    watcher: Watcher
    work: Work
    end: threading.Event = field(default_factory=threading.Event)
    began_seconds: float = field(default_factory=time.monotonic)
