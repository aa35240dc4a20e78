"""What a relight costs and how it behaves on shots: knobs, flicker, layers, and networks that answer noise."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
import numpy.typing as npt

from bench.relight_sheet import Desk, moved_key
from interneg.errors import RestraintError
from interneg.light import AS_SHOT_REST, LightRig
from interneg.model.analysis import Analysis, analysed
from interneg.model.intrinsics import NORMAL
from interneg.operators.detail import fine_of, log_of_plate
from interneg.operators.motion import View, motion_between, sampled_at_working
from interneg.plates.colour import log_from_linear
from interneg.plates.exr import write_layers
from interneg.resident import lighting
from interneg.resident.light_layers import layers_of
from interneg.resident.shading import Lit, Mattes
from interneg.resident.weights import proxy_of

Pixels = npt.NDArray[np.float32]
Figures = dict[str, float]

SECOND = 25  # frames of a shot whose knobs are turned: as many as a frame is fused with
FRAMES = 6  # of a shot whose flicker is measured
ULPS = 2  # of half: as far as weighted layers may be from the beauty
WIDE_2K, HIGH_2K = 2048, 1152


def flicker(desk: Desk, plate: str, first: int) -> float:
    """How much more a relit shot changes along its motion, frame to frame, than the plate does: 1 is no flicker.

    Every pixel counts: among those that hardly change in the plate alone, a codec's still blocks would be all there is.
    """
    work = desk.relight(plate, first, moved_key(-60))
    own, ours = [], []
    try:
        pairs = []
        for frame in range(first, first + FRAMES):
            proxy = proxy_of(work.shot.frame(frame).plate.rgb, 640)
            pairs.append((proxy, work.lit(frame, proxy, None, Mattes(None, {})).rgb))
    finally:
        work.close()
    for (here, lit), (there, lit_there) in pairwise(pairs):
        flow = motion_between(_view(here), _view(there)).flow
        height, width = flow.shape[:2]
        stops = [_small(log_of_plate(one), (width, height)) for one in (here, there, lit, lit_there)]
        change = np.abs(sampled_at_working(stops[1], flow) - stops[0])
        kept = sampled_at_working(np.ones((height, width), np.float32), flow) > 0.999
        own.append(float(change[kept].mean()))
        ours.append(float(np.abs(sampled_at_working(stops[3], flow) - stops[2])[kept].mean()))
    return sum(ours) / max(sum(own), 1e-9)


def knob_at_2k(desk: Desk, folder: Path, plate: str, first: int) -> Figures:
    """Seconds of the processor for a first frame at 2K with its analysis, and for jobs that turn a knob after it.

    Of a shot of a second, and of one frame alone, which has the least to analyse.
    """
    source = desk.relight(plate, first, moved_key(-60))
    try:
        for frame in range(first, first + SECOND):
            large = cv2.resize(source.shot.frame(frame).plate.rgb, (WIDE_2K, HIGH_2K), interpolation=cv2.INTER_CUBIC)
            write_layers(folder / f"wide.{frame:04d}.exr", _planes(large))
            if frame == first:
                write_layers(folder / "still.exr", _planes(large))
    finally:
        source.close()
    figures: Figures = {}
    for name, path in (("second", folder / "wide.####.exr"), ("still", folder / "still.exr")):
        rigs = {"first_frame": moved_key(-60), "moved_lamp": moved_key(-50), "stops": moved_key(-50, -1.0)}
        took = {knob: _processor(desk, str(path), first if name == "second" else 1, rig) for knob, rig in rigs.items()}
        figures |= {f"{name}_2k_{knob}_seconds": seconds for knob, seconds in took.items()}
        figures[f"{name}_2k_knob_by_first"] = took["moved_lamp"] / took["first_frame"]
        figures[f"{name}_2k_stops_by_first"] = took["stops"] / took["first_frame"]
    return figures


def _processor(desk: Desk, plate: str, frame: int, rig: LightRig) -> float:
    """Seconds of the processor that a job takes for a frame, its reading included."""
    began = time.process_time()
    work = desk.relight(plate, frame, rig)
    try:
        work.answered(frame)
    finally:
        work.close()
    return time.process_time() - began


def layers_apart(desk: Desk, plate: str, first: int) -> float:
    """The share of pixels whose weighted layers, in half, are within two steps of the beauty, in half."""
    work = desk.relight(plate, first, moved_key(-60))
    try:
        rgb = proxy_of(work.shot.frame(first).plate.rgb, 640)
        lit = work.lit(first, rgb, None, Mattes(None, {}))
        layers = layers_of(rgb, lit, work.lighting.of_frame(first))
    finally:
        work.close()
    total = np.zeros(rgb.shape)
    for name in (AS_SHOT_REST, *lit.lights):
        layer = np.stack([layers[f"{name}.{axis}"] for axis in "RGB"], axis=-1).astype(np.float16)
        total += layer.astype(np.float64) * lit.weights[name]
    beauty = lit.rgb.astype(np.float16)
    step = np.spacing(np.abs(beauty)).astype(np.float64)
    return float((np.abs(total - beauty) <= ULPS * step).all(axis=-1).mean())


def hostile(desk: Desk, plates: list[tuple[str, int]]) -> Figures:
    """What comes of noise in place of the predicted normals: frames refused, and the detail kept in all others."""
    refused, kept = 0, [1.0]
    with _noisy():
        for plate, frame in plates:
            try:
                proxy, lit = desk.lit(plate, frame, moved_key(-60))
            except RestraintError:
                refused += 1
            else:
                kept.append(detail_kept(proxy, lit))
    return {"noise_refused": refused / max(len(plates), 1), "noise_least_detail_kept": min(kept)}


def detail_kept(plate: Pixels, lit: Lit) -> float:
    """The correlation of fine log-gradients of plate and relit, away from the edges of shadows."""
    judged = np.max([light.free for light in lit.lights.values()], axis=0) <= 0
    pairs = []
    for picture in (plate, lit.rgb):
        fine = fine_of(log_of_plate(picture))
        pairs.append(np.concatenate([np.asarray(np.gradient(fine, axis=axis))[judged] for axis in (0, 1)]))
    return float(np.corrcoef(pairs[0], pairs[1])[0, 1])


@contextmanager
def _noisy() -> Iterator[None]:
    """Every analysis with noise for normals."""
    rng = np.random.default_rng(0)

    def made(*asked: object) -> Analysis:
        found = analysed(*asked)  # type: ignore[arg-type]
        noise = rng.normal(size=(*found.small.shape[:2], 3)).astype(np.float32)
        maps = found.maps.copy()
        maps[..., NORMAL] = noise / np.linalg.norm(noise, axis=-1, keepdims=True)
        return replace(found, maps=maps)

    with mock.patch.object(lighting, "analysed", made):
        yield


def _view(plate: Pixels) -> View:
    nothing = np.zeros(plate.shape[:2], bool)
    return View(0, log_from_linear(plate), nothing, ~nothing)


def _small(plane: Pixels, size: tuple[int, int]) -> Pixels:
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _planes(picture: Pixels) -> dict[str, Pixels]:
    return {axis: np.ascontiguousarray(picture[..., at], np.float32) for at, axis in enumerate("RGB")}
