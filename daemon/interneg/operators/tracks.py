"""Wires over time: curves that persist from frame to frame, told from what belongs to the set by how they move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

import numpy as np
import numpy.typing as npt

from interneg.operators.curves import ABSENT, SPACING, Line, fitted_offsets, normals_of, sampled, worth
from interneg.operators.motion import is_same_scene, motion_between
from interneg.operators.sightings import Seen, Sighting
from interneg.operators.thickness import draw_wire

Pixels = npt.NDArray[np.float32]

WINDOW = 10  # frames to either side that a frame's wires are judged by
MISSING = 8  # frames that a wire may vanish for
NEAR = 4.0  # working pixels that a curve may be away from where it was, and as many again for each frame of a gap
FARTHEST = 14.0  # working pixels in all
OVERLAP = 30.0  # working pixels: points of two curves further apart than this say nothing of each other
FUSED = 4  # frames to either side that a curve's place is told from
ENDS = 12  # points that a wire may end before the frame's edge and still be thought to reach it
FADING = 1.0  # frames over which a neighbour's word loses to the frame's own
BESIDE = 6.0  # working pixels beside a wire's edge: there the motion behind it is read
TELLING = 2.0  # working pixels that the background must have moved by for a curve to be held to it
STUCK, FREE = 5.0, 0.4  # what moving with the background costs, and moving against it gains
PERSISTS = 0.5  # share of the frames that are there in which a curve must be seen
THRESHOLD, SENSITIVE = 0.9, 4.0  # looks that are asked for at the neutral sensitivity, and how far it moves that


@dataclass(frozen=True, eq=False)
class Step:
    """From one frame to the next: where the background goes, and whether it is the same scene at all."""

    flow: Pixels  # (h, w, 2), in pixels of the sightings' views
    same: bool


@dataclass(frozen=True, eq=False)
class Wire:
    """A wire in one frame, at working size: its points (N, 2), its width there (N,), how soft it is, and its score."""

    points: Line
    width: Line
    softness: float
    score: float
    bridged: bool = False


@dataclass(frozen=True, eq=False)
class Nearby:
    """The frames about one frame: what each shows, and the step that leads from each to the next."""

    frame: int
    sightings: Mapping[int, Sighting]
    steps: Mapping[int, Step]


Track = dict[int, Seen]


def step_between(one: Sighting, other: Sighting) -> Step:
    """The step from one frame to the next; another scene where they are of different sizes."""
    if one.view.log.shape != other.view.log.shape:
        return Step(np.zeros((1, 1, 2), np.float32), same=False)
    flow = motion_between(one.view, other.view).flow
    return Step(flow, is_same_scene(one.view, other.view, flow))


def reachable(frame: int, sightings: Mapping[int, Sighting], steps: Mapping[int, Step]) -> Nearby:
    """The frames about that one which neither a cut nor a missing frame parts from it."""
    first = last = frame
    while first - 1 >= frame - WINDOW and first - 1 in sightings and steps[first - 1].same:
        first -= 1
    while last + 1 <= frame + WINDOW and last + 1 in sightings and steps[last].same:
        last += 1
    return Nearby(
        frame,
        {number: sightings[number] for number in range(first, last + 1)},
        {number: steps[number] for number in range(first, last)},
    )


def wires_at(nearby: Nearby, sensitivity: float) -> list[Wire]:
    """The wires of that frame, the surest first.

    Convention: sensitivity in [0, 1], 0.5 neutral: more finds fainter wires, and more that is none.
    """
    least = THRESHOLD + SENSITIVE * (0.5 - sensitivity)
    wires = []
    for track in _tracks(nearby):
        score = _score(nearby, track)
        wire = _fused(nearby, track, score) if score >= least else None
        if wire is not None:
            wires.append(wire)
    return sorted(wires, key=lambda wire: -wire.score)


def matte_of(wires: list[Wire], size: tuple[int, ...], scale: int) -> Pixels:
    """The coverage (H, W) of all wires, drawn anew at the plate's size: no noise of finding them is in its edge."""
    matte = np.zeros(size[:2], np.float32)
    for wire in wires:
        points = (wire.points + 0.5) * scale - 0.5
        draw_wire(matte, points, wire.width * scale, wire.softness * scale)
    return matte


def _tracks(nearby: Nearby) -> list[Track]:
    """The tracks that pass through the frame: seen in it, or shortly before and after."""
    taken: set[tuple[int, int]] = set()
    tracks = []
    for offset in sorted(range(-MISSING, MISSING + 1), key=lambda offset: (abs(offset), offset)):
        start = nearby.frame + offset
        if start not in nearby.sightings:
            continue
        for index in range(len(nearby.sightings[start].seen)):
            if (start, index) in taken:
                continue
            places = _followed(nearby, start, index, taken)
            taken |= set(places.items())
            if _passes(places, nearby.frame):
                tracks.append({frame: nearby.sightings[frame].seen[at] for frame, at in places.items()})
    return tracks


def _passes(places: Mapping[int, int], frame: int) -> bool:
    before = [number for number in places if number <= frame]
    after = [number for number in places if number >= frame]
    return bool(before and after) and min(after) - max(before) <= MISSING + 1


def _followed(nearby: Nearby, start: int, index: int, taken: set[tuple[int, int]]) -> dict[int, int]:
    """The curve's places in the frames about, to both sides of where it starts."""
    places = {start: index}
    for way in (-1, 1):
        at, gap = start, 1
        while at + way * gap in nearby.sightings and gap <= MISSING + 1:
            match = _match(nearby, (at, places[at]), at + way * gap, taken)
            if match is None:
                gap += 1
                continue
            at, gap = at + way * gap, 1
            places[at] = match
    return places


def _match(nearby: Nearby, place: tuple[int, int], frame: int, taken: set[tuple[int, int]]) -> int | None:
    """The curve of that frame that is the same one, nearest where it was, or where the background has taken it."""
    own = nearby.sightings[place[0]].seen[place[1]]
    others = nearby.sightings[frame].seen
    if all((frame, index) in taken for index in range(len(others))):
        return None
    reach = min(NEAR * (1 + abs(frame - place[0])), FARTHEST)
    starts = (own.sample, _carried(nearby, own.sample, place[0], frame))
    away = [
        float("inf") if (frame, index) in taken else min(_apart(start, other) for start in starts)
        for index, other in enumerate(others)
    ]
    best = int(np.argmin(away))
    return best if away[best] <= reach else None


def _apart(sample: Line, other: Seen) -> float:
    """How far apart two curves are across, where they run beside each other; infinite where they do not."""
    points, asides = other.curve.points, other.curve.asides
    difference = sample[:, None] - points[None]
    near = np.sqrt(np.einsum("abc,abc->ab", difference, difference))
    beside, along = near.min(axis=1) < OVERLAP, near.min(axis=0) < OVERLAP
    if max(beside.mean(), along.mean()) < 0.6 or not beside.any():
        return float("inf")
    nearest = near.argmin(axis=1)
    across = np.abs((difference[np.arange(len(sample)), nearest] * asides[nearest]).sum(axis=1))
    return float(np.percentile(across[beside], 80))


def _carried(nearby: Nearby, points: Line, start: int, end: int) -> Line:
    """Where the background at these points is in another frame."""
    shrunk = nearby.sightings[start].shrunk
    place = points / shrunk
    for frame in range(start, end):
        place = place + _flow_at(nearby.steps[frame].flow, place)
    for frame in range(start - 1, end - 1, -1):
        origin = place
        for _ in range(3):  # the step is known from where it began: looked for backwards
            origin = place - _flow_at(nearby.steps[frame].flow, origin)
        place = origin
    return np.asarray(place * shrunk)


def _flow_at(flow: Pixels, place: Line) -> Line:
    """The flow at places, held at the frame's edges."""
    held = np.clip(place, 0, np.array([flow.shape[1] - 1, flow.shape[0] - 1]))
    return np.stack([sampled(np.ascontiguousarray(flow[..., axis]), held) for axis in (0, 1)], axis=-1)


def _score(nearby: Nearby, track: Track) -> float:
    """How sure it is that the track is a wire; minus infinity for what is only there now and then."""
    if len(track) < min(3.0, PERSISTS * len(nearby.sightings)) or len(track) < PERSISTS * _span(nearby, track):
        return float("-inf")
    share = len(track) / len(nearby.sightings)
    looks = float(np.mean([seen.looks for seen in track.values()]))
    return looks + (share - 1) + _by_motion(nearby, track)


def _span(nearby: Nearby, track: Track) -> int:
    """The frames that the track could have been seen in, less those that it may vanish for."""
    return max(max(track) - min(track) + 1 - MISSING, len(nearby.sightings) // 2)


def _by_motion(nearby: Nearby, track: Track) -> float:
    """What its motion says: less than 0 where the curve goes with what is behind it, more where it goes its own way."""
    start = min(track, key=lambda frame: (abs(frame - nearby.frame), frame))
    own, reach = track[start], [frame for frame in track if frame != start]
    if not reach:
        return 0.0
    ends = {min(reach), max(reach), min(reach, key=lambda frame: abs(abs(frame - start) - WINDOW // 2))}
    free, moved = [], []
    for end in sorted(ends):
        apart, went = _against_background(nearby, own, track[end], (start, end))
        free.append(apart)
        moved.append(went)
    most, went = max(free), max(moved)
    stuck = np.clip((went - TELLING) / TELLING, 0, 1) * np.clip(2 - 4 * most / max(went, 1e-6), 0, 1)
    own_way = np.clip((most - 1.5) / 4, 0, 1) * (1 - stuck)
    return float(FREE * own_way - STUCK * stuck)


def _against_background(nearby: Nearby, own: Seen, other: Seen, frames: tuple[int, int]) -> tuple[float, float]:
    """How far the curve left what was beside it, and how far that went across the curve, in working pixels.

    What goes with one of its sides goes with the background: a silhouette does.
    """
    points = own.sample
    asides = normals_of(own.curve.points)[np.linspace(0, len(own.curve.points) - 1, len(points)).astype(np.intp)]
    away = float(np.median(own.thickness.width)) / 2 + BESIDE
    apart, went = [], []
    for side in (-1, 1):
        shift = _carried(nearby, points + side * away * asides, *frames) - (points + side * away * asides)
        apart.append(_apart(points + shift, other))
        went.append(float(np.median(np.abs((shift * asides).sum(axis=1)))))
    nearest = min(apart)
    return (nearest if np.isfinite(nearest) else FARTHEST), max(went)


def _fused(nearby: Nearby, track: Track, score: float) -> Wire | None:
    """The wire as that frame has it, by the frame and its neighbours together; None where nothing is left of it."""
    frame = nearby.frame
    reach = FUSED if frame in track else MISSING + 1
    near = {number - frame: seen for number, seen in track.items() if abs(number - frame) <= reach}
    reference_frame = frame + min(near, key=lambda offset: (abs(offset), offset))
    reference = track[reference_frame]
    origin = reference.curve.points[0]
    along = reference.curve.points[-1] - origin
    along = along / max(hypot(*along), 1e-9)
    axes = np.stack([along, (-along[1], along[0])])
    placed = {offset: ((seen.curve.points - origin) @ axes.T, seen) for offset, seen in near.items()}
    first = min(run[:, 0].min() for run, _ in placed.values())
    last = max(run[:, 0].max() for run, _ in placed.values())
    even = np.arange(first, last + 1e-6, SPACING)
    table = _Table.of(placed, even)
    start, end = worth(table.worth)
    if end - start < 4:
        return None
    kept = slice(start, end)
    off, weight, width = table.offsets[kept], table.weight[kept], table.width[kept]
    fitted = fitted_offsets(even[kept], off, np.clip(weight, 0, 1) + ABSENT)
    points = origin + np.stack([even[kept], fitted(even[kept])], axis=1) @ axes
    points, width = _to_edge(points, width, nearby.sightings[reference_frame].size)
    softness = float(np.median([seen.thickness.softness for seen in near.values()]))
    return Wire(points, width, softness, score, bridged=frame not in track)


def _to_edge(points: Line, width: Line, size: tuple[int, int]) -> tuple[Line, Line]:
    """The wire carried on beyond the frame's edge where it ends shortly before it: its end was cut by the filters."""
    for _ in range(2):  # one end, then the other
        back = points[-1] - points[max(-len(points), -12)]
        step = SPACING * back / max(hypot(*back), 1e-9)
        more = points[-1] + step * np.arange(1, ENDS)[:, None]
        beyond = ((more < -0.5) | (more > np.array([size[1], size[0]]) - 0.5)).any(axis=1)
        if beyond.any():
            points, width = np.concatenate([points, more]), np.concatenate([width, np.full(len(more), width[-1])])
        points, width = points[::-1], width[::-1]
    return points, width


@dataclass(frozen=True, eq=False)
class _Table:
    """What the frames say together of each place along a wire (N,): its offset, how much they say, its width."""

    offsets: Line
    weight: Line
    width: Line
    worth: Line

    @staticmethod
    def of(placed: Mapping[int, tuple[Line, Seen]], even: Line) -> _Table:
        """A straight line through time at each place, at the time of the frame itself."""
        sums = np.zeros((6, len(even)))  # of 1, t, t t, off, t off, evidence
        widths = np.full((len(placed), len(even)), np.nan)
        total = 0.0
        for row, (offset, (run, seen)) in enumerate(sorted(placed.items())):
            order = np.argsort(run[:, 0])
            x, off, evidence = run[order, 0], run[order, 1], seen.curve.evidence[order]
            inside = (even >= x[0]) & (even <= x[-1])
            fading = float(np.exp(-abs(offset) / FADING))
            total += fading
            there = np.interp(even, x, evidence) * inside
            share = fading * there**2 * inside
            place = np.interp(even, x, off)
            sums += np.stack(
                [share, share * offset, share * offset**2, share * place, share * offset * place, fading * there]
            )
            widths[row] = np.where(inside, np.interp(even, x, seen.thickness.width[order]), np.nan)
        one, t, tt, off, t_off, evidence = sums
        tt = tt + 0.2 * one + 1e-9  # held back: a wire's speed is told by many frames or not at all
        determinant = np.maximum(one * tt - t * t, 1e-12)
        offsets = (tt * off - t * t_off) / determinant
        known = ~np.isnan(widths).all(axis=0)
        width = np.interp(even, even[known], np.nanmedian(widths[:, known], axis=0))
        return _Table(offsets, one / total, width, evidence / total - ABSENT)
