"""Skin and eyes: what of a body is seen, and its colours.

Convention: albedos are linear.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from interneg.soundstage.cloth import Floats, Ids, normals_of, parted
from interneg.soundstage.figure import HEAD
from interneg.soundstage.hair import Style, beard_level, brow_level, scalp_level
from interneg.soundstage.scene import Pixels, Solid, Surface
from interneg.soundstage.textures import noise

ATLAS = 512  # pixels of the skin's texture
EYE = 64
# linear albedos of the inner arm, from very light to very dark
TONES = np.array(
    [(0.58, 0.42, 0.345), (0.52, 0.33, 0.24), (0.42, 0.25, 0.165), (0.3, 0.165, 0.1), (0.17, 0.085, 0.05),
     (0.085, 0.042, 0.026), (0.045, 0.023, 0.015)]
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Atlas:
    """Where each face lies in the skin's texture.

    Convention: faces (F, 3) index points, uv (F, 3, 2); owner (ATLAS, ATLAS) is the face at each pixel, -1 for none,
    and shares (ATLAS, ATLAS, 3) how near the pixel is to each of its corners.
    """

    faces: Ids
    uv: Floats
    owner: Ids
    shares: Floats

    def painted(self, colours: Floats) -> Pixels:
        """The texture that shows colours (V, 3) of the points."""
        corners = colours[self.faces[self.owner.ravel()]].reshape(ATLAS, ATLAS, 3, 3)
        return np.asarray((corners * self.shares[..., None]).sum(axis=2), np.float32)


def atlas_of(faces: Ids, uv: Floats) -> Atlas:
    """Where each face lies in the skin's texture; pixels that belong to none take the nearest face's."""
    owner = np.full((ATLAS, ATLAS), -1, np.int32)
    corners = np.stack([uv[..., 0], 1 - uv[..., 1]], axis=-1) * ATLAS
    for index, triangle in enumerate(np.rint(corners * 16 - 8).astype(np.int32)):
        cv2.fillConvexPoly(owner, triangle, index, shift=4)
    bare = (owner < 0).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(bare, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    seeds = np.zeros(nearest.max() + 1, np.intp)
    seeds[nearest[bare == 0]] = owner[bare == 0]
    owner = seeds[nearest]
    y, x = np.meshgrid(np.arange(ATLAS) + 0.5, np.arange(ATLAS) + 0.5, indexing="ij")
    return Atlas(faces, uv, owner, _shares(corners[owner], np.stack([x, y], axis=-1)))


def _shares(corners: Floats, points: Floats) -> Floats:
    """Barycentric weights, kept within the triangle."""
    a, b, c = np.moveaxis(corners, 2, 0)
    doubled = _across(b - a, c - a)
    doubled = np.where(np.abs(doubled) < 1e-9, 1e-9, doubled)
    shares = np.stack(
        [_across(b - points, c - points), _across(c - points, a - points), _across(a - points, b - points)], -1
    )
    shares = np.clip(shares / doubled[..., None], 0, 1)
    return np.asarray(shares / np.maximum(shares.sum(axis=-1, keepdims=True), 1e-6))


def _across(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def tone(rng: np.random.Generator) -> Floats:
    """Somebody's skin (3,), anywhere from very light to very dark."""
    place = rng.uniform(0, len(TONES) - 1.001)
    low = int(place)
    mixed = np.exp(np.log(TONES[low]) * (1 - place + low) + np.log(TONES[low + 1]) * (place - low))
    return np.asarray(mixed * np.exp(rng.normal(0, (0.05, 0.06, 0.08))))


@dataclass(frozen=True, eq=False)
class Face:
    """A face at rest: places (V, 3) from the middle between the eyes, how much of it is lips and blushes (V,)."""

    places: Floats
    lips: Floats
    blush: Floats


@dataclass(frozen=True, eq=False)
class Growth:
    """What grows through the skin: the hair, and how much of a shave shows."""

    style: Style
    shadow: float


def face_of(places: Floats, limb: Ids, lips: Floats) -> Face:
    """Where a face is red."""
    spots = (((0.045, -0.04, 0.0), 0.022), ((0.0, -0.035, 0.025), 0.016), ((0.08, -0.02, -0.09), 0.02))
    mirrored = np.abs(places) * (1, 0, 0) + places * (0, 1, 1)
    blush = np.sum([np.exp(-(((mirrored - np.array(at)) / size) ** 2).sum(axis=1)) for at, size in spots], axis=0)
    return Face(places, lips, np.where(limb == HEAD, blush, 0.0))


def coloured(rng: np.random.Generator, face: Face, tone: Floats, growth: Growth) -> Floats:
    """The colours (V, 3) of somebody's skin: lips, blushes, a shaven chin, the roots of the hair."""
    flush = face.blush * rng.uniform(0.1, 0.45)
    colours = tone * np.exp(-flush[:, None] * (0.05, 0.5, 0.45))
    redness = np.array((1.0, np.exp(rng.uniform(-0.25, 0.05)), 1.0)) * np.exp(rng.normal(0, 0.07, 3))
    mouth = tone * (0.9, 0.62, 0.62) * redness
    colours = colours + (mouth - colours) * face.lips[:, None]
    for level, amount in (
        (beard_level(face.places), growth.shadow),
        (scalp_level(face.places, growth.style), 0.25 if growth.style.cut == "bald" else 0.6),
        (brow_level(face.places) + 0.001, 0.35),
    ):
        share = np.clip(level / 0.008, 0, 1) * amount * (face.places[:, 1] > -0.15)
        colours = colours * (1 - share[:, None]) + (growth.style.tint * 0.7 + tone * 0.15) * share[:, None]
    return np.asarray(colours)


def skin(rng: np.random.Generator, atlas: Atlas, colours: Floats, points: Floats, hidden: Floats) -> Solid:
    """The skin that is seen, coloured point by point; faces that lie under clothes are left out."""
    normals = normals_of(points, atlas.faces)
    seen = (hidden[atlas.faces] <= 0).any(axis=1)
    source, faces, uv = parted(atlas.faces[seen], atlas.uv[seen])
    texture = atlas.painted(colours)
    mottle = 1 + 0.05 * noise(rng, ATLAS, 0.8)[..., None] * np.array((0.7, 1.0, 1.0))
    albedo = np.clip(texture * mottle, 0.004, 0.9).astype(np.float32)
    surface = Surface(albedo, float(rng.uniform(0.45, 0.58)), specular=0.35)
    return Solid("skin", points[source].astype(np.float32), faces.astype(np.uint32), surface, uv,
                 normals[source].astype(np.float32))  # fmt: skip


def eyes(rng: np.random.Generator, faces: Ids, rest: Floats, points: Floats, tone: Floats) -> Solid:
    """Both eyes: white, iris and pupil, wet."""
    uv = np.zeros((len(rest), 2))
    for left in (True, False):
        here = np.unique(faces)
        here = here[(rest[here, 0] > 0) == left]
        middle = (rest[here].max(axis=0) + rest[here].min(axis=0)) / 2
        radius = np.ptp(rest[here, 1]) / 2
        uv[here] = 0.5 + (rest[here, :2] - middle[:2]) / radius * 0.44
        behind = rest[here, 2] < middle[2]
        uv[here[behind]] = 0.99
    surface = Surface(_iris(rng, tone), 0.08, specular=0.6)
    source, faces, corner_uv = parted(faces, uv[faces])
    return Solid("eyes", points[source].astype(np.float32), faces.astype(np.uint32), surface, corner_uv,
                 normals_of(points[source], faces).astype(np.float32))  # fmt: skip


def _iris(rng: np.random.Generator, tone: Floats) -> Pixels:
    y, x = np.meshgrid(np.linspace(-1, 1, EYE), np.linspace(-1, 1, EYE), indexing="ij")
    radius, angle = np.hypot(x, y) / 0.96, np.arctan2(y, x)
    kinds = np.array(
        [(0.06, 0.025, 0.01), (0.03, 0.014, 0.007), (0.09, 0.13, 0.2), (0.08, 0.1, 0.05), (0.12, 0.07, 0.02)]
    )
    light = float(np.clip(tone[0] / 0.4, 0, 1)) ** 2  # light eyes go with light skin
    odds = np.array((0.35, 0.25, 0.17 * light, 0.1 * light, 0.13 * light))
    iris = kinds[int(rng.choice(5, p=odds / odds.sum()))]
    fibres = 1 + 0.35 * np.sin(angle * 23 + rng.uniform(0, 6)) * np.sin(angle * 9 + rng.uniform(0, 6))
    albedo = np.broadcast_to(np.array((0.5, 0.45, 0.42)), (EYE, EYE, 3)).copy()
    albedo *= (1 - 0.25 * np.clip(radius - 0.7, 0, 1))[..., None]
    albedo = np.where((radius < 0.5)[..., None], iris * fibres[..., None], albedo)
    albedo = np.where((np.abs(radius - 0.49) < 0.045)[..., None], iris * 0.3, albedo)
    albedo = np.where((radius < rng.uniform(0.16, 0.24))[..., None], 0.004, albedo)
    return albedo.astype(np.float32)
