"""Which takes a clean may use by the daemon's word: found by the index, named by hand, under the roots alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from interneg.errors import NotAllowedError, NotFoundError, RequestError
from interneg.ingest import Added, ingest
from interneg.plates.colour import ColourConfig, log_from_linear
from interneg.plates.exr import read_exr, read_header
from interneg.plates.frames import parse_frames
from interneg.production.store import Production, Store
from interneg.resident.wish import CleanWish, RenderWish
from interneg.service.convert import wish_from_request
from interneg.service.other_takes import MOST_TAKES, with_other_takes
from interneg.service.paths import PathRules
from interneg.settings import Settings, load_settings
from other_takes import Framing, taken, wire, wired
from real_daemon import clean_wish, real_daemon
from synthetic import psnr, write_matte, write_plate
from test_cli import Shell

SMALL = (54, 96)
MATTE = wire()


@dataclass(frozen=True)
class Show:
    """A production with dailies on disk."""

    folder: Path
    production: Production
    settings: Settings

    def shoot(self, name: str, framing: Framing, frames: int = 2, **attributes: object) -> str:
        for number in range(1, frames + 1):
            write_plate(self.folder / f"{name}.{number:04}.exr", taken(framing, *SMALL), **attributes)
        return str(self.folder / f"{name}.####.exr")

    def add(self, *paths: str) -> None:
        outcomes = list(ingest(self.production, paths, self.settings.slate_pattern, ColourConfig()))
        assert all(isinstance(outcome, Added) for outcome in outcomes), outcomes

    def takes(self, plate: str, rules: PathRules = PathRules(), **more: str) -> list[str]:  # noqa: B008
        wish = RenderWish("show", plate, parse_frames("1"), "/o.####.exr", CleanWish("/m.exr", **more))
        found = with_other_takes(wish, self.production, self.settings, rules).operator
        assert isinstance(found, CleanWish)
        assert all(take.is_named == bool(more.get("from_take")) for take in found.takes)
        return [take.name for take in found.takes]


@pytest.fixture
def show(tmp_path: Path) -> Show:
    """Three takes of setup 12A, one of 12B, one without a slate."""
    settings = load_settings(home=tmp_path / "home")
    made = Show(tmp_path, Store(settings.productions_folder).create("show"), settings)
    names = ("12A-1", "12A-2", "12A-3", "12B-1", "plain")
    made.add(*(made.shoot(name, Framing(x=at)) for at, name in enumerate(names)))
    return made


def test_takes_of_the_same_setup_are_found_and_the_plate_is_none_of_them(show: Show) -> None:
    assert show.takes(str(show.folder / "12A-2.####.exr")) == ["12A-1", "12A-3"]
    assert show.takes(str(show.folder / "12A-2.%04d.exr")) == ["12A-1", "12A-3"]
    assert show.takes(str(show.folder / "12B-1.####.exr")) == []
    assert show.takes(str(show.folder / "plain.####.exr")) == []


def test_a_copy_of_the_plate_under_another_name_is_not_another_take(show: Show) -> None:
    for number in (1, 2):
        shutil.copy(show.folder / f"12A-2.{number:04}.exr", show.folder / f"sh010.{number:04}.exr")
    assert show.takes(str(show.folder / "sh010.####.exr")) == ["12A-1", "12A-3"]


def test_a_plate_that_names_its_reel_is_that_take(show: Show) -> None:
    show.add(show.shoot("12A-7", Framing(x=9), reelName="A007"))
    pulled = show.shoot("sh020", Framing(x=9.5), reelName="A007")
    assert show.takes(pulled) == ["12A-1", "12A-2", "12A-3"]


def test_a_plate_that_was_not_ingested_is_told_by_its_slate(show: Show) -> None:
    assert show.takes(show.shoot("12A-9", Framing(x=3.3))) == ["12A-1", "12A-2", "12A-3"]
    assert show.takes(show.shoot("12A_2_wires", Framing(x=3.4))) == ["12A-1", "12A-3"]


def test_so_many_takes_and_no_more(show: Show) -> None:
    show.add(*(show.shoot(f"12A-{number}", Framing(x=number)) for number in range(20, 26)))
    found = show.takes(str(show.folder / "12A-1.####.exr"))
    assert found == ["12A-2", "12A-20", "12A-21", "12A-22"] and len(found) == MOST_TAKES


def test_none_asks_for_no_other_take_and_a_clean_plate_spares_the_search(show: Show) -> None:
    plate = str(show.folder / "12A-1.####.exr")
    assert show.takes(plate, from_take="none") == []
    assert show.takes(plate, clean_plate="/clean.exr") == []
    assert show.takes(plate, clean_plate="/clean.exr", from_take="12A-2") == ["12A-2"]


@pytest.mark.parametrize("name", ["12B-1", "12B_1", "12B 1", "12B", "12B-1.####.exr", "path", "id"])
def test_a_take_is_named_as_the_list_has_it(show: Show, name: str) -> None:
    path = str(show.folder / "12B-1.####.exr")
    by_id = next(take.id for take in show.production.takes() if take.path == path)
    asked = {"path": path, "id": by_id}.get(name, name)
    if name == "12B-1.####.exr":
        asked = "12B-1.####"
    assert show.takes(str(show.folder / "12A-1.####.exr"), from_take=asked) == [path if name == "path" else "12B-1"]


def test_a_name_that_is_none_or_of_many_is_refused_by_what_there_is(show: Show) -> None:
    plate = str(show.folder / "12A-1.####.exr")
    with pytest.raises(NotFoundError, match="12B-1"):
        show.takes(plate, from_take="99Z-1")
    with pytest.raises(RequestError, match="3 takes"):
        show.takes(plate, from_take="12A")
    for itself in ("12A-1", plate):
        with pytest.raises(RequestError, match="plate itself"):
            show.takes(plate, from_take=itself)


def test_takes_outside_the_roots_are_out_of_reach(show: Show) -> None:
    (show.folder / "shared").mkdir()
    for number in (1, 2):
        shutil.copy(show.folder / f"12A-2.{number:04}.exr", show.folder / "shared" / f"12A-8.{number:04}.exr")
    rules = PathRules(roots=(show.folder / "shared",))
    plate = str(show.folder / "shared" / "12A-8.####.exr")
    assert show.takes(plate, rules) == []
    with pytest.raises(NotAllowedError, match="roots"):
        show.takes(plate, rules, from_take="12B-1")


@pytest.mark.parametrize("field", ["from_take", "clean_plate"])
def test_paths_outside_the_roots_are_refused(tmp_path: Path, field: str) -> None:
    inside = tmp_path / "shared"
    inside.mkdir()
    request = clean_wish(str(inside / "p.####.exr"), str(inside / "m.exr"), inside / "o.####.exr", range(1, 2))
    setattr(request.clean, field, str(tmp_path / "secret.mov"))
    with pytest.raises(NotAllowedError, match="roots"):
        wish_from_request(request, PathRules(roots=(inside,)))
    setattr(request.clean, field, "relative.mov")
    with pytest.raises(RequestError, match="absolute"):
        wish_from_request(request, PathRules())


def test_the_wire_carries_what_the_artist_gave(tmp_path: Path) -> None:
    request = clean_wish("/p.####.exr", "/m.exr", tmp_path / "o.####.exr", range(1, 2))
    request.clean.from_take, request.clean.clean_plate = "12A-3", "/plates/clean.exr"
    request.clean.anchors.add(first_frame=4, last_frame=6)
    clean = wish_from_request(request, PathRules()).operator
    assert isinstance(clean, CleanWish)
    assert (clean.from_take, clean.clean_plate) == ("12A-3", "/plates/clean.exr")
    assert [str(frames) for frames in clean.anchors] == ["4-6"]


# ---------------------------------------------------------------- a real daemon, by the command line


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    """A shell beside a daemon, its show with two takes of a locked-off setup, the first with a wire."""
    (tmp_path / "here" / "dailies").mkdir(parents=True)
    made = Shell(tmp_path / "home", tmp_path / "here", monkeypatch, capsys)
    for number in (1, 2):
        write_plate(made.folder / "dailies" / f"12A-1.{number:04}.exr", wired(taken(Framing()), MATTE))
        write_plate(made.folder / "dailies" / f"12A-2.{number:04}.exr", taken(Framing(x=5.5, light=(1.4, 1.3, 1.1))))
    write_matte(made.folder / "matte.exr", MATTE)
    with real_daemon(made.home):
        assert made.run("production", "create", "show")[0] == 0
        assert made.run("dailies", "add", "show", "dailies")[0] == 0
        yield made


def clean(shell: Shell, out: str, *more: str, frames: str = "1") -> dict:
    words = ("clean", "show", "--plate", "dailies/12A-1.####.exr", "--matte", "matte.exr", "--model", "classical")
    code, said, errors = shell.run(*words, "--frames", frames, "--out", f"{out}/o.####.exr", "--json", *more)
    assert code == 0, errors
    return json.loads(said)


def test_a_wire_before_a_locked_camera_by_the_command_line(shell: Shell) -> None:
    hole, truth = MATTE > 0, taken(Framing())

    def near(out: str) -> float:
        answer = read_exr(shell.folder / out / "o.0001.exr").rgb
        return psnr(log_from_linear(answer)[hole], log_from_linear(truth)[hole])

    alone = clean(shell, "alone", "--from-take", "none")
    found = clean(shell, "found")
    clean(shell, "named", "--from-take", "dailies/12A-2.####.exr")
    assert alone["synthesised"] > 0.9 and found["synthesised"] < 0.05
    assert min(near("found"), near("named")) > near("alone") + 3
    record = dict(read_header(shell.folder / "found" / "o.0001.exr")[0].attributes)
    assert list(json.loads(str(record["interneg.sources"]))) == ["take 12A-2"]
    write_plate(shell.folder / "plain.exr", truth)
    clean(shell, "plain", "--clean-plate", "plain.exr")
    assert near("plain") > near("alone") + 3
    shutil.copytree(shell.folder / "plain", shell.folder / "fixed")
    before = (shell.folder / "fixed" / "o.0001.exr").read_bytes()
    fixed = clean(shell, "fixed", "--anchor", "1", "--from-take", "none", frames="1-2")
    assert fixed["delivered"] == 2 and (shell.folder / "fixed" / "o.0001.exr").read_bytes() == before
    shutil.move(shell.folder / "fixed" / "o.0002.exr", shell.folder / "fixed" / "o.0001.exr")
    assert near("fixed") > near("alone") + 3


def test_a_wrong_take_or_anchor_ends_the_verb_with_2_or_1(shell: Shell) -> None:
    words = ("clean", "show", "--plate", "dailies/12A-1.####.exr", "--matte", "matte.exr", "--frames", "1")
    for more, wanted, said in (
        (("--from-take", "9Z-1"), 1, "no such take"),
        (("--from-take", "12A"), 2, "2 takes"),
        (("--clean-plate", "nowhere.exr"), 1, "nowhere.exr"),
        (("--anchor", "2"), 2, "no finished frame"),
        (("--anchor", "x"), 2, "not a range"),
    ):
        code, _, errors = shell.run(*words, "--out", "out/o.####.exr", *more)
        assert code == wanted and said in errors, errors
    assert not (shell.folder / "out").exists()


def test_a_wish_over_the_bridge_is_the_same(tmp_path: Path) -> None:
    from interneg_bridge.errors import RequestError as Refused
    from interneg_bridge.messages import render_request

    fields = {
        "show": "s", "operator": "clean", "plate": "/p.exr", "first_frame": 1, "last_frame": 2, "output": "/o.####.exr",
        "matte": "/m.exr", "clean_plate": "/c.exr", "from_take": "12A-1", "anchors": "1, 5-7",
    }  # fmt: skip
    asked = render_request(fields).clean
    assert (asked.clean_plate, asked.from_take) == ("/c.exr", "12A-1")
    assert [(each.first_frame, each.last_frame) for each in asked.anchors] == [(1, 1), (5, 7)]
    with pytest.raises(Refused, match="anchors"):
        render_request({**fields, "anchors": "one"})
