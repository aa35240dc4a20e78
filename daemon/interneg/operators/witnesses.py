"""Who may have seen a hole besides the shot itself, whose word goes first, and when one is not believed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from interneg.operators.motion import WINDOW, View, sampled_at_working
from interneg.operators.pyramid import local_mean, surface_through

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]

FITS = 0.06  # error of the support in log units up to which an artist's own picture goes before the footage
AGREED = 0.03  # log units by which one frame of other takes may differ from the middle of them all
QUORUM = 3  # frames of other takes from which their middle says more than any of them
SAME_THING = 0.05  # log units from what the matte covers within which a take shows that very thing
AROUND = 12  # working pixels around a pixel whose detail tells whether the set is the same: a wire's width and more
SAME_DETAIL = 0.6  # correlation from which it is: two sets have about 0, one set under another sun 0.7 and more
SHADED = 0.06  # log units, half a stop: what shadows and a lamp that was moved may leave once the grade is matched
DULL = 0.006  # log units of detail that grain has: beneath it nothing is told
STRANGE = 0.3  # log units added where nothing agrees: thrice what a seen pixel may have
ALONG = 41  # pixels of a hole within which such a thing goes on,
MOSTLY = 0.4  # and fills this share of it
WIDE = 5  # pixels of a hole over which that is judged


@dataclass(frozen=True, eq=False)
class Witness:
    """A frame of other footage, brought to the target's grid, exposure and colour.

    Convention: `rank` 0 is judged beside the shot's own frames; where a higher one fits, lower ones are not asked.
        `noise` is its grain's variance over the target's; `is_aligned` where it was brought to the target's grid.
    """

    view: View
    name: str
    rank: int = 0
    noise: float = 1.0
    is_aligned: bool = False


class Beside(Protocol):
    """What there is besides the shot; both depend on the target and the footage alone, in order."""

    def first(self, target: View) -> Iterable[Witness]:
        """What the artist gave: it goes before the shot where it fits."""

    def further(self, target: View, unseen: float) -> Iterable[Witness]:
        """What may have seen what the shot has not: `unseen` is the share of the hole that nothing has shown yet."""


class Nobody:
    """Nothing besides the shot."""

    def first(self, target: View) -> Iterable[Witness]:
        """Nothing."""
        return ()

    def further(self, target: View, unseen: float) -> Iterable[Witness]:
        """Nothing."""
        return ()


NOBODY = Nobody()


def first_word(errors: Pixels, ranks: Sequence[int]) -> Matte:
    """Where (N,) one of the samples that go first fits; errors (K, N)."""
    going_first = np.array(ranks) > 0
    return np.asarray((errors[going_first] < FITS).any(axis=0))


def by_rank(errors: Pixels, ranks: Sequence[int]) -> Pixels:
    """The errors (K, N), infinite for samples of a lower rank than one that fits the pixel."""
    ranked = np.array(ranks)[:, None]
    highest = np.where(errors < FITS, ranked, 0).max(axis=0)
    return np.where(ranked < highest, np.inf, errors).astype(np.float32)


def doubts(target: View, rims: Pixels, values: Pixels, shown: Matte) -> Pixels:
    """How much less each sample of other takes is to be believed, (K, N) log units added to its error.

    Two faults of a take stand within the hole, where its surroundings tell nothing. Somebody stands there: the other
        frames differ. Or the very wire hangs there too: then it looks like what the matte covers, and unlike the take's
        own pixels on either side; the covered pixels are looked at for that, and can only take away.

    Convention: values (K, N, 3), shown (K, N); rims (K, 2, N, 3) what each take shows on either side of the hole.
    """
    alone = np.zeros(shown.shape, np.float32)
    many = shown.sum(axis=0) >= QUORUM
    if many.any():
        among = np.where(shown[:, many, None], values[:, many], np.nan)
        alone[:, many] = np.abs(values[:, many] - np.nanmedian(among, axis=0)).mean(axis=-1)
    covered = target.log[target.hole]
    like_it = np.stack([_averaged(target.hole, np.abs(each - covered).mean(axis=-1)) for each in values])
    apart = np.abs(values[:, None] - rims).mean(axis=-1).min(axis=1)
    unlike_rest = np.stack([_averaged(target.hole, each) for each in apart])
    is_it = (like_it < SAME_THING) & (unlike_rest > 2 * like_it + AGREED)
    along = np.stack([_averaged(target.hole, each.astype(np.float32), ALONG) for each in is_it])
    is_it &= along > MOSTLY  # a thing that hangs there does so for a stretch; a dark line that crosses does not
    return np.asarray(np.maximum(alone - AGREED, 0) + is_it, np.float32)


def strangeness(target: View, source: View, flow: Pixels) -> Pixels:
    """What is added to a witness's error at each of the hole's pixels (N,), where the detail around is another.

    A neighbour shows the same set, and only its motion is in doubt. Other footage may show a set that was changed
        since: the smooth offset makes any two surfaces alike in level, so that only their detail tells. Flat
        surroundings tell nothing, and are believed.
    """
    here, there = target.working, source.working
    both = here.known * (sampled_at_working(there.known, flow) > 0.99)
    one, other = (_detail(luma, both) for luma in (here.luma, sampled_at_working(there.luma, flow)))
    products = np.stack([one * other, one * one, other * other], axis=-1)
    near, weight = local_mean(products, both, AROUND)
    far, _ = local_mean(products, both, 4 * AROUND)
    share = np.clip(weight / 0.2, 0, 1)[..., None]  # within a wide hole its further surroundings tell
    cross, power, others = np.moveaxis(near * share + far * (1 - share), -1, 0)
    # the mean of both powers, not their geometric one: a bottle before a blank wall is as strange as the reverse
    likeness = (cross + DULL**2) / ((power + others) / 2 + DULL**2)
    strange = np.clip((SAME_DETAIL - likeness) / SAME_DETAIL, 0, 1)
    rows, columns = (index // here.scale for index in np.nonzero(target.hole))
    return np.asarray(STRANGE * strange[rows, columns], np.float32)


def _detail(luma: Pixels, known: Pixels) -> Pixels:
    """Detail of what is known alone: neither the wire nor what a take shows there may reach into its surroundings."""
    spanned = surface_through(luma[..., None], known)[..., 0]
    smooth = cv2.GaussianBlur(spanned, (0, 0), 0.8)
    around = cv2.blur(cv2.blur(smooth, (WINDOW, WINDOW)), (WINDOW, WINDOW))
    return np.asarray(smooth - around, np.float32)


def as_it_lies(target: View, source: View) -> tuple[Pixels, Pixels]:
    """How an aligned source differs from the target without any flow, and how badly it fits, spanned over the hole.

    Convention: working size; (h, w, 3) to be added to the source's log, (h, w, 1) log units of error. Within a wide
        hole nothing near tells, and the smooth surface through what the rim tells does.
    """
    here, there = target.working, source.working
    both = here.known * there.known
    offset = _spanned_mean(here.log - there.log, both)
    misfit = np.abs(here.log - there.log - offset).mean(axis=-1, keepdims=True)
    shaded = np.abs(offset).mean(axis=-1, keepdims=True)  # beyond what light does another thing stands there
    return offset, _spanned_mean(misfit, both) + np.maximum(shaded - SHADED, 0)


def _spanned_mean(values: Pixels, known: Pixels) -> Pixels:
    mean, weight = local_mean(values, known, AROUND // 2)
    return surface_through(mean, (weight > 0.1).astype(np.float32))


def _averaged(hole: Matte, values: Pixels, wide: int = WIDE) -> Pixels:
    """The values (N,) of a hole's pixels averaged with those nearby."""
    picture, weight = np.zeros(hole.shape, np.float32), hole.astype(np.float32)
    picture[hole] = values
    mean = cv2.blur(picture, (wide, wide)) / np.maximum(cv2.blur(weight, (wide, wide)), 1e-6)
    return np.asarray(mean[hole], np.float32)
