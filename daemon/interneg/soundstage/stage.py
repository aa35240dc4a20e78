"""A scene from its seed: a set, who stands in it, the lamps around it, what is wrong with it, and the camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from interneg.soundstage.camera import Camera, Move, random_camera, random_move
from interneg.soundstage.faults import Fault, faults, moved_prop
from interneg.soundstage.lamps import StageLamp, random_lamps
from interneg.soundstage.scene import Place, Shape, Solid, StageSet, Vector
from interneg.soundstage.sets.exteriors import EXTERIORS
from interneg.soundstage.sets.interiors import INTERIORS
from interneg.soundstage.sets.untaught import UNTAUGHT
from interneg.units import gain_from_stops, rgb_from_kelvin

Cast = Callable[[np.random.Generator, Place, str], tuple[Shape, ...]]

TRIED = 2  # lamps are hung for each that is wanted: some stand behind a wall
PEOPLE_SHARES = (0.2, 0.45, 0.25, 0.1)  # nobody, one, two, three
FAULTY_SHARE = 0.8  # of the plates
PLATE_EVERY = 4  # every fourth scene has a plate: its rays cost as much as those of two scenes' lamps
CLIP_EVERY = 9  # every ninth is a clip: it costs as much as six others
CLIP_FRAMES = 7
LOOKED_AT, LOOKED_AT_SHARES = (0.92, 0.78, 0.55), (0.6, 0.25, 0.15)  # of their height: face, chest, hips
OTHER_TAKE_SHARE = 0.25
WALKER_SHARE = 0.5


@dataclass(frozen=True)
class Order:
    """What is wanted of every scene.

    Convention: sizes are (width, height) in pixels, samples are rays a pixel.
    """

    lamp_size: tuple[int, int] = (192, 144)
    plate_size: tuple[int, int] = (384, 288)
    lamps: int = 6
    lamp_samples: int = 12
    plate_samples: int = 96
    people: bool = True
    kind: str = ""  # of sets that no base model is taught on, one of UNTAUGHT; else every taught kind


@dataclass(frozen=True, eq=False)
class Staging:
    """Everything that stands on the stage for one scene."""

    seed: int
    dressed: StageSet
    other_take: StageSet | None
    people: tuple[tuple[Shape, ...], ...]
    lamps: tuple[StageLamp, ...]  # more than are wanted: which of them light anything is seen when they are lit
    faults: tuple[Fault, ...]
    has_plate: bool
    camera: Camera
    move: Move
    frames: tuple[int, ...]

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """All things but the faults."""
        return (*self.dressed.shapes, *(shape for person in self.people for shape in person))

    def fault_names(self, kind: str | None = None) -> tuple[str, ...]:
        """The names of the faults' things, of one kind or of all."""
        wanted = [fault for fault in self.faults if kind in (None, fault.kind)]
        return tuple(shape.name for fault in wanted for shape in fault.shapes)

    @property
    def middle(self) -> int:
        """The frame in the middle of the shot, about which the camera moves."""
        return self.frames[len(self.frames) // 2]

    def camera_at(self, frame: float) -> Camera:
        """The camera at that frame."""
        return self.move.after(self.camera, frame - self.middle)


def staged(seed: int, order: Order, cast: Cast | None) -> Staging:
    """The scene of that seed; always the same for the same seed and order."""
    rng = np.random.default_rng((20261121, seed))
    builders = (UNTAUGHT[order.kind],) if order.kind else (*INTERIORS, *EXTERIORS)
    dressed = builders[int(rng.integers(len(builders)))](rng)
    is_clip = seed % CLIP_EVERY == CLIP_EVERY - 1
    has_plate = is_clip or seed % PLATE_EVERY == PLATE_EVERY - 1
    frames = tuple(range(1, CLIP_FRAMES + 1)) if is_clip else (1,)
    people = _people(rng, dressed, cast, is_clip) if cast and order.people else ()
    camera = random_camera(rng, dressed, _face(rng, people))
    lit = camera.target
    lamps = random_lamps(rng, order.lamps * TRIED, dressed, camera, lit)
    faulty = has_plate and rng.random() < FAULTY_SHARE
    wrong = faults(rng, dressed, camera.eye, camera.target, camera.field_degrees) if faulty else ()
    move = random_move(rng, camera)
    other = moved_prop(rng, dressed) if has_plate and rng.random() < OTHER_TAKE_SHARE else None
    return Staging(seed, dressed, other, people, lamps, wrong, has_plate, camera, move, frames)


def _people(rng: np.random.Generator, dressed: StageSet, cast: Cast, moves: bool) -> tuple[tuple[Shape, ...], ...]:
    count = min(int(rng.choice(len(PEOPLE_SHARES), p=PEOPLE_SHARES)), len(dressed.places))
    places = rng.permutation(len(dressed.places))[:count]
    people = []
    for index, place in enumerate(places):
        shapes = cast(rng, dressed.places[place], f"person{index}")
        if moves and rng.random() < WALKER_SHARE:
            step = rng.normal(0, (0.012, 0.0, 0.012))  # metres a frame: up to a stroll
            shapes = tuple(replace(shape, moves=(float(step[0]), 0.0, float(step[2]))) for shape in shapes)
        people.append(shapes)
    return tuple(people)


def _face(rng: np.random.Generator, people: tuple[tuple[Shape, ...], ...]) -> Vector | None:
    """What the camera looks at: somebody's face, chest or hips; now and then the set itself."""
    if not people or rng.random() < 0.15:
        return None
    person = people[int(rng.integers(len(people)))]
    points = np.concatenate([shape.vertices for shape in person if isinstance(shape, Solid)])
    low, high = points.min(axis=0), points.max(axis=0)
    height = low[1] + (high[1] - low[1]) * rng.choice(LOOKED_AT, p=LOOKED_AT_SHARES)
    return float((low[0] + high[0]) / 2), float(height), float((low[2] + high[2]) / 2)


def rig_of(staging: Staging) -> dict[str, Vector]:
    """A rig as a gaffer sets it: a key, perhaps a fill and a rim, what hangs in the set, and the light from outside."""
    rng, lamps, practicals = np.random.default_rng((20261122, staging.seed)), staging.lamps, staging.dressed.practicals
    order = rng.permutation(len(lamps))
    stops = (0.0, rng.uniform(-4, -0.5), rng.uniform(-3, 0.5))[: int(rng.integers(1, 4))]
    rig = {lamps[index].name: _light(rng, stop) for index, stop in zip(order, stops, strict=False)}
    rig["surroundings"] = (float(gain_from_stops(rng.uniform(-5, -0.5))),) * 3
    if practicals:
        rig["practicals"] = _light(rng, rng.uniform(-2, 0.5))
    return rig


def _light(rng: np.random.Generator, stops: float) -> Vector:
    colour = rgb_from_kelvin(float(rng.uniform(2700, 7500))) * gain_from_stops(stops)
    return float(colour[0]), float(colour[1]), float(colour[2])
