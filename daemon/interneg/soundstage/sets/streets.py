"""Sets in town: a street corner."""

from __future__ import annotations

import numpy as np

from interneg.soundstage.cars import car
from interneg.soundstage.facades import Style, house, pane, random_style
from interneg.soundstage.plants import GREENS, bark, bush, leafage, slender, tree
from interneg.soundstage.props import Dressing, Part, Prop
from interneg.soundstage.scene import StageSet
from interneg.soundstage.sky import random_sky
from interneg.soundstage.solids import box, floor
from interneg.soundstage.street_props import (
    bench,
    bin_,
    bollard,
    lamp_post,
    paving,
    planter,
    sign_board,
    sign_post,
    wall_fittings,
)
from interneg.soundstage.textures import asphalt, concrete, linear, plaster

KERB = 0.13
Styles = tuple[Style, ...]


def random_styles(rng: np.random.Generator, count: int, lit_share: float = 0.0) -> Styles:
    """The houses of one street."""
    panes = tuple(pane(rng) for _ in range(3))
    return tuple(random_style(rng, panes, lit_share) for _ in range(count))


def street_corner(rng: np.random.Generator) -> StageSet:
    """A corner house with its pavement, the side street, the houses across it, and what stands about."""
    dressing = Dressing()
    hand = float(rng.choice((-1, 1)))  # on which side the side street leaves
    corner = hand * float(rng.uniform(0.8, 3.5))
    back = -float(rng.uniform(1.6, 3.2))
    side_street = float(rng.uniform(6.5, 9.5))
    weather = str(rng.choice(("clear", "cloudy", "overcast", "dusk", "night"), p=(0.2, 0.3, 0.2, 0.15, 0.15)))
    styles = random_styles(rng, 4, 0.12 if weather in ("dusk", "night") else 0.0)
    _ground(rng, dressing, corner, hand, side_street)
    _houses(rng, dressing, styles, corner, back, hand, side_street)
    _furniture(rng, dressing, corner, back, hand)
    _traffic(rng, dressing, corner + hand * side_street / 2, side_street, -hand)
    for x in np.linspace(-1.6, 1.6, int(rng.integers(3, 6))):
        dressing.stand(
            x + rng.normal(0, 0.15), float(rng.uniform(max(back + 1.3, -1.2), 0.7)), float(rng.normal(0, 60))
        )
    surroundings = random_sky(rng, "city", np.array((0.14, 0.13, 0.12)), weather)
    return dressing.done("street_corner", surroundings, (-3.5, 0.5, 3.4), (3.5, 2.2, 8.5), (0.0, 1.2, 0.0))


def _ground(rng: np.random.Generator, dressing: Dressing, corner: float, hand: float, side_street: float) -> None:
    """Pavements and roads; the floor of the action is the pavement."""
    road, stone = asphalt(rng), paving(rng)
    dressing.put((Part("road", floor(90, 70).moved(y=-KERB, z=-10), road),))
    kerb, front = concrete(rng), 2.0
    far = corner + hand * side_street
    edges = ((corner + hand * 1.6, -hand * 40), (far, hand * 40))
    for start, reach in edges:
        middle, length = start + reach / 2, abs(reach)
        dressing.put((Part("pavement", box(length, KERB, 40).moved(middle, -KERB, front - 20), stone),))
        dressing.put((Part("kerb", box(length + 0.1, KERB + 0.005, 0.16).moved(middle, -KERB, front + 0.05), kerb),))
        dressing.put((Part("kerb", box(0.16, KERB + 0.005, 40).moved(start, -KERB, front - 20), kerb),))
    paint = plaster(rng, linear("e6e4de") * rng.uniform(0.5, 1.0), 0.7)
    for x in np.arange(-20, 20, 3.0):
        dressing.put((Part("line", floor(1.6, 0.12).moved(x, -KERB + 0.004, 6.5), paint),))
    if rng.random() < 0.6:
        for x in np.arange(0.5, side_street - 2.0, 1.0):
            dressing.put((Part("zebra", floor(0.5, 3.0).moved(corner + hand * (1.9 + x), -KERB + 0.004, 0.2), paint),))


def _houses(
    rng: np.random.Generator, dressing: Dressing, styles: Styles, corner: float, back: float, hand: float, gap: float
) -> None:
    """The corner house, its neighbours, and the row on the far side of the side street."""
    for direction, start in ((-hand, corner), (hand, corner + hand * (gap + 1.5))):
        x = start
        for index in range(3):
            wide, deep = float(rng.uniform(6, 10)), float(rng.uniform(8, 11))
            ground = str(rng.choice(("shop", "shop", "shop", "door", "door"))) if index < 2 else "far"
            style, storeys = styles[int(rng.integers(len(styles)))], int(rng.integers(2, 6))
            made = house(rng, style, (wide, deep), storeys, (ground, "windows" if index == 0 else "blank"))
            dressing.put(made, x + direction * wide / 2, 0, back + float(rng.normal(0, 0.1)) * (index > 0))
            if index == 0:
                dressing.anchors += [(x + direction * s * wide, style.storey + 0.6, back + 0.05) for s in (0.2, 0.8)]
                dressing.put(wall_fittings(rng, wide, style.storey), x + direction * wide / 2, 0, back)
                _further(rng, dressing, styles, (x + direction * 3.0, back - deep))
            x += direction * wide
    end = house(rng, styles[0], (26.0, 8.0), int(rng.integers(3, 6)), ("far", "blank"))
    dressing.put(end, corner + hand * gap / 2, 0, back - float(rng.uniform(26, 34)))


def _further(rng: np.random.Generator, dressing: Dressing, styles: Styles, at: tuple[float, float]) -> None:
    """The next house down the side street."""
    style = styles[int(rng.integers(len(styles)))]
    made = house(rng, style, (6.0, float(rng.uniform(10, 13))), int(rng.integers(2, 6)), ("blank", "windows"))
    dressing.put(made, at[0], 0, at[1])


def _traffic(rng: np.random.Generator, dressing: Dressing, middle: float, wide: float, hand: float) -> None:
    """Cars parked in the side street and by the kerb."""
    for z in -4.0 - np.arange(3) * 6.0 - rng.uniform(0, 1.5, 3):
        if rng.random() < 0.6:
            side = float(rng.choice((-1, 1)))
            dressing.put(car(rng), middle + side * (wide / 2 - 2.7), -KERB, float(z), 90.0 * float(rng.choice((-1, 1))))
    if rng.random() < 0.35:
        turn = float(rng.choice((0, 180)))
        dressing.put(car(rng), hand * float(rng.uniform(6.4, 8.5)), -KERB, 3.2, turn)


def _furniture(rng: np.random.Generator, dressing: Dressing, corner: float, back: float, hand: float) -> None:
    """What stands on the pavement, along the kerb and along the wall."""
    for x in (-hand * float(rng.uniform(2.5, 5.5)), corner + hand * 1.0):
        dressing.put(lamp_post(rng), x, 0, 1.6)
        dressing.anchors.append((x, 3.4, 1.6))
    along: tuple[Prop, ...] = (
        bin_(rng),
        sign_post(rng),
        bollard(rng),
        bench(rng),
        sign_board(rng),
        _tub(rng),
        bin_(rng),
    )
    order = rng.permutation(len(along))[: int(rng.integers(3, 7))]
    for index, x in zip(order, rng.permutation(np.linspace(-5, 5, 9)), strict=False):
        is_kerbside = along[index][0].name in ("pole", "bollard")
        z = 1.5 if is_kerbside else back + 0.55
        if (x - corner) * hand > 0.8:
            continue
        (dressing.put_loose if index < 3 else dressing.put)(
            along[index], float(x + rng.normal(0, 0.2)), 0, z, float(rng.normal(0, 5))
        )
    if rng.random() < 0.5:
        grown, trunk, leaf = tree(rng, slender(rng)), bark(rng), leafage(rng, GREENS)
        spot = -hand * float(rng.uniform(3.0, 6.0))
        dressing.put((Part("wood", grown.wood, trunk), Part("leaves", grown.leaves, leaf)), spot, 0, 1.4)
        dressing.anchors.append((spot, 4.0, 1.4))


def _tub(rng: np.random.Generator) -> Prop:
    plant = bush(rng, float(rng.uniform(0.5, 1.1)), 0.06, 900)
    return planter(rng, (Part("twigs", plant.wood, bark(rng)), Part("leaves", plant.leaves, leafage(rng))))
