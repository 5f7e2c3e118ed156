"""A reverse proxy between syncd and a system: it counts what passes, and breaks what it is told to.

    with Proxy("http://127.0.0.1:8000", is_write=lambda call: call.method != "GET") as proxy:
        proxy.on(lambda call: call.path == "/invoices/", cut)          # the first one, once
        proxy.on(lambda call: call.write, limit(1), times=3)
        ...                                                            # syncd uses proxy.url
        assert (proxy.reads, proxy.writes) == (7, 0)

Rules are tried in the order they were made; one that is used up is passed over. It talks to
loopback alone, and its waits end when the block does.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.server import Answer, Call, LocalServer

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
UPSTREAM_TIMEOUT = 60.0
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})

Match = Callable[[Call], bool]
Fault = Callable[["Proxy", Call], Answer | None]


@dataclass
class Rule:
    match: Match
    fault: Fault
    times: int | None
    used: int = 0

    def takes(self, call: Call) -> bool:
        return (self.times is None or self.used < self.times) and self.match(call)


class Proxy:
    """`calls` are in order of arrival, whatever became of them."""

    def __init__(self, target: str, is_write: Match) -> None:
        parts = urlsplit(target)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK or parts.port is None:
            raise ValueError(f"{target} is not http on a port of this machine")
        self.calls: list[Call] = []
        self._to = (parts.hostname, parts.port)
        self._is_write = is_write
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._server = LocalServer(self._respond)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def reads(self) -> int:
        return sum(not call.write for call in list(self.calls))

    @property
    def writes(self) -> int:
        return sum(call.write for call in list(self.calls))

    @property
    def log(self) -> list[tuple[str, str, int | None]]:
        """(method, path, status that the client was answered, None: no answer)."""
        return [(call.method, call.path, call.status) for call in list(self.calls)]

    def on(self, match: Match, fault: Fault, times: int | None = 1) -> Rule:
        """The next `times` calls that match (None: all) get the fault in place of being passed on.
        `Rule.used` tells how many did."""
        rule = Rule(match, fault, times)
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forgets the rules and the calls."""
        with self._lock:
            self._rules.clear()
            self.calls.clear()

    def settle(self, timeout: float = 10.0) -> None:
        """Waits until nothing is under way, late forwarding included."""
        self._server.settle(timeout)

    def wait(self, seconds: float) -> bool:
        """For faults. False when the proxy is closing."""
        return self._server.wait(seconds)

    def forward(self, call: Call) -> Answer:
        """What the system answers; 502 where it cannot be reached."""
        upstream = http.client.HTTPConnection(*self._to, timeout=UPSTREAM_TIMEOUT)
        try:
            path = f"{call.path}?{call.query}" if call.query else call.path
            kept = {k: v for k, v in call.headers.items() if k not in _HOP_BY_HOP}
            upstream.request(call.method, path, call.body or None, {**kept, "Connection": "close"})
            answer = upstream.getresponse()
            headers = {k: v for k, v in answer.getheaders() if k.lower() not in _HOP_BY_HOP}
            return Answer(answer.status, headers, answer.read())
        except (OSError, http.client.HTTPException):
            return Answer(502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>")
        finally:
            upstream.close()

    def _respond(self, call: Call) -> Answer | None:
        call.write = self._is_write(call)
        with self._lock:
            self.calls.append(call)
            rule = next((rule for rule in self._rules if rule.takes(call)), None)
            if rule is not None:
                rule.used += 1
        return rule.fault(self, call) if rule else self.forward(call)


# ------------------------------------------------------------------------------------- faults


def limit(retry_after: float | str | None = None) -> Fault:
    """429, not passed on."""
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after}"}
    return lambda proxy, call: Answer(429, headers, b"Too many requests")


def fail(status: int = 500, page: str = "<html><h1>Internal Server Error</h1></html>") -> Fault:
    """An error page, not passed on."""
    return lambda proxy, call: Answer(status, {"Content-Type": "text/html"}, page.encode())


def refuse(proxy: Proxy, call: Call) -> None:
    """Closed without an answer, not passed on."""


def cut(proxy: Proxy, call: Call) -> None:
    """Passed on, then closed without an answer."""
    proxy.forward(call)


def delay(seconds: float) -> Fault:
    """Passed on at once, answered later."""

    def fault(proxy: Proxy, call: Call) -> Answer | None:
        answer = proxy.forward(call)
        return answer if proxy.wait(seconds) else None

    return fault


def late(seconds: float) -> Fault:
    """Passed on later, when the client may have given up."""
    return lambda proxy, call: proxy.forward(call) if proxy.wait(seconds) else None


def before(act: Callable[[], object]) -> Fault:
    """`act` runs, then the call is passed on and answered."""

    def fault(proxy: Proxy, call: Call) -> Answer | None:
        act()
        return proxy.forward(call)

    return fault


def after(act: Callable[[], object]) -> Fault:
    """The call is passed on, `act` runs, then it is answered."""

    def fault(proxy: Proxy, call: Call) -> Answer | None:
        answer = proxy.forward(call)
        act()
        return answer

    return fault
