"""What every connector promises, kept by the sandbox of 1C: as a source by both ways to find what
changed, and as a target at both tiers."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.onec import FACTS
from syncd.clock import Clock
from syncd.port import Connector, Response
from syncd.sandbox.onec.sessions import HTML, NO_LICENCE
from syncd.sandbox.onec.world import IIS_401, PASSWORD
from tests.conformance import kit
from tests.inside import InProcess
from tests.onec.driver import PAGE, OneCDriver, OneCTargetDriver, bare
from tests.onec.office import Local, Office


def office(plan: bool = False, **options: str) -> Office:
    made = Office("ut", plan=plan, fill=bare, page=str(PAGE), **options)
    made.run(made.connector.identity())
    return made


def wire(made: Office) -> kit.Wire:
    """1C counts sessions, not requests, and says so in several ways; nobody knows another login
    than the one that goes with every request."""

    def connect(connector: Connector, clock: Clock) -> InProcess:
        answer = Local(made.sandbox, connector).answer
        return InProcess(answer, connector, {"password": PASSWORD}, clock)

    said = f"<h1>{NO_LICENCE}</h1>".encode()
    limited = [Response(500, HTML, said), Response(503, HTML, said), Response(406, {}, b"")]
    return kit.Wire(connect, limited, Response(401, HTML, IIS_401.encode()))


@pytest.mark.parametrize("plan", [False, True], ids=["polling", "plan"])
@pytest.mark.parametrize("case", kit.books_cases(FACTS, OneCDriver.can), ids=str)
def test_source(case: kit.Case[Any], plan: bool) -> None:
    made = office(plan, catalogs="0")  # each time: test_idle.py has the slower schedule
    case(kit.Subject(made.connector, made.run, OneCDriver(made), made.stranger, wire(made)))


KEYED = [case for case in kit.crm_cases(FACTS) if case.about != "address"]
"""An address has no key: what is true of it alone is in test_children.py."""


@pytest.mark.parametrize("chosen", ["yes", "no"])
@pytest.mark.parametrize("case", KEYED, ids=str)
def test_target(case: kit.Case[Any], chosen: str) -> None:
    made = office(chosen_keys=chosen)
    driver = OneCTargetDriver(made)
    case(kit.Subject(made.connector, made.run, driver, made.stranger, wire(made)))


def test_keys_that_the_server_chooses_are_noticed_at_t2() -> None:
    """A connection that says so although it is not: the marker is what keeps it from doubling."""
    made = office()
    made.sandbox.switches.client_key = False
    cases = [case for case in KEYED if case.name in ("tier", "find_marker")]
    broken = kit.broken(
        cases, lambda: kit.Subject(made.connector, made.run, OneCTargetDriver(made))
    )
    assert broken == {}
