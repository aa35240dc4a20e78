"""Framing: signs, keys, the transform as data; and the window through the pipeline."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from interneg.operators.reframe import Framing, framing_at, mapping_of, overflow
from interneg.operators.resample import inside_of, resampled
from interneg.plates.exr import read_channels, read_exr
from interneg.plates.frames import parse_pattern
from interneg.resident.writing import framing_path, write_framing
from stage import FIRST, Stage
from synthetic import panned, psnr, texture_of, wild_rgb, write_plate

HEIGHT, WIDTH = 60, 80


def marked(row: int, column: int) -> np.ndarray:
    plate = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    plate[row, column] = 1.0
    return plate


def place_of(plate: np.ndarray) -> tuple[float, float]:
    """Where the light of a plate lies: row and column of its centre."""
    weight = plate[..., 1].astype(np.float64)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return float((weight * rows).sum() / weight.sum()), float((weight * columns).sum() / weight.sum())


def after(framing: Framing, row: int = 30, column: int = 40, aspect: float = 1.0) -> tuple[float, float]:
    window = mapping_of(framing, WIDTH, HEIGHT, aspect)
    return place_of(resampled(marked(row, column), window).pixels)


def test_pan_moves_the_window_right_so_the_picture_goes_left() -> None:
    assert after(Framing(1, pan=0.1)) == pytest.approx((30, 40 - 0.1 * WIDTH), abs=0.02)


def test_tilt_moves_the_window_up_so_the_picture_goes_down() -> None:
    assert after(Framing(1, tilt=0.1)) == pytest.approx((30 + 0.1 * HEIGHT, 40), abs=0.02)


def test_roll_turns_the_window_clockwise_so_the_picture_turns_the_other_way() -> None:
    """A mark right of the centre: the window's right edge goes down, so the mark rises."""
    row, column = after(Framing(1, roll_degrees=20.0), 30, 70)
    away = 70 - (WIDTH - 1) / 2
    below = 30 - (HEIGHT - 1) / 2
    angle = np.deg2rad(20)
    assert row == pytest.approx((HEIGHT - 1) / 2 - away * np.sin(angle) + below * np.cos(angle), abs=0.1)
    assert column == pytest.approx((WIDTH - 1) / 2 + away * np.cos(angle) + below * np.sin(angle), abs=0.1)
    assert row < 30


def test_punch_in_is_how_much_larger_the_picture_gets() -> None:
    """1.12 is 12 % in: what lies so far from the centre lies 1.12 times as far."""
    row, column = after(Framing(1, 1.12), 50, 70)
    assert row - (HEIGHT - 1) / 2 == pytest.approx(1.12 * (50 - (HEIGHT - 1) / 2), abs=0.1)
    assert column - (WIDTH - 1) / 2 == pytest.approx(1.12 * (70 - (WIDTH - 1) / 2), abs=0.1)


@pytest.mark.parametrize("aspect", [2.0, 0.5, 1.0])
def test_a_roll_turns_what_is_seen_whatever_the_pixels_shape(aspect: float) -> None:
    """A mark on the right at a quarter turn lies above, as far as it was, measured as it is seen."""
    mark = 40 + round(10 / aspect)
    row, column = after(Framing(1, roll_degrees=90.0), 30, mark, aspect)
    away = (mark - (WIDTH - 1) / 2) * aspect
    assert row == pytest.approx((HEIGHT - 1) / 2 - away, abs=0.1)
    assert column == pytest.approx((WIDTH - 1) / 2, abs=0.6 / aspect + 0.1)


def test_pan_is_of_the_frame_whatever_the_punch_in() -> None:
    """The window's centre moves by a share of the source, so that keys can be read on their own."""
    window = mapping_of(Framing(1, 2.0, 0.25, 0.0), WIDTH, HEIGHT, 1.0)
    centre = window.origin[0] + window.across[0] * (WIDTH - 1) / 2
    assert centre == pytest.approx((WIDTH - 1) / 2 + 0.25 * WIDTH)


def test_keys_are_linear_between_and_held_outside() -> None:
    keys = (Framing(10, 1.0, 0.0, 0.1, -10.0), Framing(20, 2.0, 0.5, 0.0, 10.0), Framing(24, 1.0))
    assert framing_at(keys, 15) == Framing(15, 1.5, 0.25, 0.05, 0.0)
    assert framing_at(keys, 12).punch_in == pytest.approx(1.2)
    assert framing_at(keys, 20) == keys[1]
    assert framing_at(keys, 22).punch_in == pytest.approx(1.5)
    for frame in (9, -100):
        assert framing_at(keys, frame) == Framing(frame, 1.0, 0.0, 0.1, -10.0)
    assert framing_at(keys, 1000) == Framing(1000)
    assert framing_at(keys[:1], 3).roll_degrees == -10.0


@pytest.mark.parametrize(
    ("framing", "beyond"),
    [
        (Framing(1), (0, 0, 0, 0)),
        (Framing(1, 1.5), (0, 0, 0, 0)),
        (Framing(1, pan=0.1), (0, 0, 8, 0)),
        (Framing(1, pan=-0.05), (4, 0, 0, 0)),
        (Framing(1, tilt=0.1), (0, 6, 0, 0)),
        (Framing(1, tilt=-0.1), (0, 0, 0, 6)),
        (Framing(1, 0.5), (40, 30, 40, 30)),
    ],
)
def test_what_the_window_leaves_the_frame_by(framing: Framing, beyond: tuple[int, int, int, int]) -> None:
    """A pixel's centre decides: the outermost centre of a window half a frame larger lies half a pixel less far out."""
    told = overflow(mapping_of(framing, WIDTH, HEIGHT, 1.0), WIDTH, HEIGHT)
    assert all(abs(one - other) <= 1 for one, other in zip(told, beyond, strict=True))
    assert all((one == 0) == (other == 0) for one, other in zip(told, beyond, strict=True))


def test_inside_is_where_a_pixel_centre_lies_in_the_source() -> None:
    window = mapping_of(Framing(1, pan=0.1), WIDTH, HEIGHT, 1.0)
    inside = inside_of(window, WIDTH, HEIGHT)
    assert inside[:, : WIDTH - 8].all() and not inside[:, WIDTH - 8 :].any()


# ---------------------------------------------------------------- the transform as data


@pytest.mark.parametrize(
    ("output", "name"),
    [("shot.####.exr", "shot.framing.json"), ("####.exr", "reframe.framing.json"), ("one.exr", "one.framing.json")],
)
def test_the_transform_lies_beside_the_frames_in_the_schema_of_keys(tmp_path: Path, output: str, name: str) -> None:
    keys = (Framing(1001, 1.1, 0.02), Framing(1010, 1.2, 0.0, -0.1, 3.5))
    pattern = parse_pattern(str(tmp_path / "not there yet" / output))
    path = write_framing(pattern, keys)
    assert path == framing_path(pattern) and path.name == name
    assert json.loads(path.read_text()) == {
        "frames": {
            "1001": {"punch_in": 1.1, "pan": 0.02, "tilt": 0.0, "roll_degrees": 0.0},
            "1010": {"punch_in": 1.2, "pan": 0.0, "tilt": -0.1, "roll_degrees": 3.5},
        }
    }
    assert [entry.name for entry in path.parent.iterdir()] == [name], "nothing half-written beside it"


def test_the_pipeline_writes_the_keys_that_were_asked_for(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plate = stage.shoot(panned(3, 20, 24))
    stage.reframe(plate, Framing(1003, 1.3), Framing(1001, 1.1), frames="1001-1003")
    told = json.loads((tmp_path / "out" / "frame.framing.json").read_text())["frames"]
    assert list(told) == ["1001", "1003"] and told["1003"]["punch_in"] == 1.3
    shares = [float(read_exr(stage.path(frame)).rgb.mean()) for frame in (1001, 1002, 1003)]
    assert len(set(shares)) == 3


# ---------------------------------------------------------------- through the pipeline


def test_a_reframed_plate_is_near_the_analytic_truth(tmp_path: Path) -> None:
    stage, texture = Stage(tmp_path), texture_of(3, finest=0.15)
    plate = stage.shoot([texture.frame(HEIGHT, WIDTH)])
    framing = Framing(FIRST, 1.2, 0.02, -0.03, 4.0)
    assert not stage.reframe(plate, framing).failed
    window = mapping_of(framing, WIDTH, HEIGHT, 1.0)
    truth = texture.at(*window.columns_and_rows(0, HEIGHT))
    assert psnr(read_exr(stage.path()).rgb[4:-4, 4:-4], truth[4:-4, 4:-4]) > 44


def test_a_border_that_other_frames_saw_is_theirs(tmp_path: Path) -> None:
    stage, texture = Stage(tmp_path), texture_of(2)
    height, width = 120, 160
    plate = stage.shoot([texture.frame(height, width, 4.0 * index, 0.0) for index in range(5)])
    framing = Framing(FIRST, pan=0.05)  # 8 pixels to the right, where the camera is going
    heard = stage.reframe(plate, framing)
    assert not heard.failed
    truth = texture.frame(height, width, 8.0, 0.0)
    answer = read_exr(stage.path()).rgb
    layers = read_channels(stage.path(), ["seen.A", "synthesised.A"])
    border = np.zeros((height, width), bool)
    border[:, width - 8 :] = True
    assert ((layers["seen.A"] + layers["synthesised.A"] > 0) == border).all(), "the border alone, and all of it"
    assert layers["seen.A"][border].mean() > 0.8
    held = np.repeat(truth[:, width - 9 : width - 8], 8, axis=1)  # the frame's edge, drawn out
    assert psnr(answer[border], truth[border]) > psnr(held.reshape(-1, 3), truth[border]) + 6
    assert heard.delivered[FIRST].seen == pytest.approx(layers["seen.A"][border].mean(), abs=0.01)
    assert any("beyond the plate" in notice for notice in heard.delivered[FIRST].notices)


def test_a_border_nobody_saw_is_told_as_made_up(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plate = stage.shoot(panned(1, HEIGHT, WIDTH))
    heard = stage.reframe(plate, Framing(FIRST, pan=0.1))
    layers = read_channels(stage.path(), ["seen.A", "synthesised.A"])
    assert layers["seen.A"].max() == 0 and (layers["synthesised.A"][:, WIDTH - 8 :] > 0).all()
    assert heard.delivered[FIRST].synthesised == pytest.approx(1)


def test_invented_border_is_capped_and_what_lies_beyond_is_black_and_told(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plate = stage.shoot(panned(2, HEIGHT, WIDTH))
    heard = stage.reframe(plate, Framing(FIRST, 0.3))
    assert not heard.failed
    answer = read_exr(stage.path()).rgb
    layers = read_channels(stage.path(), ["seen.A", "synthesised.A"])
    assert (answer[0, 0] == 0).all() and layers["synthesised.A"][0, 0] == 0
    assert any("left black" in notice for notice in heard.delivered[FIRST].notices)


@pytest.mark.parametrize(
    "framing", [Framing(FIRST, pan=2.0), Framing(FIRST, 0.1, 2.0, -2.0, 45.0), Framing(FIRST, 20.0)]
)
def test_a_window_that_is_far_out_is_answered_too(tmp_path: Path, framing: Framing) -> None:
    stage = Stage(tmp_path)
    plate = stage.shoot([wild_rgb(24, 32)] * 2)
    assert not stage.reframe(plate, framing).failed
    assert np.isfinite(read_exr(stage.path()).rgb).all()


def test_inside_the_frame_no_network_has_a_say(tmp_path: Path) -> None:
    """The same frame from a shot of one and from a shot of many: inside the source it is the same resampling."""
    stage = Stage(tmp_path)
    frames = panned(4, HEIGHT, WIDTH)
    many, framing = stage.shoot(frames), Framing(FIRST, 1.0, 0.06, 0.0, 0.0)
    write_plate(tmp_path / "alone.1001.exr", frames[0])
    stage.reframe(many, framing, out="many")
    stage.reframe(str(tmp_path / "alone.####.exr"), framing, out="alone")
    window = mapping_of(framing, WIDTH, HEIGHT, 1.0)
    inside = inside_of(window, WIDTH, HEIGHT)
    one, other = read_exr(stage.path(out="many")).rgb, read_exr(stage.path(out="alone")).rgb
    assert (one == other)[inside].all()
    assert (one != other)[~inside].any()
