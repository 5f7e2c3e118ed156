"""Answers /healthz and /metrics, on this machine alone unless the configuration says otherwise.

Plain HTTP, one thread a request, a few at a time; each connection is closed after its answer and
after a few seconds without one, so that ending takes no longer than that.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import msgspec

from syncd.errors import ConfigError
from syncd.telemetry import Log

_log = Log(__name__)

AT_ONCE = 8
PATIENCE = 5.0
"""Seconds a client may take for its request, or for reading the answer."""
POLL = 0.1

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


class Page(msgspec.Struct, frozen=True):
    status: int
    type: str
    body: bytes


Pages = Mapping[str, Callable[[], Page]]


def json_page(status: int, value: object) -> Page:
    """One line."""
    return Page(status, JSON, json.dumps(value, ensure_ascii=False).encode() + b"\n")


class Server:
    """Context manager; listens once it is made. ConfigError where it cannot."""

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        try:
            self._http = _Http((host, port), pages)
        except (OSError, OverflowError) as error:
            said = getattr(error, "strerror", None) or error
            raise ConfigError(f"listen {host}:{port}: {said}") from None
        self.host, self.port = self._http.server_address[:2]
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(POLL,), name="health", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends what is going on, and returns when all of it has ended."""
        self._http.shutdown()
        self._http.hang_up()
        self._http.server_close()
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = False  # server_close waits for them

    def __init__(self, address: tuple[str, int], pages: Pages) -> None:
        self.pages = pages
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._going: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            full = len(self._going) >= AT_ONCE
            if not full:
                self._going.add(request)
        if full:
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._going.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        with self._lock:
            for one in self._going:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client was quicker

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; what else goes wrong here harms no run."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            _log.error("health page failed", error=type(error).__name__)


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    timeout = PATIENCE
    server_version, sys_version = "syncd", ""

    def do_GET(self) -> None:
        self._answer(self.path.partition("?")[0])

    do_HEAD = do_GET

    def _answer(self, path: str) -> None:
        page = self.server.pages.get(path)
        found = page() if page else Page(404, TEXT, b"there are /healthz and /metrics\n")
        self.send_response(found.status)
        self.send_header("Content-Type", found.type)
        self.send_header("Content-Length", str(len(found.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(found.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Scrapes are no news either."""
