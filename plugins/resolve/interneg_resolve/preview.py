"""A look at the item at the playhead in another light, before anything is rendered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from interneg_resolve.attach import answers_expected, open_project
from interneg_resolve.errors import WishError
from interneg_resolve.order import request_of
from interneg_resolve.run import prepare
from interneg_resolve.shot import read_shot

if TYPE_CHECKING:
    from interneg_resolve.bench import Bench
    from interneg_resolve.wish import Wish


@dataclass(frozen=True)
class Preview:
    """A PNG of one frame of the item, and what to know of it."""

    frame: int
    png: bytes
    notices: tuple[str, ...]


def previewed(bench: Bench, wish: Wish) -> Preview:
    """The middle frame of the item at the playhead in the light of the wish, small; nothing is written.

    Raises:
        HostError, InternegError, ClientError: it could not be done; the message says why and what to do.
    """
    from interneg_proto.v1.plate_service_pb2 import PreviewRequest

    if wish.operator != "relight":
        raise WishError(f"A preview is of a relight, not of a {wish.operator}: choose relight, or render.")
    if not wish.show:
        raise WishError("No show is named. Give the production whose model is used, as in `interneg production list`.")
    resolve = bench.attach()
    with answers_expected("Nothing was changed."):
        project = open_project(resolve)
        shot = read_shot(project)
        order = prepare(bench, wish, project, shot).order
    frame = shot.first_frame + shot.duration // 2
    request = request_of(replace(order, first_frame=frame, last_frame=frame))
    with bench.connect() as client:
        png, notices = client.preview(PreviewRequest(render=request))
    return Preview(frame, png, tuple(notices))
