"""Finding wires in a shot: each frame looked at once, and judged by a fixed window of frames about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch

from interneg.errors import MissingFrameError, ModelError, PlateError
from interneg.model.wires import WiresNetwork, wires_of
from interneg.operators.motion import View
from interneg.operators.sightings import Sighting, scale_of, sighting_of, working_plate
from interneg.operators.tracks import WINDOW, Step, Wire, matte_of, reachable, step_between, wires_at
from interneg.plates.colour import log_from_linear
from interneg.plates.plate import Plate
from interneg.plates.source import PlateSource
from interneg.production.provenance import Answered
from interneg.resident.engine import BASE, CLASSICAL, Engine
from interneg.resident.kept import Kept
from interneg.resident.shot import Shot

Pixels = npt.NDArray[np.float32]

KEPT = 64  # frames' curves, 9 MB each: the windows of frames that are asked for from both sides in turn
KEPT_WIRES = 4096  # frames' wires, which are small: a clean asks for its neighbours' again and again


@dataclass(frozen=True, eq=False)
class WiresExpert:
    """The network that says what looks like a wire; None: its curves alone do."""

    answered: Answered = field(default_factory=Answered)
    network: WiresNetwork | None = None
    notices: tuple[str, ...] = ()


def wires_expert(engine: Engine, show: str, version: str = "") -> WiresExpert:
    """Who says what looks like a wire in that show: its own model, else the base, else nobody.

    Raises:
        NotFoundError: there is no such show, or it has no such version.
        ModelError: its weights are damaged, or the base is asked for and cannot be used.
    """
    model = engine.show_model(show, version)
    if version == CLASSICAL:
        return WiresExpert(notices=("no model was asked for: wires are told by their curves alone",))
    base = engine.base()
    if base is None and version and (model is None or model.wires is None):
        raise ModelError(f"model '{version}' needs the base model, which cannot be used. {engine.base_fault}")
    base_said = (base.version, base.hash) if base else ("", "")
    if model is not None and model.wires is not None:
        return WiresExpert(Answered(model.version, model.hash, *base_said), model.wires)
    if base is not None and base.wires is not None:
        return WiresExpert(Answered(BASE, base.hash, *base_said), base.wires)
    why = engine.base_fault or "the base model was not taught wires"
    return WiresExpert(notices=(f"wires are told by their curves alone: {why}",))


class WireFinder:
    """The wires of a shot's frames, whatever range is asked for.

    A frame's wires depend on the WINDOW frames about it on disk and on nothing else: a range in pieces gives the same
    bits, and a long shot needs no more memory than a short one.
    """

    def __init__(
        self,
        shot: Shot,
        expert: WiresExpert,
        sensitivity: float,
        device: torch.device,
        checkpoint: Callable[[], None],
    ) -> None:
        self.expert, self.sensitivity = expert, sensitivity
        self._shot, self._device, self._checkpoint = shot, device, checkpoint
        self._numbers = frozenset(shot.source.frames)
        self._sightings: Kept[int, Sighting | None] = Kept(KEPT)
        self._steps: Kept[int, Step] = Kept(KEPT)
        self._wires: Kept[int, list[Wire]] = Kept(KEPT_WIRES)

    def found(self, number: int) -> tuple[Pixels, list[Wire]]:
        """The matte (H, W) of that frame's wires, and the wires.

        Raises:
            MissingFrameError, PlateError: the frame is not there, or cannot be read.
            CancelledJobError: the job was cancelled meanwhile.
        """
        plate = self._shot.frame(number).plate
        wires = self._wires.get(number, lambda: self._judged(number))
        matte = matte_of(wires, plate.rgb.shape, scale_of(plate.rgb.shape))
        matte[~np.isfinite(plate.rgb).all(axis=-1)] = 0  # what is no light is no wire, and is kept where it is
        return matte, wires

    def _judged(self, number: int) -> list[Wire]:
        """The wires of that frame, by all the frames about it."""
        own = self._sighting(number)
        if own is None:
            return []
        sightings, steps = {number: own}, dict[int, Step]()
        for way in (-1, 1):
            for distance in range(1, WINDOW + 1):
                frame = number + way * distance
                sighting = self._sighting(frame) if frame in self._numbers else None
                if sighting is None:
                    break
                begins = min(frame, frame - way)
                steps[begins] = self._step(begins)
                if not steps[begins].same:
                    break
                sightings[frame] = sighting
        return wires_at(reachable(number, sightings, steps), self.sensitivity)

    def _sighting(self, number: int) -> Sighting | None:
        return self._sightings.get(number, lambda: self._looked_at(number))

    def _step(self, number: int) -> Step:
        return self._steps.get(number, lambda: self._stepped(number))

    def _looked_at(self, number: int) -> Sighting | None:
        """What that frame shows; None where it cannot be read."""
        self._checkpoint()
        try:
            plate = self._shot.frame(number).plate
        except (MissingFrameError, PlateError):
            return None
        working = working_plate(plate.rgb)
        network, net = self.expert.network, None
        if network is not None:
            net = wires_of(network, working[0], self._device)
            self._checkpoint()
        return sighting_of(number, working, log_from_linear(working[0]), net)

    def _stepped(self, number: int) -> Step:
        """From that frame to the next; both are there."""
        self._checkpoint()
        one, other = self._sighting(number), self._sighting(number + 1)
        if one is None or other is None:
            raise PlateError(f"frame {number} or the next cannot be read")
        return step_between(one, other)


def shot_of_plates(source: PlateSource) -> Shot:
    """A shot that is only read: wires are found in what each plate is brought down to."""
    nothing = np.zeros((0, 0), bool)

    def seen(number: int, plate: Plate) -> tuple[View, None]:
        del plate
        return View(number, np.zeros((0, 0, 3), np.float32), nothing, nothing), None

    return Shot(source, seen)


@dataclass(frozen=True, eq=False)
class SharedSource:
    """The frames of a shot as a source again: what one has read, the other does not read anew."""

    shot: Shot

    @property
    def path(self) -> str:
        """The pattern or file."""
        return self.shot.source.path

    @property
    def kind(self) -> str:
        """What it is."""
        return self.shot.source.kind

    @property
    def frames(self) -> tuple[int, ...]:
        """The frame numbers that are there, in order."""
        return self.shot.source.frames

    @property
    def colourspace(self) -> str:
        """The space its file is in."""
        return self.shot.source.colourspace

    @property
    def notices(self) -> tuple[str, ...]:
        """What the artist should know of it."""
        return self.shot.source.notices

    def read(self, frame: int) -> Plate:
        """One frame, scene-linear."""
        return self.shot.frame(frame).plate

    def close(self) -> None:
        """Lets go of the frames and the file."""
        self.shot.close()
