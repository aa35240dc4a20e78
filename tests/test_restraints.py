"""The authorities, whatever a network says: each frame is refused, or harmless."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from interneg.errors import RestraintError
from interneg.model.fill import Batch
from interneg.operators.candidates import gathered
from interneg.operators.motion import View
from interneg.plates.colour import log_from_linear
from interneg.plates.exr import read_channels, read_exr, read_parts
from interneg.resident.filling import Raw, raw_of
from interneg.restraints import (
    BEYOND_SEEN,
    BEYOND_UNSEEN,
    SLACK,
    FillEvidence,
    check_fill,
    check_frame,
    check_mattes,
)
from stage import FIRST, LEAVING, Heard, Stage, leftovers
from synthetic import bits_of, hung, panned, wire_of

HEIGHT, WIDTH, COUNT = 48, 64, 4


class Hostile(nn.Module):
    """A network that answers as it is told, whatever it is shown."""

    def __init__(self, answer: Callable[[Batch], tuple[Tensor, Tensor]]) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        return self.answer(batch)


def constant(value: float, share: float = 0.2) -> Callable[[Batch], tuple[Tensor, Tensor]]:
    def answer(batch: Batch) -> tuple[Tensor, Tensor]:
        return torch.full_like(batch.choices[:, 0], value), torch.full_like(batch.prior, share)

    return answer


def noise(batch: Batch) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(batch.choices[:, 0].shape, generator=generator), torch.softmax(batch.prior, dim=1)


def worst_choice(batch: Batch) -> tuple[Tensor, Tensor]:
    """The choice that lies farthest from the first, pixel by pixel."""
    distance = (batch.choices - batch.choices[:, :1]).abs().sum(dim=2, keepdim=True)
    chosen = torch.gather(batch.choices, 1, distance.argmax(1, keepdim=True).expand(-1, 1, 3, -1, -1))[:, 0]
    return chosen, torch.softmax(-batch.prior, dim=1)


def pushed(batch: Batch) -> tuple[Tensor, Tensor]:
    """The mean of all that is seen, with the correction at its bound in every pixel."""
    return batch.choices[:, 1] + batch.bound, torch.softmax(batch.prior, dim=1)


def one_pixel(value: float) -> Callable[[Batch], tuple[Tensor, Tensor]]:
    """The classical answer, but for a pixel here and there."""

    def answer(batch: Batch) -> tuple[Tensor, Tensor]:
        weights = torch.softmax(batch.prior, dim=1)
        value_there = (batch.choices * weights[:, :, None]).sum(dim=1)
        value_there[:, :, ::7, ::5] = value
        return value_there, weights

    return answer


def lying_about_seen(batch: Batch) -> tuple[Tensor, Tensor]:
    """A harmless picture whose weights are no shares."""
    weights = torch.softmax(batch.prior, dim=1)
    return (batch.choices * weights[:, :, None]).sum(dim=1), torch.full_like(weights, 9.0)


HOSTILE = {
    "noise": noise,
    "zero": constant(0.0),
    "a million": constant(1e6),
    "minus a million": constant(-1e6),
    "the largest float": constant(3.4e38),
    "NaN": constant(float("nan")),
    "infinity": constant(float("inf")),
    "minus infinity": constant(float("-inf")),
    "one pixel NaN": one_pixel(float("nan")),
    "one pixel white": one_pixel(1.6),
    "the worst choice": worst_choice,
    "pushed to the bound": pushed,
    "weights that are no shares": lying_about_seen,
    "weights that are NaN": lambda batch: (batch.choices[:, 1], torch.full_like(batch.prior, float("nan"))),
}
ALWAYS_REFUSED = {"a million", "minus a million", "the largest float", "NaN", "infinity", "minus infinity", "noise"}


def shot(stage: Stage) -> tuple[list[np.ndarray], list[np.ndarray]]:
    clean, mattes = panned(COUNT, HEIGHT, WIDTH), [wire_of(HEIGHT, WIDTH)] * COUNT
    frames = [hung(frame, matte) for frame, matte in zip(clean, mattes, strict=True)]
    stage.shoot(frames)
    stage.draw(mattes)
    return frames, mattes


def refused_or_harmless(stage: Stage, heard: Heard, frames: list[np.ndarray], mattes: list[np.ndarray]) -> None:
    """What holds for each frame of a clean, whatever the network said."""
    assert sorted([*heard.delivered, *heard.failed]) == [FIRST, FIRST + 1]
    for frame, message in heard.failed.items():
        assert "refused" in message and "own; see" not in message, message
        assert not stage.path(frame).exists()
    there = np.ones((HEIGHT, WIDTH), bool)
    views = [
        View(index, log_from_linear(frame), matte > 0, there)
        for index, (frame, matte) in enumerate(zip(frames, mattes, strict=True))
    ]
    for frame in heard.delivered:
        index = frame - FIRST
        answer, hole = read_exr(stage.path(frame)).rgb, mattes[index] > 0
        assert (bits_of(answer) == bits_of(frames[index]))[~hole].all(), "outside the matte not a bit"
        asked = {offset - index: views[offset] for offset in range(COUNT)}
        candidates = gathered(views[index], asked.get)
        log, shown = log_from_linear(answer)[hole], log_from_linear(frames[index])[hole]
        low, high = np.minimum(candidates.low, shown), np.maximum(candidates.high, shown)  # a half-covered pixel's own
        reach = np.where(candidates.seen, BEYOND_SEEN, BEYOND_UNSEEN)[:, None] + SLACK + 0.002  # 0.002: half's steps
        assert (log >= low - reach).all() and (log <= high + reach).all()
        layers = read_channels(stage.path(frame), ["seen.A", "synthesised.A"])
        assert layers["seen.A"][hole] + layers["synthesised.A"][hole] == pytest.approx(1, abs=2e-3)
    assert leftovers(stage.folder) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_network_is_refused_or_harmless_in_clean(tmp_path: Path, name: str) -> None:
    stage = Stage(tmp_path, Hostile(HOSTILE[name]))
    frames, mattes = shot(stage)
    plate, matte = str(tmp_path / "plate.####.exr"), str(tmp_path / "matte.####.exr")
    heard = stage.clean(plate, matte, f"{FIRST}-{FIRST + 1}")
    refused_or_harmless(stage, heard, frames, mattes)
    if name in ALWAYS_REFUSED:
        assert not heard.delivered


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_network_is_refused_or_harmless_in_reframe(tmp_path: Path, name: str) -> None:
    stage = Stage(tmp_path, Hostile(HOSTILE[name]))
    frames, _ = shot(stage)
    plate = str(tmp_path / "plate.####.exr")
    heard = stage.reframe(plate, LEAVING)
    stage.reframe(plate, LEAVING, out="classical", model_version="classical")
    for message in heard.failed.values():
        assert "refused" in message and "own; see" not in message, message
        assert not stage.path().exists()
    if name in ALWAYS_REFUSED:
        assert heard.failed
    for _ in heard.delivered:
        answer, plain = (read_exr(stage.path(out=out)).rgb for out in ("out", "classical"))
        border = np.zeros((HEIGHT, WIDTH), bool)
        layers = read_channels(stage.path(out="classical"), ["seen.A", "synthesised.A"])
        border |= (layers["seen.A"] + layers["synthesised.A"]) > 0
        assert (answer == plain)[~border].all(), "inside the frame no network has a say"
        assert np.isfinite(answer).all()
        shown, log = log_from_linear(np.stack(frames)), log_from_linear(answer)
        reach = BEYOND_UNSEEN + 0.01
        assert log.min() > shown.min() - reach and log.max() < shown.max() + reach


def test_a_network_that_answers_another_shape_costs_the_frame_not_the_daemon(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Hostile(lambda batch: (batch.choices[:, 0, :, ::2], batch.prior)))
    shot(stage)
    heard = stage.clean(str(tmp_path / "plate.####.exr"), str(tmp_path / "matte.####.exr"))
    assert list(heard.failed) == [FIRST] and "Traceback" not in heard.failed[FIRST]
    assert not stage.path().exists()


def test_the_kind_of_the_network_decides_nothing_outside(tmp_path: Path) -> None:
    """With an honest network the same holds, so the test above could fail."""
    stage = Stage(tmp_path, Hostile(one_pixel(0.9)))
    frames, _ = shot(stage)
    heard = stage.clean(str(tmp_path / "plate.####.exr"), str(tmp_path / "matte.####.exr"))
    if heard.delivered:
        red = read_parts(stage.path())[0].channels["R"].pixels
        hole = wire_of(HEIGHT, WIDTH) > 0
        assert (red != frames[0][..., 0])[hole].any()


# ---------------------------------------------------------------- the checks themselves


def evidence_of(hole: np.ndarray, grain: float = 0.0, seen: bool = True) -> FillEvidence:
    count = int(hole.sum())
    low, high = np.full((count, 3), 0.4, np.float32), np.full((count, 3), 0.6, np.float32)
    return FillEvidence(hole, low, high, np.full(count, seen), grain)


@pytest.fixture
def frame() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A plate, its hole, and an honest fill of it in log."""
    plate = np.full((8, 9, 3), 0.5, np.float32)
    plate[0, 0] = np.nan
    hole = np.zeros((8, 9), bool)
    hole[3:5, 2:7] = True
    return plate, hole, np.full((int(hole.sum()), 3), 0.5, np.float32)


def filled(plate: np.ndarray, hole: np.ndarray, value: float) -> np.ndarray:
    result = plate.copy()
    result[hole] = value
    return result


def test_an_honest_fill_is_let_through(frame) -> None:
    plate, hole, log = frame
    check_fill(plate, filled(plate, hole, 0.2), log, evidence_of(hole))
    check_fill(plate, plate.copy(), log[:0], evidence_of(np.zeros_like(hole)))


@pytest.mark.parametrize("value", [0.5000001, np.nan, np.inf, -0.5])
def test_one_bit_outside_the_matte_is_one_too_many(frame, value: float) -> None:
    plate, hole, log = frame
    result = filled(plate, hole, 0.2)
    result[7, 8, 1] = value
    with pytest.raises(RestraintError, match="1 pixels outside"):
        check_fill(plate, result, log, evidence_of(hole))


def test_a_changed_nan_and_a_changed_zero_are_changes(frame) -> None:
    plate, hole, log = frame
    plate[1, 1] = 0.0
    for where, bits in (((0, 0, 0), 0x7FC00001), ((1, 1, 0), 0x80000000)):
        result = filled(plate, hole, 0.2)
        result.view(np.uint32)[where] = bits
        with pytest.raises(RestraintError, match="outside"):
            check_fill(plate, result, log, evidence_of(hole))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(frame, value: float) -> None:
    plate, hole, log = frame
    with pytest.raises(RestraintError, match="not finite"):
        check_fill(plate, filled(plate, hole, value), log, evidence_of(hole))
    log = log.copy()
    log[0, 0] = value
    with pytest.raises(RestraintError, match="not finite"):
        check_fill(plate, filled(plate, hole, 0.2), log, evidence_of(hole))


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize("grain", [0.0, 0.05])
def test_the_range_of_what_the_footage_shows_is_the_limit(frame, seen: bool, grain: float) -> None:
    plate, hole, log = frame
    reach = (BEYOND_SEEN if seen else BEYOND_UNSEEN) + grain
    for edge, sign in ((0.4, -1), (0.6, 1)):
        for beyond, refused in ((0.9 * reach, False), (1.1 * reach + 0.001, True)):
            answer = log.copy()
            answer[2, 1] = edge + sign * beyond
            if not refused:
                check_fill(plate, filled(plate, hole, 0.2), answer, evidence_of(hole, grain, seen))
                continue
            with pytest.raises(RestraintError, match="at 1 pixels"):
                check_fill(plate, filled(plate, hole, 0.2), answer, evidence_of(hole, grain, seen))


def test_another_size_is_refused(frame) -> None:
    plate, hole, log = frame
    with pytest.raises(RestraintError, match="refused"):
        check_fill(plate, plate[1:], log, evidence_of(hole))


def mattes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    hole = np.zeros((6, 7), bool)
    hole[2:4, 2:5] = True
    made_up = np.where(hole, np.float32(0.3), np.float32(0))
    return hole.astype(np.float32) - made_up, made_up, hole


def test_mattes_that_add_up_are_let_through() -> None:
    check_mattes(*mattes())


@pytest.mark.parametrize(
    ("where", "value"), [((0, 0), 0.1), ((2, 2), 0.0), ((2, 2), 0.8), ((3, 3), np.nan), ((0, 0), np.inf)]
)
def test_mattes_that_lie_are_refused(where: tuple[int, int], value: float) -> None:
    seen, made_up, hole = mattes()
    seen[where] = value
    with pytest.raises(RestraintError, match="add up"):
        check_mattes(seen, made_up, hole)


def test_shares_below_nothing_are_refused() -> None:
    seen, made_up, hole = mattes()
    seen[2, 2], made_up[2, 2] = 1.5, -0.5
    with pytest.raises(RestraintError, match="add up"):
        check_mattes(seen, made_up, hole)


def ranges() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    low, high = np.zeros((4, 5, 3), np.float32), np.ones((4, 5, 3), np.float32)
    inside = np.ones((4, 5), bool)
    inside[:, 4] = False
    return np.full((4, 5, 3), 0.5, np.float32), low, high, inside


@pytest.mark.parametrize("value", [0.0, 1.0, 0.25])
def test_a_frame_within_its_range_is_let_through(value: float) -> None:
    result, low, high, inside = ranges()
    result[1, 1], result[:, 4] = value, 77.0
    check_frame(result, low, high, inside)


@pytest.mark.parametrize("value", [-1e-6, 1.000001, np.nan, np.inf, -np.inf])
def test_a_frame_beyond_its_range_is_refused(value: float) -> None:
    result, low, high, inside = ranges()
    result[1, 1, 2] = value
    with pytest.raises(RestraintError, match="1 pixels"):
        check_frame(result, low, high, inside)


def test_where_the_source_is_not_finite_the_result_is_that_very_value() -> None:
    result, low, high, inside = ranges()
    for value in (np.nan, np.inf, -np.inf):
        result[2, 2, 0] = low[2, 2, 0] = high[2, 2, 0] = value
        check_frame(result, low, high, inside)
        result[2, 2, 0] = 0.5
        with pytest.raises(RestraintError):
            check_frame(result, low, high, inside)
    low[2, 2, 0] = high[2, 2, 0] = np.inf
    for other in (-np.inf, np.nan):
        result[2, 2, 0] = other
        with pytest.raises(RestraintError):
            check_frame(result, low, high, inside)


def test_a_refused_answer_is_made_once_whoever_hears_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(view: View, *rest: object, **more: object) -> Raw:
        made.append(view.frame)
        return raw_of(view, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("interneg.resident.cleaning.raw_of", counted)
    stage = Stage(tmp_path, Hostile(HOSTILE["weights that are NaN"]))
    shot(stage)
    heard = stage.clean(str(tmp_path / "plate.####.exr"), str(tmp_path / "matte.####.exr"), f"{FIRST}-{FIRST + 1}")
    assert len(heard.failed) == 2 and sorted(made) == sorted(set(made))
