"""Relights of rendered scenes against their truth and a Lambert pass, and how relights of real shots behave."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import numpy.typing as npt
import torch

from bench.relight_sheet import SHOTS, Desk
from bench.relight_shots import detail_kept, flicker, hostile, knob_at_2k, layers_apart
from interneg.light import OFF_STOPS, AsShot, Lamp, LightRig, Track
from interneg.model.intrinsics import ALBEDO, NORMAL
from interneg.plates.exr import write_layers
from interneg.plates.frames import FrameRange
from interneg.resident.known_light import KnownLight
from interneg.resident.lighting import Lighting, Vector
from interneg.resident.matching import matched
from interneg.resident.shading import Mattes
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
LEAST_FACING, DARKEST = 2.0**-6, 2.0**-8  # what a Lambert pass leaves of a lamp behind, and the darkest it divides by
ON_FOOTAGE = {
    "locked_off": SHOTS["coffee"],
    "tripod": SHOTS["juggle"],
    "moving": SHOTS["city"],
    "handheld": ("moving_dog_phone/VID_20191220_170832.mp4", 10),
}


def main() -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(prog="bench.relight", description=__doc__)
    parser.add_argument("stage", type=Path, help="a rendered stage")
    parser.add_argument("--scenes", type=int, default=6, help="how many held-out scenes")
    parser.add_argument(
        "--kinds", default="", help="only sets of these kinds, as market,beach; for a base not taught on them"
    )
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--out", type=Path, help="the JSON to write")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    folders = _held_out(asked.stage, set(filter(None, asked.kinds.split(","))))[: asked.scenes]
    with tempfile.TemporaryDirectory() as home:
        desk = Desk.at(Path(home) / "home")
        lines = [line for folder in folders for line in _of_scene(desk, Path(home), StagedScene.open(folder))]
        figures = {name: statistics.mean(line[name] for line in lines) for name in lines[0]} if lines else {}
        _tell(figures)
        for found in _of_footage(desk, Path(home), asked.footage):
            _tell(found)
            figures |= found
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
        with mock.patch.object(work.lighting, "gain_of", _lambert(work.lighting)):
            lambert = replace(work, known=KnownLight()).lit(1, plate, None, Mattes(None, {}))
    finally:
        work.close()
    truth = tone(swap.target * exposed)
    alone = best_single_gain(plate, np.asarray(swap.target * exposed, np.float32), 1.0)
    ours, passed, theirs = (psnr(tone(one), truth) for one in (lit.rgb, lambert.rgb, alone))
    return {
        "relit_db": ours,
        "over_the_oracle_gain_db": ours - theirs,
        "over_a_lambert_pass_db": ours - passed,
        "detail_kept": detail_kept(plate, lit),
    }


def _lambert(lighting: Lighting) -> Callable[[int, Vector, float], Pixels]:
    """What a Lambert pass with the same normals, albedo and split gives in place of the learnt gain."""

    def gain_of(number: int, direction: Vector, _: float) -> Pixels:
        seen = lighting.of_frame(number)
        facing = np.maximum(seen.maps[..., NORMAL] @ np.asarray(direction, np.float32), LEAST_FACING)
        light = np.exp2(seen.maps[..., ALBEDO]) * facing[..., None]
        return np.asarray(np.log2(light / np.maximum(seen.small, DARKEST * float(seen.small.mean()))), np.float32)

    return gain_of


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


def _of_footage(desk: Desk, folder: Path, footage: Path) -> Iterator[Figures]:
    """The figures of real shots, those that are there, one measure after the other."""
    found = {
        name: (str(footage / path), frame) for name, (path, frame) in ON_FOOTAGE.items() if (footage / path).exists()
    }
    for name, shot in found.items():
        yield {f"flicker_{name}_by_the_plates": flicker(desk, *shot)}
    if "locked_off" in found:
        yield {"layers_add_up": layers_apart(desk, *found["locked_off"])}
        yield knob_at_2k(desk, folder, *found["locked_off"])
    noisy = Desk.at(folder / "noisy")  # what is analysed there is kept there
    if found:
        yield hostile(noisy, [(plate, frame + step) for plate, frame in found.values() for step in (0, 9)])


def _tell(figures: Figures) -> None:
    for name, value in figures.items():
        sys.stdout.write(f"{name}: {value:.3f}\n")
    sys.stdout.flush()


def _held_out(stage: Path, kinds: set[str]) -> list[Path]:
    """The scenes that the base never learns from; says where others of their kinds were learnt from."""
    scenes = {folder: StagedScene.open(folder).kind for folder in Stage(stage).scenes()}
    held = [folder for folder in scenes if int(folder.name) % OF == HELD_OUT and (not kinds or scenes[folder] in kinds)]
    taught = {kind for folder, kind in scenes.items() if int(folder.name) % OF != HELD_OUT}
    unseen = sorted({scenes[folder] for folder in held} - taught)
    sys.stdout.write(f"kinds of sets that this stage has no scene to learn from: {', '.join(unseen) or 'none'}\n")
    return held


if __name__ == "__main__":
    sys.exit(main())
