"""A show's report: one page that needs nothing beside it, and that says no more than is so."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from interneg.errors import NotFoundError, ProductionError, RequestError
from interneg.model.wires import WiresNetwork
from interneg.plates.colour import ColourConfig
from interneg.production.store import Production, Store
from interneg.report.facts import facts_of
from interneg.report.page import page_of, write_report
from interneg.report.plots import gains, lines
from interneg.training.review import Scores
from interneg.training.sheets import cut_out, sheet_image, telling
from stage import base_of
from test_learn import QUICK, add_takes, hurried, learnt

CONFIG = ColourConfig(None)


@pytest.fixture
def show(tmp_path: Path) -> Production:
    return Store(tmp_path / "productions").create("show")


def page(show: Production) -> str:
    return page_of(facts_of(show, CONFIG, "base-1"))


def test_what_was_learnt_is_shown_with_its_pictures(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried(monkeypatch, **QUICK, wires_batch=1, wires_review=2)
    add_takes(show, tmp_path, 3)
    base = replace(base_of(), wires=WiresNetwork().eval().requires_grad_(False))
    verdict = learnt(show, 8.0, base=base, experts=())
    said = page(show)
    for one in verdict.experts:
        assert f"{one.candidate:.2f} {one.unit}" in said and f"after {one.steps} steps" in said
    assert verdict.version in said and "held out" in said and "setup01" in said
    pictures = re.findall(r'src="(data:image/jpeg;base64,[^"]{100,})"', said)
    assert len(pictures) >= 3 + 2 * 4, "three takes, and a sheet of each expert"
    assert said.count("<svg") >= sum(one.steps > 0 for one in verdict.experts), "the gains of each that took a step"
    assert not re.findall(r'(?:src|href)="(?!data:)', said) and "<script" not in said, "nothing from elsewhere"


def test_a_show_that_learnt_nothing_says_so(show: Production, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="interneg dailies add"):
        page(show)
    add_takes(show, tmp_path, 1)
    said = page(show)
    assert "Nothing has been learnt and reviewed yet" in said and "No take has been measured yet" in said


def test_names_are_text_and_nothing_else(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path / "<img src=x onerror=alert(1)>", 1)
    said = page(show)
    assert "<img src=x" not in said and "&lt;img src=x onerror=alert(1)&gt;" in said


@pytest.mark.parametrize("spoil", ["gone", "damaged", "of another make", "without pictures", "weights gone"])
def test_a_version_that_lacks_a_part_is_shown_without_it(
    show: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    hurried(monkeypatch)
    paths = add_takes(show, tmp_path, 3)
    version = learnt(show).version
    folder = show.model_folder(version)
    if spoil == "gone":
        for file in folder.iterdir():
            file.unlink()
        for file in paths[0].iterdir():
            file.unlink()
    if spoil == "damaged":
        (folder / "review.json").write_text("[{")
    if spoil == "of another make":
        (folder / "review.json").write_text('[{"expert": "fill"}, 3]')
    if spoil == "without pictures":
        for file in folder.glob("*.jpg"):
            file.unlink()
    if spoil == "weights gone":
        next(folder.glob("*.safetensors")).unlink()
    assert version in page(show)


def test_a_report_is_written_whole_over_the_one_before(show: Production, tmp_path: Path) -> None:
    add_takes(show, tmp_path, 1)
    facts = facts_of(show, CONFIG, "")
    file = tmp_path / "show.html"
    file.write_text("an older one")
    assert write_report(facts, file) == file.stat().st_size
    assert file.read_text().startswith("<!doctype html>")
    with pytest.raises(RequestError, match=r"\.html"):
        write_report(facts, tmp_path / "show.pdf")
    with pytest.raises(NotFoundError, match="no such folder"):
        write_report(facts, tmp_path / "nowhere" / "show.html")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(ProductionError, match="cannot be written"):
        write_report(facts, tmp_path / "folder.html")
    assert not list(tmp_path.glob(".*.tmp"))


def test_the_sheets_are_the_best_the_worst_and_between() -> None:
    before = Scores((30.0,) * 5)
    assert telling(Scores((31.0, 29.0, 33.0, 30.0, 30.5)), before, 3) == [2, 4, 1]
    assert telling(Scores((31.0,)), Scores((30.0,)), 4) == [0]


def test_a_hole_is_shown_with_its_surroundings() -> None:
    mask = np.zeros((400, 900), bool)
    mask[10:12, 850:890] = True
    rows, columns = cut_out(mask)
    assert rows == slice(0, 160) and columns == slice(740, 900)
    whole = cut_out(np.zeros((60, 50), bool))
    assert whole == (slice(0, 60), slice(0, 50))
    picture = sheet_image(np.full((4, 4, 3), 0.5, np.float32))
    assert picture.dtype == np.uint8 and (picture == 255).all()


def test_plots_hold_their_values_and_nothing_is_drawn_from_nothing() -> None:
    drawn = lines({"one": [(0.0, 1.0), (1.0, 3.0)], "two <b>": [(0.0, 2.0), (1.0, 2.0)]}, "minutes", "loss")
    assert drawn.count("<polyline") == 2 and "two &lt;b&gt;" in drawn
    assert lines({"one": [(0.0, 1.0)]}, "minutes", "loss") == "" and gains([], "dB") == ""
    assert gains([1.0, -1.0, 0.0], "dB").count("<rect") == 3
    assert gains([0.0, 0.0], "dB") == "", "a lesson without a step has no gains to draw"
