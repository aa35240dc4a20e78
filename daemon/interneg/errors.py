"""The one error tree. A message says what was wrong, the value, and what to do; it is shown to artists as it stands.

InternegError
├── RequestError          the wish itself is wrong (a keyword out of range, a range that does not parse)
│   └── AlreadyExistsError    a production of that name is already there
├── NotFoundError         a production, job, model version or file that is not there
├── ProductionError       a production's folder that is damaged, full, or of a newer Interneg
├── NotAllowedError       a path outside the configured roots, a daemon of another installation
├── PlateError            a plate, matte or take that cannot be read or written
│   └── MissingFrameError     a frame that is not on disk
├── RestraintError        a finished frame that breaks its operator's authority; it is never written
├── ModelError            weights that are damaged, foreign or of another production
├── CancelledJobError     the job was cancelled
└── DaemonError           the daemon is absent, lost, busy shutting down, or does not answer
"""


class InternegError(Exception):
    """What every error of Interneg's own is; `str()` of it is fit to show to an artist."""


class RequestError(InternegError):
    """The wish itself is wrong."""


class AlreadyExistsError(RequestError):
    """What should be created is already there; it is left as it is."""


class NotFoundError(InternegError):
    """What was named is not there."""


class ProductionError(InternegError):
    """A production's folder cannot be used."""


class NotAllowedError(InternegError):
    """What was named may not be touched by this caller."""


class PlateError(InternegError):
    """A plate, matte or take cannot be read or written."""


class MissingFrameError(PlateError):
    """A frame that was asked for is not on disk."""


class RestraintError(InternegError):
    """A finished frame breaks its operator's authority and is not written."""


class ModelError(InternegError):
    """Weights are damaged, foreign, or of another production."""


class CancelledJobError(InternegError):
    """The job was cancelled."""


class DaemonError(InternegError):
    """The daemon is absent, lost, or does not answer."""
