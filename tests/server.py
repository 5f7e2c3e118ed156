"""A real HTTP server on loopback whose answers a function gives; it can also break off."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

MOST_AT_ONCE = 32
LARGEST_BODY = 32 * 1024 * 1024
IDLE = 30.0
"""Seconds after which a silent connection is closed."""


@dataclass
class Call:
    """One request as it arrived. `status` is what the client was answered, None: nothing."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    write: bool = False
    status: int | None = None
    peer: int = 0
    """The client's port: calls of one connection have the same."""

    def json(self) -> Any:
        """The body decoded; None where there is none, or none of this kind."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Answer:
    """`cut` sends only so many bytes of the body and then closes the connection."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None


def json_answer(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, {"Content-Type": "application/json", **named}, json.dumps(value).encode())


Respond = Callable[[Call], Answer | None]
"""None closes the connection without an answer."""


class LocalServer:
    """Context manager. What a responder raises is raised again at the end of the block."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.closing = threading.Event()
        self.failures: list[BaseException] = []
        self._under_way = 0
        self._quiet = threading.Condition()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()
        if error is None and self.failures:
            raise self.failures[0]

    def use_tls(self, context: ssl.SSLContext) -> None:
        """From now on connections speak TLS only."""
        self._server.tls = context

    def wait(self, seconds: float) -> bool:
        """For responders: lets time pass. False when the server is closing meanwhile."""
        return not self.closing.wait(seconds)

    def settle(self, timeout: float = 10.0) -> None:
        """Waits until no call is under way, those included whose client has given up."""
        with self._quiet:
            if not self._quiet.wait_for(lambda: self._under_way == 0, timeout):
                raise TimeoutError(f"{self._under_way} calls still under way after {timeout:g} s")

    def answer(self, call: Call) -> Answer | None:
        with self._quiet:
            self._under_way += 1
        try:
            return self.respond(call)
        finally:
            with self._quiet:
                self._under_way -= 1
                self._quiet.notify_all()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them
    request_queue_size = 64

    def __init__(self, local: LocalServer) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.local = local
        self.tls: ssl.SSLContext | None = None
        self.slots = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread."""
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        with self.tls.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends the kept-alive connections, which would otherwise wait for a next request."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client was first

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing is printed: a client that goes away is what many tests are about."""


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # the client went away
            self.close_connection = True

    def _serve(self) -> None:
        server = cast(_Server, self.server)
        call = self._call()
        if call is None:
            return
        try:
            with server.slots:
                answer = server.local.answer(call)
        except Exception as error:  # any: it is raised again where the test sees it
            server.local.failures.append(error)
            answer = None
        if answer is None:
            self.close_connection = True
            return
        call.status = answer.status
        self._send(call, answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve

    def _call(self) -> Call | None:
        """None, and the connection is closed, where the client broke off or sends too much."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length <= LARGEST_BODY else b""
        if len(body) != length or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            return None
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Call(
            self.command, parts.path, parts.query, headers, body, peer=self.client_address[1]
        )

    def _send(self, call: Call, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.cut is not None:
            self.close_connection = True
        self.end_headers()
        if call.method != "HEAD":
            self.wfile.write(answer.body[: answer.cut])
