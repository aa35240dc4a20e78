"""How a job looks while it runs: how long it takes stands beside how far it is."""

from __future__ import annotations

import pytest

from interneg.commands.tally import Tally
from interneg.commands.views import LineView, left_said
from interneg_proto.v1 import job_pb2


@pytest.mark.parametrize(
    ("seconds", "said"), [(-1, ""), (0, ", 0 s left"), (59.4, ", 59 s left"), (130, ", 2 min 10 s left")]
)
def test_what_is_left_is_said_where_it_is_known(seconds: float, said: str) -> None:
    assert left_said(seconds) == said


def test_a_line_says_how_far_it_is_and_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    event = job_pb2.JobEvent(progress={"fraction": 0.25, "message": "learning fill", "remaining_seconds": 450})
    LineView().show(event, Tally("learn"))
    assert capsys.readouterr().err == " 25% learning fill, 7 min 30 s left\n"
