"""How a body stands or sits: turns of its bones, and the body that follows them.

Convention: a body at rest stands upright, faces +z, its left is +x; a turn is a rotation matrix in those axes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Pose = dict[str, Floats]
RIGHT_AXIS, UP, FORWARD = np.eye(3)
FINGERS = (2, 3, 4, 5)


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Where the bones of a body at rest begin, (B, 3), and which bone each hangs from (the first from none)."""

    names: Sequence[str]
    parents: Sequence[int]
    heads: Floats

    def at(self, bone: str) -> Floats:
        """Where that bone begins."""
        return np.asarray(self.heads[self.names.index(bone)])

    def posed(self, pose: Mapping[str, Floats]) -> Floats:
        """The transform (B, 3, 4) that takes each bone's surroundings from rest to the pose."""
        turns = np.empty((len(self.names), 3, 3))
        places = np.array(self.heads, np.float64)
        for bone, (name, parent) in enumerate(zip(self.names, self.parents, strict=True)):
            above = turns[parent] if parent >= 0 else np.eye(3)
            turns[bone] = above @ pose[name] if name in pose else above
            if parent >= 0:
                places[bone] = places[parent] + above @ (self.heads[bone] - self.heads[parent])
        shift = places - np.einsum("bij,bj->bi", turns, self.heads)
        return np.concatenate([turns, shift[..., None]], axis=2)


def skinned(points: Floats, weights: Floats, transforms: Floats) -> Floats:
    """The points (V, 3) as the bones (B, 3, 4) take them along; weights are (V, B)."""
    blended = (weights @ transforms.reshape(len(transforms), 12)).reshape(-1, 3, 4)
    return np.asarray(np.einsum("vij,vj->vi", blended[..., :3], points) + blended[..., 3])


def turn(axis: Floats, degrees: float) -> Floats:
    """A rotation about an axis, counter-clockwise seen from its tip."""
    x, y, z = axis / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def standing(rng: np.random.Generator, skeleton: Skeleton) -> Pose:
    """Somebody who stands, waits, talks or walks."""
    kind = rng.choice(("waits", "talks", "folds", "walks", "hips"), p=(0.3, 0.3, 0.1, 0.2, 0.1))
    stride = rng.uniform(12, 26) * rng.choice((-1, 1)) if kind == "walks" else rng.normal(0, 3)
    pose = _bearing(rng)
    for side, sign in (("L", 1.0), ("R", -1.0)):
        pose |= _standing_leg(rng, skeleton, side, sign * stride)
        pose |= _arm(rng, skeleton, side, str(kind), -sign * stride)
        pose |= _hand(rng, skeleton, side)
    return pose


def sitting(rng: np.random.Generator, skeleton: Skeleton, seat_height: float) -> Pose:
    """Somebody who sits on something that high."""
    pose = _bearing(rng)
    kind = rng.choice(("lap", "talks", "waits"), p=(0.5, 0.3, 0.2))
    shin = float(skeleton.at("lowerleg01.L")[1] - skeleton.at("foot.L")[1]) + 0.08  # and the foot's own height
    slope = np.degrees(np.arccos(np.clip((seat_height + 0.07) / shin, 0.5, 1)))
    for side, sign in (("L", 1.0), ("R", -1.0)):
        raised = 84 + rng.normal(0, 3)
        bent = raised - slope + rng.normal(0, 5) + (rng.uniform(-8, 12))
        apart = turn(UP, sign * rng.uniform(0, 9))
        pose[f"upperleg01.{side}"] = apart @ turn(RIGHT_AXIS, -raised)
        pose[f"lowerleg01.{side}"] = turn(RIGHT_AXIS, bent)
        pose[f"foot.{side}"] = turn(RIGHT_AXIS, raised - bent - 1)
        pose |= _arm(rng, skeleton, side, str(kind), 0.0)
        pose |= _hand(rng, skeleton, side)
    return pose


def _bearing(rng: np.random.Generator) -> Pose:
    """Back, neck and head: every bone a little."""
    lean, sway, twist = rng.normal(0, (2.0, 1.0, 3.0))
    nod, tilt, look = rng.normal(0, (5.0, 3.0, 12.0))
    pose = {f"spine0{i}": _bend(lean, twist, sway) for i in (2, 3, 4)}
    return pose | {bone: _bend(nod / 2, look / 2, tilt / 2) for bone in ("neck02", "head")}


def _bend(forward: float, about: float, sideways: float) -> Floats:
    return turn(UP, about) @ turn(RIGHT_AXIS, forward) @ turn(FORWARD, sideways)


def _standing_leg(rng: np.random.Generator, skeleton: Skeleton, side: str, stride: float) -> Pose:
    sign = 1.0 if side == "L" else -1.0
    closed = turn(FORWARD, -sign * rng.uniform(0, 5))
    bent = float(np.clip(-stride, 2, 40) + rng.uniform(0, 4))
    outward = turn(UP, sign * rng.uniform(-2, 10))
    return {
        f"upperleg01.{side}": closed @ outward @ turn(RIGHT_AXIS, -stride - bent * 0.3),
        f"lowerleg01.{side}": turn(RIGHT_AXIS, bent),
        f"foot.{side}": turn(RIGHT_AXIS, stride * 0.8 - bent * 0.6) @ turn(FORWARD, sign * 4),
    }


def _arm(rng: np.random.Generator, skeleton: Skeleton, side: str, kind: str, swing: float) -> Pose:
    """One arm: hanging, gesturing, on a hip, folded before the body, or in the lap."""
    sign = 1.0 if side == "L" else -1.0
    lowered, ahead, bent, inward = {
        "waits": (rng.uniform(30, 38), rng.normal(2, 5), rng.uniform(-22, 5), rng.uniform(-10, 10)),
        "walks": (rng.uniform(30, 36), -swing, rng.uniform(-10, 15), 0.0),
        "talks": (rng.uniform(22, 36), rng.uniform(0, 35), rng.uniform(10, 65), rng.uniform(-5, 30)),
        "folds": (rng.uniform(32, 36), rng.uniform(10, 18), rng.uniform(50, 58), rng.uniform(45, 55)),
        "hips": (rng.uniform(12, 18), -18.0, rng.uniform(42, 52), rng.uniform(50, 60)),
        "lap": (rng.uniform(32, 38), rng.uniform(8, 18), rng.uniform(22, 34), rng.uniform(10, 30)),
    }[kind]
    shoulder, elbow, wrist = (skeleton.at(f"{bone}.{side}") for bone in ("upperarm01", "lowerarm01", "wrist"))
    hinge = np.cross(elbow - shoulder, wrist - elbow)
    return {
        f"clavicle.{side}": turn(FORWARD, -sign * rng.uniform(0, 4)),
        f"upperarm01.{side}": turn(UP, -sign * inward * 0.5)
        @ turn(RIGHT_AXIS, -ahead)
        @ turn(FORWARD, -sign * lowered)
        @ turn(elbow - shoulder, -sign * inward * 0.5),
        f"lowerarm01.{side}": turn(hinge, bent),
        f"lowerarm02.{side}": turn(wrist - elbow, sign * rng.uniform(-25, 25)),
        f"wrist.{side}": turn(RIGHT_AXIS, rng.normal(0, 8)),
    }


def _hand(rng: np.random.Generator, skeleton: Skeleton, side: str) -> Pose:
    """Fingers half closed, each its own way."""
    wrist, first, last = (skeleton.at(f"{bone}.{side}") for bone in ("wrist", "finger2-1", "finger5-1"))
    palm = np.cross(first - wrist, last - wrist) * (1.0 if side == "L" else -1.0)
    curl = rng.uniform(2, 26)
    pose = {}
    for finger in FINGERS:
        along = skeleton.at(f"finger{finger}-3.{side}") - skeleton.at(f"finger{finger}-1.{side}")
        axis = np.cross(along, -palm)
        for joint in (1, 2, 3):
            pose[f"finger{finger}-{joint}.{side}"] = turn(axis, curl + rng.normal(0, 4) + (finger - 2) * 2)
    return pose
