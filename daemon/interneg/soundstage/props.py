"""What a set is dressed with, and how it is placed.

Convention: a prop stands on y = 0 with its front towards +z, centred on x and z unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from interneg.soundstage.scene import Place, Practical, Shape, StageSet, Surroundings, Vector
from interneg.soundstage.solids import Finish, Form, beam, box, cylinder, joined, lathe, plain
from interneg.soundstage.textures import enamel, linear, wood

WARM, NEUTRAL, COLD = (1.0, 0.62, 0.32), (1.0, 0.86, 0.7), (0.82, 0.92, 1.0)


@dataclass(frozen=True, eq=False)
class Part:
    """One piece of a prop; with a glow it is a practical of that tint."""

    name: str
    form: Form
    finish: Finish
    glow: Vector | None = None


Prop = tuple[Part, ...]


def placed(prop: Prop, x: float = 0.0, y: float = 0.0, z: float = 0.0, degrees: float = 0.0) -> Prop:
    """The prop turned about the vertical, then put somewhere."""
    return tuple(replace(part, form=part.form.turned(degrees).moved(x, y, z)) for part in prop)


@dataclass
class Dressing:
    """A set while it is being dressed."""

    shapes: list[Shape] = field(default_factory=list)
    practicals: list[Practical] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    movable: list[str] = field(default_factory=list)
    anchors: list[Vector] = field(default_factory=list)
    props: int = 0

    def put(self, prop: Prop, x: float = 0.0, y: float = 0.0, z: float = 0.0, degrees: float = 0.0) -> None:
        """Places a prop."""
        for part in placed(prop, x, y, z, degrees):
            solid = part.form.solid(f"{part.name}_{self.props}", part.finish)
            if part.glow is None:
                self.shapes.append(solid)
            else:
                self.practicals.append(Practical(solid, part.glow))
            self.props += 1

    def put_loose(self, prop: Prop, x: float = 0.0, y: float = 0.0, z: float = 0.0, degrees: float = 0.0) -> None:
        """Places a prop that may have moved before the next take."""
        before = len(self.shapes)
        self.put(prop, x, y, z, degrees)
        if len(self.shapes) == before + 1:  # what is made of several parts would come apart
            self.movable.append(self.shapes[-1].name)

    def stand(self, x: float, z: float, degrees: float) -> None:
        """Notes where somebody may stand."""
        self.places.append(Place((float(x), 0.0, float(z)), float(degrees)))

    def sit(self, x: float, seat: float, z: float, degrees: float) -> None:
        """Notes where somebody may sit."""
        self.places.append(Place((float(x), float(seat), float(z)), float(degrees), "sitting"))

    def done(self, kind: str, surroundings: Surroundings, eye_low: Vector, eye_high: Vector, focus: Vector) -> StageSet:
        """The finished set."""
        return StageSet(
            kind,
            tuple(self.shapes),
            tuple(self.practicals),
            tuple(self.places),
            surroundings,
            eye_low,
            eye_high,
            focus,
            tuple(self.movable),
            tuple(self.anchors),
        )


def legs(spread_x: float, spread_z: float, height: float, thickness: float, splay: float = 0.0) -> Form:
    """Four legs under a top, so far apart; splayed by that many metres at the foot."""
    return joined(
        *(
            beam(
                (x * (spread_x / 2 + splay), 0, z * (spread_z / 2 + splay)),
                (x * spread_x / 2, height, z * spread_z / 2),
                thickness,
            )
            for x in (-1, 1)
            for z in (-1, 1)
        )
    )


def table(rng: np.random.Generator, width: float, depth: float, height: float, finish: Finish) -> Prop:
    """A table: on four legs, on trestles, or round on a foot when it is square."""
    thick = float(rng.uniform(0.02, 0.05))
    if abs(width - depth) < 0.05:
        top = cylinder(width / 2, thick, sides=40).moved(y=height - thick)
        foot = lathe(
            np.array([(0.0, 0), (width * 0.28, 0), (width * 0.26, 0.03), (0.04, 0.08), (0.035, height - thick)])
        )
        return (Part("table", joined(top, foot), finish),)
    top = box(width, thick, depth).moved(y=height - thick)
    under = height - thick
    slim = float(rng.uniform(0.03, 0.07))
    stand = legs(width - 0.12, depth - 0.1, under, slim, float(rng.choice((0.0, 0.0, 0.06))))
    apron = [box(width - 0.16, 0.07, 0.02).moved(y=under - 0.07, z=side * (depth / 2 - 0.07)) for side in (-1, 1)]
    return (Part("table", joined(top, stand, *apron), finish),)


def chair(rng: np.random.Generator, frame: Finish, seat: Finish) -> Prop:
    """A dining chair: slats, spindles or a panel for a back."""
    width, deep, high, back = 0.44, 0.42, 0.46, float(rng.uniform(0.82, 1.05))
    front = [beam((x * 0.19, 0, 0.18), (x * 0.19, high - 0.03, 0.18), 0.035) for x in (-1, 1)]
    rear = [beam((x * 0.19, 0, -0.2), (x * 0.19, back, -0.25), 0.035) for x in (-1, 1)]
    rails = [box(0.38, 0.04, 0.02).moved(y=high - 0.075, z=z) for z in (0.18, -0.2)]
    kind = int(rng.integers(3))
    if kind == 0:
        filling = [
            box(0.36, 0.05, 0.015).tilted(-6).moved(y=y, z=-0.235) for y in np.arange(high + 0.12, back - 0.04, 0.11)
        ]
    elif kind == 1:
        rods = [beam((x, high, -0.21), (x, back - 0.02, -0.245), 0.014) for x in np.linspace(-0.14, 0.14, 6)]
        filling = [*rods, box(0.42, 0.06, 0.025).moved(y=back - 0.05, z=-0.247)]
    else:
        filling = [box(0.38, back - high - 0.12, 0.015).tilted(-6).moved(y=high + 0.12, z=-0.225)]
    wooden = joined(*front, *rear, *rails, *filling)
    return Part("chair", wooden, frame), Part("seat", box(width, 0.035, deep).moved(y=high - 0.035), seat)


def stool(rng: np.random.Generator, height: float, finish: Finish) -> Prop:
    """A stool with a round seat."""
    seat = cylinder(0.17, 0.04).moved(y=height - 0.04)
    ring = legs(0.2, 0.2, height - 0.04, float(rng.uniform(0.02, 0.035)), 0.06)
    rungs = [box(0.26, 0.02, 0.02).moved(y=height * 0.35, z=z * 0.14) for z in (-1, 1)]
    return (Part("stool", joined(seat, ring, *rungs), finish),)


def crate(rng: np.random.Generator, size: float) -> Prop:
    """A box no larger than that: cardboard, wood or a painted case."""
    width, height, depth = (size * float(v) for v in rng.uniform((0.4, 0.3, 0.4), (1.0, 0.75, 0.75)))
    card = plain(linear("b08a5c") * rng.uniform(0.5, 1.1), 0.9)
    finish = (card, wood(rng), enamel(rng))[int(rng.integers(3))]
    lid = box(width + 0.004, height * 0.06, depth + 0.004).moved(y=height * 0.97)
    tape = box(width * 0.12, height + 0.001, depth + 0.006)
    return (Part("crate", joined(box(width, height, depth), lid, tape), finish),)


def flat_colour(rng: np.random.Generator, low: float, high: float, roughness: float = 0.6) -> Finish:
    """A grey between two albedos, a little warm or cold."""
    return plain(rng.uniform(low, high) * np.exp(rng.normal(0, 0.04, 3)), roughness)


def total(props: Sequence[Prop]) -> Prop:
    """Several props as one."""
    return tuple(part for prop in props for part in prop)


def merged(prop: Prop) -> Prop:
    """The prop with all parts of one finish as one part: many bottles, one thing."""
    groups: dict[int, list[Part]] = {}
    for part in prop:
        groups.setdefault(id(part.finish), []).append(part)
    return tuple(replace(group[0], form=joined(*(part.form for part in group))) for group in groups.values())
