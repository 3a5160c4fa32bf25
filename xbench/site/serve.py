"""Serves a built site on this machine."""

from __future__ import annotations

import errno
import functools
import http.server
import socket
from pathlib import Path

from xbench.errors import RequestError
from xbench.site.build import MARK

LOOPBACK = "127.0.0.1"


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Files alone, no listings of folders, no log line for each."""

    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".parquet": "application/vnd.apache.parquet",
    }

    def list_directory(self, path: object) -> None:
        """Refuses: a folder without an index has nothing to show."""
        self.send_error(404)

    def end_headers(self) -> None:
        """Has browsers ask again, since a site may be built anew while it is served."""
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class _Server6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


def make_server(folder: Path, host: str = LOOPBACK, port: int = 8000) -> http.server.ThreadingHTTPServer:
    """A server of a built site; port 0 takes any that is free. Raises RequestError where it cannot be served."""
    if not (folder / MARK).is_file():
        raise RequestError(
            f"{folder}: there is no site; `xbench leaderboard build --out {folder}` makes one, or name another with "
            "--out."
        )
    handler = functools.partial(_Handler, directory=str(folder))
    try:
        return (_Server6 if ":" in host else http.server.ThreadingHTTPServer)((host, port), handler)
    except OSError as error:
        taken = " Another program uses it: choose another with --port." if error.errno == errno.EADDRINUSE else ""
        raise RequestError(f"cannot listen on {host}, port {port}: {error.strerror or error}.{taken}") from None
