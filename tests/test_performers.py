"""Performers: what stands inside their matte was seen on them, bridged across a thin wire, or is left as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from interneg.commands.tally import Tally
from interneg.errors import MissingFrameError, RequestError, RestraintError
from interneg.model.fill import Batch
from interneg.operators.candidates import gathered
from interneg.operators.motion import View
from interneg.operators.performers import WIDEST, performed, widths_across
from interneg.plates.colour import log_from_linear
from interneg.plates.exr import read_channels, read_exr, read_header
from interneg.resident.wish import CleanWish, MatteWish
from interneg.restraints import FillEvidence, check_fill, check_mattes, check_performers
from interneg.service.convert import wish_from_request
from interneg.service.paths import PathRules
from interneg_bridge.messages import render_request
from interneg_proto.v1 import job_pb2
from stage import FIRST, Heard, Stage
from synthetic import Pixels, bits_of, panned, psnr, texture_of, wire_of

HEIGHT, WIDTH, COUNT = 64, 96, 5
LAYERS = ["seen.A", "synthesised.A", "bridged.A", "kept.A", "matte.A"]

Scene = tuple[list[Pixels], list[Pixels]]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def scene(speed: float = 1.0, pan: tuple[float, float] = (0.7, 0.0)) -> Scene:
    """A performer who walks before a set, and his mattes."""
    frames, mattes = panned(COUNT, HEIGHT, WIDTH, 1, pan), []
    costume = texture_of(7, mean=0.3)
    for index, frame in enumerate(frames):
        left = 26 + round(speed * index)
        matte = np.zeros((HEIGHT, WIDTH), np.float32)
        matte[8:60, left : left + 44] = 1
        shown = costume.frame(HEIGHT, WIDTH, -speed * index, 0.0).astype(np.float16).astype(np.float32)
        frames[index] = np.where(matte[..., None] > 0, shown, frame)
        mattes.append(matte)
    return frames, mattes


def band(thickness: int, top: int = 30) -> Pixels:
    matte = np.zeros((HEIGHT, WIDTH), np.float32)
    matte[top : top + thickness] = 1
    return matte


def shot(stage: Stage, made: Scene, wires: list[Pixels]) -> None:
    """The scene on disk with those wires before it."""
    frames = [
        np.where(wire[..., None] > 0, np.float32(0.02), frame) for frame, wire in zip(made[0], wires, strict=True)
    ]
    stage.shoot([frame.astype(np.float16).astype(np.float32) for frame in frames])
    stage.draw(wires)
    stage.draw(made[1], "people")


def asked(stage: Stage, frames: str = "1003", out: str = "out", people: str = "people.####.exr", **more) -> Heard:
    wish = CleanWish(str(stage.folder / "matte.####.exr"), performers=MatteWish(str(stage.folder / people)))
    return stage.run(stage.wish(str(stage.folder / "plate.####.exr"), wish, frames, out, **more))


# ---------------------------------------------------------------- seen, bridged, kept


def test_a_wire_that_moves_over_a_performer_is_filled_from_the_same_performer(stage: Stage) -> None:
    made, wires = scene(), [wire_of(HEIGHT, WIDTH, 3, 6.0 * (index - 2)) for index in range(COUNT)]
    shot(stage, made, wires)
    heard = asked(stage)
    assert not heard.failed
    inside = (wires[2] > 0) & (made[1][2] > 0)
    layers = read_channels(stage.path(1003), LAYERS)
    assert layers["seen.A"][inside].mean() > 0.9 and (layers["synthesised.A"][inside] == 0).all()
    answer, hung = read_exr(stage.path(1003)).rgb, read_exr(stage.folder / "plate.1003.exr").rgb
    well = inside & (layers["seen.A"] == 1)
    assert psnr(answer[well], made[0][2][well]) > max(28.0, psnr(hung[well], made[0][2][well]) + 15)


def test_a_thin_wire_that_never_moves_is_bridged(stage: Stage) -> None:
    made, wires = scene(0.0, (0.0, 0.0)), [band(8)] * COUNT
    shot(stage, made, wires)
    event = asked(stage).delivered[1003]
    inside, outside = (band(8) > 0) & (made[1][2] > 0), (band(8) > 0) & (made[1][2] == 0)
    layers = read_channels(stage.path(1003), LAYERS)
    assert (layers["bridged.A"][inside] == 1).all() and (layers["bridged.A"][~inside] == 0).all()
    assert (layers["synthesised.A"][outside] == 1).all(), "outside nothing is different"
    assert event.bridged == pytest.approx(inside.sum() / (band(8) > 0).sum(), abs=1e-3) and event.kept == 0
    answer = read_exr(stage.path(1003)).rgb
    assert psnr(answer[inside], made[0][2][inside]) > 20
    header = read_header(stage.path(1003))[0].attributes
    assert float(header["interneg.bridged"]) > 0.3 and header["interneg.performers_hash"]


def test_what_is_too_wide_to_bridge_stays_bit_for_bit_and_is_told(stage: Stage) -> None:
    made, wires = scene(0.0, (0.0, 0.0)), [band(30, 18)] * COUNT
    shot(stage, made, wires)
    event = asked(stage).delivered[1003]
    inside = (band(30, 18) > 0) & (made[1][2] > 0)
    layers = read_channels(stage.path(1003), LAYERS)
    kept = layers["kept.A"] == 1
    near = inside & (widths_across(wires[2] > 0, *np.nonzero(np.ones_like(inside))).reshape(inside.shape) <= WIDEST)
    assert (kept == (inside & ~near)).all() and kept.sum() > 0.9 * inside.sum()
    before, after = (read_exr(path).rgb for path in (stage.folder / "plate.1003.exr", stage.path(1003)))
    assert (bits_of(before) == bits_of(after))[kept].all()
    assert event.kept > 0.3 and event.synthesised > 0.3
    assert any(f"{int(kept.sum())} pixels inside performers" in notice for notice in event.notices)


@pytest.mark.parametrize("thickness", [WIDEST, WIDEST + 1])
def test_twelve_pixels_are_bridged_and_thirteen_are_not(thickness: int) -> None:
    frames, mattes = scene(0.0, (0.0, 0.0))
    hole = band(thickness) > 0
    view = View(1, log_from_linear(frames[0]), hole, np.ones_like(hole), mattes[0] > 0)
    people = performed(view, gathered(view, lambda offset: None))
    assert people.bridged[people.inside].all() == (thickness == WIDEST) and not people.seen.any()
    assert (people.bridged | people.kept | people.seen)[people.inside].all()
    assert people.kept[people.inside].all() == (thickness > WIDEST)


def test_far_frames_say_nothing_of_a_performer() -> None:
    frames, mattes = scene()
    wires = [wire_of(HEIGHT, WIDTH, 3, 6.0 * (index - 2)) > 0 for index in range(COUNT)]
    there = np.ones((HEIGHT, WIDTH), bool)
    for gap, is_seen in ((1, True), (9, False)):
        views = {
            gap * index: View(gap * index, log_from_linear(frame), wire, there, matte > 0)
            for index, (frame, wire, matte) in enumerate(zip(frames, wires, mattes, strict=True))
        }
        target = views[2 * gap]
        # each lies so many frames away, and is found where near ones are looked for
        candidates = gathered(target, lambda offset, gap=gap, views=views: views.get((2 + offset) * gap))
        inside = mattes[2][target.hole] > 0
        assert bool(candidates.seen[inside].mean() > 0.8) == is_seen
        assert candidates.seen[~inside].mean() > 0.8, "what is behind him is seen from anywhere"


def test_what_is_behind_a_performer_is_never_filled_from_him() -> None:
    """He wears what nothing else has, and walks across where the wire hid the set."""
    frames, mattes = scene(6.0, (0.0, 0.0))
    for frame, matte in zip(frames, mattes, strict=True):
        frame[matte > 0] = (8.0, 0.01, 0.01)
    wires = [wire_of(HEIGHT, WIDTH, 3, 2.0 * index) > 0 for index in range(COUNT)]
    there = np.ones((HEIGHT, WIDTH), bool)
    views = [
        View(index, log_from_linear(frame), wire, there, matte > 0)
        for index, (frame, wire, matte) in enumerate(zip(frames, wires, mattes, strict=True))
    ]
    target = views[2]
    candidates = gathered(target, lambda offset: views[2 + offset] if 0 <= 2 + offset < COUNT else None)
    outside = ~(mattes[2][target.hole] > 0)
    red, most = float(log_from_linear(np.array([[[8.0, 0, 0]]], np.float32)).max()), max(f[0, 0].max() for f in frames)
    assert most < 2 and (candidates.high[outside & candidates.seen, 0] < red - 0.1).all()
    assert (outside & candidates.seen).sum() > 50


# ---------------------------------------------------------------- whatever a network says


class Hostile(nn.Module):
    """A network that answers as it is told."""

    def __init__(self, answer: Callable[[Batch], tuple[Tensor, Tensor]]) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        return self.answer(batch)


def pushed(batch: Batch) -> tuple[Tensor, Tensor]:
    """All that the bound allows, everywhere."""
    return batch.choices[:, 1] + batch.bound, torch.softmax(batch.prior, dim=1)


def test_a_network_has_no_say_inside_a_performer(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Hostile(pushed))
    made, wires = scene(), [wire_of(HEIGHT, WIDTH, 3, 6.0 * (index - 2)) for index in range(COUNT)]
    shot(stage, made, wires)
    assert asked(stage).delivered and asked(stage, out="classical", model_version="classical").delivered
    answer, classical = (read_exr(stage.path(1003, out)).rgb for out in ("out", "classical"))
    inside, outside = (wires[2] > 0) & (made[1][2] > 0), (wires[2] > 0) & (made[1][2] == 0)
    assert (bits_of(answer) == bits_of(classical))[inside].all()
    assert (answer != classical)[outside].any(), "or the network was never asked"


def held(**more: object) -> tuple[Pixels, Pixels, Pixels, FillEvidence]:
    """A plate, its result, the share made up and the evidence; a wire 3 pixels wide of which half lies on somebody."""
    plate = np.full((8, 10, 3), 0.5, np.float32)
    hole = np.zeros((8, 10), bool)
    hole[3:6] = True
    count = int(hole.sum())
    inside = np.nonzero(hole)[1] < 5
    bound = np.full((count, 3), 0.5, np.float32)
    nobody = np.zeros(count, bool)
    parts = {"performers": inside, "bridged": inside & more.pop("bridged", nobody), "kept": nobody, **more}
    evidence = FillEvidence(hole, bound - 0.1 * ~inside[:, None], bound, ~inside | True, 0.0, **parts)  # type: ignore[arg-type]
    return plate, plate.copy(), np.zeros(count, np.float32), evidence


def test_an_honest_fill_of_a_performer_is_let_through() -> None:
    plate, result, made_up, evidence = held(bridged=np.ones(30, bool))
    check_performers(plate, result, made_up, evidence)
    check_fill(plate, result, np.full((30, 3), 0.5, np.float32), evidence)


def test_a_value_that_no_footage_has_is_refused_inside_a_performer_by_the_least() -> None:
    plate, result, _, evidence = held()
    log = np.full((30, 3), 0.5, np.float32)
    log[9] += 0.02  # outside the performer: within what a seen pixel may depart
    check_fill(plate, result, log, evidence)
    log[1] += 0.002
    with pytest.raises(RestraintError, match="at 1 pixels"):
        check_fill(plate, result, log, evidence)


@pytest.mark.parametrize("share", [1e-6, 1.0, np.nan])
def test_whatever_is_made_up_inside_a_performer_is_refused(share: float) -> None:
    plate, result, made_up, evidence = held()
    made_up[9] = 1.0  # outside
    check_performers(plate, result, made_up, evidence)
    made_up[2] = share
    with pytest.raises(RestraintError, match="made something up"):
        check_performers(plate, result, made_up, evidence)


def test_one_bit_of_what_is_kept_is_one_too_many() -> None:
    kept = np.zeros(30, bool)
    kept[0] = True
    plate, result, made_up, evidence = held(kept=kept)
    check_performers(plate, result, made_up, evidence)
    result[3, 0, 1] = np.nextafter(np.float32(0.5), np.float32(1))
    with pytest.raises(RestraintError, match="was to keep"):
        check_performers(plate, result, made_up, evidence)


def test_a_bridge_that_is_too_long_or_outside_a_performer_is_refused() -> None:
    hole = np.zeros((20, 40), bool)
    hole[3:16] = True
    count = int(hole.sum())
    every, none = np.ones(count, bool), np.zeros(count, bool)
    plate, bound, nothing = np.full((20, 40, 3), 0.5, np.float32), np.zeros((count, 3), np.float32), np.zeros(count)
    for inside, bridged, said in ((every, every, "more than 12"), (none, every, "no performer has")):
        evidence = FillEvidence(hole, bound, bound, every, 0.0, inside, bridged, none)
        with pytest.raises(RestraintError, match=said):
            check_performers(plate, plate, nothing.astype(np.float32), evidence)


def test_mattes_of_four_parts_must_add_up() -> None:
    hole = np.ones((4, 5), bool)
    parts = [np.full((4, 5), share, np.float32) for share in (0.5, 0.25, 0.125, 0.125)]
    check_mattes(parts[0], parts[1], hole, parts[2], parts[3])
    for index in range(4):
        lying = [part.copy() for part in parts]
        lying[index][1, 1] += 0.1
        with pytest.raises(RestraintError, match="add up"):
            check_mattes(lying[0], lying[1], hole, lying[2], lying[3])


# ---------------------------------------------------------------- what can be wrong, chunks


def test_a_missing_performers_matte_is_that_frames_error_alone(stage: Stage) -> None:
    made, wires = scene(), [wire_of(HEIGHT, WIDTH, 3, 6.0 * (index - 2)) for index in range(COUNT)]
    shot(stage, made, wires)
    (stage.folder / "people.1003.exr").unlink()
    heard = asked(stage, "1002-1004")
    assert sorted(heard.delivered) == [1002, 1004]
    assert "performers' matte" in heard.failed[1003] and "frame 1003" in heard.failed[1003]
    assert not stage.path(1003).exists(), "never silently without it"


def test_a_performers_matte_of_another_size_tells_both(stage: Stage) -> None:
    made, wires = scene(), [band(3)] * COUNT
    shot(stage, made, wires)
    stage.draw([np.ones((HEIGHT, WIDTH + 2), np.float32)] * COUNT, "people")
    message = asked(stage).failed[1003]
    assert "performers' matte" in message and f"{WIDTH + 2} x {HEIGHT}" in message and f"{WIDTH} x {HEIGHT}" in message


def test_a_performers_matte_that_is_nowhere_is_refused_at_once(stage: Stage) -> None:
    shot(stage, scene(), [band(3)] * COUNT)
    with pytest.raises(MissingFrameError, match="performers' matte"):
        asked(stage, people="nobody.####.exr")
    (stage.folder / "out").mkdir()
    stage.draw([band(3)] * COUNT, "out/frame")
    with pytest.raises(RequestError, match="which is read"):
        asked(stage, people="out/frame.####.exr")


def test_the_same_bits_in_chunks_and_in_one_go(stage: Stage) -> None:
    made, wires = scene(), [wire_of(HEIGHT, WIDTH, 3, 2.0 * index) for index in range(COUNT)]
    shot(stage, made, wires)
    asked(stage, "1001-1005", "whole")
    for frames in ("1001-1002", "1003", "1004-1005"):
        asked(stage, frames, "chunks")
    for frame in range(FIRST, FIRST + COUNT):
        one, other = (read_channels(stage.path(frame, out), ["R", "G", "B", *LAYERS]) for out in ("whole", "chunks"))
        assert all((one[name] == other[name]).all() for name in one)


def test_without_performers_in_the_matte_nothing_is_different(stage: Stage) -> None:
    made, wires = scene(), [wire_of(HEIGHT, WIDTH, 3, 6.0 * (index - 2)) for index in range(COUNT)]
    shot(stage, (made[0], [np.zeros((HEIGHT, WIDTH), np.float32)] * COUNT), wires)
    asked(stage)
    stage.clean(str(stage.folder / "plate.####.exr"), str(stage.folder / "matte.####.exr"), "1003", "plain")
    one, other = (read_exr(stage.path(1003, out)).rgb for out in ("out", "plain"))
    assert (bits_of(one) == bits_of(other)).all()


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (17, 31), (1, 40), (5, 90)])
def test_any_size(stage: Stage, size: tuple[int, int]) -> None:
    frames = panned(3, *size)
    stage.shoot(frames)
    stage.draw([wire_of(*size)] * 3)
    stage.draw([np.ones(size, np.float32)] * 3, "people")
    heard = asked(stage, "1002")
    assert heard.delivered and heard.delivered[1002].synthesised == 0


def test_values_that_are_no_light_stay_where_they_are_kept(stage: Stage) -> None:
    frames = panned(1, HEIGHT, WIDTH)
    frames[0][20, 20] = np.nan
    stage.shoot(frames)
    stage.draw([np.ones((HEIGHT, WIDTH), np.float32)])
    stage.draw([np.ones((HEIGHT, WIDTH), np.float32)], "people")
    heard = asked(stage, "1001")
    assert heard.delivered[1001].kept == 1, "all of it is a performer, and nothing else was seen"
    assert (bits_of(read_exr(stage.path(1001)).rgb) == bits_of(frames[0])).all()


# ---------------------------------------------------------------- from the wish to the summary


def test_the_wire_carries_the_performers_matte() -> None:
    request = render_request(
        {
            "show": "show",
            "operator": "clean",
            "plate": "/p/plate.####.exr",
            "first_frame": 1,
            "last_frame": 2,
            "output": "/p/out.####.exr",
            "matte": "/p/matte.####.exr",
            "performers": "/p/people.####.exr",
        }
    )
    request.clean.performers.channel, request.clean.performers.grow_pixels = "people.A", 2.0
    operator = wish_from_request(request, PathRules()).operator
    assert isinstance(operator, CleanWish)
    assert operator.performers == MatteWish("/p/people.####.exr", "people.A", 2.0)
    request.clean.ClearField("performers")
    operator = wish_from_request(request, PathRules()).operator
    assert isinstance(operator, CleanWish) and operator.performers is None


def test_the_summary_tells_what_was_bridged_and_what_is_still_there() -> None:
    tally = Tally("clean", range(1, 5))
    for frame, bridged, kept in ((1, 0.5, 0.0), (2, 0.5, 0.25), (3, 0.0, 0.25), (4, 0.0, 0.0)):
        done = job_pb2.FrameDelivered(frame=frame, seen=1 - bridged - kept, bridged=bridged, kept=kept)
        tally.take(job_pb2.JobEvent(delivered=done))
    bridged_line, kept_line = tally.said_of_performers
    assert "25.0% of the matte is bridged" in bridged_line and bridged_line.endswith("frames 1-2")
    assert "12.5% of the matte is kept as it was" in kept_line and kept_line.endswith("frames 2-3")
    told = tally.as_render()
    assert (told["bridged"], told["kept"]) == (0.25, 0.125)
    assert Tally("clean", range(2)).said_of_performers == []
