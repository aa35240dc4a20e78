"""What a clean leaves to be learnt from: the frames that it delivered, and no others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from interneg.errors import CancelledJobError
from interneg.plates.frames import FrameRange
from interneg.production.store import Store
from interneg.resident.events import FrameDelivered, FrameFailed, JobAccepted, JobProgress, JobReport
from interneg.resident.job import Job
from interneg.resident.scheduler import Control, JobTitle, _record_from_title
from interneg.resident.wish import CleanWish, RenderWish
from interneg.service.learning import noting, runs


@dataclass
class Ended:
    """A clean that ends with those events, or that is cancelled after them."""

    events: tuple[JobReport, ...]
    is_cancelled: bool = False
    model: str = "base"
    notices: tuple[str, ...] = ()

    def run(self, control: Control) -> None:
        for event in self.events:
            control.report(event)
        if self.is_cancelled:
            raise CancelledJobError("cancelled")


def delivered(frame: int) -> FrameDelivered:
    return FrameDelivered(frame, f"out.{frame}.exr", 0, 0, 0)


def remembered(folder: Path, ended: Ended) -> tuple[list[tuple[int, int]], list[JobReport]]:
    """The runs of frames that are remembered of that clean, and what its watchers heard."""
    store = Store(folder)
    store.create("show")
    wish = RenderWish("show", "/a.####.exr", FrameRange(1, 9), "/out.####.exr", CleanWish("/m.####.exr"))
    heard: list[JobReport] = []
    control = Control(
        Job(JobAccepted(_record_from_title(JobTitle("clean", "show"), "clean-1"), "base")),
        lambda job: None,
        lambda job, event: heard.append(event),
    )
    try:
        noting(store, wish, ended)(control)
    except CancelledJobError:
        assert ended.is_cancelled
    shots = store.open("show").cleaned_shots()
    assert all((shot.plate, shot.matte) == ("/a.####.exr", "/m.####.exr") for shot in shots)
    return [(shot.first_frame, shot.last_frame) for shot in shots], heard


def test_frames_that_failed_are_no_truth(tmp_path: Path) -> None:
    events = (JobProgress(0.1, ""), delivered(2), FrameFailed(3, "no matte"), delivered(5), delivered(4))
    found, heard = remembered(tmp_path, Ended(events))
    assert found == [(2, 2), (4, 5)]
    assert heard == list(events), "who watches still hears of everything"


@pytest.mark.parametrize(
    "ended", [Ended((FrameFailed(1, "no matte"), FrameFailed(2, "no matte"))), Ended((delivered(1),), True), Ended(())]
)
def test_a_clean_that_delivered_nothing_or_was_cancelled_teaches_nothing(tmp_path: Path, ended: Ended) -> None:
    assert remembered(tmp_path, ended)[0] == []


def test_runs_are_unbroken() -> None:
    assert runs([]) == []
    assert runs([3, 1, 2, 7, 2]) == [(1, 3), (7, 7)]
