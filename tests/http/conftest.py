"""A transport on a clock that stands still, at a server that says what a test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from syncd.http import HttpTransport
from tests.clocks import ManualClock
from tests.http.flows import Token, as_connector
from tests.server import Answer, Call, LocalServer, Respond

SECRETS = {"token": "t0ken-of-tests", "password": "пароль-1"}

Connect = Callable[..., HttpTransport]


class Script:
    """Answers in order, the last one for ever; keeps the calls."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: list[Answer | Respond | None] = [Answer()]

    def __call__(self, call: Call) -> Answer | None:
        self.calls.append(call)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(call) if callable(answer) else answer


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def server(script: Script) -> Iterator[LocalServer]:
    with LocalServer(script) as server:
        yield server


@pytest.fixture
def connect(clock: ManualClock) -> Iterator[Connect]:
    """Makes transports, and closes them."""
    with ExitStack() as stack:

        def make(url: str, connector: Any = None, **options: Any) -> HttpTransport:
            connector = as_connector(connector or Token())
            transport = HttpTransport(url, connector, SECRETS, clock, **options)
            stack.callback(transport.close)
            return transport

        yield make


@pytest.fixture
def transport(connect: Connect, server: LocalServer) -> HttpTransport:
    return connect(f"{server.url}/api")
