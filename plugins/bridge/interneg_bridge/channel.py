"""How a client reaches the daemon: a Unix socket, or TCP where the studio configured it."""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path

import grpc

from interneg_bridge.errors import DaemonError, RequestError

MEBIBYTE_BYTES = 2**20
MESSAGE_LIMIT_BYTES = 64 * MEBIBYTE_BYTES  # a take list of 50 000 takes; gRPC's own limit is 4 MiB

# A Unix socket's address holds 104 bytes on macOS and 108 on Linux; gRPC reads other characters as parts of a URI.
_PLAIN_SOCKET = re.compile(r"/[A-Za-z0-9/._-]{1,99}")

_OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_LIMIT_BYTES),
    ("grpc.max_send_message_length", MESSAGE_LIMIT_BYTES),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.use_local_subchannel_pool", 1),  # a new client asks anew, whatever an earlier one met
    ("grpc.enable_http_proxy", 0),
    ("grpc.default_authority", "localhost"),
)


@dataclass(frozen=True)
class Address:
    """Where the daemon is: a socket's path, or `HOST:PORT`; with the token and the certificate that TCP asks for."""

    text: str
    token: str | None = None
    certificate: Path | None = None

    @property
    def is_socket(self) -> bool:
        """Whether it is a Unix socket."""
        return self.text.startswith(("/", "unix:"))

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What each call carries."""
        return (("authorization", f"Bearer {self.token}"),) if self.token else ()

    def open(self) -> grpc.Channel:
        """The channel; nothing is sent before the first call.

        Raises:
            RequestError: neither a socket's path nor HOST:PORT, or a token that cannot be sent.
            DaemonError: there is no such socket.
        """
        if not re.fullmatch(r"[!-~]*", self.token or ""):
            raise RequestError("the token holds characters that cannot be sent: use ASCII without spaces")
        if self.is_socket:
            socket = Path(self.text.removeprefix("unix:"))
            if not socket.exists():
                raise DaemonError(f"no daemon at {socket}: start one with `interneg serve`")
            return self._socket_channel(socket)
        if not re.fullmatch(r"[^\s/:]+:\d+|\[[0-9A-Fa-f:]+\]:\d+", self.text):
            raise RequestError(f"daemon address '{self.text}': give a socket's absolute path, or HOST:PORT")
        if self.certificate is None:
            return grpc.insecure_channel(self.text, options=_OPTIONS)
        try:
            trusted = grpc.ssl_channel_credentials(self.certificate.read_bytes())
        except OSError as error:
            raise RequestError(f"certificate {self.certificate}: cannot be read ({error.strerror})") from error
        return grpc.secure_channel(self.text, trusted, options=_OPTIONS[:-1])

    def _socket_channel(self, socket: Path) -> grpc.Channel:
        """A channel to the socket, through a short link where its path is too long for the system."""
        short, link_folder = short_socket(socket)
        channel = grpc.insecure_channel(f"unix:{short}", options=_OPTIONS)
        if link_folder is not None:
            weakref.finalize(channel, shutil.rmtree, link_folder, ignore_errors=True)
        return channel


def short_socket(socket: Path) -> tuple[Path, Path | None]:
    """A path to the same socket that fits a socket's address, and the private folder that was made for it, if any."""
    if _PLAIN_SOCKET.fullmatch(str(socket)):
        return socket, None
    link_folder = Path(tempfile.mkdtemp(prefix="interneg-"))
    (link_folder / "run").symlink_to(socket.parent, target_is_directory=True)
    return link_folder / "run" / socket.name, link_folder
