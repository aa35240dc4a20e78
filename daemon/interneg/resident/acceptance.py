"""Wishes found good or refused at once, before a frame is touched."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from interneg.errors import CancelledJobError, NotAllowedError, RequestError
from interneg.operators.reframe import Framing
from interneg.plates.colour import ColourConfig
from interneg.plates.frames import FrameRange, Pattern, parse_pattern
from interneg.plates.source import PlateSource, open_source
from interneg.resident.cameras import camera_grain
from interneg.resident.cleaning import cleaning_of
from interneg.resident.engine import Engine
from interneg.resident.experts import Experts, experts_for
from interneg.resident.filling import Filler
from interneg.resident.finding import SharedSource, WireFinder, WiresExpert, shot_of_plates, wires_expert
from interneg.resident.found import FoundFolder
from interneg.resident.known_light import KnownLight, KnownShots, LitShot
from interneg.resident.light_experts import light_experts_for
from interneg.resident.lighting import KeptIn
from interneg.resident.reframing import reframing_of
from interneg.resident.relighting import Relighting, lit_shot, relighting_of
from interneg.resident.render import Operation, Rendering
from interneg.resident.shot import KEPT_BYTES, Shot
from interneg.resident.wiring import FoundMattes, Wiring, pattern_beside
from interneg.resident.wish import CleanWish, ReframeWish, RelightWish, RenderWish, WiresWish
from interneg.resident.writing import Writing, framing_path, write_framing
from interneg.settings import Settings
from interneg_bridge import controls
from interneg_bridge.controls import NumberControl

FRAMING = (controls.PUNCH_IN, controls.PAN, controls.TILT, controls.ROLL_DEGREES)
MOST_WORKERS = 8  # frames at once: beyond it memory, not cores, is what runs out
MOST_FRAMES = 200_000  # over two hours at 24 frames a second: a longer range is a typing error


def accept(wish: RenderWish, engine: Engine, settings: Settings, shots: KnownShots | None = None) -> Rendering:
    """The wish, ready to run: everything that can be wrong before the first frame is told now.

    What is known of the light of `shots` is used, and added to.

    Raises:
        RequestError: a value, path or range is wrong.
        NotFoundError: there is no such show or model version.
        PlateError, MissingFrameError: the plate or the matte cannot be opened.
        NotAllowedError: the output cannot be written.
    """
    _check_length(wish.frames)
    if isinstance(wish.operator, RelightWish):
        return _accept_relight(wish, wish.operator, engine, settings, shots)
    experts = experts_for(engine, wish.show, wish.model_version)
    finding = _finding(wish, engine)
    if isinstance(wish.operator, WiresWish) and finding is not None:  # nothing is filled: they alone answer
        experts = Experts(finding.answered)
    output = _output(wish)
    config = ColourConfig(settings.ocio)
    source = open_source(wish.plate_path, wish.colourspace, config)
    stopped = threading.Event()
    try:
        _check_frames(wish.frames, source)
        found = FoundFolder(settings.analysis_folder / "motion")
        camera = camera_grain(engine.production(wish.show), wish.plate_path)
        filler = Filler(experts, engine.device, wish.seed, _checkpoint_of(stopped), camera, found)
        operation, notices = _operation(wish, source, filler, config, finding)
    except BaseException:
        source.close()
        raise
    told = (*source.notices, *experts.notices, *(finding.notices if finding else ()), *notices)
    version = experts.answered.model
    return Rendering(wish.frames, operation, Writing(output), version, told, stopped, _workers_of(settings))


def _accept_relight(
    wish: RenderWish, operator: RelightWish, engine: Engine, settings: Settings, shots: KnownShots | None
) -> Rendering:
    """A relight, ready to run."""
    output = _output(wish)
    known = None
    if shots is not None:
        known = shots.of(LitShot.of(wish, light_experts_for(engine, wish.show, wish.model_version), settings.ocio))
    operation = open_relight(wish, operator, engine, settings, known)
    source, experts = operation.shot.source, operation.lighting.experts
    told, version = (*source.notices, *experts.notices), experts.answered.model
    return Rendering(wish.frames, operation, Writing(output), version, told, threading.Event(), _workers_of(settings))


def open_relight(
    wish: RenderWish,
    operator: RelightWish,
    engine: Engine,
    settings: Settings,
    known: KnownLight | None = None,
    plates_bytes: int = KEPT_BYTES,
) -> Relighting:
    """A relight of frames that are there, whatever becomes of them; so much memory is for the shot's plates.

    Convention: `known` is what is known of the shot's light; None for nothing.

    Raises:
        RequestError: a value, path or range is wrong.
        NotFoundError: there is no such show or model version.
        ModelError: no model knows light.
        PlateError, MissingFrameError: the plate or a matte cannot be opened.
    """
    experts = light_experts_for(engine, wish.show, wish.model_version)
    config = ColourConfig(settings.ocio)
    source = open_source(wish.plate_path, wish.colourspace, config)
    try:
        _check_frames(wish.frames, source)
        space = source.colourspace if source.kind == "exr" else config.working_space  # all others are converted
        kept = KeptIn(settings.analysis_folder, config.name, config.primaries_of(space), plates_bytes)
        return relighting_of(wish, operator, *lit_shot(source, experts, kept, known or KnownLight()))
    except BaseException:
        source.close()
        raise


def open_relight_again(before: Relighting, wish: RenderWish, operator: RelightWish) -> Relighting:
    """A relight of the same shot by another rig, with all that is known of it already.

    Raises:
        RequestError, MissingFrameError: a value, path or range of the wish is wrong.
    """
    _check_frames(wish.frames, before.shot.source)
    return relighting_of(wish, operator, before.shot, before.lighting, before.known)


def _workers_of(settings: Settings) -> int:
    """How many frames are computed side by side."""
    return settings.threads or max(1, min(MOST_WORKERS, os.cpu_count() or 1))


def _checkpoint_of(stopped: threading.Event) -> Callable[[], None]:
    def checkpoint() -> None:
        if stopped.is_set():
            raise CancelledJobError("The job was cancelled.")

    return checkpoint


def _operation(
    wish: RenderWish, source: PlateSource, filler: Filler, config: ColourConfig, finding: WiresExpert | None
) -> tuple[Operation, tuple[str, ...]]:
    if isinstance(wish.operator, RelightWish):
        raise TypeError("a relight is opened by itself")
    if isinstance(wish.operator, WiresWish) and finding is not None:
        overlay = parse_pattern(wish.operator.overlay_path) if wish.operator.overlay_path else None
        shot = shot_of_plates(source)
        return Wiring(wish, shot, _finder(shot, finding, wish.operator.sensitivity, filler), overlay), ()
    if isinstance(wish.operator, CleanWish):
        _check_number(controls.GROW_PIXELS, wish.operator.grow_pixels)
        _check_number(controls.GRAIN, wish.operator.grain)
        filler = replace(filler, grain=wish.operator.grain)
        if wish.operator.performers is not None:
            _check_number(controls.GROW_PIXELS, wish.operator.performers.grow_pixels, "The performers' matte: ")
        sensitivity = wish.operator.find_sensitivity
        if finding is None or sensitivity is None:
            return cleaning_of(wish, wish.operator, source, filler, config), ()
        shot, beside = shot_of_plates(source), pattern_beside(parse_pattern(wish.output_path))
        mattes = FoundMattes(wish, _finder(shot, finding, sensitivity, filler), beside)
        told = f"the wires that are found are taken out; their matte: {beside.text}"
        return cleaning_of(wish, wish.operator, SharedSource(shot), filler, config, mattes), (told,)
    return _reframing(wish, source, filler, parse_pattern(wish.output_path))


def _reframing(
    wish: RenderWish, source: PlateSource, filler: Filler, output: Pattern
) -> tuple[Operation, tuple[str, ...]]:
    keys = _checked_keys(wish.operator.keys if isinstance(wish.operator, ReframeWish) else ())
    if len(keys) == 1:  # it holds for every frame: written at the shot's first, whatever range is asked for
        only = keys[0]
        keys = (Framing(source.frames[0], only.punch_in, only.pan, only.tilt, only.roll_degrees),)
    write_framing(output, keys)
    told = f"the framing as data: {framing_path(output)}"
    return reframing_of(wish, ReframeWish(keys), source, filler), (told,)


def _finding(wish: RenderWish, engine: Engine) -> WiresExpert | None:
    """Who finds wires for that wish; None where none are to be found."""
    sensitivity = (
        wish.operator.sensitivity
        if isinstance(wish.operator, WiresWish)
        else wish.operator.find_sensitivity
        if isinstance(wish.operator, CleanWish)
        else None
    )
    if sensitivity is None:
        return None
    _check_number(controls.SENSITIVITY, sensitivity)
    return wires_expert(engine, wish.show, wish.model_version)


def _finder(shot: Shot, expert: WiresExpert, sensitivity: float, filler: Filler) -> WireFinder:
    return WireFinder(shot, expert, sensitivity, filler.device, filler.checkpoint)


def _check_length(frames: FrameRange) -> None:
    if len(frames) > MOST_FRAMES:
        raise RequestError(f"{len(frames)} frames are asked for, more than {MOST_FRAMES}: correct --frames.")


def _check_frames(frames: FrameRange, source: PlateSource) -> None:
    if not any(frame in frames for frame in source.frames):
        raise RequestError(
            f"None of the frames {frames} of {source.path} is on disk; it has {source.frames[0]}-{source.frames[-1]}: "
            "ask for one of these."
        )


def _check_number(control: NumberControl, value: float, where: str = "") -> None:
    fault = control.fault(value)
    if fault:
        raise RequestError(f"{where}{fault}")


def _checked_keys(keys: Sequence[Framing]) -> tuple[Framing, ...]:
    if not keys:
        raise RequestError("The reframe has no keys: give --punch-in, --pan, --tilt or --roll, or a file with --keys.")
    ordered = tuple(sorted(keys, key=lambda key: key.frame))
    for before, after in pairwise(ordered):
        if before.frame == after.frame:
            raise RequestError(f"Frame {after.frame} has two keys: leave one.")
    for key in ordered:
        for control in FRAMING:
            _check_number(control, getattr(key, control.name), f"Frame {key.frame}: ")
    return ordered


def _output(wish: RenderWish) -> Pattern:
    output = _exr_pattern(wish.output_path, wish.frames, "--out")
    outputs = [output]
    taken = [wish.plate_path]
    if isinstance(wish.operator, CleanWish):
        clean = wish.operator
        finds = clean.find_sensitivity is not None
        outputs.extend([pattern_beside(output)] if finds else [])
        taken += [] if finds else [clean.matte_path]
        taken += [*filter(None, [clean.clean_plate]), *(take.path for take in clean.takes)]
        if clean.performers is not None:
            taken.append(clean.performers.path)
    elif isinstance(wish.operator, WiresWish) and wish.operator.overlay_path:
        outputs.append(_exr_pattern(wish.operator.overlay_path, wish.frames, "--overlay"))
        if outputs[1].path(wish.frames.first) == output.path(wish.frames.first):
            raise RequestError(f"--overlay is {outputs[1].text}, as --out is: give the overlay another name.")
    if isinstance(wish.operator, RelightWish):
        taken.extend(wish.operator.matte_paths)
    for each in outputs:
        for path in taken:
            _check_apart(each, parse_pattern(path), wish.frames)
        _check_folder(Path(each.text).parent)
    return output


def _exr_pattern(path: str, frames: FrameRange, option: str) -> Pattern:
    """Where frames are written to."""
    output = parse_pattern(path)
    if not output.text.lower().endswith(".exr"):
        raise RequestError(f"{option} is {output.text}: finished frames are EXR, so it must end in .exr.")
    if len(frames) > 1 and not output.is_sequence:
        raise RequestError(f"{option} is {output.text}: {len(frames)} frames need a place for the number, as ####.")
    if not output.is_sequence and Path(output.text).is_dir():
        raise RequestError(f"{option} is {output.text}, which is a folder: name a file in it.")
    return output


def _check_apart(output: Pattern, source: Pattern, frames: FrameRange) -> None:
    files = [source.path(frame) for frame in source.frames_on_disk()]
    read = {os.path.realpath(file) for file in files} | {str(_in_its_folder(file)) for file in files}
    for frame in frames:
        if str(target := _in_its_folder(output.path(frame))) in read:
            raise RequestError(f"--out would replace {target}, which is read: give the finished frames another name.")


def _in_its_folder(file: Path) -> Path:
    return Path(os.path.realpath(file.parent), file.name)  # a link at the file itself is replaced, not followed


def _check_folder(folder: Path) -> None:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise NotAllowedError(f"The folder {folder} cannot be written: choose another --out.")
