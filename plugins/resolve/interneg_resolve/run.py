"""One wish from the playhead to the timeline: read, render, encode, place, and say what really happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from interneg_resolve.attach import answers_expected, open_project
from interneg_resolve.errors import AttachError, DeliveryError, ItemError, WishError
from interneg_resolve.mattes import find_matte
from interneg_resolve.order import Order, deliver
from interneg_resolve.place import Placement, Result, place
from interneg_resolve.results import note_of, plate_name, source_colourspace, version_folder, write_note
from interneg_resolve.shot import read_shot

if TYPE_CHECKING:
    from interneg_resolve.api import Project, Resolve
    from interneg_resolve.bench import Bench
    from interneg_resolve.order import Renderer, Watcher
    from interneg_resolve.pixels import Survey
    from interneg_resolve.results import Note
    from interneg_resolve.shot import Shot
    from interneg_resolve.wish import Wish

LINEAR_FOLDER = "linear"


@dataclass(frozen=True)
class Report:
    """What came of a wish, as read back."""

    item: str
    operator: str
    first_frame: int
    last_frame: int
    path: str
    placed: Placement
    notices: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """An order with the folder its frames go to, and whether they are encoded back afterwards."""

    order: Order
    folder: Path
    note: Note
    is_linear: bool

    @property
    def result(self) -> Result:
        """The frames that Resolve is given."""
        name = Path(self.order.output).name
        return Result(str(self.folder / name), self.order.first_frame, self.order.last_frame)


def describe(shot: Shot) -> str:
    """The shot in one sentence for the artist."""
    return (
        f"{shot.name}: frames {shot.first_frame}-{shot.last_frame} of {shot.media.path}, {shot.fps:g} fps, "
        f"on video track {shot.track} of {shot.timeline.GetName()}."
    )


def looked_at(bench: Bench) -> str:
    """What stands at the playhead now, in one sentence.

    Raises:
        HostError: nothing that can be worked on; the message says why.
    """
    resolve = bench.attach()
    with answers_expected("Nothing was changed."):
        return describe(read_shot(open_project(resolve)))


def answer(bench: Bench, wish: Wish, watcher: Watcher) -> Report:
    """What came of the wish for the item at the playhead.

    Raises:
        HostError, InternegError, ClientError: it could not be done; the message says why and what to do.
    """
    if not wish.show:
        raise WishError("No show is named. Give the production whose model is used, as in `interneg production list`.")
    resolve = bench.attach()
    with answers_expected("Nothing was rendered."):
        project = open_project(resolve)
        shot = read_shot(project)
        watcher.say(describe(shot))
        job = prepare(bench, wish, project, shot)
    write_note(job.folder, job.note)
    with bench.connect() as client:
        _check_colour(bench, job, client)
        notices = deliver(job.order, client, watcher)
    return _finish(bench, resolve, project, job, watcher, notices)


def prepare(bench: Bench, wish: Wish, project: Project, shot: Shot) -> Job:
    """The order for a shot: which frames, by which colour space, with which matte, to where."""
    ocio = bench.ocio(wish.show)
    plate = _whole(shot, bench.survey(shot.media.path, source_colourspace(wish, shot), ocio))
    matte, reach = "", None
    if wish.operator == "clean" or (wish.operator == "relight" and wish.matte):  # one that is not named is not light's
        matte = find_matte(wish, shot, project.GetMediaPool())
        frames = bench.survey(matte, "", ocio).frames
        reach = range(min(frames), max(frames) + 1) if frames else None
    first, last = shot.with_handles(wish.handles, reach)
    colourspace = "" if plate.is_linear else plate.colourspace
    note = note_of(wish, shot, (first, last), colourspace)
    root = Path(wish.results_folder) if wish.results_folder else bench.home / "results" / "resolve"
    name = f"{plate_name(shot)}_{wish.operator}"
    folder = version_folder(root / _folder_name(project.GetName()) / name, note)
    output = (folder if plate.is_linear else folder / LINEAR_FOLDER) / f"{name}_{folder.name}.####.exr"
    return Job(Order(wish, shot, first, last, colourspace, matte, str(output)), folder, note, plate.is_linear)


def _whole(shot: Shot, plate: Survey) -> Survey:
    """The same plate where Resolve shows all of a movie, for offsets count from its first frame.

    Raises:
        ItemError: Resolve counts another length, so that frame numbers cannot be told.
    """
    if not shot.media.is_sequence and len(plate.frames) != shot.media.frames:
        raise ItemError(
            f"{shot.name}: Resolve shows {shot.media.frames} frames, {shot.media.path} has {len(plate.frames)} "
            "(a subclip?). Use the whole clip, whose frame numbers can be told."
        )
    return plate


def _check_colour(bench: Bench, job: Job, client: Renderer) -> None:
    """Passes where the daemon decodes by the colour config that this process encodes back by.

    Raises:
        AttachError: it has another one.
    """
    if job.is_linear:
        return
    here, there = bench.config_name(bench.ocio("")), client.status().colour_config
    if here != there:
        raise AttachError(
            f"The daemon works with the colour config {there}, Resolve's side with {here}, so that the result could "
            "not be encoded back. Set OCIO alike for both (or ocio in the site's settings), and run `interneg stop`."
        )


def _finish(bench: Bench, resolve: Resolve, project: Project, job: Job, watcher: Watcher, notices: list[str]) -> Report:
    """The delivered frames encoded back and placed."""
    order, result = job.order, job.result
    if not job.is_linear:
        _encode(bench, job, watcher)
    write_note(job.folder, replace(job.note, complete=True))
    with answers_expected(f"The finished frames lie at {result.path}."):
        placed = place(resolve, project, order.shot, result, prefer_track=order.wish.place == "track")
    for line in (placed.sentence, *placed.notices):
        watcher.say(line)
    everything = (*notices, *placed.notices)
    return Report(
        order.shot.name, order.wish.operator, order.first_frame, order.last_frame, result.path, placed, everything
    )


def _encode(bench: Bench, job: Job, watcher: Watcher) -> None:
    """Encodes every delivered frame back to the source clip's own encoding.

    Raises:
        DeliveryError: the artist cancelled it.
    """
    order, ocio = job.order, bench.ocio(job.order.wish.show)
    watcher.say(f"Encoding back to {order.colourspace}.")
    for frame in bench.encode(order.output, job.result.path, order.frames, order.colourspace, ocio):
        done = frame - order.first_frame + 1
        watcher.show(done / len(order.frames), f"Frame {frame} encoded ({done} of {len(order.frames)})")
        if watcher.is_cancelled():
            raise DeliveryError(f"It was cancelled after frame {frame} was encoded; nothing was placed.")


def _folder_name(text: str) -> str:
    """A project's name as a folder's."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in text) or "project"
