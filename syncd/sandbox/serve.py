"""A sandbox behind HTTP on loopback, with the fault lane before it.

Beside the vendor's own addresses it has:

    GET  /_sandbox/           pages for people, as the sandbox makes them
    PUT  /_sandbox/faults     a `Lane` as JSON: {"rate": 0.05, "seed": 7} or {"plans": [{...}]}
    PUT  /_sandbox/switches   {"name": value}: of the sandbox's switches
    GET  /_sandbox/log        [{"request": "GET /...", "status": 200, "fault": null}], oldest first
    DELETE /_sandbox/log
    POST /_sandbox/do/NAME    {...}: what a person does, where the sandbox has operations
"""

from __future__ import annotations

import json
import socket
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from syncd.sandbox.faults import Fault, Lane
from syncd.sandbox.port import Answer, Asked, Operated, Sandbox

OWN = "/_sandbox/"
IDLE = 60.0
"""Seconds after which a silent connection is closed."""
KEPT = 100_000
"""Requests that the log remembers."""
HTML = Answer(200, {"content-type": "text/html; charset=utf-8"}, "<h1>Вход в сеть</h1>".encode())
AFTER = (Fault.LATENCY, Fault.TRUNCATED, Fault.CUT_AFTER)
"""Faults of requests that are carried out."""


def switch(sandbox: Sandbox, values: Mapping[str, object]) -> None:
    """Sets switches. ValueError for one that the sandbox does not have, or of another type."""
    known = {one.name: getattr(sandbox.switches, one.name) for one in fields(sandbox.switches)}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"unknown switch {name}; there are: {', '.join(sorted(known))}")
        wanted = type(known[name])
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise ValueError(f"switch {name} takes {wanted.__name__}, not {value!r}")
    for name, value in values.items():
        setattr(sandbox.switches, name, value)


class Served:
    """One sandbox, one request at a time."""

    def __init__(self, sandbox: Sandbox, lane: Lane | None = None) -> None:
        self.sandbox = sandbox
        self.lane = lane or Lane()
        self.log: deque[dict[str, object]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self._open = 0

    def exchange(self, asked: Asked) -> tuple[Answer, int] | None:
        """The answer and how many bytes of its body arrive; None where the connection breaks."""
        with self._counting:
            self._open += 1
            asked = replace(asked, open=self._open)
        try:
            return self._exchange(asked)
        finally:
            with self._counting:
                self._open -= 1

    def _exchange(self, asked: Asked) -> tuple[Answer, int] | None:
        with self._lock:
            fault, seconds = self.lane.take(asked) or (None, 0.0)
            refused = None
            if fault and fault not in (*AFTER, Fault.CUT_BEFORE):
                refused = HTML if fault is Fault.HTML else self.sandbox.refuse(fault, asked)
            answer = refused
            if answer is None and fault is not Fault.CUT_BEFORE:
                answer = self.sandbox.answer(asked)
            self.log.append(
                {
                    "request": unquote(asked.line),
                    "query": unquote(asked.query),
                    "status": answer and answer.status,
                    "fault": fault,
                }
            )
        if fault is Fault.LATENCY:
            threading.Event().wait(seconds)
        if answer is None or fault is Fault.CUT_AFTER:
            return None
        size = len(answer.body)
        return answer, size // 2 if fault is Fault.TRUNCATED else size

    def own(self, method: str, path: str, body: bytes) -> Answer:
        """What belongs to the sandbox and to no vendor."""
        with self._lock:
            try:
                return self._own(method, path, body)
            except (ValueError, TypeError, AttributeError) as error:
                return _json({"error": str(error)}, 400)

    def _own(self, method: str, path: str, body: bytes) -> Answer:
        if (method, path) == ("PUT", "faults"):
            self.lane = Lane(**json.loads(body))
        elif (method, path) == ("PUT", "switches"):
            switch(self.sandbox, json.loads(body))
        elif (method, path) == ("DELETE", "log"):
            self.log.clear()
        elif (method, path) == ("GET", "log"):
            return _json(list(self.log))
        elif method == "POST" and path.startswith("do/") and isinstance(self.sandbox, Operated):
            return _json(self.sandbox.operate(path.removeprefix("do/"), json.loads(body or b"{}")))
        elif method == "GET" and (page := self.sandbox.page(unquote(path))) is not None:
            return Answer(200, {"content-type": "text/html; charset=utf-8"}, page.encode())
        else:
            return _json({"error": f"there is no {method} {OWN}{path}"}, 404)
        return Answer(204)


def _json(value: object, status: int = 200) -> Answer:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, {"content-type": "application/json; charset=utf-8"}, body)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE
    disable_nagle_algorithm = True
    served: Served

    def handle_one_request(self) -> None:
        with suppress(ConnectionError):  # clients under test are killed
            super().handle_one_request()
            return
        self.close_connection = True

    def respond(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if path.startswith(OWN) or path == OWN.rstrip("/"):
            answer = self.served.own(self.command, path.removeprefix(OWN.rstrip("/"))[1:], body)
            self._send(answer, len(answer.body))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        done = self.served.exchange(Asked(self.command, path, query, headers, body))
        if done is None:
            self._break()
        else:
            self._send(*done)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = respond

    def _send(self, answer: Answer, size: int) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[:size])
        if size < len(answer.body):
            self._break()

    def _break(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Output is the one line of JSON."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def listen(served: Served, port: int = 0) -> ThreadingHTTPServer:
    """On loopback, port 0 is any free one; the caller runs `serve_forever` and closes it."""
    handler = type("BoundHandler", (_Handler,), {"served": served})
    return _Server(("127.0.0.1", port), handler)


def url(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"
