"""A world behind real HTTP, for tests that kill the process which talks to it.

    python -m connectors.memory.serve [--port 0] [--state FILE] [--clock FILE]
                                      [--books JSON] [--crm JSON]

The first line of output is the port. `--state` holds the world's dump after every request that
changes it; `--clock` holds seconds to add to the system's time; `--books` and `--crm` are habits.

Everything a test does goes to `POST /control/<verb>` with a JSON body:

    call    {"side": "books", "method": "pay", "args": ["1", "10.00"], "kwargs": {}} -> the result
    habits  {"side": "crm", "set": {"tier": "T2"}}
    side    {"side": "crm", "id": "another-company", "label": "...", "token": "..."}
    clock   {"advance": 60} or {} -> {"now": ISO}
    fault   {"match": "POST /crm/*", "kind": "cut_after", "times": 1, "seconds": 0}
    trap    {"match": ..., "when": "before" | "after", "pid": 123, "delay": 0, "drop": false}
    journal {} -> {"journal": [...], "books_journal": [...], "requests": [...]}
    dump    {} -> everything

A trap acts before or after the request is carried out: it kills `pid` with SIGKILL, or waits for
`delay` seconds. `pid_file` in place of `pid` is read at that moment. With `drop` the request is
never carried out, as if the process had been killed just before it sent it.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import signal
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from syncd.errors import RateLimitedError, SyncdError, UnavailableError
from syncd.port import Request, Response

from .faults import Match
from .habits import BooksHabits, CrmHabits
from .wire import answer, decode
from .world import World, plain

CLOSED = Response(503, {"content-type": "text/html"}, b"<h1>Service Unavailable</h1>")
IDLE = 60.0


class OffsetClock:
    """The system's time plus what was advanced, plus the seconds in a file if there is one."""

    def __init__(self, file: Path | None) -> None:
        self.advanced = 0.0
        self._file = file

    def __call__(self) -> dt.datetime:
        written = self._file.read_text() if self._file and self._file.exists() else ""
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.advanced + float(written or 0))


@dataclass
class Trap:
    match: Match
    when: str
    pid: int | None = None
    pid_file: str | None = None
    delay: float = 0.0
    drop: bool = False

    def spring(self) -> None:
        pid = int(Path(self.pid_file).read_text()) if self.pid_file else self.pid
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.delay:
            threading.Event().wait(self.delay)


class Served:
    """One world, one request at a time; only a trap's delay lets others pass."""

    def __init__(
        self, world: World, clock: OffsetClock | None = None, state: Path | None = None
    ) -> None:
        """`clock` is the world's own, if the verb `clock` is to move it."""
        self.world = world
        self.clock = clock or OffsetClock(None)
        self.state = state
        self.traps: list[Trap] = []
        self._lock = threading.Lock()

    def exchange(self, request: Request) -> Response | None:
        """None: the connection is to be cut."""
        trap = self._trap(request)
        if trap and trap.when == "before":
            trap.spring()
        if trap and trap.drop:
            return None
        with self._lock:
            response = self._handle(request)
            if request.method != "GET":
                self._save()
        if trap and trap.when == "after":
            trap.spring()
        return response

    def control(self, verb: str, body: dict[str, Any]) -> object:
        with self._lock:
            result = CONTROL[verb](self, body)
            self.world.settle()
            self._save()
            return result

    def _handle(self, request: Request) -> Response | None:
        try:
            return self.world.handle(request)
        except UnavailableError:
            return CLOSED
        except RateLimitedError as error:
            return answer({}, 429, {"retry-after": f"{error.retry_after or 0:g}"})
        except SyncdError:
            return None

    def _trap(self, request: Request) -> Trap | None:
        with self._lock:
            hits = (trap for trap in self.traps if trap.match.takes(request.method, request.path))
            return next(hits, None)

    def _save(self) -> None:
        if self.state is not None:
            new = self.state.with_suffix(".new")
            new.write_text(json.dumps(self.world.dump(), ensure_ascii=False), encoding="utf-8")
            new.replace(self.state)

    def call(self, body: dict[str, Any]) -> object:
        method = getattr(getattr(self.world, body["side"]), body["method"])
        result: object = method(*body.get("args", ()), **body.get("kwargs", {}))
        return result

    def habits(self, body: dict[str, Any]) -> object:
        habits = getattr(self.world, body["side"]).habits
        for name, value in body["set"].items():
            _known(habits, name)
            setattr(habits, name, value)
        return habits.honest()

    def side(self, body: dict[str, Any]) -> object:
        side = getattr(self.world.sides, body.pop("side"))
        for name, value in body.items():
            _known(side, name)
            setattr(side, name, value)
        return {}

    def time(self, body: dict[str, Any]) -> object:
        self.clock.advanced += float(body.get("advance", 0))
        return {"now": self.clock().isoformat()}

    def fault(self, body: dict[str, Any]) -> object:
        seconds = float(body.get("seconds", 0))
        self.world.fault(body["match"], body["kind"], body.get("times", 1), seconds=seconds)
        return {}

    def trap(self, body: dict[str, Any]) -> object:
        match = Match(body.pop("match"), body.pop("times", 1))
        self.traps.append(Trap(match, **body))
        return {}

    def journal(self, body: dict[str, Any]) -> object:
        dump = self.world.dump()
        return {
            "journal": dump["crm"]["journal"],
            "books_journal": dump["books_journal"],
            "requests": dump["requests"],
        }

    def dump(self, body: dict[str, Any]) -> object:
        return self.world.dump()


CONTROL = {
    "call": Served.call,
    "habits": Served.habits,
    "side": Served.side,
    "clock": Served.time,
    "fault": Served.fault,
    "trap": Served.trap,
    "journal": Served.journal,
    "dump": Served.dump,
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE
    disable_nagle_algorithm = True
    served: Served

    def handle_one_request(self) -> None:
        # A killed client leaves a broken pipe behind; that is the purpose here, not an error.
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def respond(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if parts.path.startswith("/control/"):
            self._control(parts.path.removeprefix("/control/"), body)
            return
        response = self.served.exchange(
            Request(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                decode(body) if body else None,
                _lower(self.headers),
                write=self.command != "GET",
            )
        )
        if response is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._send(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = respond

    def _control(self, verb: str, body: bytes) -> None:
        try:
            result = self.served.control(verb, json.loads(body or b"{}"))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            self._send(answer({"error": f"{type(error).__name__}: {error}"}, 400))
        else:
            self._send(answer(plain(result)))

    def _send(self, response: Response) -> None:
        # Not `send_response`: it would add a Date of its own, which is the world's to give or not.
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    def log_message(self, format: str, *args: object) -> None:
        """Output is the port alone."""


def _lower(headers: Message) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _known(thing: object, name: str) -> None:
    """A misspelt switch would switch nothing and let a test pass."""
    if not hasattr(thing, name):
        raise ValueError(f"{type(thing).__name__} has no {name}")


def listen(served: Served, port: int = 0) -> ThreadingHTTPServer:
    """On loopback; the caller runs `serve_forever` and closes it."""
    handler = type("BoundHandler", (Handler,), {"served": served})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="connectors.memory.serve")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--clock", type=Path)
    parser.add_argument("--books", type=json.loads, default={})
    parser.add_argument("--crm", type=json.loads, default={})
    options = parser.parse_args(arguments)
    clock = OffsetClock(options.clock)
    world = World(clock, BooksHabits(**options.books), CrmHabits(**options.crm))
    with listen(Served(world, clock, options.state), options.port) as server:
        print(server.server_address[1], flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
