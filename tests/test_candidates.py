"""What other frames show of a hole: near the truth, from what is known alone, and honest about what it is."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from interneg.operators.candidates import BEST, Candidates, gathered
from interneg.operators.motion import View
from interneg.plates.colour import log_from_linear
from synthetic import FOOTAGE, Pixels, hung, panned, psnr, texture_of, wire_of

Matte = npt.NDArray[np.bool_]


def views_of(frames: Sequence[Pixels], mattes: Sequence[Pixels], target: int) -> dict[int, View]:
    """A shot by offset from its target; frames are scene-linear."""
    there = np.ones(mattes[0].shape, bool)
    return {
        index - target: View(index, log_from_linear(frame), matte > 0, there)
        for index, (frame, matte) in enumerate(zip(frames, mattes, strict=True))
    }


def shot(speed: tuple[float, float], seed: int = 0, height: int = 120, width: int = 200):
    clean = panned(9, height, width, seed, speed)
    mattes = [wire_of(height, width, shift=0.7 * index) for index in range(9)]
    return clean, mattes, [hung(frame, matte) for frame, matte in zip(clean, mattes, strict=True)]


def textbook(view: View, truth: Pixels) -> float:
    """The better of OpenCV's Telea and Navier-Stokes, on 8 bits of the same encoding, in dB within the hole."""
    picture = np.rint(np.clip(view.log, 0, 1) * 255).astype(np.uint8)
    methods = (cv2.INPAINT_TELEA, cv2.INPAINT_NS)
    answers = [cv2.inpaint(picture, view.hole.astype(np.uint8), 5, method)[view.hole] / 255 for method in methods]
    return max(psnr(answer, truth) for answer in answers)


def gain(frames: Sequence[Pixels], mattes: Sequence[Pixels], clean: Sequence[Pixels], target: int) -> float:
    """How far the classical answer is above the textbook's, in dB."""
    views = views_of(frames, mattes, target)
    hole = views[0].hole
    truth = log_from_linear(np.ascontiguousarray(clean[target]))[hole]
    return psnr(gathered(views[0], views.get).classical, truth) - textbook(views[0], truth)


@pytest.mark.parametrize("speed", [(3.3, 1.2), (-2.2, 3.1), (0.4, -2.6), (6.0, 2.0)])
def test_a_moving_camera_beats_the_textbook_by_far(speed: tuple[float, float]) -> None:
    gains = []
    for seed in range(3):
        clean, mattes, frames = shot(speed, seed)
        gains.append(gain(frames, mattes, clean, 4))
    assert np.mean(gains) > 6 and min(gains) > 2


def test_what_lies_in_a_hole_is_never_looked_at() -> None:
    """The wire may be black, white or anything: no bit of any candidate changes."""
    clean, mattes, _ = shot((2.4, 1.1))
    answers = []
    for value in (0.0, 40.0):
        frames = [
            np.where((matte > 0)[..., None], np.float32(value), frame)
            for frame, matte in zip(clean, mattes, strict=True)
        ]
        views = views_of(frames, mattes, 4)
        answers.append(gathered(views[0], views.get))
    black, white = answers
    for field in ("spatial", "mean", "best", "best_weight", "error", "seen", "low", "high", "spread", "kept_noise"):
        assert (getattr(black, field) == getattr(white, field)).all(), field


def test_pixels_that_are_not_there_are_never_looked_at() -> None:
    _, mattes, frames = shot((2.4, 1.1))
    answers = []
    for value in (0.0, 9.0):
        views = {}
        for offset, view in views_of(frames, mattes, 4).items():
            log, there = view.log.copy(), view.there.copy()
            there[40:44, 90:110] = False
            log[~there] = value
            views[offset] = View(view.frame, log, view.hole & there, there)
        answers.append(gathered(views[0], views.get))
    assert (answers[0].classical == answers[1].classical).all()


def test_a_pan_over_a_bright_light_does_not_smear_it() -> None:
    """Values far above 1 beside the wire do not leak into it where other frames show the truth."""
    _, mattes, _ = shot((3.3, 1.2))
    texture = texture_of(0)
    bright = []
    for index in range(9):
        rows, columns = np.mgrid[0:120, 0:200]
        lamp = np.hypot(columns + 3.3 * index - 110, rows + 1.2 * index - 60) < 12
        frame = texture.frame(120, 200, 3.3 * index, 1.2 * index)
        bright.append(np.where(lamp[..., None], np.float32(80.0), frame))
    frames = [hung(frame, matte) for frame, matte in zip(bright, mattes, strict=True)]
    assert gain(frames, mattes, bright, 4) > 2


def test_an_exposure_that_drifts_by_a_third_of_a_stop_a_frame_is_followed() -> None:
    clean, mattes, _ = shot((3.0, 1.0))
    drifting = [frame * np.float32(1.25 ** (index - 4)) for index, frame in enumerate(clean)]
    frames = [hung(frame, matte) for frame, matte in zip(drifting, mattes, strict=True)]
    assert gain(frames, mattes, drifting, 4) > 4


def test_a_shadow_beside_a_wide_hole_is_not_carried_across_it() -> None:
    """Somebody is taken out of a locked-off shot; what his matte has left of his shadow darkens its rim."""
    clean = texture_of(21).frame(200, 260)
    rows, columns = np.mgrid[0:200, 0:260]
    frames, mattes = [], []
    for left in range(20, 220, 40):
        person = ((rows > 60) & (columns >= left) & (columns < left + 36)).astype(np.float32)
        shadow = np.exp(-np.maximum(left - columns, 0) / 3.0) * (rows > 60) * (columns < left)
        frames.append(hung(clean * (1 - 0.6 * shadow[..., None]).astype(np.float32), person))
        mattes.append(person)
    views = views_of(frames, mattes, 2)
    away = np.abs(gathered(views[0], views.get).classical - log_from_linear(clean)[views[0].hole]).mean(axis=-1)
    inner = (columns > 100 + 8)[views[0].hole]
    assert away[inner].mean() < 0.01


def test_noise_is_averaged_not_copied() -> None:
    clean, mattes, _ = shot((3.3, 1.2))
    rng = np.random.default_rng(5)
    noisy = [frame + rng.normal(0, 0.02, frame.shape).astype(np.float32) for frame in clean]
    views = views_of([hung(frame, matte) for frame, matte in zip(noisy, mattes, strict=True)], mattes, 4)
    candidates = gathered(views[0], views.get)
    truth = log_from_linear(clean[4])[views[0].hole]
    noise = psnr(log_from_linear(noisy[4])[views[0].hole], truth)
    seen = candidates.seen
    assert psnr(candidates.mean[seen], truth[seen]) > noise
    assert candidates.kept_noise[seen].mean() < 0.5, "several frames have shown most of it"
    assert (candidates.kept_noise >= 0).all() and (candidates.kept_noise < 1.2).all()  # 1.2: bicubic sharpens a little


@pytest.mark.parametrize("slope", [0.3, -1.1])
def test_a_wire_in_a_source_does_not_bleed_into_what_stands_beside_it(slope: float) -> None:
    """Sampling between pixels reaches two pixels far: what is shown beside a source's own hole is free of it."""
    texture = texture_of(3, finest=0.1)
    matte = wire_of(96, 160, 3.0)
    here, there = texture.frame(96, 160), texture.frame(96, 160, 0.5, 5.4 + slope)
    views = views_of([np.where((matte > 0)[..., None], 0, some) for some in (here, there)], [matte, matte], 0)
    candidates = gathered(views[0], views.get)
    seen, truth = candidates.seen, log_from_linear(here)[views[0].hole]
    assert seen.mean() > 0.5
    assert np.abs(candidates.mean[seen] - truth[seen]).max() < 0.03


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (17, 31), (1, 40), (40, 1), (16, 16), (5, 300)])
@pytest.mark.parametrize("covered", ["wire", "all", "all here", "none"])
def test_any_size_and_any_cover(size: tuple[int, int], covered: str) -> None:
    frames = panned(3, *size)
    wire = wire_of(*size)
    full, empty = np.ones_like(wire), np.zeros_like(wire)
    mattes = {"wire": [wire] * 3, "all": [full] * 3, "all here": [empty, full, empty], "none": [empty] * 3}[covered]
    views = views_of(frames, mattes, 1)
    candidates = gathered(views[0], views.get)
    check(candidates)


def check(candidates: Candidates) -> None:
    """What holds for all candidates, however they came about."""
    count = int(candidates.hole.sum())
    shapes = {"spatial": (count, 3), "mean": (count, 3), "best": (BEST, count, 3), "best_weight": (BEST, count)}
    for name, shape in shapes.items():
        assert getattr(candidates, name).shape == shape, name
    for name in ("spatial", "mean", "best", "best_weight", "spread", "error", "kept_noise", "low", "high", "classical"):
        assert np.isfinite(getattr(candidates, name)).all(), name
    assert ((candidates.best_weight >= 0) & (candidates.best_weight <= 1)).all()
    assert ((candidates.spatial_confidence > 0) & (candidates.spatial_confidence <= 1)).all()
    slack = 1e-5
    for some in (candidates.spatial, candidates.mean, candidates.classical):
        inside = (some >= candidates.low - slack) & (some <= candidates.high + slack)
        assert inside[candidates.seen].all() or some is candidates.spatial
    assert (candidates.low <= candidates.high).all()


def test_nobody_saw_what_no_frame_shows() -> None:
    """A wire that hangs before a locked camera: nothing is seen, and the answer is the spatial one."""
    clean = [texture_of(1).frame(60, 90)] * 5
    matte = wire_of(60, 90)
    views = views_of([hung(frame, matte) for frame in clean], [matte] * 5, 2)
    candidates = gathered(views[0], views.get)
    assert not candidates.seen.any()
    assert (candidates.classical == candidates.spatial).all()
    assert (candidates.error == 1).all()


def test_neighbours_of_another_size_and_absent_ones_are_left_out() -> None:
    _, mattes, frames = shot((3.3, 1.2), height=48, width=64)
    views = views_of(frames, mattes, 4)
    small = np.zeros((10, 12), bool)
    foreign = View(99, np.zeros((10, 12, 3), np.float32), small, ~small)
    there = {offset: views[offset] for offset in (0, -1, 3)}
    mixed = {**there, 1: foreign, -2: foreign}
    one, other = gathered(there[0], there.get), gathered(mixed[0], mixed.get)
    assert (one.classical == other.classical).all()


def test_what_is_asked_for_depends_on_the_shot_alone() -> None:
    _, mattes, frames = shot((3.3, 1.2), height=48, width=64)
    views = views_of(frames, mattes, 4)
    asked: list[list[int]] = []
    for _ in range(2):
        offsets: list[int] = []
        gathered(views[0], lambda offset, offsets=offsets: offsets.append(offset) or views.get(offset))
        asked.append(offsets)
    assert asked[0] == asked[1]
    assert {abs(offset) for offset in asked[0][:2]} == {1}, "the nearest first"


# ---------------------------------------------------------------- real footage


def real_frames(name: str, first: int, count: int, width: int) -> list[Pixels]:
    """Frames of a clip, display values as they are, at a smaller width."""
    if not (FOOTAGE / name).exists():
        pytest.skip(f"no real footage at {FOOTAGE}")
    capture = cv2.VideoCapture(str(FOOTAGE / name))
    capture.set(cv2.CAP_PROP_POS_FRAMES, first)
    frames = []
    while len(frames) < count:
        got, picture = capture.read()
        assert got
        height = round(picture.shape[0] * width / picture.shape[1])
        small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        frames.append(((small[..., ::-1] / np.float32(255)) ** np.float32(2.2)).astype(np.float32))
    capture.release()
    return frames


@pytest.mark.parametrize(
    ("clip", "first"),
    [("moving_city_cc0/cityCC0.mpg", 20), ("plate_cars/car-detection.mp4", 100)],
    ids=["city", "cars"],
)
def test_wires_over_real_footage_beat_the_textbook(clip: str, first: int) -> None:
    clean = real_frames(clip, first, 18, 480)
    height, width = clean[0].shape[:2]
    mattes = [wire_of(height, width, 2.5, 1.3 * index) for index in range(len(clean))]
    frames = [hung(frame, matte) for frame, matte in zip(clean, mattes, strict=True)]
    gains = [gain(frames, mattes, clean, target) for target in (7, 11)]
    assert np.mean(gains) > 2.5 and min(gains) > 0


def test_how_the_hole_lies_in_the_frames_beside_is_known() -> None:
    _, mattes, frames = shot((2.4, 1.1))
    views = views_of([frame * np.float32(1 + 0.02 * index) for index, frame in enumerate(frames)], mattes, 4)
    ways = gathered(views[0], views.get).ways
    assert sorted(ways) == [-2, -1, 1, 2]
    for offset, way in ways.items():
        assert np.abs(way.motion - np.float32([-2.4, -1.1]) * offset).mean() < 0.15
        brighter = log_from_linear(np.full((1, 3), 0.5 * (1 + 0.02 * (4 + offset)), np.float32)) - log_from_linear(
            np.full((1, 3), 0.5 * 1.08, np.float32)
        )
        assert way.lighter.mean() == pytest.approx(-float(brighter.mean()), abs=3e-3)
    assert gathered(views[0], lambda offset: None).ways == {}
