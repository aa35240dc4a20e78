"""Many scenes rendered on several processes; what is finished stays finished, whatever happens to the rest."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import torch

from interneg.errors import PlateError, RequestError
from interneg.soundstage.archive import STAGE_FILE, Stage
from interneg.soundstage.stage import Cast, Order
from interneg.soundstage.variant import prepare

CACHE_FOLDER = "cast"
ATTEMPTS = 2  # a process that dies takes the others' scenes with it: these deserve another try


@dataclass(frozen=True)
class Progress:
    """How far rendering is."""

    done: int
    asked: int
    message: str


def render(
    stage: Stage,
    seeds: Iterable[int],
    order: Order,
    variant: tuple[str, str],
    processes: int,
    tell: Callable[[Progress], None],
) -> dict[int, str]:
    """Renders the scenes that are not there yet; gives what went wrong, by seed.

    Raises:
        RequestError: the folder holds a stage of another order.
    """
    asked = list(dict.fromkeys(seeds))
    _agree(stage, order)
    _clear_drafts(stage)
    missing = [seed for seed in asked if not _is_there(stage, seed)]
    done, failed = len(asked) - len(missing), dict[int, str]()
    tell(Progress(done, len(asked), f"{done} of {len(asked)} scenes are there already"))
    lost: Counter[int] = Counter()
    while missing:
        broken = []
        for seed, error in _rendered(stage, missing, order, variant, processes):
            lost[seed] += isinstance(error, BrokenProcessPool)
            if isinstance(error, BrokenProcessPool) and lost[seed] < ATTEMPTS:
                broken.append(seed)
                continue
            done += 1
            if error is not None:
                failed[seed] = f"{type(error).__name__}: {error}"
            tell(Progress(done, len(asked), f"scene {seed} " + (f"failed: {failed[seed]}" if error else "is there")))
        left = [seed for seed in missing if seed not in failed and not _is_there(stage, seed)]
        missing = [seed for seed in left if seed not in broken] + broken
    return failed


def _is_there(stage: Stage, seed: int) -> bool:
    return (stage.folder_of(seed) / "scene.json").exists()


def _rendered(
    stage: Stage, seeds: list[int], order: Order, variant: tuple[str, str], processes: int
) -> Iterator[tuple[int, BaseException | None]]:
    """Each seed as it is finished, with what went wrong with it; ends early where a process died.

    Convention: no more scenes are handed out than there are processes, so that a dead one takes few with it.
    """
    spawn = multiprocessing.get_context("spawn")
    given = (variant, order.people, str(stage.folder / CACHE_FOLDER), processes)
    queue, died = list(seeds), False
    with ProcessPoolExecutor(processes, spawn, _start, given) as pool:
        running: dict[Future[None], int] = {}
        try:
            while running or (queue and not died):
                while queue and not died and len(running) < processes:
                    seed = queue.pop(0)
                    running[pool.submit(_one, str(stage.folder), seed, order)] = seed
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    died = died or isinstance(future.exception(), BrokenProcessPool)
                    yield running.pop(future), future.exception()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _start(variant: tuple[str, str], people: bool, cache: str, processes: int) -> None:
    """Sets a process up; its share of the cores is its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when to stop: a scene is finished first
    threads = max(1, (os.cpu_count() or 1) // processes)
    prepare(*variant, threads)
    torch.set_num_threads(threads)
    if people:
        _cast(cache)


def _one(folder: str, seed: int, order: Order) -> None:
    from interneg.soundstage.shooting import shoot
    from interneg.soundstage.stage import staged

    cast = _cast(str(Path(folder) / CACHE_FOLDER)) if order.people else None
    shoot(Stage(Path(folder)), staged(seed, order, cast), order)


@lru_cache(maxsize=1)
def _cast(cache: str) -> Cast:
    """The people of this process: loading them takes long."""
    from interneg.soundstage.people import Casting

    person: Cast = Casting(Path(cache)).person
    return person


def _agree(stage: Stage, order: Order) -> None:
    """Writes down what is wanted, or sees that it is what was wanted before."""
    path = stage.folder / STAGE_FILE
    said = json.loads(json.dumps({"order": asdict(order)}))
    try:
        stage.folder.joinpath("scenes").mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(json.dumps(said, indent=1) + "\n")
        before = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise PlateError(f"{path}: cannot be used ({error}); choose another folder") from error
    if {"kind": ""} | before.get("order", {}) != said["order"]:  # stages were made before kinds were asked for
        raise RequestError(
            f"{stage.folder}: a stage of another order is there ({before.get('order')}); "
            "ask for the same sizes, samples, lamps and kind, or choose another folder."
        )


def _clear_drafts(stage: Stage) -> None:
    """Removes what an interrupted run left half made."""
    for draft in (stage.folder / "scenes").glob(".*.tmp"):
        shutil.rmtree(draft, ignore_errors=True)
