"""The panel's page served to the artist's own browser on this machine, and to nobody else."""

from __future__ import annotations

import hmac
import secrets
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from interneg_resolve.page import page
from interneg_resolve.wish import load_wish

if TYPE_CHECKING:
    from interneg_resolve.bench import Bench
    from interneg_resolve.state import State

_LONGEST_BODY_BYTES = 65536
_VERBS = ("wish", "preview", "look", "cancel", "close")


class PanelServer(ThreadingHTTPServer):
    """A server on a free port of this machine, for who knows the token alone."""

    daemon_threads = True

    def __init__(self, bench: Bench, state: State) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bench = bench
        self.state = state
        self.token = secrets.token_urlsafe(24)

    @property
    def address(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"


class _Handler(BaseHTTPRequestHandler):
    """One request of the page."""

    @property
    def _panel(self) -> PanelServer:
        """The server."""
        return cast("PanelServer", self.server)

    def do_GET(self) -> None:
        """The page, or what it shows."""
        verb, panel = self._verb(), self._panel
        if verb == "":
            self._reply("text/html", page(load_wish(panel.bench.wish_path), _shows(panel.bench)))
        elif verb == "state":
            self._reply("application/json", panel.state.as_json())
        elif verb == "picture" and panel.state.png:
            self._reply("image/png", panel.state.png)
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        """What the artist pressed; the header keeps other pages' forms out."""
        verb = self._verb()
        length = int(self.headers.get("Content-Length") or 0)
        if verb not in _VERBS or not 0 <= length <= _LONGEST_BODY_BYTES:
            self.send_error(404)
        elif self.headers.get("X-Interneg") != "panel":
            self.send_error(403)
        else:
            values = dict(parse_qsl(self.rfile.read(length).decode("utf-8", "replace"), keep_blank_values=True))
            self._panel.state.press(verb, values)
            self._reply("application/json", "{}")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the page polls."""

    def _verb(self) -> str:
        """What is asked for; `?` without the token, or under another name than this machine's own."""
        host = str(self.headers.get("Host", "")).rsplit(":", 1)[0]
        _, given, verb = (*self.path.partition("?")[0].split("/", 2), "", "")[:3]
        is_ours = hmac.compare_digest(given.encode(), self._panel.token.encode())
        return verb if is_ours and host in ("127.0.0.1", "localhost") else "?"

    def _reply(self, kind: str, content: str | bytes) -> None:
        """One answer."""
        body = content if isinstance(content, bytes) else content.encode("utf-8")
        self.send_response(200)
        self.send_header("Content-Type", kind if isinstance(content, bytes) else f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)


def _shows(bench: Bench) -> list[str]:
    """The productions of this machine by name; none where they cannot be told."""
    folder = bench.home / "productions"
    with suppress(OSError):
        return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return []
