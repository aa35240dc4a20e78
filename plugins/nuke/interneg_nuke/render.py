"""A render from press to result: inputs written, the daemon asked, the finished frames shown."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Protocol, TypeVar

from . import header, mix, nodes, upstream
from .child import Bridge, Message, bridge_path
from .errors import BridgeError, BusyError, CancelledError, HostError
from .order import Order

T = TypeVar("T")
_BUSY_SECONDS = 30.0
_BUSY_STEP_SECONDS = 0.5
_SHOWN_FAILURES = 5
_WRITTEN_SHARE = 0.2  # of the progress bar, for writing the inputs


class Teller(Protocol):
    """Tells the artist how far a render is, and hears whether it shall end; called on the main thread."""

    def tell(self, fraction: float, message: str) -> None:
        """Shows how far it is."""

    def is_cancelled(self) -> bool:
        """Whether the artist cancelled."""


class MainThread(Protocol):
    """Runs a call where the script may be touched, and gives back what it returns."""

    def __call__(self, call: Callable[[], T]) -> T:
        """What the call returns."""


@dataclass
class Tally:
    """What has come of the frames so far."""

    delivered: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    synthesised: float = 0.0
    job: str = ""
    state: str = ""
    message: str = ""


class Render:
    """One render of one order; `run` it on any thread, `cancel` it from any other."""

    def __init__(self, order: Order, main: MainThread, teller: Teller) -> None:
        self._order = order
        self._main = main
        self._teller = teller
        self._cancelled = threading.Event()
        self._tally = Tally()

    def cancel(self) -> None:
        """Ends the render within a frame."""
        self._cancelled.set()

    def run(self) -> str:
        """Renders, shows what was delivered, and returns the report for the artist.

        Raises:
            HostError: frames are missing, and why; what was delivered is shown nevertheless.
        """
        try:
            with Bridge(bridge_path()) as bridge:
                self._check_show(bridge)
                self._write_inputs()
                self._ask_daemon(bridge)
        except KeyboardInterrupt:
            raise CancelledError(self._summary("Cancelled.")) from None
        except BridgeError as error:
            raise BridgeError(self._summary(str(error))) from error
        finally:
            self._drop_empty_folder()
            self._show_delivered()
        if self._tally.state == "cancelled":
            raise CancelledError(self._summary("Cancelled."))
        if self._tally.state != "done" or self._missing():
            raise HostError(self._summary(self._tally.message or "Not every frame was delivered."))
        return self._summary("Done.")

    def _check_show(self, bridge: Bridge) -> None:
        """Finds a missing daemon or show before minutes are spent on writing."""
        self._tell(0.0, "Looking for the daemon")
        wanted = str(self._order.wish["show"])
        for message in bridge.ask("productions"):
            self._heed_cancel()
            shows = [str(production["show"]) for production in message["result"]["shows"]] if message else [wanted]
            if wanted not in shows:
                known = ", ".join(shows) or "none yet"
                raise HostError(
                    f"There is no show {wanted!r}. There are: {known}. `interneg production create` makes one."
                )

    def _write_inputs(self) -> None:
        feeds = [feed for feed in self._order.feeds if feed.written is not None]
        frames = [(feed, frame) for feed in feeds for frame in self._order.written]
        for number, (feed, frame) in enumerate(frames):
            self._heed_cancel()
            self._write_when_free(feed, frame)
            self._tell(_WRITTEN_SHARE * (number + 1) / len(frames), f"Wrote input frame {frame}")

    def _write_when_free(self, feed: upstream.Feed, frame: int) -> None:
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._main(lambda: upstream.write_frame(self._order.group, feed, frame))
            except BusyError:
                if time.monotonic() > deadline or threading.current_thread() is threading.main_thread():
                    raise
                self._heed_cancel()
                time.sleep(_BUSY_STEP_SECONDS)
            else:
                return

    def _ask_daemon(self, bridge: Bridge) -> None:
        self._tell(_WRITTEN_SHARE, "Asking the daemon")
        told = False
        try:
            for message in bridge.ask("render", **self._order.wish):
                if message is not None:
                    self._take(message)
                told = told or self._pass_cancel_on(bridge)
        except KeyboardInterrupt:
            self._cancel_job(bridge)
            raise

    def _take(self, message: Message) -> None:
        tally, event = self._tally, message.get("event")
        tally.notices += [notice for notice in message.get("notices", ()) if notice not in tally.notices]
        if event == "accepted":
            tally.job = str(message["job"])
            self._tell(_WRITTEN_SHARE, f"Accepted, model {message['model']}")
        elif event == "delivered":
            tally.delivered.append(int(message["frame"]))
            tally.synthesised += float(message["synthesised"])
            self._tell(self._fraction(), f"Frame {message['frame']} finished")
        elif event == "failed":
            tally.failed[int(message["frame"])] = str(message["message"])
            self._tell(self._fraction(), f"Frame {message['frame']} failed")
        elif event == "progress":
            self._tell(self._fraction(), str(message["message"]))
        elif "result" in message:
            tally.state, tally.message = str(message["result"]["state"]), str(message["result"]["message"])

    def _pass_cancel_on(self, bridge: Bridge) -> bool:
        """Whether the daemon was told to cancel."""
        if not self._tally.job or self._tally.state or not self._wants_cancel():
            return False
        self._cancel_job(bridge)
        return True

    def _cancel_job(self, bridge: Bridge) -> None:
        if self._tally.job:
            bridge.result("cancel", job=self._tally.job)

    def _heed_cancel(self) -> None:
        if self._wants_cancel():
            raise CancelledError("Cancelled before the daemon was asked.")

    def _wants_cancel(self) -> bool:
        return self._cancelled.is_set() or self._main(self._teller.is_cancelled)

    def _tell(self, fraction: float, message: str) -> None:
        self._main(lambda: self._teller.tell(fraction, message))

    def _fraction(self) -> float:
        ended = len(self._tally.delivered) + len(self._tally.failed)
        return _WRITTEN_SHARE + (1 - _WRITTEN_SHARE) * ended / len(self._order.frames)

    def _drop_empty_folder(self) -> None:
        with contextlib.suppress(OSError):  # something lies in it
            Path(self._order.result).parent.rmdir()

    def _show_delivered(self) -> None:
        if self._tally.delivered:
            span = min(self._tally.delivered), max(self._tally.delivered)
            lights = self._lights() if self._order.wish.get("layers") else None
            self._main(lambda: nodes.show_result(self._order.group, self._order.result, span, lights))

    def _lights(self) -> mix.Lights | None:
        """What the delivered frames say of their lights; None where they do not say, and why is noted."""
        try:
            before, _, after = self._order.result.rpartition("%04d")
            paths = {frame: f"{before}{frame:04d}{after}" for frame in sorted(self._tally.delivered)}
            weights = {frame: header.weights_of(path) for frame, path in paths.items()}
        except HostError as error:
            self._tally.notices.append(f"The lights cannot be mixed here: {error}")
            return None
        stops = {int(key["frame"]): key for key in self._order.wish["keys"]}
        return mix.Lights(weights, stops)

    def _missing(self) -> list[int]:
        return sorted(set(self._order.frames) - set(self._tally.delivered))

    def _summary(self, verdict: str) -> str:
        tally, wanted = self._tally, len(self._order.frames)
        lines = [verdict, f"{len(tally.delivered)} of {wanted} frames delivered."]
        if tally.delivered and tally.synthesised > 0:
            lines[-1] += f" Made up: {100 * tally.synthesised / len(tally.delivered):.1f} %."
        if self._missing():
            lines.append(f"Missing: {spans(self._missing())}.")
        failures = sorted(tally.failed.items())
        lines += [f"Frame {frame}: {why}" for frame, why in failures[:_SHOWN_FAILURES]]
        if len(failures) > _SHOWN_FAILURES:
            lines.append(f"... and {len(failures) - _SHOWN_FAILURES} more.")
        return "\n".join(lines + tally.notices)


def spans(frames: list[int]) -> str:
    """Ascending frame numbers as an artist writes them: 1001-1004, 1007."""
    parts: list[list[int]] = []
    for frame in frames:
        if parts and frame == parts[-1][1] + 1:
            parts[-1][1] = frame
        else:
            parts.append([frame, frame])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
