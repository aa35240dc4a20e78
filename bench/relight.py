"""Relights of rendered scenes against their truth, knobs against first frames, and the flicker of a locked-off shot."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from bench.relight_sheet import SHOTS, Desk, moved_key
from interneg.light import OFF_STOPS, AsShot, Lamp, LightRig, Track
from interneg.operators.relight import fine_of, log_of_plate
from interneg.plates.exr import write_layers
from interneg.plates.frames import FrameRange
from interneg.resident.matching import matched
from interneg.resident.shading import Mattes
from interneg.resident.weights import proxy_of
from interneg.resident.wish import RelightWish, RenderWish
from interneg.settings import load_settings
from interneg.soundstage.archive import Stage, StagedScene
from interneg.soundstage.teaching.baselines import best_single_gain
from interneg.soundstage.teaching.measures import psnr, tone
from interneg.soundstage.teaching.score_light import Swap, swaps

Pixels = npt.NDArray[np.float32]
Figures = dict[str, float]

ROOT = Path(__file__).resolve().parents[1]
HELD_OUT, OF = 7, 8  # scenes whose seed leaves that, which the base never learns from
BRIGHT, EXPOSED = 0.9, 0.35  # the plate's ninetieth percentile lies there when it is judged
FRAMES = 6  # of the locked-off shot


def main() -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(prog="bench.relight", description=__doc__)
    parser.add_argument("stage", type=Path, help="a rendered stage")
    parser.add_argument("--scenes", type=int, default=6, help="how many held-out scenes")
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--out", type=Path, help="the JSON to write")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    folders = [folder for folder in Stage(asked.stage).scenes() if int(folder.name) % OF == HELD_OUT][: asked.scenes]
    with tempfile.TemporaryDirectory() as home:
        desk = Desk.at(Path(home) / "home")
        lines = [line for folder in folders for line in _of_scene(desk, Path(home), StagedScene.open(folder))]
        shot = asked.footage / SHOTS["coffee"][0]
        on_footage = _of_shot(desk, str(shot)) if shot.exists() else {}
    figures = {name: statistics.mean(line[name] for line in lines) for name in lines[0]} | on_footage
    for name, value in figures.items():
        sys.stdout.write(f"{name}: {value:.3f}\n")
    path = asked.out or ROOT / "bench" / "results" / f"relight-{time.strftime('%Y-%m-%d')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)  # noqa: S607
    said = {"commit": commit.stdout.strip(), "scenes": [folder.name for folder in folders], "figures": figures}
    path.write_text(json.dumps({**said, "each": lines}, indent=1) + "\n")
    return 0


def _of_scene(desk: Desk, folder: Path, scene: StagedScene) -> Iterator[Figures]:
    """The figures of each swap of the dominant lamp of a scene."""
    for index, swap in enumerate(swaps(scene)):
        exposed = np.float32(EXPOSED / max(float(np.quantile(swap.plate, BRIGHT)), 1e-6))
        paths = [folder / f"{scene.seed}-{index}-{name}.1.exr" for name in ("plate", "target")]
        for path, picture in zip(paths, (swap.plate * exposed, swap.target * exposed), strict=True):
            write_layers(path, {axis: np.ascontiguousarray(picture[..., at]) for at, axis in enumerate("RGB")})
        yield _relit(desk, str(paths[0]), swap, exposed) | _matched(desk, paths)


def _relit(desk: Desk, path: str, swap: Swap, exposed: np.float32) -> Figures:
    """How near a relight comes to the truth, and how much of the plate's detail it keeps."""
    work = desk.relight(path, 1, _rig_of(swap))
    try:
        plate = work.shot.frame(1).plate.rgb
        lit = work.lit(1, plate, None, Mattes(None, {}))
    finally:
        work.close()
    truth = tone(swap.target * exposed)
    alone = best_single_gain(plate, np.asarray(swap.target * exposed, np.float32), 1.0)
    free = np.max([light.free for light in lit.lights.values()], axis=0) > 0
    ours, theirs = psnr(tone(lit.rgb), truth), psnr(tone(alone), truth)
    return {"relit_db": ours, "over_the_oracle_gain_db": ours - theirs, "detail_kept": _alike(plate, lit.rgb, ~free)}


def _rig_of(swap: Swap) -> LightRig:
    """The rig that was swapped to, as an artist says it: the as-shot key out, the other lamp in its colour and tint."""
    x, y, z = swap.direction
    azimuth, elevation = np.degrees(np.arctan2(x, z)), np.degrees(np.arcsin(np.clip(y, -1, 1)))
    stops = float(np.log2(swap.tint.mean()))
    lamp = Lamp(
        "key",
        Track.of(float(azimuth)),
        Track.of(float(elevation)),
        Track.of(stops),
        angular_diameter_degrees=Track.of(swap.angular_diameter_degrees),
    )
    return LightRig(AsShot(Track.of(OFF_STOPS)), AsShot(), (lamp,))


def _matched(desk: Desk, paths: list[Path]) -> Figures:
    settings = load_settings(home=desk.home, device="cpu")
    wishes = [RenderWish("bench", str(path), FrameRange(1, 1), "", RelightWish(LightRig())) for path in paths]
    found = matched(wishes[0], wishes[1], desk.engine, settings)
    return {
        "match_before_stops": found.before_stops,
        "match_after_stops": found.after_stops,
        "match_after_by_before": found.after_stops / max(found.before_stops, 1e-6),
    }


def _of_shot(desk: Desk, plate: str) -> Figures:
    """Seconds of the processor for a first frame and for a knob after it; flicker against the plate's own."""
    first = SHOTS["coffee"][1]
    began = time.process_time()
    desk.lit(plate, first, moved_key(-60))
    analysed = time.process_time()
    desk.lit(plate, first, moved_key(-50))
    turned = time.process_time()
    work = desk.relight(plate, first, moved_key(-60))
    logs: list[tuple[Pixels, Pixels]] = []
    try:
        for frame in range(first, first + FRAMES):
            proxy = proxy_of(work.shot.frame(frame).plate.rgb, 640)
            lit = work.lit(frame, proxy, None, Mattes(None, {}))
            logs.append((log_of_plate(proxy), log_of_plate(lit.rgb)))
    finally:
        work.close()
    own, ours = (_flicker([pair[index] for pair in logs]) for index in (0, 1))
    return {
        "first_frame_seconds": analysed - began,
        "knob_seconds": turned - analysed,
        "knob_by_first": (turned - analysed) / (analysed - began),
        "flicker_by_the_plates": ours / own,
    }


def _flicker(logs: list[Pixels]) -> float:
    """The mean change of a pixel between frames, in stops; of a codec's still blocks the median is 0."""
    return float(np.abs(np.diff(np.stack(logs), axis=0)).mean())


def _alike(plate: Pixels, lit: Pixels, judged: npt.NDArray[np.bool_]) -> float:
    """The correlation of fine log-gradients of plate and relit where it is judged."""
    pairs = []
    for picture in (plate, lit):
        fine = fine_of(log_of_plate(picture))
        pairs.append(np.concatenate([np.asarray(np.gradient(fine, axis=axis))[judged] for axis in (0, 1)]))
    return float(np.corrcoef(pairs[0], pairs[1])[0, 1])


if __name__ == "__main__":
    sys.exit(main())
