"""Which other takes a clean may use: the one that was named, or those of the plate's own setup in the index."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from interneg.errors import InternegError, NotFoundError, RequestError
from interneg.ingest import files_from_path, fingerprint
from interneg.plates.frames import parse_pattern
from interneg.plates.probe import is_footage, probe
from interneg.production.slate import Take, read_slate
from interneg.production.store import Production
from interneg.resident.wish import CleanWish, OtherTake, RenderWish
from interneg.service.paths import PathRules
from interneg.settings import Settings

NONE = "none"  # asks for no other take
MOST_TAKES = 4  # of a setup that are looked at where none is named: the first in the store's order


def with_other_takes(wish: RenderWish, production: Production, settings: Settings, rules: PathRules) -> RenderWish:
    """The wish with the takes that it may use.

    Where a clean plate is given none is looked for: what the artist made goes before what he did not name.

    Raises:
        NotFoundError: the production has no take of the name.
        RequestError: several have it, or it is the plate itself.
        NotAllowedError: the take lies where this caller may not look.
    """
    clean = wish.operator
    if not isinstance(clean, CleanWish) or clean.from_take == NONE:
        return wish
    if clean.from_take:
        takes: tuple[OtherTake, ...] = (_named(clean.from_take, wish, production, rules),)
    else:
        takes = () if clean.clean_plate else _of_the_setup(wish, production, settings, rules)
    return replace(wish, operator=replace(clean, takes=takes))


def name_of(take: Take) -> str:
    """What a take is called: by its slate, else by its file."""
    return "-".join(filter(None, (take.slate.setup, take.slate.take))) or Path(take.path).stem


def _named(text: str, wish: RenderWish, production: Production, rules: PathRules) -> OtherTake:
    """The take that the artist named."""
    if is_footage(Path(text)):
        known = next((take for take in production.takes() if _is_same_path(take, text)), None)
        found = OtherTake(text, text, known.colourspace if known else "", is_named=True)
    else:
        take = _called(text, production)
        found = OtherTake(name_of(take), rules.source(take.path, "take"), take.colourspace, is_named=True)
    if files_from_path(found.path) == files_from_path(wish.plate_path):
        raise RequestError(f"--from-take {text}: this is the plate itself; name another take, or none.")
    return found


def _called(text: str, production: Production) -> Take:
    """The one take of that name."""
    takes = production.takes()
    found = [take for take in takes if text in _names(take)]
    if len(found) == 1:
        return found[0]
    if found:
        named = ", ".join(f"{name_of(take)} ({take.id})" for take in found[:8])
        raise RequestError(f"--from-take {text}: {len(found)} takes are called so: {named}; name one by its id.")
    there = ", ".join(name_of(take) for take in takes[:8]) + (", ..." if len(takes) > 8 else "") if takes else "none"
    raise NotFoundError(
        f"--from-take {text}: {production.show} has no such take (it has {there}); `interneg dailies list "
        f"{production.show}` lists them, and a path does as well."
    )


def _names(take: Take) -> set[str]:
    """All that a take may be called: its id, its file's name, its slate."""
    setup, number = take.slate.setup, take.slate.take
    slated = {setup, *(f"{setup}{sign}{number}" for sign in "-_ /")} if setup else set()
    return {take.id, Path(take.path).name, Path(take.path).stem, *slated}


def _of_the_setup(
    wish: RenderWish, production: Production, settings: Settings, rules: PathRules
) -> tuple[OtherTake, ...]:
    """The first takes of the plate's setup that are not the plate, in the store's order."""
    takes = production.takes()
    own = _own(wish.plate_path, takes)
    setup = own[0].slate.setup if own else read_slate(wish.plate_path, settings.slate_pattern).setup
    if not setup:
        return ()
    slates = {take.slate for take in own} or {read_slate(wish.plate_path, settings.slate_pattern)}
    others = [take for take in takes if take.slate.setup == setup and take not in own and take.slate not in slates]
    allowed = (OtherTake(name_of(take), take.path, take.colourspace) for take in others if _may_read(take, rules))
    return tuple(allowed)[:MOST_TAKES]


def _own(plate: str, takes: Sequence[Take]) -> list[Take]:
    """The takes that the plate is: by its place, its content, or the reel that its file names."""
    try:
        files, probed = files_from_path(plate), probe(plate)
        its_id = fingerprint(files) if files else ""
    except (InternegError, OSError):  # whoever opens the plate says what is wrong with it
        return []
    own = [take for take in takes if take.id == its_id or _is_same_path(take, plate)]
    of_its_reel = [take for take in takes if probed.reel and take.reel == probed.reel]
    return own or (of_its_reel if len(of_its_reel) == 1 else [])  # a tape's reel holds many takes


def _is_same_path(take: Take, path: str) -> bool:
    """Whether a path leads to the take's own files, however it is written."""
    try:
        one, other = (parse_pattern(text).path(take.first_frame) for text in (take.path, path))
    except InternegError:
        return False
    return os.path.realpath(one) == os.path.realpath(other)


def _may_read(take: Take, rules: PathRules) -> bool:
    """Whether this caller may have its pixels."""
    try:
        rules.source(take.path, "take")
    except InternegError:
        return False
    return True
