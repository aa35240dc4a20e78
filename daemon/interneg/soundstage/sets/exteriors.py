"""All sets out of doors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from interneg.soundstage.scene import StageSet
from interneg.soundstage.sets.markets import market
from interneg.soundstage.sets.nature import forest_edge
from interneg.soundstage.sets.roofs import roof
from interneg.soundstage.sets.streets import street_corner
from interneg.soundstage.sets.wilds import beach, desert
from interneg.soundstage.sets.yards import car_park, courtyard, garden

EXTERIORS: tuple[Callable[[np.random.Generator], StageSet], ...] = (
    street_corner,
    roof,
    forest_edge,
    courtyard,
    car_park,
    garden,
    market,
    desert,
    beach,
)
