"""Clean, frame by frame: what the matte covers goes, everything else stays bit for bit."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from interneg.errors import MissingFrameError, RestraintError
from interneg.operators.motion import View
from interneg.operators.performers import WIDEST
from interneg.operators.pyramid import grown
from interneg.plates.colour import ColourConfig
from interneg.plates.frames import parse_pattern
from interneg.plates.matte import MatteSource
from interneg.plates.plate import FinishedFrame, Plate
from interneg.plates.source import PlateSource
from interneg.production.provenance import FrameRecord, Parameter, hash_from_matte
from interneg.resident.anchors import anchors_of, strayed
from interneg.resident.answer import Answer, notices_of, share_of
from interneg.resident.elsewhere import AtFrame, Elsewhere, elsewhere_of
from interneg.resident.filling import Filled, Filler, Raw, finished, raw_of
from interneg.resident.footage import Means
from interneg.resident.found import ContentKeys
from interneg.resident.kept import Kept
from interneg.resident.shot import Shot, ShotFrame, view_of
from interneg.resident.together import KEPT, Together
from interneg.resident.wiring import FoundMattes
from interneg.resident.wish import CleanWish, RenderWish
from interneg.restraints import check_fill, check_mattes, check_performers

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Shares:
    """What became of what the matte covers, as shares of it."""

    seen: float
    synthesised: float
    bridged: float
    kept: float


@dataclass(frozen=True, eq=False)
class CleanMattes:
    """What an artist drew: what is to go, and where performers are."""

    operator: CleanWish
    covered: MatteSource | FoundMattes
    performers: MatteSource | None

    @classmethod
    def of(cls, operator: CleanWish, found: FoundMattes | None) -> CleanMattes:
        """The mattes that the wish names, or those of the wires that were found.

        Raises:
            MissingFrameError: one is not on disk.
            RequestError: a path is none.
        """
        people = operator.performers
        performers = None if people is None else MatteSource(people.path, people.channel, "performers' matte")
        return cls(operator, found or MatteSource(operator.matte_path, operator.matte_channel), performers)

    def hole(self, number: int, plate: Plate) -> Matte:
        """What is to go in that frame (H, W)."""
        return grown(self.covered.read(number, plate) > 0, self.operator.grow_pixels)

    def inside(self, number: int, plate: Plate) -> Matte | None:
        """Where performers are in that frame (H, W); None where nobody said."""
        people = self.operator.performers
        if self.performers is None or people is None:
            return None
        return grown(self.performers.read(number, plate) > 0, people.grow_pixels)

    def close(self) -> None:
        """Lets go of the files."""
        self.covered.close()
        if self.performers is not None:
            self.performers.close()


@dataclass(frozen=True, eq=False)
class Cleaning:
    """A clean on one shot."""

    wish: RenderWish
    operator: CleanWish
    shot: Shot
    mattes: CleanMattes
    filler: Filler
    elsewhere: Elsewhere
    raws: Kept[int, tuple[Raw | RestraintError, AtFrame]] = field(default_factory=lambda: Kept(KEPT))

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
        found = self.mattes.covered
        if isinstance(found, FoundMattes) and frame.matte is not None:
            found.write(number, plate, frame.matte)  # before anything is changed by it: never applied unseen
        if not hole.any():
            return self._delivered(frame, plate.rgb, None)
        fill = finished(view, self._together.steadied(view), self.filler)
        rgb = plate.rgb.copy()
        rgb[view.places] = np.where(fill.kept[:, None], plate.rgb[view.places], fill.linear)
        check_fill(plate.rgb, rgb, fill.log, fill.evidence)
        check_performers(plate.rgb, rgb, fill.synthesised, fill.evidence)
        answer = self._delivered(frame, rgb, fill)
        return replace(answer, notices=(*answer.notices, *self._raw(view)[1].told(fill.sources)))

    @cached_property
    def _together(self) -> Together:
        return Together(self._view, lambda view: self._raw(view)[0], self.raws.has)

    def _view(self, number: int) -> View | None:
        frame = self.shot.neighbour(number)
        return frame.view if frame else None

    def _raw(self, view: View) -> tuple[Raw, AtFrame]:
        """What that frame answers by itself, and what else it asked.

        Raises:
            RestraintError: the answer is refused, which is kept as well: each frame beside it would try again.
        """

        def computed() -> tuple[Raw | RestraintError, AtFrame]:
            beside = self.elsewhere.beside(self.shot, view, self.shot.frame(view.frame).plate.colourspace)
            try:
                return raw_of(view, self.shot.neighbours_of(view.frame), self.filler, beside=beside), beside
            except RestraintError as refusal:
                return refusal, beside

        raw, beside = self.raws.get(view.frame, computed)
        if isinstance(raw, RestraintError):
            raise raw
        return raw, beside

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
            if stray := strayed(fixed, plate, self.mattes.hole(frame.view.frame, plate)):
                told.append(f"{stray} pixels of this anchor differ from the plate outside the matte: kept as they are")
        finished = FinishedFrame(fixed, fixed.rgb, fixed.data_window)
        return Answer(finished, 0.0, 0.0, notices=tuple(told), is_kept=True)

    def _delivered(self, frame: ShotFrame, rgb: Pixels, fill: Filled | None) -> Answer:
        plate, hole, places = frame.plate, frame.view.hole, frame.view.places
        seen, synthesised, bridged, kept = np.zeros((4, *hole.shape), np.float32)
        if fill is not None:
            synthesised[places], bridged[places], kept[places] = fill.synthesised, fill.bridged, fill.kept
            seen[places] = 1 - synthesised[places] - bridged[places] - kept[places]
        check_mattes(seen, synthesised, hole, bridged, kept)
        shares = Shares(*(share_of(part[places]) for part in (seen, synthesised, bridged, kept)))
        layers = {"seen.A": seen, "synthesised.A": synthesised, "matte.A": hole.astype(np.float32)}
        if self.operator.performers is not None:
            layers |= {"bridged.A": bridged, "kept.A": kept}
        changed, record = hole & (kept == 0), self._record(frame, shares, fill)
        finished = FinishedFrame(plate, rgb, plate.data_window, changed=changed, layers=layers, record=record)
        return Answer(
            finished,
            shares.seen,
            shares.synthesised,
            (*notices_of(plate), *_told(kept)),
            bridged=shares.bridged,
            kept=shares.kept,
        )

    def _record(self, frame: ShotFrame, shares: Shares, fill: Filled | None) -> dict[str, str]:
        performers = frame.view.performers
        covered = frame.matte if frame.matte is not None else np.zeros((0, 0), np.float32)
        record = FrameRecord(
            operator="clean",
            frame=frame.view.frame,
            parameters=_parameters(self.operator),
            seed=self.wish.seed,
            answered=self.filler.experts.answered,
            matte_hash=hash_from_matte(covered),
            seen=shares.seen,
            synthesised=shares.synthesised,
            production=self.wish.show,
            sources={} if fill is None else fill.sources,
            performers_hash="" if performers is None else hash_from_matte(performers.astype(np.float32)),
            bridged=shares.bridged,
            kept=shares.kept,
        )
        return record.attributes()


def _parameters(operator: CleanWish) -> dict[str, Parameter]:
    """The wish as the record has it; what was not asked for is left out."""
    asked: dict[str, Parameter] = {
        "from_take": operator.from_take,
        "clean_plate": operator.clean_plate,
        "anchors": [str(frames) for frames in operator.anchors],
    }
    always: dict[str, Parameter] = {"grow_pixels": operator.grow_pixels, "grain": operator.grain}
    if operator.find_sensitivity is None:
        always["matte_channel"] = operator.matte_channel
    else:
        always["find_sensitivity"] = operator.find_sensitivity
    return always | {name: value for name, value in asked.items() if value}


def _told(kept: Pixels) -> tuple[str, ...]:
    """What an artist should know of performers: pixels that are still to be removed."""
    count = int(kept.sum())
    if not count:
        return ()
    return (
        f"{count} pixels inside performers were seen in no frame nearby and are too wide to bridge ({WIDEST} pixels): "
        "they stay as they are, see kept.A",
    )


def cleaning_of(
    wish: RenderWish,
    operator: CleanWish,
    source: PlateSource,
    filler: Filler,
    config: ColourConfig,
    found: FoundMattes | None = None,
) -> Cleaning:
    """A clean, its mattes and all that the artist gave for it found.

    Convention: `found` are the mattes of wires that were found, where no matte was named.

    Raises:
        MissingFrameError: no matte is on disk, or nothing of a clean plate or take.
        RequestError: a path is none, or an anchor is not there.
        PlateError: a clean plate or a take that was named cannot be read.
    """
    anchors = anchors_of(parse_pattern(wish.output_path), operator.anchors, source.frames)
    elsewhere = elsewhere_of(operator, anchors, Means(config, filler.checkpoint))
    mattes = CleanMattes.of(operator, found)

    def seen(number: int, plate: Plate) -> tuple[View, Pixels | None]:
        if number in anchors:
            fixed = anchors.read(number, plate)
            view, matte = view_of(number, fixed, np.zeros(plate.rgb.shape[:2], bool)), None
        else:
            matte = mattes.covered.read(number, plate)
            view = view_of(number, plate, grown(matte > 0, operator.grow_pixels))
        return replace(view, performers=mattes.inside(number, plate)), matte

    contents = ContentKeys(source, config.name)

    def content(number: int) -> str:
        # an anchor's pixels are another file's; those that wires are found in may have been read before
        return "" if number in anchors or found is not None else contents.of(number)

    return Cleaning(wish, operator, Shot(source, seen, content=content), mattes, filler, elsewhere)
