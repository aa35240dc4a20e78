import dataclasses
import multiprocessing
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from interneg.errors import AlreadyExistsError, NotFoundError, ProductionError, RequestError
from interneg.production.index import CleanedShot
from interneg.production.slate import Slate, Take
from interneg.production.store import Production, Store

GOLDEN = Path(__file__).parent / "golden"


def a_take(take_id: str = "f00d", path: str = "/dailies/sc12_tk03.mov", **changes: object) -> Take:
    take = Take(
        take_id, path, Slate("12", "03", "A"), "prores", 1, 240, 240, 23.976, 1920, 1080, "ACEScg", "01:00:00:00"
    )
    return dataclasses.replace(take, **changes)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home" / "productions")


@pytest.fixture
def alpha(store: Store) -> Production:
    return store.create("alpha")


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def write_model(production: Production, text: str = "weights") -> str:
    version = production.new_version()
    with production.writing_model(version) as folder:
        (folder / "fill.safetensors").write_text(text)
    return version


def test_a_production_is_made_found_and_deleted(store: Store) -> None:
    assert store.names() == ()
    made = store.create("beta")
    store.create("alpha")
    assert store.names() == ("alpha", "beta")
    assert store.open("beta") == made
    assert (made.show, made.schema_version, made.takes(), made.circled()) == ("beta", 1, (), None)
    store.delete("beta")
    assert store.names() == ("alpha",)
    assert names_in(store.folder) == ["alpha"]


def test_creating_twice_leaves_the_first_as_it_is(store: Store, alpha: Production) -> None:
    alpha.add_take(a_take())
    with pytest.raises(AlreadyExistsError, match="alpha"):
        store.create("alpha")
    assert store.open("alpha").takes() == (a_take(),)
    assert store.open("alpha").created_unix_seconds == alpha.created_unix_seconds


def test_two_at_once_create_only_one(store: Store) -> None:
    said: list[str] = []
    barrier = threading.Barrier(8)

    def create() -> None:
        barrier.wait()
        try:
            store.create("alpha")
            said.append("made")
        except AlreadyExistsError:
            said.append("there")

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["made"] + ["there"] * 7


def test_a_show_toml_may_lie_there_first(store: Store) -> None:
    (store.folder / "alpha").mkdir(parents=True)
    (store.folder / "alpha" / "show.toml").write_text("settle_seconds = 3\n")
    assert store.names() == ()
    store.create("alpha")
    assert (store.folder / "alpha" / "show.toml").read_text() == "settle_seconds = 3\n"


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..", "a b", "a\n", "x" * 65, "Ünder", "a\0"])
@pytest.mark.parametrize("verb", ["create", "open", "delete"])
def test_names_that_do_not_do_are_refused(store: Store, verb: str, name: str) -> None:
    with pytest.raises(RequestError, match="name"):
        getattr(store, verb)(name)
    assert not store.folder.exists()


@pytest.mark.parametrize("name", ["a", "A-1_b.c", "x" * 64, "007"])
def test_names_that_do(store: Store, name: str) -> None:
    assert store.create(name).folder == store.folder / name


@pytest.mark.parametrize("verb", ["open", "delete"])
def test_a_missing_show_names_those_near_it(store: Store, alpha: Production, verb: str) -> None:
    with pytest.raises(NotFoundError, match="did you mean alpha"):
        getattr(store, verb)("alhpa")
    with pytest.raises(NotFoundError, match="production create zulu"):
        getattr(store, verb)("zulu")


def test_a_take_comes_back_as_it_was(alpha: Production) -> None:
    take = a_take(reel="R1", camera="Alexa", lens="32 mm", first_frame=-5, fps=24.0)
    assert alpha.add_take(take)
    assert alpha.takes() == (take,)
    assert alpha.take("f00d") == take
    assert alpha.take("beef") is None


def test_a_take_is_added_once(alpha: Production) -> None:
    assert alpha.add_take(a_take())
    assert not alpha.add_take(a_take(path="/elsewhere/copy.mov"))
    assert alpha.takes() == (a_take(),)


def test_takes_come_by_slate_and_path(alpha: Production) -> None:
    loose = a_take("1", "/z.mov", slate=Slate())
    second = a_take("2", "/a.mov", slate=Slate("12", "2"))
    first = a_take("3", "/b.mov", slate=Slate("12", "1"))
    for take in (second, first, loose):
        alpha.add_take(take)
    assert alpha.takes() == (loose, first, second)


def test_new_content_at_an_old_path_replaces_the_take(alpha: Production) -> None:
    alpha.add_take(a_take("1"))
    alpha.add_take(a_take("2", "/dailies/still.0001.exr"))
    assert alpha.add_take(a_take("3", frames=300), instead_of=["/dailies/still.0001.exr"])
    assert [take.id for take in alpha.takes()] == ["3"]


def test_a_take_that_moved_is_found_again(alpha: Production) -> None:
    alpha.add_take(a_take())
    moved = a_take(path="/archive/sc12_tk03.mov")
    alpha.relink_take(moved)
    assert alpha.takes() == (moved,)


def _add_takes(folder: Path, first: int) -> None:
    production = Store(folder).open("alpha")
    for number in range(first, first + 20):
        production.add_take(a_take(str(number), f"/{number}.mov"))


def test_processes_may_share_a_production(store: Store, alpha: Production) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_add_takes, args=(store.folder, first)) for first in (0, 10)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert len(alpha.takes()) == 30


def test_a_killed_ingest_leaves_whole_takes(store: Store, alpha: Production) -> None:
    alpha.add_take(a_take("kept"))
    crash = (
        "import os, sys, pathlib; sys.path.insert(0, sys.argv[2])\n"
        "from interneg.production import index\n"
        "from test_store import a_take\n"
        "with index.writing(pathlib.Path(sys.argv[1])) as connection:\n"
        "    index.put_take(connection, a_take('half', '/half.mov'), ())\n"
        "    os._exit(9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", crash, str(alpha.folder), str(Path(__file__).parent)], check=False)
    assert ended.returncode == 9
    assert [take.id for take in store.open("alpha").takes()] == ["kept"]


def test_an_interrupted_create_can_be_done_again(store: Store) -> None:
    folder = store.folder / "alpha"
    folder.mkdir(parents=True)
    (folder / "index.sqlite").touch()
    assert store.names() == ()
    with pytest.raises(NotFoundError):
        store.open("alpha")
    assert store.create("alpha").takes() == ()


def test_an_interrupted_delete_is_finished_by_the_next_request(store: Store, alpha: Production) -> None:
    alpha.folder.rename(store.folder / ".alpha.0a1b2c3d.tmp")
    assert store.names() == ()
    store.create("alpha")
    assert names_in(store.folder) == ["alpha"]


def test_versions_are_never_given_twice(alpha: Production) -> None:
    assert write_model(alpha) == "v001"
    assert alpha.new_version() == "v002"
    assert write_model(alpha) == "v003"
    assert alpha.versions() == ("v001", "v003")
    assert (alpha.model_folder("v003") / "fill.safetensors").read_text() == "weights"


def test_the_thousandth_version_follows_its_forerunners(alpha: Production) -> None:
    for version in ("v1000", "v999", "v002"):
        alpha.model_folder(version).mkdir(parents=True)
    assert alpha.versions() == ("v002", "v999", "v1000")


def test_a_model_that_failed_leaves_nothing(alpha: Production) -> None:
    version = alpha.new_version()
    with pytest.raises(ZeroDivisionError), alpha.writing_model(version) as folder:
        (folder / "fill.safetensors").write_text("half")
        raise ZeroDivisionError
    assert alpha.versions() == ()
    assert names_in(alpha.folder / "models") == []


def test_a_model_is_never_written_over(alpha: Production) -> None:
    version = write_model(alpha, "first")
    with pytest.raises(AlreadyExistsError, match="v001"), alpha.writing_model(version) as folder:
        (folder / "fill.safetensors").write_text("second")
    assert (alpha.model_folder(version) / "fill.safetensors").read_text() == "first"


def test_what_a_killed_learn_job_left_goes_with_the_next(alpha: Production) -> None:
    left = alpha.folder / "models" / ".v001.deadbeef.tmp"
    left.mkdir(parents=True)
    (left / "fill.safetensors").touch()
    assert alpha.versions() == ()
    alpha.new_version()
    assert not left.exists()


def test_circling_takes_a_version_into_use(alpha: Production) -> None:
    first, second = write_model(alpha), write_model(alpha)
    alpha.record_verdict(first, True, {"candidate_db": 31.5, "classical_db": 30.25})
    alpha.record_verdict(second, False, {"candidate_db": 29.0})
    assert alpha.circled() == first
    assert [(review.version, review.circled, review.figures) for review in alpha.history()] == [
        (first, True, {"candidate_db": 31.5, "classical_db": 30.25}),
        (second, False, {"candidate_db": 29.0}),
    ]
    alpha.circle(second)
    assert alpha.circled() == second


def test_only_a_model_on_disk_can_be_circled(alpha: Production) -> None:
    write_model(alpha)
    with pytest.raises(NotFoundError, match="v001"):
        alpha.circle("v007")
    with pytest.raises(NotFoundError, match="v001"):
        alpha.record_verdict("v007", True, {})
    assert alpha.circled() is None
    assert alpha.history() == ()


@pytest.mark.parametrize("version", ["", "7", "v1", "../v001", "classical", "v001\n"])
def test_a_version_that_is_none_is_refused(alpha: Production, version: str) -> None:
    with pytest.raises(RequestError, match="version"):
        alpha.model_folder(version)


def test_a_production_deleted_meanwhile_says_so(store: Store, alpha: Production) -> None:
    store.delete("alpha")
    with pytest.raises(NotFoundError, match="alpha"):
        alpha.add_take(a_take())
    assert not alpha.folder.exists()


def test_a_newer_schema_is_refused(store: Store, alpha: Production) -> None:
    connection = sqlite3.connect(alpha.folder / "index.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ProductionError, match=r"99.*update"):
        store.open("alpha")
    assert store.names() == ("alpha",)


def test_a_damaged_index_is_told(store: Store, alpha: Production) -> None:
    (alpha.folder / "index.sqlite").write_bytes(b"not an index" * 1000)
    with pytest.raises(ProductionError, match="alpha"):
        store.open("alpha")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(ProductionError, match="alpha"):
        Store(tmp_path / "home").create("alpha")


def test_a_production_of_schema_1_opens_for_ever(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN / "production_schema_1", tmp_path / "golden")
    production = Store(tmp_path).open("golden")
    assert production.schema_version == 1
    assert production.created_unix_seconds == 1_700_000_000.0
    assert production.takes() == (a_take(reel="R1", camera="Alexa", lens="32 mm"),)
    assert (production.circled(), production.versions()) == ("v001", ("v001",))
    assert [(review.circled, review.figures) for review in production.history()] == [(True, {"candidate_db": 31.5})]
    assert production.add_take(a_take("beef", "/other.mov"))
    assert production.new_version() == "v002"


def test_shots_that_were_cleaned_are_remembered_once_each(store: Store) -> None:
    alpha = store.create("alpha")
    assert alpha.cleaned_shots() == (), "no table is there before the first"
    shot = CleanedShot("/plates/a.####.exr", "ACEScg", "/mattes/a.####.exr", "A", 1001, 1010)
    alpha.note_cleaned(shot)
    alpha.note_cleaned(dataclasses.replace(shot, first_frame=1005, last_frame=1020))
    alpha.note_cleaned(dataclasses.replace(shot, matte="/mattes/b.####.exr"))
    assert alpha.cleaned_shots() == (
        dataclasses.replace(shot, last_frame=1020),
        dataclasses.replace(shot, matte="/mattes/b.####.exr"),
    )


def test_frames_between_two_cleaned_runs_are_not_cleaned(store: Store) -> None:
    alpha = store.create("alpha")
    shot = CleanedShot("/plates/a.####.exr", "ACEScg", "/mattes/a.####.exr", "A", 1001, 1003)
    later = dataclasses.replace(shot, first_frame=1007, last_frame=1009)
    for run in (later, shot, later):
        alpha.note_cleaned(run)
    assert alpha.cleaned_shots() == (shot, later)
    alpha.note_cleaned(dataclasses.replace(shot, first_frame=1004, last_frame=1006))
    assert alpha.cleaned_shots() == (dataclasses.replace(shot, last_frame=1009),)
