"""What every connector promises, kept by the sandbox of NetSuite: as a source and as a target."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.netsuite import BOOKS
from syncd.clock import Clock
from syncd.port import Connector
from tests.conformance import kit
from tests.netsuite.driver import PAGE, NetSuiteDriver, NetSuiteTargetDriver
from tests.netsuite.office import InProcess, Office


def office(login: str = "certificate", **options: str) -> Office:
    made = Office(login=login, page=str(PAGE), new_subsidiary="1", **options)
    made.run(made.connector.identity())
    return made


def wire(made: Office) -> kit.Wire:
    def connect(connector: Connector, clock: Clock) -> InProcess:
        return made.inside(connector, clock)

    return kit.Wire(connect)


def subject(made: Office) -> kit.Subject[Any]:
    return kit.Subject(made.connector, made.run, NetSuiteDriver(made), made.stranger, wire(made))


CASES = kit.books_cases(BOOKS, NetSuiteDriver.can)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_source(case: kit.Case[Any]) -> None:
    case(subject(office()))


@pytest.mark.parametrize(
    "case", [one for one in CASES if str(one) in ("identity", "stranger", "expired-order")], ids=str
)
def test_by_tokens(case: kit.Case[Any]) -> None:
    case(subject(office("tokens")))


@pytest.mark.parametrize("case", kit.crm_cases(BOOKS), ids=str)
def test_target(case: kit.Case[Any]) -> None:
    made = office()
    driver = NetSuiteTargetDriver(made)
    case(kit.Subject(made.connector, made.run, driver, made.stranger, wire(made)))
