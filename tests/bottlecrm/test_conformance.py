"""What every target and every source promises, checked on the real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.bottlecrm import BottleCRM
from syncd.clock import Clock, SystemClock
from syncd.domain import Kind
from syncd.http import HttpTransport
from syncd.port import Connector, FieldDef, Response
from tests.conformance import kit
from tests.world.crm import Crm

from .driver import BottleCrmDriver
from .reader import PAGE, BottleCrmReader

FACTS = BottleCRM.facts
MARKED = [
    FieldDef(target, path, "text", "Books key")
    for target, path in BottleCrmDriver.markers.items()
    if path.startswith("custom_fields.")
]


THROTTLED = Response(
    429,
    {"content-type": "application/json", "retry-after": "7"},
    b'{"detail":"Request was throttled. Expected available in 7 seconds."}',
)


def wire(crm: Crm) -> kit.Wire:
    def connect(connector: Connector, clock: Clock) -> HttpTransport:
        return HttpTransport(crm.url, connector, {"token": crm.token}, clock)

    return kit.Wire(connect, [THROTTLED])


def stranger(crm: Crm) -> HttpTransport:
    return HttpTransport(crm.url, BottleCRM({}), {"token": "bcrm_pat_не-тот"}, SystemClock())


@pytest.fixture(scope="module")
def subject(crm: Crm) -> Iterator[kit.Subject[kit.CrmDriver]]:
    connector = BottleCRM({})
    transport = HttpTransport(crm.url, connector, {"token": crm.token}, SystemClock())
    transport.run(connector.setup(MARKED, True))
    yield kit.Subject(connector, transport.run, BottleCrmDriver(crm), stranger(crm).run, wire(crm))
    transport.close()


@pytest.fixture(scope="module")
def connected(crm: Crm) -> Iterator[tuple[BottleCRM, HttpTransport]]:
    connector = BottleCRM({"page": str(PAGE)})
    transport = HttpTransport(crm.url, connector, {"token": crm.token}, SystemClock())
    yield connector, transport
    transport.close()


# Accounts first: while nothing else has made any, a pass over them is short.
READS = sorted(kit.books_cases(FACTS, BottleCrmReader.can), key=lambda case: case.about != Kind.WON)


@pytest.mark.parametrize("case", READS, ids=str)
def test_sources(
    case: kit.Case[kit.BooksDriver], crm: Crm, connected: tuple[BottleCRM, HttpTransport]
) -> None:
    connector, transport = connected
    reader = BottleCrmReader(crm, people=case.name in ("complete", "keys", "child"))
    case(kit.Subject(connector, transport.run, reader, stranger(crm).run, wire(crm)))


@pytest.mark.parametrize("case", kit.crm_cases(FACTS), ids=str)
def test_conformance(case: kit.Case[kit.CrmDriver], subject: kit.Subject[kit.CrmDriver]) -> None:
    case(subject)


def test_what_is_left_out_is_left_out_by_a_declared_fact() -> None:
    assert kit.not_applicable(FACTS, BottleCrmReader.can) == {
        "voided-won": "cannot void",
        "far_future-won": "not stamped",
        "fixed-account": "no fixed field",
        "fixed-contact": "no fixed field",
        "unique-contact": "no unique field",
        "unique-invoice": "no unique field",
        "remove-invoice": "not removable",
        "update-payment": "every field is fixed",
        "changeable-payment": "every field is fixed",
        "unique-payment": "no unique field",
        "setup-payment": "no custom fields",
        "survey-payment": "not listable",
        "update-note": "every field is fixed",
        "changeable-note": "every field is fixed",
        "fixed-note": "no fixed field",
        "unique-note": "no unique field",
        "setup-note": "no custom fields",
        "survey-note": "not listable",
    }
