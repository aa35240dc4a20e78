"""A gain is light and never draws: the operator's own fields, and networks that are out to break them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from interneg.errors import RestraintError
from interneg.light import AsShot, Lamp, LightRig, Track
from interneg.model.base import load_base
from interneg.model.intrinsics import NORMAL, SHARE, Guess, IntrinsicsNetwork
from interneg.operators.detail import Detail, fine_of, log_of_plate, tempered
from interneg.operators.relight import (
    COARSER,
    edges_of,
    falloff,
    field_of,
    field_size,
    of_even_colour,
    signal_of,
)
from interneg.plates.exr import read_channels, read_exr
from interneg.resident.wish import RelightWish
from interneg.restraints import LightEvidence, check_light
from stage import FIRST, Stage
from synthetic import Pixels, texture_of

HEIGHT, WIDTH = 96, 128


def grained(seed: int = 3) -> Pixels:
    rng = np.random.default_rng(seed)
    plate = texture_of(seed).frame(HEIGHT, WIDTH) * (1 + 0.05 * rng.standard_normal((HEIGHT, WIDTH, 1)))
    return np.maximum(plate, 0.01).astype(np.float16).astype(np.float32)


def evidence(plate: Pixels, **more: object) -> LightEvidence:
    every = np.ones((HEIGHT, WIDTH), bool)
    return replace(LightEvidence(every, every, 0.1, 64.0, Detail.of(plate)), **more)


def smooth_gain() -> Pixels:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return np.exp2(np.stack([np.sin(columns / 40), np.cos(rows / 30), rows / 90], axis=-1)).astype(np.float32)


def test_a_smooth_gain_is_light() -> None:
    plate, gain = grained(), smooth_gain()
    check_light(plate, plate * gain, gain, evidence(plate))


def checks(period: int, stops: float) -> Pixels:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.exp2(stops * ((rows // period + columns // period) % 2)[..., None].repeat(3, -1)).astype(np.float32)


@pytest.mark.parametrize(
    ("gain", "more", "said"),
    [
        (checks(3, 0.2), {}, "draws"),
        (checks(8, 1.0), {}, "draws"),
        (np.where(np.arange(WIDTH)[None, :, None] == 60, np.nan, smooth_gain()), {}, "not finite"),
        (-smooth_gain(), {}, "negative"),
        (smooth_gain() * 100, {}, "above 64"),
        (smooth_gain(), {"edges": 0.9}, "edges over 90%"),
    ],
)
def test_what_is_no_light_is_refused(gain: Pixels, more: dict[str, object], said: str) -> None:
    plate, gain = grained(), np.asarray(gain, np.float32)
    with pytest.raises(RestraintError, match=said):
        check_light(plate, plate * gain, gain, evidence(plate, **more))


def test_drawing_in_one_corner_is_refused_too() -> None:
    plate, gain = grained(), smooth_gain()
    gain[10:18, 10:18] *= checks(2, 0.36)[10:18, 10:18]
    with pytest.raises(RestraintError, match="draws around"):
        check_light(plate, plate * gain, gain, evidence(plate))


def test_a_result_that_is_not_plate_times_gain_is_refused() -> None:
    plate, gain = grained(), smooth_gain()
    result = plate * gain
    result[5, 5, 1] += 0.01
    with pytest.raises(RestraintError, match="not the plate times its gain at 1"):
        check_light(plate, result, gain, evidence(plate))
    changed = np.ones((HEIGHT, WIDTH), bool)
    changed[50:, :] = False
    with pytest.raises(RestraintError, match="not the plate times"):
        check_light(plate, plate * gain, gain, evidence(plate, changed=changed))


def test_an_edge_that_is_delivered_as_a_shadows_may_be_sharp() -> None:
    plate, gain = grained(), smooth_gain()
    gain[:, 64:] *= 0.125
    with pytest.raises(RestraintError, match="draws"):
        check_light(plate, plate * gain, gain, evidence(plate))
    judged = np.ones((HEIGHT, WIDTH), bool)
    judged[:, 57:71] = False
    check_light(plate, plate * gain, gain, evidence(plate, judged=judged))


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_tempered_noise_keeps_what_the_plate_allows(scale: float) -> None:
    plate, noise = grained(), np.random.default_rng(1).standard_normal((HEIGHT, WIDTH, 3)).astype(np.float32) * scale
    kept = tempered(noise, Detail.of(plate).power, np.zeros((HEIGHT, WIDTH), np.float32))
    assert np.std(fine_of(kept)) < 0.2 * np.std(fine_of(log_of_plate(plate)))
    free = tempered(noise, Detail.of(plate).power, np.ones((HEIGHT, WIDTH), np.float32))
    np.testing.assert_allclose(free, noise, atol=1e-5)


def test_what_is_steep_beside_a_shadows_edge_passes_once_tempered() -> None:
    """A dark rim beside a shadow: wide blurs stay clear of the edge, so it is smoothed bit by bit."""
    plate = 0.2 + 0.02 * (grained() - 0.2)
    log, free = np.zeros((HEIGHT, WIDTH, 3), np.float32), np.zeros((HEIGHT, WIDTH), np.float32)
    log[:, 60:] = -1.5
    log[:, 69:] = -4
    free[:, 56:62] = 1
    judged = np.ones((HEIGHT, WIDTH), bool)
    judged[:, 51:67] = False
    for held, said in ((log, "draws"), (tempered(log, Detail.of(plate).power, free), "")):
        gain = np.exp2(held)
        if said:
            with pytest.raises(RestraintError, match=said):
                check_light(plate, plate * gain, gain, evidence(plate, judged=judged))
        else:
            check_light(plate, plate * gain, gain, evidence(plate, judged=judged))
    assert np.abs(np.diff(held[40, :, 0]))[58:60].max() > 0.5  # the edge stays


def test_a_lamp_keeps_its_colour_from_thing_to_thing() -> None:
    rng = np.random.default_rng(1)
    level = rng.normal(0, 1, (24, 36, 1)).astype(np.float32)
    lamp = level + np.float32([0.5, 0.0, -0.5])
    np.testing.assert_allclose(of_even_colour(lamp), lamp, atol=1e-4)
    thing = lamp.copy()
    thing[10:12, 10:12] += np.float32([-1.0, 0.0, 1.0])
    even = of_even_colour(thing)
    np.testing.assert_allclose(even.mean(axis=-1), thing.mean(axis=-1), atol=1e-5)
    assert np.abs((even - lamp)[..., 0]).max() < 0.1


def test_a_field_is_an_envelope_times_visibility_and_finds_shadows_edges() -> None:
    log = np.zeros((36, 48, 3), np.float32)
    log[:, 24:] = -3
    field = field_of(log, 6.0)
    assert field.visibility.max() <= 1 and field.visibility.min() > 0
    np.testing.assert_allclose(field.log[:, 4:20], 0, atol=0.1)
    assert edges_of(field.seen)[:, 23:25].all() and not edges_of(field.seen)[:, :20].any()
    assert np.abs(np.diff(field.envelope, axis=1)).max() < 0.6
    people = np.zeros((36, 48), np.float32)
    people[10:30] = 1
    soft = field_of(log, 6.0, people)
    assert np.abs(np.diff(soft.seen[20])).max() < 0.6 * np.abs(np.diff(soft.seen[3])).max()


@pytest.mark.parametrize(("height", "width"), [(1080, 2048), (240, 320), (7, 5), (1, 1)])
def test_a_field_has_a_quarter_of_the_plates_size_or_less(height: int, width: int) -> None:
    size = field_size(height, width, (81, 144))
    assert size[0] <= -(-height // COARSER) and size[1] <= -(-width // COARSER) and min(size) >= 1


def test_there_is_no_signal_in_the_noise() -> None:
    small = np.zeros((4, 8, 3), np.float32)
    small[:, 2:4], small[:, 4:] = 0.01, 0.5
    signal = signal_of(small, 0.02)
    assert (signal[:, :4] == 0).all() and (signal[:, 4:] == 1).all()
    assert (signal_of(np.zeros((4, 8, 3), np.float32), 0.0) == 0).all()


def test_a_near_lamp_falls_off_by_the_square() -> None:
    depth = np.ones((5, 5), np.float32)
    depth[0] = 0.5
    near = falloff(depth, (0.0, 0.0, 1.0), 1.0, field=0.0)
    assert near[2, 2] == pytest.approx(0) and near[0, 2] == pytest.approx(2.0)


class Hostile(IntrinsicsNetwork):
    """Says noise in place of normals, or of all it knows, or that every second pixel is the key's."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.load_state_dict(load_base().intrinsics.state_dict())

    def forward(self, plate: Tensor) -> Guess:
        guess = super().forward(plate)
        noise = torch.randn(guess.maps.shape, generator=torch.Generator().manual_seed(1))
        maps = guess.maps.clone()
        if self.kind == "everything":
            maps = noise * 3
            maps[:, SHARE] = torch.sigmoid(noise[:, SHARE] * 3)
        if self.kind == "share":
            maps[:, SHARE] = (noise[:, :1] > 0).float() * 0.98 + 0.01
        maps[:, NORMAL] = torch.nn.functional.normalize(noise[:, NORMAL], dim=1)
        return Guess(maps, guess.direction, guess.log_colour, guess.log_softness)


@pytest.mark.parametrize("kind", ["normals", "everything", "share"])
def test_a_network_that_says_noise_is_refused_or_keeps_the_detail(tmp_path, kind: str) -> None:
    base = load_base()
    stage = Stage(tmp_path, base=replace(base, intrinsics=Hostile(kind).eval()))
    plate = grained()
    pattern = stage.shoot([plate])
    rig = LightRig(AsShot(Track.of(-3.0)), lamps=(Lamp("key", Track.of(70), Track.of(30), Track.of(1.0)),))
    heard = stage.run(stage.wish(pattern, RelightWish(rig, layers=True), "1001"))
    if heard.failed:
        assert "refused" in heard.failed[FIRST]
        return
    made, shot = read_exr(stage.path()).rgb, read_exr(stage.folder / f"plate.{FIRST}.exr").rgb
    seen = read_channels(stage.path())
    edges = np.zeros((HEIGHT, WIDTH), bool)
    for name in ("as_shot_key", "key"):
        across = np.abs(np.gradient(seen[f"visibility.{name}"].astype(np.float32))).sum(axis=0)
        edges |= across > 0.05
    one, other = (np.gradient(fine_of(log_of_plate(picture))) for picture in (shot, made))
    judged = ~edges
    assert judged.mean() > 0.3
    pairs = [np.concatenate([axis[judged] for axis in gradient]) for gradient in (one, other)]
    assert np.corrcoef(*pairs)[0, 1] >= 0.98
