"""Clean, frame by frame: what the matte covers goes, everything else stays bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from interneg.errors import MissingFrameError
from interneg.operators.motion import View
from interneg.operators.pyramid import grown
from interneg.plates.colour import ColourConfig
from interneg.plates.frames import parse_pattern
from interneg.plates.matte import MatteSource
from interneg.plates.plate import FinishedFrame, Plate
from interneg.plates.source import PlateSource
from interneg.production.provenance import FrameRecord, Parameter, hash_from_matte
from interneg.resident.anchors import anchors_of, strayed
from interneg.resident.answer import Answer, notices_of, share_of
from interneg.resident.elsewhere import Elsewhere, elsewhere_of
from interneg.resident.filling import Filler, filled
from interneg.resident.footage import Means
from interneg.resident.shot import Shot, ShotFrame, view_of
from interneg.resident.wish import CleanWish, RenderWish
from interneg.restraints import check_fill, check_mattes

Pixels = npt.NDArray[np.float32]

NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Cleaning:
    """A clean on one shot."""

    wish: RenderWish
    operator: CleanWish
    shot: Shot
    mattes: MatteSource
    filler: Filler
    elsewhere: Elsewhere

    def answered(self, number: int) -> Answer:
        """That frame without what its matte covers.

        Raises:
            MissingFrameError: the frame or its matte is not there.
            PlateError: one of them cannot be read, or the matte has another size.
            RestraintError: the fill broke its authority.
        """
        frame = self.shot.frame(number)
        if number in self.elsewhere.anchors:
            return self._kept(frame)
        plate, view, hole = frame.plate, frame.view, frame.view.hole
        if not hole.any():
            return self._delivered(frame, plate.rgb, np.zeros(0, np.float32))
        beside = self.elsewhere.beside(self.shot, view, plate.colourspace)
        fill = filled(view, self.shot.neighbours_of(number), self.filler, beside=beside)
        rgb = plate.rgb.copy()
        rgb[hole] = fill.linear
        check_fill(plate.rgb, rgb, fill.log, fill.evidence)
        answer = self._delivered(frame, rgb, fill.synthesised, fill.sources)
        return replace(answer, notices=(*answer.notices, *beside.told(fill.sources)))

    def close(self) -> None:
        """Lets go of the files."""
        self.shot.close()
        self.mattes.close()
        self.elsewhere.close()

    def _kept(self, frame: ShotFrame) -> Answer:
        """An anchor: it stands at its place and stays as it is."""
        plate, told = frame.plate, ["an anchor, fixed by hand: kept as it is"]
        fixed = self.elsewhere.anchors.read(frame.view.frame, plate)
        with suppress(MissingFrameError):  # an anchor needs no matte
            hole = grown(self.mattes.read(frame.view.frame, plate) > 0, self.operator.grow_pixels)
            if stray := strayed(fixed, plate, hole):
                told.append(f"{stray} pixels of this anchor differ from the plate outside the matte: kept as they are")
        finished = FinishedFrame(fixed, fixed.rgb, fixed.data_window)
        return Answer(finished, 0.0, 0.0, notices=tuple(told), is_kept=True)

    def _delivered(
        self, frame: ShotFrame, rgb: Pixels, made_up: Pixels, sources: Mapping[str, float] = NOTHING
    ) -> Answer:
        plate, hole = frame.plate, frame.view.hole
        synthesised = np.zeros(hole.shape, np.float32)
        synthesised[hole] = made_up
        seen = hole.astype(np.float32) - synthesised
        check_mattes(seen, synthesised, hole)
        shares = (1 - share_of(made_up) if made_up.size else 0.0, share_of(made_up))
        record = self._record(frame, shares, sources)
        layers = {"seen.A": seen, "synthesised.A": synthesised, "matte.A": hole.astype(np.float32)}
        finished = FinishedFrame(plate, rgb, plate.data_window, changed=hole, layers=layers, record=record)
        return Answer(finished, *shares, notices=notices_of(plate))

    def _record(self, frame: ShotFrame, shares: tuple[float, float], sources: Mapping[str, float]) -> dict[str, str]:
        covered = frame.matte if frame.matte is not None else np.zeros((0, 0), np.float32)
        record = FrameRecord(
            operator="clean",
            frame=frame.view.frame,
            parameters=_parameters(self.operator),
            seed=self.wish.seed,
            answered=self.filler.experts.answered,
            matte_hash=hash_from_matte(covered),
            seen=shares[0],
            synthesised=shares[1],
            production=self.wish.show,
            sources=sources,
        )
        return record.attributes()


def _parameters(operator: CleanWish) -> dict[str, Parameter]:
    """The wish as the record has it; what was not asked for is left out."""
    asked: dict[str, Parameter] = {
        "from_take": operator.from_take,
        "clean_plate": operator.clean_plate,
        "anchors": [str(frames) for frames in operator.anchors],
    }
    always: dict[str, Parameter] = {"grow_pixels": operator.grow_pixels, "matte_channel": operator.matte_channel}
    return always | {name: value for name, value in asked.items() if value}


def cleaning_of(
    wish: RenderWish, operator: CleanWish, source: PlateSource, filler: Filler, config: ColourConfig
) -> Cleaning:
    """A clean, its mattes and all that the artist gave for it found.

    Raises:
        MissingFrameError: no matte is on disk, or nothing of a clean plate or take.
        RequestError: a path is none, or an anchor is not there.
        PlateError: a clean plate or a take that was named cannot be read.
    """
    anchors = anchors_of(parse_pattern(wish.output_path), operator.anchors, source.frames)
    elsewhere = elsewhere_of(operator, anchors, Means(config, filler.checkpoint))
    mattes = MatteSource(operator.matte_path, operator.matte_channel)

    def seen(number: int, plate: Plate) -> tuple[View, Pixels | None]:
        if number in anchors:
            fixed = anchors.read(number, plate)
            return view_of(number, fixed, np.zeros(plate.rgb.shape[:2], bool)), None
        matte = mattes.read(number, plate)
        return view_of(number, plate, grown(matte > 0, operator.grow_pixels)), matte

    return Cleaning(wish, operator, Shot(source, seen), mattes, filler, elsewhere)
