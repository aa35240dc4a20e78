"""What goes wrong in Nuke; `str()` of each is fit to show to an artist."""

from __future__ import annotations


class HostError(Exception):
    """What was wrong, the value, and what to do."""


class CancelledError(HostError):
    """The artist cancelled."""


class BusyError(HostError):
    """Nuke is at work on something else; the same call succeeds once that has ended."""


class BridgeError(HostError):
    """The bridge or the daemon behind it refused, failed or went away."""
