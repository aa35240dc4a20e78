"""The base's guess: where no frame has shown anything, within bounds, whatever the network says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from interneg.errors import RestraintError
from interneg.model import guess
from interneg.model.fill import CORRECTION_UNSEEN, FillNetwork
from interneg.model.guess import AWAY, BEYOND, with_guess
from interneg.model.spatial_fill import CORRECTION, SpatialBatch, SpatialFillNetwork, choices_of, filled_spatially
from interneg.operators.candidates import Candidates, gathered
from interneg.operators.motion import View
from interneg.operators.spatial import ALIKE, NONE, ends_apart
from interneg.plates.colour import log_from_linear
from interneg.plates.exr import read_channels, read_exr
from interneg.restraints import BEYOND_UNSEEN, SLACK
from stage import LEAVING, Stage, base_of, leftovers, taught_base
from synthetic import bits_of, hung, panned, wire_of

CPU = torch.device("cpu")
HEIGHT, WIDTH = 48, 64

Answer = Callable[[SpatialBatch], tuple[Tensor, Tensor, Tensor]]


class Hostile(nn.Module):
    """A spatial network that answers as it is told, whatever it is shown."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, batch: SpatialBatch) -> tuple[Tensor, Tensor, Tensor]:
        return self.answer(batch)


def constant(value: float) -> Answer:
    def answer(batch: SpatialBatch) -> tuple[Tensor, Tensor, Tensor]:
        picture = torch.full_like(batch.choices[:, 0], value)
        return picture, picture, torch.softmax(batch.prior, dim=1)

    return answer


def noise(batch: SpatialBatch) -> tuple[Tensor, Tensor, Tensor]:
    picture = torch.randn(batch.choices[:, 0].shape, generator=torch.Generator().manual_seed(1))
    return picture, picture, torch.softmax(batch.prior, dim=1)


def pushed(sign: float) -> Answer:
    """The highest interpolation (or the lowest), and the correction at its bound on top."""

    def answer(batch: SpatialBatch) -> tuple[Tensor, Tensor, Tensor]:
        extreme = (batch.choices * sign).amax(dim=1) * sign
        return extreme + sign * CORRECTION, extreme, torch.softmax(batch.prior, dim=1)

    return answer


def one_pixel(value: float) -> Answer:
    """The classical answer, but for a pixel here and there."""

    def answer(batch: SpatialBatch) -> tuple[Tensor, Tensor, Tensor]:
        picture = batch.choices[:, 0].clone()
        picture[:, :, ::5, ::3] = value
        return picture, picture, torch.softmax(batch.prior, dim=1)

    return answer


def drawing(batch: SpatialBatch) -> tuple[Tensor, Tensor, Tensor]:
    """A picture of its own over the interpolation: stripes within the bound."""
    stripes = torch.where(torch.arange(batch.hole.shape[-1]) % 2 == 0, CORRECTION, -CORRECTION)
    picture = batch.choices[:, 0] + stripes
    return picture, batch.choices[:, 0], torch.softmax(batch.prior, dim=1)


HOSTILE: dict[str, Answer] = {
    "noise": noise,
    "a million": constant(1e6),
    "the largest float": constant(3.4e38),
    "minus a million": constant(-1e6),
    "NaN": constant(float("nan")),
    "infinity": constant(float("inf")),
    "minus infinity": constant(float("-inf")),
    "one pixel NaN": one_pixel(float("nan")),
    "one pixel far off": one_pixel(5.0),
    "pushed up": pushed(1.0),
    "pushed down": pushed(-1.0),
    "drawing": drawing,
}
HARMLESS = {"pushed up", "pushed down", "drawing"}


def single(stage: Stage) -> tuple[np.ndarray, np.ndarray]:
    """One frame with a wire, of which no other frame shows anything; the frame and its hole."""
    matte = wire_of(HEIGHT, WIDTH)
    frame = hung(panned(1, HEIGHT, WIDTH)[0], matte)
    stage.shoot([frame])
    stage.draw([matte])
    return frame, matte > 0


def view_and_candidates(frame: np.ndarray, hole: np.ndarray) -> tuple[View, Candidates]:
    view = View(0, log_from_linear(frame), hole, np.ones(hole.shape, bool))
    return view, gathered(view, lambda offset: None)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("merging", [False, True], ids=["alone", "merged"])
def test_a_hostile_guess_is_refused_or_harmless_in_clean(tmp_path: Path, name: str, merging: bool) -> None:
    fill = FillNetwork().eval() if merging else None
    stage = Stage(tmp_path, base=base_of(fill, Hostile(HOSTILE[name])))
    frame, hole = single(stage)
    heard = stage.clean(str(tmp_path / "plate.####.exr"), str(tmp_path / "matte.####.exr"))
    assert bool(heard.delivered) == (name in HARMLESS)
    for message in heard.failed.values():
        assert "refused" in message and "own; see" not in message, message
        assert not stage.path().exists()
    for _ in heard.delivered:
        answer = read_exr(stage.path()).rgb
        assert (bits_of(answer) == bits_of(frame))[~hole].all(), "outside the matte not a bit"
        values = choices_of(log_from_linear(frame), hole).values
        log, reach = log_from_linear(answer)[hole], BEYOND_UNSEEN + SLACK + 0.002  # 0.002: half's steps
        assert (log >= values.min(axis=0) - reach).all() and (log <= values.max(axis=0) + reach).all()
        layers = read_channels(stage.path(), ["seen.A", "synthesised.A"])
        seen, made_up = layers["seen.A"], layers["synthesised.A"]  # seen: the plate's own light beside the wire
        assert np.abs(seen + made_up - hole).max() < 1e-3 and seen[hole].mean() < 0.5 < made_up.max()
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_guess_is_refused_or_harmless_in_reframe(tmp_path: Path, name: str) -> None:
    stage = Stage(tmp_path, base=base_of(None, Hostile(HOSTILE[name])))
    frame, _ = single(stage)
    plate = str(tmp_path / "plate.####.exr")
    heard = stage.reframe(plate, LEAVING)
    assert bool(heard.delivered) == (name in HARMLESS)
    for message in heard.failed.values():
        assert "refused" in message and "own; see" not in message, message
        assert not stage.path().exists()
    for _ in heard.delivered:
        stage.reframe(plate, LEAVING, out="classical", model_version="classical")
        answer, plain = (read_exr(stage.path(out=out)).rgb for out in ("out", "classical"))
        layers = read_channels(stage.path(out="classical"), ["seen.A", "synthesised.A"])
        border = (layers["seen.A"] + layers["synthesised.A"]) > 0
        assert border.any() and (answer == plain)[~border].all(), "inside the frame no network has a say"
        shown, log = log_from_linear(frame), log_from_linear(answer)[border]
        reach = BEYOND_UNSEEN + 0.01  # resampling rings a little
        assert log.min() > shown.min() - reach and log.max() < shown.max() + reach


def test_the_two_corrections_together_stay_within_the_restraint() -> None:
    assert BEYOND + CORRECTION_UNSEEN <= BEYOND_UNSEEN


def test_pixels_that_other_frames_have_shown_are_never_guessed(tmp_path: Path) -> None:
    mattes = [wire_of(HEIGHT, WIDTH, shift=6.0 * index) for index in range(3)]
    frames = [hung(frame, matte) for frame, matte in zip(panned(3, HEIGHT, WIDTH), mattes, strict=True)]
    there = np.ones((HEIGHT, WIDTH), bool)
    views = [View(index, log_from_linear(frames[index]), mattes[index] > 0, there) for index in range(3)]
    candidates = gathered(views[0], dict(enumerate(views)).get)
    assert candidates.seen.any()
    network = taught_base().spatial
    guessed = with_guess(network, views[0].log, views[0].known, candidates, CPU)
    seen = candidates.seen
    for name in ("spatial", "low", "high"):
        assert (getattr(guessed, name)[seen] == getattr(candidates, name)[seen]).all()
    assert (guessed.classical[seen] == candidates.mean[seen]).all()
    everything = with_guess(network, views[0].log, views[0].known, all_seen(candidates), CPU)
    assert (everything.spatial == candidates.spatial).all()


def all_seen(candidates: Candidates) -> Candidates:

    return replace(candidates, sight=np.ones_like(candidates.sight))


def test_what_lies_in_the_hole_or_is_not_there_is_never_looked_at() -> None:
    frame, hole = panned(1, HEIGHT, WIDTH)[0], wire_of(HEIGHT, WIDTH) > 0
    view, candidates = view_and_candidates(frame, hole)
    network = taught_base().spatial
    guess = with_guess(network, view.log, view.known, candidates, CPU).spatial
    assert (guess != candidates.spatial).any()
    other = np.where(hole[..., None], np.float32(7), view.log)
    assert (with_guess(network, other, view.known, candidates, CPU).spatial == guess).all()
    gone = view.known.copy()
    gone[10:30, 40:] = False
    less = np.where(gone[..., None], view.log, np.float32(7))
    hidden = with_guess(network, view.log, gone, candidates, CPU).spatial
    assert (with_guess(network, less, gone, candidates, CPU).spatial == hidden).all()


def test_where_nothing_bridges_the_hole_an_untaught_network_guesses_classically() -> None:
    frame, hole = panned(1, 96, 128)[0], wire_of(96, 128) > 0
    view, candidates = view_and_candidates(frame, hole)
    unbridged = replace(candidates, spatial_confidence=np.full(len(candidates.spatial), NONE, np.float32))
    guessed = with_guess(SpatialFillNetwork().eval(), view.log, view.known, unbridged, CPU)
    plain = filled_spatially(SpatialFillNetwork().eval(), view.log, hole, CPU)
    free = np.abs(plain.log - candidates.spatial).mean(axis=1) < AWAY * ends_apart(unbridged.spatial_confidence)
    assert free.mean() > 0.5
    assert np.abs(guessed.spatial - choices_of(view.log, hole).classical)[free].max() < 1e-4


@pytest.mark.parametrize("apart", [0.0, 0.01, 0.08], ids=lambda apart: f"{apart:.2f}")
def test_a_guess_stays_as_near_a_bridge_as_its_ends_agree(apart: float) -> None:
    """Whatever the network says, and none the nearer where it says what the bridge says."""
    frame, hole = panned(1, 64, 96)[0], wire_of(64, 96) > 0
    view, candidates = view_and_candidates(frame, hole)
    sure = replace(candidates, spatial_confidence=np.full(len(candidates.spatial), np.exp(-apart / ALIKE), np.float32))
    guessed = with_guess(Hostile(pushed(1.0)), view.log, view.known, sure, CPU)
    away = np.abs(guessed.spatial - candidates.spatial).mean(axis=1)
    assert away.max() <= AWAY * apart + 1e-6
    assert away.max() >= min(0.5 * AWAY * apart, 0.02), "it is held, not silenced"


def test_a_small_hole_in_a_large_plate_depends_on_its_surroundings_alone() -> None:
    frame, hole = panned(1, 400, 640)[0], np.zeros((400, 640), bool)
    hole[200:212, 300:309] = True
    view, candidates = view_and_candidates(frame, hole)
    network = taught_base().spatial
    guess = with_guess(network, view.log, view.known, candidates, CPU).spatial
    far = view.log.copy()
    far[:60], far[:, :150], far[:, 460:] = 7, 7, 7
    assert (with_guess(network, far, view.known, candidates, CPU).spatial == guess).all()
    near = view.log.copy()
    near[196:200, 300:309] = 7
    assert (with_guess(network, near, view.known, candidates, CPU).spatial != guess).any()


def test_no_network_is_no_change_and_a_lie_is_refused() -> None:
    frame, hole = panned(1, HEIGHT, WIDTH)[0], wire_of(HEIGHT, WIDTH) > 0
    view, candidates = view_and_candidates(frame, hole)
    assert with_guess(None, view.log, view.known, candidates, CPU) is candidates
    with pytest.raises(RestraintError, match="guess left the range"):
        with_guess(Hostile(noise), view.log, view.known, candidates, CPU)


def test_a_hole_that_is_guessed_in_blocks_is_guessed_as_it_would_be_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, hole = panned(1, 40, 2 * guess.BLOCK + 40)[0], np.zeros((40, 2 * guess.BLOCK + 40), bool)
    hole[18:21] = True
    view, candidates = view_and_candidates(frame, hole)
    network = taught_base().spatial
    apart = with_guess(network, view.log, view.known, candidates, CPU)
    monkeypatch.setattr(guess, "BLOCK", 10_000)
    whole = with_guess(network, view.log, view.known, candidates, CPU)
    assert (apart.spatial != candidates.spatial).any(axis=1).all(), "every pixel has its guess"
    assert np.median(np.abs(apart.spatial - whole.spatial)) < 0.005
    assert (apart.low <= whole.low + 1e-4).mean() > 0.95
