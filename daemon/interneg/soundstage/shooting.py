"""One scene rendered and written: its lamps one by one, its plate with and without the faults, and the truth."""

from __future__ import annotations

import zlib
from dataclasses import asdict, replace

import numpy as np
import numpy.typing as npt

from interneg.soundstage.archive import Stage, writing_scene
from interneg.soundstage.camera import SHUTTER, Camera
from interneg.soundstage.quiet import quietened
from interneg.soundstage.renderer import SUB_FRAMES, Picture, Truth, at_frame
from interneg.soundstage.scene import Pixels
from interneg.soundstage.stage import Order, Staging, rig_of

COVERAGE_SAMPLES = 24  # rays a pixel for a matte's edge, shared among the shutter's sub-frames
DARK = 0.004  # mean radiance, where a white card in the lamp's light has 1
WHITE = (1.0, 1.0, 1.0)


def shoot(stage: Stage, staging: Staging, order: Order) -> None:
    """Renders the scene and writes it, whole or not at all."""
    wrong = [shape for fault in staging.faults for shape in fault.shapes]
    other = staging.other_take
    twins = [] if other is None else [shape for shape in other.shapes if shape not in staging.dressed.shapes]
    dressed = staging.dressed
    picture = Picture((*staging.shapes, *wrong), dressed.practicals, dressed.surroundings, staging.lamps)
    lamps = _lamps(staging, order, picture)
    staging = replace(staging, lamps=tuple(lamp for lamp in staging.lamps if lamp.name in lamps))
    set_up = _SetUp(staging, order, picture)
    with writing_scene(stage, staging.seed) as writer:
        truth = set_up.truth(order.lamp_size, staging.middle)
        writer.pictures("lamps", quietened(lamps, truth.albedo, truth.normal, truth.depth))
        writer.pictures("truth", _planes(truth))
        for frame in staging.frames if staging.has_plate else ():
            writer.pictures("plate", {"": set_up.plate(frame, hidden=staging.fault_names())}, frame)
            writer.pictures("truth", set_up.moving_truth(frame), frame)
            if staging.faults:
                writer.pictures("rigged", {"": set_up.plate(frame, hidden=())}, frame)
                writer.pictures("mattes", set_up.mattes(frame), frame)
        if twins:
            writer.pictures("moved", {"": _moved_take(staging, order)})
        writer.say(_said(staging, order, picture))


def _lamps(staging: Staging, order: Order, picture: Picture) -> dict[str, Pixels]:
    """The image of each lamp alone, in the middle of the shot: of as many as are wanted that light what is seen."""
    picture.stand(staging.middle, staging.fault_names())
    images: dict[str, Pixels] = {}
    for index in np.random.default_rng(staging.seed).permutation(len(staging.lamps)):
        image = _lamp(staging, order, picture, staging.lamps[index].name)
        if image.mean() > DARK:
            images[staging.lamps[index].name] = image
        if len(images) == order.lamps:
            break
    others = ["practicals"] * bool(staging.dressed.practicals) + ["surroundings"]
    return {**dict(sorted(images.items())), **{name: _lamp(staging, order, picture, name) for name in others}}


def _lamp(staging: Staging, order: Order, picture: Picture, name: str) -> Pixels:
    picture.light({name: WHITE})
    seed = staging.seed * 64 + zlib.crc32(name.encode()) % 64
    return picture.rendered(staging.camera_at(staging.middle), order.lamp_size, order.lamp_samples, seed)


class _SetUp:
    """A staging with its picture loaded."""

    def __init__(self, staging: Staging, order: Order, picture: Picture) -> None:
        self._staging, self._order, self._picture, self._rig = staging, order, picture, rig_of(staging)

    def plate(self, frame: int, hidden: tuple[str, ...]) -> Pixels:
        """The beauty of that frame, blurred as the shutter's opening does."""
        self._picture.light(self._rig)
        moments = _moments(self._staging, frame)
        samples = max(1, self._order.plate_samples // len(moments))
        seen = []
        for index, moment in enumerate(moments):
            self._picture.stand(moment, hidden)
            seed = (self._staging.seed * 64 + frame) * 8 + index
            camera = self._staging.camera_at(moment)
            seen.append(self._picture.rendered(camera, self._order.plate_size, samples, seed))
        return np.asarray(np.mean(seen, axis=0), np.float32)

    def truth(self, size: tuple[int, int], frame: int) -> Truth:
        """The truth of that frame, at the middle of the shutter's opening."""
        self._picture.stand(frame, self._staging.fault_names())
        return self._picture.truth(self._staging.camera_at(frame), size)

    def moving_truth(self, frame: int) -> dict[str, npt.NDArray[np.generic]]:
        """The truth of a frame of the plate, with where each pixel goes until the next frame."""
        truth = self.truth(self._order.plate_size, frame)
        motion = _motion(self._staging, truth, self._picture.names(), frame)
        return {**_planes(truth), "motion": motion}

    def mattes(self, frame: int) -> dict[str, Pixels]:
        """The coverage of each kind of fault, blurred as the plate is."""
        moments = _moments(self._staging, frame)
        share = COVERAGE_SAMPLES // len(moments)
        kinds = sorted({fault.kind for fault in self._staging.faults})
        seen: dict[str, list[Pixels]] = {kind: [] for kind in kinds}
        for index, moment in enumerate(moments):
            self._picture.stand(moment)
            camera: Camera = self._staging.camera_at(moment)
            for kind in kinds:
                names = self._staging.fault_names(kind)
                seeds = range(index * share, (index + 1) * share)
                seen[kind].append(self._picture.coverage(names, camera, self._order.plate_size, seeds))
        return {kind: np.asarray(np.mean(mattes, axis=0), np.float32) for kind, mattes in seen.items()}


def _moments(staging: Staging, frame: int) -> tuple[float, ...]:
    """The moments that make up a frame: one, where nothing moves."""
    if len(staging.frames) == 1:
        return (float(frame),)
    return tuple(frame + SHUTTER * ((index + 0.5) / SUB_FRAMES - 0.5) for index in range(SUB_FRAMES))


def _moved_take(staging: Staging, order: Order) -> Pixels:
    """The first frame with the prop elsewhere."""
    assert staging.other_take is not None
    people = tuple(shape for person in staging.people for shape in person)
    other = staging.other_take
    picture = Picture((*other.shapes, *people), other.practicals, other.surroundings, staging.lamps)
    picture.light(rig_of(staging))
    first = staging.frames[0]
    picture.stand(first)
    return picture.rendered(staging.camera_at(first), order.plate_size, order.plate_samples, staging.seed * 64 + 63)


def _motion(staging: Staging, truth: Truth, names: tuple[str, ...], frame: int) -> Pixels:
    """Where each pixel goes until the next frame (H, W, 2): right and down, 0 where nothing is."""
    height, width = truth.id.shape
    shapes = {shape.name: shape for shape in staging.shapes}
    points = truth.position.reshape(-1, 3).astype(np.float64)
    later = points.copy()
    for index, name in enumerate(names):
        shape = shapes.get(name)
        chosen = truth.id.reshape(-1) == index + 1
        if shape is not None and chosen.any():
            later[chosen] = at_frame(shape, points[chosen], 1.0, since=frame)
    now = staging.camera_at(frame).seen_at(points, width, height)
    then = staging.camera_at(frame + 1).seen_at(later, width, height)
    motion = np.where((truth.id.reshape(-1) > 0)[:, None], then - now, 0)
    return motion.reshape(height, width, 2).astype(np.float32)


def _planes(truth: Truth) -> dict[str, npt.NDArray[np.generic]]:
    planes = {name: getattr(truth, name) for name in ("albedo", "normal", "depth", "position")}
    return {**planes, "id": truth.id.astype(np.float32)}


def _said(staging: Staging, order: Order, picture: Picture) -> dict[str, object]:
    """What the scene says of itself."""
    middle = staging.camera_at(staging.middle)
    towards = {lamp.name: np.subtract(lamp.position, middle.target) for lamp in staging.lamps}
    lamps = [
        {
            "name": lamp.name,
            "direction": (middle.axes() @ towards[lamp.name] / np.linalg.norm(towards[lamp.name])).tolist(),
            "angular_diameter_degrees": lamp.angular_diameter_degrees,
            "distance": lamp.distance,
        }
        for lamp in staging.lamps
    ]
    cameras = {frame: staging.camera_at(frame) for frame in staging.frames}
    return {
        "seed": staging.seed,
        "set": staging.dressed.kind,
        "people": len(staging.people),
        "faults": sorted({fault.kind for fault in staging.faults}),
        "frames": list(staging.frames) if staging.has_plate else [],
        "lamps": lamps,
        "practicals": len(staging.dressed.practicals),
        "rig": rig_of(staging),
        "cameras": {
            str(frame): {**asdict(camera), "axes": camera.axes().tolist(), "field_degrees": camera.field_degrees}
            for frame, camera in cameras.items()
        },
        "things": list(picture.names()),
        "order": asdict(order),
    }
