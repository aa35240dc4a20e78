"""The errors that a client meets. A message says what was wrong, the value, and what to do.

ClientError
├── RequestError          the wish itself is wrong
│   └── AlreadyExistsError    what should be created is already there
├── NotFoundError         what was named is not there
├── NotAllowedError       what was named may not be touched, or the daemon is of another installation
├── RefusedError          the daemon cannot do it as things stand: a plate, a model, a restraint
├── CancelledError        it was cancelled
└── DaemonError           the daemon is absent, lost, or does not answer
"""


class ClientError(Exception):
    """What every error of the client is; `str()` of it is fit to show to an artist."""


class RequestError(ClientError):
    """The wish itself is wrong."""


class AlreadyExistsError(RequestError):
    """What should be created is already there; it is left as it is."""


class NotFoundError(ClientError):
    """What was named is not there."""


class NotAllowedError(ClientError):
    """What was named may not be touched by this caller, or the daemon is not this installation's."""


class RefusedError(ClientError):
    """The daemon cannot do it as things stand."""


class CancelledError(ClientError):
    """It was cancelled."""


class DaemonError(ClientError):
    """The daemon is absent, lost, or does not answer."""
