"""Another take's frame, or a clean plate, brought to where the plate's own camera stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.motion import FLAT, LUMA, SAME_SCENE, View, Working, motion_between
from interneg.operators.pyramid import local_mean, surface_through
from interneg.operators.sampling import sampled

Pixels = npt.NDArray[np.float32]
Points = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]
Tone = Callable[[Pixels], Pixels]

MOST_LANDMARKS = 1500
UNLIKE = 0.8  # of the second nearest descriptor's distance: what is no nearer than this may be either (Lowe, 2004)
NEAR_ENOUGH = 1.5  # working pixels by which a landmark may miss the homography; parallax and flow have the rest
FEWEST_LANDMARKS = 16  # four make a homography of anything; so many that agree are no chance
LEAST_SHARE = 0.15  # of the matched landmarks that agree
GREATEST_ZOOM = 3.0  # either way: beyond it hardly a pixel is worth having
DENSE = 1.3  # pixels of the other frame for one of the plate's, from which sampling one in so many would alias

MATCHED_PIXELS = 20_000  # of the working size by which exposure and colour are matched: more say the same
AVERAGED = 5  # working pixels
SIMPLER = 0.01  # of agreement by which another framing must be better than the same one
UNTOUCHED = 0.95  # agreement of the same framing from which no other is looked for: flow has what is left
GRID = 8  # working pixels between the points whose flow refines a homography
FEWEST_PIXELS = 64
DULL = 0.006  # log units of detail that grain has


@dataclass(frozen=True, eq=False)
class Landmarks:
    """What a frame is recognised by: points (K, 2) in its own full-size pixels, descriptors (K, 128)."""

    points: Points
    descriptors: Pixels


@dataclass(frozen=True, eq=False, kw_only=True)
class AlignedView(View):
    """A frame of other footage on the target's grid: its own pixels, and where each of the target's lies in them.

    Convention: `matrix` takes the target's full-size pixels to this frame's; `brought` is this frame at the target's
        working size; `tone` matches its exposure and colour, log in and out. Each full-size pixel is sampled once.
    """

    matrix: Matrix
    brought: Working
    tone: Tone

    @cached_property
    def working(self) -> Working:
        """This frame at working size, as if the target's camera had taken it."""
        return self.brought

    def sampled(self, points: Points) -> Pixels:
        """Its log values at points of its own, smoothed first where they stand closer than the target's."""
        if self._density < DENSE:
            return super().sampled(points)
        return sampled(self._smoothed, points, "bicubic")

    @property
    def _density(self) -> float:
        """How many of its pixels stand along one of the target's."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:2, :2]))))

    @cached_property
    def _smoothed(self) -> Pixels:
        """The log pixels as coarse as the target's, the rims of what is hidden carried inward."""
        known = self.known[..., None]
        near, _ = local_mean(np.where(known, self.log, 0), self.known.astype(np.float32), 2)
        log = np.where(known, self.log, near).astype(np.float32)
        return np.asarray(cv2.GaussianBlur(log, (0, 0), 0.5 * np.sqrt(self._density**2 - 1)), np.float32)

    def found_at(self, points: Points) -> Points:
        """Where points (N, 2) of the target's grid lie in this frame's own pixels."""
        if not len(points):
            return points
        moved = cv2.perspectiveTransform(points[None].astype(np.float64), self.matrix)
        return np.asarray(moved[0], np.float32)

    def toned(self, log: Pixels) -> Pixels:
        """Its log values in the target's exposure and colour."""
        return self.tone(log)


def landmarks_of(view: View) -> Landmarks:
    """What the frame is recognised by: nothing that a matte hides.

    References: Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", 2004; the square root of the
        descriptors is Arandjelovic and Zisserman, 2012.
    """
    working = view.working
    low, high = np.percentile(working.luma, (1, 99))
    luma = np.clip((working.luma - low) * (255 / max(float(high - low), 0.05)), 0, 255).astype(np.uint8)
    clear = cv2.erode((working.known > 0).astype(np.uint8), np.ones((9, 9), np.uint8))  # a keypoint feels 4 around it
    finder = cv2.SIFT.create(nfeatures=MOST_LANDMARKS, contrastThreshold=0.02)
    points, found = finder.detectAndCompute(luma, clear)
    if found is None:
        return Landmarks(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    at = np.array([point.pt for point in points], np.float32)
    descriptors = np.sqrt(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-6))
    return Landmarks(_full_from_working(at, working.scale), descriptors.astype(np.float32))


def homography_between(views: tuple[View, View], here: Landmarks, there: Landmarks) -> Matrix | None:
    """The homography from the first view's full-size pixels to the second's; None where too little agrees.

    References: Barath et al., "MAGSAC++", 2020, as in OpenCV's USAC (its random state is fixed there).
    """
    if min(len(here.points), len(there.points)) < FEWEST_LANDMARKS:
        return None
    one, other = _matched(here.descriptors, there.descriptors)
    if len(one) < FEWEST_LANDMARKS:
        return None
    start, end = here.points[one], there.points[other]
    near = NEAR_ENOUGH * views[1].working.scale
    matrix, fits = cv2.findHomography(start, end, cv2.USAC_MAGSAC, near, None, 5000, 0.999)
    if matrix is None or int(fits.sum()) < max(FEWEST_LANDMARKS, LEAST_SHARE * len(one)):
        return None
    is_good = _is_of_a_camera(matrix, views[0].hole.shape, views[1].hole.shape)
    return np.asarray(matrix, np.float64) if is_good else None


def scaled_to(target: View, source: View) -> Matrix:
    """The homography of the same framing at another size."""
    down, across = (there / here for there, here in zip(source.hole.shape, target.hole.shape, strict=True))
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]], np.float64)


def aligned(target: View, source: View, matrix: Matrix) -> AlignedView:
    """The source on the target's grid by that homography; its exposure and colour are still its own."""
    here, there = target.working, source.working
    to_there = np.linalg.inv(_full_matrix(there.scale)) @ matrix @ _full_matrix(here.scale)
    size = (here.luma.shape[1], here.luma.shape[0])
    how = cv2.WARP_INVERSE_MAP
    known = cv2.warpPerspective(there.known, to_there, size, flags=cv2.INTER_LINEAR | how)
    log = cv2.warpPerspective(there.log, to_there, size, flags=cv2.INTER_CUBIC | how, borderMode=cv2.BORDER_REPLICATE)
    brought = working_of(here.scale, log, (known > 0.999).astype(np.float32))
    plain = (source.frame, source.log, source.hole, source.there)
    return AlignedView(*plain, matrix=matrix, brought=brought, tone=_as_it_is)


def working_of(scale: int, log: Pixels, known: Pixels) -> Working:
    """A working copy of these pixels, the rest spanned from what is known."""
    log = surface_through(log, known)
    luma = log @ LUMA
    return Working(scale, luma, cv2.GaussianBlur(luma, (0, 0), 0.8), log, known)


def graded(view: AlignedView, tone: Tone) -> AlignedView:
    """The same view in the target's exposure and colour."""
    working = view.working
    log = np.where(working.known[..., None] > 0, tone(working.log), 0).astype(np.float32)
    brought = working_of(working.scale, log, working.known)
    return replace(view, brought=brought, tone=tone)


def agreement(target: View, source: AlignedView) -> float:
    """How far the detail of both agrees as they lie, a correlation; 0 where a picture has none to tell by.

    Strong edges count hardly more than weak ones: somebody dark who stands in one of them is not the whole picture.
    """
    here, there = target.working, source.working
    both = (here.known > 0) & (there.known > 0)
    one, other = here.detail[both], there.detail[both]
    if one.size < FEWEST_PIXELS or min(float(one.std()), float(other.std())) < DULL:
        return 0.0
    one, other = _levelled(one), _levelled(other)
    return float((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum()))


def _levelled(detail: Pixels) -> Pixels:
    usual = max(float(np.median(np.abs(detail))), DULL)
    return np.asarray(detail / np.sqrt(detail**2 + usual**2), np.float32)


def best_aligned(target: View, source: View, landmarks: tuple[Landmarks, Landmarks]) -> AlignedView | None:
    """The source on the target's grid by the homography that their detail agrees with best; None for another scene.

    Landmarks stand where the picture has corners and say little of the rest, so that a camera that was never touched
        would seem to have moved: the same framing is tried beside them, and what they say is refined by dense flow.
    """
    same = aligned(target, source, scaled_to(target, source))
    tried = [(agreement(target, same) + SIMPLER, same)]
    if tried[0][0] > UNTOUCHED:
        return same
    found = homography_between((target, source), *landmarks)
    if found is not None:
        told = aligned(target, source, found)
        tried.append((agreement(target, told), told))
        again = _refined_matrix(target, told)
        if again is not None:
            finer = aligned(target, source, again)
            tried.append((agreement(target, finer), finer))
    score, best = max(tried, key=lambda pair: pair[0])
    return best if score > SAME_SCENE else None


def _refined_matrix(target: View, source: AlignedView) -> Matrix | None:
    """The homography that the dense flow between the aligned frames leaves, behind the one they were aligned by."""
    flow = motion_between(target, source).flow
    texture = cv2.blur(target.working.detail**2, (GRID, GRID)) > FLAT**2
    rows, columns = np.nonzero((texture & (target.working.known > 0) & (source.working.known > 0))[::GRID, ::GRID])
    if len(rows) < 4 * FEWEST_LANDMARKS:
        return None
    start = np.stack([columns, rows], axis=1).astype(np.float32) * GRID
    end = start + flow[rows * GRID, columns * GRID]
    scale = target.working.scale
    start, end = _full_from_working(start, scale), _full_from_working(end, scale)
    more, _ = cv2.findHomography(start, end, cv2.USAC_MAGSAC, 0.5 * scale, None, 5000, 0.999)
    if more is None or not _is_of_a_camera(source.matrix @ more, target.hole.shape, source.hole.shape):
        return None
    return np.asarray(source.matrix @ more, np.float64)


def shown_by_both(target: View, source: AlignedView) -> tuple[Pixels, Pixels]:
    """The log values (N, 3) of what both show, averaged a little: no grade may hang on the last tenth of a pixel."""
    here, there = target.working, source.working
    rows, columns = np.nonzero((here.known > 0) & (there.known > 0))
    step = max(1, len(rows) // MATCHED_PIXELS)
    one, other = (cv2.blur(working.log, (AVERAGED, AVERAGED)) for working in (here, there))
    return one[rows[::step], columns[::step]], other[rows[::step], columns[::step]]


def _as_it_is(log: Pixels) -> Pixels:
    return log


def _matched(here: Pixels, there: Pixels) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Which descriptors are each other's nearest, and clearly nearer than the next."""
    likeness = here @ there.T  # (K, L), of unit vectors
    nearest = likeness.argmax(axis=1)
    rows = np.arange(len(here))
    best = likeness[rows, nearest]
    mutual = likeness.argmax(axis=0)[nearest] == rows
    likeness[rows, nearest] = -1
    distance, next_distance = (np.sqrt(np.maximum(2 - 2 * value, 0)) for value in (best, likeness.max(axis=1)))
    chosen = np.flatnonzero(mutual & (distance < UNLIKE * next_distance))
    return chosen, nearest[chosen]


def _is_of_a_camera(matrix: Matrix, size: tuple[int, ...], size_there: tuple[int, ...]) -> bool:
    """Whether the homography is one that two cameras of one set can differ by: no mirror, no fold, no great zoom."""
    if not np.isfinite(matrix).all():
        return False
    height, width = size
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    if (corners[0] @ matrix[2, :2] + matrix[2, 2]).min() <= 0:
        return False
    moved = cv2.perspectiveTransform(corners, matrix)[0].astype(np.float32)
    if not cv2.isContourConvex(moved):
        return False
    zoom = float(np.sqrt(abs(cv2.contourArea(moved)) / (size_there[0] * size_there[1])))
    is_upright = cv2.contourArea(moved, oriented=True) > 0
    return is_upright and 1 / GREATEST_ZOOM < zoom < GREATEST_ZOOM


def _full_matrix(scale: int) -> Matrix:
    """From working pixels to full-size ones: the middle of a working pixel is that of the full ones beneath it."""
    middle = (scale - 1) / 2
    return np.array([[scale, 0, middle], [0, scale, middle], [0, 0, 1]], np.float64)


def _full_from_working(points: Points, scale: int) -> Points:
    return (points * scale + (scale - 1) / 2).astype(np.float32)
