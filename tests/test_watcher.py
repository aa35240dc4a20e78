import queue
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from demo.plates import write_plate

from interneg.errors import NotFoundError
from interneg.resident.watcher import Settling, Signature, Watcher, probes

SETTLE_SECONDS = 0.2
PATIENCE_SECONDS = 20.0
QUIET_SECONDS = 4 * SETTLE_SECONDS


def signed(size: int) -> Signature:
    return (("a.mov", size, 1),)


def test_a_file_settles_once_it_has_been_quiet() -> None:
    settling = Settling(2.0, lambda _: True)
    assert not settling.look("/a.mov", signed(1), 0.0)
    assert not settling.look("/a.mov", signed(1), 1.9)
    assert not settling.look("/a.mov", signed(2), 2.1)
    assert not settling.look("/a.mov", signed(2), 4.0)
    assert settling.is_pending("/a.mov")
    assert settling.look("/a.mov", signed(2), 4.2)
    assert not settling.is_pending("/a.mov")


def test_what_was_offered_is_offered_again_only_after_a_change() -> None:
    settling = Settling(1.0, lambda _: True)
    looks = [settling.look("/a.mov", signed(size), now) for now, size in enumerate([1, 1, 1, 1, 2, 2, 2])]
    assert looks == [False, True, False, False, False, True, False]


def test_a_file_that_went_and_came_back_is_new() -> None:
    settling = Settling(1.0, lambda _: True)
    settling.look("/a.mov", signed(1), 0.0)
    assert settling.look("/a.mov", signed(1), 1.0)
    settling.forget_all_but(Path("/other"), set())
    assert not settling.look("/a.mov", signed(1), 2.0)
    settling.forget_all_but(Path("/"), set())
    settling.look("/a.mov", signed(1), 3.0)
    assert settling.look("/a.mov", signed(1), 4.0)


def test_a_stalled_copy_waits_and_a_bad_file_is_offered_in_the_end() -> None:
    asked: list[Path] = []

    def never_whole(path: Path) -> bool:
        asked.append(path)
        return False

    settling = Settling(1.0, never_whole)
    looks = [settling.look("/a.mov", signed(1), tick / 4) for tick in range(44)]
    assert looks.index(True) == 40
    assert len(asked) == 9


def test_a_stalled_copy_is_offered_when_it_is_whole() -> None:
    whole = iter([False, False, True])
    settling = Settling(1.0, lambda _: next(whole))
    assert [settling.look("/a.mov", signed(1), now) for now in range(5)] == [False, False, False, True, False]


class Offered:
    """What a watch offers, as it comes."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Path] = queue.Queue()

    def __call__(self, path: Path) -> None:
        self._queue.put(path)

    def next(self) -> Path:
        return self._queue.get(timeout=PATIENCE_SECONDS)

    def is_quiet(self) -> bool:
        try:
            self._queue.get(timeout=QUIET_SECONDS)
        except queue.Empty:
            return True
        return False


@pytest.fixture
def dailies(tmp_path: Path) -> Path:
    (tmp_path / "dailies").mkdir()
    return tmp_path / "dailies"


@pytest.fixture
def offered() -> Offered:
    return Offered()


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    with Watcher(looks_whole=lambda _: True) as watcher:
        yield watcher


@pytest.fixture
def exr_file(tmp_path: Path) -> Path:
    write_plate(tmp_path / "made" / "plate.exr", np.full((4, 6, 3), 0.5, np.float32))
    return tmp_path / "made" / "plate.exr"


def test_a_file_being_copied_is_offered_once_and_whole(dailies: Path, watcher: Watcher, offered: Offered) -> None:
    watcher.watch(dailies, SETTLE_SECONDS, offered)
    with (dailies / "a.mov").open("wb", buffering=0) as file:
        for _ in range(10):
            file.write(b"x" * 1000)
            time.sleep(SETTLE_SECONDS / 3)
            assert offered._queue.empty()
    assert offered.next() == dailies / "a.mov"
    assert offered.is_quiet()


def test_what_lies_there_already_is_offered(dailies: Path, watcher: Watcher, offered: Offered) -> None:
    (dailies / "day 1").mkdir()
    (dailies / "day 1" / "a.mov").write_bytes(b"x")
    watcher.watch(dailies, SETTLE_SECONDS, offered)
    assert offered.next() == dailies / "day 1" / "a.mov"


def test_a_sequence_settles_as_a_whole(dailies: Path, watcher: Watcher, offered: Offered, exr_file: Path) -> None:
    watcher.watch(dailies, SETTLE_SECONDS, offered)
    for frame in range(1001, 1009):
        shutil.copy(exr_file, dailies / f"plate.{frame}.exr")
        time.sleep(SETTLE_SECONDS / 3)
    assert offered.next() == dailies / "plate.####.exr"
    assert offered.is_quiet()


@pytest.mark.parametrize("temporary", [".a.mov.x7f.tmp", "a.mov.part", "a.mov.tmp"])
def test_a_rename_into_place_is_seen_and_its_temporary_is_not(
    dailies: Path, watcher: Watcher, offered: Offered, temporary: str
) -> None:
    watcher.watch(dailies, SETTLE_SECONDS, offered)
    (dailies / temporary).write_bytes(b"x")
    assert offered.is_quiet()
    (dailies / temporary).rename(dailies / "a.mov")
    assert offered.next() == dailies / "a.mov"


def test_a_folder_moved_in_whole_is_seen(dailies: Path, watcher: Watcher, offered: Offered, tmp_path: Path) -> None:
    card = tmp_path / "card" / "clips"
    card.mkdir(parents=True)
    (card / "a.mov").write_bytes(b"x")
    watcher.watch(dailies, SETTLE_SECONDS, offered)
    assert offered.is_quiet()
    (tmp_path / "card").rename(dailies / "card")
    assert offered.next() == dailies / "card" / "clips" / "a.mov"


def test_hidden_folders_and_other_files_are_passed_over(dailies: Path, watcher: Watcher, offered: Offered) -> None:
    watcher.watch(dailies, SETTLE_SECONDS, offered)
    (dailies / ".trash").mkdir()
    for name in (".trash/a.mov", "notes.txt", "sound.wav", ".DS_Store"):
        (dailies / name).write_bytes(b"x")
    assert offered.is_quiet()


def test_a_file_written_anew_is_offered_again(dailies: Path, watcher: Watcher, offered: Offered) -> None:
    watcher.watch(dailies, SETTLE_SECONDS, offered)
    (dailies / "a.mov").write_bytes(b"x")
    offered.next()
    (dailies / "a.mov").write_bytes(b"xy")
    assert offered.next() == dailies / "a.mov"


def test_disks_that_tell_nothing_are_looked_through(
    dailies: Path, offered: Offered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interneg.resident.watcher._observer", lambda *_: None)
    with Watcher(looks_whole=lambda _: True, rescan_seconds=0.2) as watcher:
        watcher.watch(dailies, SETTLE_SECONDS, offered)
        assert offered.is_quiet()
        (dailies / "a.mov").write_bytes(b"x")
        assert offered.next() == dailies / "a.mov"


def test_a_stopped_watch_offers_nothing_more(dailies: Path, watcher: Watcher, offered: Offered) -> None:
    others = Offered()
    handle = watcher.watch(dailies, SETTLE_SECONDS, offered)
    watcher.watch(dailies, SETTLE_SECONDS, others)
    handle.stop()
    handle.stop()
    assert not handle.is_running
    (dailies / "a.mov").write_bytes(b"x")
    assert others.next() == dailies / "a.mov"
    assert offered.is_quiet()


def test_a_watch_may_be_stopped_from_within(dailies: Path, watcher: Watcher) -> None:
    stopped = threading.Event()

    def stop(_: Path) -> None:
        handle.stop()
        stopped.set()

    handle = watcher.watch(dailies, SETTLE_SECONDS, stop)
    (dailies / "a.mov").write_bytes(b"x")
    assert stopped.wait(PATIENCE_SECONDS)


def test_a_folder_that_is_not_there_is_refused(watcher: Watcher, tmp_path: Path, offered: Offered) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        watcher.watch(tmp_path / "nowhere", SETTLE_SECONDS, offered)


def test_a_half_copied_plate_does_not_probe(exr_file: Path) -> None:
    assert probes(exr_file)
    exr_file.write_bytes(exr_file.read_bytes()[:100])
    assert not probes(exr_file)
    assert not probes(exr_file.with_name("gone.mov"))
