"""What stands in a show's report, gathered from its production."""

from __future__ import annotations

import base64
import csv
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from interneg.errors import InternegError, NotFoundError
from interneg.model.show import load_show
from interneg.plates.colour import ColourConfig
from interneg.plates.source import open_source
from interneg.production.index import Review
from interneg.production.slate import Take
from interneg.production.store import Production
from interneg.production.verdict import PEER_UNITS, PEERS
from interneg.profile.cut import Rhythm, kept_rhythm
from interneg.profile.show import Profile, profile_of
from interneg.profile.takes import kept_measures
from interneg.report import plots
from interneg.training.outcome import NOT_LEARNT, REVIEW_NAME
from interneg.training.sheets import jpeg, sheet_image
from interneg.training.takes import FEWEST_FRAMES

THUMBNAILS = 36  # takes that are shown; the table has all of them
LEAST_GRAIN = 1e-4  # stops: less is a picture without grain, and a plot of rounding
THUMBNAIL_WIDTH = 240  # pixels
SAID = {"expert", "unit", "in_use", "places", "before", "after", "sheets"}  # what a version's folder says of an expert
PANELS = {
    "hole": "hole",
    "plate": "plate",
    "in_use": "in use before",
    "candidate": "this version",
    "other": "the frame it was held to",
    "truth": "truth",
}


@dataclass(frozen=True)
class SheetShown:
    """One held-out example: its pictures (caption, data address), its take, and its scores."""

    take: str
    before: float
    after: float
    panels: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ExpertShown:
    """One expert of the version that was reviewed last."""

    name: str
    unit: str
    circled: bool
    candidate: float
    in_use: float
    called: str
    peers: tuple[tuple[str, float, str], ...]
    steps: int
    examples: int
    curve: str
    gains: str
    sheets: tuple[SheetShown, ...]
    blind: tuple[tuple[str, float, float, int], ...]


@dataclass(frozen=True)
class TakeShown:
    """One take, with a picture of its middle where it can be read."""

    name: str
    take: Take
    part: str
    picture: str


@dataclass(frozen=True)
class ReportFacts:
    """All that the page shows."""

    show: str
    made: str
    base: str
    in_use: str
    reviewed: Review | None
    reviews: tuple[tuple[str, Review], ...]
    experts: tuple[ExpertShown, ...]
    not_learnt: tuple[str, ...]
    takes: tuple[TakeShown, ...]
    more_takes: int
    profile: Profile
    noise: tuple[tuple[str, str], ...]
    rhythm: Rhythm | None


def facts_of(production: Production, config: ColourConfig, base: str) -> ReportFacts:
    """What there is to tell of that production; `base` is the version of the base in use.

    Raises:
        NotFoundError: it has neither takes nor versions: there is nothing to tell.
    """
    takes, reviews = production.takes(), production.history()
    if not takes and not reviews:
        raise NotFoundError(f"{production.show} has no takes yet: add some with `interneg dailies add`.")
    reviewed = reviews[-1] if reviews else None
    said, not_learnt = _review_of(production, reviewed)
    profile = profile_of(takes, kept_measures(production))
    names = {take.id: _name_of(take) for take in takes}
    return ReportFacts(
        show=production.show,
        made=time.strftime("%Y-%m-%d %H:%M"),
        base=base,
        in_use=production.circled() or "",
        reviewed=reviewed,
        reviews=tuple((_when(review), review) for review in reversed(reviews)),
        experts=tuple(_expert(production, reviewed, one, names) for one in said) if reviewed else (),
        not_learnt=not_learnt,
        takes=_takes(takes, _parts(production, reviewed, said), config),
        more_takes=max(0, len(takes) - THUMBNAILS),
        profile=profile,
        noise=_noise(profile),
        rhythm=kept_rhythm(production),
    )


def _review_of(production: Production, reviewed: Review | None) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """What the version's folder says of its review, and why some of it was not learnt; nothing where it has gone or was
    made before there were reports.
    """
    if reviewed is None:
        return [], ()
    try:
        said = json.loads((production.model_folder(reviewed.version) / REVIEW_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return [], ()
    entries = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    why = tuple(str(each) for one in entries for each in one.get(NOT_LEARNT, ()))
    return [one for one in entries if set(one) >= SAID], why


def _expert(production: Production, reviewed: Review, said: Mapping[str, Any], names: Mapping[str, str]) -> ExpertShown:
    name, figures = str(said["expert"]), reviewed.figures
    folder = production.model_folder(reviewed.version)
    plain = {"candidate", "in_use", "circled", "steps", "examples"}
    own = {key.partition(".")[2]: value for key, value in figures.items() if key.startswith(f"{name}.")}
    unit = str(said["unit"])
    named = [(key, value) for key, value in sorted(own.items()) if key not in plain]
    peers = tuple((PEERS.get(key, key), value, PEER_UNITS.get(key, unit)) for key, value in named)
    return ExpertShown(
        name=name,
        unit=unit,
        circled=bool(own.get("circled")),
        candidate=own.get("candidate", math.nan),
        in_use=own.get("in_use", math.nan),
        called=str(said["in_use"]),
        peers=peers,
        steps=int(own.get("steps", 0)),
        examples=int(own.get("examples", 0)),
        curve=plots.lines({"loss": _curve(folder / f"{name}.csv")}, "minutes", "loss"),
        gains=plots.gains(np.subtract(said["after"], said["before"]).tolist(), unit),
        sheets=tuple(_sheet(folder, sheet, names) for sheet in said["sheets"]),
        blind=tuple(
            (Path(shot["plate"]).name, float(shot["before"]), float(shot["after"]), int(shot["examples"]))
            for shot in said.get("blind", ())
        ),
    )


def _curve(path: Path) -> list[tuple[float, float]]:
    """Minutes and losses; none where the file is not there."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [(float(row[1]) / 60, float(row[2])) for row in csv.reader(file) if len(row) == 3]
    except (OSError, ValueError):
        return []


def _sheet(folder: Path, said: Mapping[str, Any], names: Mapping[str, str]) -> SheetShown:
    take, second = said["place"]
    panels = []
    for name, file in said["panels"].items():
        try:
            content = (folder / Path(file).name).read_bytes()
        except OSError:
            continue
        panels.append((PANELS.get(name, name), _address(content)))
    where = f"{names.get(take, 'a take that has gone')}, second {int(second)}"
    return SheetShown(where, float(said["before"]), float(said["after"]), tuple(panels))


def _address(content: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode('ascii')}"


def _parts(production: Production, reviewed: Review | None, said: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """By take: whether it was learnt from, held out, or neither."""
    if reviewed is None:
        return {}
    held_out = {str(take) for one in said for take, _ in one["places"]}
    try:
        model = load_show(production.weights_file(reviewed.version), production.show)
        learnt = {name.partition(" ")[0] for name in model.header.takes}
    except InternegError:
        learnt = set()
    return dict.fromkeys(held_out - learnt, "held out") | {
        take: "learnt, its last part held out" if take in held_out else "learnt" for take in learnt
    }


def _takes(takes: Sequence[Take], parts: Mapping[str, str], config: ColourConfig) -> tuple[TakeShown, ...]:
    return tuple(
        TakeShown(
            _name_of(take),
            take,
            parts.get(take.id, "") or _too_short(take),
            _picture(take, config) if index < THUMBNAILS else "",
        )
        for index, take in enumerate(takes)
    )


def _too_short(take: Take) -> str:
    return f"not learnt from: fewer than {FEWEST_FRAMES} frames" if take.frames < FEWEST_FRAMES else ""


def _picture(take: Take, config: ColourConfig) -> str:
    """The take's middle frame, small; empty where it cannot be read."""
    try:
        source = open_source(take.path, take.colourspace, config)
        try:
            plate = source.read(source.frames[len(source.frames) // 2]).rgb
        finally:
            source.close()
    except InternegError:
        return ""
    small = np.nan_to_num(plate, nan=0, posinf=0, neginf=0).astype(np.float32)
    height = max(1, round(THUMBNAIL_WIDTH * small.shape[0] / small.shape[1]))
    return _address(jpeg(sheet_image(_resized(small, (THUMBNAIL_WIDTH, height)))))


def _resized(plate: npt.NDArray[np.float32], size: tuple[int, int]) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.resize(plate, size, interpolation=cv2.INTER_AREA), np.float32)


def _noise(profile: Profile) -> tuple[tuple[str, str], ...]:
    """A plot of grain against level for each camera and lens."""
    made = []
    for camera in profile.cameras:
        series = {
            channel: [
                (point.level, getattr(point, channel))
                for point in camera.noise
                if math.isfinite(getattr(point, channel))
            ]
            for channel in ("red", "green", "blue")
        }
        if not any(grain > LEAST_GRAIN for points in series.values() for _, grain in points):
            continue
        plot = plots.lines(series, "log level (18 % grey is 0.72)", "grain (stops)", ("#d7695f", "#86c06c", "#6fb1e0"))
        if plot:
            made.append((" ".join(filter(None, (camera.camera, camera.lens))) or "one camera", plot))
    return tuple(made)


def _name_of(take: Take) -> str:
    slate = " ".join(filter(None, (take.slate.setup, take.slate.take)))
    return slate or Path(take.path).name


def _when(review: Review) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(review.reviewed_unix_seconds))
