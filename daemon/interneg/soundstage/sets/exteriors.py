"""All sets out of doors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from interneg.soundstage.scene import StageSet
from interneg.soundstage.sets.nature import forest_edge
from interneg.soundstage.sets.roofs import roof
from interneg.soundstage.sets.streets import street_corner

EXTERIORS: tuple[Callable[[np.random.Generator], StageSet], ...] = (street_corner, roof, forest_edge)
