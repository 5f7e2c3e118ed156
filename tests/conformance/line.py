"""The line between the real transport and the system, on which the kit answers in its place."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, cast

from syncd.clock import Clock
from syncd.http import HttpTransport
from syncd.port import Connector, Flow, Grant, Request, Response, Sending, Signer
from tests.clocks import ManualClock


class Connect(Protocol):
    def __call__(self, connector: Connector, clock: Clock) -> HttpTransport:
        """A transport of its own for this connector, with the right secrets."""


ENDED = Response(401, {}, b"")


@dataclass(frozen=True)
class Wire:
    """What is under a connector's flows. `limited` is how the vendor itself says that there were
    too many requests, where that is more than a bare 429; `expired` how it says that a login is
    over."""

    connect: Connect
    limited: Sequence[Response] = ()
    expired: Response = ENDED


class Line:
    """Refuses what it is told to; that does not reach the system. A login is always let through.

    `logins` are those of the connector, `refused` the requests refused by the last order, and
    `clock.slept` what the transport has waited since.
    """

    def __init__(self, wire: Wire, connector: Connector) -> None:
        self.wire, self.facts = wire, connector.facts
        self.clock = ManualClock()
        self.logins = self.refused = 0
        self._logs_in = False
        self._connector = connector
        self._transport = wire.connect(cast(Connector, self), self.clock)
        self._pass_on = self._transport._call
        vars(self._transport)["_call"] = self._call
        self.run = self._transport.run
        self.close = self._transport.close
        self.open()

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str] | Grant]:
        """All that a transport asks of a connector, beside its facts."""
        self.logins += 1
        self._logs_in = True
        try:
            return (yield from self._connector.authenticate(secrets))
        finally:
            self._logs_in = False

    def sign(self, request: Request, sending: Sending, secrets: Mapping[str, str]) -> Request:
        """Where its facts say so."""
        return cast(Signer, self._connector).sign(request, sending, secrets)

    def refuse(self, answer: Response, nth: int) -> None:
        """The nth request from now on, once; the next one is 0."""
        before = itertools.count(-nth)
        self._order(answer, lambda request: next(before) == 0)

    def refuse_each(self, answer: Response) -> None:
        """Every request, the first time that it is sent."""
        sent = set[str]()

        def first(request: Request) -> bool:
            what = repr((request.method, request.path, request.query, request.asks, request.json))
            known = what in sent
            sent.add(what)
            return not known

        self._order(answer, first)

    def refuse_all(self, answer: Response) -> None:
        self._order(answer, lambda request: True)

    def open(self) -> None:
        self._order(Response(200, {}, b""), lambda request: False)

    def _order(self, answer: Response, takes: Callable[[Request], bool]) -> None:
        self._answer, self._takes, self.refused = answer, takes, 0
        self.clock.slept.clear()

    def _call(self, address: str, request: Request, credentials: Mapping[str, str]) -> Response:
        if not self._logs_in and self._takes(request):
            self.refused += 1
            return self._answer
        return self._pass_on(address, request, credentials)


@contextmanager
def line(wire: Wire | None, connector: Connector) -> Iterator[Line]:
    assert wire, "the subject has no wire"
    made = Line(wire, connector)
    try:
        yield made
    finally:
        made.close()
