"""The loop that teaches the base model's experts: what goes on after an interruption, and what is left of one."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from interneg.errors import ModelError, NotFoundError, RequestError
from interneg.model.base import EXPERTS, BaseHeader, load_base, save_base
from interneg.model.fill import FillNetwork
from interneg.model.spatial_fill import SpatialFillNetwork
from interneg.soundstage.teaching import curriculum
from interneg.soundstage.teaching.batches import DrawnAhead
from interneg.soundstage.teaching.curriculum import Plan, experts_named
from interneg.soundstage.teaching.lesson import is_held_out, is_taught
from interneg.soundstage.teaching.progress import Logbook, Report, read_reports
from interneg.soundstage.teaching.recipe import SHARES, TeachingRecipe
from interneg.soundstage.teaching.teach import Budget, School, taught
from interneg.training.pupil import Optimising, keep, new_pupil, resume

CPU = torch.device("cpu")
HOW = Optimising(0.02, 0.99, 1e-2)
OFTEN = TeachingRecipe(warm_up_steps=3, keep_seconds=0.0, report_seconds=0.0, held_out_batches=2)


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny networks on a busy machine: threads that wait for one another take longer than the work."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Doubling:
    """A lesson that a tiny network learns within a hundred steps: twice the input, with some dropout on the way."""

    expert = "wires"
    learning_rate = 0.02

    def __init__(self, scenes=3, broken_from=None, pause=0.0):
        self.scenes, self.broken_from, self.pause, self.drawn = scenes, broken_from, pause, 0

    def network(self):
        return nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.Dropout(0.1), nn.GELU(), nn.Conv2d(8, 1, 1))

    def refresh(self):
        return self.scenes

    def draw(self, rng):
        time.sleep(self.pause)
        self.drawn += 1
        value = torch.from_numpy(rng.normal(size=(4, 1, 8, 8)).astype(np.float32))
        broken = self.broken_from is not None and self.drawn > self.broken_from
        return value, value * (float("nan") if broken else 2.0)

    def loss(self, network, batch):
        return (network(batch[0]).float() - batch[1]).abs().mean()


def _school(folder, **changes):
    return School(folder, CPU, 5, False, lambda expert, report: None, recipe=OFTEN, **changes)


def _bits(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def _same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_lesson_is_learnt(tmp_path):
    reports = []
    seldom = replace(OFTEN, keep_seconds=0.05)
    school = replace(_school(tmp_path), recipe=seldom, tell=lambda expert, report: reports.append((expert, report)))
    pupil = taught(Doubling(), Doubling(), Budget(60, 120), school, None)
    assert pupil.steps == 120
    held_out = [report.held_out_loss for _, report in reports if report.held_out_loss is not None]
    assert reports[0][0] == "wires" and reports[-1][1].spent == 1
    assert held_out[-1] < 0.45  # 1.6 before the first step: the mean of twice a normal number's size
    assert reports[-1][1].learning_rate < 0.05 * max(report.learning_rate for _, report in reports)
    assert (tmp_path / "wires.png").stat().st_size > 1000


def test_going_on_gives_the_same_bits(tmp_path):
    whole = taught(Doubling(), Doubling(), Budget(60, 24), _school(tmp_path / "whole"), None)
    stop = threading.Event()
    parted = replace(
        _school(tmp_path / "parted", stop=stop), tell=lambda expert, report: stop.set() if report.steps == 11 else None
    )
    first = taught(Doubling(), Doubling(), Budget(60, 24), parted, None)
    assert first.steps == 11 and not _same(_bits(first.average), _bits(whole.average))
    second = taught(Doubling(), Doubling(), Budget(60, 24), _school(tmp_path / "parted"), None)
    assert second.steps == 24
    assert _same(_bits(second.network), _bits(whole.network))
    assert _same(_bits(second.average), _bits(whole.average))
    rows = {name: read_reports(tmp_path / name / "wires.csv") for name in ("whole", "parted")}
    assert [row.steps for row in rows["parted"]] == [row.steps for row in rows["whole"]] == list(range(1, 25))
    assert rows["parted"][-1].held_out_loss == pytest.approx(rows["whole"][-1].held_out_loss, rel=1e-6)


def test_another_seed_is_another_network(tmp_path):
    one = taught(Doubling(), Doubling(), Budget(60, 4), _school(tmp_path / "one"), None)
    other = taught(Doubling(), Doubling(), Budget(60, 4), replace(_school(tmp_path / "other"), seed=6), None)
    assert not _same(_bits(one.network), _bits(other.network))


def test_a_finished_lesson_is_not_repeated_but_may_be_prolonged(tmp_path):
    taught(Doubling(), Doubling(), Budget(60, 6), _school(tmp_path), None)
    idle = Doubling()
    assert taught(idle, Doubling(), Budget(60, 6), _school(tmp_path), None).steps == 6
    assert taught(Doubling(), Doubling(), Budget(60, 9), _school(tmp_path), None).steps == 9
    assert taught(Doubling(), Doubling(), Budget(60, 2), _school(tmp_path), None, fresh=True).steps == 2


def test_teaching_may_start_from_other_weights(tmp_path):
    start = Doubling().network()
    pupil = taught(Doubling(), Doubling(), Budget(60, 1), _school(tmp_path), start)
    before, after = (
        torch.cat([part.detach().flatten() for part in network.parameters()]) for network in (start, pupil.network)
    )
    assert 0 < float((after - before).abs().max()) < 0.02


def test_no_scenes_is_an_error_that_says_what_to_do(tmp_path):
    with pytest.raises(NotFoundError, match="soundstage render"):
        taught(Doubling(scenes=0), Doubling(), Budget(60, 1), _school(tmp_path), None)


def test_without_held_out_scenes_there_is_no_held_out_loss(tmp_path):
    taught(Doubling(), Doubling(scenes=0), Budget(60, 2), _school(tmp_path), None)
    assert all(report.held_out_loss is None for report in read_reports(tmp_path / "wires.csv"))


def test_one_broken_batch_is_passed_over_and_many_end_the_lesson(tmp_path):
    school = replace(_school(tmp_path), recipe=replace(OFTEN, broken_steps=4, keep_seconds=60.0))
    with pytest.raises(ModelError, match="no finite loss"):
        taught(Doubling(broken_from=3), Doubling(), Budget(60, 50), school, None)

    class Once(Doubling):
        def draw(self, rng):
            batch = super().draw(rng)
            return batch if self.drawn != 3 else (batch[0], batch[1] * float("nan"))

    pupil = taught(Once(), Doubling(), Budget(60, 8), _school(tmp_path / "once"), None)
    assert pupil.steps == 8 and all(torch.isfinite(weights).all() for weights in pupil.average.parameters())


def test_a_fault_in_drawing_reaches_the_lesson(tmp_path):
    class Faulty(Doubling):
        def draw(self, rng):
            raise ModelError("a scene is damaged")

    with pytest.raises(ModelError, match="damaged"):
        taught(Faulty(), Doubling(scenes=0), Budget(60, 5), _school(tmp_path), None)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("batches")]


def test_batches_are_drawn_ahead_and_no_further():
    lesson = Doubling()
    with DrawnAhead(lesson, 1, 0, OFTEN, CPU) as batches:
        batches.next()
        time.sleep(0.2)
        assert 2 <= lesson.drawn <= OFTEN.prefetched + 2


def _pupil(seed=5):
    torch.manual_seed(seed)
    return new_pupil("wires", Doubling().network(), seed, HOW, CPU)


def test_checkpoints_that_do_not_belong_are_refused(tmp_path):
    path = tmp_path / "wires.safetensors"
    keep(_pupil(), path)
    for field, value in (("expert", "lamp"), ("seed", 9)):
        other = replace(_pupil(), **{field: value})
        with pytest.raises(ModelError, match="--fresh"):
            resume(other, path)
    larger = new_pupil("wires", nn.Conv2d(1, 1, 3), 5, HOW, CPU)
    with pytest.raises(ModelError, match="another network"):
        resume(larger, path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ModelError, match="damaged"):
        resume(_pupil(), path)
    path.write_bytes(b"{}")
    with pytest.raises(ModelError, match="damaged"):
        resume(_pupil(), path)


def test_a_checkpoint_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be written"):
        keep(_pupil(), tmp_path / "file" / "wires.safetensors")


def test_a_killed_lesson_leaves_a_checkpoint_that_goes_on(tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[2]); from pathlib import Path; import test_teaching as t;"
        "t.taught(t.Doubling(pause=0.002), t.Doubling(), t.Budget(600, 100000), t._school(Path(sys.argv[1])), None)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(Path(__file__).parent)])
    path = tmp_path / "wires.safetensors"
    try:
        until = time.monotonic() + 300  # a busy machine takes minutes to import torch
        while not path.is_file() and child.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.2)  # it is somewhere between two checkpoints, or within one
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    pupil = _pupil()
    resume(pupil, path)
    assert pupil.steps > 0
    again = taught(Doubling(), Doubling(), Budget(600, pupil.steps + 3), _school(tmp_path), None)
    assert again.steps == pupil.steps + 3
    assert [row.steps for row in read_reports(tmp_path / "wires.csv")] == list(range(1, again.steps + 1))


def test_the_logbook_survives_a_line_cut_short(tmp_path):
    path = tmp_path / "lamp.csv"
    book = Logbook(path, 0)
    for steps in (1, 2, 3):
        book.add(Report(steps, steps * 10.0, 0.1 * steps, 4, 1e-3, 0.5, 0.25 if steps == 2 else None))
    path.write_text(path.read_text()[:-12])
    kept = read_reports(path)
    assert [report.steps for report in kept] == [1, 2] and kept[1].held_out_loss == 0.25
    Logbook(path, 1)
    assert [report.steps for report in read_reports(path)] == [1]


def test_one_scene_in_eight_is_held_out_and_the_shares_make_one():
    assert [seed for seed in range(24) if is_held_out(seed)] == [7, 15, 23]
    assert all(is_taught(seed) != is_held_out(seed) for seed in range(64))
    assert sum(SHARES.values()) == pytest.approx(1)


class Nothing:
    """A lesson for a real expert's network that draws nothing: it makes its weights smaller."""

    expert = "spatial"
    learning_rate = 0.01

    def __init__(self, stage, chooses):
        self.chooses = chooses

    def network(self):
        return SpatialFillNetwork()

    def refresh(self):
        return 2

    def draw(self, rng):
        return (torch.zeros(1),)

    def loss(self, network, batch):
        return sum(weights.square().mean() for weights in network.parameters())


def _plan(folder, **changes):
    (folder / "stage" / "scenes").mkdir(parents=True, exist_ok=True)
    return Plan(folder / "stage", folder / "base.safetensors", ("spatial",), 1.0, steps=3, **changes)


def test_experts_that_are_not_taught_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(curriculum, "LESSONS", {"spatial": Nothing})
    torch.manual_seed(3)
    fill = FillNetwork()
    for weights in fill.parameters():
        weights.data = weights.data + 0.25
    header = BaseHeader("before", {"seeds": [1], "kinds": ["roof"]}, {"fill": {"steps": 9}}, {"fill": {"db": 1.5}})
    save_base(tmp_path / "base.safetensors", {"fill": fill}, header)
    assert curriculum.teach(_plan(tmp_path), _school(tmp_path / "school")) == ("spatial",)
    base = load_base(tmp_path / "base.safetensors")
    assert base.untaught == ("intrinsics", "lamp", "wires")
    assert all(
        torch.equal(one, other.half().float())
        for one, other in zip(base.fill.parameters(), fill.parameters(), strict=True)
    )
    assert base.header.recipe["fill"] == {"steps": 9} and base.header.recipe["spatial"]["steps"] == 3
    assert base.header.scores == {"fill": {"db": 1.5}}
    assert base.header.stage == {"seeds": [1], "kinds": ["roof"]}


def test_a_stopped_curriculum_writes_what_was_finished_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(curriculum, "LESSONS", {"spatial": Nothing})
    stop = threading.Event()
    stopped = replace(_school(tmp_path / "school", stop=stop), tell=lambda expert, report: stop.set())
    assert curriculum.teach(_plan(tmp_path), stopped) == ()
    assert not (tmp_path / "base.safetensors").exists()
    assert curriculum.teach(_plan(tmp_path), _school(tmp_path / "school")) == ("spatial",)
    assert load_base(tmp_path / "base.safetensors").header.recipe["spatial"]["steps"] == 3


def test_another_base_may_be_the_start(tmp_path, monkeypatch):
    monkeypatch.setattr(curriculum, "LESSONS", {"spatial": Nothing})
    start = SpatialFillNetwork()
    save_base(tmp_path / "start.safetensors", {"spatial": start}, BaseHeader("s", {"seeds": [], "kinds": []}, {}, {}))
    curriculum.teach(_plan(tmp_path, start=tmp_path / "start.safetensors"), _school(tmp_path / "school"))
    made = load_base(tmp_path / "base.safetensors").spatial
    apart = [
        (one - other.detach()).abs().max() for one, other in zip(made.parameters(), start.parameters(), strict=True)
    ]
    assert 0 < float(max(apart)) < 0.1


def test_minutes_are_divided_among_the_experts_asked_for():
    whole = Plan(Path("stage"), Path("base"), experts_named(()), 100.0)
    assert sum(whole.budget_of(expert).seconds for expert in whole.experts) == pytest.approx(6000)
    one = Plan(Path("stage"), Path("base"), experts_named(("lamp",)), 100.0)
    assert one.experts == ("lamp",) and one.budget_of("lamp").seconds == pytest.approx(6000)
    assert experts_named(("wires", "intrinsics")) == ("intrinsics", "wires")
    with pytest.raises(RequestError, match="'gaffer'"):
        experts_named(("gaffer",))


def test_scenes_that_are_rendered_meanwhile_are_found(tmp_path):
    class Growing(Doubling):
        def refresh(self):
            self.scenes += 1
            return self.scenes

    lesson = Growing(scenes=0)
    school = replace(_school(tmp_path), recipe=replace(OFTEN, refresh_seconds=0.0))
    taught(lesson, Doubling(scenes=0), Budget(60, 30), school, None)
    scenes = [report.scenes for report in read_reports(tmp_path / "wires.csv")]
    assert scenes == sorted(scenes) and scenes[-1] > scenes[0] >= 2


@pytest.mark.gpu
def test_a_gpu_learns_the_same_lesson(tmp_path):
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    school = replace(_school(tmp_path), device=torch.device("cuda"), half_precision=True)
    taught(Doubling(), Doubling(), Budget(60, 60), school, None)
    pupil = taught(Doubling(), Doubling(), Budget(60, 120), school, None)
    assert pupil.steps == 120 and next(pupil.network.parameters()).is_cuda
    held_out = [report.held_out_loss for report in read_reports(tmp_path / "wires.csv")]
    assert held_out[-1] < 0.3 * held_out[0]


def test_every_expert_has_its_lesson_and_its_share():
    assert set(curriculum.LESSONS) | {"lamp"} == set(SHARES) == set(EXPERTS)
    for expert, made in curriculum.LESSONS.items():
        assert isinstance(made(Path("no-stage"), is_taught).network(), EXPERTS[expert])
        assert made.expert == expert
