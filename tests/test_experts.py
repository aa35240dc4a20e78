"""Who answers for a fill: the show's model, the base, or nobody; and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from interneg.errors import ModelError
from interneg.model.base import BaseModel
from interneg.model.fill import FillNetwork
from interneg.plates.exr import read_exr, read_header
from interneg.production.store import Store
from interneg.resident.experts import experts_for
from stage import FIRST, LEAVING, Stage, base_of, circle_new, taught_base
from synthetic import bits_of, hung, panned, wire_of

SIZE = (48, 64)


def shot(stage: Stage, count: int = 1) -> tuple[str, str]:
    """A wired shot of which other frames show nothing where it is a single frame."""
    mattes = [wire_of(*SIZE)] * count
    frames = [hung(frame, matte) for frame, matte in zip(panned(count, *SIZE), mattes, strict=True)]
    return stage.shoot(frames), stage.draw(mattes)


def cleaned(stage: Stage, out: str, **more: str) -> tuple[np.ndarray, dict[str, object]]:
    """The first frame's hole and its record."""
    heard = stage.clean(str(stage.folder / "plate.####.exr"), str(stage.folder / "matte.####.exr"), out=out, **more)
    assert not heard.failed
    record = read_header(stage.path(out=out))[0].attributes
    return read_exr(stage.path(out=out)).rgb[wire_of(*SIZE) > 0], record


def store_of(stage: Stage) -> Store:
    return Store(stage.settings.productions_folder)


def with_model(stage: Stage, base_hash: str, seed: int = 9) -> str:
    """A circled model of the show whose network is no classical one."""
    return circle_new("show", store_of(stage), taught_base(seed).fill, base_hash)


def test_a_show_that_has_learnt_nothing_is_answered_by_the_base(tmp_path: Path) -> None:
    base = taught_base()
    stage = Stage(tmp_path, base=base)
    shot(stage)
    ours, record = cleaned(stage, "base")
    assert record["interneg.model"] == "base" and record["interneg.model_hash"] == base.hash
    assert record["interneg.base"] == base.version and record["interneg.base_hash"] == base.hash
    plain, record = cleaned(stage, "classical", model_version="classical")
    assert record["interneg.model"] == "classical"
    assert not {"interneg.model_hash", "interneg.base", "interneg.base_hash"} & set(record)
    assert np.abs(ours - plain).max() > 1e-3, "the networks had a say"
    named, record = cleaned(stage, "named", model_version="base")
    assert (bits_of(named) == bits_of(ours)).all() and record["interneg.model"] == "base"


def test_each_of_the_bases_networks_has_a_say_of_its_own(tmp_path: Path) -> None:
    whole = taught_base()
    answers = []
    for name, base in (
        ("both", whole),
        ("fill", replace(whole, spatial=None)),
        ("spatial", replace(whole, fill=None)),
    ):
        (tmp_path / name).mkdir()
        stage = Stage(tmp_path / name, base=base)
        shot(stage)
        answer, record = cleaned(stage, "out")
        assert record["interneg.model"] == "base"
        answers.append(answer)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert (answers[one] != answers[other]).any()


def test_the_circled_model_answers_with_the_base_that_it_was_learnt_from(tmp_path: Path) -> None:
    base = taught_base()
    stage = Stage(tmp_path, base=base)
    version = with_model(stage, base.hash)
    shot(stage)
    ours, record = cleaned(stage, "show")
    assert record["interneg.model"] == version
    assert record["interneg.base"] == base.version and record["interneg.base_hash"] == base.hash
    assert record["interneg.model_hash"] not in ("", base.hash)
    other, _ = cleaned(stage, "base", model_version="base")
    assert (ours != other).any()
    experts = experts_for(stage.engine, "show")
    assert experts.spatial is base.spatial and experts.notices == ()


def test_a_model_learnt_before_there_was_a_base_answers_as_it_learnt(tmp_path: Path) -> None:
    stage = Stage(tmp_path, base=taught_base())
    version = with_model(stage, "")
    experts = experts_for(stage.engine, "show")
    assert experts.spatial is None and experts.network is not None
    assert experts.answered.model == version and experts.answered.base_hash == ""
    (tmp_path / "none").mkdir()
    alone = Stage(tmp_path / "none")
    with_model(alone, "")
    shot(stage), shot(alone)
    assert (bits_of(cleaned(stage, "out")[0]) == bits_of(cleaned(alone, "out")[0])).all()


def test_a_model_learnt_from_another_base_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    stage = Stage(tmp_path, base=taught_base())
    with_model(stage, "e" * 64)
    with pytest.raises(ModelError, match=r"base eeeeeeeeeeee, and base-1.*`interneg learn show`.*`--model base`"):
        experts_for(stage.engine, "show")
    assert experts_for(stage.engine, "show", "base").answered.model == "base"
    assert experts_for(stage.engine, "show", "classical").answered.model == "classical"


def test_classical_uses_no_network_and_loads_none(tmp_path: Path) -> None:
    stage = Stage(tmp_path, base=taught_base())
    with_model(stage, "")
    experts = experts_for(stage.engine, "show", "classical")
    assert experts.network is None and experts.spatial is None
    assert stage.engine.resident() == [] and "no model was asked for" in experts.notices[0]


@pytest.mark.parametrize("circled", [False, True])
def test_without_a_usable_base_the_classical_answer_is_given_and_why(tmp_path: Path, circled: bool) -> None:
    stage = Stage(tmp_path)
    if circled:
        with_model(stage, "e" * 64)
    shot(stage)
    _, record = cleaned(stage, "out")
    assert record["interneg.model"] == "classical" and "interneg.base_hash" not in record
    [told] = experts_for(stage.engine, "show").notices
    assert "classical" in told and "damaged: install Interneg again" in told
    assert ("circled model of show" in told) == circled


def test_what_is_asked_for_by_name_is_not_silently_something_else(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    version = with_model(stage, "e" * 64)
    for name in ("base", version):
        with pytest.raises(ModelError, match=f"'{name}'.*damaged: install Interneg again"):
            experts_for(stage.engine, "show", name)


@pytest.mark.parametrize(
    ("base", "named"),
    [(base_of(), "fill and spatial"), (base_of(fill=FillNetwork()), "spatial")],
    ids=["nothing", "fill alone"],
)
def test_an_expert_that_was_not_taught_yet_is_told(tmp_path: Path, base: BaseModel, named: str) -> None:
    stage = Stage(tmp_path, base=base)
    experts = experts_for(stage.engine, "show")
    assert f"not taught {named}: the classical candidate is used there" in experts.notices[-1]
    assert experts.network is base.fill
    assert experts.answered.model == ("base" if base.fill else "classical")


def test_the_same_request_gives_the_same_bits_whoever_asks_and_in_chunks(tmp_path: Path) -> None:
    stage = Stage(tmp_path, base=taught_base())
    plate, matte = shot(stage, 4)
    stage.clean(plate, matte, "1001-1004", out="whole")
    stage.reframe(plate, LEAVING, frames="1001-1004", out="border")
    for frames in ("1003-1004", "1001-1002"):
        stage.clean(plate, matte, frames, out="chunks")
        stage.reframe(plate, LEAVING, frames=frames, out="border chunks")
    for frame in range(FIRST, FIRST + 4):
        for one, other in (("whole", "chunks"), ("border", "border chunks")):
            assert stage.path(frame, one).read_bytes() == stage.path(frame, other).read_bytes()


def test_a_reframe_says_who_answered_and_its_border_is_the_bases(tmp_path: Path) -> None:
    base = taught_base()
    stage = Stage(tmp_path, base=base)
    plate, _ = shot(stage)
    assert not stage.reframe(plate, LEAVING, out="base").failed
    assert not stage.reframe(plate, LEAVING, out="classical", model_version="classical").failed
    record = read_header(stage.path(out="base"))[0].attributes
    assert record["interneg.model"] == "base" and record["interneg.base_hash"] == base.hash
    assert (read_exr(stage.path(out="base")).rgb != read_exr(stage.path(out="classical")).rgb).any()
