"""Half-covered pixels: the wire's light goes, the plate's own detail stays, and nothing else is put back."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from interneg.operators.candidates import Candidates, gathered
from interneg.operators.motion import View
from interneg.operators.pyramid import grown
from interneg.operators.unmix import Unmixed, believed, unmixed
from interneg.plates.colour import linear_from_log, log_from_linear
from synthetic import Pixels, psnr, texture_of

HEIGHT, WIDTH = 120, 160
STEEL = (0.03, 0.032, 0.036)


def coverage_of(width: float = 3.0, blur: float = 1.0, slope: float = 0.15) -> Pixels:
    """A straight wire out of focus, (H, W) coverage."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    away = np.abs(rows - HEIGHT / 2 - slope * (columns - WIDTH / 2)) / np.hypot(1, slope)
    sharp = np.clip(width / 2 + 0.5 - away, 0, 1)
    soft = cv2.GaussianBlur(sharp.astype(np.float32), (0, 0), blur)
    return np.where(soft < 1 / 512, 0, soft).astype(np.float32)


class Shot:
    """A plate with a wire over a texture of known truth, and what other frames show of it: half a pixel beside."""

    def __init__(self, coverage: Pixels, hole: np.ndarray, seen: bool = True) -> None:
        texture = texture_of(3, finest=0.3, mean=0.4, depth=0.12)
        self.truth, self.coverage, self.hole = texture.frame(HEIGHT, WIDTH), coverage, hole
        over = coverage[..., None]
        self.plate = (self.truth * (1 - over) + np.array(STEEL, np.float32) * over).astype(np.float32)
        self.view = View(1, log_from_linear(self.plate), hole, np.ones(hole.shape, bool))
        behind = log_from_linear(texture.frame(HEIGHT, WIDTH, 0.5, 0.5))[hole]
        alone = gathered(self.view, lambda offset: None)
        error = np.abs(behind - log_from_linear(self.truth)[hole]).mean(axis=1)
        self.candidates = replace(
            alone,
            mean=behind,
            sight=np.full(len(behind), float(seen), np.float32),
            spread=cv2.blur(error[:, None], (1, 31))[:, 0],
            error=np.full(len(behind), 0.02, np.float32),
            low=behind - 0.02,
            high=behind + 0.02,
        )

    def mixed(self) -> Unmixed:
        background = linear_from_log(self.candidates.classical.astype(np.float32))
        return unmixed(self.view, self.plate[self.hole], background, self.candidates)

    def answer(self, mixed: Unmixed) -> tuple[Pixels, Pixels]:
        """The hole in log, and how far the plate was believed."""
        log, background = log_from_linear(mixed.linear), self.candidates.classical.astype(np.float32)
        weight = believed(mixed, log, background, self.candidates)
        return background + weight[:, None] * (log - background), weight


def gain(shot: Shot) -> float:
    """By how many dB the answer is nearer to the truth than what other frames show."""
    answer, _ = shot.answer(shot.mixed())
    truth = log_from_linear(shot.truth)[shot.hole]
    return psnr(answer, truth) - psnr(shot.candidates.classical, truth)


@pytest.mark.parametrize("slope", [0.0, 0.15, 1.0])
@pytest.mark.parametrize("blur", [0.7, 1.5])
def test_a_generous_matte_keeps_the_plates_own_detail(slope: float, blur: float) -> None:
    coverage = coverage_of(2, blur, slope)
    assert gain(Shot(coverage, grown(coverage > 0, 6))) >= 3


def test_a_tight_matte_gains_at_its_soft_edges() -> None:
    coverage = coverage_of(blur=1.5)
    assert gain(Shot(coverage, coverage > 0)) >= 0.7


def test_coverage_is_found_as_it_is() -> None:
    coverage = coverage_of(5, 1.2)
    shot = Shot(coverage, grown(coverage > 0, 3))
    mixed, true = shot.mixed(), coverage[shot.hole]
    assert np.abs(mixed.coverage - true).mean() < 0.05
    assert mixed.weight[true > 0.85].max() == 0, "where the wire hides all, the plate has nothing to say"


def test_what_no_wire_covers_is_the_plates_own_bit_for_bit() -> None:
    coverage = coverage_of()
    shot = Shot(coverage, grown(coverage > 0, 6))
    mixed = shot.mixed()
    bare = (mixed.coverage < 0.01) & (mixed.weight > 0)
    assert bare.mean() > 0.3 and (mixed.linear[bare] == shot.plate[shot.hole][bare]).all()


def test_a_matte_without_a_wire_in_it_costs_nothing() -> None:
    assert gain(Shot(np.zeros((HEIGHT, WIDTH), np.float32), coverage_of() > 0)) >= 0


def test_another_thing_in_the_matte_is_not_put_back() -> None:
    coverage = coverage_of()
    hole = grown(coverage > 0, 6)
    shot = Shot(coverage, hole)
    marker = np.zeros((HEIGHT, WIDTH), bool)
    marker[51:54, 80:83] = True
    assert hole[marker].all() and not coverage[marker].any()
    shot.plate[marker] = (3.0, 3.0, 0.1)
    shot.view = replace(shot.view, log=log_from_linear(shot.plate))
    answer, _ = shot.answer(shot.mixed())
    there = marker[hole]
    assert np.abs(answer[there] - shot.candidates.classical[there]).max() < 0.02


def test_what_is_wider_than_a_wire_is_left_alone() -> None:
    shot = Shot(coverage_of(70), coverage_of(70) > 0)
    assert not shot.mixed().weight.any()


def test_performers_are_left_alone() -> None:
    coverage = coverage_of()
    shot = Shot(coverage, grown(coverage > 0, 3))
    performers = np.zeros((HEIGHT, WIDTH), bool)
    performers[:, :80] = True
    shot.view = replace(shot.view, performers=performers)
    weight = shot.mixed().weight
    assert not weight[performers[shot.hole]].any() and weight[~performers[shot.hole]].any()


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (17, 31), (1, 40), (40, 1), (5, 300)])
@pytest.mark.parametrize("full", [True, False])
def test_any_size(size: tuple[int, int], full: bool) -> None:
    plate = texture_of(2).frame(*size)
    hole = np.full(size, full)
    hole[0, 0] = True
    view = View(1, log_from_linear(plate), hole, np.ones(size, bool))
    candidates: Candidates = gathered(view, lambda offset: None)
    mixed = unmixed(view, plate[hole], linear_from_log(candidates.classical.astype(np.float32)), candidates)
    weight = believed(mixed, log_from_linear(mixed.linear), candidates.classical, candidates)
    for part in (mixed.linear, mixed.coverage, mixed.weight, weight):
        assert np.isfinite(part).all() and len(part) == hole.sum()
    assert weight.size == 0 or (weight.min() >= 0 and weight.max() <= 1)
