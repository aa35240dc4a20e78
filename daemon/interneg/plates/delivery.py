"""What is stored of a finished frame: every channel in its type, the source's own bits where nothing changed."""

import numpy as np
import numpy.typing as npt

from interneg.errors import PlateError
from interneg.plates.plate import ExrFile, ExrPart, FinishedFrame, Stored, StoredChannel, Window

_HALF_OVERFLOW = 65520.0  # the least value that rounds to infinity in half


def parts_from_finished(frame: FinishedFrame) -> tuple[tuple[ExrPart, ...], tuple[str, ...]]:
    """The parts to write, and what the artist should know of them."""
    _check_sizes(frame)
    origin = frame.plate.origin or _plain(frame.plate.data_window)
    root = origin.parts[origin.root]
    channels = _carried(frame, root)
    colour, notices = _colour(frame, origin, root)
    channels.update(colour)
    for name, layer in frame.layers.items():
        half = np.dtype(np.float16)
        channels[name] = StoredChannel(_typed(layer, half if _fits(layer, half, None) else np.dtype(np.float32)))
    attributes = {**root.attributes, **_windows(frame), **frame.record}
    written = ExrPart(root.name, attributes, channels, frame.data_window)
    return (*origin.parts[: origin.root], written, *origin.parts[origin.root + 1 :]), notices


def _plain(window: Window) -> ExrFile:
    """The file of a plate that came from none: one part."""
    return ExrFile((ExrPart("", {}, {}, window),))


def _check_sizes(frame: FinishedFrame) -> None:
    """Refuses arrays that do not fill the data window."""
    size = (frame.data_window.height, frame.data_window.width)
    shapes = {"rgb": frame.rgb.shape[:2]} | {name: layer.shape for name, layer in frame.layers.items()}
    shapes |= {name: pixels.shape for name, pixels in (frame.other or {}).items()}
    if frame.changed is not None:
        shapes["changed"] = frame.changed.shape
    for name, shape in shapes.items():
        if shape != size:
            raise PlateError(f"{name} is {shape[::-1]} pixels where the data window is {size[::-1]}; render it again")


def _windows(frame: FinishedFrame) -> dict[str, object]:
    """The display window and pixel aspect of a plate whose own file gave none."""
    display = frame.plate.display_window
    if (
        frame.plate.origin is not None
        and "displayWindow" in frame.plate.origin.parts[frame.plate.origin.root].attributes
    ):
        return {}
    corners = (display.x_min, display.y_min), (display.x_max, display.y_max)
    return {"displayWindow": corners, "pixelAspectRatio": float(frame.plate.pixel_aspect)}


def _carried(frame: FinishedFrame, root: ExrPart) -> dict[str, StoredChannel]:
    """The root part's channels in the new data window, those replaced that the frame replaces."""
    channels = {name: _moved(channel, root.data_window, frame.data_window) for name, channel in root.channels.items()}
    for name, pixels in (frame.other or {}).items():
        kept = root.channels.get(name)
        channels[name] = StoredChannel(_typed(pixels, kept.pixels.dtype if kept else np.dtype(np.float16)))
    return channels


def _moved(channel: StoredChannel, source: Window, target: Window) -> StoredChannel:
    """A channel cut and padded with zeros to another data window."""
    if source == target:
        return channel
    if channel.x_sampling != 1 or channel.y_sampling != 1:
        raise PlateError("a subsampled channel cannot follow another data window; deliver the plate without it")
    moved = np.zeros((target.height, target.width), channel.pixels.dtype)
    left, right = max(source.x_min, target.x_min), min(source.x_max, target.x_max) + 1
    top, bottom = max(source.y_min, target.y_min), min(source.y_max, target.y_max) + 1
    if left < right and top < bottom:
        kept = channel.pixels[top - source.y_min : bottom - source.y_min, left - source.x_min : right - source.x_min]
        moved[top - target.y_min : bottom - target.y_min, left - target.x_min : right - target.x_min] = kept
    return StoredChannel(moved, 1, 1, channel.perceptually_linear)


def _colour(frame: FinishedFrame, origin: ExrFile, root: ExrPart) -> tuple[dict[str, StoredChannel], tuple[str, ...]]:
    """The colour channels: the finished pixels, with the source's own bits where nothing changed."""
    rgb, changed = frame.rgb, frame.changed
    if changed is not None and not set(origin.colour) <= set(root.channels):
        rgb, changed = _over_plate(frame, changed), None
    planes = [rgb[..., index] for index in range(3)] if len(origin.colour) == 3 else [_grey(rgb)]
    fresh = np.dtype(np.float32 if origin.colour_type == "float" else np.float16)
    stored = [root.channels.get(name) for name in origin.colour]
    types = [channel.pixels.dtype if channel else fresh for channel in stored]
    notices: tuple[str, ...] = ()
    if not all(_fits(plane, kind, changed) for plane, kind in zip(planes, types, strict=True)):
        types = [np.dtype(np.float32)] * len(planes)
        notices = ("values beyond the source's channel type: this frame's colour is written as 32-bit float",)
    channels = {}
    for name, plane, kind, source in zip(origin.colour, planes, types, stored, strict=True):
        pixels = _typed(plane, kind)
        if source is not None and changed is not None:
            _keep(pixels, _moved(source, root.data_window, frame.data_window).pixels, ~changed)
        channels[name] = StoredChannel(pixels, 1, 1, source.perceptually_linear if source else False)
    return channels, notices


def _over_plate(frame: FinishedFrame, changed: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """The finished pixels over the plate's own, for a source that does not store these."""
    over = frame.rgb.copy()
    for index in range(3):
        own = StoredChannel(frame.plate.rgb[..., index])
        np.copyto(over[..., index], _moved(own, frame.plate.data_window, frame.data_window).pixels, where=~changed)
    return over


def _grey(rgb: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """One channel of a grey plate's three: the same value where they agree, their mean where they do not."""
    agree = (rgb[..., 0] == rgb[..., 1]) & (rgb[..., 1] == rgb[..., 2])
    return np.where(agree, rgb[..., 1], rgb.mean(axis=-1, dtype=np.float32)).astype(np.float32, copy=False)


def _fits(plane: npt.NDArray[np.float32], kind: np.dtype[np.generic], changed: npt.NDArray[np.bool_] | None) -> bool:
    """Whether every new value can be said in that type."""
    if kind == np.float32:
        return True
    new = plane if changed is None else plane[changed]
    if kind == np.uint32:
        return bool(np.all((new >= 0) & (new < 2.0**32) & (new == np.rint(new))))
    size = np.abs(new)
    return not bool(np.any((size >= _HALF_OVERFLOW) & (size < np.inf)))


def _typed(pixels: npt.NDArray[np.float32], kind: np.dtype[np.generic]) -> Stored:
    """The pixels in that type, contiguous, as OpenEXR must have them."""
    if kind == np.uint32:
        whole = np.rint(np.nan_to_num(pixels.astype(np.float64), posinf=2.0**32 - 1))
        return np.ascontiguousarray(np.clip(whole, 0, 2.0**32 - 1).astype(np.uint32))
    with np.errstate(over="ignore", invalid="ignore"):
        return pixels.astype(kind, order="C")


def _keep(pixels: Stored, source: Stored, where: npt.NDArray[np.bool_]) -> None:
    """Puts the source's own bits back; a NaN keeps its payload."""
    if pixels.dtype != source.dtype:
        with np.errstate(over="ignore", invalid="ignore"):
            np.copyto(pixels, source, where=where, casting="unsafe")
        return
    bits = np.uint16 if pixels.dtype == np.float16 else np.uint32
    np.copyto(pixels.view(bits), source.view(bits), where=where)
