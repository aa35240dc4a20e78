"""A look at one frame of a relight: the daemon's PNG of it, shown in the Group at the plate's size."""

from __future__ import annotations

from pathlib import Path

from . import nodes
from .child import Bridge, bridge_path
from .render import Render


class Preview(Render):
    """One frame of an order, looked at; it leaves the node's result as it is."""

    def run(self) -> str:
        """Has the frame lit small, shows it, and returns the report for the artist.

        Raises:
            HostError: it cannot be shown, and why.
        """
        with Bridge(bridge_path()) as bridge:
            self._check_show(bridge)
            self._write_inputs()
            self._tell(0.5, "Asking for a preview")
            png = str(Path(self._order.result).with_name("preview.png")).replace("\\", "/")
            for message in bridge.ask("preview", **self._order.wish, png=png):
                self._heed_cancel()
                if message is not None and "result" in message:
                    self._show(message["result"]["path"])
                    return "\n".join(
                        ["A preview, small: render for the plate's own detail.", *message["result"]["notices"]]
                    )
        return ""

    def _show(self, path: str) -> None:
        self._main(lambda: nodes.show_preview(self._order.group, path, self._order.frames[0]))
