"""What can go wrong at Resolve; `str()` of each is fit to show to an artist.

Own classes, so that the package imports where Interneg's environment is absent.

HostError
├── AttachError       Resolve is not there, or its edition does not let us in
├── ItemError         the item at the playhead is none that can be worked on
├── WishError         the wish itself is wrong
├── DeliveryError     the daemon did not deliver every frame
└── PlacementError    Resolve did not take the result
"""

from __future__ import annotations


class HostError(Exception):
    """What every error of this package is."""


class AttachError(HostError):
    """Resolve is not running, does not allow scripts from outside, or is an edition that cannot."""


class ItemError(HostError):
    """The item at the playhead cannot be worked on, named with the reason."""


class WishError(HostError):
    """The wish is wrong or lacks something."""


class DeliveryError(HostError):
    """Frames are missing after the render."""


class PlacementError(HostError):
    """Resolve did not do what it was asked to, as read back from it."""


def artist_errors() -> tuple[type[Exception], ...]:
    """Every error whose text is fit for an artist: this package's, the daemon's client's, and Interneg's own."""
    from interneg.errors import InternegError
    from interneg_bridge.errors import ClientError

    return HostError, ClientError, InternegError, OSError
