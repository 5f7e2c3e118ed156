"""What BottleCRM's connector file says is true of the real server: the cases of the kit that rest
on lines which no other file has. The whole kit is run against the connector in Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from syncd.clock import SystemClock
from syncd.domain import Kind
from syncd.http import HttpTransport
from syncd.rest.connector import RestConnector
from tests.bottlecrm.reader import BottleCrmReader
from tests.bottlecrm.test_conformance import MARKED, THROTTLED
from tests.conformance import kit
from tests.rest.bottle import BottleByYaml
from tests.rest.world import described
from tests.world.crm import Crm

SMALL = {
    "{type: offset, size: 100, total: opp": "{type: offset, size: 2, total: opp",
    "{type: offset, size: 100}": "{type: offset, size: 2}",
}
FILE = described("bottlecrm")
RESTS: Mapping[str, tuple[str, ...]] = {
    "account": ("unique", "setup", "survey", "find_marker"),
    "contact": ("values_kept",),
    "invoice": ("values_kept", "update", "fixed", "tier", "survey", "bad_alone"),
    "payment": ("values_kept", "find_id", "tier", "remove"),
    "note": ("values_kept", "find_marker", "tier", "remove", "bad_alone"),
    "won": ("complete",),
    "deal": ("complete", "keys", "shifted_by_delete", "voided"),
}


class Reader(BottleCrmReader):
    """Without the person of an account, which is on a page of its own."""

    can: Mapping[Kind, frozenset[str]] = {
        **BottleCrmReader.can,
        Kind.WON: BottleCrmReader.can[Kind.WON] - {"child"},
    }


def connect(crm: Crm, connector: RestConnector, token: str | None = None) -> HttpTransport:
    secrets = {"token": token or crm.token}
    return HttpTransport(crm.url, connector, secrets, SystemClock())


def wire(crm: Crm) -> kit.Wire:
    return kit.Wire(
        lambda connector, clock: HttpTransport(crm.url, connector, {"token": crm.token}, clock),
        [THROTTLED],
    )


# Accounts first: while nothing else has made any, a pass over them is short.
READS = sorted(
    (
        case
        for case in kit.books_cases(FILE.facts, Reader.can)
        if case.name in RESTS.get(case.about, ())
    ),
    key=lambda case: case.about != Kind.WON,
)
WRITES = [case for case in kit.crm_cases(FILE.facts) if case.name in RESTS.get(case.about, ())]


@pytest.mark.parametrize("case", READS, ids=str)
def test_what_is_read(case: kit.Case[kit.BooksDriver], crm: Crm) -> None:
    connector = described("bottlecrm", SMALL)
    ours, stranger = connect(crm, connector), connect(crm, connector, "bcrm_pat_не-тот")
    reader = Reader(crm, people=False)
    case(kit.Subject(connector, ours.run, reader, stranger.run, wire(crm)))
    ours.close()
    stranger.close()


@pytest.fixture(scope="module")
def subject(crm: Crm) -> Iterator[kit.Subject[kit.CrmDriver]]:
    ours, stranger = connect(crm, FILE), connect(crm, FILE, "bcrm_pat_не-тот")
    ours.run(FILE.setup(MARKED, True))
    yield kit.Subject(FILE, ours.run, BottleByYaml(crm), stranger.run, wire(crm))
    ours.close()
    stranger.close()


@pytest.mark.parametrize("case", WRITES, ids=str)
def test_what_is_written(
    case: kit.Case[kit.CrmDriver], subject: kit.Subject[kit.CrmDriver]
) -> None:
    case(subject)


def test_every_case_that_is_named_is_there() -> None:
    there = {(str(case.about), case.name) for case in READS}
    there |= {(case.about, case.name) for case in WRITES}
    named = {(about, name) for about, names in RESTS.items() for name in names}
    assert named <= there
