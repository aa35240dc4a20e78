"""What one take says of its camera, its light and its movement: measured once, kept beside the show's models."""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from interneg.errors import PlateError, RequestError
from interneg.model.intrinsics import IntrinsicsNetwork
from interneg.plates.colour import ColourConfig, log_from_linear
from interneg.plates.grain import measure_grain
from interneg.plates.source import PlateSource, open_source
from interneg.production.slate import Take
from interneg.production.store import Production
from interneg.profile.lens import fall_off_slopes, fringes
from interneg.profile.light import light_of
from interneg.profile.movement import movement

Pixels = npt.NDArray[np.float32]

FOLDER = "profile"
FORMAT = 1
STILLS = 5  # frames of a take that its camera and light are measured on
MOVING = 24  # frames in a row that its movement is measured on: a second
DARKEST_SHARE = 0.1  # percent of a plate's pixels that are its blacks


@dataclass(frozen=True)
class TakeMeasures:
    """What one take says; lists hold one entry a measured frame, NaN where a frame says nothing.

    Convention: `noise` has rows (log luma, red, green, blue) of the grain's deviation in log units, `grain_size` the
        radius of its spectrum's kernel in pixels; `slopes` and `fringes` as profile/lens.py gives them; `black` the
        scene-linear level of the darkest pixels; light as profile/light.py; `movement` pan, tilt, roll, zoom and
        unrest, empty where nothing could be followed.
    """

    noise: list[list[float]]
    grain_size: list[float]
    slopes: list[list[float]]
    fringes: list[list[float]]
    black: list[float]
    light: list[list[float]]
    movement: list[float]


def measured(
    production: Production,
    config: ColourConfig,
    network: IntrinsicsNetwork | None,
    device: torch.device,
    checkpoint: Callable[[], None],
    has_time: Callable[[], bool] = lambda: True,
) -> dict[str, TakeMeasures]:
    """The measures of every take by its id, those that are not kept yet measured now while there is time for it.

    Convention: `checkpoint` is called before every frame and may raise. Takes that cannot be read have no measures.
    """
    kept = kept_measures(production)
    for take in production.takes():
        if take.id in kept:
            continue
        if not has_time():
            break
        try:
            made = measure_take(take, config, network, device, checkpoint)
        except (PlateError, RequestError):
            continue  # ingest told of it; it says nothing of the show
        _keep(production, take.id, made)
        kept[take.id] = made
    return kept


def kept_measures(production: Production) -> dict[str, TakeMeasures]:
    """The measures that are kept of the takes that are there, by take; damaged or older ones count as not there."""
    found: dict[str, TakeMeasures] = {}
    for take in production.takes():
        try:
            said = json.loads(_file(production, take.id).read_text())
            if said.pop("format") == FORMAT:
                found[take.id] = TakeMeasures(**{name.name: said[name.name] for name in fields(TakeMeasures)})
        except (OSError, ValueError, KeyError, AttributeError):
            continue
    return found


def measure_take(
    take: Take,
    config: ColourConfig,
    network: IntrinsicsNetwork | None,
    device: torch.device,
    checkpoint: Callable[[], None],
) -> TakeMeasures:
    """What the take says.

    Raises:
        PlateError: none of its frames can be read.
    """
    source = open_source(take.path, take.colourspace, config)
    try:
        stills = list(_stills(source, checkpoint))
        if not stills:
            raise PlateError(f"{take.path}: no frame of it can be read; ingest it again.")
        return _measures(stills, list(_moving(source, checkpoint)), take.fps, network, device, checkpoint)
    finally:
        source.close()


def _measures(
    stills: Sequence[Pixels],
    moving: Sequence[Pixels],
    fps: float,
    network: IntrinsicsNetwork | None,
    device: torch.device,
    checkpoint: Callable[[], None],
) -> TakeMeasures:
    noise: list[list[float]] = []
    sizes: list[float] = []
    slopes, edges, black, light = [], [], [], []
    for plate in stills:
        checkpoint()
        finite = np.asarray(np.isfinite(plate).all(axis=-1))
        shown = np.where(finite[..., None], plate, 0).astype(np.float32)
        log = log_from_linear(shown)
        grain = measure_grain(log, finite)
        if grain is not None:
            noise += [
                [float(level), *map(float, sigma)] for level, sigma in zip(grain.levels, grain.sigma, strict=True)
            ]
            sizes.append(_radius(grain.kernels.mean(axis=0)))
        slopes.append([float(slope) for slope in fall_off_slopes(log)])
        found = fringes(log)
        if found is not None:
            edges.append([found.red, found.blue, found.weight])
        black.append(float(np.percentile(shown[finite], DARKEST_SHARE)) if finite.any() else math.nan)
        said = light_of(shown, network, device)
        light.append([said.exposure, said.ratio, said.kelvin, said.azimuth, said.elevation])
    moves = movement(moving, fps)
    return TakeMeasures(
        noise, sizes, slopes, edges, black, light, list(asdict(moves).values()) if moves is not None else []
    )


def _finite(plate: Pixels) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isfinite(plate).all(axis=-1), np.bool_)


def _radius(kernel: Pixels) -> float:
    """The radius in pixels of a grain's kernel: 0 for white noise."""
    reach = kernel.shape[0] // 2
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    power = kernel.astype(np.float64) ** 2
    return float(np.sqrt((power * (x**2 + y**2)).sum() / power.sum() / 2))


def _stills(source: PlateSource, checkpoint: Callable[[], None]) -> Iterator[Pixels]:
    frames = source.frames
    chosen = sorted({frames[round(place)] for place in np.linspace(0, len(frames) - 1, STILLS)}) if frames else []
    return _readable(source, chosen, checkpoint)


def _moving(source: PlateSource, checkpoint: Callable[[], None]) -> Iterator[Pixels]:
    frames = source.frames
    first = max(0, (len(frames) - MOVING) // 2)
    plates = _readable(source, frames[first : first + MOVING], checkpoint)
    return (log_from_linear(np.nan_to_num(plate, posinf=0, neginf=0)) for plate in plates)


def _readable(source: PlateSource, frames: Sequence[int], checkpoint: Callable[[], None]) -> Iterator[Pixels]:
    for frame in frames:
        checkpoint()
        try:
            yield source.read(frame).rgb
        except PlateError:
            continue  # a damaged frame says nothing


def _file(production: Production, take_id: str) -> Path:
    return production.folder / FOLDER / f"{take_id}.json"


def _keep(production: Production, take_id: str, made: TakeMeasures) -> None:
    path = _file(production, take_id)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(exist_ok=True)
        draft.write_text(json.dumps({"format": FORMAT, **asdict(made)}))
        draft.replace(path)
    except OSError as error:
        raise RequestError(f"{path} cannot be written ({error.strerror}): free the disk.") from error
    finally:
        draft.unlink(missing_ok=True)
