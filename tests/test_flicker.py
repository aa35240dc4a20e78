"""The measure of flicker: what moves with the picture is none, what changes in the matte by itself is."""

from __future__ import annotations

import numpy as np
import pytest
from bench.flicker import flow_of, line_of, warp_errors, warped

from synthetic import panned, wire_of


def shot() -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Two frames of a pan, the flow between them, and the matte where it is known."""
    frames = [np.clip(frame, 0, 1).astype(np.float32) for frame in panned(2, 96, 128)]
    flow, kept = flow_of(*frames)
    return frames, flow, (wire_of(96, 128) > 0) & kept


def test_the_true_plate_has_a_ratio_of_one() -> None:
    frames, flow, inside = shot()
    assert inside.sum() > 100
    errors = warp_errors(dict.fromkeys(("truth", "alone", "delivered", "telea", "ns"), frames), [flow], [inside])
    line = line_of("pan", errors)
    assert line.ratio == dict.fromkeys(("alone", "delivered", "telea", "ns"), 1.0) and line.pairs == 1


def test_flow_follows_a_pan() -> None:
    frames, flow, inside = shot()
    still = warp_errors({"truth": frames}, [np.zeros_like(flow)], [inside])["truth"][0]
    followed = warp_errors({"truth": frames}, [flow], [inside])["truth"][0]
    assert followed < 0.3 * still
    assert np.abs(warped(frames[1], flow) - frames[0])[inside].mean() < 0.03


@pytest.mark.parametrize("outside", [False, True])
def test_what_jumps_in_the_matte_counts_and_nothing_else(outside: bool) -> None:
    frames, flow, inside = shot()
    where = ~(wire_of(96, 128) > 0) if outside else wire_of(96, 128) > 0
    jumping = [frames[0] + 0.2 * where[..., None].astype(np.float32), frames[1]]
    errors = warp_errors({"truth": frames, "ours": jumping}, [flow], [inside])
    assert (errors["ours"][0] > 2 * errors["truth"][0]) is not outside


def test_a_frame_shown_twice_tells_nothing() -> None:
    errors = {name: [1e-8, 4e-4] for name in ("alone", "delivered", "telea", "ns")}
    line = line_of("pulldown", {**errors, "truth": [1e-10, 4e-4]})
    assert line.pairs == 1 and line.ratio["alone"] == 1.0
    assert line_of("still", {**errors, "truth": [0.0, 1e-9]}).ratio == {}
