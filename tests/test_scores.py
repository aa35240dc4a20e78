"""The score: perfect answers score perfectly, a baseline's answer scores as the baseline, and shifts are told apart."""

import json

import cv2
import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from interneg.commands.soundstage import app
from interneg.errors import NotFoundError, RequestError
from interneg.model.base import BaseHeader, load_base, save_base
from interneg.model.fill import FillNetwork
from interneg.model.intrinsics import EstimatedLamp, Intrinsics
from interneg.model.spatial_fill import SpatialFillNetwork
from interneg.soundstage.archive import Stage, StagedScene, writing_scene
from interneg.soundstage.teaching import baselines, measures
from interneg.soundstage.teaching.card import write_card
from interneg.soundstage.teaching.figures import holds, mean, ranked, rows
from interneg.soundstage.teaching.progress import Logbook, Report
from interneg.soundstage.teaching.samples import OURS
from interneg.soundstage.teaching.score import Experts, score
from interneg.soundstage.teaching.score_light import (
    ALBEDO,
    CHANNEL_GAINS,
    FACING,
    NORMALS,
    ONE_GAIN,
    RELIGHT,
    THE_PLATE,
    TRUE_INTRINSICS,
    TRUE_SPLIT,
    relit,
    score_light,
    swaps,
)
from interneg.soundstage.teaching.score_report import page, report, write_report, write_sheets
from interneg.soundstage.teaching.score_thin import (
    BEST_PEER,
    BRIDGE,
    DRAWN_WIRES,
    FILLED_BLOBS,
    FILLED_WIRES,
    RENDERED_WIRES,
    count_wires,
    score_fill,
    wire_samples,
)
from interneg.soundstage.teaching.shifts import AS_SHOT, SHIFTS
from lit_stage import scene_planes

SIZE = (48, 64)
SEEDS = (7, 15)
NO_LAMP = EstimatedLamp((0.0, 0.0, 1.0), (1.0, 1.0, 1.0), 5.0)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """Two scenes with lamps, truth, a clean plate, and one with a wire and a stand."""
    folder = tmp_path_factory.mktemp("scored")
    for seed in SEEDS:
        pictures, truth, stands = scene_planes(seed, *SIZE, 5)
        larger = {name: cv2.resize(picture, (96, 72)) for name, picture in pictures.items()}
        plate = larger["key00"] + larger["key01"] * 0.5 + larger["surroundings"]
        wire, stand = np.zeros((72, 96), np.float32), np.zeros((72, 96), np.float32)
        wire[:, 40:43], stand[:, 70:90] = 1, 1
        rigged = np.where((wire + stand)[..., None] > 0, np.float32(0.01), plate)
        with writing_scene(Stage(folder), seed) as scene:
            scene.pictures("lamps", pictures)
            scene.pictures("truth", truth)
            scene.pictures("plate", {"": plate}, 1)
            scene.pictures("rigged", {"": rigged}, 1)
            scene.pictures("mattes", {"wires": wire, "stand": stand}, 1)
            kind = "balls" if seed == SEEDS[0] else "more balls"
            said = {
                "seed": seed,
                "set": kind,
                "lamps": stands,
                "faults": ["stand", "wires"],
                "frames": [1],
                "people": 0,
            }
            scene.say(said)
    return folder


@pytest.fixture(scope="module")
def scene(stage):
    return StagedScene.open(Stage(stage).scenes()[0])


def _swap_of(scene, plate):
    """Which of the scored plates this is, and what it was multiplied by."""
    for swap in swaps(scene):
        ratio = plate.sum(axis=(0, 1)) / swap.plate.sum(axis=(0, 1))
        if np.allclose(plate, swap.plate * ratio, rtol=1e-3, atol=1e-5):
            return swap
    raise AssertionError("a plate that is none of the scene's")


def perfect(scene, normal=None, albedo=None):
    truth = scene.truth()

    def intrinsics_of(plate):
        swap = _swap_of(scene, plate)
        return Intrinsics(
            truth.albedo if albedo is None else albedo(plate),
            truth.normal if normal is None else normal,
            truth.depth,
            swap.share,
            NO_LAMP,
        )

    def gain_of(plate, found, direction, angular_diameter_degrees):
        swap = _swap_of(scene, plate)
        assert direction == swap.direction and angular_diameter_degrees == swap.angular_diameter_degrees
        left = swap.target / np.maximum(swap.plate, 1e-9) - (1 - swap.share)
        return np.log2(np.maximum(left / swap.tint, 1e-12)).astype(np.float32)

    return intrinsics_of, gain_of


def _of(samples, task, shift=AS_SHOT):
    return [sample for sample in samples if (sample.task, sample.shift) == (task, shift)]


def test_perfect_light_is_perfect_and_holds(scene):
    samples = list(score_light(scene, *perfect(scene)))
    assert {sample.shift for sample in samples} == {AS_SHOT, *SHIFTS}
    assert max(sample.values[OURS] for sample in _of(samples, NORMALS)) < 0.1
    assert max(sample.values[OURS] for sample in _of(samples, ALBEDO)) < 1e-3
    assert min(sample.values[OURS] for sample in samples if sample.task == RELIGHT) > 60
    table = {row.task: row for row in rows(samples, [])}
    assert all(row.reached for row in table.values()) and set(table) == {NORMALS, ALBEDO, RELIGHT}
    assert all(hold.reached for hold in holds(samples, []) if hold.task == RELIGHT)


def test_a_baselines_answer_scores_as_the_baseline(scene):
    flat = baselines.flat_normals(*SIZE)
    samples = list(score_light(scene, *perfect(scene, flat, lambda plate: plate)))
    for task, baseline in ((NORMALS, FACING), (ALBEDO, THE_PLATE)):
        for sample in _of(samples, task):
            assert sample.values[OURS] == pytest.approx(sample.values[baseline])
        row = next(row for row in rows(samples, []) if row.task == task)
        assert row.figure == pytest.approx(1) and not row.reached


def test_nothing_is_relit_without_a_lamp_network(scene):
    intrinsics_of, _ = perfect(scene)
    assert {sample.task for sample in score_light(scene, intrinsics_of, None)} == {NORMALS, ALBEDO}
    assert not list(score_light(scene, None, None))


def test_swaps_are_the_same_every_time_and_keep_the_light(scene):
    one, other = list(swaps(scene)), list(swaps(scene))
    assert len(one) == 2
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first.target, second.target)
        assert np.linalg.norm(first.direction) == pytest.approx(1, abs=1e-3)
        plain = (first.target - first.plate * (1 - first.share)) / first.tint
        assert plain.mean() == pytest.approx((first.plate * first.share).mean(), rel=1e-3)
        assert 0.3 < (first.plate * first.share).mean() / first.plate.mean() <= 1
        assert not np.allclose(first.plate, first.target, rtol=0.05)
        np.testing.assert_allclose(
            relit(first.plate, first.share, np.log2(np.maximum(first.share, 1e-9)), np.ones(3)),
            first.plate,
            rtol=1e-3,
            atol=1e-4,
        )


def test_a_relit_plate_that_breaks_when_shifted_does_not_hold(scene):
    intrinsics_of, gain_of = perfect(scene)

    def clipped(plate, *asked):
        return (
            gain_of(plate, *asked)
            if plate.mean() < 1e3 * scene.plate(1).mean() and plate.max() < 5
            else np.zeros_like(plate)
        )

    kept = [hold for hold in holds(list(score_light(scene, intrinsics_of, clipped)), []) if hold.task == RELIGHT]
    assert [hold.shift for hold in kept] == list(SHIFTS)
    assert not all(hold.reached for hold in kept)


def test_the_oracle_finds_the_best_gain():
    rng = np.random.default_rng(1)
    plate = rng.uniform(0.01, 0.6, (12, 16, 3)).astype(np.float32)
    for stops in (-3.37, 0.0, 2.21):
        found = baselines.best_single_gain(plate, plate * np.float32(2**stops), 1.0)
        assert np.log2(found / plate).mean() == pytest.approx(stops, abs=0.006)
    tinted = plate * np.array((0.5, 1.0, 2.0), np.float32)
    one, three = (way(plate, tinted, 1.0) for way in (baselines.best_single_gain, baselines.best_gain_by_channel))
    np.testing.assert_allclose(three, tinted, rtol=0.005)
    assert measures.psnr(measures.tone(one), measures.tone(tinted)) < 30


def _true_matte(plate):
    """The wire of the fixture, seen in any exposure: what lies in its columns."""
    matte = np.zeros(plate.shape[:2], np.float32)
    matte[:, 40:43] = 1
    return matte


def test_perfect_wires_are_perfect_and_other_faults_do_not_count(stage):
    def with_stand(plate):
        matte = _true_matte(plate)
        matte[:, 72:88] = 0.9  # the stand: neither sought nor held against anybody
        return matte

    for finds in (_true_matte, with_stand):
        counted = [one for folder in Stage(stage).scenes() for one in count_wires(StagedScene.open(folder), finds)]
        rendered = [one for one in counted if one.task == RENDERED_WIRES]
        samples = list(wire_samples(rendered))
        row = rows(samples, rendered)[0]
        assert (row.task, row.ours, row.figure >= 1) == (RENDERED_WIRES, 1.0, True)
        assert all(sample.values[OURS] == 1 for sample in samples)
        assert all(hold.change == 0 and hold.reached for hold in holds(samples, rendered))
    drawn = [one for one in counted if one.task == DRAWN_WIRES and one.shift == AS_SHOT]
    assert len(drawn) == len(SEEDS) and all(one.counts[OURS].covered.sum() > 0 for one in drawn)


def test_a_ridge_filters_matte_scores_as_the_ridge_filter(scene):
    counted = list(count_wires(scene, lambda plate: baselines.ridges(plate)["black-hat 9"]))
    row = rows(list(wire_samples(counted)), counted)[0]
    assert row.ours == row.baselines["black-hat 9"] and row.ours <= row.baselines[row.baseline]
    assert not row.reached


def test_a_matte_that_finds_everything_is_no_good(scene):
    counted = list(count_wires(scene, lambda plate: np.ones(plate.shape[:2], np.float32)))
    row = rows(list(wire_samples(counted)), counted)[0]
    assert row.ours == pytest.approx(3 / (96 - 20), rel=0.01)  # the wire's columns, of all but the stand's


def test_fill_is_measured_against_the_better_peer(scene):
    plate = scene.plate(1)

    def truly(log, hole):
        from interneg.plates.colour import log_from_linear

        gain = np.nanmedian(
            np.where(hole[..., None], np.nan, np.sinh(log * np.arcsinh(256)) / 256 / np.maximum(plate, 1e-6)),
            axis=(0, 1),
        )
        return log_from_linear((plate * gain).astype(np.float32))[hole]

    samples = list(score_fill(scene, truly))
    assert {sample.task for sample in samples} == {FILLED_WIRES, FILLED_BLOBS}
    assert min(sample.values[OURS] for sample in samples) > 40
    assert all(row.reached for row in rows(samples, []))
    bridged = list(score_fill(scene, baselines.bridged_across))
    for sample in _of(bridged, FILLED_WIRES) + _of(bridged, FILLED_BLOBS):
        assert sample.values[OURS] == pytest.approx(sample.values[BRIDGE])
        assert sample.values[BEST_PEER] == max(sample.values["Telea"], sample.values["Navier-Stokes"])
    assert all(np.isfinite(hold.change) for hold in holds(bridged, []))


def test_measures_are_what_they_say():
    there = np.ones((2, 2), bool)
    up, right = (np.broadcast_to(np.array(axis, np.float32), (2, 2, 3)) for axis in ((0, 2, 0), (1, 0, 0)))
    np.testing.assert_allclose(measures.angular_error_degrees(up, right, there), 90, atol=1e-4)
    assert measures.scale_free_rmse(up * 7, up, there) == pytest.approx(0, abs=1e-9)
    assert measures.scale_free_rmse(right, up, there) == pytest.approx(np.sqrt(4 / 3))
    assert measures.tone(np.float32(4)) == pytest.approx(1) and measures.tone(np.float32(-1)) == 0
    matte = np.array([[0.9, 0.6], [0.4, 0.0]], np.float32)
    truth = np.array([[True, True], [False, False]])
    count = measures.coverage(matte, truth, there)
    assert count.iou_at(500) == 1 and count.iou_at(300) == pytest.approx(2 / 3) and count.iou_at(700) == 0.5
    assert 400 < count.best_step() <= 600
    assert (count + count).iou_at(300) == pytest.approx(2 / 3)
    assert measures.f1_from_iou(0.65) == pytest.approx(0.788, abs=1e-3)


def _scores(stage):
    scenes = {folder.name: StagedScene.open(folder) for folder in Stage(stage).scenes()}
    whose = {}

    def intrinsics_of(plate):
        for scene in scenes.values():
            try:
                found = perfect(scene)[0](plate)
            except (AssertionError, ValueError):
                continue
            whose[0] = scene
            return found
        raise AssertionError("a plate of no scene")

    experts = Experts(
        intrinsics_of,
        lambda *asked: perfect(whose[0])[1](*asked),
        _true_matte,
        baselines.bridged_across,
    )
    told = []
    scores = score(stage, experts, lambda seed: seed in SEEDS, lambda done, of: told.append((done, of)))
    assert told == [(0, 2), (1, 2), (2, 2)]
    return scores


def test_the_report_says_it_all(stage, tmp_path):
    scores = _scores(stage)
    said = report(scores, {"version": "base-1"})
    write_report(said, tmp_path)
    read = json.loads((tmp_path / "score.json").read_text())
    assert read["kinds"] == {"balls": 1, "more balls": 1} and len(read["samples"]) == len(scores.samples)
    text = (tmp_path / "score.md").read_text()
    assert text == page(read)
    for row in scores.table:
        assert f"| {row.task} |" in text and f"By kind of set, {row.task}:" in text
    assert next(row.task for row in scores.table if not row.reached).startswith("fill")
    sheets = write_sheets(scores.samples, [row.task for row in scores.table], tmp_path / "sheets")
    assert len(sheets) == len(scores.table) and all(cv2.imread(str(sheet)).shape[0] > 150 for sheet in sheets)


def test_the_worst_come_last(stage):
    scores = _scores(stage)
    order = ranked(scores.samples, FILLED_WIRES)
    gains = [sample.values[OURS] - sample.values[BEST_PEER] for sample in order]
    assert gains == sorted(gains, reverse=True)
    errors = [sample.values[OURS] for sample in ranked(scores.samples, NORMALS)]
    assert errors == sorted(errors)
    assert mean(order, OURS) == pytest.approx(np.mean([sample.values[OURS] for sample in order]))
    assert {CHANNEL_GAINS, ONE_GAIN, TRUE_SPLIT, TRUE_INTRINSICS} <= set(ranked(scores.samples, RELIGHT)[0].values)


def test_no_scene_to_score_is_said(stage, tmp_path):
    with pytest.raises(NotFoundError, match="held out"):
        score(stage, Experts(), lambda seed: False, lambda done, of: None)
    with pytest.raises(NotFoundError, match="no stage"):
        score(tmp_path, Experts(), lambda seed: True, lambda done, of: None)


def test_a_wrong_device_is_refused(stage, tmp_path):
    answer = CliRunner().invoke(app, ["teach", str(stage), "--out", str(tmp_path / "base"), "--device", "abacus"])
    assert isinstance(answer.exception, RequestError) and "abacus" in str(answer.exception)


def _carded(stage, folder):
    base = {"version": "base-1", "hash": "0123456789abcdef99", "seeds": "held-out", "scores": {}}
    base |= {"stage": {"seeds": [1, 2], "kinds": ["balls"]}, "recipe": {"lamp": {"steps": 9, "minutes": 1.5}}}
    scores = _scores(stage)
    write_report(report(scores, base), folder / "score")
    write_sheets(scores.samples, [row.task for row in scores.table], folder / "score")
    Logbook(folder / "lessons" / "lamp.csv", 0).add(Report(9, 90.0, 1.0, 2, 1e-3, 0.5, 0.75))
    return folder / "score" / "score.json", folder / "lessons"


def test_the_card_keeps_every_word_that_people_wrote(stage, tmp_path):
    measured, lessons = _carded(stage, tmp_path)
    card = tmp_path / "model-card.md"
    write_card(measured, lessons, stage, card)
    first = card.read_text()
    assert "2 scenes of 1 kinds of sets: balls" in first and "| steps | 9 |" in first
    assert "| fault |" not in first  # both scenes of the stage are held out: none was learnt from
    assert f"| {NORMALS} |" in first and "model-card/lamp.png" in first
    assert {path.name for path in (tmp_path / "model-card").iterdir()} >= {"lamp.png", "lamp.csv", "score-normals.jpg"}
    card.write_text(first.replace("# The base model", "# The base model\n\nIt fails on mirrors."))
    write_card(measured, lessons, None, card)
    again = card.read_text()
    assert "It fails on mirrors." in again and again.count("<!-- end -->") == 3
    assert again.replace("\n\nIt fails on mirrors.", "").splitlines()[0] == "# The base model"


def test_a_card_without_its_places_and_a_score_that_is_none_are_refused(stage, tmp_path):
    measured, lessons = _carded(stage, tmp_path)
    card = tmp_path / "card.md"
    card.write_text("# Mine\n")
    with pytest.raises(RequestError, match="measured: stage"):
        write_card(measured, lessons, None, card)
    assert card.read_text() == "# Mine\n"
    with pytest.raises(NotFoundError, match="soundstage score"):
        write_card(tmp_path / "none.json", lessons, None, card)
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(RequestError, match="not a score"):
        write_card(tmp_path / "other.json", lessons, None, card)


def test_a_model_is_scored_and_stamped_by_one_command(stage, tmp_path):
    path, folder = tmp_path / "base.safetensors", tmp_path / "score"
    torch.manual_seed(4)
    header = BaseHeader("v", {"seeds": [1], "kinds": ["balls"]}, {}, {"fill": {"dB": 1.0}})
    save_base(path, {"spatial": SpatialFillNetwork(), "fill": FillNetwork()}, header)
    before = load_base(path)
    asked = ["score", str(stage), "--model", str(path), "--out", str(folder), "--device", "cpu", "--stamp", "--json"]
    answer = CliRunner().invoke(app, asked, catch_exceptions=False)
    said = json.loads(answer.stdout)
    assert answer.exit_code == 0 and [row["task"] for row in said["table"]] == [FILLED_WIRES, FILLED_BLOBS]
    after = load_base(path)
    assert after.hash == before.hash and after.header.scores["fill"] == {"dB": 1.0}
    assert after.header.scores["spatial"][FILLED_WIRES] == pytest.approx(said["table"][0]["ours"])
    untaught = next(row for row in said["table"] if row["task"] == FILLED_WIRES)
    assert untaught["ours"] == pytest.approx(untaught["baselines"][BRIDGE], abs=0.5)  # it begins with the bridge
    assert (folder / "score.md").is_file() and (folder / "fill-wires.png").is_file()
