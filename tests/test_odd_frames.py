"""Frames of another size than their take: they cost the others nothing, in learning and in the profile."""

from pathlib import Path

import numpy as np
import pytest
import torch

from interneg.errors import PlateError
from interneg.ingest import Added, ingest
from interneg.plates.colour import ColourConfig
from interneg.production.store import Production, Store
from interneg.profile.takes import measured
from interneg.training.frame_pairs import paired
from interneg.training.recipe import Recipe
from interneg.training.spatial_tiles import tiles_of_picture
from interneg.training.takes import Stretch, read_clip
from synthetic import panned, write_plate

CONFIG = ColourConfig()
CPU = torch.device("cpu")
SIZES = {1: (32, 48), 7: (3, 7), 12: (90, 130)}  # all three among the stills that a profile looks at


@pytest.fixture
def show(tmp_path: Path) -> Production:
    """A show of two takes with three frames of other sizes each."""
    production = Store(tmp_path / "productions").create("show")
    for take in (1, 2):
        for number, rgb in enumerate(panned(12, 64, 96, seed=take), 1):
            height, width = SIZES.get(number, (64, 96))
            plate = np.resize(rgb, (height, width, 3)) if number in SIZES else rgb
            write_plate(tmp_path / "dailies" / f"setup01_take{take:02}.{number:04}.exr", plate)
    outcomes = list(ingest(production, [tmp_path / "dailies"], r"(?P<setup>setup\d+)_(?P<take>take\d+)", CONFIG))
    assert all(isinstance(one, Added) and "is 48x32" in one.notice for one in outcomes) and len(outcomes) == 2
    return production


def test_no_clip_has_frames_of_two_sizes(show: Production) -> None:
    stretch = Stretch(show.takes()[0], tuple(range(1, 13)))
    clips = []
    for seed in range(24):
        try:
            clips.append(read_clip(stretch, np.random.default_rng(seed), Recipe(offsets=(2, 5)), CONFIG))
        except PlateError as error:
            assert "of another size than those around it" in str(error)
    whole = [clip for clip in clips if clip.log.shape[1:3] == (64, 96)]
    assert len(whole) > 12 and max(len(clip.offsets) for clip in whole) > 3


def test_the_profile_is_measured_beside_them(show: Production) -> None:
    measures = measured(show, CONFIG, None, CPU, lambda: None)
    assert len(measures) == 2
    for one in measures.values():
        assert len(one.black) == 5 and one.movement, "the camera is followed past them"


def test_parts_of_frames_of_all_sizes_make_one_batch() -> None:
    rng, shapes = np.random.default_rng(3), set()
    for height, width in ((1, 1), (3, 7), (64, 96), (200, 300)):
        picture, hole = rng.random((height, width, 3), np.float32), np.zeros((height, width), bool)
        hole[height // 2, width // 2 :] = True
        cut = tiles_of_picture(rng, np.where(hole[..., None], 0, picture), hole, picture)
        shapes.add((cut.planes.shape, cut.truth.shape))
        assert np.isfinite(cut.planes).all()
    assert len(shapes) == 1


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (11, 11), (15, 400), (17, 19)])
def test_frames_too_small_to_move_are_no_pair(size: tuple[int, int]) -> None:
    one, other = np.random.default_rng(4).random((2, *size, 3), np.float32)
    assert paired(one, other, ("take", 0.0)) is None
