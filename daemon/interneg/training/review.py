"""The held-out score of a network beside the classical answer and the textbook ones; circle or NG."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from interneg.model.fill import refined, with_merge
from interneg.training.takes import Example

Pixels = npt.NDArray[np.float32]
Matte = npt.NDArray[np.bool_]


FEWEST_BLOCKS = 3  # below that nothing can be drawn from them again
BLOCK_SECONDS = (1.0, 0.5, 0.25)  # of takes that are too few: the longest of which there are enough
RESAMPLES = 1000
SURE = 0.95  # of the resamples must favour a candidate: noise circles one in twenty


@dataclass(frozen=True)
class Scores:
    """PSNR within the holes of each held-out example, in dB of the log encoding (its 1 is scene-linear 1).

    Convention: `places` name the take and the second of each example, where they are known.
    """

    each: tuple[float, ...]
    places: tuple[tuple[str, float], ...] = ()

    @property
    def mean(self) -> float:
        """The mean over the examples."""
        return float(np.mean(self.each)) if self.each else 0.0


def answers_of(
    network: nn.Module | None,
    examples: Sequence[Example],
    device: torch.device,
    give_way: Callable[[], None] = lambda: None,
) -> list[Pixels]:
    """How the network fills the held-out holes, in the order of their pixels; classically where there is none.

    Convention: way is given before each of them.
    """
    if network is None:
        return [example.candidates.classical for example in examples]
    network.to(device).eval()
    answers = []
    for example in examples:
        give_way()
        merged = with_merge(network, example.candidates, device)
        answers.append(refined(network, example.log, merged, device).log)
    return answers


def scores_of(answers: Sequence[Pixels], examples: Sequence[Example]) -> Scores:
    """How good those answers are."""
    each = (
        psnr(answer, example.truth[example.candidates.hole]) for answer, example in zip(answers, examples, strict=True)
    )
    return Scores(tuple(each), tuple(example.place for example in examples))


def telea_or_ns(truth: Pixels, hole: Matte) -> float:
    """The PSNR of the better of OpenCV's Telea and Navier-Stokes in that hole, on 8 bits as they are used.

    References: Telea, 2004; Bertalmio, Bertozzi and Sapiro, 2001.
    """
    methods = (cv2.INPAINT_TELEA, cv2.INPAINT_NS)
    return max(psnr(_inpainted(truth, hole, method), truth[hole]) for method in methods)


def _inpainted(log: Pixels, hole: Matte, method: int) -> Pixels:
    picture = np.rint(np.clip(log, 0, 1) * 255).astype(np.uint8)
    filled = cv2.inpaint(picture, hole.astype(np.uint8), 5, method)  # what lies in the hole is not looked at
    return np.asarray(filled[hole] / np.float32(255), np.float32)


def psnr(answer: Pixels, truth: Pixels) -> float:
    """The PSNR in dB of a hole's pixels (N, 3) in the log encoding, whose 1 is scene-linear 1."""
    error = answer - truth
    return float(-10 * np.log10(max(float((error**2).mean()), 1e-10)))


def beats(candidate: Scores, incumbent: Scores, margin_db: float) -> bool:
    """Whether the candidate is better on the whole, on most of the examples, and would be on other such takes.

    References: Efron, "Bootstrap Methods", 1979: whole takes are drawn again, since their frames are alike; seconds of
        them, or parts of a second, where there are too few takes.
    """
    gains = np.subtract(candidate.each, incumbent.each)
    if not (can_tell(candidate) and gains.mean() > margin_db and (gains > 0).mean() > 0.5):
        return False
    blocks = _blocks(candidate)
    means = np.asarray([gains[blocks == block].mean() for block in np.unique(blocks)])
    count = len(means)
    drawn = means[np.random.default_rng(0).integers(0, count, (RESAMPLES, count))].mean(axis=1) - means.mean()
    wider = np.sqrt(count / (count - 1))  # few blocks vary less among themselves than others would
    return bool((means.mean() + wider * drawn > 0).mean() >= SURE)


def can_tell(scores: Scores) -> bool:
    """Whether enough is held out to tell a gain from noise: frames a moment apart are one frame, seen twice."""
    return len(np.unique(_blocks(scores))) >= FEWEST_BLOCKS


def _blocks(scores: Scores) -> npt.NDArray[np.intp]:
    """Which examples stand or fall together: those of a take, else of a moment; without places each for itself."""
    if not scores.places:
        return np.arange(len(scores.each))
    takes = [take for take, _ in scores.places]
    moments = ([f"{take} {int(second / long)}" for take, second in scores.places] for long in BLOCK_SECONDS)
    for names in (takes, *moments):
        blocks = np.unique(names, return_inverse=True)[1]
        if len(set(names)) >= FEWEST_BLOCKS:
            break
    return blocks
