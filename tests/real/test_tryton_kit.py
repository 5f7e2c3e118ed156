"""Tryton by YAML alone keeps what every connector promises, on a real Tryton.

The kit goes through all kinds with the connector in Python. Here a part of it does, with the kind
that needs most of what a connector file can say: all of it takes ten times as long.
"""

from __future__ import annotations

from typing import Any

import pytest

from syncd.clock import Clock, SystemClock
from syncd.domain import Kind
from syncd.http import HttpTransport
from syncd.mapping import load_books
from syncd.mapping.document import Problems
from syncd.port import Connector, Flow, Read
from syncd.rest.connector import RestConnector
from syncd.rest.files import compiled
from tests.conformance import kit
from tests.real.test_tryton_by_yaml import CONNECTOR, MAPPING
from tests.tryton.test_conformance import PAGE, REFERENCED, Driver
from tests.world.books import Books
from tests.world.tryton_server import TrytonServer, template

DESCRIPTION = compiled(
    CONNECTOR.read_text(encoding="utf-8").replace("size: 100", f"size: {PAGE}"),
    "tryton_books",
    Problems(CONNECTOR.name),
)
CHECKS = ("complete", "keys", "edit", "child", "shifted_by_edit", "expired")
READS = {kind: rules.read for kind, rules in load_books(MAPPING, DESCRIPTION.facts).inbound.items()}


class ByYaml(Driver):
    def read(self, kind: Kind) -> Read:
        read = READS[kind]
        more = ("reference",) if kind in REFERENCED else ()
        return Read(kind, read.object, (*read.paths, *more))


class Subjects(dict[str, kit.Subject[ByYaml]]):
    """One database per kind."""

    def __init__(self, servers: TrytonServer) -> None:
        self._servers = servers

    def __missing__(self, about: str) -> kit.Subject[ByYaml]:
        books = self._servers.database(template())
        options = {"database": books.database, "login": books.login}
        connector = RestConnector(DESCRIPTION, options)

        def connect(connector: Connector, clock: Clock) -> HttpTransport:
            secrets = {"password": books.password}
            return HttpTransport(books.url, connector, secrets, clock)

        def stranger(flow: Flow[Any]) -> Any:
            wrong = {"password": "не тот"}
            return HttpTransport(books.url, connector, wrong, SystemClock()).run(flow)

        transport = connect(connector, SystemClock())
        driver = ByYaml(books, self._servers)
        wire = kit.Wire(connect)
        self[about] = kit.Subject(connector, transport.run, driver, stranger, wire)
        return self[about]


@pytest.fixture(scope="module")
def subjects(tryton: Books, tryton_servers: TrytonServer) -> Subjects:
    return Subjects(tryton_servers)


CASES = [
    case
    for case in kit.books_cases(DESCRIPTION.facts, {Kind.PAYMENT: Driver.can[Kind.PAYMENT]})
    if str(case) in {f"{check}-{Kind.PAYMENT}" for check in CHECKS}
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_conformance(case: kit.Case[Any], subjects: Subjects) -> None:
    case(subjects[case.about])
