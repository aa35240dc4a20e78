"""The two operators through the pipeline, on real files: one list of promises, held for both."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from interneg.errors import CancelledJobError, InternegError, MissingFrameError, NotAllowedError, RequestError
from interneg.operators.reframe import Framing
from interneg.plates.exr import read_channels, read_exr, read_header, read_parts
from interneg.resident.acceptance import accept
from interneg.resident.wish import CleanWish, ReframeWish
from stage import FIRST, LEAVING, PUNCHED, Heard, Stage, leftovers
from synthetic import (
    Pixels,
    bits_of,
    hung,
    numbered,
    panned,
    psnr,
    wild_rgb,
    wire_of,
    write_matte,
    write_movie,
    write_plate,
)

SIZES = [(1, 1), (2, 3), (17, 31), (64, 64), (101, 57), (1, 40), (40, 1), (5, 300), (15, 16)]

Ask = Callable[..., Heard]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture(params=["clean", "punched", "leaving"])
def operator(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def asked(stage: Stage, operator: str, frames: str = "1001-1003", out: str = "out", **more) -> Heard:
    """The operator on the stage's shot `plate`, with the mattes `matte`."""
    plate = more.pop("plate", str(stage.folder / "plate.####.exr"))
    if operator == "clean":
        return stage.clean(plate, str(stage.folder / "matte.####.exr"), frames, out, **more)
    key = PUNCHED if operator == "punched" else LEAVING
    return stage.reframe(plate, key, frames=frames, out=out, **more)


def small_shot(stage: Stage, count: int = 4, height: int = 48, width: int = 64) -> tuple[list[Pixels], list[Pixels]]:
    """A panned shot with a wire and its mattes on disk; gives the clean frames and the mattes."""
    clean = panned(count, height, width)
    mattes = [wire_of(height, width, shift=0.5 * index) for index in range(count)]
    stage.shoot([hung(frame, matte) for frame, matte in zip(clean, mattes, strict=True)])
    stage.draw(mattes)
    return clean, mattes


def stored_bits(path: Path, name: str) -> np.ndarray:
    pixels = read_parts(path)[0].channels[name].pixels
    return pixels.view(np.uint16 if pixels.dtype == np.float16 else np.uint32)


# ---------------------------------------------------------------- smoke, any size


def test_every_frame_is_delivered_and_says_where_it_comes_from(stage: Stage, operator: str) -> None:
    small_shot(stage)
    heard = asked(stage, operator)
    assert not heard.failed
    assert sorted(heard.delivered) == [1001, 1002, 1003], "each once, and nothing beyond the range"
    for frame, event in heard.delivered.items():
        assert Path(event.path) == stage.path(frame)
        assert event.compute_seconds > 0 and event.encode_seconds > 0
        assert 0 <= event.seen <= 1 and 0 <= event.synthesised <= 1
        record = read_header(stage.path(frame))[0].attributes
        assert record["interneg.operator"] == ("clean" if operator == "clean" else "reframe")
    assert leftovers(stage.folder) == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_any_size(stage: Stage, operator: str, size: tuple[int, int]) -> None:
    stage.shoot([wild_rgb(*size, seed) for seed in range(3)])
    stage.draw([wire_of(*size)] * 3)
    heard = asked(stage, operator, "1001-1003")
    assert not heard.failed
    for frame in (1001, 1002, 1003):
        assert read_exr(stage.path(frame)).rgb.shape == (*size, 3)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (64, 64), (1, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_matte_that_covers_all_is_answered_from_the_other_frames_or_made_up(stage: Stage, size) -> None:
    plate = stage.shoot(panned(3, *size))
    matte = stage.draw([np.ones(size, np.float32), np.zeros(size, np.float32), np.zeros(size, np.float32)])
    heard = stage.clean(plate, matte)
    assert not heard.failed
    assert np.isfinite(read_exr(stage.path()).rgb).all()


def test_a_shot_of_one_frame_has_only_itself(stage: Stage, operator: str) -> None:
    small_shot(stage, count=1)
    heard = asked(stage, operator, "1001")
    assert not heard.failed
    assert heard.delivered[1001].seen < 0.05, "no other frame has seen anything; the plate itself a little"


# ---------------------------------------------------------------- neutral is the identity


def strange_rgb(height: int = 21, width: int = 33) -> Pixels:
    rgb = wild_rgb(height, width)
    rgb[2, 3] = np.nan
    rgb[4, 5, 1] = np.inf
    rgb[20, 32] = -np.inf
    rgb[7, 7] = -0.0
    return rgb


def neutral(stage: Stage, which: str, plate: str) -> Heard:
    if which == "reframe":
        return stage.reframe(plate, Framing(FIRST))
    shape = read_exr(stage.folder / f"plate.{FIRST}.exr").rgb.shape[:2]
    return stage.clean(plate, stage.draw([np.zeros(shape, np.float32)]))


@pytest.mark.parametrize("which", ["clean", "reframe"])
def test_neutral_is_the_identity_bit_for_bit(stage: Stage, which: str) -> None:
    plate = stage.shoot([strange_rgb()])
    source = Path(plate.replace("####", str(FIRST)))
    heard = neutral(stage, which, plate)
    assert not heard.failed
    for name in "RGB":
        assert (stored_bits(source, name) == stored_bits(stage.path(), name)).all()
    assert read_channels(stage.path(), ["synthesised.A"])["synthesised.A"].max() == 0
    assert read_channels(stage.path(), ["seen.A"])["seen.A"].max() == 0


def test_a_key_that_is_neutral_only_on_its_frame_leaves_that_frame_alone(stage: Stage) -> None:
    plate = stage.shoot(panned(3, 32, 40))
    heard = stage.reframe(plate, Framing(1001), Framing(1003, 1.2), frames="1001-1003")
    assert not heard.failed
    source, first = read_exr(stage.folder / "plate.1001.exr").rgb, read_exr(stage.path(1001)).rgb
    assert (bits_of(source) == bits_of(first)).all()
    assert (read_exr(stage.folder / "plate.1002.exr").rgb != read_exr(stage.path(1002)).rgb).any()


# ---------------------------------------------------------------- authority


def test_clean_leaves_every_bit_outside_the_matte_payloads_of_nan_too(stage: Stage) -> None:
    frames = [strange_rgb(), strange_rgb(), strange_rgb()]
    plate, matte = stage.shoot(frames), stage.draw([wire_of(21, 33)] * 3)
    source = stage.folder / f"plate.{FIRST}.exr"
    heard = stage.clean(plate, matte)
    assert not heard.failed
    outside = wire_of(21, 33) == 0
    for name in "RGB":
        assert (stored_bits(source, name) == stored_bits(stage.path(), name))[outside].all()


def test_a_payload_in_a_nan_survives(stage: Stage) -> None:
    rgb = wild_rgb(24, 24)
    bits = rgb.view(np.uint32)
    bits[3, 4, 0] = 0x7FC12000  # quiet, with a payload that half can say
    plate, matte = stage.shoot([rgb, rgb]), stage.draw([wire_of(24, 24)] * 2)
    before = stored_bits(stage.folder / f"plate.{FIRST}.exr", "R")[3, 4]
    assert not stage.clean(plate, matte).failed
    assert stored_bits(stage.path(), "R")[3, 4] == before


@pytest.mark.parametrize("value", [1.0, 0.5, 0.004])
def test_a_soft_matte_is_replaced_wherever_it_covers_anything(stage: Stage, value: float) -> None:
    clean, mattes = small_shot(stage)
    soft = [np.where(matte > 0, np.float32(value), 0).astype(np.float32) for matte in mattes]
    heard = stage.clean(str(stage.folder / "plate.####.exr"), stage.draw(soft, "soft"), "1002")
    assert not heard.failed
    hole = mattes[1] > 0
    answer = read_exr(stage.path(1002)).rgb
    assert psnr(answer[hole], clean[1][hole]) > psnr(hung(clean[1], mattes[1])[hole], clean[1][hole]) + 10
    assert (read_channels(stage.path(1002), ["matte.A"])["matte.A"] == hole).all()


def test_grow_widens_what_may_change_and_the_delivered_matte_says_so(stage: Stage) -> None:
    _, mattes = small_shot(stage)
    plate, matte = str(stage.folder / "plate.####.exr"), str(stage.folder / "matte.####.exr")
    assert not stage.clean(plate, matte, out="wide", grow_pixels=3.0).failed
    told = read_channels(stage.path(out="wide"), ["matte.A"])["matte.A"] > 0
    asked_for = mattes[0] > 0
    assert (told >= asked_for).all() and told.sum() > 1.5 * asked_for.sum()
    rows, columns = np.nonzero(told)
    near = [
        np.hypot(*(np.argwhere(asked_for) - (row, column)).T).min() for row, column in zip(rows, columns, strict=True)
    ]
    assert max(near) <= 3.0 + 1e-6, "never further than was asked for"
    for name in "RGB":
        same = stored_bits(stage.folder / f"plate.{FIRST}.exr", name) == stored_bits(stage.path(out="wide"), name)
        assert same[~told].all()


def test_seen_and_synthesised_add_up_to_what_changed(stage: Stage, operator: str) -> None:
    small_shot(stage)
    heard = asked(stage, operator, "1001-1004")
    for frame, event in heard.delivered.items():
        layers = read_channels(stage.path(frame), ["seen.A", "synthesised.A"])
        seen, made_up = layers["seen.A"], layers["synthesised.A"]
        assert min(seen.min(), made_up.min()) >= 0
        touched = (seen + made_up) > 0
        assert seen[touched] + made_up[touched] == pytest.approx(1, abs=2e-3)
        if operator == "clean":
            assert (touched == (read_channels(stage.path(frame), ["matte.A"])["matte.A"] > 0)).all()
            assert event.seen == pytest.approx(seen[touched].mean(), abs=2e-3)
            assert event.synthesised == pytest.approx(made_up[touched].mean(), abs=2e-3)
        if operator == "punched":
            assert not touched.any(), "its window stays inside the frame"


# ---------------------------------------------------------------- determinism, chunks, workers


def test_the_same_request_gives_the_same_file(stage: Stage, operator: str) -> None:
    small_shot(stage)
    asked(stage, operator, out="one")
    asked(stage, operator, out="other")
    for frame in (1001, 1002, 1003):
        assert stage.path(frame, "one").read_bytes() == stage.path(frame, "other").read_bytes()


@pytest.mark.parametrize("workers", [1, 5])
def test_a_range_in_one_go_and_in_chunks_by_any_number_of_workers(
    stage: Stage, operator: str, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_shot(stage, count=6)
    asked(stage, operator, "1001-1006", out="whole")
    monkeypatch.setattr(os, "cpu_count", lambda: workers)
    for frames in ("1005-1006", "1001-1001", "1002-1004"):
        asked(stage, operator, frames, out="chunks")
    for frame in range(1001, 1007):
        assert stage.path(frame, "whole").read_bytes() == stage.path(frame, "chunks").read_bytes()


def test_another_seed_gives_other_grain_and_nothing_else(stage: Stage) -> None:
    rng = np.random.default_rng(1)
    frames = [frame + rng.normal(0, 0.01, frame.shape).astype(np.float32) for frame in panned(4, 96, 128)]
    plate, matte = stage.shoot(frames), stage.draw([wire_of(96, 128)] * 4)
    stage.clean(plate, matte, out="one", seed=1)
    stage.clean(plate, matte, out="two", seed=2)
    one, two = read_exr(stage.path(out="one")).rgb, read_exr(stage.path(out="two")).rgb
    hole = wire_of(96, 128) > 0
    assert (one == two)[~hole].all()
    assert 0 < np.abs(one - two)[hole].max() < 0.2


# ---------------------------------------------------------------- bad input: that frame's error, the others go on


def test_a_missing_matte_is_that_frames_error_alone(stage: Stage) -> None:
    small_shot(stage)
    (stage.folder / "matte.1002.exr").unlink()
    heard = asked(stage, "clean", "1001-1004")
    assert sorted(heard.delivered) == [1001, 1003, 1004]
    assert "1002" in heard.failed[1002]
    assert not stage.path(1002).exists()


def test_a_matte_of_another_size_is_that_frames_error_and_tells_both(stage: Stage) -> None:
    small_shot(stage)
    write_matte(stage.folder / "matte.1003.exr", np.ones((5, 7), np.float32))
    heard = asked(stage, "clean", "1001-1004")
    assert sorted(heard.failed) == [1003]
    assert "7 x 5" in heard.failed[1003] and "64 x 48" in heard.failed[1003]


def test_a_matte_with_nan_is_that_frames_error(stage: Stage) -> None:
    _, mattes = small_shot(stage)
    broken = mattes[1].copy()
    broken[0, 0] = np.nan
    write_matte(stage.folder / "matte.1002.exr", broken)
    assert "NaN" in asked(stage, "clean", "1001-1004").failed[1002]


def test_frames_that_are_missing_in_the_middle_are_named(stage: Stage, operator: str) -> None:
    small_shot(stage, count=5)
    (stage.folder / "plate.1003.exr").unlink()
    heard = asked(stage, operator, "1001-1005")
    assert sorted(heard.delivered) == [1001, 1002, 1004, 1005]
    assert "1003" in heard.failed[1003]


def test_a_range_that_reaches_beyond_the_shot_delivers_what_is_there(stage: Stage, operator: str) -> None:
    small_shot(stage, count=2)
    heard = asked(stage, operator, "1000-1004")
    assert sorted(heard.delivered) == [1001, 1002]
    assert sorted(heard.failed) == [1000, 1003, 1004]


def test_a_neighbour_that_cannot_be_read_costs_only_itself(stage: Stage, operator: str) -> None:
    small_shot(stage, count=5)
    damaged = stage.folder / "plate.1003.exr"
    damaged.write_bytes(damaged.read_bytes()[:700])
    heard = asked(stage, operator, "1001-1005")
    assert sorted(heard.delivered) == [1001, 1002, 1004, 1005]
    assert "plate.1003.exr" in heard.failed[1003]


def test_a_neighbour_of_another_size_is_left_out(stage: Stage, operator: str) -> None:
    small_shot(stage, count=4)
    write_plate(stage.folder / "plate.1002.exr", panned(1, 30, 33)[0])
    write_matte(stage.folder / "matte.1002.exr", wire_of(30, 33))
    heard = asked(stage, operator, "1001-1004")
    assert not heard.failed
    assert read_exr(stage.path(1002)).rgb.shape == (30, 33, 3)
    assert read_exr(stage.path(1001)).rgb.shape == (48, 64, 3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 60000.0, -100.0])
def test_strange_values_are_kept_outside_and_never_spread(stage: Stage, operator: str, value: float) -> None:
    clean, mattes = small_shot(stage)
    strange = hung(clean[0], mattes[0])
    hole = mattes[0] > 0
    row, column = (int(number) for number in np.argwhere(hole)[len(np.argwhere(hole)) // 2])
    strange[row, column] = value  # in the matte
    strange[5, 9] = value  # far from it
    write_plate(stage.folder / "plate.1001.exr", strange)
    heard = asked(stage, operator, "1001-1002")
    assert not heard.failed
    answer = read_exr(stage.path(1001)).rgb
    if operator == "clean":
        assert bits_of(answer[5, 9]).tolist() == bits_of(strange[5, 9]).tolist()
        assert np.isfinite(answer[hole]).all()
        assert np.abs(answer[hole]).max() < 10, "what the wire hid is not what it looked like"
    elif not np.isfinite(value):
        assert 1 <= (~np.isfinite(answer)).any(axis=-1).sum() <= 6, "each stays about one pixel, and is not spread"
    assert np.isfinite(read_exr(stage.path(1002)).rgb).all(), "a neighbour's strange pixel does not travel"
    if not np.isfinite(value):
        assert any("NaN or infinite" in notice for notice in heard.delivered[1001].notices)


def test_wild_plates_stay_within_what_they_hold(stage: Stage, operator: str) -> None:
    frames = [wild_rgb(40, 52, seed) for seed in range(3)]
    stage.shoot(frames)
    stage.draw([wire_of(40, 52)] * 3)
    heard = asked(stage, operator, "1001-1003")
    assert not heard.failed
    low, high = min(frame.min() for frame in frames), max(frame.max() for frame in frames)
    for frame in (1001, 1002, 1003):
        answer = read_exr(stage.path(frame)).rgb
        assert np.isfinite(answer).all()
        slack = 0.6 if operator != "punched" else 0.002  # a made-up pixel may leave the range by a bounded part of it
        assert answer.min() >= low * (1 + slack) - 0.1 and answer.max() <= high * (1 + slack)


# ---------------------------------------------------------------- refused before the first frame


@pytest.mark.parametrize(
    ("operator", "more", "said"),
    [
        (CleanWish("nowhere.####.exr"), {}, "nowhere"),
        (CleanWish("matte.####.exr", grow_pixels=-1), {}, "Grow"),
        (CleanWish("matte.####.exr", grow_pixels=float("nan")), {}, "Grow"),
        (CleanWish("matte.####.exr", grow_pixels=1e6), {}, "Grow"),
        (ReframeWish(()), {}, "keys"),
        (ReframeWish((Framing(1001, 0.0),)), {}, "Punch-in"),
        (ReframeWish((Framing(1001, float("nan")),)), {}, "Punch-in"),
        (ReframeWish((Framing(1001, float("inf")),)), {}, "Punch-in"),
        (ReframeWish((Framing(1001, pan=float("nan")),)), {}, "Pan"),
        (ReframeWish((Framing(1001, tilt=1e9),)), {}, "Tilt"),
        (ReframeWish((Framing(1001, roll_degrees=float("inf")),)), {}, "Roll"),
        (ReframeWish((Framing(1001, 1.1), Framing(1001, 1.2))), {}, "two keys"),
        (ReframeWish((PUNCHED,)), {"frames": "5-9"}, "1001-1004"),
        (ReframeWish((PUNCHED,)), {"colourspace": "Kodachrome"}, "Kodachrome"),
        (ReframeWish((PUNCHED,)), {"model_version": "v007"}, "v007"),
    ],
)
def test_what_can_be_refused_at_once_is(stage: Stage, operator, more: dict[str, str], said: str) -> None:
    small_shot(stage)
    if isinstance(operator, CleanWish):
        operator = CleanWish(str(stage.folder / operator.matte_path), grow_pixels=operator.grow_pixels)
    wish = stage.wish(str(stage.folder / "plate.####.exr"), operator, **{"frames": "1001-1002", **more})
    with pytest.raises(InternegError, match=said):
        accept(wish, stage.engine, stage.settings)
    assert not stage.path().parent.exists(), "nothing was made"


def wish_to(stage: Stage, output: str):
    wish = stage.wish(str(stage.folder / "plate.####.exr"), ReframeWish((PUNCHED,)), "1001-1002")
    return type(wish)(**{**vars(wish), "output_path": output})


@pytest.mark.parametrize("name", ["plate.####.exr", "plate.%04d.exr", "../{}/plate.####.exr"])
def test_a_plate_is_never_written_over_itself(stage: Stage, name: str) -> None:
    small_shot(stage)
    before = (stage.folder / "plate.1001.exr").read_bytes()
    output = str(stage.folder / name.format(stage.folder.name))
    with pytest.raises(RequestError, match="another name"):
        accept(wish_to(stage, output), stage.engine, stage.settings)
    assert (stage.folder / "plate.1001.exr").read_bytes() == before


@pytest.mark.parametrize("name", ["out.####.png", "out.exr", "out"])
def test_an_output_that_cannot_hold_the_frames_is_refused(stage: Stage, name: str) -> None:
    small_shot(stage)
    with pytest.raises(RequestError, match="--out"):
        accept(wish_to(stage, str(stage.folder / name)), stage.engine, stage.settings)


def test_an_output_below_a_file_is_refused(stage: Stage) -> None:
    small_shot(stage)
    with pytest.raises(NotAllowedError, match="--out"):
        output = str(stage.folder / "plate.1001.exr" / "out.####.exr")
        accept(wish_to(stage, output), stage.engine, stage.settings)


def test_a_shot_that_is_not_there_is_told_at_once(stage: Stage) -> None:
    wish = stage.wish(str(stage.folder / "none.####.exr"), ReframeWish((PUNCHED,)), "1001")
    with pytest.raises(MissingFrameError, match="none"):
        accept(wish, stage.engine, stage.settings)


def test_a_rendered_plate_without_any_grain_is_cleaned_too(stage: Stage) -> None:
    flat = [np.full((96, 128, 3), 0.5, np.float32)] * 3
    matte = wire_of(96, 128)
    heard = stage.clean(stage.shoot([hung(frame, matte) for frame in flat]), stage.draw([matte] * 3), "1001-1003")
    assert not heard.failed
    assert read_exr(stage.path()).rgb == pytest.approx(0.5, abs=1e-3)


# ---------------------------------------------------------------- windows, layers, types, kinds of files


def written(path: Path, rgb: Pixels, corner: tuple[int, int], display: tuple[int, int, int, int], **more) -> None:
    """An EXR whose data window lies anywhere; float, with a float alpha and an id channel."""
    import OpenEXR

    height, width = rgb.shape[:2]
    header = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "dataWindow": (np.array(corner, np.int32), np.array([corner[0] + width - 1, corner[1] + height - 1], np.int32)),
        "displayWindow": (np.array(display[:2], np.int32), np.array(display[2:], np.int32)),
        **more,
    }
    alpha = np.linspace(0, 1, height * width, dtype=np.float32).reshape(height, width)
    channels = {name: np.ascontiguousarray(rgb[..., index]) for index, name in enumerate("RGB")}
    channels |= {"A": alpha, "id.Z": (alpha * 1000).astype(np.uint32), "depth.Z": alpha * 40}
    OpenEXR.File(header, channels).write(str(path))


WINDOWS = {
    "smaller": ((6, 4), (0, 0, 63, 47), (40, 50)),
    "overscan": ((-8, -6), (0, 0, 63, 47), (60, 80)),
    "shifted": ((3, -5), (0, 0, 63, 47), (60, 64)),
    "away from zero": ((100, 200), (100, 200, 163, 247), (48, 64)),
    "beside it": ((70, 0), (0, 0, 63, 47), (48, 20)),
}


@pytest.mark.parametrize("windows", WINDOWS.values(), ids=WINDOWS)
def test_data_windows_that_are_not_the_display_window(stage: Stage, operator: str, windows) -> None:
    corner, display, size = windows
    for number, rgb in enumerate(panned(3, *size), FIRST):
        written(stage.folder / f"plate.{number}.exr", rgb, corner, display, pixelAspectRatio=2.0, note="kept")
    stage.draw([wire_of(48, 64)] * 3)
    heard = asked(stage, operator)
    assert not heard.failed
    before, after = read_exr(stage.folder / "plate.1001.exr"), read_exr(stage.path())
    assert after.display_window == before.display_window
    assert after.pixel_aspect == 2.0
    assert after.origin is not None and after.origin.parts[0].attributes["note"] == "kept"
    assert after.data_window == (before.data_window if operator == "clean" else before.display_window)


def test_clean_carries_alpha_and_the_other_layers_as_they_are(stage: Stage) -> None:
    for number, rgb in enumerate(panned(3, 48, 64), FIRST):
        written(stage.folder / f"plate.{number}.exr", rgb, (0, 0), (0, 0, 63, 47))
    stage.draw([wire_of(48, 64)] * 3)
    assert not asked(stage, "clean").failed
    for name in ("A", "depth.Z", "id.Z"):
        before = read_parts(stage.folder / "plate.1002.exr")[0].channels[name].pixels
        after = read_parts(stage.path(1002))[0].channels[name].pixels
        assert before.dtype == after.dtype and (before == after).all()


def test_reframe_takes_alpha_and_the_other_layers_through_the_same_window(stage: Stage) -> None:
    ramp = np.broadcast_to(np.linspace(0, 1, 48 * 64, dtype=np.float32).reshape(48, 64)[..., None], (48, 64, 3))
    for number in (1001, 1002, 1003):
        written(stage.folder / f"plate.{number}.exr", ramp, (0, 0), (0, 0, 63, 47))
    assert not asked(stage, "punched").failed
    channels = read_parts(stage.path())[0].channels
    alpha, red = channels["A"].pixels, channels["R"].pixels
    assert alpha == pytest.approx(red, abs=1e-6), "alpha went where the colour went"
    assert channels["depth.Z"].pixels == pytest.approx(alpha * 40, abs=1e-3)
    ids = channels["id.Z"].pixels
    assert ids.dtype == np.uint32
    assert set(ids.ravel().tolist()) <= set((ramp[..., 0] * 1000).astype(np.uint32).ravel().tolist()), "no id is mixed"


def test_types_of_the_source_are_kept(stage: Stage, operator: str) -> None:
    for number, rgb in enumerate(panned(3, 48, 64), FIRST):
        written(stage.folder / f"plate.{number}.exr", rgb, (0, 0), (0, 0, 63, 47))
    stage.draw([wire_of(48, 64)] * 3)
    asked(stage, operator)
    channels = read_parts(stage.path())[0].channels
    assert {channels[name].pixels.dtype for name in ("R", "A", "depth.Z")} == {np.dtype(np.float32)}
    assert channels["id.Z"].pixels.dtype == np.uint32


def test_grey_plates_stay_grey(stage: Stage, operator: str) -> None:
    for number, rgb in enumerate(panned(3, 48, 64), FIRST):
        from OpenEXR import ZIP_COMPRESSION, File, scanlineimage

        header = {"compression": ZIP_COMPRESSION, "type": scanlineimage}
        File(header, {"Y": np.ascontiguousarray(rgb[..., 0])}).write(str(stage.folder / f"plate.{number}.exr"))
    stage.draw([wire_of(48, 64)] * 3)
    assert not asked(stage, operator).failed
    names = set(read_parts(stage.path())[0].channels)
    assert "Y" in names and not names & {"R", "G", "B"}


def test_a_movie_is_a_plate(stage: Stage, operator: str) -> None:
    movie = write_movie(stage.folder / "plate.mov", numbered(4), "mpeg4")
    for frame in range(1, 5):
        write_matte(stage.folder / f"matte.{frame:04}.exr", wire_of(48, 64))
    heard = asked(stage, operator, "2-3", plate=str(movie))
    assert not heard.failed
    assert sorted(heard.delivered) == [2, 3]
    one, other = read_exr(stage.path(2)).rgb, read_exr(stage.path(3)).rgb
    assert float(other.mean()) > float(one.mean()), "each frame is its own: they brighten"


# ---------------------------------------------------------------- on the disk: atomic, cancelled, leftovers


def test_frames_that_stand_at_out_are_replaced_whole(stage: Stage, operator: str) -> None:
    small_shot(stage)
    stage.path().parent.mkdir()
    stage.path().write_bytes(b"an older frame")
    with stage.path().open("rb") as held:
        assert not asked(stage, operator).failed
        assert held.read() == b"an older frame", "who has it open still reads the old one"
    assert read_exr(stage.path()).rgb.shape == (48, 64, 3)


def test_what_an_earlier_request_left_half_written_goes_and_others_files_stay(stage: Stage, operator: str) -> None:
    small_shot(stage)
    stage.path().parent.mkdir()
    mine = stage.path().with_name(".frame.1002.exr.0badf00d.tmp")
    foreign = stage.path().with_name(".other.1002.exr.0badf00d.tmp")
    mine.touch()
    foreign.touch()
    asked(stage, operator)
    assert leftovers(stage.folder) == [foreign.name]


def test_a_cancelled_job_ends_and_leaves_no_half_of_a_frame(stage: Stage, operator: str) -> None:
    small_shot(stage, count=8)
    plate = str(stage.folder / "plate.####.exr")
    wishes = {
        "clean": CleanWish(str(stage.folder / "matte.####.exr")),
        "punched": ReframeWish((PUNCHED,)),
        "leaving": ReframeWish((LEAVING,)),
    }
    control = Heard(cancel_after_reports=2)
    with pytest.raises(CancelledJobError):
        stage.run(stage.wish(plate, wishes[operator], "1001-1008"), control)
    assert leftovers(stage.folder) == []
    there = [frame for frame in range(1001, 1009) if stage.path(frame).exists()]
    assert len(there) < 8
    for frame in there:
        assert read_exr(stage.path(frame)).rgb.shape == (48, 64, 3)
    assert not asked(stage, operator, "1001-1008").failed, "the same request again completes it"


def test_a_cancellation_is_heard_within_a_frame(stage: Stage) -> None:
    small_shot(stage, count=4)
    plate, matte = str(stage.folder / "plate.####.exr"), str(stage.folder / "matte.####.exr")
    rendering = accept(stage.wish(plate, CleanWish(matte), "1001"), stage.engine, stage.settings)
    rendering.stopped.set()
    with pytest.raises(CancelledJobError):
        rendering.operation.answered(1001)
    rendering.operation.close()


def test_a_frame_that_cannot_be_put_in_its_place_is_that_frames_error(stage: Stage, operator: str) -> None:
    small_shot(stage)
    (stage.path(1002) / "a folder in its place").mkdir(parents=True)
    heard = asked(stage, operator)
    assert sorted(heard.delivered) == [1001, 1003]
    assert "frame.1002.exr" in heard.failed[1002] and "Traceback" not in heard.failed[1002]
    assert leftovers(stage.folder) == []


def test_the_record_names_the_model(stage: Stage, operator: str) -> None:
    small_shot(stage)
    asked(stage, operator, "1001")
    assert read_header(stage.path())[0].attributes["interneg.model"] == "classical"
