"""What was made once: made once, let go, and made again."""

from __future__ import annotations

import threading

from interneg.resident.kept import Kept


def test_things_are_made_once_and_let_go() -> None:
    kept, made = Kept[int, int](8), []
    for number in (1, 1, 2, 1):
        assert kept.get(number, lambda number=number: made.append(number) or number) == number
    assert made == [1, 2] and kept.has(2) and not kept.has(3)
    for number in range(10, 18):
        kept.get(number, lambda number=number: number)
    assert kept.get(1, lambda: 7) == 7, "it was let go, and is made again"


def test_an_error_is_everybodys_who_waits() -> None:
    kept, heard = Kept[int, int](8), []
    is_waited_for = threading.Event()

    def failing() -> int:
        is_waited_for.wait(5)
        raise ValueError("no")

    def ask() -> None:
        try:
            kept.get(3, failing)
        except ValueError as error:
            heard.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    is_waited_for.set()
    for thread in threads:
        thread.join()
    assert heard == ["no"] * 3
    assert kept.get(3, lambda: 4) == 4, "whoever asks next tries again"
