"""The interiors that a stage may have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from interneg.soundstage.scene import StageSet
from interneg.soundstage.sets.dwellings import bedroom, kitchen, living_room
from interneg.soundstage.sets.public_places import bar, corridor, gallery
from interneg.soundstage.sets.workplaces import laboratory, office, workshop

INTERIORS: tuple[Callable[[np.random.Generator], StageSet], ...] = (
    living_room,
    office,
    corridor,
    kitchen,
    workshop,
    bedroom,
    bar,
    laboratory,
    gallery,
)
