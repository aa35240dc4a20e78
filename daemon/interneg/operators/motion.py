"""Where each pixel of one frame lies in another: dense flow that never looks through a matte."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.camera_motion import camera_flow
from interneg.operators.pyramid import grown, local_mean, surface_through
from interneg.operators.sampling import clear_of, known_sampled, shown_at

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

WORKING_WIDTH = 720  # pixels: flow of larger plates is found at a whole fraction of their size, pixels at full size
BAND = 4  # working pixels around a matte in which DIS patches (8x8) still feel the wire
WIRE = (
    16.0  # working pixels from a trusted rim up to which a hole moves with it: no wire reaches further, BAND included
)
RIM = 8.0  # working pixels from what is trusted up to which all moves as the nearest does; twice as far it has no say
ALONE = 5  # working pixels around the nearest that it is the mean of: a single flow wavers
UNLIKE = 0.7  # working pixels from which the smooth surface and the nearest are two motions; twice that, surely
REACH_OF_PARALLAX = 6.0  # working pixels over which a rim's own motion gives way to the camera's
REFINEMENTS = 3
SAME_SCENE = 0.4  # correlation of detail
PLAINER = 0.85  # of the camera's misfit that a motion of one's own must stay below: what stands still shall not waver
TELLING = 0.001  # log units of detail that tell a motion as well as grain tells a wrong one
FLAT = 0.003  # log units of detail below which a picture has nothing to be told by
WINDOW = 11  # working pixels; smaller windows follow noise, larger ones straddle silhouettes
LUMA = np.array([0.25, 0.6, 0.15], np.float32)  # of log values: only contrast matters here


@dataclass(frozen=True, eq=False)
class View:
    """One frame as the operators see it.

    Convention: log (H, W, 3) finite log-encoded pixels; hole (H, W) True where the pixel is to be replaced; there
        (H, W) True where a pixel exists at all (inside the frame, finite); performers (H, W) True inside a performer,
        None where nobody said; `key` is the same for views of the same pixels with the same hole, and empty where
        nobody vouches for that.
    """

    frame: int
    log: Pixels
    hole: Matte
    there: Matte
    performers: Matte | None = None
    key: str = ""

    @cached_property
    def known(self) -> Matte:
        """Pixels that may be looked at, in this frame and from others."""
        return self.there & ~self.hole

    @cached_property
    def places(self) -> tuple[Indices, ...]:
        """The rows and columns (N,) of the hole's pixels: looking for them costs more than all else of a thin wire."""
        return np.nonzero(self.hole)

    @cached_property
    def clear(self) -> Matte:
        """Pixels beside which nothing is hidden."""
        return clear_of(self.known)

    def shows(self, points: Pixels) -> Matte:
        """Whether what lies at points (N, 2) of its own may be looked at."""
        return shown_at(self.known, self.clear, points)

    def sampled(self, points: Pixels) -> Pixels:
        """Its log values (N, 3) at points (N, 2) of its own, each sampled once and free of what is hidden beside it."""
        return known_sampled(self.log, self.known, self.clear, points)

    @cached_property
    def working(self) -> Working:
        """The view at the size that motion is found at."""
        return _working(self)

    def found_at(self, points: Pixels) -> Pixels:
        """Where points (N, 2) of the grid that flow leads to lie among this frame's own pixels."""
        return points

    def toned(self, log: Pixels) -> Pixels:
        """Its log values in the target's exposure and colour: a neighbour's are nearly that."""
        return log


@dataclass(frozen=True, eq=False)
class Working:
    """A view at working size: its scale, luma with the hole spanned, colour, and how far each pixel is known."""

    scale: int
    luma: Pixels  # (h, w), prefilled
    smooth: Pixels  # (h, w), luma without its finest grain
    log: Pixels  # (h, w, 3)
    known: Pixels  # (h, w), 1 where every full pixel beneath is known

    @cached_property
    def detail(self) -> Pixels:
        """The luma less its own surroundings: what a scene is told by."""
        return self.smooth - _window(self.smooth)


def _working(view: View) -> Working:
    height, width = view.hole.shape
    scale = max(1, -(-width // WORKING_WIDTH))
    size = (max(1, -(-width // scale)), max(1, -(-height // scale)))
    known = view.known.astype(np.float32)
    log, weight = view.log * known[..., None], known
    if scale > 1:
        log = cv2.resize(log, size, interpolation=cv2.INTER_AREA)
        weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    log = (log / np.maximum(weight, 1e-6)[..., None]).astype(np.float32)
    whole = (weight > 0.999).astype(np.float32)
    log = surface_through(log, whole)
    luma = log @ LUMA
    return Working(scale, luma, cv2.GaussianBlur(luma, (0, 0), 0.8), log, whole)


@dataclass(frozen=True, eq=False)
class Motion:
    """For each working pixel of a target, how far away (x, y) it lies in a source, in working pixels.

    Convention: both (h, w, 2): `flow` is each thing's own, spanned from the rim under mattes; `camera` is the camera's
        alone, one homography.
    """

    flow: Pixels
    camera: Pixels


def motion_between(target: View, source: View) -> Motion:
    """How the target's pixels lie in the source.

    Convention: flow inside and near both mattes is discarded and spanned from the rim, as far as the rim has detail to
        tell it by; far from any rim the camera's own motion takes over, so that it also reaches beyond the frame.

    References: Kroeger et al., "Fast Optical Flow using Dense Inverse Search", 2016; the refinement is Lucas and
        Kanade, 1981, with matte pixels weighted out.
    """
    here, there = target.working, source.working
    if min(here.luma.shape) < 16:  # DIS needs a few patches; such plates are swatches
        still = np.zeros((*here.luma.shape, 2), np.float32)
        return Motion(still, still)
    flow = _dense(here, there)
    trusted = _trusted(here, there, flow)
    camera = camera_flow(here, there, flow, trusted)
    allowed = PLAINER * _misfit(here, there, camera)
    flow = np.where((_misfit(here, there, flow) < allowed)[..., None], flow, camera)
    flow = _refined(here, there, _spanned(flow, camera, trusted * _told_by_detail(here)))
    flow = np.where((_misfit(here, there, flow) < allowed)[..., None], flow, camera)
    return Motion(flow, camera)


def is_same_scene(target: View, source: View, flow: Pixels) -> bool:
    """Whether the source shows what the target shows, brought there by the flow: not so beyond a cut.

    Flow finds something alike in any picture, and a smooth offset does the rest: only detail tells. On real shots it
    correlates by 0.58 to 1.0 over a second, across cuts by 0.01 to 0.22.
    """
    here, there = target.working, source.working
    both = (here.known > 0) & (sampled_at_working(there.known, flow) > 0.99)
    one, other = here.detail[both], sampled_at_working(there.detail, flow)[both]
    power = float(np.sqrt((one**2).sum() * (other**2).sum()))
    if one.size < 64 or float(one.std()) < FLAT:
        return True
    return float((one * other).sum()) > SAME_SCENE * power


def _dense(here: Working, there: Working) -> Pixels:
    low, high = np.percentile(here.luma[::4, ::4], (1, 99))
    gain = 230 / max(float(high - low), 0.05)  # 0.05: a flat plate's noise is not blown up to contrast
    exposure = float(np.median(there.luma[::4, ::4] - here.luma[::4, ::4]))  # a pan leaves it at 0, a stop does not
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    finder.setUseMeanNormalization(True)
    lumas = (here.luma, there.luma - np.float32(exposure))
    pictures = [np.clip((luma - low) * gain + 12, 0, 255).astype(np.uint8) for luma in lumas]
    return np.asarray(finder.calc(pictures[0], pictures[1], None), np.float32)


def _trusted(here: Working, there: Working, flow: Pixels) -> Matte:
    hidden = grown(here.known < 1, BAND)
    hidden_there = grown(there.known < 1, BAND // 2).astype(np.float32)
    return np.asarray(~hidden & (sampled_at_working(hidden_there, flow) < 0.5))


def _misfit(here: Working, there: Working, flow: Pixels) -> Pixels:
    """By how much the source, moved by the flow, differs from the target around each pixel (h, w), exposure aside."""
    valid = here.known * (sampled_at_working(there.known, flow) > 0.99)
    error = np.abs(sampled_at_working(there.detail, flow) - here.detail) * valid
    return _window(error) / (_window(valid) + 1e-6)


def _told_by_detail(here: Working) -> Pixels:
    """How far the picture around each pixel (h, w) tells a motion at all, in [0, 1]: a bare wall tells none."""
    power = _window(here.detail**2)
    return np.asarray(power / (power + TELLING**2), np.float32)


def _spanned(flow: Pixels, camera: Pixels, weight: Pixels) -> Pixels:
    """The flow where it has weight (h, w), in [0, 1]; carried on from there where it has none."""
    trusted = weight > 0
    if not trusted.any():
        return np.zeros_like(flow)
    distance = cv2.distanceTransform((~trusted).astype(np.uint8), cv2.DIST_L2, 3)
    residual = _beside(flow - camera, weight, distance)
    told = surface_through(weight[..., None], trusted.astype(np.float32))
    fading = np.exp(-np.maximum(distance - WIRE, 0) / REACH_OF_PARALLAX)[..., None] * np.clip(told, 0, 1)
    return np.asarray(np.where(trusted[..., None], flow, camera + residual * fading), np.float32)


def _beside(values: Pixels, weight: Pixels, distance: Pixels) -> Pixels:
    """Values (h, w, C) spanned from where they have weight: smoothly, but beside a silhouette as the nearest are.

    A smooth surface takes from all around, and two things that move differently become one that moves like neither.
    """
    surface = surface_through(values, weight)
    mean, _ = local_mean(values, weight, ALONE)
    nearest = mean.reshape(-1, values.shape[2])[_nearest(weight > 0)]
    apart = np.abs(nearest - surface).max(axis=-1)
    share = np.minimum(np.clip(apart / UNLIKE - 1, 0, 1), np.clip(2 - distance / RIM, 0, 1))
    return np.asarray(surface + share[..., None] * (nearest - surface), np.float32)


def _nearest(chosen: Matte) -> Indices:
    """The place (flat) of the nearest chosen pixel, for each (h, w)."""
    labels = cv2.distanceTransformWithLabels(
        (~chosen).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )[1]
    places = np.zeros(int(labels.max()) + 1, np.intp)
    places[labels[chosen]] = np.flatnonzero(chosen)
    return np.asarray(places[labels], np.intp)


def _refined(here: Working, there: Working, flow: Pixels) -> Pixels:
    gradient_x = cv2.Sobel(here.smooth, cv2.CV_32F, 1, 0, ksize=3) / 8
    gradient_y = cv2.Sobel(here.smooth, cv2.CV_32F, 0, 1, ksize=3) / 8
    inner = cv2.erode(here.known, np.ones((3, 3), np.uint8))  # gradients must not reach into the matte
    for _ in range(REFINEMENTS):
        valid = inner * (sampled_at_working(there.known, flow) > 0.99)
        error = sampled_at_working(there.smooth, flow) - here.smooth
        share = _window(valid) + 1e-6
        error = (error - _window(error * valid) / share) * valid  # the local mean is exposure, not motion
        weight = valid / (1 + (error / 0.03) ** 2)  # 0.03 log units: above grain, below edges
        xx, xy, yy, xe, ye = (
            _window(product * weight)
            for product in (
                gradient_x * gradient_x,
                gradient_x * gradient_y,
                gradient_y * gradient_y,
                gradient_x * error,
                gradient_y * error,
            )
        )
        damping = 2e-6 + 0.02 * (xx + yy)  # along an edge there is no answer: stay
        xx, yy = xx + damping, yy + damping
        determinant = xx * yy - xy * xy
        step = np.stack([xy * ye - yy * xe, xy * xe - xx * ye], axis=-1) / determinant[..., None]
        flow = flow + np.clip(step, -1, 1)  # a pixel at most: beyond it the linearisation says nothing
    return np.asarray(flow, np.float32)


def _window(values: Pixels) -> Pixels:
    size = (WINDOW, WINDOW)
    return np.asarray(cv2.blur(cv2.blur(values, size), size), np.float32)


def sampled_at_working(values: Pixels, flow: Pixels) -> Pixels:
    """`values` (h, w[, C]) of the source brought to the target by `flow`; bilinear, edges held, 0 beyond the frame."""
    height, width = flow.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(
        cv2.remap(
            values, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
        ),
        np.float32,
    )
