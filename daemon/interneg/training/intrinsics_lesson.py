"""Learning what a show's plates are made of, from dailies alone: what stays the same must be answered the same.

Two frames that show the same things are answered for by the base, their answers averaged where they match and with
those of their mirror images: that is the target. Beside it the two answers are held to one another, along motion and
where light changed between them.

References: Li and Snavely, "Learning Intrinsic Image Decomposition from Watching the World", 2018; Laine and Aila,
    "Temporal Ensembling", 2017.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from interneg.errors import RequestError
from interneg.model.intrinsics import ALBEDO, DEPTH, NORMAL, SHARE, IntrinsicsNetwork, seen_both_ways
from interneg.model.working import pixels_from_tensor, tensor_from_pixels
from interneg.training.frame_pairs import FramePair, drawn_pair, warped
from interneg.training.lesson import Lesson
from interneg.training.loop import Rates, pupil_of, taught
from interneg.training.outcome import InUse, Outcome
from interneg.training.review import Scores, beats
from interneg.training.sheets import SHEETS, Sheet, sheet_image, telling
from interneg.training.takes import Stretch

Pixels = npt.NDArray[np.float32]
Batch = tuple[Tensor, ...]

EXPERT = "intrinsics"
TRIES = 4  # draws for one pair: some show other things
LEAST_CONTRAST = 0.2  # stops of an albedo's deviation: flatter frames tell nothing
FARTHEST_DEGREES = 8.0  # that normals may go from the base's: beyond it, it is no longer the base's knowledge


@dataclass(frozen=True, eq=False)
class Lit:
    """A pair with the base's answers for both, averaged where they match: maps (h, w, 10) of each."""

    pair: FramePair
    one: Pixels
    other: Pixels


def learn_intrinsics(lesson: Lesson, learnt: Sequence[Stretch], held_out: Sequence[Stretch], in_use: InUse) -> Outcome:
    """The candidate and its scores: how far its albedo varies over a frame above how far it disagrees with itself
    between two frames of the same things, in dB.

    Raises:
        RequestError: the base was not taught intrinsics, or the takes hold no two frames of the same things.
    """
    recipe = lesson.recipe
    base = lesson.base.intrinsics if lesson.base else None
    if base is None:
        raise RequestError("The base model was not taught intrinsics: learn other experts (`--expert fill`).")
    rates = Rates(recipe.intrinsics_learning_rate, recipe.intrinsics_last_learning_rate, 0.0, recipe.weight_decay)
    is_clean = not any(stretch.is_in(in_use.takes) for stretch in held_out)
    start = in_use.network(EXPERT) if is_clean else base
    pupil = pupil_of(lesson, EXPERT, start or base, rates)
    with lesson.counted_once(is_again=pupil.seconds > 0):
        review, answers_now = _reviewed(lesson, base, held_out, in_use.network(EXPERT) or base)
    with lesson.helpers(1, "intrinsics") as pool:
        candidate = taught(lesson, pupil, _batches(lesson, base, learnt, pool), pair_loss, rates)
    lesson.tell(f"reviewing intrinsics on {len(review)} held-out pairs")
    answers = [answers_now, [_answers_giving_way(lesson, candidate, lit) for lit in review]]
    before, after = (_scores(each, review) for each in answers)
    near = float(np.mean([_apart_degrees(one, lit.one) for (one, _), lit in zip(answers[1], review, strict=True)]))
    circled = pupil.steps > 0 and near < FARTHEST_DEGREES and beats(after, before, recipe.circle_margin_db)
    peers = {"degrees_from_the_base": near}
    shown = telling(after, before, SHEETS)
    sheets = tuple(_sheet(review[at].pair, [each[at] for each in answers], before, after, at) for at in shown)
    return Outcome(EXPERT, "dB", candidate, after, before, in_use.called(EXPERT), peers, pupil.steps, circled, sheets)


def pair_loss(network: nn.Module, batch: Batch) -> Tensor:
    """How far both answers are from the base's average, and from one another where the two show the same.

    Convention: batch is plates (2B, 3, h, w), firsts and then seconds; targets (2B, 10, h, w); where the firsts lie in
        the seconds (B, h, w, 2) from -1 to 1; where that is known (B, 1, h, w); which pixels are no padding.
    """
    plates, targets, grid, matched, there = batch
    maps = network(plates).maps
    one, other = maps.chunk(2)
    moved = functional.grid_sample(other, grid, mode="bilinear", padding_mode="border", align_corners=False)
    albedo = _even((one - moved)[:, ALBEDO], matched)
    held = _mean(albedo.abs(), matched) + 0.5 * _mean(_chord(one[:, NORMAL], moved[:, NORMAL]), matched)
    target = (
        _mean(_even((maps - targets)[:, ALBEDO], there).abs(), there)
        + _mean(_chord(maps[:, NORMAL], targets[:, NORMAL]), there)
        + 0.3 * _mean(_even((maps - targets)[:, DEPTH], there).abs(), there)
        + _mean((maps - targets)[:, SHARE].abs(), there)
    )
    return held + target


def _even(error: Tensor, where: Tensor) -> Tensor:
    """A log error less what one scale a frame explains."""
    total = (error * where).sum(dim=(1, 2, 3), keepdim=True)
    return error - total / (where.sum(dim=(1, 2, 3), keepdim=True) * error.shape[1]).clamp(min=1)


def _mean(error: Tensor, where: Tensor) -> Tensor:
    return (error * where).sum() / (where.sum() * error.shape[1]).clamp(min=1)


def _chord(one: Tensor, other: Tensor) -> Tensor:
    other = functional.normalize(other, dim=1)
    return (one - other).square().sum(dim=1, keepdim=True).add(1e-6).sqrt()


def _lit(lesson: Lesson, base: IntrinsicsNetwork, stretches: Sequence[Stretch], rng: np.random.Generator) -> Lit | None:
    """A pair of those stretches with its target; of a few draws the one whose light changed most."""
    pairs = [pair for _ in range(TRIES) if (pair := drawn_pair(lesson, stretches, rng)) is not None]
    if not pairs:
        return None
    pair = max(pairs, key=lambda one: one.change) if rng.random() < 0.5 else pairs[0]
    one, other = _answers(base, pair, lesson.device)
    return Lit(pair, *_averaged(one, other, pair))


def _averaged(one: Pixels, other: Pixels, pair: FramePair) -> tuple[Pixels, Pixels]:
    """The first's answer averaged with the second's where they match, and the second's as it is.

    Albedo and depth are known up to a scale, the share belongs to each frame's own light.
    """
    moved = warped(other, pair.flow)
    for part in (ALBEDO, DEPTH):
        moved[..., part] += (one[..., part] - moved[..., part])[pair.matched].mean()
    moved[..., SHARE] = one[..., SHARE]
    both = np.where(pair.matched[..., None], (one + moved) / 2, one)
    both[..., NORMAL] /= np.maximum(np.linalg.norm(both[..., NORMAL], axis=-1, keepdims=True), 1e-6)
    return np.asarray(both, np.float32), other


def _answers(network: nn.Module, pair: FramePair, device: torch.device) -> tuple[Pixels, Pixels]:
    """The maps (h, w, 10) of both frames, as they are answered at work."""
    network.to(device).eval()
    with torch.inference_mode():
        guesses = [seen_both_ways(network, tensor_from_pixels(frame, device)) for frame in (pair.one, pair.other)]
    one, other = (pixels_from_tensor(guess.maps, pair.matched.shape) for guess in guesses)
    return one, other


def _answers_giving_way(lesson: Lesson, network: nn.Module, lit: Lit) -> tuple[Pixels, Pixels]:
    """Those of a held-out pair, with way given before."""
    lesson.give_way()
    return _answers(network, lit.pair, lesson.device)


def _batches(
    lesson: Lesson, base: IntrinsicsNetwork, learnt: Sequence[Stretch], pool: ThreadPoolExecutor
) -> Iterator[Batch]:
    """Batches until the budget ends; pairs are kept, and a new one is looked for beside every step."""
    recipe = lesson.recipe
    rng = np.random.default_rng(recipe.seed)
    kept: list[Lit] = []
    failed = 0
    waiting: Future[Lit | None] | None = None
    while lesson.taught_share < 1:
        if waiting is None:
            waiting = pool.submit(_lit, lesson, base, learnt, np.random.default_rng(int(rng.integers(2**62))))
        if waiting.done() or len(kept) < recipe.intrinsics_batch:
            found, waiting = lesson.waited_in_time(waiting), None
            failed = failed + 1 if found is None else 0
            if found is not None:
                kept.append(found)
                del kept[: -recipe.intrinsics_pairs]
                lesson.tell(f"pairing frames ({len(kept)})")
            if failed > recipe.intrinsics_batch and not kept:
                return  # nothing here shows the same twice: no step, and so NG
            continue
        like = kept[int(rng.integers(len(kept)))].pair.one.shape
        alike = [lit for lit in kept if lit.pair.one.shape == like]
        chosen = [alike[int(index)] for index in rng.integers(0, len(alike), recipe.intrinsics_batch)]
        yield _batch(chosen, bool(rng.random() < 0.5), lesson.device)


def _batch(chosen: Sequence[Lit], is_mirrored: bool, device: torch.device) -> Batch:
    """Those pairs as the loss wants them, all mirrored or none."""
    plates, targets, grids, matched, there = [], [], [], [], []
    for lit in chosen:
        plates.append([tensor_from_pixels(frame, device) for frame in (lit.pair.one, lit.pair.other)])
        targets.append([tensor_from_pixels(maps, device) for maps in (lit.one, lit.other)])
        height, width = plates[-1][0].shape[-2:]
        grids.append(_grid(lit.pair.flow, height, width).to(device))
        known = np.stack([lit.pair.matched, np.ones_like(lit.pair.matched)], axis=-1).astype(np.float32)
        padded = np.pad(known, ((0, height - known.shape[0]), (0, width - known.shape[1]), (0, 0)))
        matched.append(torch.from_numpy(padded[..., :1].transpose(2, 0, 1).copy())[None])
        there.append(torch.from_numpy(padded[..., 1:].transpose(2, 0, 1).copy())[None])
    joint = [torch.cat([pair[index] for pair in parts]) for parts in (plates, targets) for index in (0, 1)]
    batch = [torch.cat(joint[:2]), torch.cat(joint[2:]), torch.cat(grids), torch.cat(matched).to(device)]
    batch.append(torch.cat([*there, *there]).to(device))
    return _mirrored(batch) if is_mirrored else tuple(batch)


def _grid(flow: Pixels, height: int, width: int) -> Tensor:
    """Where each pixel lies in the other frame (1, h, w, 2), as torch samples: from -1 to 1 over the padded frame."""
    padded = np.pad(flow, ((0, height - flow.shape[0]), (0, width - flow.shape[1]), (0, 0)))
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    across = (columns + padded[..., 0] + 0.5) * 2 / width - 1
    down = (rows + padded[..., 1] + 0.5) * 2 / height - 1
    return torch.from_numpy(np.stack([across, down], axis=-1).astype(np.float32))[None]


def _mirrored(batch: Sequence[Tensor]) -> Batch:
    plates, targets, grid, matched, there = (part.flip(2 if index == 2 else -1) for index, part in enumerate(batch))
    targets[:, 0] = -targets[:, 0]
    grid[..., 0] = -grid[..., 0]
    return plates, targets, grid, matched, there


def _reviewed(
    lesson: Lesson, base: IntrinsicsNetwork, held_out: Sequence[Stretch], network: nn.Module
) -> tuple[list[Lit], list[tuple[Pixels, Pixels]]]:
    """Held-out pairs, and what that network says of them; always the same for the same takes.

    Raises:
        RequestError: no two frames of them show the same things.
    """
    recipe, began, review, answers = lesson.recipe, lesson.elapsed(), list[Lit](), list[tuple[Pixels, Pixels]]()
    for index in range(recipe.intrinsics_review):
        if review and lesson.has_reviewed_enough(began):
            break
        lit = _lit(lesson, base, held_out, np.random.default_rng((recipe.seed, index)))
        if lit is not None:
            review.append(lit)
            with lesson.rehearsed():
                answers.append(_answers_giving_way(lesson, network, lit))
        lesson.tell(f"pairing held-out frames ({len(review)})")
    if not review:
        raise RequestError("No two frames of the held-out takes show the same things: learn other experts.")
    return review, answers


def _scores(answers: Sequence[tuple[Pixels, Pixels]], review: Sequence[Lit]) -> Scores:
    """How far albedo varies over a frame above how far it disagrees between two, in dB."""
    each = []
    for (one, other), lit in zip(answers, review, strict=True):
        pair = lit.pair
        albedo, moved = one[..., ALBEDO][pair.matched], warped(other, pair.flow)[..., ALBEDO][pair.matched]
        apart = albedo - moved
        contrast = max(float((albedo - albedo.mean()).std()), LEAST_CONTRAST)
        each.append(20 * float(np.log10(contrast / max(float((apart - apart.mean()).std()), 1e-3))))
    return Scores(tuple(each), tuple(lit.pair.place for lit in review))


def _apart_degrees(one: Pixels, other: Pixels) -> float:
    """How far apart two answers' normals are, on the mean."""
    cosine = np.clip((one[..., NORMAL] * other[..., NORMAL]).sum(axis=-1), -1, 1)
    return float(np.degrees(np.arccos(cosine)).mean())


def _sheet(
    pair: FramePair, answers: Sequence[tuple[Pixels, Pixels]], before: Scores, after: Scores, index: int
) -> Sheet:
    """A held-out frame, its albedo before and after, and the frame it was held to."""
    albedos = [sheet_image(np.exp2(one[..., ALBEDO])) for one, _ in answers]
    panels = {
        "plate": sheet_image(pair.one),
        "in_use": albedos[0],
        "candidate": albedos[1],
        "other": sheet_image(pair.other),
    }
    return Sheet(EXPERT, pair.place, panels, before.each[index], after.each[index])
