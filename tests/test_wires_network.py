"""The wires network: any plate to a matte of its wires, from coarse to fine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from interneg.model.wires import (
    COARSE_LONGEST,
    FACTORS,
    HALO,
    TILE,
    WiresNetwork,
    detail_of,
    factor_of,
    pooled_from,
    wires_of,
)
from interneg.soundstage.teaching.lessons_wires import WiresLesson
from interneg.training.wires_loss import middle_of
from synthetic import hung, panned, wild_rgb, wire_of

CPU = torch.device("cpu")
SIZES = [(1, 1), (2, 3), (17, 31), (101, 57), (1, 40), (40, 1), (96, 96), (97, 200)]

Pixels = npt.NDArray[np.float32]


def plate(height: int = 110, width: int = 150) -> Pixels:
    return hung(panned(1, height, width)[0], wire_of(height, width))


def eager_network(seed: int = 1) -> WiresNetwork:
    """A network that finds something everywhere."""
    torch.manual_seed(seed)
    network = WiresNetwork().eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    torch.nn.init.constant_(network.found.bias, 2.0)
    return network


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_any_plate_has_a_matte_of_its_size(size: tuple[int, int]) -> None:
    matte = wires_of(eager_network(), plate(*size), CPU)
    assert matte.shape == size and matte.dtype == np.float32
    assert (matte > 0).all() and (matte <= 1).all(), "every tile was looked at"


@pytest.mark.parametrize("gain", [(8.0, 8.0, 8.0), (0.125, 0.125, 0.125), (1.7, 1.0, 0.5)], ids=str)
def test_exposure_and_white_balance_drop_out(gain: tuple[float, float, float]) -> None:
    shot = plate()
    other = np.asarray(shot * np.array(gain, np.float32), np.float32)
    assert detail_of(other) == pytest.approx(detail_of(shot), abs=2e-4)
    network = eager_network()
    assert wires_of(network, other, CPU) == pytest.approx(wires_of(network, shot, CPU), abs=2e-3)


def test_strange_values_stay_where_they_are() -> None:
    strange = plate()
    strange[40:50, 60:70] = np.nan
    strange[0, 0] = np.inf
    matte = wires_of(eager_network(), strange, CPU)
    assert np.isfinite(matte).all() and (matte[40:50, 60:70] == 0).all() and matte[0, 0] == 0
    assert matte[45, 100] > 0
    for wild in (wild_rgb(50, 60), np.full((9, 9, 3), np.nan, np.float32), np.zeros((30, 30, 3), np.float32)):
        assert np.isfinite(wires_of(eager_network(), wild, CPU)).all()


def test_the_same_plate_gives_the_same_bits() -> None:
    network = eager_network()
    assert (wires_of(network, plate(), CPU) == wires_of(network, plate(), CPU)).all()


def test_where_the_coarse_pass_sees_nothing_the_fine_one_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    network = eager_network()
    torch.nn.init.constant_(network.found.weight, 0.0)
    torch.nn.init.constant_(network.found.bias, -9.0)

    def refused(*parts: torch.Tensor) -> torch.Tensor:
        raise AssertionError

    monkeypatch.setattr(network, "draw", refused)
    assert (wires_of(network, plate(), CPU) == 0).all()


def test_tiles_meet_without_a_seam() -> None:
    """Each tile sees as much around it as the fine pass reaches: the matte is that of the whole plate at once."""
    network, shot = eager_network(), plate(2 * TILE, 2 * TILE)
    detail = torch.from_numpy(detail_of(shot))[None]
    factor = factor_of(2 * TILE, 2 * TILE)
    side = 2 * TILE // factor
    with torch.inference_mode():
        whole = torch.sigmoid(network(detail, pooled_from(detail, factor), (0, 0, side, side))[0])[0, 0].numpy()
    apart = np.abs(wires_of(network, shot, CPU) - whole)
    assert apart[TILE - 8 : TILE + 8, HALO:-HALO].max() < 0.02


def test_a_large_plate_is_pooled_more_not_looked_at_longer() -> None:
    assert factor_of(288, 384) == FACTORS[0] and factor_of(1080, 2048) == 4 and factor_of(2160, 4096) == 8
    for width in (64, 2048, 4096, 6000, 8192):
        assert width / factor_of(width // 2, width) <= COARSE_LONGEST
    assert all(TILE % factor == 0 and HALO % factor == 0 for factor in FACTORS)


def test_a_wire_thinner_than_a_pixel_stays_in_what_the_coarse_pass_sees() -> None:
    clean = np.full((96, 96, 3), 0.2, np.float32)
    wire = clean.copy()
    wire[:, 41] *= 0.7
    pooled = [pooled_from(torch.from_numpy(detail_of(shot))[None], 8) for shot in (clean, wire)]
    change = (pooled[1] - pooled[0])[0].abs().amax(dim=(1, 2))
    assert change[-1] > 4 * change[:3].max(), "the least luma keeps what the mean loses"


def test_the_middle_of_a_wire_is_a_line() -> None:
    matte = np.zeros((60, 60), np.float32)
    matte[:, 20:29] = 1
    middle = middle_of(matte)
    assert middle[5:-5].sum(axis=1).max() <= 3 and (middle[5:-5, 24] == 1).all()
    assert middle_of(np.zeros((5, 5), np.float32)).sum() == 0


def test_a_lesson_is_the_same_for_the_same_numbers() -> None:
    lesson = WiresLesson(Path("nowhere"), lambda seed: True)
    assert lesson.refresh() == 0
    one, other = (lesson.draw(np.random.default_rng(5)) for _ in range(2))
    assert all((first == second).all() for first, second in zip(one, other, strict=True))


def test_what_it_learns_brings_it_nearer_the_truth() -> None:
    torch.manual_seed(0)
    lesson = WiresLesson(Path("nowhere"), lambda seed: True)
    network, batch = lesson.network(), lesson.draw(np.random.default_rng(0))
    batch = (batch[0][:1], batch[1][:1], batch[2], batch[3])
    optimiser = torch.optim.AdamW(network.parameters(), lr=5e-4)
    losses = []
    for _ in range(12):
        loss = lesson.loss(network, batch)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.9 * losses[0]
