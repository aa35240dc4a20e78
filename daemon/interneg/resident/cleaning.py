"""Clean, frame by frame: what the matte covers goes, everything else stays bit for bit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interneg.operators.motion import View
from interneg.operators.pyramid import grown
from interneg.plates.matte import MatteSource
from interneg.plates.plate import FinishedFrame, Plate
from interneg.plates.source import PlateSource
from interneg.production.provenance import FrameRecord, hash_from_matte
from interneg.resident.answer import Answer, notices_of, share_of
from interneg.resident.filling import Filler, filled
from interneg.resident.shot import Shot, ShotFrame, view_of
from interneg.resident.wish import CleanWish, RenderWish
from interneg.restraints import check_fill, check_mattes

Pixels = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Cleaning:
    """A clean on one shot."""

    wish: RenderWish
    operator: CleanWish
    shot: Shot
    mattes: MatteSource
    filler: Filler

    def answered(self, number: int) -> Answer:
        """That frame without what its matte covers.

        Raises:
            MissingFrameError: the frame or its matte is not there.
            PlateError: one of them cannot be read, or the matte has another size.
            RestraintError: the fill broke its authority.
        """
        frame = self.shot.frame(number)
        plate, view, hole = frame.plate, frame.view, frame.view.hole
        if not hole.any():
            return self._delivered(frame, plate.rgb, np.zeros(0, np.float32))
        fill = filled(view, self.shot.neighbours_of(number), self.filler)
        rgb = plate.rgb.copy()
        rgb[hole] = fill.linear
        check_fill(plate.rgb, rgb, fill.log, fill.evidence)
        return self._delivered(frame, rgb, fill.synthesised)

    def close(self) -> None:
        """Lets go of the files."""
        self.shot.close()
        self.mattes.close()

    def _delivered(self, frame: ShotFrame, rgb: Pixels, made_up: Pixels) -> Answer:
        plate, hole = frame.plate, frame.view.hole
        synthesised = np.zeros(hole.shape, np.float32)
        synthesised[hole] = made_up
        seen = hole.astype(np.float32) - synthesised
        check_mattes(seen, synthesised, hole)
        shares = (1 - share_of(made_up) if made_up.size else 0.0, share_of(made_up))
        record = self._record(frame, shares)
        layers = {"seen.A": seen, "synthesised.A": synthesised, "matte.A": hole.astype(np.float32)}
        finished = FinishedFrame(plate, rgb, plate.data_window, changed=hole, layers=layers, record=record)
        return Answer(finished, *shares, notices=notices_of(plate))

    def _record(self, frame: ShotFrame, shares: tuple[float, float]) -> dict[str, str]:
        covered = frame.matte if frame.matte is not None else np.zeros((0, 0), np.float32)
        record = FrameRecord(
            operator="clean",
            frame=frame.view.frame,
            parameters={"grow_pixels": self.operator.grow_pixels, "matte_channel": self.operator.matte_channel},
            seed=self.wish.seed,
            answered=self.filler.experts.answered,
            matte_hash=hash_from_matte(covered),
            seen=shares[0],
            synthesised=shares[1],
            production=self.wish.show,
        )
        return record.attributes()


def cleaning_of(wish: RenderWish, operator: CleanWish, source: PlateSource, filler: Filler) -> Cleaning:
    """A clean, its mattes found.

    Raises:
        MissingFrameError: no matte is on disk.
        RequestError: the matte's path is none.
    """
    mattes = MatteSource(operator.matte_path, operator.matte_channel)

    def seen(number: int, plate: Plate) -> tuple[View, Pixels]:
        matte = mattes.read(number, plate)
        return view_of(number, plate, grown(matte > 0, operator.grow_pixels)), matte

    return Cleaning(wish, operator, Shot(source, seen), mattes, filler)
