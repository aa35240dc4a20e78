"""Find wires, frame by frame: a matte of them, the plate as it is, and an overlay to review it by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from interneg.operators.tracks import Wire
from interneg.plates.exr import write_exr
from interneg.plates.frames import Pattern
from interneg.plates.plate import ExrFile, ExrPart, FinishedFrame, Plate
from interneg.production.provenance import FrameRecord, hash_from_matte
from interneg.resident.answer import Answer, notices_of
from interneg.resident.finding import WireFinder
from interneg.resident.shot import Shot
from interneg.resident.wish import RenderWish
from interneg.restraints import check_measure

Pixels = npt.NDArray[np.float32]

BESIDE = "matte"  # what the name of a matte that is written beside a result says
MARK = np.array([1.0, 0.05, 0.02], np.float32)  # the overlay's colour, of the plate's own brightest
KEPT_ATTRIBUTES = ("timeCode", "keyCode", "framesPerSecond", "displayWindow", "pixelAspectRatio")  # of the plate's file
GREY = 0.18  # a mark is no darker than this
SHOWN = 0.8  # how much of a covered pixel the mark takes


@dataclass(frozen=True, eq=False)
class Wiring:
    """Wires looked for in one shot."""

    wish: RenderWish
    shot: Shot
    finder: WireFinder
    overlay: Pattern | None

    def answered(self, number: int) -> Answer:
        """The matte of that frame's wires.

        Raises:
            MissingFrameError, PlateError: the frame is not there or cannot be read, or the overlay not written.
            RestraintError: the matte is none.
        """
        matte, wires = self.finder.found(number)
        plate = self.shot.frame(number).plate
        record = matte_record(self.wish, self.finder, number, matte)
        if self.overlay is not None:
            rgb = overlaid(plate.rgb, matte)
            write_exr(
                self.overlay.path(number),
                FinishedFrame(
                    plate, rgb, plate.data_window, changed=matte > 0, layers={"matte.A": matte}, record=record
                ),
            )
        return Answer(matte_frame(plate, matte, record), 0.0, 0.0, (*notices_of(plate), *told_of(wires)))

    def close(self) -> None:
        """Lets go of the file."""
        self.shot.close()


def told_of(wires: list[Wire]) -> tuple[str, ...]:
    """What an artist should know of a frame's wires."""
    bridged = sum(wire.bridged for wire in wires)
    if not bridged:
        return ()
    return (f"{bridged} of {len(wires)} wires were not seen in this frame: drawn from the frames about it",)


def matte_frame(plate: Plate, matte: Pixels, record: dict[str, str]) -> FinishedFrame:
    """The matte as a frame of its own, over the plate's windows: R, G, B and A alike, so that every host shows it.

    Raises:
        RestraintError: it is no coverage.
    """
    check_measure(plate.rgb, matte)
    window = plate.data_window
    attributes = {name: value for name, value in _root(plate).attributes.items() if name in KEPT_ATTRIBUTES}
    origin = ExrFile((ExrPart("", attributes, {}, window),))
    bare = Plate(
        np.repeat(matte[..., None], 3, axis=2), plate.display_window, window, plate.pixel_aspect, origin=origin
    )
    return FinishedFrame(bare, bare.rgb, window, layers={"A": matte}, record=record)


def _root(plate: Plate) -> ExrPart:
    """The part of its file that holds the plate."""
    if plate.origin is None:
        return ExrPart("", {}, {}, plate.data_window)
    return plate.origin.parts[plate.origin.root]


def overlaid(rgb: Pixels, matte: Pixels) -> Pixels:
    """The plate with its wires marked in red, as bright as the plate itself is."""
    shown = np.where(np.isfinite(rgb), rgb, 0)
    mark = MARK * max(float(np.percentile(shown, 98)), GREY)
    share = (SHOWN * matte)[..., None]
    return np.where(share > 0, shown * (1 - share) + mark * share, rgb).astype(np.float32)


def matte_record(wish: RenderWish, finder: WireFinder, number: int, matte: Pixels) -> dict[str, str]:
    """Where a matte of wires comes from."""
    record = FrameRecord(
        operator="wires",
        frame=number,
        parameters={"sensitivity": finder.sensitivity},
        seed=wish.seed,
        answered=finder.expert.answered,
        matte_hash=hash_from_matte(matte),
        production=wish.show,
    )
    return record.attributes()


def pattern_beside(output: Pattern) -> Pattern:
    """Where the matte of wires that were found lies: `clean.####.exr` has it in `clean.matte.####.exr`."""
    path = Path(output.text)
    if not output.is_sequence:
        return Pattern(str(path.with_name(f"{path.stem}.{BESIDE}{path.suffix}")))
    token = path.name[len(output.before) : len(path.name) - len(output.after)]
    before = f"{output.before.rstrip('._-')}.{BESIDE}." if output.before.rstrip("._-") else f"{BESIDE}."
    return Pattern(str(path.with_name(f"{before}{token}{output.after}")), before, output.digits, output.after)


@dataclass(frozen=True, eq=False)
class FoundMattes:
    """The mattes of wires that are found, as a clean reads them; those of its own frames are written beside it."""

    wish: RenderWish
    finder: WireFinder
    beside: Pattern

    def read(self, frame: int, like: Plate) -> Pixels:
        """The matte of that frame over the plate's data window."""
        del like
        return self.finder.found(frame)[0]

    def write(self, frame: int, plate: Plate, matte: Pixels) -> tuple[str, ...]:
        """Writes the matte beside the result, whole or not at all, and says what an artist should know of it.

        Raises:
            PlateError: it cannot be written.
            RestraintError: it is no coverage.
        """
        record = matte_record(self.wish, self.finder, frame, matte)
        return write_exr(self.beside.path(frame), matte_frame(plate, matte, record))

    def close(self) -> None:
        """The shot that they were found in is the clean's own."""
