"""The body that clothes are cut on: at rest, and as it stands on the stage.

Convention: points as in cloth.py, over all points of the body model, its helper meshes too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from interneg.soundstage.cloth import Floats, Ids, Weave
from interneg.soundstage.posture import Skeleton

TRUNK, ARM, LEG, HEAD = range(4)
SIDES = ("L", "R")
CHAINS: Mapping[int, tuple[str, ...]] = {
    ARM: ("upperarm01", "lowerarm01", "wrist"),
    LEG: ("upperleg01", "lowerleg01", "foot"),
}
_LIMBS = (
    (ARM, ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")),
    (LEG, ("upperleg", "lowerleg", "foot", "toe")),
    (HEAD, ("neck03", "head", "jaw", "special", "oris", "levator", "oculi", "orbicularis", "temporalis", "risorius",
            "eye", "tongue")),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Dummy:
    """A body of middling build at rest: outlines are drawn on it.

    Convention: limb (V,) is TRUNK, ARM, LEG or HEAD; along (V,) is the way along the limb: 0 at the shoulder or hip, 1
    at the elbow or knee, 2 at the wrist or ankle. tights and stockings cover all but head and hands, finely and
    coarsely.
    """

    points: Floats
    skeleton: Skeleton
    limb: Ids
    along: Floats
    tights: Weave
    stockings: Weave
    skirt: Weave

    def laid(self, rest: Floats, limb: Floats, faces: Ids, span: tuple[float, float]) -> Floats:
        """The uv (F, 3, 2) of a cloth wound round trunk and limbs, one repeat of which is that wide and high."""
        kind = np.sort(limb[faces], axis=1)[:, 1]
        uv = np.empty((len(faces), 3, 2))
        left = rest[faces].mean(axis=1)[:, 0] > 0
        for part in (TRUNK, ARM, LEG):
            for side in SIDES:
                chosen = (kind == part) & (left == (side == "L"))
                if part == TRUNK:
                    chosen = ((kind == TRUNK) | (kind == HEAD)) & (side == "L")
                uv[chosen] = self._wound(rest[faces[chosen]], part, side, span)
        return uv

    def _wound(self, corners: Floats, part: int, side: str, span: tuple[float, float]) -> Floats:
        if part == TRUNK:
            centre, axis, girth = np.array((0, 0, -0.02)), np.array((0.0, 1.0, 0.0)), 0.95
        else:
            bones = [self.skeleton.at(f"{bone}.{side}") for bone in CHAINS[part]]
            centre, girth = bones[0], 0.3 if part == ARM else 0.5
            axis = (bones[2] - bones[0]) / np.linalg.norm(bones[2] - bones[0])
        back = np.array((0.0, 0.0, -1.0)) + axis * axis[2]
        back /= np.linalg.norm(back)
        spoke = corners - centre
        angle = np.arctan2(spoke @ np.cross(axis, back), spoke @ -back) / (2 * np.pi)
        angle = np.where((angle < angle.max(axis=1, keepdims=True) - 0.5), angle + 1, angle)
        repeats = max(round(girth / span[0]), 1)
        return np.stack([angle * repeats, (spoke @ axis) / span[1]], axis=-1)


@dataclass(frozen=True, eq=False)
class Figure:
    """Somebody's body as it stands on the stage: its points (V, 3), and its bones (B, 3)."""

    dummy: Dummy
    points: Floats
    joints: Floats

    @property
    def size(self) -> float:
        """How long this body's arms are against the dummy's."""
        ends = [self.dummy.skeleton.names.index(f"{bone}.L") for bone in ("upperarm01", "lowerarm01")]
        spans = [np.linalg.norm(np.subtract(*joints[ends])) for joints in (self.joints, self.dummy.skeleton.heads)]
        return float(spans[0] / spans[1])

    @property
    def backward(self) -> Floats:
        """Which way the seat points (3,)."""
        root, spine, left, right = (
            self.joints[self.dummy.skeleton.names.index(name)]
            for name in ("root", "spine03", "upperleg01.L", "upperleg01.R")
        )
        across = np.cross(spine - root, left - right)
        return np.asarray(across / np.linalg.norm(across))

    def axis(self, limb: int, side: str, along: Floats) -> Floats:
        """The middle (N, 3) of a limb so far along it."""
        names = self.dummy.skeleton.names
        bones = np.stack([self.joints[names.index(f"{bone}.{side}")] for bone in CHAINS[limb]])
        upper, lower = np.clip(along, 0, 1)[:, None], np.clip(along - 1, 0, 1)[:, None]
        return np.asarray(bones[0] + upper * (bones[1] - bones[0]) + lower * (bones[2] - bones[1]))


def limbs_of(names: list[str], weights: Floats) -> Ids:
    """Which limb each point (V,) belongs to, by the bones that take it along (V, B)."""
    total = np.stack(
        [np.zeros(len(weights))]
        + [weights[:, [name.startswith(stems) for name in names]].sum(axis=1) for _, stems in _LIMBS],
        axis=1,
    )
    total[:, TRUNK] = 1 - total.sum(axis=1)
    return np.asarray(np.argmax(total, axis=1))


def along_limbs(points: Floats, limb: Ids, skeleton: Skeleton) -> Floats:
    """The way along the limb of every point (V,), as Dummy has it; 0 on trunk and head."""
    along = np.zeros(len(points))
    for kind, chain in CHAINS.items():
        for side in SIDES:
            here = (limb == kind) & ((points[:, 0] > 0) == (side == "L"))
            start, middle, end = (skeleton.at(f"{bone}.{side}") for bone in chain)
            upper = (points[here] - start) @ (middle - start) / ((middle - start) ** 2).sum()
            lower = (points[here] - middle) @ (end - middle) / ((end - middle) ** 2).sum()
            along[here] = np.minimum(upper, 1) + np.maximum(lower, 0)
    return along
