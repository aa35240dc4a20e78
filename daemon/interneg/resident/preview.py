"""One frame of a relight at proxy size: a look before the leap."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from interneg.errors import RequestError
from interneg.resident.answer import notices_of
from interneg.resident.engine import Engine
from interneg.resident.looks import Looks
from interneg.resident.shading import Mattes, Pixels
from interneg.resident.weights import proxy_of
from interneg.resident.wish import RelightWish, RenderWish
from interneg.settings import Settings

LONG_SIDE, SMALLEST, LARGEST = 640, 64, 2048  # pixels


@dataclass(frozen=True)
class Preview:
    """A PNG in display encoding, its size, and what an artist should know of it."""

    png: bytes
    width: int
    height: int
    notices: tuple[str, ...]


def previewed(wish: RenderWish, long_side: int, engine: Engine, settings: Settings, looks: Looks) -> Preview:
    """The first frame that is asked for, in the light of its rig; 0 pixels is the usual size.

    What was read and found of the shot stays in `looks`: the next preview of it only shades.

    Raises:
        RequestError: the wish is no relight, or a value of it is wrong.
        RestraintError: its gain broke its authority.
        PlateError, MissingFrameError: the frame or a matte of it cannot be read.
    """
    if not isinstance(wish.operator, RelightWish):
        raise RequestError("a preview is of a relight; render the others")
    if long_side and not SMALLEST <= long_side <= LARGEST:
        raise RequestError(f"long_side is {long_side}; give {SMALLEST} to {LARGEST} pixels, or 0")
    torch.set_num_threads(1)  # as frames are computed: the same bits
    work, config = looks.at(wish, wish.operator, engine, settings)
    number = wish.frames.first
    plate = work.shot.frame(number).plate
    proxy = proxy_of(plate.rgb, long_side or LONG_SIDE)
    matte, mattes = work.mattes.of_frame(number, plate)
    size = (proxy.shape[0], proxy.shape[1])
    lamps = {name: _small(each, size) for name, each in mattes.lamps.items()}
    performers = None if mattes.performers is None else _small(mattes.performers, size)
    try:
        lit = work.lit(number, proxy, None if matte is None else _small(matte, size), Mattes(performers, lamps))
    finally:
        work.mattes.close()
    told = (*work.lighting.experts.notices, *notices_of(plate))
    display = config.encoded_from_linear(lit.rgb, config.default_space("still", {})[0])
    codes = np.rint(np.clip(np.nan_to_num(display), 0, 1) * 255).astype(np.uint8)
    png = cv2.imencode(".png", np.ascontiguousarray(codes[..., ::-1]))[1].tobytes()
    return Preview(png, size[1], size[0], told)


def _small(matte: Pixels, size: tuple[int, int]) -> Pixels:
    return np.asarray(cv2.resize(matte, (size[1], size[0]), interpolation=cv2.INTER_AREA), np.float32)
