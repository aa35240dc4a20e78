"""Movies in, frame by exact frame; the only importer of av.

Convention: a movie's first frame is 1; frames are counted in the order they are shown.
"""

import threading
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorPrimaries, ColorTrc, Interpolation, VideoReformatter

from interneg.errors import MissingFrameError, PlateError
from interneg.plates.video import matrix_of, rgb_from_codes

Pixels = npt.NDArray[np.float32]

_FULL_RANGE = 2  # ITU-T H.273
_READ_ON_FRAMES = 8  # nearer than this, decoding on is quicker than a seek
_SAFE_RGB = (
    "rgb24",
    "rgba",
    "rgb48le",
    "rgba64le",
    "gbrp",
    "gbrp10le",
    "gbrp12le",
    "gbrp14le",
    "gbrp16le",
    "gbrpf32le",
)
_ALPHA_RGB = ("gbrap", "gbrap10le", "gbrap12le", "gbrap14le", "gbrap16le", "gbrapf32le")
# FFmpeg goes by what a file holds: a playlist with a movie's name would open other files, or the network.
_ONE_FILE = (
    ("format_whitelist", "mov,matroska,mxf,avi,mpeg,mpegts,mpegvideo,m4v"),
    ("protocol_whitelist", "file"),
)
_TAG_KEYS = {
    "timecode": ("timecode",),
    "reel": ("reel_name", "com.apple.proapps.reel", "reel"),
    "camera": ("com.apple.quicktime.model", "com.apple.proapps.cameraname", "com.android.model", "model"),
    "lens": ("com.apple.quicktime.camera.lens_model", "lens_model", "lens"),
}


@dataclass(frozen=True)
class MovieFacts:
    """What a movie's header says of it."""

    codec: str
    frames: int
    fps: float
    width: int
    height: int
    pixel_aspect: float
    transfer: str
    primaries: str
    tags: Mapping[str, str]  # timecode, reel, camera, lens where the file says
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class MovieFrame:
    """One decoded frame: R'G'B' as the movie encodes it, 0 black and 1 white, beyond both where it says so."""

    rgb: Pixels  # (H, W, 3)
    alpha: Pixels | None  # (H, W)


@dataclass(frozen=True)
class _Index:
    """When each frame is shown, and which of them decoding can begin at; no times where the file gives none."""

    times: tuple[int, ...]
    keys: tuple[int, ...]
    count: int


class MovieReader:
    """The frames of a movie by number; safe to call from several threads, one frame at a time.

    Raises:
        PlateError: not a movie, or one that is cut short before its index.
        MissingFrameError: there is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._reformatter = VideoReformatter()
        self._container: av.container.InputContainer | None = None
        self._decoded: Iterator[av.VideoFrame] = iter(())
        self._last = -1  # place of the last decoded frame in the index
        container = _opened(path)
        try:
            self._index = _index(path, container)
            self.facts = _facts(path, container, self._index.count, self._is_sideways())
        except (av.FFmpegError, ValueError) as error:
            raise PlateError(f"{path}: its index cannot be read ({error}); check the file") from error
        finally:
            container.close()

    def _is_sideways(self) -> bool:
        """Whether the picture is shown turned by a quarter: the first frame tells, where it decodes."""
        self._seek(None)
        first = next(self._decoded, None)
        self._close()
        return first is not None and _quarter_turns(first) % 2 == 1

    def __enter__(self) -> "MovieReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file; a later read opens it again."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._container is not None:
            self._decoded = iter(())
            self._container.close()
            self._container = None

    def read(self, frame: int) -> MovieFrame:
        """That frame's pixels.

        Raises:
            MissingFrameError: the movie has no such frame.
            PlateError: the frame does not decode.
        """
        if not 1 <= frame <= self._index.count:
            raise MissingFrameError(f"{self.path}: no frame {frame}; it has 1-{self._index.count}")
        with self._lock:
            try:
                found = self._found(frame - 1)
                if found is not None:
                    return self._pixels(found)
            except (av.FFmpegError, ValueError) as error:
                self._close()
                raise PlateError(f"{self.path}: frame {frame} does not decode ({error}); check the file") from error
            except PlateError as error:
                raise PlateError(f"{self.path}: {error}") from error
        raise PlateError(f"{self.path}: frame {frame} does not decode; the file is damaged or cut short")

    def _found(self, place: int) -> av.VideoFrame | None:
        """The frame at that place of the index: decoded on to, or sought from ever earlier key frames."""
        if self._reads_on(place) and (frame := self._decoded_to(place)) is not None:
            return frame
        starts = self._starts(place)
        for start in starts:
            self._seek(start)
            if (frame := self._decoded_to(place)) is not None:
                return frame
        return None

    def _reads_on(self, place: int) -> bool:
        """Whether decoding on reaches the frame sooner than a seek."""
        if self._container is None or place <= self._last:
            return False
        if place - self._last <= _READ_ON_FRAMES or not self._index.times:
            return True
        key = bisect_right(self._index.keys, self._index.times[place])
        return key == bisect_right(self._index.keys, self._index.times[self._last])

    def _starts(self, place: int) -> list[int | None]:
        """Where decoding may begin for that frame, the nearest first; None is the beginning of the file."""
        if not self._index.times:
            return [None]
        nearest = bisect_right(self._index.keys, self._index.times[place]) - 1
        near = [self._index.keys[key] for key in (nearest, nearest - 1) if key > 0]
        return [*near, None]

    def _seek(self, start: int | None) -> None:
        """Stands before a key frame, or before the first frame of the file."""
        if start is None or self._container is None:
            self._close()
            self._container = _opened(self.path)
            self._container.streams.video[0].thread_type = "AUTO"
        stream = self._container.streams.video[0]
        if start is not None:
            self._container.seek(start, stream=stream, backward=True)
        self._decoded = _frames(self._container, stream)
        self._last = -1

    def _decoded_to(self, place: int) -> av.VideoFrame | None:
        """Decodes on to that place; None where the frame does not come."""
        times = self._index.times
        for frame in self._decoded:
            if not times:
                self._last += 1
            elif frame.pts is not None:
                self._last = bisect_right(times, frame.pts) - 1
            if self._last >= place:
                shown = not times or frame.pts == times[place]
                return frame if shown and self._last == place and not frame.is_corrupt else None
        return None

    def _pixels(self, frame: av.VideoFrame) -> MovieFrame:
        """The frame's pixels, upright."""
        kind = frame.format
        if kind.is_rgb or kind.has_palette:
            rgb, alpha = self._from_rgb(frame)
        elif len(kind.components) == 1:
            rgb, alpha = self._from_grey(frame), None
        else:
            rgb, alpha = self._from_luma_chroma(frame)
        if turns := _quarter_turns(frame):
            rgb = np.ascontiguousarray(np.rot90(rgb, turns))
            alpha = None if alpha is None else np.ascontiguousarray(np.rot90(alpha, turns))
        return MovieFrame(rgb, alpha)

    def _from_rgb(self, frame: av.VideoFrame) -> tuple[Pixels, Pixels | None]:
        """The pixels of a frame that stores R'G'B'."""
        name = frame.format.name
        if name not in _SAFE_RGB + _ALPHA_RGB:
            deep = max(component.bits for component in frame.format.components) > 8
            alpha = any(component.is_alpha for component in frame.format.components)
            name = ("rgba64le" if deep else "rgba") if alpha else ("rgb48le" if deep else "rgb24")
            frame = self._reformatter.reformat(frame, format=name)
        codes = frame.to_ndarray()
        bits = frame.format.components[0].bits
        top = 1.0 if codes.dtype == np.float32 else 2.0**bits - 1
        pixels = codes.astype(np.float32) * np.float32(1 / top)
        alpha_pixels = np.ascontiguousarray(pixels[..., 3]) if pixels.shape[-1] == 4 else None
        return np.ascontiguousarray(pixels[..., :3]), alpha_pixels

    def _from_grey(self, frame: av.VideoFrame) -> Pixels:
        """The pixels of a frame without chroma; full range unless tagged otherwise."""
        if frame.format.name not in ("gray", "gray10le", "gray12le", "gray16le"):
            frame = self._reformatter.reformat(frame, format="gray16le")
        bits = frame.format.components[0].bits
        luma = frame.to_ndarray().astype(np.float32)
        black, white = (
            (16 * 2.0 ** (bits - 8), 235 * 2.0 ** (bits - 8)) if frame.color_range == 1 else (0, 2.0**bits - 1)
        )
        grey = (luma - np.float32(black)) * np.float32(1 / (white - black))
        return np.repeat(grey[..., None], 3, axis=-1)

    def _from_luma_chroma(self, frame: av.VideoFrame) -> tuple[Pixels, Pixels | None]:
        """The pixels of a frame that stores luma and chroma.

        swscale only brings the chroma to full size: its own conversion to R'G'B' clips what lies beyond 0 and 1.
        """
        source = frame.format
        full = frame.color_range == _FULL_RANGE or source.name.startswith("yuvj")
        has_alpha = any(component.is_alpha for component in source.components)
        reach = 2 if full else 1
        wide = self._reformatter.reformat(
            frame,
            format="yuva444p16le" if has_alpha else "yuv444p16le",
            src_colorspace=1,
            dst_colorspace=1,  # the same on both sides: no matrix is applied
            src_color_range=reach,
            dst_color_range=reach,
            interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
        )
        luma, blue, red, *rest = (_plane(plane) for plane in wide.planes)
        weights = matrix_of(int(frame.colorspace), frame.width, frame.height)
        rgb = rgb_from_codes((luma, blue, red), source.components[0].bits, full, weights)
        return rgb, rest[0].astype(np.float32) * np.float32(1 / 65535) if rest else None


def _quarter_turns(frame: av.VideoFrame) -> int:
    """How often the picture is turned counter-clockwise by a quarter, which is how FFmpeg and rot90 count."""
    return int(round(frame.rotation / 90) % 4)


def _plane(plane: av.video.plane.VideoPlane) -> npt.NDArray[np.uint16]:
    """A 16-bit plane without the padding of its rows."""
    rows = np.frombuffer(memoryview(plane), np.uint16).reshape(-1, plane.line_size // 2)
    return rows[: plane.height, : plane.width]


def _opened(path: Path) -> av.container.InputContainer:
    """The file, opened, with a picture in it."""
    if not path.is_file():
        raise MissingFrameError(f"{path}: there is no such file; name a movie that is on disk")
    try:
        container = av.open(str(path), options=dict(_ONE_FILE), metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        told = getattr(error, "strerror", None) or error  # without the path, which is told already
        raise PlateError(f"{path}: not a readable movie ({told}); check the file") from error
    if not container.streams.video:
        container.close()
        raise PlateError(f"{path}: no picture in it; name a movie that has one")
    return container


def _frames(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> Iterator[av.VideoFrame]:
    """Every frame that decodes from here on; damaged ones are passed over."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        try:
            yield from packet.decode()
        except av.InvalidDataError:
            continue


def _index(path: Path, container: av.container.InputContainer) -> _Index:
    """The movie's index: from its header where every frame is a key frame, else from its packets."""
    stream = container.streams.video[0]
    entries = list(stream.index_entries)
    size_bytes = path.stat().st_size
    if any(entry.pos + entry.size > size_bytes for entry in entries):
        raise PlateError(f"{path}: cut short, its index tells of more than is there; copy it again")
    if entries and len(entries) == stream.frames and all(entry.is_keyframe for entry in entries):
        times = sorted(entry.timestamp for entry in entries)
        if len(set(times)) == len(times):
            return _Index(tuple(times), tuple(times), len(times))
    return _index_from_packets(path, container, stream)


def _index_from_packets(
    path: Path, container: av.container.InputContainer, stream: av.video.stream.VideoStream
) -> _Index:
    """The index that the packets give: nothing is decoded."""
    shown: list[int | None] = []
    keys: list[int] = []
    for packet in container.demux(stream):
        if packet.size and not packet.is_discard:
            shown.append(packet.pts)
            keys += [packet.pts] if packet.is_keyframe and packet.pts is not None else []
    if not shown:
        raise PlateError(f"{path}: no frames in it; copy it again")
    times = sorted(time for time in shown if time is not None)
    if len(set(times)) < len(shown):
        return _Index((), (), len(shown))
    return _Index(tuple(times), tuple(sorted(keys)), len(times))


def _facts(path: Path, container: av.container.InputContainer, count: int, sideways: bool) -> MovieFacts:
    """What the header says."""
    stream = container.streams.video[0]
    codec = stream.codec_context
    rate = stream.average_rate or stream.guessed_rate
    aspect = stream.sample_aspect_ratio or codec.sample_aspect_ratio
    if rate is None or codec.width < 1 or codec.height < 1:
        raise PlateError(f"{path}: its header gives no size or frame rate; check the file")
    width, height = (codec.height, codec.width) if sideways else (codec.width, codec.height)
    pixel_aspect = float(aspect) if aspect else 1.0
    known = dict(container.metadata) | {key: text for each in container.streams for key, text in each.metadata.items()}
    tags = {tag: next((known[key] for key in keys if known.get(key)), "") for tag, keys in _TAG_KEYS.items()}
    return MovieFacts(
        codec=f"{stream.codec.name} {codec.profile or ''}".strip(),
        frames=count,
        fps=float(rate),
        width=width,
        height=height,
        pixel_aspect=1 / pixel_aspect if sideways else pixel_aspect,
        transfer=_tag(ColorTrc, codec.color_trc),
        primaries=_tag(ColorPrimaries, codec.color_primaries),
        tags={tag: text for tag, text in tags.items() if text},
    )


def _tag(kind: type[ColorTrc] | type[ColorPrimaries], number: int) -> str:
    """A colour tag as FFmpeg names it."""
    names = {
        "BT2020_10": "bt2020-10",
        "BT2020_12": "bt2020-12",
        "IEC61966_2_1": "iec61966-2-1",
        "IEC61966_2_4": "bt709",
    }
    names |= {"ARIB_STD_B67": "arib-std-b67"}
    try:
        name = str(kind(number).name)
    except ValueError:
        return f"H.273 number {number}"
    return names.get(name, name.lower())
