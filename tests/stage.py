"""A show, an engine and a shot on disk, to render with as the daemon does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from interneg.errors import CancelledJobError, ModelError
from interneg.model.base import BaseHeader, BaseModel
from interneg.model.fill import FillNetwork
from interneg.model.show import ShowHeader, ShowModel, save_show
from interneg.model.spatial_fill import SpatialFillNetwork
from interneg.operators.reframe import Framing
from interneg.plates.frames import parse_frames
from interneg.production.store import Store
from interneg.resident.acceptance import accept
from interneg.resident.engine import Engine
from interneg.resident.events import FrameDelivered, FrameFailed, JobReport
from interneg.resident.wish import CleanWish, ReframeWish, RenderWish
from interneg.settings import load_settings
from synthetic import Pixels, write_matte, write_plate

FIRST = 1001
PUNCHED = Framing(FIRST, 1.12, 0.01, -0.02, 1.5)  # stays inside the frame
LEAVING = Framing(FIRST, 1.0, 0.06, 0.03, 0.0)  # looks beyond its right and upper edge


@dataclass
class Heard:
    """A job's control that remembers what it was told, and may be cancelled after so many reports or checkpoints."""

    cancel_after_reports: int = 1 << 30
    cancel_after_checkpoints: int = 1 << 30
    events: list[JobReport] = field(default_factory=list)
    checkpoints: int = 0

    def checkpoint(self) -> None:
        self.checkpoints += 1
        if len(self.events) >= self.cancel_after_reports or self.checkpoints > self.cancel_after_checkpoints:
            raise CancelledJobError("cancelled")

    def report(self, event: JobReport) -> None:
        self.events.append(event)

    @property
    def delivered(self) -> dict[int, FrameDelivered]:
        return {event.frame: event for event in self.events if isinstance(event, FrameDelivered)}

    @property
    def failed(self) -> dict[int, str]:
        return {event.frame: event.message for event in self.events if isinstance(event, FrameFailed)}


class Stage:
    """A home with one show; plates, mattes and finished frames lie beside it."""

    def __init__(self, folder: Path, network: nn.Module | None = None, base: BaseModel | None = None) -> None:
        self.folder = folder
        self.settings = load_settings(home=folder / "home", device="cpu")
        store = Store(self.settings.productions_folder)
        self.production = store.create("show")
        self.engine = Engine(self.settings, store, _loader(network, base) if network else None, base_loader(base))
        if network:
            circle_new(self.production.show, store)

    def shoot(self, frames: Sequence[Pixels], name: str = "plate", **attributes: object) -> str:
        """Writes the shot's frames from 1001 on; gives their pattern."""
        for number, rgb in enumerate(frames, FIRST):
            write_plate(self.folder / f"{name}.{number:04}.exr", rgb, **attributes)
        return str(self.folder / f"{name}.####.exr")

    def draw(self, mattes: Sequence[Pixels], name: str = "matte") -> str:
        """Writes the shot's mattes from 1001 on; gives their pattern."""
        for number, matte in enumerate(mattes, FIRST):
            write_matte(self.folder / f"{name}.{number:04}.exr", matte)
        return str(self.folder / f"{name}.####.exr")

    def path(self, frame: int = FIRST, out: str = "out") -> Path:
        """Where a finished frame lies."""
        return self.folder / out / f"frame.{frame:04}.exr"

    def wish(self, plate: str, operator: CleanWish | ReframeWish, frames: str, out: str = "out", **more) -> RenderWish:
        pattern = str(self.folder / out / "frame.####.exr")
        return RenderWish("show", plate, parse_frames(frames), pattern, operator, **more)

    def run(self, wish: RenderWish, control: Heard | None = None) -> Heard:
        """What the job told, run to its end."""
        control = control or Heard()
        accept(wish, self.engine, self.settings).run(control)
        return control

    def clean(self, plate: str, matte: str, frames: str = "1001", out: str = "out", **more) -> Heard:
        growth = more.pop("grow_pixels", 0.0)
        return self.run(self.wish(plate, CleanWish(matte, grow_pixels=growth), frames, out, **more))

    def reframe(self, plate: str, *keys: Framing, frames: str = "1001", out: str = "out", **more) -> Heard:
        return self.run(self.wish(plate, ReframeWish(keys), frames, out, **more))


def circle_new(show: str, store: Store, network: FillNetwork | None = None, base_hash: str = "") -> str:
    """A version of the show's model, in use: the network's weights, or those of one that has learnt nothing."""
    production = store.open(show)
    version = production.new_version()
    with production.writing_model(version) as folder:
        save_show(folder / "show.safetensors", {"fill": network or FillNetwork()}, header_of(show, version, base_hash))
    production.record_verdict(version, True, {})
    return version


def header_of(show: str, version: str = "v001", base_hash: str = "") -> ShowHeader:
    """The header of weights that nothing special is told of."""
    return ShowHeader(show, version, base_hash, {"seed": 1}, ("take",), {"fill.candidate": 30.0})


def base_of(fill: nn.Module | None = None, spatial: nn.Module | None = None, version: str = "base-1") -> BaseModel:
    """A base of those networks; its hash says its version."""
    header = BaseHeader(version, {"seeds": [1], "kinds": ["test"]}, {}, {})
    return BaseModel(version, f"{version:0<64}", 400, header, fill=fill, spatial=spatial)


def taught_base(seed: int = 1) -> BaseModel:
    """A base whose networks have learnt something, if nothing good."""
    networks = FillNetwork(), SpatialFillNetwork()
    generator = torch.Generator().manual_seed(seed)
    for network in networks:
        network.eval().requires_grad_(False)
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.05)
    return base_of(*networks, version=f"base-{seed}")


def base_loader(base: BaseModel | None) -> Callable[[], BaseModel]:
    """What an engine loads its base with; a broken one where there is none."""

    def load() -> BaseModel:
        if base is None:
            raise ModelError("base.safetensors is damaged: install Interneg again.")
        return base

    return load


def _loader(network: nn.Module, base: BaseModel | None) -> Callable[[Path, str, str | None], ShowModel]:
    def load(path: Path, show: str, base_hash: str | None) -> ShowModel:
        header = header_of(show, base_hash=base.hash if base else "")
        return ShowModel(path.parent.name, "0" * 64, 100, header, fill=network)

    return load


def leftovers(folder: Path) -> list[str]:
    """What a render left half-written."""
    return [path.name for path in folder.rglob(".*.tmp")]


def holes_of(mattes: Sequence[Pixels]) -> list[npt.NDArray[np.bool_]]:
    """Where the mattes cover anything at all."""
    return [matte > 0 for matte in mattes]
