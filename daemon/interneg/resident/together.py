"""A shot's answers, each steadied by those of the frames beside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import numpy as np

from interneg.errors import RestraintError
from interneg.operators.candidates import BESIDE
from interneg.operators.motion import View
from interneg.operators.steadying import Patched, Picture
from interneg.resident.filling import Raw, raw_beside, steady_raw
from interneg.resident.kept import Kept

FIRST = tuple(offset for offset in range(-BESIDE, BESIDE + 1) if offset)  # frames that are heard beside a frame's own
AGAIN = (-1, 1)  # those that are heard once they have heard theirs
REACH = max(FIRST) + max(AGAIN)  # frames to each side whose answers tell in a frame's
KEPT = 2 * REACH + 4  # frames: two are worked on at once; one that was let go is made again, to the same bits


def _is_nobodys(_: int) -> bool:
    """Nothing is known of what others do."""
    return False


class Together:
    """The frames' answers together; safe to ask from several threads.

    Convention: `view` gives a frame by its number, None where there is none that can be read; `alone` what it answers
        by itself, which asks for no other answer, so that nobody waits in a circle; `is_begun` whether that is made, or
        being made, by its number.
    """

    def __init__(
        self,
        view: Callable[[int], View | None],
        alone: Callable[[View], Raw],
        is_begun: Callable[[int], bool] = _is_nobodys,
    ) -> None:
        self._view, self._alone, self._is_begun = view, alone, is_begun
        self._once: Kept[int, Raw] = Kept(KEPT)

    def steadied(self, target: View) -> Raw:
        """What that frame answers with those beside it, and once more with what these answer so.

        Raises:
            RestraintError: its own answer broke its authority; another frame's is not heard.
        """
        self._begin(target)
        return steady_raw(target, self._heard(target), list(self._pictures(target, AGAIN, self._heard).values()))

    def _begin(self, target: View) -> None:
        """Makes the answers that nobody makes yet, the furthest first: who works on the next frame goes on beyond it.

        Asked in any other order, frames that are worked on at once would wait for each other's.
        """
        for number in range(target.frame + REACH, target.frame - REACH - 1, -1):
            view = None if self._is_begun(number) else self._view(number)
            if view is not None and view.hole.shape == target.hole.shape and view.hole.any():
                with suppress(RestraintError):  # told where that frame is delivered itself
                    self._alone(view)

    def _heard(self, target: View) -> Raw:
        """What that frame answers with those beside it."""

        def made() -> Raw:
            return raw_beside(target, self._alone(target), self._pictures(target, FIRST, self._alone))

        return self._once.get(target.frame, made)

    def _pictures(
        self, target: View, offsets: tuple[int, ...], answer: Callable[[View], Raw]
    ) -> dict[int, Picture | Patched]:
        """The frames so far away, with those answers in them, as far as there are any."""
        pictures = {offset: self._picture(target.frame + offset, target, answer) for offset in offsets}
        return {offset: picture for offset, picture in pictures.items() if picture is not None}

    def _picture(self, number: int, target: View, answer: Callable[[View], Raw]) -> Picture | Patched | None:
        view = self._view(number)
        if view is None or view.hole.shape != target.hole.shape:
            return None
        if not view.hole.any():
            return Picture(view.log, np.zeros(view.hole.shape, np.float32))
        try:
            return answer(view).picture(view)
        except RestraintError:  # told where that frame is delivered itself
            return None
