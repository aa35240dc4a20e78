"""Relight, frame by frame: the plate times a gain that is light, as one beauty and as layers to mix again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np
import numpy.typing as npt

from interneg.errors import RequestError
from interneg.light import AS_SHOT_KEY, AS_SHOT_REST, LightRig, checked_rig
from interneg.operators.detail import Detail
from interneg.operators.motion import View
from interneg.plates.matte import MatteSource
from interneg.plates.plate import FinishedFrame, Plate
from interneg.plates.source import PlateSource
from interneg.production.provenance import PREFIX, FrameRecord, Parameter, hash_from_matte
from interneg.resident.answer import Answer, notices_of
from interneg.resident.known_light import KnownFrame, KnownLight
from interneg.resident.light_experts import LightExperts
from interneg.resident.light_layers import layers_of
from interneg.resident.lighting import KeptIn, Lighting
from interneg.resident.shading import Light, Lit, Mattes, Within, edges_of_matte, flagged
from interneg.resident.shot import Shot, ShotFrame
from interneg.resident.weights import Levels, reference_of, weights_of
from interneg.resident.wish import RelightWish, RenderWish
from interneg.restraints import LightEvidence, check_light

Pixels = npt.NDArray[np.float32]
Colour = npt.NDArray[np.float64]

JUDGED = 0.02  # of being free: what is less is held to the plate's detail
BESIDE = 5  # pixels: as far as an edge reaches into what is called detail beside it
DARK = 0.02  # of the frame without signal, from which on an artist is told


@dataclass(frozen=True, eq=False)
class LightMattes:
    """The mattes of a relight, read by frame."""

    matte: MatteSource | None
    performers: MatteSource | None
    lamps: Mapping[str, MatteSource]

    def of_frame(self, number: int, plate: Plate) -> tuple[Pixels | None, Mattes]:
        """The matte (H, W) of what may change, and those of the lamps and performers.

        Raises:
            MissingFrameError, PlateError: one of them is not there or cannot be read.
        """
        matte, performers = (source.read(number, plate) if source else None for source in (self.matte, self.performers))
        return matte, Mattes(performers, {name: source.read(number, plate) for name, source in self.lamps.items()})

    def close(self) -> None:
        """Lets go of the files."""
        for source in (self.matte, self.performers, *self.lamps.values()):
            if source is not None:
                source.close()


@dataclass(frozen=True, eq=False)
class Relighting:
    """A relight of one shot."""

    wish: RenderWish
    operator: RelightWish
    shot: Shot
    mattes: LightMattes
    lighting: Lighting
    known: KnownLight

    def answered(self, number: int) -> Answer:
        """That frame in the light of the rig; a neutral rig gives the source's own bits.

        Raises:
            MissingFrameError: the frame, a matte of it or the reference frame is not there.
            PlateError: one of them cannot be read.
            RestraintError: the gain broke its authority.
        """
        frame = self.shot.frame(number)
        plate = frame.plate
        if self.operator.rig.is_neutral_at(number) and not self.operator.layers:
            nothing = np.zeros(plate.rgb.shape[:2], bool)
            finished = FinishedFrame(plate, plate.rgb, plate.data_window, nothing, record=self._record(frame, None))
            return Answer(finished, 0.0, 0.0, notices_of(plate))
        matte, mattes = self.mattes.of_frame(number, plate)
        lit = self.lit(number, plate.rgb, matte, mattes)
        changed = None if matte is None else matte > 0
        if self.operator.rig.is_neutral_at(number):
            changed = np.zeros(plate.rgb.shape[:2], bool)
        layers = layers_of(plate.rgb, lit, self.lighting.of_frame(number)) if self.operator.layers else {}
        record = self._record(frame, lit)
        finished = FinishedFrame(plate, lit.rgb, plate.data_window, changed, layers, record=record)
        return Answer(finished, 0.0, 0.0, (*notices_of(plate), *_told(lit)))

    def lit(self, number: int, rgb: Pixels, matte: Pixels | None, mattes: Mattes) -> Lit:
        """The frame (H, W, 3), at its own size or at a proxy's, in the light of the rig; held to its authority.

        Raises:
            RestraintError: the gain broke it.
        """
        rig = self.operator.rig
        levels = self._levels()
        weights = weights_of(rig, number, self.lighting.of_shot(), levels)
        frame = KnownFrame(self.known, self.lighting, number, rgb, Within(rig.limit_stops, mattes.performers))
        lights = {AS_SHOT_KEY: frame.as_shot_key()}
        for lamp in rig.lit_at(number):
            lights[lamp.name] = flagged(frame.lamp(lamp, levels.stops[lamp.name]), mattes.lamps.get(lamp.name))
        gain = gain_of(rgb, lights, weights, matte)
        evidence = _evidence(lights, weights, matte, rig, frame.detail)
        if rig.is_neutral_at(number):
            gain = np.ones_like(gain)
        result = rgb * gain
        if not evidence.changed.all():
            result[~evidence.changed] = rgb[~evidence.changed]
        check_light(rgb, result, gain, evidence)
        return Lit(result, gain, lights, weights, matte)

    def close(self) -> None:
        """Lets go of the files."""
        self.shot.close()
        self.mattes.close()

    def _levels(self) -> Levels:
        rig = self.operator.rig
        number = reference_of(rig, self.shot.source.frames)
        return self.known.levels.of(rig, self.lighting, number, lambda frame: self.shot.frame(frame).plate.rgb)

    def _record(self, frame: ShotFrame, lit: Lit | None) -> dict[str, str]:
        record = FrameRecord(
            operator="relight",
            frame=frame.view.frame,
            parameters=parameters_of(self.operator.rig, frame.view.frame),
            seed=self.wish.seed,
            answered=self.lighting.experts.answered,
            matte_hash="" if lit is None or lit.matte is None else hash_from_matte(lit.matte),
            production=self.wish.show,
        )
        if lit is None:
            return record.attributes()
        weights = {name: [float(value) for value in weight] for name, weight in lit.weights.items()}
        if lit.matte is not None:
            weights["outside"] = [1.0, 1.0, 1.0]
        return {**record.attributes(), f"{PREFIX}weights": json.dumps(weights, separators=(",", ":"))}


def lit_shot(
    source: PlateSource, experts: LightExperts, kept: KeptIn, known: KnownLight
) -> tuple[Shot, Lighting, KnownLight]:
    """The shot of those plates, its light, and what is known of that."""
    shot = Shot(source, _unseen, kept.plates_bytes)

    def read(number: int) -> Pixels:
        return shot.frame(number).plate.rgb

    return shot, Lighting(source, read, experts, kept, known.estimates), known


def relighting_of(
    wish: RenderWish, operator: RelightWish, shot: Shot, lighting: Lighting, known: KnownLight
) -> Relighting:
    """A relight of that shot, its mattes found; with what is known of its light already.

    Raises:
        RequestError: a value of the rig cannot be, the reference frame is not the shot's, or a matte's path is none.
        MissingFrameError: no frame of a matte is on disk.
    """
    rig, source = checked_rig(operator.rig), shot.source
    if reference_of(rig, source.frames) not in source.frames:
        raise RequestError(
            f"reference_frame is {rig.reference_frame}: the shot has {source.frames[0]}-{source.frames[-1]}; name one "
            "of these."
        )
    lamps = {lamp.name: MatteSource(lamp.matte, lamp.matte_channel) for lamp in rig.lamps if lamp.matte}
    mattes = LightMattes(
        MatteSource(operator.matte_path, operator.matte_channel) if operator.matte_path else None,
        MatteSource(operator.performers_path, operator.performers_channel) if operator.performers_path else None,
        lamps,
    )
    return Relighting(wish, operator, shot, mattes, lighting, known)


def _unseen(number: int, plate: Plate) -> tuple[View, None]:
    """No view: light is found on small pictures of its own."""
    return View(number, np.zeros((0, 0, 3), np.float32), np.zeros((0, 0), bool), np.zeros((0, 0), bool)), None


def gain_of(plate: Pixels, lights: Mapping[str, Light], weights: Mapping[str, Colour], matte: Pixels | None) -> Pixels:
    """The sum of all shares times their weights (H, W, 3), 1 outside the matte and where the plate is no number."""
    height, width = plate.shape[:2]
    rows = {name: np.tile(weight.astype(np.float32), width) for name, weight in weights.items()}  # by 3 NumPy is slow
    sums = (1 - lights[AS_SHOT_KEY].share).reshape(height, -1) * rows[AS_SHOT_REST]
    for name, light in lights.items():
        sums += light.share.reshape(height, -1) * rows[name]
    total = sums.reshape(plate.shape)
    if matte is not None:
        total = 1 + matte[..., None] * (total - 1)
    there = np.isfinite(plate)
    if not there.all():
        total[~there] = 1
    return np.asarray(total, np.float32)


def parameters_of(rig: LightRig, frame: int) -> dict[str, Parameter]:
    """The rig as it burns on that frame, for its record."""
    said: dict[str, Parameter] = {"limit_stops": rig.limit_stops, "reference_frame": rig.reference_frame}
    for name, part in ((AS_SHOT_KEY, rig.as_shot_key), (AS_SHOT_REST, rig.as_shot_rest)):
        kelvin = None if part.cct_kelvin is None else part.cct_kelvin.kelvin_at(frame)
        said[name] = {"exposure_stops": part.exposure_stops.at(frame), "cct_kelvin": kelvin}
    lamps: list[Parameter] = []
    for lamp in rig.lamps:
        tracks = ("azimuth_degrees", "elevation_degrees", "exposure_stops", "angular_diameter_degrees")
        values: dict[str, Parameter] = {name: getattr(lamp, name).at(frame) for name in tracks}
        values["cct_kelvin"] = None if lamp.cct_kelvin is None else lamp.cct_kelvin.kelvin_at(frame)
        values["distance"] = None if lamp.distance is None else lamp.distance.at(frame)
        values["rgb"] = None if lamp.rgb is None else list(lamp.rgb)
        lamps.append({"name": lamp.name, **values, "matte": lamp.matte})
    said["lamps"] = lamps
    return said


def _evidence(
    lights: Mapping[str, Light], weights: Mapping[str, Colour], matte: Pixels | None, rig: LightRig, detail: Detail
) -> LightEvidence:
    free = reduce(np.maximum, [light.free for light in lights.values()])
    changed = np.ones(free.shape, bool)
    if matte is not None:
        free, changed = np.maximum(free, edges_of_matte(matte)), matte > 0
    as_shot = max(float(weights[AS_SHOT_KEY].max()), float(weights[AS_SHOT_REST].max()), 1.0)
    added = sum(float(weights[name].max()) for name in lights if name != AS_SHOT_KEY)
    greatest = (as_shot + added * 2.0**rig.limit_stops) * (1 + 1e-4)
    kernel = np.ones((2 * BESIDE + 1, 2 * BESIDE + 1), np.uint8)
    judged = cv2.dilate((free >= JUDGED).astype(np.uint8), kernel) == 0
    return LightEvidence(changed, judged, max(light.edges for light in lights.values()), greatest, detail)


def _told(lit: Lit) -> tuple[str, ...]:
    dark = float((lit.lights[AS_SHOT_KEY].signal < 1 / 64).mean())
    if dark < DARK:
        return ()
    return (f"{dark:.0%} of the frame holds no light above the plate's noise: lamps do nothing there",)
