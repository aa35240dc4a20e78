"""Plates of known truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import OpenEXR
import OpenImageIO

from interneg.plates.exr import write_exr
from interneg.plates.plate import ExrFile, ExrPart, FinishedFrame, Plate, StoredChannel, Window

FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"

Pixels = npt.NDArray[np.float32]


def wild_rgb(height: int, width: int, seed: int = 0) -> Pixels:
    """Scene-linear values from -100 to 60000, most of them near a plate's, all of them exact in half."""
    rng = np.random.default_rng(seed)
    rgb = rng.normal(0.4, 0.3, (height, width, 3))
    wild = rng.random((height, width, 3)) < 0.05
    rgb[wild] = rng.uniform(-100, 60000, int(wild.sum()))
    return rgb.astype(np.float16).astype(np.float32)


def plate_of(rgb: Pixels, *, origin: ExrFile | None = None) -> Plate:
    """A plate of those pixels, its windows alike."""
    window = Window.of_size(rgb.shape[1], rgb.shape[0])
    return Plate(rgb, window, window, colourspace="ACEScg", origin=origin)


def half_file(rgb: Pixels, **attributes: object) -> ExrFile:
    """The single-part half EXR of those pixels, as it would have been read."""
    window = Window.of_size(rgb.shape[1], rgb.shape[0])
    channels = {name: StoredChannel(rgb[..., index].astype(np.float16)) for index, name in enumerate("RGB")}
    return ExrFile((ExrPart("", attributes, channels, window),))


def write_plate(path: Path, rgb: Pixels, layers: Mapping[str, Pixels] | None = None, **attributes: object) -> Path:
    """A half EXR of those pixels on disk."""
    plate = plate_of(rgb, origin=half_file(rgb, **attributes))
    write_exr(path, FinishedFrame(plate, rgb, plate.data_window, layers=layers or {}))
    return path


def write_matte(path: Path, matte: Pixels) -> Path:
    """An EXR whose only channel is A, half."""
    pixels = {"A": np.ascontiguousarray(matte.astype(np.float16))}
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, pixels).write(str(path))
    return path


def write_still(path: Path, pixels: np.ndarray, kind: str, **attributes: object) -> Path:
    spec = OpenImageIO.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], kind)
    spec.attribute("oiio:UnassociatedAlpha", 1)
    for name, value in attributes.items():
        spec.attribute(name.replace("__", ":"), value)
    output = OpenImageIO.ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(np.ascontiguousarray(pixels, np.float32)), output.geterror()
    output.close()
    return path


def codes(height: int, width: int, channels: int, levels: int) -> np.ndarray:
    rng = np.random.default_rng(height * width)
    return (rng.integers(0, levels, (height, width, channels)) / (levels - 1)).astype(np.float32)


def frame_of(planes: Sequence[np.ndarray], pixel_format: str) -> av.VideoFrame:
    """A video frame of these planes."""
    frame = av.VideoFrame(planes[0].shape[1], planes[0].shape[0], pixel_format)
    for plane, codes in zip(frame.planes, planes, strict=True):
        rows = np.zeros((plane.height, plane.line_size // codes.itemsize), codes.dtype)
        rows[:, : codes.shape[1]] = codes
        plane.update(rows.tobytes())
    return frame


def write_movie(
    path: Path, frames: Sequence[av.VideoFrame], codec: str, times: Sequence[int] | None = None, **options: str
) -> Path:
    """A movie of those frames at 24 a second, or at those times in 240ths."""
    colour = {
        key: int(options.pop(key))
        for key in ("color_range", "colorspace", "color_trc", "color_primaries")
        if key in options
    }
    rotation = int(options.pop("rotation", "0"))
    tick = Fraction(1, 24 if path.suffix == ".avi" else 240)  # AVI has no times, only a rate
    whole = {"movflags": options.pop("movflags")} if "movflags" in options else {}
    with av.open(str(path), "w", container_options=whole) as container:
        stream = container.add_stream(codec, rate=24, options=options)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, frames[0].format.name
        stream.time_base = stream.codec_context.time_base = tick
        stream.metadata["timecode"] = "01:02:03:04"
        for key, value in colour.items():
            setattr(stream.codec_context, key, value)
        if rotation:
            stream.set_display_rotation(rotation)
        for index, frame in enumerate(frames):
            frame.pts, frame.time_base = times[index] if times else index * int(1 / tick) // 24, tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def numbered(count: int, width: int = 64, height: int = 48, pixel_format: str = "yuv420p") -> list[av.VideoFrame]:
    """Frames whose grey says which they are: frame n has luma 30 + 3n of 8 bits."""
    deep = "10" in pixel_format
    kind, scale = (np.uint16, 4) if deep else (np.uint8, 1)
    across, down = (2, 2) if "420" in pixel_format else (2, 1)
    frames = []
    for index in range(count):
        luma = np.full((height, width), (30 + 3 * index) * scale, kind)
        chroma = np.full((height // down, width // across), 128 * scale, kind)
        frames.append(frame_of([luma, chroma, chroma], pixel_format))
    return frames


def number_of(rgb: np.ndarray) -> int:
    """Which of the numbered frames this is, counted from 1."""
    return round((float(rgb.mean()) * 219 + 16 - 30) / 3) + 1


@dataclass(frozen=True, eq=False)
class Texture:
    """A band-limited picture that is known between its pixels too: a sum of plane waves around a mean."""

    waves: npt.NDArray[np.float64]  # (K, 2) cycles a pixel, x and y
    phases: npt.NDArray[np.float64]  # (K, 3)
    depths: npt.NDArray[np.float64]  # (K,)
    mean: float

    def at(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Pixels:
        """The picture (..., 3) at those points."""
        along = np.multiply.outer(np.asarray(x, np.float64), self.waves[:, 0])
        along = along + np.multiply.outer(np.asarray(y, np.float64), self.waves[:, 1])
        waves = (np.cos(2 * np.pi * (along[..., k, None] + phase)) for k, phase in enumerate(self.phases))
        total = sum(depth * wave for depth, wave in zip(self.depths, waves, strict=True))
        return np.asarray(self.mean + total, np.float32)

    def frame(self, height: int, width: int, x: float = 0.0, y: float = 0.0) -> Pixels:
        """The picture through a window whose first pixel lies at (x, y)."""
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
        return self.at(columns + x, rows + y)


def texture_of(seed: int = 0, finest: float = 0.2, mean: float = 0.6, depth: float = 0.12) -> Texture:
    """A texture without repeats, coarse and fine as pictures are, up to `finest` cycles a pixel."""
    rng = np.random.default_rng(seed)
    angle, size = rng.uniform(0, 2 * np.pi, 48), np.geomspace(0.006, finest, 48)
    waves = np.stack([size * np.cos(angle), size * np.sin(angle)], axis=1)
    depths = size**-0.7
    return Texture(waves, rng.uniform(0, 1, (48, 3)), depths * depth * np.sqrt(2 / (depths**2).sum()), mean)


def panned(count: int, height: int, width: int, seed: int = 0, speed: tuple[float, float] = (3.3, 1.2)) -> list[Pixels]:
    """A camera that pans over a texture: frames of known truth, exact in half."""
    texture = texture_of(seed)
    frames = [texture.frame(height, width, speed[0] * frame, speed[1] * frame) for frame in range(count)]
    return [frame.astype(np.float16).astype(np.float32) for frame in frames]


def wire_of(height: int, width: int, thickness: float = 3.0, shift: float = 0.0) -> Pixels:
    """The soft matte of a straight wire that hangs across the frame, (H, W) coverage."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    across = np.abs(rows - 0.55 * height - shift - 0.15 * (columns - width / 2)) / np.hypot(1, 0.15)
    return np.clip(thickness / 2 + 0.5 - across, 0, 1).astype(np.float32)


def hung(clean: Pixels, wire: Pixels, value: float = 0.02) -> Pixels:
    """The frame with a dark wire in it, by the wire's coverage."""
    over = clean * (1 - wire[..., None]) + value * wire[..., None]
    return over.astype(np.float16).astype(np.float32)


def psnr(answer: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """How near the answer is to the truth, in dB below 1."""
    error = np.asarray(answer, np.float64) - np.asarray(truth, np.float64)
    return float(-10 * np.log10(max(float((error**2).mean()), 1e-12)))


def bits_of(rgb: Pixels) -> npt.NDArray[np.uint32]:
    """The very bits, so that a NaN equals itself and -0 is not 0."""
    return np.ascontiguousarray(rgb, np.float32).view(np.uint32)
