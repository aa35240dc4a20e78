"""Contact sheets of real shots: the plate, and its key moved to eight places; for judgement by eye."""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from interneg.light import AsShot, Lamp, LightRig, Track
from interneg.plates.colour import ColourConfig
from interneg.plates.frames import FrameRange
from interneg.production.store import Store
from interneg.resident.acceptance import open_relight
from interneg.resident.engine import Engine
from interneg.resident.known_light import KnownShots, LitShot
from interneg.resident.light_experts import light_experts_for
from interneg.resident.relighting import Relighting
from interneg.resident.shading import Lit, Mattes
from interneg.resident.weights import proxy_of
from interneg.resident.wish import RelightWish, RenderWish
from interneg.settings import load_settings

Pixels = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]

ROOT = Path(__file__).resolve().parents[1]
SHOTS = {
    "coffee": ("sam2_coffee/04_coffee.mp4", 20),
    "juggle": ("sam2_juggle/05_default_juggle.mp4", 20),
    "face": ("face_nasa/astronaut.png", 1),
    "city": ("moving_city_cc0/cityCC0.mpg", 20),
    "asl": ("takes_asl/takes/milk.mkv", 30),
}
EIGHT = tuple(range(-180, 180, 45))
ELEVATION, SOFTNESS = 25.0, 12.0  # degrees
BRIGHT, SHOWN = 0.9, 0.5  # where this part of the plate's pixels lie on a sheet
WIDE = 640  # pixels of a picture


@dataclass(frozen=True)
class Desk:
    """A daemon's engine over a home of its own, for as long as a bench runs."""

    engine: Engine
    home: Path
    known: KnownShots = field(default_factory=KnownShots)

    @classmethod
    def at(cls, home: Path) -> Desk:
        """A desk with an empty show."""
        settings = load_settings(home=home, device="cpu")
        store = Store(settings.productions_folder)
        store.create("bench")
        return cls(Engine(settings, store), home)

    def relight(self, plate: str, frame: int, rig: LightRig) -> Relighting:
        """A relight of that plate."""
        wish = RelightWish(rig)
        asked = RenderWish("bench", plate, FrameRange(frame, frame), str(self.home / "out.####.exr"), wish)
        shot = LitShot.of(asked, light_experts_for(self.engine, asked.show), None)
        settings = load_settings(home=self.home, device="cpu")
        return open_relight(asked, wish, self.engine, settings, self.known.of(shot))

    def lit(self, plate: str, frame: int, rig: LightRig) -> tuple[Pixels, Lit]:
        """The plate at the size of a picture, and the same in that light."""
        work = self.relight(plate, frame, rig)
        try:
            proxy = proxy_of(work.shot.frame(frame).plate.rgb, WIDE)
            return proxy, work.lit(frame, proxy, None, Mattes(None, {}))
        finally:
            work.close()


def moved_key(azimuth: float, stops: float = 0.0) -> LightRig:
    """The key as shot nearly out, and a new one from there."""
    place = Track.of(azimuth), Track.of(ELEVATION)
    lamp = Lamp("key", *place, Track.of(stops), angular_diameter_degrees=Track.of(SOFTNESS))
    return LightRig(AsShot(Track.of(-4.0)), AsShot(), (lamp,))


def sheet_of(desk: Desk, plate: str, frame: int) -> Codes:
    """The plate in the middle of three rows of three, and the key moved around it."""
    pictures: list[Codes] = []
    for azimuth in EIGHT:
        proxy, lit = desk.lit(plate, frame, moved_key(azimuth))
        pictures.append(_captioned(lit.rgb, proxy, f"key from {azimuth}"))
    pictures.insert(4, _captioned(proxy, proxy, "as shot"))
    rows = [np.concatenate(pictures[at : at + 3], axis=1) for at in (0, 3, 6)]
    return np.asarray(np.concatenate(rows), np.uint8)


def _captioned(picture: Pixels, like: Pixels, caption: str) -> Codes:
    """The picture as a display shows it, brought to one brightness for all of a sheet."""
    gain = np.float32(SHOWN / max(float(np.quantile(like.mean(axis=-1), BRIGHT)), 1e-6))
    config = ColourConfig()
    display = config.encoded_from_linear(np.asarray(picture * gain, np.float32), config.default_space("still", {})[0])
    shown = np.rint(np.clip(display, 0, 1) * 255).astype(np.uint8)
    cv2.putText(shown, caption, (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 50), 1, cv2.LINE_AA)
    return np.asarray(shown, np.uint8)


def main() -> int:
    """Writes a sheet a shot."""
    parser = argparse.ArgumentParser(prog="bench.relight_sheet", description=__doc__)
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results")
    parser.add_argument("--only", default="", help="one of the shots")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        desk = Desk.at(Path(home))
        for name, (path, frame) in SHOTS.items():
            if asked.only in ("", name) and (asked.footage / path).exists():
                picture = sheet_of(desk, str(asked.footage / path), frame)
                cv2.imwrite(str(asked.out / f"relight-{name}.png"), picture[..., ::-1])
                sys.stdout.write(f"{asked.out / f'relight-{name}.png'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
