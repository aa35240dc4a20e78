"""Pictures of a staging, and the truth of them. The only importer of Mitsuba.

References: Jakob et al., "Mitsuba 3 renderer", 2022.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import drjit as dr
import mitsuba as mi
import numpy as np
import numpy.typing as npt

from interneg.errors import PlateError
from interneg.soundstage.camera import Camera
from interneg.soundstage.lamps import StageLamp
from interneg.soundstage.scene import Pixels, Practical, Shape, Solid, Strands, Surface, Surroundings, Vector

Ids = npt.NDArray[np.int32]

BOUNCES = 5
SURE_BOUNCES = 2  # before the dice say which paths go on: a third quicker, and no darker
AWAY = -1000.0  # metres down: where things stand that are not in the picture
MOST_STRANGE = 0.01  # of a picture's pixels
SUB_FRAMES = 4  # of a shutter's opening
LAYERS = "albedo:albedo,normal:sh_normal,position:position,index:shape_index"  # the index counts from 1
LAYER_PLANES = tuple("RGBXYZXYZI")
PRACTICAL_RADIANCE = 6.0  # of a shade, where a white card in the key has 1


@dataclass(frozen=True, eq=False)
class Truth:
    """What is truly in a picture, in the picture's own pixels.

    Convention: albedo (H, W, 3) and normal (H, W, 3) are means over the pixel, normals in camera space (x right, y up,
    z towards the camera); depth (H, W) is metres along the camera's axis, 0 where nothing is; position (H, W, 3) world
    metres and id (H, W), 0 where nothing is, are those of the pixel's middle.
    """

    albedo: Pixels
    normal: Pixels
    depth: Pixels
    position: Pixels
    id: Ids


class Picture:
    """A scene that is loaded, to be rendered lamp by lamp and moment by moment.

    Convention: sizes are (width, height). Everything given at the start can be switched, moved and hidden later
    without building it again.
    """

    def __init__(
        self,
        shapes: Sequence[Shape],
        practicals: Sequence[Practical],
        surroundings: Surroundings,
        lamps: Sequence[StageLamp],
    ) -> None:
        with tempfile.TemporaryDirectory() as folder:
            described = _described(shapes, practicals, surroundings, lamps, Path(folder))
            self._scene = mi.load_dict(described)
        self._shapes = {shape.name: shape for shape in (*shapes, *(lamp.solid for lamp in practicals))}
        self._practicals = {f"practical{index}": lamp for index, lamp in enumerate(practicals)}
        self._lamps = {lamp.name: lamp for lamp in lamps}
        self._level = 1 / max(_level_of(surroundings), 1e-6)
        self._parameters = mi.traverse(self._scene)
        self._points = {name: np.array(self._parameters[_points_of(name, s)]) for name, s in self._shapes.items()}
        self._integrator = mi.load_dict({"type": "path", "max_depth": BOUNCES + 1, "rr_depth": SURE_BOUNCES})
        self._layers = mi.load_dict({"type": "aov", "aovs": LAYERS})
        self._ids = self._numbered()

    def stand(self, frame: float, hidden: Iterable[str] = ()) -> None:
        """Moves everything to where it is at that frame, and takes away what is hidden."""
        gone = set(hidden)
        for name, shape in self._shapes.items():
            moves = any(shape.moves) or (isinstance(shape, Solid) and shape.turns)
            shift = AWAY if name in gone else 0.0
            key = _points_of(name, shape)
            rest = self._points[name]
            wanted = moved_points(shape, rest, frame, shift) if moves or shift else rest
            if not np.array_equal(np.array(self._parameters[key]), wanted):
                self._parameters[key] = type(self._parameters[key])(wanted)
        self._parameters.update()

    def light(self, weights: Mapping[str, Vector]) -> None:
        """Lights the lamps named (`practicals` and `surroundings` too) in these colours, and puts out all others."""
        for name, lamp in self._lamps.items():
            self._shine(_key(name), np.asarray(weights.get(name, (0, 0, 0))) * lamp.radiance)
        for name, practical in self._practicals.items():
            tint = np.asarray(weights.get("practicals", (0, 0, 0))) * practical.colour
            self._shine(_key(self._practicals[name].solid.name), tint * PRACTICAL_RADIANCE)
        outside = np.asarray(weights.get("surroundings", (0, 0, 0)))
        self._parameters["surroundings.scale"] = float(outside.mean()) * self._level
        dark = not any(np.any(weight) for weight in weights.values())  # something must be sampled even so
        self._parameters["surroundings.sampling_weight"] = float(dark or outside.any())
        self._parameters.update()

    def _shine(self, key: str, radiance: npt.NDArray[np.float64]) -> None:
        self._parameters[f"{key}.emitter.radiance.value"] = mi.Color3f(*map(float, radiance))
        self._parameters[f"{key}.emitter.sampling_weight"] = float(radiance.any())

    def _numbered(self) -> Ids:
        """Our ids by the renderer's own: vectorised variants count shapes as they were made, the others in order."""
        order = {_key(name): index + 1 for index, name in enumerate(self._shapes)}
        shapes = self._scene.shapes()
        if str(mi.variant()).startswith("scalar"):
            theirs = list(range(1, len(shapes) + 1))
        else:
            theirs = [int(np.array(dr.reinterpret_array(mi.UInt32, mi.ShapePtr(shape)))[0]) for shape in shapes]
        ids = np.zeros(max(theirs) + 1, np.int32)
        ids[theirs] = [order.get(shape.id(), 0) for shape in shapes]
        return ids

    def rendered(self, camera: Camera, size: tuple[int, int], samples: int, seed: int) -> Pixels:
        """The picture (H, W, 3) in that light, in as many samples a pixel."""
        sensor = _sensor(camera, size)
        picture = mi.render(self._scene, sensor=sensor, integrator=self._integrator, spp=samples, seed=seed)
        return _mended(np.array(picture, np.float32)[..., :3])

    def truth(self, camera: Camera, size: tuple[int, int], samples: int = 8) -> Truth:
        """What is truly there, seen through a pinhole."""
        sharp = replace(camera, aperture_radius=0.0)
        seen = [self._first_hits(sharp, size, seed) for seed in range(samples)]
        normal = np.mean([_facing(hits, sharp) for hits in seen], axis=0) @ sharp.axes().T
        normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
        there, position = seen[0].id > 0, seen[0].position
        depth = (position - np.asarray(sharp.eye)) @ -sharp.axes()[2]
        return Truth(
            np.mean([hits.albedo for hits in seen], axis=0).astype(np.float32),
            normal.astype(np.float32),
            np.where(there, depth, 0).astype(np.float32),
            np.where(there[..., None], position, 0).astype(np.float32),
            seen[0].id,
        )

    def coverage(self, names: Iterable[str], camera: Camera, size: tuple[int, int], seeds: Iterable[int]) -> Pixels:
        """The matte (H, W) of those things: the share of each pixel that they cover, out of focus as they are."""
        wanted = [index + 1 for index, name in enumerate(self._shapes) if name in set(names)]
        found = [np.isin(self._first_hits(camera, size, seed).id, wanted) for seed in seeds]
        return np.asarray(np.mean(found, axis=0), np.float32)

    def names(self) -> tuple[str, ...]:
        """The things on the stage, in the order of their ids, which begin at 1."""
        return tuple(self._shapes)

    def _first_hits(self, camera: Camera, size: tuple[int, int], seed: int) -> _Hits:
        """What one ray through each pixel meets first, at a point of the pixel that the seed decides."""
        sensor = _sensor(camera, size)
        planes = np.array(mi.render(self._scene, sensor=sensor, integrator=self._layers, spp=1, seed=seed), np.float32)
        planes = np.nan_to_num(planes[..., -len(LAYER_PLANES) :])
        index = np.rint(planes[..., 9]).astype(np.intp)
        return _Hits(planes[..., :3], planes[..., 3:6], planes[..., 6:9], self._ids[index])


@dataclass(frozen=True, eq=False)
class _Hits:
    albedo: Pixels
    normal: Pixels
    position: Pixels
    id: Ids


def moved_points(shape: Shape, points: npt.NDArray[np.float32], frame: float, lift: float) -> npt.NDArray[np.float32]:
    """The shape's points at that frame, flat as the renderer holds them; `lift` raises all of them, in metres."""
    columns = 4 if isinstance(shape, Strands) else 3
    moved = points.reshape(-1, columns).copy()
    moved[:, :3] = at_frame(shape, moved[:, :3], frame)
    moved[:, 1] += lift
    return moved.reshape(-1)


def at_frame(shape: Shape, points: npt.NDArray[Any], frames: float, since: float = 0.0) -> npt.NDArray[Any]:
    """Where points (N, 3) of the shape are so many frames after they were seen, at the frame `since`."""
    shift = np.asarray(shape.moves) * frames
    if not isinstance(shape, Solid) or not shape.turns:
        return (points + shift).astype(points.dtype)
    turn, pivot = np.radians(shape.turns * frames), np.asarray(shape.pivot) + np.asarray(shape.moves) * since
    cosine, sine = np.cos(turn), np.sin(turn)
    matrix = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    return np.asarray((points - pivot) @ matrix.T + pivot + shift, points.dtype)


def _mended(picture: Pixels) -> Pixels:
    """The picture with its few pixels that a ray made not finite taken from their neighbours.

    Raises:
        PlateError: they are not few: something on the stage is wrong.
    """
    strange = np.asarray(~np.isfinite(picture).all(axis=-1))
    if not strange.any():
        return picture
    if strange.mean() > MOST_STRANGE:
        raise PlateError(f"{strange.mean():.1%} of the picture is not finite: a thing on this set is wrongly built.")
    known = cv2.blur((~strange).astype(np.float32), (5, 5))[..., None]
    around = cv2.blur(np.where(strange[..., None], 0, picture), (5, 5)) / np.maximum(known, 1e-6)
    return np.where(strange[..., None], around, picture).astype(np.float32)


def _facing(hits: _Hits, camera: Camera) -> Pixels:
    """The normals of what is seen from its back turned round: the camera sees that side."""
    away = ((np.asarray(camera.eye) - hits.position) * hits.normal).sum(axis=-1, keepdims=True) < 0
    return np.where(away, -hits.normal, hits.normal).astype(np.float32)


def _key(name: str) -> str:
    return f"thing_{name}"  # Mitsuba reads dots in names as paths, and ours have none


def _points_of(name: str, shape: Shape) -> str:
    return f"{_key(name)}.{'control_points' if isinstance(shape, Strands) else 'vertex_positions'}"


def _level_of(surroundings: Surroundings) -> float:
    """How bright a white card that looks up is in the light from outside."""
    picture = surroundings.picture
    rows = (np.arange(len(picture)) + 0.5) / len(picture) * np.pi
    weight = np.maximum(np.cos(rows), 0) * np.sin(rows)
    return float((picture.mean(axis=(1, 2)) * weight).sum() / weight.sum())


def _sensor(camera: Camera, size: tuple[int, int]) -> Any:
    matrix = np.eye(4)
    axes = camera.axes()
    matrix[:3, 0], matrix[:3, 1], matrix[:3, 2], matrix[:3, 3] = -axes[0], axes[1], -axes[2], camera.eye
    film = {"type": "hdrfilm", "width": size[0], "height": size[1], "rfilter": {"type": "box"}, "pixel_format": "rgb"}
    lens: dict[str, Any] = {"type": "perspective"}
    if camera.aperture_radius > 0:
        lens = {
            "type": "thinlens",
            "aperture_radius": camera.aperture_radius,
            "focus_distance": camera.focus_distance,
        }
    stands = mi.ScalarTransform4f(matrix.tolist())
    lens |= {"fov": camera.field_degrees, "fov_axis": "x", "film": film, "to_world": stands}
    return mi.load_dict(lens | {"near_clip": 0.02, "far_clip": 1000.0})


def _described(
    shapes: Sequence[Shape],
    practicals: Sequence[Practical],
    surroundings: Surroundings,
    lamps: Sequence[StageLamp],
    folder: Path,
) -> dict[str, Any]:
    """The scene as Mitsuba reads it."""
    turned = np.roll(surroundings.picture, surroundings.picture.shape[1] // 2, axis=1)  # Mitsuba's middle looks to +z
    outside = mi.Bitmap(np.ascontiguousarray(turned, np.float32))
    described: dict[str, Any] = {"type": "scene", "surroundings": {"type": "envmap", "bitmap": outside}}
    for shape in shapes:
        described[_key(shape.name)] = (
            _mesh(shape) if isinstance(shape, Solid) else _curves(shape, folder / f"{len(described)}.txt")
        )
    for practical in practicals:
        described[_key(practical.solid.name)] = _mesh(practical.solid, glows=True)
    for lamp in lamps:
        described[_key(lamp.name)] = {
            "type": "sphere",
            "center": list(lamp.position),
            "radius": lamp.radius,
            "emitter": {"type": "area", "radiance": {"type": "rgb", "value": [1.0, 1.0, 1.0]}},
        }
    return described


def _mesh(solid: Solid, glows: bool = False) -> Any:
    properties = mi.Properties()
    properties.set_id(_key(solid.name))
    properties["mesh_bsdf"] = mi.load_dict(_surface(solid.surface))
    if glows:
        properties["mesh_emitter"] = mi.load_dict({"type": "area", "radiance": {"type": "rgb", "value": [1.0] * 3}})
    mesh = mi.Mesh(
        _key(solid.name),
        len(solid.vertices),
        len(solid.faces),
        has_vertex_normals=solid.normals is not None,
        has_vertex_texcoords=solid.uv is not None,
        props=properties,
    )
    parameters = mi.traverse(mesh)
    given = {"vertex_positions": solid.vertices, "faces": solid.faces, "vertex_normals": solid.normals}
    if solid.uv is not None:
        given["vertex_texcoords"] = np.stack([solid.uv[:, 0], 1 - solid.uv[:, 1]], axis=1)  # Mitsuba's v runs down
    for name, values in given.items():
        if values is not None:
            held = type(parameters[name])
            parameters[name] = held(np.ravel(values).astype(np.uint32 if name == "faces" else np.float32))
    parameters.update()
    return mesh


def _curves(strands: Strands, path: Path) -> dict[str, Any]:
    with path.open("w") as file:
        for curve in strands.curves:
            np.savetxt(file, curve, fmt="%.6f")
            file.write("\n")
    return {"type": "bsplinecurve", "filename": str(path), "bsdf": _surface(strands.surface)}


def _surface(surface: Surface) -> dict[str, Any]:
    if surface.is_glass:
        return {"type": "thindielectric"}
    made: dict[str, Any] = {
        "type": "principled",
        "base_color": _texture(surface.albedo),
        "roughness": float(np.clip(surface.roughness, 0.05, 1.0)),
        "metallic": surface.metallic,
        "specular": surface.specular,
    }
    if surface.bump is not None:
        heights = np.ascontiguousarray(surface.bump, np.float32)[..., None]
        bump = {"type": "bitmap", "bitmap": mi.Bitmap(heights), "raw": True, "wrap_mode": "repeat"}
        made = {"type": "bumpmap", "arbitrary": bump, "scale": 1.0, "bsdf": made}
    return {"type": "twosided", "bsdf": made}


def _texture(albedo: Pixels) -> dict[str, Any]:
    if albedo.ndim == 1:
        return {"type": "rgb", "value": [float(value) for value in np.clip(albedo, 0, 1)]}
    picture = mi.Bitmap(np.ascontiguousarray(np.clip(albedo, 0, 1), np.float32))
    return {"type": "bitmap", "bitmap": picture, "raw": True, "wrap_mode": "repeat", "filter_type": "bilinear"}
